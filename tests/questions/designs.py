"""A simulator of designs: metrics are functions of the world that the test knows, plus luck.

Value = known(world, structure) + common luck of the replication + own luck of design and metric,
both normal.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.errors import InfeasibleStructure
from sim.metrics.registry import METRICS
from sim.scenario.schema import Scenario
from sim.structures import build

Truth = Callable[[Scenario, str], Mapping[str, float]]


def never(world: Scenario, structure: str) -> bool:
    return False


@dataclass
class DesignEngine:
    known: Truth
    own: float = 0.1
    common: float = 5.0
    infeasible: Callable[[Scenario, str], bool] = never
    unstable: Callable[[Scenario, str], bool] = never
    broken: Callable[[Scenario, str], bool] = never
    calls: list[int] = field(default_factory=list)
    """Replications in the order in which they were run."""

    def prepare(self, scenario: Scenario, structure: str, **_: Any) -> tuple[Scenario, str]:
        build(scenario, structure)  # refuses what cannot be staffed
        if self.infeasible(scenario, structure):
            raise InfeasibleStructure(structure, "nobody is there")
        return scenario, structure

    def simulate(self, prepared: tuple[Scenario, str], replication: int, *, seed: int,
                 **_: Any) -> Any:
        world, structure = prepared
        self.calls.append(replication)
        if self.broken(world, structure):
            raise ValueError("broken")
        truth = self.known(world, structure)
        design = zlib.crc32(repr((sorted(truth.items()), structure)).encode())
        luck = np.random.default_rng([seed, replication])
        own = np.random.default_rng([seed, replication, design])
        metrics: dict[str, float | None] = dict.fromkeys(METRICS)
        for id, value in truth.items():
            metrics[id] = value + self.common * luck.normal() + self.own * own.normal()
        return SimpleNamespace(metrics=metrics, unstable=self.unstable(world, structure))


def keys(world: Scenario, structure: str) -> dict[str, str]:
    """Key by function of a structure the scenario holds."""
    group = world.structures[structure].group
    return {f: str(group.get(f, group.get("rest"))) for f in world.functions}
