"""What follows from the differences: better, practically equal, too close to call.

Owns: the rules by which an interval becomes a call, dominance, and one winner under weights.
Never does: write sentences (`words.py`), compute intervals (`statistics.py`), run anything.

The intervals handed in hold together with 95% over all pairs of structures and all metrics of
the verdict, so that the whole verdict is wrong anywhere in at most one of twenty studies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sim.errors import Fault, InputError
from sim.experiment.statistics import Interval, mean_interval
from sim.metrics.registry import METRICS, Margin, Metric, find_all

Pair = tuple[str, str]


class Call(StrEnum):
    """What can be said of one structure against another on one metric."""

    BETTER = "better"
    WORSE = "worse"
    EQUAL = "practically equal"
    CLOSE = "too close to call"
    HIGHER = "higher"
    LOWER = "lower"
    UNKNOWN = "not comparable"


_OPPOSITE = {
    Call.BETTER: Call.WORSE, Call.WORSE: Call.BETTER,
    Call.HIGHER: Call.LOWER, Call.LOWER: Call.HIGHER,
}


def opposite(call: Call) -> Call:
    """The same finding told of the second structure."""
    return _OPPOSITE.get(call, call)


def judge(direction: int, difference: Interval, margin: float) -> Call:
    """The call on first - second.

    Practically equal: the interval lies inside the margin. Better or worse (higher or lower where
    neither way is better): the interval lies beyond 0 and the difference beyond the margin. Else
    too close to call.

    Args:
        direction: +1 more is better, -1 less is better, 0 neither.
        difference: Interval of first - second.
        margin: Smallest difference that matters, in the metric's unit.
    """
    if difference.mean is None:
        return Call.UNKNOWN
    if difference.low is None or difference.high is None:
        return Call.CLOSE
    if -margin <= difference.low and difference.high <= margin:
        return Call.EQUAL
    beyond_zero = difference.low > 0.0 or difference.high < 0.0
    if not beyond_zero or abs(difference.mean) <= margin:
        return Call.CLOSE
    if direction == 0:
        return Call.HIGHER if difference.mean > 0 else Call.LOWER
    return Call.BETTER if difference.mean * direction > 0 else Call.WORSE


@dataclass(frozen=True)
class Finding:
    """The verdict on one metric."""

    metric: Metric
    ranking: tuple[str, ...]
    """Structures, best mean first (highest first where neither way is better); those without a
    value are left out."""
    margin: float
    """Smallest difference that matters, in the metric's unit."""
    calls: dict[Pair, Call]
    """By (A, B): A against B."""
    differences: dict[Pair, Interval]
    """By (A, B): A - B."""
    means: dict[str, Interval]

    def call(self, first: str, second: str) -> Call:
        """The call on `first` against `second`, in whichever order the pair was listed."""
        if (first, second) in self.calls:
            return self.calls[first, second]
        return opposite(self.calls[second, first])

    def difference(self, first: str, second: str) -> Interval:
        """The interval of `first` - `second`."""
        if (first, second) in self.differences:
            return self.differences[first, second]
        return self.differences[second, first].negated()

    @property
    def best(self) -> str | None:
        """The structure with the best mean, whether or not surely."""
        return self.ranking[0] if self.ranking else None

    @property
    def leaders(self) -> tuple[str, ...]:
        """Structures that no other is surely better than, in the order of the ranking.

        Empty where neither way is better or nothing has a value.
        """
        if self.metric.direction == 0:
            return ()
        return tuple(
            s for s in self.ranking
            if not any(self.call(o, s) is Call.BETTER for o in self.ranking if o != s))

    @property
    def decided(self) -> bool:
        """Whether some structure is surely better than some other."""
        return any(call in _OPPOSITE for call in self.calls.values())

    @property
    def ties(self) -> tuple[str, ...]:
        """Structures whose interval of the difference to the best covers 0 (R26)."""
        if self.best is None:
            return ()
        tied = []
        for name in self.ranking[1:]:
            interval = self.difference(self.best, name)
            if interval.low is None or interval.high is None or interval.low <= 0 <= interval.high:
                tied.append(name)
        return tuple(tied)


def finding(
    metric: Metric,
    means: Mapping[str, Interval],
    differences: Mapping[Pair, Interval],
    margin: Margin | None = None,
) -> Finding:
    """The verdict on one metric from its means and differences.

    A relative margin is a share of the mean over the structures, the same for every pair, so
    that calls do not depend on who is compared with whom.
    """
    known = {s: i for s, i in means.items() if i.mean is not None}
    levels = [abs(i.mean) for i in known.values() if i.mean is not None]
    level = sum(levels) / len(levels) if levels else 0.0
    size = metric.margin_at(level, margin)
    sign = -1.0 if metric.direction < 0 else 1.0
    ranking = tuple(sorted(known, key=lambda s: -sign * (known[s].mean or 0.0)))
    calls = {pair: judge(metric.direction, d, size) for pair, d in differences.items()}
    return Finding(metric, ranking, size, calls, dict(differences), dict(means))


def dominated(
    structures: Sequence[str], findings: Mapping[str, Finding]
) -> dict[str, tuple[str, ...]]:
    """Which structures are surely no choice.

    Some other is better on one metric of the verdict, and better or practically equal on all
    others.

    Args:
        structures: In listed order.
        findings: By metric; those in which a metric has no value at all do not count.

    Returns:
        For each dominated structure those that dominate it.
    """
    judged = [f for f in findings.values() if f.ranking]
    losers = {}
    for loser in structures:
        by = []
        for rival in structures:
            if rival == loser or not judged:
                continue
            calls = {f.call(rival, loser) for f in judged}
            if Call.BETTER in calls and calls <= {Call.BETTER, Call.EQUAL}:
                by.append(rival)
        if by:
            losers[loser] = tuple(by)
    return losers


@dataclass(frozen=True)
class Scores:
    """Structures under weights: every metric counted in smallest differences that matter."""

    weights: dict[str, float]
    means: dict[str, Interval]
    """By structure: weighted score, relative to the mean over structures."""
    differences: dict[Pair, Interval]
    winner: str | None
    """The structure surely ahead of every other, None if the first two are too close."""
    leader: str | None
    """The structure with the highest score."""

    def lead(self, over: str) -> Interval:
        """The leader's score minus that of another."""
        first = self.leader or ""
        if (first, over) in self.differences:
            return self.differences[first, over]
        return self.differences[over, first].negated()


def check_weights(weights: Mapping[str, float], where: str = "--weights") -> dict[str, float]:
    """Weights above 0 of metrics that have a better way; `InputError` with every fault."""
    faults: list[Fault] = []
    for id, weight in weights.items():
        try:
            metric = find_all([id], where)[0]
        except InputError as error:
            faults.extend(error.faults)
            continue
        if metric.direction == 0:
            faults.append(Fault(where, id, "has no better way, so it cannot carry a weight"))
        if not 0 <= weight < float("inf"):
            faults.append(Fault(where, id, f"a weight is a number of at least 0, not {weight!r}"))
    if not faults and weights and not any(weights.values()):
        faults.append(Fault(where, "", "at least one weight must be above 0"))
    if faults:
        raise InputError(faults)
    return {id: float(weight) for id, weight in weights.items()}


def weigh(
    structures: Sequence[str],
    values: Mapping[str, Mapping[str, Sequence[float | None]]],
    findings: Mapping[str, Finding],
    weights: Mapping[str, float],
) -> Scores:
    """One winner under weights (given as weight of a metric per smallest difference that matters).

    A structure's score in a replication is the sum over metrics of weight x direction x value /
    margin; only differences of scores mean anything. Intervals hold together over all pairs.

    Args:
        structures: In listed order.
        values: By metric and structure: values by replication, aligned over structures.
        findings: By metric, for the margins.
        weights: Checked weights, see `check_weights`.

    Raises:
        InputError: A weighted metric has no value in this scenario, or its margin is 0.
    """
    used = {id: w for id, w in weights.items() if w > 0}
    for id in used:
        if any(findings[id].means[s].mean is None for s in structures):
            raise InputError(Fault("--weights", id, "has no value in this scenario"))
        if findings[id].margin <= 0:
            raise InputError(Fault(
                "--weights", id, "its smallest difference that matters is 0, so it has no scale",
                "override its margin"))
    replications = len(next(iter(values[next(iter(used))].values())))
    scores: dict[str, list[float | None]] = {s: [] for s in structures}
    for r in range(replications):
        rows: dict[str, float] = {}
        for s in structures:
            total = 0.0
            for id, weight in used.items():
                value = values[id][s][r]
                if value is None:
                    break
                total += weight * METRICS[id].direction * value / findings[id].margin
            else:
                rows[s] = total
        complete = len(rows) == len(structures)
        centre = sum(rows.values()) / len(structures) if complete else 0.0
        for s in structures:
            scores[s].append(rows[s] - centre if complete else None)
    pairs = [(a, b) for i, a in enumerate(structures) for b in structures[i + 1 :]]
    means = {s: mean_interval(scores[s]) for s in structures}
    differences = {
        (a, b): mean_interval(
            [None if x is None or y is None else x - y
             for x, y in zip(scores[a], scores[b], strict=True)],
            family=max(1, len(pairs)),
        )
        for a, b in pairs
    }
    known = [s for s in structures if means[s].mean is not None]
    leader = max(known, key=lambda s: means[s].mean or 0.0) if known else None
    result = Scores(dict(used), means, differences, None, leader)
    if leader is None:
        return result
    leads = [result.lead(other).low for other in structures if other != leader]
    surely = all(low is not None and low > 0 for low in leads)
    return Scores(dict(used), means, differences, leader if surely else None, leader)
