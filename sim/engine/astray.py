"""Cases that follow the old path after a change of structure (M22, R23).

Owns: who goes astray, and the transfer back. Never does: change a structure (`reorganise.py`).
"""

from __future__ import annotations

from sim.behaviours.handoff import information_kept, mean_latency
from sim.behaviours.reorganisation import astray_probability
from sim.engine.arrays import Journey
from sim.engine.buffers import wait_for_material
from sim.engine.calendar import LANDING, push
from sim.engine.journal import note
from sim.engine.visits import loop_number
from sim.jit import kernel, lowest
from sim.rng import ASTRAY, DETOUR, exponential, task_count, uniform

GOES_ASTRAY = int(Journey.GOES_ASTRAY)
AWAY = -2
"""`link` of a case that nobody has served yet and that is in no line: it is being put through."""


@kernel
def draw_count(record):
    """Count of the draws of this transfer: its first task, in its loop of rework."""
    task = lowest(record["visit"])
    loop = 0
    if record["redoing"] != 0 or record["rework_since"] >= 0.0:
        loop = loop_number(record)
    return task_count(task >> 1, record["product"][task & 1], loop)


@kernel
def strays(w, case, now):
    """Does a case, bound for its next visit, follow the old path?

    Only where another pool than before is in charge of the visit.
    """
    par = w.par[0]
    record = w.cases[case]
    task = lowest(record["visit"])
    if not w.rerouted[
        task >> 1, record["product"][task & 1], record["route"], record["region"]
    ]:
        return False
    chance = astray_probability(par["astray"], now - par["changed_at"], par["astray_h"])
    return uniform(record["key"], ASTRAY, draw_count(record)) < chance


@kernel
def detour(w, case, now):
    """One more transfer, among strangers, without any work done; returns its delay in hours."""
    par = w.par[0]
    record = w.cases[case]
    pool = record["pool"]
    d = par["astray_distance"]
    if now > par["window_start"]:
        w.distances[min(d, len(w.distances) - 1)] += 1
    record["handoffs"] += 1
    w.unit_totals[w.pools[pool]["unit"]]["handoffs_in"] += 1.0
    delay = 0.0
    if par["distance_matters"]:
        record["read_in"] = par["read_in_h"] * d
        record["information"] *= information_kept(float(d), par["log_keep"])
        if par["latency_h"] > 0.0:
            delay = exponential(uniform(record["key"], DETOUR, draw_count(record))) * mean_latency(
                float(d), par["latency_h"], par["log_growth"]
            )
    note(w, case, now, GOES_ASTRAY, pool, -1, record["visit"], delay)
    return delay


@kernel
def put_through(w, case, now):
    """Send a case that is in no line on a detour to its queue."""
    record = w.cases[case]
    delay = detour(w, case, now)
    if w.par[0]["stock"]:
        delay = wait_for_material(w, case, now + delay) - now
    record["since"] = now
    if record["served"]:
        push(w.heap, w.clock, now + delay, LANDING, case)
    else:  # whoever waits on the line may hang up meanwhile
        record["link"] = AWAY
        push(w.heap, w.clock, now + delay, LANDING, case | (record["stamp"] << 32))
