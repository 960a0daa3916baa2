"""A scenario and its format, written out: TOML, JSON Schema, parameter table, notes.

Owns: what is generated from the schema for files, editors and documentation. Never does: invent
a word about a parameter; all of it stands in `schema`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sim.scenario.catalogue import Key, Path, catalogue, dotted, find, shown
from sim.scenario.loading import tables
from sim.scenario.schema import Scenario


class Parameter(NamedTuple):
    """One row of the parameter table."""

    key: str
    default: str
    """As written in a file; "required" if there is none."""
    unit: str
    bounds: str
    """Hard bounds; outside is an error."""
    plausible: str
    """Outside is a note."""
    source: str
    meaning: str


def to_toml(scenario: Scenario) -> str:
    """A scenario as a TOML file, every key written out; loading it gives an equal scenario."""
    import tomli_w

    return tomli_w.dumps(tables(scenario))


def overlay_toml(name: str, changes: Mapping[Path, Any]) -> str:
    """Changes as an overlay to paste at the end of a scenario file: `[overlays.NAME...]`.

    Args:
        name: Of the overlay.
        changes: Values by place in the scenario.
    """
    import tomli_w

    tree: dict[str, Any] = {}
    for path, value in changes.items():
        place = tree
        for part in path[:-1]:
            place = place.setdefault(str(part), {})
        place[str(path[-1])] = list(value) if isinstance(value, tuple) else value
    return tomli_w.dumps({"overlays": {name: tree}})


def parameter_table() -> list[Parameter]:
    """Every key of the file format, in order; tables whose keys have rows of their own left out."""
    return [Parameter(key.name.replace("*", "NAME"), _default(key), key.unit, _bounds(key),
                      _range(key), key.source, key.meaning)
            for key in catalogue().values()
            if key.meaning and (key.is_value or not any(k.meaning for k in _inside(key)))]


def _inside(key: Key) -> list[Key]:
    """The keys below a key."""
    depth = len(key.path)
    return [k for path, k in catalogue().items() if len(path) > depth and path[:depth] == key.path]


def _default(key: Key) -> str:
    if key.required:
        return "required"
    if key.default is None or key.default in ((), "", {}):
        return "none"
    return shown(key.default)


def _bounds(key: Key) -> str:
    if key.kind == "choice":
        return ", ".join(shown(c) for c in key.choices)
    return next((k.bounds() for k in (key, *_inside(key)) if k.bounds()), "")


def _range(key: Key) -> str:
    return "" if key.plausible is None else "{} to {}".format(*map(shown, key.plausible))


def json_schema() -> dict[str, Any]:
    """The file format as JSON Schema 2020-12, for editors: meaning, unit, range, source."""
    schema = Scenario.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "orgsim scenario"
    for table in (schema, *schema["$defs"].values()):
        for name, item in table.get("properties", {}).items():
            for_editors(item)
            if name == "overlays":
                _accept_overlays(item)
    return schema


def for_editors(item: dict[str, Any]) -> None:
    """Say unit, plausible range and source in the words an editor shows."""
    item.pop("title", None)
    unit, source = item.get("unit", "-"), item.get("source")
    if unit == "duration":
        # Bounds are in hours and cannot be told of a text.
        for bound in ("minimum", "maximum"):
            item.pop(bound, None)
        item["pattern"] = r"^\s*[0-9.]+([eE][-+]?[0-9]+)?\s*[A-Za-z]+\s*$"
    words = [item.get("description", "").rstrip(".")]
    if unit not in ("-", "duration"):
        words.append(f"Unit: {unit}")
    if "plausible" in item:
        words.append("Plausible: {} to {}".format(*map(shown, item["plausible"])))
    if "$ref" in item or isinstance(item.get("default"), Mapping):
        item.pop("default", None)
        item.pop("source", None)
        item.pop("unit", None)
    elif source and source != "assumption":
        words.append(f"Source: {source}")
    item["description"] = ". ".join(words)


def _accept_overlays(item: dict[str, Any]) -> None:
    item["additionalProperties"] = {
        "type": "object", "description": "Keys of this scenario with other values; "
        "extends = [...] names overlays to apply before"}


def notes(scenario: Scenario) -> list[str]:
    """What is allowed but unusual: implausible values, and choices without effect."""
    return [*_implausible(scenario), *_without_effect(scenario)]


def _implausible(scenario: Scenario) -> Iterator[str]:
    for path, value in _leaves(scenario.model_dump(), ()):
        key = find(path)
        if key is None or key.plausible is None or value is None:
            continue
        low, high = key.plausible
        if not low <= value <= high:
            unit = "" if key.unit in ("-", "x") else f" {key.unit}".replace(" 1/", " per ")
            default = ", the default," if value == key.default else ""
            yield (f"{dotted(path)}: {shown(value)}{unit}{default} is outside the plausible range "
                   f"{shown(low)} to {shown(high)} ({key.source})")


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    else:
        yield path, value


def _without_effect(scenario: Scenario) -> Iterator[str]:
    products = list(scenario.products)
    if len(products) == 1 and scenario.customers.second_product > 0:
        yield "customers.second_product: has no effect with a single product"
    for name in products:
        if all(s.products and not s.products.get(name) for s in scenario.segments.values()):
            yield f"products.{name}: no segment ever asks for it"
    for name, kind in scenario.case_types.items():
        for segment, entry in scenario.segments.items():
            choice = kind.products or tuple(products)
            if entry.products and not any(entry.products.get(p) for p in choice):
                yield (f"case_types.{name}.products: segment {segment} gives none of them a "
                       "weight; the products' own weights are used")
    for name, pools in scenario.staff.pools.items():
        if sum(pools.values()) != scenario.staff.heads:
            yield (f"staff.pools.{name}: {sum(pools.values())} heads in all, staff.heads says "
                   f"{scenario.staff.heads}")
