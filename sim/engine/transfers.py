"""How a case comes in, moves on, lands and comes back (M1, M3, M7).

Owns: arrivals, hand-offs, reopening. Never does: serve (`visits.py`) or judge (`closing.py`).
"""

from __future__ import annotations

import math

from sim.behaviours.handoff import (
    effective_distance,
    familiarity_faded,
    familiarity_gained,
    information_kept,
    mean_latency,
)
from sim.behaviours.internal_service import internal_service
from sim.behaviours.orientation import boundary_factor
from sim.engine.arrays import Journey
from sim.engine.astray import AWAY, detour, put_through, strays
from sim.engine.buffers import next_case_at, order_material, wait_for_material
from sim.engine.calendar import ABANDON, LANDING, book_arrival, pop_near, push
from sim.engine.faults import talk_shop
from sim.engine.identity import customer_key
from sim.engine.journal import note
from sim.engine.queues import join_line, leave_line
from sim.engine.regard import attempt_fails, forget_contact
from sim.engine.routing import distance, next_task, task_pool, visit_tasks
from sim.engine.visits import loop_number
from sim.jit import kernel, lowest
from sim.rng import (
    ARRIVAL,
    BUNDLE,
    CASE,
    CASE_TYPE,
    CLASH,
    FOUND_BY_CUSTOMER,
    LATENCY,
    PATIENCE,
    PRODUCT,
    SECOND,
    child_key,
    exponential,
    task_count,
    uniform,
)

ARRIVES, QUEUES = int(Journey.ARRIVES), int(Journey.QUEUES)
HANDS_OFF, REOPENS = int(Journey.HANDS_OFF), int(Journey.REOPENS)
MOVES, WAITS, ENDS = 0, 1, 2


@kernel
def pick(weights, u, without):
    """Index drawn by weight, `without` one (-1 = none); monotone in u."""
    total = 0.0
    for i in range(len(weights)):
        if i != without:
            total += weights[i]
    level = u * total
    last = -1
    for i in range(len(weights)):
        if i != without and weights[i] > 0.0:
            last = i
            level -= weights[i]
            if level < 0.0:
                break
    return last


@kernel
def count_open(w, now, change):
    """Keep the number of open cases and its integral over time."""
    clock = w.clock[0]
    w.totals[0]["open_area"] += clock["open"] * (now - clock["open_time"])
    clock["open_time"] = now
    clock["open"] += change


@kernel
def take_slot(w, c, key, number, kind, now):
    """A free slot for a new case or errand of a customer: nothing is left of the one before."""
    clock = w.clock[0]
    case = clock["free_case"]
    record = w.cases[case]
    clock["free_case"] = record["link"]
    customer = w.customers[c]
    segment = customer["segment"]
    record["key"] = key
    record["opened"] = now
    record["since"] = now
    record["first_close"] = math.inf
    record["rework_since"] = -1.0
    record["touch"] = 0.0
    record["queue"] = 0.0
    record["transfer"] = 0.0
    record["rework"] = 0.0
    record["first_wait"] = 0.0
    record["information"] = w.par[0]["intake_information"]
    record["ready"] = now
    record["read_in"] = 0.0
    record["waited"] = 0.0
    record["customer"] = c
    record["number"] = number
    record["stamp"] += 1
    record["last_pool"] = -1
    record["offering_pool"][0] = -1
    record["offering_pool"][1] = -1
    record["last_person"] = -1
    record["discounted"] = 0
    record["errors"] = 0
    record["new_errors"] = 0
    record["last_errors"] = 0
    record["visits"] = 0
    record["owned"] = 0
    if len(w.done_by) > 0:
        for task in range(w.done_by.shape[1]):
            w.done_by[case, task] = -1
    record["courtesy"] = w.par[0]["courtesy"]
    record["handoffs"] = 0
    record["passes"] = 0
    record["type"] = kind
    record["segment"] = segment
    record["route"] = customer["label"]
    record["region"] = customer["region"]
    if w.par[0]["relations"] and w.profiles[c]["chosen"]:
        record["rank"] = w.chosen_rank[kind, segment]
    else:
        record["rank"] = w.rank[kind, segment]
    record["checks"] = 0
    record["redoing"] = 0
    record["last_loop"] = 0
    record["reopenings"] = 0
    record["send_backs"] = 0
    record["served"] = 0
    if w.par[0]["regard"]:
        forget_contact(w, case)
    record["strays"] = 0
    return case


@kernel
def first_visit(w, case):
    """Where a new case goes first."""
    record = w.cases[case]
    task = next_task(w, case, -1)
    pool = task_pool(w, case, task)
    record["pool"] = pool
    record["visit"] = visit_tasks(w, case, pool)


@kernel
def arrive(w, now):
    """The next customer of the calendar brings a case; returns the case, ready to join a queue."""
    c = pop_near(w.near, w.clock)
    customer = w.customers[c]
    if customer["status"] != 1:
        return -1
    key = customer_key(w, c)
    segment = customer["segment"]
    number = customer["arrivals"]
    customer["arrivals"] = number + 1
    gap = exponential(uniform(key, ARRIVAL, number + 1)) / w.segments[segment]["rate"]
    book_arrival(w.customers, w.buckets, w.near, w.clock, c, next_case_at(w, now, gap))

    key = child_key(key, CASE, number)
    kind = 0
    if len(w.case_types) > 1:  # where there is nothing to choose nothing is drawn
        u = uniform(key, CASE_TYPE, 0)
        while kind < len(w.case_types) - 1 and u >= w.case_types[kind]["cumulated"]:
            kind += 1
    weights = w.product_weight[kind, segment]
    first = pick(weights, uniform(key, PRODUCT, 0), -1) if len(weights) > 1 else 0
    steps = w.case_types[kind]["steps"]
    tasks = steps
    products = 1
    second = first
    if w.second[kind, segment] > 0.0 and uniform(key, BUNDLE, 0) < w.second[kind, segment]:
        other = pick(weights, uniform(key, SECOND, 0), first)
        if other >= 0:
            second = other
            products = 2
            tasks = steps | (steps << 1)
    case = take_slot(w, c, key, number, kind, now)
    record = w.cases[case]
    record["tasks"] = tasks
    record["product"][0] = first
    record["product"][1] = second
    record["products"] = products
    first_visit(w, case)
    count_open(w, now, 1)
    w.totals[0]["arrivals"] += 1.0
    w.segment_totals[segment]["arrivals"] += 1.0
    if w.case_types[kind]["phone"] and w.par[0]["waiting"]:
        mean = w.case_types[kind]["patience_h"] * w.segments[segment]["patience"]
        patience = mean * exponential(uniform(key, PATIENCE, 0))
        push(w.heap, w.clock, now + patience, ABANDON, case | (record["stamp"] << 32))
    note(w, case, now, ARRIVES, record["pool"], -1, tasks, 0.0)
    if w.par[0]["stock"]:
        record["ready"] = order_material(w, case, now)
    refused = w.par[0]["refuses"] and w.excluded[c]
    if w.par[0]["astray"] > 0.0 and not refused and strays(w, case, now):
        w.totals[0]["astray"] += 1.0
        put_through(w, case, now)
        return -1
    if w.par[0]["stock"]:
        lands = wait_for_material(w, case, now)
        if lands > now:
            record["link"] = AWAY
            push(w.heap, w.clock, lands, LANDING, case | (record["stamp"] << 32))
            return -1
    return case


@kernel
def move_on(w, case, now):
    """After a visit: MOVES to the next pool, WAITS at the customer's (reopened), or ENDS."""
    record = w.cases[case]
    if record["redoing"] & 4:  # errors redone: back to the one who found them
        record["redoing"] = record["redoing"] & ~4
        record["pool"] = record["finder_pool"]
        record["visit"] = record["finder_visit"]
        record["checks"] = 1
        return MOVES
    if w.par[0]["trust"] and record["tasks"] == 0:
        attempt_fails(w, case)
    if record["tasks"] != 0:
        unit = w.pools[record["last_pool"]]["unit"]
        task = next_task(w, case, unit)
        pool = task_pool(w, case, task)
        record["pool"] = pool
        record["visit"] = visit_tasks(w, case, pool)
        record["checks"] = 1
        if w.par[0]["astray"] > 0.0:
            record["strays"] = strays(w, case, now)
        return MOVES
    found = 0
    errors = record["errors"]
    while errors:
        task = lowest(errors)
        errors &= errors - 1
        count = task_count(task >> 1, record["product"][task & 1], record["reopenings"])
        if uniform(record["key"], FOUND_BY_CUSTOMER, count) < w.par[0]["found_by_customer"]:
            found |= 1 << task
    record["errors"] = 0
    if found == 0:
        return ENDS
    if (
        record["reopenings"] >= w.par[0]["max_reopenings"]
        or record["type"] >= w.par[0]["case_kinds"]  # an errand has one chance
    ):
        record["errors"] = found  # known to the customer and never mended: unresolved
        return ENDS
    if record["first_close"] == math.inf:
        record["first_close"] = now
    record["reopenings"] += 1
    if w.par[0]["local_priority"]:
        record["rank"] = record["rank"] & ~1
    record["tasks"] = found
    record["redoing"] = 2
    record["last_errors"] = 0
    record["checks"] = 0
    record["read_in"] = 0.0
    record["information"] = w.par[0]["intake_information"]
    record["pool"] = -1  # decided when it lands, by the pools of that time
    push(w.heap, w.clock, now + w.par[0]["reopen_delay_h"], LANDING, case)
    note(w, case, now, REOPENS, -1, -1, found, w.par[0]["reopen_delay_h"])
    return WAITS


@kernel
def hand_off(w, case, person, now):
    """Transfer a case from a person's team to its next pool; returns the delay in hours (M3)."""
    par = w.par[0]
    record = w.cases[case]
    pool = record["pool"]
    d, there = distance(w, person, pool)
    if now > par["window_start"]:
        w.distances[min(math.ceil(d), len(w.distances) - 1)] += 1
    unit = w.pools[pool]["unit"]
    before = w.pools[record["last_pool"]]["unit"]
    if before != unit:
        if par["sensing"] and par["faults"] and par["informal"] > 0.0:
            talk_shop(w, case, before, unit, transfer_loop(record), now)
        record["handoffs"] += 1
        if par["local_priority"]:
            record["rank"] = record["rank"] | 1
        w.unit_totals[unit]["handoffs_in"] += 1.0
    else:
        record["passes"] += 1
        if par["local_priority"]:
            record["rank"] = record["rank"] & ~1
    record["since"] = now
    delay = 0.0
    if par["distance_matters"]:
        effective = effective_distance(
            d, grow_familiar(w, w.people[person]["team"], there, now), par["familiarity_effect"]
        )
        record["read_in"] = par["read_in_h"] * effective
        record["information"] *= information_kept(effective, par["log_keep"])
        if par["latency_h"] > 0.0:
            delay = draw_latency(w, case, effective)
            if par["orientation"] and before != unit:
                delay *= boundary_factor(w.people[person]["orientation"], par["boundary"])
    if before != unit:
        serve_inside(w, before, unit, record["information"], delay, now)
    if par["stock"]:
        delay = wait_for_material(w, case, now + delay) - now
    note(w, case, now, HANDS_OFF, pool, person, record["visit"], delay)
    if par["astray"] > 0.0 and record["strays"]:
        record["strays"] = 0
        w.totals[0]["astray"] += 1.0
        delay += detour(w, case, now)
    return delay


@kernel
def serve_inside(w, before, unit, information, delay, now):
    """What a unit has got from another: how complete the case is and how late it comes."""
    par = w.par[0]
    w.totals[0]["received"] += 1.0
    w.totals[0]["service"] += internal_service(information, delay, par["internal_tolerance_h"])
    if now > par["window_start"]:
        pair = w.service[before, unit]
        pair["n"] += 1.0
        pair["information"] += information
        pair["delay_h"] += delay


@kernel
def grow_familiar(w, here, there, now):
    """Familiarity of two teams at this hand-off; afterwards it has grown by one (R44)."""
    par = w.par[0]
    pair = w.pairs[min(here, there), max(here, there)]
    faded = familiarity_faded(pair["familiarity"], now - pair["at"], par["familiarity_decay"])
    pair["at"] = now
    pair["familiarity"] = familiarity_gained(
        faded,
        par["familiarity_gain"],
        float(w.teams[here]["size"]),
        float(w.teams[there]["size"]),
    )
    return faded


@kernel
def transfer_loop(record):
    """Number of the loop in the draws of a hand-off."""
    if record["redoing"] != 0 or record["rework_since"] >= 0:
        return loop_number(record)
    return 0


@kernel
def draw_latency(w, case, effective):
    """The delay of a hand-off over an effective distance, h: exponential around its mean."""
    par = w.par[0]
    record = w.cases[case]
    task = lowest(record["visit"])
    count = task_count(task >> 1, record["product"][task & 1], transfer_loop(record))
    return exponential(uniform(record["key"], LATENCY, count)) * mean_latency(
        effective, par["latency_h"], par["log_growth"]
    )


@kernel
def land(w, case, now):
    """A case in transfer reaches its queue; a reopened one comes in like a new one (R40).

    Returns the case, or -1 if it is led astray.
    """
    record = w.cases[case]
    if record["pool"] < 0:
        task = next_task(w, case, -1)
        pool = task_pool(w, case, task)
        record["pool"] = pool
        record["visit"] = visit_tasks(w, case, pool)
        if w.par[0]["astray"] > 0.0 and strays(w, case, now):
            w.totals[0]["astray"] += 1.0
            put_through(w, case, now)
            return -1
    elif record["first_close"] == math.inf:
        if record["rework_since"] < 0.0:
            record["transfer"] += now - record["since"]
        elif record["redoing"] & 4 == 0:  # back in the queue of the one who found the error
            record["rework"] += now - record["rework_since"]
            record["rework_since"] = -1.0
    record["since"] = now
    return case


@kernel
def wait_in_line(w, case, now):
    """Put a visit at the end of the line of its class."""
    record = w.cases[case]
    pool = w.pools[record["pool"]]
    record["line"] = record["rank"]
    if pool["contested"]:
        record["line"] = 2 * record["rank"] + loses_the_toss(w, case, pool)
    join_line(w.lines, w.cases, case, pool["queue"])
    if w.par[0]["pressure"]:
        w.pools[pool["queue"]]["waiting"] += 1
    w.units[pool["unit"]]["waiting"] += 1
    note(w, case, now, QUEUES, record["pool"], -1, record["visit"], 0.0)


@kernel
def loses_the_toss(w, case, pool):
    """0 if the boss whose objective this visit serves gets it done first, else 1 (M26)."""
    if pool["contested"] < 2:
        return 0
    record = w.cases[case]
    task = lowest(record["visit"])
    loop = loop_number(record) if record["redoing"] != 0 else 0
    count = task_count(task >> 1, record["product"][task & 1], loop)
    return 0 if uniform(record["key"], CLASH, count) < 0.5 else 1


@kernel
def called_up(w, case):
    """Take a waiting visit out of its line."""
    pool = w.pools[w.cases[case]["pool"]]
    leave_line(w.lines, w.cases, case, pool["queue"])
    if w.par[0]["pressure"]:
        w.pools[pool["queue"]]["waiting"] -= 1
    w.units[pool["unit"]]["waiting"] -= 1


@kernel
def reach(w, case):
    """Count a visit that reaches a queue, whether or not it has to wait."""
    pool = w.cases[case]["pool"]
    w.pool_totals[pool]["joins"] += 1.0
    w.unit_totals[w.pools[pool]["unit"]]["joins"] += 1.0
