"""Demand that swells for a while (M24): the same customers come earlier, in the same order."""

from __future__ import annotations

from sim.jit import kernel


@kernel
def due(now, gap, begin, length, factor):
    """Time of the next case whose gap at the normal rate is `gap` h.

    Inside the surge time runs `factor` times as fast for arrivals: the integral of the rate from
    now to the answer is that of the gap.
    """
    end = begin + length
    left = gap
    at = now
    if at < begin:
        if at + left <= begin:
            return at + left
        left -= begin - at
        at = begin
    if at < end:
        inside = (end - at) * factor
        if left <= inside and factor > 0.0:
            return at + left / factor
        left -= inside
        at = end
    return at + left


@kernel
def overlap(start, stop, begin, end):
    """Hours that two spans of time share."""
    return max(min(stop, end) - max(start, begin), 0.0)
