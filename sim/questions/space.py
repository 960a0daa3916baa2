"""The designs a firm could have: what is varied, one value of each, and how a design is written.

Owns: the axes of a design space, how they are read from `--vary`, which designs are the same
firm, a design's settings, its words and its overlay for the scenario file. Never does: run
anything, or judge a design.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InfeasibleStructure, InputError, nearest
from sim.questions.keys import NUMBERS, current, path_of
from sim.scenario.catalogue import Key, Path, dotted, find
from sim.scenario.export import overlay_toml
from sim.scenario.loading import load
from sim.scenario.overlays import parse_value
from sim.scenario.units import parse_duration
from sim.structures import default_list, identity, names, sensible_keys, title
from sim.structures.grouping import REST, Rule

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

OPTION = "--vary"
DEFAULT = ("structure", "heads")
SHORT = {"heads": "staff.heads", "span": "staff.span", "cover": "cover.minimum_proficiency"}
"""Words for the keys that are varied most."""
STRUCTURE = "structure"
LEVELS = 5
"""Values of a range where nobody says how many."""
AROUND = 0.2
"""`heads` alone: a fifth fewer to a fifth more than the scenario has."""
MOST_LEVELS = 1000
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
        return {axis.name: axis.levels[i]
                for axis, i in zip(self.axes[:self.functions], levels, strict=False)}

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
                found = identity(self.scenario, name, Rule(keys) if keys else None)
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
            grouping = grouped(keys)
            known = self.presets.get(self.division(levels))
            grouping += f" ({known})" if known else ""
            settings |= {f"structures.{structure}.group.{dotted((f,))}": key
                         for f, key in shortest(keys).items()}
        else:
            structure = self.axes[0].levels[levels[0]]
            about = title(self.scenario, structure)
            grouping = structure if about == structure else f"{structure} ({about})"
        rest = []
        for axis, i in zip(self.axes[self.functions:], levels[self.functions:], strict=True):
            settings[axis.key] = axis.levels[i]
            rest.append(f"{axis.shown(i)} heads" if axis.key == SHORT["heads"]
                        else f"{axis.name} {axis.shown(i)}")
        return Design(levels, structure, tuple(sorted(settings.items())), grouping,
                      ", ".join(rest))

    def overlay(self, levels: Levels, name: str) -> str:
        """A design as an overlay to paste at the end of the scenario file.

        Its structure is called like the overlay, unless it has a name already.
        """
        design, keys = self.design(levels), self.keys(levels)
        changes: dict[Path, Any] = {}
        if keys:
            changes["structures", name, "title"] = grouped(keys)[:80]
            changes |= {("structures", name, "group", f): key
                        for f, key in shortest(keys).items()}
        for axis, i in zip(self.axes[self.functions:], levels[self.functions:], strict=True):
            changes[path_of(axis.key)] = axis.levels[i]
        return f"# {design.words}\n{overlay_toml(name, changes)}"

    def _own_name(self) -> str:
        """A name for the structure made of keys that nobody uses."""
        name = "designed"
        while name in names(self.scenario):
            name += "-here"
        return name


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


def read_space(scenario: Scenario, vary: Sequence[str] | None) -> Space:
    """The space that words such as `structure`, `heads`, `KEY=lo:hi:N` or `KEY=a|b|c` span.

    `structure` gives each function a key of its own; `structure=a|b` takes these by name, and
    without it the scenario's own list is taken.

    Raises:
        InputError: Every fault in it.
    """
    faults: list[Fault] = []
    axes: dict[str, Axis] = {}
    structure: list[Axis] = []
    by_function = False
    for text in vary or DEFAULT:
        word, sign, values = (piece.strip() for piece in str(text).partition("="))
        try:
            if word == STRUCTURE:
                if structure:
                    raise InputError(Fault(OPTION, STRUCTURE, "is given twice"))
                by_function = not sign
                structure = _named(scenario, values) if sign else [
                    Axis(f, sensible_keys(scenario)) for f in scenario.functions]
                continue
            axis = _axis(scenario, word, values if sign else None)
            if axis.key in axes:
                raise InputError(Fault(OPTION, axis.key, "is given twice"))
            axes[axis.key] = axis
        except InputError as error:
            faults.extend(error.faults)
    if not structure:
        structure = [Axis(STRUCTURE, tuple(default_list(scenario)))]
    if not by_function and SHORT["heads"] in axes:
        faults += [Fault(OPTION, "heads", f"{name} has explicit heads (staff.pools.{name})",
                         "vary `structure`, or take the table out")
                   for name in structure[0].levels if scenario.staff.pools.get(name)]
    if faults:
        raise InputError(faults)
    return Space(scenario, (*structure, *axes.values()), by_function)


def _named(scenario: Scenario, text: str) -> list[Axis]:
    """Structures by name."""
    chosen = [word.strip() for word in text.split("|")]
    known = names(scenario)
    faults = []
    for name in dict.fromkeys(chosen):
        if name not in known:
            close = nearest(name, known)
            faults.append(Fault(OPTION, STRUCTURE, f"there is no structure {name!r}; there are "
                                f"{', '.join(known)}", f"did you mean {close}?" if close else ""))
    if faults:
        raise InputError(faults)
    return [Axis(STRUCTURE, tuple(dict.fromkeys(chosen)))]


def _axis(scenario: Scenario, word: str, text: str | None) -> Axis:
    """One scenario key and its values."""
    name = SHORT.get(word, word)
    path = path_of(name)
    known = find(path) if path else None
    if known is None:
        close = nearest(word, [*SHORT, STRUCTURE]) or ""
        if not close:
            _loads(scenario, [f"{name}=0"])
        raise InputError(Fault(OPTION, word, "is no scenario key",
                               f"did you mean {close}?" if close else ""))
    if not known.is_value:
        raise InputError(Fault(OPTION, word, "is a table, not one value"))
    if text is None:
        levels = _default_levels(scenario, word, path, known)
    elif "|" in text or ":" not in text:
        levels = tuple(dict.fromkeys(parse_value(piece.strip()) for piece in text.split("|")))
    else:
        levels = _between(word, known, text)
    axis = Axis(word, levels, dotted(path), known.kind in NUMBERS and "|" not in (text or ""),
                known.unit)
    _check(scenario, axis)
    return axis


def _default_levels(scenario: Scenario, word: str, path: Path,
                    known: Key) -> tuple[Any, ...]:
    """Values of a key nobody gave a range: around the scenario's heads, or the plausible ones."""
    if dotted(path) == SHORT["heads"]:
        heads = scenario.staff.heads
        return _spread(heads * (1 - AROUND), heads * (1 + AROUND), LEVELS, known)
    if known.kind == "choice":
        return known.choices
    if known.kind == "boolean":
        return (False, True)
    if known.plausible is None or known.kind not in NUMBERS:
        raise InputError(Fault(OPTION, word, "has no documented plausible range",
                               f"give one: {word}=LOWEST:HIGHEST, or {word}=A|B|C"))
    now = current(scenario, path)
    low, high = known.plausible
    if now is not None:
        low, high = min(low, now), max(high, now)
    return _spread(low, high, LEVELS, known)


def _between(word: str, known: Key, text: str) -> tuple[Any, ...]:
    """Values of `lo:hi` or `lo:hi:N`."""
    pieces = [piece.strip() for piece in text.split(":")]
    if known.kind not in NUMBERS:
        raise InputError(Fault(OPTION, word, f"has no range: it takes {known.allowed()}",
                               f"write {word}=A|B|C"))
    faults, ends = [], []
    for piece in pieces[:2]:
        try:
            number = (parse_duration(piece) if known.kind == "duration" and piece[-1:].isalpha()
                      else float(piece))
        except ValueError:
            number = math.nan
        outside = ((known.low is not None and number < known.low)
                   or (known.high is not None and number > known.high))
        if not math.isfinite(number) or outside or (
                known.kind == "integer" and number != round(number)):
            faults.append(Fault(OPTION, word, f"must be {known.allowed()}, not {piece!r}"))
        ends.append(number)
    count = pieces[2] if len(pieces) == 3 else ""
    if len(pieces) > 3 or (count and not (count.isdecimal() and 2 <= int(count) <= MOST_LEVELS)):
        faults.append(Fault(OPTION, word, f"{text!r} is no range",
                            f"write {word}=LOWEST:HIGHEST or {word}=LOWEST:HIGHEST:VALUES"))
    if not faults and ends[0] >= ends[1]:
        faults.append(Fault(OPTION, word, f"the range ends at {pieces[1]}, which is not above its "
                            f"start {pieces[0]}"))
    if faults:
        raise InputError(faults)
    whole = round(ends[1] - ends[0]) + 1 if known.kind == "integer" else LEVELS
    return _spread(ends[0], ends[1], int(count) if count else min(whole, MOST_LEVELS), known)


def _spread(low: float, high: float, count: int, known: Key) -> tuple[Any, ...]:
    """Evenly spaced values, whole where the key takes whole numbers, each once."""
    values = [low + (high - low) * i / (count - 1) for i in range(count)]
    if known.kind == "integer":
        return tuple(dict.fromkeys(max(1, round(v)) for v in values))
    rounded = tuple(dict.fromkeys(float(f"{v:.6g}") for v in values))
    return tuple(f"{v!r} h" for v in rounded) if known.kind == "duration" else rounded


def _check(scenario: Scenario, axis: Axis) -> None:
    """Every value alone makes a scenario; of a range its ends stand for what lies between."""
    faults: dict[Fault, None] = {}
    few = (axis.levels[0], axis.levels[-1]) if axis.ordered else axis.levels
    for value in few:
        try:
            _loads(scenario, {axis.key: value})
        except InputError as error:
            faults.update(dict.fromkeys(error.faults))
    if faults:
        raise InputError(list(faults))


def _loads(scenario: Scenario, change: Mapping[str, Any] | Sequence[str]) -> None:
    """Load a changed scenario; its faults are told of the option they come from."""
    try:
        load(scenario, set=change, limits=None)
    except InputError as error:
        raise InputError([Fault(OPTION, f.key, f.message, f.hint) for f in error.faults]) from None
