"""A structure compiled to integer tables.

Owns: pools, names, distances and counts of a `records.Layout`, and the order of building one.
Never does: know why a unit is a unit; from here on structures differ by tables alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import InfeasibleStructure
from sim.records import Ints, Layout
from sim.structures.grouping import Map, divide, unique
from sim.structures.presets import rule
from sim.structures.routing import flow
from sim.structures.second import membership
from sim.structures.staffing import (
    allocate,
    combine_roles,
    functions_of,
    least_roles,
)

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def build(scenario: Scenario, name: str, heads: int | None = None) -> Layout:
    """Compile a structure of a scenario.

    Args:
        scenario: The world.
        name: A preset, or a structure of the scenario's own.
        heads: People of the line; default the sum of `staff.pools` for this structure, else
            `staff.heads`. With fewer people than pools functions are combined into roles (R3).

    Raises:
        InputError: For an unknown name or an inconsistent structure.
        InfeasibleStructure: If it cannot be expressed, or not be staffed with so few people.
    """
    divided = divide(scenario, name, rule(scenario, name))
    licensed = sum(1 << f for f, item in enumerate(scenario.functions.values()) if item.licensed)
    for roles in divided.roles:
        for role in roles:
            if role & licensed and role != role & -role:
                raise InfeasibleStructure(
                    name, f"the role {_words(scenario, role)} joins a licensed function with "
                    "others")
    if heads is None:
        heads = sum(scenario.staff.pools.get(name, {}).values()) or scenario.staff.heads
    layout = _assemble(scenario, name, divided, divided.roles, heads, ())
    if heads >= len(layout.pools):
        return layout
    combined, notes = _combined(scenario, name, divided, layout, heads, licensed)
    return _assemble(scenario, name, divided, combined, heads, notes)


def _combined(
    scenario: Scenario, name: str, divided: Map, layout: Layout, heads: int, licensed: int
) -> tuple[list[tuple[int, ...]], tuple[str, ...]]:
    """Roles per unit when there are more pools than people (R3), and what was done."""
    n_units = len(layout.units)
    if heads < n_units:
        raise InfeasibleStructure(
            name, f"{n_units} units need at least {n_units} people, there are {heads}")
    least = np.array([least_roles(roles, licensed) for roles in divided.roles], np.int32)
    if heads < least.sum():
        raise InfeasibleStructure(
            name, f"licensed functions cannot share people with others: at least {least.sum()} "
            f"people are needed, there are {heads}")
    work = flow(scenario, layout).work
    unit_work = np.zeros(n_units)
    np.add.at(unit_work, layout.pool_unit, work)
    people = allocate(unit_work, heads, least)
    combined, notes = [], []
    for u, roles in enumerate(divided.roles):
        merged = combine_roles(roles, work[layout.pool_unit == u], int(people[u]), licensed)
        combined.append(merged)
        if len(merged) < len(roles):
            joint = ", ".join(_words(scenario, role) for role in merged if role not in roles)
            notes.append(f"{divided.units[u]}: {len(roles)} roles for {people[u]} "
                         f"{'person' if people[u] == 1 else 'people'}, combined {joint}")
    return combined, tuple(notes)


def _words(scenario: Scenario, mask: int) -> str:
    functions = list(scenario.functions)
    return "+".join(functions[f] for f in functions_of(mask))


def _assemble(
    scenario: Scenario, name: str, divided: Map, roles: Sequence[tuple[int, ...]], heads: int,
    notes: tuple[str, ...],
) -> Layout:
    unit_of = divided.unit_of
    n_units, n_functions = len(divided.units), unit_of.shape[0]
    masks = [role for own in roles for role in own]
    pool_unit = np.repeat(np.arange(n_units), [len(own) for own in roles]).astype(np.int32)
    table = np.full((n_units, n_functions), -1, dtype=np.int32)
    for pool, mask in enumerate(masks):
        table[pool_unit[pool], functions_of(mask)] = pool
    pool_of = table[unit_of, np.arange(n_functions)[:, None, None, None]]

    owned = np.zeros((n_units, *unit_of.shape[1:]), dtype=bool)  # by any of its functions
    for f in range(n_functions):
        owned[(unit_of[f], *np.indices(unit_of.shape[1:]))] = True
    by_segment = np.asarray(owned.any(axis=(1, 3)))
    # A key of the unit is an axis of the cube along which it does not own everything.
    keys = np.zeros(n_units, dtype=np.int64)
    for others in ((2, 3), (1, 3), (1, 2)):
        along = np.asarray(owned.any(axis=others))
        keys += ~along.all(axis=1)
    flat = heads <= scenario.staff.span
    distance, bosses = reporting(n_units, scenario.staff.span, flat)
    offering = unit_of[scenario.offering_function]
    products = np.arange(unit_of.shape[1])[:, None, None]
    second, second_notes = _second_tree(scenario, divided, pool_of, len(masks), flat)
    return Layout(
        structure=name,
        units=divided.units,
        pools=tuple(_pool_names(scenario, divided.units, roles)),
        pool_unit=pool_unit,
        pool_functions=np.array(masks, dtype=np.int64),
        pool_elements=np.minimum(1 + keys[pool_unit], 3).astype(np.int32),
        pool_of=np.ascontiguousarray(pool_of, dtype=np.int32),
        unit_segments=(by_segment @ (1 << np.arange(by_segment.shape[1], dtype=np.int64))),
        unit_distance=distance,
        flat=flat,
        layer_bosses=bosses,
        offerings=len(np.unique(offering * np.int64(unit_of.shape[1]) + products)),
        tools=int((table >= 0).sum()),
        liaisons=divided.liaisons,
        notes=(*notes, *second_notes),
        **second,
    )


def _second_tree(scenario: Scenario, divided: Map, pool_of: Ints, n_pools: int,
                 flat: bool) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Fields of the second tree, and what a reader should know of it and of liaison roles."""
    notes = [f"liaison roles join {divided.units[row[0]]} with "
             + ", ".join(divided.units[u] for u in row[1:]) for row in divided.liaisons]
    if divided.second_of is None:
        return {}, tuple(notes)
    names = divided.second_units
    if flat:
        return {}, (*notes, "everybody answers to the chief alone: the second tree is left out")
    distance, bosses = reporting(len(names), scenario.staff.span, flat=False)
    fields = {
        "second_units": names,
        "pool_second": membership(pool_of, divided.second_of, n_pools, len(names)),
        "second_distance": distance,
        "second_bosses": bosses,
    }
    return fields, (*notes, f"second bosses: {', '.join(names)}")


def _pool_names(scenario: Scenario, units: Sequence[str],
                roles: Sequence[tuple[int, ...]]) -> list[str]:
    labels = [unit if len(own) == 1 else f"{unit}: {_words(scenario, role)}"
              for unit, own in zip(units, roles, strict=True) for role in own]
    return unique(labels, labels)


def reporting(n_units: int, span: int, flat: bool) -> tuple[Ints, int]:
    """Distance between units and the number of bosses between unit heads and the chief (R7).

    Units are grouped by `span` in declared order, the groups again, until one boss is left.

    Returns:
        [U, U] distances: 0 on the diagonal, 3 under one boss, +1 per extra layer; 1 everywhere
        if `flat`. Bosses: the chief is not among them; none in a flat firm.
    """
    if flat:
        return np.ones((n_units, n_units), dtype=np.int32), 0
    group = np.arange(n_units)
    distance = np.where(group[:, None] == group[None, :], 0, 3).astype(np.int32)
    bosses = 0
    while group[-1] >= span:
        group = group // span
        bosses += int(group[-1]) + 1
        distance += (group[:, None] != group[None, :]).astype(np.int32)
    return distance, bosses

