"""What it costs to change from one structure to another: the way down, and the way back up.

Owns: the question `reorganise` and its answer. Never does: move anybody (the engine does).

The firm that reorganises is compared, month by month, with its twin that does not: the same
customers, the same luck, the same people until the day of the change. What is told is about the
mean over replications; how sure it is comes from the paired differences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.accounting import ledger
from sim.errors import Fault, InfeasibleStructure, InputError
from sim.experiment.answer import interval_json, plain
from sim.experiment.executors import Progress
from sim.experiment.replications import Design, Engine, Runs
from sim.experiment.request import check_structures, overlaid
from sim.experiment.statistics import Interval, mean_interval
from sim.metrics.registry import METRICS
from sim.records import Failure, Floats, Layout, RunResult
from sim.scenario.schema import HOURS_PER_MONTH, HOURS_PER_YEAR

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

REPLICATIONS = 20
AFTER_H = 2 * HOURS_PER_YEAR
"""Time looked at after the change if nobody says."""
MONTHS_PER_YEAR = 12
SETTLED = 6
"""Months at the end whose mean is what the change has come to."""
FIRST = 3
"""Months after the change whose mean tells the way down."""


def _share(part: str, whole: str) -> Callable[[Any], Floats]:
    def value(totals: Any) -> Floats:
        number = np.asarray(totals[whole], dtype=np.float64)
        return np.where(number > 0, totals[part] / np.where(number > 0, number, 1.0), np.nan)

    return value


def _satisfaction(totals: Any) -> Floats:
    cases = totals["closed"] + totals["abandoned"]
    return np.where(cases > 0, 100.0 * totals["satisfaction"] / np.where(cases > 0, cases, 1.0),
                    np.nan)


BY_MONTH: dict[str, Callable[[Any], Floats]] = {
    "satisfaction": _satisfaction,
    "loyalty": _share("loyalty", "months"),
    "response_mean_h": _share("response", "closed"),
    "first_contact_resolution": _share("first_contact", "closed"),
    "fit": _share("fit", "fits"),
    "handoffs_per_case": _share("handoffs", "closed"),
}
"""Metrics that can be told for a month, beside the money of the ledger."""
MONEY = ("profit", "cost_total")
METRIC_IDS = (*BY_MONTH, *MONEY)


@dataclass(frozen=True)
class Curve:
    """One metric, month by month: the firm that changed minus its twin that did not."""

    metric: str
    difference: tuple[Interval, ...]
    """Per month from the start of measuring."""
    dip: Interval | None
    """The worst month after the change, None if no month is worse."""
    dip_month: int | None
    """Months after the change at which it is."""
    dip_months: int
    """Months after the change in which the interval lies on the worse side."""
    settled: Interval
    """Mean difference over the last months."""
    first: Interval
    """Mean difference over the first months after the change."""


@dataclass(frozen=True)
class Arm:
    """One way of making the change."""

    budget: float
    curves: dict[str, Curve] = field(repr=False)
    break_even: Interval
    """Months from the change until the cumulated difference stays on the better side, over the
    replications in which it does."""
    never: Interval
    """Chance that it does not within the time looked at (Wilson interval)."""
    cumulated: tuple[Interval, ...] = field(repr=False)
    """Per month: cumulated difference of the metric of break-even since the change."""
    cost: Interval
    """One-off cost of the change, money."""
    moved: Interval
    """People who change pool."""


@dataclass(frozen=True)
class Reorganisation:
    """A change of structure against staying."""

    scenario: Scenario = field(repr=False)
    first: str
    second: str
    metric: str
    """What break-even is counted in."""
    at_month: float
    seed: int
    replications: int
    arms: tuple[Arm, ...]
    failures: tuple[Failure, ...] = ()
    interrupted: bool = False

    @property
    def table(self) -> pd.DataFrame:
        """One row per budget, metric and month: difference to the twin with its interval."""
        import pandas as pd

        return pd.DataFrame([
            {"budget": arm.budget, "metric": id, "unit": METRICS[id].unit, "month": month,
             "since_change": month - self.at_month, "difference": i.mean, "low": i.low,
             "high": i.high}
            for arm in self.arms for id, curve in arm.curves.items()
            for month, i in enumerate(curve.difference, start=1)])

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data (schema: `schemas.REORGANISE`); never a NaN."""
        def curve(c: Curve) -> dict[str, Any]:
            return {
                "difference": [interval_json(i) for i in c.difference],
                "dip": None if c.dip is None else interval_json(c.dip),
                "dip_month": c.dip_month, "dip_months": c.dip_months,
                "settled": interval_json(c.settled)}

        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name,
            "first": self.first,
            "second": self.second,
            "metric": self.metric,
            "at_month": self.at_month,
            "seed": self.seed,
            "replications": self.replications,
            "arms": [
                {"budget": a.budget, "break_even_months": interval_json(a.break_even),
                 "never": interval_json(a.never), "cost": interval_json(a.cost),
                 "people_moved": interval_json(a.moved),
                 "cumulated": [interval_json(i) for i in a.cumulated],
                 "curves": {id: curve(c) for id, c in a.curves.items()}}
                for a in self.arms],
            "failures": [
                {"structure": f.structure, "replication": f.replication, "stage": f.stage,
                 "type": f.type, "message": f.message} for f in self.failures],
            "interrupted": self.interrupted,
        })
        return answer


def reorganise(
    scenario: Scenario,
    first: str,
    second: str,
    *,
    metric: str = "profit",
    budget: float = 0.5,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Reorganisation:
    """Change from one structure to another in mid-run, and compare with not changing.

    When, and how hard it is, stands in the scenario (`reorganisation.at`, `.drag`...). Time is
    measured for two years after the change, or to the scenario's horizon if that is later.

    Args:
        scenario: The world.
        first, second: Structure before and after.
        metric: What break-even is counted in; `METRIC_IDS`.
        budget: Budget of a second arm over the first one's; the first as the scenario says.
        replications: None means 20.
        seed, jobs, progress, engine: As in `compare`.

    Raises:
        InputError: Something asked for makes no sense.
        InfeasibleStructure: One of the structures cannot be staffed.
        KeyboardInterrupt: Interrupted before anything could be compared.
    """
    faults = wrong(scenario, first, second, metric, budget, replications)
    if faults:
        raise InputError(faults)
    count = REPLICATIONS if replications is None else replications
    plan = scenario.reorganisation
    at = plan.at
    horizon = max(scenario.time.horizon, at + AFTER_H)
    time = {"horizon": f"{horizon!r} h", "period": f"{HOURS_PER_MONTH!r} h"}
    worlds = [overlaid(scenario, {"time": time, "reorganisation": {"to": ""}})]
    ratios = [plan.budget_ratio]
    if plan.budget_ratio * budget != plan.budget_ratio:
        ratios.append(plan.budget_ratio * budget)
    worlds += [
        overlaid(scenario, {"time": time, "reorganisation": {"to": second, "budget_ratio": ratio}})
        for ratio in ratios
    ]
    design = Design(first)
    done: list[dict[int, RunResult]] = []
    failures: list[Failure] = []
    interrupted = False
    root = scenario.seed if seed is None else seed
    staffed = []
    for turn, world in enumerate(worlds):
        before = turn * (count + 1)
        told = None if progress is None else _later(progress, before, len(worlds) * (count + 1))
        runs = Runs(world, seed=root, jobs=jobs, progress=told, engine=engine)
        staffed.append((runs, runs.prepare([design])))
        if design in runs.infeasible:
            raise InfeasibleStructure(first, runs.infeasible[design])
    change, ready = staffed[1]
    try:
        change.extend(ready, 1)  # whether the people there can be moved, before the long wait
    except InfeasibleStructure as refusal:
        raise InfeasibleStructure(
            second, f"the people there are when {first} ends cannot staff it: {refusal.reason}; "
            "more people (staff.heads) or fewer pools would do") from None
    for runs, ready in staffed:
        runs.extend(ready, count)
        done.append(runs.finished(design))
        failures += runs.failures(design)
        if runs.interrupted:
            interrupted = True
            break
    if interrupted and len(done) < 2:
        raise KeyboardInterrupt
    at_month = at / HOURS_PER_MONTH
    arms = []
    for world, ratio, results in zip(worlds[1:], ratios, done[1:], strict=False):
        both = sorted(set(done[0]) & set(results))
        if len(both) >= 2:
            stays = [monthly(worlds[0], done[0][r]) for r in both]
            changes = [monthly(world, results[r]) for r in both]
            arms.append(_arm(ratio, stays, changes, [results[r] for r in both], metric, at_month))
    if not arms:
        raise InputError(Fault(scenario.name, "reorganisation",
                               failures[0].message if failures else "nothing could be compared"))
    return Reorganisation(scenario, first, second, metric, at_month, root, count, tuple(arms),
                          tuple(failures), interrupted)


def wrong(scenario: Scenario, first: str, second: str, metric: str, budget: float,
          replications: int | None) -> list[Fault]:
    """Everything that makes no sense in what is asked of `reorganise`."""
    _, faults = check_structures(scenario, [first, second])
    if replications is not None and replications < 2:
        faults.append(Fault("--replications", "", f"at least 2, not {replications}"))
    if metric not in METRIC_IDS:
        faults.append(Fault("--metric", "", f"one of {', '.join(METRIC_IDS)}, not {metric!r}"))
    if not 0.01 <= budget <= 100:
        faults.append(Fault("--budget", "", f"a ratio from 0.01 to 100, not {budget}"))
    return faults


def _later(progress: Progress, before: int, planned: int) -> Progress:
    return lambda done, _, what: progress(before + done, planned, what)


def monthly(scenario: Scenario, result: RunResult) -> dict[str, Floats]:
    """Values by metric and month of measured time [T]; money is per month."""
    series = result.series
    inside = series["time"] > 1e-9
    times = series["time"][inside]
    totals, segments = series["totals"][inside], series["segments"][inside]
    values = {id: np.asarray(value(totals), dtype=np.float64) for id, value in BY_MONTH.items()}
    books = {id: np.zeros(len(times)) for id in MONEY}
    since = 0.0
    for t, until in enumerate(times):
        hours = float(until - since)
        book = ledger.yearly(scenario, result.layout, totals[t], segments[t], hours,
                             spells=_spells(result, since, float(until)))
        books["profit"][t] = book.profit * hours / HOURS_PER_YEAR
        books["cost_total"][t] = book.total * hours / HOURS_PER_YEAR
        since = float(until)
    return values | books


def _spells(result: RunResult, since: float, until: float) -> list[tuple[Layout, float]]:
    """Structures in force between two times, and for how many hours."""
    spells: list[tuple[Layout, float]] = []
    for stage in result.past:
        end = min(stage.until_h, until)
        if end > since:
            spells.append((stage.layout, end - since))
            since = end
    if until > since:
        spells.append((result.layout, until - since))
    return spells


def _arm(ratio: float, stays: Sequence[dict[str, Floats]], changes: Sequence[dict[str, Floats]],
         results: Sequence[RunResult], metric: str, at_month: float) -> Arm:
    curves = {id: _curve(id, np.array([c[id] - s[id] for s, c in zip(stays, changes, strict=True)]),
                         at_month) for id in METRIC_IDS}
    sign = 1.0 if METRICS[metric].direction >= 0 else -1.0
    gaps = np.array([c[metric] - s[metric] for s, c in zip(stays, changes, strict=True)])
    first = _first_month(at_month)
    total = np.cumsum(np.nan_to_num(gaps[:, first:]), axis=1)
    months = [_break_even(sign * row) for row in total]
    paid = [first + 1 + m - at_month for m in months if m is not None]
    cost = [r.metrics["cost_change"] or 0.0 for r in results]
    years = [r.window_h / HOURS_PER_YEAR for r in results]
    return Arm(
        ratio, curves,
        break_even=mean_interval(paid),
        never=wilson(sum(m is None for m in months), len(months)),
        cumulated=tuple(mean_interval(list(column)) for column in total.T),
        cost=mean_interval([c * y for c, y in zip(cost, years, strict=True)]),
        moved=mean_interval([float(r.totals["relocated"]) for r in results]),
    )


def _first_month(at_month: float) -> int:
    """Index of the month in which the change falls or that begins with it."""
    return int(at_month + 1e-9)


def _curve(id: str, gaps: Floats, at_month: float) -> Curve:
    """One metric's differences [replications, months] told."""
    first = _first_month(at_month)
    sign = METRICS[id].direction or 1
    difference = tuple(mean_interval(list(column)) for column in gaps.T)
    after = difference[first:]
    worst = min(range(len(after)), key=lambda m: sign * (after[m].mean or 0.0), default=None)
    dip = None if worst is None or sign * (after[worst].mean or 0.0) >= 0 else after[worst]
    below = 0
    for i in after:
        edge = i.high if sign > 0 else i.low
        below += edge is not None and sign * edge < 0
    late = gaps[:, -min(SETTLED, max(len(after), 1)):]
    return Curve(id, difference, dip, None if dip is None or worst is None else worst + 1,
                 below, _mean(late), _mean(gaps[:, first:first + FIRST]))


def _mean(gaps: Floats) -> Interval:
    """Mean over some months [replications, months], those without a value left out."""
    known = np.isfinite(gaps)
    return mean_interval(list(np.where(
        known.any(axis=1), np.nansum(gaps, axis=1) / np.maximum(known.sum(axis=1), 1), np.nan)))


def _break_even(cumulated: Floats) -> int | None:
    """Index of the month from which the cumulated gain stays at or above 0; None if it ends below.

    A change that never falls below pays from its first month.
    """
    if len(cumulated) == 0 or cumulated[-1] < 0:
        return None
    below = np.flatnonzero(cumulated < 0)
    return int(below[-1]) + 1 if len(below) else 0


def wilson(successes: int, n: int) -> Interval:
    """A share with Wilson's 95% interval (Wilson 1927)."""
    z = 1.959963984540054
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(share, max(0.0, float(middle - half)), min(1.0, float(middle + half)), n)
