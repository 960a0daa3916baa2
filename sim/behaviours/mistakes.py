"""When people err (M7)."""

from __future__ import annotations

from sim.jit import kernel


@kernel
def error_probability(gap, information, base, by_knowledge, by_information):
    """clip(e0 + ek (1 - kbar) + eI (1 - I), 0, 0.9); gap = 1 - kbar, the a-weighted mean gap."""
    p = base + by_knowledge * gap + by_information * (1.0 - information)
    return min(max(p, 0.0), 0.9)
