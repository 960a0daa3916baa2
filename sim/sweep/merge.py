"""Several folders of one sweep made into one.

Owns: that they are of the same sweep, and the copying of parts. Never does: run anything, or
change the folders it reads.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sim.errors import Fault, InputError, OutputFailed
from sim.store.files import move_into_place, temporary_name
from sim.sweep import folder as place_of
from sim.sweep.collect import collect
from sim.sweep.run import Outcome
from sim.sweep.stored import Index


def merge(folders: Sequence[Path], out: Path, *, csv: bool = False) -> Outcome:
    """Merge folders of one sweep, complete or not, into `out`; what is there stays.

    Args:
        folders: Folders of shards.
        out: A new folder, or one of the same sweep.
        csv: Write runs.csv too.

    Raises:
        InputError: They are not of the same sweep; the keys that differ are named.
        OutputExists, OutputFailed: `out` is being written, or cannot be.
    """
    started, begun = datetime.now(UTC), time.perf_counter()
    if not folders:
        raise InputError(Fault("DIR", "", "at least one folder is needed"))
    design = place_of.design_of(folders[0])
    targets = [*folders[1:], *([out] if (out / place_of.RECORD).exists() else [])]
    for other in targets:
        changes = place_of.differing(place_of.record_of(other)["design"], design)
        if changes:
            raise place_of.refusal(other, changes, f"is not the sweep of {folders[0]}")
    with place_of.opened(out, design):
        if not (out / place_of.RECORD).exists():
            place_of.record(out, design)
        (out / place_of.MANIFEST).unlink(missing_ok=True)
        before = Index(out, design).stored
        for source in folders:
            if source.resolve() != out.resolve():
                for name in (place_of.SERIES_PARTS, place_of.PARTS):
                    for path in sorted((source / name).glob("part-*.parquet")):
                        _copied(path, out / name / path.name)
        index = Index(out, design)
        if index.strange:
            raise place_of.refusal(out, [], f"{len(index.strange)} stored runs are not of this "
                                   "sweep")
        collect(index, started=started, seconds=time.perf_counter() - begun, csv=csv)
        planned = max(design.least_runs, index.stored) if design.rule else design.runs
        return Outcome(out, planned, index.stored, index.count("failed"),
                       index.count("infeasible"), index.stored - before,
                       time.perf_counter() - begun)


def _copied(source: Path, target: Path) -> None:
    """A part under the same name: a second name of the same file where that can be had."""
    if target.exists():
        return
    temporary = temporary_name(target)
    try:
        temporary.unlink(missing_ok=True)
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)
        move_into_place(temporary, target)
    except OSError as error:
        raise OutputFailed(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
