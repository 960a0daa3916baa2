"""What a hand-off costs as a function of distance (M3), and how teams become familiar (R44)."""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def effective_distance(distance, familiarity, effect):
    """d' = d (1 - k_phi phi)."""
    return distance * (1.0 - effect * familiarity)


@kernel
def mean_latency(distance, latency_h, log_growth):
    """Mean delay in h: tau1 gam^(d' - 1)."""
    return latency_h * math.exp(log_growth * (distance - 1.0))


@kernel
def information_kept(distance, log_keep):
    """Share of information that survives: (1 - del1)^d'."""
    return math.exp(log_keep * distance)


def information_loss(per_step: float, sharing: float, understanding: float) -> float:
    """Share lost per unit of distance: del1 (1 - 0.5 sig_sh) (1 - 0.3 v)."""
    return per_step * (1.0 - 0.5 * sharing) * (1.0 - 0.3 * understanding)


@kernel
def familiarity_faded(familiarity, hours, decay):
    """Familiarity after `hours` without a hand-off: phi exp(-dt / 1000 h)."""
    return familiarity * math.exp(-hours * decay)


@kernel
def familiarity_gained(familiarity, gain, people_here, people_there):
    """After one hand-off: each pair of people needs about 20, so (1 - phi) / (20 n1 n2)."""
    return familiarity + (1.0 - familiarity) * gain / (people_here * people_there)
