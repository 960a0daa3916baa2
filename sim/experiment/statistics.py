"""How sure: intervals of means and of paired differences, growth of backlogs, stable rankings.

Owns: every inference the product makes from replications. Never does: decide what a difference
is worth (`verdict.py`) or run anything.

Replications are independent; structures within one replication are not (they meet the same
customers), so structures are compared by their differences *within* replications. Intervals are
Student's t intervals of a mean over replications. Over a family of comparisons each interval is
made at level 1 - 0.05/family (Bonferroni), so that all of them hold together with 95%.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.metrics import stability
from sim.records import Floats, RunResult
from sim.scenario.schema import HOURS_PER_WEEK

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over replications with its confidence interval.

    `mean` is None if no replication has the metric; `low` and `high` are None if fewer than two
    have it: one run says nothing about chance.
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width."""
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2.0

    def negated(self) -> Interval:
        """The interval of the difference taken the other way round."""
        return Interval(
            None if self.mean is None else 0.0 - self.mean,
            None if self.high is None else 0.0 - self.high,
            None if self.low is None else 0.0 - self.low,
            self.n,
        )


def t_quantile(probability: float, degrees: float) -> float:
    """Quantile of Student's t distribution."""
    from scipy.special import stdtrit  # scipy.stats would take half a second to import

    return float(stdtrit(degrees, probability))


def chi2_quantile(probability: float, degrees: float) -> float:
    """Quantile of the chi-squared distribution."""
    from scipy.special import chdtri  # of the upper tail

    return float(chdtri(degrees, 1.0 - probability))


def mean_interval(
    values: Sequence[float | None] | Floats, *, confidence: float = CONFIDENCE, family: int = 1
) -> Interval:
    """Mean and t interval over replications.

    Args:
        values: One per replication; None or NaN where the metric does not exist.
        confidence: Of all intervals of the family together.
        family: Number of intervals that have to hold together (Bonferroni).
    """
    x = np.array([math.nan if v is None else v for v in values], dtype=np.float64)
    x = x[np.isfinite(x)]
    n = len(x)
    if n == 0:
        return Interval(None, None, None, 0)
    mean = float(x.mean())
    if n == 1:
        return Interval(mean, None, None, 1)
    if np.all(x == x[0]):  # rounding of the mean must not invent a width
        return Interval(float(x[0]), float(x[0]), float(x[0]), n)
    error = float(x.std(ddof=1)) / math.sqrt(n)
    reach = t_quantile(1.0 - (1.0 - confidence) / (2.0 * family), n - 1) * error
    return Interval(mean, mean - reach, mean + reach, n)


def mean_intervals(
    values: Floats, *, confidence: float = CONFIDENCE, family: int = 1
) -> tuple[Floats, Floats, Floats, Floats]:
    """`mean_interval` of many series at once.

    Args:
        values: [..., replications]; NaN where the metric does not exist.
        confidence, family: See `mean_interval`.

    Returns:
        [...] mean, low, high, and how many values: NaN where `mean_interval` has None.
    """
    from scipy.special import stdtrit

    known = np.isfinite(values)
    x = np.where(known, values, 0.0)
    n = known.sum(axis=-1).astype(np.float64)
    some, several = n > 0, n > 1
    mean = np.divide(x.sum(axis=-1), n, out=np.full(n.shape, np.nan), where=some)
    away = np.where(known, values - mean[..., None], 0.0)
    degrees = np.where(several, n - 1.0, 1.0)
    error = np.sqrt((away**2).sum(axis=-1) / degrees / np.maximum(n, 1.0))
    reach = stdtrit(degrees, 1.0 - (1.0 - confidence) / (2.0 * family)) * error
    least = np.where(known, values, np.inf).min(axis=-1, initial=np.inf)
    most = np.where(known, values, -np.inf).max(axis=-1, initial=-np.inf)
    same = several & (least == most)  # rounding of the mean must not invent a width
    mean, reach = np.where(same, least, mean), np.where(same, 0.0, reach)
    reach = np.where(several, reach, np.nan)
    return mean, mean - reach, mean + reach, n


def crossed_interval(values: Floats, *, confidence: float = CONFIDENCE) -> Interval:
    """Mean over drawn points that all met the same drawn replications, with its interval.

    Both are a sample: the variance of the mean is that of the points' means over their number plus
    that of the replications' means over theirs, less what is counted twice (a crossed design of
    random effects: Searle, Casella and McCulloch 1992, Variance Components, ch. 4); degrees of
    freedom by Satterthwaite (1946).

    Args:
        values: [points, replications] without gaps.
        confidence: Of the interval.
    """
    points, replications = values.shape
    if not values.size:
        return Interval(None, None, None, 0)
    if points == 1 or replications == 1:
        return mean_interval(values.ravel(), confidence=confidence)
    mean = float(values.mean())
    rows, columns = values.mean(axis=1), values.mean(axis=0)
    rest = values - rows[:, None] - columns[None, :] + mean
    own = float((rest**2).sum()) / ((points - 1) * (replications - 1))
    parts = [float(rows.var(ddof=1)) / points, float(columns.var(ddof=1)) / replications]
    variance = max(sum(parts) - own / (points * replications), *parts)
    if variance <= 0.0:
        return Interval(mean, mean, mean, values.size)
    degrees = sum(parts)**2 / (parts[0]**2 / (points - 1) + parts[1]**2 / (replications - 1))
    reach = t_quantile(0.5 + confidence / 2.0, degrees) * math.sqrt(variance)
    return Interval(mean, mean - reach, mean + reach, values.size)


def paired_interval(
    first: Sequence[float | None],
    second: Sequence[float | None],
    *,
    confidence: float = CONFIDENCE,
    family: int = 1,
) -> Interval:
    """Interval of the mean of first - second, replication by replication.

    Args:
        first, second: Values of the same replications in the same order; a replication in which
            either is missing is left out.
        confidence, family: See `mean_interval`.
    """
    differences = [
        None if a is None or b is None else a - b for a, b in zip(first, second, strict=True)
    ]
    return mean_interval(differences, confidence=confidence, family=family)


@dataclass(frozen=True)
class Growth:
    """How the backlog of a structure grows (R25)."""

    per_month: Interval
    """Cases per month; the interval is over replications."""
    weekly_arrivals: float
    unstable: bool
    pools: tuple[str, ...]
    """Pools whose offered work reached their capacity in at least half of the replications."""


def backlog_growth(results: Sequence[RunResult]) -> Growth:
    """Whether the backlog of one structure grows over its replications.

    Unstable is: the 95% interval of the slope of open cases lies above 0, and the growth per
    month exceeds a tenth of one week's arrivals. With one replication the run's own test by
    batch means decides.

    Args:
        results: Replications of one structure; at least one.
    """
    slopes = []
    arrivals = []
    limits = []
    for result in results:
        measured = result.series["time"] > 0.0
        slopes.append(stability.slope(
            result.series["time"][measured], result.series["totals"]["open"][measured]))
        arrivals.append(
            float(result.totals["arrivals"]) / result.window_h * HOURS_PER_WEEK)
        limits.append(
            stability.growth_limit(float(result.totals["arrivals"]), result.window_h))
    growth = mean_interval(slopes)
    if len(results) == 1:
        unstable = bool(results[0].unstable)
    else:
        unstable = (
            growth.low is not None
            and growth.low > 0.0
            and growth.mean is not None
            and growth.mean > float(np.mean(limits))
        )
    named = results[0].layout.pools
    counts = {pool: sum(pool in result.overloaded_pools for result in results) for pool in named}
    pools = tuple(pool for pool in named if 2 * counts[pool] >= len(results))
    return Growth(growth, float(np.mean(arrivals)), unstable, pools)


def ranking_agreement(values: Any) -> float | None:
    """Mean Kendall tau over all pairs of replications' rankings of the structures.

    1: every replication ranks the structures alike; about 0: the ranking is chance. Ties count 0.

    Args:
        values: [R, K] a metric by replication and structure; replications with a missing value
            are left out.

    Returns:
        Tau, or None with fewer than two structures or two replications.
    """
    x = np.array(values, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] < 2:
        return None
    x = x[np.all(np.isfinite(x), axis=1)]
    replications = len(x)
    if replications < 2:
        return None
    first, second = np.triu_indices(x.shape[1], k=1)
    signs = np.sign(x[:, first] - x[:, second])
    # Sum over pairs of replications of their agreement, without forming the pairs.
    together = float(np.sum(signs.sum(axis=0) ** 2) - np.sum(signs**2)) / 2.0
    pairs = replications * (replications - 1) / 2.0
    return together / (pairs * len(first))
