"""What a sweep will take, before anything is run: points, runs, time, disk.

Owns: the estimate, and the look at worlds that make no sense. Never does: write anything.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.errors import Fault, InfeasibleStructure, InputError, LimitExceeded
from sim.experiment.executors import available_cpus
from sim.scenario.limits import Limits, check_limits, predict
from sim.scenario.loading import load
from sim.sweep.design import Design
from sim.sweep.sampling import evenly
from sim.sweep.worker import warm_up
from sim.sweep.worlds import changed

LOOKED_AT = 100
"""Worlds that are validated and whose size is predicted; all if there are no more."""
MEASURED_S = 3.0
"""Time spent on trial runs."""
START_S = 3.0
"""Workers have to start, and the tables to be written."""
ROW_BYTES, METRIC_BYTES, PERIOD_BYTES = 250.0, 8.0, 60.0
"""Of a run on the disk, parts and table together (measured, docs/scale.md)."""


@dataclass(frozen=True)
class Forecast:
    """Size of a sweep."""

    name: str
    scenario: str
    points: int
    worlds: int
    """Points that differ in what the runs see."""
    structures: tuple[str, ...]
    replications: tuple[int, int]
    """Fewest and most."""
    runs: tuple[int, int]
    """Fewest and most."""
    run_seconds: float | None
    """Of one run with its share of pilot rounds, one worker; None if it was not measured."""
    seconds: tuple[float, float] | None
    """Wall time of all runs, fewest and most; None if it was not measured."""
    workers: int
    disk_bytes: tuple[float, float]
    looked_at: int
    refused: tuple[str, ...]
    """What is wrong with worlds that were looked at: their runs would fail."""
    infeasible: tuple[tuple[str, str], ...]
    """Structures the base cannot have, and why: their runs have no numbers."""

    def to_json(self) -> dict[str, Any]:
        """As JSON (schema: `orgsim schema --of sweep-check`)."""
        def two(pair: tuple[float, float] | None) -> Any:
            return None if pair is None else {"least": pair[0], "most": pair[1]}

        return {
            "name": self.name, "scenario": self.scenario, "points": self.points,
            "worlds": self.worlds, "structures": list(self.structures),
            "replications": two(self.replications), "runs": two(self.runs),
            "run_seconds": self.run_seconds, "seconds": two(self.seconds),
            "workers": self.workers, "disk_bytes": two(self.disk_bytes),
            "looked_at": self.looked_at, "refused": list(self.refused),
            "infeasible": dict(self.infeasible),
        }


def forecast(design: Design, *, jobs: int | None = None, limits: Limits | None = None,
             measure: bool = True) -> Forecast:
    """Say what a sweep will take.

    Args:
        design: The plan worked out.
        jobs: Worker processes; None means one per processor.
        limits: Limits on the size of one run; None lifts them.
        measure: Try some runs of the base to learn how long they take.

    Raises:
        InputError: No world that was looked at makes sense.
        LimitExceeded: A run would be too large.
    """
    workers = jobs or available_cpus()
    some = evenly(design.worlds, LOOKED_AT).tolist()
    cases, periods, refused = [], [], {}
    for index in some:
        world = design.world(index)
        try:
            scenario = load(changed(design.bases[world.combination], world.changes), limits=None)
        except InputError as error:
            refused[index] = error
            continue
        check_limits(scenario, design.loaded.where, limits)
        cases.append(predict(scenario).cases)
        periods.append((scenario.time.warm_up + scenario.time.horizon) / scenario.time.period)
    if not cases:
        raise _nowhere(design, some[0], refused[some[0]], len(some))
    infeasible: dict[str, str] = {}
    each = _measured(design, float(np.mean(cases)), infeasible) if measure else None
    runs = (design.least_runs, design.runs)
    row = ROW_BYTES + METRIC_BYTES * len(design.metrics)
    if design.plan.series:
        scopes = 1 + len(design.base.segments) + 4
        row += PERIOD_BYTES * scopes * float(np.mean(periods))
    fewest = design.rule.minimum if design.rule else design.replications
    return Forecast(
        name=design.plan.name, scenario=design.base.name, points=len(design.points),
        worlds=design.worlds, structures=tuple(design.structures),
        replications=(fewest, design.replications), runs=runs, run_seconds=each,
        seconds=None if each is None else
        (START_S + runs[0] * each / workers, START_S + runs[1] * each / workers),
        workers=workers, disk_bytes=(runs[0] * row, runs[1] * row), looked_at=len(some),
        refused=tuple(dict.fromkeys(f"{fault.key}: {fault.message}" if fault.key
                                    else fault.message
                                    for error in refused.values() for fault in error.faults)),
        infeasible=tuple(infeasible.items()),
    )


def _nowhere(design: Design, index: int, error: InputError, looked_at: int) -> InputError:
    """What is wrong with a world, told of the plan in which none makes sense."""
    place = ", ".join(f"{axis.name} = {value!r}" for axis, value in zip(
        design.points.axes, design.values(index), strict=True))
    many = "" if looked_at == 1 else f"; none of {looked_at:,} worlds looked at makes sense"
    return InputError([Fault(design.loaded.where, fault.key, fault.message + (
        f", where {place}" if place else "") + many, fault.hint) for fault in error.faults])


def _measured(design: Design, cases: float, infeasible: dict[str, str]) -> float:
    """Seconds of a run of mean size, with its share of the pilot rounds."""
    from sim.experiment.replications import default_engine

    engine, base = default_engine(), design.base
    tables = next(iter(design.bases.values()))
    start = time.perf_counter()
    spent: list[float] = []
    per_case: float | None = None
    fewest = design.rule.minimum if design.rule else design.replications
    for name in design.structures:
        try:
            if per_case is None:
                per_case = warm_up(tables, name, design.seed)
                start = time.perf_counter()
            if spent and time.perf_counter() - start > MEASURED_S:
                break
            if per_case * predict(base).cases > MEASURED_S:
                break
            begun = time.perf_counter()
            prepared = engine.prepare(base, name, seed=design.seed)
            ready = time.perf_counter()
            engine.simulate(prepared, 0, seed=design.seed)
            spent.append(time.perf_counter() - ready + (ready - begun) / fewest)
        except InfeasibleStructure as refusal:
            infeasible[name] = refusal.reason
        except LimitExceeded:
            raise
    share = cases / predict(base).cases
    if spent:
        return float(np.mean(spent)) * share
    return (per_case or 0.0) * cases
