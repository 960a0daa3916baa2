"""Commands that choose: which structure, and how many people.

Owns: select, staff. Never does: compute; `sim.api` answers, `sim.report` lays out.
"""

from __future__ import annotations

import click

from sim.cli.options import (
    jobs_option,
    names_option,
    numbers,
    out_option,
    replications_option,
    runs_option,
    scenario_argument,
    seed_option,
    world_options,
    years_option,
)
from sim.cli.question import Question, question


@click.command()
@scenario_argument
@names_option("--structures", "--structure", "names",
              about="Structures to select from. [default: the scenario's list]")
@click.option("--metric", metavar="ID",
              help="What it should be best on; `orgsim metrics` lists them. "
              "[default: satisfaction]")
@click.option("--weights", multiple=True, metavar="METRIC=W",
              help="Instead of one metric: weight of a metric per smallest difference that "
              "matters. Repeatable.")
@click.option("--margin", metavar="WIDTH",
              help="Difference not worth knowing, in the metric's unit or in %; under weights in "
              "points of the score. [default: the metric's margin; the largest weight]")
@click.option("--confidence", type=float, default=0.95, show_default=True, metavar="P",
              help="Probability of naming the best if it leads by at least the margin.")
@click.option("--first", type=int, default=10, show_default=True, metavar="N",
              help="Replications of every structure before anybody is dropped.")
@click.option("--step", type=int, default=1, show_default=True, metavar="N",
              help="Replications between looks; more keeps more processors busy.")
@click.option("--max-runs", type=int, default=1000, show_default=True, metavar="N",
              help="Where it gives up.")
@world_options
@jobs_option
@runs_option
@out_option("A new folder for selection.json, selection.md and the figure.")
@question
def select(
    asked: Question, names: tuple[str, ...], metric: str | None, weights: tuple[str, ...],
    margin: str | None, confidence: float, first: int, step: int, max_runs: int,
) -> int:
    """Find the structure that is best on a metric, or under weights, with a stated probability.

    Structures are dropped as soon as they are surely behind, and only contenders are run on (the
    procedure KN of Kim and Nelson 2001, with the same customers for all).
    """
    from sim import api
    from sim.report.selection import shown

    world = asked.opened().scenario
    with asked.progress(f"selecting in {world.name}") as tick:
        answer = api.select(
            world, names or None, metric=metric,
            weights=numbers(weights, "--weights") or None, margin=margin, confidence=confidence,
            first=first, step=step, max_runs=max_runs, runs=asked.runs, jobs=asked.jobs,
            limits=asked.limits, progress=tick)
    asked.saved(answer, api.save_selection)
    asked.answered(answer, shown)
    return asked.ended(interrupted=answer.stop == "interrupted",
                       failed=any(c.fate == "failed" for c in answer.contenders))


@click.command()
@scenario_argument
@click.option("--target", multiple=True, required=True, metavar="METRIC=VALUE",
              help="The service everybody gets, such as response_mean_h=8, satisfaction=72 or "
              "within_tolerance=90%; `orgsim metrics` lists them.")
@names_option("--structures", "--structure", "names",
              about="Structures to staff. [default: the scenario's list]")
@replications_option("behind each decision", "20", low=2)
@years_option()
@seed_option
@jobs_option
@runs_option
@out_option("A new folder for staffing.json, staffing.md and the figure.")
@question
def staff(
    asked: Question, target: tuple[str, ...], names: tuple[str, ...], replications: int | None,
) -> int:
    """Find the people each structure needs for one service level, and what Erlang would plan.

    Whole and fractional heads, paid FTE and cost, with intervals; and the way from Erlang's heads
    (from arrivals and work of each pool) to the simulated ones: what the formula misses.
    """
    from sim import api
    from sim.report.staffing import shown

    world = asked.opened().scenario
    with asked.progress(f"staffing {world.name}") as tick:
        answer = api.staff(world, numbers(target, "--target", percent=True), names or None,
                           replications=replications, runs=asked.runs, jobs=asked.jobs,
                           limits=asked.limits, progress=tick)
    asked.saved(answer, api.save_staffing)
    asked.answered(answer, shown)
    return asked.ended(interrupted=answer.interrupted,
                       failed=any(need.failed for need in answer.needs))
