"""What two runs must share to be the same run.

Owns: a run's arrays as named bytes, and the small firm most laws are shown on.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from sim.engine.simulation import prepare, simulate
from sim.records import RunResult
from sim.scenario import load
from sim.scenario.schema import Scenario

FIRM: dict[str, Any] = {
    "schema_version": 1,
    "name": "lawful",
    "seed": 11,
    "customers": {"count": 120, "cases_per_month": 2.0},
    "segments": {"alpha": {"share": 0.5, "products": {"wool": 1.0, "silk": 2.0}},
                 "beta": {"share": 0.3, "priority": 1}, "gamma": {"share": 0.2}},
    "products": {"wool": {}, "silk": {"weight": 2.0}},
    "regions": {"north": {"share": 0.6}, "south": {"share": 0.4}},
    "functions": {"spin": {"work_h": 0.9, "front": True, "cover": 0.5},
                  "weave": {"work_h": 1.3, "offering": True, "front": True},
                  "sell": {"work_h": 1.0}},
    "case_types": {"order": {"weight": 2.0},
                   "query": {"steps": ["spin", "sell"], "channel": "phone", "patience_h": 0.5,
                             "work_h": {"sell": 0.3}, "after": {"spin": ["sell"]}}},
    "cover": {"minimum_proficiency": 0.5},
    "market": {"churn_max": 0.2},
    "staff": {"heads": 12, "span": 4, "quit_rate": 1.0},
    "time": {"warm_up": "120 h", "horizon": "400 h"},
    "structures": {"mixed": {"group": {"weave": ["product", "region"], "rest": "segment"},
                             "roles": [["spin", "sell"]]}},
}


def firm(**tables: dict[str, Any]) -> Scenario:
    """The firm with some values of some tables replaced."""
    data = dict(FIRM)
    for table, values in tables.items():
        data[table] = dict(data.get(table, {})) | values
    return load(data)


def outcome(result: RunResult) -> dict[str, bytes]:
    """Every number of a run, by name, as bytes."""
    arrays: dict[str, Any] = {
        "heads": result.heads,
        "totals": result.totals,
        "segments": result.segments,
        "units": result.units,
        "pools": result.pools,
        "distances": result.distances,
        "case_log": result.case_log,
        "metrics": np.array([np.nan if v is None else v for v in result.metrics.values()]),
        "unstable": np.array(result.unstable),
        "customers.segment": result.customers.segment,
        "customers.cases": result.customers.cases,
        "customers.satisfaction": result.customers.satisfaction_sum,
        "customers.left": result.customers.left,
    }
    arrays |= {f"series.{name}": rows for name, rows in result.series.items()}
    return {name: _bytes(np.asarray(rows)) for name, rows in arrays.items()}


def _bytes(rows: Any) -> bytes:
    """Field by field: padding between fields is nobody's number."""
    if rows.dtype.names is None:
        return bytes(np.ascontiguousarray(rows).tobytes())
    return b"".join(_bytes(rows[name]) for name in rows.dtype.names)


def run(scenario: Scenario, structure: str, replication: int = 0) -> dict[str, bytes]:
    """Outcome of one run."""
    return outcome(simulate(prepare(scenario, structure), replication, case_log=True))


def digest(scenario: Scenario, structures: tuple[str, ...]) -> str:
    """One hash of the outcomes under several structures."""
    total = hashlib.sha256()
    for structure in structures:
        for name, data in run(scenario, structure).items():
            total.update(name.encode() + data)
    return total.hexdigest()
