"""What an answer hangs on: shares of variance of assumptions, of the structure, and of luck.

Owns: the question `sensitivity`: screening, sampling, indices and when one is good enough to be
told. Never does: draw, or write sentences (`sensitivity_words`).

Screening is Morris's (1991, Technometrics 33), one replication per trajectory, so that luck stays
the same along it. What matters goes into a Sobol study (Saltelli et al. 2010, Computer Physics
Communications 181) with the structure as one more factor, drawn evenly, and luck as the last one:
the replication is an input like any other, each row of both base samples with a replication of its
own (random models as deterministic ones with the seed as input: Iooss and Ribatet 2009, Reliability
Engineering & System Safety 94; Hart, Alexanderian and Gremaud 2017, SIAM J. Scientific Computing
39). Then luck's total index is E[Var(Y | everything else)] / Var(Y), its part in the law of total
variance, and the index of a key is that of the mean over luck. SALib samples and estimates.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from sim.errors import Fault, InputError
from sim.experiment.answer import plain
from sim.experiment.request import check_structures
from sim.experiment.statistics import Interval
from sim.metrics.registry import METRICS, find
from sim.questions.boxes import consistent
from sim.questions.keys import Range, makes_sense, read_ranges
from sim.records import Floats
from sim.sweep.lab import Ask, Lab, Row, settings

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

TRAJECTORIES, SAMPLES, MOST = 6, 64, 6
LEVELS = 4
RESAMPLES = 1000
LEAST = 0.05
"""A key is kept if its effect in screening is at least this share of the largest key's."""
SMALL = 0.01
"""Runs still needed are counted for an index of at least this size."""
FEWEST = 16
"""Rows of the base sample that must be complete."""
Kind = Literal["structure", "key", "luck"]


@dataclass(frozen=True)
class Index:
    """A share of variance: told only if its interval is no wider than itself."""

    share: float | None
    """None: not told apart well enough."""
    low: float
    high: float
    more_runs: int
    """Runs still needed until it could be told, about; 0 if it is, or if more runs of this kind
    would not tell it."""


@dataclass(frozen=True)
class Factor:
    """What a key, the structure or luck does to the metric."""

    name: str
    kind: Kind
    alone: Index
    """What goes away on average when it is fixed: Var(E[Y | factor]) / Var(Y)."""
    total: Index
    """What is left when all others are fixed, interactions included."""


@dataclass(frozen=True)
class Screened:
    """A key in the screening."""

    range: Range
    effect: Interval
    """Mean size of what going through its range does to the metric (mu*), n trajectories."""
    kept: bool


@dataclass(frozen=True)
class Sensitivity:
    """Which assumptions matter, beside the structure and luck."""

    scenario: Scenario = field(repr=False)
    metric: str
    structures: tuple[str, ...]
    seed: int
    samples: int
    """Complete rows of the base sample."""
    dropped: int
    """Rows left out because a run of them is missing, and why."""
    reasons: Mapping[str, int]
    runs: int
    screening_runs: int
    mean: float
    deviation: float
    """Standard deviation over all runs of the study, in the metric's unit."""
    screened: tuple[Screened, ...]
    """Largest effect first; empty if nothing had to be screened."""
    ranges: tuple[Range, ...]
    """Of the keys in the study."""
    factors: tuple[Factor, ...]
    chosen: bool
    failures: int
    unstable: int
    interrupted: bool = False
    notes: tuple[str, ...] = ()
    """Sentences on what a finished sweep can and cannot tell; empty if runs were chosen."""

    @property
    def only_effects(self) -> bool:
        """The keys were screened and no shares of them estimated."""
        return bool(self.screened) and all(f.kind != "key" for f in self.factors)

    @property
    def table(self) -> pd.DataFrame:
        """One row per factor."""
        import pandas as pd

        return pd.DataFrame([
            {"factor": f.name, "kind": f.kind,
             **{f"{name}_{part}": getattr(index, part)
                for name, index in (("alone", f.alone), ("total", f.total))
                for part in ("share", "low", "high", "more_runs")}}
            for f in self.factors])

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data (schema: `question_schemas.SENSITIVITY`); never a NaN."""
        from sim.questions.sensitivity_words import sentences

        def index(one: Index) -> dict[str, Any]:
            return {"share": one.share, "low": one.low, "high": one.high,
                    "more_runs": one.more_runs}

        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name, "metric": self.metric,
            "unit": METRICS[self.metric].unit, "structures": list(self.structures),
            "seed": self.seed, "samples": self.samples, "dropped": self.dropped,
            "reasons": dict(self.reasons), "runs": self.runs,
            "screening_runs": self.screening_runs, "mean": self.mean,
            "deviation": self.deviation, "keys": "named" if self.chosen else "in use",
            "screened": [{**s.range.to_json(), "mean": s.effect.mean, "least": s.effect.low,
                          "most": s.effect.high, "n": s.effect.n, "kept": s.kept}
                         for s in self.screened],
            "ranges": [{**r.to_json(), "narrowed": r.narrowed} for r in self.ranges],
            "factors": [{"name": f.name, "kind": f.kind, "alone": index(f.alone),
                         "total": index(f.total)} for f in self.factors],
            "failed_runs": self.failures, "unstable_runs": self.unstable,
            "text": sentences(self), "interrupted": self.interrupted,
        })
        return answer


def sensitivity(
    lab: Lab,
    *,
    metric: str = "satisfaction",
    keys: Sequence[str] = (),
    structures: Sequence[str] | None = None,
    trajectories: int = TRAJECTORIES,
    samples: int = SAMPLES,
    most: int = MOST,
) -> Sensitivity:
    """Split the variance of a metric over assumptions, the structure and luck.

    Args:
        lab: Where rows come from.
        metric: Metric id.
        keys: `KEY` (its plausible range) or `KEY=lo:hi`; none: all in use.
        structures: Levels of the factor structure; None means the scenario's list.
        trajectories: Of the screening.
        samples: Rows of each base sample, a power of 2; a study has samples x (factors + 2) runs.
        most: Keys that go into the study; more are screened first.

    Raises:
        InputError: What was asked makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before enough was finished.
    """
    names, faults = check_structures(lab.scenario, structures)
    ranges: list[Range] = []
    for check in (lambda: find(metric, "--metric"),
                  lambda: ranges.extend(read_ranges(lab.scenario, keys, "--keys"))):
        try:
            check()
        except InputError as error:
            faults.extend(error.faults)
    for where, value, low, high in (("--trajectories", trajectories, 4, 10_000),
                                    ("--samples", samples, FEWEST, 2**20), ("--most", most, 1, 50)):
        if not low <= value <= high:
            faults.append(Fault(where, "", f"from {low} to {high}, not {value}"))
    if samples & (samples - 1):
        faults.append(Fault("--samples", "", f"a power of 2 such as 128, not {samples}"))
    if faults:
        raise InputError(faults)
    return _Study(lab, metric, names).answer(
        consistent(lab.scenario, ranges), bool(keys), trajectories, samples, most)


class Ahead(NamedTuple):
    """What an answer will take, at most."""

    keys: int
    screening: int
    """Runs in which the keys are screened; 0: all of them are studied."""
    study: int

    def told(self) -> str:
        """In words."""
        first = f"{self.screening:,} to screen {self.keys} keys, then " if self.screening else ""
        return (f"{self.screening + self.study:,} runs at most: {first}{self.study:,} to split the "
                "variance. Fewer with --keys or --samples.")


def runs_ahead(
    scenario: Scenario, *, keys: Sequence[str] = (), structures: Sequence[str] | None = None,
    trajectories: int = TRAJECTORIES, samples: int = SAMPLES, most: int = MOST,
) -> Ahead:
    """How many runs an answer will take.

    Args: as of `sensitivity`.

    Raises:
        InputError: A key or its range makes no sense.
    """
    ranges = read_ranges(scenario, keys, "--keys")
    names, _ = check_structures(scenario, structures)
    choice = len(names) > 1
    screening = trajectories * (len(ranges) + choice + 1) if len(ranges) > most else 0
    return Ahead(len(ranges), screening, samples * (min(len(ranges), most) + choice + 1 + 2))


class _Study:
    """The runs of one answer."""

    def __init__(self, lab: Lab, metric: str, structures: tuple[str, ...]) -> None:
        self.lab, self.metric, self.structures = lab, metric, structures
        self.rows: dict[Ask, Row] = {}
        self.reasons: Counter[str] = Counter()
        self.seed = lab.seed % 2**31 + 1  # SALib takes 0 for "no seed"

    def answer(self, ranges: Sequence[Range], chosen: bool, trajectories: int, samples: int,
               most: int) -> Sensitivity:
        """Screen if there are many keys, then split the variance."""
        ranges = [r for r in ranges if r.low < r.high]
        screened: tuple[Screened, ...] = ()
        if len(ranges) > most:
            screened = self._screen(ranges, trajectories, most)
        spent = len(self.rows)
        kept = [s.range for s in screened if s.kept] if screened else list(ranges)
        values, factors = self._split(kept, samples)
        statuses = [row.status for row in self.rows.values()]
        width = len(factors) + 2
        return Sensitivity(
            self.lab.scenario, self.metric, self.structures, self.lab.seed, len(values) // width,
            samples - len(values) // width, dict(self.reasons),
            len(statuses) - statuses.count("infeasible"), spent, float(values.mean()),
            float(values.std()), screened, tuple(kept), tuple(factors), chosen,
            statuses.count("failed"), statuses.count("unstable"), self.lab.interrupted)

    def _ask(self, ranges: Sequence[Range], shares: Floats, replication: int) -> Ask:
        """The run at a point of the unit cube."""
        changes = [one.change(_spread(one, share))
                   for one, share in zip(ranges, shares, strict=False)]
        level = float(shares[len(ranges)]) if len(self.structures) > 1 else 0.0
        name = self.structures[min(int(level * len(self.structures)), len(self.structures) - 1)]
        return Ask(name, replication, settings(dict(changes)))

    def _values(self, asks: Sequence[Ask]) -> Floats:
        """The metric of each run, NaN where there is none."""
        sound = set(asks)
        try:
            got = self.lab.rows(asks)
        except InputError:  # keys of different tables contradict each other somewhere
            worlds = {changed: makes_sense(self.lab.scenario, changed)
                      for changed in {a.settings for a in asks}}
            sound = {a for a in asks if worlds[a.settings]}
            got = self.lab.rows(a for a in asks if a in sound)
        rows = {row.ask: row for row in got}
        self.rows.update(rows)
        found = [rows[a].value(self.metric) if a in rows else math.nan for a in asks]
        for ask, value in zip(asks, found, strict=True):
            if not math.isfinite(value):
                row = rows.get(ask)
                self.reasons["the scenario contradicts itself" if ask not in sound else
                             "interrupted" if row is None else
                             f"{row.ask.structure}: {row.message}" if row.message else
                             f"{self.metric} has no value"] += 1
        return np.array(found)

    def _enough(self, complete: int, wanted: int) -> None:
        if complete >= wanted:
            return
        if self.lab.interrupted:
            raise KeyboardInterrupt
        why = "; ".join(f"{reason} ({n} runs)" for reason, n in self.reasons.most_common(3))
        raise InputError(Fault("--keys", "", f"too few points of these ranges can be run: {why}",
                               "narrow the ranges, or take another metric or list of structures"))

    def _screen(self, ranges: Sequence[Range], trajectories: int,
                most: int) -> tuple[Screened, ...]:
        """Effects of all keys along trajectories that change one factor at a time."""
        from SALib.analyze import morris as analyse
        from SALib.sample import morris as sample

        width = len(ranges) + (len(self.structures) > 1)
        problem = _problem(width)
        points = sample.sample(problem, trajectories, num_levels=LEVELS, seed=self.seed)
        values = self._values([self._ask(ranges, point, i // (width + 1))
                               for i, point in enumerate(points)])
        whole = np.isfinite(values.reshape(-1, width + 1)).all(axis=1)
        self._enough(int(whole.sum()), 4)
        rows = np.repeat(whole, width + 1)
        found = analyse.analyze(problem, points[rows], values[rows], num_levels=LEVELS,
                                num_resamples=RESAMPLES, seed=self.seed)
        sizes = [(one, float(found["mu_star"][i]), float(found["mu_star_conf"][i]))
                 for i, one in enumerate(ranges)]
        sizes.sort(key=lambda item: -item[1])
        bar = LEAST * sizes[0][1]
        return tuple(
            Screened(one, Interval(size, max(size - reach, 0.0), size + reach, int(whole.sum())),
                     place == 0 or (place < most and size >= bar and size > 0.0))
            for place, (one, size, reach) in enumerate(sizes))

    def _split(self, ranges: Sequence[Range], samples: int) -> tuple[Floats, list[Factor]]:
        """First-order and total indices of the keys, the structure and luck."""
        from SALib.analyze import sobol as analyse
        from SALib.sample import sobol as sample

        names: list[tuple[str, Kind]] = [(one.key, "key") for one in ranges]
        if len(self.structures) > 1:
            names.append(("structure", "structure"))
        names.append(("luck", "luck"))
        width = len(names)
        problem = _problem(width)
        points = sample.sample(problem, samples, calc_second_order=False, seed=self.seed)
        asks = []
        for i, point in enumerate(points):
            row, place = divmod(i, width + 2)
            second = place >= width  # luck comes from the second base sample: its own factor, or B
            asks.append(self._ask(ranges, point, 2 * row + second))
        values = self._values(asks)
        whole = np.isfinite(values.reshape(-1, width + 2)).all(axis=1)
        self._enough(int(whole.sum()), min(FEWEST, samples))
        values = values[np.repeat(whole, width + 2)]
        if np.ptp(values) == 0.0:
            raise InputError(Fault("--metric", self.metric, "is the same in all runs, so there is "
                                   "no variance to split"))
        found = analyse.analyze(problem, values, calc_second_order=False,
                                num_resamples=RESAMPLES, seed=self.seed)
        n = int(whole.sum())
        factors = [
            Factor(name, kind, judged(found["S1"][i], found["S1_conf"][i], n, width + 2),
                   judged(found["ST"][i], found["ST_conf"][i], n, width + 2))
            for i, (name, kind) in enumerate(names)]
        return values, factors


def _problem(width: int) -> dict[str, Any]:
    """So many factors on the unit interval, as SALib wants them."""
    return {"num_vars": width, "names": [f"x{i}" for i in range(width)],
            "bounds": [[0.0, 1.0]] * width}


def _spread(one: Range, share: float) -> float:
    """The value at a share of the range; whole numbers all equally likely."""
    if not one.whole:
        return one.value(share)
    count = round(one.high - one.low) + 1
    return one.low + min(int(share * count), count - 1)


def judged(estimate: float, reach: float, samples: int, per_row: int) -> Index:
    """An index with its interval; told if the interval is no wider than the index.

    The width of an interval shrinks with the root of the number of rows, of so many runs each. A
    share is between 0 and 1: an estimate or an end beyond is put there.
    """
    value, half = float(estimate), float(reach)
    low, high = (min(max(end, 0.0), 1.0) for end in (value - half, value + half))
    if 2.0 * half <= value:
        return Index(min(value, 1.0), low, high, 0)
    needed = samples * (2.0 * half / max(value, SMALL)) ** 2
    return Index(None, low, high, math.ceil(max(needed - samples, 1.0)) * per_row)
