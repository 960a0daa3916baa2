"""Which structures a scenario offers, and which are compared when nobody says.

Owns: `available`, `default_list`, and which structures are the same. Never does: rank them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import InfeasibleStructure
from sim.structures.grouping import Map, Rule, divide
from sim.structures.layout import build
from sim.structures.presets import PRESETS, divides, inexpressible, names, rule

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
    structures. Presets with generalists stand in it only in firms of at most two spans (R46),
    those of the kind that adds to another (a second boss, a liaison) only where they are named;
    those that divide by something there is only one of, or that are the same map as one already
    in the list, are left out. Structures that cannot be staffed stay in: a comparison says so.
    """
    if scenario.compare.structures:
        return scenario.compare.structures
    chosen: list[str] = []
    maps: list[Map] = []
    for name in names(scenario):
        if name not in scenario.structures:
            preset = PRESETS[name]
            if preset.asked or inexpressible(scenario, preset) or not divides(scenario, preset):
                continue
            if preset.generalists and scenario.staff.heads > 2 * scenario.staff.span:
                continue
            divided = divide(scenario, name, rule(scenario, name))
            if any(_same(divided, other) for other in maps):
                continue
            maps.append(divided)
        chosen.append(name)
    return tuple(chosen) or (next(n for n, p in PRESETS.items() if not p.generalists),)


def _same(a: Map, b: Map) -> bool:
    """Two maps that divide work in the same way, whatever they are called."""
    return (a.roles == b.roles and np.array_equal(a.unit_of, b.unit_of)
            and not (a.second_units or b.second_units or a.liaisons or b.liaisons))


def identity(scenario: Scenario, name: str, own: Rule | None = None) -> tuple[Any, ...]:
    """Equal for two structures that divide work in the same way, whatever things are called.

    Args:
        scenario: The world.
        name: Of the structure.
        own: Its rule, if the scenario does not hold one of that name.

    Raises:
        InputError, InfeasibleStructure: As `layout.build`.
    """
    made = divide(scenario, name, own or rule(scenario, name))
    second = None if made.second_of is None else made.second_of.tobytes()
    return made.unit_of.tobytes(), made.roles, second, made.liaisons
