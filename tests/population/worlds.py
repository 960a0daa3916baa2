"""Worlds for the tests of the population: who the customers are, and little else."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim import rng
from sim.scenario.schema import Scenario

RUN = rng.run_key(5, 0)

TABLES: dict[str, Any] = {
    "schema_version": 1,
    "name": "population",
    "customers": {"count": 500},
    "segments": {"many": {"share": 0.5}, "some": {"share": 0.3}, "few": {"share": 0.2}},
    "products": {"bread": {}, "salt": {}},
    "regions": {"north": {"share": 0.7}, "south": {"share": 0.3}},
    "functions": {"greet": {"work_h": 0.5}, "plan": {"work_h": 0.5, "offering": True},
                  "make": {"work_h": 1.0}},
    "labels": {"accuracy": 0.8, "unassignable": 0.0},
    "staff": {"heads": 60},
}


def world(**tables: dict[str, Any]) -> Scenario:
    """The world above with some values of some tables replaced (segments, products: whole)."""
    data = dict(TABLES)
    for table, values in tables.items():
        whole = table in ("segments", "products", "regions", "functions")
        data[table] = values if whole else dict(data.get(table, {})) | values
    return Scenario.model_validate(data)


def equal_segments(n: int) -> dict[str, Any]:
    """n segments with the same share."""
    return {f"s{i}": {"share": 1.0 / n} for i in range(n)}


def bound(p: float | np.ndarray, n: int, errors: float = 4.5) -> float | np.ndarray:
    """So many standard errors of a share p among n."""
    return errors * np.sqrt(p * (1.0 - p) / n)
