"""Changes to a scenario before it is validated: overlays and single keys, in order, logged.

Owns: how changes are found, merged and remembered. Never does: validate the result (`loading`).
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from sim.errors import Fault
from sim.scenario.catalogue import Path, dotted, find, shown
from sim.scenario.faults import look_up, touches
from sim.scenario.reading import MAX_BYTES, InputFault, parse, read_file
from sim.scenario.spelling import meant

EXTENDS = "extends"
SET = "--set"
OVERLAY = "overlay "
_SCALARS = (str, float, int, bool)


@dataclass(frozen=True)
class Change:
    """One key that an overlay or a setting changed."""

    key: str
    old: Any
    """Value before; None if there was none."""
    new: Any
    by: str
    """"overlay NAME", an overlay file, or "--set"."""

    def __str__(self) -> str:
        old = "(none)" if self.old is None else shown(self.old)
        return f"{self.key}: {old} -> {shown(self.new)} ({self.by})"


@dataclass
class Draft:
    """A scenario being changed: its raw tables, the log, and who touched which place."""

    raw: dict[str, Any]
    where: str
    """The file, or what stands for it in messages."""
    folder: FilePath | None
    """Folder of the scenario file; overlay files named inside it must lie there."""
    overlays: dict[str, dict[str, Any]] = field(default_factory=dict)
    max_bytes: int | None = MAX_BYTES
    changes: list[Change] = field(default_factory=list)
    touched: list[tuple[Path, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def copy(self) -> Draft:
        """An independent draft of the same scenario."""
        return Draft(copy.deepcopy(self.raw), self.where, self.folder, self.overlays,
                     self.max_bytes)

    def blame(self, path: Path) -> tuple[str, str]:
        """File and dotted key of whoever wrote what stands at a place."""
        by = [by for place, by in self.touched if touches(place, path)]
        return self._place(by[-1] if by else self.where, dotted(path).replace("*", "NAME"))

    def _place(self, by: str, key: str) -> tuple[str, str]:
        """An overlay written inside the file is told as a part of that file."""
        if by.startswith(OVERLAY):
            return self.where, f"overlays.{dotted((by.removeprefix(OVERLAY),))}.{key}"
        return by, key

    def _fault(self, by: str, key: str, message: str, hint: str = "") -> None:
        fault = Fault(*self._place(by, key), message, hint)
        if fault not in self.faults:
            self.faults.append(fault)

    def apply(self, names: Sequence[str]) -> None:
        """Apply overlays given by name or file, in order."""
        for name in names:
            self._apply(str(name), self.where, None, ())

    def _apply(self, name: str, where: str, folder: FilePath | None,
               above: tuple[str, ...]) -> None:
        """Apply one overlay and those it extends; `folder` is None for what a user typed."""
        found = self._find(name, where, folder, typed=not above)
        if found is None:
            return
        identity, by, patch, inside = found
        if identity in above:
            ring = " -> ".join([*above[above.index(identity):], identity])
            self._fault(where, EXTENDS, f"overlays extend each other in a cycle: {ring}",
                        "take one of them out")
            return
        patch = dict(patch)
        parents = patch.pop(EXTENDS, [])
        if not isinstance(parents, list) or not all(isinstance(p, str) for p in parents):
            self._fault(by, EXTENDS, 'must be a list of overlays such as ["a", "b.toml"], '
                        f"not {shown(parents)}")
            parents = []
        for parent in parents:
            self._apply(parent, by, inside, (*above, identity))
        if "overlays" in patch:
            self._fault(by, "overlays", "an overlay cannot define overlays")
            del patch["overlays"]
        self.merge(patch, by)

    def _find(self, name: str, where: str, folder: FilePath | None,
              typed: bool) -> tuple[str, str, Mapping[str, Any], FilePath | None] | None:
        """Identity, name in messages, content and folder of an overlay; None after a fault."""
        if name in self.overlays:
            return name, OVERLAY + name, self.overlays[name], self.folder
        path, key = FilePath(name), "--overlay" if typed else EXTENDS
        try:
            is_file = name.endswith(".toml") or (typed and path.is_file())
            if not is_file:
                there = f"; there are: {', '.join(self.overlays)}" if self.overlays else ""
                self._fault(where, key, f"{shown(name)} is no overlay of this scenario and no "
                            f".toml file{there}", meant(name, self.overlays))
                return None
            if not typed:
                path = self._inside(name, folder)
            patch = read_file(path, str(path), self.max_bytes)
            return str(path.resolve()), str(path), patch, path.parent
        except InputFault as error:
            fault = error.fault
            self._fault(fault.where or where, fault.key or ("" if fault.where else key),
                        fault.message, fault.hint)
        except (OSError, ValueError) as error:
            self._fault(where, key, f"{shown(name)} cannot be read ({error})")
        return None

    @staticmethod
    def _inside(name: str, folder: FilePath | None) -> FilePath:
        """A file named inside a file: it must lie in that file's folder."""
        if folder is None:
            raise InputFault("", "", f"{shown(name)} cannot be found: only a scenario file can "
                             "name overlay files")
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InputFault("", "", f"{shown(name)} lies outside the scenario's folder",
                             "overlay files named inside a file must lie beside it")
        return path

    def set(self, settings: Mapping[str, Any] | Sequence[str]) -> None:
        """Apply single keys: `KEY=VALUE` texts, or a mapping of dotted keys to values."""
        pairs = settings.items() if isinstance(settings, Mapping) else map(self._split, settings)
        for key, value in pairs:
            path = () if key is None else self.path_of(str(key))
            if not path:
                continue
            if path[0] == "overlays":
                self._fault(SET, "overlays", "overlays cannot be changed here")
            elif not self._creates(path):
                patch: Any = plain(value)
                for part in reversed(path):
                    patch = {part: patch}
                self.merge(patch, SET)

    def _split(self, setting: str) -> tuple[str | None, Any]:
        key, equals, text = str(setting).partition("=")
        if not equals:
            self._fault(SET, shown(key), "is no KEY=VALUE", "such as --set staff.heads=30")
            return None, None
        return key.strip(), parse_value(text.strip())

    def path_of(self, key: str) -> tuple[str, ...]:
        """A dotted key as a path, parts with dots in quotes; empty after a fault."""
        try:
            table: Any = parse(f"{key} = 0" if "\n" not in key else "")
        except ValueError:
            table = {}
        path: list[str] = []
        while isinstance(table, dict) and len(table) == 1:
            part, table = next(iter(table.items()))
            path.append(part)
        if not path or table != 0:
            self._fault(SET, shown(key), "is no dotted key",
                        'such as staff.heads, or segments."two words".share')
            return ()
        return tuple(path)

    def _creates(self, path: tuple[str, ...]) -> bool:
        """A setting that would silently add a misspelt segment, product, function... is a fault."""
        if len(path) < 2 or path[0] not in ("segments", "products", "regions", "functions",
                                            "case_types"):
            return False
        key = find((path[0],))
        known = self.raw.get(path[0], key.default if key else {})
        if not isinstance(known, Mapping) or path[1] in known:
            return False
        self._fault(SET, dotted(path), f"there is no {shown(path[1])} among the {path[0]}: "
                    f"{', '.join(known)}", meant(path[1], list(known)))
        return True

    def merge(self, patch: Mapping[str, Any], by: str) -> None:
        """Merge tables into the draft, deep, logging each value that changes."""
        self._merge(self.raw, patch, (), by)

    def _merge(self, into: dict[str, Any], patch: Mapping[str, Any], above: tuple[str, ...],
               by: str) -> None:
        for name, value in patch.items():
            path = (*above, name)
            if not isinstance(value, Mapping):
                self._put(into, path, value, by)
                continue
            if not isinstance(into.get(name), dict):
                into[name] = self._default_entries(path, value)
                if not value:
                    self.touched.append((path, by))
            self._merge(into[name], value, path, by)

    @staticmethod
    def _default_entries(path: Path, patch: Mapping[str, Any]) -> dict[str, Any]:
        """Entries that exist by default (the one segment, product...), if these are changed."""
        key = find(path)
        default = key.default if key is not None and key.kind == "names" and key.default else {}
        if patch and set(patch) <= set(default):
            return {name: entry.model_dump(exclude_unset=True) for name, entry in default.items()}
        return {}

    def _put(self, into: dict[str, Any], path: tuple[str, ...], value: Any, by: str) -> None:
        old = look_up(self.raw, path)
        if old is None and (key := find(path)) is not None:
            old = key.default
        into[path[-1]] = copy.deepcopy(value)
        self.touched.append((path, by))
        if old != value or isinstance(old, bool) != isinstance(value, bool):
            self.changes.append(Change(dotted(path), old, value, by))


def parse_value(text: str) -> Any:
    """A value as in TOML; what is no TOML is a text: `26 weeks` is "26 weeks"."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if list(parsed) == ["value"] else text


def plain(value: Any, depth: int = 0) -> Any:
    """A Python value as TOML would hold it: lists, tables, plain numbers."""
    if depth > 64 or type(value) in _SCALARS:
        return value
    if isinstance(value, Mapping):
        return {k: plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v, depth + 1) for v in value]
    return value.tolist() if type(value).__module__ == "numpy" else value
