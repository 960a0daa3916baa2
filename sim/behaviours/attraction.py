"""What makes a prospect join (M14)."""

from __future__ import annotations

from sim.jit import kernel


@kernel
def attraction(fit_gap, fit_effect, seller_gap, seller_effect, most):
    """clip(1 + a_f (fit - usual) + a_s (seller - usual), 0, most): 1 attracts as usual."""
    return min(max(1.0 + fit_effect * fit_gap + seller_effect * seller_gap, 0.0), most)


@kernel
def blended(level, value, step):
    """Moving average: level + step (value - level)."""
    return level + step * (value - level)
