"""Checks of one key against another: sums, references, cycles, tasks without an owner.

Owns: every rule a single field cannot express; all faults are collected, none stops the others.
Never does: check a field's own type or bounds (the schema does), or build a structure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import chain, islice, product

from sim.scenario import checks_change
from sim.scenario.catalogue import shown
from sim.scenario.faults import MAX_FAULTS, Problem
from sim.scenario.schema import Scenario
from sim.scenario.spelling import GROUP_SYNONYMS, meant
from sim.scenario.tables.firm import KEYS, Structure, Unit
from sim.scenario.tables.work import CaseType

PRESETS = ("undivided", "functional", "product", "customer", "regional", "front-back", "matrix",
           "key-account")
"""Structures every scenario may name; what they mean is said in `structures`."""
REST = "rest"
"""Stands, in a structure's `group`, for the functions not named."""
SUM_TOLERANCE = 1e-6
MAX_ENTRIES = {"segments": 10, "products": 10, "regions": 10, "functions": 10, "case_types": 20,
               "structures": 50, "overlays": 50}
MAX_UNITS = 1000
"""More than there are tasks in most scenarios; a bound on what is laid out."""
MAX_NAME = 60


def check(scenario: Scenario, metrics: Collection[str] | None = None) -> list[Problem]:
    """Every contradiction inside a scenario that is valid key by key.

    Args:
        scenario: A scenario whose fields are valid.
        metrics: Known metric ids for `objective.weights`; None: not checked.
    """
    problems = chain(_names(scenario), _sums(scenario), _segments(scenario), _functions(scenario),
                     _case_types(scenario), _structures(scenario), _choices(scenario, metrics),
                     _time(scenario), _relations(scenario), _segmentation(scenario),
                     checks_change.problems(scenario), _reorganisation(scenario))
    return list(islice(problems, MAX_FAULTS + 1))


def _names(scenario: Scenario) -> Iterator[Problem]:
    for table, most in MAX_ENTRIES.items():
        entries: dict[str, object] = getattr(scenario, table)
        if len(entries) > most:
            yield Problem((table,), f"has {len(entries)} entries; at most {most} are possible")
        if not entries and table not in ("structures", "overlays"):
            yield Problem((table,), "is empty; at least one entry is needed")
        yield from _distinct(((table, name), name) for name in entries)
    for name in ("name", "summary"):
        if not _printable(getattr(scenario, name), breaks=name == "summary"):
            yield Problem((name,), "must be printable text")
    if not scenario.name.strip():
        yield Problem(("name",), "must not be blank")
    if REST in scenario.functions:
        yield Problem(("functions", REST), f'"{REST}" is reserved for "all other functions"',
                      "choose another name")


def _distinct(named: Iterable[tuple[tuple[str | int, ...], str]]) -> Iterator[Problem]:
    """Names that are empty, unprintable, too long, or equal but for upper and lower case."""
    seen: dict[str, str] = {}
    for path, name in named:
        if not name.strip() or name != name.strip():
            yield Problem(path, f"the name {shown(name)} is blank or has spaces around it")
        elif not _printable(name) or len(name) > MAX_NAME:
            yield Problem(path, f"the name {shown(name)} must be printable and have at most "
                          f"{MAX_NAME} characters; it has {len(name)}")
        twin = seen.setdefault(name.casefold(), name)
        if twin is not name:
            yield Problem(path, f"the names {shown(twin)} and {shown(name)} "
                          + ("are the same" if twin == name else "differ only in case"),
                          "use clearly different names")


def _printable(text: str, breaks: bool = False) -> bool:
    return all(c.isprintable() or (breaks and c in "\n\t") for c in text)


def _sums(scenario: Scenario) -> Iterator[Problem]:
    for table in ("segments", "regions"):
        entries = getattr(scenario, table)
        total = math.fsum(entry.share for entry in entries.values())
        if entries and abs(total - 1.0) > SUM_TOLERANCE:
            yield Problem((table, "*", "share"), f"the shares of all {table} must sum to 1, not "
                          f"{total:.7g} ({_listed({n: e.share for n, e in entries.items()})})")
    yield from _entered(scenario)
    weights = {name: getattr(scenario.satisfaction, name) for name in
               ("weight_fit", "weight_speed", "weight_resolution", "weight_courtesy")}
    total = math.fsum(weights.values())
    if abs(total - 1.0) > SUM_TOLERANCE:
        yield Problem(("satisfaction",), f"the four weights must sum to 1, not {total:.7g} "
                      f"({_listed(weights)})")
    needs = scenario.needs
    parts = {name: getattr(needs, name)
             for name in ("segment_share", "product_share", "interaction_share")}
    total = math.fsum(parts.values())
    if total > 1.0 + SUM_TOLERANCE:
        yield Problem(("needs",), f"the shares of variance may sum to at most 1, not {total:.7g} "
                      f"({_listed(parts)})", "the rest lies between individuals")


def _entered(scenario: Scenario) -> Iterator[Problem]:
    """Somebody is there at the start, and somebody can come to a market that is entered."""
    if not any(segment.entered for segment in scenario.segments.values()):
        yield Problem(("segments", "*", "entered"), "at least one segment must be there from the "
                      "start", "remove entered = false from one of them")
    market = scenario.market
    for name, segment in scenario.segments.items():
        cap = market.churn_max if segment.churn_max is None else segment.churn_max
        if not segment.entered and (not market.inflow or cap == 0):
            yield Problem(("segments", name, "entered"), "nobody would ever join this segment: "
                          "its customers cannot change firms, or nobody joins",
                          "set market.inflow = true and a churn_max above 0")


def _listed(values: Mapping[str, float]) -> str:
    words = [f"{name} {value:g}" for name, value in values.items()]
    return ", ".join(words[:10]) + (", ..." if len(words) > 10 else "")


def _segments(scenario: Scenario) -> Iterator[Problem]:
    for name, segment in scenario.segments.items():
        path = ("segments", name, "products")
        yield from _unknown(path, segment.products, scenario.products, "product")
        if segment.products and not any(segment.products.values()):
            yield Problem(path, "all weights are 0; at least one product must have a weight")


def _functions(scenario: Scenario) -> Iterator[Problem]:
    marked = [name for name, item in scenario.functions.items() if item.offering]
    if len(marked) > 1:
        yield Problem(("functions", "*", "offering"), "exactly one function holds the offering; "
                      f"these do: {', '.join(map(shown, marked))}",
                      "leave offering = true in one of them")
    types = scenario.case_types.values()
    used = {step for kind in types for step in kind.steps or scenario.functions}
    for name in scenario.functions:
        if name not in used:
            yield Problem(("functions", name), "is a step of no case type: its staff would never "
                          "have work", "add it to case_types.NAME.steps or remove it")


def _case_types(scenario: Scenario) -> Iterator[Problem]:
    for name, kind in scenario.case_types.items():
        path = ("case_types", name)
        yield from _unknown((*path, "steps"), kind.steps, scenario.functions, "function")
        yield from _twice((*path, "steps"), kind.steps)
        yield from _unknown((*path, "products"), kind.products, scenario.products, "product")
        yield from _twice((*path, "products"), kind.products)
        steps = kind.steps or tuple(scenario.functions)
        yield from _unknown((*path, "work_h"), kind.work_h, steps, "step of this case type")
        yield from _order((*path, "after"), kind, steps)
        choice = kind.products or tuple(scenario.products)
        if kind.second_product and len(set(choice)) == 1:
            yield Problem((*path, "second_product"), f"is {kind.second_product:g}, but this type "
                          f"can concern only {shown(choice[0])}",
                          "write 0, or give it two products")


def _order(path: tuple[str, ...], kind: CaseType, steps: Sequence[str]) -> Iterator[Problem]:
    """Precedence: known steps, nothing waits for itself, nothing waits for what never comes."""
    yield from _unknown(path, kind.after, steps, "step of this case type")
    members = set(steps)
    for step, earlier in kind.after.items():
        yield from _twice((*path, step), earlier)
        for other in earlier:
            if other not in members:
                yield Problem((*path, step), f"step {shown(step)} can never be reached: it waits "
                              f"for {shown(other)}, which is no step of this case type",
                              meant(other, steps) or f"its steps: {', '.join(steps[:12])}")
    try:
        TopologicalSorter({step: set(earlier) for step, earlier in kind.after.items()}).prepare()
    except CycleError as error:
        ring = " after ".join(shown(step) for step in error.args[1][:12])
        yield Problem(path, f"the steps wait for each other in a cycle: {ring}",
                      "take one of them out")


def _structures(scenario: Scenario) -> Iterator[Problem]:
    for name, structure in scenario.structures.items():
        path = ("structures", name)
        if name.casefold() in PRESETS:
            yield Problem(path, f"{shown(name)} is the name of a preset", "choose another name")
        if "," in name or " - " in name:
            yield Problem(path, f'the name {shown(name)} must not hold "," or " - "')
        if not _printable(structure.title):
            yield Problem((*path, "title"), "must be printable text")
        if bool(structure.group) == bool(structure.units):
            yield Problem(path, "needs either `group` (a key per function) or `units` (explicit); "
                          f"it has {'both' if structure.units else 'neither'}",
                          "" if structure.units else 'such as group = { rest = "segment" }')
        if structure.group:
            yield from _group(scenario, (*path, "group"), structure.group)
        if structure.second:
            yield from _group(scenario, (*path, "second"), structure.second)
        yield from _liaisons((*path, "liaisons"), structure)
        yield from _units(scenario, (*path, "units"), structure.units)
        yield from _roles(scenario, (*path, "roles"), structure)


def _liaisons(path: tuple[str, ...], structure: Structure) -> Iterator[Problem]:
    """Names of keyed units are known only to those who build them; explicit ones are checked."""
    if len(structure.liaisons) > MAX_UNITS:
        yield Problem(path, f"has {len(structure.liaisons)} rows; at most {MAX_UNITS} are possible")
        return
    for i, row in enumerate(structure.liaisons):
        yield from _twice((*path, str(i)), row)
        if len(row) < 2:
            yield Problem((*path, str(i)), "must name at least two units: the first is joined "
                          "with each of the others")
        if structure.units:
            yield from _unknown((*path, str(i)), row, [u.name for u in structure.units], "unit")


def _group(scenario: Scenario, path: tuple[str, ...],
           group: Mapping[str, tuple[str, ...] | str]) -> Iterator[Problem]:
    yield from _unknown(path, group, (*scenario.functions, REST), "function")
    for function, key in group.items():
        words = (key,) if isinstance(key, str) else key
        for word in words:
            if word not in KEYS:
                yield Problem((*path, function), f"{shown(word)} is no grouping key; allowed: "
                              + ", ".join(KEYS), meant(word, KEYS, GROUP_SYNONYMS))
        yield from _twice((*path, function), words)
        if not words:
            yield Problem((*path, function), "names no key; allowed: " + ", ".join(KEYS))
        if "all" in words and len(words) > 1:
            yield Problem((*path, function), '"all" cannot be crossed with other keys')
    left = [f for f in scenario.functions if f not in group]
    if left and REST not in group:
        yield Problem(path, f"says nothing about {', '.join(map(shown, left))}",
                      f'name it, or add {REST} = "function"')


def _roles(scenario: Scenario, path: tuple[str, ...], structure: Structure) -> Iterator[Problem]:
    if len(structure.roles) > len(scenario.functions):
        yield Problem(path, f"has {len(structure.roles)} roles for {len(scenario.functions)} "
                      "functions", "a function stands in one role")
        return
    for i, role in enumerate(structure.roles):
        place = (*path, str(i))
        yield from _unknown(place, role, scenario.functions, "function")
        known = [f for f in role if f in scenario.functions]
        if not role:
            yield Problem(place, "is empty; a role is a list of functions")
        licensed = [f for f in known if scenario.functions[f].licensed]
        if licensed and len(set(known)) > 1:
            yield Problem(place, f"joins the licensed function {shown(licensed[0])} with others",
                          "licensed functions are a role of their own")
        if structure.group and len({_key(structure, f) for f in known}) > 1:
            yield Problem(place, "joins functions with different keys: " + ", ".join(
                f"{f} ({'/'.join(sorted(_key(structure, f)))})" for f in known))
        for unit in structure.units:
            inside = [f for f in known if not unit.functions or f in unit.functions]
            if inside and len(inside) < len(known):
                yield Problem(place, f"joins {', '.join(known)}, but the unit {shown(unit.name)} "
                              f"does only {', '.join(inside)}")
    yield from _twice(path, [f for role in structure.roles for f in role])


def _key(structure: Structure, function: str) -> frozenset[str]:
    key = structure.group.get(function, structure.group.get(REST, ()))
    return frozenset((key,) if isinstance(key, str) else key)


def _units(scenario: Scenario, path: tuple[str, ...], units: Sequence[Unit]) -> Iterator[Problem]:
    """Explicit units own every task exactly once; the first task that breaks this is named."""
    if not units:
        return
    if len(units) > MAX_UNITS:
        yield Problem(path, f"has {len(units)} units; at most {MAX_UNITS} are possible")
        return
    yield from _distinct(((*path, i, "name"), unit.name) for i, unit in enumerate(units))
    axes = ("functions", "products", "segments", "regions")
    known: dict[str, tuple[str, ...]] = {axis: tuple(getattr(scenario, axis)) for axis in axes}
    wrong = [problem for i, unit in enumerate(units) for axis in axes
             for problem in (*_unknown((*path, str(i), axis), getattr(unit, axis), known[axis],
                                       axis[:-1]),
                             *_twice((*path, str(i), axis), getattr(unit, axis)))]
    yield from wrong
    if wrong:
        return
    owner: dict[tuple[str, ...], str] = {}
    for i, unit in enumerate(units):
        for cell in product(*(getattr(unit, axis) or known[axis] for axis in axes)):
            if cell in owner:
                yield Problem((*path, i), f"{shown(owner[cell])} and {shown(unit.name)} both own "
                              + _task(axes, cell), "each task belongs to exactly one unit")
                return
            owner[cell] = unit.name
    gap = next((c for c in product(*known.values()) if c not in owner), None)
    if gap is not None:
        yield Problem(path, f"no unit owns {_task(axes, gap)}",
                      "each task belongs to exactly one unit")


def _task(axes: Sequence[str], cell: Sequence[str]) -> str:
    return "the task of " + ", ".join(f"{axis[:-1]} {shown(word)}"
                                      for axis, word in zip(axes, cell, strict=True))


def _choices(scenario: Scenario, metrics: Collection[str] | None) -> Iterator[Problem]:
    structures = (*PRESETS, *scenario.structures)
    yield from _unknown(("compare", "structures"), scenario.compare.structures, structures,
                        "structure")
    yield from _twice(("compare", "structures"), scenario.compare.structures)
    yield from _unknown(("staff", "pools"), scenario.staff.pools, structures, "structure")
    for name, pools in scenario.staff.pools.items():
        if not pools:
            yield Problem(("staff", "pools", name), "names no pool; give heads by pool name")
    weights = scenario.objective.weights
    if metrics is not None:
        yield from _unknown(("objective", "weights"), weights, metrics, "metric")
    if weights and not any(weights.values()):
        yield Problem(("objective", "weights"), "all weights are 0; at least one must be above")


def _time(scenario: Scenario) -> Iterator[Problem]:
    time = scenario.time
    if time.period > time.horizon:
        yield Problem(("time", "period"), f"is {time.period:g} h, longer than the horizon of "
                      f"{time.horizon:g} h", "a period is one step of the model")


def _relations(scenario: Scenario) -> Iterator[Problem]:
    for table in ("complaints", "best_customers"):
        function = getattr(scenario, table).function
        yield from _unknown((table, "function"), () if function is None else (function,),
                            scenario.functions, "function")
    extra = {name: getattr(scenario.satisfaction, name)
             for name in ("weight_understanding", "weight_tangibles", "weight_channel")}
    if math.fsum(extra.values()) > 1.0 + SUM_TOLERANCE:
        yield Problem(("satisfaction",), "the weights of understanding, tangibles and channel may "
                      f"sum to at most 1, not {math.fsum(extra.values()):.7g} ({_listed(extra)})",
                      "the rest is shared by the four others")
    best = scenario.best_customers
    for key in ("correlation", "joined_correlation"):
        known = getattr(best, key)
        if best.enabled and known > best.persistence:
            yield Problem(("best_customers", key), f"is {known:g}, more than the persistence of "
                          f"{best.persistence:g}: nobody knows next year's value better than "
                          "this year's value does", "lower it, or raise the persistence")


def _segmentation(scenario: Scenario) -> Iterator[Problem]:
    used = scenario.segmentation.use
    yield from _unknown(("segmentation", "use"), used,
                        tuple(type(scenario.segmentation.relevance).model_fields), "trait")
    yield from _twice(("segmentation", "use"), used)


def _reorganisation(scenario: Scenario) -> Iterator[Problem]:
    change = scenario.reorganisation
    if not change.to:
        return
    yield from _unknown(("reorganisation", "to"), (change.to,), (*PRESETS, *scenario.structures),
                        "structure")
    if change.at >= scenario.time.horizon:
        yield Problem(("reorganisation", "at"), f"is {change.at:g} h after warm-up, and the "
                      f"horizon ends after {scenario.time.horizon:g} h",
                      "raise time.horizon, or change the structure earlier")


def _unknown(path: tuple[str, ...], words: Iterable[str], known: Collection[str],
             kind: str) -> Iterator[Problem]:
    members = set(known)
    for word in words:
        if word not in members:
            listed = ", ".join(list(known)[:12]) + (", ..." if len(known) > 12 else "")
            yield Problem(path, f"{shown(word)} is no {kind}; there are: {listed or 'none'}",
                          meant(word, known))


def _twice(path: tuple[str, ...], words: Sequence[str]) -> Iterator[Problem]:
    for word, count in Counter(words).items():
        if count > 1:
            often = "twice" if count == 2 else f"{count} times"
            yield Problem(path, f"names {shown(word)} {often}")
