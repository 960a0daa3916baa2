"""A simulator without a model: results drawn from distributions that the test knows.

Each metric of a run is ``base + effect of the structure + common noise of the replication + own
noise``, so that a paired difference has mean ``effect A - effect B`` and variance ``2 own^2``,
whatever the common noise: exactly the situation common random numbers create.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.errors import InfeasibleStructure
from sim.metrics.registry import METRICS
from sim.records import CustomerOutcome, Layout, RunResult
from sim.scenario.schema import Scenario
from sim.state import POOL_TOTALS, SEGMENT_TOTALS, TOTALS, UNIT_TOTALS
from sim.structures import build, workload

BASE = {
    "satisfaction": 70.0, "loyalty": 0.7, "response_mean_h": 10.0, "cost_total": 1e6,
}


def world(**changes: Any) -> Scenario:
    """A small scenario with two segments, two products and two functions."""
    data: dict[str, Any] = {
        "schema_version": 1,
        "name": "fake world",
        "segments": {"mass": {"share": 0.75}, "firms": {"share": 0.25}},
        "products": {"loans": {}, "cards": {}},
        "functions": {"sell": {"work_h": 0.5}, "serve": {"work_h": 0.5}},
        "staff": {"heads": 12, "span": 4},
    }
    return Scenario.model_validate(data | changes)


@dataclass(frozen=True)
class Prepared:
    """What the fake engine knows of a design."""

    layout: Layout
    structure: str
    heads: int
    hours: float
    offered_h: np.ndarray
    """Work measured by a pilot, Erlangs by pool: here the expected one."""


@dataclass
class FakeEngine:
    """Stands in for `sim.engine.simulation`."""

    effects: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By structure and metric: what the structure adds."""
    own: float = 0.01
    """Standard deviation of own noise, as a share of the metric's base."""
    common: float = 0.1
    """Standard deviation of the noise that all structures of a replication share."""
    growth: Mapping[str, float] = field(default_factory=dict)
    """By structure: open cases added per week."""
    of_heads: Mapping[str, Callable[[int], float]] = field(default_factory=dict)
    """By metric: what a number of heads adds."""
    broken: Mapping[tuple[str, int], Exception] = field(default_factory=dict)
    """By structure and replication (-1: preparing): what is raised."""
    none: frozenset[str] = frozenset({"abandonment"})
    """Metrics that do not exist."""
    customers: Callable[[str, np.random.Generator], CustomerOutcome] | None = None
    calls: list[tuple[str, int, int]] = field(default_factory=list)
    """(structure, heads, replication) in the order in which they were run."""

    def prepare(
        self, scenario: Scenario, structure: str, *, heads: int | None = None,
        seed: int | None = None,
    ) -> Prepared:
        """Lay the structure out as the product does."""
        self._raise(structure, -1)
        count = scenario.staff.heads if heads is None else heads
        layout = build(scenario, structure, count)
        if count < len(layout.units):
            raise InfeasibleStructure(structure, "more units than people")
        offered = workload(scenario, layout).pool_work_h
        return Prepared(layout, structure, count, scenario.time.horizon, offered)

    def simulate(
        self, prepared: Prepared, replication: int, *, seed: int | None = None,
        journey: int | None = None,
    ) -> RunResult:
        """Draw one result; depends on seed, replication, structure and heads alone."""
        self.calls.append((prepared.structure, prepared.heads, replication))
        self._raise(prepared.structure, replication)
        assert seed is not None
        shared = np.random.default_rng([seed, replication])
        name = int.from_bytes(prepared.structure.encode(), "big") % 2**32
        rng = np.random.default_rng([seed, replication, name])
        metrics: dict[str, float | None] = {}
        for id in METRICS:
            base = BASE.get(id, 1.0)
            value = base * (1 + self.common * shared.normal() + self.own * rng.normal())
            value += self.effects.get(prepared.structure, {}).get(id, 0.0)
            if id in self.of_heads:
                value += self.of_heads[id](prepared.heads)
            metrics[id] = None if id in self.none else float(value)
        return self._result(prepared, replication, seed, metrics, rng)

    def _raise(self, structure: str, replication: int) -> None:
        if (structure, replication) in self.broken:
            raise self.broken[structure, replication]

    def _result(
        self, prepared: Prepared, replication: int, seed: int,
        metrics: dict[str, float | None], rng: np.random.Generator,
    ) -> RunResult:
        layout, hours = prepared.layout, prepared.hours
        weeks = int(hours // 40)
        totals = np.zeros((), TOTALS)
        totals["arrivals"] = 100.0 * hours / 40.0
        segments = np.zeros(2, SEGMENT_TOTALS)
        segments["closed"] = [300, 100]
        segments["satisfaction"] = [0.7 * 300, 0.6 * 100]
        pools = np.zeros(len(layout.pools), POOL_TOTALS)
        pools["joins"] = pools["visits"] = 1000
        pools["touch"] = 500 + 100 * np.arange(len(layout.pools))
        period = np.zeros(weeks + 4, TOTALS)
        time = 40.0 * np.arange(-3, weeks + 1)
        period["open"] = 50 + self.growth.get(prepared.structure, 0.0) * time / 40.0
        period["open"] += rng.normal(0, 1, len(time))
        heads = np.full(len(layout.pools), prepared.heads // len(layout.pools), np.int32)
        heads[0] += prepared.heads - heads.sum()
        make = self.customers or _customers
        return RunResult(
            structure=prepared.structure, replication=replication, seed=seed, warm_up_h=120.0,
            window_h=hours, metrics=metrics, heads=heads, layout=layout, totals=totals,
            segments=segments, units=np.zeros(len(layout.units), UNIT_TOTALS), pools=pools,
            series={
                "time": time, "totals": period,
                "segments": np.zeros((len(time), 2), SEGMENT_TOTALS),
                "units": np.zeros((len(time), len(layout.units)), UNIT_TOTALS),
            },
            customers=make(prepared.structure, rng),
            unstable=self.growth.get(prepared.structure, 0.0) > 0,
            overloaded_pools=layout.pools[:1]
            if self.growth.get(prepared.structure, 0.0) > 0 else (),
        )


def _customers(structure: str, rng: np.random.Generator) -> CustomerOutcome:
    n = 200
    cases = rng.poisson(5, n).astype(np.int32)
    return CustomerOutcome(
        segment=(np.arange(n) % 4 == 3).astype(np.int8),
        cases=cases,
        satisfaction_sum=cases * rng.uniform(0.5, 0.9, n),
        left=rng.random(n) < 0.1,
    )
