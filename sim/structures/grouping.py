"""How departments are made from a grouping rule: keys, units, roles (M1, R12).

Owns: the map from every task (function, product, segment, region) to a unit, and the roles of
each unit. Together with `presets` the only place that knows the name of a key. Never does:
staff anything, or tell other rooms by which key a unit was made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import Fault, InputError, nearest
from sim.records import Ints

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario, Unit

AXES = {"function": 0, "product": 1, "segment": 2, "region": 3}
"""Axis of the work cube along which a key divides; the key `all` divides along none."""
WHOLE = "all"
REST = "rest"

Key = tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """A structure as data: either a key per function or explicit units, and roles."""

    keys: Mapping[str, Key | str]
    """Key by function name; `rest` stands for the functions not named."""
    units: Sequence[Unit] = ()
    roles: Sequence[Sequence[str]] = ()
    """Sets of functions done by the same people; functions in none are a role of their own."""
    second: Mapping[str, Key | str] = field(default_factory=dict)
    """Keys of a second tree (M26); empty: there is none."""
    liaisons: Sequence[Sequence[str]] = ()
    """Names of units: the first of a row is joined with each of the others."""


@dataclass(frozen=True)
class Map:
    """Units and what each does, before anybody is counted."""

    units: tuple[str, ...]
    unit_of: Ints
    """[F, P, S, R] unit that owns each task."""
    roles: tuple[tuple[int, ...], ...]
    """Per unit the function masks of its roles, ordered by first function."""
    second_units: tuple[str, ...] = ()
    """Units of the second tree."""
    second_of: Ints | None = None
    """[F, P, S, R] unit of the second tree that each task belongs to."""
    liaisons: tuple[tuple[int, ...], ...] = ()
    """Units joined by liaison roles: the first of a row with each of the others."""


def cube(scenario: Scenario) -> list[list[str]]:
    """The values along each axis of the work cube, in declared order."""
    return [list(scenario.functions), list(scenario.products), list(scenario.segments),
            list(scenario.regions)]


def sensible_keys(scenario: Scenario) -> tuple[str, ...]:
    """The keys that divide anything here; where none does, the first."""
    some = tuple(key for key, axis in AXES.items() if len(cube(scenario)[axis]) > 1)
    return some or (next(iter(AXES)),)


def divide(scenario: Scenario, name: str, rule: Rule) -> Map:
    """Apply a rule to a scenario.

    Raises:
        InputError: If the rule leaves a task without a unit, gives one to two units, or names
            something the scenario does not have.
    """
    if rule.units:
        units, unit_of = _explicit(scenario, name, rule.units)
    else:
        units, unit_of = _keyed(scenario, f"structures.{name}.group", rule.keys)
    masks = _role_masks(scenario, name, rule.roles)
    roles = []
    for u in range(len(units)):
        owned = sum(1 << f for f in range(len(unit_of)) if (unit_of[f] == u).any())
        roles.append(tuple(mask & owned for mask in masks if mask & owned))
    second: tuple[list[str], Ints | None] = ([], None)
    if rule.second:
        second = _keyed(scenario, f"structures.{name}.second", rule.second)
    return Map(tuple(units), unit_of, tuple(roles), tuple(second[0]), second[1],
               _liaisons(scenario, name, rule.liaisons, units))


def _liaisons(scenario: Scenario, name: str, rows: Sequence[Sequence[str]],
              units: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Unit names as numbers."""
    faults = []
    for i, row in enumerate(rows):
        for word in row:
            if word not in units:
                close = nearest(word, units)
                faults.append(Fault(scenario.name, f"structures.{name}.liaisons.{i}",
                                    f"there is no unit {word!r}; there are {', '.join(units)}",
                                    f"did you mean {close}?" if close else ""))
    if faults:
        raise InputError(faults)
    return tuple(tuple(units.index(word) for word in row) for row in rows)


def _keyed(scenario: Scenario, where: str,
           keys: Mapping[str, Key | str]) -> tuple[list[str], Ints]:
    values = cube(scenario)
    unit_of = np.full([len(v) for v in values], -1, dtype=np.int32)
    index: dict[tuple[tuple[int, int], ...], int] = {}
    labels: list[str] = []
    long_labels: list[str] = []
    for f, function in enumerate(values[0]):
        axes = _axes(scenario, where, function, keys)
        for cell in product(*([f] if axis == 0 else range(len(values[axis])) for axis in axes)):
            place: list[int | slice] = [f, slice(None), slice(None), slice(None)]
            for axis, value in zip(axes, cell, strict=True):
                place[axis] = value
            # Sorted, so that functions with the same crossed keys in another order share units.
            identity = tuple(sorted(zip(axes, cell, strict=True)))
            if identity not in index:
                index[identity] = len(labels)
                words = [values[a][v] for a, v in zip(axes, cell, strict=True)]
                kinds = [key for a in axes for key, axis in AXES.items() if axis == a]
                labels.append("/".join(words) or WHOLE)
                long_labels.append("/".join(f"{kind} {word}" for kind, word
                                            in zip(kinds, words, strict=True)) or WHOLE)
            unit_of[tuple(place)] = index[identity]
    return unique(labels, long_labels), unit_of


def _axes(scenario: Scenario, where: str, function: str,
          keys: Mapping[str, Key | str]) -> tuple[int, ...]:
    key = keys.get(function, keys.get(REST))
    if key is None:
        raise InputError(Fault(scenario.name, where, f"says nothing about the function "
                               f"{function!r}", f"name it, or add {REST} = \"function\""))
    words = (key,) if isinstance(key, str) else tuple(key)
    for word in words:
        if word not in AXES and word != WHOLE:
            close = nearest(word, [*AXES, WHOLE])
            raise InputError(Fault(scenario.name, f"{where}.{function}", f"{word!r} is no key; "
                                   f"allowed: {', '.join([*AXES, WHOLE])}",
                                   f"did you mean {close}?" if close else ""))
    return tuple(dict.fromkeys(AXES[word] for word in words if word != WHOLE))


def unique(labels: Sequence[str], longer: Sequence[str]) -> list[str]:
    """Labels made unique: the longer form where two are equal, then a number."""
    count = Counter(labels)
    names = [long if count[short] > 1 else short
             for short, long in zip(labels, longer, strict=True)]
    seen: set[str] = set()
    for i, label in enumerate(names):
        n = 2
        while names[i] in seen:
            names[i] = f"{label} ({n})"
            n += 1
        seen.add(names[i])
    return names


def _explicit(scenario: Scenario, name: str, units: Sequence[Unit]) -> tuple[list[str], Ints]:
    values = cube(scenario)
    unit_of = np.full([len(v) for v in values], -1, dtype=np.int32)
    faults: list[Fault] = []
    for u, unit in enumerate(units):
        where = f"structures.{name}.units.{u}"
        chosen = []
        for kind, names, allowed in zip(
                AXES, (unit.functions, unit.products, unit.segments, unit.regions), values,
                strict=True):
            for word in names:
                if word not in allowed:
                    close = nearest(word, allowed)
                    faults.append(Fault(scenario.name, where, f"{word!r} is no {kind} of this "
                                        "scenario", f"did you mean {close}?" if close else ""))
            chosen.append([i for i, word in enumerate(allowed) if not names or word in names])
        cells = np.ix_(*chosen)
        if (unit_of[cells] >= 0).any():
            twice = next(i for i in product(*chosen) if unit_of[i] >= 0)
            faults.append(Fault(scenario.name, where, f"{unit.name!r} and "
                                f"{units[unit_of[twice]].name!r} both own {_task(values, twice)}"))
        unit_of[cells] = u
    if not faults and (unit_of < 0).any():
        gap = tuple(int(i) for i in np.argwhere(unit_of < 0)[0])
        faults.append(Fault(scenario.name, f"structures.{name}.units",
                            f"no unit owns {_task(values, gap)}"))
    if faults:
        raise InputError(faults)
    labels = [unit.name for unit in units]
    return unique(labels, labels), unit_of


def _task(values: Sequence[Sequence[str]], cell: Sequence[int]) -> str:
    words = [f"{kind} {v[i]!r}" for kind, v, i in zip(AXES, values, cell, strict=True)]
    return "the task of " + ", ".join(words)


def _role_masks(scenario: Scenario, name: str, roles: Sequence[Sequence[str]]) -> list[int]:
    functions = list(scenario.functions)
    masks: list[int] = []
    taken = 0
    for row in roles:
        mask = 0
        for function in row:
            if function not in functions:
                close = nearest(function, functions)
                raise InputError(Fault(scenario.name, f"structures.{name}.roles",
                                       f"{function!r} is no function of this scenario",
                                       f"did you mean {close}?" if close else ""))
            mask |= 1 << functions.index(function)
        if mask & taken:
            raise InputError(Fault(scenario.name, f"structures.{name}.roles",
                                   "a function stands in two roles"))
        taken |= mask
        if mask:
            masks.append(mask)
    masks += _default_roles(scenario, taken)
    return sorted(masks, key=lambda mask: mask & -mask)


def _default_roles(scenario: Scenario, taken: int) -> list[int]:
    """Roles of the functions that stand in none: as many neighbours in each as jobs are broad."""
    masks: list[int] = []
    size = 0
    for f, item in enumerate(scenario.functions.values()):
        if taken >> f & 1:
            continue
        if masks and 0 < size < scenario.work.job_breadth and not item.licensed:
            masks[-1] |= 1 << f
            size += 1
        else:
            masks.append(1 << f)
            size = scenario.work.job_breadth if item.licensed else 1
    return masks
