"""Runs of the eight scenarios, kept as numbers: one firm under its structures.

Owns: which values of a run the comparison of scenarios needs, and ramp-up as a closed form.
Never does: say what was expected.

A bank of 12,000 customers leaves megabytes per run behind, so each firm's runs are turned into
lists of values before the next firm begins.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiment.executors import Progress
from sim.experiment.replications import Design, Engine, Runs
from sim.experiment.statistics import backlog_growth
from sim.experiment.theory.firms import Firm
from sim.metrics.compute import segment_metrics
from sim.records import Floats, RunResult
from sim.scenario.schema import HOURS_PER_WEEK

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

FREE_RETENTION = "retention_free"
"""Annual retention of the segments whose customers can leave at all."""
SHARE = 0.90
"""Of the own final speed: where ramp-up ends (F84)."""
CASES, FEWEST = 50_000, 5 / 12
"""A firm with more cases than this in measured time gets as many fewer replications, at most down
to that share of them (three at least): a mean over n runs of a firm with twice the cases is as
exact as one over 2 n. Chosen by cases alone, before anything has been run."""
_MONTHS = 12

Values = list[float | None]
"""By replication."""


@dataclass
class Measured:
    """One structure of one firm, by replication."""

    metrics: dict[str, Values] = field(default_factory=dict)
    segments: dict[tuple[str, str], Values] = field(default_factory=dict)
    """By (metric, segment)."""
    unstable: bool = False
    ramp_up: float | None = None
    """Weeks; see `ramp_up_weeks`."""


@dataclass
class Account:
    """One firm under all structures asked for."""

    firm: Firm
    structures: dict[str, Measured] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    """Structures that could not be run, and why."""


def enough(firm: Firm, replications: int) -> int:
    """Replications of a firm, the same with every overlay; see `CASES`."""
    world = Firm(firm.scenario).load()
    cases = world.customers.count * world.customers.cases_per_month * sum(
        s.share * s.volume for s in world.segments.values()) * world.time.horizon / world.month_h
    least = min(replications, max(3, math.ceil(FEWEST * replications)))
    return max(least, min(replications, math.ceil(replications * CASES / cases)))


def measure(
    firm: Firm, structures: Iterable[str], replications: int, *, jobs: int | None = None,
    progress: Progress | None = None, engine: Engine | None = None,
) -> Account:
    """Run a firm under structures and keep what the comparison needs.

    Raises:
        KeyboardInterrupt: Interrupted before all was done.
    """
    scenario = firm.load()
    runs = Runs(scenario, jobs=jobs, progress=progress, engine=engine)
    account = Account(firm)
    designs = [Design(name) for name in dict.fromkeys(structures)]
    ready = runs.prepare(designs)
    for design in designs:
        if design in runs.infeasible:
            account.missing[design.structure] = runs.infeasible[design]
    runs.extend(ready, replications)
    if runs.interrupted:
        raise KeyboardInterrupt
    for design in designs:
        for failure in runs.failures(design)[:1]:
            account.missing[design.structure] = f"{failure.stage}: {failure.message}"
        found = list(runs.finished(design).values())
        if found and design.structure not in account.missing:
            account.structures[design.structure] = _kept(scenario, found, runs.prepared(design))
    return account


def _kept(scenario: Scenario, found: Sequence[RunResult], prepared: Any) -> Measured:
    kept = Measured(unstable=backlog_growth(found).unstable)
    for id in found[0].metrics:
        kept.metrics[id] = [result.metrics[id] for result in found]
    free = np.array([
        (scenario.market.churn_max if s.churn_max is None else s.churn_max) > 0
        for s in scenario.segments.values()])
    kept.metrics[FREE_RETENTION] = [_retention(result.segments, free) for result in found]
    for result in found:
        for id, row in segment_metrics(result.segments).items():
            for name, value in zip(scenario.segments, row, strict=True):
                kept.segments.setdefault((id, name), []).append(
                    float(value) if np.isfinite(value) else None)
    busy = [v for v in kept.metrics["utilisation"] if v is not None]
    kept.ramp_up = ramp_up_weeks(scenario, prepared, float(np.mean(busy))) if busy else None
    return kept


def _retention(segments: Any, free: Any) -> float | None:
    months = float(segments["customer_months"][free].sum())
    if months <= 0:
        return None
    return float((1.0 - segments["left"][free].sum() / months) ** _MONTHS)


def ramp_up_weeks(scenario: Scenario, prepared: Any, busy: float) -> float:
    """Weeks until a hire works at 90% of the own final speed, mean over posts (M6, F84).

    In a pool whose work falls with share x on an element, k grows from k0 to x b / (x b + tauL /
    tauG) with rate x b / tauL + 1 / tauG, b the share of hours spent on cases; speed is
    1 / (1 + sum of a (1 - k)), each k weighed with its share of the work.

    Args:
        scenario: For the effects of knowledge and its time constants.
        prepared: The structure staffed: people and kinds of work by pool.
        busy: Share of hours spent on cases.
    """
    weeks = [_pool_weeks(scenario, shares, busy) for shares in zip(
        prepared.workload.function_share, prepared.workload.product_share,
        prepared.workload.segment_share, strict=True)]
    heads = [int(n) for n in prepared.start.heads]
    return math.fsum(n * w for n, w in zip(heads, weeks, strict=True)) / sum(heads)


def _pool_weeks(scenario: Scenario, shares: Sequence[Floats], busy: float) -> float:
    known = scenario.knowledge
    effects = (known.function_effect, known.product_effect, known.segment_effect)

    def speed(t: float) -> float:
        slow = 1.0
        for effect, row in zip(effects, shares, strict=True):
            x = row[row > 0]
            rate = x * busy / known.learn_h + 1.0 / known.forget_h
            end = x * busy / known.learn_h / rate
            k = end - (end - known.at_hire) * np.exp(-rate * t)
            slow += effect * float((x * (1.0 - k)).sum())
        return 1.0 / slow

    low, high = 0.0, 64.0 * (known.learn_h + known.forget_h)
    final = speed(high)
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (low, middle) if speed(middle) >= SHARE * final else (middle, high)
    return high / HOURS_PER_WEEK
