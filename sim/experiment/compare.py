"""One firm, several structures, the same customers: which is better, and how sure is that?

Owns: the question's options, the order in which it is answered, and the answer as an object.
Never does: infer (`statistics.py`), judge (`verdict.py`), phrase (`words.py`) or simulate.

Structures are compared by paired differences: replication r meets the same customers, needs,
arrivals, work and patience under every structure, so what remains is the structure's doing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import Fault, InputError
from sim.experiment import precision as rule
from sim.experiment.answer import Comparison, Verdict
from sim.experiment.executors import Progress
from sim.experiment.replications import Design, Engine, Runs
from sim.experiment.request import Question, question, with_years
from sim.experiment.staffing import (
    Mode,
    Search,
    Staffed,
    equal_cost,
    equal_service,
    staffed,
)
from sim.experiment.statistics import (
    Growth,
    Interval,
    backlog_growth,
    mean_interval,
    paired_interval,
    ranking_agreement,
)
from sim.experiment.verdict import (
    Finding,
    Pair,
    dominated,
    finding,
    weigh,
)
from sim.experiment.winners import THRESHOLD_POINTS, WhoWins, who_wins
from sim.experiment.words import Words
from sim.metrics.registry import METRICS, Margin
from sim.records import Failure, RunResult

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

Values = dict[str, dict[str, list[float | None]]]
"""By metric and structure: values by replication, aligned over structures."""


def compare(
    scenario: Scenario,
    structures: Sequence[str] | None = None,
    *,
    replications: int | None = None,
    precision: Mapping[str, str | float | Margin] | None = None,
    max_replications: int = rule.MAXIMUM_REPLICATIONS,
    equalise: Mode = "headcount",
    heads: int | None = None,
    budget: float | None = None,
    years: float | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    weights: Mapping[str, float] | None = None,
    metrics: Sequence[str] | None = None,
    margins: Mapping[str, str | float | Margin] | None = None,
    better_off_points: float = THRESHOLD_POINTS,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Comparison:
    """Compare structures of one firm, with the same customers under each.

    Args:
        scenario: The world.
        structures: Names; None means the scenario's default list. The first is the one others
            are told against.
        replications: Per structure; None means the scenario's (with `precision`: ten to begin
            with).
        precision: Wanted half-width of the interval of every pair's difference by metric, in the
            metric's unit or as "5%" of the pair's mean; replications are added until all hold.
        max_replications: Where `precision` gives up.
        equalise: "headcount", "service" (the scenario's `staff.target_response_h`) or "cost".
        heads: People of the line; None means the scenario's.
        budget: For "cost": money per year; None means the cost of the first structure.
        years: Measured time; None means the scenario's horizon.
        seed: Root seed; None means the scenario's.
        jobs: Threads; None means one per processor. Changes no number.
        weights: Weight by metric, per smallest difference that matters; None means the
            scenario's `objective`; without any no single winner is named.
        metrics: What the verdict looks at; None means satisfaction, loyalty, mean response time
            and cost.
        margins: Overrides the smallest difference that matters by metric.
        better_off_points: Difference in a customer's mean satisfaction that makes them better or
            worse off.
        progress: Told (done, planned, what), from this thread.
        engine: Another simulator than the product's (tests).

    Returns:
        The comparison. After Ctrl-C it holds what was finished and `interrupted` is True.

    Raises:
        InputError: Something asked for makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before anything could be compared.
    """
    if years is not None:
        scenario = with_years(scenario, years)
    asked = question(
        scenario, structures, replications, precision, max_replications, equalise, heads, budget,
        weights, metrics, margins, better_off_points,
    )
    runs = Runs(scenario, seed=seed, jobs=jobs, progress=progress, engine=engine)
    designs, searches, infeasible = _staff(runs, asked)
    if not designs:
        raise InputError([Fault("structures", name, why) for name, why in infeasible.items()])

    runs.expect(len(designs) * (1 + asked.replications))
    ready = runs.prepare(designs.values())
    for name, design in designs.items():
        if design in runs.infeasible:
            infeasible[name] = runs.infeasible[design]
    if not ready and len(infeasible) == len(asked.structures):
        raise InputError([Fault("structures", name, why) for name, why in infeasible.items()])
    runs.extend(ready, asked.replications)
    done = asked.replications
    stopped = f"{done} replications, as asked"
    if asked.precision:
        done, stopped = _until_precise(runs, ready, asked)
    if runs.interrupted and not any(runs.finished(d) for d in ready):
        raise KeyboardInterrupt
    return _answer(runs, asked, ready, done, stopped, searches, infeasible)


def _staff(
    runs: Runs, asked: Question
) -> tuple[dict[str, Design], dict[str, Search], dict[str, str]]:
    """Designs by structure, the searches that found their heads, and what is infeasible."""
    plain = {name: Design(name, asked.heads) for name in asked.structures}
    if asked.equalise == "headcount":
        return plain, {}, {}
    searches: dict[str, Search] = {}
    if asked.equalise == "service":
        target = runs.scenario.staff.target_response_h
        for name in asked.structures:
            searches[name] = equal_service(runs, name, target, asked.replications)
    else:
        start = runs.scenario.staff.heads if asked.heads is None else asked.heads
        budget = asked.budget
        if budget is None:
            first = asked.structures[0]
            reference = Design(first, start)
            if runs.prepare([reference]):
                runs.extend([reference], asked.replications)
            if runs.interrupted:
                raise KeyboardInterrupt
            costs = [r.metrics["cost_total"] for r in runs.finished(reference).values()]
            paid = [c for c in costs if c is not None]
            if not paid:
                why = runs.infeasible.get(reference, "no run finished")
                raise InputError(Fault("structures", first, f"sets the budget, but {why}",
                                       "give --budget or list another structure first"))
            budget = sum(paid) / len(paid)
        for name in asked.structures:
            searches[name] = equal_cost(runs, name, budget, asked.replications, start)
    designs = {
        name: Design(name, found.heads)
        for name, found in searches.items() if found.heads is not None
    }
    reasons = {name: found.reason for name, found in searches.items() if found.heads is None}
    return designs, searches, reasons


def _values(finished: Mapping[str, Mapping[int, RunResult]]) -> Values:
    """Metric values by replication; None where a run is missing, failed, or has no such metric."""
    rows = sorted(set().union(*(set(runs) for runs in finished.values())))
    return {
        id: {
            name: [runs[r].metrics.get(id) if r in runs else None for r in rows]
            for name, runs in finished.items()
        }
        for id in METRICS
    }


def _pairs(structures: Sequence[str]) -> list[Pair]:
    return [(a, b) for i, a in enumerate(structures) for b in structures[i + 1 :]]


@dataclass(frozen=True)
class _Inference:
    """Means and simultaneous intervals of differences."""

    values: Values
    means: dict[str, dict[str, Interval]]
    differences: dict[str, dict[Pair, Interval]]
    family: int
    structures: tuple[str, ...]


def _infer(
    finished: Mapping[str, Mapping[int, RunResult]], verdict_metrics: Sequence[str]
) -> _Inference:
    structures = tuple(finished)
    values = _values(finished)
    pairs = _pairs(structures)
    # One level for all metrics, so that a table can be read from top to bottom.
    family = max(1, len(pairs) * len(verdict_metrics))
    means = {
        id: {name: mean_interval(values[id][name]) for name in structures} for id in METRICS
    }
    differences = {
        id: {
            (a, b): paired_interval(values[id][a], values[id][b], family=family)
            for a, b in pairs
        }
        for id in METRICS
    }
    return _Inference(values, means, differences, family, structures)


def _until_precise(
    runs: Runs, ready: Sequence[Design], asked: Question
) -> tuple[int, str]:
    """Add replications until every width is reached; how many there are and why it stopped."""
    done = asked.replications
    while True:
        found = _infer(_finished(runs, ready), asked.verdict_metrics)
        missing = rule.gaps(asked.precision, found.means, found.differences)
        going = rule.next_count(done, missing, asked.maximum)
        if going == done or runs.interrupted:
            return done, rule.reason(asked.precision, missing, done, asked.maximum)
        runs.extend(ready, going)
        done = going


def _finished(runs: Runs, ready: Sequence[Design]) -> dict[str, dict[int, RunResult]]:
    """Results of the structures of which at least one run finished."""
    found = {design.structure: runs.finished(design) for design in ready}
    return {name: results for name, results in found.items() if results}


def _answer(
    runs: Runs,
    asked: Question,
    ready: Sequence[Design],
    done: int,
    stopped: str,
    searches: Mapping[str, Search],
    infeasible: Mapping[str, str],
) -> Comparison:
    """Put everything together."""
    finished = _finished(runs, ready)
    found = _infer(finished, asked.verdict_metrics)
    findings = {
        id: finding(METRICS[id], found.means[id], found.differences[id], asked.margins.get(id))
        for id in METRICS
    }
    growth = {name: backlog_growth(list(r.values())) for name, r in finished.items()}
    wins = who_wins(finished, tuple(runs.scenario.segments), asked.threshold)
    outcomes = [row for design in ready for row in runs.outcomes(design)]
    seconds = [s for design in ready for s in runs.seconds(design)]
    # A structure whose preparation failed never became ready; its failure is a row all the same.
    for name in asked.structures:
        design = Design(name, searches[name].heads if name in searches else asked.heads)
        if design not in ready:
            rows = runs.failures(design)
            outcomes.extend(rows)
            seconds.extend([0.0] * len(rows))
    if runs.interrupted:
        stopped = "interrupted; what was finished is kept"
    staffing = {
        name: staffed(runs.scenario, list(r.values()), searches.get(name))
        for name, r in finished.items()
    }
    failures = [row for row in outcomes if isinstance(row, Failure)]
    verdict = _verdict(asked, found, findings, growth, wins, infeasible, stopped, staffing,
                       runs.scenario.staff.target_response_h)
    if failures:
        told = Words().on_failures(failures, len(outcomes))
        verdict = replace(verdict, text=(*verdict.text, told))
    return Comparison(
        scenario=runs.scenario,
        seed=runs.seed,
        replications=done,
        structures=found.structures,
        equalise=asked.equalise,
        metrics=found.means,
        differences={
            id: {f"{a} - {b}": d for (a, b), d in pairs.items()}
            for id, pairs in found.differences.items()
        },
        findings=findings,
        better_off=wins,
        unstable=tuple(name for name, g in growth.items() if g.unstable),
        growth=growth,
        infeasible=dict(infeasible),
        verdict=verdict,
        staffing=staffing,
        results=tuple(outcomes),
        run_seconds=tuple(seconds),
        interrupted=runs.interrupted,
    )


def _verdict(
    asked: Question,
    found: _Inference,
    findings: Mapping[str, Finding],
    growth: Mapping[str, Growth],
    wins: WhoWins,
    infeasible: Mapping[str, str],
    stopped: str,
    staffing: Mapping[str, Staffed],
    target: float,
) -> Verdict:
    """The calls, and the words for them."""
    judged = {id: findings[id] for id in asked.verdict_metrics}
    losers = dominated(found.structures, judged)
    scores = (
        weigh(found.structures, found.values, findings, asked.weights)
        if asked.weights and found.structures else None
    )
    unstable = [name for name, g in growth.items() if g.unstable]
    words = Words(unstable)
    agreement = {
        id: ranking_agreement(np.array(
            [[np.nan if v is None else v for v in found.values[id][s]] for s in found.structures]
        ).T)
        for id in asked.verdict_metrics
    }
    lines = [words.on_growth(name, growth[name]) for name in unstable]
    lines += [words.on_staffing(asked.equalise, s, target) for s in staffing.values()
              if asked.equalise != "headcount"]
    if len(found.structures) > 1:
        lines += [words.on_metric(f) for f in judged.values()]
    dominance = words.on_dominance(found.structures, losers, judged)
    lines.append(dominance)
    headline = dominance
    if len(found.structures) > 1:
        weighed = words.on_weights(scores)
        lines.append(weighed)
        headline = dominance if scores is None else weighed
    people = words.on_people(wins, found.structures)
    lines += people
    lines += [words.on_agreement(judged[id], tau) for id, tau in agreement.items()
              if tau is not None and tau < words.STABLE_RANKING and judged[id].decided]
    lines += [f"{name} is infeasible: {why}" for name, why in infeasible.items()]
    lines.append(stopped)
    return Verdict(
        text=tuple(lines),
        headline=headline,
        people=tuple(people),
        metrics=asked.verdict_metrics,
        findings=judged,
        undominated=tuple(s for s in found.structures if s not in losers),
        dominated=losers,
        scores=scores,
        agreement=agreement,
        family=found.family,
        stopped=stopped,
    )
