"""Which kind of file somebody handed over: a scenario, a plan of a sweep, or a lesson.

Owns: telling them apart by the tables only one of them has, and the fault that says so.
Never does: read a file, or judge what is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sim.errors import Fault

FileKind = Literal["scenario", "plan", "lesson"]

NAMES: dict[FileKind, str] = {"scenario": "a scenario", "plan": "a plan of a sweep",
                              "lesson": "a lesson"}
READERS: dict[FileKind, str] = {"scenario": "orgsim check", "plan": "orgsim sweep check",
                                "lesson": "orgsim lesson"}


def kind_of(raw: Mapping[str, Any]) -> FileKind | None:
    """What the tables of a file make it; None if nothing is sure."""
    if isinstance(raw.get("functions"), Mapping):
        return "scenario"
    if isinstance(raw.get("scenario"), str):
        if "factors" in raw:
            return "plan"
        if "steps" in raw or "prediction" in raw:
            return "lesson"
    return None


def another_kind(raw: Mapping[str, Any], where: str, wanted: FileKind) -> Fault | None:
    """The one fault of a file that is of another kind than the one asked for."""
    found = kind_of(raw)
    if found is None or found == wanted:
        return None
    return Fault(where, "", f"is {NAMES[found]}, not {NAMES[wanted]}",
                 f"{READERS[found]} takes it")
