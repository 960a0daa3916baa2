"""A sweep's folder: one writer at a time, and only for the sweep it was made for.

Owns: what lies in the folder, the lock, the record of the plan and the refusal of another one,
what is left of writers that died. Never does: run anything, or build the tables.

    sweep/
      plan.json        the plan, its scenarios and points, model version: enough to do it all again
      scenario.toml    the base scenario, resolved
      parts/           one small table of finished runs per piece of work: what is stored
      series-parts/    the same of periods, if asked for
      asked/           runs of questions that were asked in this folder (`memory`)
      runs.parquet     made of the parts at the end: one row per run, the same bytes whatever
                       happened on the way
      series.parquet, failures.csv, timings.parquet, manifest.json
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from sim.errors import Fault, InputError, OutputExists, OutputFailed
from sim.scenario.catalogue import shown
from sim.scenario.export import to_toml
from sim.store.files import put_json, put_text
from sim.sweep.design import Design, restored
from sim.sweep.worlds import lean

RECORD, SCENARIO = "plan.json", "scenario.toml"
PARTS, SERIES_PARTS, ASKED = "parts", "series-parts", "asked"
RUNS, SERIES, TIMINGS = "runs.parquet", "series.parquet", "timings.parquet"
RUNS_CSV, FAILURES, MANIFEST = "runs.csv", "failures.csv", "manifest.json"
LOCK, SESSION = ".lock", ".session.json"
FORMAT = 1
_KNOWN = {RECORD, SCENARIO, PARTS, SERIES_PARTS, ASKED, RUNS, SERIES, TIMINGS, RUNS_CSV, FAILURES,
          MANIFEST, LOCK, SESSION}
_TOLD_ELSEWHERE = ("schema_version", "name", "summary", "scenario", "seed", "structures")
_TEMPORARY = re.compile(r"^\..*\.tmp$")


class Lock:
    """Held while a folder is written; the system lets go of it when its holder dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._handle: int | None = None

    def __enter__(self) -> Lock:
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutputFailed(
                f"cannot write to {self._path.parent}: {error.strerror or error}") from error
        if not _try_lock(self._handle):
            holder = _holder(self._path)
            os.close(self._handle)
            raise OutputExists(f"{self._path.parent} is being written by {holder}; wait for it, "
                               "stop it, or choose another --out")
        try:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, f"{platform.node()} {os.getpid()}\n".encode(), 0)
        except OSError as error:
            os.close(self._handle)
            raise OutputFailed(f"cannot write {self._path}: {error.strerror or error}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._handle is not None:
            with suppress(OSError):
                os.ftruncate(self._handle, 0)
            os.close(self._handle)


def _try_lock(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:  # pragma: no cover - a system without such locks
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder(path: Path) -> str:
    words = path.read_text(encoding="utf-8", errors="replace").split()
    return f"process {words[1]} on {words[0]}" if len(words) == 2 else "another process"


def writer(folder: Path) -> str | None:
    """Who writes a folder at this moment, None if nobody does."""
    path = folder / LOCK
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return None if _try_lock(handle) else _holder(path)
    finally:
        os.close(handle)


@contextmanager
def opened(folder: Path, design: Design) -> Iterator[list[str]]:
    """A folder that this process alone may write, made or taken up for a design.

    Yields:
        Remarks: what differs from when the folder was begun without mattering.

    Raises:
        OutputExists: Somebody writes it, or it holds something else.
        OutputFailed: It cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strange = sorted(p.name for p in folder.iterdir()
                         if p.name not in _KNOWN and not _TEMPORARY.match(p.name))
    except OSError as error:
        raise OutputFailed(f"cannot write to {folder}: {error.strerror or error}") from error
    if strange and not (folder / RECORD).exists():
        raise OutputExists(f"{folder} holds other things ({strange[0]}) and no sweep; choose "
                           "another --out")
    with Lock(folder):
        try:
            for name in (PARTS, *([SERIES_PARTS] if design.plan.series else [])):
                (folder / name).mkdir(exist_ok=True)
        except OSError as error:
            raise OutputFailed(f"cannot write to {folder}: {error.strerror or error}") from error
        _sweep_up(folder)
        yield []


def part_files(folder: Path) -> list[Path]:
    """All parts of a folder, in order of their names."""
    return sorted(p for p in (folder / PARTS).glob("part-*.parquet"))


def record_of(folder: Path) -> dict[str, Any]:
    """What was recorded of a folder's plan.

    Raises:
        InputError: It is no sweep's folder.
    """
    path = folder / RECORD
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputError(Fault(str(folder), "", f"is not a sweep's folder: it holds no {RECORD}",
                               "a folder written by `orgsim sweep run` is expected")) from None
    except (OSError, ValueError) as error:
        raise InputError(Fault(str(path), "", f"cannot be read ({error})")) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        told = found.get("format") if isinstance(found, dict) else None
        raise InputError(Fault(str(path), "format", f"is {told!r}; this version reads {FORMAT}"))
    return found


def design_of(folder: Path) -> Design:
    """The design a folder was made for.

    Raises:
        InputError: It is no sweep's folder, or its record no longer makes sense.
    """
    record = record_of(folder)
    try:
        return restored(record["design"], str(folder))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(Fault(str(folder / RECORD), "", f"cannot be read ({error})")) from None


def record(folder: Path, design: Design) -> None:
    """Say in the folder what it is for.

    Raises:
        OutputFailed: It cannot be written.
    """
    put_text(folder / SCENARIO, to_toml(design.base))
    put_json(folder / RECORD, {"format": FORMAT, "design": design.record()})


def differing(then: Mapping[str, Any], design: Design) -> list[tuple[str, Any, Any]]:
    """Keys in which a recorded design differs from this one: key, then, now.

    Titles and the like do not count; the scenarios are compared key by key.
    """
    now = json.loads(json.dumps(design.record()))
    found = [("model version", then["model"], now["model"])]
    found += [(key, then[key], now[key]) for key in ("seed", "structures", "points")]
    flat_then, flat_now = _flat(then["plan"]), _flat(now["plan"])
    found += [(key, flat_then.get(key), flat_now.get(key))
              for key in dict.fromkeys([*flat_then, *flat_now])
              if key.split(".")[0] not in _TOLD_ELSEWHERE]
    bases_then = {tuple(b["overlays"]): b["scenario"] for b in then["bases"]}
    bases_now = {tuple(b["overlays"]): b["scenario"] for b in now["bases"]}
    for combination in bases_then.keys() & bases_now.keys():
        old, new = (_flat({**lean(tables[combination]),
                           "structures": tables[combination].get("structures", {})})
                    for tables in (bases_then, bases_now))
        found += [(f"scenario: {name}", old.get(name), new.get(name))
                  for name in dict.fromkeys([*old, *new])]
    return list({key: (key, old, new) for key, old, new in found if old != new}.values())


def refusal(folder: Path, changes: list[tuple[str, Any, Any]], why: str) -> InputError:
    """The error that names every changed key."""
    hint = "choose another --out, or change it back"
    faults = [Fault(str(folder), key, f"was {_said(old)}, now {_said(new)}: {why}", hint)
              for key, old, new in changes]
    return InputError(faults or [Fault(str(folder), "", why, hint)])


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)[:80]
    return shown(value)


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping) and value:
            found |= _flat(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def _sweep_up(folder: Path) -> None:
    """Remove temporary files of writers that are no more: those of this machine that died."""
    for place in (folder, folder / PARTS, folder / SERIES_PARTS):
        if not place.is_dir():
            continue
        for path in place.glob(".*.tmp"):
            host, _, pid = path.name.removesuffix(".tmp").rpartition(".")
            if host.endswith(f".{platform.node()}") and pid.isdigit() and not _alive(int(pid)):
                with suppress(OSError):
                    path.unlink()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
