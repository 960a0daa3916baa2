"""How prospects see the firm, through which channel they come, what keeps customers (M14).

Owns: attraction, channels, gestures. Never does: decide how many prospects there are
(`population`), or let anybody join (`closing.py`).
"""

from __future__ import annotations

from sim.behaviours.attraction import attraction, blended
from sim.behaviours.satisfaction import moved
from sim.engine.identity import customer_key
from sim.engine.spirit import courtesy_of
from sim.jit import kernel, lowest
from sim.rng import CHANNEL, GESTURE, uniform

RECENT = 0.01
"""Weight of the newest case in the fit that prospects hear of: about the last hundred cases."""
OWN, PROMOTION, AGENT = 0, 1, 2


@kernel
def begin_acquisition(w):
    """Before the first case the firm attracts as usual."""
    w.clock[0]["shown_fit"] = w.par[0]["reference_fit"]
    w.clock[0]["shown_seller"] = w.par[0]["reference_seller"]


@kernel
def show(w, case, fitting):
    """A case has ended: its fit and its last server are what prospects hear of next."""
    par = w.par[0]
    clock = w.clock[0]
    record = w.cases[case]
    person = record["last_person"]
    clock["shown_fit"] = blended(clock["shown_fit"], fitting, RECENT)
    manner = courtesy_of(w, person) if par["manners"] else par["courtesy"]
    effects = par["function_effect"] + par["product_effect"] + par["segment_effect"]
    skill = 1.0
    if effects > 0.0:  # knowledge was brought up to date when the visit ended
        functions = w.work.shape[1]
        task = lowest(record["visit"])
        product = functions + record["product"][task & 1]
        segment = functions + w.product_weight.shape[2] + record["segment"]
        skill = (
            par["function_effect"] * w.knowledge[person, task >> 1]
            + par["product_effect"] * w.knowledge[person, product]
            + par["segment_effect"] * w.knowledge[person, segment]
        ) / effects
    clock["shown_seller"] = 0.5 * manner + 0.5 * skill


@kernel
def attraction_now(w):
    """Probability of joining relative to the usual one, 0 to headroom."""
    par = w.par[0]
    clock = w.clock[0]
    return attraction(
        clock["shown_fit"] - par["reference_fit"], par["fit_effect"],
        clock["shown_seller"] - par["reference_seller"], par["seller_effect"], par["headroom"],
    )


@kernel
def meet_prospect(w):
    """A prospect of the base stream meets the firm; returns how it is attracted, per headroom."""
    drawn = attraction_now(w)
    w.totals[0]["met_prospects"] += 1.0
    w.totals[0]["attraction"] += drawn
    return drawn / w.par[0]["headroom"]


@kernel
def channel_of(w, customer):
    """Through which channel a joiner of the base stream comes."""
    par = w.par[0]
    u = uniform(customer_key(w, customer), CHANNEL, 0)
    if u < par["own_share"]:
        return OWN
    return PROMOTION if u < par["own_share"] + par["promoted_share"] else AGENT


@kernel
def first_loyalty(w, channel):
    """Loyalty with which a customer of the base stream begins."""
    par = w.par[0]
    if channel == PROMOTION:
        return par["loyalty_promoted"]
    return par["loyalty_agent"] if channel == AGENT else par["loyalty_start"]


@kernel
def book_channel(w, customer, channel):
    """Count a new customer by channel, and pay its agent."""
    totals = w.totals[0]
    if channel == PROMOTION:
        totals["joined_promotion"] += 1.0
    elif channel == AGENT:
        totals["joined_agent"] += 1.0
        totals["commissions"] += w.par[0]["commission"] * w.profiles[customer]["worth"]


@kernel
def make_gestures(w):
    """Month's end: what is spent on keeping buys gestures, at most one a customer."""
    par = w.par[0]
    clock = w.clock[0]
    if par["gestures"] <= 0.0 or clock["active"] == 0:
        return
    reach = min(par["gestures"] / (clock["active"] * par["gesture_cost"]), 1.0)
    for c in range(len(w.profiles)):
        customer = w.customers[c]
        if customer["status"] == 1 and (
            uniform(customer_key(w, c), GESTURE, clock["month"]) < reach
        ):
            customer["loyalty"] = moved(customer["loyalty"], 1.0, par["gesture_effect"])
            w.totals[0]["gesture_money"] += par["gesture_cost"]
