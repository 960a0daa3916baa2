"""Rules of management as compiled code computes them.

Owns: the calls. Never does: check anything.
"""

from __future__ import annotations

import numba

from sim.management.offerings import reviewed
from sim.management.staffing import next_move, share_out


@numba.njit
def rules(work, heads, quota, posts, staying, threshold, movable, numbers, out):
    """Fill quota; return the next move; out[0] = an offering moved by four numbers."""
    share_out(work, heads, quota)
    out[0] = reviewed(numbers[0], numbers[1], numbers[2], numbers[3])
    return next_move(quota, posts, staying, threshold, movable)
