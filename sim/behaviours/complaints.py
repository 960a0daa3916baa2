"""Who complains, and what that does to loyalty (M13).

Source: TARP's studies (F36, F37). That complainers who are ignored stay more often than the
silent is a matter of who complains: the probability rises with loyalty, and being ignored is no
bonus.
"""

from __future__ import annotations

from sim.jit import kernel

AVERAGE_LOYALTY = 0.70
"""Loyalty at which the rate of complaining is as stated."""


@kernel
def complaint_probability(loyalty, rate, slope):
    """clip(rate + slope (L - 0.70), 0, 1), per case below the threshold (rate 0.05 to 0.75)."""
    return min(max(rate + slope * (loyalty - AVERAGE_LOYALTY), 0.0), 1.0)


@kernel
def shifted(level, change):
    """A level between 0 and 1 after a change."""
    return min(max(level + change, 0.0), 1.0)
