"""Every key a scenario file may hold, read off the schema: kind, unit, bounds, range, source.

Owns: the one list from which error messages, the documentation table, the JSON schema's words
and the notes on implausible values are made. Never does: hold a default of its own.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sim.scenario.fields import POSITIVE
from sim.scenario.schema import Scenario
from sim.scenario.units import parse_duration

Path = tuple[str | int, ...]
"""A place in a scenario: keys and list positions from the top."""


@dataclass(frozen=True)
class Key:
    """One key of the file format. In `path` a star stands for any name or position."""

    path: tuple[str, ...]
    kind: str
    """table, names, list, or of a value: number, integer, boolean, text, choice, duration."""
    meaning: str
    required: bool = False
    default: Any = None
    unit: str = "-"
    low: float | None = None
    high: float | None = None
    min_length: int = 0
    max_length: int | None = None
    choices: tuple[Any, ...] = ()
    plausible: tuple[float, float] | None = None
    source: str = "assumption"

    @property
    def name(self) -> str:
        """Dotted path, with a star for any name."""
        return dotted(self.path)

    @property
    def is_value(self) -> bool:
        """A leaf, not a table or a list of tables."""
        return self.kind not in ("table", "names", "list of tables")

    def allowed(self) -> str:
        """What may stand here, in words: "a whole number from 1 to 100,000 (people)"."""
        if self.kind == "choice":
            return "one of " + ", ".join(shown(c) for c in self.choices)
        if self.kind == "text" and self.max_length is not None:
            return f"text of {self.min_length} to {self.max_length} characters"
        words = {"number": "a number", "integer": "a whole number", "boolean": "true or false",
                 "text": "text in quotes", "list": 'a list of names such as ["a", "b"]',
                 "list of lists": 'a list of lists of names such as [["a", "b"], ["c"]]',
                 "list of tables": "a list of tables ([[...]])",
                 "key": 'a key such as "segment", or a list of keys to cross',
                 "names": "a table of names and values", "table": "a table of keys and values",
                 "duration": 'a number and a unit in quotes, such as "26 weeks" or "12 months" '
                             "(units: h, days, weeks, months, years)"}[self.kind]
        bounds = self.bounds()
        unit = "" if self.unit in ("-", "duration") or not bounds else f" ({self.unit})"
        if self.kind == "duration":
            return words
        return words + (f" {bounds}" if bounds else "") + unit

    def bounds(self) -> str:
        """The hard bounds in words, empty if there are none."""
        hour = " h" if self.kind == "duration" else ""
        if self.low is None or self.high is None:
            return ""
        high = shown(self.high) + hour
        if self.low == POSITIVE:
            return f"above 0{hour} and at most {high}"
        return f"from {shown(self.low)}{hour} to {high}"


def shown(value: Any) -> str:
    """A value as a user would write it in the file, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if isinstance(value, int) and abs(value) >= 10**20:
            return "a number of more than 20 digits"
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
        return f"{int(value):,}" if whole and abs(value) >= 10_000 else f"{value:g}"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        inner = ", ".join(shown(v) for v in value[:4])
        return f"[{inner}{', ...' if len(value) > 4 else ''}]"
    text = value if isinstance(value, str) else f"{type(value).__name__} {value}"
    text = "".join(c if c.isprintable() else "?" for c in text[:61])
    text = text[:57] + "..." if len(text) > 60 else text
    return f'"{text}"' if isinstance(value, str) else text


def dotted(path: Path) -> str:
    """A path as it is written in `--set`: quoted where a name is not a plain word."""
    return ".".join(_part(p) for p in path)


def _part(part: str | int) -> str:
    text = str(part)
    plain = text == "*" or (0 < len(text) <= 60
                            and all((c.isalnum() and c.isascii()) or c in "-_" for c in text))
    return text if plain else shown(text)


@cache
def catalogue() -> dict[tuple[str, ...], Key]:
    """All keys by path, in the order of the schema."""
    return keys_of(Scenario)


def keys_of(model: type[BaseModel]) -> dict[tuple[str, ...], Key]:
    """All keys of a file format by path, in the order of its schema."""
    return {key.path: key for key in _walk(model, ())}


def find(path: Path) -> Key | None:
    """The key a place in a file belongs to, or None if there is no such key."""
    keys = catalogue()
    pattern: tuple[str, ...] = ()
    for part in path:
        exact = (*pattern, str(part))
        pattern = exact if exact in keys else (*pattern, "*")
    return keys.get(pattern)


def children(path: Path) -> list[Key]:
    """The keys directly inside a table, in order; empty for a table of free names."""
    key = find(path) if path else None
    pattern = key.path if key else ()
    return [k for p, k in catalogue().items()
            if len(p) == len(pattern) + 1 and p[:-1] == pattern and p[-1] != "*"]


def _walk(model: type[BaseModel], above: tuple[str, ...]) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        path = (*above, name)
        yield from _describe(path, field.annotation, field)


def _describe(path: tuple[str, ...], annotation: Any, field: FieldInfo | None,
              unit: str = "-") -> Iterator[Key]:
    """The key at `path` and all keys below it; `unit` is that of the table above."""
    metadata = list(field.metadata) if field else []
    annotation = _bare(annotation, metadata)
    options = [a for a in get_args(annotation) if a is not type(None)]
    if get_origin(annotation) in (Union, types.UnionType) and len(options) == 1:
        annotation = _bare(options[0], metadata)
    kind, inner, choices = _kind(annotation, metadata)
    key = Key(**{"path": path, "kind": kind, "choices": choices, "unit": unit,
                 **_documented(field, metadata)})
    yield key
    if kind == "table":
        yield from _walk(annotation, path)
    elif inner is not None:
        yield from _describe((*path, "*"), inner, None, key.unit)


def _bare(annotation: Any, metadata: list[Any]) -> Any:
    """An annotation without what it is annotated with, which is added to `metadata`."""
    while hasattr(annotation, "__metadata__"):
        for item in annotation.__metadata__:
            metadata += item.metadata if isinstance(item, FieldInfo) else [item]
        annotation = annotation.__origin__
    return annotation


def _kind(annotation: Any, metadata: list[Any]) -> tuple[str, Any, tuple[Any, ...]]:
    """Kind of a key, the annotation of what it contains, and its choices."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if any(isinstance(m, BeforeValidator) and m.func is parse_duration for m in metadata):
        return "duration", None, ()
    if origin is Literal:
        return "choice", None, arguments
    if origin is dict:
        return "names", None if arguments[1] is Any else arguments[1], ()
    if origin is tuple:
        item = arguments[0]
        item = getattr(item, "__origin__", item)
        if isinstance(item, type) and issubclass(item, BaseModel):
            return "list of tables", item, ()
        return ("list of lists" if get_origin(item) is tuple else "list"), None, ()
    if origin in (Union, types.UnionType):
        return "key", None, ()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table", None, ()
    return {bool: "boolean", int: "integer", float: "number", str: "text"}.get(
        annotation, "names"), None, ()


def _documented(field: FieldInfo | None, metadata: list[Any]) -> dict[str, Any]:
    """Bounds and documentation of a field."""
    found: dict[str, Any] = {"meaning": ""}
    for item in metadata:
        for name, attribute in (("low", "ge"), ("high", "le"), ("min_length", "min_length"),
                                ("max_length", "max_length")):
            if getattr(item, attribute, None) is not None:
                found[name] = getattr(item, attribute)
    if field is None:
        return found
    extra = field.json_schema_extra
    extra = extra if isinstance(extra, dict) else {}
    found["meaning"] = field.description or ""
    found["required"] = field.default is PydanticUndefined
    found["default"] = None if found["required"] else field.default
    found["unit"] = extra.get("unit", "-")
    found["source"] = extra.get("source", "assumption")
    plausible = extra.get("plausible")
    if isinstance(plausible, list):
        found["plausible"] = tuple(plausible)
    return found
