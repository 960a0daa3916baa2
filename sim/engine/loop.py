"""The event loop.

Owns: `advance`, which runs a world to a time. The loop reads like a table of contents: take the
next event, let its kernel act, then deal with what it left in hand: a case to be moved on, a case
that joins a queue, a person who looks for work, a case that ends. Never does: know a formula.
"""

from __future__ import annotations

from sim.engine.approvals import approve, asks_for_approval
from sim.engine.arrays import Outcome, PersonState, Status
from sim.engine.astray import AWAY
from sim.engine.calendar import (
    ABANDON,
    APPROVED,
    ARRIVAL,
    ERRAND,
    HIRE,
    KIND_BITS,
    LANDING,
    NEVER,
    REPORT,
    VISIT_END,
    book_arrival,
    next_arrival,
    pop,
    push,
)
from sim.engine.closing import settle
from sim.engine.dispatch import choose_server, choose_visit
from sim.engine.errands import open_errand
from sim.engine.faults import news
from sim.engine.new_places import take_places
from sim.engine.parameters import OFF, only_core
from sim.engine.posts import count_leads, form_teams, hire, move, vacate
from sim.engine.queues import become_idle
from sim.engine.relations import begin_relations
from sim.engine.rhythm import calendar_rules
from sim.engine.spirit import take_temper
from sim.engine.transfers import (
    ENDS,
    MOVES,
    arrive,
    called_up,
    hand_off,
    land,
    move_on,
    reach,
    wait_in_line,
)
from sim.engine.visits import finds_errors, finish, serve
from sim.engine.world import World
from sim.jit import entry, kernel, without

IDLE = int(PersonState.IDLE)
RESOLVED, UNRESOLVED = int(Outcome.RESOLVED), int(Outcome.UNRESOLVED)
ABANDONED, REFUSED = int(Outcome.ABANDONED), int(Outcome.REFUSED)
DONE, GROW_CASES, GROW_HEAP = int(Status.DONE), int(Status.GROW_CASES), int(Status.GROW_HEAP)
GROW_MOUTH, GROW_LOG = int(Status.GROW_MOUTH), int(Status.GROW_LOG)
GROW_CALENDAR = int(Status.GROW_CALENDAR)
NOBODY = -1


@kernel
def lacks_room(w):
    """The Status that asks for more room before the next event, or DONE."""
    clock = w.clock[0]
    par = w.par[0]
    if clock["bucket_n"] + 64 > len(w.near):
        return GROW_CALENDAR
    if clock["free_case"] < 0:
        return GROW_CASES
    if clock["heap_n"] + 4 * len(w.people) + 2 * w.faults.size + 64 > len(w.heap):
        return GROW_HEAP
    if clock["mouth"] + 64 > par["mouth_rows"] and par["inflow"]:
        return GROW_MOUTH
    if par["case_log"] and clock["log_n"] + 2 > len(w.case_log):
        return GROW_LOG
    if par["journey_customer"] >= 0 and clock["journey_n"] + 64 > len(w.journey):
        return GROW_LOG
    return clock["trouble"]


@kernel
def begin(w):
    """Put people into teams and idle lists, and the customers' first cases into the calendar."""
    for unit in range(len(w.units)):
        form_teams(w, unit)
    count_leads(w)
    for person in range(len(w.people)):
        become_idle(w.pools, w.people, person, 0.0)
        if w.par[0]["staff"]:
            take_temper(w, person)
            if w.par[0]["orientation"]:
                w.people[person]["orientation"] = w.pools[w.people[person]["pool"]]["attitude"]
            w.moods[person]["brought_in"] = 1
    for customer in range(len(w.customers) - 1, -1, -1):
        time = w.customers[customer]["next_arrival"]
        if time < NEVER:
            book_arrival(w.customers, w.buckets, w.near, w.clock, customer, time)
    if w.par[0]["relations"]:
        begin_relations(w)
    w.clock[0]["begun"] = 1


@entry
def advance_any(w, until):
    """Run a world up to and including time `until`; returns a Status (DONE, or room is lacking).

    Exactly resumable: the path does not depend on how often it stops.
    """
    clock = w.clock[0]
    par = w.par[0]
    if clock["begun"] == 0:
        begin(w)
    elif par["reorganises"] and clock["begun"] == 2:
        take_places(w)
    while True:
        status = lacks_room(w)
        if status != DONE:
            return status
        t_arrival = next_arrival(w.customers, w.buckets, w.near, w.clock)
        if clock["trouble"] != DONE:
            return clock["trouble"]
        t_event = w.heap[0]["time"] if clock["heap_n"] > 0 else NEVER
        t_fixed = clock["next_fixed"]
        now = min(t_arrival, t_event, t_fixed)
        if now > until:
            clock["now"] = until
            return DONE
        clock["now"] = now
        # At equal times months and weeks go first, joiners and snapshots last (R51).
        if t_fixed == now and (
            clock["next_month"] <= now
            or clock["next_week"] <= now
            or (t_event > now and t_arrival > now)
        ):
            calendar_rules(w, now)
            continue

        going = NOBODY  # a case whose visit is over
        moving = NOBODY  # a case to be handed off, by `sender`
        sender = NOBODY
        joining = NOBODY  # a case that reaches a queue
        person = NOBODY  # a person who looks for work
        ending = NOBODY  # a case that ends with `outcome`
        outcome = RESOLVED
        if t_event < t_arrival or (
            t_event == t_arrival and w.heap[0]["order"] >> KIND_BITS < ARRIVAL
        ):
            kind, item = pop(w.heap, w.clock)
            if kind == VISIT_END:
                person = item
                case = finish(w, person, now)
                going = case
                if par["approval_rate"] > 0.0 and asks_for_approval(w, case, person, now):
                    going = NOBODY
            elif kind == APPROVED and par["approval_rate"] > 0.0:
                approve(w, item, now)
                going = item
            elif kind == LANDING:
                case = item & 0xFFFFFFFF
                if item >> 32 == 0 or w.cases[case]["stamp"] == item >> 32:
                    joining = land(w, case, now)
                    if joining >= 0:
                        reach(w, joining)
            elif kind == ABANDON:
                case = item & 0xFFFFFFFF
                record = w.cases[case]
                if record["stamp"] == item >> 32 and not record["served"]:
                    if record["link"] != AWAY:
                        called_up(w, case)
                    ending = case
                    outcome = ABANDONED
            elif kind == ERRAND and par["relations"]:
                joining = open_errand(w, item, now)
                if joining >= 0:
                    reach(w, joining)
            elif kind >= REPORT and par["faults"]:
                news(w, kind, item, now)
            else:
                if kind == HIRE:
                    hire(w, item, now)
                else:
                    w.people[item]["looks"] = 0
                if w.people[item]["state"] == IDLE:
                    person = item
        else:
            joining = arrive(w, now)
            if joining >= 0:
                if par["refuses"] and w.excluded[w.cases[joining]["customer"]]:
                    ending = joining
                    outcome = REFUSED
                    joining = NOBODY
                else:
                    reach(w, joining)

        if going >= 0:
            step = move_on(w, going, now)
            if step == MOVES:
                moving = going
                sender = w.cases[going]["last_person"]
            elif step == ENDS:
                ending = going
                if w.cases[going]["errors"] != 0:
                    outcome = UNRESOLVED
        if ending >= 0:
            settle(w, ending, outcome, now)
        while True:
            if moving >= 0:
                lands = now + hand_off(w, moving, sender, now)
                quiet = clock["heap_n"] == 0 or w.heap[0]["time"] > now
                if lands == now and joining < 0 and quiet:
                    # The event would be the very next one: spare the heap. Whoever has just
                    # become free still chooses first.
                    land(w, moving, now)
                    reach(w, moving)
                    joining = moving
                else:
                    push(w.heap, w.clock, lands, LANDING, moving)
                moving = NOBODY
            if person >= 0:
                worker = w.people[person]
                if worker["leaving"]:
                    vacate(w, person, now)
                    person = NOBODY
                    continue
                if worker["goes_to"] >= 0:
                    move(w, person, worker["goes_to"], now)
                case = choose_visit(w, person, now)
                if case < 0:
                    if w.people[person]["state"] != IDLE:
                        become_idle(w.pools, w.people, person, now)
                    person = NOBODY
                    continue
                called_up(w, case)
                server = person
            elif joining >= 0:
                case = joining
                server = choose_server(w, case, now)
                if server < 0:
                    wait_in_line(w, case, now)
                    joining = NOBODY
                    continue
            else:
                break
            if finds_errors(w, case, server, now):
                moving = case
                sender = server
                if person < 0:
                    joining = NOBODY
            else:
                serve(w, server, case, now)
                if person >= 0:
                    person = NOBODY
                else:
                    joining = NOBODY


advance_core = without(advance_any, "par", OFF, "core")
"""The same loop for worlds in which no mechanism beyond the core is on: there is less to compile
and to ask at each event, and the bits are the same."""


def advance(w: World, until: float) -> int:
    """Run a world, as `advance_any`, with the code that its parameters need."""
    return int((advance_core if only_core(w.par[0]) else advance_any)(w, until))
