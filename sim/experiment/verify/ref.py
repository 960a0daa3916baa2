"""The base case of the validation patterns, and how a pattern is judged.

Owns: REF, its arms, signs and ranges. Never does: know a pattern (`patterns.py`, `switching.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.experiment.executors import Progress
from sim.experiment.replications import Design, Runs
from sim.experiment.statistics import Interval, backlog_growth, mean_interval
from sim.experiment.verify.checks import Row

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

LEAST, MOST = 10, 40
"""Replications behind a pattern: to begin with, and before a sign is called too close."""
SEED = 1

Values = list[float]


def segments(count: int) -> dict[str, Any]:
    """Equal segments."""
    return {f"s{i}": {"share": 1.0 / count} for i in range(1, count + 1)}


REF: Mapping[str, Any] = {
    "schema_version": 1,
    "name": "REF",
    "summary": "Base case of the validation patterns: nothing differs but what the pattern varies.",
    "seed": SEED,
    "customers": {"count": 1000, "cases_per_month": 1.0, "second_product": 0.30},
    "segments": segments(4),
    "products": {f"p{i}": {} for i in range(1, 5)},
    "functions": {
        "intake": {"work_h": 0.3, "front": True},
        "advise": {"work_h": 0.5, "front": True, "offering": True},
        "process": {"work_h": 0.6},
        "close": {"work_h": 0.3},
    },
    "case_types": {"request": {"channel": "email"}},
    "needs": {"segment_share": 0.36, "product_share": 0.0, "interaction_share": 0.0},
    "labels": {"accuracy": 0.8, "unassignable": 0.0, "notice": 0.2},
    "cover": {"minimum_proficiency": 0.40},
    "market": {"churn_max": 0.0, "inflow": False},
    "staff": {"heads": 26, "availability": 1.0, "quit_rate": 0.0},
    "money": {"pay": 20.0},
    "time": {"warm_up": "2080 h", "horizon": "12 months"},
}
"""The base case: four functions, products and segments of equal weight, no churn, no quits, free
cover. Strict specialists are REF with `cover.minimum_proficiency` 1."""

COVERS = {"strict": 1.0, "free": 0.40}
"""The two arms of cross-cover in which patterns of divided pools are reported."""


@dataclass(frozen=True)
class Pattern:
    """What should come out, and what did."""

    id: str
    what: str
    expected: str
    """In words."""
    found: float | None
    low: float | None
    high: float | None
    """Paired 95% interval; None where a single number is searched for, not averaged."""
    passed: bool
    bound: float | None
    """The number the finding is held against; None where it is reported and nothing is expected."""
    unit: str = "-"
    replications: int = 0
    note: str = ""
    """Why it did not pass, or what makes it doubtful."""

    def row(self) -> Row:
        """The same as a row of `verify`; a bound takes the place of theory."""
        return Row(self.id, f"{self.what}: {self.expected}", self.bound, self.found, self.low,
                   self.high, self.passed, self.unit, "THEORY 4a", self.replications, self.note)

    def reported(self) -> Pattern:
        """The same finding with nothing expected of it."""
        return replace(self, expected="reported, nothing expected", bound=None, passed=True,
                       note="")


class RunFailed(Exception):
    """A run behind a pattern failed; the message says which and why."""


class Arms:
    """Scenarios beside each other, each with the structures it has been run under."""

    def __init__(self, jobs: int | None = 1, seed: int = SEED,
                 progress: Progress | None = None) -> None:
        self.jobs, self.seed, self._progress = jobs, seed, progress
        self._runs: dict[str, Runs] = {}
        self._counts: dict[str, tuple[int, int]] = {}
        self.unstable: set[str] = set()
        """Structures with a growing backlog somewhere: their numbers depend on the horizon."""

    def _tell(self, key: str, done: int, planned: int, what: str) -> None:
        """Progress over all scenarios so far."""
        self._counts[key] = (done, planned)
        if self._progress is not None:
            finished, wanted = (sum(c[i] for c in self._counts.values()) for i in (0, 1))
            self._progress(finished, wanted, what)

    def scenario(self, changes: Mapping[str, Any]) -> Scenario:
        """REF with some settings changed."""
        from sim.scenario import load

        settings = {k: v for k, v in changes.items() if k != "segments"}
        base = dict(REF)
        if "segments" in changes:
            base["segments"] = segments(changes["segments"])
        return load(base, set=settings, limits=None)

    def runs(self, changes: Mapping[str, Any]) -> Runs:
        """The runs of REF with some settings changed."""
        key = repr(sorted(changes.items()))
        if key not in self._runs:
            self._runs[key] = Runs(self.scenario(changes), seed=self.seed, jobs=self.jobs,
                                   progress=partial(self._tell, key))
        return self._runs[key]

    def values(self, changes: Mapping[str, Any], structure: str, metric: str, n: int) -> Values:
        """A metric in the first n replications.

        Raises:
            RunFailed: A run failed; the message says why.
        """
        runs, design = self.runs(changes), Design(structure)
        runs.extend(runs.prepare([design]), n)
        if runs.interrupted:
            raise KeyboardInterrupt
        for failure in runs.failures(design):
            raise RunFailed(f"{structure}: {failure.stage}: {failure.message}")
        found = runs.finished(design)
        if n > 1 and backlog_growth(list(found.values())).unstable:
            self.unstable.add(structure)
        return [float(found[r].metrics[metric] or 0.0) for r in range(n)]


def sign(id: str, what: str, direction: int, sample: Callable[[int], Values], *,
         unit: str = "-") -> Pattern:
    """A difference that should lie above (direction 1) or below (-1) zero."""
    n = LEAST
    while True:
        interval = mean_interval(sample(n))
        low, high = interval.low, interval.high
        if low is None or high is None:
            raise ValueError("a sign needs at least two replications")
        if low > 0 or high < 0 or n >= MOST:
            break
        n = min(MOST, n + LEAST)
    passed = low > 0 if direction > 0 else high < 0
    note = "" if passed else ("too close to call" if low <= 0 <= high else "the other way round")
    return Pattern(id, what, "above 0" if direction > 0 else "below 0", interval.mean, low, high,
                   passed, 0.0, unit, n, note)


def ranged(id: str, what: str, interval: Interval, low: float, high: float, *,
           unit: str = "-") -> Pattern:
    """A mean that should lie in a range."""
    mean = interval.mean
    passed = mean is not None and low <= mean <= high
    if math.isinf(high):
        expected, bound = f"at least {low:g}", low
    elif math.isinf(low):
        expected, bound = f"at most {high:g}", high
    else:
        expected, bound = f"{low:g} to {high:g}", (low + high) / 2
    return Pattern(id, what, expected, mean, interval.low, interval.high, passed, bound, unit,
                   interval.n, "" if passed else f"not {expected}")
