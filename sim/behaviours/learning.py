"""What people learn by doing and forget (M6).

Equilibrium for a share x of time on an element: k* = x / (x + tauL / tauG).
"""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def kept(hours, forget_rate):
    """Share of knowledge left after `hours`: exp(-h / tauG)."""
    return math.exp(-hours * forget_rate)


@kernel
def practised(knowledge, gap_left):
    """Knowledge after practice: 1 - (1 - k) exp(-h / tauL), gap_left = exp(-h / tauL)."""
    return 1.0 - (1.0 - knowledge) * gap_left
