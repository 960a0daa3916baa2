"""The inputs of a sweep: what is varied, over which values, how often, and what is kept.

Owns: the shape of a plan file, key by key, with defaults, bounds and meaning. Never does: read
files (`plan_loading`), make points or run anything (`sim.sweep`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.scenario.fields import POSITIVE, Duration, Inputs, Names, Table, par

PLAN_VERSION = 1
WORKING_H = 4800.0 * 2080.0
"""Longest horizon: that of a scenario."""

Values = Annotated[tuple[Any, ...], Field(strict=False)]


class PlanInputs(Inputs):
    """Base of all tables of a plan: as those of a scenario, and not part of one."""


class Factor(PlanInputs):
    """One thing that is varied: a key over levels or a range, or named overlays."""

    levels: Values = par((), "Values of the key, one after the other", max_length=10_000)
    range: Values = par((), "Lowest and highest value of the key", max_length=2)
    scale: Literal["linear", "log"] = par(
        "linear", "Where a range is sampled evenly: in the value or in its logarithm")
    steps: int = par(5, "Values of a range in a grid, ends included", ge=2, le=10_000)
    overlays: Names = par((), 'Overlays of the scenario as levels; "" stands for none of them',
                          max_length=1000)


class Sampler(PlanInputs):
    """How points are chosen among all combinations of the factors."""

    kind: Literal["grid", "lhs", "sobol", "saltelli", "morris", "csv"] = par(
        "grid", "Every combination, Latin hypercube, Sobol sequence, Saltelli sample, Morris "
        "trajectories, or the points of a CSV file")
    points: int = par(64, "Points of lhs and sobol; base points of saltelli, each of which "
                      "becomes as many as there are factors and two more", unit="points", ge=1,
                      le=10_000_000)
    trajectories: int = par(10, "Trajectories of morris", ge=1, le=1_000_000)
    levels: int = par(4, "Levels of a factor in morris, an even number", ge=2, le=100)
    seed: int = par(1, "Seed of lhs, sobol, saltelli, morris; no draw of the model depends on it",
                    ge=0, le=2**31 - 1)
    file: str = par("", "CSV file beside the plan: a column per factor key", max_length=1000)


class Precision(PlanInputs):
    """Replications until every metric is known well enough, world by world."""

    metrics: dict[str, float | str] = par(
        {}, 'Wanted half-width of the 95% interval by metric, in its unit or as "5%": of the '
        "paired difference of every two structures, of the mean if there is one structure")
    minimum: int = par(10, "Replications before the rule is asked", ge=2, le=100_000)
    maximum: int = par(200, "Replications at which it gives up", ge=2, le=100_000)


class Plan(PlanInputs):
    """A sweep: a scenario, its variations, structures and replications."""

    schema_version: Literal[1] = par(..., "Version of this file format")
    name: str = par(..., "Title of the sweep", min_length=1, max_length=120)
    summary: str = par("", "The question it asks", max_length=2000)
    scenario: str = par(..., "The base: a file beside the plan, or a shipped scenario",
                        min_length=1, max_length=1000)
    overlays: Names = par((), "Overlays laid over the base, in order")
    set: dict[str, Any] = par({}, 'Keys of the base with other values: "staff.heads" = 30')
    horizon: Duration | None = par(None, "Measured time; none means the scenario's",
                                   unit="duration", ge=POSITIVE, le=WORKING_H)
    seed: int | None = par(None, "Root seed; none means the scenario's", ge=0, le=2**63 - 1)
    structures: Names = par((), "Structures, crossed with every point; none means those that "
                            "compare would take")
    replications: int = par(20, "Replications of every structure in every world", ge=1,
                            le=1_000_000)
    precision: Precision = par(Precision(), "Replications by precision instead of a number")
    metrics: Names = par((), "Metrics to keep; none means all")
    series: bool = par(False, "Keep the numbers of every period too")
    sampler: Sampler = par(Sampler(), "How points are chosen")
    factors: Table[Factor] = par({}, "What is varied: a scenario key, or a name of your own with "
                                 "overlays as levels")
