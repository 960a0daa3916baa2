"""How load and overwork change pace (M4): faster with a full queue, slower when tired.

Source: the signs of F61-F63; the sizes are assumptions.
"""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def hurried(waiting_per_person, most, scale):
    """Factor on time: 1 - 0.15 (1 - exp(-x)), x the waiting cases per person."""
    return 1.0 - most * (1.0 - math.exp(-waiting_per_person / scale))


@kernel
def overwork(before, utilisation, norm, keep):
    """Om after a week: moving average of (utilisation - 0.85)+, keep = exp(-40 h / 160 h)."""
    return keep * before + (1.0 - keep) * max(utilisation - norm, 0.0)


@kernel
def owned_pace(share, most):
    """Factor on time: 1 - own h, h the share of the case already done by this team."""
    return 1.0 - most * share


@kernel
def taught(knowledge, best, rate):
    """A week beside somebody who knows: k + rate (best - k)."""
    return knowledge + rate * (best - knowledge)
