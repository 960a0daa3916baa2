"""Formulas of people (M4, M6, M16-M18) against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.behaviours import morale, onboarding
from sim.jit import plain
from tests.behaviours.staff_compiled import every_formula

strain = plain(morale.strain)
variety_of = plain(morale.variety_of)
morale_after = plain(morale.morale_after)
courtesy = plain(morale.courtesy)
quit_chance = plain(morale.quit_chance)
trained = plain(onboarding.trained)

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


@given(UNIT, UNIT, UNIT, UNIT)
@settings(deadline=None)
def test_compiled_formulas_give_the_same_bits(a: float, b: float, c: float, d: float) -> None:
    out = np.zeros(6)
    every_formula(a, b, c, d, out)
    assert out.tolist() == [
        strain(a, b, c), variety_of(a, 1.0 + b), morale_after(a, b, c),
        courtesy(a, b - 0.5, c, d - 0.5, a), quit_chance(a, 2.0 * b, c - 0.5, d),
        trained(a, 100.0 * b, 0.01 * c),
    ]
