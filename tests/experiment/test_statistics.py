"""Intervals: closed forms, coverage by simulation, and what counts as growth."""

import numpy as np
import pytest
from fake import FakeEngine, world
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiment.statistics import (
    Interval,
    backlog_growth,
    mean_interval,
    paired_interval,
    ranking_agreement,
    t_quantile,
)


@pytest.mark.parametrize(("p", "degrees", "table"), [
    (0.975, 1, 12.7062), (0.975, 9, 2.2622), (0.975, 19, 2.0930), (0.95, 4, 2.1318),
])
def test_t_quantiles_of_the_printed_table(p, degrees, table):
    assert t_quantile(p, degrees) == pytest.approx(table, abs=5e-5)


def test_interval_by_hand():
    """1, 2, 3, 4: mean 2.5, s = 1.2910, s/2 = 0.6455, t(3) = 3.1824."""
    interval = mean_interval([1.0, 2.0, 3.0, 4.0])
    assert interval.mean == 2.5
    assert interval.half_width == pytest.approx(3.18245 * 0.645497, abs=1e-4)
    assert interval.low == pytest.approx(2.5 - interval.half_width)


def test_missing_values_and_too_few_replications():
    assert mean_interval([None, None]) == Interval(None, None, None, 0)
    assert mean_interval([None, 3.0]) == Interval(3.0, None, None, 1)
    assert mean_interval([0.1] * 7) == Interval(0.1, 0.1, 0.1, 7)
    assert paired_interval([1.0, None, 5.0], [0.5, 2.0, 4.5]).n == 2


def test_paired_interval_is_blind_to_what_is_common():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=12), rng.normal(size=12)
    common = 1000.0 * rng.normal(size=12)
    bare, shifted = paired_interval(a, b), paired_interval(a + common, b + common)
    assert shifted.mean == pytest.approx(bare.mean, abs=1e-9)
    assert shifted.half_width == pytest.approx(bare.half_width, abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20), st.integers(1, 60))
def test_a_larger_family_never_narrows_an_interval(values, family):
    alone, together = mean_interval(values), mean_interval(values, family=family)
    assert together.low <= alone.low <= alone.mean <= alone.high <= together.high
    assert alone.negated().negated() == alone


def test_t_intervals_cover_the_mean_95_times_in_100():
    """Binomial(4000, 0.95) has standard deviation 13.8: 3800 +- 60 is beyond four of them."""
    rng = np.random.default_rng(42)
    hits = 0
    for sample in rng.normal(3.0, 2.0, (4000, 8)):
        interval = mean_interval(sample)
        hits += interval.low <= 3.0 <= interval.high
    assert abs(hits - 3800) < 60


def test_family_intervals_hold_together_at_least_95_times_in_100():
    """Six differences of four correlated structures on one metric: all right in >= 95%."""
    rng = np.random.default_rng(7)
    together, alone = 0, 0
    for _ in range(800):
        values = rng.normal(size=(10, 1)) + 0.5 * rng.normal(size=(10, 4))
        wrong = {1: False, 6: False}
        for i in range(4):
            for j in range(i):
                for family in wrong:
                    d = paired_interval(values[:, i], values[:, j], family=family)
                    wrong[family] |= not d.low <= 0 <= d.high
        together += not wrong[6]
        alone += not wrong[1]
    assert together >= 745  # 0.95 * 800 = 760, less two and a half standard deviations
    assert alone < 720  # what the correction is for


def test_kendall_agreement():
    same = np.tile([1.0, 2.0, 3.0], (5, 1))
    assert ranking_agreement(same) == pytest.approx(1.0)
    assert ranking_agreement([[1, 2, 3], [3, 2, 1]]) == pytest.approx(-1.0)
    # One of three pairs swapped: tau = (2 - 1) / 3.
    assert ranking_agreement([[1, 2, 3], [2, 1, 3]]) == pytest.approx(1 / 3)
    assert abs(ranking_agreement(np.random.default_rng(3).normal(size=(400, 5)))) < 0.05
    assert ranking_agreement([[1.0], [2.0]]) is None
    assert ranking_agreement([[1.0, 2.0]]) is None
    assert ranking_agreement([[1, 2], [1, np.nan], [1, 2]]) == pytest.approx(1.0)


def grown(per_week, replications=6):
    engine = FakeEngine(growth={"functional": per_week})
    prepared = engine.prepare(world(), "functional", seed=1)
    return [engine.simulate(prepared, r, seed=1) for r in range(replications)]


def test_growing_backlogs_are_unstable_by_both_conditions():
    """A week brings 100 cases: the limit is 10 a month, that is 2.3 a week."""
    steady, slow, fast = (backlog_growth(grown(g)) for g in (0.0, 1.0, 5.0))
    assert not steady.unstable and steady.pools == ()
    assert not slow.unstable and slow.per_month.low > 0  # surely growing, but by little
    assert fast.unstable and fast.pools
    assert fast.per_month.mean == pytest.approx(5.0 * 52 / 12, rel=0.05)
    assert fast.weekly_arrivals == pytest.approx(100.0)


def test_a_few_growing_replications_among_steady_ones_are_not_sure():
    """Slopes 0, 0, 0, 0 and 50 a week: a mean of 43 a month, interval from below 0."""
    mixed = grown(0.0, 4) + grown(50.0, 5)[4:]
    growth = backlog_growth(mixed)
    assert growth.per_month.mean > 10 and growth.per_month.low < 0
    assert not growth.unstable


def test_one_replication_is_judged_by_its_own_batch_means():
    assert backlog_growth(grown(5.0, 1)).unstable
    assert not backlog_growth(grown(0.0, 1)).unstable
