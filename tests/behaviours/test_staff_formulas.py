"""Formulas of people (M4, M6, M16-M18) against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.behaviours import handoff, morale, onboarding, orientation, pressure, rewards
from sim.jit import plain
from tests.behaviours.staff_compiled import every_formula

strain = plain(morale.strain)
variety_of = plain(morale.variety_of)
morale_after = plain(morale.morale_after)
courtesy = plain(morale.courtesy)
quit_chance = plain(morale.quit_chance)
trained = plain(onboarding.trained)
heard_of = plain(orientation.heard_of)
drawn = plain(orientation.drawn)
settled = plain(orientation.settled)
boundary_factor = plain(orientation.boundary_factor)
care_factor = plain(orientation.care_factor)
hurried = plain(pressure.hurried)
overwork = plain(pressure.overwork)
owned_pace = plain(pressure.owned_pace)
taught = plain(pressure.taught)

UNIT = st.floats(0.0, 1.0)


def test_load_weighs_only_above_the_norm() -> None:
    """0.5 (u - 0.85)+: 0.05 at 95%, nothing at 80%."""
    assert strain(0.95, 0.85, 0.5) == pytest.approx(0.05)
    assert strain(0.80, 0.85, 0.5) == 0.0


def test_variety_of_four_equal_tasks() -> None:
    """1 - 4 (1/4)^2 = 0.75; one task only: 0; no task: 0."""
    assert variety_of(4 * 5.0**2, 20.0) == pytest.approx(0.75)
    assert variety_of(49.0, 7.0) == 0.0
    assert variety_of(0.0, 0.0) == 0.0


def test_a_third_of_the_way_each_month() -> None:
    """From 0.6 towards 0.3: 0.5, then 0.4333; never outside [0, 1]."""
    once = morale_after(0.6, 0.3, 1 / 3)
    assert once == pytest.approx(0.5)
    assert morale_after(once, 0.3, 1 / 3) == pytest.approx(0.43333, abs=1e-5)
    assert morale_after(0.9, 5.0, 1.0) == 1.0
    assert morale_after(0.1, -5.0, 1.0) == 0.0


def test_courtesy() -> None:
    """0.75 + 0.5 (0.8 - 0.6) + 0.2 (0.7 - 0.5) = 0.89; at the base exactly 0.75; at most 1."""
    assert courtesy(0.75, 0.2, 0.5, 0.2, 0.2) == pytest.approx(0.89)
    assert courtesy(0.75, 0.0, 0.5, 0.0, 0.2) == 0.75
    assert courtesy(0.9, 0.4, 0.5, 0.5, 0.2) == 1.0


def test_morale_and_quitting_as_the_meta_analysis_has_it() -> None:
    """F78: 0.3 of morale gives a hazard ratio of exp(-0.6) = 0.549, or 45% fewer quits."""
    hazard = [-math.log1p(-quit_chance(0.3, 2.0, gap, 1 / 12)) for gap in (0.0, 0.3)]
    assert hazard[1] / hazard[0] == pytest.approx(0.5488, abs=1e-4)
    assert hazard[0] == pytest.approx(0.3 / 12)
    assert quit_chance(0.3, 0.0, 0.7, 1 / 12) == -math.expm1(-0.3 * (1 / 12))


def test_recognition_wears_off() -> None:
    """0.1 (1 - exp(-h/4)): 0.0632 for 4 h a month, 0.0865 for 8 h."""
    assert morale.recognised(0.0, 0.1) == 0.0
    assert morale.recognised(4.0, 0.1) == pytest.approx(0.06321, abs=1e-5)
    assert morale.recognised(8.0, 0.1) == pytest.approx(0.08647, abs=1e-5)


def test_induction_teaches_like_practice() -> None:
    """k0 0.2, 125 h that count, tauL 250 h: 1 - 0.8 exp(-0.5) = 0.5148."""
    assert trained(0.2, 125.0, 1 / 250) == pytest.approx(0.51478, abs=1e-5)
    assert trained(0.2, 0.0, 1 / 250) == pytest.approx(0.2)


def test_months_to_half_way() -> None:
    """Leaders alone at 0.02 a month: half-way after ln 2 / 0.0202 = 34.3 months; with orders
    0.003 a little sooner; in a firm of 50 years half the pace."""
    def months(haste: float) -> int:
        o, n = 0.0, 0
        while o < 0.5:
            o = settled(o, drawn(o, 1.0, 0.02), haste)
            n += 1
        return n

    assert months(1.0) == 35
    assert months(0.5) == 69


def test_orders_and_bonuses_hardly_move_anybody() -> None:
    """0.003 (1 - O) a month: from 0.5 to 0.518 in a year."""
    o = 0.5
    for _ in range(12):
        o = settled(o, drawn(o, 1.0, 0.003), 1.0)
    assert o == pytest.approx(1 - 0.5 * 0.997**12)


def test_stories_are_of_the_best() -> None:
    assert heard_of(0.4, 0.8, 0.0) == 0.4
    assert heard_of(0.4, 0.8, 0.5) == pytest.approx(0.6)


@pytest.mark.parametrize(("o", "factor"), [(0.0, 1.25), (0.5, 1.0), (1.0, 0.75)])
def test_orientation_at_the_border_of_a_unit(o: float, factor: float) -> None:
    """1.25 - 0.5 O."""
    assert boundary_factor(o, 0.5) == factor


def test_care() -> None:
    """1 + 0.2 (1 - 2 O): 1.2 at none, 1 at one half, 0.8 at full orientation."""
    assert [care_factor(o, 0.2) for o in (0.0, 0.5, 1.0)] == pytest.approx([1.2, 1.0, 0.8])


def test_rewards_are_neutral_at_one_half() -> None:
    """0.9 + 0.2 wR, 1.3 - 0.6 wR, 0.7 + 0.6 wR, 1.3 - 0.6 sR."""
    factors = (rewards.time_by_reward, rewards.errors_by_reward, rewards.capture_by_reward,
               rewards.latency_by_reward)
    assert [f(0.5) for f in factors] == [1.0] * 4
    assert [f(0.0) for f in factors] == [0.9, 1.3, 0.7, 1.3]
    assert [f(1.0) for f in factors] == pytest.approx([1.1, 0.7, 1.3, 0.7])


def test_a_full_queue_makes_people_hurry() -> None:
    """1 - 0.15 (1 - exp(-x)): x = 0, 1, many."""
    assert hurried(0.0, 0.15, 1.0) == 1.0
    assert hurried(1.0, 0.15, 1.0) == pytest.approx(0.90518, abs=1e-5)
    assert hurried(50.0, 0.15, 1.0) == pytest.approx(0.85)


def test_overwork_is_a_moving_average() -> None:
    """At 95% busy Om tends to 0.10; after one week from none to 0.1 (1 - exp(-0.25)) = 0.0221."""
    keep = math.exp(-40.0 / 160.0)
    om = overwork(0.0, 0.95, 0.85, keep)
    assert om == pytest.approx(0.02212, abs=1e-5)
    for _ in range(200):
        om = overwork(om, 0.95, 0.85, keep)
    assert om == pytest.approx(0.10)
    assert overwork(om, 0.5, 0.85, keep) == pytest.approx(0.10 * keep)


def test_ownership_and_teaching() -> None:
    """Half of the case done by the team, own 0.1: 0.95. Gap 0.4, 0.005 a week: 0.502."""
    assert owned_pace(0.5, 0.1) == pytest.approx(0.95)
    assert taught(0.5, 0.9, 0.005) == pytest.approx(0.502)


def test_sharing_and_understanding_save_information() -> None:
    """0.03 (1 - 0.5) (1 - 0.3) = 0.0105 at most of both; 0.03 at neither."""
    assert handoff.information_loss(0.03, 0.0, 0.0) == 0.03
    assert handoff.information_loss(0.03, 1.0, 1.0) == pytest.approx(0.0105)


@given(UNIT, UNIT, UNIT, UNIT)
@settings(deadline=None)
def test_compiled_formulas_give_the_same_bits(a: float, b: float, c: float, d: float) -> None:
    out = np.zeros(15)
    every_formula(a, b, c, d, out)
    assert out.tolist() == [
        strain(a, b, c), variety_of(a, 1.0 + b), morale_after(a, b, c),
        courtesy(a, b - 0.5, c, d - 0.5, a), quit_chance(a, 2.0 * b, c - 0.5, d),
        trained(a, 100.0 * b, 0.01 * c),
        heard_of(a, b, c), drawn(a, b, c), settled(a, b - 0.5, c), boundary_factor(a, b),
        care_factor(a, b), hurried(4.0 * a, b, 0.1 + c), overwork(a, b, c, d), owned_pace(a, b),
        taught(a, b, c),
    ]
