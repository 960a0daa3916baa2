"""Commands that ask where a structure wins, what would flip the ranking, and what matters.

Owns: map, tipping, sensitivity. Never does: compute; `sim.api` answers, `sim.report` lays
out.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import click

from sim.cli.options import (
    jobs_option,
    metric_option,
    names_option,
    out_option,
    runs_option,
    scenario_argument,
    seed_option,
)
from sim.cli.question import Question, question


def _end(answer: Any, figure: Path, asked: Question) -> int:
    """Say where the figure is; the exit code."""
    asked.say(f"\nFigure:  {figure}")
    return asked.ended(interrupted=answer.interrupted, failed=bool(answer.failures))


class _Source(NamedTuple):
    """What a question is asked of: a scenario, or the folder of a finished sweep."""

    world: Any
    name: str
    at: dict[str, Any]
    """Of a sweep: factors held at a value."""


def _source(asked: Question, *, holds: bool = True) -> _Source:
    """Load the scenario, or look up whose sweep it is; `holds`: --set then fixes factors.

    Raises:
        InputError: There is neither, or a sweep is to be changed.
    """
    from sim.errors import Fault, InputError
    from sim.sweep.finished import is_sweep

    if not is_sweep(asked.file):
        world = asked.opened().scenario
        return _Source(world, world.name.lower(), {})
    from sim.sweep.folder import design_of

    faults = [Fault("--overlay", word, "changes the scenario, and a finished sweep has its own",
                    "fix a factor with --set KEY=VALUE, or ask the scenario itself")
              for word in asked.overlays]
    faults += [Fault(option, "", "chooses runs, and a finished sweep has its own")
               for option, given in (("--seed", asked.seed), ("--runs", asked.runs))
               if given is not None]
    pairs = [tuple(piece.strip() for piece in text.partition("=")) for text in asked.set_]
    faults += [Fault("--set", key, "must be FACTOR=VALUE") for key, sign, _ in pairs if not sign]
    if not holds:
        faults += [Fault("--set", key, "changes the scenario, and a finished sweep has its own")
                   for key, _, _ in pairs]
    if faults:
        raise InputError(faults)
    at = {key: value.strip("\"'") for key, _, value in pairs}
    return _Source(asked.file, design_of(Path(asked.file)).base.name.lower(), at)


@click.command(name="map")
@scenario_argument
@click.option("--x", metavar="KEY=LO:HI",
              help="Key across and its range, such as needs.segment_share=0:0.7; KEY alone means "
              "its plausible range, or a factor of the sweep.")
@click.option("--y", metavar="KEY=LO:HI", help="Key upwards and its range.")
@metric_option("What is won on; `orgsim metrics` lists them.")
@names_option("--structures", "--structure", "structures",
              about="Structures on the map. [default: the scenario's list]")
@click.option("--grid", type=int, default=5, show_default=True, metavar="N",
              help="Points along each side of the first grid.")
@click.option("--depth", type=int, default=2, show_default=True, metavar="D",
              help="How often a cell whose corners disagree is cut into four.")
@click.option("--replications", type=int, default=10, show_default=True, metavar="N",
              help="Stochastic repeats of each structure at each point.")
@click.option("--log-x", is_flag=True, help="Logarithmic scale across.")
@click.option("--log-y", is_flag=True, help="Logarithmic scale upwards.")
@click.option("--margin", metavar="WIDTH",
              help='Smallest lead that counts, in the metric\'s unit or as "5%". '
              "[default: the metric's]")
@seed_option
@jobs_option
@runs_option
@out_option("A new folder for map.json, map.csv, map.md and the figure. [default: the next number "
            "under results/]")
@question
def map_(
    asked: Question, x: str | None, y: str | None, metric: str, structures: tuple[str, ...],
    grid: int, depth: int, replications: int, log_x: bool, log_y: bool, margin: str | None,
) -> int:
    """Map which structure wins where over two keys of the scenario.

    A coarse grid first; cells whose corners disagree are cut into four. Every point meets the same
    luck. Where the lead is not surely above the smallest difference that matters, it is a tie.
    FILE may be the folder of a finished sweep: then its points are taken, nothing is run, and --set
    fixes the factors that are not on the map.
    """
    from sim import api
    from sim.metrics.registry import parse_width
    from sim.report.maps import shown

    width = None if margin is None else parse_width(margin, "--margin")
    source = _source(asked)
    with asked.folder(f"{source.name}-map") as place, asked.progress("mapping") as tick:
        answer = api.map_structures(
            source.world, x, y, metric=metric, structures=structures or None, grid=grid,
            depth=depth, replications=replications, log_x=log_x, log_y=log_y, margin=width,
            at=source.at, runs=asked.runs, jobs=asked.jobs, limits=asked.limits, progress=tick)
        api.save_map(answer, place)
    asked.answered(answer, shown)
    return _end(answer, place / "map.svg", asked)


@click.command()
@scenario_argument
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@metric_option("What they are ranked on; `orgsim metrics` lists them.")
@names_option("--keys", "--key", "keys",
              about="Assumptions to try: KEY for its plausible range, or KEY=LO:HI. "
              "[default: every key in use that has a plausible range]")
@click.option("--replications", type=int, default=10, show_default=True, metavar="N",
              help="Stochastic repeats of both structures at each value.")
@click.option("--depth", type=int, default=3, show_default=True, metavar="D",
              help="Steps that close in on a crossing.")
@seed_option
@jobs_option
@runs_option
@out_option("A new folder for tipping.json, tipping.csv, tipping.md and the figure. [default: the "
            "next number under results/]")
@question
def tipping(
    asked: Question, first: str, second: str, metric: str, keys: tuple[str, ...],
    replications: int, depth: int,
) -> int:
    """Find by how much each assumption must be wrong for A and B to change places.

    Each is changed alone within its plausible range. Sorted by the share of the way to the end of
    the range at which the ranking flips; what never flips says so. FILE may be the folder of a
    finished sweep: then its points that change one factor alone are taken, and nothing is run.
    """
    from sim import api
    from sim.report.tipping import shown

    source = _source(asked)
    with asked.folder(f"{source.name}-tipping") as place, asked.progress("tipping") as tick:
        answer = api.tipping(
            source.world, first, second, metric=metric, keys=keys, replications=replications,
            depth=depth, at=source.at, runs=asked.runs, jobs=asked.jobs, limits=asked.limits,
            progress=tick)
        api.save_tipping(answer, place)
    asked.answered(answer, shown)
    return _end(answer, place / "tipping.svg", asked)


@click.command()
@scenario_argument
@metric_option("What varies; `orgsim metrics` lists them.")
@names_option("--keys", "--key", "keys",
              about="Assumptions: KEY for its plausible range, or KEY=LO:HI. "
              "[default: every key in use that has a plausible range]")
@names_option("--structures", "--structure", "structures",
              about="Levels of the factor structure. [default: the scenario's list]")
@click.option("--samples", type=int, default=64, show_default=True, metavar="N",
              help="Rows of the sample, a power of 2; a study has N x (factors + 2) runs.")
@click.option("--most", type=int, default=6, show_default=True, metavar="N",
              help="Keys in the study; more are screened first.")
@click.option("--trajectories", type=int, default=6, show_default=True, metavar="N",
              help="Trajectories of the screening.")
@seed_option
@jobs_option
@runs_option
@out_option("A new folder for sensitivity.json, .csv, .md and the figure. [default: the next "
            "number under results/]")
@question
def sensitivity(
    asked: Question, metric: str, keys: tuple[str, ...], structures: tuple[str, ...],
    samples: int, most: int, trajectories: int,
) -> int:
    """Split the variance of a metric over assumptions, the choice of structure, and luck.

    Many keys are screened first (Morris), those that matter studied (Sobol). A share whose interval
    is wider than itself is not told; how many more runs it needs is. FILE may be the folder of a
    finished sweep of random points or Morris trajectories: then nothing is run.
    """
    from sim import api
    from sim.errors import InputError
    from sim.report.sensitivity import shown

    source = _source(asked, holds=False)
    study: dict[str, Any] = {"keys": keys, "structures": structures or None, "samples": samples,
                             "trajectories": trajectories, "most": most}
    with (asked.folder(f"{source.name}-sensitivity") as place,
          asked.progress("sensitivity") as tick):
        with suppress(InputError):  # the question itself tells every fault at once
            ahead = api.sensitivity_runs(source.world, **study)
            if ahead.study:
                asked.say(ahead.told())
        answer = api.sensitivity(source.world, metric=metric, runs=asked.runs, jobs=asked.jobs,
                                 limits=asked.limits, progress=tick, **study)
        api.save_sensitivity(answer, place)
    asked.answered(answer, shown)
    return _end(answer, place / "sensitivity.svg", asked)
