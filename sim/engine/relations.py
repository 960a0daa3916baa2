"""What is remembered about each customer, and the firm's yearly choice of its best (M13, M15).

Owns: profiles: how they begin, what a closed case adds, the reviews of months and years. Never
does: anything while no module asks for it (`relations` is then off).
"""

from __future__ import annotations

from sim.behaviours.trust import answer_probability
from sim.behaviours.value import mixed, worth
from sim.engine.acquisition import begin_acquisition, make_gestures
from sim.engine.arrays import Outcome
from sim.engine.errands import plan_follow_up, respond
from sim.engine.identity import customer_key
from sim.jit import kernel
from sim.management.favour import threshold
from sim.rng import ESTIMATE, SURVEY, VALUE, normal_quantile, uniform

ABANDONED, RESOLVED = int(Outcome.ABANDONED), int(Outcome.RESOLVED)
MONTHS_PER_YEAR = 12


@kernel
def welcome(w, c):
    """A customer's profile begins: its value is drawn, its trust is that of a stranger."""
    par = w.par[0]
    profile = w.profiles[c]
    profile["trust"] = par["trust_start"]
    profile["log_value"] = normal_quantile(uniform(customer_key(w, c), VALUE, 0))
    profile["worth"] = worth(
        w.segments[w.customers[c]["segment"]]["value"], profile["log_value"], par["value_sigma"]
    )


@kernel
def begin_relations(w):
    """Profiles of the customers present at the start."""
    for c in range(len(w.profiles)):
        if w.customers[c]["status"] == 1:
            welcome(w, c)
    begin_acquisition(w)
    if w.par[0]["best"]:
        choose_best(w)
        plan_follow_up(w, 0.0)


@kernel
def afterwards(w, case, outcome, score, step, now):
    """What a closed case leaves behind beside satisfaction, expectation and loyalty.

    `step` is how far it moved loyalty.
    """
    par = w.par[0]
    c = w.cases[case]["customer"]
    if par["best"] and w.profiles[c]["chosen"]:
        totals = w.totals[0]
        totals["chosen_cases"] += 1.0
        totals["chosen_satisfaction"] += score
        if outcome < ABANDONED:
            totals["chosen_closed"] += 1.0
            totals["chosen_response"] += now - w.cases[case]["opened"]
    if par["surveyed"]:
        survey(w, case, outcome, score, step)
    if par["complaints"] and w.customers[c]["status"] == 1:
        respond(w, case, score, now)


@kernel
def survey(w, case, outcome, score, step):
    """Does the customer answer a survey (M27)? Which kind of case moved loyalty, how far (M12)?"""
    par = w.par[0]
    record = w.cases[case]
    totals = w.totals[0]
    totals["asked"] += 1.0
    answers = answer_probability(score, par["survey_response"], par["survey_extremes"])
    if uniform(record["key"], SURVEY, 0) < answers:
        totals["surveys"] += 1.0
        totals["survey_satisfaction"] += score
    if w.customers[record["customer"]]["status"] != 1:
        return
    totals["steps"] += 1.0
    totals["step"] += step
    totals["step_squared"] += step * step
    if outcome != RESOLVED:
        totals["steps_failed"] += 1.0
        totals["step_failed"] += step
    elif record["reopenings"] > 0:
        totals["steps_reopened"] += 1.0
        totals["step_reopened"] += step


@kernel
def review_relations(w):
    """Month's end: trust, revenue by own value, the favoured and the loyal are counted."""
    par = w.par[0]
    make_gestures(w)
    if par["trust"]:
        for c in range(len(w.profiles)):
            if w.customers[c]["status"] == 1:
                w.totals[0]["trust_months"] += 1.0
                w.totals[0]["trust_sum"] += w.profiles[c]["trust"]
    if not par["best"]:
        return
    totals = w.totals[0]
    for c in range(len(w.profiles)):
        customer = w.customers[c]
        if customer["status"] != 1:
            continue
        profile = w.profiles[c]
        revenue = profile["worth"] / 12.0
        totals["own_revenue"] += revenue
        if profile["chosen"]:
            totals["chosen_months"] += 1.0
            totals["chosen_right"] += profile["best"]
            totals["chosen_revenue"] += revenue
        if customer["loyalty"] >= par["loyal_from"]:
            totals["loyal_months"] += 1.0
            totals["loyal_revenue"] += revenue
    if w.clock[0]["month"] % MONTHS_PER_YEAR == 0:
        choose_best(w)


@kernel
def leaves(w, c):
    """A customer leaves; a favoured one is missed."""
    if w.profiles[c]["chosen"]:
        w.totals[0]["chosen_left"] += 1.0
        w.clock[0]["chosen"] -= 1


@kernel
def choose_best(w):
    """The firm picks its best customers from this year's records; then values move (M15).

    The estimate correlates with this year's log value, and that with next year's, in which the
    choice holds.
    """
    par = w.par[0]
    clock = w.clock[0]
    year = clock["month"] // MONTHS_PER_YEAR + 1
    n = 0
    for c in range(len(w.profiles)):
        customer = w.customers[c]
        if customer["status"] != 1:
            continue
        n += 1
        profile = w.profiles[c]
        key = customer_key(w, c)
        mean = w.segments[customer["segment"]]["value"]
        estimate = mixed(
            profile["log_value"], par["estimate_correlation"],
            normal_quantile(uniform(key, ESTIMATE, year)),
        )
        profile["score"] = worth(mean, estimate, par["value_sigma"])
        if par["score_loyalty"]:
            profile["score"] *= customer["loyalty"]
        profile["log_value"] = mixed(
            profile["log_value"], par["value_persistence"],
            normal_quantile(uniform(key, VALUE, year)),
        )
        profile["worth"] = worth(mean, profile["log_value"], par["value_sigma"])
    most = int(par["top_share"] * n)
    limit = threshold(w.profiles, w.customers, most)
    clock["chosen"] = 0
    for c in range(len(w.profiles)):
        profile = w.profiles[c]
        here = w.customers[c]["status"] == 1
        profile["chosen"] = 1 if here and profile["score"] > limit else 0
        clock["chosen"] += profile["chosen"]
        profile["score"] = profile["worth"]
    limit = threshold(w.profiles, w.customers, most)
    for c in range(len(w.profiles)):
        profile = w.profiles[c]
        here = w.customers[c]["status"] == 1
        profile["best"] = 1 if here and profile["score"] > limit else 0
