"""What a visit lets the firm hear, and the way of it to those who decide (M10).

Owns: the capture of signals and what is under way of them. Never does: decide (`faults.py`) or
move an offering (`rhythm.py`).
"""

from __future__ import annotations

import math

from sim.behaviours.sensing import capture_probability, report_delay, surviving_share
from sim.engine.calendar import REPORT, push
from sim.engine.design import latent_pull, nearest_variant
from sim.engine.faults import place_of
from sim.engine.routing import distance, task_pool
from sim.jit import kernel, lowest
from sim.rng import BAD_NEWS, CAPTURE, HEARD, SUGGESTION, task_count, uniform


@kernel
def listens(visit, sensors, functions):
    """Does the visit hold a function that is charged with listening?"""
    heard = False
    for f in range(functions):
        heard = heard or ((sensors >> f) & 1 and (visit >> (2 * f)) & 3) != 0
    return heard


@kernel
def sense(w, person, case, now):
    """At the end of a visit: is a signal captured, of what, and when does it arrive?"""
    par = w.par[0]
    record = w.cases[case]
    visit = record["visit"]
    functions = w.work.shape[1]
    if not listens(visit, par["sensors"], functions):
        return
    element = functions + w.product_weight.shape[2] + record["segment"]
    chance = capture_probability(
        par["capture"], w.people[person]["orientation"], w.knowledge[person, element]
    )
    first = lowest(visit)
    count = task_count(first >> 1, record["product"][first & 1], record["loop"])
    if uniform(record["key"], CAPTURE, count) >= chance:
        return
    w.totals[0]["heard"] += 1.0
    for j in range(record["products"]):
        pool = record["offering_pool"][j]
        if pool < 0:
            pool = task_pool(w, case, 2 * par["offering_function"] + j)
        levels = 0
        if pool != w.people[person]["pool"]:
            levels, _ = distance(w, person, pool)
        slow = report_delay(levels, par["direct_contact"], par["report_h"])
        if par["offering_learns"]:
            share = surviving_share(levels, par["direct_contact"], par["log_survival"])
            if uniform(record["key"], HEARD + j, count) < share:
                tell_need(w, case, j, w.pools[pool]["unit"], now + slow + par["decision_h"])
        if par["faults"]:
            for f in range(functions):
                if (visit >> (2 * f + j)) & 1:
                    hint(w, case, 2 * f + j, levels, now, slow)


@kernel
def tell_need(w, case, j, unit, at):
    """A need counts in the review after word of it has been dealt with; it is heard as now."""
    record = w.cases[case]
    customer = record["customer"]
    product = record["product"][j]
    segment = w.customers[customer]["segment"]
    label = w.customers[customer]["label"]
    months = len(w.reports)
    ahead = min(int(at / w.par[0]["month_h"]) - w.clock[0]["month"], months - 1)
    row = nearest_variant(w, customer, unit, product)
    word = w.reports[(w.clock[0]["month"] + ahead) % months, unit, row]
    weight = w.voice[segment]
    width = w.need_sum.shape[2]
    for k in range(width):
        seen = float(w.needs[customer, product, k]) + w.shift[segment, k] + w.foreseen[label, k]
        word[k] += weight * seen
    word[width] += weight
    if w.par[0]["shock"]:
        word[width + 1] += weight * latent_pull(w, customer, w.clock[0]["now"])


@kernel
def meet(w, customer, unit, product):
    """Count the true need of a customer for whom the offering was made (nobody sees this sum)."""
    row = nearest_variant(w, customer, unit, product)
    segment = w.customers[customer]["segment"]
    width = w.need_sum.shape[2]
    for k in range(width):
        w.served[unit, row, k] += float(w.needs[customer, product, k]) + w.shift[segment, k]
    w.served[unit, row, width] += 1.0


@kernel
def take_word(w):
    """Month's end: the needs of which word has come are before the holders of offerings.

    On the way: how far is that word from the true mean need of those served in the month?
    """
    width = w.need_sum.shape[2]
    month = (w.clock[0]["month"] - 1) % len(w.reports)
    for unit in range(w.served.shape[0]):
        for row in range(w.served.shape[1]):
            word = w.reports[month, unit, row]
            true = w.served[unit, row]
            weight = word[width]
            n = true[width]
            squared = 0.0
            for k in range(width):
                if n > 0.0:
                    perceived = word[k] / weight if weight > 0.0 else w.offering[unit, row, k]
                    gap = perceived - true[k] / n
                    squared += gap * gap
                w.need_sum[unit, row, k] += word[k]
                word[k] = 0.0
                true[k] = 0.0
            w.offerings[unit, row]["tasks"] += weight
            if w.par[0]["shock"]:
                w.latent[unit, row]["asked"] += word[width + 1]
            word[width] = 0.0
            word[width + 1] = 0.0
            true[width] = 0.0
            w.totals[0]["need_gap"] += math.sqrt(squared) * n
            w.totals[0]["need_tasks"] += n


@kernel
def hint(w, case, task, levels, now, slow):
    """The signal points to a fault of a task: after it went wrong, or by a suggestion."""
    par = w.par[0]
    record = w.cases[case]
    unit = w.pools[record["pool"]]["unit"]
    f = task >> 1
    p = record["product"][task & 1]
    row = w.faults[unit, f, p]
    if not row["open"]:
        return
    count = task_count(f, p, record["loop"])
    totals = w.totals[0]
    bad = 0
    if record["redoing"] == 0:
        u = uniform(record["key"], SUGGESTION, count)
        if u >= par["suggestions"]:
            return
        share = surviving_share(levels, par["direct_contact"], par["log_survival"])
        arrives = u < par["suggestions"] * share
    elif (record["mending"] >> task) & 1:
        bad = 1
        share = surviving_share(levels, par["direct_contact"], par["log_bad_survival"])
        arrives = uniform(record["key"], BAD_NEWS, count) < share
        totals["bad_hints"] += 1.0
        totals["intensity"] += share
    else:
        return
    totals["hints"] += 1.0
    if arrives:
        push(w.heap, w.clock, now + slow, REPORT,
             place_of(w, unit, f, p) | (bad << 31) | (row["number"] << 32))
