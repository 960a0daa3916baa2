"""Whom the firm favours: the highest scores, up to a share of all customers (M15).

Owns: the threshold of the score. Never does: know how a score was made.
"""

from __future__ import annotations

from sim.jit import kernel

STEPS = 200
"""Halvings at most: more than it takes to tell any two scores apart."""


@kernel
def threshold(profiles, customers, most):
    """The least score above which at most `most` of the active customers stand (scores >= 0)."""
    high = 0.0
    for c in range(len(profiles)):
        if customers[c]["status"] == 1:
            high = max(high, profiles[c]["score"])
    low = -1.0
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            break
        above = 0
        for c in range(len(profiles)):
            if customers[c]["status"] == 1 and profiles[c]["score"] > middle:
                above += 1
        if above > most:
            low = middle
        else:
            high = middle
    return high
