"""Errands: complaints that are taken up, and follow-ups of favoured customers (M13, M15).

Owns: how they arise and end. Never does: the work itself, which is a visit like any other. An
errand is a case of one step that no metric of cases counts; it competes for the same people.
"""

from __future__ import annotations

import math

from sim.behaviours.complaints import complaint_probability, shifted
from sim.behaviours.satisfaction import moved
from sim.engine.arrays import Outcome
from sim.engine.calendar import ERRAND, push
from sim.engine.identity import customer_key
from sim.engine.transfers import first_visit, pick, take_slot
from sim.jit import kernel
from sim.rng import COMPLAIN, PRODUCT, child_key, uniform
from sim.rng import ERRAND as ERRAND_KEY

RESOLVED = int(Outcome.RESOLVED)
COMPLAINT, FOLLOW_UP = 0, 1


@kernel
def respond(w, case, score, now):
    """What a customer says to the firm after a case: complaint, silence, or praise (M13)."""
    par = w.par[0]
    record = w.cases[case]
    customer = w.customers[record["customer"]]
    totals = w.totals[0]
    key = record["key"]
    totals["complaint_cases"] += 1.0
    if score >= par["complaint_threshold"]:
        if score >= par["delighted"] and uniform(key, COMPLAIN, 1) < par["compliment"]:
            totals["compliments"] += 1.0
        return
    speaks = complaint_probability(
        customer["loyalty"], par["complaint_rate"], par["complaint_slope"]
    )
    if uniform(key, COMPLAIN, 0) >= speaks:
        customer["loyalty"] = shifted(customer["loyalty"], par["after_silence"])
        return
    totals["complaints"] += 1.0
    if uniform(key, COMPLAIN, 2) < par["complaint_answered"]:
        about = (record["customer"] << 16) | (record["product"][0] << 8) | COMPLAINT
        push(w.heap, w.clock, now + par["complaint_delay_h"], ERRAND, about)
    else:
        totals["complaints_refused"] += 1.0
        customer["loyalty"] = shifted(customer["loyalty"], par["after_unresolved"])


@kernel
def plan_follow_up(w, now):
    """The next follow-up: the favoured are visited in turn, each as often as planned (M15)."""
    every = w.par[0]["follow_up_every_h"]
    if every < math.inf:
        push(w.heap, w.clock, now + every / max(float(w.clock[0]["chosen"]), 1.0), ERRAND,
             FOLLOW_UP)


@kernel
def next_chosen(w):
    """The next active favoured customer in turn, -1 if there is none."""
    clock = w.clock[0]
    if clock["chosen"] == 0:
        return -1
    n = len(w.profiles)
    for step in range(n):
        c = (clock["cursor"] + step) % n
        if w.customers[c]["status"] == 1 and w.profiles[c]["chosen"]:
            clock["cursor"] = c + 1
            return c
    return -1


@kernel
def open_errand(w, about, now):
    """A complaint or follow-up becomes a case that joins a queue; -1 if its customer is gone."""
    par = w.par[0]
    if about & 0xFF == FOLLOW_UP:
        plan_follow_up(w, now)
        kind = par["case_kinds"] + FOLLOW_UP
        c = next_chosen(w)
    else:
        kind = par["case_kinds"] + COMPLAINT
        c = about >> 16
    if c < 0 or w.customers[c]["status"] != 1:
        return -1
    profile = w.profiles[c]
    key = child_key(customer_key(w, c), ERRAND_KEY, profile["errands"])
    profile["errands"] += 1
    product = (about >> 8) & 0xFF
    if about & 0xFF == FOLLOW_UP:
        weights = w.product_weight[kind, w.customers[c]["segment"]]
        product = pick(weights, uniform(key, PRODUCT, 0), -1)
    case = take_slot(w, c, key, 0, kind, now)
    record = w.cases[case]
    record["tasks"] = w.case_types[kind]["steps"]
    record["product"][0] = product
    record["product"][1] = product
    record["products"] = 1
    first_visit(w, case)
    w.clock[0]["errands"] += 1
    return case


@kernel
def settle_errand(w, case, outcome, now):
    """Close an errand, and free its slot."""
    par = w.par[0]
    clock = w.clock[0]
    totals = w.totals[0]
    record = w.cases[case]
    customer = w.customers[record["customer"]]
    here = customer["status"] == 1
    clock["errands"] -= 1
    if record["type"] == par["case_kinds"] + COMPLAINT:
        hours = now - record["opened"] + par["complaint_delay_h"]
        totals["complaints_closed"] += 1.0
        totals["recovery_h"] += hours
        change = par["after_unresolved"]
        if outcome == RESOLVED:
            totals["recovered"] += 1.0
            quick = par["complaint_quick_h"] * w.segments[record["segment"]]["patience"]
            change = par["after_quick"] if hours <= quick else par["after_resolved"]
        if here:
            customer["loyalty"] = shifted(customer["loyalty"], change)
    else:
        totals["follow_ups"] += 1.0
        totals["follow_up_h"] += record["touch"]
        if outcome == RESOLVED and here:
            customer["loyalty"] = moved(customer["loyalty"], 1.0, par["follow_up_gain"])
    record["stamp"] += 1
    record["link"] = clock["free_case"]
    clock["free_case"] = case
