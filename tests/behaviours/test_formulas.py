"""Formulas of people and customers against numbers worked out from THEORY M3-M16."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from sim.behaviours import handoff, learning, loyalty, mistakes, satisfaction, service_time
from sim.behaviours.service_time import DETERMINISTIC, EXPONENTIAL, LOGNORMAL, lognormal_sigma
from sim.behaviours.turnover import quit_probability, vacancy_hours
from sim.jit import plain
from tests.behaviours.compiled import efforts, every_formula

effective_distance = plain(handoff.effective_distance)
mean_latency = plain(handoff.mean_latency)
information_kept = plain(handoff.information_kept)
faded = plain(handoff.familiarity_faded)
gained = plain(handoff.familiarity_gained)
kept = plain(learning.kept)
practised = plain(learning.practised)
loyalty_step = plain(loyalty.loyalty_step)
leaving = plain(loyalty.leaving_probability)
error = plain(mistakes.error_probability)
fit = plain(satisfaction.fit)
speed = plain(satisfaction.speed)
satisfied = plain(satisfaction.satisfaction)
moved = plain(satisfaction.moved)
slowness = plain(service_time.slowness)

UNIT = st.floats(0.0, 1.0)


# --- M3 hand-offs ------------------------------------------------------------------------------

@pytest.mark.parametrize(("distance", "hours"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0)])
def test_latency_doubles_with_each_step(distance: int, hours: float) -> None:
    """tau1 gam^(d - 1), tau1 0.5 h, gam 2."""
    assert mean_latency(float(distance), 0.5, math.log(2.0)) == pytest.approx(hours)


def test_latency_of_teams_that_know_each_other() -> None:
    """d = 3, phi = 0.5, k_phi = 0.4: d' = 2.4, 0.5 x 2^1.4 = 1.3195 h; phi = 1: d' = 1.8."""
    assert effective_distance(3.0, 0.5, 0.4) == pytest.approx(2.4)
    assert mean_latency(2.4, 0.5, math.log(2.0)) == pytest.approx(1.3195, abs=1e-4)
    assert effective_distance(3.0, 1.0, 0.4) == pytest.approx(1.8)
    assert effective_distance(3.0, 0.0, 0.4) == 3.0


@pytest.mark.parametrize(("distance", "left"), [(1, 0.97), (2, 0.9409), (3, 0.912673)])
def test_information_kept(distance: int, left: float) -> None:
    """(1 - 0.03)^d."""
    assert information_kept(float(distance), math.log(0.97)) == pytest.approx(left, rel=1e-12)


def test_two_people_become_familiar_in_about_twenty_hand_offs() -> None:
    """phi after 20 steps of (1 - phi) / 20 is 1 - 0.95^20 = 0.6415; teams of 4 and 5 people need
    20 x 4 x 5 of them for 1 - (1 - 1/400)^400 = 0.6326 (R44)."""
    for people, hand_offs, reached in (((1, 1), 20, 0.6415), ((4, 5), 400, 0.6326)):
        phi = 0.0
        for _ in range(hand_offs):
            phi = gained(phi, 1.0 / 20.0, *people)
        assert phi == pytest.approx(reached, abs=1e-4)


def test_familiarity_fades() -> None:
    """exp(-dt / 1000 h); in two steps as in one."""
    assert faded(0.8, 1000.0, 1e-3) == pytest.approx(0.8 * 0.3678794, rel=1e-6)
    assert faded(faded(0.8, 300.0, 1e-3), 700.0, 1e-3) == pytest.approx(faded(0.8, 1000.0, 1e-3))


@given(d=st.integers(1, 8), phi=UNIT, more=UNIT, effect=UNIT)
@settings(max_examples=100, deadline=None)
def test_distance_costs_and_familiarity_helps(d: int, phi: float, more: float, effect: float
                                              ) -> None:
    low, high = sorted((phi, more))
    near, far = effective_distance(d, phi, effect), effective_distance(d + 1, phi, effect)
    assert effective_distance(d, high, effect) <= effective_distance(d, low, effect) <= d
    assert 0.0 <= near <= far
    assert mean_latency(near, 0.5, math.log(2.0)) <= mean_latency(far, 0.5, math.log(2.0))
    assert information_kept(near, math.log(0.97)) >= information_kept(far, math.log(0.97))


@given(phi=UNIT, here=st.integers(1, 50), there=st.integers(1, 50))
@settings(max_examples=100, deadline=None)
def test_familiarity_stays_a_share(phi: float, here: int, there: int) -> None:
    after = gained(phi, 1.0 / 20.0, here, there)
    assert phi <= after <= 1.0
    assert gained(phi, 1.0 / 20.0, here + 1, there) <= after


# --- M4 service time ---------------------------------------------------------------------------

def test_a_beginner_works_at_half_speed() -> None:
    """aF, aP, aS = 0.6, 0.4, 0.25: m_e = 1 + 0.8 x 1.25 = 2.0 at k = 0.2, 1 for an expert."""
    assert slowness(0.6 * 0.8, 0.4 * 0.8, 0.25 * 0.8) == pytest.approx(2.0)
    assert slowness(0.0, 0.0, 0.0) == 1.0
    assert slowness(0.6 * 0.3, 0.4 * 0.5, 0.25 * 1.0) == pytest.approx(1.63)


NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(20)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@pytest.mark.parametrize("spread", [0.0, 0.3, 0.6, 1.0, 1.4])
def test_lognormal_luck(spread: float) -> None:
    """Mean 1 and coefficient of variation `spread`, by Gauss-Hermite integration over z."""
    luck = efforts(ndtr(NODES), LOGNORMAL, spread)
    assert WEIGHTS @ luck == pytest.approx(1.0, abs=1e-9)
    assert math.sqrt(max(WEIGHTS @ luck**2 - 1.0, 0.0)) == pytest.approx(spread, abs=1e-5)


def test_lognormal_sigma() -> None:
    """sigma^2 = log(1 + CV^2): CV 1 -> 0.8326, CV 0.6 -> 0.5545."""
    assert lognormal_sigma(1.0) == pytest.approx(0.832555, abs=1e-6)
    assert lognormal_sigma(0.6) == pytest.approx(0.554513, abs=1e-6)


def test_other_lucks() -> None:
    """Exponential: -log(1 - u), mean and deviation 1 (midpoint rule); deterministic: 1."""
    u = (np.arange(200_000) + 0.5) / 200_000
    luck = efforts(u, EXPONENTIAL)
    np.testing.assert_allclose(luck, -np.log1p(-u), rtol=1e-14)
    assert luck.mean() == pytest.approx(1.0, abs=1e-5)
    assert luck.std() == pytest.approx(1.0, abs=2e-4)
    assert (efforts(u[::1000], DETERMINISTIC) == 1.0).all()


@pytest.mark.parametrize("distribution", [LOGNORMAL, EXPONENTIAL])
def test_luck_rises_with_its_uniform(distribution: int) -> None:
    luck = efforts(np.linspace(1e-6, 1 - 1e-6, 10_001), distribution, 1.0)
    assert (np.diff(luck) > 0).all() and luck[0] > 0


# --- M6 learning -------------------------------------------------------------------------------

@pytest.mark.parametrize(("share", "level"), [
    (1, 0.87), (1 / 2, 0.77), (1 / 4, 0.62), (1 / 8, 0.45), (1 / 16, 0.29),
])
def test_knowledge_settles_where_theory_says(share: float, level: float) -> None:
    """k* = x / (x + 0.15) for a share x of time (M6's table; tauL / tauG = 0.15)."""
    k = 0.2
    for _ in range(20_000):
        k = practised(k * kept(1.0, 1 / 1700.0), math.exp(-share / 255.0))
    assert k == pytest.approx(share / (share + 0.15), abs=1e-3)
    assert k == pytest.approx(level, abs=0.006)


def test_learning_and_forgetting_by_hand() -> None:
    """250 h of practice close 63.2% of any gap; 1700 h without leave 36.8%."""
    assert practised(0.0, math.exp(-1.0)) == pytest.approx(0.632121, abs=1e-6)
    assert practised(0.2, math.exp(-1.0)) == pytest.approx(1 - 0.8 * 0.367879, abs=1e-6)
    assert kept(1700.0, 1 / 1700.0) == pytest.approx(0.367879, abs=1e-6)


@given(k=UNIT, a=st.floats(0, 2000), b=st.floats(0, 2000))
@settings(max_examples=100, deadline=None)
def test_practice_adds_up(k: float, a: float, b: float) -> None:
    """In two visits as in one; never less knowledge, never more than all."""
    first, second = math.exp(-a / 250.0), math.exp(-b / 250.0)
    once = practised(k, math.exp(-(a + b) / 250.0))
    assert practised(practised(k, first), second) == pytest.approx(once, abs=1e-12)
    assert k - 1e-15 <= practised(k, first) <= 1.0
    assert kept(a, 1 / 1700.0) * kept(b, 1 / 1700.0) == pytest.approx(kept(a + b, 1 / 1700.0))


# --- M7 mistakes -------------------------------------------------------------------------------

@pytest.mark.parametrize(("gap", "information", "p"), [
    (0.0, 1.0, 0.01),  # an informed expert
    (0.0, 0.97, 0.019),  # as informed as an intake is
    (0.5, 0.90, 0.09),  # 0.01 + 0.05 + 0.03
    (0.8, 0.80, 0.15),  # a beginner: 0.01 + 0.08 + 0.06
    (1.0, 0.0, 0.41),
])
def test_errors_by_hand(gap: float, information: float, p: float) -> None:
    """0.01 + 0.10 (1 - kbar) + 0.30 (1 - I)."""
    assert error(gap, information, 0.01, 0.10, 0.30) == pytest.approx(p)


def test_errors_are_never_certain() -> None:
    assert error(1.0, 0.0, 0.5, 0.3, 0.8) == 0.9
    assert error(0.0, 1.0, 0.0, 0.3, 0.8) == 0.0


@given(gap=UNIT, other=UNIT, i=UNIT, j=UNIT, base=UNIT, ek=UNIT, ei=UNIT)
@settings(max_examples=100, deadline=None)
def test_knowledge_and_information_prevent_errors(
    gap: float, other: float, i: float, j: float, base: float, ek: float, ei: float
) -> None:
    better = error(min(gap, other), max(i, j), base, ek, ei)
    assert 0.0 <= better <= error(max(gap, other), min(i, j), base, ek, ei) <= 0.9


# --- M9, M11 satisfaction ----------------------------------------------------------------------

def test_fit_by_hand() -> None:
    """exp(-|n - o|^2 / (2 omega^2)), omega^2 = 2: |n - o|^2 = 4 -> 1/e."""
    assert fit(0.0, 0.25) == 1.0
    assert fit(4.0, 0.25) == pytest.approx(math.exp(-1.0))


@pytest.mark.parametrize(("hours", "value"), [(0, 1), (8, 2**-0.5), (16, 0.5), (32, 0.25)])
def test_speed_is_one_half_at_the_tolerance(hours: float, value: float) -> None:
    assert speed(float(hours), 16.0) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(("quality", "expectation", "score"), [
    (0.7, 0.7, 0.7), (0.7, 0.6, 0.71), (0.6, 0.7, 0.54), (0.3, 1.0, 0.0), (1.0, 0.2, 1.0),
])
def test_satisfaction_by_hand(quality: float, expectation: float, score: float) -> None:
    """clip(Q + 0.10 D+ - 0.60 (-D)+, 0, 1)."""
    assert satisfied(quality, expectation, 0.10, 0.60) == pytest.approx(score, abs=1e-15)


def test_a_loss_moves_satisfaction_more_than_a_gain() -> None:
    """(1 + 0.60) / (1 + 0.10) = 1.45 times (F26)."""
    here = satisfied(0.65, 0.65, 0.10, 0.60)
    gain = satisfied(0.75, 0.65, 0.10, 0.60) - here
    loss = here - satisfied(0.55, 0.65, 0.10, 0.60)
    assert gain == pytest.approx(0.11) and loss == pytest.approx(0.16)
    assert loss / gain == pytest.approx(1.45, abs=0.005)


def test_one_reopening_costs_what_was_measured() -> None:
    """M11's check against F44, -14 to -15 points a further contact: 0.20 x 0.3 on resolution and,
    from 7 to 18 h, 0.07 on speed; times 1.1 to 1.6 gives -14 to -21."""
    slower = 0.25 * (speed(7.0, 16.0) - speed(18.0, 16.0))
    assert slower == pytest.approx(0.07, abs=0.001)
    quality = 0.75
    dropped = quality - 0.20 * 0.3 - slower
    for expectation, points in ((0.3, 14.3), (0.75, 20.8)):
        change = (satisfied(dropped, expectation, 0.10, 0.60)
                  - satisfied(quality, expectation, 0.10, 0.60))
        assert -100 * change == pytest.approx(points, abs=0.1)


@given(q=UNIT, more=UNIT, e=UNIT, other=UNIT, gain=st.floats(0, 1), loss=st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_satisfaction_rises_with_quality_and_falls_with_expectation(
    q: float, more: float, e: float, other: float, gain: float, loss: float
) -> None:
    low, high = sorted((q, more))
    less, greater = sorted((e, other))
    assert satisfied(low, e, gain, loss) <= satisfied(high, e, gain, loss) + 1e-15
    assert satisfied(q, less, gain, loss) >= satisfied(q, greater, gain, loss) - 1e-15
    assert 0.0 <= satisfied(q, e, gain, loss) <= 1.0


@given(level=UNIT, target=UNIT, step=UNIT)
@settings(max_examples=100, deadline=None)
def test_levels_move_towards_their_target(level: float, target: float, step: float) -> None:
    after = moved(level, target, step)
    assert min(level, target) - 1e-15 <= after <= max(level, target) + 1e-15
    assert after == pytest.approx((1 - step) * level + step * target, abs=1e-15)


def test_levels_stay_shares() -> None:
    """Expectation from 0.65 with Q = 0.85: 0.67; and nothing leaves [0, 1]."""
    assert moved(0.65, 0.85, 0.10) == pytest.approx(0.67)
    assert moved(0.5, 3.0, 0.5) == 1.0 and moved(0.5, -3.0, 0.5) == 0.0


# --- M12 loyalty, M16 turnover -----------------------------------------------------------------

RETENTION = {
    "typical": (0.15, 0.65, (0.40, 0.54, 0.72, 0.87, 0.95, 0.98, 0.99)),
    "commodity": (0.0, 0.75, (0.29, 0.31, 0.36, 0.46, 0.63, 0.80, 0.91)),
    "protected": (0.3, 0.60, (0.72, 0.87, 0.95, 0.98, 0.99, 1.00, 1.00)),
}
"""M12: switching cost, outside option, annual retention at L = 0.4 to 1.0, as printed (0.95 twice
stands for 0.9446)."""


@pytest.mark.parametrize("market", RETENTION)
def test_annual_retention(market: str) -> None:
    """(1 - h)^12, h = 0.10 sig(-10 (L + k_sw - C)) a month."""
    cost, outside, printed = RETENTION[market]
    for loyal, retention in zip(np.arange(0.4, 1.05, 0.1), printed, strict=True):
        h = leaving(loyal, 0.10, 10.0, outside - cost)
        assert (1.0 - h) ** 12 == pytest.approx(retention, abs=0.006)


def test_leaving_at_the_threshold_and_far_from_it() -> None:
    assert leaving(0.5, 0.10, 10.0, 0.5) == pytest.approx(0.05)
    assert leaving(0.0, 0.10, 1000.0, 5.0) == pytest.approx(0.10)
    assert 0.0 <= leaving(1.0, 0.10, 1000.0, -5.0) < 1e-12, "and no overflow"
    assert leaving(0.0, 0.0, 10.0, 0.5) == 0.0, "captive customers stay"


@given(a=UNIT, b=UNIT, cap=UNIT, steepness=st.floats(0, 1000), threshold=st.floats(-5, 5))
@settings(max_examples=100, deadline=None)
def test_loyal_customers_stay(a: float, b: float, cap: float, steepness: float, threshold: float
                              ) -> None:
    low, high = sorted((a, b))
    loyal, fickle = (leaving(x, cap, steepness, threshold) for x in (high, low))
    assert 0.0 <= loyal <= fickle <= cap


@pytest.mark.parametrize(("n", "step"), [(0, 1 / 2), (1, 1 / 3), (8, 0.1), (18, 0.05), (99, 0.05)])
def test_history_weighs_more_with_tenure(n: int, step: float) -> None:
    """max(0.05, 1 / (2 + n))."""
    assert loyalty_step(float(n), 0.05) == pytest.approx(step)


def test_quitting() -> None:
    """0.30 a year: 1 - exp(-0.025) a month; twelve months leave exp(-0.30)."""
    month = quit_probability(0.30, 1 / 12)
    assert month == pytest.approx(0.0246901, abs=1e-7)
    assert (1 - month) ** 12 == pytest.approx(math.exp(-0.30))
    assert quit_probability(0.0, 1 / 12) == 0.0
    assert quit_probability(50.0, 1 / 12) < 1.0


@pytest.mark.parametrize(("elements", "hours"), [(0, 240), (1, 320), (2, 400), (3, 480), (7, 480)])
def test_vacancy(elements: int, hours: float) -> None:
    """240 h x (1 + n / 3), n at most 3 (R2)."""
    assert vacancy_hours(240.0, 1.0, elements) == pytest.approx(hours)
    assert vacancy_hours(240.0, 0.0, elements) == 240.0


# --- compiled ----------------------------------------------------------------------------------

@given(numbers=st.tuples(*[st.floats(0.01, 0.99)] * 4))
@settings(max_examples=200, deadline=None)
def test_compiled_formulas_give_the_same_bits(numbers: tuple[float, float, float, float]) -> None:
    a, b, c, d = numbers
    out = np.zeros(14)
    every_formula(a, b, c, d, out)
    assert out.tolist() == [
        effective_distance(4.0 * a, b, c),
        mean_latency(4.0 * a, b, c),
        information_kept(4.0 * a, -b),
        faded(a, 1000.0 * b, 0.001),
        gained(a, b, 3, 2),
        kept(1000.0 * a, b / 1000.0),
        practised(a, b),
        loyalty_step(20.0 * a, 0.05),
        leaving(a, b, 20.0 * c, d),
        error(a, b, c, d, 1.5 * a),
        fit(5.0 * a, b),
        speed(20.0 * a, 20.0 * b),
        satisfied(a, b, c, d),
        moved(a, b, c),
    ]
