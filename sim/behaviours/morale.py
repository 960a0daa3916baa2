"""What lifts and weighs on people, and what they make of it at the counter (M16).

Source: the signs of F77 (service-profit chain), F78 (engagement and turnover), F86 (empowerment
and exhaustion); the sizes are assumptions.
"""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def strain(utilisation, norm, effect):
    """What load takes from morale: effect (u - norm)+."""
    return effect * max(utilisation - norm, 0.0)


@kernel
def variety_of(squares, total):
    """1 - Herfindahl index of the tasks done; squares is the sum of squared counts."""
    return 1.0 - squares / (total * total) if total > 0.0 else 0.0


@kernel
def morale_after(morale, target, speed):
    """M + speed (M* - M), kept in [0, 1]."""
    return min(max(morale + speed * (target - morale), 0.0), 1.0)


@kernel
def courtesy(base, morale_gap, morale_effect, orientation_gap, orientation_effect):
    """clip(c0 + 0.5 (M - 0.6) + 0.2 (O - 0.5), 0, 1)."""
    c = base + morale_effect * morale_gap + orientation_effect * orientation_gap
    return min(max(c, 0.0), 1.0)


@kernel
def quit_chance(rate, effect, morale_gap, share_of_year):
    """Within a share of a year at hazard h0 exp(-2 (M - 0.6)); a gap of 0.3 gives 0.55 h0."""
    return -math.expm1(-rate * math.exp(-effect * morale_gap) * share_of_year)


def recognised(hours: float, effect: float) -> float:
    """Lift by h hours of recognition a month: effect (1 - exp(-h / 4))."""
    return -effect * math.expm1(-hours / 4.0)
