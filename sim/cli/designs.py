"""The command that looks at designs of the firm beyond those with a name.

Owns: optimise. Never does: compute; `sim.api` answers, `sim.report` lays out.
"""

from __future__ import annotations

import click

from sim.cli.options import (
    answer_options,
    changes,
    jobs_option,
    names_option,
    out_option,
    runs_option,
    scenario_argument,
    seed_option,
    years_option,
)


@click.command(short_help="Designs no other beats: a key per function, heads, span, policies.")
@scenario_argument
@names_option("--metrics", "--metric", "metrics",
              about="What is traded off; `orgsim metrics` lists them. "
              "[default: satisfaction,cost_total]")
@names_option("--vary", "vary",
              about="What a design is made of: structure (a key per function) or structure=a|b, "
              "heads, span, cover, any scenario key; KEY=LO:HI, KEY=LO:HI:VALUES or KEY=A|B|C. "
              "[default: structure,heads]")
@click.option("--budget-runs", "budget", type=int, default=1000, show_default=True, metavar="N",
              help="Runs it may take, pilot rounds not counted.")
@runs_option
@years_option()
@seed_option
@jobs_option
@out_option("A new folder for front.json, front.csv, front.md, designs.toml and the figure. "
            "[default: the next number under results/]")
@answer_options
def optimise(
    file: str, metrics: tuple[str, ...], vary: tuple[str, ...], budget: int,
    runs: str | None, years: float | None, seed: int | None, jobs: int | None, out: str | None,
    overlays: tuple[str, ...], set_: tuple[str, ...], allow_large: bool, as_json: bool,
    quiet: bool,
) -> int:
    """Find the designs of a firm that no other design beats on all metrics (the Pareto front).

    A small space of designs is looked at completely, a large one is searched with NSGA-II. All
    designs meet the same customers; those that decide who is on the front are run more often.
    """
    from sim import api
    from sim.cli import talk
    from sim.report.front import shown
    from sim.scenario.limits import DEFAULT_LIMITS
    from sim.store import layout, reserve

    limits = None if allow_large else DEFAULT_LIMITS
    loaded = api.opened(file, overlays=overlays, limits=limits,
                        set=changes(set_, years=years, seed=seed))
    place = reserve(f"{loaded.scenario.name.lower()}-front", out)
    try:
        with talk.progress("looking at designs", quiet=quiet) as tick:
            answer = api.optimise(loaded.scenario, metrics or None, vary=vary or None,
                                  budget=budget, runs=runs, jobs=jobs, limits=limits,
                                  progress=tick)
        api.save_optimisation(answer, place)
    finally:
        layout.release(place)
    talk.answered(answer, shown, as_json=as_json)
    talk.say(f"\nFigure:  {place / 'front.svg'}", quiet=quiet)
    if answer.stopped == "interrupted":
        return talk.cut_short()
    return 1 if any(o.status == "failed" for o in answer.options) else 0
