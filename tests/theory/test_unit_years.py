"""P15's correlation over unit-years."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import pearsonr

from sim.experiment.theory.unit_years import correlation


@pytest.mark.parametrize("n", [10, 60, 400])
def test_correlation_as_scipy_has_it(n: int) -> None:
    """Pearson's r and Fisher's interval (scipy.stats.pearsonr)."""
    rng = np.random.default_rng(n)
    x = rng.normal(size=n)
    y = -0.3 * x + rng.normal(size=n)
    found = correlation(list(zip(x, y, strict=True)))
    oracle = pearsonr(x, y)
    low, high = oracle.confidence_interval(0.95)
    assert (found.mean, found.low, found.high, found.n) == pytest.approx(
        (oracle.statistic, low, high, n))


def test_nothing_to_correlate() -> None:
    assert correlation([(0.1, 70.0)] * 8).mean is None
    assert correlation([(0.1, 70.0), (0.2, 60.0)]).mean is None
