"""P13: a reorganisation costs before it pays (F4, F20).

Owns: that pattern. Never does: tune a parameter until the curve is a J.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.experiment.reorganise import Arm, reorganise
from sim.experiment.statistics import Interval
from sim.experiment.verify.ref import LEAST, Arms, Pattern, ranged

AFTER_MONTHS = 36
FEWEST, LONGEST = 1, 9
"""Months below the old level."""
TOLD = {"satisfaction": "points", "profit": "money per month"}


def j_curve(arms: Arms, **changes: Any) -> Iterator[Pattern]:
    """P13: product to segment map at month 12; below for 1 to 9 months, above by year 3.

    Needs differ between segments (0.5), products matter (aP 0.8), functions less (aF 0.4); a
    second arm has half the budget, which should be deeper or longer.
    """
    at = {"needs.segment_share": 0.5, "knowledge.product_effect": 0.8,
          "knowledge.function_effect": 0.4, "reorganisation.at": "12 months",
          "reorganisation.drag": 0.15, "time.horizon": f"{12 + AFTER_MONTHS} months"}
    short = {k: v for k, v in changes.items() if not k.startswith("time.horizon")}
    answer = reorganise(arms.scenario(at | short), "product", "customer", replications=LEAST,
                        seed=arms.seed, jobs=arms.jobs)
    full, half = answer.arms
    # REF has no churn: profit is cost alone there, and is reported without an expectation.
    for id, unit in TOLD.items():
        judged = id == "satisfaction"
        points = full.curves[id].difference[12:]
        below = sum(1 for i in points if i.mean is not None and i.mean < 0)
        deeper = _area(half, id) - _area(full, id)
        rows = [
            ranged(f"P13-{id}-months", f"months in which {id} is below that of staying",
                   Interval(float(below), None, None, answer.replications), FEWEST, LONGEST,
                   unit="months"),
            _above(f"P13-{id}-later", f"{id} in the last half of year 3 against staying",
                   full.curves[id].settled, unit),
            Pattern(f"P13-{id}-half-budget", f"{id} lost while below, half budget minus whole",
                    "at most 0", deeper, None, None, deeper <= 0, 0.0, f"{unit} x months",
                    answer.replications, "" if deeper <= 0 else "the other way round"),
        ]
        yield from rows if judged else [row.reported() for row in rows]


def _above(id: str, what: str, i: Interval, unit: str) -> Pattern:
    passed = i.low is not None and i.low > 0
    close = not passed and i.high is not None and i.high >= 0
    note = "" if passed else "too close to call" if close else "the other way round"
    return Pattern(id, what, "above 0", i.mean, i.low, i.high, passed, 0.0, unit, i.n, note)


def _area(arm: Arm, id: str) -> float:
    """Sum of the mean differences of the months below 0 since the change."""
    points = arm.curves[id].difference[12:]
    return sum(min(i.mean or 0.0, 0.0) for i in points)
