"""Ranges of several keys that make sense together.

Owns: how ranges are narrowed until no corner of a table contradicts the scenario. Never does: run
anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, product
from typing import TYPE_CHECKING

from sim.questions.keys import Range, makes_sense, narrowed

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

ALL_CORNERS_UP_TO = 5
"""Keys of a table whose corners are all looked at; of more, those that say most."""
STEP = 0.8
"""An end that takes part in a contradiction keeps this share of its way from the own value."""
ROUNDS = 80
Corner = Mapping[str, float]


def consistent(scenario: Scenario, ranges: Sequence[Range]) -> list[Range]:
    """Ranges whose corners make sense together, table by table.

    A contradiction is taken down to the keys that are needed for it; their ends move towards the
    scenario's own values until it is gone.
    """
    found = {one.key: narrowed(scenario, one) for one in ranges}
    for _, group in groupby(ranges, key=lambda one: one.key.partition(".")[0]):
        keys = [one.key for one in group]
        for _ in range(ROUNDS):
            wrong = next((c for c in _corners([found[k] for k in keys])
                          if not _sound(scenario, found, c)), None)
            if wrong is None:
                break
            for key in _core(scenario, found, wrong):
                found[key] = _less(found[key], wrong[key])
    return [found[one.key] for one in ranges]


def _sound(scenario: Scenario, ranges: Mapping[str, Range], corner: Corner) -> bool:
    return makes_sense(scenario, [ranges[k].change(v) for k, v in corner.items()])


def _corners(ranges: Sequence[Range]) -> Iterator[Corner]:
    """Corners of the box: all of few keys, else all low, all high, each key against the rest."""
    if len(ranges) <= ALL_CORNERS_UP_TO:
        for ends in product((0, 1), repeat=len(ranges)):
            yield {r.key: (r.low, r.high)[e] for r, e in zip(ranges, ends, strict=True)}
        return
    for most in (1, 0):
        yield {r.key: (r.low, r.high)[most] for r in ranges}
        for odd in ranges:
            yield {r.key: (r.low, r.high)[most if r is not odd else 1 - most] for r in ranges}


def _core(scenario: Scenario, ranges: Mapping[str, Range], wrong: Corner) -> Corner:
    """The least part of a corner that still contradicts the scenario."""
    core = dict(wrong)
    for key in wrong:
        fewer = {k: v for k, v in core.items() if k != key}
        if fewer and not _sound(scenario, ranges, fewer):
            core = fewer
    return core


def _less(one: Range, end: float) -> Range:
    """The range with one end nearer to the scenario's own value."""
    now = one.now if one.now is not None else (one.low + one.high) / 2.0
    moved = now + STEP * (end - now)
    if one.whole:
        moved = math.floor(moved) if end > now else math.ceil(moved)
    moved = float(f"{moved:.4g}")
    return (replace(one, high=moved, narrowed=True) if end == one.high
            else replace(one, low=moved, narrowed=True))
