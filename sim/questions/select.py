"""Which structure is best, with a stated probability of being right, for as few runs as that takes.

Owns: the question `select`: what is asked, whose runs are worth having, and the answer. Never does:
say when a structure is behind (`elimination.py`), write sentences or draw (`sim.report`).

Every structure meets the same customers in a first stage; then one replication (or `step`) at a
time is run of the structures still in, until one is left. What a structure is judged by is the
metric, or under weights the score of `compare`: the sum over metrics of weight times value in
smallest differences that matter. Margins given as a share are taken of the mean over structures in
the first stage, and stay fixed from then on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sim.errors import Fault, InputError
from sim.experiment.answer import interval_json, plain
from sim.experiment.executors import Progress
from sim.experiment.replications import Engine
from sim.experiment.request import check_structures
from sim.experiment.statistics import Interval, mean_interval, paired_interval
from sim.experiment.verdict import check_weights
from sim.metrics.registry import METRICS, Margin, find, parse_width
from sim.questions.elimination import Drop, Elimination
from sim.sweep.lab import Ask, Lab

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

FIRST = 10
"""Replications of every structure before anybody can be dropped."""
MAX_RUNS = 1000
CONFIDENCE = 0.95
Fate = Literal["selected", "dropped", "left", "infeasible", "failed", "no value"]
Stop = Literal["one left", "indifference", "max runs", "interrupted", "no choice"]


@dataclass(frozen=True)
class Contender:
    """What became of one structure."""

    structure: str
    fate: Fate
    """"left": still in when the runs allowed were spent."""
    replications: int
    value: Interval
    """The metric in its unit, or the score, over its own replications; 95%."""
    behind: Interval
    """How far the structure named best is ahead (above 0: ahead), paired over the replications
    both have; all of them together 95%. Empty for the one named."""
    drop: Drop | None = None
    unstable: int = 0
    """Replications in which its backlog grew."""
    reason: str = ""
    """Why it could not be judged."""
    path: tuple[float, ...] = field(default=(), repr=False)
    """By replication: what it is judged by, more being better."""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        drop = self.drop
        return {
            "structure": self.structure, "fate": self.fate, "replications": self.replications,
            "value": interval_json(self.value), "behind": interval_json(self.behind),
            "dropped_at": drop.replication if drop else None,
            "dropped_by": drop.by if drop else None,
            "dropped_behind": drop.behind if drop else None,
            "boundary": drop.boundary if drop else None,
            "unstable": self.unstable, "reason": self.reason,
        }


@dataclass(frozen=True)
class Selection:
    """Which structure is best, and how that was found."""

    scenario: Scenario = field(repr=False)
    metric: str | None
    """None under weights."""
    weights: dict[str, float]
    margins: dict[str, float]
    """Under weights: smallest difference that matters by metric, in its unit."""
    margin: float
    """Indifference margin, in the metric's unit or in points of the score."""
    confidence: float
    first: int
    seed: int
    best: str | None
    """The structure named, None if none could be judged."""
    guaranteed: bool
    """Whether the procedure came to its end, so that `confidence` holds."""
    stop: Stop
    contenders: tuple[Contender, ...]
    """In listed order."""
    replications: int
    """Of the structure run longest."""
    runs: int
    """Runs this took, without pilot rounds."""
    equal_runs: int
    """Runs if every structure had as many replications as the one run longest."""
    more_runs: int
    """At most so many more runs until the end; 0 where there is nothing left to do."""

    @property
    def unit(self) -> str:
        """Of values and margin."""
        return METRICS[self.metric].unit if self.metric else "points of the score"

    @property
    def table(self) -> pd.DataFrame:
        """One row per structure."""
        import pandas as pd

        return pd.DataFrame([
            {"structure": c.structure, "fate": c.fate, "replications": c.replications,
             "mean": c.value.mean, "low": c.value.low, "high": c.value.high, "unit": self.unit,
             "behind": c.behind.mean, "behind_low": c.behind.low, "behind_high": c.behind.high,
             "dropped_at": c.drop.replication if c.drop else None,
             "dropped_by": c.drop.by if c.drop else None, "unstable": c.unstable}
            for c in self.contenders])

    def to_json(self) -> dict[str, Any]:
        """The selection as plain data (schema: `schemas.SELECT`); never a NaN."""
        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name, "metric": self.metric, "weights": self.weights,
            "margins": self.margins, "unit": self.unit, "margin": self.margin,
            "confidence": self.confidence, "procedure": "KN", "first_stage": self.first,
            "seed": self.seed, "best": self.best, "guaranteed": self.guaranteed,
            "stopped": self.stop, "replications": self.replications, "runs": self.runs,
            "equal_runs": self.equal_runs, "more_runs": self.more_runs,
            "structures": [c.to_json() for c in self.contenders],
        })
        return answer


def select(
    scenario: Scenario,
    structures: Sequence[str] | None = None,
    *,
    metric: str | None = None,
    weights: Mapping[str, float] | None = None,
    margin: str | float | Margin | None = None,
    confidence: float = CONFIDENCE,
    first: int = FIRST,
    step: int = 1,
    max_runs: int = MAX_RUNS,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    lab: Lab | None = None,
) -> Selection:
    """Find the best structure with a guaranteed probability.

    Args:
        scenario: The world.
        structures: Names; None means the scenario's default list.
        metric: Metric id; None means satisfaction. Not together with weights.
        weights: Weight by metric per smallest difference that matters.
        margin: Difference not worth knowing: in the metric's unit or "5%" of it (None: the
            metric's own), under weights in points of the score (None: the largest weight).
        confidence: Probability of naming the best if it leads by at least the margin.
        first: Replications of every structure before anybody is dropped.
        step: Replications between looks.
        max_runs: Where it gives up, runs of the first stage included.
        seed, jobs, progress: As in `compare`.
        engine: The simulator; None means the product's.
        lab: Where runs are made and kept; None means a new one of this scenario.

    Raises:
        InputError: Something asked for makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before the first stage was complete.
    """
    names, faults = check_structures(scenario, structures)

    def check(wrong: bool, where: str, message: str, hint: str = "") -> None:
        if wrong:
            faults.append(Fault(where, "", message, hint))

    wanted: dict[str, float] = {}
    width: Margin | None = None
    try:
        if weights is not None:
            wanted = {m: w for m, w in check_weights(weights).items() if w > 0}
        id = metric or ("satisfaction" if weights is None else None)
        if id is not None:
            check(find(id, "--metric").direction == 0, "--metric",
                  f"{id} has no better way, so no structure can be best on it",
                  "choose another; `orgsim metrics` says which way is better")
    except InputError as error:
        faults.extend(error.faults)
    try:
        width = margin if isinstance(margin, Margin) or margin is None else parse_width(
            margin, "--margin")
    except InputError as error:
        faults.extend(error.faults)
    check(metric is not None and weights is not None, "--metric",
          "either a metric or weights, not both")
    check(width is not None and not width.size > 0, "--margin",
          "above 0: no number of runs tells a difference of nothing")
    check(width is not None and width.relative and weights is not None, "--margin",
          "a score has no percentage; give points of the score, such as 1")
    check(len(names) < 2, "--structures", "at least two, or there is nothing to select from")
    check(not 1.0 / max(2, len(names)) < confidence < 1.0, "--confidence",
          f"above 1/{max(2, len(names))} (what a blind guess achieves) and below 1, "
          f"not {confidence:g}")
    check(first < 2, "--first", f"at least 2, not {first}")
    check(step < 1, "--step", f"at least 1, not {step}")
    check(max_runs < first * len(names), "--max-runs",
          f"the first stage of {len(names)} structures takes {first * len(names)} runs, "
          f"{max_runs} is too few")
    check(jobs is not None and jobs < 1, "--jobs", f"at least 1, not {jobs}")
    if faults:
        raise InputError(faults)
    lab = lab or Lab(scenario, seed=seed, jobs=jobs, progress=progress, engine=engine)
    study = _Study(lab, names, id, wanted, width, confidence, first)
    return study.answer(step, max_runs)


class _Study:
    """The runs of one selection."""

    def __init__(self, lab: Lab, names: Sequence[str], metric: str | None,
                 weights: dict[str, float], width: Margin | None, confidence: float,
                 first: int) -> None:
        self.lab, self.names, self.metric, self.weights = lab, names, metric, weights
        self.width, self.confidence, self.first = width, confidence, first
        self.used = list(weights) if metric is None else [metric]
        self.raw: dict[str, list[tuple[float, ...]]] = {name: [] for name in names}
        """By structure and replication: the values of `used`."""
        self.unstable = dict.fromkeys(names, 0)
        self.out: dict[str, tuple[Fate, str]] = {}
        self.drops: dict[str, Drop] = {}
        self.runs = 0

    def answer(self, step: int, max_runs: int) -> Selection:
        """Run the first stage, then contenders until one is left."""
        if not self._run(self.names, range(self.first)):
            raise KeyboardInterrupt
        judged = [name for name in self.names if name not in self.out]
        if not judged:
            raise InputError([Fault(name, "", f"cannot be judged: {why}")
                              for name, (_, why) in self.out.items()])
        self.margins, margin = self._fix(judged)
        race = Elimination({s: self._paths(s) for s in judged}, margin, self.confidence)
        done, stop = self._race(race, step, max_runs)
        means = {s: math.fsum(p) / len(p) for s in race.left if (p := self._paths(s)[:done])}
        best = max(means, key=lambda s: means[s], default=None)
        return self._told(race, margin, best, stop, done)

    def _race(self, race: Elimination, step: int, max_runs: int) -> tuple[int, Stop]:
        """Replications that everybody still in has, and why it ended."""
        done = self.first
        if len(race.left) == 1:
            return done, "no choice"
        while True:
            means = {s: math.fsum(self._paths(s)[:done]) / done for s in race.left}
            drops = race.look(means, done)
            self.drops.update((drop.system, drop) for drop in drops)
            if len(race.left) == 1:
                near = any(drop.boundary == 0.0 for drop in drops)
                return done, "indifference" if near else "one left"
            if race.exhausted(done):
                return done, "indifference"
            if self.runs + step * len(race.left) > max_runs:
                return done, "max runs"
            self.lab.expect(min(max_runs - self.runs, len(race.left) * (race.most() - done)))
            if not self._run(race.left, range(done, done + step)):
                return done, "interrupted"
            done += step
            race.left = [name for name in race.left if name not in self.out]
            if len(race.left) < 2:
                return done, "no choice"

    def _run(self, names: Sequence[str], replications: range) -> bool:
        """Run; a structure with a run that says nothing is out. False if interrupted."""
        asks = [Ask(name, r) for r in replications for name in names]
        rows = self.lab.rows(asks)
        if len(rows) < len(asks):
            return False
        for row in rows:
            name = row.ask.structure
            if name in self.out:
                continue
            self.runs += row.status != "infeasible"
            values = tuple(row.value(id) for id in self.used)
            if row.status in ("failed", "infeasible"):
                fate: Fate = "failed" if row.status == "failed" else "infeasible"
                self.out[name] = (fate, row.message)
            elif not all(map(math.isfinite, values)):
                missing = [id for id, v in zip(self.used, values, strict=True)
                           if not math.isfinite(v)]
                why = f"{', '.join(missing)} has no value in replication {row.ask.replication}"
                self.out[name] = ("no value", why)
            else:
                self.raw[name].append(values)
                self.unstable[name] += row.status == "unstable"
        return True

    def _fix(self, judged: Sequence[str]) -> tuple[dict[str, float], float]:
        """Margins by metric at the level of the first stage, and the indifference margin."""
        sizes = {}
        for i, id in enumerate(self.used):
            level = sum(row[i] for s in judged for row in self.raw[s]) / sum(
                len(self.raw[s]) for s in judged)
            own = self.width if self.metric is not None else None
            sizes[id] = METRICS[id].margin_at(level, own)
            if not sizes[id] > 0:
                message = f"the margin of {id} is {sizes[id]:g} here: no number of runs is enough"
                raise InputError(Fault("--margin", "", message,
                                       "give one above 0 in the metric's unit"))
        if self.metric is not None:
            return sizes, sizes[self.metric]
        return sizes, self.width.size if self.width else max(self.weights.values())

    def _paths(self, structure: str) -> list[float]:
        """What a structure is judged by, replication by replication, more being better."""
        rows = self.raw[structure]
        if self.metric is not None:
            sign = METRICS[self.metric].direction
            return [sign * row[0] for row in rows]
        return [math.fsum(w * METRICS[id].direction * v / self.margins[id]
                          for (id, w), v in zip(self.weights.items(), row, strict=True))
                for row in rows]

    def _told(self, race: Elimination, margin: float, best: str | None, stop: Stop,
              done: int) -> Selection:
        """The answer."""
        paths = {name: self._paths(name) for name in self.names}
        rivals = max(1, len(race.names) - 1)
        sign = METRICS[self.metric].direction if self.metric else 1
        contenders = []
        for name in self.names:
            mine = paths[name]
            behind = Interval(None, None, None, 0)
            if best is not None and name != best and mine:
                n = min(len(mine), len(paths[best]))
                behind = paired_interval(paths[best][:n], mine[:n], family=rivals)
            fate, reason = self.out.get(name, ("left", ""))
            if name == best:
                fate = "selected"
            elif name in self.drops:
                fate = "dropped"
            contenders.append(Contender(
                name, fate, len(mine), mean_interval([sign * v for v in mine]), behind,
                self.drops.get(name), self.unstable[name], reason, tuple(mine)))
        ended = stop in ("one left", "indifference") or (stop == "no choice" and not any(
            fate != "infeasible" for fate, _ in self.out.values()))
        open_ = stop in ("max runs", "interrupted")
        return Selection(
            self.lab.scenario, self.metric, self.weights,
            self.margins if self.metric is None else {}, margin, self.confidence, self.first,
            self.lab.seed, best, ended, stop, tuple(contenders), done, self.runs,
            done * len(race.names), len(race.left) * max(0, race.most() - done) if open_ else 0)
