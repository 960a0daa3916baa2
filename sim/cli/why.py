"""Commands that ask why, and what a change would cost.

Owns: diagnose, explain, reorganise. Never does: compute; `sim.api` answers, `sim.report` lays out.
"""

from __future__ import annotations

from dataclasses import replace

import click

from sim.cli.options import (
    heads_option,
    jobs_option,
    metric_option,
    names_option,
    out_option,
    replications_option,
    scenario_argument,
    seed_option,
    years_option,
)
from sim.cli.question import Question, question
from sim.cli.study import only


@click.command()
@scenario_argument
@names_option("--structure", "--structures", "names", about="The structure to look at.")
@replications_option("of the structure and of each change", "10", low=2)
@heads_option
@seed_option
@jobs_option
@out_option("A new folder for diagnosis.json, diagnosis.md and the figure.")
@question
def diagnose(asked: Question, names: tuple[str, ...], replications: int | None) -> int:
    """Find up to five misfits of a structure and try one change for each on the same customers.

    Looked at are pools, keys, what is offered, knowledge, information paths, staffing and labels.
    """
    from sim import api
    from sim.report.diagnosis import shown

    loaded = replace(asked, heads=None).opened()  # heads are this structure's, not the scenario's
    structure = only(loaded, names, "diagnose")
    with asked.progress(f"diagnosing {structure}") as tick:
        answer = api.diagnose(loaded.scenario, structure, replications=replications,
                              heads=asked.heads, jobs=asked.jobs, limits=asked.limits,
                              progress=tick)
    asked.saved(answer, api.save_diagnosis)
    asked.answered(answer, shown)
    return asked.ended(interrupted=answer.interrupted)


@click.command()
@scenario_argument
@click.argument("first")
@click.argument("second")
@metric_option("What differs; `orgsim metrics` lists them.")
@replications_option("of each world", "10", low=2)
@seed_option
@jobs_option
@out_option("A new folder for explanation.json, explanation.md and the figure.")
@question
def explain(
    asked: Question, first: str, second: str, metric: str, replications: int | None,
) -> int:
    """Split the difference between two structures into at most seven causes.

    Worlds without some of the causes are run on the same customers with the same heads; the parts
    (Shapley values) add up to the difference, each with its 95% interval.
    """
    from sim import api
    from sim.report.explanation import shown

    world = asked.opened().scenario
    with asked.progress(f"explaining {second} against {first}") as tick:
        answer = api.explain(world, first, second, metric=metric, replications=replications,
                             jobs=asked.jobs, limits=asked.limits, progress=tick)
    asked.saved(answer, api.save_explanation)
    asked.answered(answer, shown)
    return asked.ended(interrupted=answer.interrupted)


@click.command()
@scenario_argument
@click.argument("first")
@click.argument("second")
@click.option("--at", metavar="TIME", help='When, from the end of warm-up, such as "12 months". '
              "[default: the scenario's reorganisation.at]")
@metric_option("What break-even is counted in.", "profit")
@click.option("--budget", type=float, default=0.5, show_default=True, metavar="RATIO",
              help="A second arm with this share of the budget; 1 leaves it out.")
@years_option("two years after the change")
@replications_option("of each arm", "20", low=2)
@seed_option
@jobs_option
@out_option("A new folder for reorganisation.json, series.csv and the figure. "
            "[default: the next number under results/]")
@question
def reorganise(
    asked: Question, first: str, second: str, at: str | None, metric: str, budget: float,
    replications: int | None,
) -> int:
    """Change the structure in mid-run, and compare month by month with not changing.

    How hard the change is stands in the scenario's table [reorganisation]: capacity lost at first,
    cases led astray, budget, resistance.
    """
    from sim import api
    from sim.report.jcurve import shown

    world = asked.opened().scenario
    with asked.progress(f"from {first} to {second}") as tick:
        answer = api.reorganise(world, first, second, metric=metric, at=at, budget=budget,
                                replications=replications, jobs=asked.jobs, limits=asked.limits,
                                progress=tick)
    place = api.save_reorganisation(answer, asked.out)
    asked.answered(answer, shown)
    asked.say(f"\nFigure:  {place / 'curve.svg'}")
    return asked.ended(interrupted=answer.interrupted, failed=bool(answer.failures))
