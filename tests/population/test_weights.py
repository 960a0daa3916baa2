"""Satisfaction weights: a Dirichlet distribution made of gamma quantiles (R38)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim import rng
from sim.population.customers import attribute_weights, gamma_quantile
from tests.population.worlds import RUN, world

N = 40_000
KEYS = rng.stream_keys(RUN, rng.STREAM_START, np.arange(N))
MEANS = np.array([0.35, 0.25, 0.20, 0.20])
"""THEORY M11: fit, speed, resolution, courtesy."""

U = np.concatenate([np.geomspace(1e-12, 0.5, 500), 1.0 - np.geomspace(1e-12, 0.5, 500)])


@pytest.mark.parametrize("shape", [0.05, 0.2, 0.5, 1.0, 4.0, 5.0, 7.0, 40.0, 1000.0, 350_000.0])
def test_gamma_quantile(shape: float) -> None:
    """Against scipy's exact inverse, relative error below 1e-6."""
    exact = stats.gamma.ppf(U, shape)
    np.testing.assert_allclose(gamma_quantile(shape)(U), exact, rtol=1e-6, atol=0)


@pytest.mark.parametrize("shape", [1e-4, 1e-3, 0.01])
def test_gamma_quantile_of_a_weight_that_hardly_counts(shape: float) -> None:
    """Most quantiles are too small for any number: exact above 1e-100, small below."""
    exact = stats.gamma.ppf(U, shape)
    np.testing.assert_allclose(gamma_quantile(shape)(U), exact, rtol=1e-6, atol=1e-100)


@pytest.mark.parametrize("concentration", [2.0, 20.0, 200.0])
def test_weights_are_dirichlet(concentration: float) -> None:
    """Sum 1, mean a, variance a (1 - a) / (c + 1), covariance -a b / (c + 1), and each weight by
    itself Beta(c a, c (1 - a))."""
    weights = attribute_weights(world(satisfaction={"concentration": concentration}), KEYS)
    weights = weights.astype(float)
    assert weights.shape == (N, 4) and weights.min() >= 0.0
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=2e-7)
    cov = (np.diag(MEANS) - np.outer(MEANS, MEANS)) / (concentration + 1.0)
    errors = np.sqrt(np.diag(cov) / N)
    assert (np.abs(weights.mean(axis=0) - MEANS) < 4.5 * errors).all()
    assert np.abs(np.cov(weights.T) / cov - 1.0).max() < 0.06
    for i, a in enumerate(MEANS):
        beta = stats.beta(concentration * a, concentration * (1 - a))
        assert stats.kstest(weights[:, i], beta.cdf).pvalue > 1e-3


def test_concentration_0_is_the_same_for_all() -> None:
    weights = attribute_weights(world(satisfaction={"concentration": 0.0}), KEYS[:9])
    np.testing.assert_allclose(weights, np.tile(MEANS, (9, 1)), rtol=1e-6)


def test_much_concentration_is_nearly_the_same_for_all() -> None:
    weights = attribute_weights(world(satisfaction={"concentration": 1e6}), KEYS)
    assert np.abs(weights - MEANS).max() < 0.003


def test_an_attribute_that_does_not_count() -> None:
    """Weight 0 stays 0, and the others share by their own sizes: mean 0.5 each."""
    table = {"weight_fit": 0.0, "weight_speed": 0.5, "weight_resolution": 0.0,
             "weight_courtesy": 0.5}
    weights = attribute_weights(world(satisfaction=table), KEYS)
    assert not weights[:, [0, 2]].any()
    assert abs(weights[:, 1].mean() - 0.5) < 4.5 * np.sqrt(0.25 / 21 / N)


def test_a_weight_belongs_to_the_customer() -> None:
    """One uniform each: a customer's weights do not depend on who else there is, and more weight
    for all on fit means more for each."""
    all_of_them = attribute_weights(world(), KEYS)
    assert np.array_equal(attribute_weights(world(), KEYS[100:103]), all_of_them[100:103])
    more = attribute_weights(world(satisfaction={"weight_fit": 0.45, "weight_speed": 0.15}), KEYS)
    assert (more[:, 0] > all_of_them[:, 0]).all()
