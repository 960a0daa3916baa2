"""Which structures a scenario offers, and which are compared when nobody says.

Owns: `available` and `default_list`. Never does: rank them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import InfeasibleStructure
from sim.records import Layout
from sim.structures.layout import build
from sim.structures.presets import PRESETS, inexpressible, names

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def available(scenario: Scenario) -> dict[str, str | None]:
    """Every structure that may be named, with None or the reason it cannot be run."""
    found: dict[str, str | None] = {}
    for name in names(scenario):
        try:
            build(scenario, name)
            found[name] = None
        except InfeasibleStructure as error:
            found[name] = error.reason
    return found


def default_list(scenario: Scenario) -> tuple[str, ...]:
    """Structures compared when nobody says which.

    `compare.structures` if given; else every preset the scenario can express (R12), and its own
    structures. A preset with generalists only in firms of at most two spans (R46); a preset that
    is the same map as one already in the list is left out. Structures that cannot be staffed stay in, so
    that a comparison says so (R3).
    """
    if scenario.compare.structures:
        return scenario.compare.structures
    chosen: list[str] = []
    maps: list[Layout] = []
    for name in names(scenario):
        if name not in scenario.structures:
            preset = PRESETS[name]
            if inexpressible(scenario, preset):
                continue
            if preset.generalists and scenario.staff.heads > 2 * scenario.staff.span:
                continue
            try:
                layout = build(scenario, name, heads=max(scenario.staff.heads, 100_000))
            except InfeasibleStructure:
                continue
            if any(_same(layout, other) for other in maps):
                continue
            maps.append(layout)
        chosen.append(name)
    return tuple(chosen)


def _same(a: Layout, b: Layout) -> bool:
    """Two layouts with the same tables, whatever they are called."""
    return (np.array_equal(a.pool_of, b.pool_of) and np.array_equal(a.pool_unit, b.pool_unit)
            and np.array_equal(a.pool_functions, b.pool_functions))
