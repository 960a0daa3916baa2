"""What a customer is worth to the firm, year by year (M15).

Source: lognormal values whose upper fifth holds 64% at sigma 1.2 (range 1.0 to 1.4); a share of
them persists from year to year (Malthouse & Blattberg 2005, F51).
"""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def mixed(known, correlation, chance):
    """r z + sqrt(1 - r^2) e, chance = e standard normal: correlates r with z.

    Next year's log value from this year's (r = persistence), and the firm's estimate of it.
    """
    return correlation * known + math.sqrt(1.0 - correlation * correlation) * chance


@kernel
def worth(mean, log_value, sigma):
    """Annual value, money: mean exp(sigma z - sigma^2 / 2), so that its mean is `mean`."""
    return mean * math.exp(sigma * log_value - 0.5 * sigma * sigma)
