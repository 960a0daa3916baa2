"""The tables of a sweep, put together from its parts.

Owns: runs.parquet, series.parquet, timings.parquet, failures.csv, manifest.json: their order and
their bytes. Never does: run anything, or touch the parts.

Rows stand in the order of the plan (point, structure, replication) in groups of equal size, and
hold nothing that depends on when, where or in which part a run was done. So the bytes depend on
the plan alone. Memory depends on the size of a group, not on the number of runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from sim.store import manifest, parts
from sim.store.files import csv_text, put_json, put_pieces
from sim.sweep import folder as place_of
from sim.sweep.design import Design
from sim.sweep.stored import Index, Reader
from sim.sweep.tables import KEYS, SERIES_COLUMNS, TIME_COLUMNS, run_columns

FAILURE_COLUMNS = ("run_id", "world", "structure", "replication", "status", "stage", "type",
                   "message")


def collect(index: Index, *, started: datetime, seconds: float, csv: bool = False) -> None:
    """Write all tables of a folder anew.

    Args:
        index: What is stored.
        started: When the work that led here began.
        seconds: How long it took.
        csv: Write runs.csv too.

    Raises:
        OutputFailed: A table cannot be written; the one that was there is untouched.
    """
    folder, design = index.folder, index.design
    columns = run_columns(design.factor_columns, design.metrics)
    shape, times = parts.schema(columns), parts.schema(TIME_COLUMNS)
    searched = [c.name for c, _ in (*KEYS, *design.factor_columns)]
    with (parts.Stream(folder / place_of.RUNS, shape, searched) as runs,
          parts.Stream(folder / place_of.TIMINGS, times) as timings):
        for places, rows in Reader(index).groups():
            runs.write(parts.with_columns(rows, shape, _factors(design, places)))
            timings.write(parts.with_columns(rows, times, {}))
    if csv:
        put_pieces(folder / place_of.RUNS_CSV, _lines(folder, [c.name for c, _ in columns]))
    if design.plan.series:
        _series(index)
    if index.count("failed") or index.count("infeasible"):
        put_pieces(folder / place_of.FAILURES, _lines(folder, FAILURE_COLUMNS, bad=True))
    else:
        (folder / place_of.FAILURES).unlink(missing_ok=True)
    _write_manifest(index, columns, started, seconds)


def _factors(design: Design, places: Any) -> dict[str, list[Any]]:
    """Values of the factors of some runs, by column."""
    worlds = places // (len(design.structures) * design.replications)
    some, which = np.unique(worlds, return_inverse=True)
    values = [design.values(int(w)) for w in some]
    return {
        column.name: [design.cell(values[w][i], kind) for w in which]
        for i, (column, kind) in enumerate(design.factor_columns)
    }


def _lines(folder: Path, names: Sequence[str], *, bad: bool = False) -> Iterator[bytes]:
    """Columns of the runs table as CSV, piece by piece; `bad`: of runs that are not ok alone."""
    yield csv_text(names, []).encode("utf-8", "replace")
    for table in parts.pieces(folder / place_of.RUNS, names):
        rows = zip(*(parts.column(table, name) for name in names), strict=True)
        status = parts.column(table, "status")
        kept = [row for row, how in zip(rows, status, strict=True) if not bad or how != "ok"]
        yield csv_text(names, kept).partition("\n")[2].encode("utf-8", "replace")


def _series(index: Index) -> None:
    """series.parquet: the periods of all runs, in the order of the runs."""
    reader = Reader(index, folder=place_of.SERIES_PARTS)
    lengths = Reader(index, ("series_rows",))
    starts: dict[int, Any] = {}
    with parts.Stream(index.folder / place_of.SERIES, parts.schema(SERIES_COLUMNS)) as stream:
        held: list[Any] = []
        rows = 0
        for place in index.places().tolist():
            number, row = int(index.part[place]), int(index.row[place])
            if number not in starts:
                sizes = parts.numbers(lengths.part(number), "series_rows")
                starts[number] = np.concatenate([[0], np.cumsum(sizes)])
            first, last = starts[number][row:row + 2]
            if last == first:
                continue
            held.append(reader.part(number).slice(int(first), int(last - first)))
            rows += int(last - first)
            while rows >= parts.GROUP:
                whole = parts.joined(held)
                stream.write(whole.slice(0, parts.GROUP))
                held, rows = [whole.slice(parts.GROUP)], rows - parts.GROUP
        if rows:
            stream.write(parts.joined(held))


def _write_manifest(index: Index, columns: Any, started: datetime, seconds: float) -> None:
    """What is in the folder, in words and units; what depends on host and time stands apart."""
    folder, design = index.folder, index.design
    told = {
        place_of.RUNS: ("one row per run", columns),
        place_of.SERIES: (("one row per period of a run, for the firm, each segment and each "
                           "department"), SERIES_COLUMNS),
    }
    files = {
        name: {
            "about": about,
            "bytes": (folder / name).stat().st_size,
            "sha256": _digest(folder / name),
            "columns": [{"name": c.name, "unit": c.unit, "meaning": c.meaning} for c, _ in kinds],
        }
        for name, (about, kinds) in told.items() if (folder / name).exists()
    }
    put_json(folder / place_of.MANIFEST, {
        "format": place_of.FORMAT,
        "sweep": design.plan.name,
        "scenario": design.base.name,
        "worlds": design.worlds,
        "structures": list(design.structures),
        "runs": {"all": index.stored, "failed": index.count("failed"),
                 "infeasible": index.count("infeasible")},
        "seeds": {
            "root": design.seed,
            "rule": "every draw is a function of root seed, replication, entity, purpose and count",
        },
        "versions": manifest.versions(),
        "files": files,
        "timing": manifest.timing(started, seconds, design.loaded.where),
    })


def _digest(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
