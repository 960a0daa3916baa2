"""A small firm on which the mechanisms of staff are shown, and what is read off it.

Owns: the firm, its runs, and metrics over a few replications. Never does: assert anything.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.simulation import prepare, simulate
from sim.scenario import load
from sim.scenario.schema import Scenario
from tests.law.outcome import outcome

FIRM: dict[str, Any] = {
    "schema_version": 1,
    "name": "counter",
    "seed": 5,
    "customers": {"count": 150, "cases_per_month": 2.0},
    "segments": {"a": {"share": 0.5}, "b": {"share": 0.5}},
    "products": {"x": {}, "y": {}},
    "functions": {"take": {"work_h": 0.6, "front": True},
                  "solve": {"work_h": 1.0, "offering": True},
                  "close": {"work_h": 0.6, "front": True}},
    "staff": {"heads": 9, "span": 4},
    "satisfaction": {"expectation_start": "given"},
    "market": {"churn_max": 0.0, "inflow": False},
    "time": {"warm_up": "520 h", "horizon": "1040 h"},
}


def firm(**tables: dict[str, Any]) -> Scenario:
    """The firm with some values of some tables replaced."""
    data = dict(FIRM)
    for table, values in tables.items():
        data[table] = dict(data.get(table, {})) | values
    return load(data)


def numbers(scenario: Scenario, structure: str = "functional", *, without: tuple[str, ...] = ()
            ) -> dict[str, bytes]:
    """Every number of one run but the metrics and the named sums, to the bit."""
    result = simulate(prepare(scenario, structure), 0)
    totals = {name: result.totals[name].tobytes() for name in result.totals.dtype.names
              if name not in without}
    found = {name: data for name, data in outcome(result).items()
             if not name.startswith(("totals", "series.totals", "metrics", "case_log"))}
    return found | totals


def means(scenario: Scenario, structure: str = "functional", replications: int = 3
          ) -> dict[str, float]:
    """Metrics averaged over a few replications; those without a value are left out."""
    prepared = prepare(scenario, structure)
    rows = [simulate(prepared, r).metrics for r in range(replications)]
    return {name: float(np.mean([row[name] for row in rows]))  # type: ignore[arg-type]
            for name in rows[0] if all(row[name] is not None for row in rows)}
