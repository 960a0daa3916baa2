"""The command that looks at designs of the firm beyond those with a name.

Owns: optimise. Never does: compute; `sim.api` answers, `sim.report` lays out.
"""

from __future__ import annotations

import click

from sim.cli.options import (
    jobs_option,
    names_option,
    out_option,
    runs_option,
    scenario_argument,
    seed_option,
    years_option,
)
from sim.cli.question import Question, question


@click.command()
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
@question
def optimise(
    asked: Question, metrics: tuple[str, ...], vary: tuple[str, ...], budget: int,
) -> int:
    """Find the designs of a firm that no other design beats on all metrics (the Pareto front).

    A small space of designs is looked at completely, a large one is searched with NSGA-II. All
    designs meet the same customers; those that decide who is on the front are run more often.
    """
    from sim import api
    from sim.report.front import shown

    world = asked.opened().scenario
    with asked.folder(f"{world.name.lower()}-front") as place:
        with asked.progress("looking at designs") as tick:
            answer = api.optimise(world, metrics or None, vary=vary or None, budget=budget,
                                  runs=asked.runs, jobs=asked.jobs, limits=asked.limits,
                                  progress=tick)
        api.save_optimisation(answer, place)
    asked.answered(answer, shown)
    asked.say(f"\nFigure:  {place / 'front.svg'}")
    return asked.ended(interrupted=answer.stopped == "interrupted",
                       failed=any(o.status == "failed" for o in answer.options))
