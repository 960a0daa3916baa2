"""Keyed draws of the twin, in plain Python integers.

Owns: SplitMix64 once more, written from the paper, and the inverses that turn a uniform into a
duration or a choice. Never does: share a line with `sim.rng`, except the numbers that name a
purpose.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.special import ndtri

WORD = 2**64
GOLDEN = 0x9E3779B97F4A7C15


def scramble(x: int) -> int:
    """SplitMix64's output function (Steele, Lea & Flood 2014)."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) % WORD
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) % WORD
    return x ^ (x >> 31)


def child(key: int, purpose: int, count: int) -> int:
    """Key of an entity that belongs to another one."""
    return scramble((key + (purpose * 2**40 + count) * GOLDEN) % WORD)


def uniform(key: int, purpose: int, count: int) -> float:
    """The uniform of one decision point."""
    return (child(key, purpose, count) // 2**11 + 0.5) / 2**53


def post_key(seed: int, replication: int, slot: int, stream: int) -> int:
    """Key of a post of the firm."""
    root = child(seed % WORD, 0, 1)
    run = child(root, 1, replication)
    return child(child(run, 2, stream), 3, slot)


def exponential(u: float) -> float:
    """Unit exponential."""
    return -math.log1p(-u)


def lognormal(u: float, spread: float) -> float:
    """Lognormal with mean 1 and coefficient of variation `spread`."""
    variance = math.log1p(spread**2)
    return math.exp(math.sqrt(variance) * float(ndtri(u)) - variance / 2)


def choice(weights: Sequence[float], u: float, without: int | None = None) -> int:
    """Index drawn in proportion to weights, one of them left out."""
    left = [0.0 if i == without else w for i, w in enumerate(weights)]
    edge = u * sum(left)
    reached = 0.0
    last = 0
    for i, weight in enumerate(left):
        if weight > 0:
            last = i
            reached += weight
            if edge < reached:
                return i
    return last


def task_count(function: int, product: int, loop: int) -> int:
    """Count of a draw that belongs to a task in a loop of rework."""
    return loop * 256 + function * 16 + product
