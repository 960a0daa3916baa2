"""Points out of a space of factors: which combinations are looked at.

Owns: grids, Latin hypercubes, Sobol sequences, Saltelli samples, Morris trajectories, lists of
points; how a number between 0 and 1 becomes a value. Never does: know a scenario beyond the kind of
a key.

More points of a Sobol sequence or a Saltelli sample, more trajectories, more levels of a grid leave
the earlier ones where they are. A Latin hypercube of another size is another one throughout.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.catalogue import find
from sim.scenario.plan import Factor, Plan
from sim.scenario.plan_loading import as_value, key_path, range_of

DIGITS = 12
"""Significant digits of a sampled value: 0.3 is 0.3, whatever the way to it."""


def evenly(n: int, most: int) -> NDArray[np.int64]:
    """Places of at most so many of n things, ends included, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


@dataclass(frozen=True)
class Axis:
    """One factor: its name and how it gets its values."""

    name: str
    values: tuple[Any, ...]
    """Levels, or names of overlays; empty for a range."""
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False
    """The key holds whole numbers."""

    def at(self, share: float) -> Any:
        """The value a number from 0 to 1 stands for; levels have equal shares."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        low, high = self.low, self.high
        if self.whole:
            low, high = low - 0.5, high + 0.5
        if self.log and low > 0:
            number = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        else:
            number = low + share * (high - low)
        return as_value(self.name, _clean(min(max(number, self.low), self.high)))

    def levels(self, steps: int) -> tuple[Any, ...]:
        """The values of a grid: the levels, or a range in even steps, each once."""
        if self.values:
            return self.values
        ends = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        numbers = [math.exp(x) if self.log else x for x in np.linspace(*ends, steps).tolist()]
        numbers[0], numbers[-1] = self.low, self.high
        return tuple(dict.fromkeys(as_value(self.name, _clean(x)) for x in numbers))


def axis(name: str, factor: Factor) -> Axis:
    """A factor of a plan as an axis."""
    if factor.overlays or factor.levels:
        return Axis(name, tuple(factor.overlays or factor.levels))
    ends = range_of(name, factor) or (0.0, 1.0)
    key = find(key_path(name))
    return Axis(name, (), *ends, log=factor.scale == "log",
                whole=key is not None and key.kind == "integer")


class Points:
    """All points of a plan, made one by one when asked for."""

    def __init__(self, plan: Plan, listed: Sequence[tuple[Any, ...]] = ()) -> None:
        self.axes = [axis(name, factor) for name, factor in plan.factors.items()]
        self._listed: Sequence[tuple[Any, ...]] | None = None
        self._cube: NDArray[np.float64] | None = None
        self._levels: list[tuple[Any, ...]] = []
        sampler = plan.sampler
        if sampler.kind == "csv":
            self._listed = listed
        elif sampler.kind == "grid":
            self._levels = [a.levels(f.steps)
                            for a, f in zip(self.axes, plan.factors.values(), strict=True)]
        elif sampler.kind == "morris":
            self._cube = morris(len(self.axes), sampler.trajectories, sampler.levels,
                                sampler.seed)
        else:
            made = {"lhs": latin_hypercube, "sobol": sobol, "saltelli": saltelli}[sampler.kind]
            self._cube = made(len(self.axes), sampler.points, sampler.seed)

    def __len__(self) -> int:
        if self._listed is not None:
            return len(self._listed)
        if self._cube is not None:
            return len(self._cube)
        return math.prod(len(levels) for levels in self._levels)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        """Values of one point, in the order of the factors."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        if self._listed is not None:
            return tuple(self._listed[index])
        if self._cube is not None:
            return tuple(a.at(float(u)) for a, u in zip(self.axes, self._cube[index],
                                                        strict=True))
        values = []
        for levels in reversed(self._levels):
            index, position = divmod(index, len(levels))
            values.append(levels[position])
        return tuple(reversed(values))


def latin_hypercube(dimensions: int, points: int, seed: int) -> NDArray[np.float64]:
    """[points, dimensions] in the unit cube, one point in each slice of every axis."""
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube(dimensions, seed=np.random.default_rng(seed))
    return np.asarray(sampler.random(points))


def sobol(dimensions: int, points: int, seed: int) -> NDArray[np.float64]:
    """[points, dimensions] of a scrambled Sobol sequence; more points begin with the same."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(dimensions, scramble=True, seed=np.random.default_rng(seed))
    return np.asarray(sampler.random_base2(max(0, math.ceil(math.log2(points)))))[:points]


def saltelli(dimensions: int, points: int, seed: int) -> NDArray[np.float64]:
    """[points x (dimensions + 2), dimensions]: of each point of A and B what Sobol indices need.

    Saltelli et al. (2010, Computer Physics Communications 181), in the order of SALib: the row of
    A, that row with one factor after the other out of B, the row of B; A and B are halves of one
    scrambled Sobol sequence.
    """
    base = sobol(2 * dimensions, points, seed)
    a, b = base[:, :dimensions], base[:, dimensions:]
    rows = np.repeat(a[:, None, :], dimensions + 2, axis=1)
    for k in range(dimensions):
        rows[:, k + 1, k] = b[:, k]
    rows[:, -1] = b
    return rows.reshape(-1, dimensions)


def morris(dimensions: int, trajectories: int, levels: int, seed: int) -> NDArray[np.float64]:
    """[trajectories x (dimensions + 1), dimensions]: each trajectory moves one factor at a time.

    Morris (1991) as SALib draws it; every trajectory has a seed of its own, so that more of them
    leave the earlier ones where they are.
    """
    from SALib.sample.morris import sample

    problem = {"num_vars": dimensions, "names": [str(i) for i in range(dimensions)],
               "bounds": [[0.0, 1.0]] * dimensions}
    return np.concatenate([
        np.asarray(sample(problem, 1, num_levels=levels, seed=seed * 1_000_003 % 2**31 + i))
        for i in range(trajectories)])


def _clean(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
