"""The records of the compiled loop.

Owns: dtype, unit and meaning of every field the engine reads or writes. Never does: fill them
(`pack.py`) or change them (the kernels). Times are working hours from the start of the run.

Tasks of a case are bits: bit 2 f + j is function f for the case's j-th product (j = 0, 1), so
that rising bits are routing order (R14).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from sim.engine.memories import CONTACT as CONTACT
from sim.engine.memories import PROFILE as PROFILE
from sim.engine.moods import MOOD as MOOD
from sim.engine.parameters import PARAMETERS as PARAMETERS


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
