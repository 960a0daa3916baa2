"""Questions over a scenario's keys: where a structure wins, what would flip it, what matters.

Owns: `map_structures`, `tipping` and `sensitivity` for Python users and the command line, and the
folder of their answers. Never does: parse options, print, or choose runs.

    import sim

    answer = sim.map_structures("retail_bank", x="needs.segment_share=0:0.7",
                                y="labels.accuracy=0.35:1", replications=10)
    for line in answer.to_json()["text"]:
        print(line)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.api.keep import keep
from sim.api.worlds import resolved
from sim.errors import Fault, InputError
from sim.experiment.executors import Progress
from sim.experiment.request import check_structures
from sim.metrics.registry import Margin
from sim.questions import maps, swept, swept_shares
from sim.questions import sensitivity as shares
from sim.questions import tipping as tips
from sim.questions.map_answer import StructureMap
from sim.questions.sensitivity import Ahead, Sensitivity
from sim.questions.tipping_answer import Tipping
from sim.scenario.limits import DEFAULT_LIMITS, Limits, check_limits
from sim.scenario.loading import Source
from sim.sweep.finished import Finished, is_sweep
from sim.sweep.lab import Lab


def _reads(given: Mapping[str, bool]) -> None:
    """Refuse options that would choose runs: a finished sweep has its own.

    Raises:
        InputError: Some are given; all at once.
    """
    faults = [Fault(option, "", "chooses runs, and a finished sweep has its own",
                    "leave it out, or ask the scenario itself")
              for option, is_given in given.items() if is_given]
    if faults:
        raise InputError(faults)


def map_structures(
    scenario: Source,
    x: str | None = None,
    y: str | None = None,
    *,
    metric: str = "satisfaction",
    structures: Sequence[str] | None = None,
    grid: int = maps.GRID,
    depth: int = maps.DEPTH,
    replications: int = maps.REPLICATIONS,
    log_x: bool = False,
    log_y: bool = False,
    margin: Margin | None = None,
    at: Mapping[str, Any] | None = None,
    runs: str | Path | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> StructureMap:
    """Find which structure wins where over two keys of a scenario.

    Args:
        scenario: A loaded scenario, or whatever `sim.load` takes; or the folder of a finished
            sweep, of which all points are taken and nothing is run.
        x, y: Ranges as `KEY=lo:hi`, or `KEY` for its plausible range; of a sweep names of factors,
            None for the only two.
        metric: Metric id with a better way.
        structures: Names; None means the scenario's list.
        grid: Points along each side of the first grid.
        depth: How often a cell whose corners disagree is cut into four.
        replications: At each point; the same luck at all of them.
        log_x, log_y: Logarithmic scale.
        margin: Overrides the smallest difference that matters.
        at: Of a sweep: values of the factors that are not on the map.
        runs: Folder in which runs outlive the question, as in `sim.select`; not of a sweep.
        seed, jobs, limits, progress: As in `sim.run`.

    Returns:
        The map: `.table` is pandas, `.points` and `.cells` the map, `.switches` where the lead
        passes from one structure to another.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense; every fault at once.
        OutputFailed: The folder of runs cannot be written.
        KeyboardInterrupt: Interrupted before any point was complete.
    """
    if is_sweep(scenario):
        _reads({"--grid": grid != maps.GRID, "--depth": depth != maps.DEPTH,
                "--replications": replications != maps.REPLICATIONS,
                "--log-x": log_x, "--log-y": log_y, "--runs": runs is not None,
                "--seed": seed is not None})
        return swept.map_of(Finished(str(scenario), metric), x, y, structures=structures, at=at,
                            margin=margin)
    needed = [Fault(option, "", "is needed: KEY=LO:HI, or KEY for its plausible range")
              for option, text in (("--x", x), ("--y", y)) if text is None]
    if needed or x is None or y is None:
        raise InputError(needed)
    world = resolved(scenario, limits)
    names, _ = check_structures(world, structures)
    check_limits(world, world.name, limits, runs=grid * grid * len(names) * replications)
    lab = Lab(world, seed=seed, jobs=jobs, progress=progress, folder=runs)
    return maps.map_structures(
        lab, x, y, metric=metric, structures=structures, grid=grid, depth=depth,
        replications=replications, log_x=log_x, log_y=log_y, margin=margin)


def save_map(answer: StructureMap, folder: str | Path | None = None) -> Path:
    """Write a map into a new folder: what `--json` prints, a table, a page of text, the figure.

    Args:
        answer: What `map_structures` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.maps import figures, markdown

    svg, png = figures(answer)
    return keep(f"{answer.scenario.name.lower()}-map", folder, {
        "map.json": answer.to_json(), "map.csv": answer.table.to_csv(index=False),
        "map.md": markdown(answer), "map.svg": svg, "map.png": png})


def tipping(
    scenario: Source,
    first: str,
    second: str,
    *,
    metric: str = "satisfaction",
    keys: Sequence[str] = (),
    replications: int = tips.REPLICATIONS,
    depth: int = tips.DEPTH,
    at: Mapping[str, Any] | None = None,
    runs: str | Path | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Tipping:
    """Find the value of each assumption at which the ranking of two structures flips.

    Args:
        scenario: A loaded scenario, or whatever `sim.load` takes; or the folder of a finished
            sweep: its points along which one factor alone changes, and nothing is run.
        first, second: Names of structures.
        metric: Metric id.
        keys: `KEY` (its plausible range) or `KEY=lo:hi`; none: all in use. Of a sweep its factors.
        replications: Of both structures at each value; the same luck at all of them.
        depth: Steps that close in on a crossing.
        at: Of a sweep: values that factors have now, if not the scenario's own.
        runs: Folder in which runs outlive the question, as in `sim.select`; not of a sweep.
        seed, jobs, limits, progress: As in `sim.run`.

    Returns:
        The answer: `.assumptions` with their flips, `.regrets`; `.table` is pandas.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense; every fault at once.
        OutputFailed: The folder of runs cannot be written.
        KeyboardInterrupt: Interrupted before the scenario itself was run.
    """
    if is_sweep(scenario):
        _reads({"--depth": depth != tips.DEPTH, "--replications": replications != tips.REPLICATIONS,
                "--runs": runs is not None, "--seed": seed is not None})
        return swept.tipping_of(Finished(str(scenario), metric), first, second, keys=keys, at=at)
    world = resolved(scenario, limits)
    check_limits(world, world.name, limits, runs=8 * replications * max(len(keys), 1))
    lab = Lab(world, seed=seed, jobs=jobs, progress=progress, folder=runs)
    return tips.tipping(lab, first, second, metric=metric, keys=keys, replications=replications,
                        depth=depth)


def save_tipping(answer: Tipping, folder: str | Path | None = None) -> Path:
    """Write tipping points into a new folder: what `--json` prints, a table, a page, the figure.

    Args:
        answer: What `tipping` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.tipping import figures, markdown

    svg, png = figures(answer)
    return keep(f"{answer.scenario.name.lower()}-tipping", folder, {
        "tipping.json": answer.to_json(), "tipping.csv": answer.table.to_csv(index=False),
        "tipping.md": markdown(answer), "tipping.svg": svg, "tipping.png": png})


def sensitivity(
    scenario: Source,
    *,
    metric: str = "satisfaction",
    keys: Sequence[str] = (),
    structures: Sequence[str] | None = None,
    trajectories: int = shares.TRAJECTORIES,
    samples: int = shares.SAMPLES,
    most: int = shares.MOST,
    runs: str | Path | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Sensitivity:
    """Split the variance of a metric over assumptions, the structure and luck.

    Args:
        scenario: A loaded scenario, or whatever `sim.load` takes; or the folder of a finished
            sweep of a Latin hypercube, a Sobol sequence or Morris trajectories: nothing is run.
        metric: Metric id.
        keys: `KEY` (its plausible range) or `KEY=lo:hi`; none: all in use.
        structures: Levels of the factor structure; None means the scenario's list.
        trajectories: Of the screening.
        samples: Rows of each base sample, a power of 2.
        most: Keys that go into the study; more are screened first.
        runs: Folder in which runs outlive the question, as in `sim.select`; not of a sweep.
        seed, jobs, limits, progress: As in `sim.run`.

    Returns:
        The answer: `.factors` with their shares, `.screened`; `.table` is pandas.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense; every fault at once.
        OutputFailed: The folder of runs cannot be written.
        KeyboardInterrupt: Interrupted before enough was finished.
    """
    if is_sweep(scenario):
        _reads({"--keys": bool(keys), "--samples": samples != shares.SAMPLES,
                "--most": most != shares.MOST, "--runs": runs is not None,
                "--seed": seed is not None,
                "--trajectories": trajectories != shares.TRAJECTORIES})
        return swept_shares.shares_of(Finished(str(scenario), metric), structures=structures)
    world = resolved(scenario, limits)
    check_limits(world, world.name, limits, runs=samples * (min(len(keys) or most, most) + 4))
    lab = Lab(world, seed=seed, jobs=jobs, progress=progress, folder=runs)
    return shares.sensitivity(lab, metric=metric, keys=keys, structures=structures,
                              trajectories=trajectories, samples=samples, most=most)


def sensitivity_runs(
    scenario: Source, *, keys: Sequence[str] = (), structures: Sequence[str] | None = None,
    trajectories: int = shares.TRAJECTORIES, samples: int = shares.SAMPLES,
    most: int = shares.MOST,
) -> Ahead:
    """How many runs `sensitivity` will take at most; none of a finished sweep.

    Args: as of `sensitivity`.

    Raises:
        InputError: A key or its range makes no sense.
    """
    if is_sweep(scenario):
        return Ahead(0, 0, 0)
    return shares.runs_ahead(resolved(scenario, None), keys=keys, structures=structures,
                             trajectories=trajectories, samples=samples, most=most)


def save_sensitivity(answer: Sensitivity, folder: str | Path | None = None) -> Path:
    """Write shares of variance into a new folder: what `--json` prints, table, page, figure.

    Args:
        answer: What `sensitivity` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.sensitivity import figures, markdown

    svg, png = figures(answer)
    return keep(f"{answer.scenario.name.lower()}-sensitivity", folder, {
        "sensitivity.json": answer.to_json(),
        "sensitivity.csv": answer.table.to_csv(index=False),
        "sensitivity.md": markdown(answer), "sensitivity.svg": svg, "sensitivity.png": png})
