"""The runs table of a finished sweep, a few bytes a run.

Owns: reading it piece by piece: which point, structure and replication each row is, how it ended,
one measure as an array, some rows whole. Never does: judge, choose measures, hold the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.records import Floats
from sim.store import parts
from sim.sweep.finished import Cell

STATUS = ("ok", "unstable", "failed", "infeasible")
"""How a run ended; from the third on it has no numbers."""
Why = tuple[str, str, str]
"""Status, structure and message."""


@dataclass(frozen=True)
class Runs:
    """Rows of a sweep in the order of its plan.

    Attributes:
        values: By point, of the factors; durations in hours.
        point: [runs] place in `values`.
        place: [runs] place of the structure among those asked for, -1 for another one.
        replication: [runs] number, from 0.
        status: [runs] place in `STATUS`.
        reasons: Runs without numbers, in the order they come.
        replications: Of the run that has most of them.
        structures: How many are asked for.
    """

    path: Path
    values: list[tuple[Cell, ...]]
    point: NDArray[np.int32]
    place: NDArray[np.int16]
    replication: NDArray[np.int32]
    status: NDArray[np.int8]
    reasons: Counter[Why]
    replications: int
    structures: int

    def block(self, metric: str) -> Floats:
        """[points, structures, replications] a measure, NaN where there is no number."""
        block = np.full((len(self.values), self.structures, self.replications), np.nan)
        start = 0
        for piece in parts.pieces(self.path, (metric,)):
            rows = slice(start, start + piece.num_rows)
            mine = self.place[rows] >= 0
            block[self.point[rows][mine], self.place[rows][mine], self.replication[rows][mine]] = (
                parts.numbers(piece, metric)[mine])
            start = rows.stop
        return block

    def rows(self, few: NDArray[np.int64], columns: Sequence[str]) -> list[dict[str, Any]]:
        """Some columns of some rows, given by their places in ascending order."""
        told: list[dict[str, Any]] = []
        start = 0
        for piece in parts.pieces(self.path, columns):
            stop = start + piece.num_rows
            here = few[(few >= start) & (few < stop)] - start
            if len(here):
                told += parts.picked([piece], here).to_pylist()
            start = stop
        return told


def read(path: Path, structures: Sequence[str], factors: Sequence[str]) -> Runs:
    """All rows of a runs table, without their measures.

    Args:
        path: The table.
        structures: Names of those asked for.
        factors: Columns of the factors.

    Raises:
        InputError: It is no Parquet file, or lacks a column.
    """
    points: dict[str, int] = {}
    values: list[tuple[Cell, ...]] = []
    reasons: Counter[Why] = Counter()
    found: list[tuple[NDArray[Any], ...]] = []
    for piece in parts.pieces(path, tuple(dict.fromkeys((
            "world", "structure", "replication", "status", "unstable", "message", *factors)))):
        point = _points(piece, factors, points, values)
        listed, structure = parts.coded(piece, "structure")
        place = np.array([structures.index(s) if s in structures else -1 for s in listed],
                         dtype=np.int16)[structure]
        status = _status(piece)
        bad = parts.picked([piece], np.flatnonzero((status >= STATUS.index("failed"))
                                                   & (place >= 0)))
        reasons.update((state, name, message or "no message") for state, name, message in zip(
            *(parts.column(bad, c) for c in ("status", "structure", "message")), strict=True))
        found.append((point, place, parts.numbers(piece, "replication").astype(np.int32), status))
    if not found:
        found = [(np.empty(0),) * 4]
    kinds = (np.int32, np.int16, np.int32, np.int8)
    point, place, replication, status = (
        np.concatenate(column).astype(kind, copy=False)
        for column, kind in zip(zip(*found, strict=True), kinds, strict=True))
    return Runs(path, values, point, place, replication, status, reasons,
                1 + int(replication.max(initial=-1)), len(structures))


def _points(piece: Any, factors: Sequence[str], points: dict[str, int],
            values: list[tuple[Cell, ...]]) -> NDArray[np.int32]:
    """The point of each row of a piece; points not seen before are added."""
    worlds, world = parts.coded(piece, "world")
    new = [k for k, name in enumerate(worlds) if name not in points]
    if new:
        heads = parts.picked([piece], np.unique(world, return_index=True)[1][new])
        cells = [parts.column(heads, name) for name in factors]
        values += zip(*cells, strict=True) if cells else [()] * len(new)
        points.update(zip((worlds[k] for k in new), range(len(points), len(values)), strict=True))
    places: NDArray[np.int32] = np.array([points[name] for name in worlds], dtype=np.int32)[world]
    return places


def _status(piece: Any) -> NDArray[np.int8]:
    """How each run of a piece ended; the backlog of an unstable one grew."""
    told, code = parts.coded(piece, "status")
    status = np.array([STATUS.index(s) for s in told], dtype=np.int8)[code]
    known, grew = parts.coded(piece, "unstable")
    unstable = np.array([*(bool(v) for v in known), False])[grew]  # -1, not said, is the last one
    return np.where((status == 0) & unstable, np.int8(1), status)
