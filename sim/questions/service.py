"""Service against heads for one structure, on the same customers for every number of heads.

Owns: the search for the fewest heads that meet a target, and the fractional heads with their
interval. Never does: know of Erlang, of other structures, or of words.

The search brackets the target with a few replications, halves the bracket, and then settles one by
one with all of them (`experiment.staffing.smallest`), so a target met by luck at one number of
heads is not enough: one more must meet it too. More people are taken to serve better only in the
bracketing; a reader sees every trial.

Fractional heads are where the curve between whole numbers, interpolated replication by
replication, crosses the target. Their interval holds all points at which a t test of the
interpolated values does not tell the mean from the target (95%, an inverted test, Fieller 1954).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.errors import InfeasibleStructure
from sim.experiment.staffing import Trial, fraction, most_heads, smallest
from sim.experiment.statistics import Interval, mean_interval
from sim.records import Floats
from sim.structures import build
from sim.structures.routing import flow
from sim.sweep.lab import Ask, Lab, Row

QUICK = 4
"""Replications behind a decision while bracketing."""
STRIDE = 1.25
"""Factor between heads while bracketing."""
REACH = 0.15
"""How far from the answer trials are added to close an interval, as a share of the heads."""
LEAST_REACH = 4
GRID = 0.01
"""Heads between the points at which an interval is tested."""
PLENTY = 100_000
Binds = Literal["target", "keeping up", "fewest people"]


@dataclass(frozen=True)
class Met:
    """The fewest heads that meet the target."""

    heads: int
    fte: Interval
    """Real-valued heads that would just meet it; an end is None where no trial closes it."""
    binds: Binds
    """"keeping up": with one fewer the target is met, but the backlog grows; "fewest people": with
    one fewer the structure cannot be staffed."""


@dataclass(frozen=True)
class Unmet:
    """No number of heads tried meets the target."""

    reason: str
    failed: bool
    """Whether runs failed, so that nothing is known."""
    best: Trial | None
    """The trial that came nearest."""
    most: int
    """The most heads tried."""


class Curve:
    """Trials of one structure.

    Args:
        lab: Where runs are made.
        structure: Name.
        metric: Metric id.
        sign: +1 where more of it is better, -1 where less is.
        target: In the metric's unit.
        replications: Behind each decision that counts.
    """

    def __init__(self, lab: Lab, structure: str, metric: str, sign: int, target: float,
                 replications: int) -> None:
        self.lab, self.structure, self.metric = lab, structure, metric
        self.sign, self.target, self.replications = sign, target, replications
        self._rows: dict[int, list[Row]] = {}

    @property
    def runs(self) -> int:
        """Runs this took."""
        return sum(len(rows) for rows in self._rows.values() if rows[0].status != "infeasible")

    def rows(self, heads: int, count: int) -> list[Row]:
        """Replications 0 to `count` - 1 with so many heads.

        Raises:
            KeyboardInterrupt: Interrupted before all were run.
        """
        if len(self._rows.get(heads, [])) < count:
            asked = [Ask(self.structure, r, (), heads) for r in range(count)]
            found = self.lab.rows(asked)
            if len(found) < count:
                raise KeyboardInterrupt
            self._rows[heads] = found
        return self._rows[heads][:count]

    def trial(self, heads: int, count: int) -> Trial:
        """What so many heads achieve."""
        rows = self.rows(heads, count) if heads >= 1 else []
        values = [row.value(self.metric) for row in rows if row.finished]
        if not values or len(values) < len(rows) or not all(map(math.isfinite, values)):
            return Trial(heads, None, False, False, 0)
        mean = math.fsum(values) / len(values)
        stable = 2 * sum(row.status == "unstable" for row in rows) <= len(rows)
        return Trial(heads, mean, stable, stable and self.sign * (mean - self.target) >= 0.0,
                     len(rows))

    def quick(self, heads: int) -> Trial:
        """A trial with few replications."""
        known = len(self._rows.get(heads, [])) >= self.replications
        return self.trial(heads, self.replications if known else min(QUICK, self.replications))

    def full(self, heads: int) -> Trial:
        """A trial with all replications."""
        return self.trial(heads, self.replications)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All that were tried, by heads."""
        return tuple(self.trial(n, len(rows)) for n, rows in sorted(self._rows.items()))

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """95% intervals of the metric, by trial."""
        return tuple(mean_interval([row.value(self.metric) for row in rows])
                     for _, rows in sorted(self._rows.items()))

    def find(self) -> Met | Unmet:
        """The fewest heads N such that N and N + 1 meet the target."""
        try:
            work = flow(self.lab.scenario, build(self.lab.scenario, self.structure, PLENTY)).work
        except InfeasibleStructure as refusal:
            return Unmet(refusal.reason, False, None, 0)
        start = max(1, math.ceil(float(work.sum())))
        cap = most_heads(start)
        near = self._bracket(start, cap)
        if near is None:
            return self._unmet(cap)
        heads = smallest(lambda n: self.full(n).meets, near, cap)
        if not self.full(heads).meets:
            return self._unmet(cap)
        below = self.full(heads - 1) if heads > 1 else None
        if below is None or below.value is None:
            return Met(heads, Interval(float(heads), float(heads), float(heads),
                                       self.replications), "fewest people")
        if self.sign * (below.value - self.target) >= 0.0:
            return Met(heads, Interval(float(heads), None, None, self.replications), "keeping up")
        fte = fraction(below, self.full(heads), self.target)
        return Met(heads, self._interval(heads, fte), "target")

    def _bracket(self, start: int, cap: int) -> int | None:
        """Heads that meet the target with one fewer that do not, as far as few runs tell."""
        low, high = 0, start
        if self.quick(start).meets:
            while high > 1:
                low = min(high - 1, int(high / STRIDE))
                if not self.quick(low).meets:
                    break
                high, low = low, 0
        else:
            while not self.quick(high).meets:
                if high >= cap:
                    return None
                low, high = high, min(cap, max(high + 1, math.ceil(high * STRIDE)))
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.quick(middle).meets else (middle, high)
        return high

    def _unmet(self, cap: int) -> Unmet:
        """Why there is no answer."""
        rows = [row for rows in self._rows.values() for row in rows]
        failed = [row for row in rows if row.status == "failed"]
        known = [t for t in self.trials if t.value is not None]
        if not known:
            return Unmet((failed or rows)[0].message or f"{self.metric} has no value here",
                         bool(failed), None, cap)
        best = max(known, key=lambda t: (t.stable, self.sign * (t.value or 0.0)))
        return Unmet("", bool(failed), best, cap)

    def matrix(self, low: int, high: int) -> Floats:
        """[R, high - low + 1] values by replication and heads, all replications of each."""
        return np.array([self.values(n, self.metric) for n in range(low, high + 1)]).T

    def values(self, heads: int, metric: str) -> list[float]:
        """A metric over all replications with so many heads."""
        return [row.value(metric) for row in self.rows(heads, self.replications)]

    def at(self, heads: float, metric: str) -> Interval:
        """A metric at a fractional number of heads, interpolated replication by replication."""
        low = math.floor(heads)
        part = heads - low
        here = self.values(low, metric)
        if part == 0.0:
            return mean_interval(here)
        above = self.values(low + 1, metric)
        return mean_interval([a + part * (b - a) for a, b in zip(here, above, strict=True)])

    def _interval(self, heads: int, fte: float) -> Interval:
        """The fractional heads that cannot be told from those that just meet the target."""
        reach = max(LEAST_REACH, math.ceil(REACH * heads))
        low, high = heads - 1, heads
        while self._undecided(self.full(low)) and heads - low < reach and low > 1:
            if self.full(low - 1).value is None:
                break
            low -= 1
        while self._undecided(self.full(high)) and high - heads < reach:
            if self.full(high + 1).value is None:
                break
            high += 1
        return crossing(self.matrix(low, high), low, fte, self.target)

    def _undecided(self, trial: Trial) -> bool:
        """Whether the interval of a trial covers the target."""
        i = mean_interval(self.values(trial.heads, self.metric))
        return i.low is not None and i.high is not None and i.low <= self.target <= i.high


def crossing(values: Floats, low: int, fte: float, target: float) -> Interval:
    """The interval of the heads at which values cross a target.

    Args:
        values: [R, W] by replication and heads, which begin at `low`; W at least 2.
        fte: Where their mean is the target.
    """
    return Interval(fte, _edge(values, low, fte, target, -1), _edge(values, low, fte, target, +1),
                    len(values))


def _edge(values: Floats, low: int, start: float, target: float, way: int) -> float | None:
    """The last point from `start` on whose t interval covers the target; None if none is beyond.

    Args:
        values: [R, W] by replication and heads, which begin at `low`.
        start: Where the mean is the target.
        way: -1 towards fewer heads, +1 towards more.
    """
    top = values.shape[1] - 1
    x = start - low
    while True:
        further = x + way * GRID
        if not 0.0 <= further <= top:
            end = 0.0 if way < 0 else float(top)
            return None if _covers(values, end, target) else low + end
        if not _covers(values, further, target):
            return low + x
        x = further


def _covers(values: Floats, x: float, target: float) -> bool:
    """Whether the t interval of the values interpolated at column x covers the target."""
    i = min(int(x), values.shape[1] - 2)
    here = values[:, i] + (x - i) * (values[:, i + 1] - values[:, i])
    interval = mean_interval(here)
    if interval.low is None or interval.high is None:
        return True
    slack = 1e-9 * max(1.0, abs(target))
    return interval.low - slack <= target <= interval.high + slack

