"""Results as tables: one row per run, one row per period, one row per metric and structure.

Owns: the columns of every table, with unit and meaning, and how raw sums of a period become
readable numbers. Never does: write files, average over replications (the experiment does).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.metrics.registry import METRICS
from sim.records import Failure, Floats, RunResult


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its unit, what it means."""

    name: str
    unit: str
    meaning: str


RUN_KEYS = (
    Column("run_id", "-", "world, structure and replication: the same in every table"),
    Column("world", "-", "digest of the resolved scenario"),
    Column("structure", "-", "name of the structure"),
    Column("replication", "-", "number of the stochastic repeat, from 0"),
    Column("seed", "-", "root seed"),
    Column("status", "-", "ok or failed"),
)

SERIES_COLUMNS = (
    Column("run_id", "-", "as in runs"),
    Column("structure", "-", "name of the structure"),
    Column("replication", "-", "number of the stochastic repeat, from 0"),
    Column("time_h", "h", "end of the period in working hours from the start of measuring; "
           "0 or less is warm-up"),
    Column("scope", "-", "firm, segment or department"),
    Column("name", "-", "name of the segment or department; empty for the firm"),
    Column("arrivals", "cases", "cases that arrived (department: visits that joined its queues)"),
    Column("closed", "cases", "cases closed, abandoned ones not counted (department: visits "
           "ended)"),
    Column("abandoned", "cases", "cases abandoned while waiting"),
    Column("satisfaction", "0-100", "mean over cases closed or abandoned in the period"),
    Column("response_mean_h", "h", "mean over cases closed in the period, working hours"),
    Column("wait_mean_h", "h", "department: mean wait per visit ended in the period"),
    Column("utilisation", "0-1", "busy hours over hours of filled positions"),
    Column("backlog", "cases", "open cases at the end of the period (department: waiting visits)"),
    Column("loyalty", "0-1", "mean over active customers at the last month end"),
    Column("customers_active", "customers", "active customers at the end of the period"),
    Column("left", "customers", "customers who left in the period"),
    Column("joined", "customers", "customers who joined in the period"),
)

SUMMARY_COLUMNS = (
    Column("metric", "-", "metric id"),
    Column("name", "-", "name of the metric"),
    Column("unit", "-", "unit of mean, low and high"),
    Column("structure", "-", "name of the structure"),
    Column("mean", "see unit", "mean over replications"),
    Column("low", "see unit", "lower end of the 95% interval of the mean"),
    Column("high", "see unit", "upper end of the 95% interval of the mean"),
    Column("n", "runs", "replications behind the mean"),
    Column("unstable", "-", "true if the structure's backlog grows without end"),
)

FAILURE_COLUMNS = (
    *RUN_KEYS[:4],
    Column("stage", "-", "where the run failed"),
    Column("type", "-", "kind of error"),
    Column("message", "-", "what it said"),
)

Result = RunResult | Failure


def run_columns() -> tuple[Column, ...]:
    """Columns of the runs table: keys, then every metric in the registry's order."""
    return RUN_KEYS + tuple(Column(m.id, m.unit, m.definition) for m in METRICS.values())


def world_of(scenario_toml: str) -> str:
    """Twelve hexadecimal digits that stand for a resolved scenario."""
    return hashlib.sha256(scenario_toml.encode()).hexdigest()[:12]


def run_id(world: str, structure: str, replication: int) -> str:
    """Name of a run, unique over worlds, structures and replications."""
    return f"{world}:{structure}:{replication}"


def runs_frame(results: Iterable[Result], *, world: str, seed: int) -> pd.DataFrame:
    """One row per run in the order given; failed runs have a status and no numbers."""
    rows: list[dict[str, Any]] = []
    for result in results:
        row: dict[str, Any] = {
            "run_id": run_id(world, result.structure, result.replication),
            "world": world,
            "structure": result.structure,
            "replication": result.replication,
            "seed": seed,
            "status": "failed" if isinstance(result, Failure) else "ok",
        }
        values = {} if isinstance(result, Failure) else result.metrics
        row.update({name: values.get(name) for name in METRICS})
        rows.append(row)
    frame = pd.DataFrame(rows, columns=[c.name for c in run_columns()])
    return frame.astype(dict.fromkeys(METRICS, "float64"))


def failures_frame(results: Iterable[Result], *, world: str) -> pd.DataFrame:
    """One row per failed run."""
    rows = [
        (run_id(world, f.structure, f.replication), world, f.structure, f.replication,
         f.stage, f.type, f.message)
        for f in results
        if isinstance(f, Failure)
    ]
    return pd.DataFrame(rows, columns=[c.name for c in FAILURE_COLUMNS])


def series_frame(
    results: Iterable[Result], *, world: str, segments: Sequence[str]
) -> pd.DataFrame:
    """One row per run, period and scope (firm, each segment, each department).

    Args:
        results: Runs; failures have no series.
        world: Digest of the resolved scenario.
        segments: Names of the segments in declared order.
    """
    parts: list[pd.DataFrame] = []
    for result in results:
        if isinstance(result, Failure):
            continue
        keys = {
            "run_id": run_id(world, result.structure, result.replication),
            "structure": result.structure,
            "replication": result.replication,
        }
        time = np.asarray(result.series["time"], dtype=np.float64)
        parts.append(_part(keys, time, "firm", "", _firm(result.series["totals"])))
        for index, name in enumerate(segments):
            rows = result.series["segments"][:, index]
            parts.append(_part(keys, time, "segment", name, _segment(rows)))
        for index, name in enumerate(result.layout.units):
            rows = result.series["units"][:, index]
            parts.append(_part(keys, time, "department", name, _department(rows)))
    names = [c.name for c in SERIES_COLUMNS]
    if not parts:
        return pd.DataFrame(columns=names)
    return pd.concat(parts, ignore_index=True)[names]


def compared(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form of a comparison; that of a run becomes a comparison of one structure."""
    if "structure" not in answer:
        return dict(answer)
    name = answer["structure"]
    failed = answer["failures"]
    return {
        "scenario": answer["scenario"],
        "seed": answer["seed"],
        "replications": answer["replications"],
        "structures": [name],
        "metrics": {metric: {name: value} for metric, value in answer["metrics"].items()},
        "differences": {},
        "better_off": {},
        "unstable": [name] if answer["unstable"] else [],
        "infeasible": {},
        "verdict": {
            "text": list(answer.get("text", ())),
            "staffing": {name: answer["staffing"]} if answer["staffing"] else {},
            "backlog": {name: answer["backlog"]} if answer["backlog"] else {},
            "failures": failed,
            "interrupted": answer["interrupted"],
        },
    }


def summary_frame(answer: Mapping[str, Any]) -> pd.DataFrame:
    """One row per metric and structure out of the JSON form of a comparison or a run."""
    comparison = compared(answer)
    unstable = set(comparison.get("unstable", ()))
    rows = [
        (metric, METRICS[metric].name, METRICS[metric].unit, structure, value["mean"],
         value["low"], value["high"], value["n"], structure in unstable)
        for metric, by_structure in comparison["metrics"].items()
        for structure, value in by_structure.items()
    ]
    return pd.DataFrame(rows, columns=[c.name for c in SUMMARY_COLUMNS])


def _part(
    keys: dict[str, Any], time: Floats, scope: str, name: str, values: dict[str, Floats]
) -> pd.DataFrame:
    """Rows of one run and scope; columns that the scope does not have are empty."""
    empty = np.full(len(time), np.nan)
    columns: dict[str, Any] = {}
    for column in SERIES_COLUMNS:
        if column.name in keys:
            columns[column.name] = [keys[column.name]] * len(time)
        elif column.name == "time_h":
            columns[column.name] = time
        elif column.name == "scope":
            columns[column.name] = [scope] * len(time)
        elif column.name == "name":
            columns[column.name] = [name] * len(time)
        else:
            columns[column.name] = values.get(column.name, empty)
    return pd.DataFrame(columns)


def _firm(rows: Any) -> dict[str, Floats]:
    """Readable numbers of the whole firm, per period."""
    scored = rows["closed"] + rows["abandoned"]
    return {
        "arrivals": rows["arrivals"],
        "closed": rows["closed"],
        "abandoned": rows["abandoned"],
        "satisfaction": 100.0 * _ratio(rows["satisfaction"], scored),
        "response_mean_h": _ratio(rows["response"], rows["closed"]),
        "utilisation": _ratio(rows["busy"], rows["filled"]),
        "backlog": rows["open"],
        "loyalty": rows["mean_loyalty"],
        "customers_active": rows["active"],
        "left": rows["left"],
        "joined": rows["joined"],
    }


def _segment(rows: Any) -> dict[str, Floats]:
    """Readable numbers of one segment, per period; loyalty only where a month ended."""
    scored = rows["closed"] + rows["abandoned"]
    return {
        "arrivals": rows["arrivals"],
        "closed": rows["closed"],
        "abandoned": rows["abandoned"],
        "satisfaction": 100.0 * _ratio(rows["satisfaction"], scored),
        "response_mean_h": _ratio(rows["response"], rows["closed"]),
        "loyalty": _ratio(rows["loyalty"], rows["customer_months"]),
        "customers_active": rows["active"],
        "left": rows["left"],
        "joined": rows["joined"],
    }


def _department(rows: Any) -> dict[str, Floats]:
    """Readable numbers of one department, per period; its cases are visits."""
    return {
        "arrivals": rows["joins"],
        "closed": rows["visits"],
        "wait_mean_h": _ratio(rows["wait"], rows["visits"]),
        "utilisation": _ratio(rows["busy"], rows["filled"]),
        "backlog": rows["queue"],
    }


def _ratio(above: Floats, below: Floats) -> Floats:
    """`above / below`, not a number where there is nothing to divide by."""
    result = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=result, where=np.asarray(below) > 0)
    return result
