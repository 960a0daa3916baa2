"""Rules of management: who is moved where, and how far an offering moves (M9, R4, R41)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.jit import plain
from sim.management import staffing
from sim.management.offerings import reviewed
from sim.structures import allocate
from tests.management.compiled import rules

next_move = plain(staffing.next_move)
share_out = plain(staffing.share_out)
WORK = st.lists(st.floats(0, 100, allow_nan=False, width=32), min_size=1, max_size=12)
WHOLE_WORK = st.lists(st.integers(0, 50), min_size=1, max_size=12)


def quotas(work: list[float], heads: int) -> np.ndarray:
    out = np.full(len(work), np.nan)
    share_out(np.array(work, float), heads, out)
    return out


@pytest.mark.parametrize(("work", "heads", "quota"), [
    ([1, 1, 1, 1], 10, [2.5] * 4),
    ([5, 3, 2], 10, [5, 3, 2]),
    ([2, 1.4, 0.6], 4, [2 / 3.4 * 3, 1.4 / 3.4 * 3, 1]),  # 0.6 is below 1: it leaves with 1
    ([9, 1, 0.5, 0.5], 11, [8, 1, 1, 1]),  # two leave; 9 among 9 : 1 = 8.1, 0.9: one more
    ([0, 3], 4, [1, 3]),
    ([0, 0, 0], 6, [2, 2, 2]),  # without any work: equal
    ([0.1], 7, [7]),
    ([10, 0.9, 0.95], 3, [1, 1, 1]),
])
def test_quotas_by_hand(work: list[float], heads: int, quota: list[float]) -> None:
    np.testing.assert_allclose(quotas(work, heads), quota, rtol=1e-12)


@given(work=WORK, extra=st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_quotas(work: list[float], extra: int) -> None:
    """They sum to the heads, none is below one, and those above share by their work."""
    heads = len(work) + extra
    quota = quotas(work, heads)
    assert quota.sum() == pytest.approx(heads, rel=1e-12)
    assert quota.min() >= 1.0 - 1e-12
    above = quota > 1.0 + 1e-9
    if above.any() and sum(work) > 0:
        shared = np.array(work)[above]
        np.testing.assert_allclose(quota[above], quota[above].sum() * shared / shared.sum(),
                                   rtol=1e-9)
        # Whoever stays at one has no more work per head than those above.
        assert (np.array(work)[~above] <= shared.sum() / quota[above].sum() + 1e-9).all()


@given(work=WHOLE_WORK, extra=st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_allocation_is_the_quota_rounded(work: list[int], extra: int) -> None:
    """Floors, and one more for the largest remainders (ties: lowest index)."""
    heads = len(work) + extra
    quota = quotas([float(w) for w in work], heads)
    people = np.floor(quota + 1e-9).astype(int)
    remainder = np.round(quota - people, 9)
    order = sorted(range(len(work)), key=lambda i: (-remainder[i], i))
    for i in order[:heads - people.sum()]:
        people[i] += 1
    assert allocate(np.array(work, float), heads).tolist() == people.tolist()


ANYBODY = np.ones((4, 4), dtype=np.bool_)


def move(quota: list[float], posts: list[float], *, staying: list[float] | None = None,
         threshold: float = 0.75, movable: np.ndarray = ANYBODY) -> tuple[int, int]:
    here = posts if staying is None else staying
    return next_move(np.array(quota), np.array(posts), np.array(here), threshold, movable)


@pytest.mark.parametrize(("quota", "posts", "decided"), [
    ([2.0, 5.0, 4.0, 3.0], [4.0, 3.0, 4.0, 3.0], (0, 1)),
    ([4.0, 4.0, 4.0, 4.0], [4.0, 4.0, 4.0, 4.0], (-1, -1)),
    ([2.0, 1.0, 6.0, 7.0], [4.0, 4.0, 4.0, 4.0], (1, 3)),  # largest surplus, largest deficit
    ([2.0, 2.0, 6.0, 6.0], [4.0, 4.0, 4.0, 4.0], (0, 2)),  # ties: the lower index
    ([3.25, 4.75, 4.0, 4.0], [4.0, 4.0, 4.0, 4.0], (0, 1)),  # exactly three quarters of a head
    ([3.26, 4.75, 3.99, 4.0], [4.0, 4.0, 4.0, 4.0], (-1, -1)),  # no giver has that much
    ([3.25, 4.74, 4.01, 4.0], [4.0, 4.0, 4.0, 4.0], (-1, -1)),  # no taker lacks that much
])
def test_moves_by_hand(quota: list[float], posts: list[float], decided: tuple[int, int]) -> None:
    assert move(quota, posts) == decided


def test_a_giver_keeps_somebody() -> None:
    quota, posts = [1.0, 1.0, 9.0, 1.0], [5.0, 3.0, 2.0, 2.0]
    assert move(quota, posts) == (0, 2)
    assert move(quota, posts, staying=[1.0, 3.0, 2.0, 2.0]) == (1, 2)
    assert move(quota, posts, staying=[1.0, 1.0, 2.0, 1.0]) == (-1, -1)


def test_nobody_is_moved_to_licensed_work_of_another_kind() -> None:
    """Only pool 3 may send people to pool 2, though pools 0 and 1 have more to spare."""
    movable = ANYBODY.copy()
    movable[[0, 1], 2] = False
    quota, posts = [1.0, 1.0, 9.0, 1.0], [5.0, 4.0, 1.0, 2.0]
    assert move(quota, posts) == (0, 2)
    assert move(quota, posts, movable=movable) == (3, 2)


def test_a_deficit_that_nobody_may_fill_does_not_stop_the_others() -> None:
    """Pool 2 lacks most but is licensed; pool 0 helps pool 1, which lacks less."""
    movable = ANYBODY.copy()
    movable[[0, 1, 3], 2] = False
    assert move([1.0, 4.0, 9.0, 2.0], [5.0, 2.0, 6.0, 3.0], movable=movable) == (0, 1)


def test_the_threshold_is_the_scenarios() -> None:
    quota, posts = [3.4, 4.7, 3.9, 4.0], [4.0] * 4
    assert move(quota, posts, threshold=0.6) == (0, 1)
    assert move(quota, posts, threshold=0.61) == (-1, -1)


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.5])
def test_nobody_goes_to_and_fro(threshold: float) -> None:
    """Half a head too many here, half too few there: after a move it would be the other way."""
    assert move([3.5, 4.5, 4.0, 4.0], [4.0] * 4, threshold=threshold) == (-1, -1)
    assert move([4.0] * 4, [4.0] * 4, threshold=threshold) == (-1, -1)


@given(work=WORK.filter(lambda w: len(w) > 1), extra=st.integers(0, 40),
       threshold=st.sampled_from([0.0, 0.2, 0.5, 0.75, 2.0]), data=st.data())
@settings(max_examples=100, deadline=None)
def test_moves_lead_towards_the_quotas_and_end(work: list[float], extra: int, threshold: float,
                                              data: st.DataObject) -> None:
    """Each move brings heads nearer to their quotas, whatever the threshold; all pools keep
    somebody; with a threshold above one half nobody gives and takes."""
    n = len(work)
    heads = n + extra
    quota = quotas(work, heads)
    posts = np.ones(n)
    for _ in range(extra):
        posts[data.draw(st.integers(0, n - 1))] += 1.0
    gave, took = set(), set()
    for _ in range(heads + 1):
        giver, taker = next_move(quota, posts, posts, threshold,
                                 np.ones((n, n), dtype=np.bool_))
        if giver < 0:
            break
        before = ((quota - posts) ** 2).sum()
        posts[giver] -= 1.0
        posts[taker] += 1.0
        gave.add(giver)
        took.add(taker)
        assert ((quota - posts) ** 2).sum() < before
        assert posts.min() >= 1.0
    else:
        pytest.fail("moves without end")
    if threshold >= 0.75:
        assert not gave & took
        assert (quota - posts).max() < threshold or (posts - quota).max() < threshold


def test_an_offering_moves_towards_the_needs_that_reached_its_holder() -> None:
    """o + eta_o A (nhat - o): 0.2 + 0.25 x 0.8 x (1.0 - 0.2) = 0.36."""
    step = plain(reviewed)
    assert step(0.2, 1.0, 0.25, 0.8) == pytest.approx(0.36)
    assert step(0.2, 1.0, 0.25, 0.0) == 0.2
    assert step(0.2, 1.0, 1.0, 1.0) == pytest.approx(1.0)


@given(o=st.floats(-3, 3), need=st.floats(-3, 3), speed=st.floats(0.05, 0.6), a=st.floats(0.1, 1))
@settings(max_examples=50, deadline=None)
def test_the_path_only_slows_an_offering(o: float, need: float, speed: float, a: float) -> None:
    """After m months of steady needs (1 - eta_o A)^m of the gap is left, whatever A: the end is
    the same (R19)."""
    at = o
    for _ in range(12):
        at = plain(reviewed)(at, need, speed, a)
    assert need - at == pytest.approx((need - o) * (1.0 - speed * a) ** 12, abs=1e-12)


@given(work=WORK, extra=st.integers(0, 40), data=st.data())
@settings(max_examples=100, deadline=None)
def test_compiled_rules_give_the_same_bits(work: list[float], extra: int, data: st.DataObject
                                          ) -> None:
    n = len(work)
    posts = np.array(data.draw(st.lists(st.integers(1, 20), min_size=n, max_size=n)), float)
    movable = np.array(data.draw(st.lists(st.booleans(), min_size=n * n, max_size=n * n)))
    numbers = np.array(data.draw(st.lists(st.floats(0, 1), min_size=4, max_size=4)))
    movable = movable.reshape(n, n).astype(np.bool_)
    quota, out = np.zeros(n), np.zeros(1)
    decided = rules(np.array(work), n + extra, quota, posts, posts, 0.75, movable, numbers, out)
    assert quota.tolist() == quotas(work, n + extra).tolist()
    assert decided == next_move(quota, posts, posts, 0.75, movable)
    assert out[0] == plain(reviewed)(*numbers)
