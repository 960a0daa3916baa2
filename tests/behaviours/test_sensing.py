"""Formulas of faults, signals and decisions against numbers worked out by hand (M7, M10)."""

from __future__ import annotations

import math

import pytest

from sim.behaviours import mistakes, sensing
from sim.jit import plain
from sim.management import faults

capture = plain(sensing.capture_probability)
left = plain(sensing.surviving_share)
delay = plain(sensing.report_delay)
with_fault = plain(mistakes.with_fault)
cause = plain(mistakes.cause)
response = plain(faults.response_probability)


@pytest.mark.parametrize(("orientation", "knowledge", "chance"), [
    (0.5, 0.5, 0.3), (0.5, 1.0, 0.45), (0.5, 0.0, 0.15), (1.0, 1.0, 0.675), (0.0, 0.0, 0.075)])
def test_capture(orientation: float, knowledge: float, chance: float) -> None:
    """cs = 0.3 (0.5 + O) (0.5 + kS)."""
    assert capture(0.3, orientation, knowledge) == pytest.approx(chance)


def test_capture_is_a_probability() -> None:
    """0.6 x 1.5 x 1.5 = 1.35 is capped."""
    assert capture(0.6, 1.0, 1.0) == 1.0


@pytest.mark.parametrize(("levels", "direct", "rho", "share"), [
    (0, 0.1, 0.75, 1.0), (1, 0.0, 0.75, 0.75), (3, 0.0, 0.75, 0.421875),
    (3, 0.1, 0.75, 0.4796875), (3, 0.1, 0.6, 0.2944), (3, 1.0, 0.6, 1.0)])
def test_surviving_share(levels: int, direct: float, rho: float, share: float) -> None:
    """A = x + (1 - x) rho^l; bad news: rho_b = 0.8 x 0.75 = 0.6."""
    assert left(levels, direct, math.log(rho)) == pytest.approx(share)


@pytest.mark.parametrize(("levels", "direct", "hours"), [
    (0, 0.1, 0.0), (1, 0.0, 40.0), (3, 0.1, 108.0), (3, 1.0, 0.0)])
def test_delay(levels: int, direct: float, hours: float) -> None:
    """(1 - x) l tau_up, tau_up 40 h."""
    assert delay(levels, direct, 40.0) == pytest.approx(hours)


@pytest.mark.parametrize(("p", "added", "chance"), [
    (0.07, 0.1, 0.17), (0.85, 0.1, 0.9), (0.9, 0.1, 0.9), (0.07, 0.0, 0.07)])
def test_with_fault(p: float, added: float, chance: float) -> None:
    """p + 0.1, at most 0.9."""
    assert with_fault(p, added) == pytest.approx(chance)


@pytest.mark.parametrize(("u", "reason"), [
    (0.005, 0), (0.011, 1), (0.049, 1), (0.051, 2), (0.079, 2), (0.081, 0), (0.089, 0), (0.091, 3)])
def test_cause(u: float, reason: int) -> None:
    """e0 0.01, ek 0.1 x gap 0.4, eI 0.3 x (1 - 0.9): edges 0.01, 0.05, 0.08; p 0.09 by others."""
    assert cause(u, 0.09, 0.4, 0.9, 0.01, 0.1, 0.3) == reason


@pytest.mark.parametrize(("bad_share", "chance"), [(0.0, 0.9), (1.0, 0.63), (0.5, 0.765)])
def test_bad_news_is_acted_on_less(bad_share: float, chance: float) -> None:
    """r 0.9, b 0.7."""
    assert response(0.9, 0.7, bad_share) == pytest.approx(chance)
