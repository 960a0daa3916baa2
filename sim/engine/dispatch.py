"""Who serves whom (R2, R5, R6): the choice of a person for a visit and of a visit for a person.

Owns: the rules of cross-cover. Never does: start or end a visit (`visits.py`).
"""

from __future__ import annotations

from sim.behaviours.learning import kept
from sim.behaviours.service_time import slowness
from sim.engine.arrays import PersonState
from sim.engine.queues import first_in_line
from sim.jit import kernel, lowest

IDLE = int(PersonState.IDLE)


@kernel
def proficiency(w, person, case, now):
    """1 / m_e of a person for a concrete visit, work-weighted over its tasks, without luck."""
    par = w.par[0]
    record = w.cases[case]
    left = 1.0
    if par["learning"]:
        left = kept(now - w.people[person]["known_at"], par["forget_rate"])
    functions = w.work.shape[1]
    products = w.product_weight.shape[2]
    k_segment = w.knowledge[person, functions + products + record["segment"]] * left
    segment_gap = par["segment_effect"] * (1.0 - k_segment)
    kind = record["type"]
    visit = record["visit"]
    expert = 0.0
    own = 0.0
    undone = visit
    while undone:
        task = lowest(undone)
        undone &= undone - 1
        f = task >> 1
        p = record["product"][task & 1]
        base = w.work[kind, f]
        if record["redoing"] != 0:  # as in the first visit (R39)
            if (record["discounted"] >> task) & 1:
                base *= par["second_factor"]
        elif task & 1 and (visit >> (task - 1)) & 1:
            base *= par["second_factor"]
        expert += base
        own += base * slowness(
            par["function_effect"] * (1.0 - w.knowledge[person, f] * left),
            par["product_effect"] * (1.0 - w.knowledge[person, functions + p] * left),
            segment_gap,
        )
    return expert / own if own > 0.0 else 1.0


@kernel
def quickness(w, person, pool, now):
    """1 / m_e of a person for the nominal task mix of a pool."""
    par = w.par[0]
    left = 1.0
    if par["learning"]:
        left = kept(now - w.people[person]["known_at"], par["forget_rate"])
    functions = w.work.shape[1]
    products = w.product_weight.shape[2]
    slow = 1.0
    for element in range(w.knowledge.shape[1]):
        effect = par["segment_effect"]
        if element < functions:
            effect = par["function_effect"]
        elif element < functions + products:
            effect = par["product_effect"]
        slow += effect * w.mix[pool, element] * (1.0 - w.knowledge[person, element] * left)
    return 1.0 / slow


@kernel
def may_cover(w, person, case, pool, now):
    """(allowed, proficiency) of a colleague for a visit of another pool of the unit (R5, R2)."""
    quick = proficiency(w, person, case, now)
    record = w.pools[pool]
    if record["filled"] == 0 and not record["licensed"]:
        return True, quick
    return quick > record["cover"], quick


@kernel
def choose_server(w, case, now):
    """The idle person who takes a visit that joins its queue, -1 if it must wait.

    The longest idle of the pool; else the idle colleague of the unit with the highest
    proficiency (ties: longest idle, then the lower post).
    """
    pool = w.cases[case]["pool"]
    own = w.pools[w.pools[pool]["queue"]]["idle_head"]
    if own >= 0 or w.par[0]["single_queue"]:
        return own
    unit = w.units[w.pools[pool]["unit"]]
    best = -1
    best_quick = 0.0
    for other in range(unit["first_pool"], unit["end_pool"]):
        if other != pool:
            person = w.pools[other]["idle_head"]
            while person >= 0:
                allowed, quick = may_cover(w, person, case, pool, now)
                if allowed and (
                    best < 0
                    or quick > best_quick
                    or (
                        quick == best_quick
                        and (
                            w.people[person]["since"] < w.people[best]["since"]
                            or (
                                w.people[person]["since"] == w.people[best]["since"]
                                and person < best
                            )
                        )
                    )
                ):
                    best = person
                    best_quick = quick
                person = w.people[person]["link"]
    return best


@kernel
def choose_visit(w, person, now):
    """The waiting visit a free person takes, -1 if there is none.

    The own queue goes first; then, among the heads of the lines of the unit's other queues that
    the person may cover: highest class, then earliest.
    """
    pool = w.people[person]["pool"]
    queue = w.pools[pool]["queue"]
    case = first_in_line(w.lines, queue)
    if case >= 0 or w.par[0]["single_queue"]:
        return case
    unit = w.units[w.pools[pool]["unit"]]
    first_pool = unit["first_pool"]
    end_pool = unit["end_pool"]
    if end_pool - first_pool == 1:
        return -1
    for rank in range(w.lines.shape[1]):
        best = -1
        for other in range(first_pool, end_pool):
            if other != pool:
                head = w.lines[other, rank]["head"]
                if head >= 0 and (
                    best < 0 or w.cases[head]["since"] < w.cases[best]["since"]
                ):
                    allowed, _ = may_cover(w, person, head, other, now)
                    if allowed:
                        best = head
        if best >= 0:
            return best
    return -1
