"""The structures a user may name: presets as data, and the scenario's own.

Owns: the names of structures, which of them a scenario can express, and the default list.
Never does: compile one (`grouping`, `layout`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.errors import Fault, InfeasibleStructure, InputError, nearest
from sim.scenario.tables.firm import Unit
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
    second: tuple[str, ...] = ()
    """Keys of a second tree: the first of them that divides."""
    key_account: bool = False
    """For the most valuable segment the front and the offering are in a unit of its own, with
    liaison roles to all other units."""
    asked: bool = False
    """Compared only where somebody names it."""


PRESETS = {
    "undivided": Preset("one unit of generalists", WHOLE, generalists=True),
    "functional": Preset("one unit per function", "function"),
    "product": Preset("one unit per product", "product"),
    "customer": Preset("one unit per customer segment", "segment"),
    "regional": Preset("one unit per region", "region"),
    "front-back": Preset("front by segment, back by function", "function", front="segment"),
    "matrix": Preset("one unit per function, and a second boss", "function",
                     second=("segment", "product"), asked=True),
    "key-account": Preset("one unit per function, and one for the key accounts", "function",
                          key_account=True, asked=True),
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
        return Rule(own.group, own.units, own.roles, own.second, own.liaisons)
    if name not in PRESETS:
        close = nearest(name, names(scenario))
        raise InputError(Fault(scenario.name, "structures", f"there is no structure {name!r}; "
                               f"there are {', '.join(names(scenario))}",
                               f"did you mean {close}?" if close else ""))
    preset = PRESETS[name]
    reason = inexpressible(scenario, preset)
    if reason:
        raise InfeasibleStructure(name, reason)
    if preset.key_account:
        return _key_accounts(scenario)
    keys = {REST: preset.rest}
    if preset.front is not None:
        keys |= {f: preset.front for f, item in scenario.functions.items() if item.front}
    return Rule(keys, roles=[list(scenario.functions)] if preset.generalists else (),
                second={REST: key} if (key := _second_key(scenario, preset)) else {})


def _second_key(scenario: Scenario, preset: Preset) -> str | None:
    """The first key of a preset's second tree that divides anything."""
    values = cube(scenario)
    return next((key for key in preset.second if len(values[AXES[key]]) > 1), None)


def _key_accounts(scenario: Scenario) -> Rule:
    """Explicit units: one for the most valuable customers, the others by function.

    It does the functions marked front and the one that holds the offering; a row of liaison
    roles joins it with all other units.
    """
    functions = list(scenario.functions)
    front = [f for i, f in enumerate(functions)
             if scenario.functions[f].front or i == scenario.offering_function]
    best = max(scenario.segments, key=lambda name: scenario.segments[name].value)
    others = tuple(name for name in scenario.segments if name != best)
    name = "key accounts"
    while name in functions:
        name += " unit"
    units = [Unit(name=name, functions=tuple(front), segments=(best,))]
    units += [Unit(name=f, functions=(f,), segments=others if f in front else ())
              for f in functions]
    return Rule({}, units, liaisons=[[name, *functions]])


def inexpressible(scenario: Scenario, preset: Preset) -> str | None:
    """Why a scenario cannot express a preset, or None."""
    front = [f for f, item in scenario.functions.items() if item.front]
    licensed = [f for f, item in scenario.functions.items() if item.licensed]
    if "region" in (preset.rest, preset.front) and len(scenario.regions) < 2:
        return "the scenario has only one region"
    if preset.front is not None and not front:
        return "no function is marked front = true"
    if preset.second and _second_key(scenario, preset) is None:
        return "the scenario has only one segment and one product"
    if preset.key_account and len({s.value for s in scenario.segments.values()}) < 2:
        return "no segment is worth more than another"
    if preset.generalists and licensed and len(scenario.functions) > 1:
        return f"a licensed function ({', '.join(licensed)}) cannot share a role with others"
    return None


def divides(scenario: Scenario, preset: Preset) -> bool:
    """Whether a preset's keys have more than one value, or divide nothing on purpose."""
    sizes = [len(values) for values in cube(scenario)]
    keys = {preset.rest, preset.front or preset.rest} - {WHOLE}
    return preset.generalists or any(sizes[AXES[key]] > 1 for key in keys)
