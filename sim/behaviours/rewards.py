"""What rewards for deadlines or relationships change (M18); all are 1 at one half.

The sizes are assumptions.
"""

from __future__ import annotations


def time_by_reward(relationship: float) -> float:
    """0.9 + 0.2 wR."""
    return 0.9 + 0.2 * relationship


def errors_by_reward(relationship: float) -> float:
    """1.3 - 0.6 wR."""
    return 1.3 - 0.6 * relationship


def capture_by_reward(relationship: float) -> float:
    """Factor on the signals people pass on: 0.7 + 0.6 wR."""
    return 0.7 + 0.6 * relationship


def latency_by_reward(shared: float) -> float:
    """Factor on the delay of hand-offs: 1.3 - 0.6 sR (M3)."""
    return 1.3 - 0.6 * shared
