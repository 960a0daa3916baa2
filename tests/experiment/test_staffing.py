"""Searches for heads: the answer of trying every number, whatever shape the response has."""

import pytest
from fake import BASE, FakeEngine, world
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.experiment.compare import compare
from sim.experiment.replications import Runs
from sim.experiment.staffing import equal_cost, equal_service, offered_work

TARGET = 12.0


def served(of_heads, *, growth=None, replications=10, **staff):
    """The search where response is exactly `of_heads(N)`."""
    scenario = world(staff={"heads": 12, "span": 4, "target_response_h": TARGET} | staff,
                     customers={"count": 2000})
    engine = FakeEngine(
        own=0.0, common=0.0, growth=growth or {},
        of_heads={"response_mean_h": lambda n: of_heads(n) - BASE["response_mean_h"]},
    )
    runs = Runs(scenario, seed=1, jobs=1, engine=engine)
    return equal_service(runs, "functional", TARGET, replications), runs, engine


def by_hand(of_heads, start, cap):
    """The definition: the first N from `start` such that N and N + 1 meet the target; if that is
    the start itself, the smallest N of the unbroken row that meets it (two units need two)."""
    if of_heads(start) <= TARGET and of_heads(start + 1) <= TARGET:
        while start > 2 and of_heads(start - 1) <= TARGET:
            start -= 1
        return start
    for n in range(start, cap):
        if of_heads(n) <= TARGET and of_heads(n + 1) <= TARGET:
            return n
    return cap


def test_a_falling_response():
    found, runs, _ = served(lambda n: 300.0 / n)
    assert found.heads == 25  # 300 / 25 = 12 meets, 300 / 24 = 12.5 does not
    below, here, above = found.trials
    assert (below.heads, below.meets, below.value) == (24, False, pytest.approx(12.5))
    assert here.meets and above.meets
    assert found.fte == pytest.approx(25.0)
    assert offered_work(runs, "functional") < 25


def test_a_start_that_meets_the_target_is_left_downwards():
    found, runs, _ = served(lambda n: 60.0 / n)
    assert found.heads == 5 and offered_work(runs, "functional") > 10
    below, here, above = found.trials
    assert (below.meets, here.meets, above.meets) == (False, True, True)


def test_fractional_heads_are_interpolated():
    found, _, _ = served(lambda n: 310.0 / n)
    low, high = 310 / 25, 310 / 26
    assert found.heads == 26
    assert found.fte == pytest.approx(25 + (low - TARGET) / (low - high))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([5.0, 11.9, 12.0, 12.1, 40.0, 500.0]), min_size=60, max_size=60))
def test_any_shape_of_response_gives_the_answer_of_trying_every_number(values):
    def response(n):
        return values[n] if n < len(values) else 1.0

    found, runs, _ = served(response)
    start = max(1, -(-int(1e6 * offered_work(runs, "functional")) // 10**6))
    cap = max(3 * start, start + 30)
    if response(cap) > TARGET:
        assert found.heads is None
    else:
        assert found.heads == by_hand(response, start, cap)


def test_hopeless_trials_are_broken_off_and_close_ones_are_not():
    _, runs, engine = served(lambda n: 13.0 if n < 20 else 11.0)
    counts = {n: sum(h == n for _, h, _ in engine.calls) for n in range(14, 22)}
    start = -(-int(1e6 * offered_work(runs, "functional")) // 10**6)
    assert counts[max(start, 14)] == 10  # 13 h against 12: only ten replications tell
    _, _, engine = served(lambda n: 100.0 if n < 20 else 11.0)
    counts = {n: sum(h == n for _, h, _ in engine.calls) for n in range(14, 21)}
    assert counts[18] == 2  # two replications of 100 h cannot average 12 over ten
    _, _, engine = served(lambda n: 35.0 if n < 20 else 11.0)
    assert sum(h == 18 for _, h, _ in engine.calls) == 4  # three of 35 h cannot, seen after four
    _, _, engine = served(lambda n: 100.0 if n < 20 else 11.0)
    assert counts[19] == 10  # the one below the answer is shown whole
    assert counts[20] == 10


def test_an_unreachable_target_is_infeasible_with_numbers():
    found, _, _ = served(lambda n: 20.0)
    assert found.heads is None
    assert "mean response of 20 h" in found.reason and "12 h (1.5 working days)" in found.reason


def test_a_growing_backlog_does_not_meet_the_target():
    found, _, _ = served(lambda n: 5.0, growth={"functional": 8.0})
    assert found.heads is None and "growing backlog" in found.reason


def costed(budget, of_heads=lambda n: 1000.0 * n, structure="functional", **effects):
    scenario = world()
    engine = FakeEngine(
        effects, own=0.0, common=0.0,
        of_heads={"cost_total": lambda n: of_heads(n) - BASE["cost_total"]})
    return equal_cost(Runs(scenario, seed=1, jobs=1, engine=engine), structure, budget, 3)


@pytest.mark.parametrize(("budget", "heads", "fte"), [
    (12_000.0, 12, 12.0), (12_999.0, 12, 12.999), (30_500.0, 30, 30.5), (2_500.0, 2, 2.5),
])
def test_equal_cost_is_the_most_heads_within_the_budget(budget, heads, fte):
    found = costed(budget)
    assert (found.heads, found.fte) == (heads, pytest.approx(fte))
    assert [t.heads for t in found.trials] == [heads - 1, heads, heads + 1][-len(found.trials):]


def test_equal_cost_with_fixed_and_rising_costs():
    """Heads of units cost a fixed amount, and further people more: 5000 + 900 n + 10 n^2."""
    found = costed(20_000.0, lambda n: 5000.0 + 900.0 * n + 10.0 * n * n)
    assert found.heads == 14  # 19,560; with 15 it is 20,750


def test_budgets_that_pay_nobody():
    assert "does not pay" in costed(500.0).reason or "fewer" in costed(500.0).reason
    assert costed(1500.0).heads is None or costed(1500.0).heads == 1


def test_compare_at_equal_cost_takes_the_first_structure_as_budget():
    """customer costs 3 heads' pay more, so it gets 3 heads fewer."""
    engine = FakeEngine({"customer": {"cost_total": 3000.0}}, own=0.0, common=0.05,
                        of_heads={"cost_total": lambda n: 1000.0 * n})
    found = compare(world(), ["functional", "customer"], replications=10, equalise="cost",
                    seed=1, jobs=1, engine=engine)
    assert {name: s.heads for name, s in found.staffing.items()} == {
        "functional": 12, "customer": 9}
    assert "customer gets 9 people of the line" in str(found.verdict)
    given_budget = compare(world(), ["functional", "customer"], replications=10, equalise="cost",
                           budget=1_000_000 + 15_500.0, seed=1, jobs=1,
                           engine=FakeEngine({"customer": {"cost_total": 3000.0}}, own=0.0,
                                             common=0.0,
                                             of_heads={"cost_total": lambda n: 1000.0 * n}))
    assert {n: s.heads for n, s in given_budget.staffing.items()} == {
        "functional": 15, "customer": 12}


def test_compare_at_equal_service_prints_heads_and_the_one_below():
    scenario = world(staff={"heads": 12, "span": 4, "target_response_h": TARGET})
    engine = FakeEngine({"product": {"response_mean_h": 4.0}}, own=0.0, common=0.0,
                        of_heads={"response_mean_h": lambda n: 80.0 / n - 8.0})
    found = compare(scenario, ["functional", "product"], replications=10, equalise="service",
                    seed=1, jobs=1, engine=engine)
    # functional: 2 + 80/n <= 12 from n = 8; product: 6 + 80/n <= 12 from n = 14.
    assert {n: s.heads for n, s in found.staffing.items()} == {"functional": 8, "product": 14}
    assert found.staffing["product"].fte == pytest.approx(13 + (80 / 13 - 6) / (80 / 13 - 80 / 14))
    text = str(found.verdict)
    assert "functional meets the target of 12 h with 8 people of the line" in text
    assert "with one fewer the mean response is 13.4 h" in text
    assert found.results[0].heads.sum() == 8


def test_equal_service_finds_heads_itself():
    with pytest.raises(InputError, match="finds the heads itself"):
        compare(world(), ["functional"], equalise="service", heads=5, engine=FakeEngine())
