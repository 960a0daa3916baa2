"""What the validator found, in words a strategist can act on.

Owns: the translation of the validator's errors to faults (place, value, what is allowed, what was
meant), and the repair that lets cross-checks run beside them. Never does: check anything itself.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from sim.scenario.catalogue import Key, Path, children, find, shown
from sim.scenario.schema import SCHEMA_VERSION, Scenario
from sim.scenario.spelling import meant, meant_key
from sim.scenario.units import parse_duration

MAX_FAULTS = 100
"""Faults told in full; more of them are only counted."""

_NOT_SO = {"on", "off", "yes", "no", "true", "false"}


class Problem(NamedTuple):
    """A fault before its file is known. A star in `path` means every entry there."""

    path: Path
    message: str
    hint: str = ""


def translate(error: ValidationError, raw: Mapping[str, Any]) -> list[Problem]:
    """All faults the validator found in `raw`, one per place, in the order of the schema."""
    problems: dict[Path, Problem] = {}
    for item in error.errors(include_url=False, include_context=False):
        place = tuple(item["loc"])
        if item["type"] == "extra_forbidden":
            problem = _unknown(place)
        else:
            key, path = _owner(place)
            value = look_up(raw, path)
            problem = (_missing(key, path) if item["type"] == "missing"
                       else Problem(path, f"must be {_allowed(key, value)}, not {shown(value)}",
                                    hint(key, path, value)))
        problems.setdefault(problem.path, problem)
        if len(problems) > MAX_FAULTS:
            break
    return _without_echoes(list(problems.values()))


def look_up(raw: Any, path: Path) -> Any:
    """The value at a place, None if there is none."""
    for part in path:
        try:
            raw = raw[part]
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def repaired(raw: Mapping[str, Any], problems: Iterable[Problem]) -> Scenario | None:
    """The scenario with faulty values replaced by harmless ones, or None if that fails too."""
    data = copy.deepcopy(dict(raw))
    pending = [p.path for p in problems]
    for _ in range(4):
        for path in pending:
            _replace(data, path)
        try:
            return Scenario.model_validate(data)
        except ValidationError as error:
            pending = [p.path for p in translate(error, data)]
    return None


def touches(one: Path, other: Path) -> bool:
    """One of two places lies inside the other, stars matching anything."""
    return all("*" in (a, b) or a == b for a, b in zip(one, other, strict=False))


def _owner(place: Path) -> tuple[Key, Path]:
    """The longest part of a validator's place that is a key of the format."""
    for end in range(len(place), 0, -1):
        if (key := find(place[:end])) is not None:
            return key, place[:end]
    return find(("name",)), ("name",)  # type: ignore[return-value]


def _unknown(place: Path) -> Problem:
    table = find(place[:-1]) if len(place) > 1 else None
    inside = f"[{table.name.replace('*', 'NAME')}]" if table else "a scenario"
    return Problem(place, f"is not a key of {inside}", meant_key(place[:-1], str(place[-1])))


def _missing(key: Key, path: Path) -> Problem:
    hint = "such as [functions.advise] with work_h = 0.5" if key.path == ("functions",) else ""
    meaning = key.meaning[:1].lower() + key.meaning[1:]
    return Problem(path, f"is missing; write {_allowed(key)} ({meaning})", hint)


def _allowed(key: Key, value: Any = None) -> str:
    if key.path == ("schema_version",):
        return f"{SCHEMA_VERSION}, the file format this program reads"
    if key.kind == "duration" and isinstance(value, str):
        try:
            parse_duration(value)
        except ValueError:
            return key.allowed()
        return key.bounds()
    return key.allowed()


def hint(key: Key, path: Path, value: Any) -> str:
    """The way out of a value that a key cannot take; empty if none is known."""
    if key.kind == "choice" and isinstance(value, str):
        if not isinstance(key.choices[0], str):
            return "write the number without quotes" if _is_number(value) else ""
        return meant(value, [str(c) for c in key.choices])
    if key.kind == "boolean" and isinstance(value, str) and value.lower() in _NOT_SO:
        return "write true or false, without quotes"
    if key.kind in ("number", "integer"):
        return _number_hint(key, value)
    if key.kind == "duration" and isinstance(value, int | float) and not isinstance(value, bool):
        return f'with a unit: "{value:g} h", "{value:g} weeks" or "{value:g} months"'
    if key.kind == "table" and key.path[-1] == "*" and not isinstance(value, Mapping):
        above = ".".join(str(p) for p in path[:-1])
        return f"each entry has a table of its own, such as [{above}.NAME]"
    if key.kind == "names" and isinstance(value, list):
        return f"write [{path[-1]}.NAME] for each entry, not [[{path[-1]}]]"
    if key.kind == "list" and isinstance(value, str):
        return f'write ["{value}"]' if len(value) <= 60 and value.isprintable() else ""
    return ""


def _number_hint(key: Key, value: Any) -> str:
    if isinstance(value, str):
        text = value.strip()
        if text.endswith("%") and _is_number(text[:-1]):
            return f"write {float(text[:-1]) / 100:g} for {text}"
        return "write the number without quotes" if _is_number(text) else ""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and key.high == 1 and key.kind == "number" and 1 < value <= 100:
        return f"a share is written as {value / 100:g} for {value:g}%"
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _without_echoes(problems: list[Problem]) -> list[Problem]:
    """Drop "is missing" where a misspelt neighbour is what was meant."""
    meant_paths = {(*p.path[:-1], p.hint.removeprefix("did you mean ").removesuffix("?"))
                   for p in problems if p.hint.startswith("did you mean")}
    return [p for p in problems
            if not (p.message.startswith("is missing") and p.path in meant_paths)]


def _replace(data: dict[str, Any], path: Path) -> None:
    """Put a harmless value where a faulty one is: the default, or something that fits."""
    above: Any = data
    for part in path[:-1]:
        above = look_up(above, (part,))
    key = find(path)
    if not isinstance(above, dict | list):
        return
    if key is not None and (key.required or isinstance(above, list) or key.path[-1] == "*"):
        above[path[-1]] = _harmless(key, path)  # type: ignore[index]
    elif isinstance(above, dict):
        above.pop(path[-1], None)


def _harmless(key: Key, path: Path) -> Any:
    if key.kind in ("table", "names"):
        inner = [child for child in children(path) if child.required]
        if key.path == ("functions",):
            return {"function": {"work_h": 1.0}}
        return {child.path[-1]: _harmless(child, (*path, child.path[-1])) for child in inner}
    if key.kind == "choice":
        return key.choices[0]
    return {"number": 1.0, "integer": 1, "text": "x", "list": [], "key": "function"}.get(key.kind)
