"""Checks of the tables of competitors, surges and stock against the others.

Owns: names these tables refer to. Never does: check a field's own bounds.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.catalogue import shown
from sim.scenario.faults import Problem
from sim.scenario.schema import Scenario
from sim.scenario.spelling import meant


def problems(scenario: Scenario) -> Iterator[Problem]:
    """Names that are not there, and material for work that comes by telephone."""
    rival = scenario.competition
    if rival.entrant_segment and rival.entrant_segment not in scenario.segments:
        yield _missing(("competition", "entrant_segment"), rival.entrant_segment,
                       list(scenario.segments), "segment")
    stock = scenario.stock
    if not stock.enabled:
        return
    if stock.function not in scenario.functions:
        yield _missing(("stock", "function"), stock.function, list(scenario.functions),
                       "function")
    for name, kind in scenario.case_types.items():
        if kind.channel == "phone" and stock.function in (kind.steps or scenario.functions):
            yield Problem(("stock", "function"), f"{shown(stock.function)} is a step of the "
                          f"telephone cases {shown(name)}, which cannot wait for material",
                          "leave the step out of that case type")


def _missing(path: tuple[str, ...], word: str, known: list[str], kind: str) -> Problem:
    return Problem(path, f"{shown(word)} is no {kind}; there are: {', '.join(known[:12])}",
                   meant(word, known))
