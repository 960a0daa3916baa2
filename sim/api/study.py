"""Running a structure, and comparing several.

Owns: the public functions `run`, `compare` and `event_log`. Never does: compute; `sim.experiment`
answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.api.worlds import resolved
from sim.errors import Fault, InputError
from sim.experiment.answer import Comparison
from sim.experiment.compare import compare as _compare
from sim.experiment.executors import Progress
from sim.experiment.precision import MAXIMUM_REPLICATIONS
from sim.experiment.request import check_structures, with_years
from sim.experiment.run import Run
from sim.experiment.run import run as _run
from sim.experiment.staffing import Mode
from sim.experiment.winners import THRESHOLD_POINTS
from sim.metrics.registry import Margin
from sim.scenario.limits import DEFAULT_LIMITS, Limits, check_limits
from sim.scenario.loading import Source

if TYPE_CHECKING:
    import pandas as pd


def run(
    scenario: Source,
    structure: str,
    *,
    replications: int | None = None,
    heads: int | None = None,
    years: float | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Run:
    """Run one structure of a firm.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        structure: Name of a structure.
        replications: Stochastic repeats; None means the scenario's.
        heads: People of the line; None means the scenario's.
        years: Measured time; None means the scenario's horizon.
        seed: Root seed; None means the scenario's.
        jobs: Runs at the same time; None means one per processor. Changes no number.
        limits: Limits on size; None lifts them.
        progress: Told (done, planned, what).

    Returns:
        The run: `.table`, `.segments_table`, `.departments_table` are pandas.

    Raises:
        InputError, InfeasibleStructure, LimitExceeded: What was asked makes no sense.
        KeyboardInterrupt: Interrupted before anything was finished.
    """
    world = resolved(scenario, limits)
    check_limits(world, world.name, limits, runs=replications or world.compare.replications)
    return _run(world, structure, replications=replications, heads=heads, years=years, seed=seed,
                jobs=jobs, progress=progress)


def compare(
    scenario: Source,
    structures: Sequence[str] | None = None,
    *,
    replications: int | None = None,
    precision: Mapping[str, str | float | Margin] | None = None,
    max_replications: int = MAXIMUM_REPLICATIONS,
    equalise: Mode = "headcount",
    heads: int | None = None,
    budget: float | None = None,
    years: float | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    weights: Mapping[str, float] | None = None,
    metrics: Sequence[str] | None = None,
    margins: Mapping[str, str | float | Margin] | None = None,
    better_off_points: float = THRESHOLD_POINTS,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Comparison:
    """Compare structures of one firm, with the same customers under each.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        structures: Names; None means the scenario's default list.
        precision: Wanted half-width of every pair's interval by metric, in its unit or as "5%".
        max_replications: Where `precision` gives up.
        equalise: "headcount", "service" (the scenario's target) or "cost".
        budget: For "cost": money per year; None means the cost of the first structure.
        weights: Weight by metric per smallest difference that matters: names one winner.
        metrics: What the verdict looks at; None means satisfaction, loyalty, mean response time
            and cost.
        margins: Overrides the smallest difference that matters by metric.
        better_off_points: Difference in a customer's satisfaction that makes them better off.
        replications, heads, years, seed, jobs, limits, progress: As in `run`.

    Returns:
        The comparison: `.table`, `.differences_table`, `.people_table`, `.segments_table`,
        `.staffing_table` are pandas, `.verdict` says what follows.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before anything was finished.
    """
    world = resolved(scenario, limits)
    names, _ = check_structures(world, structures)
    check_limits(world, world.name, limits,
                 runs=len(names) * (replications or world.compare.replications))
    return _compare(
        world, structures, replications=replications, precision=precision,
        max_replications=max_replications, equalise=equalise, heads=heads, budget=budget,
        years=years, seed=seed, jobs=jobs, weights=weights, metrics=metrics, margins=margins,
        better_off_points=better_off_points, progress=progress)


def event_log(
    scenario: Source,
    structure: str,
    *,
    replication: int = 0,
    heads: int | None = None,
    years: float | None = None,
    seed: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
) -> pd.DataFrame:
    """Every visit of every case of one run, in the columns process mining asks for.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        structure: Name of a structure.
        replication: Which one; the same run as replication of `run` and `compare`.
        heads, years, seed, limits: As in `run`.

    Returns:
        One row per visit that began in the measured time, by its start: `visits.EVENT_LOG`.

    Raises:
        InputError, InfeasibleStructure, LimitExceeded: What was asked makes no sense.
    """
    from sim.engine.journal import EVERYBODY
    from sim.engine.simulation import prepare, simulate
    from sim.experiment import visits

    world = resolved(scenario, limits)
    faults = check_structures(world, [structure])[1]
    if replication < 0:
        faults.append(Fault("--replication", "", f"at least 0, not {replication}"))
    if faults:
        raise InputError(faults)
    if years is not None:
        world = with_years(world, years)
    check_limits(world, world.name, limits)
    result = simulate(prepare(world, structure, heads=heads, seed=seed), replication,
                      journey=EVERYBODY)
    rows = result.journey
    if rows is None:
        raise RuntimeError("a run that was told to note everybody's way has noted nobody's")
    layouts = [*(stage.layout for stage in result.past), result.layout]
    log = visits.event_log(world, visits.visits(rows, layouts, result.past, result.warm_up_h),
                           visits.places(layouts))
    return log[log["start_time"] >= 0].reset_index(drop=True)
