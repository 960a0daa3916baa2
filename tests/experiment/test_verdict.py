"""The truth table of calls, dominance, weights, and the words for them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.experiment.staffing import Staffed, Trial
from sim.experiment.statistics import Growth, Interval, mean_interval, paired_interval
from sim.experiment.verdict import (
    Call,
    check_weights,
    dominated,
    finding,
    judge,
    opposite,
    weigh,
)
from sim.experiment.words import Words, listed, percents
from sim.metrics.registry import METRICS, Margin, format_difference


@pytest.mark.parametrize(("low", "mean", "high", "call"), [
    (5.2, 6.1, 7.0, Call.BETTER),  # beyond 0 and beyond the margin
    (-7.0, -6.1, -5.2, Call.WORSE),
    (0.1, 1.5, 2.9, Call.BETTER),  # beyond 0, difference beyond the margin of 1
    (0.1, 0.9, 1.7, Call.CLOSE),  # beyond 0 but smaller than what matters, and may be more
    (0.1, 0.5, 0.9, Call.EQUAL),  # surely there, surely too small to matter
    (-0.9, 0.0, 0.9, Call.EQUAL),
    (-1.0, 0.0, 1.0, Call.EQUAL),
    (-0.5, 0.5, 1.5, Call.CLOSE),
    (-3.0, 2.0, 7.0, Call.CLOSE),  # large but not sure
    (0.0, 3.0, 6.0, Call.CLOSE),  # touches 0
    (0.0, 0.0, 0.0, Call.EQUAL),
])
def test_truth_table_of_calls(low, mean, high, call):
    difference = Interval(mean, low, high, 10)
    assert judge(+1, difference, 1.0) is call
    assert judge(-1, difference, 1.0) is opposite(call)
    assert judge(+1, difference.negated(), 1.0) is opposite(call)


def test_calls_without_values_intervals_or_a_better_way():
    assert judge(1, Interval(None, None, None, 0), 1.0) is Call.UNKNOWN
    assert judge(1, Interval(5.0, None, None, 1), 1.0) is Call.CLOSE
    assert judge(0, Interval(5.0, 4.0, 6.0, 9), 1.0) is Call.HIGHER
    assert judge(0, Interval(-5.0, -6.0, -4.0, 9), 1.0) is Call.LOWER


@settings(deadline=None)
@given(st.floats(-10, 10), st.floats(0, 10), st.floats(0, 5), st.sampled_from([-1, 1]))
def test_calls_are_antisymmetric(mean, reach, margin, direction):
    difference = Interval(mean, mean - reach, mean + reach, 10)
    call = judge(direction, difference, margin)
    assert judge(direction, difference.negated(), margin) is opposite(call)
    assert judge(-direction, difference, margin) is opposite(call)


def found(id, samples, margin=None):
    """A finding from samples by structure (same replications)."""
    names = list(samples)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]
    return finding(
        METRICS[id],
        {s: mean_interval(v) for s, v in samples.items()},
        {(a, b): paired_interval(samples[a], samples[b], family=len(pairs)) for a, b in pairs},
        margin,
    )


def around(*means, n=20, noise=0.3, seed=3):
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 5, n)
    names = ("functional", "product", "customer", "regional")
    return {
        name: mean + common + noise * rng.normal(size=n)
        for name, mean in zip(names, means, strict=False)
    }


def test_ranking_and_ties_follow_the_better_way():
    up, down = found("satisfaction", around(60, 70, 70)), found("response_mean_h", around(9, 5, 5))
    assert up.ranking[-1] == "functional" and set(up.ties) <= {"product", "customer"}
    assert down.ranking[-1] == "functional"
    assert len(up.ties) == 1 and len(down.ties) == 1
    assert up.call("customer", "functional") is Call.BETTER
    assert up.call("functional", "customer") is Call.WORSE
    assert up.difference("customer", "functional").mean == pytest.approx(10, abs=0.5)


def test_relative_margins_are_a_share_of_the_mean_level():
    costs = {name: 1e6 + 1e3 * v for name, v in around(0, 5, 15, noise=1.0).items()}
    f = found("cost_total", costs)
    assert f.margin == pytest.approx(0.01 * np.mean([np.mean(v) for v in costs.values()]))
    assert f.call("functional", "product") is Call.EQUAL
    assert f.call("functional", "customer") is Call.BETTER
    assert found("cost_total", costs, Margin(100.0)).call("functional", "product") is Call.BETTER


def test_dominated_only_if_surely_no_better_anywhere():
    samples = around(60, 70, 65)
    costs = {"functional": around(9)["functional"] * 0 + 100.0,
             "product": np.full(20, 100.0), "customer": np.full(20, 80.0)}
    findings = {"satisfaction": found("satisfaction", samples), "cost_total":
                found("cost_total", costs)}
    losers = dominated(["functional", "product", "customer"], findings)
    assert losers == {"functional": ("product", "customer")}
    # Too close to call protects: nobody is surely no better.
    wide = {s: v + np.random.default_rng(len(s)).normal(0, 40, 20) for s, v in costs.items()}
    findings["cost_total"] = found("cost_total", wide)
    assert dominated(["functional", "product", "customer"], findings) == {}


def test_equals_do_not_dominate_each_other():
    findings = {"satisfaction": found("satisfaction", around(60, 60, noise=0.01))}
    assert findings["satisfaction"].call("functional", "product") is Call.EQUAL
    assert dominated(["functional", "product"], findings) == {}


def test_metrics_without_values_do_not_decide():
    empty = finding(METRICS["abandonment"], {s: Interval(None, None, None, 0) for s in "ab"},
                    {("a", "b"): Interval(None, None, None, 0)})
    assert empty.best is None and empty.ties == ()
    sat = finding(METRICS["satisfaction"],
                  {"a": Interval(70, 69, 71, 9), "b": Interval(60, 59, 61, 9)},
                  {("a", "b"): Interval(10, 9, 11, 9)})
    assert dominated(["a", "b"], {"abandonment": empty, "satisfaction": sat}) == {"b": ("a",)}


def weighed(weights, satisfaction, response):
    values = {"satisfaction": {s: list(v) for s, v in satisfaction.items()},
              "response_mean_h": {s: list(v) for s, v in response.items()}}
    findings = {id: found(id, {s: np.array(v) for s, v in by.items()})
                for id, by in values.items()}
    return weigh(list(satisfaction), values, findings, check_weights(weights)), findings


def test_weights_make_one_winner_by_smallest_differences_that_matter():
    """Satisfaction +5 points (5 margins), response twice as slow: 10 h of margin 0.75 h."""
    satisfaction = around(60, 65, noise=0.1)
    response = {"functional": np.full(20, 10.0), "product": np.full(20, 20.0)}
    scores, findings = weighed({"satisfaction": 1.0}, satisfaction, response)
    assert scores.winner == "product"
    assert scores.lead("functional").mean == pytest.approx(5.0, abs=0.2)
    scores, _ = weighed({"satisfaction": 1.0, "response_mean_h": 1.0}, satisfaction, response)
    assert scores.winner == "functional"
    assert scores.lead("product").mean == pytest.approx(10.0 / 0.75 - 5.0, abs=0.2)
    assert findings["response_mean_h"].margin == pytest.approx(0.75)
    scores, _ = weighed({"satisfaction": 1.0, "response_mean_h": 0.375}, satisfaction, response)
    assert scores.winner is None and scores.leader is not None


def test_weights_are_checked_all_at_once():
    with pytest.raises(InputError) as caught:
        check_weights({"satisfacton": 1, "loyalty": -1, "utilisation": 1})
    assert len(caught.value.faults) == 3
    assert "did you mean satisfaction?" in str(caught.value)
    with pytest.raises(InputError, match="above 0"):
        check_weights({"loyalty": 0})
    assert check_weights({}) == {}


def test_words_of_the_issue():
    """"customer is best on satisfaction, +6.1 points over functional (95% CI 5.2 to 7.0)"."""
    f = finding(METRICS["satisfaction"],
                {"functional": Interval(70.0, 69, 71, 20), "customer": Interval(76.1, 75, 77, 20)},
                {("functional", "customer"): Interval(-6.1, -7.0, -5.2, 20)})
    words = Words()
    assert words.on_metric(f) == (
        "customer is best on satisfaction, +6.1 points over functional (95% CI 5.2 to 7.0)")
    assert Words({"customer"}).on_metric(f).startswith("customer (unstable) is best")


def test_words_for_equal_close_and_less_is_better():
    equal = finding(METRICS["cost_total"],
                    {"functional": Interval(1e6, 9e5, 11e5, 20),
                     "product": Interval(1.001e6, 9e5, 11e5, 20)},
                    {("functional", "product"): Interval(-1000.0, -3000.0, 1000.0, 20)})
    text = Words().on_metric(equal)
    assert text == (
        "on cost functional and product are practically equal: functional 1,000 (0.1%) less than "
        "product (95% CI -1,000 to 3,000), below the 10,005 that matter")
    close = finding(METRICS["response_mean_h"],
                    {"functional": Interval(10.0, 9, 11, 20), "product": Interval(9.0, 7, 11, 20)},
                    {("functional", "product"): Interval(1.0, -2.0, 4.0, 20)})
    text = Words().on_metric(close)
    assert "too close to call" in text
    assert "product leads, 1.00 h less than functional (95% CI -2.00 to 4.00)" in text
    fast = finding(METRICS["response_mean_h"],
                   {"functional": Interval(10.0, 9, 11, 20), "product": Interval(7.0, 6, 8, 20)},
                   {("functional", "product"): Interval(3.0, 2.0, 4.0, 20)})
    assert Words().on_metric(fast) == (
        "product is best on mean response time, 3.00 h less than functional "
        "(95% CI 2.00 to 4.00)")


def test_words_of_dominance_and_weights():
    names = ["functional", "product"]
    findings = {"satisfaction": found("satisfaction", around(60, 70))}
    words = Words()
    text = words.on_dominance(names, dominated(names, findings), findings)
    assert text == ("over all product dominates: no worse than any other on satisfaction, and "
                    "better than every other on satisfaction")
    assert "--weights" in words.on_weights(None)
    assert words.on_dominance([], {}, {}) == "nothing could be run"
    scores, _ = weighed({"satisfaction": 1.0}, around(60, 65, noise=0.1),
                        {"functional": np.full(20, 1.0), "product": np.full(20, 2.0)})
    assert "satisfaction 1 " in words.on_weights(scores)
    assert "product wins, ahead of functional by 5." in words.on_weights(scores)


def test_words_of_growth():
    growth = Growth(Interval(41.0, 30.0, 52.0, 20), 230.0, True, ("credit: decide",))
    text = Words().on_growth("functional", growth)
    assert "41.0 cases a month (95% CI 30.0 to 52.0)" in text and "credit: decide" in text


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_percentages_of_shares_sum_to_100(better, rest):
    worse = rest * (1 - better)
    assert sum(percents(better, worse, 1 - better - worse)) == 100


def test_lists():
    assert [listed(["a", "b", "c"][:n]) for n in (0, 1, 2, 3)] == ["", "a", "a and b", "a, b and c"]


def sure(id, means, reach=0.01):
    """A finding in which every mean and difference is known within `reach`."""
    names = list(means)
    return finding(
        METRICS[id], {s: Interval(m, m - reach, m + reach, 20) for s, m in means.items()},
        {(a, b): Interval(means[a] - means[b], means[a] - means[b] - reach,
                          means[a] - means[b] + reach, 20)
         for i, a in enumerate(names) for b in names[i + 1:]})


def test_words_say_what_each_remaining_structure_leads_on():
    """c beats d on cost only, so it remains; it is behind on both for all that."""
    names = ["a", "b", "c", "d"]
    findings = {
        "satisfaction": sure("satisfaction", {"a": 80.0, "b": 70.0, "c": 60.0, "d": 50.0}),
        "response_mean_h": sure("response_mean_h", {"a": 9.0, "b": 5.0, "c": 7.0, "d": 20.0}),
        "loyalty": sure("loyalty", {"a": 0.8, "b": 0.8, "c": 0.7, "d": 0.6}, 0.001),
    }
    assert findings["loyalty"].leaders == ("a", "b")
    assert findings["response_mean_h"].leaders == ("b",)
    losers = dominated(names, findings)
    assert losers == {"c": ("b",), "d": ("a", "b", "c")}
    text = Words({"b"}).on_dominance(names, losers, findings)
    assert text.startswith(
        "no structure is best on everything: a leads on satisfaction and shares the lead on "
        "loyalty; b (unstable) leads on mean response time and shares the lead on loyalty. "
        "Dominated: c by b (unstable) (worse on satisfaction")
    findings["response_mean_h"] = sure("response_mean_h",
                                       {"a": 9.0, "b": 5.0, "c": 7.0, "d": 20.0})
    findings["satisfaction"] = sure("satisfaction", {"a": 80.0, "b": 60.0, "c": 70.0, "d": 50.0})
    losers = dominated(names, findings)
    assert list(losers) == ["d"]
    assert "; c leads on nothing. Dominated: d by" in Words().on_dominance(
        names, losers, findings)


def test_words_where_nothing_stands_out():
    names = ["a", "b"]
    same = {"satisfaction": sure("satisfaction", {"a": 80.0, "b": 80.0})}
    assert Words().on_dominance(names, {}, same) == (
        "no structure stands out: a and b share the lead on satisfaction")
    neither = {"utilisation": sure("utilisation", {"a": 0.5, "b": 0.9})}
    assert neither["utilisation"].leaders == ()
    assert Words().on_dominance(names, {}, neither) == (
        "no structure is best: neither way of utilisation is the better one")


def test_words_for_the_same_value_in_every_replication():
    assert Words().on_metric(sure("cost_total", {"a": 100.0, "b": 100.0}, 0.0)) == (
        "on cost a and b are exactly equal in every replication")
    assert "practically equal: a 1" not in Words().on_metric(
        sure("cost_total", {"a": 100.0, "b": 100.0, "c": 100.0}, 0.0))
    text = Words().on_metric(sure("cost_total", {"a": 100.0, "b": 100.0}, 50.0))
    assert text == ("on cost a and b are too close to call: a and b have the same mean "
                    "(95% CI -50 to 50)")


@pytest.mark.parametrize(("value", "shown"), [
    (12.3, "12.3 h"), (12.04, "12.04 h"), (13.0, "13.0 h"), (12.0, "12.0 h"),
    (12.0000001, "12.0000 h"), (1234.5, "1,234.5 h"),
])
def test_one_fewer_is_told_from_the_target(value, shown):
    staffed = Staffed("a", 8, 7.9, 8.0, 6.0, 1.0, {}, (Trial(7, value, True, False, 10),))
    assert Words().on_staffing("service", staffed, 12.0) == (
        "a meets the target of 12 h with 8 people of the line (7.9 in fractions); with one fewer "
        f"the mean response is {shown}")


def test_the_fewest_people_that_can_be_had_are_said_to_be_that():
    staffed = Staffed("a", 8, 8.0, 8.0, 6.0, 1.0, {}, (Trial(7, None, False, False, 0),))
    assert Words().on_staffing("service", staffed, 12.0) == (
        "a meets the target of 12 h with 8 people of the line (8.0 in fractions), the fewest it "
        "can be staffed with")


def test_equal_cost_says_what_one_more_would_cost():
    trials = (Trial(8, 979_000.0, True, True, 10), Trial(9, 1_836_000.4, True, False, 10))
    staffed = Staffed("a", 8, 8.8, 8.0, 6.0, 1.0, {}, trials)
    assert Words().on_staffing("cost", staffed, 0.0) == (
        "a gets 8 people of the line (8.8 in fractions) for the same cost; one more would bring "
        "its cost from 979,000 to 1,836,000 a year")


@pytest.mark.parametrize(("id", "value", "text"), [
    ("satisfaction", -0.04, "0.0 points"), ("response_mean_h", -0.004, "0.00 h"),
    ("cost_total", -0.4, "0"), ("within_tolerance", -0.0004, "0.0 percentage points"),
    ("satisfaction", -0.06, "-0.1 points"), ("satisfaction", 0.06, "+0.1 points"),
])
def test_what_rounds_to_nothing_has_no_sign(id, value, text):
    assert format_difference(id, value) == text
