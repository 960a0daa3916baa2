"""The log of visits: every case of every customer, department by department.

Owns: how the engine's rows of events become legs (a wait and a visit) and, in words, an event
log in the columns of process mining. Never does: run anything, or average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.arrays import Journey
from sim.records import Floats, Layout, Stage

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

Longs = NDArray[np.int64]

_BEGINS = (Journey.STARTS, Journey.SENT_BACK)
_ENDED = (Journey.CLOSES, Journey.ABANDONS)


@dataclass(frozen=True)
class Visits:
    """Cases and the legs of their way; times in working hours from the start of measuring."""

    customer: Longs
    """[C] customer of each case; cases in order of customer and number."""
    number: Longs
    """[C] the customer's n-th case, from 0."""
    opened: Floats
    """[C] h; of a case that was open when the log began: its first event in it."""
    closed: Floats
    """[C] h, NaN while open."""
    satisfaction: Floats
    """[C] 0 to 1 at the close, NaN while open."""
    abandoned: NDArray[np.bool_]
    """[C] the customer gave up."""
    case: Longs
    """[V] row of the case of each leg; legs in order of case and time."""
    pool: Longs
    """[V] pool, counted through all structures of the run (`places`)."""
    person: Longs
    """[V] number of the post, -1 where nobody has served yet."""
    tasks: Longs
    """[V] bits of the tasks of the visit."""
    arrived: Floats
    """[V] h: joined the queue."""
    started: Floats
    """[V] h: was served, NaN if never."""
    ended: Floats
    """[V] h: end of the visit, or gave up; NaN if still waiting."""
    handed: Floats
    """[H] h: times of hand-offs between departments, in order."""


@dataclass(frozen=True)
class Place:
    """A pool of people, the department it belongs to, and the structure of the run."""

    stage: int
    """0 for the structure the run began with; one more after each change."""
    department: str
    pool: str


def places(layouts: Sequence[Layout]) -> list[Place]:
    """All pools of a run, those of the first structure first."""
    return [Place(stage, made.units[int(made.pool_unit[p])], name)
            for stage, made in enumerate(layouts) for p, name in enumerate(made.pools)]


def visits(rows: NDArray[Any], layouts: Sequence[Layout], past: Sequence[Stage],
           warm_up_h: float) -> Visits:
    """The legs in a journey log of everybody.

    Args:
        rows: Journey log (dtype `engine.arrays.JOURNEY`) in the order of time.
        layouts: Structures of the run in order.
        past: Those given up on the way: how many rows were written before each change.
        warm_up_h: Start of measuring, hours from the start of the run.
    """
    pool = rows["pool"].astype(np.int64)
    offsets = np.cumsum([0, *(len(made.pools) for made in layouts)])
    stage = np.searchsorted([s.journey_rows for s in past], np.arange(len(rows)), side="right")
    pool = np.where(pool >= 0, pool + offsets[stage], -1)
    unit_of = np.array([1000 * s + int(u) for s, made in enumerate(layouts)
                        for u in made.pool_unit], dtype=np.int64)

    # One key of both, sorted stably: much faster than two.
    key = rows["customer"].astype(np.int64) << 32 | rows["number"].astype(np.int64)
    order = np.argsort(key, kind="stable")
    rows, pool = rows[order], pool[order]
    kind, time = rows["kind"], rows["time"] - warm_up_h
    first = np.ones(len(rows), dtype=bool)
    key = key[order]
    first[1:] = key[1:] != key[:-1]
    case = np.cumsum(first) - 1
    n = int(case[-1]) + 1 if len(rows) else 0

    closed, satisfaction = np.full(n, np.nan), np.full(n, np.nan)
    end = np.isin(kind, _ENDED)
    closed[case[end]] = time[end]
    satisfaction[case[end]] = rows["value"][end]
    abandoned = np.zeros(n, dtype=bool)
    abandoned[case[kind == Journey.ABANDONS]] = True

    # A leg begins where a case joins a queue, or is served at once.
    queued = kind == Journey.QUEUES
    same = np.zeros(len(rows), dtype=bool)
    same[1:] = ~first[1:]
    after_queue = np.zeros(len(rows), dtype=bool)
    after_queue[1:] = queued[:-1] & same[1:]
    served = np.isin(kind, _BEGINS)
    begins = queued | (served & ~after_queue)
    at = np.flatnonzero(begins)
    waited = queued[at]
    following = np.minimum(at + 1, len(rows) - 1)
    goes_on = (at + 1 < len(rows)) & same[following]
    got = np.where(waited, following, at)
    is_served = np.where(waited, goes_on & served[following], True)
    gave_up = waited & goes_on & (kind[following] == Journey.ABANDONS)
    started = np.where(is_served, time[got], np.nan)
    length = np.where(kind[got] == Journey.STARTS, rows["value"][got], 0.0)
    ended = np.where(is_served, started + length, np.where(gave_up, time[got], np.nan))

    moved = np.flatnonzero(kind == Journey.HANDS_OFF)
    leg_of = np.searchsorted(at, moved) - 1  # the leg before
    known = (leg_of >= 0) & (case[at[np.maximum(leg_of, 0)]] == case[moved]) if len(at) else (
        np.zeros(len(moved), dtype=bool))
    moved, leg_of = moved[known], leg_of[known]
    changed = unit_of[pool[moved]] != unit_of[pool[at[leg_of]]]
    handed = np.concatenate([time[moved[changed]], time[kind == Journey.GOES_ASTRAY]])
    return Visits(
        customer=rows["customer"][first].astype(np.int64),
        number=rows["number"][first].astype(np.int64),
        opened=time[first],
        closed=closed, satisfaction=satisfaction, abandoned=abandoned,
        case=case[at], pool=pool[at],
        person=np.where(is_served, rows["person"][got], -1).astype(np.int64),
        tasks=rows["tasks"][at].astype(np.int64),
        arrived=time[at], started=started, ended=ended, handed=np.sort(handed),
    )


EVENT_LOG = ("case_id", "activity", "resource", "start_time", "end_time", "department", "customer",
             "arrival_time", "satisfaction")
"""Columns of the event log: times in working hours from the start of measuring, satisfaction of
the case in points."""


def event_log(scenario: Scenario, found: Visits, where: Sequence[Place]) -> pd.DataFrame:
    """The visits that were served as an event log, in order of start.

    Args:
        scenario: For the names of functions.
        found: Visits of one run.
        where: Its pools (`places`).
    """
    import pandas as pd

    functions = tuple(scenario.functions)
    rows = np.flatnonzero(np.isfinite(found.started))
    rows = rows[np.argsort(found.started[rows], kind="stable")]
    return pd.DataFrame({
        "case_id": [f"{found.customer[c]}-{found.number[c]}" for c in found.case[rows]],
        "activity": [activity(int(t), functions) for t in found.tasks[rows]],
        "resource": [f"{where[p].pool} {who}" for p, who in
                     zip(found.pool[rows], found.person[rows], strict=True)],
        "start_time": found.started[rows],
        "end_time": found.ended[rows],
        "department": [where[p].department for p in found.pool[rows]],
        "customer": found.customer[found.case[rows]],
        "arrival_time": found.arrived[rows],
        "satisfaction": 100.0 * found.satisfaction[found.case[rows]],
    }, columns=list(EVENT_LOG))


def activity(tasks: int, functions: Sequence[str]) -> str:
    """Functions of a bit mask of tasks: bit 2 f + j is function f for the j-th product."""
    named = [name for f, name in enumerate(functions) if tasks >> (2 * f) & 3]
    return " + ".join(named)
