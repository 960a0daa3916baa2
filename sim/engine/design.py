"""What is offered and what is needed, month by month (M9, M20, M21).

Owns: variants, the review of offerings, drift, foresight, exploration and the need that
surfaces. Never does: serve or judge a case. Where all of it is neutral only the plain review of
the core is left.
"""

from __future__ import annotations

import math

from sim.behaviours.needs import drift_step, latent_weight, readiness
from sim.behaviours.satisfaction import fit
from sim.engine.identity import customer_key
from sim.jit import kernel
from sim.management.offerings import blended, reviewed
from sim.rng import DRIFT, EARLY, normal_quantile, uniform


@kernel
def squared_gap(w, customer, unit, row, product):
    """Squared distance between a customer's need today and one row of a unit's offerings."""
    segment = w.customers[customer]["segment"]
    squared = 0.0
    for k in range(w.offering.shape[2]):
        need = float(w.needs[customer, product, k]) + w.shift[segment, k]
        d = need - w.offering[unit, row, k]
        squared += d * d
    return squared


@kernel
def nearest_variant(w, customer, unit, product):
    """The row of the variant nearest to a customer's need, the lowest of equals.

    A product's V variants are the rows V p to V p + V - 1 of an offering.
    """
    variants = w.offering.shape[1] // w.needs.shape[1]
    row = product * variants
    best = row
    if variants > 1:
        least = math.inf
        for candidate in range(row, row + variants):
            squared = squared_gap(w, customer, unit, candidate, product)
            if squared < least:
                least = squared
                best = candidate
    return best


@kernel
def latent_pull(w, customer, now):
    """How much the need that surfaces counts for a customer now, 0 to 1."""
    par = w.par[0]
    hours = now - par["window_start"] - par["shock_at"]
    if hours <= 0.0:
        return 0.0
    first = w.early[w.customers[customer]["segment"]]
    if uniform(customer_key(w, customer), EARLY, 0) >= first:
        hours -= par["shock_rest"]
    return latent_weight(hours, par["shock_ramp"])


@kernel
def offered_fit(w, customer, unit, product, now, gap_kept):
    """Fit of what a unit offers a customer now, drift, variants and new need included.

    `gap_kept` is what adapting to the case leaves of the squared gap (M19), 1 if nothing is done.
    """
    par = w.par[0]
    row = nearest_variant(w, customer, unit, product)
    squared = squared_gap(w, customer, unit, row, product)
    if par["shock"]:
        d = par["shock_size"] - w.latent[unit, row]["level"]
        squared += latent_pull(w, customer, now) * d * d
    return fit(squared * gap_kept, par["fit_scale"])


@kernel
def hear(w, customer, unit, product, now):
    """Book a customer's need with the unit that offers: by voice, by variant, and looking ahead.

    What the panel foresees is added to the need seen, by the segment the firm believes in.
    """
    row = nearest_variant(w, customer, unit, product)
    segment = w.customers[customer]["segment"]
    label = w.customers[customer]["label"]
    weight = w.voice[segment]
    w.offerings[unit, row]["tasks"] += weight
    for k in range(w.need_sum.shape[2]):
        seen = float(w.needs[customer, product, k]) + w.shift[segment, k] + w.foreseen[label, k]
        w.need_sum[unit, row, k] += weight * seen
    if w.par[0]["shock"]:
        w.latent[unit, row]["asked"] += weight * latent_pull(w, customer, now)


@kernel
def firm_needs(w):
    """Per product, the mean need seen by the whole firm: what a standard would aim at."""
    variants = w.offering.shape[1] // w.needs.shape[1]
    width = w.offering.shape[2]
    for product in range(w.needs.shape[1]):
        tasks = 0.0
        for k in range(width + 1):
            w.firm_need[product, k] = 0.0
        for unit in range(w.offering.shape[0]):
            for row in range(product * variants, (product + 1) * variants):
                tasks += w.offerings[unit, row]["tasks"]
                for k in range(width):
                    w.firm_need[product, k] += w.need_sum[unit, row, k]
                w.firm_need[product, width] += w.latent[unit, row]["asked"]
        if tasks > 0.0:
            for k in range(width + 1):
                w.firm_need[product, k] /= tasks


@kernel
def review_offerings(w, now):
    """Each holder of an offering moves it towards the needs seen; the sums restart."""
    par = w.par[0]
    if w.clock[0]["month"] % (1 + par["review_skip"]) != 0:
        return
    standard = par["standard"]
    if standard > 0.0:
        firm_needs(w)
    width = w.offering.shape[2]
    variants = w.offering.shape[1] // w.needs.shape[1]
    speed = par["offering_speed"]
    theirs = speed * par["customer_share"]
    ours = speed * (1.0 - par["customer_share"]) * par["offering_learns"]
    for unit in range(w.offering.shape[0]):
        signals = w.offerings[unit, 0]["signals"]
        survival = w.offerings[unit, 0]["signal"] / signals if signals > 0.0 else 1.0
        w.offerings[unit, 0]["signal"] = 0.0
        w.offerings[unit, 0]["signals"] = 0.0
        for row in range(w.offering.shape[1]):
            tasks = w.offerings[unit, row]["tasks"]
            w.offerings[unit, row]["tasks"] = 0.0
            heard = tasks > 0.0 and par["offering_learns"]
            product = row // variants
            for k in range(width):
                before = w.offering[unit, row, k]
                if heard:
                    need = w.need_sum[unit, row, k] / tasks
                    if standard > 0.0:
                        need = blended(need, w.firm_need[product, k], standard)
                    w.offering[unit, row, k] = reviewed(before, need, theirs, survival)
                if ours > 0.0:
                    w.offering[unit, row, k] += ours * (w.own_target[unit, row, k] - before)
                w.need_sum[unit, row, k] = 0.0
            if par["shock"]:
                asked = w.latent[unit, row]["asked"] / tasks if heard else 0.0
                if standard > 0.0 and heard:
                    asked = blended(asked, w.firm_need[product, width], standard)
                w.latent[unit, row]["asked"] = 0.0
                level = w.latent[unit, row]["level"]
                gap = par["shock_size"] - level
                step = theirs * survival * asked * gap
                if now > par["window_start"]:
                    step += ours * max(par["vision"] * par["shock_size"] - level, 0.0)
                w.latent[unit, row]["level"] = level + step


@kernel
def drift_draw(w, month, part, segment, k):
    """Standard normal draw of a month: part 0 of the drivers, 1 of the rest."""
    count = (month << 17) | (part << 16) | (segment << 8) | k
    return normal_quantile(uniform(w.par[0]["world_key"], DRIFT, count))


@kernel
def needs_drift(w):
    """Needs of all segments take the month's step; the panel, when it meets, looks ahead."""
    par = w.par[0]
    month = w.clock[0]["month"]
    meets = par["foresight"] and month % (1 + par["foresight_skip"]) == 0
    for segment in range(w.shift.shape[0]):
        for k in range(w.shift.shape[1]):
            w.shift[segment, k] += drift_step(
                par["drift_seen"], par["drift_unseen"],
                drift_draw(w, month, 0, segment, k), drift_draw(w, month, 1, segment, k),
            )
            if meets:
                ahead = 0.0
                for later in range(1, par["foresight_lead"] + 1):
                    ahead += drift_draw(w, month + later, 0, segment, k)
                w.foreseen[segment, k] = par["foresight_cover"] * par["drift_seen"] * ahead
    for k in range(w.shift.shape[1]):
        w.mean_shift[k] = 0.0
        for segment in range(w.shift.shape[0]):
            w.mean_shift[k] += w.segment_share[segment] * w.shift[segment, k]


@kernel
def explore(w, now):
    """Hours of exploration add up; at the shock the offering jumps as far as they prepared it."""
    par = w.par[0]
    state = w.change[0]
    hours = min(par["month_h"], now - par["window_start"])
    if hours > 0.0 and par["explore"] > 0.0:
        filled = 0
        for pool in range(len(w.pools)):
            filled += w.pools[pool]["filled"]
        state["explored"] += par["explore"] * filled * hours
    if par["shock"] and not state["jumped"] and now >= par["window_start"] + par["shock_at"]:
        state["jumped"] = 1
        part = readiness(state["explored"], par["explore_h"]) * par["explore_jump"]
        for unit in range(w.latent.shape[0]):
            for row in range(w.latent.shape[1]):
                level = w.latent[unit, row]["level"]
                w.latent[unit, row]["level"] = level + part * (par["shock_size"] - level)


@kernel
def measure_distance(w):
    """Mean distance between the offerings that units hold of the same product (C014)."""
    variants = w.offering.shape[1] // w.needs.shape[1]
    pairs = 0
    total = 0.0
    for product in range(w.needs.shape[1]):
        for one in range(w.offering.shape[0]):
            for other in range(one):
                if w.holds[one, product] and w.holds[other, product]:
                    squared = 0.0
                    for k in range(w.offering.shape[2]):
                        d = 0.0
                        for row in range(product * variants, (product + 1) * variants):
                            d += w.offering[one, row, k] - w.offering[other, row, k]
                        squared += (d / variants) * (d / variants)
                    pairs += 1
                    total += math.sqrt(squared)
    if pairs > 0:
        w.totals[0]["offering_distance"] += total / pairs
        w.totals[0]["offering_months"] += 1.0


@kernel
def review_design(w, now):
    """Month's end: offerings, then needs, then what exploration prepared."""
    par = w.par[0]
    review_offerings(w, now)
    measure_distance(w)
    if par["drift"]:
        needs_drift(w)
    if par["explore"] > 0.0 or par["shock"]:
        explore(w, now)
