"""Means of a finished sweep along its factors: what a figure of it shows.

Owns: which factor lies along the axis and which makes small multiples, which points are taken
together, and the interval of their mean. Never does: judge (`summary`), draw (`report.sweep`).

A sweep on a grid is told along its first factor with numbers, a panel per level of the second; over
the levels of further factors it is averaged replication by replication, and the interval is that
over replications. A sampled sweep (Latin hypercube, Sobol, Saltelli, Morris) is told factor by
factor, in bins of equally many points: points and replications are both a sample, and the interval
holds for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.experiment.statistics import Interval, crossed_interval, mean_interval
from sim.questions.summary import Summary
from sim.records import Floats
from sim.sweep.finished import Cell
from sim.sweep.sampling import evenly

BINS, PANELS = 8, 4
MOST_LEVELS = 24
"""Values along the axis that are drawn one by one; more of them come in bins."""
SAMPLED = ("lhs", "sobol", "saltelli", "morris")
ENOUGH = 0.9
"""A replication counts where this share of the points has it, of the most that any has."""


@dataclass(frozen=True)
class Panel:
    """One small multiple."""

    factor: int | None
    """Place of the factor along the axis; None for a sweep without factors."""
    of: tuple[int, Cell] | None
    """Place and level of the factor that makes the panel."""
    at: tuple[float, ...]
    """Along the axis: the value, the mean of a bin, or the number of a level without numbers."""
    levels: tuple[str, ...]
    """Names of levels without numbers; empty on an axis of numbers."""
    binned: bool
    points: tuple[int, ...]
    """Points of the sweep behind each place on the axis."""
    lines: Mapping[str, tuple[Interval, ...]]
    """By structure, an interval for each place; a mean of None is a gap."""


@dataclass(frozen=True)
class Curves:
    """A figure's worth of means."""

    metric: str
    panels: tuple[Panel, ...]
    sampled: bool
    averaged: tuple[int, ...]
    """Places of the factors over whose values it is averaged."""
    levels_left_out: int
    """Levels of the second factor for which there is no panel."""
    uneven: int
    """Points left out of means because some structure has no number there."""


def curves_of(answer: Summary, metric: str) -> Curves:
    """Means and intervals of a measure along the factors of a sweep."""
    return _Curves(answer, metric).made()


class _Curves:
    def __init__(self, answer: Summary, metric: str) -> None:
        self.answer, self.metric = answer, metric
        self.block = answer.blocks[metric]
        self.sampled = answer.design.plan.sampler.kind in SAMPLED
        self.known: NDArray[np.bool_] = np.asarray(np.isfinite(self.block).any(axis=2))
        self.uneven: set[int] = set()
        self.different = [list(dict.fromkeys(p[k] for p in answer.values))
                          for k in range(len(answer.columns))]

    def made(self) -> Curves:
        """The panels."""
        varied = [k for k, found in enumerate(self.different) if len(found) > 1]
        numeric = [k for k in varied if self.answer.columns[k][1]]
        everything = np.arange(len(self.answer.values))
        if not varied:
            return self._as([self._panel(None, None, everything)], varied, (), 0)
        if self.sampled:
            shown = (numeric or varied)[:PANELS]
            return self._as([self._panel(k, None, everything) for k in shown], varied, (), 0)
        across = (numeric or varied)[0]
        others = [k for k in varied if k != across]
        if not others:
            return self._as([self._panel(across, None, everything)], varied, (across,), 0)
        second = next((k for k in others if len(self.different[k]) <= PANELS), others[0])
        levels = self.different[second]
        if self.answer.columns[second][1]:
            levels = sorted(levels, key=float)
        few = [levels[i] for i in evenly(len(levels), PANELS)]
        panels = [self._panel(across, (second, level), np.array(
            [i for i, p in enumerate(self.answer.values) if p[second] == level])) for level in few]
        return self._as(panels, varied, (across, second), len(levels) - len(few))

    def _as(self, panels: Sequence[Panel], varied: Sequence[int], told: Sequence[int],
            left_out: int) -> Curves:
        averaged = () if self.sampled else tuple(k for k in varied if k not in told)
        return Curves(self.metric, tuple(panels), self.sampled, averaged, left_out,
                      len(self.uneven))

    def _panel(self, factor: int | None, of: tuple[int, Cell] | None,
               mine: NDArray[np.int64]) -> Panel:
        levels: tuple[str, ...] = ()
        binned = False
        if factor is None:
            at, groups = [0.0], [mine]
        elif not self.answer.columns[factor][1]:
            names = self.different[factor][:MOST_LEVELS]
            levels = tuple(str(name) for name in names)
            values = [self.answer.values[i][factor] for i in mine]
            groups = [mine[np.array([v == name for v in values], dtype=bool)] for name in names]
            at = [float(i) for i in range(len(names))]
        else:
            numbers = np.array([float(self.answer.values[i][factor]) for i in mine])
            ordered = np.unique(numbers)
            most = BINS if self.sampled else MOST_LEVELS
            binned = len(ordered) > most
            if binned:
                order = mine[np.argsort(numbers, kind="stable")]
                groups = [g for g in np.array_split(order, BINS) if len(g)]
            else:
                groups = [mine[np.flatnonzero(numbers == v)] for v in ordered]
            at = [float(np.mean([float(self.answer.values[i][factor]) for i in g]))
                  for g in groups]
        made = [self._means(group) for group in groups]
        lines = {name: tuple(found[name] for found in made) for name in self.answer.structures}
        return Panel(factor, of, tuple(at), levels, binned, tuple(len(g) for g in groups), lines)

    def _means(self, points: NDArray[np.int64]) -> dict[str, Interval]:
        """The mean of each structure over some points; like is averaged with like."""
        names, none = self.answer.structures, Interval(None, None, None, 0)
        if len(points) == 1:
            return {name: mean_interval(self.block[points[0], s])
                    for s, name in enumerate(names)}
        some = self.known[points].any(axis=0)
        if not some.any():
            return dict.fromkeys(names, none)
        block = self.block[points][:, some]
        finite = np.isfinite(block)
        shared = finite.mean(axis=(0, 1))
        kept: NDArray[np.bool_] = np.asarray(shared >= ENOUGH * shared.max())
        whole: NDArray[np.bool_] = np.asarray(finite[:, :, kept].all(axis=(1, 2)))
        if not whole.any():  # no point at which all of them have numbers: nothing is comparable
            return dict.fromkeys(names, none)
        self.uneven |= set(points[~whole].tolist())
        values = block[whole][:, :, kept]
        where = np.flatnonzero(some)
        return dict.fromkeys(names, none) | {
            names[s]: self._interval(values[:, i]) for i, s in enumerate(where)}

    def _interval(self, values: Floats) -> Interval:
        """[points, replications] of one structure."""
        if self.sampled:
            return crossed_interval(values)
        return mean_interval(values.mean(axis=0))
