"""Formulas as compiled code computes them, for those that Python cannot call alone.

Owns: the calls. Never does: check anything.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from sim.behaviours import handoff, learning, loyalty, mistakes, satisfaction, service_time


@numba.njit
def _efforts(u, distribution, sigma, out):
    for i in range(len(u)):
        out[i] = service_time.effort(u[i], distribution, sigma, sigma * sigma / 2.0)


def efforts(u: NDArray[np.float64], distribution: int, spread: float = 0.0
            ) -> NDArray[np.float64]:
    """Luck of steps drawn by u."""
    out = np.zeros(len(u))
    sigma = service_time.lognormal_sigma(spread) if distribution == service_time.LOGNORMAL else 0.0
    _efforts(np.asarray(u, float), distribution, sigma, out)
    return out


@numba.njit
def every_formula(a, b, c, d, out):
    """All formulas of four numbers in (0, 1), one per place of out [14]."""
    out[0] = handoff.effective_distance(4.0 * a, b, c)
    out[1] = handoff.mean_latency(4.0 * a, b, c)
    out[2] = handoff.information_kept(4.0 * a, -b)
    out[3] = handoff.familiarity_faded(a, 1000.0 * b, 0.001)
    out[4] = handoff.familiarity_gained(a, b, 3, 2)
    out[5] = learning.kept(1000.0 * a, b / 1000.0)
    out[6] = learning.practised(a, b)
    out[7] = loyalty.loyalty_step(20.0 * a, 0.05)
    out[8] = loyalty.leaving_probability(a, b, 20.0 * c, d)
    out[9] = mistakes.error_probability(a, b, c, d, 1.5 * a)
    out[10] = satisfaction.fit(5.0 * a, b)
    out[11] = satisfaction.speed(20.0 * a, 20.0 * b)
    out[12] = satisfaction.satisfaction(a, b, c, d)
    out[13] = satisfaction.moved(a, b, c)
