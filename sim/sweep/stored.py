"""What a folder holds of a design: which runs are stored, where, and how they ended.

Owns: the index of stored runs (a few bytes each), and reading their rows in the design's order.
Never does: write, or decide what is still to be done.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.store import parts
from sim.sweep.design import Design
from sim.sweep.folder import PARTS, part_files

STATUS = ("ok", "infeasible", "failed")
OPEN_ROWS = 512
"""Rows of parts kept in memory while a table is put together."""


class Index:
    """Where every stored run of a design lies.

    Attributes:
        part: [runs] which part holds the run, -1 for none.
        row: [runs] its row there.
        attempt: [runs] how often it had been tried before.
        status: [runs] position in `STATUS`.
        strange: Runs that are stored but not part of the design.
    """

    def __init__(self, folder: Path, design: Design) -> None:
        self.folder, self.design = folder, design
        self.files: list[Path] = []
        self.strange: list[str] = []
        n = design.runs
        self.part = np.full(n, -1, dtype=np.int32)
        self.row = np.zeros(n, dtype=np.int32)
        self.attempt = np.full(n, -1, dtype=np.int16)
        self.status = np.zeros(n, dtype=np.int8)
        for path in part_files(folder):
            self.add(path)

    def add(self, path: Path) -> None:
        """Take a part into the index; the last attempt of a run counts.

        Raises:
            InputError: The part is broken.
        """
        part = parts.read_part(path, ("run_id", "world", "structure", "replication", "attempt",
                                      "status"))
        design, number = self.design, len(self.files)
        self.files.append(path)
        ids = parts.column(part, "run_id")
        worlds = design.find_worlds(parts.column(part, "world"))
        known = {name: i for i, name in enumerate(design.structures)}
        attempts = parts.column(part, "attempt")
        statuses = parts.column(part, "status")
        keys = zip(ids, worlds.tolist(), parts.column(part, "structure"),
                   parts.column(part, "replication"), strict=True)
        for row, (id, world, name, replication) in enumerate(keys):
            structure = known.get(name, -1)
            if world < 0 or structure < 0 or replication >= design.replications:
                self.strange.append(id)
                continue
            place = design.place(world, structure, replication)
            if design.run_id(place) != id:
                self.strange.append(id)
            elif attempts[row] > self.attempt[place]:
                self.part[place], self.row[place] = number, row
                self.attempt[place] = attempts[row]
                self.status[place] = STATUS.index(statuses[row])

    @property
    def stored(self) -> int:
        """Runs there are."""
        return int((self.part >= 0).sum())

    def count(self, status: str) -> int:
        """Stored runs that ended so."""
        return int(((self.part >= 0) & (self.status == STATUS.index(status))).sum())

    def places(self) -> NDArray[np.int64]:
        """Places of all stored runs, in order."""
        return np.flatnonzero(self.part >= 0)


class Reader:
    """Rows of stored runs by place; a few parts at a time are in memory."""

    def __init__(self, index: Index, columns: Sequence[str] | None = None,
                 folder: str = PARTS) -> None:
        self._index = index
        self._columns = columns
        self._room = OPEN_ROWS * (1 if folder == PARTS else 64)
        self._folder = index.folder / folder
        self._open: OrderedDict[int, Any] = OrderedDict()

    def part(self, number: int) -> Any:
        """A part by its number."""
        found = self._open.get(number)
        if found is None:
            path = self._folder / self._index.files[number].name
            found = self._open[number] = parts.read_part(path, self._columns)
            while len(self._open) > 1 and sum(
                    part.num_rows for part in self._open.values()) > self._room:
                self._open.popitem(last=False)
        else:
            self._open.move_to_end(number)
        return found

    def rows(self, places: NDArray[np.int64]) -> Any:
        """A table of the runs at the given places, in that order."""
        numbers = self._index.part[places]
        order = np.zeros(len(places), dtype=np.int64)
        tables, offset = [], 0
        for number in np.unique(numbers).tolist():
            here = np.flatnonzero(numbers == number)
            rows = self._index.row[places[here]].astype(np.int64)
            tables.append(parts.picked([self.part(number)], rows))
            order[here] = offset + np.arange(len(here))
            offset += len(here)
        return parts.picked(tables, order)

    def groups(self, size: int = parts.GROUP) -> Iterator[tuple[NDArray[np.int64], Any]]:
        """All stored runs in order: places and table, so many at a time."""
        places = self._index.places()
        for start in range(0, len(places), size):
            few = places[start:start + size]
            yield few, self.rows(few)


def known(
    index: Index, reader: Reader, world: int, metrics: Sequence[str], *, failed: bool = True
) -> Mapping[str, Mapping[int, Mapping[str, float | None]]]:
    """Metrics of a world's stored runs by structure and replication.

    Args:
        reader: With the columns `metrics`.
        failed: Count failed runs as known (without numbers).
    """
    design = index.design
    found: dict[str, dict[int, dict[str, float | None]]] = {}
    first = design.place(world, 0, 0)
    last = design.place(world + 1, 0, 0)
    here = first + np.flatnonzero(index.part[first:last] >= 0)
    if len(here):
        rows = reader.rows(here)
        columns = {id: parts.column(rows, id) for id in metrics}
    for name in design.structures:
        found[name] = {}
    for i, place in enumerate(here.tolist()):
        _, structure, replication = design.run_at(place)
        status = STATUS[index.status[place]]
        if status == "failed" and not failed:
            continue
        found[design.structures[structure]][replication] = (
            {id: values[i] for id, values in columns.items()} if status == "ok" else {})
    return found
