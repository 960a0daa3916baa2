"""The columns of a sweep: of parts, of the runs table, of series.

Owns: names, kinds, units and order of the columns. Never does: read or write a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.metrics.registry import METRICS
from sim.records import RunResult
from sim.store import frames, parts
from sim.store.frames import Column

KEYS: tuple[tuple[Column, str], ...] = (
    (Column("run_id", "-", "digest of world, structure, replication, seed and model version"),
     "text"),
    (Column("world", "-", "digest of the scenario as the run sees it"), "text"),
    (Column("structure", "-", "name of the structure"), "text"),
    (Column("replication", "-", "number of the stochastic repeat, from 0"), "whole"),
    (Column("seed", "-", "root seed"), "whole"),
    (Column("status", "-", "ok, infeasible (this structure cannot be staffed here) or failed"),
     "text"),
)
ABOUT: tuple[tuple[Column, str], ...] = (
    (Column("unstable", "-", "true if this run's backlog grew without end"), "truth"),
    (Column("stage", "-", "where the run failed: scenario, prepare, run or worker"), "text"),
    (Column("type", "-", "kind of error"), "text"),
    (Column("message", "-", "what it said"), "text"),
)
TIMES: tuple[tuple[Column, str], ...] = (
    (Column("seconds", "s", "wall time of the simulation"), "number"),
    (Column("prepare_seconds", "s", "wall time of the pilot rounds before it, if this run was the "
            "first of its structure in its world"), "number"),
    (Column("host", "-", "machine"), "text"),
    (Column("attempt", "-", "0 the first, 1 the first retry..."), "whole"),
)
_PRIVATE: tuple[tuple[Column, str], ...] = (
    (Column("series_rows", "rows", "rows of this run in the series part of the same name"),
     "whole"),
)


def metric_columns(metrics: Sequence[str]) -> tuple[tuple[Column, str], ...]:
    """A column of numbers per metric."""
    return tuple((Column(id, METRICS[id].unit, METRICS[id].definition), "number")
                 for id in metrics)


def part_schema(metrics: Sequence[str]) -> Any:
    """Columns of a part: what a worker knows of its runs."""
    return parts.schema((*KEYS, *metric_columns(metrics), *ABOUT, *TIMES, *_PRIVATE))


def run_columns(
    factors: Sequence[tuple[Column, str]], metrics: Sequence[str]
) -> tuple[tuple[Column, str], ...]:
    """Columns of runs.parquet: keys, factors, metrics, then what is to be said of the run."""
    return (*KEYS, *factors, *metric_columns(metrics), *ABOUT)


TIME_COLUMNS = (KEYS[0], *TIMES)
"""Columns of timings.parquet."""

SERIES_KINDS = {"run_id": "text", "structure": "text", "replication": "whole", "scope": "text",
                "name": "text"}
SERIES_COLUMNS = tuple((c, SERIES_KINDS.get(c.name, "number")) for c in frames.SERIES_COLUMNS)


def series_table(result: RunResult, run_id: str, segments: Sequence[str]) -> Any:
    """Rows of one run's periods: firm, segments, departments."""
    frame = frames.series_frame([result], world="", segments=segments)
    frame["run_id"] = run_id
    shape = parts.schema(SERIES_COLUMNS)
    return parts.table({name: frame[name].tolist() for name in frame.columns}, shape)
