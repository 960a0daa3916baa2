"""The records of the compiled loop.

Owns: dtype, unit and meaning of every field the engine reads or writes. Never does: fill them
(`pack.py`) or change them (the kernels). Times are working hours from the start of the run.

Tasks of a case are bits: bit 2 f + j is function f for the case's j-th product (j = 0, 1), so
that rising bits are routing order (R14).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from sim.engine.fault_records import FAULT
from sim.engine.memories import CONTACT as CONTACT
from sim.engine.memories import PROFILE as PROFILE
from sim.engine.moods import MOOD as MOOD
from sim.engine.parameters import PARAMETERS as PARAMETERS
from sim.state import CUSTOMER, POOL_TOTALS, SEGMENT_TOTALS, TOTALS, UNIT_TOTALS


class CustomerStatus(IntEnum):
    """Where a customer stands."""

    ABSENT = 0
    ACTIVE = 1
    LEFT = 2


class PersonState(IntEnum):
    """What a post's holder does."""

    VACANT = 0
    IDLE = 1
    BUSY = 2
    LEARNING = 3


class Outcome(IntEnum):
    """How a case ended."""

    RESOLVED = 0
    UNRESOLVED = 1
    ABANDONED = 2
    REFUSED = 3


class Status(IntEnum):
    """Why `advance` came back."""

    DONE = 0
    GROW_CASES = 1
    GROW_HEAP = 2
    GROW_MOUTH = 3
    GROW_LOG = 4
    GROW_CALENDAR = 5
    CALENDAR_LOST = 6
    HEAP_LOST = 7


class Journey(IntEnum):
    """Kinds of rows in a journey log."""

    ARRIVES = 0
    QUEUES = 1
    STARTS = 2
    ENDS = 3
    HANDS_OFF = 4
    SENT_BACK = 5
    REOPENS = 6
    CLOSES = 7
    ABANDONS = 8
    GOES_ASTRAY = 9


CLOCK = np.dtype(
    [
        ("now", "f8"),
        ("next_fixed", "f8"),
        ("next_month", "f8"),
        ("next_week", "f8"),
        ("next_join", "f8"),
        ("next_snapshot", "f8"),
        ("month", "i8"),
        ("week", "i8"),
        ("joiner", "i8"),
        ("snapshot", "i8"),
        ("heap_n", "i8"),
        ("sequence", "i8"),
        ("free_case", "i8"),  # head of the free list, -1 none
        ("bucket", "i8"),  # the open bucket
        ("bucket_h", "f8"),  # width
        ("bucket_n", "i8"),  # customers waiting in the open bucket
        ("mouth", "i8"),  # joiners by word of mouth so far
        ("blocked_from", "i8"),
        ("blocked_to", "i8"),
        ("staff_time", "f8"),  # up to where the staff integrals run
        ("open_time", "f8"),
        ("lead_teams", "f8"),
        ("liaisons", "f8"),  # full-time equivalents of liaison roles now
        ("filled", "f8"),
        ("open", "i8"),
        ("active", "i8"),
        ("mean_loyalty", "f8"),
        ("log_n", "i8"),
        ("journey_n", "i8"),
        ("trouble", "i8"),
        ("begun", "i8"),  # 0 not yet, 1 running, 2 the structure has just changed
        ("displaced", "i8"),  # then: first visit of a queue that is no more, -1 none
        ("errands", "i8"),  # complaints and follow-ups under way
        ("chosen", "i8"),  # active customers the firm favours
        ("cursor", "i8"),  # row from which the next follow-up is looked for
        ("shown_fit", "f8"),  # of recent cases, as prospects hear of it
        ("shown_seller", "f8"),  # courtesy and skill of who served the last case that ended
        ("seen_satisfaction", "f8"),  # sums at the last month end
        ("seen_ended", "f8"),
        ("seen_filled", "f8"),
        ("faults", "f8"),  # that last, each by the share of its units that still have it
        ("fault_time", "f8"),  # up to where their integral runs
    ]
)

CASE = np.dtype(
    [
        ("key", "u8"),
        ("opened", "f8"),
        ("since", "f8"),  # when the present state began
        ("first_close", "f8"),  # inf while never closed
        ("rework_since", "f8"),  # -1 while not being sent back
        ("touch", "f8"),
        ("queue", "f8"),
        ("transfer", "f8"),
        ("rework", "f8"),
        ("first_wait", "f8"),
        ("information", "f8"),
        ("ready", "f8"),  # when the material it needs is there
        ("read_in", "f8"),  # h of reading in due at the next visit
        ("setup", "f8"),  # h of set-up in the visit under way
        ("waited", "f8"),  # h in queues so far, those of rework included
        ("customer", "i8"),
        ("number", "i8"),  # the customer's n-th case
        ("link", "i8"),  # next in the queue, or in the free list
        ("back", "i8"),
        ("stamp", "i8"),  # guards against stale abandonment
        ("pool", "i8"),
        ("last_pool", "i8"),
        ("finder_pool", "i8"),
        ("offering_pool", "i8", (2,)),
        ("last_person", "i8"),
        ("tasks", "i8"),  # tasks still to be done, in the case or in the loop
        ("visit", "i8"),  # tasks of the next or present visit
        ("finder_visit", "i8"),
        ("discounted", "i8"),  # tasks done as second product of a visit
        ("errors", "i8"),  # tasks with an error nobody found yet
        ("new_errors", "i8"),  # made in the present visit
        ("last_errors", "i8"),  # of the visit just before
        ("visits", "i8"),
        ("handoffs", "i8"),
        ("passes", "i8"),
        ("product", "i8", (2,)),
        ("products", "i8"),
        ("type", "i8"),
        ("segment", "i8"),
        ("route", "i8"),  # segment by which new tasks are routed
        ("region", "i8"),
        ("rank", "i8"),  # priority class, 0 first
        ("line", "i8"),  # of the queue it waits in
        ("checks", "i8"),  # the next visit looks for errors
        ("redoing", "i8"),  # 0 first time, 1 sent back, 2 reopened
        ("loop", "i8"),  # of the present visit's draws
        ("last_loop", "i8"),
        ("reopenings", "i8"),
        ("send_backs", "i8"),
        ("served", "i8"),  # has had a visit
        ("courtesy", "f8"),  # mean over the visits so far
        ("home", "i8"),  # unit of the first visit
        ("owned", "i8"),  # visits in that unit
        ("causes", "i8"),  # two bits per task: why it last went wrong (Cause)
        ("mending", "i8"),  # tasks of a rework visit that a fault had spoiled
        ("hidden", "i8"),  # errors of the present visit that nobody inside will find
        ("strays", "i8"),  # its next transfer takes the old path first
    ],
    align=True,
)

PERSON = np.dtype(
    [
        ("since", "f8"),  # start of the visit, or idle since
        ("known_at", "f8"),  # time to which knowledge is forgotten
        ("key", "u8"),
        ("pool", "i8"),
        ("unit", "i8"),
        ("team", "i8"),
        ("case", "i8"),
        ("goes_to", "i8"),  # pool to move to after the visit, -1 stays
        ("home", "i8"),  # region
        ("link", "i8"),
        ("back", "i8"),
        ("state", "i8"),
        ("leaving", "i8"),
        ("looks", "i8"),  # a LOOK is due: no second one, so that the heap's need is bounded
        ("morale", "f8"),  # M, 0..1
        ("orientation", "f8"),  # O, 0..1; one half while nothing moves it
    ],
    align=True,
)

POOL = np.dtype(
    [
        ("unit", "i8"),
        ("queue", "i8"),
        ("functions", "i8"),
        ("first_team", "i8"),
        ("posts", "i8"),
        ("filled", "i8"),
        ("idle_head", "i8"),
        ("idle_tail", "i8"),
        ("cover", "f8"),
        ("vacancy_h", "f8"),
        ("expected_touch", "f8"),
        ("reached", "i8"),  # do leaders reach its people
        ("attitude", "f8"),  # orientation of its people at the start
        ("waiting", "i8"),  # visits in its line, counted only under pressure
        ("usual", "f8"),  # 1 / m_e of its people at the start on its mix of work
        ("coordination", "f8"),  # share of hours spent with second bosses
        ("contested", "i8"),  # lines: 0 one a class; 1 two; 2 two, and a coin says which
        ("regions", "i8"),  # bits of the regions it works in
        ("licensed", "i8"),
    ],
    align=True,
)

UNIT = np.dtype(
    [("first_pool", "i8"), ("end_pool", "i8"), ("posts", "i8"), ("teams", "i8"), ("segments", "i8"),
     ("waiting", "i8"), ("liaisons", "i8"), ("recut", "i8")]
)

SERVICE = np.dtype([("n", "f8"), ("information", "f8"), ("delay_h", "f8")])
"""Hand-offs from one unit to another in the window, and sums of what arrived and how late."""

LINE = np.dtype([("head", "i8"), ("tail", "i8")])
"""A first-come-first-served line of one priority class of one queue."""

TEAM = np.dtype([("unit", "i8"), ("size", "i8")])

PAIR = np.dtype([("familiarity", "f8"), ("at", "f8")])

EVENT = np.dtype([("time", "f8"), ("order", "i8"), ("item", "i8")])

BUCKET = np.dtype([("head", "i4"), ("n", "i4")])
"""A bucket of the calendar: its first customer (-1 none), and how many."""

NEXT = np.dtype([("time", "f8"), ("customer", "i8")])

FUNCTION = np.dtype(
    [("sigma", "f8"), ("shift", "f8"), ("sigma_covered", "f8"), ("shift_covered", "f8"),
     ("presence", "i8")]
)
"""Lognormal work: X = exp(sigma z - shift), with a procedure by the second pair; is it done at the
customer's place."""

CASE_TYPE = np.dtype(
    [
        ("tolerance_h", "f8"),
        ("patience_h", "f8"),
        ("cumulated", "f8"),
        ("directness", "f8"),
        ("steps", "i8"),
        ("phone", "i8"),
        ("covered", "i8"),  # by a procedure
    ],
    align=True,
)

SEGMENT = np.dtype(
    [
        ("rate", "f8"),  # cases per customer and hour
        ("patience", "f8"),
        ("expectation", "f8"),
        ("churn_max", "f8"),
        ("threshold", "f8"),  # C - k_sw
        ("value", "f8"),  # mean revenue of a customer, money/year
        ("switching", "f8"),  # k_sw
    ]
)

OFFERING = np.dtype([("tasks", "f8"), ("signal", "f8"), ("signals", "f8")])
"""Per (unit, product): the month's offering tasks; per unit at product 0: sum and number of A."""

LATENT = np.dtype([("level", "f8"), ("asked", "f8")])
"""Per (unit, variant): how far it meets a need that surfaces; the month's weighted asking."""

CHANGE = np.dtype(
    [
        ("explored", "f8"),  # h since warm-up
        ("jumped", "i8"),  # has the shock been answered
        ("orders", "i8"),  # units of material taken
        ("launched", "i8"),
        ("fit", "f8"),  # sums up to the last month end
        ("fits", "f8"),
        ("filled", "f8"),
        ("lead_teams", "f8"),
        ("hires", "f8"),
        ("cash", "f8"),  # money earned since warm-up and not spent
        ("expansions", "i8"),
    ]
)
"""What the firm remembers of exploration, material, launches and money."""

LAUNCH = np.dtype([("month", "i8"), ("adoption", "f8")])
"""A new offering: when it came, and the share of customers that took it up."""

STANDING = np.dtype([("value", "f8"), ("satisfaction", "f8"), ("ended", "f8")])
"""Per segment: mean satisfaction of the last month with cases; the sums up to its end."""

CASE_LOG = np.dtype(
    [
        ("opened", "f8"),
        ("closed", "f8"),
        ("satisfaction", "f8"),
        ("quality", "f8"),
        ("touch", "f8"),
        ("queue", "f8"),
        ("transfer", "f8"),
        ("rework", "f8"),
        ("fit", "f8"),
        ("loyalty", "f8"),
        ("customer", "i4"),
        ("number", "i4"),
        ("visits", "i2"),
        ("handoffs", "i2"),
        ("type", "i1"),
        ("segment", "i1"),
        ("reopenings", "i1"),
        ("outcome", "i1"),
    ],
    align=True,
)

JOURNEY = np.dtype(
    [
        ("time", "f8"),
        ("value", "f8"),  # kind-dependent: latency h, satisfaction...
        ("customer", "i4"),
        ("number", "i4"),
        ("pool", "i4"),
        ("person", "i4"),
        ("tasks", "i4"),
        ("kind", "i1"),
        ("type", "i1"),
        ("products", "i1", (2,)),
    ],
    align=True,
)


_I1, _I4, _I8, _U8, _F4, _F8 = (np.dtype(t) for t in ("i1", "i4", "i8", "u8", "f4", "f8"))
_BOOL = np.dtype(np.bool_)

FIELDS: dict[str, tuple[np.dtype[Any], int]] = {
    "par": (PARAMETERS, 1),  # [1] PARAMETERS
    "clock": (CLOCK, 1),  # [1] CLOCK
    # tables
    "pool_of": (_I8, 4),  # [F, P, S, R]
    "unit_distance": (_I8, 2),  # [U, U]
    "second_distance": (_F8, 2),  # [L, L] distance of pools in a second tree, [0, 0] without
    "joined": (_BOOL, 2),  # [U, U] a liaison role joins them, [0, 0] without any
    "service": (SERVICE, 2),  # [U, U] hand-offs from one unit to another
    "functions": (FUNCTION, 1),  # [F] FUNCTION
    "case_types": (CASE_TYPE, 1),  # [Y] CASE_TYPE
    "work": (_F8, 2),  # [Y, F] h
    "after": (_I8, 2),  # [Y, 2F] tasks that must be done before a task
    "product_weight": (_F8, 3),  # [Y, S, P]
    "second": (_F8, 2),  # [Y, S] probability of a second product
    "rank": (_I8, 2),  # [Y, S]; with errands [Y + 2, S], as all tables by Y that the loop reads
    "chosen_rank": (_I8, 2),  # the same for customers the firm favours
    "segments": (SEGMENT, 1),  # [S] SEGMENT
    "needs": (_F4, 3),  # [M, P, K]
    "weights": (_F4, 2),  # [M, 4]
    "excluded": (_BOOL, 1),  # [M] turned away for want of a label; empty where nobody is
    "join_time": (_F8, 1),  # [base joiners]
    "rerouted": (_BOOL, 4),  # [F, P, S, R] tasks that another pool does since the structure changed
    "kept": (_I8, 1),  # [pools before] their number since the structure changed, -1 gone
    "heirs": (_I8, 1),  # [units before] the unit that goes on with its teams, -1 none
    "movable": (_BOOL, 2),  # [L, L] may people of one pool be moved to another
    "mix": (_F8, 2),  # [L, F+P+S] nominal task mix of a pool
    # state
    "customers": (CUSTOMER, 1),  # [M] CUSTOMER
    "profiles": (PROFILE, 1),  # [M] PROFILE, [0] while nothing asks for it
    "cases": (CASE, 1),  # CASE
    "contacts": (CONTACT, 1),  # [cases] CONTACT, [0] while nothing asks for it
    "task_hours": (_F8, 2),  # [cases, 2F] h of the tasks of the visit under way
    "people": (PERSON, 1),  # [N] PERSON
    "knowledge": (_F8, 2),  # [N, F+P+S]
    "moods": (MOOD, 1),  # [N] MOOD, none while the mechanisms of staff are off
    "done_by": (_I8, 2),  # [cases, 2F] team that has done a task, -1 none; none without ownership
    "circle": (_F8, 2),  # [4, max(G, U)] working rows of orientation, none while it is off
    "masters": (_F8, 2),  # [G, F+P+S] working rows of teaching, none while it is off
    "variety": (_F8, 2),  # [N, F P] the month's tasks by person, none unless variety counts
    "pools": (POOL, 1),  # [L] POOL
    "units": (UNIT, 1),  # [U] UNIT
    "lines": (LINE, 2),  # [Q, C] LINE
    "teams": (TEAM, 1),  # [G] TEAM
    "team_of": (_I8, 2),  # [U, most teams of a unit] team, -1 none
    "team_pools": (_I8, 2),  # [L, G] people of the pool in the team
    "pairs": (PAIR, 2),  # [G, G] PAIR, used for row <= column
    "offering": (_F8, 3),  # [U, P V, K], V variants of a product side by side
    "need_sum": (_F8, 3),  # [U, P V, K]
    "offerings": (OFFERING, 2),  # [U, P V] OFFERING
    "own_target": (_F8, 3),  # [U, P V, K] where designers would go by themselves
    "firm_need": (_F8, 2),  # [P, K + 1] working row of a standard
    "latent": (LATENT, 2),  # [U, P V] LATENT
    "holds": (_BOOL, 2),  # [U, P] does the unit hold an offering of the product
    "shift": (_F8, 2),  # [S, K] drift of needs since the start
    "foreseen": (_F8, 2),  # [S, K] drift expected by the panel
    "voice": (_F8, 1),  # [S] weight of a customer's need in the review
    "early": (_F8, 1),  # [S] probability that a new need counts early
    "change": (CHANGE, 1),  # [1] CHANGE
    "faults": (FAULT, 3),  # [U, F, P] FAULT; empty while the module is off
    "reports": (_F8, 4),  # [months ahead, U, P V, K + 2] needs under way: sums, weight, asked
    "served": (_F8, 3),  # [U, P V, K + 1] true needs of the month, and their number
    "mean_shift": (_F8, 1),  # [K] drift of the market's mean need
    "segment_share": (_F8, 1),  # [S] of all customers
    "middle": (_F8, 2),  # [P, K] mean need of a product
    "centre": (_F8, 3),  # [S, P, K] centre of a segment, relative to that
    "wants": (_F8, 2),  # [S, P] share of a product in the cases of a segment
    "standing": (STANDING, 1),  # [S] STANDING
    "launches": (LAUNCH, 1),  # ring of the latest
    "ordered": (_F8, 1),  # [base stock] times of the last orders of material
    "heap": (EVENT, 1),  # EVENT
    "buckets": (BUCKET, 1),  # first customer of each bucket of the calendar
    "near": (NEXT, 1),  # NEXT: the open bucket as a heap
    "blocked": (_F8, 1),  # ring of times at which prospects come back
    "weeks": (_F8, 3),  # [weeks + 1, L, 3] joins, touch, visits at week ends
    "desk": (_F8, 2),  # [4, L] working rows of the re-balance: work, heads, staying, quota
    "roll": (_I8, 2),  # [3, max(N, L)] working rows of cutting teams: members, team, sizes
    # sums
    "totals": (TOTALS, 1),  # [1]
    "segment_totals": (SEGMENT_TOTALS, 1),  # [S]
    "unit_totals": (UNIT_TOTALS, 1),  # [U]
    "pool_totals": (POOL_TOTALS, 1),  # [L]
    "histogram": (_I8, 1),
    "distances": (_I8, 1),
    "error_map": (_F8, 3),  # [F, P, Cause] errors made in the window; empty without faults
    "snapshot_times": (_F8, 1),  # [T]
    "snapshots": (TOTALS, 1),  # [T]
    "segment_snapshots": (SEGMENT_TOTALS, 2),  # [T, S]
    "unit_snapshots": (UNIT_TOTALS, 2),  # [T, U]
    "pool_snapshots": (POOL_TOTALS, 2),  # [T, L]
    "case_log": (CASE_LOG, 1),
    "journey": (JOURNEY, 1),
}
"""Every array of a run: dtype and number of dimensions; a few are tables (read only), the others
its state. F functions, P products, S segments, R regions, Y case types, U units, L pools and
queues, C priority classes, N people, M customers, G teams, K need dimensions, V variants of an
offering, T snapshots.
"""

READ_ONLY = frozenset({"par", "functions", "case_types", "segments"})
"""Records the loop never writes."""
