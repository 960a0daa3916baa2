"""How much an induction teaches (M6, M16)."""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def trained(knowledge, hours, learn_rate):
    """1 - (1 - k) exp(-h / tauL), h the hours of induction that count for this element."""
    return 1.0 - (1.0 - knowledge) * math.exp(-hours * learn_rate)
