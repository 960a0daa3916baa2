"""Runs of a question that outlive it: a folder in which a laboratory finds what was run before.

Owns: the names of a laboratory's runs, and their rows on disk. Never does: decide what is run.

Runs are named as those of a sweep are (`worlds`), so a question that is asked in the folder of a
sweep finds the sweep's runs too, if they kept all metrics. New rows go to a folder of their own
inside it, `asked/`: nothing of the sweep is touched, and several questions may write at once.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, OutputFailed
from sim.metrics.registry import METRICS
from sim.scenario.loading import tables
from sim.store import parts
from sim.sweep.folder import ASKED, PARTS
from sim.sweep.tables import part_schema
from sim.sweep.worlds import Names, definition, lean, world_id

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Kept:
    """What is known of a run that was done before."""

    status: str
    """ok or infeasible; failed runs are tried again."""
    unstable: bool
    metrics: dict[str, float | None]
    seconds: float
    message: str


class Memory:
    """Rows of runs in a folder.

    Raises:
        OutputFailed: The folder cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            (folder / ASKED).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputFailed(f"cannot write to {folder}: {error.strerror or error}") from error
        self._where: dict[str, tuple[Path, int]] = {}
        self._last: tuple[Path, Any] | None = None
        for place in (PARTS, ASKED):
            for path in sorted((folder / place).glob("part-*.parquet")):
                self._index(path)

    def __len__(self) -> int:
        return len(self._where)

    def find(self, id: str) -> Kept | None:
        """A run by its name; None if it is to be run."""
        if id not in self._where:
            return None
        path, row = self._where[id]
        if self._last is None or self._last[0] != path:
            self._last = (path, parts.read_part(path))
        here = self._last[1].slice(row, 1).to_pylist()[0]
        return Kept(here["status"], bool(here["unstable"]), {m: here[m] for m in METRICS},
                    here["seconds"] or 0.0, here["message"] or "")

    def keep(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows, whole or not at all: columns of a part, metrics by their ids.

        Raises:
            OutputFailed: They cannot be written.
        """
        if not rows:
            return
        told = "|".join(str(row["run_id"]) for row in rows)
        path = self.folder / ASKED / (
            f"part-{hashlib.sha256(told.encode()).hexdigest()[:20]}.parquet")
        shape, host = part_schema(tuple(METRICS)), platform.node()
        fixed = {"host": host, "attempt": 0, "series_rows": 0}
        parts.write_part(path, parts.table(
            {f.name: [fixed.get(f.name, row.get(f.name)) for row in rows] for f in shape}, shape))
        self._where |= {row["run_id"]: (path, i) for i, row in enumerate(rows)}

    def _index(self, path: Path) -> None:
        try:
            part = parts.read_part(path, ("run_id", "status", *METRICS))
        except InputError:  # kept with fewer metrics: of no use here
            return
        ids = zip(parts.column(part, "run_id"), parts.column(part, "status"), strict=True)
        self._where |= {id: (path, i) for i, (id, status) in enumerate(ids)
                        if status != "failed"}


class Naming:
    """Names of the runs of one scenario with one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._worlds: dict[Any, tuple[str, dict[str, Any]]] = {}
        self._names: dict[tuple[str, str, int | None], Names] = {}

    def world(self, settings: Any, scenario: Scenario) -> str:
        """Name of a world, kept under the settings that make it."""
        if settings not in self._worlds:
            made = tables(scenario)
            self._worlds[settings] = world_id(lean(made)), made
        return self._worlds[settings][0]

    def knows(self, settings: Any) -> bool:
        """The world was named before."""
        return settings in self._worlds

    def run_id(self, settings: Any, structure: str, heads: int | None, replication: int) -> str:
        """Name of a run in a world that was named before."""
        world, made = self._worlds[settings]
        defined = definition(made, structure)
        key = (structure, defined, heads)
        if key not in self._names:
            told = defined if heads is None else f"{defined}|{heads} heads"
            self._names[key] = Names(structure, told, self._seed)
        return self._names[key].run_id(world, replication)
