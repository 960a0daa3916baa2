"""The inverse distributions against scipy's."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import expon

from tests.rng.compiled import inverses

SMALLEST = 2.0**-54
BULK = np.concatenate([np.linspace(0.001, 0.999, 20_001), [0.075, 0.925, 0.5]])
TAIL = np.geomspace(SMALLEST, 0.001, 5001)
"""Down to the smallest uniform; AS 241 changes its formula at 0.075 and at exp(-25)."""


def quantiles(u: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    normal, exponential = np.zeros((2, len(u)))
    inverses(u, normal, exponential)
    return normal, exponential


def test_normal_in_the_bulk() -> None:
    assert np.abs(quantiles(BULK)[0] - ndtri(BULK)).max() <= 1e-14


def test_normal_in_the_tails() -> None:
    """Relative, in both tails (near 1 as far as a double resolves 1 - u)."""
    lower = quantiles(TAIL)[0]
    assert np.abs(lower / ndtri(TAIL) - 1.0).max() <= 1e-14
    near_one = 1.0 - TAIL[TAIL > 2.0**-40]
    assert np.abs(quantiles(near_one)[0] / ndtri(near_one) - 1.0).max() <= 1e-14


def test_exponential() -> None:
    """-log(1 - u), also where u is too small for 1 - u to be seen."""
    u = np.concatenate([BULK, TAIL, 1.0 - TAIL[TAIL >= 2.0**-53]])
    assert np.allclose(quantiles(u)[1], expon.ppf(u), rtol=1e-14, atol=0)


@given(a=st.floats(SMALLEST, 1.0 - 2.0**-53), b=st.floats(SMALLEST, 1.0 - 2.0**-53))
@settings(max_examples=200, deadline=None)
def test_monotone_and_finite(a: float, b: float) -> None:
    """Coupling needs both inverses to rise with the uniform (to a rounding of the normal's)."""
    low, high = sorted((a, b))
    normal, exponential = quantiles(np.array([low, high]))
    assert np.isfinite(normal).all() and np.isfinite(exponential).all()
    assert exponential[0] <= exponential[1]
    assert normal[0] <= normal[1] + 4e-16 * max(1.0, abs(normal[1]))


@given(k=st.integers(1, 2**53 - 1))
@settings(max_examples=200, deadline=None)
def test_normal_is_odd(k: int) -> None:
    """z(1 - u) = -z(u), exactly, where 1 - u is exact."""
    u = k * 2.0**-53
    low, high = quantiles(np.array([u, 1.0 - u]))[0]
    assert low == -high
