"""What a customer of work C remembers, for the peers written in Python.

Owns: the rules of satisfaction, expectation, loyalty and leaving of work C, as in its scenario.
Never does: know a simulator.
"""

from __future__ import annotations

import math
from random import Random

from bench import works

FIT_AND_REST = 0.35 + 0.20 + 0.20 * 0.75


class Memory:
    """A customer's memory."""

    __slots__ = ("expectation", "experiences", "loyalty", "satisfaction")

    def __init__(self) -> None:
        self.satisfaction = 0.0
        self.join()
        self.experiences = 8

    def join(self) -> None:
        """Somebody new."""
        self.loyalty = works.LOYALTY
        self.expectation = 0.65
        self.experiences = 0

    def remember(self, response: float, tolerance: float) -> None:
        """A case was closed."""
        quality = FIT_AND_REST + 0.25 * 2.0 ** (-response / tolerance)
        gain = quality - self.expectation
        score = min(max(quality + (0.10 if gain > 0 else 0.60) * gain, 0.0), 1.0)
        self.satisfaction += score
        self.expectation += 0.10 * gain
        self.loyalty += max(0.05, 1.0 / (2 + self.experiences)) * (score - self.loyalty)
        self.experiences += 1

    def month(self, random: Random) -> None:
        """A month ends: some leave, and somebody new takes the place."""
        self.expectation += 0.02 * (0.65 - self.expectation)
        p = works.CHURN_MAX / (1 + math.exp(works.STEEPNESS * (self.loyalty - works.THRESHOLD)))
        if random.random() < p:
            self.join()
