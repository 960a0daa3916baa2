"""The answer of `map`: points, cells, where the lead passes, shares.

Owns: its shape, as plain data and as a table. Never does: find it (`maps.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.experiment.answer import interval_json, plain
from sim.experiment.statistics import Interval
from sim.metrics.registry import METRICS
from sim.questions.keys import Range
from sim.records import Floats

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

Spot = tuple[int, int]
"""Column and row on the finest lattice."""


@dataclass(frozen=True)
class Point:
    """What was found at one pair of values."""

    x: float
    y: float
    means: Mapping[str, Interval]
    """By structure; those that cannot be staffed here are left out."""
    ranking: tuple[str, ...]
    """Best mean first."""
    winner: str | None
    """None: a tie."""
    lead: Interval | None
    """Best minus second, turned so that more is better; together with those over the others 95%."""
    margin: float
    equal: bool
    """A tie because the first two are surely within the margin, not for want of replications."""
    runs: Mapping[str, Floats] = field(repr=False)
    """By structure, one value per replication; NaN where there is none."""

    @property
    def leader(self) -> str:
        """The structure with the best mean, surely or not."""
        return self.ranking[0]


@dataclass(frozen=True)
class Cell:
    """A rectangle that was not cut further, by its corners."""

    left: int
    bottom: int
    size: int

    @property
    def corners(self) -> tuple[Spot, Spot, Spot, Spot]:
        """Bottom left, bottom right, top left, top right."""
        a, b, s = self.left, self.bottom, self.size
        return (a, b), (a + s, b), (a, b + s), (a + s, b + s)


@dataclass(frozen=True)
class Switch:
    """Along one line of the map the lead passes from one structure to another."""

    along: str
    """"x" or "y": the key that varies."""
    held: float
    """Value of the other key."""
    winner: str
    """Who is ahead above the switching value."""
    loser: str
    at: float
    low: float | None
    """None: not told apart down to the end of the map."""
    high: float | None


@dataclass(frozen=True)
class StructureMap:
    """Which structure wins where."""

    scenario: Scenario = field(repr=False)
    metric: str
    x: Range
    y: Range
    structures: tuple[str, ...]
    points: Mapping[Spot, Point] = field(repr=False)
    cells: tuple[Cell, ...] = field(repr=False)
    switches: tuple[Switch, ...]
    shares: Mapping[str, float]
    """Share of the map by structure, and "tie"."""
    seed: int
    replications: int
    runs: int
    infeasible: Mapping[str, str]
    """By structure that cannot be staffed somewhere on the map: why."""
    unstable: int
    """Runs whose backlog grew."""
    failures: int
    interrupted: bool = False
    notes: tuple[str, ...] = ()
    """Sentences on where the points come from, if they were not chosen for this map."""

    @property
    def scattered(self) -> bool:
        """The points lie on no grid: shares are those of points, and no line was followed."""
        return not self.cells and not self.interrupted

    @property
    def table(self) -> pd.DataFrame:
        """One row per point and structure."""
        import pandas as pd

        return pd.DataFrame([
            {self.x.key: p.x, self.y.key: p.y, "structure": s, "mean": i.mean, "low": i.low,
             "high": i.high, "n": i.n, "winner": p.winner or "tie"}
            for p in self.points.values() for s, i in p.means.items()])

    def to_json(self) -> dict[str, Any]:
        """The map as plain data (schema: `question_schemas.MAP`); never a NaN."""
        from sim.questions.map_words import sentences

        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name,
            "metric": self.metric,
            "unit": METRICS[self.metric].unit,
            "x": self.x.to_json() | {"log": self.x.log},
            "y": self.y.to_json() | {"log": self.y.log},
            "structures": list(self.structures),
            "seed": self.seed, "replications": self.replications, "runs": self.runs,
            "points": [
                {"x": p.x, "y": p.y, "winner": p.winner, "leader": p.leader,
                 "practically_equal": p.equal, "margin": p.margin,
                 "lead": None if p.lead is None else interval_json(p.lead),
                 "means": {s: interval_json(i) for s, i in p.means.items()}}
                for p in self.points.values()],
            "cells": [
                {"x": [p.x for p in (a, b)], "y": [p.y for p in (a, c)],
                 "corners": [q.winner for q in (a, b, c, d)]}
                for a, b, c, d in ([self.points[s] for s in cell.corners] for cell in self.cells)],
            "switches": [
                {"along": s.along, "held": s.held, "winner": s.winner, "loser": s.loser,
                 "at": s.at, "low": s.low, "high": s.high} for s in self.switches],
            "shares": dict(self.shares),
            "infeasible": dict(self.infeasible),
            "unstable_runs": self.unstable, "failed_runs": self.failures,
            "text": sentences(self),
            "interrupted": self.interrupted,
        })
        return answer
