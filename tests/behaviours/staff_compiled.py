"""Formulas of people as compiled code computes them.

Owns: the calls. Never does: check anything.
"""

from __future__ import annotations

import numba

from sim.behaviours import morale, onboarding, orientation, pressure


@numba.njit
def every_formula(a, b, c, d, out):
    """All formulas of four numbers in (0, 1), one per place of out [15]."""
    out[0] = morale.strain(a, b, c)
    out[1] = morale.variety_of(a, 1.0 + b)
    out[2] = morale.morale_after(a, b, c)
    out[3] = morale.courtesy(a, b - 0.5, c, d - 0.5, a)
    out[4] = morale.quit_chance(a, 2.0 * b, c - 0.5, d)
    out[5] = onboarding.trained(a, 100.0 * b, 0.01 * c)
    out[6] = orientation.heard_of(a, b, c)
    out[7] = orientation.drawn(a, b, c)
    out[8] = orientation.settled(a, b - 0.5, c)
    out[9] = orientation.boundary_factor(a, b)
    out[10] = orientation.care_factor(a, b)
    out[11] = pressure.hurried(4.0 * a, b, 0.1 + c)
    out[12] = pressure.overwork(a, b, c, d)
    out[13] = pressure.owned_pace(a, b)
    out[14] = pressure.taught(a, b, c)
