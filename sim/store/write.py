"""Writing the data of a study into a results folder.

Owns: which tables are written from what, and their byte-identical form. Never does: draw
figures or write the report (`sim.report` does, from what it reads here).

Two runs of the same study write the same bytes into every file but `timings.csv` and the entry
"timing" of the manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.store import frames, layout, manifest
from sim.store.files import csv_text, put, to_json
from sim.store.frames import Column, Result


@dataclass(frozen=True)
class Contents:
    """All that a results folder is made of."""

    scenario_toml: str
    """The resolved scenario, overlays and changes applied."""
    scenario_name: str
    segments: tuple[str, ...]
    """Names of the segments in declared order."""
    seed: int
    request: dict[str, Any]
    """What was asked: `verb` ("run" or "compare") and its options, able to repeat the study."""
    results: tuple[Result, ...]
    answer: dict[str, Any]
    """The JSON form of the comparison, or of the run."""
    changes: tuple[str, ...] = ()
    """What overlays and --set changed, one sentence each."""
    notes: tuple[str, ...] = ()
    """Remarks a reader needs: values outside their plausible range, roles combined..."""
    finished: bool = True
    """False if the work was interrupted and only part of it is here."""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    """Wall time of the whole study."""
    source: str = ""
    """The file the scenario came from."""
    run_seconds: tuple[float, ...] = ()
    """Wall time of each result, in their order; empty if it was not taken."""


def write(folder: Path, contents: Contents) -> Path:
    """Write all data files and the manifest into `folder` (see `layout.reserve`).

    Returns:
        The folder.

    Raises:
        OutputFailed: A file could not be written; the message names it and why.
    """
    world = frames.world_of(contents.scenario_toml)
    tables: list[tuple[str, bytes, tuple[Column, ...], int | None, str]] = []

    def table(name: str, columns: tuple[Column, ...], frame: pd.DataFrame, about: str) -> None:
        content = (
            parquet_bytes(frame, columns)
            if name.endswith(".parquet")
            else csv_text(list(frame.columns), rows_of(frame)).encode("utf-8", errors="replace")
        )
        tables.append((name, content, columns, len(frame), about))

    runs = frames.runs_frame(contents.results, world=world, seed=contents.seed)
    series = frames.series_frame(contents.results, world=world, segments=contents.segments)
    summary = frames.summary_frame(contents.answer)
    failures = frames.failures_frame(contents.results, world=world)
    table(layout.RUNS, frames.run_columns(), runs, "one row per run")
    table(layout.RUNS_CSV, frames.run_columns(), runs, "the same as runs.parquet, as text")
    table(layout.SERIES, frames.SERIES_COLUMNS, series,
          "one row per period of a run, for the firm, each segment and each department")
    table(layout.SUMMARY, frames.SUMMARY_COLUMNS, summary, "one row per metric and structure")
    if len(failures):
        table(layout.FAILURES, frames.FAILURE_COLUMNS, failures, "one row per failed run")

    scenario = contents.scenario_toml.encode()
    answer = (to_json(contents.answer) + "\n").encode()
    tables.insert(0, (layout.ANSWER[contents.request["verb"]], answer, (), None,
                      "means, intervals, paired differences and the verdict, as --json prints"))
    tables.insert(0, (layout.SCENARIO, scenario, (), None, "the resolved scenario"))
    for name, content, _, _, _ in tables:
        put(folder / name, content)
    put(folder / layout.TIMINGS, _timings(runs, contents).encode())
    files = {
        name: manifest.file_entry(content, columns, rows, about)
        for name, content, columns, rows, about in tables
    }
    entries = _manifest(contents, world, runs, files)
    put(folder / layout.MANIFEST, (to_json(entries) + "\n").encode())
    return folder


def parquet_bytes(frame: pd.DataFrame, columns: Sequence[Column]) -> bytes:
    """The table as Parquet: units in the fields' metadata, nothing pickled, no dates."""
    fields, arrays = [], []
    for column in columns:
        values = frame[column.name]
        kind = _kind(values)
        array = pa.array(values.tolist(), type=kind, from_pandas=True)
        arrays.append(array)
        fields.append(pa.field(column.name, kind, metadata={
            "unit": column.unit, "meaning": column.meaning}))
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def rows_of(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows of a frame with plain Python values, None where there is nothing."""
    columns = [
        [None if isinstance(v, float) and v != v else v for v in frame[name].tolist()]
        for name in frame.columns
    ]
    return list(zip(*columns, strict=True))


def _kind(values: pd.Series[Any]) -> Any:
    """Arrow type of a column: text, truth, whole or real numbers."""
    if pd.api.types.is_bool_dtype(values):
        return pa.bool_()
    if pd.api.types.is_integer_dtype(values):
        return pa.int64()
    if pd.api.types.is_float_dtype(values):
        return pa.float64()
    return pa.string()


def _timings(runs: pd.DataFrame, contents: Contents) -> str:
    """Wall seconds of each run; empty where they were not taken."""
    seconds: Sequence[float | None] = contents.run_seconds or [None] * len(runs)
    return csv_text(("run_id", "seconds"), zip(runs["run_id"], seconds, strict=False))


def _manifest(
    contents: Contents, world: str, runs: pd.DataFrame, files: dict[str, Any]
) -> dict[str, Any]:
    """The manifest's entries in their order."""
    replications = sorted({int(r) for r in runs["replication"]})
    return {
        "format": manifest.FORMAT,
        "scenario": contents.scenario_name,
        "world": world,
        "request": contents.request,
        "finished": contents.finished,
        "changes": list(contents.changes),
        "notes": list(contents.notes),
        "seeds": {
            "root": contents.seed,
            "replications": replications,
            "rule": "every draw is a function of root seed, replication, entity, purpose and count",
        },
        "runs": {"all": len(runs), "failed": int((runs["status"] == "failed").sum())},
        "versions": manifest.versions(),
        "files": files,
        "timing": manifest.timing(contents.started, contents.seconds, contents.source),
    }
