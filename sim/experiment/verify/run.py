"""Running the verification: replications until the interval is narrow enough, then the verdict.

Owns: how many replications a row gets and when it passes. Never does: change a seed to get a
pass (R16).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sim.errors import Fault, InputError, nearest
from sim.experiment.executors import Job, Progress, map_runs
from sim.experiment.statistics import mean_interval
from sim.experiment.verify import patterns
from sim.experiment.verify.checks import Experiment, Observed, Quantity, Row
from sim.records import Failure

CONFIDENCE = 0.999
PRECISION = 0.05
"""Largest half-width of the interval, as a share of theory."""
SEED = 1

Values = list[tuple[float, ...]]
"""By replication: one value per quantity."""


def catalogue() -> list[Experiment]:
    """Every experiment, in the order of the table."""
    from sim.experiment.verify import mechanisms, networks, single

    return [*single.experiments(), *networks.experiments(), *mechanisms.experiments()]


def verify(
    jobs: int | None = 1,
    seed: int = SEED,
    progress: Progress | None = None,
    only: Sequence[str] | None = None,
    experiments: Sequence[Experiment] | None = None,
    long: bool = False,
) -> list[Row]:
    """Compare theory with simulation.

    Args:
        jobs: Threads; None means one per available processor. The rows do not depend on it.
        seed: Root seed of all experiments.
        progress: Told (runs done, runs planned, what is going on).
        only: Ids of rows, or beginnings of ids; None means all.
        experiments: Other experiments than the catalogue's.
        long: Also the patterns (`patterns.py`), after the rows of theory; a few minutes.

    Returns:
        One row per quantity, in the order of the catalogue, then those of the patterns.

    Raises:
        InputError: If `only` names a row that does not exist.
    """
    rows = catalogue() if experiments is None else list(experiments)
    wanted = [word for word in only or () if long and word in patterns.PATTERNS]
    words = None if only is None else [word for word in only if word not in wanted]
    chosen = _chosen(rows, words)
    states = [_State(experiment, seed) for experiment in chosen]
    done = 0
    while waiting := [state for state in states if state.wanted]:
        work = [job for state in waiting for job in state.jobs()]
        planned = done + len(work)

        def tell(finished: int, before: int = done, planned: int = planned) -> None:
            if progress is not None:
                progress(before + finished, planned, "theory against simulation")

        batch = map_runs(work, jobs, tell)
        if batch.interrupted:
            raise KeyboardInterrupt
        done = planned
        outcomes = iter(batch.outcomes)
        for state in waiting:
            state.take([next(outcomes) for _ in range(state.wanted)])
    found = [row for state in states for row in state.rows()]
    if long:
        found += [p.row() for p in patterns.patterns(jobs, seed, progress,
                                                     None if only is None else wanted)]
    return found


def _chosen(experiments: list[Experiment], only: Sequence[str] | None) -> list[Experiment]:
    if only is None:
        return experiments
    ids = [q.id for experiment in experiments for q in experiment.quantities]
    faults = []
    for word in only:
        if not any(id_.startswith(word) for id_ in ids):
            close = nearest(word, ids)
            faults.append(Fault("--only", "", f"there is no row {word!r}",
                                f"did you mean {close}?" if close else ""))
    if faults:
        raise InputError(faults)
    picked = []
    for experiment in experiments:
        quantities = tuple(q for q in experiment.quantities
                           if any(q.id.startswith(word) for word in only))
        if quantities:
            picked.append(_with(experiment, quantities))
    return picked


def _with(experiment: Experiment, quantities: tuple[Quantity, ...]) -> Experiment:
    from dataclasses import replace

    return replace(experiment, quantities=quantities)


class _State:
    """An experiment under way."""

    def __init__(self, experiment: Experiment, seed: int) -> None:
        self.experiment = experiment
        self.seed = seed
        self.values: Values = []
        self.failure: Failure | None = None
        self.wanted = experiment.replications
        self._prepared: Any = None

    def jobs(self) -> list[Job[tuple[float, ...]]]:
        """The next replications; the scenario is read and prepared by the first of them."""
        if self._prepared is None:
            self._prepared = _once(partial(_prepare, self.experiment, self.seed))
        return [Job(self.experiment.structure, r, self.experiment.name,
                    partial(_observe, self.experiment, self._prepared, r))
                for r in range(len(self.values), len(self.values) + self.wanted)]

    def take(self, outcomes: Sequence[tuple[float, ...] | Failure | None]) -> None:
        """Keep what came, and decide whether more is needed."""
        for outcome in outcomes:
            if isinstance(outcome, Failure):
                self.failure = outcome
            elif outcome is not None:
                self.values.append(outcome)
        n = len(self.values)
        worst = max(self._half_width(i) / (PRECISION * abs(q.theory))
                    for i, q in enumerate(self.experiment.quantities))
        if self.failure is not None or worst <= 1.0:
            self.wanted = 0
        else:
            # Half-widths shrink with the root of their number; a tenth more, not to fall short.
            needed = 1.1 * n * min(worst * worst, 8.0)
            self.wanted = max(0, min(math.ceil(needed), self.experiment.most) - n)

    def _half_width(self, i: int) -> float:
        interval = mean_interval([v[i] for v in self.values], confidence=CONFIDENCE)
        return math.inf if interval.half_width is None else interval.half_width

    def rows(self) -> list[Row]:
        """What is found."""
        return [self._row(i, q) for i, q in enumerate(self.experiment.quantities)]

    def _row(self, i: int, quantity: Quantity) -> Row:
        if self.failure is not None:
            return self._finished(quantity, None, None, None,
                                  f"a run failed: {self.failure.type}: {self.failure.message}")
        interval = mean_interval([v[i] for v in self.values], confidence=CONFIDENCE)
        note = ""
        if interval.low is None or interval.high is None or interval.half_width is None:
            note = "too few replications"
        elif interval.half_width > PRECISION * abs(quantity.theory):
            note = f"the interval is wider than {PRECISION:.0%} of theory on either side"
        elif not interval.low <= quantity.theory <= interval.high:
            note = "theory lies outside the interval"
        return self._finished(quantity, interval.mean, interval.low, interval.high, note)

    def _finished(self, q: Quantity, simulated: float | None, low: float | None,
                  high: float | None, note: str) -> Row:
        return Row(q.id, q.what, q.theory, simulated, low, high, not note, q.unit, q.source,
                   len(self.values), note)


def _once(make: Callable[[], Any]) -> Callable[[], Any]:
    """The same object for everybody who asks, made by the first."""
    from threading import Lock

    lock = Lock()
    made: list[Any] = []

    def get() -> Any:
        with lock:
            if not made:
                made.append(make())
            return made[0]

    return get


def _prepare(experiment: Experiment, seed: int) -> Any:
    from sim.engine.simulation import prepare
    from sim.scenario import load

    scenario = load(experiment.scenario, set=experiment.changes, limits=None)
    return prepare(scenario, experiment.structure, seed=seed)


def _observe(experiment: Experiment, prepared: Callable[[], Any],
             replication: int) -> tuple[float, ...]:
    from sim.engine.simulation import Simulation

    run = Simulation(prepared(), replication, case_log=experiment.case_log)
    run.run_to(run.end_h)
    observed = Observed(run.result(), run)
    return tuple(float(q.measure(observed)) for q in experiment.quantities)
