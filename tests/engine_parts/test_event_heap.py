"""The event heap: by time, then by kind, then the older event (R51)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.arrays import Status
from sim.engine.calendar import EventKind
from tests.engine_parts.compiled import scheduled

POP = -1
TIMES = st.sampled_from([0.0, 1.0, 1.0 + 2**-52, 2.5]) | st.floats(0, 1e6)
OPERATIONS = st.lists(st.tuples(TIMES, st.sampled_from([*EventKind, POP, POP, POP])), max_size=80)


def oracle(times: list[float], kinds: list[int]) -> list[tuple[int, int]]:
    """The same with a list that is sorted at every pop."""
    waiting: list[tuple[float, int, int]] = []
    popped = []
    for i, (time, kind) in enumerate(zip(times, kinds, strict=True)):
        if kind >= 0:
            waiting.append((time, kind, i))
        elif waiting:
            first = min(waiting)
            waiting.remove(first)
            popped.append(first[1:])
    return popped


def test_the_rule_of_ties() -> None:
    """At equal times: month, week, landing, visit end, arrival; then order of creation (R51)."""
    order = ("MONTH", "WEEK", "LANDING", "VISIT_END", "ARRIVAL")
    assert tuple(kind.name for kind in sorted(EventKind))[:5] == order
    assert len({int(kind) for kind in EventKind}) == len(EventKind)
    assert all(0 <= int(kind) < 1 << 6 for kind in EventKind), "a kind has to fit above KIND_BITS"
    kinds = [*reversed(EventKind), *EventKind]
    n = len(kinds)
    popped, _ = scheduled([3.0] * n + [0.0] * n, [*kinds, *[POP] * n])
    places = sorted(range(n), key=lambda i: (kinds[i], i))
    assert popped == [(kinds[i], i) for i in places]


@given(operations=OPERATIONS, rest=st.booleans())
@settings(max_examples=300, deadline=None)
def test_pops_in_order(operations: list[tuple[float, int]], rest: bool) -> None:
    """Random pushes and pops, many at the same instant, against a sorted list."""
    times = [time for time, _ in operations]
    kinds = [int(kind) for _, kind in operations]
    if rest:
        left = sum(1 if kind >= 0 else 0 for kind in kinds)
        times, kinds = times + [0.0] * left, kinds + [POP] * left
    popped, clock = scheduled(times, kinds)
    assert popped == oracle(times, kinds)
    assert clock["heap_n"] == sum(kind >= 0 for kind in kinds) - len(popped)
    assert clock["trouble"] == Status.DONE


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8, 100, 1000])
def test_a_full_heap_empties_in_order(n: int) -> None:
    times = [float(i * 7919 % n) for i in range(n)]
    popped, clock = scheduled(times + [0.0] * n, [4] * n + [POP] * n, room=n)
    assert [item for _, item in popped] == sorted(range(n), key=lambda i: (times[i], i))
    assert clock["heap_n"] == 0 and clock["trouble"] == Status.DONE


def test_an_event_without_room_is_reported() -> None:
    """Never dropped in silence: the run stops with an error."""
    popped, clock = scheduled([3.0, 2.0, 1.0, 0.0, 0.0], [4, 4, 4, POP, POP], room=2)
    assert clock["trouble"] == Status.HEAP_LOST
    assert popped == [(4, 1), (4, 0)]
