"""What a finished sweep says by itself: at every point, which structure leads on which measure.

Owns: which measures are told and which points are judged, how many runs have no numbers and why,
the answer as plain data. Never does: run anything, read a table (`summary_runs`), judge a point
(`summary_points`), average over points (`curves`), write sentences (`summary_words`).

At a point structures are compared within replications; the intervals of one point hold together
with 95% over its pairs of structures and the measures told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import Fault, InputError, nearest
from sim.experiment.answer import interval_json, plain
from sim.metrics.registry import VERDICT_METRICS, find_all
from sim.questions.summary_points import Points, Verdicts
from sim.questions.summary_runs import STATUS, read
from sim.records import Floats
from sim.store.frames import Column
from sim.sweep.design import Design
from sim.sweep.folder import RUNS, design_of
from sim.sweep.sampling import evenly

MOST_POINTS = 20_000
"""Points that are judged one by one; of a larger sweep as many, evenly spread."""
MOST_REASONS = 200


@dataclass(frozen=True)
class Counts:
    """Runs of a sweep by what became of them."""

    stored: int
    unstable: int
    failed: int
    infeasible: int
    reasons: Mapping[tuple[str, str, str], int]
    """By status, structure and message: runs; the most frequent first, not all of very many."""

    @property
    def with_numbers(self) -> int:
        """Runs that neither failed nor were infeasible."""
        return self.stored - self.failed - self.infeasible


class Summary:
    """A finished sweep, read once.

    Args:
        folder: Where `orgsim sweep run` put it.
        metrics: Measures to tell; none means those of the verdict that were kept, else the first
            that was and has a value.
        structures: Names; none means all of the sweep.

    Attributes:
        design: The plan worked out.
        columns: A column per factor, with its unit, and whether it holds numbers.
        values: By point, of the factors; durations in hours.
        blocks: By measure told: [points, structures, replications], NaN where there is no number.
        metrics: Measures told.
        lacking: Measures looked for of which no run has a value.
        counts: Runs by what became of them.

    Raises:
        InputError: It is no finished sweep, or lacks a measure or structure.
    """

    def __init__(self, folder: str | Path, metrics: Sequence[str] | None = None,
                 structures: Sequence[str] | None = None) -> None:
        self.folder = Path(folder)
        self.design: Design = design_of(self.folder)
        if not (self.folder / RUNS).is_file():
            raise InputError(Fault(str(folder), "", f"is not finished: it holds no {RUNS}",
                                   "orgsim sweep run takes it up where it was left"))
        told, others = self._asked(metrics, structures)
        self.structures = tuple(dict.fromkeys(structures or self.design.structures))
        self.columns: tuple[tuple[Column, bool], ...] = tuple(
            (column, kind == "number") for column, kind in self.design.factor_columns)
        self._runs = read(self.folder / RUNS, self.structures,
                          [column.name for column, _ in self.columns])
        self.values, self.replications = self._runs.values, self._runs.replications
        self.counts = self._counted()
        self.blocks: dict[str, Floats] = {}
        lacking = []
        for metric in (*told, *others) if self.counts.with_numbers else ():
            if metric in others and self.blocks:
                break
            block = self._runs.block(metric)
            if np.isfinite(block).any():
                self.blocks[metric] = block
            else:
                lacking.append(metric)
        self.metrics, self.lacking = tuple(self.blocks), tuple(lacking)

    def _asked(self, metrics: Sequence[str] | None,
               structures: Sequence[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Measures to tell, and others of which one is told if none of these has a value.

        Raises:
            InputError: With every fault.
        """
        kept, faults = self.design.metrics, []
        for where, names, there in (("--metrics", metrics, kept),
                                    ("--structures", structures, self.design.structures)):
            for name in names or ():
                if name not in there:
                    guess = nearest(name, there)
                    faults.append(Fault(where, name, "is not in this sweep, which has "
                                        + ", ".join(there[:12]),
                                        f"did you mean {guess}?" if guess else ""))
        if faults:
            raise InputError(faults)
        if metrics:
            return tuple(m.id for m in find_all(list(dict.fromkeys(metrics)), "--metrics")), ()
        return (tuple(m for m in VERDICT_METRICS if m in kept),
                tuple(m for m in kept if m not in VERDICT_METRICS))

    def _counted(self) -> Counts:
        mine = self._runs.place >= 0
        number = [int(((self._runs.status == k) & mine).sum()) for k in range(len(STATUS))]
        return Counts(int(mine.sum()), number[1], number[2], number[3],
                      dict(self._runs.reasons.most_common(MOST_REASONS)))

    @property
    def planned(self) -> int:
        """Runs of the plan at the points that are there, at least."""
        design = self.design
        least = design.rule.minimum if design.rule else design.replications
        return len(self.values) * len(self.structures) * least

    @property
    def missing(self) -> int:
        """Points of the plan that hold no run at all: those of other shards, or not done yet."""
        return 0 if len(self.design.points) > MOST_POINTS else max(
            0, self.design.worlds - len(self.values))

    @cached_property
    def varied(self) -> tuple[int, ...]:
        """Places of the factors that have more than one value."""
        return tuple(k for k in range(len(self.columns)) if len({v[k] for v in self.values}) > 1)

    @cached_property
    def points(self) -> Points:
        """Points that are judged, in the order of the plan: all, or `MOST_POINTS` of them."""
        return Points(self.structures, self.blocks, evenly(len(self.values), MOST_POINTS),
                      self.values)

    @cached_property
    def verdicts(self) -> dict[str, Verdicts]:
        """By measure: what was found at the points that are judged."""
        return self.points.verdicts()

    def rows(self, most: int, *, bad: bool = False) -> list[dict[str, Any]]:
        """Some runs, evenly spread: of the first replication, or those without numbers.

        Args:
            most: Rows at most.
            bad: Runs that failed or were infeasible instead of those of the first replication.
        """
        runs = self._runs
        wanted = runs.status >= STATUS.index("failed") if bad else runs.replication == 0
        there = np.flatnonzero(wanted & (runs.place >= 0))
        return runs.rows(there[evenly(len(there), most)], (
            "run_id", "structure", "replication", "seed", "status", "stage", "message",
            *dict.fromkeys((*(column.name for column, _ in self.columns), *self.metrics))))

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data (schema: `schemas.SWEEP_ANSWER`); never a NaN.

        Points are bounded (`MOST_POINTS`); runs.parquet holds all.
        """
        from sim.questions.summary_words import sentences

        answer: dict[str, Any] = plain({
            "sweep": self.design.plan.name,
            "scenario": self.design.base.name,
            "structures": list(self.structures),
            "metrics": list(self.metrics),
            "factors": [{"name": c.name, "unit": c.unit} for c, _ in self.columns],
            "replications": self.replications,
            "runs": {"stored": self.counts.stored, "unstable": self.counts.unstable,
                     "failed": self.counts.failed, "infeasible": self.counts.infeasible},
            "all_points": len(self.values),
            "points": [{
                "values": list(p.values),
                "metrics": {m: {
                    "best": f.best, "state": p.state(m), "rivals": list(p.rivals(m)),
                    "margin": f.margin,
                    "means": {s: interval_json(i) for s, i in f.means.items()},
                    "differences": {f"{f.best} - {s}": interval_json(f.difference(f.best, s))
                                    for s in f.ranking[1:] if f.best is not None},
                } for m, f in p.findings.items()},
            } for p in self.points],
            "text": sentences(self),
        })
        return answer
