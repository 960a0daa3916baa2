"""Commands that ask why, and what a change would cost.

Owns: diagnose, explain, reorganise. Never does: compute; `sim.api` answers, `sim.report` lays out.
"""

from __future__ import annotations

import click

from sim.cli.options import (
    answer_options,
    changes,
    heads_option,
    jobs_option,
    names_option,
    out_option,
    replications_option,
    scenario_argument,
    seed_option,
    years_option,
)
from sim.cli.study import only


@click.command(short_help="Up to five misfits of a structure, each with a change tried.")
@scenario_argument
@names_option("--structure", "--structures", "names", about="The structure to look at.")
@replications_option("of the structure and of each change", "10", low=2)
@heads_option
@seed_option
@jobs_option
@answer_options
def diagnose(
    file: str, names: tuple[str, ...], replications: int | None, heads: int | None,
    seed: int | None, jobs: int | None, overlays: tuple[str, ...], set_: tuple[str, ...],
    allow_large: bool, as_json: bool, quiet: bool,
) -> int:
    """Find up to five misfits of a structure and try one change for each on the same customers.

    Looked at are pools, keys, what is offered, knowledge, information paths, staffing and labels.
    """
    from sim import api
    from sim.cli import talk
    from sim.report.diagnosis import shown
    from sim.scenario.limits import DEFAULT_LIMITS

    loaded = api.opened(file, overlays=overlays, limits=None if allow_large else DEFAULT_LIMITS,
                        set=changes(set_, seed=seed))
    structure = only(loaded, names, "diagnose")
    with talk.progress(f"diagnosing {structure}", quiet=quiet) as tick:
        answer = api.diagnose(loaded.scenario, structure, replications=replications, heads=heads,
                              jobs=jobs, progress=tick,
                              limits=None if allow_large else DEFAULT_LIMITS)
    talk.answered(answer, shown, as_json=as_json)
    if answer.interrupted:
        return talk.cut_short()
    return 0


@click.command(short_help="Why two structures differ: the difference split into causes.")
@scenario_argument
@click.argument("first")
@click.argument("second")
@click.option("--metric", default="satisfaction", show_default=True, metavar="ID",
              help="What differs; `orgsim metrics` lists them.")
@replications_option("of each world", "10", low=2)
@seed_option
@jobs_option
@out_option("A new folder for explanation.json, explanation.md and the figure.")
@answer_options
def explain(
    file: str, first: str, second: str, metric: str, replications: int | None, seed: int | None,
    jobs: int | None, out: str | None, overlays: tuple[str, ...], set_: tuple[str, ...],
    allow_large: bool, as_json: bool, quiet: bool,
) -> int:
    """Split the difference between two structures into at most seven causes.

    Worlds without some of the causes are run on the same customers with the same heads; the parts
    (Shapley values) add up to the difference, each with its 95% interval.
    """
    from sim import api
    from sim.cli import talk
    from sim.report.explanation import shown
    from sim.scenario.limits import DEFAULT_LIMITS

    limits = None if allow_large else DEFAULT_LIMITS
    loaded = api.opened(file, overlays=overlays, limits=limits, set=changes(set_, seed=seed))
    with talk.progress(f"explaining {second} against {first}", quiet=quiet) as tick:
        answer = api.explain(loaded.scenario, first, second, metric=metric,
                             replications=replications, jobs=jobs, limits=limits, progress=tick)
    if out is not None:
        place = api.save_explanation(answer, out)
        talk.say(f"written to {place}", quiet=quiet)
    talk.answered(answer, shown, as_json=as_json)
    if answer.interrupted:
        return talk.cut_short()
    return 0


@click.command(short_help="From one structure to another in mid-run: the dip, and when it pays.")
@scenario_argument
@click.argument("first")
@click.argument("second")
@click.option("--at", metavar="TIME", help='When, from the end of warm-up, such as "12 months". '
              "[default: the scenario's reorganisation.at]")
@click.option("--metric", default="profit", show_default=True, metavar="ID",
              help="What break-even is counted in.")
@click.option("--budget", type=float, default=0.5, show_default=True, metavar="RATIO",
              help="A second arm with this share of the budget; 1 leaves it out.")
@years_option("two years after the change")
@replications_option("of each arm", "20", low=2)
@seed_option
@jobs_option
@out_option("A new folder for reorganisation.json, series.csv and the figure. "
            "[default: the next number under results/]")
@answer_options
def reorganise(
    file: str, first: str, second: str, at: str | None, metric: str, budget: float,
    years: float | None, replications: int | None, seed: int | None, jobs: int | None,
    out: str | None, overlays: tuple[str, ...], set_: tuple[str, ...], allow_large: bool,
    as_json: bool, quiet: bool,
) -> int:
    """Change the structure in mid-run, and compare month by month with not changing.

    How hard the change is stands in the scenario's table [reorganisation]: capacity lost at first,
    cases led astray, budget, resistance.
    """
    from sim import api
    from sim.cli import talk
    from sim.report.jcurve import shown
    from sim.scenario.limits import DEFAULT_LIMITS

    limits = None if allow_large else DEFAULT_LIMITS
    loaded = api.opened(file, overlays=overlays, limits=limits,
                        set=changes(set_, years=years, seed=seed))
    with talk.progress(f"from {first} to {second}", quiet=quiet) as tick:
        answer = api.reorganise(loaded.scenario, first, second, metric=metric, at=at,
                                budget=budget, replications=replications, jobs=jobs,
                                limits=limits, progress=tick)
    place = api.save_reorganisation(answer, out)
    talk.answered(answer, shown, as_json=as_json)
    talk.say(f"\nFigure:  {place / 'curve.svg'}", quiet=quiet)
    if answer.interrupted:
        return talk.cut_short()
    return 1 if answer.failures else 0
