"""At which value of each assumption the ranking of two structures flips.

Owns: the question `tipping`: which keys are tried, at which values, where the lead passes, and the
worst-case regret. Never does: shape its answer (`tipping_answer`), draw, or write
sentences.

One assumption is changed at a time, the others stay as the scenario says. Both ends and the middle
of its range are run first, and only where the lead changes its sign is the crossing closed in on.
A key that changes no number of either structure in the first replications, at both ends, is left at
that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import Fault, InputError
from sim.experiment.request import check_structures
from sim.experiment.statistics import Interval, mean_interval
from sim.metrics.registry import METRICS, find
from sim.questions.crossing import crossings
from sim.questions.keys import Range, exact, narrowed, read_ranges
from sim.questions.tipping_answer import Assumption, Flip, Regret, Tipping
from sim.records import Floats
from sim.sweep.lab import Ask, Lab, Row, settings

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.sweep.finished import Finished

REPLICATIONS, DEPTH = 10, 3
PROBE = 2
"""Replications in which a key must change something to be looked at further."""
NEAREST = 0.15
"""A new value keeps this share of the way from the two it lies between."""


def tipping(
    lab: Lab,
    first: str,
    second: str,
    *,
    metric: str = "satisfaction",
    keys: Sequence[str] = (),
    replications: int = REPLICATIONS,
    depth: int = DEPTH,
) -> Tipping:
    """Find the value of each assumption at which the ranking of two structures flips.

    Args:
        lab: Where rows come from.
        first, second: Names of structures.
        metric: Metric id.
        keys: `KEY` (its plausible range) or `KEY=lo:hi`; none: all in use.
        replications: Of both structures at each value.
        depth: Steps that close in on a crossing.

    Raises:
        InputError: What was asked makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before the scenario itself was run.
    """
    ranges = _checked(lab.scenario, first, second, metric, keys, replications, depth)
    return Search(lab, first, second, metric, replications, depth).answer(ranges, bool(keys))


def _checked(scenario: Scenario, first: str, second: str, metric: str, keys: Sequence[str],
             replications: int, depth: int) -> list[Range]:
    """The ranges meant; one error with every fault."""
    _, faults = check_structures(scenario, [first, second])
    if first == second:
        faults.append(Fault("B", "", f"{second} is compared with itself"))
    ranges: list[Range] = []
    for check in (lambda: find(metric, "--metric"),
                  lambda: ranges.extend(
                      read_ranges(scenario, keys, "--keys", around=True))):
        try:
            check()
        except InputError as error:
            faults.extend(error.faults)
    for where, value, low, high in (("--replications", replications, 2, 100_000),
                                    ("--depth", depth, 0, 20)):
        if not low <= value <= high:
            faults.append(Fault(where, "", f"from {low} to {high}, not {value}"))
    if faults:
        raise InputError(faults)
    return ranges


class Search:
    """The runs of one answer and what they hold."""

    def __init__(self, lab: Lab | Finished, first: str, second: str, metric: str,
                 replications: int, depth: int) -> None:
        self.lab, self.pair, self.metric = lab, (first, second), metric
        self.replications, self.depth = replications, depth
        self.sign = -1.0 if METRICS[metric].direction < 0 else 1.0
        self.rows: dict[Ask, Row] = {}

    def answer(self, ranges: Sequence[Range], chosen: bool) -> Tipping:
        """Ends and middle of every range, then the crossings."""
        self.begin()
        ranges = [narrowed(self.lab.scenario, one) for one in ranges]
        left_out = {one.key: "no other value makes sense here" for one in ranges
                    if one.low >= one.high}
        ranges = [one for one in ranges if one.low < one.high]
        self._run((one.change(v), PROBE) for one in ranges for v in (one.low, one.high))
        moving = [one for one in ranges if self.moves(one)]
        values = {one.key: {one.low, _middle(one), one.high, float(one.now or 0.0)}
                  for one in moving}
        self.visit(moving, values)
        for _ in range(self.depth):
            if self.lab.interrupted:
                break
            new = {one.key: set(self._closer(one, values[one.key])) for one in moving}
            if not any(new.values()):
                break
            self.visit(moving, new)
            for one in moving:
                values[one.key] |= new[one.key]
        return self.read(ranges, moving, values, left_out, chosen)

    def begin(self) -> None:
        """Run the scenario as it is.

        Raises:
            InputError: There is no number.
            KeyboardInterrupt: Interrupted.
        """
        self._run([((), self.replications)])
        if np.isfinite(self._lead(())).sum() < 2:
            if self.lab.interrupted:
                raise KeyboardInterrupt
            raise InputError(self._nothing())

    def read(self, ranges: Sequence[Range], moving: Sequence[Range],
             values: Mapping[str, set[float]], left_out: dict[str, str], chosen: bool, *,
             swept: bool = False, notes: tuple[str, ...] = ()) -> Tipping:
        """What the values that were run say."""
        base = self._lead(())
        found = []
        for one in ranges:
            if one not in moving:
                end = mean_interval(base)
                found.append(Assumption(one, (), dict.fromkeys((one.low, one.high), end), False))
            elif (judged := self._judged(one, values[one.key])) is None:
                left_out[one.key] = "too few runs finished at its values"
            else:
                found.append(judged)
        found.sort(key=lambda a: (not a.moves, a.distance, a.least))
        statuses = [row.status for row in self.rows.values()]
        return Tipping(
            self.lab.scenario, *self.pair, self.metric, self.lab.seed, self.replications,
            len(statuses) - statuses.count("infeasible"), chosen, mean_interval(base),
            tuple(found), self._regrets(moving, values), left_out,
            statuses.count("failed"), statuses.count("unstable"), self.lab.interrupted, swept,
            notes)

    def _nothing(self) -> Fault:
        for row in self.rows.values():
            if row.status == "infeasible":
                return Fault("structures", row.ask.structure, row.message)
        return Fault("--metric", self.metric, "has no value in this scenario",
                     "choose another metric")

    def _run(self, wanted: Iterable[tuple[tuple[()] | tuple[str, Any], int]]) -> None:
        """Both structures at each change, so many replications."""
        asks = [Ask(name, r, settings(dict([change]) if change else {}))
                for change, count in wanted for r in range(count) for name in self.pair]
        self.rows.update((row.ask, row) for row in self.lab.rows(asks))

    def visit(self, ranges: Sequence[Range], values: Mapping[str, set[float]]) -> None:
        """Run every range at its values."""
        self._run((self._change(one, v), self.replications) for one in ranges
                  for v in sorted(values[one.key]))

    def _change(self, one: Range, value: float) -> tuple[()] | tuple[str, Any]:
        """The setting; none at the scenario's own value, which is run already."""
        return () if value == one.now else one.change(value)

    def _numbers(self, change: tuple[()] | tuple[str, Any], name: str) -> Floats:
        changed = settings(dict([change]) if change else {})
        rows = [self.rows.get(Ask(name, r, changed)) for r in range(self.replications)]
        return np.array([np.nan if row is None else row.value(self.metric) for row in rows])

    def _lead(self, change: tuple[()] | tuple[str, Any]) -> Floats:
        """Lead of the first structure by replication; NaN where there is none."""
        first, second = (self._numbers(change, name) for name in self.pair)
        lead: Floats = self.sign * (first - second)
        return lead

    def moves(self, one: Range) -> bool:
        """Whether an end changes any number of either structure."""
        return any(
            not np.array_equal(self._numbers(self._change(one, v), name)[:PROBE],
                               self._numbers((), name)[:PROBE], equal_nan=True)
            for v in (one.low, one.high) for name in self.pair)

    def _table(self, one: Range, values: Iterable[float]) -> tuple[list[float], Floats]:
        """Values, and leads by value and replication, of the replications complete at all."""
        ordered = sorted(values)
        leads = np.array([self._lead(self._change(one, v)) for v in ordered])
        some = np.isfinite(leads).sum(axis=1) > 1
        ordered = [v for v, keep in zip(ordered, some, strict=True) if keep]
        leads = leads[some]
        return ordered, leads[:, np.all(np.isfinite(leads), axis=0)]

    def _closer(self, one: Range, values: Iterable[float]) -> Iterable[float]:
        """A new value between any two between which the mean lead changes its sign."""
        ordered, leads = self._table(one, values)
        if leads.shape[1] < 2:
            return
        means = leads.mean(axis=1)
        for (a, m), (b, n) in pairwise(zip(ordered, means, strict=True)):
            if m * n < 0.0:
                share = min(max(m / (m - n), NEAREST), 1.0 - NEAREST)
                value = a + share * (b - a)
                value = float(round(value)) if one.whole else float(f"{value:.6g}")
                if a < value < b:
                    yield value

    def _judged(self, one: Range, values: Iterable[float]) -> Assumption | None:
        ordered, leads = self._table(one, values)
        if leads.shape[1] < 2 or one.now is None or not {one.low, one.high} <= set(ordered):
            return None
        flips = []
        for c in crossings([one.place(v) for v in ordered], leads):
            at = exact(one, c.at)
            up = at >= one.now
            room = (one.high - one.now) if up else (one.now - one.low)
            beyond = c.rising if up else not c.rising
            low, high = (None if e is None else exact(one, e) for e in (c.low, c.high))
            flips.append(Flip(
                at, low, high,
                abs(at - one.now) / room if room else 0.0, self.pair[0 if beyond else 1]))
        flips.sort(key=lambda f: f.distance)
        shown = {v: mean_interval(row) for v, row in zip(ordered, leads, strict=True)}
        return Assumption(one, tuple(flips), shown, True)

    def _regrets(self, moving: Sequence[Range],
                 values: Mapping[str, set[float]]) -> tuple[Regret, Regret]:
        """The largest loss of either choice over all values run, one assumption at a time."""
        places: list[tuple[str | None, float | None, Floats]] = [(None, None, self._lead(()))]
        for one in moving:
            places += [(one.key, v, self._lead(self._change(one, v)))
                       for v in sorted(values[one.key]) if v != one.now]
        places = [p for p in places if np.isfinite(p[2]).sum() > 1]

        def worst(structure: str, sign: float) -> Regret:
            key, value, leads = max(places, key=lambda p: float(np.nanmean(-sign * p[2])))
            size = mean_interval(-sign * leads, family=len(places))
            if size.mean is None or size.mean <= 0.0:
                return Regret(structure, Interval(0.0, 0.0, max(size.high or 0.0, 0.0), size.n),
                              None, None)
            return Regret(structure, size, key, value)

        return worst(self.pair[0], 1.0), worst(self.pair[1], -1.0)


def _middle(one: Range) -> float:
    """The middle of the longer way from the scenario's value to an end."""
    now = one.low if one.now is None else one.now
    end = one.high if one.high - now >= now - one.low else one.low
    middle = (now + end) / 2.0
    return float(round(middle)) if one.whole else float(f"{middle:.6g}")
