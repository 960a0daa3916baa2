"""Dominance by paired intervals, against definitions and another library; rates after Fieller."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiment.statistics import mean_interval, paired_interval
from sim.questions.front import compare, rate, standing
from sim.questions.search import Search

LEVELS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)),
                  min_size=2, max_size=9)


@settings(deadline=None)
@given(LEVELS)
def test_without_luck_the_front_is_that_of_optuna(levels: list[tuple[int, int, int]]) -> None:
    """Designs that are equal on every metric stand together; all others of the front are sure."""
    levels = list(dict.fromkeys(levels))
    if len(levels) < 2:
        return
    values = [np.repeat(np.array([level], dtype=float).T, 4, axis=1) for level in levels]
    found = standing(compare(values, [0.0] * 3, family=7))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(directions=["maximize"] * 3)
    for level in levels:
        study.add_trial(optuna.trial.create_trial(values=list(map(float, level))))
    best = {tuple(map(int, trial.values)) for trial in study.best_trials}
    assert {levels[d] for d in np.flatnonzero(found.sure)} == best
    assert {levels[d] for d in np.flatnonzero(found.leading)} == best
    assert {levels[d] for d, by in enumerate(found.dominated) if not by} == best
    assert found.open == ()


def test_clear_and_dominated_are_what_paired_intervals_say() -> None:
    rng = np.random.default_rng(1)
    lengths = (5, 9, 9, 14, 20)
    values = [rng.normal(rng.normal(size=(2, 1)), 1.0, (2, n)) for n in lengths]
    values[2][0, 3] = np.nan
    family = 12
    pairs = compare(values, [0.1, 0.1], family)
    for p, a in enumerate(values):
        for q, b in enumerate(values):
            if p == q:
                continue
            n = min(a.shape[1], b.shape[1])
            lows = [paired_interval(x[:n].tolist(), y[:n].tolist(), family=family).low
                    for x, y in zip(a, b, strict=True)]
            assert all(low is not None for low in lows)
            above = [low is not None and low > 0 for low in lows]
            assert pairs.clear[p, q] == any(above)
            assert pairs.over[p, q] == (all(low is not None and low >= 0 for low in lows)
                                        and any(above))


def test_who_cannot_be_told_apart_is_open_and_who_is_alike_is_not() -> None:
    rng = np.random.default_rng(2)
    luck = rng.normal(size=(3, 2, 12))
    first = np.array([[1.0], [0.0]]) + 0.01 * luck[0]
    second = np.array([[1.0], [0.001]]) + 0.01 * luck[1]
    far = np.array([[-5.0], [9.0]]) + 0.01 * luck[2]
    close = standing(compare([first, second, far], [0.001, 0.001], family=4))
    assert close.near[0] == (1,) and close.near[1] == (0,)
    assert close.open == (0, 1) or close.open == (1, 0)
    assert close.sure.tolist() == [False, False, True]
    alike = standing(compare([first, second, far], [0.5, 0.5], family=4))
    assert alike.open == () and alike.near == close.near


def test_what_is_surely_worse_and_no_more_than_equal_needs_no_more_runs() -> None:
    """A point behind on one metric, and on the other ahead by less than matters: decided, though
    not dominated for sure; with a margin below that difference's interval it stays open."""
    luck = np.random.default_rng(3).normal(size=(2, 2, 12))
    values = [np.array([[1.0], [0.0]]) + 0.01 * luck[0], np.array([[0.0], [0.0]]) + 0.01 * luck[1]]
    decided = standing(compare(values, [0.5, 0.5], family=4))
    assert decided.dominated == ((), ()) and decided.open == ()
    assert standing(compare(values, [0.5, 1e-6], family=4)).open != ()


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-3, 3))
def test_a_rate_lies_in_its_interval_if_the_difference_may_be_nothing(seed: int,
                                                                      guess: float) -> None:
    """Fieller: r is inside if and only if the interval of top - r bottom covers 0."""
    rng = np.random.default_rng(seed)
    bottom = rng.normal(2.0, 1.0, 15)
    top = 0.7 * bottom + rng.normal(0.0, 1.0, 15)
    found = rate(top, bottom)
    base = mean_interval(bottom)
    assert base.low is not None and base.high is not None
    if base.low <= 0 <= base.high:
        assert found.low is None and found.high is None
        return
    assert found.low is not None and found.high is not None and found.mean is not None
    assert found.low <= found.mean <= found.high
    test = mean_interval(top - guess * bottom)
    assert test.low is not None and test.high is not None
    if min(abs(guess - found.low), abs(guess - found.high)) > 1e-9:
        assert (test.low <= 0 <= test.high) == (found.low <= guess <= found.high)


def test_a_rate_over_nothing_has_no_value() -> None:
    assert rate(np.ones(4), np.zeros(4)).mean is None
    assert rate(np.ones(4), np.full(4, 2.0)).low == pytest.approx(0.5)


def test_a_search_asks_the_same_again_and_leaves_the_library_as_it_was() -> None:
    def questions() -> list[list[tuple[int, ...]]]:
        search = Search([3, 3, 9], [False, False, True], 2, 8, seed=5)
        search.begin([(0, 0, 4)])
        asked = []
        for _ in range(4):
            asked.append(search.ask())
            search.tell([None if d[0] == 2 else (float(d[2]), -float(d[1])) for d in asked[-1]],
                        [float(d[2] > 7) for d in asked[-1]])
        return asked

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    first = questions()
    assert first == questions() and first[0][0] == (0, 0, 4)
    assert optuna.logging.get_verbosity() == optuna.logging.WARNING
    assert all(0 <= d[2] < 9 and d[0] in range(3) for asked in first for d in asked)
