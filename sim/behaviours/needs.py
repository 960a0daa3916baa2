"""How needs move: drift, and a need that surfaces (M21). Sizes are assumptions of the theory."""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def drift_step(seen, unseen, driver, rest):
    """A month's step of a segment's mean need: sd (sqrt(e) z1 + sqrt(1 - e) z2).

    z1 comes from drivers that a panel can see ahead, z2 from nothing anybody sees; seen and
    unseen are the two standard deviations (sd 0.02 slow to 0.08 fashion).
    """
    return seen * driver + unseen * rest


@kernel
def latent_weight(hours, ramp_h):
    """Weight of a new need, 0 to 1 over the ramp (12 months), `hours` after it begins to count."""
    if hours <= 0.0:
        return 0.0
    return min(1.0, hours / max(ramp_h, 1e-9))


@kernel
def readiness(hours, scale_h):
    """1 - exp(-X / 500 h): how far X hours of exploration have prepared the firm."""
    return 1.0 - math.exp(-hours / scale_h)
