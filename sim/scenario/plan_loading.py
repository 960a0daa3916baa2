"""The one door to a plan: a file, a shipped name or tables in; a validated, frozen plan out.

Owns: reading, validation with all faults at once, the base scenario under each overlay a factor
names, the points of a CSV file. Never does: choose points, or know structures and metrics.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from sim.errors import Fault, InputError
from sim.scenario.catalogue import Key, Path, dotted, find, keys_of, shown
from sim.scenario.faults import hint, look_up
from sim.scenario.kinds import another_kind
from sim.scenario.library import locate, locate_plan
from sim.scenario.loading import load_with_log, tables
from sim.scenario.overlays import Draft, parse_value, plain
from sim.scenario.plan import Factor, Plan
from sim.scenario.reading import InputFault, check_depth, read_file
from sim.scenario.schema import Scenario
from sim.scenario.spelling import meant
from sim.scenario.units import parse_duration

NONE = ""
"""The level of a factor of overlays at which none is laid over."""
MAX_CSV_BYTES = 1 << 30
Combination = tuple[str, ...]
"""One overlay (or NONE) per factor of overlays, in the order of the factors."""


@dataclass(frozen=True)
class LoadedPlan:
    """A plan with all it refers to read in."""

    plan: Plan
    where: str
    """The file, or what stands for it in messages."""
    bases: dict[Combination, Scenario]
    """The base scenario under every combination of the overlays that are varied."""
    points: tuple[tuple[Any, ...], ...] = ()
    """Points of the CSV file: a value per factor."""


def load_plan(source: str | FilePath | Mapping[str, Any]) -> LoadedPlan:
    """Load a plan and the scenario it is about.

    Args:
        source: A TOML file, the name of a shipped plan, or a mapping.

    Raises:
        InputError: Everything that is wrong with it, at once.
    """
    if isinstance(source, Mapping):
        check_depth(source, "plan")
        raw, where, folder = plain(source), "plan", FilePath()
    else:
        path = locate_plan(source)
        where, folder = str(source), path.parent
        raw = read_file(path, where)
        if fault := another_kind(raw, where, "plan"):
            raise InputError(fault)
    try:
        plan = Plan.model_validate(raw)
    except ValidationError as error:
        told = [Fault(where, *f) for f in _translate(error, raw)]
        raise InputError([*told, *_other_faults(raw, error, where, folder)]) from None
    faults = [Fault(where, key, *words) for key, *words in _contradictions(plan)]
    points: tuple[tuple[Any, ...], ...] = ()
    if plan.sampler.kind == "csv" and plan.sampler.file:
        try:
            points = _csv_points(plan, folder / plan.sampler.file)
        except InputError as error:
            faults += error.faults
    try:
        bases = _bases(plan, where, folder)
    except InputError as error:
        raise InputError([*faults, *error.faults]) from None
    faults += _value_faults(plan, where, next(iter(bases.values())), points)
    if faults:
        raise InputError(faults)
    return LoadedPlan(plan, where, bases, points)


ENTANGLED = ("factors", "sampler", "replications", "precision", "structures")
"""Tables of a plan whose keys may contradict each other."""


def _other_faults(raw: Mapping[str, Any], error: ValidationError, where: str,
                  folder: FilePath) -> Sequence[Fault]:
    """What is wrong with the base and with values, what the validator blames left out.

    Contradictions are looked for only where what is left out has no part in any.
    """
    kept, entangled = dict(raw), False
    for item in error.errors(include_url=False, include_context=False):
        first, *rest = item["loc"] or ("",)
        entangled = entangled or first in ENTANGLED
        if first == "factors" and rest and isinstance(kept.get("factors"), Mapping):
            kept["factors"] = {n: f for n, f in kept["factors"].items() if n != rest[0]}
        else:
            kept.pop(str(first), None)
    try:
        plan = Plan.model_validate(kept)
    except ValidationError:
        return ()
    faults = [] if entangled else [Fault(where, *f) for f in _contradictions(plan)]
    try:
        base = next(iter(_bases(plan, where, folder).values()))
    except InputError as refused:
        return [*faults, *refused.faults]
    return faults + _value_faults(plan, where, base, ())


def plan_tables(plan: Plan) -> dict[str, Any]:
    """A plan as plain tables, defaults written out; equal plans give equal tables."""
    data: dict[str, Any] = json.loads(json.dumps(plan.model_dump()))
    if plan.horizon is not None:
        data["horizon"] = f"{plan.horizon!r} h"
    return data


def plan_schema() -> dict[str, Any]:
    """The file format as JSON Schema 2020-12, for editors."""
    from sim.scenario.export import for_editors

    schema = Plan.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "orgsim plan"
    for table in (schema, *schema["$defs"].values()):
        for item in table.get("properties", {}).values():
            for_editors(item)
    return schema


def varied_keys(plan: Plan) -> tuple[str, ...]:
    """The factors that change a key, in order; the others choose overlays."""
    return tuple(name for name, factor in plan.factors.items() if not factor.overlays)


@cache
def key_path(key: str) -> Path:
    """A dotted key as a path; empty if it is none."""
    return Draft({}, "", None).path_of(key)


@cache
def _keys() -> dict[tuple[str, ...], Key]:
    return keys_of(Plan)


def _find(path: Path) -> Key | None:
    pattern: tuple[str, ...] = ()
    for part in path:
        exact = (*pattern, str(part))
        pattern = exact if exact in _keys() else (*pattern, "*")
    return _keys().get(pattern)


def _translate(error: ValidationError, raw: Any) -> Iterator[tuple[str, str, str]]:
    """Key, message and hint of every fault the validator found, one per place."""
    seen = set()
    for item in error.errors(include_url=False, include_context=False):
        place = tuple(item["loc"])
        end = len(place)
        while end and _find(place[:end]) is None:
            end -= 1
        if item["type"] == "extra_forbidden":
            table = place[:-1]
            known = [p[-1] for p in _keys()
                     if len(p) == len(place) and _same(p[:-1], table) and p[-1] != "*"]
            told = (dotted(place), f"is not a key of {f'[{dotted(table)}]' if table else 'a plan'}",
                    meant(str(place[-1]), known) or "allowed here: " + ", ".join(known))
        else:
            path = place[:end] or ("name",)
            key = _find(path)
            assert key is not None, path  # noqa: S101 - the format's own keys
            value = look_up(raw, path)
            told = (dotted(path), f"is missing; write {key.allowed()} ({key.meaning})", "") \
                if item["type"] == "missing" else \
                (dotted(path), f"must be {key.allowed()}, not {shown(value)}",
                 hint(key, path, value))
        if told[0] not in seen:
            seen.add(told[0])
            yield told


def _same(pattern: tuple[str, ...], path: Path) -> bool:
    return all(a in ("*", b) for a, b in zip(pattern, map(str, path), strict=True))


def _contradictions(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Keys of a plan that do not go together: key, message, hint."""
    sampler = plan.sampler
    for name, factor in plan.factors.items():
        place = f"factors.{dotted((name,))}"
        given = [word for word in ("levels", "range", "overlays") if getattr(factor, word)]
        if sampler.kind == "csv":
            if factor.levels or factor.range:
                yield place, "takes its values from the CSV file", "leave the table empty"
        elif len(given) != 1:
            told = " and ".join(given) or "none"
            yield (place, f"needs one of levels, range and overlays, not {told}",
                   "levels = [1, 2], or range = [1, 2]")
        if factor.range:
            yield from _range_faults(name, place, factor)
        for values, word in ((factor.levels, "levels"), (factor.overlays, "overlays")):
            texts = [json.dumps(v, default=str) for v in values]
            twice = sorted({t for t in texts if texts.count(t) > 1})
            if twice:
                yield f"{place}.{word}", f"holds {', '.join(twice)} more than once", ""
    if sampler.kind == "csv" and not sampler.file:
        yield "sampler.file", "is needed with kind = \"csv\"", 'such as file = "points.csv"'
    if sampler.kind != "csv" and sampler.file:
        yield "sampler.file", f"is not used with kind = \"{sampler.kind}\"", 'kind = "csv"'
    if sampler.kind == "morris" and sampler.levels % 2:
        yield "sampler.levels", f"must be an even number, not {sampler.levels}", ""
    if sampler.kind in ("lhs", "sobol", "saltelli", "morris") and not plan.factors:
        yield "factors", f"is needed with kind = \"{sampler.kind}\": there is nothing to vary", ""
    if plan.precision.metrics and plan.precision.minimum > plan.precision.maximum:
        most = plan.precision.maximum
        yield ("precision.minimum",
               f"must be at most precision.maximum = {most}, not {plan.precision.minimum}", "")
    for key in plan.set:
        if key in plan.factors:
            yield f"set.{dotted((key,))}", "is varied by a factor too", "take one of them out"
    if plan.horizon is not None and "time.horizon" in {*plan.set, *plan.factors}:
        yield "horizon", "is told by time.horizon too", "take one of them out"
    for name in ("name", "summary", "seed", "schema_version", "overlays", "structures"):
        if name in plan.factors and not plan.factors[name].overlays:
            yield f"factors.{name}", "cannot be varied", \
                "structures = [...] at the top is a factor already" * (name == "structures")


def _range_faults(name: str, place: str, factor: Factor) -> Iterator[tuple[str, str, str]]:
    ends = range_of(name, factor)
    if ends is None or ends[0] >= ends[1]:
        told = shown(list(factor.range))
        yield (f"{place}.range",
               f"must be two numbers (or two durations), the lower one first, not {told}",
               "such as [0.1, 0.5]")
    elif factor.scale == "log" and ends[0] <= 0:
        yield f"{place}.range", "must lie above 0 with scale = \"log\"", ""


def range_of(name: str, factor: Factor) -> tuple[float, float] | None:
    """The ends of a factor's range as numbers, durations in hours; None if they are none."""
    key, ends = find(key_path(name)), []
    for value in factor.range:
        number = value
        if key is not None and key.kind == "duration":
            try:
                number = parse_duration(value)
            except ValueError:
                return None
        if isinstance(number, bool) or not isinstance(number, int | float) \
                or not math.isfinite(number):
            return None
        ends.append(float(number))
    return (ends[0], ends[1]) if len(ends) == 2 else None


def ends_of(name: str, factor: Factor) -> tuple[Any, ...]:
    """The ends of a range as values of the key."""
    ends = range_of(name, factor)
    return () if ends is None else tuple(as_value(name, end) for end in ends)


def as_value(name: str, number: float) -> Any:
    """A number as a value of a key: a duration with unit, a whole number where the key is one."""
    key = find(key_path(name))
    if key is not None and key.kind == "duration":
        return f"{number!r} h"
    if key is not None and key.kind == "integer":
        return round(number)
    return number


def _bases(plan: Plan, where: str, folder: FilePath) -> dict[Combination, Scenario]:
    """The base scenario under every combination of the overlays that are varied."""
    beside = folder / plan.scenario
    try:
        source = beside if beside.is_file() else locate(plan.scenario)
    except InputError as error:
        fault = error.faults[0]
        raise InputError(Fault(where, "scenario", f"{shown(plan.scenario)}: {fault.message}",
                               fault.hint)) from None
    changes: dict[str, Any] = dict(plan.set)
    if plan.horizon is not None:
        changes["time.horizon"] = f"{plan.horizon!r} h"
    if plan.seed is not None:
        changes["seed"] = plan.seed
    choices = [factor.overlays for factor in plan.factors.values() if factor.overlays]
    found, faults = {}, dict[Fault, None]()
    for combination in itertools.product(*choices):
        names = [_beside(n, folder) for n in (*plan.overlays, *combination) if n != NONE]
        try:
            found[combination] = load_with_log(source, overlays=names, set=changes,
                                               limits=None).scenario
        except InputError as error:
            faults.update(dict.fromkeys(
                Fault(where, "set", f"{f.key}: {f.message}" if f.key else f.message, f.hint)
                if f.where == "--set" else f for f in error.faults))
    if faults:
        raise InputError(list(faults))
    return found


def _beside(name: str, folder: FilePath) -> str:
    """An overlay file is looked for beside the plan."""
    return str(folder / name) if name.endswith(".toml") and (folder / name).is_file() else name


def _value_faults(plan: Plan, where: str, base: Scenario,
                  points: tuple[tuple[Any, ...], ...]) -> list[Fault]:
    """Levels and ends of ranges that their key cannot take, in this scenario."""
    faults: dict[Fault, None] = {}
    raw = tables(base)
    for index, (name, factor) in enumerate(plan.factors.items()):
        if factor.overlays:
            continue
        part = "levels" if factor.levels else "range" if factor.range else ""
        place = f"factors.{dotted((name,))}" + f".{part}" * bool(part)
        values = factor.levels or ends_of(name, factor)
        if points:
            values = tuple({json.dumps(p[index], default=str): p[index] for p in points}.values())
        for value in values:
            told = _refusals(raw, name, value)
            faults.update(dict.fromkeys(Fault(where, place, *words) for words in told))
    return list(faults)


def _refusals(raw: dict[str, Any], name: str, value: Any) -> list[tuple[str, str]]:
    """Why a key cannot take a value: message and hint; contradictions between keys left out."""
    from sim.scenario.faults import touches, translate

    draft = Draft(raw, "--set", None).copy()
    draft.set({name: value})
    if draft.faults:
        return [(f.message, f.hint) for f in draft.faults]
    try:
        Scenario.model_validate(draft.raw)
    except ValidationError as error:
        path = key_path(name)
        told = f"{shown(value)}: " if find(path) else ""  # no key: no matter which value
        return [(told + p.message if p.path == path else
                 f"{dotted(p.path)} {p.message}", p.hint)
                for p in translate(error, draft.raw) if touches(p.path, path)]
    return []


def _csv_points(plan: Plan, path: FilePath) -> tuple[tuple[Any, ...], ...]:
    """Points of a CSV file: values as in TOML, a text where they are none.

    Raises:
        InputError: It cannot be read, has other columns than there are factors, or a broken line.
    """
    where, factors = path.name, list(plan.factors)
    try:
        if path.stat().st_size > MAX_CSV_BYTES:
            raise InputFault(where, "", f"is larger than {MAX_CSV_BYTES:,} bytes")
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file) if any(cell.strip() for cell in line)]
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputFault(where, "", f"cannot be read ({reason})",
                         "it must lie beside the plan") from None
    head = [cell.strip() for cell in lines[0]] if lines else []
    faults = [Fault(where, name, "is no factor of the plan", meant(name, factors))
              for name in head if name not in factors]
    faults += [Fault(where, name, "has no column") for name in factors if name not in head]
    if len(set(head)) != len(head):
        faults.append(Fault(where, "", "names a column twice"))
    if len(lines) < 2 and not faults:
        faults.append(Fault(where, "", "holds no point"))
    faults += [Fault(where, f"line {n}", f"has {len(line)} cells, not {len(head)}")
               for n, line in enumerate(lines[1:], 2) if len(line) != len(head)][:20]
    if faults:
        raise InputError(faults)
    order = [head.index(name) for name in factors]
    for name, column in zip(factors, order, strict=True):
        known = plan.factors[name].overlays
        strange = {line[column].strip() for line in lines[1:]} - set(known) if known else ()
        faults += [Fault(where, name, f"{shown(word)} is none of its overlays: "
                         f"{', '.join(map(shown, known))}", meant(word, known))
                   for word in sorted(strange)]
    if faults:
        raise InputError(faults)
    text = [bool(plan.factors[name].overlays) for name in factors]
    return tuple(
        tuple(line[c].strip() if is_text else parse_value(line[c].strip())
              for c, is_text in zip(order, text, strict=True))
        for line in lines[1:])
