"""Loyalty, leaving, and talking about the firm (M12, M14)."""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def loyalty_step(experiences, least):
    """a_L = max(least, 1 / (2 + n)): history weighs more with tenure (F33)."""
    return max(least, 1.0 / (2.0 + experiences))


@kernel
def leaving_probability(loyalty, churn_max, steepness, threshold):
    """Per month: h_max sig(-b (L + k_sw - C)), threshold = C - k_sw (F31, F32)."""
    # exp overflows above 709; the probability is 0 long before
    return churn_max / (1.0 + math.exp(min(steepness * (loyalty - threshold), 700.0)))
