"""Better and worse off: the rule case by case, and shares that sum to one."""

import numpy as np
import pytest
from fake import FakeEngine, world
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiment.winners import judge, who_wins
from sim.experiment.words import Words
from sim.records import CustomerOutcome


def outcome(rows, segments=None):
    """From (cases, mean satisfaction in points, left) per customer."""
    cases = np.array([r[0] for r in rows], np.int32)
    return CustomerOutcome(
        segment=np.array(segments or [0] * len(rows), np.int8), cases=cases,
        satisfaction_sum=cases * np.array([r[1] for r in rows]) / 100.0,
        left=np.array([r[2] for r in rows], bool),
    )


@pytest.mark.parametrize(("first", "second", "verdict"), [
    ((5, 75, False), (5, 70, False), "better"),
    ((5, 70, False), (5, 75, False), "worse"),
    ((5, 71, False), (5, 70, False), "unchanged"),
    ((5, 72, False), (5, 70, False), "unchanged"),  # exactly the threshold is not more
    ((2, 90, False), (5, 70, False), "not judged"),
    ((5, 90, False), (2, 70, False), "not judged"),
    ((5, 99, True), (5, 10, False), "worse"),  # leaving beats any satisfaction
    ((5, 10, False), (5, 99, True), "better"),
    ((1, 99, True), (3, 10, False), "worse"),  # a leaver has less time
    ((1, 99, True), (2, 10, False), "not judged"),
    ((5, 75, True), (5, 70, True), "better"),  # leaves under both
])
def test_rule_case_by_case(first, second, verdict):
    judged, better, worse = judge(outcome([first]), outcome([second]))
    expected = {
        "better": (True, True, False), "worse": (True, False, True),
        "unchanged": (True, False, False), "not judged": (False, False, False),
    }[verdict]
    assert (bool(judged[0]), bool(better[0]), bool(worse[0])) == expected
    mirror = judge(outcome([second]), outcome([first]))
    assert bool(mirror[1][0]) == expected[2] and bool(mirror[2][0]) == expected[1]


def test_the_threshold_is_an_option():
    pair = outcome([(5, 75, False)]), outcome([(5, 70, False)])
    assert judge(*pair, threshold=4.0)[1][0]
    assert not judge(*pair, threshold=6.0)[1][0]


customer = st.tuples(st.integers(0, 8), st.floats(0, 100), st.booleans())


@settings(deadline=None)
@given(st.lists(st.tuples(customer, customer), min_size=1, max_size=40), st.floats(0, 50))
def test_shares_sum_to_one(rows, threshold):
    outcomes = {"a": outcome([r[0] for r in rows]), "b": outcome([r[1] for r in rows])}
    engine = FakeEngine(
        customers=lambda structure, rng: outcomes["a" if structure == "functional" else "b"])
    runs = {}
    for name in ("functional", "product"):
        prepared = engine.prepare(world(), name, seed=1)
        runs[name] = {r: engine.simulate(prepared, r, seed=1) for r in range(2)}
    wins = who_wins(runs, ("mass", "firms"), threshold)
    shares = wins.between("functional", "product").all
    back = wins.between("product", "functional").all
    if shares.better is None:
        assert shares.customers == 0
    else:
        assert shares.better + shares.worse + shares.unchanged == pytest.approx(1.0, abs=1e-12)
        assert (back.better, back.worse) == (shares.worse, shares.better)
        assert shares.customers <= len(rows)


def test_segments_and_the_worst_served():
    """The fake's segments: mass 70 points, firms 60; ten customers of rising satisfaction."""
    rows = [(5, 5.0 * i, False) for i in range(20)]
    outcomes = {"functional": outcome(rows, [0] * 10 + [1] * 10),
                "product": outcome([(5, 5.0 * i + (10 if i < 10 else -10), False)
                                    for i in range(20)], [0] * 10 + [1] * 10)}
    engine = FakeEngine(customers=lambda structure, rng: outcomes[structure])
    runs = {}
    for name in outcomes:
        prepared = engine.prepare(world(), name, seed=1)
        runs[name] = {r: engine.simulate(prepared, r, seed=1) for r in range(3)}
    wins = who_wins(runs, ("mass", "firms"))
    fate = wins.between("product", "functional")
    assert fate.all.better == fate.all.worse == 0.5
    assert fate.segments["mass"].better == 1.0 and fate.segments["firms"].worse == 1.0
    text = Words().on_people(wins, ["functional", "product"])
    assert text[0] == ("under product instead of functional 50% of customers are better off, "
                       "50% worse off, 0% unchanged; who is worse off: firms (100% worse, 0% "
                       "better off)")
    assert "firms under every structure (functional 60.0, product 60.0)" in text[1]
    assert text[2].endswith("functional 2.5, product 12.5")
    assert wins.worst_segment["functional"][0] == "firms"
    assert wins.worst_segment["functional"][1].mean == pytest.approx(60.0)
    assert wins.worst_decile["functional"].mean == pytest.approx(2.5)  # of 0 and 5
    assert wins.worst_decile["product"].mean == pytest.approx(12.5)
