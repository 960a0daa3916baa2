"""Capacity and stock held ready, and demand that swells (M24).

Owns: when the reserve works, when material is there. Never does: price either.
"""

from __future__ import annotations

from sim.behaviours.surge import due, overlap
from sim.jit import kernel


@kernel
def next_case_at(w, now, gap):
    """Time of a customer's next case, `gap` h ahead at the normal rate."""
    par = w.par[0]
    if not par["surge"]:
        return now + gap
    begin = par["window_start"] + par["surge_at"]
    return due(now, gap, begin, par["surge_length"], par["surge_factor"])


@kernel
def reserve_hours(w, start, stop):
    """Hours between two times in which the reserve works."""
    par = w.par[0]
    begin = par["window_start"] + par["surge_at"]
    end = begin + par["surge_length"] + par["surge_clear"]
    return overlap(start, stop, begin + par["surge_delay"], end)


@kernel
def reserve_at_work(w, now):
    """Does the reserve work now?"""
    par = w.par[0]
    begin = par["window_start"] + par["surge_at"]
    end = begin + par["surge_length"] + par["surge_clear"]
    return begin + par["surge_delay"] <= now < end


@kernel
def order_material(w, case, now):
    """A case takes one unit per product from the base stock; returns when all are there.

    Each unit taken is ordered anew at once. The n-th unit ever taken is the one ordered when the
    (n - S)-th was: there after the lead time, or from the start.
    """
    par = w.par[0]
    record = w.cases[case]
    state = w.change[0]
    level = len(w.ordered)
    ready = now
    for j in range(record["products"]):
        if (record["tasks"] >> (2 * par["stock_function"] + j)) & 1:
            n = state["orders"]
            state["orders"] = n + 1
            if level == 0:
                ready = max(ready, now + par["stock_lead"])
            else:
                if n >= level:
                    ready = max(ready, w.ordered[n % level] + par["stock_lead"])
                w.ordered[n % level] = now
            w.totals[0]["material"] += 1.0
    return ready


@kernel
def wait_for_material(w, case, lands):
    """When a case can reach its next pool, if what it needs there has not come before."""
    par = w.par[0]
    record = w.cases[case]
    both = 3 << (2 * par["stock_function"])
    if record["redoing"] != 0 or record["visit"] & both == 0 or record["ready"] <= lands:
        return lands
    w.totals[0]["material_waits"] += 1.0
    w.totals[0]["material_wait"] += record["ready"] - lands
    return record["ready"]
