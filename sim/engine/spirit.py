"""What happens to people: how they begin a visit, what they hear, how they become staff (M16).

Owns: when these mechanisms act and what they remember. Never does: know their formulas
(`behaviours`), or decide who comes and goes (`posts.py`, `rhythm.py`).
"""

from __future__ import annotations

import math

from sim.behaviours.learning import kept
from sim.behaviours.morale import courtesy, morale_after, strain, variety_of
from sim.behaviours.onboarding import trained
from sim.behaviours.orientation import care_factor
from sim.engine.arrays import PersonState
from sim.engine.culture import month_of_culture
from sim.engine.dispatch import quickness
from sim.engine.pressure import (
    pace_of_owner,
    pace_under_load,
    week_of_pressure,
    week_of_teaching,
)
from sim.jit import kernel, lowest
from sim.rng import TEMPER, normal_quantile, uniform

COMPLAINT = 0
"""Place of complaints among the kinds of cases that no customer brings by chance."""
VACANT, IDLE, BUSY = int(PersonState.VACANT), int(PersonState.IDLE), int(PersonState.BUSY)


@kernel
def courtesy_of(w, person):
    """Courtesy of a person now."""
    par = w.par[0]
    worker = w.people[person]
    return courtesy(
        par["courtesy"],
        worker["morale"] - par["morale_base"],
        par["courtesy_effect"],
        worker["orientation"] - 0.5,
        par["orientation_courtesy"],
    )


@kernel
def newcomer(w, person, now):
    """Somebody new holds the post: nothing seen or heard yet, and a temper of their own."""
    mood = w.moods[person]
    mood["holders"] += 1
    mood["hired_at"] = now
    mood["counted"] = now
    mood["own_visits"] = 0.0
    mood["brought_in"] = 0
    mood["week"] = 0.0
    mood["overwork"] = 0.0
    w.people[person]["orientation"] = w.par[0]["oriented_hire"]
    forget_month(w, person)
    take_temper(w, person)


@kernel
def take_temper(w, person):
    """The person's own base, and the morale they come with."""
    par = w.par[0]
    worker = w.people[person]
    mood = w.moods[person]
    if par["temper"] > 0.0:
        mood["own"] = par["temper"] * normal_quantile(
            uniform(worker["key"], TEMPER, mood["holders"])
        )
    worker["morale"] = min(max(par["morale_base"] + mood["own"], 0.0), 1.0)


@kernel
def forget_month(w, person):
    """A new month: what was seen and heard is counted anew."""
    mood = w.moods[person]
    mood["worked"] = 0.0
    mood["heard"] = 0.0
    mood["verdicts"] = 0.0
    mood["praised"] = 0.0
    mood["visits"] = 0.0
    mood["complaints"] = 0.0
    mood["contacts"] = 0.0
    if len(w.variety) > 0:
        for task in range(w.variety.shape[1]):
            w.variety[person, task] = 0.0


@kernel
def learn_post(w, person, now):
    """The end of an induction: hours of training on the post's mix of work."""
    par = w.par[0]
    worker = w.people[person]
    if not par["learning"]:
        return
    left = kept(now - worker["known_at"], par["forget_rate"])
    hours = par["induction_h"] * par["training"]
    for element in range(w.knowledge.shape[1]):
        w.knowledge[person, element] = trained(
            w.knowledge[person, element] * left,
            hours * w.mix[worker["pool"], element],
            par["learn_rate"],
        )
    worker["known_at"] = now


@kernel
def book_work(w, person, now):
    """Hours worked since they were last booked, for somebody in a visit."""
    mood = w.moods[person]
    hours = now - max(w.people[person]["since"], mood["counted"])
    mood["worked"] += hours
    mood["week"] += hours
    mood["counted"] = now


@kernel
def before_visit(w, person, case, now):
    """(factor on time, factor on the error probability, added to it) of a visit about to start."""
    par = w.par[0]
    pace = par["work_factor"]
    slips = par["error_factor"]
    added = par["kpi_errors"]
    if par["orientation"]:
        slips *= care_factor(w.people[person]["orientation"], par["care"])
    if par["pressure"]:
        pace *= pace_under_load(w, person, case)
        added += par["fatigue_errors"] * w.moods[person]["overwork"]
    if len(w.done_by) > 0:
        pace *= pace_of_owner(w, person, case)
    if par["procedures"] and w.case_types[w.cases[case]["type"]]["covered"]:
        pace *= par["procedure_work"]
        slips *= par["procedure_errors"]
    if par["onboarding"]:
        watched = quickness(w, person, w.people[person]["pool"], now) < par["own_feet"]
        w.moods[person]["supervised"] = 1 if watched else 0
        if watched:
            pace *= 1.0 + par["supervision"]
            slips *= 1.0 - par["checked"]
    return pace, slips, added


@kernel
def after_visit(w, person, case, hours, now):
    """What a visit leaves behind: with the case its courtesy, with the person hours and news."""
    par = w.par[0]
    record = w.cases[case]
    worker = w.people[person]
    mood = w.moods[person]
    if par["manners"]:
        record["courtesy"] += (courtesy_of(w, person) - record["courtesy"]) / record["visits"]
    book_work(w, person, now)
    mood["visits"] += 1.0
    if record["first_close"] < math.inf or record["type"] == par["case_kinds"] + COMPLAINT:
        mood["complaints"] += 1.0
    if record["visits"] == 1:
        mood["contacts"] += 1.0
    if len(w.done_by) > 0:
        done = record["visit"]
        while done:
            w.done_by[case, lowest(done)] = worker["team"]
            done &= done - 1
    if worker["pool"] == record["pool"] and now > par["window_start"]:
        mood["own_visits"] += 1.0
    if len(w.variety) > 0:
        products = w.product_weight.shape[2]
        visit = record["visit"]
        while visit:
            task = lowest(visit)
            visit &= visit - 1
            w.variety[person, (task >> 1) * products + record["product"][task & 1]] += 1.0
    if par["onboarding"]:
        w.totals[0]["profiled"] += hours
        if mood["supervised"]:
            w.totals[0]["below_profile"] += hours


@kernel
def hear_verdict(w, case, score):
    """The verdict on a case reaches the person who made its last visit."""
    person = w.cases[case]["last_person"]
    if person < 0:
        return
    mood = w.moods[person]
    mood["heard"] += score
    mood["verdicts"] += 1.0
    if w.cases[case]["visits"] > 1:
        mood["contacts"] += 1.0
    if score >= w.par[0]["delighted"]:
        mood["praised"] += 1.0


@kernel
def pay_out(w):
    """The month's payout out of profit; returns the lift it gives."""
    par = w.par[0]
    clock = w.clock[0]
    totals = w.totals[0]
    payroll = par["hour_cost"] * (totals["filled"] - clock["seen_filled"])
    clock["seen_filled"] = totals["filled"]
    if par["profit_share"] <= 0.0 or payroll <= 0.0:
        return 0.0
    revenue = 0.0
    for segment in range(len(w.segments)):
        revenue += w.segment_totals[segment]["active"] * w.segments[segment]["value"]
    bonus = par["profit_share"] * max(par["margin"] * revenue / 12.0 - payroll, 0.0)
    totals["bonus"] += bonus
    return par["profit_effect"] * min(bonus / payroll, 1.0)


@kernel
def news_of_month(w):
    """Mean satisfaction of the month's cases, for those who heard no verdict themselves."""
    clock = w.clock[0]
    totals = w.totals[0]
    ended = totals["closed"] + totals["abandoned"]
    score = w.par[0]["satisfaction_norm"]
    if ended > clock["seen_ended"]:
        score = (totals["satisfaction"] - clock["seen_satisfaction"]) / (
            ended - clock["seen_ended"]
        )
    clock["seen_satisfaction"] = totals["satisfaction"]
    clock["seen_ended"] = ended
    return score


@kernel
def move_morale(w, person, lift, news, now):
    """A person's morale moves towards where the month has left it."""
    par = w.par[0]
    worker = w.people[person]
    mood = w.moods[person]
    present = now - max(now - par["month_h"], mood["hired_at"])
    use = mood["worked"] / present if present > 0.0 else 0.0
    target = par["morale_base"] + mood["own"] + lift
    if mood["verdicts"] > 0.0:
        news = mood["heard"] / mood["verdicts"]
        target += par["pride"] * mood["praised"] / mood["verdicts"]
    target += par["by_satisfaction"] * (news - par["satisfaction_norm"])
    target -= strain(use, par["load_norm"], par["by_load"])
    if mood["visits"] > 0.0:
        target -= par["by_complaints"] * mood["complaints"] / mood["visits"]
    target += par["by_orientation"] * (worker["orientation"] - 0.5)
    if len(w.variety) > 0:
        total = 0.0
        squares = 0.0
        for task in range(w.variety.shape[1]):
            n = w.variety[person, task]
            total += n
            squares += n * n
        target += par["by_variety"] * variety_of(squares, total)
    worker["morale"] = morale_after(worker["morale"], target, par["morale_speed"])


@kernel
def month_of_staff(w, now):
    """Morale moves by the month's load, verdicts and complaints; means are taken."""
    par = w.par[0]
    totals = w.totals[0]
    if par["orientation"]:
        month_of_culture(w, now)
    lift = par["morale_given"] + pay_out(w)
    news = news_of_month(w)
    n = 0.0
    morale = 0.0
    manner = 0.0
    for person in range(len(w.people)):
        if w.people[person]["state"] != VACANT:
            if w.people[person]["state"] == BUSY:
                book_work(w, person, now)
            if par["morale"]:
                move_morale(w, person, lift, news, now)
            n += 1.0
            morale += w.people[person]["morale"]
            manner += courtesy_of(w, person)
        forget_month(w, person)
    if n == 0.0:
        return
    squares = 0.0
    for person in range(len(w.people)):
        if w.people[person]["state"] != VACANT:
            gap = courtesy_of(w, person) - manner / n
            squares += gap * gap
    totals["staff_months"] += 1.0
    if par["morale"]:
        totals["morale"] += morale / n
    if par["manners"]:
        totals["manner_spread"] += math.sqrt(squares / n)


@kernel
def week_of_staff(w, now):
    """Overwork, teaching; hires as proficient as is usual in their post count as brought in."""
    par = w.par[0]
    if par["pressure"]:
        for person in range(len(w.people)):
            if w.people[person]["state"] == BUSY:
                book_work(w, person, now)
            week_of_pressure(w, person, now)
    if len(w.masters) > 0:
        week_of_teaching(w, now)
    if not par["onboarding"]:
        return
    for person in range(len(w.people)):
        worker = w.people[person]
        mood = w.moods[person]
        if mood["brought_in"] or not (worker["state"] == IDLE or worker["state"] == BUSY):
            continue
        pool = worker["pool"]
        if quickness(w, person, pool, now) >= par["ready"] * w.pools[pool]["usual"]:
            mood["brought_in"] = 1
            w.totals[0]["brought_in"] += 1.0
            w.totals[0]["bring_in"] += now - mood["hired_at"]


@kernel
def key_people(w):
    """How many visits of each pool hang on one person (levels, over measured time)."""
    most = w.desk[0]
    total = 0.0
    for pool in range(len(w.pools)):
        most[pool] = 0.0
    for person in range(len(w.people)):
        visits = w.moods[person]["own_visits"]
        pool = w.people[person]["pool"]
        most[pool] = max(most[pool], visits)
        total += visits
    top = 0.0
    for pool in range(len(w.pools)):
        top += most[pool]
    w.totals[0]["key_visits"] = total
    w.totals[0]["key_most"] = top
