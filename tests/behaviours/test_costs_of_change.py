"""What a change of structure costs while it is new, against numbers worked out from M22 and R23."""

from __future__ import annotations

import math

import pytest

from sim.behaviours import reorganisation
from sim.jit import plain

capacity_left = plain(reorganisation.capacity_left)
astray = plain(reorganisation.astray_probability)


@pytest.mark.parametrize(("hours", "left"), [(0.0, 0.85), (520.0, 1 - 0.15 / math.e),
                                             (1040.0, 0.979700), (1e6, 1.0)])
def test_capacity_comes_back(hours: float, left: float) -> None:
    """1 - 0.15 exp(-t / 520 h)."""
    assert capacity_left(0.15, hours, 520.0) == pytest.approx(left, abs=1e-6)


def test_a_tenth_of_the_capacity_is_always_left() -> None:
    """D <= 0.9, until it has fallen below by itself: 1.5 exp(-1) = 0.552."""
    assert capacity_left(1.5, 0.0, 520.0) == pytest.approx(0.1)
    assert capacity_left(1.5, 520.0, 520.0) == pytest.approx(1 - 1.5 / math.e)


def test_half_the_budget_doubles_the_drag() -> None:
    assert reorganisation.drag_at_first(0.15, 0.5) == pytest.approx(0.30)
    assert reorganisation.drag_at_first(0.15, 1.0) == 0.15


def test_without_drag_nothing_is_lost_to_the_bit() -> None:
    assert capacity_left(0.0, 10.0, 520.0) == 1.0


@pytest.mark.parametrize(("hours", "chance"), [(0.0, 0.3), (520.0, 0.110364), (1560.0, 0.014936)])
def test_fewer_and_fewer_go_astray(hours: float, chance: float) -> None:
    assert astray(0.3, hours, 520.0) == pytest.approx(chance, abs=1e-6)
    assert astray(5.0, 0.0, 520.0) == 1.0


@pytest.mark.parametrize(("age", "leadership", "expected"),
                         [(0.0, 1.0, 0.0), (50.0, 1.0, 1.0), (25.0, 0.4, 1.1)])
def test_resistance_of_old_firms_and_weak_leaders(age: float, leadership: float,
                                                  expected: float) -> None:
    assert reorganisation.resistance(age, leadership) == pytest.approx(expected)
