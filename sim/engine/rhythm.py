"""What happens by the calendar: months, weeks, joiners, snapshots.

Owns: the order of the monthly and weekly rules. Never does: serve anybody.
"""

from __future__ import annotations

import math

from sim.behaviours.loyalty import leaving_probability
from sim.behaviours.morale import quit_chance
from sim.behaviours.needs import readiness
from sim.behaviours.satisfaction import moved
from sim.engine.acquisition import (
    book_channel,
    channel_of,
    first_loyalty,
    meet_prospect,
)
from sim.engine.arrays import PersonState
from sim.engine.closing import blocked_now, joins
from sim.engine.design import review_design
from sim.engine.dispatch import quickness
from sim.engine.faults import arise, broadcast, count_faults
from sim.engine.growth import review_cash, review_launches, widened
from sim.engine.identity import customer_key
from sim.engine.posts import integrate_staff, move, vacate
from sim.engine.relations import leaves, review_relations
from sim.engine.rivalry import compare_with_rivals, prospect_chooses, review_standing
from sim.engine.sensing import take_word
from sim.engine.spirit import key_people, month_of_staff, week_of_staff
from sim.engine.transfers import count_open
from sim.jit import kernel
from sim.management.staffing import next_move, share_out
from sim.rng import CHURN, KEEP, QUIT, uniform

VACANT, IDLE, BUSY = int(PersonState.VACANT), int(PersonState.IDLE), int(PersonState.BUSY)
LEAST_VISITS = 30.0
"""Served visits below which the expected touch stands for the measured one (R4)."""


@kernel
def review_customers(w, now):
    """Expectations drift back, loyalty is counted, and some leave (M11, M12; none in warm-up)."""
    par = w.par[0]
    clock = w.clock[0]
    month = clock["month"]
    may_leave = now > par["window_start"]
    loyal = 0.0
    active = 0
    if par["rivals"]:
        review_standing(w)
    for c in range(len(w.customers)):
        customer = w.customers[c]
        if customer["status"] != 1:
            continue
        segment = customer["segment"]
        part = w.segment_totals[segment]
        row = w.segments[segment]
        customer["expectation"] = moved(
            customer["expectation"], row["expectation"], par["expectation_drift"]
        )
        loyal += customer["loyalty"]
        active += 1
        part["customer_months"] += 1.0
        part["loyalty"] += customer["loyalty"]
        threshold = row["threshold"]
        if par["rivals"]:
            threshold = compare_with_rivals(w, c, now)
        if may_leave and row["churn_max"] > 0.0:
            p = leaving_probability(
                customer["loyalty"], row["churn_max"], par["steepness"], threshold
            )
            if uniform(customer_key(w, c), CHURN, month) < p:
                customer["status"] = 2
                customer["left_at"] = now
                clock["active"] -= 1
                w.totals[0]["left"] += 1.0
                part["left"] += 1.0
                if par["relations"]:
                    leaves(w, c)
                part["active"] -= 1.0
    if active > 0:
        clock["mean_loyalty"] = loyal / active
        w.totals[0]["loyalty"] += loyal / active
        w.totals[0]["months"] += 1.0
    w.totals[0]["customer_months"] += active


@kernel
def review_staff(w, now):
    """Morale moves, then some quit; who is in a visit leaves after it (M16)."""
    par = w.par[0]
    if par["staff"]:
        if par["profit_share"] > 0.0:  # the month's pay is asked for
            integrate_staff(w, now)
        month_of_staff(w, now)
    p = par["quit_month"]
    if p <= 0.0:
        return
    month = w.clock[0]["month"]
    for person in range(len(w.people)):
        worker = w.people[person]
        if worker["state"] == VACANT:
            continue
        if par["morale"]:
            gap = worker["morale"] - par["morale_base"]
            p = quit_chance(par["quit_rate"], par["quit_effect"], gap, 1.0 / 12.0)
        if uniform(worker["key"], QUIT, month) < p:
            if worker["state"] == IDLE:
                vacate(w, person, now)
            else:
                worker["leaving"] = 1


@kernel
def send(w, giver, taker, now):
    """Move the quickest person of the giver at the taker's work; returns who, -1 if nobody."""
    best = -1
    best_quick = 0.0
    for person in range(len(w.people)):
        worker = w.people[person]
        if (
            worker["pool"] == giver
            and worker["state"] != VACANT
            and not worker["leaving"]
            and worker["goes_to"] < 0
        ):
            quick = quickness(w, person, taker, now)
            if best < 0 or quick > best_quick:
                best = person
                best_quick = quick
    if best < 0:
        return -1
    if w.people[best]["state"] == IDLE:
        move(w, best, taker, now)
    else:
        w.people[best]["goes_to"] = taker
    return best


@kernel
def fill_empty_pools(w, now):
    """A pool that nobody is left in gets somebody first, outside the weekly limit (R2)."""
    for pool in range(len(w.pools)):
        coming = 0
        for person in range(len(w.people)):
            if w.people[person]["goes_to"] == pool:
                coming += 1
        if w.pools[pool]["filled"] + coming > 0:
            continue
        for same_unit in (True, False):
            giver = -1
            best_quick = 0.0
            for person in range(len(w.people)):
                worker = w.people[person]
                home = worker["pool"]
                if (
                    worker["state"] != VACANT
                    and not worker["leaving"]
                    and worker["goes_to"] < 0
                    and staying(w, home) >= 2
                    and w.movable[home, pool]
                    and (worker["unit"] == w.pools[pool]["unit"]) == same_unit
                ):
                    quick = quickness(w, person, pool, now)
                    if giver < 0 or quick > best_quick:
                        giver = home
                        best_quick = quick
            if giver >= 0:
                send(w, giver, pool, now)
                break


@kernel
def staying(w, pool):
    """People of a pool who neither leave nor move."""
    n = 0
    for person in range(len(w.people)):
        worker = w.people[person]
        if (
            worker["pool"] == pool
            and worker["state"] != VACANT
            and not worker["leaving"]
            and worker["goes_to"] < 0
        ):
            n += 1
    return n


@kernel
def rebalance(w, now):
    """The weekly re-balance: people go where the measured work of the last weeks is (R4, R41)."""
    par = w.par[0]
    clock = w.clock[0]
    pools = len(w.pools)
    ring = len(w.weeks)
    week = clock["week"]
    row = week % ring
    for pool in range(pools):
        w.weeks[row, pool, 0] = w.pool_totals[pool]["joins"]
        w.weeks[row, pool, 1] = w.pool_totals[pool]["touch"]
        w.weeks[row, pool, 2] = w.pool_totals[pool]["visits"]
    if not par["rebalance"] or pools == 1:
        return
    past = max(week - par["rebalance_weeks"], 0) % ring
    work = w.desk[0]
    posts = w.desk[1]
    stay = w.desk[2]
    quota = w.desk[3]
    for pool in range(pools):
        joined = w.weeks[row, pool, 0] - w.weeks[past, pool, 0]
        served = w.weeks[row, pool, 2] - w.weeks[past, pool, 2]
        touch = w.pools[pool]["expected_touch"]
        if served >= LEAST_VISITS:
            touch = (w.weeks[row, pool, 1] - w.weeks[past, pool, 1]) / served
        work[pool] = joined * touch
        posts[pool] = 0.0
    fill_empty_pools(w, now)
    for person in range(len(w.people)):
        worker = w.people[person]
        target = worker["goes_to"]
        posts[target if target >= 0 else worker["pool"]] += 1.0
    for pool in range(pools):
        stay[pool] = staying(w, pool)
    share_out(work, len(w.people), quota)
    for _ in range(par["rebalance_moves"]):
        giver, taker = next_move(quota, posts, stay, par["rebalance_threshold"], w.movable)
        if giver < 0:
            break
        mover = send(w, giver, taker, now)
        if mover < 0:
            break
        posts[giver] -= 1.0
        stay[giver] -= 1.0
        posts[taker] += 1.0
        if w.people[mover]["goes_to"] < 0:
            stay[taker] += 1.0


@kernel
def next_base_joiner(w, now):
    """The next prospect of the base stream joins, unless warnings keep it away (R21)."""
    par = w.par[0]
    clock = w.clock[0]
    j = clock["joiner"]
    customer = par["n_start"] + j
    kept_away = blocked_now(w.blocked, w.clock, now) / par["prospects"]
    chance = 1.0 - kept_away
    if par["prospects_choose"]:
        chance *= prospect_chooses(w, customer, now)
    if par["acquisition"]:
        chance *= meet_prospect(w)
    if par["expands"]:
        chance *= widened(w)
    if (
        uniform(customer_key(w, customer), KEEP, 0) < chance
        and clock["active"] < par["most_customers"]
    ):
        if par["acquisition"]:
            channel = channel_of(w, customer)
            joins(w, customer, first_loyalty(w, channel), now)
            book_channel(w, customer, channel)
        else:
            joins(w, customer, par["loyalty_start"], now)
    clock["joiner"] = j + 1
    clock["next_join"] = w.join_time[j + 1] if j + 1 < len(w.join_time) else math.inf


@kernel
def snapshot(w, now):
    """Copy the sums; work under way counts up to now, so that windows clip it."""
    clock = w.clock[0]
    integrate_staff(w, now)
    count_open(w, now, 0)
    if w.par[0]["faults"]:
        count_faults(w, now)
    i = clock["snapshot"]
    if w.par[0]["staff"]:
        key_people(w)
    w.totals[0]["open"] = clock["open"]
    w.totals[0]["active"] = clock["active"]
    w.totals[0]["mean_loyalty"] = clock["mean_loyalty"]
    w.totals[0]["cash"] = w.change[0]["cash"]
    w.totals[0]["market"] = w.par[0]["most_customers"]
    w.totals[0]["readiness"] = readiness(w.change[0]["explored"], w.par[0]["explore_h"])
    w.snapshots[i] = w.totals[0]
    for segment in range(len(w.segment_totals)):
        w.segment_snapshots[i, segment] = w.segment_totals[segment]
    for unit in range(len(w.unit_totals)):
        w.unit_totals[unit]["queue"] = w.units[unit]["waiting"]
        w.unit_snapshots[i, unit] = w.unit_totals[unit]
    for pool in range(len(w.pool_totals)):
        w.pool_snapshots[i, pool] = w.pool_totals[pool]
    for person in range(len(w.people)):
        worker = w.people[person]
        if worker["state"] == BUSY:
            hours = now - worker["since"]
            w.snapshots[i]["busy"] += hours
            w.unit_snapshots[i, worker["unit"]]["busy"] += hours
    clock["snapshot"] = i + 1
    clock["next_snapshot"] = (
        w.snapshot_times[i + 1] if i + 1 < len(w.snapshot_times) else math.inf
    )


@kernel
def calendar_rules(w, now):
    """Everything due by the calendar at this instant, in the order of EventKind."""
    par = w.par[0]
    clock = w.clock[0]
    if clock["next_month"] <= now:
        clock["month"] += 1
        if par["sensing"] and par["offering_learns"]:
            take_word(w)
        review_design(w, now)
        if par["relations"]:
            review_relations(w)
        review_customers(w, now)
        review_staff(w, now)
        if par["novelty"]:
            review_launches(w, now)
        if par["expands"]:
            integrate_staff(w, now)
            review_cash(w, now)
        if par["faults"]:
            if par["sensing"]:
                broadcast(w, now)
            arise(w, now)
        clock["next_month"] = (clock["month"] + 1) * par["month_h"]
    elif clock["next_week"] <= now:
        clock["week"] += 1
        if par["staff"]:
            week_of_staff(w, now)
        rebalance(w, now)
        clock["next_week"] = (clock["week"] + 1) * par["week_h"]
    elif clock["next_join"] <= now:
        next_base_joiner(w, now)
    else:
        snapshot(w, now)
    clock["next_fixed"] = min(
        clock["next_month"], clock["next_week"], clock["next_join"], clock["next_snapshot"]
    )
