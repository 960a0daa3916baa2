"""Kernels of competition as compiled code computes them.

Owns: the calls. Never does: check anything.
"""

from __future__ import annotations

import numba

from sim.engine import rivalry


@numba.njit
def rival_fit(w, customer, focus):
    """Fit of a competitor of this focus."""
    return rivalry.rival_fit(w, customer, focus)


@numba.njit
def contested(w, customer, now):
    """Loyalty at which a customer is undecided."""
    return rivalry.contested(w, customer, now)
