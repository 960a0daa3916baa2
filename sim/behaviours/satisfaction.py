"""How satisfaction is formed: attributes, quality, expectation (M9 fit, M11).

Source: expectation and disconfirmation, Oliver 1980; losses weigh more, Anderson & Sullivan
1993 (F25, F26).
"""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def fit(squared_distance, scale):
    """exp(-|n - o|^2 / (2 omega^2)), scale = 1 / (2 omega^2)."""
    return math.exp(-squared_distance * scale)


@kernel
def speed(response_h, tolerance_h):
    """2^(-R / T*): one half when the answer takes as long as tolerated."""
    return math.exp(-0.6931471805599453 * response_h / tolerance_h)


@kernel
def satisfaction(quality, expectation, gain, loss):
    """S = clip(Q + b+ D+ - b- (-D)+, 0, 1) with D = Q - E."""
    d = quality - expectation
    s = quality + (gain if d > 0.0 else loss) * d
    return min(max(s, 0.0), 1.0)


@kernel
def moved(level, target, step):
    """level + step (target - level), kept in [0, 1]."""
    return min(max(level + step * (target - level), 0.0), 1.0)
