"""A lesson run: each step's structures on the same customers, and whether the surprise shows.

Owns: the question `lesson` and its answer. Never does: say what a lesson teaches (its file does).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InputError
from sim.experiment.answer import interval_json, plain
from sim.experiment.executors import Progress
from sim.experiment.replications import Engine
from sim.experiment.request import check_structures
from sim.experiment.statistics import Interval, mean_interval, paired_interval
from sim.metrics.registry import METRICS, find
from sim.scenario.lessons import Lesson, Surprise
from sim.sweep.lab import Ask, Lab, Row, settings

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

REPLICATIONS = 10
SHOWN = ("satisfaction", "loyalty", "response_mean_h", "cost_total")


@dataclass(frozen=True)
class Stage:
    """One step of a lesson as it came out."""

    title: str
    means: dict[str, dict[str, Interval]]
    """By metric and structure: mean with 95% interval over replications."""
    gaps: dict[str, dict[str, Interval]]
    """By metric and structure: difference to the lesson's first structure, paired."""
    infeasible: dict[str, str]
    """By structure: why it cannot be run."""


@dataclass(frozen=True)
class Shown:
    """Whether the surprise came out."""

    holds: bool
    effect: Interval
    """First arm minus second, in the metric's unit, paired over replications."""
    margin: float
    """The smallest difference that matters, in the metric's unit."""


@dataclass(frozen=True)
class Class:
    """A lesson that was run."""

    name: str
    lesson: Lesson = field(repr=False)
    seed: int
    replications: int
    runs: int
    stages: tuple[Stage, ...] = field(repr=False)
    surprise: Shown
    interrupted: bool = False

    @property
    def table(self) -> pd.DataFrame:
        """One row per step, metric and structure: mean, 95% interval, difference."""
        import pandas as pd

        return pd.DataFrame([
            {"step": n, "metric": metric, "structure": structure, "mean": i.mean, "low": i.low,
             "high": i.high, "difference": stage.gaps[metric][structure].mean,
             "difference_low": stage.gaps[metric][structure].low,
             "difference_high": stage.gaps[metric][structure].high}
            for n, stage in enumerate(self.stages, 1)
            for metric, by in stage.means.items() for structure, i in by.items()
        ])

    def to_json(self) -> dict[str, Any]:
        """The lesson's outcome as plain data (schema: `schemas.LESSON`)."""
        answer: dict[str, Any] = plain({
            "lesson": self.name, "title": self.lesson.title, "seed": self.seed,
            "replications": self.replications, "runs": self.runs,
            "steps": [
                {"title": stage.title, "infeasible": stage.infeasible,
                 "metrics": {metric: {name: interval_json(i) for name, i in by.items()}
                             for metric, by in stage.means.items()},
                 "differences": {metric: {name: interval_json(i, n=False)
                                          for name, i in by.items()}
                                 for metric, by in stage.gaps.items()}}
                for stage in self.stages
            ],
            "surprise": {
                "text": self.lesson.surprise.text, "metric": self.lesson.surprise.metric,
                "expect": self.lesson.surprise.expect, "holds": self.surprise.holds,
                "effect": interval_json(self.surprise.effect), "margin": self.surprise.margin,
            },
            "interrupted": self.interrupted,
        })
        return answer


def lesson(
    name: str, plan: Lesson, *, replications: int = REPLICATIONS, seed: int | None = None,
    jobs: int | None = None, progress: Progress | None = None, engine: Engine | None = None,
) -> Class:
    """Run a lesson.

    Args:
        name: How it is called.
        plan: The lesson.
        replications: Stochastic repeats per step and structure.
        seed, jobs, progress, engine: As in `Lab`.

    Raises:
        InputError: The lesson names a structure or a metric there is not.
        KeyboardInterrupt: Interrupted before a step was complete.
    """
    world = plan.world()
    _check(plan, world)
    lab = Lab(world, seed=seed, jobs=jobs, progress=progress, engine=engine)
    lab.expect((len(plan.steps) * len(plan.structures)) * replications
               + 2 * plan.surprise.replications)
    stages: list[Stage] = []
    for step in plan.steps:
        by = lab.replications(plan.structures, replications, settings(step.set))
        if lab.interrupted:
            break
        stages.append(_stage(step.title, plan, by))
    shown = surprise(lab, plan.surprise)
    if shown is None:
        raise KeyboardInterrupt
    return Class(name, plan, lab.seed, replications, lab.runs, tuple(stages), shown,
                 lab.interrupted)


def surprise(lab: Lab, plan: Surprise) -> Shown | None:
    """Whether the two arms of a surprise differ as promised; None if it was interrupted.

    An order holds if the mean difference over the surprise's replications has the promised sign
    and exceeds the smallest difference that matters; equality if it does not exceed it.
    """
    arms = [lab.rows(Ask(arm.structure, r, settings(arm.set)) for r in range(plan.replications))
            for arm in (plan.first, plan.second)]
    if any(len(rows) < plan.replications for rows in arms):
        return None
    first, second = ([row.metrics.get(plan.metric) for row in rows] for rows in arms)
    effect = paired_interval(first, second)
    level = mean_interval([*first, *second])
    margin = METRICS[plan.metric].margin_at(level.mean or 0.0)
    size = effect.mean
    holds = size is not None and {
        "higher": size > margin, "lower": size < -margin,
        "practically equal": abs(size) <= margin,
    }[plan.expect]
    return Shown(holds, effect, margin)


def _stage(title: str, plan: Lesson, by: dict[str, list[Row]]) -> Stage:
    """Means and paired differences of one step."""
    metrics = dict.fromkeys((plan.prediction.metric, *SHOWN))
    means: dict[str, dict[str, Interval]] = {}
    gaps: dict[str, dict[str, Interval]] = {}
    for metric in metrics:
        values = {name: [row.metrics.get(metric) for row in rows] for name, rows in by.items()}
        means[metric] = {name: mean_interval(found) for name, found in values.items()}
        gaps[metric] = {name: paired_interval(found, values[plan.structures[0]])
                        for name, found in values.items()}
    return Stage(title, means, gaps, {
        name: rows[0].message for name, rows in by.items() if rows[0].status == "infeasible"})


def _check(plan: Lesson, world: Scenario) -> None:
    """Metrics and structures that a lesson names; all faults at once."""
    faults: list[Fault] = []
    for metric in (plan.prediction.metric, plan.surprise.metric):
        try:
            find(metric, "metric")
        except InputError as error:
            faults += error.faults
    named = [*plan.structures, plan.surprise.first.structure, plan.surprise.second.structure]
    faults += check_structures(world, named)[1]
    if faults:
        raise InputError(faults)
