"""The calendar of customers' next cases, against a search over all customers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.engine.arrays import CustomerStatus
from tests.engine_parts.compiled import Diary


def oracle(first: NDArray[np.float64], gaps: NDArray[np.float64], end: float
           ) -> list[tuple[float, int]]:
    """Always the earliest case of all (ties: the lower customer) until `end`."""
    following = first.copy()
    brought = np.zeros(len(first), int)
    cases = []
    while len(first):
        customer = int(np.argmin(following))
        time = float(following[customer])
        if time >= end:
            break
        cases.append((time, customer))
        k = brought[customer]
        brought[customer] += 1
        following[customer] = time + gaps[customer, k] if k < gaps.shape[1] else np.inf
    return cases


@given(customers=st.integers(0, 60), repeats=st.integers(0, 4), width=st.floats(0.5, 20),
       buckets=st.integers(1, 30), room=st.integers(2, 40), coarse=st.booleans(),
       seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_customers_come_in_order_of_time(customers: int, repeats: int, width: float, buckets: int,
                                         room: int, coarse: bool, seed: int) -> None:
    """Whatever the width of buckets and the room for the open one; coarse times tie often."""
    luck = np.random.default_rng(seed)
    end = width * buckets
    first, gaps = luck.exponential(end / 2, customers), luck.exponential(end / 4,
                                                                        (customers, repeats))
    if coarse:
        first, gaps = np.floor(first), np.floor(gaps)
    diary = Diary(first, gaps, width=width, buckets=buckets, room=room)
    assert diary.drain() == oracle(first, gaps, end)


def test_a_bucket_wider_than_its_room_makes_it_grow() -> None:
    """All customers in one bucket, room for two."""
    first = np.linspace(5.0, 1.0, 200)
    diary = Diary(first, np.zeros((200, 0)), width=10.0, buckets=1, room=2)
    assert [customer for _, customer in diary.drain()] == list(range(199, -1, -1))
    assert diary.grown >= 7 and len(diary.near) >= 200


def test_later_cases_of_the_open_bucket_are_not_missed() -> None:
    """Customer 0 comes every hour, several times within a bucket that is already open."""
    gaps = np.array([[1.0] * 9, [0.5] * 9])
    cases = Diary(np.array([0.0, 6.2]), gaps, width=4.0, buckets=3, room=8).drain()
    assert cases == oracle(np.array([0.0, 6.2]), gaps, 12.0)
    assert len(cases) == 20


def test_cases_after_the_end_are_not_booked() -> None:
    """A case at the end itself is beyond it."""
    diary = Diary(np.array([9.9, 10.0, 1e300, np.inf]), np.zeros((4, 0)), width=2.5, buckets=4,
                  room=8)
    assert diary.drain() == [(9.9, 0)]


@pytest.mark.parametrize("status", [CustomerStatus.LEFT, CustomerStatus.ABSENT])
def test_those_who_are_gone_bring_no_case(status: CustomerStatus) -> None:
    """They drop out when their bucket is opened."""
    diary = Diary(np.array([3.0, 4.0, 5.0]), np.zeros((3, 0)), width=2.0, buckets=4, room=8)
    diary.customers["status"][1] = status
    assert diary.drain() == [(3.0, 0), (5.0, 2)]
