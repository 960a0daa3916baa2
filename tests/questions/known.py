"""A simulator whose metric is a function of the scenario that the test knows, plus luck.

Value = known(world, structure) + common luck of the replication + own luck, both normal: a paired
difference has mean known(A) - known(B) and variance 2 own^2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.errors import InfeasibleStructure
from sim.metrics.registry import METRICS
from sim.scenario.schema import Scenario
from sim.sweep.lab import Ask, Lab, Row

Known = Callable[[Scenario, str], float]


@dataclass
class KnownEngine:
    known: Known
    common: float = 5.0
    own: float = 0.5
    metric: str = "satisfaction"
    infeasible: Callable[[Scenario, str], bool] = lambda world, structure: False
    broken: frozenset[int] = frozenset()
    """Replications that fail."""
    calls: list[tuple[str, int]] = field(default_factory=list)

    def prepare(self, scenario: Scenario, structure: str, **_: Any) -> tuple[Scenario, str]:
        if self.infeasible(scenario, structure):
            raise InfeasibleStructure(structure, "nobody is there")
        return scenario, structure

    def simulate(self, prepared: tuple[Scenario, str], replication: int, *, seed: int,
                 **_: Any) -> Any:
        scenario, structure = prepared
        self.calls.append((structure, replication))
        if replication in self.broken:
            raise ValueError("broken")
        shared = np.random.default_rng([seed, replication]).normal()
        name = int.from_bytes(structure.encode(), "big") % 2**32
        own = np.random.default_rng([seed, replication, name]).normal()
        value = self.known(scenario, structure) + self.common * shared + self.own * own
        metrics: Mapping[str, float | None] = {**dict.fromkeys(METRICS), self.metric: value}
        return SimpleNamespace(metrics=metrics, unstable=False)


class QuickLab(Lab):
    """Rows of a known function of the settings alone, without scenarios: for thousands of runs."""

    def __init__(self, scenario: Scenario, known: Callable[[Mapping[str, Any], str], float], *,
                 common: float, own: float, seed: int) -> None:
        super().__init__(scenario, seed=seed, engine=KnownEngine(lambda *_: 0.0))
        self.known, self.common, self.own = known, common, own

    def rows(self, asked: Iterable[Ask]) -> list[Row]:
        return [Row(ask, "ok", {"satisfaction": self._value(ask)}) for ask in asked]

    def _value(self, ask: Ask) -> float:
        shared = np.random.default_rng([self.seed, ask.replication]).normal()
        name = int.from_bytes(ask.structure.encode(), "big") % 2**32
        own = np.random.default_rng([self.seed, ask.replication, name]).normal()
        return (self.known(dict(ask.settings), ask.structure) + self.common * shared
                + self.own * own)
