"""What a change of structure costs while it is new (M22): capacity lost, cases led astray.

Sizes are assumptions; that there is a loss is F20, that it passes F4.
"""

from __future__ import annotations

import math

from sim.jit import kernel

MOST_DRAG = 0.9
"""No firm loses more of its capacity than this (R23)."""
YEARS_OF_RESISTANCE = 50.0
"""Years of age that add 1 to a firm's resistance (M17)."""


@kernel
def capacity_left(drag, hours, fading_h):
    """1 - D(t), D = min(0.9, D0 exp(-t / tau_D)): service times are divided by it. 0.1 to 1."""
    return 1.0 - min(MOST_DRAG, drag * math.exp(-hours / fading_h))


@kernel
def astray_probability(at_first, hours, fading_h):
    """Chance that a rerouted case follows the old path: min(1, p0 exp(-t / 520 h))."""
    return min(1.0, at_first * math.exp(-hours / fading_h))


def resistance(firm_age: float, leadership: float) -> float:
    """Vested interests of the old structure: age in years / 50 + (1 - leadership signal)."""
    return firm_age / YEARS_OF_RESISTANCE + (1.0 - leadership)


def drag_at_first(drag: float, budget_ratio: float) -> float:
    """D0 with the budget there is: D0 / (budget / needed budget), before the bound of 0.9."""
    return drag / budget_ratio
