"""Crossings: the stated set holds the true place in 95 of 100 studies; shapes are told right."""

from __future__ import annotations

import numpy as np
import pytest

from sim.questions.crossing import crossings


def line(slope: float, zero: float, noise: float, rng: np.random.Generator, places: list[float],
         replications: int) -> np.ndarray:
    """slope (x - zero) + luck the replication has at every place + a little of its own."""
    shared = rng.normal(0.0, noise, replications)
    return (slope * (np.array(places)[:, None] - zero) + shared
            + rng.normal(0.0, noise / 4, (len(places), replications)))


def test_the_true_crossing_lies_in_the_set_as_often_as_promised() -> None:
    """Nominal 95%: of 2,000 studies between 93.5 and 96.5% (3 standard errors)."""
    rng = np.random.default_rng(7)
    places = [0.0, 0.25, 0.5, 0.75, 1.0]
    hits = 0
    for _ in range(2000):
        zero = rng.uniform(0.3, 0.7)
        found = crossings(places, line(10.0, zero, 1.0, rng, places, 8))
        hits += any((c.low is None or c.low <= zero) and (c.high is None or zero <= c.high)
                    for c in found)
    assert 0.935 <= hits / 2000 <= 0.965


def test_without_luck_the_crossing_is_exact_and_without_width() -> None:
    d = np.repeat(np.array([[-3.0], [-1.0], [3.0]]), 4, axis=1)
    (one,) = crossings([0.0, 1.0, 2.0], d)
    assert (one.at, one.low, one.high, one.rising) == (1.25, 1.25, 1.25, True)
    (down,) = crossings([0.0, 1.0, 2.0], -d)
    assert not down.rising


def test_two_crossings_far_apart_are_two() -> None:
    x = np.linspace(0, 1, 9)
    rng = np.random.default_rng(1)
    d = 10 * (x[:, None] - 0.2) * (x[:, None] - 0.8) + rng.normal(0, 0.05, (1, 12))
    first, second = crossings(list(x), d)
    assert not first.rising and second.rising
    assert abs(first.at - 0.2) < 0.03 and abs(second.at - 0.8) < 0.03


def test_a_touch_is_no_crossing() -> None:
    """Means +1, -0.01, +1 with intervals of about 0.5: the sign after is the sign before."""
    rng = np.random.default_rng(2)
    luck = rng.normal(0, 0.5, 10)
    luck -= luck.mean()
    assert crossings([0.0, 0.5, 1.0], np.array([1.0, -0.01, 1.0])[:, None] + luck) == []


@pytest.mark.parametrize(("means", "low", "high"), [
    ([-0.05, 1.0, 2.0], True, False), ([-2.0, -1.0, 0.05], False, True),
    ([-0.05, 0.0, 0.05], True, True)])
def test_open_ends_are_said(means: list[float], low: bool, high: bool) -> None:
    rng = np.random.default_rng(3)
    luck = rng.normal(0, 0.5, 10)
    luck -= luck.mean()
    (one,) = crossings([0.0, 0.5, 1.0], np.array(means)[:, None] + luck)
    assert ((one.low is None), (one.high is None), one.rising) == (low, high, True)


def test_always_undecided_or_always_decided_is_no_crossing() -> None:
    rng = np.random.default_rng(4)
    luck = rng.normal(0, 1.0, 10)
    luck -= luck.mean()
    assert crossings([0.0, 1.0], np.array([0.1, 0.2])[:, None] + luck) == []
    assert crossings([0.0, 1.0], np.array([5.0, 6.0])[:, None] + luck) == []
