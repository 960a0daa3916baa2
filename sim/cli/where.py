"""Commands that ask where a structure wins, what would flip the ranking, and what matters.

Owns: map, tipping, sensitivity. Never does: compute; `sim.api` answers, `sim.report` lays
out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import click

from sim.cli.options import (
    answer_options,
    changes,
    jobs_option,
    names_option,
    out_option,
    scenario_argument,
    seed_option,
)


@contextmanager
def _folder(name: str, kind: str, out: str | None) -> Iterator[Path]:
    """The answer's folder, made before anything runs and taken back if nothing came of it."""
    from sim.store import layout, reserve

    place = reserve(f"{name.lower()}-{kind}", out)
    try:
        yield place
    finally:
        layout.release(place)


def _end(answer: Any, figure: Path, quiet: bool) -> int:
    """Say where the figure is; the exit code."""
    from sim.cli import talk

    talk.say(f"\nFigure:  {figure}", quiet=quiet)
    if answer.interrupted:
        return talk.cut_short()
    return 1 if answer.failures else 0


class _Asked(NamedTuple):
    """What a question is asked of: a scenario, or the folder of a finished sweep."""

    source: Any
    name: str
    at: dict[str, Any]
    """Of a sweep: factors held at a value."""


def _asked(file: str, overlays: tuple[str, ...], set_: tuple[str, ...], seed: int | None,
           limits: Any, *, holds: bool = True) -> _Asked:
    """Load the scenario, or look up whose sweep it is; `holds`: --set then fixes factors.

    Raises:
        InputError: There is neither, or a sweep is to be changed.
    """
    from sim import api
    from sim.errors import Fault, InputError
    from sim.sweep.finished import is_sweep

    if not is_sweep(file):
        loaded = api.opened(file, overlays=overlays, limits=limits, set=changes(set_, seed=seed))
        return _Asked(loaded.scenario, loaded.scenario.name, {})
    from sim.sweep.folder import design_of

    faults = [Fault("--overlay", word, "changes the scenario, and a finished sweep has its own",
                    "fix a factor with --set KEY=VALUE, or ask the scenario itself")
              for word in overlays]
    if seed is not None:
        faults.append(Fault("--seed", "", "chooses runs, and a finished sweep has its own"))
    pairs = [tuple(piece.strip() for piece in text.partition("=")) for text in set_]
    faults += [Fault("--set", key, "must be FACTOR=VALUE") for key, sign, _ in pairs if not sign]
    if not holds:
        faults += [Fault("--set", key, "changes the scenario, and a finished sweep has its own")
                   for key, _, _ in pairs]
    if faults:
        raise InputError(faults)
    at = {key: value.strip("\"'") for key, _, value in pairs}
    return _Asked(file, design_of(Path(file)).base.name, at)


@click.command(name="map", short_help="Which structure wins where, over two keys of the scenario.")
@scenario_argument
@click.option("--x", metavar="KEY=LO:HI",
              help="Key across and its range, such as needs.segment_share=0:0.7; KEY alone means "
              "its plausible range, or a factor of the sweep.")
@click.option("--y", metavar="KEY=LO:HI", help="Key upwards and its range.")
@click.option("--metric", default="satisfaction", show_default=True, metavar="ID",
              help="What is won on; `orgsim metrics` lists them.")
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
@out_option("A new folder for map.json, map.csv, map.md and the figure. [default: the next number "
            "under results/]")
@answer_options
def map_(
    file: str, x: str | None, y: str | None, metric: str, structures: tuple[str, ...],
    grid: int, depth: int, replications: int, log_x: bool, log_y: bool, margin: str | None,
    seed: int | None, jobs: int | None, out: str | None, overlays: tuple[str, ...],
    set_: tuple[str, ...], allow_large: bool, as_json: bool, quiet: bool,
) -> int:
    """Map which structure wins where over two keys of the scenario.

    A coarse grid first; cells whose corners disagree are cut into four. Every point meets the same
    luck. Where the lead is not surely above the smallest difference that matters, it is a tie.
    FILE may be the folder of a finished sweep: then its points are taken, nothing is run, and --set
    fixes the factors that are not on the map.
    """
    from sim import api
    from sim.cli import talk
    from sim.metrics.registry import parse_width
    from sim.report.maps import shown
    from sim.scenario.limits import DEFAULT_LIMITS

    limits = None if allow_large else DEFAULT_LIMITS
    width = None if margin is None else parse_width(margin, "--margin")
    asked = _asked(file, overlays, set_, seed, limits)
    with _folder(asked.name, "map", out) as place, talk.progress("mapping", quiet=quiet) as tick:
        answer = api.map_structures(
            asked.source, x, y, metric=metric, structures=structures or None, grid=grid,
            depth=depth, replications=replications, log_x=log_x, log_y=log_y, margin=width,
            at=asked.at, jobs=jobs, limits=limits, progress=tick)
        api.save_map(answer, place)
    talk.answered(answer, shown, as_json=as_json)
    return _end(answer, place / "map.svg", quiet)


@click.command(short_help="At which value of each assumption the ranking of two structures flips.")
@scenario_argument
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--metric", default="satisfaction", show_default=True, metavar="ID",
              help="What they are ranked on; `orgsim metrics` lists them.")
@names_option("--keys", "--key", "keys",
              about="Assumptions to try: KEY for its plausible range, or KEY=LO:HI. "
              "[default: every key in use that has a plausible range]")
@click.option("--replications", type=int, default=10, show_default=True, metavar="N",
              help="Stochastic repeats of both structures at each value.")
@click.option("--depth", type=int, default=3, show_default=True, metavar="D",
              help="Steps that close in on a crossing.")
@seed_option
@jobs_option
@out_option("A new folder for tipping.json, tipping.csv, tipping.md and the figure. [default: the "
            "next number under results/]")
@answer_options
def tipping(
    file: str, first: str, second: str, metric: str, keys: tuple[str, ...], replications: int,
    depth: int, seed: int | None, jobs: int | None, out: str | None, overlays: tuple[str, ...],
    set_: tuple[str, ...], allow_large: bool, as_json: bool, quiet: bool,
) -> int:
    """Find by how much each assumption must be wrong for A and B to change places.

    Each is changed alone within its plausible range. Sorted by the share of the way to the end of
    the range at which the ranking flips; what never flips says so. FILE may be the folder of a
    finished sweep: then its points that change one factor alone are taken, and nothing is run.
    """
    from sim import api
    from sim.cli import talk
    from sim.report.tipping import shown
    from sim.scenario.limits import DEFAULT_LIMITS

    limits = None if allow_large else DEFAULT_LIMITS
    asked = _asked(file, overlays, set_, seed, limits)
    with (_folder(asked.name, "tipping", out) as place,
          talk.progress("tipping", quiet=quiet) as tick):
        answer = api.tipping(
            asked.source, first, second, metric=metric, keys=keys, replications=replications,
            depth=depth, at=asked.at, jobs=jobs, limits=limits, progress=tick)
        api.save_tipping(answer, place)
    talk.answered(answer, shown, as_json=as_json)
    return _end(answer, place / "tipping.svg", quiet)


@click.command(short_help="Shares of variance: assumptions, the structure, luck.")
@scenario_argument
@click.option("--metric", default="satisfaction", show_default=True, metavar="ID",
              help="What varies; `orgsim metrics` lists them.")
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
@out_option("A new folder for sensitivity.json, .csv, .md and the figure. [default: the next "
            "number under results/]")
@answer_options
def sensitivity(
    file: str, metric: str, keys: tuple[str, ...], structures: tuple[str, ...], samples: int,
    most: int, trajectories: int, seed: int | None, jobs: int | None, out: str | None,
    overlays: tuple[str, ...], set_: tuple[str, ...], allow_large: bool, as_json: bool,
    quiet: bool,
) -> int:
    """Split the variance of a metric over assumptions, the choice of structure, and luck.

    Many keys are screened first (Morris), those that matter studied (Sobol). A share whose interval
    is wider than itself is not told; how many more runs it needs is. FILE may be the folder of a
    finished sweep of random points or Morris trajectories: then nothing is run.
    """
    from sim import api
    from sim.cli import talk
    from sim.errors import InputError
    from sim.report.sensitivity import shown
    from sim.scenario.limits import DEFAULT_LIMITS

    limits = None if allow_large else DEFAULT_LIMITS
    asked = _asked(file, overlays, set_, seed, limits, holds=False)
    with (_folder(asked.name, "sensitivity", out) as place,
          talk.progress("sensitivity", quiet=quiet) as tick):
        with suppress(InputError):  # the question itself tells every fault at once
            ahead = api.sensitivity_runs(asked.source, keys=keys, structures=structures or None,
                                         trajectories=trajectories, samples=samples, most=most)
            if ahead.study:
                talk.say(ahead.told(), quiet=quiet)
        answer = api.sensitivity(
            asked.source, metric=metric, keys=keys, structures=structures or None,
            trajectories=trajectories, samples=samples, most=most, jobs=jobs, limits=limits,
            progress=tick)
        api.save_sensitivity(answer, place)
    talk.answered(answer, shown, as_json=as_json)
    return _end(answer, place / "sensitivity.svg", quiet)
