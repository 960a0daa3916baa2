"""Keyed against sequential random numbers: work C in a small compiled kernel, twice.

Owns: the pair. Both do the same work on one binary heap; only the source of luck differs.
"""

from __future__ import annotations

import math
import time
from typing import Any

import numba
import numpy as np

from bench import works
from sim.rng import ARRIVAL, CASE, CASE_TYPE, EFFORT, child_key, run_key, stream_keys, uniform


def build(keyed: bool) -> Any:
    """The kernel with keyed (SplitMix64) or sequential (xoshiro256++) uniforms."""

    @numba.njit(error_model="numpy")
    def turned(x, k):  # type: ignore[no-untyped-def]
        return (x << np.uint64(k)) | (x >> np.uint64(64 - k))

    @numba.njit(error_model="numpy")
    def following(s):  # type: ignore[no-untyped-def]
        word = turned(s[0] + s[3], 23) + s[0]
        t = s[1] << np.uint64(17)
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = turned(s[3], 45)
        return (np.float64(word >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16

    @numba.njit(error_model="numpy")
    def luck(s, key, purpose, count):  # type: ignore[no-untyped-def]
        if keyed:
            return uniform(key, purpose, count)
        return following(s)

    @numba.njit(error_model="numpy")
    def down(times, items, n, time, item):  # type: ignore[no-untyped-def]
        i = 0
        while True:
            child = 2 * i + 1
            if child >= n:
                break
            if child + 1 < n and times[child + 1] < times[child]:
                child += 1
            if time <= times[child]:
                break
            times[i] = times[child]
            items[i] = items[child]
            i = child
        times[i] = time
        items[i] = item

    @numba.njit(error_model="numpy")
    def up(times, items, n, time, item):  # type: ignore[no-untyped-def]
        i = n
        while i > 0:
            parent = (i - 1) >> 1
            if times[parent] <= time:
                break
            times[i] = times[parent]
            items[i] = items[parent]
            i = parent
        times[i] = time
        items[i] = item

    @numba.njit(error_model="numpy")
    def run(keys, s, people, gap, work, tolerance, end, slots):  # type: ignore[no-untyped-def]
        n = len(keys)
        total = people.sum()
        times = np.empty(n + total + 2)
        items = np.empty(n + total + 2, dtype=np.int64)
        size = 0
        for i in range(n):
            up(times, items, size, -math.log1p(-luck(s, keys[i], ARRIVAL, 0)) * gap, -1 - i)
            size += 1
        number = np.zeros(n, dtype=np.int64)
        loyalty = np.full(n, 0.8)
        expectation = np.full(n, 0.65)
        opened = np.empty(slots)
        owner = np.empty(slots, dtype=np.int64)
        place = np.empty(slots, dtype=np.int64)
        key_of = np.empty(slots, dtype=np.uint64)
        link = np.arange(1, slots + 1)
        free = 0
        head = np.full(3, -1)
        tail = np.full(3, -1)
        idle = people.copy()
        closed = 0
        while times[0] <= end:
            now = times[0]
            item = items[0]
            start = -1
            if item < 0:
                c = -1 - item
                number[c] += 1
                u = luck(s, keys[c], ARRIVAL, number[c])
                down(times, items, size, now - math.log1p(-u) * gap, item)
                case = free
                free = link[case]
                key = keys[c]
                if keyed:
                    key = child_key(key, CASE, number[c])
                u = luck(s, key, CASE_TYPE, 0) * total
                d = 0 if u < people[0] else 1 if u < people[0] + people[1] else 2
                opened[case] = now
                owner[case] = c
                place[case] = d
                key_of[case] = key
                if idle[d] > 0:
                    idle[d] -= 1
                    u = luck(s, key, EFFORT, d)
                    up(times, items, size, now - math.log1p(-u) * work, case)
                    size += 1
                else:
                    link[case] = -1
                    if tail[d] < 0:
                        head[d] = case
                    else:
                        link[tail[d]] = case
                    tail[d] = case
            else:
                d = place[item]
                start = head[d]
                if start >= 0:
                    head[d] = link[start]
                    if head[d] < 0:
                        tail[d] = -1
                    u = luck(s, key_of[start], EFFORT, d)
                    down(times, items, size, now - math.log1p(-u) * work, start)
                else:
                    idle[d] += 1
                    size -= 1
                    down(times, items, size, times[size], items[size])
                c = owner[item]
                quality = 0.7 + 0.25 * math.exp(-0.693 * (now - opened[item]) / tolerance)
                difference = quality - expectation[c]
                score = quality + (0.1 if difference > 0.0 else 0.6) * difference
                expectation[c] += 0.1 * difference
                loyalty[c] += 0.05 * (score - loyalty[c])
                closed += 1
                link[item] = free
                free = item
        return closed

    return run


def timed(run: Any, customers: int, months: float, seed: int) -> dict[str, float]:
    """CPU seconds of one run, after it was compiled."""
    keys = stream_keys(run_key(seed, 0), 1, np.arange(customers))
    state = stream_keys(run_key(seed, 1), 1, np.arange(4))
    people = np.array(works.PEOPLE)
    work = works.service_h(customers)
    arguments = (people, works.MONTH_H / works.CASES_A_MONTH, work,
                 works.TOLERANCE_SERVICES * work)
    run(keys[:10], state.copy(), *arguments, 1.0, 1000)
    begin = time.process_time()
    closed = run(keys, state, *arguments, months * works.MONTH_H, 1 << 20)
    return {"cpu": time.process_time() - begin, "cases": float(closed)}
