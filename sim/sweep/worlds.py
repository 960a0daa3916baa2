"""Which world is which: a scenario with a point applied, and names for worlds and runs.

Owns: how a point changes the tables of a scenario, and the digests by which runs are found again.
Never does: choose points, or run anything.

A world is named by all that its runs can see, and by nothing else: the same keys with the same
values give the same name, whoever set them. Adding a level, a factor at its default, a structure
or a replication renames nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sim.scenario.catalogue import find
from sim.scenario.plan_loading import key_path
from sim.scenario.schema import MODEL_VERSION
from sim.scenario.units import parse_duration

UNSEEN = ("name", "summary", "schema_version", "seed", "compare", "objective", "structures",
          "overlays")
"""Tables no run depends on, but for the seed and the structure, which stand in the run's name."""
ORDERED = ("segments", "products", "regions", "functions", "case_types")
"""Tables whose order is part of the world."""
WORLD_DIGITS, RUN_DIGITS = 16, 20

Tables = Mapping[str, Any]
Change = tuple[tuple[str, ...], Any]
"""A place and its value, as a resolved scenario would hold it."""


def change(key: str, value: Any) -> Change:
    """A key and a value in the one form that resolved scenarios have."""
    path = tuple(str(part) for part in key_path(key))
    known = find(path)
    kind = "" if known is None else known.kind
    if kind == "duration":
        value = f"{parse_duration(value)!r} h"
    elif kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    return path, list(value) if isinstance(value, tuple) else value


def changed(tables: Tables, changes: tuple[Change, ...]) -> dict[str, Any]:
    """Tables with values replaced; what is not touched is shared with the original."""
    result = dict(tables)
    for path, value in changes:
        place = result
        for part in path[:-1]:
            inner = place.get(part)
            place[part] = dict(inner) if isinstance(inner, Mapping) else {}
            place = place[part]
        place[path[-1]] = value
    return result


def lean(tables: Tables, above: tuple[str, ...] = ()) -> dict[str, Any]:
    """Tables without what no run sees, and without keys that have their default."""
    found: dict[str, Any] = {}
    for name, value in tables.items():
        path = (*above, str(name))
        if path[0] in UNSEEN:
            continue
        if isinstance(value, Mapping):
            inner = lean(value, path)
            if inner or len(path) > 1:  # a named entry is there even if it says nothing
                found[name] = inner
        elif not is_default(path, value):
            found[name] = value
    return found


def is_default(path: tuple[str, ...], value: Any) -> bool:
    """The key would have this value if nobody wrote it."""
    key = find(path)
    if key is None or key.required or key.default is None:
        return False
    default = key.default
    if key.kind == "duration":
        default = f"{(parse_duration(default) if isinstance(default, str) else default)!r} h"
    if isinstance(default, tuple):
        default = list(default)
    return bool(type(value) is type(default) and value == default)


def world_id(slim: Tables, changes: tuple[Change, ...] = ()) -> str:
    """Sixteen hexadecimal digits that stand for a world.

    Args:
        slim: The scenario's tables, `lean`.
        changes: What the point changes in them.
    """
    here = changed(slim, changes)
    for path, value in changes:
        if is_default(path, value):
            place: Any = here
            for part in path[:-1]:
                place = place[part]
            del place[path[-1]]
    order = [list(here[key]) for key in ORDERED if key in here]
    text = json.dumps([_full(here), order], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:WORLD_DIGITS]


def _full(tables: Tables) -> dict[str, Any]:
    """Without tables that are empty because everything in them is as by default."""
    return {key: value for key, value in tables.items() if value != {}}


def definition(tables: Tables, structure: str) -> str:
    """What a structure is, in this scenario: its own table, and of the one it changes to."""
    own = tables.get("structures", {})
    later = tables.get("reorganisation", {}).get("to", "")
    return json.dumps([own.get(structure), own.get(later) if later else None],
                      sort_keys=True, separators=(",", ":"), default=str)


class Names:
    """Names of the runs of one structure with one seed."""

    def __init__(self, structure: str, defined: str, seed: int) -> None:
        fixed = f"{MODEL_VERSION}|{seed}|{structure}|{defined}|"
        self._start = hashlib.sha256(fixed.encode())

    def run_id(self, world: str, replication: int) -> str:
        """Twenty hexadecimal digits that stand for a run."""
        digest = self._start.copy()
        digest.update(f"{world}|{replication}".encode())
        return digest.hexdigest()[:RUN_DIGITS]
