"""A simulator without a model for sweeps: numbers that depend on the world, quickly, anywhere.

A metric is a hash of (what the world varies, structure, replication, seed, metric): any row that is
mixed up with another one is seen. Some runs can be told to fail, or to kill their process.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sim.errors import InfeasibleStructure
from sim.metrics.registry import METRICS
from tests.doors import fakes

PLAN: dict[str, Any] = {
    "schema_version": 1,
    "name": "quick",
    "scenario": "family_firm",
    "structures": ["undivided", "functional", "customer"],
    "replications": 4,
    "metrics": ["satisfaction", "loyalty", "cost_total", "abandonment"],
    "factors": {"needs.segment_share": {"levels": [0.1, 0.3, 0.5]},
                "market.churn_max": {"levels": [0.05, 0.08]}},
}


def number(*words: object) -> float:
    """A number from 0 to 1 that stands for some words."""
    digest = hashlib.sha256("|".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


@dataclass(frozen=True)
class Quick:
    """Stands in for `sim.engine.simulation`."""

    delay: float = 0.0
    """Seconds a run takes."""
    broken: tuple[tuple[str, int], ...] = ()
    """Structure and replication (-1: preparing) of runs that raise."""
    deadly: tuple[tuple[str, int], ...] = ()
    """Structure and replication of runs that kill their process."""
    once: str = ""
    """A folder: a run kills its process only if no other has made the mark there before."""
    impossible: tuple[str, ...] = ()
    """Structures that cannot be staffed."""
    spread: float = 1.0
    """Standard deviation of chance, relative to what the world does."""
    series: bool = False
    plain: bool = False
    """All metrics of a run are one number times 1, 2, 3...: quicker still."""

    def prepare(
        self, scenario: Any, structure: str, *, heads: int | None = None, seed: int | None = None
    ) -> Any:
        """What the world varies, and the structure."""
        if structure in self.impossible:
            raise InfeasibleStructure(structure, "too few people")
        if (structure, -1) in self.broken:
            raise ZeroDivisionError("no pool")
        return (scenario.needs.segment_share, scenario.market.churn_max, scenario.staff.heads,
                scenario.time.horizon, structure)

    def simulate(
        self, prepared: Any, replication: int, *, seed: int | None = None,
        journey: int | None = None,
    ) -> Any:
        """One run."""
        structure = prepared[-1]
        if (structure, replication) in self.broken:
            raise ValueError("a queue ran over,\nand more")
        if (structure, replication) in self.deadly and self._first():
            os.kill(os.getpid(), signal.SIGKILL)
        if self.delay:
            time.sleep(self.delay)
        if self.plain:
            first = number(*prepared, replication, seed)
            return SimpleNamespace(metrics={id: first * (i + 1) for i, id in enumerate(METRICS)},
                                   unstable=False)
        values: dict[str, float | None] = {
            id: number(*prepared, id)
            + self.spread * (number(*prepared, replication, seed, id) - 0.5)
            for id in METRICS if id != "abandonment"
        }
        if self.series:
            made = fakes.result(structure, replication)
            made.metrics.update(values)
            made.series["segments"] = made.series["segments"][:, [0, 1, 1]]
            return made
        return SimpleNamespace(metrics=values, unstable=replication == 3)

    def _first(self) -> bool:
        if not self.once:
            return True
        try:
            Path(self.once).mkdir()
        except FileExistsError:
            return False
        return True
