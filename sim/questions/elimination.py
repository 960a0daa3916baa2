"""Fully sequential elimination: the procedure KN of Kim and Nelson (2001).

Owns: the constants, the boundary between going on and giving a system up, and who is given up at
a look. Never does: run a system, or know that its numbers come from a firm.

A system is dropped as soon as its sum over replications falls behind another's by more than a
boundary that shrinks with every replication. Systems are compared replication by replication, so
common random numbers make it quicker and never less safe. If values are normal and the best mean
leads all others by at least the margin, the best is kept with at least the stated probability,
whatever the correlation between systems (Kim & Nelson 2001, ACM TOMACS 11(3), 251-273, theorem 1).
Looking only after some of the replications keeps the guarantee: the bound is that of a path
watched all the time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.records import Floats


def eta(systems: int, confidence: float, first: int) -> float:
    """The constant eta for c = 1: ((2 a)^(-2 / (n0 - 1)) - 1) / 2, a = (1 - P) / (k - 1).

    It solves (1 + 2 eta)^(-(n0 - 1) / 2) / 2 = (1 - P) / (k - 1).

    Args:
        systems: k, at least 2.
        confidence: P, the probability of correct selection, above 1/k.
        first: n0, replications of the first stage, at least 2.

    Source: Kim & Nelson 2001, eq. 5.
    """
    share = (1.0 - confidence) / (systems - 1)
    return float(0.5 * ((2.0 * share) ** (-2.0 / (first - 1)) - 1.0))


def h_squared(systems: int, confidence: float, first: int) -> float:
    """h^2 = 2 c eta (n0 - 1) for c = 1. Source: Kim & Nelson 2001, 3.1."""
    return 2.0 * eta(systems, confidence, first) * (first - 1)


@dataclass(frozen=True)
class Drop:
    """A system that was given up."""

    system: str
    by: str
    """Whom it fell behind most, against the boundary."""
    replication: int
    """Replications looked at."""
    behind: float
    """Mean of `by` less its own, more being better."""
    boundary: float
    """What the difference of means had to exceed; 0 once the pair need not be told apart."""


class Elimination:
    """Who is still in, look by look.

    Args:
        first: Values of the first stage by system, n0 each, the same replications in the same
            order; more is better.
        margin: Indifference margin, above 0, in the values' unit.
        confidence: Probability of correct selection.
    """

    def __init__(
        self, first: Mapping[str, Sequence[float]], margin: float, confidence: float
    ) -> None:
        self.names = tuple(first)
        self.left = list(self.names)
        self.margin = margin
        values = np.array([first[name] for name in self.names], dtype=np.float64)
        k, n0 = values.shape
        self.h2 = h_squared(k, confidence, n0) if k > 1 else 0.0
        # Differences, not the covariance matrix: rounding must not invent a variance.
        self._spread: Floats = np.array(
            [[_variance(values[i] - values[j]) for j in range(k)] for i in range(k)])

    def most(self) -> int:
        """Replications after which no pair of those left needs to be told apart any more."""
        return max((math.floor(self._reach(a, b)) + 1
                    for a in self.left for b in self.left if a != b), default=0)

    def boundary(self, one: str, other: str, replications: int) -> float:
        """W(r) = max(0, margin / (2 r) (h^2 S^2 / margin^2 - r)), for c = 1.

        Source: Kim & Nelson 2001, 3.1.
        """
        return max(0.0, self.margin / (2.0 * replications)
                   * (self._reach(one, other) - replications))

    def look(self, means: Mapping[str, float], replications: int) -> list[Drop]:
        """Give up whoever is behind by more than the boundary.

        Args:
            means: By system still in: mean over the first `replications` replications.
            replications: At least n0.

        Returns:
            Who was given up at this look.
        """
        drops = []
        for one in self.left:
            gaps = [(means[other] - means[one] - (w := self.boundary(one, other, replications)),
                     w, other) for other in self.left if other != one]
            if not gaps:
                continue
            excess, w, other = max(gaps, key=lambda gap: gap[0])
            if excess > 0.0:
                drops.append(Drop(one, other, replications, means[other] - means[one], w))
        gone = {drop.system for drop in drops}
        self.left = [name for name in self.left if name not in gone]
        return drops

    def exhausted(self, replications: int) -> bool:
        """Whether no boundary is left between any two: going on tells no more."""
        return replications >= self.most()

    def _reach(self, one: str, other: str) -> float:
        i, j = self.names.index(one), self.names.index(other)
        return float(self.h2 * self._spread[i, j] / self.margin**2)


def _variance(differences: Floats) -> float:
    """Sample variance, exactly 0 where all are the same."""
    if np.all(differences == differences[0]):
        return 0.0
    return float(differences.var(ddof=1))
