"""One run as plain data that can be played: who was where, and what came of it.

Owns: what a recorded run holds and how small it is. Never does: draw, average, or judge; it is
one life of a firm, an illustration and not evidence.

Times are whole hundredths of a working hour from the start of measuring, satisfaction whole
points, -1 where there is none yet. Everything fits into JSON.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engine.arrays import CustomerStatus, PersonState
from sim.engine.journal import EVERYBODY
from sim.experiment.answer import plain
from sim.experiment.monthly import block_ends, curves
from sim.experiment.visits import Place, Visits, places, visits
from sim.metrics.registry import RESPONSE_PARTS, VERDICT_METRICS
from sim.records import RunResult
from sim.scenario.schema import HOURS_PER_MONTH, HOURS_PER_WEEK
from sim.structures.presets import title

if TYPE_CHECKING:
    from sim.engine.simulation import Prepared, Simulation
    from sim.scenario.schema import Scenario

TICKS_PER_H = 100
CASES_SHOWN = 3600
"""Of a larger firm fewer weeks are recorded, so that the picture can be read and sent."""
CUSTOMERS_SHOWN = 400
LEAD_CASES = 800
"""Cases that may come before the picture begins, so that those still open have their past."""
MOST_PEOPLE = 1000
_STATES = {int(PersonState.VACANT): 0, int(PersonState.LEARNING): 2}


@dataclass(frozen=True)
class Recorded:
    """A run that was watched from beginning to end."""

    scenario: Scenario = field(repr=False)
    structure: str
    result: RunResult = field(repr=False)
    shown_h: float
    """How much of the measured time the picture holds, working hours."""
    visits: Visits = field(repr=False)
    """Of the picture; times from the start of measuring."""
    places: list[Place]
    first: dict[str, Any] = field(repr=False)
    """The customers and staff as the picture begins, and every change up to its end."""

    def to_json(self) -> dict[str, Any]:
        """As plain data for the player."""
        result, scenario = self.result, self.scenario
        over_time = curves(scenario, result)
        shown = VERDICT_METRICS + RESPONSE_PARTS + ("handoffs_per_case",)
        rooms = _rooms(self)
        found: dict[str, Any] = plain({
            "structure": self.structure,
            "title": title(scenario, self.structure),
            "rooms": rooms[0],
            "metrics": {id: result.metrics.get(id) for id in shown},
            "series": {"end_h": block_ends(result).tolist()}
            | {id: values.tolist() for id, values in over_time.items()},
            "unstable": bool(result.unstable),
        })
        picture = _picture(self.visits, self.shown_h)
        first = dict(self.first)
        before = first.pop("before")
        others = sorted({c for c in picture["cases"]["customer"]
                         if CUSTOMERS_SHOWN <= c < len(before)})
        first["customers"] = first["customers"] | {"others": [[c, before[c]] for c in others]}
        return found | {"pools": rooms[1], **first, **picture}


def picture_hours(scenario: Scenario, cases: int = CASES_SHOWN) -> float:
    """How long the picture can be: whole weeks until about so many cases have come."""
    hours = cases / cases_per_hour(scenario)
    horizon = scenario.time.horizon
    if hours >= horizon:
        return horizon
    return min(horizon, max(1.0, math.floor(hours / HOURS_PER_WEEK)) * HOURS_PER_WEEK)


def cases_per_hour(scenario: Scenario) -> float:
    """Expected cases of the customers at the start."""
    volume = math.fsum(s.share * s.volume for s in scenario.segments.values())
    customers = scenario.customers
    return customers.count * customers.cases_per_month * volume / HOURS_PER_MONTH


def record(prepared: Prepared, replication: int, *, seed: int | None = None,
           cases: int = CASES_SHOWN) -> Recorded:
    """Run one replication and write down what happens; the run is the same as unwatched.

    Args:
        prepared: From `engine.simulation.prepare`.
        replication: Index of the replication, from 0.
        seed: Root seed; default that of `prepared`.
        cases: About how many the picture holds; of more, fewer weeks are recorded.
    """
    from sim.engine.simulation import Simulation

    scenario = prepared.scenario
    run = Simulation(prepared, replication, seed=seed, journey=EVERYBODY)
    lead = min(run.warm_up_h, LEAD_CASES / cases_per_hour(scenario))
    run.world.par[0]["journey_customer"] = -1
    run.run_to(run.warm_up_h - lead)
    run.world.par[0]["journey_customer"] = EVERYBODY
    run.run_to(run.warm_up_h)
    shown_h = picture_hours(scenario, cases)
    watch = _Watch(run)
    weeks = np.append(np.arange(HOURS_PER_WEEK, shown_h - 1e-6, HOURS_PER_WEEK), shown_h)
    for hours in weeks:
        run.run_to(run.warm_up_h + hours)
        watch.look(float(hours))
    run.world.par[0]["journey_customer"] = -1
    layouts = [*(stage.layout for stage in run.past), run.layout]
    past = list(run.past)
    run.run_to(run.end_h)
    result = run.result()
    rows = result.journey if result.journey is not None else np.zeros(0)
    return Recorded(scenario, prepared.structure, result, shown_h,
                    visits(rows, layouts, past, run.warm_up_h), places(layouts),
                    watch.told(shown_h))


class _Watch:
    """What the log of events does not say: who is there, customers and staff, week by week."""

    def __init__(self, run: Simulation) -> None:
        self.run = run
        n = run.prepared.scenario.customers.count
        self.count = n
        self.active = run.world.customers["status"] == CustomerStatus.ACTIVE
        people = self._people()
        self.people = people
        self.segment = run.world.customers["segment"][:n].tolist()
        self.satisfaction = _points(run.world.customers["last_satisfaction"][:n])
        self.start = people.tolist()
        self.changes: list[list[int]] = []
        self.joined: list[list[int]] = []

    def _people(self) -> Any:
        """[N, 2] pool through all structures of the run (-1 where cut) and state of each post."""
        w = self.run.world
        offset = sum(len(stage.layout.pools) for stage in self.run.past)
        state = np.array([_STATES.get(int(s), 1) for s in w.people["state"]], dtype=np.int64)
        return np.column_stack([w.people["pool"] + offset, state])[:MOST_PEOPLE]

    def look(self, hours: float) -> None:
        """Note what has changed since last time."""
        now = self._people()
        n = min(len(now), len(self.people))
        tick = _tick(hours)
        for i in np.flatnonzero((now[:n] != self.people[:n]).any(axis=1)):
            self.changes.append([tick, int(i), int(now[i, 0]), int(now[i, 1])])
        self.changes += [[tick, i, int(now[i, 0]), int(now[i, 1])] for i in range(n, len(now))]
        self.people = now
        customers = self.run.world.customers
        active = customers["status"] == CustomerStatus.ACTIVE
        before = np.zeros(len(active), dtype=bool)
        before[:len(self.active)] = self.active
        self.joined += [[tick, int(c), int(customers["segment"][c])]
                        for c in np.flatnonzero(active & ~before)]
        self.active = active

    def told(self, shown_h: float) -> dict[str, Any]:
        """As plain data; of many customers the first are shown."""
        left = self.run.world.customers["left_at"].astype(np.float64) - self.run.warm_up_h
        gone = np.flatnonzero((left > 0.0) & (left <= shown_h))
        gone = gone[np.argsort(left[gone], kind="stable")]
        return {
            "before": self.satisfaction,
            "people": {"start": self.start, "changes": self.changes},
            "customers": {
                "count": self.count,
                "segment": self.segment[:CUSTOMERS_SHOWN],
                "satisfaction": self.satisfaction[:CUSTOMERS_SHOWN],
                "joined": self.joined,
                "left": [[_tick(float(left[c])), int(c)] for c in gone],
            },
        }


def _rooms(recorded: Recorded) -> tuple[list[dict[str, Any]], list[int]]:
    """Departments in order, and the department of each pool."""
    index: dict[tuple[int, str], int] = {}
    of_pool = []
    for place in recorded.places:
        key = (place.stage, place.department)
        of_pool.append(index.setdefault(key, len(index)))
    heads = [0] * len(index)
    for pool, state in recorded.first["people"]["start"]:
        if 0 <= pool < len(of_pool) and state >= 0:
            heads[of_pool[pool]] += 1
    return [{"name": name, "stage": stage, "heads": heads[i]}
            for (stage, name), i in index.items()], of_pool


def _picture(found: Visits, shown_h: float) -> dict[str, Any]:
    """Cases that are open at any time of the picture, and their legs."""
    closed = np.where(np.isnan(found.closed), np.inf, found.closed)
    keep = (closed > 0.0) & (found.opened <= shown_h)
    new = np.cumsum(keep) - 1
    legs = keep[found.case]
    never = _tick(shown_h) * 4
    return {
        "cases": {
            "customer": found.customer[keep].tolist(),
            "opened": _ticks(found.opened[keep], never),
            "closed": _ticks(found.closed[keep], never),
            "satisfaction": _points(found.satisfaction[keep]),
            "abandoned": np.flatnonzero(found.abandoned[keep]).tolist(),
        },
        "legs": {
            "case": new[found.case[legs]].tolist(),
            "pool": found.pool[legs].tolist(),
            "person": found.person[legs].tolist(),
            "arrived": _ticks(found.arrived[legs], never),
            "started": _ticks(found.started[legs], never),
            "ended": _ticks(found.ended[legs], never),
        },
        "handed": _ticks(found.handed[(found.handed > 0.0) & (found.handed <= shown_h)], never),
    }


def _tick(hours: float) -> int:
    return round(hours * TICKS_PER_H)


def _ticks(hours: Any, never: int) -> list[int]:
    """Hundredths of an hour; `never` for what has not happened."""
    made = np.where(np.isnan(hours), never, np.rint(hours * TICKS_PER_H))
    kept: list[int] = np.minimum(made, never).astype(np.int64).tolist()
    return kept


def _points(values: Any) -> list[int]:
    """Satisfaction in whole points, -1 for none."""
    points: list[int] = np.where(np.isnan(values), -1, np.rint(100.0 * values)).astype(int).tolist()
    return points
