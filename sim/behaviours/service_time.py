"""How long work takes (M4): expert work, luck, and the slowness of the unpractised."""

from __future__ import annotations

import math

from sim.jit import kernel
from sim.rng import exponential, normal_quantile

LOGNORMAL, EXPONENTIAL, DETERMINISTIC = 0, 1, 2
DISTRIBUTIONS = {"lognormal": LOGNORMAL, "exponential": EXPONENTIAL, "deterministic": DETERMINISTIC}


@kernel
def slowness(function_gap, product_gap, segment_gap):
    """Factor m_e on expert work: 1 + aF (1 - kF) + aP (1 - kP) + aS (1 - kS), gap = a (1 - k)."""
    return 1.0 + function_gap + product_gap + segment_gap


@kernel
def effort(u, distribution, sigma, shift):
    """Luck X of a step, mean 1: exp(sigma z - sigma^2/2), exponential, or 1 (F60)."""
    if distribution == LOGNORMAL:
        if sigma == 0.0:
            return 1.0
        return math.exp(sigma * normal_quantile(u) - shift)
    if distribution == EXPONENTIAL:
        return exponential(u)
    return 1.0


def lognormal_sigma(spread: float) -> float:
    """Standard deviation of log X for a coefficient of variation `spread`."""
    return math.sqrt(math.log1p(spread * spread))
