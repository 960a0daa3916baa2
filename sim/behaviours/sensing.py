"""What customers say: who hears it, what is left of it on its way, how long that takes (M10)."""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def capture_probability(rate, orientation, knowledge):
    """cs = rate (0.5 + O) (0.5 + kS), at most 1: probability that a visit's signal is captured.

    rate 0.3 (0.1-0.6, assumption); O customer orientation and kS segment knowledge of the person,
    both 0-1. Source: THEORY M10.
    """
    return min(rate * (0.5 + orientation) * (0.5 + knowledge), 1.0)


@kernel
def surviving_share(levels, direct, log_survival):
    """A = x + (1 - x) rho^l: share of signals left after l levels, x heard directly.

    log_survival = log rho per level (0.75; for bad news 0.8 x that). Source: F88 (sign only).
    """
    return direct + (1.0 - direct) * math.exp(log_survival * levels)


@kernel
def report_delay(levels, direct, per_level):
    """(1 - x) l tau_up: hours until a signal reaches those who decide (tau_up 40 h, 8-160)."""
    return (1.0 - direct) * levels * per_level
