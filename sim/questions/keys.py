"""Scenario keys that a question varies: their range, their scale, and which are in use.

Owns: a range of one key, how it is read from `KEY=lo:hi`, which keys a scenario's mechanisms use,
and what a value is called. Never does: run anything, or hold a range of its own (the schema does).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InputError, nearest
from sim.scenario.catalogue import Key, Path, catalogue, dotted, find
from sim.scenario.faults import look_up
from sim.scenario.loading import load
from sim.scenario.reading import parse
from sim.scenario.spelling import meant_key
from sim.scenario.units import parse_duration

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

NUMBERS = ("number", "integer", "duration")
SEARCHES = 12
"""Halvings with which the last value that makes sense is looked for."""


@dataclass(frozen=True)
class Range:
    """What one key is varied over. A *place* is a share of the way from `low` to `high`."""

    key: str
    """Dotted, as in `--set`."""
    low: float
    high: float
    now: float | None = None
    """The scenario's own value."""
    log: bool = False
    """Equal steps are equal factors."""
    whole: bool = False
    duration: bool = False
    unit: str = "-"
    narrowed: bool = False
    """An end was moved inwards: beyond it the scenario contradicts itself."""

    def value(self, place: float) -> float:
        """The value at a place, rounded where the key takes whole numbers."""
        if self.log:
            found = math.exp(math.log(self.low) + place * math.log(self.high / self.low))
        else:
            found = self.low + place * (self.high - self.low)
        found = min(max(found, self.low), self.high)
        return float(round(found)) if self.whole else float(f"{found:.12g}")

    def place(self, value: float) -> float:
        """Where a value lies: 0 at `low`, 1 at `high`."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def change(self, value: float) -> tuple[str, Any]:
        """The setting that gives the key this value."""
        if self.duration:
            return self.key, f"{value!r} h"
        return self.key, round(value) if self.whole else value

    def to_json(self) -> dict[str, Any]:
        """The range as plain data."""
        return {"key": self.key, "unit": "h" if self.duration else self.unit, "low": self.low,
                "high": self.high, "now": self.now}

    def written(self, value: float | None, *, unit: bool = True) -> str:
        """A value for people, three figures and the unit."""
        if value is None:
            return "-"
        if self.whole:
            text = f"{value:,.0f}" if abs(value - round(value)) < 1e-9 else f"{value:,.1f}"
        else:
            text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        word = "h" if self.duration else self.unit
        return text if word == "-" or not unit else f"{text} {word}"


def exact(one: Range, place: float) -> float:
    """The value at a place, not rounded to what the key can take."""
    return replace(one, whole=False).value(place)


def path_of(key: str) -> Path:
    """A dotted key as a path, names with dots in quotes; empty if it is none."""
    try:
        table: Any = parse(f"{key} = 0" if "\n" not in key and "=" not in key else "")
    except ValueError:
        return ()
    path: list[str] = []
    while isinstance(table, dict) and len(table) == 1:
        part, table = next(iter(table.items()))
        path.append(part)
    return tuple(path) if table == 0 else ()


def current(scenario: Scenario, path: Path) -> float | None:
    """The scenario's own value of a key, None if it has none."""
    found = look_up(scenario.model_dump(), path)
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if number else None


def read_key(scenario: Scenario, key: str, where: str) -> tuple[Path, Key]:
    """A key that holds a number, as a path and its documentation.

    Raises:
        InputError: There is no such key here, or it holds no number.
    """
    path = path_of(key)
    known = find(path) if path else None
    if known is None:
        raise InputError(Fault(where, key, "there is no such key in a scenario",
                               _meant(scenario, path, key)))
    data = scenario.model_dump()
    for depth, part in enumerate(known.path):
        names = look_up(data, path[:depth])
        if part == "*" and isinstance(names, dict) and path[depth] not in names:
            guess = nearest(str(path[depth]), names)
            raise InputError(Fault(
                where, key, f"there is no {path[depth]!r} among the {path[depth - 1]}: "
                + ", ".join(map(str, names)), f"did you mean {guess}?" if guess else ""))
    if known.kind not in NUMBERS:
        raise InputError(Fault(where, key, "holds no number, so there is nothing between two "
                               "values of it", "overlays and structures can be compared"))
    return path, known


def _meant(scenario: Scenario, path: Path, key: str) -> str:
    """A hint for a key there is not: the nearest that holds a number here, in full."""
    data = scenario.model_dump()
    here = [dotted(place) for known in catalogue().values() if known.kind in NUMBERS
            for place in _places(data, known.path)]
    if guess := nearest(key, here):
        return f"did you mean {guess}?"
    table = path[:-1]
    while table and find(table) is None:
        table = table[:-1]
    return meant_key(table, str(path[len(table)]) if path else key)


def read_range(scenario: Scenario, text: str, where: str, *, log: bool = False) -> Range:
    """A range typed as `KEY=lo:hi`, or `KEY` alone for the plausible range.

    Raises:
        InputError: Every fault in it: the key, each end, their order, a logarithm of nothing.
    """
    key, sign, ends = (piece.strip() for piece in text.partition("="))
    path, known = read_key(scenario, key, where)
    if not sign:
        return plausible_range(scenario, path, known, where)
    faults: list[Fault] = []
    numbers: list[float] = []
    pieces = ends.split(":")
    if len(pieces) != 2:
        raise InputError(Fault(where, key, f"{ends!r} is no range", "such as KEY=0.1:0.6"))
    for piece in pieces:
        try:
            number = (parse_duration(piece.strip()) if known.kind == "duration"
                      else float(piece.strip().replace("_", "")))
        except ValueError:
            number = math.nan
        if not fits(known, number):
            faults.append(Fault(where, key, f"must be {known.allowed()}, not {piece.strip()!r}"))
        numbers.append(number)
    low, high = numbers
    if not faults and low >= high:
        faults.append(Fault(where, key, f"the range ends at {pieces[1].strip()}, which is not "
                            f"above its start {pieces[0].strip()}",
                            "write KEY=lowest:highest"))
    if not faults and log and low <= 0:
        faults.append(Fault(where, key, "a logarithmic scale starts above 0, "
                            f"not at {pieces[0].strip()}"))
    if faults:
        raise InputError(faults)
    return _range(scenario, path, known, low, high, log)


def fits(known: Key, number: float) -> bool:
    """Whether a key takes this number."""
    outside = ((known.low is not None and number < known.low)
               or (known.high is not None and number > known.high))
    return (math.isfinite(number) and not outside
            and (known.kind != "integer" or number == round(number)))


def plausible_range(scenario: Scenario, path: Path, known: Key, where: str) -> Range:
    """The range that the key's documentation calls plausible, widened to the scenario's value.

    Raises:
        InputError: The documentation names none.
    """
    if known.plausible is None:
        raise InputError(Fault(where, dotted(path), "has no documented plausible range",
                               f"give one: {dotted(path)}=LOWEST:HIGHEST"))
    low, high = known.plausible
    now = current(scenario, path)
    if now is not None:
        low, high = min(low, now), max(high, now)
    return _range(scenario, path, known, low, high, False)


def _range(scenario: Scenario, path: Path, known: Key, low: float, high: float,
           log: bool) -> Range:
    return Range(dotted(path), float(low), float(high), current(scenario, path), log,
                 known.kind == "integer", known.kind == "duration", known.unit)


def swept_range(scenario: Scenario, key: str, values: Iterable[float], where: str, *,
                log: bool = False) -> Range:
    """The range of values that a key was given, its scale as the plan says.

    Raises:
        InputError: The key holds no number.
    """
    path, known = read_key(scenario, key, where)
    found = list(values)
    return _range(scenario, path, known, min(found), max(found), log and min(found) > 0)


def in_use(scenario: Scenario) -> list[Range]:
    """Every key with a plausible range whose mechanism is switched on and that has a value.

    A key under a table with `enabled = false` is not in use; one under named entries counts once
    for each of them.
    """
    data = scenario.model_dump()
    found = []
    for known in catalogue().values():
        if known.plausible is None or known.kind not in NUMBERS:
            continue
        for path in _places(data, known.path):
            on = all(look_up(data, (*path[:depth], "enabled")) is not False
                     for depth in range(1, len(path)))
            if on and current(scenario, path) is not None:
                found.append(plausible_range(scenario, path, known, "--keys"))
    return found


def _places(data: Any, pattern: Sequence[str], above: Path = ()) -> Iterator[Path]:
    """The places in a scenario that a pattern with stars stands for."""
    if len(above) == len(pattern):
        yield above
        return
    part = pattern[len(above)]
    names = look_up(data, above) if above else data
    for name in (names if part == "*" and isinstance(names, dict) else [part]):
        yield from _places(data, pattern, (*above, name))


def read_ranges(scenario: Scenario, texts: Iterable[str], where: str, *,
                around: bool = False) -> list[Range]:
    """Ranges typed as `KEY` or `KEY=lo:hi`; none typed means all in use.

    Args:
        scenario: The world.
        texts: As typed.
        where: The option, for messages.
        around: Each must hold the scenario's own value.

    Raises:
        InputError: Every fault in them.
    """
    found: dict[str, Range] = {}
    faults: list[Fault] = []
    for text in texts:
        try:
            one = read_range(scenario, text, where)
        except InputError as error:
            faults.extend(error.faults)
            continue
        if one.key in found:
            faults.append(Fault(where, one.key, "is given twice"))
        found[one.key] = one
        if around and one.now is None:
            faults.append(Fault(where, one.key, "has no value in this scenario, so nothing is a "
                                "distance from it", f"give it one with --set {one.key}=..."))
        elif around and one.now is not None and not one.low <= one.now <= one.high:
            faults.append(Fault(
                where, one.key, f"the scenario's own value {one.written(one.now)} lies outside "
                f"{one.written(one.low)} to {one.written(one.high)}"))
    if faults:
        raise InputError(faults)
    return list(found.values()) or in_use(scenario)


def makes_sense(scenario: Scenario, changes: Sequence[tuple[str, Any]]) -> bool:
    """Whether the scenario with these settings is one."""
    try:
        load(scenario, set=dict(changes), limits=None)
    except InputError:
        return False
    return True


def narrowed(scenario: Scenario, one: Range) -> Range:
    """The range without what contradicts other keys of the scenario (a sum above 1, say)."""
    low, high = (_last(one, end, lambda v: makes_sense(scenario, [one.change(v)]))
                 for end in (one.low, one.high))
    if (low, high) == (one.low, one.high):
        return one
    return replace(one, low=low, high=high, narrowed=True)


def _last(one: Range, end: float, sound: Callable[[float], bool]) -> float:
    """The value nearest to an end that makes sense, on the way from the scenario's own."""
    if sound(end) or one.now is None:
        return end
    good, bad = one.now, end
    for _ in range(SEARCHES):
        middle = (good + bad) / 2.0
        middle = float(round(middle)) if one.whole else middle
        good, bad = (middle, bad) if sound(middle) else (good, middle)
    if one.whole:
        return good
    return float(re.sub(r"\.?0+$", "", f"{good:.4f}")) if sound(round(good, 4)) else good
