"""The firm against its competitors, customer by customer (M23).

Owns: what the competition offers a customer, and how the firm stands. Never does: decide who
leaves (`rhythm.py`).
"""

from __future__ import annotations

from sim.behaviours.competition import choice, perceived, raised
from sim.behaviours.satisfaction import fit
from sim.jit import kernel


@kernel
def rival_fit(w, customer, focus):
    """Mean fit, over the products a customer buys, of an offering at focus x segment centre.

    Competitors follow the drift of needs: the market's with weight 1, the segment's own part of
    it with their focus.
    """
    segment = w.customers[customer]["segment"]
    total = 0.0
    for product in range(w.needs.shape[1]):
        squared = 0.0
        for k in range(w.needs.shape[2]):
            own = w.shift[segment, k] - w.mean_shift[k]
            offered = w.middle[product, k] + focus * (w.centre[segment, product, k] + own)
            need = float(w.needs[customer, product, k]) + own
            squared += (need - offered) * (need - offered)
        total += w.wants[segment, product] * fit(squared, w.par[0]["fit_scale"])
    return total


@kernel
def contested(w, customer, now):
    """C_c - k_sw: the loyalty at which a customer is undecided, by the best competitor."""
    par = w.par[0]
    segment = w.customers[customer]["segment"]
    row = w.segments[segment]
    hours = max(now - par["window_start"], 0.0)
    threshold = row["threshold"] + (
        par["rival_rise"] * hours
        + raised(par["rival_weight"], rival_fit(w, customer, par["rival_focus"]),
                 par["rival_reference"])
    )
    if segment == par["entrant"] and now >= par["window_start"] + par["entrant_at"]:
        level = par["entrant_level"] + raised(
            par["rival_weight"], rival_fit(w, customer, par["entrant_focus"]),
            par["rival_reference"])
        threshold = max(threshold, level - row["switching"])
    return threshold


@kernel
def compare_with_rivals(w, customer, now):
    """The threshold of leaving as the customer sees it; books how the firm stands."""
    record = w.customers[customer]
    switching = w.segments[record["segment"]]["switching"]
    threshold = contested(w, customer, now)
    difference = record["loyalty"] - (threshold + switching)
    w.totals[0]["compared"] += 1.0
    w.totals[0]["advantage"] += difference
    if perceived(difference, w.par[0]["rival_blind"]) != 0.0:
        w.totals[0]["perceived"] += 1.0
        return threshold
    return record["loyalty"] - switching


@kernel
def review_standing(w):
    """Per segment, the mean satisfaction of the month's cases: what prospects hear of."""
    for segment in range(len(w.standing)):
        row = w.standing[segment]
        sums = w.segment_totals[segment]
        ended = sums["closed"] + sums["abandoned"]
        if ended > row["ended"]:
            row["value"] = (sums["satisfaction"] - row["satisfaction"]) / (ended - row["ended"])
        row["satisfaction"] = sums["satisfaction"]
        row["ended"] = ended


@kernel
def prospect_chooses(w, customer, now):
    """Probability that a prospect chooses the firm, from how it stands in the segment."""
    par = w.par[0]
    segment = w.customers[customer]["segment"]
    outside = contested(w, customer, now) + w.segments[segment]["switching"]
    difference = perceived(w.standing[segment]["value"] - outside, par["rival_blind"])
    return choice(difference, par["steepness"])
