"""Lines of visits and of idle people: linked lists against Python's own lists (R6)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.arrays import PersonState
from tests.engine_parts.compiled import Idle, Lines


def test_first_come_first_served_within_a_class() -> None:
    """Cases 0-4 of classes 1, 0, 1, 0, 1: rank 0 goes first, each class in order of joining."""
    lines = Lines(1, [1, 0, 1, 0, 1])
    served = []
    for case in (4, 0, 3, 2, 1):
        lines.change(case, 0, joins=True)
    first = 3
    while first >= 0:
        served.append(first)
        first = lines.change(first, 0, joins=False)
    assert served == [3, 1, 4, 0, 2]


@pytest.mark.parametrize("leaver", range(4))
def test_anybody_may_leave(leaver: int) -> None:
    """The first, the last, one in the middle: the others keep their order, both ways."""
    lines = Lines(1, [0] * 4)
    for case in range(4):
        lines.change(case, 0, joins=True)
    lines.change(leaver, 0, joins=False)
    left = [case for case in range(4) if case != leaver]
    assert lines.walk(0, 0) == left
    assert lines.walk(0, 0, backwards=True) == left[::-1]
    lines.change(leaver, 0, joins=True)
    assert lines.walk(0, 0) == [*left, leaver], "who comes back goes to the end"


@given(ranks=st.lists(st.integers(0, 2), min_size=1, max_size=12), queues=st.integers(1, 3),
       data=st.data())
@settings(max_examples=100, deadline=None)
def test_lines_are_lists(ranks: list[int], queues: int, data: st.DataObject) -> None:
    lines = Lines(queues, ranks)
    expected: dict[tuple[int, int], list[int]] = {
        (queue, rank): [] for queue in range(queues) for rank in range(max(ranks) + 1)}
    place: dict[int, int] = {}
    moves = data.draw(st.lists(st.tuples(st.integers(0, len(ranks) - 1),
                                         st.integers(0, queues - 1)), max_size=40))
    for case, wish in moves:
        joins = case not in place
        queue = wish if joins else place.pop(case)
        if joins:
            place[case] = queue
            expected[queue, ranks[case]].append(case)
        else:
            expected[queue, ranks[case]].remove(case)
        first = lines.change(case, queue, joins=joins)
        heads = [line[0] for (q, _), line in sorted(expected.items()) if q == queue and line]
        assert first == (heads[0] if heads else -1)
        for (q, r), line in expected.items():
            assert lines.walk(q, r) == line
            assert lines.walk(q, r, backwards=True) == line[::-1]


def test_the_longest_idle_comes_first() -> None:
    """Also one who is moved here and keeps the idle age; ties go to the lower post."""
    idle = Idle([0, 0, 0, 0, 1])
    for person, since in ((1, 5.0), (3, 7.0), (2, 7.0), (0, 6.0)):
        idle.rest(person, since)
    assert idle.walk(0) == [1, 0, 2, 3] and idle.walk(1) == []
    idle.people["pool"][4] = 0
    idle.rest(4, 5.5)
    assert idle.walk(0) == [1, 4, 0, 2, 3]
    assert (idle.people["state"] == PersonState.IDLE).all()
    assert (idle.people["case"] == -1).all()
    assert idle.people["since"].tolist() == [6.0, 5.0, 7.0, 7.0, 5.5]


@given(pools=st.lists(st.integers(0, 2), min_size=1, max_size=10), shared=st.booleans(),
       data=st.data())
@settings(max_examples=100, deadline=None)
def test_idle_people_are_sorted(pools: list[int], shared: bool, data: st.DataObject) -> None:
    """By (idle since, post) in each queue; one queue for all pools if it is shared."""
    idle = Idle(pools, shared=shared)
    since: dict[int, float] = {}
    steps = data.draw(st.lists(st.tuples(st.integers(0, len(pools) - 1), st.integers(0, 5)),
                               max_size=40))
    for person, time in steps:
        if person in since:
            del since[person]
            idle.rise(person)
        else:
            since[person] = float(time)
            idle.rest(person, float(time))
        for queue in range(len(idle.pools)):
            here = [p for p in since if (0 if shared else pools[p]) == queue]
            order = sorted(here, key=lambda p: (since[p], p))
            assert idle.walk(queue) == order
            assert idle.walk(queue, backwards=True) == order[::-1]
    assert np.array_equal(idle.people["pool"], pools)
