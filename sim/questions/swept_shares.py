"""Shares of variance out of a finished sweep: what a sampled plan tells of keys, structure, luck.

Owns: which plans hold enough, and the estimates. Never does: run anything.

A sweep crosses every point with every structure and replication, so the shares of the structure and
of luck follow from the law of total variance alone. By itself a key makes Var(E[Y | key]): of a
Latin hypercube or a Sobol sequence SALib's RBD-FAST estimates it from the means of the points
(Tarantola, Gatelli and Mara 2006, Reliability Engineering & System Safety 91; bias: Tissot and
Prieur 2012, the same 107). What a key makes together with others is not in such a sample; it is at
most what the other factors leave over. A Saltelli sample holds it: there the estimators of Saltelli
et al. (2010, Computer Physics Communications 181) are taken. Of Morris trajectories the effects
(mu*) are taken, under each structure, replications averaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Fault, InputError
from sim.experiment.statistics import Interval, chi2_quantile
from sim.questions.keys import Range, swept_range
from sim.questions.sensitivity import (
    LEAST,
    RESAMPLES,
    SMALL,
    Factor,
    Index,
    Kind,
    Screened,
    Sensitivity,
)
from sim.records import Floats
from sim.sweep.finished import Finished

FEWEST, BASES, TRAJECTORIES = 32, 16, 4
"""Complete points of a sample, of a Saltelli sample's base, trajectories, at least."""
PLANS = 'a plan with sampler.kind = "sobol", "lhs", "saltelli" or "morris" holds shares of variance'
NORMAL = 1.96


def shares_of(rows: Finished, *, structures: Sequence[str] | None = None) -> Sensitivity:
    """What a metric hangs on, out of the points of a sweep.

    Args:
        rows: The sweep, its metric chosen.
        structures: Names; None means all of the sweep.

    Raises:
        InputError: The sweep does not hold shares of variance; every fault at once.
    """
    names, faults = rows.check(structures)
    sampler, where = rows.design.plan.sampler, str(rows.folder)
    if sampler.kind in ("grid", "csv"):
        faults.append(Fault(where, "sampler.kind", f"is {sampler.kind!r}: its points are no random "
                            "sample of the ranges", PLANS))
    faults += [Fault(where, name, "is a factor of levels", PLANS + ", every factor with a range")
               for name, axis in zip(rows.factors, rows.design.points.axes, strict=True)
               if axis.values and sampler.kind not in ("grid", "csv")]
    if faults:
        raise InputError(faults)
    ranges = [swept_range(rows.scenario, name, (axis.low, axis.high), "--keys", log=axis.log)
              for name, axis in zip(rows.factors, rows.design.points.axes, strict=True)]
    return _Shares(rows, names, ranges).answer()


@dataclass(frozen=True)
class _Parts:
    """The parts of the variance that the crossed design shows, in the metric's unit squared."""

    whole: float
    points: float
    """Of the means over structures and replications."""
    structure: tuple[float, float]
    """By itself, and in all."""
    luck: tuple[float, float]


class _Shares:
    """The answer of one sweep."""

    def __init__(self, rows: Finished, names: tuple[str, ...], ranges: Sequence[Range]) -> None:
        self.rows, self.names, self.ranges = rows, names, ranges
        self.sampler = rows.design.plan.sampler
        self.morris = self.sampler.kind == "morris"
        self.width = len(ranges) + {"morris": 1, "saltelli": 2}.get(self.sampler.kind, -len(ranges))
        """Points that only count together; 0: each counts alone."""
        self.seed = rows.seed % 2**31 + 1
        at = {point: k for k, point in enumerate(rows.points)}
        block = rows.block(names)
        planned = rows.design.points
        kinds = [kind for _, kind in rows.design.factor_columns]
        order = [tuple(rows.design.cell(v, kind) for v, kind in zip(planned[k], kinds, strict=True))
                 for k in range(len(planned))]
        self.x = np.array([[one.place(float(v)) for one, v in zip(ranges, point, strict=True)]
                           for point in order])
        empty = np.full(block.shape[1:], np.nan)
        values = np.array([block[at[p]] if p in at else empty for p in order])
        self.y = values[:, :, self._everywhere(values)]

    @staticmethod
    def _everywhere(values: Floats) -> Floats:
        """Replications that most points have: by precision some points have more."""
        known = np.isfinite(values).all(axis=1)
        kept: Floats = known.mean(axis=0) >= 0.9 * known.mean(axis=0).max()
        return kept

    def answer(self) -> Sensitivity:
        """Take the variance apart; effects of trajectories if there are no shares of keys."""
        whole = np.isfinite(self.y).all(axis=(1, 2))
        if self.width:
            whole = np.repeat(whole.reshape(-1, self.width).all(axis=1), self.width)
        self._enough(whole)
        y, x = self.y[whole], self.x[whole]
        if np.ptp(y) == 0.0:
            raise InputError(Fault("--metric", self.rows.metric, "is the same in all runs, so "
                                   "there is no variance to split"))
        screened = self._effects(x, y) if self.morris else ()
        count = self.rows.count(self.names)
        return Sensitivity(
            self.rows.scenario, self.rows.metric, self.names, self.rows.seed, len(y),
            int((~whole).sum()), self._reasons(), sum(count.values()), 0, float(y.mean()),
            float(y.std()), screened, tuple(self.ranges), tuple(self._factors(x, y)), False,
            count["failed"], count["unstable"], False, self._notes(y))

    def _enough(self, whole: Floats) -> None:
        wanted, what = {"morris": (TRAJECTORIES, "trajectories"),
                        "saltelli": (BASES, "base points")}.get(
                            self.sampler.kind, (FEWEST, "points"))
        found = int(whole.sum()) // max(self.width, 1)
        if found < wanted:
            why = "".join(f"; {reason} ({n} runs)" for reason, n in self._reasons().items())
            raise InputError(Fault(str(self.rows.folder), "sampler", f"{found} complete {what}, "
                                   f"and shares need {wanted}{why}",
                                   f"a plan with more {what} keeps the runs there are"))

    def _reasons(self) -> Mapping[str, int]:
        return self.rows.reasons(self.names)

    def _factors(self, x: Floats, y: Floats) -> list[Factor]:
        # Of a Saltelli sample only A and B are drawn independently: [bases, 2, ...] of them.
        drawn = y.reshape(-1, self.width, *y.shape[1:])[:, [0, -1]] if self._pairs else y[:, None]
        _, structures, replications = y.shape

        def parts_of(some: Floats) -> _Parts:
            return _parts(some.reshape(-1, *y.shape[1:]))

        parts = parts_of(drawn)
        rest = parts.whole - parts.luck[1]
        least, most = _luck_ends(parts, 1, replications) if replications > 1 else (0.0, 0.0)
        factor = (parts.whole / (rest + most), parts.whole / (rest + least))
        draws = np.random.default_rng(self.seed)
        picks = [draws.integers(len(drawn), size=len(drawn)) for _ in range(RESAMPLES // 2)]
        again = [parts_of(drawn[pick]) for pick in picks]

        def index(kind: Kind, place: int) -> Index:
            def share(p: _Parts) -> float:
                pair: tuple[float, float] = p.structure if kind == "structure" else p.luck
                return pair[place] / p.whole

            reach = NORMAL * float(np.std([share(p) for p in again if p.whole > 0.0]))
            if kind == "structure":
                return _told(share(parts), reach, [share(parts) * f for f in factor], y.size)
            others = parts.whole - parts.luck[place]
            ends = [v / (v + others) for v in _luck_ends(parts, place, replications)]
            return _told(share(parts), reach, ends, y.size)

        found = ([] if self.morris else self._saltelli(y, parts, again, picks, factor)
                 if self._pairs else self._alone(x, y, parts, factor))
        if structures > 1:
            found.append(Factor("structure", "structure", index("structure", 0),
                                index("structure", 1)))
        if replications > 1:
            found.append(Factor("luck", "luck", index("luck", 0), index("luck", 1)))
        return found

    @property
    def _pairs(self) -> bool:
        return self.sampler.kind == "saltelli"

    def _saltelli(self, y: Floats, parts: _Parts, again: Sequence[_Parts],
                  picks: Sequence[NDArray[np.int64]], factor: tuple[float, float]) -> list[Factor]:
        """Keys by themselves, and in all: with each other, the structure and luck."""
        blocks = y.reshape(-1, self.width, *y.shape[1:])
        means = blocks.mean(axis=(2, 3)) - y.mean()
        a, between, b = means[:, :1], means[:, 1:-1], means[:, -1:]
        firsts = b * (between - a)
        totals = ((blocks[:, 1:-1] - blocks[:, :1]) ** 2).mean(axis=(2, 3)) / 2.0

        def index(terms: Floats) -> Index:
            share = max(float(terms.mean()) / parts.whole, 0.0)
            reach = NORMAL * float(np.std([terms[pick].mean() / p.whole
                                           for pick, p in zip(picks, again, strict=True)
                                           if p.whole > 0.0]))
            return _told(share, reach, [share * f for f in factor], y.size)

        return [Factor(one.key, "key", index(firsts[:, k]), index(totals[:, k]))
                for k, one in enumerate(self.ranges)]

    def _alone(self, x: Floats, y: Floats, parts: _Parts,
               factor: tuple[float, float]) -> list[Factor]:
        """Keys by themselves; in all they are at most what the others leave over."""
        from SALib.analyze import rbd_fast

        problem = {"num_vars": x.shape[1], "names": [r.key for r in self.ranges],
                   "bounds": [[0.0, 1.0]] * x.shape[1]}
        told = rbd_fast.analyze(problem, x, y.mean(axis=(1, 2)), num_resamples=RESAMPLES // 10,
                                seed=self.seed)
        part = parts.points / parts.whole
        alone = [_told(s * part, c * part, [s * part * f for f in factor], y.size)
                 for s, c in zip(told["S1"], told["S1_conf"], strict=True)]
        known = [max(float(s), 0.0) * part for s in told["S1"]]
        rest = (parts.structure[0] + parts.luck[0]) / parts.whole
        return [Factor(one.key, "key", index, Index(
            None, index.low, min(max(1.0 - rest - sum(known) + mine, index.high), 1.0), 0))
            for one, index, mine in zip(self.ranges, alone, known, strict=True)]

    def _effects(self, x: Floats, y: Floats) -> tuple[Screened, ...]:
        """Mean size of each key's effect over trajectories and structures.

        Structures of one trajectory are not independent, so the interval is that of the
        trajectories alone.
        """
        from SALib.analyze import morris

        width, structures = len(self.ranges), y.shape[1]
        problem = {"num_vars": width, "names": [r.key for r in self.ranges],
                   "bounds": [[0.0, 1.0]] * width}
        told: dict[str, Any] = morris.analyze(
            problem, np.concatenate([x] * structures), np.concatenate(list(y.mean(axis=2).T)),
            num_levels=self.sampler.levels, num_resamples=RESAMPLES, seed=self.seed)
        number = len(x) // (width + 1)
        sizes = sorted(((one, float(told["mu_star"][i]),
                         float(told["mu_star_conf"][i]) * structures**0.5)
                        for i, one in enumerate(self.ranges)), key=lambda item: -item[1])
        bar = LEAST * sizes[0][1]
        return tuple(Screened(one, Interval(size, max(size - reach, 0.0), size + reach, number),
                              size >= bar and size > 0.0) for one, size, reach in sizes)

    def _notes(self, y: Floats) -> tuple[str, ...]:
        kind = {"sobol": "a Sobol sequence", "lhs": "a Latin hypercube",
                "saltelli": "a Saltelli sample", "morris": "Morris trajectories"}[self.sampler.kind]
        told = (f"the points are those of the sweep, {kind} of {len(y):,} points with "
                f"{y.shape[2]} replications; nothing was run.")
        if self._pairs:
            return (told,)
        if self.morris:
            lacking = ("trajectories show how much a key moves the metric, not its share of the "
                       f'variance: a plan with sampler.kind = "sobol" and {FEWEST} points or more '
                       "tells that.")
        else:
            lacking = ("what a key makes together with others is not in such a sample: orgsim "
                       "sensitivity on the scenario chooses runs that tell it.")
        return told, lacking


def _luck_ends(parts: _Parts, place: int, replications: int) -> tuple[float, float]:
    """95% interval of luck's variance, alone (0) or in all (1): replications are drawn too.

    What a replication does to all runs alike has a chi-squared interval with one degree of freedom
    less than replications; what is left of luck, each run's own, is known from all points, so the
    degrees grow with the square of its weight (Satterthwaite 1946).
    """
    size, common = parts.luck[place], parts.luck[0]
    if size <= 0.0 or common <= 0.0:
        return size, size
    degrees = (replications - 1) * (size / common) ** 2
    low, high = (size * degrees / chi2_quantile(q, degrees) for q in (0.975, 0.025))
    return low, high


def _told(share: float, reach: float, ends: Sequence[float], runs: int) -> Index:
    """A share with what points (reach) and replications (ends) leave open, both together."""
    low = max(share - float(np.hypot(share - ends[0], reach)), 0.0)
    high = min(share + float(np.hypot(ends[1] - share, reach)), 1.0)
    if 0.0 < high - low <= share:
        return Index(share, low, high, 0)
    needed = ((high - low) / max(share, SMALL)) ** 2 - 1.0
    return Index(None, low, high, max(int(np.ceil(runs * needed)), 1))


def _parts(y: Floats) -> _Parts:
    """[points, structures, replications] taken apart by the law of total variance."""
    points, structures, replications = y.shape
    within = float(y.var(axis=2, ddof=1).mean()) if replications > 1 else 0.0
    means = y.mean(axis=2)
    odd = y - y.mean(axis=(0, 1))
    noise = float(odd.var(axis=2, ddof=1).mean()) / replications if replications > 1 else 0.0
    between = max(float(means.var()) - noise, 0.0)
    by_structure = max(float(y.mean(axis=(0, 2)).var()) - noise * (structures - 1)
                       / (structures * points), 0.0)
    luck = float(y.mean(axis=(0, 1)).var(ddof=1)) if replications > 1 else 0.0
    return _Parts(within + between, float(means.mean(axis=1).var()),
                  (by_structure, float(y.var(axis=1).mean())), (luck, within))
