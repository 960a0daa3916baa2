"""How many people each structure needs for the same service, and what the planner's formula says.

Owns: the question `staff`: the target, the answer per structure, and the way from the formula's
heads to the simulated ones. Never does: search (`service.py`), know a formula (`erlang.py`), write
sentences or draw (`sim.report`).

The way from Erlang to the simulation is walked in four steps, each with what was measured at the
simulated heads: the work as it is done (beginners, rework, reading in, coordination) instead of
experts' work; the time that hand-offs and rework take, which leaves less for waiting; vacancies;
and what is left. The size of a step depends on the order; the steps add up to the difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.accounting.ledger import fte_cost
from sim.errors import Fault, InputError
from sim.experiment.answer import interval_json, plain
from sim.experiment.executors import Progress
from sim.experiment.replications import Engine
from sim.experiment.request import check_structures
from sim.experiment.staffing import Trial
from sim.experiment.statistics import Interval
from sim.metrics.registry import METRICS, Metric, find
from sim.questions.erlang import Load, Planned, Planner
from sim.questions.service import Binds, Curve, Met, Unmet
from sim.sweep.lab import Lab

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

REPLICATIONS = 20
TARGETS = ("response_mean_h=8", "satisfaction=72", "within_tolerance=90%")
"""Examples for messages."""
DIRECT = ("queue_h", "abandonment")
"""Metrics the formula gives as they are, besides the mean response time: what hand-offs and rework
take has no part in them."""
STEPS = ("Erlang", "work as measured", "hand-offs and rework", "vacancies", "simulated")


@dataclass(frozen=True)
class Step:
    """Heads after one more thing is taken into account."""

    name: str
    fte: float | None
    """None where the formula has no answer: no time is left for waiting."""


@dataclass(frozen=True)
class Need:
    """What one structure needs."""

    structure: str
    heads: int | None
    """Whole people of the line; None if no number tried meets the target."""
    fte: Interval
    """Real-valued heads that would just meet it."""
    paid_fte: Interval
    """The same divided by availability: full-time equivalents on the payroll."""
    binds: Binds | None
    value: Interval
    """The metric with `heads`."""
    cost: Interval
    """Cost of the whole firm with `heads`, money per year."""
    cost_fte: Interval
    """The same with the fractional heads."""
    erlang: Planned | None
    response_h: float | None
    """Mean response time the formula is asked for: the target, or what the structure achieves."""
    steps: tuple[Step, ...]
    """From the formula's fractional heads to the simulated ones."""
    measured: Mapping[str, float]
    """At the fractional heads: Erlangs of work expected and measured, share of posts filled, parts
    of the response time (h per case)."""
    trials: tuple[Trial, ...]
    intervals: tuple[Interval, ...]
    """Of the metric, by trial."""
    formula: tuple[tuple[int, float], ...]
    """The formula's mean response by heads, where that is the metric."""
    runs: int
    most: int = 0
    """Where nothing met the target: the most heads tried."""
    reason: str = ""
    failed: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "structure": self.structure, "heads": self.heads, "fte": interval_json(self.fte),
            "paid_fte": interval_json(self.paid_fte), "binds": self.binds,
            "value": interval_json(self.value), "cost": interval_json(self.cost),
            "cost_fte": interval_json(self.cost_fte),
            "erlang": None if self.erlang is None else {
                "heads": self.erlang.heads, "fte": self.erlang.fte,
                "response_h": self.response_h},
            "steps": [{"name": step.name, "fte": step.fte} for step in self.steps],
            "measured": dict(self.measured),
            "trials": [trial.to_json() | {"low": i.low, "high": i.high}
                       for trial, i in zip(self.trials, self.intervals, strict=True)],
            "runs": self.runs, "reason": self.reason,
        }


@dataclass(frozen=True)
class Staffing:
    """Heads and cost of every structure for one target."""

    scenario: Scenario = field(repr=False)
    metric: str
    target: float
    replications: int
    seed: int
    needs: tuple[Need, ...]
    """In listed order."""
    runs: int
    interrupted: bool = False

    @property
    def table(self) -> pd.DataFrame:
        """One row per structure."""
        import pandas as pd

        return pd.DataFrame([
            {"structure": n.structure, "heads": n.heads, "fte": n.fte.mean, "fte_low": n.fte.low,
             "fte_high": n.fte.high, "paid_fte": n.paid_fte.mean, "cost": n.cost.mean,
             "cost_low": n.cost.low, "cost_high": n.cost.high, "cost_fte": n.cost_fte.mean,
             "erlang_heads": n.erlang.heads if n.erlang else None,
             "erlang_fte": n.erlang.fte if n.erlang else None, "reason": n.reason}
            for n in self.needs])

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data (schema: `schemas.STAFF`); never a NaN."""
        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name, "metric": self.metric,
            "unit": METRICS[self.metric].unit, "target": self.target,
            "replications": self.replications, "seed": self.seed, "runs": self.runs,
            "structures": [need.to_json() for need in self.needs],
            "interrupted": self.interrupted,
        })
        return answer


def goal(target: Mapping[str, float | str]) -> tuple[Metric, float]:
    """The metric and value of a target such as ``{"response_mean_h": 8}``.

    Raises:
        InputError: Not one target, a metric that cannot be one, or a value out of its range.
    """
    where = "--target"
    such = "such as " + ", ".join(TARGETS)
    if len(target) != 1:
        raise InputError(Fault(where, "", f"one METRIC=VALUE, not {len(target)}", such))
    (id, given), = target.items()
    metric = find(id, where)
    if metric.direction == 0:
        raise InputError(Fault(where, id, "has no better way, so it cannot be a service", such))
    if metric.format == "money":
        raise InputError(Fault(where, id, "is money, not a service: orgsim compare --equalise "
                               "cost --budget MONEY finds the heads a budget pays"))
    share = metric.format == "share" or metric.unit == "0-1"
    text = str(given).strip()
    percent = text.endswith("%")
    try:
        value = float(text.rstrip("% ")) / (100.0 if percent else 1.0)
    except ValueError:
        value = float("nan")
    if share:
        wrong, allowed = not 0.0 < value < 1.0, "a share between 0 and 1, such as 0.9 or 90%"
    elif metric.unit == "points, 0-100":
        wrong, allowed = percent or not 0.0 < value < 100.0, "points between 0 and 100"
    else:
        wrong, allowed = percent or not 0.0 < value < float("inf"), f"{metric.unit}, above 0"
    if wrong:
        raise InputError(Fault(where, id, f"{allowed}, not {given!r}", such))
    return metric, value


def staff(
    scenario: Scenario,
    target: Mapping[str, float | str],
    structures: Sequence[str] | None = None,
    *,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    lab: Lab | None = None,
) -> Staffing:
    """Find the heads each structure needs to meet one target.

    Args:
        scenario: The world.
        target: One metric and the value it should reach, such as ``{"response_mean_h": 8}``.
        structures: Names; None means the scenario's default list.
        replications: Behind each decision that counts; None means 20.
        seed, jobs, progress: As in `compare`.
        engine: The simulator; None means the product's.
        lab: Where runs are made and kept; None means a new one of this scenario.

    Raises:
        InputError: Something asked for makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before the first structure was done.
    """
    names, faults = check_structures(scenario, structures)
    count = REPLICATIONS if replications is None else replications
    wanted: tuple[Metric, float] | None = None
    try:
        wanted = goal(target)
    except InputError as error:
        faults.extend(error.faults)
    if count < 2:
        faults.append(Fault("--replications", "", f"at least 2, not {count}"))
    if jobs is not None and jobs < 1:
        faults.append(Fault("--jobs", "", f"at least 1, not {jobs}"))
    if faults or wanted is None:
        raise InputError(faults)
    metric, value = wanted
    lab = lab or Lab(scenario, seed=seed, jobs=jobs, progress=progress, engine=engine)
    needs: list[Need] = []
    interrupted = False
    for name in names:
        try:
            needs.append(_need(lab, name, metric, value, count))
        except KeyboardInterrupt:
            if not needs:
                raise
            interrupted = True
            break
    return Staffing(lab.scenario, metric.id, value, count, lab.seed, tuple(needs),
                    sum(need.runs for need in needs), interrupted)


def _need(lab: Lab, name: str, metric: Metric, target: float, replications: int) -> Need:
    """What one structure needs."""
    curve = Curve(lab, name, metric.id, metric.direction, target, replications)
    found = curve.find()
    none = Interval(None, None, None, 0)
    if isinstance(found, Unmet):
        return Need(name, None, none, none, None, none, none, none, None, None, (), {},
                    curve.trials, curve.intervals, (), curve.runs, found.most,
                    found.reason, found.failed)
    planner = Planner(lab.scenario, name)
    x = found.fte.mean or float(found.heads)
    measured = _measured(lab.scenario, curve, planner, found, x)
    response = target if metric.id == "response_mean_h" else measured["response_mean_h"]
    erlang, steps = _way(planner, metric.id, target, response, measured, x, found.heads)
    formula: tuple[tuple[int, float], ...] = ()
    if metric.id == "response_mean_h":
        tried = [trial.heads for trial in curve.trials]
        first = max(1, min([*tried, erlang.heads if erlang else found.heads]) - 1)
        formula = tuple((n, load.work_h + planner.shown(n)) for n in range(first, max(tried) + 1)
                        if (load := planner.load(n)) is not None)
    share = lab.scenario.staff.availability
    mean, low, high = (None if v is None else v / share
                       for v in (found.fte.mean, found.fte.low, found.fte.high))
    paid = Interval(mean, low, high, found.fte.n)
    return Need(
        name, found.heads, found.fte, paid, found.binds, curve.at(found.heads, metric.id),
        curve.at(found.heads, "cost_total"), curve.at(x, "cost_total"), erlang, response, steps,
        measured, curve.trials, curve.intervals, formula, curve.runs)


def _measured(scenario: Scenario, curve: Curve, planner: Planner, found: Met,
              x: float) -> dict[str, float]:
    """What the simulation shows at the fractional heads, as means over replications."""
    parts = ("response_mean_h", "touch_h", "queue_h", "transfer_h", "rework_h")
    told = {id: curve.at(x, id).mean or 0.0 for id in parts}
    filled = (curve.at(x, "cost_line").mean or 0.0) / (fte_cost(scenario) or 1.0) / x
    load = planner.load(found.heads)
    told["filled_share"] = filled if filled > 0.0 else 1.0
    told["work_expected"] = float(load.work.sum()) if load else 0.0
    told["work_measured"] = (curve.at(x, "utilisation").mean or 0.0) * told["filled_share"] * x
    return told


def _way(planner: Planner, metric: str, target: float, response: float,
         measured: Mapping[str, float], x: float, heads: int,
         ) -> tuple[Planned | None, tuple[Step, ...]]:
    """The formula's heads, and the steps from them to the simulated ones."""
    expected = measured["work_expected"]
    factor = measured["work_measured"] / expected if expected > 0 else 1.0
    direct = metric in DIRECT
    of = Load.lost_share if metric == "abandonment" else Load.wait_h
    cap = max(3 * heads, heads + 30)

    def allowed(times: float) -> Any:
        def of(load: Load) -> float:
            return target if direct else response - times * load.work_h
        return of

    first = planner.needed(allowed(1.0), 1.0, cap, of)
    second = planner.needed(allowed(factor), factor, cap, of)
    third = second if direct else planner.needed(
        lambda _: measured["queue_h"], factor, cap)
    found = [first, second, third]
    values: list[float | None] = [None if p is None else p.fte for p in found]
    values += [None if third is None else third.fte / measured["filled_share"], x]
    return first, tuple(Step(name, value) for name, value in zip(STEPS, values, strict=True))
