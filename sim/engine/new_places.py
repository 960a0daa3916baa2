"""Everybody and everything takes the place that a changed structure gives them (R23).

Owns: what the loop does once, before it goes on after a change of structure: pools named anew in
every case, visits of vanished pools sent on, teams cut, idle people put in line. Never does:
decide who goes where (`reorganise.py`).
"""

from __future__ import annotations

import math

from sim.engine.arrays import PersonState
from sim.engine.astray import put_through
from sim.engine.calendar import APPROVED, KIND_BITS, LANDING
from sim.engine.posts import count_leads, form_teams, look
from sim.engine.queues import become_idle
from sim.engine.routing import task_pool, visit_tasks
from sim.jit import kernel, lowest

IDLE, BUSY = int(PersonState.IDLE), int(PersonState.BUSY)


@kernel
def renamed(w, case, pool, tasks):
    """The pool as it is numbered now; for one that is no more, whoever does its first task."""
    if w.kept[pool] >= 0:
        return w.kept[pool]
    return task_pool(w, case, lowest(tasks))


@kernel
def remember_anew(w, case):
    """Name the pools that a case remembers as they are numbered now."""
    record = w.cases[case]
    if record["visits"] > 0 and record["home"] >= 0:
        record["home"] = w.heirs[record["home"]]
    for j in range(record["products"]):
        pool = record["offering_pool"][j]
        if pool >= 0:
            task = 2 * w.par[0]["offering_function"] + j
            record["offering_pool"][j] = renamed(w, case, pool, 1 << task)
    if record["last_pool"] >= 0:
        tasks = record["last_errors"]
        if tasks == 0:  # nothing can be sent back there: any valid number will do
            tasks = record["visit"]
        record["last_pool"] = renamed(w, case, record["last_pool"], tasks)
    if record["redoing"] & 4:
        pool = record["finder_pool"]
        record["finder_pool"] = renamed(w, case, pool, record["finder_visit"])
        if w.kept[pool] < 0:
            record["redoing"] = record["redoing"] & ~4
            record["finder_visit"] = visit_tasks(w, case, record["finder_pool"])
            record["redoing"] = record["redoing"] | 4


@kernel
def reroute(w, case):
    """Give the next visit of a case to the pool in charge now; what that can do at once it does.

    Errors that are to be redone stay one visit, whoever gets it.
    """
    record = w.cases[case]
    pool = record["pool"]
    record["pool"] = renamed(w, case, pool, record["visit"])
    if w.kept[pool] < 0 and record["redoing"] & 4 == 0:
        record["visit"] = visit_tasks(w, case, record["pool"])


@kernel
def take_places(w):
    """Go on under a changed structure."""
    now = w.clock[0]["now"]
    for unit in range(len(w.units)):
        w.units[unit]["waiting"] = 0
    for queue in range(len(w.lines)):
        for rank in range(w.lines.shape[1]):
            case = w.lines[queue, rank]["head"]
            while case >= 0:
                remember_anew(w, case)
                reroute(w, case)
                w.units[w.pools[w.cases[case]["pool"]]["unit"]]["waiting"] += 1
                if w.par[0]["pressure"]:
                    w.pools[queue]["waiting"] += 1
                case = w.cases[case]["link"]
    for place in range(w.clock[0]["heap_n"]):
        if w.heap[place]["order"] >> KIND_BITS == APPROVED:
            case = w.heap[place]["item"]
            remember_anew(w, case)
            w.cases[case]["pool"] = w.cases[case]["last_pool"]
        if w.heap[place]["order"] >> KIND_BITS == LANDING:
            case = w.heap[place]["item"] & 0xFFFFFFFF
            stamp = w.heap[place]["item"] >> 32
            if stamp != 0 and w.cases[case]["stamp"] != stamp:
                continue
            remember_anew(w, case)
            if w.cases[case]["pool"] >= 0:
                reroute(w, case)
    for pool in range(len(w.pools)):
        w.pools[pool]["idle_head"] = -1
        w.pools[pool]["idle_tail"] = -1
    for person in range(len(w.people)):
        worker = w.people[person]
        if worker["state"] == BUSY:
            case = worker["case"]
            record = w.cases[case]
            remember_anew(w, case)
            # An offering that is being made belongs to whoever is to make it from now on.
            holding = record["visit"] & (3 << 2 * w.par[0]["offering_function"])
            record["pool"] = renamed(
                w, case, record["pool"], holding if holding != 0 else record["visit"]
            )
        elif worker["state"] == IDLE:
            become_idle(w.pools, w.people, person, worker["since"])
    for unit in range(len(w.units)):
        if w.units[unit]["recut"]:
            form_teams(w, unit)
    count_leads(w)
    case = w.clock[0]["displaced"]
    while case >= 0:
        following = w.cases[case]["link"]
        remember_anew(w, case)
        reroute(w, case)
        record = w.cases[case]
        if record["rework_since"] < 0.0 and record["first_close"] == math.inf:
            record["queue"] += now - record["since"]
        put_through(w, case, now)
        case = following
    for person in range(len(w.people)):
        if w.people[person]["state"] == IDLE and w.units[w.people[person]["unit"]]["recut"]:
            look(w, person, now)
    for unit in range(len(w.units)):
        w.units[unit]["recut"] = 0
    w.clock[0]["begun"] = 1
