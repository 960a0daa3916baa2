"""Does the backlog grow? The slope of open cases over time, and what growth is too much (R25).

Owns: the slope of one run, its interval by batch means, and the size that counts as growth.
Never does: combine replications (`experiment.statistics`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.schema import HOURS_PER_MONTH, HOURS_PER_WEEK

GROWTH_LIMIT = 0.10
"""Growth per month, as a share of one week's arrivals, above which a backlog counts as growing."""

BLOCKS = 10
_T_BLOCKS = 2.3060041350333704
"""97.5% point of Student's t with BLOCKS - 2 degrees of freedom."""


def slope(time_h: NDArray[Any], open_cases: NDArray[Any]) -> float | None:
    """Least-squares growth of open cases, cases per month; None with fewer than three points.

    Args:
        time_h: [T] ends of periods, working hours.
        open_cases: [T] open cases then.
    """
    if len(time_h) < 3:
        return None
    t = np.asarray(time_h, dtype=np.float64)
    t = t - t.mean()
    return float(np.dot(t, open_cases) / np.dot(t, t)) * HOURS_PER_MONTH


def growth_limit(arrivals: float, window_h: float) -> float:
    """Growth per month, in cases, that makes a backlog unstable if it is surely above zero."""
    return GROWTH_LIMIT * arrivals / window_h * HOURS_PER_WEEK


def growing_in_one_run(
    time_h: NDArray[Any], open_cases: NDArray[Any], arrivals: float, window_h: float
) -> bool:
    """Whether one run's backlog grows: batch means over ten blocks of the measured time.

    Args:
        time_h: [T] ends of the measured periods, working hours.
        open_cases: [T] open cases then.
        arrivals: Cases that arrived in the window.
        window_h: Length of the window.

    Returns:
        True if the 95% interval of the slope through the ten block means lies above 0 and the
        slope is above `growth_limit`; False also where there are fewer than ten periods.
    """
    if len(time_h) < BLOCKS:
        return False
    t = np.array([block.mean() for block in np.array_split(np.asarray(time_h, float), BLOCKS)])
    y = np.array([block.mean() for block in np.array_split(np.asarray(open_cases, float), BLOCKS)])
    t = t - t.mean()
    spread = float(np.dot(t, t))
    rate = float(np.dot(t, y)) / spread
    residual = y - y.mean() - rate * t
    error = float(np.sqrt(np.dot(residual, residual) / (BLOCKS - 2) / spread))
    surely = rate - _T_BLOCKS * error > 0
    return surely and rate * HOURS_PER_MONTH > growth_limit(arrivals, window_h)
