"""A visit: errors looked for, work done, knowledge gained, errors made (M4, M6, M7).

Owns: what happens between a person and a case. Never does: choose either of them
(`dispatch.py`) or move the case on (`transfers.py`).
"""

from __future__ import annotations

import math

from sim.behaviours.learning import kept, practised
from sim.behaviours.mistakes import cause, error_probability, with_fault
from sim.behaviours.reorganisation import capacity_left
from sim.behaviours.service_time import effort, slowness
from sim.engine.arrays import Journey, PersonState
from sim.engine.buffers import reserve_at_work
from sim.engine.calendar import VISIT_END, push
from sim.engine.design import hear
from sim.engine.faults import BY_FAULT, blame
from sim.engine.journal import note
from sim.engine.journeys import journey_hours
from sim.engine.queues import stop_idling
from sim.engine.regard import see_visit
from sim.engine.routing import distance, task_pool
from sim.engine.sensing import meet, sense
from sim.engine.spirit import after_visit, before_visit
from sim.jit import kernel, lowest
from sim.rng import EFFORT, ERROR, FOUND_INSIDE, NOTICE, task_count, uniform

BUSY = int(PersonState.BUSY)
IDLE = int(PersonState.IDLE)
STARTS, ENDS, SENT_BACK = int(Journey.STARTS), int(Journey.ENDS), int(Journey.SENT_BACK)


@kernel
def loop_number(record):
    """Number of the rework loop: redone work draws anew, first-time work never shifts."""
    return 4 * record["reopenings"] + record["send_backs"]


@kernel
def finds_errors(w, case, person, now):
    """Does this person, about to start, find an error of the visit just before (R8, R39)?

    If so the case is made ready to go back to the pool that erred; finding takes no time.
    """
    record = w.cases[case]
    errors = record["last_errors"]
    if (
        errors == 0
        or not record["checks"]
        or person == record["last_person"]
        or record["send_backs"] >= w.par[0]["max_send_backs"]
    ):
        return False
    found = 0
    while errors:
        task = lowest(errors)
        errors &= errors - 1
        count = task_count(task >> 1, record["product"][task & 1], record["last_loop"])
        if uniform(record["key"], FOUND_INSIDE, count) < w.par[0]["found_inside"]:
            found |= 1 << task
    record["last_errors"] = 0  # missed at their one chance: left for the customer
    if found == 0:
        return False
    record["errors"] = record["errors"] & ~found
    record["send_backs"] += 1
    if record["first_close"] == math.inf:
        record["queue"] += now - record["since"]
        record["rework_since"] = now
    record["waited"] += now - record["since"]
    record["since"] = now
    if not record["served"]:
        record["first_wait"] = now - record["opened"]
    record["finder_pool"] = record["pool"]
    record["finder_visit"] = record["visit"]
    record["pool"] = record["last_pool"]
    record["last_pool"] = record["finder_pool"]
    record["visit"] = found
    record["checks"] = 0
    record["redoing"] = record["redoing"] | 4
    note(w, case, now, SENT_BACK, record["finder_pool"], person, found, 0.0)
    while found:
        found &= found - 1
        w.totals[0]["caught"] += 1.0
    return True


@kernel
def serve(w, person, case, now):
    """Start a visit: draw its length, book the errors it will leave behind, schedule its end."""
    par = w.par[0]
    record = w.cases[case]
    worker = w.people[person]
    if worker["state"] == IDLE:
        stop_idling(w.pools, w.people, person)
    pool = record["pool"]
    waited = now - record["since"]
    record["waited"] += waited
    w.pool_totals[pool]["wait"] += waited
    w.unit_totals[w.pools[pool]["unit"]]["wait"] += waited
    if record["rework_since"] < 0.0 and record["first_close"] == math.inf:
        record["queue"] += waited
    if not record["served"]:
        record["served"] = 1
        record["first_wait"] = now - record["opened"]
    if worker["pool"] != pool:
        w.totals[0]["cover_visits"] += 1.0

    functions = w.work.shape[1]
    products = w.product_weight.shape[2]
    left = 1.0
    if par["learning"]:
        left = kept(now - worker["known_at"], par["forget_rate"])
    if par["regard"]:
        see_visit(w, case, person, waited, left)
    segment_gap = par["segment_effect"] * (
        1.0 - w.knowledge[person, functions + products + record["segment"]] * left
    )
    effects = par["function_effect"] + par["product_effect"] + par["segment_effect"]
    redo = record["redoing"] != 0
    loop = loop_number(record) if redo else 0
    record["loop"] = loop
    key = record["key"]
    kind = record["type"]
    visit = record["visit"]
    new_errors = 0
    pace = 1.0
    slips = 1.0
    added = 0.0
    hidden = 0
    covered = 0
    if par["staff"]:
        pace, slips, added = before_visit(w, person, case, now)
        if par["procedures"]:
            covered = w.case_types[kind]["covered"]
    hours = 0.0
    last_function = -1
    kinds = 0
    left_to_do = visit
    while left_to_do:
        task = lowest(left_to_do)
        left_to_do &= left_to_do - 1
        f = task >> 1
        p = record["product"][task & 1]
        if f != last_function:
            kinds += 1
            last_function = f
        function_gap = par["function_effect"] * (1.0 - w.knowledge[person, f] * left)
        product_gap = par["product_effect"] * (1.0 - w.knowledge[person, functions + p] * left)
        count = task_count(f, p, 0)
        luck = effort(
            uniform(key, EFFORT, count),
            par["distribution"],
            w.functions[f]["sigma_covered"] if covered else w.functions[f]["sigma"],
            w.functions[f]["shift_covered"] if covered else w.functions[f]["shift"],
        )
        base = w.work[kind, f]
        if redo:
            base *= par["rework_share"]
            if (record["discounted"] >> task) & 1:
                base *= par["second_factor"]
        elif task & 1 and (visit >> (task - 1)) & 1:
            base *= par["second_factor"]
            record["discounted"] = record["discounted"] | (1 << task)
        task_hours = base * luck * slowness(function_gap, product_gap, segment_gap)
        task_hours *= pace
        w.task_hours[case, task] = task_hours
        hours += task_hours
        if par["mistakes"]:
            gap = 0.0
            if effects > 0.0:
                gap = (function_gap + product_gap + segment_gap) / effects
            p_err = error_probability(
                gap,
                record["information"],
                par["error_base"],
                par["error_knowledge"],
                par["error_information"],
            )
            if par["staff"]:
                p_err = min(p_err * slips + added, 0.9)
            u = uniform(key, ERROR, task_count(f, p, loop))
            chance = p_err
            if par["faults"]:
                chance = faulty(w, case, task, u, p_err, gap, redo)
            if u < chance:
                new_errors |= 1 << task
                if p_err - par["kpi_errors"] <= u < p_err:
                    hidden |= 1 << task
    setup = record["read_in"] + par["read_in_h"] * (kinds - 1)
    setup *= pace
    if par["travels"]:
        journey = journey_hours(w, case, person, loop)
        setup += journey
        w.totals[0]["travel"] += journey
    record["setup"] = setup
    record["new_errors"] = new_errors
    record["hidden"] = hidden
    length = setup + hours
    coordination = w.pools[worker["pool"]]["coordination"]
    if coordination > 0.0:  # who sits in meetings works fewer of the hours of the week
        length /= 1.0 - coordination
    if par["drag"] > 0.0:
        length /= capacity_left(par["drag"], now - par["changed_at"], par["drag_h"])
    if par["away"] > 0.0:  # hours of exploration stretch the visit
        length /= 1.0 - par["away"]
    if par["reserve"] > 0.0 and reserve_at_work(w, now):
        length /= 1.0 + par["reserve"]
    record["since"] = now
    worker["since"] = now
    worker["state"] = BUSY
    worker["case"] = case
    push(w.heap, w.clock, now + length, VISIT_END, person)
    note(w, case, now, STARTS, pool, person, visit, length)


@kernel
def faulty(w, case, task, u, p_err, gap, redo):
    """The probability of an error, faults included; why it happens, if it does, is noted."""
    par = w.par[0]
    record = w.cases[case]
    causes = record["causes"]
    spoiled = 1 << task
    record["mending"] = record["mending"] & ~spoiled
    if redo and (causes >> (2 * task)) & 3 == BY_FAULT:
        record["mending"] = record["mending"] | spoiled
    chance = p_err
    unit = w.pools[record["pool"]]["unit"]
    if w.faults[unit, task >> 1, record["product"][task & 1]]["open"]:
        chance = with_fault(p_err, par["fault_added"])
    if u < chance:
        reason = cause(u, p_err, gap, record["information"], par["error_base"],
                       par["error_knowledge"], par["error_information"])
        record["causes"] = causes & ~(3 << (2 * task)) | (reason << (2 * task))
    return chance


@kernel
def practise(w, person, case, now):
    """Book what the visit taught: forgetting up to now, then the hours on each element (R42)."""
    par = w.par[0]
    record = w.cases[case]
    worker = w.people[person]
    left = kept(now - worker["known_at"], par["forget_rate"])
    worker["known_at"] = now
    for element in range(w.knowledge.shape[1]):
        w.knowledge[person, element] *= left
    functions = w.work.shape[1]
    products = w.product_weight.shape[2]
    visit = record["visit"]
    segment = functions + products + record["segment"]
    while visit:
        task = lowest(visit)
        visit &= visit - 1
        f = task >> 1
        p = functions + record["product"][task & 1]
        gap_left = math.exp(-w.task_hours[case, task] * par["learn_rate"])
        w.knowledge[person, f] = practised(w.knowledge[person, f], gap_left)
        w.knowledge[person, p] = practised(w.knowledge[person, p], gap_left)
        w.knowledge[person, segment] = practised(w.knowledge[person, segment], gap_left)


@kernel
def finish(w, person, now):
    """End a visit (sums, practice, signals, does the wrong unit notice?) and return its case."""
    par = w.par[0]
    worker = w.people[person]
    case = worker["case"]
    record = w.cases[case]
    hours = now - worker["since"]
    pool = record["pool"]
    unit = w.pools[pool]["unit"]
    visit = record["visit"]

    totals = w.totals[0]
    totals["busy"] += hours
    totals["setup"] += record["setup"]
    totals["all_visits"] += 1.0
    met = 0.0
    coordination = w.pools[worker["pool"]]["coordination"]
    if coordination > 0.0:
        met = coordination * hours
        totals["coordination"] += met
    if record["redoing"] != 0:
        totals["redo"] += max(hours - met - record["setup"], 0.0)  # rounding may leave less
    w.unit_totals[worker["unit"]]["busy"] += hours
    w.unit_totals[unit]["visits"] += 1.0
    w.pool_totals[pool]["visits"] += 1.0
    w.pool_totals[pool]["touch"] += hours

    if par["learning"]:
        practise(w, person, case, now)
    if record["rework_since"] < 0.0 and record["first_close"] == math.inf:
        record["touch"] += hours
    record["since"] = now
    if record["visits"] == 0:
        record["home"] = unit
    if record["home"] == unit:
        record["owned"] += 1
    record["visits"] += 1
    if par["staff"]:
        after_visit(w, person, case, hours, now)

    new_errors = record["new_errors"]
    if new_errors:
        record["errors"] = record["errors"] | new_errors
        counted = new_errors
        while counted:
            if par["faults"]:
                blame(w, case, lowest(counted), unit)
            counted &= counted - 1
            totals["errors"] += 1.0
            w.unit_totals[unit]["errors"] += 1.0
    record["last_errors"] = new_errors & ~record["hidden"]
    record["last_person"] = person
    record["last_pool"] = pool
    record["last_loop"] = record["loop"]
    if record["redoing"] & 4 == 0:
        record["tasks"] = record["tasks"] & ~visit

    signal(w, person, case, visit)
    if par["sensing"]:
        sense(w, person, case, now)
    wrong = (w.units[unit]["segments"] >> record["segment"]) & 1 == 0
    if wrong:
        totals["misrouted"] += 1.0
        if record["route"] != record["segment"] and par["notice"] > 0.0:
            task = lowest(visit)
            count = task_count(task >> 1, record["product"][task & 1], record["loop"])
            if uniform(record["key"], NOTICE, count) < par["notice"]:
                record["route"] = record["segment"]
    note(w, case, now, ENDS, pool, person, visit, hours)
    return case


@kernel
def signal(w, person, case, visit):
    """What the visit teaches those who hold the offering (M9, M10, R20, R50)."""
    par = w.par[0]
    record = w.cases[case]
    holder = par["offering_function"]
    for j in range(record["products"]):
        task = 2 * holder + j
        product = record["product"][j]
        if (visit >> task) & 1 and record["redoing"] == 0:
            record["offering_pool"][j] = record["pool"]
            if par["offering_learns"]:
                unit = w.pools[record["pool"]]["unit"]
                customer = record["customer"]
                if par["sensing"]:
                    meet(w, customer, unit, product)
                elif par["voices"]:
                    hear(w, customer, unit, product, w.clock[0]["now"])
                else:
                    w.offerings[unit, product]["tasks"] += 1.0
                    for k in range(w.need_sum.shape[2]):
                        w.need_sum[unit, product, k] += w.needs[customer, product, k]
        if not par["offering_learns"]:
            continue
        pool = record["offering_pool"][j]
        if pool < 0:
            pool = task_pool(w, case, task)
        strength = 1.0
        if pool != w.people[person]["pool"]:
            d, _ = distance(w, person, pool)
            strength = par["direct_contact"] + (1.0 - par["direct_contact"]) * math.exp(
                par["log_survival"] * d
            )
        row = w.offerings[w.pools[pool]["unit"], 0]
        row["signal"] += strength
        row["signals"] += 1.0
