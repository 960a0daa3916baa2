"""What a finished sweep says by itself: at every point, which structure leads on which measure.

Owns: reading the runs of a sweep's folder as arrays, the verdict at each point, how many runs have
no numbers and why. Never does: run anything, set a rule (`experiment.verdict` judges), average over
points (`curves`), write sentences (`summary_words`).

At a point structures are compared within replications; the intervals of one point hold together
with 95% over its pairs of structures and the measures told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.errors import Fault, InputError, nearest
from sim.experiment.answer import interval_json, plain
from sim.experiment.statistics import Interval, mean_intervals
from sim.experiment.verdict import Call, Finding, finding
from sim.metrics.registry import METRICS, VERDICT_METRICS, find_all
from sim.records import Floats
from sim.store import parts
from sim.store.frames import Column
from sim.sweep.design import Design
from sim.sweep.finished import Cell
from sim.sweep.folder import RUNS, design_of

MOST_POINTS = 20_000
"""Points that are judged one by one; of a larger sweep as many, evenly spread."""
MOST_TOLD = 4
"""Measures told."""
MOST_REASONS = 200
State = Literal["leads", "equal", "close", "alone", "none"]
_STATUS = ("ok", "unstable", "failed", "infeasible")


@dataclass(frozen=True)
class Point:
    """One point of a sweep, and what was found there."""

    index: int
    """Place among all points of the sweep."""
    values: tuple[Cell, ...]
    findings: Mapping[str, Finding] = field(repr=False)
    """By measure."""
    _states: dict[str, State] = field(default_factory=dict, repr=False, compare=False)

    def state(self, metric: str) -> State:
        """What can be said of the best mean against all others."""
        if metric not in self._states:
            self._states[metric] = self._state(metric)
        return self._states[metric]

    def _state(self, metric: str) -> State:
        found = self.findings[metric]
        if not found.ranking:
            return "none"
        if len(found.ranking) == 1:
            return "alone"
        rivals = self.rivals(metric)
        if not rivals:
            return "leads"
        best = found.ranking[0]
        return "equal" if all(found.call(best, r) is Call.EQUAL for r in rivals) else "close"

    def rivals(self, metric: str) -> tuple[str, ...]:
        """Structures that the best mean is not surely better (or higher) than."""
        found = self.findings[metric]
        return tuple(s for s in found.ranking[1:]
                     if found.call(found.ranking[0], s) not in (Call.BETTER, Call.HIGHER))

    def lead(self, metric: str) -> Interval | None:
        """Best minus second, None where there is no second."""
        found = self.findings[metric]
        return found.difference(*found.ranking[:2]) if len(found.ranking) > 1 else None


@dataclass(frozen=True)
class Counts:
    """Runs of a sweep by what became of them."""

    stored: int
    unstable: int
    failed: int
    infeasible: int
    reasons: Mapping[tuple[str, str, str], int]
    """By status, structure and message: runs; the most frequent first, not all of very many."""


class Summary:
    """A finished sweep, read once.

    Args:
        folder: Where `orgsim sweep run` put it.
        metrics: Measures to tell; none means those of the verdict that were kept, else the first
            that was.
        structures: Names; none means all of the sweep.

    Attributes:
        design: The plan worked out.
        columns: A column per factor, with its unit, and whether it holds numbers.
        values: By point, of the factors; durations in hours.
        blocks: By measure: [points, structures, replications], NaN where there is no number.
        counts: Runs by what became of them.
        planned: Runs of the plan, at least.

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
        asked = self._asked(metrics, structures)
        self.structures = tuple(dict.fromkeys(structures or self.design.structures))
        self.columns: tuple[tuple[Column, bool], ...] = tuple(
            (column, kind == "number") for column, kind in self.design.factor_columns)
        names = [column.name for column, _ in self.columns]
        self._table = parts.read_part(self.folder / RUNS, (
            "run_id", "world", "structure", "replication", "seed", "status", "unstable", "stage",
            "message", *dict.fromkeys((*names, *asked))))
        self._read(names, asked)
        known = [m for m in asked if np.isfinite(self.blocks[m]).any()]
        verdict = [m for m in VERDICT_METRICS if m in known]
        self.metrics: tuple[str, ...] = tuple(
            known if metrics else (verdict or known[:1])[:MOST_TOLD])

    def _asked(self, metrics: Sequence[str] | None,
               structures: Sequence[str] | None) -> tuple[str, ...]:
        """Measures that are read; one error with every fault."""
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
            return tuple(m.id for m in find_all(list(dict.fromkeys(metrics)), "--metrics"))
        verdict = tuple(m for m in VERDICT_METRICS if m in kept)
        return verdict or tuple(kept)

    def _read(self, names: Sequence[str], asked: Sequence[str]) -> None:
        table = self._table
        worlds, world = parts.coded(table, "world")
        _, first = np.unique(world, return_index=True)
        heads = parts.picked([table], first)
        cells = [parts.column(heads, name) for name in names]
        self.values: list[tuple[Cell, ...]] = (
            list(zip(*cells, strict=True)) if cells else [()] * len(worlds))
        listed, structure = parts.coded(table, "structure")
        place = np.array([self.structures.index(s) if s in self.structures else -1
                          for s in listed], dtype=np.int64)[structure] if len(listed) else structure
        replication = parts.numbers(table, "replication")
        self.replications = 1 + int(replication.max(initial=-1))
        self._places = (world, place, replication)
        mine = place >= 0
        where = (world[mine], place[mine], replication[mine])
        shape = (len(worlds), len(self.structures), self.replications)
        self.blocks: dict[str, Floats] = {}
        for metric in asked:
            block = np.full(shape, np.nan)
            block[where] = parts.numbers(table, metric)[mine]
            self.blocks[metric] = block
        self._count(table, mine)

    def _count(self, table: Any, mine: NDArray[Any]) -> None:
        told, code = parts.coded(table, "status")
        status = np.array([_STATUS.index(s) for s in told], dtype=np.int64)[code] if told else code
        status = np.where((status == 0) & _true(table), 1, status)
        self._status = status
        number = [int(((status == k) & mine).sum()) for k in range(len(_STATUS))]
        bad = np.flatnonzero((status >= 2) & mine)
        rows = parts.picked([table], bad)
        why: Counter[tuple[str, str, str]] = Counter(
            (state, name, message or "no message") for state, name, message in zip(
                *(parts.column(rows, c) for c in ("status", "structure", "message")), strict=True))
        self.counts = Counts(int(mine.sum()), number[1], number[2], number[3],
                             dict(why.most_common(MOST_REASONS)))
        full = len(self.values) * len(self.structures)
        least = self.design.rule.minimum if self.design.rule else self.design.replications
        self.planned = full * least

    @property
    def missing(self) -> int:
        """Points of the plan that hold no run at all: those of other shards, or not done yet."""
        return 0 if len(self.design.points) > MOST_POINTS else max(
            0, self.design.worlds - len(self.values))

    @property
    def chosen(self) -> NDArray[np.int64]:
        """Points that are judged."""
        n = len(self.values)
        return np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(np.int64))

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """What was found at every point that is judged, in the order of the plan."""
        chosen, names = self.chosen, self.structures
        pairs = list(combinations(range(len(names)), 2))
        family = max(1, len(pairs) * len(self.metrics))
        found: list[dict[str, Finding]] = [{} for _ in chosen]
        for metric in self.metrics:
            block = self.blocks[metric][chosen]
            means = _intervals(mean_intervals(block))
            gaps = [_intervals(mean_intervals(block[:, [a]] - block[:, [b]], family=family))
                    for a, b in pairs]
            for k in range(len(chosen)):
                found[k][metric] = finding(
                    METRICS[metric], dict(zip(names, means[k], strict=True)),
                    {(names[a], names[b]): gap[k][0]
                     for (a, b), gap in zip(pairs, gaps, strict=True)})
        return tuple(Point(int(k), self.values[k], one)
                     for k, one in zip(chosen, found, strict=True))

    def rows(self, most: int, *, bad: bool = False) -> list[dict[str, Any]]:
        """Some runs, evenly spread: of the first replication, or those without numbers.

        Args:
            most: Rows at most.
            bad: Runs that failed or were infeasible instead of those of the first replication.
        """
        _, place, replication = self._places
        wanted = (self._status >= 2) if bad else replication == 0
        there = np.flatnonzero(wanted & (place >= 0))
        few = there[np.unique(np.linspace(0, len(there) - 1, min(most, len(there)))
                              .round().astype(np.int64))] if len(there) else there
        table = parts.picked([self._table], few)
        columns = {name: parts.column(table, name) for name in table.column_names}
        return [dict(zip(columns, row, strict=True))
                for row in zip(*columns.values(), strict=True)]

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


def _true(table: Any) -> NDArray[Any]:
    """Rows whose backlog grew."""
    told, code = parts.coded(table, "unstable")
    return np.asarray(np.array([bool(v) for v in told] or [False])[code] & (code >= 0))


def _intervals(found: tuple[Floats, Floats, Floats, Floats]) -> list[list[Interval]]:
    """[points, columns] arrays as intervals."""
    rows = zip(*(values.tolist() for values in found), strict=True)
    return [[Interval(None if n == 0 else mean, None if n < 2 else low, None if n < 2 else high,
                      int(n)) for mean, low, high, n in zip(*row, strict=True)] for row in rows]
