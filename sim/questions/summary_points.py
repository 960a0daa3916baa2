"""The points of a finished sweep, and what is found at each.

Owns: the verdict at a point, made whenever it is looked at, and what of all points together is
kept of it. Never does: set a rule (`experiment.verdict` judges), read files, write sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.experiment.statistics import Interval, mean_intervals
from sim.experiment.verdict import Call, Finding, finding
from sim.metrics.registry import METRICS
from sim.records import Floats
from sim.sweep.finished import Cell

State = Literal["leads", "equal", "close", "alone", "none"]
STATES: tuple[State, ...] = ("leads", "equal", "close", "alone", "none")
TOGETHER = 256
"""Points judged at a time: their intervals come of a few array operations."""


@dataclass(frozen=True)
class Point:
    """One point of a sweep, and what was found there."""

    index: int
    """Place among all points of the sweep."""
    values: tuple[Cell, ...]
    findings: Mapping[str, Finding] = field(repr=False)
    """By measure."""

    def state(self, metric: str) -> State:
        """What can be said of the best mean against all others."""
        found = self.findings[metric]
        if not found.ranking:
            return "none"
        if len(found.ranking) == 1:
            return "alone"
        rivals = self.rivals(metric)
        if not rivals:
            return "leads"
        best = found.ranking[0]
        return "equal" if all(found.call(best, r) is Call.EQUAL for r in rivals) else "close"

    def rivals(self, metric: str) -> tuple[str, ...]:
        """Structures that the best mean is not surely better (or higher) than."""
        found = self.findings[metric]
        return tuple(s for s in found.ranking[1:]
                     if found.call(found.ranking[0], s) not in (Call.BETTER, Call.HIGHER))

    def lead(self, metric: str) -> Interval | None:
        """Best minus second, None where there is no second."""
        found = self.findings[metric]
        return found.difference(*found.ranking[:2]) if len(found.ranking) > 1 else None


@dataclass(frozen=True)
class Verdicts:
    """One measure at all points that are judged, a few bytes a point.

    Attributes:
        state: [points] place in `STATES`.
        best: [points] the structure with the best mean, -1 where nothing is known.
        mean: [points] its mean, NaN where there is none.
        among: [points, structures] the best and its rivals.
        lead: [points] best minus second; NaN where there is none.
        half: [points] half the width of the lead's interval; NaN where it has none.
    """

    state: NDArray[np.int8]
    best: NDArray[np.int16]
    mean: Floats
    among: NDArray[np.bool_]
    lead: Floats
    half: Floats

    def where(self, *states: State) -> NDArray[np.int64]:
        """Places of the points that are in one of some states."""
        return np.flatnonzero(np.isin(self.state, [STATES.index(s) for s in states]))

    def count(self, state: State) -> int:
        """Points in a state."""
        return len(self.where(state))


class Points:
    """Points that are judged, in the order of the plan, each made when it is looked at.

    Args:
        structures: Names.
        blocks: By measure: [all points, structures, replications], NaN where there is no number.
        chosen: Places among all points of those that are judged.
        values: By point, of the factors.
    """

    def __init__(self, structures: Sequence[str], blocks: Mapping[str, Floats],
                 chosen: NDArray[np.int64], values: Sequence[tuple[Cell, ...]]) -> None:
        self._names, self._blocks, self._chosen = structures, blocks, chosen
        self._values = values
        self._pairs = list(combinations(range(len(structures)), 2))

    def __len__(self) -> int:
        return len(self._chosen)

    def __iter__(self) -> Iterator[Point]:
        for start in range(0, len(self), TOGETHER):
            yield from self._judged(self._chosen[start:start + TOGETHER])

    def __getitem__(self, k: int) -> Point:
        return self._judged(self._chosen[[k]])[0]

    @property
    def values(self) -> list[tuple[Cell, ...]]:
        """Values of the factors at each of them."""
        return [self._values[i] for i in self._chosen]

    def _judged(self, few: NDArray[np.int64]) -> list[Point]:
        names, pairs = self._names, self._pairs
        family = max(1, len(pairs) * len(self._blocks))
        found: list[dict[str, Finding]] = [{} for _ in few]
        for metric, every in self._blocks.items():
            block = every[few]
            means = _intervals(mean_intervals(block))
            gaps = [_intervals(mean_intervals(block[:, [a]] - block[:, [b]], family=family))
                    for a, b in pairs]
            for k in range(len(few)):
                found[k][metric] = finding(
                    METRICS[metric], dict(zip(names, means[k], strict=True)),
                    {(names[a], names[b]): gap[k][0]
                     for (a, b), gap in zip(pairs, gaps, strict=True)})
        return [Point(int(k), self._values[k], one) for k, one in zip(few, found, strict=True)]

    def verdicts(self) -> dict[str, Verdicts]:
        """What is kept of all of them, by measure."""
        n, place = len(self), {name: k for k, name in enumerate(self._names)}
        kept = {metric: Verdicts(
            np.zeros(n, dtype=np.int8), np.full(n, -1, dtype=np.int16), np.full(n, np.nan),
            np.zeros((n, len(place)), dtype=np.bool_), np.full(n, np.nan), np.full(n, np.nan))
            for metric in self._blocks}
        for k, point in enumerate(self):
            for metric, all_of in kept.items():
                found, lead = point.findings[metric], point.lead(metric)
                all_of.state[k] = STATES.index(point.state(metric))
                if found.best is not None:
                    all_of.best[k] = place[found.best]
                    all_of.mean[k] = found.means[found.best].mean
                    all_of.among[k, [place[s] for s in (found.best, *point.rivals(metric))]] = True
                if lead is not None:
                    all_of.lead[k] = np.nan if lead.mean is None else lead.mean
                    all_of.half[k] = np.nan if lead.half_width is None else lead.half_width
        return kept


def _intervals(found: tuple[Floats, Floats, Floats, Floats]) -> list[list[Interval]]:
    """[points, columns] arrays as intervals."""
    rows = zip(*(values.tolist() for values in found), strict=True)
    return [[Interval(None if n == 0 else mean, None if n < 2 else low, None if n < 2 else high,
                      int(n)) for mean, low, high, n in zip(*row, strict=True)] for row in rows]
