"""How far a sweep has come, seen from outside while it runs or after it ended.

Owns: counting what is stored, and the time that is left. Never does: write into the folder.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.sweep import folder as place_of
from sim.sweep.stored import Index, Reader


@dataclass(frozen=True)
class Status:
    """Where a sweep stands."""

    folder: Path
    name: str
    planned: int
    """Runs in all; with precision, what is certain so far."""
    ok: int
    infeasible: int
    failed: int
    writer: str | None
    """Who writes it at this moment."""
    seconds_left: float | None
    """At the present pace; None while nobody writes, or too little is done to tell."""
    finished: bool
    """All tables are there."""
    failures: tuple[tuple[str, str, str], ...] = ()
    """Some failed runs: id, stage, message."""

    @property
    def done(self) -> int:
        """Runs stored."""
        return self.ok + self.infeasible + self.failed

    @property
    def left(self) -> int:
        """Runs still to be done."""
        return max(0, self.planned - self.done)

    def to_json(self) -> dict[str, Any]:
        """As JSON (schema: `orgsim schema --of sweep-status`)."""
        return {
            "folder": str(self.folder), "name": self.name, "planned": self.planned,
            "done": self.done, "ok": self.ok, "infeasible": self.infeasible,
            "failed": self.failed, "left": self.left, "writer": self.writer,
            "seconds_left": self.seconds_left, "finished": self.finished,
            "failures": [{"run_id": id, "stage": stage, "message": message}
                         for id, stage, message in self.failures],
        }


def status(folder: Path, *, most_failures: int = 10) -> Status:
    """Look at a sweep's folder.

    Raises:
        InputError: It is no sweep's folder.
    """
    design = place_of.design_of(folder)
    index = Index(folder, design)
    writer = place_of.writer(folder)
    planned = design.least_runs
    if design.rule is not None:
        planned = max(planned, index.stored)
    ok, infeasible, failed = (index.count(s) for s in ("ok", "infeasible", "failed"))
    left = None
    if writer is not None:
        session = _session(folder)
        new = index.stored - session.get("stored", index.stored)
        if new > 0:
            left = (time.time() - session["started"]) / new * max(
                0, session.get("planned", planned) - index.stored)
    return Status(folder, design.plan.name, planned, ok, infeasible, failed, writer, left,
                  writer is None and (folder / place_of.MANIFEST).exists(),
                  _failures(index, most_failures))


def _failures(index: Index, most: int) -> tuple[tuple[str, str, str], ...]:
    bad = index.places()
    bad = bad[index.status[bad] == 2][:most]
    if not len(bad):
        return ()
    from sim.store.parts import column

    rows = Reader(index, ("run_id", "stage", "message")).rows(bad)
    return tuple(zip(*(column(rows, name) for name in ("run_id", "stage", "message")),
                     strict=True))


def _session(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / place_of.SESSION).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
