"""Joiners of the base stream: how many a month, and when (M12, M14, R21)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim import rng
from sim.population.customers import base_inflow, base_times, monthly_leavers
from tests.population.worlds import RUN, equal_segments, world

AT_070 = 0.10 / (1.0 + math.exp(10.0 * (0.70 + 0.15 - 0.65)))
"""M12 at loyalty 0.70: h_max sig(-b (L + k_sw - C)) = 0.0119 per month."""


def test_leavers_at_the_loyalty_of_a_joiner() -> None:
    assert pytest.approx(0.011920, abs=1e-6) == AT_070
    np.testing.assert_allclose(monthly_leavers(world()), 500 * np.array([0.5, 0.3, 0.2]) * AT_070)


def test_a_segment_of_its_own() -> None:
    """Captive, easily tempted, and cheap to leave: 0, 0.3 sig(-2), 0.1 sig(-10 (0.7 - 0.9))."""
    segments = {
        "captive": {"share": 0.5, "churn_max": 0.0},
        "fickle": {"share": 0.3, "churn_max": 0.3},
        "free": {"share": 0.2, "switching_cost": 0.0, "outside_option": 0.9},
    }
    expected = [0.0, 150 * 0.3 / (1 + math.exp(2.0)), 100 * 0.1 / (1 + math.exp(-2.0))]
    np.testing.assert_allclose(monthly_leavers(world(segments=segments)), expected, rtol=1e-12)


def test_inflow_replaces_leavers_whom_word_of_mouth_does_not() -> None:
    """N h(0.70) less cases x 0.20 x 0.04: 500 x 0.01192 - 500 x 0.5 x 0.008 = 3.96."""
    half = {"cases_per_month": 0.5}
    assert base_inflow(world(customers=half)) == pytest.approx(500 * AT_070 - 2.0)
    segments = {"busy": {"share": 0.4, "volume": 2.0}, "calm": {"share": 0.6, "volume": 0.5}}
    busy = world(customers=half, segments=segments)  # 0.4 x 2 + 0.6 x 0.5 = 1.1 times the cases
    assert base_inflow(busy) == pytest.approx(500 * AT_070 - 2.2)
    quiet = world(customers=half, market={"convert": 0.0})
    assert base_inflow(quiet) == pytest.approx(500 * AT_070)


def test_nobody_joins() -> None:
    assert base_inflow(world(market={"inflow": False})) == 0.0
    assert base_inflow(world(market={"churn_max": 0.0})) == 0.0
    assert base_inflow(world(customers={"cases_per_month": 4.0})) == 0.0, "not below zero"
    for silent in ({"inflow": False}, {"churn_max": 0.0}):
        assert len(base_times(world(market=silent), RUN, 1e6)) == 0


CALM = {"cases_per_month": 0.1}
GAP = 2080 / 12 / (500 * AT_070 - 0.4)
"""Mean hours between joiners of the world with 0.1 cases per customer and month."""


def test_joiners_are_a_poisson_stream_after_warm_up() -> None:
    start = 2080.0
    end = start + 8000 * GAP
    times = base_times(world(customers=CALM), RUN, end)
    assert times[0] > start and times[-1] <= end
    assert abs(len(times) - 8000) < 4.5 * math.sqrt(8000)
    gaps = np.diff(np.concatenate([[start], times]))
    assert stats.kstest(gaps / GAP, "expon").pvalue > 1e-3
    assert abs(np.corrcoef(gaps[1:], gaps[:-1])[0, 1]) < 3.5 / math.sqrt(len(gaps))


def test_a_longer_run_changes_no_joiner() -> None:
    scenario = world(customers=CALM)
    long = base_times(scenario, RUN, 1e5)
    for end in (2080.0, 2081.0, 3000.0, 20_000.0, float(long[40]), float(long[-1])):
        assert np.array_equal(base_times(scenario, RUN, end), long[long <= end])
    assert len(base_times(scenario, RUN, 2000.0)) == 0, "nobody joins in warm-up"


def test_gaps_are_the_joiners_own_draws() -> None:
    """The j-th joiner comes an exponential time, drawn by its own key, after the one before."""
    times = base_times(world(customers=CALM, segments=equal_segments(1)), RUN, 1e5)
    for j in (0, 1, 17):
        u = rng.uniforms(rng.stream_keys(RUN, rng.STREAM_BASE, j), rng.JOIN, 0)
        before = times[j - 1] if j else 2080.0
        assert times[j] - before == pytest.approx(-math.log(1 - u) * GAP, rel=1e-9)


def test_a_higher_rate_only_draws_the_stream_together() -> None:
    """Coupling: twice the customers halve every gap."""
    once = base_times(world(customers=CALM), RUN, 50_000.0) - 2080.0
    twice = base_times(world(customers=CALM | {"count": 1000}), RUN, 50_000.0) - 2080.0
    np.testing.assert_allclose(twice[:len(once)], once / 2, rtol=1e-9)
