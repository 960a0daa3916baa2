"""The engine's lists and heaps, driven from Python one operation at a time.

Owns: small arrays of the engine's records, and the compiled calls. Never does: check anything.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from sim.engine import calendar, queues
from sim.engine.arrays import (
    BUCKET,
    CASE,
    CLOCK,
    EVENT,
    LINE,
    NEXT,
    PERSON,
    POOL,
    CustomerStatus,
    Status,
)
from sim.state import CUSTOMER


@numba.njit
def _schedule(heap, clocks, times, kinds, out_kind, out_item):
    """Push each event (item: its place in the list); a kind below 0 pops instead."""
    popped = 0
    for i in range(len(times)):
        if kinds[i] >= 0:
            calendar.push(heap, clocks, times[i], kinds[i], i)
        elif clocks[0]["heap_n"] > 0:
            out_kind[popped], out_item[popped] = calendar.pop(heap, clocks)
            popped += 1
    return popped


def scheduled(times: list[float], kinds: list[int], room: int | None = None
              ) -> tuple[list[tuple[int, int]], NDArray[np.void]]:
    """(kind, item) of what was popped, in order, and the clock."""
    heap = np.zeros(len(times) + 1 if room is None else room, EVENT)
    clocks = np.zeros(1, CLOCK)
    kind, item = np.zeros((2, len(times)), np.int64)
    n = _schedule(heap, clocks, np.array(times, float), np.array(kinds, np.int64), kind, item)
    return list(zip(kind[:n].tolist(), item[:n].tolist(), strict=True)), clocks[0]


@numba.njit
def _bring(customers, buckets, near, clocks, gaps, brought, out_time, out_customer, n):
    """Let customers bring cases and book their next ones until there is none or no room."""
    while True:
        if clocks[0]["bucket_n"] + 1 >= len(near):
            return n
        time = calendar.next_arrival(customers, buckets, near, clocks)
        if time == np.inf:
            return n
        customer = calendar.pop_near(near, clocks)
        out_time[n] = time
        out_customer[n] = customer
        n += 1
        k = brought[customer]
        brought[customer] = k + 1
        if k < gaps.shape[1]:
            calendar.book_arrival(customers, buckets, near, clocks, customer,
                                  time + gaps[customer, k])


@numba.njit
def _book(customers, buckets, near, clocks, customer, time):
    calendar.book_arrival(customers, buckets, near, clocks, customer, time)


class Diary:
    """A calendar of customers' cases: first times, then gaps [customer, k] until they run out."""

    def __init__(self, first: NDArray[np.float64], gaps: NDArray[np.float64], *, width: float,
                 buckets: int, room: int) -> None:
        self.customers = np.zeros(len(first), CUSTOMER)
        self.customers["status"] = CustomerStatus.ACTIVE
        self.customers["link"] = -1
        self.buckets = np.zeros(buckets, BUCKET)
        self.buckets["head"] = -1
        self.near = np.zeros(room, NEXT)
        self.clocks = np.zeros(1, CLOCK)
        self.clocks[0]["bucket"] = -1
        self.clocks[0]["bucket_h"] = width
        self.gaps = gaps
        self.grown = 0
        for customer, time in enumerate(first.tolist()):
            _book(self.customers, self.buckets, self.near, self.clocks, customer, time)

    def drain(self) -> list[tuple[float, int]]:
        """(time, customer) of every case, room being made when it is asked for."""
        most = len(self.customers) * (self.gaps.shape[1] + 1)
        times, who = np.zeros(most), np.zeros(most, np.int64)
        brought = np.zeros(len(self.customers), np.int64)
        n = 0
        while True:
            n = _bring(self.customers, self.buckets, self.near, self.clocks, self.gaps, brought,
                       times, who, n)
            clock = self.clocks[0]
            short = clock["bucket_n"] + 1 >= len(self.near)
            if not short and clock["trouble"] != Status.GROW_CALENDAR:
                return list(zip(times[:n].tolist(), who[:n].tolist(), strict=True))
            clock["trouble"] = Status.DONE
            self.near = np.concatenate([self.near, np.zeros_like(self.near)])
            self.grown += 1


@numba.njit
def _line(lines, cases, case, queue, joins):
    if joins:
        queues.join_line(lines, cases, case, queue)
    else:
        queues.leave_line(lines, cases, case, queue)
    return queues.first_in_line(lines, queue)


class Lines:
    """Queues of a few cases."""

    def __init__(self, n_queues: int, ranks: list[int]) -> None:
        self.lines = np.zeros((n_queues, max(ranks) + 1), LINE)
        self.lines["head"] = self.lines["tail"] = -1
        self.cases = np.zeros(len(ranks), CASE)
        self.cases["line"] = ranks

    def change(self, case: int, queue: int, *, joins: bool) -> int:
        """Join or leave; the first in that queue afterwards."""
        return int(_line(self.lines, self.cases, case, queue, joins))

    def walk(self, queue: int, rank: int, *, backwards: bool = False) -> list[int]:
        """The line as the links say."""
        found = []
        case = int(self.lines[queue, rank]["tail" if backwards else "head"])
        while case >= 0:
            found.append(case)
            case = int(self.cases[case]["back" if backwards else "link"])
        return found


@numba.njit
def _idle(pools, people, person, time, idles):
    if idles:
        queues.become_idle(pools, people, person, time)
    else:
        queues.stop_idling(pools, people, person)


class Idle:
    """Idle people of pools; `shared`: one queue serves them all."""

    def __init__(self, pool_of: list[int], *, shared: bool = False) -> None:
        self.pools = np.zeros(max(pool_of) + 1, POOL)
        self.pools["idle_head"] = self.pools["idle_tail"] = -1
        self.pools["queue"] = 0 if shared else np.arange(len(self.pools))
        self.people = np.zeros(len(pool_of), PERSON)
        self.people["pool"] = pool_of
        self.people["case"] = 7

    def rest(self, person: int, since: float) -> None:
        """Become idle, as of `since`."""
        _idle(self.pools, self.people, person, since, True)

    def rise(self, person: int) -> None:
        """Stop idling."""
        _idle(self.pools, self.people, person, 0.0, False)

    def walk(self, queue: int, *, backwards: bool = False) -> list[int]:
        """The idle people of a queue as the links say."""
        found = []
        person = int(self.pools[queue]["idle_tail" if backwards else "idle_head"])
        while person >= 0:
            found.append(person)
            person = int(self.people[person]["back" if backwards else "link"])
        return found
