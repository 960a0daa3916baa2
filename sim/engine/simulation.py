"""One run, start to end, without anybody watching.

Owns: `prepare` (a structure staffed and settled by pilot rounds), `simulate` (one replication),
and `Simulation`, the resumable run that the Mesa model steps through. Never does: compare.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.arrays import Status
from sim.engine.journal import EVERYBODY
from sim.engine.loop import advance
from sim.engine.outcome import LEAST_VISITS, collect, difference
from sim.engine.pack import pack
from sim.engine.reorganise import Target, reorganise
from sim.engine.world import World
from sim.population import customers
from sim.population.start import own_targets
from sim.records import (
    Floats,
    Layout,
    Population,
    RunResult,
    Stage,
    Start,
    Workload,
)
from sim.structures import allocate, build, explicit_heads, workload

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

PILOT_REPLICATION = 2**31
"""Reserved index: no replication of an experiment is ever this one (R4)."""
PILOT_ROUNDS = 3
PILOT_HOURS = 1000.0


@dataclass(frozen=True)
class Prepared:
    """A structure staffed for a scenario, ready to be run any number of times."""

    scenario: Scenario
    structure: str
    seed: int
    layout: Layout
    workload: Workload
    start: Start
    offered_h: Floats
    """[L] offered work per pool measured in the last pilot round, hours per hour (Erlangs)."""
    changes: tuple[Change, ...] = ()
    """Changes of structure on the way, in order of time (M22)."""


@dataclass(frozen=True)
class Change:
    """A change of structure in the middle of a run."""

    at_h: float
    """Hours from the end of warm-up."""
    to: Prepared


def prepare(
    scenario: Scenario, structure: str, *, heads: int | None = None, seed: int | None = None
) -> Prepared:
    """Staff a structure, and the one it changes to if the scenario plans a reorganisation.

    Raises:
        InfeasibleStructure, InputError: As `structures.build`.
    """
    prepared = settle(scenario, structure, heads=heads, seed=seed)
    plan = scenario.reorganisation
    if not plan.to or plan.to == structure:
        return prepared
    people = int(prepared.start.heads.sum())
    later = settle(scenario, plan.to, heads=people, seed=prepared.seed)
    changes = [Change(plan.at, later)]
    if plan.reverse_after > 0:
        changes.append(Change(plan.at + plan.reverse_after, prepared))
    return replace(prepared, changes=tuple(changes))


def settle(
    scenario: Scenario, structure: str, *, heads: int | None = None, seed: int | None = None
) -> Prepared:
    """Staff a structure from measured work and find where its customers' expectations settle.

    Three pilot rounds of 1000 h under a reserved replication, without re-balance: the first
    allocated on nominal work, each next on the offered work of the last (R4, R41, R45). Explicit
    heads per pool are kept; then one round suffices, and none if expectation is given.

    Raises:
        InfeasibleStructure, InputError: As `structures.build`.
    """
    seed = scenario.seed if seed is None else seed
    explicit = scenario.staff.pools.get(structure)
    if explicit and (heads is None or heads == sum(explicit.values())):
        total = sum(explicit.values())
    else:
        explicit, total = None, scenario.staff.heads if heads is None else heads
    layout = build(scenario, structure, total)
    fixed = explicit_heads(scenario, layout) if explicit else None
    nominal = workload(scenario, layout)
    start = Start(heads=allocate(nominal.pool_work_h, total) if fixed is None else fixed)
    offered = nominal.pool_work_h
    given = scenario.satisfaction.expectation_start == "given"
    rounds = PILOT_ROUNDS if fixed is None else 0 if given else 1
    for _ in range(rounds):
        prepared = Prepared(scenario, structure, seed, layout, nominal, start, offered)
        start, offered = _piloted(prepared)
        if fixed is None:
            start = replace(start, heads=allocate(offered, total))
    return Prepared(scenario, structure, seed, layout, nominal, start, offered)


def settled(prepared: Prepared, scenario: Scenario) -> Prepared:
    """The same structure with the same heads in another scenario with the same names.

    One pilot round finds where its customers' expectations settle there, none if they are given.
    """
    made = replace(prepared, scenario=scenario, workload=workload(scenario, prepared.layout),
                   start=Start(heads=prepared.start.heads))
    if scenario.satisfaction.expectation_start == "given":
        return made
    start, offered = _piloted(made)
    return replace(made, start=start, offered_h=offered)


def _piloted(prepared: Prepared) -> tuple[Start, Floats]:
    """One pilot round: the same heads, what its customers made of it, and the offered work."""
    # All of it is warm-up: the work measured is that of the customers at the start.
    pilot = Simulation(prepared, PILOT_REPLICATION, warm_up_h=PILOT_HOURS, window_h=0.0,
                       period_h=PILOT_HOURS, rebalance=False)
    pilot.run_to(PILOT_HOURS)
    parts = pilot.world.segment_totals
    cases = parts["closed"] + parts["abandoned"]
    heads = prepared.start.heads
    if cases.sum() == 0:
        return Start(heads=heads), pilot.offered_work()
    overall = float(cases.sum())
    seen = cases > 0
    here = np.where(seen, cases, 1.0)
    start = Start(
        heads=heads,
        quality=np.where(seen, parts["quality"] / here, parts["quality"].sum() / overall),
        loyalty=np.where(seen, parts["satisfaction"] / here,
                         parts["satisfaction"].sum() / overall),
    )
    return start, pilot.offered_work()


class Populations:
    """Customers drawn lately: every structure of a comparison meets the same ones.

    A draw depends on its key alone, so keeping it only saves time. Few rows are kept, so that a
    firm with a million customers is drawn anew rather than held several times in memory, and few
    draws, so that a server of many small firms does not hold what nobody will ask for again.
    """

    def __init__(self, rows: int = 400_000, draws: int = 256) -> None:
        self._rows, self._draws = rows, draws
        self._held = 0
        self._kept: dict[tuple[Any, ...], tuple[Scenario, Population]] = {}
        self._lock = threading.Lock()

    def draw(self, scenario: Scenario, seed: int, replication: int, end_h: float,
             mouth: int) -> Population:
        """As `population.customers.draw`."""
        key = (id(scenario), seed, replication, end_h, mouth)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept[0] is scenario:
            return kept[1]
        drawn = customers.draw(scenario, seed, replication, end_h, mouth)
        with self._lock:
            self._drop(key)
            self._kept[key] = (scenario, drawn)
            self._held += len(drawn.key)
            while self._held > self._rows or len(self._kept) > self._draws:
                self._drop(next(iter(self._kept)))
        return drawn

    def clear(self) -> None:
        """Keep none."""
        with self._lock:
            self._kept.clear()
            self._held = 0

    def _drop(self, key: tuple[Any, ...]) -> None:
        _, gone = self._kept.pop(key, (None, None))
        self._held -= 0 if gone is None else len(gone.key)


_POPULATIONS = Populations()


def forget_customers() -> None:
    """Free the memory of customers drawn lately; whoever meets them again draws the same ones."""
    _POPULATIONS.clear()


class Simulation:
    """A run that can be advanced in pieces; the pieces do not change the path."""

    def __init__(
        self,
        prepared: Prepared,
        replication: int,
        *,
        warm_up_h: float | None = None,
        window_h: float | None = None,
        period_h: float | None = None,
        seed: int | None = None,
        rebalance: bool = True,
        journey: int | None = None,
        case_log: bool = False,
    ) -> None:
        scenario = prepared.scenario
        time = scenario.time
        self.prepared = prepared
        self.replication = replication
        self.seed = prepared.seed if seed is None else seed
        self.warm_up_h = time.warm_up if warm_up_h is None else warm_up_h
        self.window_h = time.horizon if window_h is None else window_h
        self.period_h = time.period if period_h is None else period_h
        self.end_h = self.warm_up_h + self.window_h
        self.snapshot_times = snapshot_times(self.warm_up_h, self.window_h, self.period_h)
        count = scenario.customers.count
        if journey is not None and journey != EVERYBODY and not 0 <= journey < count:
            raise ValueError(
                f"customer {journey} is not one of 0 to {count - 1}"
            )
        self.layout = prepared.layout
        self.past: list[Stage] = []
        self._changes = [
            change for change in prepared.changes if change.at_h < self.window_h
        ]
        self._mouth = self._first_mouth()
        self.world: World = pack(
            scenario, prepared.layout, prepared.workload, prepared.start,
            self._draw(), seed=self.seed, replication=replication,
            warm_up_h=self.warm_up_h, snapshot_times=self.snapshot_times,
            rebalance=rebalance, journey=journey, case_log=case_log,
        )
        self.run_to(0.0)

    def _first_mouth(self) -> int:
        scenario = self.prepared.scenario
        caps = [scenario.market.churn_max if s.churn_max is None else s.churn_max
                for s in scenario.segments.values()]
        if not scenario.market.inflow or max(caps) == 0 or self.window_h == 0:
            return 0
        return 128 + scenario.customers.count // 16

    def _draw(self) -> Population:
        return _POPULATIONS.draw(self.prepared.scenario, self.seed, self.replication, self.end_h,
                                 self._mouth)

    @property
    def now(self) -> float:
        """Working hours since the start of the run, warm-up included."""
        return float(self.world.clock[0]["now"])

    def run_to(self, until: float) -> None:
        """Advance to `until` hours (warm-up included), making room as needed.

        A change of structure comes after everything else of its instant.
        """
        while self._changes and self.warm_up_h + self._changes[0].at_h <= until:
            self._advance(self.warm_up_h + self._changes[0].at_h)
            self._reorganise(self._changes.pop(0).to)
        self._advance(until)

    def _advance(self, until: float) -> None:
        while (status := advance(self.world, until)) != Status.DONE:
            self._grow(Status(status))

    def _reorganise(self, to: Prepared) -> None:
        w = self.world
        old, start = self.layout, int(np.searchsorted(self.snapshot_times, self.warm_up_h))
        target = Target(to.layout, to.workload, to.start.heads, to.offered_h)
        scenario = self.prepared.scenario
        own = own_targets(scenario, to.layout, self._draw(), self.seed, self.replication)
        self.world = reorganise(w, scenario, old, target, own)
        self.past.append(Stage(
            old, self.now - self.warm_up_h,
            difference(w.unit_totals, w.unit_snapshots[start]),
            difference(w.pool_totals, w.pool_snapshots[start]),
            int(w.clock[0]["journey_n"]),
        ))
        self.layout = to.layout

    def spells(self, from_h: float, until_h: float) -> list[tuple[Layout, float]]:
        """Structures in force between two times of the window, and for how many hours."""
        result, since = [], from_h
        for stage in self.past:
            if (end := min(stage.until_h, until_h)) > since:
                result.append((stage.layout, end - since))
                since = end
        if until_h > since:
            result.append((self.layout, until_h - since))
        return result

    def _grow(self, status: Status) -> None:
        w = self.world
        if status == Status.GROW_CASES:
            n = len(w.cases)
            rows = np.zeros(2 * n, dtype=w.cases.dtype)
            rows[:n] = w.cases
            rows["link"][n:] = np.append(np.arange(n + 1, 2 * n), -1)
            w.clock[0]["free_case"] = n
            contacts = _longer(w.contacts, 2 * n) if w.par[0]["regard"] else w.contacts
            self.world = w.replaced(cases=rows, contacts=contacts,
                                    task_hours=_longer(w.task_hours, 2 * n),
                                    done_by=_longer(w.done_by, 2 * len(w.done_by)))
        elif status == Status.GROW_HEAP:
            self.world = w.replaced(heap=_longer(w.heap, 2 * len(w.heap)))
        elif status == Status.GROW_CALENDAR:
            w.clock[0]["trouble"] = Status.DONE
            self.world = w.replaced(near=_longer(w.near, 2 * len(w.near)))
        elif status == Status.GROW_LOG:
            self.world = w.replaced(
                case_log=_longer(w.case_log, max(4096, 2 * len(w.case_log))
                                 if w.par[0]["case_log"] else 0),
                journey=_longer(w.journey, 2 * len(w.journey)),
            )
        elif status == Status.GROW_MOUTH:
            before = len(w.customers)
            self._mouth *= 2
            more = self._draw()
            records = _longer(w.customers, len(more.key))
            new = records[before:]
            new["next_arrival"] = np.inf
            new["link"] = -1
            new["segment"] = more.segment[before:]
            new["label"] = more.label[before:]
            new["region"] = more.region[before:]
            new["last_satisfaction"] = np.nan
            new["left_at"] = np.nan
            w.par[0]["mouth_rows"] = self._mouth
            profiles = w.profiles
            if w.par[0]["relations"]:
                profiles = _longer(profiles, len(records))
            self.world = w.replaced(customers=records, profiles=profiles, needs=more.needs,
                                    weights=more.weights, excluded=more.excluded)
        else:
            raise RuntimeError(f"the event loop lost room: {status.name}")

    def offered_work(self) -> Floats:
        """Offered work [L] since time 0, hours per hour: visits that joined x mean touch (R4)."""
        sums = self.world.pool_totals
        served = np.maximum(sums["visits"], 1.0)
        touch = np.where(sums["visits"] >= LEAST_VISITS, sums["touch"] / served,
                         self.world.pools["expected_touch"])
        return np.asarray(sums["joins"] * touch / max(self.now, 1e-9))

    def result(self) -> RunResult:
        """The outcome of a finished run."""
        return collect(self)


def _longer(rows: NDArray[Any], n: int) -> NDArray[Any]:
    longer = np.zeros((n, *rows.shape[1:]), dtype=rows.dtype)
    longer[: len(rows)] = rows
    return longer


def snapshot_times(warm_up_h: float, window_h: float, period_h: float) -> Floats:
    """Ends of periods: counted from the start in warm-up, from its end in the window."""
    before = np.arange(1, int(np.ceil(warm_up_h / period_h - 1e-9)) + 1) * period_h
    before = before[before < warm_up_h - 1e-9]
    inside = np.arange(1, int(np.ceil(window_h / period_h - 1e-9)) + 1) * period_h
    inside = inside[inside < window_h - 1e-9]
    return np.concatenate(
        [before, [warm_up_h], warm_up_h + inside, [warm_up_h + window_h]]
    ).astype(np.float64)


def simulate(
    prepared: Prepared,
    replication: int,
    *,
    seed: int | None = None,
    journey: int | None = None,
    case_log: bool = False,
) -> RunResult:
    """Run one replication of a prepared structure.

    Args:
        prepared: From `prepare`.
        replication: Index of the replication, from 0; luck depends on it and on the seed alone.
        seed: Root seed; default that of `prepared`.
        journey: A customer (row) to follow, or `journal.EVERYBODY`; the result's `journey` holds
            the rows.
        case_log: Keep one row per closed case in the result's `case_log`.
    """
    run = Simulation(prepared, replication, seed=seed, journey=journey, case_log=case_log)
    run.run_to(run.end_h)
    return run.result()
