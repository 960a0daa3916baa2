"""Where a structure misfits its world: what a run shows, and one change that may help.

Owns: the detectors. Each looks at sums of the run or at tables the structure compiles to, names
a place, gives its numbers, and proposes one change as keys of the scenario file. Never does: run
the change (`diagnose.py`), or hold an opinion about a structure: alternatives are found by trying
every key a function may be grouped by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import InfeasibleStructure, InputError
from sim.experiment.request import overlaid
from sim.metrics.registry import format_value
from sim.population import customers, start
from sim.records import Floats, Layout, RunResult
from sim.scenario.tables.firm import KEYS
from sim.structures import build, compile_cases, workload
from sim.structures.presets import rule

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

TRIED = "changed"
"""Name under which a changed structure is run."""

# Below these a detector says nothing. They are thresholds of attention, not of truth: whether the
# change helps is for the runs to say (assumption).
LEAST_HANDOFFS = 0.15
LEAST_FIT = 0.01
LEAST_SLOWNESS = 0.03
LEAST_WAITING = 1.5
LEAST_MISROUTED = 0.05
LEAST_SURVIVAL = 0.65
BUSY, IDLE = 0.88, 0.70


@dataclass(frozen=True)
class Misfit:
    """One misfit, before its change has been tried."""

    kind: str
    """pool, key, offering, knowledge, information path, staffing or labels."""
    place: str
    """The pool, function or firm it was found in."""
    says: str
    """What the run or the tables show, with numbers."""
    change: str
    """The change to try, in words."""
    settings: Mapping[str, Any]
    """The change as tables of the scenario file."""
    severity: float
    """How far beyond the threshold of attention, as a multiple of it."""
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """What the detectors look at: a scenario, one structure, its finished runs."""

    scenario: Scenario
    structure: str
    results: Sequence[RunResult]

    @property
    def layout(self) -> Layout:
        """The structure as tables."""
        return self.results[0].layout

    def metric(self, name: str) -> float:
        """Mean of a metric over replications; 0 where no replication has it."""
        values = [v for r in self.results if (v := r.metrics[name]) is not None]
        return float(np.mean(values)) if values else 0.0

    def pools(self, name: str) -> Floats:
        """Sum of a pool total [L] over replications."""
        return np.asarray(np.sum([r.pools[name] for r in self.results], axis=0), dtype=np.float64)

    def total(self, name: str) -> float:
        """Sum of a total over replications."""
        return float(sum(float(r.totals[name]) for r in self.results))


def found(evidence: Evidence) -> list[Misfit]:
    """Every misfit, the most striking first."""
    seen = [misfit for detect in DETECTORS if (misfit := detect(evidence)) is not None]
    return sorted(seen, key=lambda misfit: -misfit.severity)


# --- regrouping ---------------------------------------------------------------------------------


def _groups(evidence: Evidence) -> dict[str, Any] | None:
    """Key by function as this structure has it; None if its units are written out."""
    own = rule(evidence.scenario, evidence.structure)
    if own.units:
        return None
    return {f: own.keys.get(f, own.keys.get("rest")) for f in evidence.scenario.functions}


def _regrouped(evidence: Evidence, group: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of this structure with other keys."""
    own = rule(evidence.scenario, evidence.structure)
    table: dict[str, Any] = {
        "title": f"{evidence.structure}, changed",
        "group": {f: list(k) if isinstance(k, tuple) else k for f, k in group.items()},
    }
    if own.roles:
        table["roles"] = [list(role) for role in own.roles]
    return {"structures": {TRIED: table}}


def _alternatives(
    evidence: Evidence
) -> Iterator[tuple[str, str, dict[str, Any], Scenario, Layout]]:
    """Every regrouping of one function by one other key that can be staffed."""
    groups = _groups(evidence)
    if groups is None:
        return
    heads = int(evidence.results[0].heads.sum())
    for function, present in groups.items():
        for key in KEYS:
            if key == present:
                continue
            settings = _regrouped(evidence, groups | {function: key})
            try:
                scenario = overlaid(evidence.scenario, settings)
                layout = build(scenario, TRIED, heads)
            except (InfeasibleStructure, InputError):
                continue
            if not np.array_equal(_units(layout), _units(evidence.layout)):
                yield function, key, settings, scenario, layout


def _units(layout: Layout) -> Any:
    return layout.pool_unit[layout.pool_of]


def _best(
    evidence: Evidence, score: Callable[[Scenario, Layout], float], functions: Sequence[str] = ()
) -> tuple[str, str, dict[str, Any], float, float] | None:
    """The regrouping with the highest score: function, key, settings, score before and after."""
    before = score(evidence.scenario, evidence.layout)
    best: tuple[str, str, dict[str, Any], float, float] | None = None
    for function, key, settings, scenario, layout in _alternatives(evidence):
        if functions and function not in functions:
            continue
        after = score(scenario, layout)
        if best is None or after > best[4]:
            best = (function, key, settings, before, after)
    return best


def _by(key: str) -> str:
    return "in one common department" if key == "all" else f"by {key}"


def _expected_handoffs(scenario: Scenario, layout: Layout) -> float:
    kinds = compile_cases(scenario).type_probability
    return float(kinds @ workload(scenario, layout).handoffs)


def _expected_slowness(scenario: Scenario, layout: Layout) -> float:
    """Work-weighted mean of m_e at the knowledge people settle at."""
    load_ = workload(scenario, layout)
    known = start.knowledge(scenario, load_)
    share = np.concatenate(
        [load_.function_share, load_.product_share, load_.segment_share], axis=1)
    k = scenario.knowledge
    effect = np.repeat(
        [k.function_effect, k.product_effect, k.segment_effect],
        [load_.function_share.shape[1], load_.product_share.shape[1],
         load_.segment_share.shape[1]])
    slow = 1.0 + (effect * share * (1.0 - known)).sum(axis=1)
    return float(np.average(slow, weights=load_.pool_work_h))


def _expected_fit(scenario: Scenario, layout: Layout) -> float:
    """Mean fit when each department offers the mean need of those labelled to it."""
    people = customers.draw(scenario, scenario.seed, 0, 0.0)
    n = people.n_start
    offers = start.offerings(scenario, layout, people, scenario.seed, 0)
    pools = layout.pool_of[scenario.offering_function]
    fits = []
    for p in range(len(scenario.products)):
        unit = layout.pool_unit[pools[p, people.label[:n], people.region[:n]]]
        gap = people.needs[:n, p] - offers[unit, p]
        fits.append(np.exp(-np.sum(gap * gap, axis=1) / (2.0 * scenario.needs.fit_width)).mean())
    return float(np.mean(fits))


# --- the detectors ------------------------------------------------------------------------------


def handoffs(evidence: Evidence) -> Misfit | None:
    """A key that makes cases change departments more often than they need to."""
    best = _best(evidence, lambda s, layout: -_expected_handoffs(s, layout))
    if best is None or best[4] - best[3] < LEAST_HANDOFFS:
        return None
    function, key, settings, before, after = best
    return Misfit(
        "key", function,
        f"{-before:.2f} hand-offs expected per case ({evidence.metric('handoffs_per_case'):.2f} "
        f"in the run, {evidence.metric('transfer_h'):.1f} h of response time between people); "
        f"{-after:.2f} with {function} grouped otherwise",
        f"group {function} {_by(key)}", settings, (after - before) / LEAST_HANDOFFS,
        {"handoffs_expected": -before, "handoffs_expected_changed": -after,
         "transfer_h": evidence.metric("transfer_h")},
    )


def offering(evidence: Evidence) -> Misfit | None:
    """An offering that averages over customers who want different things."""
    holder = list(evidence.scenario.functions)[evidence.scenario.offering_function]
    best = _best(evidence, _expected_fit, [holder])
    if best is None or best[4] - best[3] < LEAST_FIT:
        return None
    _, key, settings, before, after = best
    return Misfit(
        "offering", holder,
        f"fit {evidence.metric('fit'):.3f}; the departments that hold the offering serve mixed "
        f"needs: {before:.3f} expected, {after:.3f} with {holder} grouped otherwise",
        f"group {holder} {_by(key)}", settings, (after - before) / LEAST_FIT,
        {"fit": evidence.metric("fit"), "fit_expected": before, "fit_expected_changed": after},
    )


def knowledge(evidence: Evidence) -> Misfit | None:
    """A key that spreads people over more than they can keep in practice."""
    best = _best(evidence, lambda s, layout: -_expected_slowness(s, layout))
    if best is None or best[4] - best[3] < LEAST_SLOWNESS:
        return None
    function, key, settings, before, after = best
    return Misfit(
        "knowledge", function,
        f"work takes {-before:.2f} times an expert's time at the knowledge people settle at; "
        f"{-after:.2f} times with {function} grouped otherwise",
        f"group {function} {_by(key)}", settings, (after - before) / LEAST_SLOWNESS,
        {"slowness": -before, "slowness_changed": -after},
    )


def pool(evidence: Evidence) -> Misfit | None:
    """A pool in which cases wait far longer than elsewhere."""
    visits, wait = evidence.pools("visits"), evidence.pools("wait")
    filled, touch = evidence.pools("filled"), evidence.pools("touch")
    if len(visits) < 2 or wait.sum() <= 0:
        return None
    mean = wait.sum() / max(visits.sum(), 1.0)
    weight = np.where(visits >= 0.01 * visits.sum(), wait / np.maximum(visits, 1.0), 0.0)
    worst = int(np.argmax(weight))
    ratio = float(weight[worst] / mean)
    if ratio < LEAST_WAITING:
        return None
    name = evidence.layout.pools[worst]
    busy = float(touch[worst] / max(filled[worst], 1e-9))
    change, settings = _helped(evidence, worst)
    heads = int(evidence.results[0].heads[worst])
    return Misfit(
        "pool", name,
        f"a visit waits {weight[worst]:.1f} h, {ratio:.1f} times the firm's mean: {heads} "
        f"{'person' if heads == 1 else 'people'}, {100 * busy:.0f}% busy, "
        f"{100 * wait[worst] / wait.sum():.0f}% of all waiting",
        change, settings, ratio / LEAST_WAITING,
        {"wait_h": float(weight[worst]), "wait_firm_h": float(mean), "utilisation": busy,
         "heads": heads, "share_of_waiting": float(wait[worst] / wait.sum())},
    )


def _helped(evidence: Evidence, place: int) -> tuple[str, dict[str, Any]]:
    """How a pool is relieved: by colleagues of its department, by pooling, by one more person."""
    scenario, layout = evidence.scenario, evidence.layout
    names = list(scenario.functions)
    does = [f for i, f in enumerate(names) if int(layout.pool_functions[place]) >> i & 1]
    mates = int(np.sum(layout.pool_unit == layout.pool_unit[place])) - 1
    cover = [
        c if (c := scenario.functions[f].cover) is not None
        else scenario.cover.minimum_proficiency for f in does
    ]
    licensed = any(scenario.functions[f].licensed for f in does)
    if mates and not licensed and max(cover) > 0.4:
        change = (f"let colleagues of the department help out with {' and '.join(does)} from 40% "
                  "of an expert's speed")
        return change, {"functions": {f: {"cover": 0.4} for f in does}}
    groups = _groups(evidence)
    if groups is not None and len(does) == 1 and groups[does[0]] not in ("function", "all"):
        return (f"pool {does[0]}: group it by function",
                _regrouped(evidence, groups | {does[0]: "function"}))
    heads = {name: int(n) for name, n in
             zip(layout.pools, evidence.results[0].heads, strict=True)}
    heads[layout.pools[place]] += 1
    return (f"one more person in {layout.pools[place]}",
            {"staff": {"heads": sum(heads.values()), "pools": {evidence.structure: heads}}})


def information_path(evidence: Evidence) -> Misfit | None:
    """Those who decide what is offered hear of customers through many levels."""
    scenario, layout = evidence.scenario, evidence.layout
    if scenario.offering.mode != "learned" or scenario.offering.speed <= 0:
        return None
    holder = layout.pool_of[scenario.offering_function]
    visits = evidence.pools("visits")
    levels = np.zeros(len(layout.pools))
    for place in range(len(layout.pools)):
        serves = np.any(layout.pool_of == place, axis=0)
        unit = layout.pool_unit[place]
        steps = layout.unit_distance[unit, layout.pool_unit[holder[serves]]]
        same = holder[serves] == place
        levels[place] = np.mean(np.where(same, 0, np.where(steps == 0, 1, steps)))
    x = scenario.offering.direct_contact
    level = float(np.average(levels, weights=np.maximum(visits, 1e-9)))
    survival = float(np.average(
        x + (1.0 - x) * scenario.offering.signal_survival ** levels,
        weights=np.maximum(visits, 1e-9)))
    if survival >= LEAST_SURVIVAL:
        return None
    more = min(x + 0.3, 1.0)
    return Misfit(
        "information path", list(scenario.functions)[scenario.offering_function],
        f"what visits teach passes {level:.1f} levels to those who decide what is offered; "
        f"{100 * survival:.0f}% of it arrives",
        f"let them take {100 * more:.0f}% of what they know from customers directly "
        f"(now {100 * x:.0f}%)",
        {"offering": {"direct_contact": more}}, LEAST_SURVIVAL / max(survival, 1e-9),
        {"levels": level, "survival": survival},
    )


def staffing(evidence: Evidence) -> Misfit | None:
    """Too few people for the work, or too many."""
    busy = evidence.metric("utilisation")
    heads = int(evidence.results[0].heads.sum())
    step = max(1, round(heads / 20))
    growing = 2 * sum(r.unstable for r in evidence.results) > len(evidence.results)
    more = busy > BUSY or growing
    if not more and busy >= IDLE:
        return None
    if not more and heads - step < len(evidence.layout.pools):
        return None
    wanted = heads + step if more else heads - step
    waits = format_value("response_mean_h", evidence.metric("response_mean_h"))
    return Misfit(
        "staffing", "firm",
        f"people are {100 * busy:.0f}% busy; {100 * evidence.metric('hidden_work_share'):.0f}% of "
        f"their time is reading in, rework and coordination; mean response {waits}"
        + (", and the backlog grows" if growing else ""),
        f"{wanted} people instead of {heads}",
        {"staff": {"heads": wanted, "pools": {}}},
        # Waiting grows without bound as the last spare capacity goes.
        (1.0 - BUSY) / max(1.0 - busy, 0.01) if more else IDLE / max(busy, 1e-9),
        {"utilisation": busy, "heads": heads, "heads_changed": wanted},
    )


def labels(evidence: Evidence) -> Misfit | None:
    """Customers who land in departments meant for others."""
    share = evidence.total("misrouted") / max(evidence.total("all_visits"), 1.0)
    accuracy = evidence.scenario.labels.accuracy
    if share < LEAST_MISROUTED or accuracy >= 1.0:
        return None
    better = min(1.0, accuracy + 0.1)
    return Misfit(
        "labels", "firm",
        f"{100 * share:.0f}% of visits are done in a department meant for another segment; "
        f"{100 * accuracy:.0f}% of customers are labelled right",
        f"find out more about customers: {100 * better:.0f}% labelled right",
        {"labels": {"accuracy": better}}, share / LEAST_MISROUTED,
        {"misrouted": share, "accuracy": accuracy, "accuracy_changed": better},
    )


DETECTORS = (pool, handoffs, offering, knowledge, information_path, staffing, labels)
