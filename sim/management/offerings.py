"""The monthly review of an offering: a step towards the needs that reached its holder (M9)."""

from __future__ import annotations

from sim.jit import kernel


@kernel
def reviewed(offering, mean_need, speed, survival):
    """o + eta_o A (nhat - o); A, the share of the signal that survived the path, only slows it."""
    return offering + speed * survival * (mean_need - offering)


@kernel
def blended(own, firm, standard):
    """The need a unit aims at: its own customers', pulled towards the firm's mean (M20)."""
    return own + standard * (firm - own)
