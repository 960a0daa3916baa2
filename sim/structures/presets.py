"""The structures a user may name: presets as data, and the scenario's own.

Owns: the names of structures, which of them a scenario can express, and the default list.
Never does: compile one (`grouping`, `layout`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.errors import Fault, InfeasibleStructure, InputError, nearest
from sim.structures.grouping import AXES, REST, WHOLE, Rule, cube

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Preset:
    """A shipped structure: one key for the front, one for the rest, and how people share work."""

    title: str
    rest: str
    front: str | None = None
    """Key of functions marked `front`; None: the same as `rest`."""
    generalists: bool = False
    """One role with all functions."""


PRESETS = {
    "undivided": Preset("one unit of generalists", WHOLE, generalists=True),
    "functional": Preset("one unit per function", "function"),
    "product": Preset("one unit per product", "product"),
    "customer": Preset("one unit per customer segment", "segment"),
    "regional": Preset("one unit per region", "region"),
    "front-back": Preset("front by segment, back by function", "function", front="segment"),
}
"""Shipped structures, in the order in which they are listed."""


def names(scenario: Scenario) -> tuple[str, ...]:
    """Every structure that may be named: presets, then the scenario's own."""
    return tuple(dict.fromkeys([*PRESETS, *scenario.structures]))


def title(scenario: Scenario, name: str) -> str:
    """What a structure is called in front of readers."""
    if name in scenario.structures:
        return scenario.structures[name].title or name
    return PRESETS[name].title


def rule(scenario: Scenario, name: str) -> Rule:
    """The grouping rule of a structure; a scenario's own goes before a preset of that name.

    Raises:
        InputError: For a name nobody defined.
        InfeasibleStructure: For a preset this scenario cannot express.
    """
    if name in scenario.structures:
        own = scenario.structures[name]
        return Rule(own.group, own.units, own.roles)
    if name not in PRESETS:
        close = nearest(name, names(scenario))
        raise InputError(Fault(scenario.name, "structures", f"there is no structure {name!r}; "
                               f"there are {', '.join(names(scenario))}",
                               f"did you mean {close}?" if close else ""))
    preset = PRESETS[name]
    reason = inexpressible(scenario, preset)
    if reason:
        raise InfeasibleStructure(name, reason)
    keys = {REST: preset.rest}
    if preset.front is not None:
        keys |= {f: preset.front for f, item in scenario.functions.items() if item.front}
    return Rule(keys, roles=[list(scenario.functions)] if preset.generalists else ())


def inexpressible(scenario: Scenario, preset: Preset) -> str | None:
    """Why a scenario cannot express a preset, or None."""
    front = [f for f, item in scenario.functions.items() if item.front]
    licensed = [f for f, item in scenario.functions.items() if item.licensed]
    if "region" in (preset.rest, preset.front) and len(scenario.regions) < 2:
        return "the scenario has only one region"
    if preset.front is not None and not front:
        return "no function is marked front = true"
    if preset.generalists and licensed and len(scenario.functions) > 1:
        return f"a licensed function ({', '.join(licensed)}) cannot share a role with others"
    return None


def divides(scenario: Scenario, preset: Preset) -> bool:
    """Whether a preset's keys have more than one value, or divide nothing on purpose."""
    sizes = [len(values) for values in cube(scenario)]
    keys = {preset.rest, preset.front or preset.rest} - {WHOLE}
    return preset.generalists or any(sizes[AXES[key]] > 1 for key in keys)
