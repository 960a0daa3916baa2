"""Formulas of people as compiled code computes them.

Owns: the calls. Never does: check anything.
"""

from __future__ import annotations

import numba

from sim.behaviours import morale, onboarding


@numba.njit
def every_formula(a, b, c, d, out):
    """All formulas of four numbers in (0, 1), one per place of out [6]."""
    out[0] = morale.strain(a, b, c)
    out[1] = morale.variety_of(a, 1.0 + b)
    out[2] = morale.morale_after(a, b, c)
    out[3] = morale.courtesy(a, b - 0.5, c, d - 0.5, a)
    out[4] = morale.quit_chance(a, 2.0 * b, c - 0.5, d)
    out[5] = onboarding.trained(a, 100.0 * b, 0.01 * c)
