"""Time: the event heap, the calendar of customers' next cases, and the tie rule.

Owns: what happens at the same instant. Never does: know what an event means.

Customers' next cases lie in a calendar of buckets of about 32 cases, linked through the
customers' records; only the open bucket is kept as a heap, so that finding the next case takes
the same number of steps however many customers there are (Brown 1988 describes calendar queues).
Everything else (visits that end, cases that land) lies in one binary heap.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from sim.engine.arrays import CustomerStatus, Status
from sim.jit import kernel


class EventKind(IntEnum):
    """Kinds of events; at equal times the smaller kind comes first (R51), then the older event."""

    MONTH = 0
    """Monthly rules: offerings, expectation, churn, quits."""
    WEEK = 1
    """Weekly re-balance."""
    LANDING = 2
    """A case in transfer, or reopened by its customer, reaches its next queue."""
    VISIT_END = 3
    """A person finishes a visit, and is free before the next customer arrives."""
    ARRIVAL = 4
    """A customer brings a case."""
    ABANDON = 5
    """A caller's patience ends."""
    HIRE = 6
    """A vacancy is filled."""
    LOOK = 7
    """An idle person looks around again, because something changed beside the queue."""
    ERRAND = 8
    """A complaint reaches the firm, or somebody is to be followed up."""
    APPROVED = 9
    """A boss has approved what a visit decided: the case goes on."""
    JOIN = 10
    """A prospect becomes a customer."""
    SNAPSHOT = 11
    """Sums are copied, after everything else of the instant."""
    REPORT = 20
    """Word of a fault reaches those who decide (nothing else of the instant waits for it)."""
    CHANGE = 21
    """A unit's decision takes effect: it is rid of a fault."""
    REACH = 22
    """How many units know an answer is counted."""


KIND_BITS = 56
"""An event's place at equal times is its kind, shifted by so many bits, and its number."""

LANDING = int(EventKind.LANDING)
ARRIVAL = int(EventKind.ARRIVAL)
VISIT_END = int(EventKind.VISIT_END)
ABANDON = int(EventKind.ABANDON)
HIRE = int(EventKind.HIRE)
LOOK = int(EventKind.LOOK)
ERRAND = int(EventKind.ERRAND)
REPORT = int(EventKind.REPORT)
CHANGE = int(EventKind.CHANGE)
REACH = int(EventKind.REACH)
APPROVED = int(EventKind.APPROVED)
ACTIVE = int(CustomerStatus.ACTIVE)
GROW_CALENDAR = int(Status.GROW_CALENDAR)
CALENDAR_LOST, HEAP_LOST = int(Status.CALENDAR_LOST), int(Status.HEAP_LOST)
NEVER = np.inf


@kernel
def comes_before(a, b):
    """Does event record `a` come before `b`: earlier, or of a smaller kind, or older?"""
    return a["time"] < b["time"] or (a["time"] == b["time"] and a["order"] < b["order"])


@kernel
def put(heap, place, time, order, item):
    """Write an event into a place of the heap."""
    record = heap[place]
    record["time"] = time
    record["order"] = order
    record["item"] = item


# Places in the heap are unsigned: numba then skips its test for negative indices (a quarter of
# the loop's time). uint64 must never meet int64 in compiled code (the result would be a float).
_0, _1, _2 = np.uint64(0), np.uint64(1), np.uint64(2)


@kernel
def rise(heap, place, time, order, item):
    """Let an event rise from an empty place to where it belongs."""
    while place > _0:
        parent = (place - _1) >> _1
        above = heap[parent]
        if above["time"] < time or (above["time"] == time and above["order"] < order):
            break
        put(heap, place, above["time"], above["order"], above["item"])
        place = parent
    put(heap, place, time, order, item)


@kernel
def push(heap, clocks, time, kind, item):
    """Schedule an event."""
    clock = clocks[0]
    n = clock["heap_n"]
    sequence = clock["sequence"]
    if n >= len(heap):
        clock["trouble"] = HEAP_LOST
        return
    clock["heap_n"] = n + 1
    clock["sequence"] = sequence + 1
    rise(heap, np.uint64(n), time, (kind << KIND_BITS) | sequence, item)


@kernel
def pop(heap, clocks):
    """Remove the first event; returns (kind, item).

    The hole sinks to the bottom along the earlier children, then the last event rises from it:
    about one comparison a level instead of two (Wegener 1993, bottom-up heapsort).
    """
    clock = clocks[0]
    kind = heap[0]["order"] >> KIND_BITS
    item = heap[0]["item"]
    clock["heap_n"] -= 1
    n = np.uint64(clock["heap_n"])
    hole = _0
    child = _1
    while child + _1 < n:
        if comes_before(heap[child + _1], heap[child]):
            child += _1
        below = heap[child]
        put(heap, hole, below["time"], below["order"], below["item"])
        hole = child
        child = _2 * hole + _1
    if child < n:
        below = heap[child]
        put(heap, hole, below["time"], below["order"], below["item"])
        hole = child
    last = heap[n]
    rise(heap, hole, last["time"], last["order"], last["item"])
    return kind, item


@kernel
def push_near(near, clocks, time, customer):
    """Put a customer into the heap of the open bucket (ties: lower index first)."""
    clock = clocks[0]
    i = clock["bucket_n"]
    if i >= len(near):
        clock["trouble"] = CALENDAR_LOST
        return
    clock["bucket_n"] = i + 1
    while i > 0:
        parent = (i - 1) >> 1
        above = near[parent]
        if above["time"] < time or (above["time"] == time and above["customer"] < customer):
            break
        near[i]["time"] = above["time"]
        near[i]["customer"] = above["customer"]
        i = parent
    near[i]["time"] = time
    near[i]["customer"] = customer


@kernel
def pop_near(near, clocks):
    """Remove and return the customer whose case comes first."""
    clock = clocks[0]
    customer = near[0]["customer"]
    n = clock["bucket_n"] - 1
    clock["bucket_n"] = n
    time = near[n]["time"]
    moved = near[n]["customer"]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and (
            near[child + 1]["time"] < near[child]["time"]
            or (
                near[child + 1]["time"] == near[child]["time"]
                and near[child + 1]["customer"] < near[child]["customer"]
            )
        ):
            child += 1
        below = near[child]
        if time < below["time"] or (time == below["time"] and moved < below["customer"]):
            break
        near[i]["time"] = below["time"]
        near[i]["customer"] = below["customer"]
        i = child
    near[i]["time"] = time
    near[i]["customer"] = moved
    return customer


@kernel
def book_arrival(customers, buckets, near, clocks, customer, time):
    """Enter a customer's next case into the calendar."""
    clock = clocks[0]
    customers[customer]["next_arrival"] = time
    bucket = time / clock["bucket_h"]
    if bucket >= len(buckets):
        return  # beyond the end of the run
    b = int(bucket)
    if b <= clock["bucket"]:
        push_near(near, clocks, time, customer)
    else:
        customers[customer]["link"] = buckets[b]["head"]
        buckets[b]["head"] = customer
        buckets[b]["n"] += 1


@kernel
def next_arrival(customers, buckets, near, clocks):
    """Time of the next case of any customer, opening buckets as needed; inf if none is left."""
    clock = clocks[0]
    while clock["bucket_n"] == 0:
        b = clock["bucket"] + 1
        if b >= len(buckets):
            return NEVER
        if buckets[b]["n"] >= len(near):  # open it when there is room
            clock["trouble"] = GROW_CALENDAR
            return NEVER
        clock["bucket"] = b
        customer = buckets[b]["head"]
        while customer >= 0:
            record = customers[customer]
            following = record["link"]
            if record["status"] == ACTIVE:
                push_near(near, clocks, record["next_arrival"], customer)
            customer = following
    return near[0]["time"]
