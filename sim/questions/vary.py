"""How a space of designs is read from the words of `--vary`.

Owns: its grammar, the values of a range, and every fault in it. Never does: say what a design is
(`space.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InputError, nearest
from sim.questions.keys import NUMBERS, current, fits, path_of
from sim.questions.space import GENERALISTS, HEADS, Axis, Space
from sim.scenario.catalogue import Key, Path, dotted, find
from sim.scenario.loading import load
from sim.scenario.overlays import parse_value
from sim.scenario.units import parse_duration
from sim.structures import default_list, names, sensible_keys

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

OPTION = "--vary"
DEFAULT = ("structure", "heads")
SHORT = {"heads": HEADS, "span": "staff.span", "cover": "cover.minimum_proficiency"}
"""Words for the keys that are varied most."""
STRUCTURE = "structure"
LEVELS = 5
"""Values of a range where nobody says how many."""
AROUND = 0.2
"""`heads` alone: a fifth fewer to a fifth more than the scenario has."""
MOST_LEVELS = 1000


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
                    Axis(f, keys) for f, keys in _divisions(scenario).items()]
                continue
            axis = _axis(scenario, word, values if sign else None)
            if axis.key in axes:
                raise InputError(Fault(OPTION, axis.key, "is given twice"))
            axes[axis.key] = axis
        except InputError as error:
            faults.extend(error.faults)
    if not structure:
        structure = [Axis(STRUCTURE, tuple(default_list(scenario)))]
    if not by_function and HEADS in axes:
        faults += [Fault(OPTION, "heads", f"{name} has explicit heads (staff.pools.{name})",
                         "vary `structure`, or take the table out")
                   for name in structure[0].levels if scenario.staff.pools.get(name)]
    if faults:
        raise InputError(faults)
    return Space(scenario, (*structure, *axes.values()), by_function)


def _divisions(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """By function: the keys that divide it, and generalists if two functions may share people."""
    keys = sensible_keys(scenario)
    shared = [f for f, item in scenario.functions.items() if not item.licensed]
    return {f: (*keys, GENERALISTS) if f in shared and len(shared) > 1 else keys
            for f in scenario.functions}


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
    if dotted(path) == HEADS:
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
        if not fits(known, number):
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
