"""Whether something new is found, and taken up (M21). Sizes are assumptions of the theory."""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def launch_chance(base, recombination, ties):
    """Per month: base + 0.02 x mean familiarity between units, weighted by unlike knowledge."""
    return min(base + recombination * ties, 1.0)


@kernel
def adoption_rate(most, fit, needed, steepness):
    """Share of the customers left that take it up in a month: most x sig(b (fit - needed))."""
    return most / (1.0 + math.exp(min(-steepness * (fit - needed), 700.0)))
