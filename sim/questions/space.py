"""The designs a firm could have: what is varied, one value of each, and how a design is written.

Owns: the axes of a design space, which designs are the same firm, a design's settings, its words
and its overlay for the scenario file. Never does: read `--vary` (`vary.py`), run anything, or judge
a design.

Beside the keys that divide, a function may be one of those that the same people do together: the
key `all`, and one role over all such functions. Alone among them a function is as if it had a
department of its own.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.errors import InfeasibleStructure
from sim.questions.keys import path_of
from sim.scenario.catalogue import Path, dotted
from sim.scenario.export import overlay_toml
from sim.structures import identity, names, title
from sim.structures.grouping import REST, WHOLE, Rule

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

HEADS = "staff.heads"
GENERALISTS = "generalists"
"""In the place of a key: the functions that the same people do."""
Levels = tuple[int, ...]
"""A design: for each axis the place of its value."""


@dataclass(frozen=True)
class Axis:
    """One thing that is varied."""

    name: str
    """As the user calls it; for a function its name."""
    levels: tuple[Any, ...]
    """Values as settings take them."""
    key: str = ""
    """Dotted scenario key; empty for the structure and its functions."""
    ordered: bool = False
    """Neighbouring values are alike."""
    unit: str = "-"

    def shown(self, level: int) -> str:
        """One value for people."""
        value = self.levels[level]
        if isinstance(value, bool):
            return "true" if value else "false"
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return text if self.unit in ("-", "people", "duration") else f"{text} {self.unit}"


@dataclass(frozen=True)
class Design:
    """One firm of the space."""

    levels: Levels
    structure: str
    """Name in its world."""
    settings: tuple[tuple[str, Any], ...]
    """Scenario keys and values, sorted by key."""
    grouping: str
    """The structure in words."""
    rest: str
    """Everything else in words; empty if only the structure varies."""

    @property
    def words(self) -> str:
        """All of it in words."""
        return f"{self.grouping}; {self.rest}" if self.rest else self.grouping


@dataclass(frozen=True)
class Space:
    """All designs: every combination of the axes' values."""

    scenario: Scenario = field(repr=False)
    axes: tuple[Axis, ...]
    by_function: bool
    """The first axes are the functions; otherwise the first is the name of a structure."""

    @property
    def size(self) -> int:
        """Combinations, the same firm counted as often as it occurs."""
        return math.prod(len(axis.levels) for axis in self.axes)

    @property
    def functions(self) -> int:
        """How many axes make the structure."""
        return len(self.scenario.functions) if self.by_function else 1

    def __iter__(self) -> Iterator[Levels]:
        """Every combination, the last axis fastest."""
        return itertools.product(*(range(len(axis.levels)) for axis in self.axes))

    def keys(self, levels: Levels) -> dict[str, str]:
        """Key by function; empty where the structure has a name."""
        if not self.by_function:
            return {}
        found = {axis.name: axis.levels[i]
                 for axis, i in zip(self.axes[:self.functions], levels, strict=False)}
        joint = [f for f, key in found.items() if key == GENERALISTS]
        return found | dict.fromkeys(joint, "function") if len(joint) == 1 else found

    def identity(self, levels: Levels) -> tuple[Any, ...]:
        """Equal for two designs that are the same firm, whatever they are called."""
        return (self.division(levels), *levels[self.functions:])

    def division(self, levels: Levels) -> tuple[Any, ...]:
        """Equal for two designs that divide work in the same way."""
        head = levels[:self.functions]
        if head not in self._divisions:
            keys = self.keys(levels)
            name = "" if keys else str(self.axes[0].levels[levels[0]])
            try:
                group, roles = together(keys)
                found = identity(self.scenario, name, Rule(group, roles=roles) if keys else None)
            except InfeasibleStructure:
                found = (name,)
            self._divisions[head] = found
        return self._divisions[head]

    @cached_property
    def _divisions(self) -> dict[Levels, tuple[Any, ...]]:
        """What has been worked out of `division`."""
        return {}

    @cached_property
    def presets(self) -> dict[tuple[Any, ...], str]:
        """Names of the structures a user may name, by the way they divide work."""
        found: dict[tuple[Any, ...], str] = {}
        for name in names(self.scenario):
            try:
                found.setdefault(identity(self.scenario, name), name)
            except InfeasibleStructure:
                continue
        return found

    def starts(self) -> list[Levels]:
        """Designs to begin a search with: every function alike, all else in the middle."""
        middle = tuple(len(axis.levels) // 2 for axis in self.axes)
        if not self.by_function:
            return [(i, *middle[1:]) for i in range(len(self.axes[0].levels))]
        n = self.functions
        return [(*(i,) * n, *middle[n:]) for i in range(len(self.axes[0].levels))]

    def design(self, levels: Levels) -> Design:
        """A design with its settings and words."""
        keys = self.keys(levels)
        settings: dict[str, Any] = {}
        if keys:
            structure = self._own_name()
            words = grouped(keys)
            known = self.presets.get(self.division(levels))
            words += f" ({known})" if known else ""
            settings = {f"structures.{structure}.{dotted(path)}": value
                        for path, value in written(keys).items()}
        else:
            structure = self.axes[0].levels[levels[0]]
            about = title(self.scenario, structure)
            words = structure if about == structure else f"{structure} ({about})"
        rest = []
        for axis, i in zip(self.axes[self.functions:], levels[self.functions:], strict=True):
            settings[axis.key] = axis.levels[i]
            rest.append(f"{axis.shown(i)} heads" if axis.key == HEADS
                        else f"{axis.name} {axis.shown(i)}")
        return Design(levels, structure, tuple(sorted(settings.items())), words,
                      ", ".join(rest))

    def overlay(self, levels: Levels, name: str) -> str:
        """A design as an overlay to paste at the end of the scenario file.

        Its structure is called like the overlay, unless it has a name already.
        """
        design, keys = self.design(levels), self.keys(levels)
        changes: dict[Path, Any] = {}
        if keys:
            changes["structures", name, "title"] = grouped(keys)[:80]
            changes |= {("structures", name, *path): value for path, value in written(keys).items()}
        for axis, i in zip(self.axes[self.functions:], levels[self.functions:], strict=True):
            changes[path_of(axis.key)] = axis.levels[i]
        return f"# {design.words}\n{overlay_toml(name, changes)}"

    def _own_name(self) -> str:
        """A name for the structure made of keys that nobody uses."""
        name = "designed"
        while name in names(self.scenario):
            name += "-here"
        return name


def together(keys: Mapping[str, str]) -> tuple[dict[str, str], tuple[tuple[str, ...], ...]]:
    """Key and roles as the scenario knows them: generalists share a unit and a role."""
    joint = tuple(f for f, key in keys.items() if key == GENERALISTS)
    return ({f: WHOLE if key == GENERALISTS else key for f, key in keys.items()},
            (joint,) if joint else ())


def written(keys: Mapping[str, str]) -> dict[Path, Any]:
    """The keys in the table of a structure, by place in it."""
    group, roles = together(keys)
    found: dict[Path, Any] = {("group", f): key for f, key in shortest(group).items()}
    return found | ({("roles",): roles} if roles else {})


def shortest(keys: Mapping[str, str]) -> dict[str, str]:
    """Key by function with the most frequent key as `rest`."""
    if REST in keys:
        return dict(keys)
    common = _common(keys)
    return {f: key for f, key in keys.items() if key != common} | {REST: common}


def grouped(keys: Mapping[str, str]) -> str:
    """A structure in words: "sell and make by segment, the rest by function"."""
    common = _common(keys)
    if len(set(keys.values())) == 1:
        return f"all by {common}" if len(keys) > 1 else f"{next(iter(keys))} by {common}"
    parts = []
    for key in dict.fromkeys(keys.values()):
        functions = [f for f, own in keys.items() if own == key]
        if key != common:
            parts.append(f"{_listed(functions)} by {key}")
    rest = [f for f, own in keys.items() if own == common]
    return ", ".join([*parts, f"{'the rest' if len(rest) > 1 else rest[0]} by {common}"])


def _common(keys: Mapping[str, str]) -> str:
    """The most frequent key, the first of them if there are several."""
    return Counter(keys.values()).most_common(1)[0][0]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
