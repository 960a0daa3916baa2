"""Why two structures differ: their difference split into causes.

Owns: the question `explain`, the Shapley values and its answer. Never does: say what a cause is
(`causes.py`).

The value of a set of causes is the difference between the two structures in a world where only
these are at work, on the same customers and with the heads of the full model. The part of a cause
is what it adds to that, averaged over all orders in which causes can be switched on (Shapley
1953), so the parts add up to the whole difference. With no cause at work the structures are the
same firm; what a simulation of that still shows (work done at other times) is told as `left_over`
and counts as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import Fault, InputError
from sim.experiment.answer import interval_json, plain
from sim.experiment.causes import ANALYTIC, CAUSES, RUN_CAUSES, Arms, Cause, common
from sim.experiment.executors import Job, Progress, map_runs
from sim.experiment.request import check_structures
from sim.experiment.statistics import Interval, mean_interval, paired_interval
from sim.metrics.registry import METRICS, find
from sim.records import Failure, Floats

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.simulation import Prepared
    from sim.scenario.schema import Scenario

REPLICATIONS = 10
MOST_WORLDS = 1 << len(RUN_CAUSES)
"""Worlds without some of the causes; usually some of them are the same."""
Metrics = Mapping[str, float | None]


@dataclass(frozen=True)
class Part:
    """What one cause does to the difference."""

    cause: Cause
    effect: Interval
    """Second structure minus first, in the metric's unit, 95% over replications."""
    shown: dict[str, tuple[Interval, Interval]]
    """Metrics that show the cause at work, in both structures as they are."""


@dataclass(frozen=True)
class Explanation:
    """The difference between two structures, cause by cause."""

    scenario: Scenario = field(repr=False)
    first: str
    second: str
    metric: str
    seed: int
    replications: int
    runs: int
    """Runs made, without pilot rounds."""
    values: tuple[Interval, Interval]
    """The metric in both structures as they are."""
    gap: Interval
    """Second minus first, paired."""
    parts: tuple[Part, ...]
    """In the order of `CAUSES`; the means add up to the mean of the gap."""
    left_over: Interval
    """What is left of the gap in a simulation without any cause; should be next to nothing."""
    interrupted: bool = False

    @property
    def table(self) -> pd.DataFrame:
        """One row per cause."""
        import pandas as pd

        return pd.DataFrame([
            {"cause": p.cause.id, "name": p.cause.name, "effect": p.effect.mean,
             "low": p.effect.low, "high": p.effect.high, "unit": METRICS[self.metric].unit}
            for p in self.parts])

    def to_json(self) -> dict[str, Any]:
        """The explanation as plain data (schema: `schemas.EXPLAIN`); never a NaN."""
        from sim.experiment.cause_words import sentences

        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name,
            "first": self.first,
            "second": self.second,
            "metric": self.metric,
            "unit": METRICS[self.metric].unit,
            "seed": self.seed,
            "replications": self.replications,
            "runs": self.runs,
            "values": {"first": interval_json(self.values[0]),
                       "second": interval_json(self.values[1])},
            "gap": interval_json(self.gap),
            "parts": [
                {"cause": p.cause.id, "name": p.cause.name, "without": p.cause.without,
                 **interval_json(p.effect, n=False), "sentence": words}
                for p, words in zip(self.parts, sentences(self), strict=True)],
            "left_over": interval_json(self.left_over),
            "interrupted": self.interrupted,
        })
        return answer


def shapley(value: Callable[[frozenset[str]], Floats], players: Iterable[str]) -> dict[str, Floats]:
    """Exact Shapley values; they sum to value(all) - value(none).

    Args:
        value: Worth of a set of players, one number per replication.
        players: Their names, at most about ten.
    """
    names = tuple(players)
    n = len(names)
    worth = [value(frozenset(p for i, p in enumerate(names) if mask >> i & 1))
             for mask in range(1 << n)]
    weight = [factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)]
    found = {}
    for i, name in enumerate(names):
        total = np.zeros_like(worth[0])
        for mask in range(1 << n):
            if not mask >> i & 1:
                total = total + weight[mask.bit_count()] * (worth[mask | 1 << i] - worth[mask])
        found[name] = total
    return found


def _moves(value: Callable[[frozenset[str]], Floats], player: str,
           others: frozenset[str]) -> bool:
    """Whether a player ever makes a difference to any set of the others."""
    names = sorted(others)
    for mask in range(1 << len(names)):
        with_ = frozenset(n for i, n in enumerate(names) if mask >> i & 1)
        if not np.array_equal(value(with_ | {player}), value(with_)):
            return True
    return False


def without_fixed_costs(metrics: Metrics, metric: str) -> float | None:
    """A metric as it would be if heads, liaison roles, offerings and tools cost nothing."""
    value = metrics[metric]
    fixed = (metrics["cost_heads"] or 0.0) + (metrics["cost_units"] or 0.0)
    total = metrics["cost_total"] or 0.0
    if value is None:
        return None
    if metric in ("cost_heads", "cost_units"):
        return 0.0
    if metric == "cost_total":
        return value - fixed
    if metric == "profit":
        return value + fixed
    if metric in ("cost_per_customer", "cost_per_case"):
        return value * (total - fixed) / total if total > 0 else value
    return value


def explain(
    scenario: Scenario,
    first: str,
    second: str,
    *,
    metric: str = "satisfaction",
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Split the difference between two structures into causes.

    Args:
        scenario: The world.
        first, second: Names of structures; the difference is second minus first.
        metric: Metric id.
        replications: Per world; None means 10.
        seed, jobs, progress: As in `compare`.

    Raises:
        InputError: Something asked for makes no sense, or the metric has no value here.
        InfeasibleStructure: A structure cannot be expressed or staffed here.
        KeyboardInterrupt: Interrupted before two replications were complete.
    """
    _, faults = check_structures(scenario, list(dict.fromkeys((first, second))))
    count = REPLICATIONS if replications is None else replications
    if count < 2:
        faults.append(Fault("--replications", "", f"at least 2, not {replications}"))
    if jobs is not None and jobs < 1:
        faults.append(Fault("--jobs", "", f"at least 1, not {jobs}"))
    try:
        find(metric, "--metric")
    except InputError as error:
        faults += error.faults
    if faults:
        raise InputError(faults)
    study = _Study(scenario, first, second, count, seed, jobs, progress)
    return study.answer(metric)


class _Study:
    """The runs of one explanation and what they hold."""

    def __init__(self, scenario: Scenario, first: str, second: str, count: int,
                 seed: int | None, jobs: int | None, progress: Progress | None) -> None:
        from sim.engine import simulation

        self.engine = simulation
        self.scenario, self.pair, self.count, self.jobs = scenario, (first, second), count, jobs
        self.seed = scenario.seed if seed is None else seed
        self.progress = progress
        self.done = self.planned = 0
        self.interrupted = False
        structures = tuple(dict.fromkeys(self.pair))
        made = self._do([(s, partial(simulation.prepare, scenario, s, seed=self.seed))
                         for s in structures])
        self.full: dict[str, Prepared] = dict(zip(structures, made, strict=True))
        self.arms = Arms(scenario, common(list(self.full.values())))
        sets = (frozenset(c for i, c in enumerate(RUN_CAUSES) if mask >> i & 1)
                for mask in range(1 << len(RUN_CAUSES)))
        self.keys = list(dict.fromkeys(self.arms.key(off) for off in sets))
        self._run()

    def _do(self, calls: list[tuple[str, Callable[[], Any]]]) -> list[Any]:
        """Do pieces of work in threads; a failure is raised, an interruption leaves None."""
        labels = [label for label, _ in calls]
        start = self.done
        self.planned = max(self.planned, start + len(calls))

        def told(finished: int) -> None:
            self.done = start + finished
            if self.progress is not None:
                self.progress(self.done, self.planned, labels[finished - 1])

        batch = map_runs([Job(label, -1, "explain", call) for label, call in calls], self.jobs,
                         told)
        self.interrupted = self.interrupted or batch.interrupted
        for outcome in batch.outcomes:
            if isinstance(outcome, Failure):
                raise RuntimeError(f"{outcome.structure}: {outcome.message}")
        if batch.interrupted and start == 0:
            raise KeyboardInterrupt
        return batch.outcomes

    def _run(self) -> None:
        """Every world under both structures, replication by replication."""
        plan = [(key, s) for key in self.keys for s in self.full]
        self.planned = self.done + len(plan) * (1 + self.count)
        made = self._do([(f"{s}, world {i // len(self.full) + 1} of {len(self.keys)}",
                          partial(self._prepared, key, s))
                         for i, (key, s) in enumerate(plan)])
        ready = dict(zip(plan, made, strict=True))
        todo = [(r, key, s) for r in range(self.count) for key, s in plan]
        if self.interrupted:
            raise KeyboardInterrupt
        outcomes = self._do([
            (f"{s}, replication {r + 1}",
             partial(self._metrics, ready[key, s], r))
            for r, key, s in todo])
        self.found: dict[tuple[frozenset[str], str], list[Metrics | None]] = {
            place: [] for place in plan}
        for (_, key, s), metrics in zip(todo, outcomes, strict=True):
            self.found[key, s].append(metrics)

    def _prepared(self, key: frozenset[str], structure: str) -> Prepared:
        """A structure in one world, with the heads of the full model."""
        full = self.full[structure]
        return self.engine.settled(full, self.arms.world(key)) if key else full

    def _metrics(self, prepared: Prepared, replication: int) -> Metrics:
        return self.engine.simulate(prepared, replication, seed=self.seed).metrics

    def answer(self, metric: str) -> Explanation:
        """The parts, from the replications that are complete."""
        rows = [r for r in range(self.count) if all(
            (m := runs[r]) is not None and m[metric] is not None for runs in self.found.values())]
        if len(rows) < 2:
            if self.interrupted:
                raise KeyboardInterrupt
            raise InputError(Fault("--metric", "", f"{metric} has no value in some of these worlds",
                                   "choose another metric"))

        def numbers(off: frozenset[str], structure: str) -> Floats:
            runs = self.found[self.arms.key(off), structure]
            chosen = [runs[r] for r in rows]
            return np.array([
                without_fixed_costs(m, metric) if ANALYTIC in off else m[metric]  # type: ignore[index,arg-type]
                for m in chosen], dtype=np.float64)

        first, second = self.pair
        everything = frozenset(cause.id for cause in CAUSES)

        def worth(on: frozenset[str]) -> Floats:
            off = everything - on
            return numbers(off, second) - numbers(off, first)

        left = worth(frozenset())
        nil = np.zeros(len(rows))
        moving = [c for c in everything if _moves(worth, c, everything - {c})]
        parts = dict.fromkeys(everything, nil) | shapley(
            lambda on: worth(on) if on else nil, [c.id for c in CAUSES if c.id in moving])
        nothing: frozenset[str] = frozenset()
        values = (numbers(nothing, first), numbers(nothing, second))
        return Explanation(
            self.scenario, first, second, metric, self.seed, len(rows),
            len(rows) * len(self.keys) * len(self.full),
            (mean_interval(values[0]), mean_interval(values[1])),
            mean_interval(values[1] - values[0]),
            tuple(Part(cause, mean_interval(parts[cause.id]), self._shown(cause, rows))
                  for cause in CAUSES),
            mean_interval(left), self.interrupted)

    def _shown(self, cause: Cause, rows: list[int]) -> dict[str, tuple[Interval, Interval]]:
        """Metrics that show a cause at work, in both structures as they are.

        One that is said besides is said only where the two structures surely differ in it.
        """
        told = {}
        for id in (cause.shown_by, *cause.besides) if cause.shown_by else ():
            first, second = (
                [m[r][id] for r in rows]  # type: ignore[index]
                for m in (self.found[frozenset(), s] for s in self.pair))
            gap = paired_interval(second, first)
            sure = gap.low is not None and gap.high is not None and not gap.low <= 0 <= gap.high
            if id == cause.shown_by or sure:
                told[id] = (mean_interval(first), mean_interval(second))
        return told
