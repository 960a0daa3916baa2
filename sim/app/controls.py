"""Sliders and charts before any run: the scenario's schema and structures as data.

Owns: which keys a visitor can move, in which of three layers, and a structure's chart as data.
Never does: hold a default, bound or source of its own: all come from the schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.app import lessons
from sim.app.link import OWN, Link
from sim.app.study import chosen
from sim.app.worlds import Worlds
from sim.experiment.answer import plain
from sim.scenario.catalogue import dotted, find
from sim.scenario.units import HOURS_PER_WEEK
from sim.structures import available, describe
from sim.structures.presets import title

if TYPE_CHECKING:
    from sim.scenario.catalogue import Key, Path
    from sim.scenario.schema import Scenario

LESSON = ("staff.heads", "handoffs.latency_h", "needs.segment_share", "labels.accuracy",
          "knowledge.product_effect")
"""The first layer: what a class moves."""
MORE = ("customers.count", "customers.cases_per_month", "customers.second_product",
        "knowledge.function_effect", "knowledge.segment_effect", "mistakes.base",
        "cover.minimum_proficiency", "staff.quit_rate", "staff.span", "offering.direct_contact",
        "market.switching_cost", "market.outside_option", "money.pay")
"""The second."""
_SYMBOL = re.compile(r" \([A-Za-z]+_?[A-Za-z0-9]*\)$")
"""The letter by which the model's documentation calls a parameter."""
KINDS = ("number", "integer", "boolean", "choice", "duration")


def schema(worlds: Worlds, link: Link) -> dict[str, Any]:
    """Every key that can be moved, with its value in the scenario and in the link.

    Raises:
        InputError, LimitExceeded: The link's settings make no sense.
    """
    changed = worlds.opened(link)
    base = worlds.opened(Link(link.scenario, overlays=link.overlays))
    before = dict(_leaves(base.scenario))
    rows = []
    for path, value in _leaves(changed.scenario):
        key = find(path)
        if key is None or key.kind not in KINDS or path[0] in ("structures", "schema_version"):
            continue
        name = dotted(path)
        rows.append(plain(_row(key, name, value, before.get(path, key.default))))
    first = lessons.sliders(link.lesson) if link.lesson else LESSON
    for row in rows:
        name = row["key"]
        row["layer"] = 1 if name in first else 2 if name in (*LESSON, *MORE) else 3
    order = {name: i for i, name in enumerate(dict.fromkeys((*first, *LESSON, *MORE)))}
    rows.sort(key=lambda row: order.get(row["key"], len(order)))
    scenario = changed.scenario
    why_not = available(scenario)
    return {
        "scenario": scenario.name,
        "summary": scenario.summary,
        "keys": rows,
        "overlays": list(base.overlays),
        "functions": list(scenario.functions),
        "grouping": ["function", "product", "segment", *(["region"] if len(scenario.regions) > 1
                                                         else []), "all"],
        "structures": [{"name": name, "title": title(scenario, name), "why_not": reason}
                       for name, reason in why_not.items()],
        "chosen": list(chosen(scenario, link)),
        "changes": [str(change) for change in changed.changes
                    if not change.key.startswith("structures.")],
        "seed": scenario.seed,
        "replications": scenario.compare.replications,
    }


def _row(key: Key, name: str, value: Any, before: Any) -> dict[str, Any]:
    low, high = key.low, key.high
    if key.plausible is not None:
        slider = list(key.plausible)
    elif low is not None and high is not None and high <= 1.0:
        slider = [low, high]
    elif isinstance(before, int | float) and not isinstance(before, bool) and before:
        slider = [max(low or 0.0, before / 4.0), min(before * 3.0, high or before * 3.0)]
    else:
        slider = [low or 0.0, min(high if high is not None else 1.0, 10.0)]
    numbers = [v for v in (value, before) if isinstance(v, int | float) and not
               isinstance(v, bool)]
    slider = [min([slider[0], *numbers]), max([slider[1], *numbers])]
    unit = key.unit
    if key.kind == "duration":
        value, before = f"{value:g} h", f"{before:g} h"
    group = find((key.path[0],)) if len(key.path) > 1 else None
    meaning = _SYMBOL.sub("", key.meaning)
    label = f"{group.meaning}: {meaning[:1].lower()}{meaning[1:]}" if group else meaning
    return {
        "key": name, "label": label, "kind": key.kind, "unit": "" if unit == "-" else unit,
        "value": value, "default": before, "low": low, "high": high, "slider": slider,
        "choices": list(key.choices), "source": key.source, "allowed": key.allowed(),
    }


def _leaves(scenario: Scenario) -> Iterator[tuple[Path, Any]]:
    """Every single value of a scenario with its place, tables by name included."""
    def walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                yield from walk(inner, (*path, name))
        elif not isinstance(value, list | tuple):
            yield path, value

    yield from walk(scenario.model_dump(), ())


def charts(worlds: Worlds, link: Link) -> dict[str, Any]:
    """Structures before any run: departments with people, expected hand-offs per case.

    Raises:
        InputError, LimitExceeded: The link's settings make no sense.
    """
    scenario = worlds.opened(link).scenario
    names = chosen(scenario, link)
    if link.own:
        names = tuple(dict.fromkeys([*names, OWN]))
    weights = {name: kind.weight for name, kind in scenario.case_types.items()}
    whole = sum(weights.values()) or 1.0
    found = [{
        "name": chart.name, "title": chart.title, "infeasible": chart.infeasible,
        "heads": chart.heads,
        "departments": [
            {"name": unit.name, "heads": unit.heads, "load": unit.load,
             "pools": [{"name": p.name, "heads": p.heads} for p in unit.pools]}
            for unit in chart.units],
        "handoffs": sum(weights[c.name] * c.handoffs for c in chart.cases) / whole,
        "visits": sum(weights[c.name] * c.visits for c in chart.cases) / whole,
        "warnings": list(chart.warnings), "notes": list(chart.notes),
    } for chart in describe(scenario, names).structures]
    return {"charts": plain(found), "hours_per_week": HOURS_PER_WEEK}

