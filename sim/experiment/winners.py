"""Who wins and who loses: the same customer under two structures, and those served worst (R26).

Owns: better off, worse off, unchanged; the worst-served segment and tenth. Never does: average
over unlike customers: every share is over customers who can be judged under both structures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.statistics import Interval, mean_interval
from sim.metrics.compute import segment_metrics
from sim.records import CustomerOutcome, RunResult

MINIMUM_CASES = 3
"""Closed cases a customer needs before a mean over them says something."""

THRESHOLD_POINTS = 2.0
"""Difference in mean satisfaction, in points, from which a customer is better or worse off."""


@dataclass(frozen=True)
class Shares:
    """How customers fare under one structure as compared with another; the shares sum to 1."""

    better: float | None
    worse: float | None
    unchanged: float | None
    customers: float
    """Customers judged, per replication."""

    def to_json(self) -> dict[str, float | None]:
        """As plain data."""
        return {"better": self.better, "worse": self.worse, "unchanged": self.unchanged,
                "customers": self.customers}


@dataclass(frozen=True)
class Fate:
    """`Shares` of one pair of structures, over all customers and by segment."""

    all: Shares
    segments: dict[str, Shares]


@dataclass(frozen=True)
class WhoWins:
    """Better and worse off for every pair, and the worst served under each structure."""

    threshold: float
    pairs: dict[tuple[str, str], Fate]
    """By (A, B): how customers fare under A as compared with B."""
    worst_segment: dict[str, tuple[str, Interval]]
    """By structure: the segment with the lowest mean satisfaction, and that mean."""
    worst_decile: dict[str, Interval]
    """By structure: mean satisfaction of the lowest tenth of customers with at least three cases
    under every structure."""

    def between(self, first: str, second: str) -> Fate:
        """How customers fare under `first` as compared with `second`, in either order."""
        if (first, second) in self.pairs:
            return self.pairs[first, second]
        other = self.pairs[second, first]
        return Fate(_swap(other.all), {name: _swap(s) for name, s in other.segments.items()})

    def to_json(self) -> dict[str, Any]:
        """As the `better_off` of a comparison's JSON."""
        return {
            "threshold_points": self.threshold,
            "minimum_cases": MINIMUM_CASES,
            "pairs": {
                f"{a} - {b}": fate.all.to_json()
                | {"segments": {name: s.to_json() for name, s in fate.segments.items()}}
                for (a, b), fate in self.pairs.items()
            },
            "worst_segment": {
                structure: {"segment": name, "satisfaction": interval.mean}
                for structure, (name, interval) in self.worst_segment.items()
            },
            "worst_decile": {
                structure: {"mean": i.mean, "low": i.low, "high": i.high}
                for structure, i in self.worst_decile.items()
            },
        }


def _swap(shares: Shares) -> Shares:
    return Shares(shares.worse, shares.better, shares.unchanged, shares.customers)


def _mean_satisfaction(outcome: CustomerOutcome) -> NDArray[np.float64]:
    """[N] points; 0 for customers without a case (who are never judged)."""
    return 100.0 * outcome.satisfaction_sum / np.maximum(outcome.cases, 1)


def judge(
    first: CustomerOutcome, second: CustomerOutcome, threshold: float = THRESHOLD_POINTS
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which customers are judged, and which of them are better or worse off under `first`.

    A customer who leaves under one structure and stays under the other is worse off under the
    first, whatever the satisfaction. Others are compared by mean satisfaction over their own
    cases. Judged are those with at least three closed cases under each structure; of a leaver,
    who had less time, only under the structure that keeps them.

    Returns:
        [N] judged, [N] better, [N] worse; better and worse are disjoint subsets of judged.
    """
    one_left = first.left != second.left
    enough_first = first.cases >= MINIMUM_CASES
    enough_second = second.cases >= MINIMUM_CASES
    judged = np.where(
        one_left, np.where(first.left, enough_second, enough_first), enough_first & enough_second
    )
    difference = _mean_satisfaction(first) - _mean_satisfaction(second)
    better = judged & np.where(one_left, second.left, difference > threshold)
    worse = judged & np.where(one_left, first.left, difference < -threshold)
    return judged, better, worse


def _shares(judged: float, better: float, worse: float, replications: int) -> Shares:
    if judged <= 0:
        return Shares(None, None, None, 0.0)
    return Shares(
        better / judged, worse / judged, (judged - better - worse) / judged, judged / replications
    )


def _fate(
    pairs: Sequence[tuple[CustomerOutcome, CustomerOutcome]],
    segments: Sequence[str],
    threshold: float,
) -> Fate:
    """Shares over the customers of all replications together."""
    counts = np.zeros((3, len(segments)))
    for first, second in pairs:
        for row, chosen in enumerate(judge(first, second, threshold)):
            counts[row] += np.bincount(first.segment[chosen], minlength=len(segments))
    judged, better, worse = counts.sum(axis=1)
    return Fate(
        _shares(judged, better, worse, len(pairs)),
        {
            name: _shares(counts[0, s], counts[1, s], counts[2, s], len(pairs))
            for s, name in enumerate(segments)
        },
    )


def _worst_segment(
    results: Sequence[RunResult], segments: Sequence[str]
) -> tuple[str, Interval] | None:
    values = np.array([segment_metrics(r.segments)["satisfaction"] for r in results])
    intervals = [(mean_interval(values[:, s]), name) for s, name in enumerate(segments)]
    known = [(i.mean, name, i) for i, name in intervals if i.mean is not None]
    if not known:
        return None
    _, name, interval = min(known, key=lambda entry: entry[0])
    return name, interval


def _lowest_tenth(means: NDArray[np.float64]) -> float | None:
    if len(means) == 0:
        return None
    size = -(-len(means) // 10)
    return float(np.sort(means)[:size].mean())


def who_wins(
    finished: Mapping[str, Mapping[int, RunResult]],
    segments: Sequence[str],
    threshold: float = THRESHOLD_POINTS,
) -> WhoWins:
    """Compare the customers of every pair of structures, and find those served worst.

    Args:
        finished: Results by structure and replication.
        segments: Names of the segments in declared order.
        threshold: Points of satisfaction; see `THRESHOLD_POINTS`.
    """
    names = list(finished)
    pairs = {}
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            common = [r for r in finished[a] if r in finished[b]]
            if common:
                pairs[a, b] = _fate(
                    [(finished[a][r].customers, finished[b][r].customers) for r in common],
                    segments, threshold,
                )
    worst_segment = {}
    for name in names:
        worst = _worst_segment(list(finished[name].values()), segments)
        if worst is not None:
            worst_segment[name] = worst
    everywhere = set.intersection(*(set(runs) for runs in finished.values())) if names else set()
    tenths: dict[str, list[float | None]] = {name: [] for name in names}
    for r in sorted(everywhere):
        outcomes = {name: finished[name][r].customers for name in names}
        enough = np.logical_and.reduce([o.cases >= MINIMUM_CASES for o in outcomes.values()])
        for name, outcome in outcomes.items():
            tenths[name].append(_lowest_tenth(_mean_satisfaction(outcome)[enough]))
    return WhoWins(
        threshold, pairs, worst_segment, {name: mean_interval(v) for name, v in tenths.items()}
    )
