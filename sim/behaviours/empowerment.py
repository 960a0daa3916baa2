"""Empowerment of the front line (M19): approvals it needs, gaps it closes.

Source: structure and sizes are assumptions; that empowered staff tire faster under load is F86.
"""

from __future__ import annotations

from sim.jit import kernel


def approval_probability(rate: float, level: float) -> float:
    """Probability that a visit needs approval: 0.2 (1 - a); a in [0, 1]."""
    return rate * (1.0 - level)


def gap_kept(adaptation: float, level: float) -> float:
    """Factor on the squared gap between need and offering of a case that was adapted.

    Adaptation closes 0.25 a of the gap itself: (1 - 0.25 a)^2.
    """
    left = 1.0 - adaptation * level
    return left * left


@kernel
def approver_distance(head_team, n):
    """Distance to the n-th approver (n = 0, 1...): the unit head leads its first team (R47).

    1 for people of that team, else 2; each further approver sits one level higher.
    """
    return (1.0 if head_team else 2.0) + n
