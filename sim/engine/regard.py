"""What a customer makes of a case beyond the four attributes (M11 extras, M25).

Owns: what is remembered of each visit, failed attempts, and how quality, expectation and the
weight of a loss change with them. Never does: anything while `regard` is off.
"""

from __future__ import annotations

from sim.behaviours.complaints import shifted
from sim.behaviours.loyalty import loyalty_step
from sim.behaviours.satisfaction import speed
from sim.behaviours.trust import loss_softened, stage_quality, with_worst
from sim.engine.arrays import Outcome
from sim.engine.spirit import courtesy_of
from sim.jit import kernel
from sim.rng import ATTEMPT, BYSTANDER, EXPLOIT, FEE, uniform

ABANDONED = int(Outcome.ABANDONED)


@kernel
def see_visit(w, case, person, waited, left):
    """A visit begins: what the customer sees of it. `left`: share of knowledge not forgotten."""
    record = w.cases[case]
    contact = w.contacts[case]
    segment = record["segment"]
    known = w.knowledge[person, w.work.shape[1] + w.product_weight.shape[2] + segment] * left
    tolerance = w.case_types[record["type"]]["tolerance_h"] * w.segments[segment]["patience"]
    manner = courtesy_of(w, person) if w.par[0]["manners"] else w.par[0]["courtesy"]
    stage = stage_quality(speed(waited, tolerance), record["information"], manner)
    contact["visits"] += 1.0
    contact["understanding"] += known * record["information"]
    contact["stages"] += stage
    contact["worst"] = min(contact["worst"], stage)


@kernel
def forget_contact(w, case):
    """A new case: nothing has been seen."""
    contact = w.contacts[case]
    contact["visits"] = 0.0
    contact["understanding"] = 0.0
    contact["stages"] = 0.0
    contact["worst"] = 1.0
    contact["failed"] = 0


@kernel
def attempt_fails(w, case):
    """Was the customer missed at the last step? Then the visit left nothing behind (M25)."""
    par = w.par[0]
    record = w.cases[case]
    contact = w.contacts[case]
    if contact["failed"] or record["redoing"] != 0 or record["type"] >= par["case_kinds"]:
        return
    w.totals[0]["attempts"] += 1.0
    if uniform(record["key"], ATTEMPT, 0) >= par["attempt_failure"]:
        return
    contact["failed"] = 1
    w.totals[0]["attempts_failed"] += 1.0
    record["tasks"] = record["visit"]
    record["errors"] = record["errors"] & ~record["visit"]
    record["last_errors"] = 0


@kernel
def regard(w, case, outcome, response, tolerance, quality):
    """Quality, expectation and b- of a case that ends, with all that a customer remembers."""
    par = w.par[0]
    record = w.cases[case]
    contact = w.contacts[case]
    totals = w.totals[0]
    expectation = w.customers[record["customer"]]["expectation"]
    understanding = 0.0
    if contact["visits"] > 0.0:
        understanding = contact["understanding"] / contact["visits"]
        totals["met"] += 1.0
        totals["understanding"] += understanding
        totals["stage_mean"] += contact["stages"] / contact["visits"]
        totals["stage_worst"] += contact["worst"]
    if par["extra_weight"] > 0.0:
        quality = (
            (1.0 - par["extra_weight"]) * quality
            + par["weight_understanding"] * understanding
            + par["weight_tangibles"] * par["tangibles"]
            + par["weight_channel"] * w.case_types[record["type"]]["directness"]
        )
    if contact["visits"] > 0.0:
        quality = with_worst(quality, contact["worst"], par["peak"])
    if not par["trust"]:
        return quality, expectation, par["loss"]
    return trusting(w, case, outcome, response, tolerance, quality, expectation)


@kernel
def trusting(w, case, outcome, response, tolerance, quality, expectation):
    """Promises, charges, failed attempts, used weakness, concessions (M25)."""
    par = w.par[0]
    record = w.cases[case]
    totals = w.totals[0]
    key = record["key"]
    c = record["customer"]
    profile = w.profiles[c]
    revenue = profile["worth"] / (w.segments[record["segment"]]["rate"] * 12.0 * par["month_h"])
    drop = 0.0
    change = 0.0
    betrayals = 0
    if outcome < ABANDONED:
        totals["trust_cases"] += 1.0
        if uniform(key, FEE, 0) < par["fee_share"]:
            totals["fees"] += 1.0
            totals["extra_income"] += par["fee"]
            drop += par["fee_drop"]
        if w.contacts[case]["failed"]:
            relief = par["notice_relief"]
            if uniform(key, ATTEMPT, 1) >= par["attempt_notice"]:
                relief = 0.0
            drop += par["attempt_drop"] * (1.0 - relief)
        if uniform(key, EXPLOIT, 0) < par["exploitation"]:
            totals["exploited"] += 1.0
            totals["extra_income"] += par["exploitation_gain"] * revenue
            if uniform(key, EXPLOIT, 1) < par["detection"]:
                drop += par["exploitation_drop"]
                betrayals += 1
    if par["promise"] < 1e300:
        totals["promises"] += 1.0
        if outcome < ABANDONED and response <= par["promise"] * tolerance:
            totals["promises_kept"] += 1.0
            change += par["trust_kept"]
        else:
            expectation = min(expectation + par["broken_expectation"], 1.0)
            betrayals += 1
    change += betrayals * par["trust_broken"]
    quality = max(quality - drop, 0.0)
    if par["concession"] > 0.0 and quality < expectation:
        quality += min(par["concession_effect"] * par["concession"], expectation - quality)
        totals["conceded"] += par["concession"] * revenue
    loss = loss_softened(par["loss"], profile["trust"], par["trust_tolerance"])
    if w.customers[c]["status"] == 1:
        profile["trust"] = shifted(profile["trust"], change)
    if drop > 0.0 or betrayals > 0:
        for k in range(par["bystanders"]):
            witness(w, case, k, drop, betrayals * par["trust_broken"])
    return quality, expectation, loss


@kernel
def witness(w, case, k, drop, betrayal):
    """Another customer sees how this one is treated, and takes a share of it to heart (M25).

    Trust moves by the share of the change; loyalty by the share of what the drop would have
    done to the witness: its own step times drop (1 + b-).
    """
    par = w.par[0]
    record = w.cases[case]
    other = int(uniform(record["key"], BYSTANDER, k) * par["n_start"])
    customer = w.customers[other]
    if other == record["customer"] or customer["status"] != 1:
        return
    w.totals[0]["seen"] += 1.0
    share = par["bystander_share"]
    w.profiles[other]["trust"] = shifted(w.profiles[other]["trust"], share * betrayal)
    step = loyalty_step(float(customer["experiences"]), par["loyalty_step"])
    customer["loyalty"] = shifted(
        customer["loyalty"], -share * step * drop * (1.0 + par["loss"])
    )
