"""What a customer makes of visits, promises and small betrayals (M11 stages, M25)."""

from __future__ import annotations

from sim.jit import kernel


@kernel
def stage_quality(promptness, information, courtesy):
    """Quality of one visit in [0, 1]: mean of promptness 2^(-wait / T*), information, courtesy.

    Assumption: THEORY asks for satisfaction by stage without a formula.
    """
    return (promptness + information + courtesy) / 3.0


@kernel
def with_worst(quality, worst, peak):
    """Q - peak (Q - worst)+: the worst stage colours the whole (peak 0 to 1)."""
    return quality - peak * max(quality - worst, 0.0)


@kernel
def loss_softened(loss, trust, tolerance):
    """b- (1 + tolerance (1 - 2 t) / 2); b- (1.25 - 0.5 t) at tolerance 0.5 (THEORY M25)."""
    return loss * (1.0 + 0.5 * tolerance * (1.0 - 2.0 * trust))


@kernel
def answer_probability(satisfaction, response, extremes):
    """min(1, response (1 + extremes |S - 0.7| / 0.6)): extremes answer more (M27)."""
    return min(response * (1.0 + extremes * abs(satisfaction - 0.7) / 0.6), 1.0)
