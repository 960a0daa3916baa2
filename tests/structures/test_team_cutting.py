"""Teams of a unit (R7, R43)."""

from __future__ import annotations

from itertools import pairwise

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.structures.teams import cut_teams

uncompiled = getattr(cut_teams, "py_func", cut_teams)


@numba.njit
def compiled(sizes, span, out):
    return cut_teams(sizes, span, out)


def cut(sizes: list[int], span: int) -> tuple[int, list[int]]:
    out = np.full(sum(sizes), -1, dtype=np.int32)
    return int(compiled(np.array(sizes, dtype=np.int64), span, out)), out.tolist()


@pytest.mark.parametrize(("sizes", "span", "teams", "members"), [
    ([2, 3, 3], 8, 1, [0] * 8),  # at most one span: one team
    ([], 8, 0, []),
    ([0, 0], 8, 0, []),
    ([9], 8, 2, [0] * 5 + [1] * 4),  # near-equal, not 8 + 1
    ([17], 8, 3, [0] * 6 + [1] * 6 + [2] * 5),
    ([3, 3, 3], 6, 2, [0] * 6 + [1] * 3),  # packed while the team stays within span
    ([5, 4, 2], 8, 2, [0] * 5 + [1] * 6),  # pools stay whole
    ([5, 4, 5, 3], 8, 3, [0] * 5 + [1] * 4 + [2] * 8),  # next-fit: 3 does not go back to team 0
    ([2, 10, 2], 8, 4, [0] * 2 + [1] * 5 + [2] * 5 + [3] * 2),  # a cut pool stays by itself
    ([2, 0, 9, 0], 8, 3, [0] * 2 + [1] * 5 + [2] * 4),
])
def test_by_hand(sizes: list[int], span: int, teams: int, members: list[int]) -> None:
    assert cut(sizes, span) == (teams, members)


@given(sizes=st.lists(st.integers(0, 30), max_size=8), span=st.integers(1, 10))
@settings(max_examples=200, deadline=None)
def test_properties(sizes: list[int], span: int) -> None:
    n_teams, out = cut(sizes, span)
    teams = np.array(out, dtype=np.int64)
    if not sum(sizes):
        assert n_teams == 0
        return
    assert sorted(set(out)) == list(range(n_teams)), "teams are numbered without gaps"
    assert (np.diff(teams) >= 0).all(), "slots are cut in slot order"
    assert np.bincount(teams).max() <= span
    if sum(sizes) <= span:
        assert n_teams == 1
        return
    pools = np.split(teams, np.cumsum(sizes)[:-1])
    for pool, part in enumerate(pools):
        size = len(part)
        if size > span:
            counts = np.bincount(part - part[0])
            assert len(counts) == -(-size // span) and counts.max() - counts.min() <= 1
            for other in range(len(pools)):
                assert other == pool or not np.isin(part, pools[other]).any()
        elif size:
            assert len(set(part)) == 1, "a pool that fits a team stays whole"
    filled = [i for i, p in enumerate(pools) if len(p)]
    for a, b in pairwise(filled):  # next-fit leaves no room unused
        if len(pools[a]) <= span and len(pools[b]) <= span and pools[a][-1] != pools[b][0]:
            assert (teams == pools[a][-1]).sum() + len(pools[b]) > span


@given(sizes=st.lists(st.integers(0, 30), min_size=1, max_size=6), span=st.integers(1, 10))
@settings(max_examples=50, deadline=None)
def test_compiled_and_plain_agree(sizes: list[int], span: int) -> None:
    array = np.array(sizes, dtype=np.int64)
    a, b = np.zeros((2, sum(sizes)), dtype=np.int32)
    assert compiled(array, span, a) == uncompiled(array, span, b)
    assert np.array_equal(a, b)
