"""A case ends: satisfaction, expectation, loyalty, word of mouth, and the sums (M11-M14, R13).

Owns: what a customer makes of a case. Never does: decide whether it ends (`transfers.py`).
"""

from __future__ import annotations

import math

from sim.behaviours.loyalty import loyalty_step
from sim.behaviours.satisfaction import fit, moved, satisfaction, speed
from sim.engine.acquisition import attraction_now, show
from sim.engine.arrays import Journey, Outcome
from sim.engine.buffers import next_case_at
from sim.engine.calendar import book_arrival
from sim.engine.design import offered_fit
from sim.engine.errands import settle_errand
from sim.engine.identity import customer_key, first_mouth_row
from sim.engine.journal import note
from sim.engine.regard import regard
from sim.engine.relations import afterwards, welcome
from sim.engine.routing import task_pool
from sim.engine.spirit import hear_verdict
from sim.engine.transfers import count_open
from sim.jit import kernel
from sim.rng import ARRIVAL, MESSAGE, exponential, uniform
from sim.state import HISTOGRAM_LOW_H, HISTOGRAM_STEP

RESOLVED, UNRESOLVED = int(Outcome.RESOLVED), int(Outcome.UNRESOLVED)
ABANDONED, REFUSED = int(Outcome.ABANDONED), int(Outcome.REFUSED)
CLOSES, ABANDONS = int(Journey.CLOSES), int(Journey.ABANDONS)


@kernel
def mean_fit(w, case):
    """Mean fit over the products of a case, with the offerings as they are now (R19, R50)."""
    record = w.cases[case]
    products = record["products"]
    total = 0.0
    for j in range(products):
        pool = record["offering_pool"][j]
        if pool < 0:
            pool = task_pool(w, case, 2 * w.par[0]["offering_function"] + j)
        unit = w.pools[pool]["unit"]
        product = record["product"][j]
        # Who had the case in hand adapted what is offered (M19).
        kept = w.par[0]["gap_kept"] if record["offering_pool"][j] >= 0 else 1.0
        if w.par[0]["needs_move"]:
            total += offered_fit(w, record["customer"], unit, product, w.clock[0]["now"], kept)
            continue
        squared = 0.0
        for k in range(w.offering.shape[2]):
            d = float(w.needs[record["customer"], product, k]) - w.offering[unit, product, k]
            squared += d * d
        total += fit(squared * kept, w.par[0]["fit_scale"])
    return total / products


@kernel
def joins(w, customer, loyalty, now):
    """A prospect becomes a customer."""
    record = w.customers[customer]
    segment = record["segment"]
    record["status"] = 1
    record["loyalty"] = loyalty
    record["expectation"] = w.segments[segment]["expectation"]
    record["experiences"] = 0
    gap = exponential(uniform(customer_key(w, customer), ARRIVAL, 0)) / w.segments[segment]["rate"]
    book_arrival(w.customers, w.buckets, w.near, w.clock, customer, next_case_at(w, now, gap))
    w.clock[0]["active"] += 1
    if w.par[0]["relations"]:
        welcome(w, customer)
    w.totals[0]["joined"] += 1.0
    w.segment_totals[segment]["joined"] += 1.0
    w.segment_totals[segment]["active"] += 1.0


@kernel
def blocked_now(blocked, clocks, now):
    """Prospects who stay away because of a warning."""
    clock = clocks[0]
    while clock["blocked_from"] < clock["blocked_to"] and (
        blocked[clock["blocked_from"] % len(blocked)] <= now
    ):
        clock["blocked_from"] += 1
    return clock["blocked_to"] - clock["blocked_from"]


@kernel
def talk(w, case, score, now):
    """What the customer tells others, and whom that wins or loses (M14, R21)."""
    par = w.par[0]
    clock = w.clock[0]
    key = w.cases[case]["key"]
    angry = score < par["angry"]
    tells = par["tell_neutral"]
    hearers = 1
    if score >= par["delighted"]:
        tells = par["tell_delighted"]
    elif angry:
        tells = par["tell_angry"]
        hearers = par["angry_audience"]
    if uniform(key, MESSAGE, 0) >= tells:
        return
    convert = par["convert"]
    if par["acquisition"]:
        convert *= attraction_now(w)
    for k in range(hearers):
        u = uniform(key, MESSAGE, k + 1)
        if angry:
            w.totals[0]["warnings"] += 1.0
            if u < par["block"] and blocked_now(w.blocked, w.clock, now) < len(w.blocked):
                w.blocked[clock["blocked_to"] % len(w.blocked)] = now + par["block_h"]
                clock["blocked_to"] += 1
        else:
            w.totals[0]["praise"] += 1.0
            if (
                u < convert
                and par["inflow"]
                and now > par["window_start"]
                and clock["active"] < par["most_customers"]
            ):
                joins(w, first_mouth_row(w) + clock["mouth"], par["loyalty_referred"], now)
                w.totals[0]["joined_referral"] += 1.0
                clock["mouth"] += 1


@kernel
def settle(w, case, outcome, now):
    """Close a case and free its slot."""
    par = w.par[0]
    clock = w.clock[0]
    record = w.cases[case]
    if par["relations"] and record["type"] >= par["case_kinds"]:
        settle_errand(w, case, outcome, now)
        return
    c = record["customer"]
    customer = w.customers[c]
    segment = record["segment"]
    kind = w.case_types[record["type"]]
    totals = w.totals[0]
    part = w.segment_totals[segment]
    response = now - record["opened"]
    if not par["waiting"]:  # a control: timed as if nobody had queued
        response -= record["waited"]
        record["rework"] -= record["waited"] - record["queue"]
        record["queue"] = 0.0
        record["first_wait"] = 0.0
    tolerance = kind["tolerance_h"] * w.segments[segment]["patience"]
    reopenings = record["reopenings"]
    fitting = 0.0
    resolution = 0.0
    if kind["phone"]:
        totals["phone"] += 1.0
    if outcome >= ABANDONED:
        totals["abandoned"] += 1.0
        part["abandoned"] += 1.0
        record["first_wait"] = response
        record["queue"] = response
    else:
        fitting = mean_fit(w, case)
        if par["acquisition"]:
            show(w, case, fitting)
        if outcome == RESOLVED:
            resolution = 1.0
            for _ in range(reopenings):
                resolution *= par["reopening_factor"]
            if reopenings == 0:
                totals["first_contact"] += 1.0
                part["first_contact"] += 1.0
        else:
            totals["unresolved"] += 1.0
        if record["first_close"] < math.inf:
            record["rework"] += now - record["first_close"]
        totals["closed"] += 1.0
        totals["response"] += response
        totals["touch"] += record["touch"]
        totals["queue"] += record["queue"]
        totals["transfer"] += record["transfer"]
        totals["rework"] += record["rework"]
        totals["reopenings"] += reopenings
        totals["visits"] += record["visits"]
        totals["handoffs"] += record["handoffs"]
        totals["passes"] += record["passes"]
        totals["owned"] += record["owned"]
        totals["fit"] += fitting * record["products"]
        totals["fits"] += record["products"]
        if par["surge"]:
            after = record["opened"] - par["window_start"] - par["surge_at"]
            if 0.0 <= after < par["surge_length"]:
                totals["surge_closed"] += 1.0
                totals["surge_response"] += response
        if response <= tolerance:
            totals["within"] += 1.0
        held = record["offering_pool"]
        if par["empowered"] and (held[0] >= 0 or held[1] >= 0):
            part["adapted"] += 1.0
        part["closed"] += 1.0
        part["response"] += response
        part["fit"] += fitting * record["products"]
        part["fits"] += record["products"]
        if now > par["window_start"]:
            place = 0
            if response > HISTOGRAM_LOW_H:
                # beyond any bin, and still a number that an integer can hold
                scaled = min(response / HISTOGRAM_LOW_H, 1e300)
                place = 1 + int(math.log(scaled) / HISTOGRAM_STEP)
            w.histogram[min(place, len(w.histogram) - 1)] += 1
    totals["first_wait"] += record["first_wait"]

    manner = par["courtesy"]
    if par["manners"]:
        manner = record["courtesy"]
        if par["owner"] > 0.0 and record["visits"] > 0:
            manner = min(manner + par["owner"] * record["owned"] / record["visits"], 1.0)
        totals["courtesy"] += manner
        totals["courtesies"] += 1.0
    quick = 0.0 if outcome == REFUSED else speed(response, tolerance)
    quality = (
        float(w.weights[c, 0]) * fitting
        + float(w.weights[c, 1]) * quick
        + float(w.weights[c, 2]) * resolution
        + float(w.weights[c, 3]) * manner
    )
    expectation = customer["expectation"]
    loss = par["loss"]
    if par["regard"]:
        quality, expectation, loss = regard(w, case, outcome, response, tolerance, quality)
    score = satisfaction(quality, expectation, par["gain"], loss)
    if outcome == REFUSED:
        totals["refused"] += 1.0
        totals["refused_satisfaction"] += score
    if par["staff"]:
        hear_verdict(w, case, score)
    totals["satisfaction"] += score
    totals["quality"] += quality
    part["satisfaction"] += score
    part["quality"] += quality
    if now > par["window_start"]:
        customer["satisfaction_sum"] += score
        customer["cases"] += 1
    customer["last_satisfaction"] = score
    loyalty = customer["loyalty"]
    if customer["status"] == 1:
        customer["expectation"] = moved(
            customer["expectation"], quality, par["expectation_speed"]
        )
        step = loyalty_step(float(customer["experiences"]), par["loyalty_step"])
        customer["loyalty"] = moved(loyalty, score, step)
        customer["experiences"] += 1
        if par["inflow"]:
            talk(w, case, score, now)
    if par["relations"]:
        afterwards(w, case, outcome, score, customer["loyalty"] - loyalty, now)
    if par["case_log"]:
        row = w.case_log[clock["log_n"]]
        clock["log_n"] += 1
        row["opened"] = record["opened"]
        row["closed"] = now
        row["satisfaction"] = score
        row["quality"] = quality
        row["touch"] = record["touch"]
        row["queue"] = record["queue"]
        row["transfer"] = record["transfer"]
        row["rework"] = record["rework"]
        row["fit"] = fitting
        row["loyalty"] = customer["loyalty"]
        row["customer"] = c
        row["number"] = record["number"]
        row["visits"] = record["visits"]
        row["handoffs"] = record["handoffs"]
        row["type"] = record["type"]
        row["segment"] = segment
        row["reopenings"] = reopenings
        row["outcome"] = outcome
    note(w, case, now, ABANDONS if outcome >= ABANDONED else CLOSES, -1, -1, 0, score)
    count_open(w, now, -1)
    record["stamp"] += 1
    record["link"] = clock["free_case"]
    clock["free_case"] = case
