"""Faults of the firm's own practices: they arise, are dealt with, and answers to them spread.

Owns: `w.faults` (M7, and M10's decisions and channels). Never does: hear a customer
(`sensing.py`) or make an error (`visits.py`).

A fault of a (function, product) arises in all units that do this task at once, by a draw of the
world: in the same month under every structure. Each unit is rid of it by a decision of its own.
"""

from __future__ import annotations

from sim.engine.calendar import CHANGE, REACH, REPORT, push
from sim.engine.fault_records import Cause, Knows
from sim.jit import kernel, lowest
from sim.management.faults import response_probability
from sim.rng import FAULT, READ, RESPONSE, STILL_KNOWN, TOLD, task_count, uniform

BY_KNOWLEDGE, BY_INFORMATION = int(Cause.KNOWLEDGE), int(Cause.INFORMATION)
BY_FAULT = int(Cause.FAULT)
NO, OWN, READ_OF, TOLD_OF = (int(how) for how in Knows)


@kernel
def does(w, unit, f, p):
    """Is there anybody whose label brings this task to this unit?"""
    for kind in range(len(w.case_types)):
        if (w.case_types[kind]["steps"] >> (2 * f)) & 1:
            for label in range(w.pool_of.shape[2]):
                if w.product_weight[kind, label, p] > 0.0:
                    for region in range(w.pool_of.shape[3]):
                        if w.pools[w.pool_of[f, p, label, region]]["unit"] == unit:
                            return True
    return False


@kernel
def place_of(w, unit, f, p):
    """A unit's row of a task as one number."""
    return (unit * w.faults.shape[1] + f) * w.faults.shape[2] + p


@kernel
def world_count(since, unit, f, p):
    """Count of a draw of the world about a unit's row, the how-manieth time."""
    return (since << 28) | (unit << 8) | (f << 4) | p


@kernel
def count_faults(w, now):
    """Bring the integral of faults up to now; each counts by the share of its units."""
    clock = w.clock[0]
    w.totals[0]["fault_area"] += clock["faults"] * (now - clock["fault_time"])
    clock["fault_time"] = now
    lasting = 0.0
    for unit in range(w.faults.shape[0]):
        for f in range(w.faults.shape[1]):
            for p in range(w.faults.shape[2]):
                if w.faults[unit, f, p]["open"]:
                    lasting += w.faults[unit, f, p]["share"]
    clock["faults"] = lasting


@kernel
def arise(w, now):
    """The month's new faults; where one still lasts no second one is laid on top (M7)."""
    par = w.par[0]
    month = w.clock[0]["month"]
    count_faults(w, now)
    for f in range(w.faults.shape[1]):
        for p in range(w.faults.shape[2]):
            if uniform(par["world_key"], FAULT, world_count(month, 0, f, p)) >= par["fault_month"]:
                continue
            units = 0
            lasts = False
            for unit in range(w.faults.shape[0]):
                if w.faults[unit, f, p]["open"]:
                    lasts = True
                if does(w, unit, f, p):
                    units += 1
            if lasts:
                continue
            for unit in range(w.faults.shape[0]):
                row = w.faults[unit, f, p]
                row["number"] += 1
                row["knows"] = NO
                row["signals"] = 0
                row["bad"] = 0
                row["deciding"] = 0
                if does(w, unit, f, p):
                    row["open"] = 1
                    row["since"] = now
                    row["share"] = 1.0 / units
    count_faults(w, now)


@kernel
def blame(w, case, task, unit):
    """Count an error by its cause (the visit that made it has ended)."""
    record = w.cases[case]
    reason = (record["causes"] >> (2 * task)) & 3
    totals = w.totals[0]
    if reason == BY_KNOWLEDGE:
        totals["by_knowledge"] += 1.0
    elif reason == BY_INFORMATION:
        totals["by_information"] += 1.0
    elif reason == BY_FAULT:
        totals["by_fault"] += 1.0
        w.unit_totals[unit]["by_fault"] += 1.0
    if w.clock[0]["now"] > w.par[0]["window_start"]:
        w.error_map[task >> 1, record["product"][task & 1], reason] += 1.0


@kernel
def respond(w, unit, f, p, bad_share, now):
    """Does the unit act on what it knows? Then the change comes after the decision delay (M10)."""
    par = w.par[0]
    row = w.faults[unit, f, p]
    row["attempts"] += 1
    u = uniform(par["world_key"], RESPONSE, world_count(row["attempts"], unit, f, p))
    if u >= response_probability(par["response"], par["bad_news_response"], bad_share):
        return False
    row["deciding"] = 1
    push(w.heap, w.clock, now + par["decision_h"], CHANGE,
         place_of(w, unit, f, p) | (row["number"] << 32))
    return True


@kernel
def report(w, row, bad, unit, f, p, now):
    """Word of a fault arrives; enough of it may make the unit act."""
    if row["deciding"]:
        return
    row["signals"] += 1
    row["bad"] += bad
    if row["signals"] >= w.par[0]["minimum_signals"]:
        signals = float(row["signals"])
        if respond(w, unit, f, p, row["bad"] / signals, now):
            w.totals[0]["decided"] += signals
        row["signals"] = 0
        row["bad"] = 0


@kernel
def mend(w, row, unit, f, p, now):
    """The unit is rid of the fault and knows an answer to it."""
    found = False
    for other in range(w.faults.shape[0]):
        if w.faults[other, f, p]["knows"] == OWN:
            found = True
    row["open"] = 0
    row["deciding"] = 0
    row["knows"] = OWN
    count_faults(w, now)
    w.totals[0]["faults_mended"] += row["share"]
    w.totals[0]["fault_h"] += row["share"] * (now - row["since"])
    if not found:
        push(w.heap, w.clock, now + w.par[0]["reach_h"], REACH,
             place_of(w, unit, f, p) | (row["number"] << 32))


@kernel
def count_knowing(w, f, p):
    """Share of units that know an answer."""
    knowing = 0.0
    for unit in range(w.faults.shape[0]):
        if w.faults[unit, f, p]["knows"] != NO:
            knowing += 1.0
    w.totals[0]["reach"] += knowing / w.faults.shape[0]
    w.totals[0]["reached"] += 1.0


@kernel
def news(w, kind, item, now):
    """One of the three events that belong to a fault; too late for it, it is nothing."""
    place = item & 0x7FFFFFFF
    if place >= w.faults.size:
        return
    p = place % w.faults.shape[2]
    f = place // w.faults.shape[2] % w.faults.shape[1]
    unit = place // w.faults.shape[2] // w.faults.shape[1]
    row = w.faults[unit, f, p]
    if row["number"] != item >> 32:
        return
    if kind == REACH:
        count_knowing(w, f, p)
    elif row["open"] and kind == REPORT:
        report(w, row, (item >> 31) & 1, unit, f, p, now)
    elif row["open"]:
        mend(w, row, unit, f, p, now)


@kernel
def learn(w, unit, f, p, how, now):
    """A unit hears of another unit's answer, and may take it over."""
    row = w.faults[unit, f, p]
    row["knows"] = how
    if row["open"] and not row["deciding"]:
        respond(w, unit, f, p, 0.0, now)


@kernel
def broadcast(w, now):
    """The formal channel, monthly: answers taken from others fade, and the firm is told anew."""
    par = w.par[0]
    month = w.clock[0]["month"]
    for f in range(w.faults.shape[1]):
        for p in range(w.faults.shape[2]):
            answered = False
            for unit in range(w.faults.shape[0]):
                if w.faults[unit, f, p]["knows"] == OWN:
                    answered = True
            if not answered:
                continue
            for unit in range(w.faults.shape[0]):
                row = w.faults[unit, f, p]
                count = world_count(month, unit, f, p)
                if row["knows"] == READ_OF or row["knows"] == TOLD_OF:
                    lasts = par["formal_kept"] if row["knows"] == READ_OF else par["informal_kept"]
                    if uniform(par["world_key"], STILL_KNOWN, count) >= lasts:
                        row["knows"] = NO
                if row["knows"] == NO and (
                    uniform(par["world_key"], READ, count) < par["broadcast_read"]
                ):
                    learn(w, unit, f, p, READ_OF, now)


@kernel
def talk_shop(w, case, here, there, loop, now):
    """The informal channel: at a hand-off two units may tell each other the answers they know."""
    record = w.cases[case]
    drawn = False
    for f in range(w.faults.shape[1]):
        for p in range(w.faults.shape[2]):
            knows = w.faults[here, f, p]["knows"] != NO
            if knows == (w.faults[there, f, p]["knows"] != NO):
                continue
            if not drawn:
                drawn = True
                task = lowest(record["visit"])
                count = task_count(task >> 1, record["product"][task & 1], loop)
                if uniform(record["key"], TOLD, count) >= w.par[0]["informal"]:
                    return
            learn(w, there if knows else here, f, p, TOLD_OF, now)
