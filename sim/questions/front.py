"""Which designs lie on the front, how surely, and what is given up along it.

Owns: dominance judged by paired intervals, who cannot be told apart from whom, whose replications
are worth having next, and the rate at which one metric is bought with another. Never does: run
anything, or know what a design is.

Throughout more is better: metrics of which less is better come with their sign changed. Designs
are compared on the replications both have, in which they meet the same customers. p is *clear* of
q if on some metric the interval of p - q lies above 0; q *surely dominates* p if on no metric the
interval of q - p reaches below 0 and on one it lies above. A design is on the front *for sure* if
it is clear of every design that is not surely dominated. To say that of p takes a claim about every
rival, each of which would have to be wrong, so only the choice among metrics needs a correction;
that p is surely dominated is chosen among rivals, so it needs one for them. Both use the larger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.statistics import CONFIDENCE, Interval, t_quantile
from sim.records import Floats

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """Every design (row) against every other (column)."""

    clear: Bools
    """[D, D] p is surely better than q on some metric."""
    over: Bools
    """[D, D] p surely dominates q."""
    ahead: Bools
    """[D, D] p dominates q by the means."""
    told: Bools
    """[D, D] every difference is surely not 0, or surely smaller than what matters."""
    reach: Floats
    """[D, D] how far p's mean is ahead of q where it is most, in smallest differences that matter;
    negative if q is better on every metric."""


def compare(values: Sequence[Floats], margins: Sequence[float], family: int) -> Pairs:
    """Compare all designs on the replications they share.

    Args:
        values: By design [K, n]: metrics by replication from 0 on, more being better; NaN where a
            metric has no value. n may differ between designs.
        margins: [K] smallest differences that matter.
        family: Number of intervals that have to hold together (Bonferroni).
    """
    count = len(values)
    lengths = np.array([v.shape[1] for v in values])
    longest, metrics = int(lengths.max()), values[0].shape[0]
    table = np.full((count, metrics, longest), np.nan)
    for d, own in enumerate(values):
        table[d, :, :own.shape[1]] = own
    quantile = np.array([np.inf] * 2 + [
        t_quantile(1.0 - (1.0 - CONFIDENCE) / (2.0 * family), n - 1)
        for n in range(2, longest + 1)])
    width = np.array(margins)
    scale = np.where(width > 0, width, 1.0)
    made = [np.zeros((count, count), dtype=bool) for _ in range(4)]
    clear, over, ahead, told = made
    reach = np.zeros((count, count))
    for p in range(count):
        mean, low, high = _intervals(table[p][None] - table, quantile)
        clear[p] = (low > 0).any(axis=1)
        over[p] = (low >= 0).all(axis=1) & clear[p]
        ahead[p] = (mean >= 0).all(axis=1) & (mean > 0).any(axis=1)
        small = (low >= -width) & (high <= width)
        told[p] = (small | (low > 0) | (high < 0)).all(axis=1)
        reach[p] = np.nan_to_num(mean / scale, nan=0.0).max(axis=1)
    for square in made:
        np.fill_diagonal(square, val=False)
    return Pairs(clear, over, ahead, told, reach)


def _intervals(differences: Floats, quantile: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean, low, high [D, K] of differences [D, K, n]; without two values nothing is known."""
    there = np.isfinite(differences)
    n = there.sum(axis=2)
    filled = np.where(there, differences, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = filled.sum(axis=2) / n
        spread = np.where(there, differences - mean[..., None], 0.0)
        error = np.sqrt((spread**2).sum(axis=2) / (n - 1) / n)
        first = differences[..., :1]  # rounding of the mean must not invent a width
        constant = (np.where(there, differences, first) == first).all(axis=2) & (n > 1)
        mean = np.where(constant, first[..., 0], mean)
        half = np.where(constant, 0.0, quantile[n] * error)
    known = n > 1
    return mean, np.where(known, mean - half, -np.inf), np.where(known, mean + half, np.inf)


@dataclass(frozen=True)
class Standing:
    """Where every design stands."""

    dominated: tuple[tuple[int, ...], ...]
    """By design: who surely dominates it."""
    sure: Bools
    """[D] on the front for sure."""
    leading: Bools
    """[D] not surely dominated, and by the means dominated by nobody who is not either."""
    near: tuple[tuple[int, ...], ...]
    """By design that is not dominated: from whom it cannot be told apart."""
    open: tuple[int, ...]
    """Designs that more replications could settle, the nearest to the front first."""


def standing(pairs: Pairs) -> Standing:
    """What follows from the comparison of all pairs."""
    count = len(pairs.clear)
    alive = ~np.asarray(pairs.over.any(axis=0))
    rival: Bools = np.outer(alive, alive) & ~np.eye(count, dtype=bool)
    unclear: Bools = np.asarray(rival & ~pairs.clear)
    sure: Bools = np.asarray(alive & ~unclear.any(axis=1))
    leading: Bools = np.asarray(alive & ~(pairs.ahead & rival).any(axis=0))
    # A pair matters if it keeps a leading design from being sure, or one behind from being out.
    asked: Bools = leading[:, None] & (unclear | (pairs.ahead & rival & ~leading)) & ~pairs.told
    depth = np.where(rival, pairs.reach, np.inf).min(axis=1)
    order = sorted(np.flatnonzero((asked | asked.T).any(axis=1)).tolist(),
                   key=lambda d: (not leading[d], -depth[d], d))
    return Standing(
        tuple(tuple(np.flatnonzero(pairs.over[:, d]).tolist()) for d in range(count)),
        sure, leading,
        tuple(tuple(np.flatnonzero(unclear[d]).tolist()) for d in range(count)), tuple(order))


def rate(top: Floats, bottom: Floats, *, confidence: float = CONFIDENCE) -> Interval:
    """Interval of mean(top) / mean(bottom) of paired values (Fieller 1954).

    A ratio lies in it if the mean of top - ratio x bottom may be 0. Without ends if the mean of
    `bottom` may itself be 0: then any ratio may.

    Args:
        top, bottom: [n] the same replications in the same order.
        confidence: Of the interval.
    """
    both = np.isfinite(top) & np.isfinite(bottom)
    t, b = top[both], bottom[both]
    n = len(t)
    if n < 2 or not b.mean():
        return Interval(float(t.mean() / b.mean()) if n and b.mean() else None, None, None, n)
    cov: Any = np.cov(np.vstack([t, b]), ddof=1) / n
    k = t_quantile(1.0 - (1.0 - confidence) / 2.0, n - 1) ** 2
    mt, mb = float(t.mean()), float(b.mean())
    # (mt - r mb)^2 <= k (var t - 2 r cov + r^2 var b), a quadratic in r
    square = mb**2 - k * cov[1, 1]
    if square <= 0:
        return Interval(mt / mb, None, None, n)
    half = mt * mb - k * cov[0, 1]
    root = float(np.sqrt(max(0.0, half**2 - square * (mt**2 - k * cov[0, 0]))))
    return Interval(mt / mb, float((half - root) / square), float((half + root) / square), n)
