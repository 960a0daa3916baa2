"""How a customer-minded culture grows, and what it does at the border of a unit (M17).

Source: Gebhardt, Carpenter & Sherry 2006 (F87) for the pace; the sizes are assumptions.
"""

from __future__ import annotations

from sim.jit import kernel


@kernel
def heard_of(mean, best, stories):
    """What people see and hear of others: the mean, or by stories the best of them."""
    return mean + stories * (best - mean)


@kernel
def drawn(orientation, target, speed):
    """A month's step towards what is shown: speed (target - O)."""
    return speed * (target - orientation)


@kernel
def settled(orientation, step, haste):
    """O + step x haste in [0, 1]; haste = 1 / (1 + age / 50 years)."""
    return min(max(orientation + haste * step, 0.0), 1.0)


@kernel
def boundary_factor(orientation, effect):
    """Factor on the delay of a hand-off between units: 1.25 - 0.5 O at the default effect."""
    return 1.0 + effect * (0.5 - orientation)


@kernel
def care_factor(orientation, care):
    """Factor on errors: 1 + care (1 - 2 O)."""
    return 1.0 + care * (1.0 - 2.0 * orientation)
