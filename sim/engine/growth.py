"""New offerings, and expansion out of what is earned (M21, M24).

Owns: launches and their adoption, the firm's cash and what it buys. Never does: set a price of
its own (`settings` has them from the ledger's rules).
"""

from __future__ import annotations

from sim.behaviours.handoff import familiarity_faded
from sim.behaviours.novelty import adoption_rate, launch_chance
from sim.jit import kernel
from sim.rng import LAUNCH, uniform


@kernel
def unlike(w, one, other):
    """How different what two units know is, 0 to 1: half the absolute difference of their work.

    By function, by product and by segment; the mean of the three.
    """
    total = 0.0
    for element in range(w.mix.shape[1]):
        shares = 0.0
        for side in range(2):
            unit = one if side == 0 else other
            work = 0.0
            posts = 0.0
            for pool in range(w.units[unit]["first_pool"], w.units[unit]["end_pool"]):
                posts += w.pools[pool]["posts"]
                work += w.pools[pool]["posts"] * w.mix[pool, element]
            part = work / posts if posts > 0.0 else 0.0
            shares = part if side == 0 else shares - part
        total += abs(shares)
    return total / 6.0


@kernel
def ties(w, now):
    """Mean, over pairs of teams of different units, of familiarity x unlike knowledge."""
    total = 0.0
    pairs = 0
    for one in range(len(w.units)):
        for other in range(one):
            apart = unlike(w, one, other)
            for i in range(w.units[one]["teams"]):
                for j in range(w.units[other]["teams"]):
                    here = w.team_of[one, i]
                    there = w.team_of[other, j]
                    pair = w.pairs[min(here, there), max(here, there)]
                    total += apart * familiarity_faded(
                        pair["familiarity"], now - pair["at"], w.par[0]["familiarity_decay"])
                    pairs += 1
    return total / pairs if pairs > 0 else 0.0


@kernel
def review_launches(w, now):
    """Those that are new win adopters by the month's fit; perhaps something new is found."""
    par = w.par[0]
    state = w.change[0]
    month = w.clock[0]["month"]
    totals = w.totals[0]
    fits = totals["fits"] - state["fits"]
    fit = (totals["fit"] - state["fit"]) / fits if fits > 0.0 else 0.0
    state["fits"] = totals["fits"]
    state["fit"] = totals["fit"]
    if now <= par["window_start"]:
        return
    value = 0.0
    for segment in range(len(w.segment_totals)):
        value += w.segment_totals[segment]["active"] * w.segments[segment]["value"] / 12.0
    for i in range(min(state["launched"], len(w.launches))):
        row = w.launches[i]
        if month > row["month"] and month - row["month"] <= par["novel_months"]:
            before = row["adoption"]
            row["adoption"] = before + (1.0 - before) * adoption_rate(
                par["novel_adoption"], fit, par["novel_fit"], par["novel_steepness"])
            if before < par["novel_target"] <= row["adoption"]:
                totals["launches_adopted"] += 1.0
            totals["novel_revenue"] += par["novel_uplift"] * row["adoption"] * value
    tied = ties(w, now)
    totals["unit_ties"] += tied
    totals["tie_months"] += 1.0
    chance = launch_chance(par["launches"], par["recombination"], tied)
    totals["launch_chance"] += chance
    if uniform(par["world_key"], LAUNCH, month) < chance:
        row = w.launches[state["launched"] % len(w.launches)]
        row["month"] = month
        row["adoption"] = 0.0
        state["launched"] += 1
        totals["launches"] += 1.0


@kernel
def review_cash(w, now):
    """The month's margin less its costs; when it is enough the firm expands and pays for it."""
    par = w.par[0]
    state = w.change[0]
    totals = w.totals[0]
    filled = totals["filled"] - state["filled"]
    led = totals["lead_teams"] - state["lead_teams"]
    hired = totals["hires"] - state["hires"]
    state["filled"] = totals["filled"]
    state["lead_teams"] = totals["lead_teams"]
    state["hires"] = totals["hires"]
    if now <= par["window_start"]:
        return
    revenue = 0.0
    for segment in range(len(w.segment_totals)):
        revenue += w.segment_totals[segment]["active"] * w.segments[segment]["value"] / 12.0
    state["cash"] += (
        par["cash_margin"] * revenue - par["cash_hour"] * filled - par["cash_head"] * led
        - par["cash_hire"] * hired - par["cash_month"]
    )
    if state["cash"] >= par["expansion_cost"] and state["expansions"] < par["expansion_most"]:
        state["cash"] -= par["expansion_cost"]
        state["expansions"] += 1
        totals["expansions"] += 1.0


@kernel
def widened(w):
    """Share of the widest possible base stream that reaches the firm now."""
    par = w.par[0]
    return (1.0 + par["expansion_inflow"] * w.change[0]["expansions"]) / (
        1.0 + par["expansion_inflow"] * par["expansion_most"])
