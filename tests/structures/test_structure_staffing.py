"""Heads per pool: largest remainder, explicit heads, roles when people are few."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InfeasibleStructure, InputError
from sim.structures import allocate, build, explicit_heads, workload

WORK = st.lists(st.floats(0, 100, allow_nan=False, width=32), min_size=1, max_size=12)


@pytest.mark.parametrize(("work", "heads", "people"), [
    ([1, 1, 1, 1], 10, [3, 3, 2, 2]),  # equal remainders: lowest index
    ([5, 3, 1, 0.1], 10, [5, 3, 1, 1]),  # the last gets one and leaves; 9 among 5 : 3 : 1
    ([2, 1.4, 0.6], 4, [2, 1, 1]),  # quota 0.6 -> 1; 3 among 2 : 1.4 = 1.76, 1.24
    ([0, 0, 0], 5, [2, 2, 1]),
    ([0, 3], 4, [1, 3]),
    ([1], 7, [7]),
    ([10, 0.9, 0.95], 3, [1, 1, 1]),
    # quotas 8.1, 1.05, 0.85: the last leaves with 1, then 1.03 of 9 is not below 1
    ([8.1, 1.05, 0.85], 10, [8, 1, 1]),
    # quotas 9, 1, 0.5, 0.5: two leave; 9 among 9 : 1 = 8.1, 0.9: that one leaves, too
    ([9, 1, 0.5, 0.5], 11, [8, 1, 1, 1]),
])
def test_by_hand(work: list[float], heads: int, people: list[int]) -> None:
    """R41, worked out on paper."""
    assert allocate(np.array(work, float), heads).tolist() == people


@given(work=WORK, extra=st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_properties(work: list[float], extra: int) -> None:
    """Everybody is placed, nobody is left alone, more work never means fewer people, and pools
    above the lower bound get the floor or the ceiling of their quota among themselves."""
    heads = len(work) + extra
    people = allocate(np.array(work), heads)
    assert people.sum() == heads and people.min() >= 1
    for i, a in enumerate(work):
        for j, b in enumerate(work):
            if a > b:
                # Remainders equal to nine decimals are tied by index.
                assert people[i] >= people[j] or (a - b) * heads < 1e-6 * sum(work)
    big = people > 1
    if big.any() and sum(work) > 0:
        rest = heads - (~big).sum()
        quota = rest * np.array(work) / np.array(work)[big].sum()
        assert (np.abs(people - quota)[big] < 1 + 1e-9).all()


@given(work=WORK, extra=st.integers(0, 60), power=st.integers(-8, 8))
@settings(max_examples=50, deadline=None)
def test_the_unit_of_work_does_not_matter(work: list[float], extra: int, power: int) -> None:
    heads = len(work) + extra
    scaled = np.array(work) * 2.0**power
    assert np.array_equal(allocate(np.array(work), heads), allocate(scaled, heads))


def test_lower_bounds_and_too_few_heads() -> None:
    least = np.array([3, 1], np.int32)
    assert allocate(np.array([1.0, 9.0]), 10, least).tolist() == [3, 7]
    with pytest.raises(ValueError, match="cannot fill"):
        allocate(np.ones(3), 2)


def test_explicit_heads(world: Any) -> None:
    pools = {"meet": 1, "plan": 2, "make": 4, "send": 2}
    scenario = world(staff={"heads": 9, "pools": {"functional": pools}})
    layout = build(scenario, "functional")
    assert explicit_heads(scenario, layout).tolist() == [1, 2, 4, 2]
    assert explicit_heads(scenario, build(scenario, "product")) is None


@pytest.mark.parametrize(("pools", "heads", "words"), [
    ({"meet": 1, "plan": 2, "make": 4, "sent": 2}, 9, "did you mean send"),
    ({"meet": 1, "plan": 2, "make": 4}, 7, "says nothing about the pool 'send'"),
    ({"meet": 1, "plan": 2, "make": 4, "send": 2}, 10, "sums to 9 people"),
])
def test_explicit_heads_that_do_not_fit(world: Any, pools: dict[str, int], heads: int,
                                        words: str) -> None:
    scenario = world(staff={"heads": heads, "pools": {"functional": pools}})
    with pytest.raises(InputError, match=words):
        explicit_heads(scenario, build(scenario, "functional", heads))


def test_few_people_combine_the_functions_with_least_work(world: Any) -> None:
    """R3, by hand: two products 1:1, 5 people: 3 and 2 (equal work, lowest index first). Work
    .3 .5 .6 .3: for three people meet and send merge (.6), for two plan merges with the first
    of the two at .6."""
    scenario = world(products={"tea": {}, "ink": {}}, segments={"all": {"share": 1.0}},
                     staff={"heads": 5, "span": 2})
    layout = build(scenario, "product")
    assert layout.pools == ("tea: meet+send", "tea: plan", "tea: make",
                            "ink: meet+plan+send", "ink: make")
    assert layout.pool_functions.tolist() == [0b1001, 0b0010, 0b0100, 0b1011, 0b0100]
    assert layout.notes == ("tea: 4 roles for 3 people, combined meet+send",
                            "ink: 4 roles for 2 people, combined meet+plan+send")
    assert layout.tools == 8 and layout.pool_elements.tolist() == [2] * 5
    found = workload(scenario, layout)
    # tea: meet | plan | make | send: the role meet+send is visited twice; ink: meet+plan, make,
    # send: three visits. One product of two equal ones is the first, the other follows with m2.
    assert found.visits == pytest.approx([(4 + 3) / 2 * (1 + 0.4)])


@pytest.mark.parametrize("heads", [4, 5, 7, 8, 11, 12])
def test_there_are_never_more_pools_than_people(world: Any, heads: int) -> None:
    scenario = world(labels={"accuracy": 1.0, "unassignable": 0.0})
    layout = build(scenario, "customer", heads)
    assert len(layout.pools) <= heads
    # By work the units would get 5, 3 and 4 of 12; but with a person for each nobody combines.
    assert (len(layout.pools) == 12) == (heads >= 12) == (not layout.notes)
    people = allocate(workload(scenario, layout).pool_work_h, heads)
    assert people.sum() == heads and people.min() >= 1


def test_more_units_than_people_is_infeasible(world: Any) -> None:
    with pytest.raises(InfeasibleStructure, match="3 units need at least 3 people, there are 2"):
        build(world(), "customer", heads=2)
    assert len(build(world(), "customer", heads=3).pools) == 3


def test_licensed_functions_never_merge(world: Any) -> None:
    """Each unit needs one person for the licensed function and one for the rest of its work."""
    functions = {"meet": {"work_h": 0.3}, "plan": {"work_h": 0.5}, "make": {"work_h": 0.6},
                 "scan": {"work_h": 0.1, "licensed": True}}
    scenario = world(functions=functions, structures={})
    layout = build(scenario, "product", heads=4)
    assert layout.pool_functions.tolist() == [0b0111, 0b1000, 0b0111, 0b1000]
    with pytest.raises(InfeasibleStructure, match=r"licensed.* at least 4 people"):
        build(scenario, "product", heads=3)
