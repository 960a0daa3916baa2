"""Metrics against hand-made sums, quantiles against samples, formats against the issue's words."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.metrics.compute import metrics, quantile, retention, segment_metrics
from sim.metrics.registry import (
    METRICS,
    RESPONSE_PARTS,
    VERDICT_METRICS,
    Margin,
    find,
    find_all,
    format_difference,
    format_value,
    parse_width,
    parse_widths,
)
from sim.metrics.stability import growing_in_one_run, growth_limit, slope
from sim.records import Ledger
from sim.state import (
    HISTOGRAM_BINS,
    HISTOGRAM_LOW_H,
    HISTOGRAM_STEP,
    SEGMENT_TOTALS,
    TOTALS,
)

ISSUE_IDS = [
    "satisfaction", "loyalty", "retention_annual", "response_mean_h", "response_p50_h",
    "response_p90_h", "response_p99_h", "within_tolerance", "touch_h", "queue_h", "transfer_h",
    "rework_h", "abandonment", "first_contact_resolution", "contacts_per_case",
    "visits_per_case", "handoffs_per_case", "passes_per_case", "fit", "utilisation", "backlog",
    "hidden_work_share", "cost_line", "cost_heads", "cost_units", "cost_hiring", "cost_total",
    "cost_per_customer", "cost_per_case", "turnover_annual", "profit", "customers_active",
]

LEDGER = Ledger(line=600.0, heads=200.0, units=100.0, hiring=100.0, total=1000.0,
                revenue=5000.0, profit=500.0)


def histogram_of(values):
    """Counts as the engine makes them: bin i >= 1 begins at LOW * exp((i - 1) STEP)."""
    counts = np.zeros(HISTOGRAM_BINS)
    bins = np.floor(np.log(np.asarray(values) / HISTOGRAM_LOW_H) / HISTOGRAM_STEP).astype(int) + 1
    np.add.at(counts, np.clip(bins, 0, HISTOGRAM_BINS - 1), 1)
    return counts


def sums(**values):
    totals = np.zeros((), TOTALS)
    for name, value in values.items():
        totals[name] = value
    return totals


def test_registry_holds_the_core_ids_in_their_order_and_each_is_complete():
    assert [id for id in METRICS if id in ISSUE_IDS] == ISSUE_IDS  # others stand between
    assert set(VERDICT_METRICS) <= set(METRICS) and set(RESPONSE_PARTS) <= set(METRICS)
    for metric in METRICS.values():
        assert metric.name and metric.unit and metric.definition
        assert metric.direction in (-1, 0, 1)
        assert metric.margin > 0
    assert "staff" in METRICS["turnover_annual"].name
    assert len({m.name for m in METRICS.values()}) == len(METRICS)


def test_hand_computed_metrics():
    """40 closed (4 unresolved), 10 abandoned of 20 telephone cases, in half a year."""
    totals = sums(
        closed=40, unresolved=4, abandoned=10, phone=20, satisfaction=35.0, response=400.0,
        touch=40.0, queue=200.0, transfer=100.0, rework=60.0, within=25, first_contact=30,
        reopenings=6, visits=160, handoffs=80, passes=40, fit=42.0, fits=60, busy=800.0,
        setup=30.0, redo=20.0, filled=1000.0, quits=1, loyalty=4.2, months=6, left=6,
        customer_months=600, open_area=5200.0, active=98,
    )
    segments = np.zeros(1, SEGMENT_TOTALS)
    found = metrics(totals, segments, histogram_of([10.0] * 40), 1040.0, LEDGER)
    expected = {
        "satisfaction": 70.0,  # 100 * 35 / 50
        "loyalty": 0.7,
        "retention_annual": 0.99**12,
        "response_mean_h": 10.0,
        "within_tolerance": 0.5,  # 25 / 50, abandoned outside
        "touch_h": 1.0, "queue_h": 5.0, "transfer_h": 2.5, "rework_h": 1.5,
        "abandonment": 0.5,
        "first_contact_resolution": 0.75,
        "contacts_per_case": 1.15,
        "visits_per_case": 4.0, "handoffs_per_case": 2.0, "passes_per_case": 1.0,
        "fit": 0.7, "utilisation": 0.8, "backlog": 5.0, "hidden_work_share": 0.05,
        "cost_line": 600.0, "cost_heads": 200.0, "cost_units": 100.0, "cost_hiring": 100.0,
        "cost_total": 1000.0,
        "cost_per_customer": 10.0,  # 1000 / (600 / 6)
        "cost_per_case": 1000.0 * 0.5 / 36,
        "turnover_annual": 1 / (1000.0 / 1040.0) / 0.5,
        "profit": 500.0, "customers_active": 98.0,
    }
    for id, value in expected.items():
        assert found[id] == pytest.approx(value, rel=1e-12), id
    assert list(found) == list(METRICS)
    assert sum(found[id] for id in RESPONSE_PARTS) == pytest.approx(
        found["response_mean_h"], abs=1e-9)
    totals["coordination"] = 50.0
    assert metrics(totals, segments, histogram_of([10.0]), 1040.0,
                   LEDGER)["hidden_work_share"] == pytest.approx(0.1)


def test_empty_sets_are_none_and_never_nan():
    segments = np.zeros(2, SEGMENT_TOTALS)
    found = metrics(sums(), segments, np.zeros(HISTOGRAM_BINS), 100.0, LEDGER)
    means = ["satisfaction", "loyalty", "retention_annual", "response_mean_h", "response_p50_h",
             "within_tolerance", "touch_h", "abandonment", "first_contact_resolution",
             "contacts_per_case", "fit", "utilisation", "hidden_work_share", "cost_per_case",
             "cost_per_customer", "turnover_annual"]
    assert [found[id] for id in means] == [None] * len(means)
    assert all(v is None or math.isfinite(v) for v in found.values())


def test_without_a_month_end_the_last_level_counts_customers():
    segments = np.zeros(2, SEGMENT_TOTALS)
    segments["active"] = [30, 20]
    found = metrics(sums(active=50), segments, np.zeros(HISTOGRAM_BINS), 100.0, LEDGER)
    assert found["cost_per_customer"] == 20.0


def test_retention_formula():
    """(1 - 1/100)^12; nobody counted gives None; more leavers than counts cannot go below 0."""
    assert retention(1, 100) == pytest.approx(0.99**12)
    assert retention(0, 10) == 1.0
    assert retention(0, 0) is None
    assert retention(20, 10) == 0.0


@pytest.mark.parametrize("q", [0.01, 0.5, 0.9, 0.99])
def test_quantiles_of_a_sample_to_within_a_bin(q):
    values = np.random.default_rng(5).lognormal(1.0, 1.2, 20_000)
    assert quantile(histogram_of(values), q) == pytest.approx(np.quantile(values, q), rel=0.006)


def test_quantile_ignores_empty_bins_and_the_horizon():
    counts = histogram_of([1.0] * 5 + [100.0] * 5)
    assert quantile(counts, 0.5) == pytest.approx(1.0, rel=0.006)
    assert quantile(counts, 0.51) == pytest.approx(100.0, rel=0.006)
    for q in (0.0, 0.1, 0.5, 0.9, 1.0):
        assert quantile(counts, q) == pytest.approx(quantile(counts * 1000, q), rel=1e-12)
    assert quantile(np.zeros(HISTOGRAM_BINS), 0.5) is None


def test_quantiles_are_interpolated_inside_a_bin():
    """Ten cases in bin 2001, from LOW e^(2000 STEP) on: the middle lies half a STEP up."""
    counts = np.zeros(HISTOGRAM_BINS)
    counts[2001] = 10
    low = HISTOGRAM_LOW_H * np.exp(2000 * HISTOGRAM_STEP)
    assert quantile(counts, 0.5) == pytest.approx(low * np.exp(0.5 * HISTOGRAM_STEP), rel=1e-12)
    assert quantile(counts, 0.1) == pytest.approx(low * np.exp(0.1 * HISTOGRAM_STEP), rel=1e-12)


def test_quantile_below_the_lowest_bin_is_interpolated_in_hours():
    counts = np.zeros(HISTOGRAM_BINS)
    counts[0] = 10
    assert quantile(counts, 0.5) == pytest.approx(HISTOGRAM_LOW_H / 2)


@settings(deadline=None)
@given(st.lists(st.floats(1e-3, 1e4), min_size=1, max_size=60),
       st.floats(0, 1), st.floats(0, 1))
def test_quantiles_grow_with_q_and_stay_inside_the_sample(values, a, b):
    counts = histogram_of(values)
    low, high = sorted((a, b))
    first, second = quantile(counts, low), quantile(counts, high)
    assert first <= second
    assert min(values) / 1.006 <= first and second <= max(values) * 1.006


def test_segment_metrics_per_segment():
    segments = np.zeros(2, SEGMENT_TOTALS)
    segments["closed"], segments["abandoned"] = [8, 0], [2, 0]
    segments["satisfaction"] = [7.0, 0.0]
    segments["response"] = [80.0, 0.0]
    found = segment_metrics(segments)
    assert found["satisfaction"][0] == pytest.approx(70.0)
    assert found["response_mean_h"][0] == pytest.approx(10.0)
    assert np.isnan(found["satisfaction"][1])


def test_slope_is_cases_per_month():
    """One case a week is 2080 / 12 / 40 = 4.333 cases a month."""
    time = np.arange(1, 53) * 40.0
    assert slope(time, 7 + np.arange(52)) == pytest.approx(52 / 12)
    assert slope(time[:2], np.arange(2)) is None
    assert growth_limit(arrivals=5200, window_h=2080.0) == pytest.approx(10.0)


def test_one_run_grows_only_if_surely_and_by_enough():
    time = np.arange(1, 105) * 40.0
    noise = np.random.default_rng(1).normal(0, 2, 104)
    hours = 104 * 40.0
    arrivals = 100.0 * 104  # a week's arrivals: 100, limit 10 cases a month
    assert growing_in_one_run(time, 50 + 5.0 * np.arange(104) + noise, arrivals, hours)
    assert not growing_in_one_run(time, 50 + noise, arrivals, hours)
    # Surely growing, but by 4.3 cases a month with 100 arriving a week.
    assert not growing_in_one_run(time, 50 + 1.0 * np.arange(104) + noise, arrivals, hours)
    # By enough, but not surely: a swing of one period over the window has a slope by chance.
    swing = 400.0 * np.sin(np.arange(104) / 104 * 6 * np.pi + np.pi)
    assert slope(time, swing) > growth_limit(arrivals, hours)
    assert not growing_in_one_run(time, 500 + swing, arrivals, hours)
    assert not growing_in_one_run(time, 500 - 5.0 * np.arange(104) + noise, arrivals, hours)
    assert not growing_in_one_run(time[:5], 50 + 50.0 * np.arange(5), arrivals, hours)


@pytest.mark.parametrize(("id", "value", "text"), [
    ("response_mean_h", 16.0, "16 h (2.0 working days)"),
    ("response_mean_h", 4.25, "4.2 h (0.5 working days)"),
    ("response_p50_h", 0.125, "0.12 h (8 min)"),
    ("satisfaction", 78.24, "78.2"),
    ("within_tolerance", 0.8126, "81.3%"),
    ("cost_total", 1234567.8, "1,234,568"),
    ("loyalty", None, "-"),
])
def test_values_are_written_for_people(id, value, text):
    assert format_value(id, value) == text


def test_short_values_and_differences():
    assert format_value("response_mean_h", 16.0, short=True) == "16 h"
    assert format_difference("satisfaction", 6.14) == "+6.1 points"
    assert format_difference("response_mean_h", -3.4) == "-3.40 h"
    assert format_difference("within_tolerance", 0.021) == "+2.1 percentage points"
    assert format_difference("cost_total", -41200.0) == "-41,200"
    assert format_difference("satisfaction", None) == "-"


def test_wrong_ids_are_answered_with_the_nearest_spelling():
    with pytest.raises(InputError, match="did you mean satisfaction"):
        find("satisfacton", "--precision")
    with pytest.raises(InputError) as caught:
        find_all(["cost_totl", "loyalty", "xyzzy"])
    assert len(caught.value.faults) == 2


def test_margins_and_widths():
    assert METRICS["satisfaction"].margin_at(70.0) == 1.0
    assert METRICS["cost_total"].margin_at(-2e6) == pytest.approx(2e4)
    assert METRICS["cost_total"].margin_at(1e6, Margin(5.0)) == 5.0
    assert parse_width("5%") == Margin(0.05, True)
    assert parse_width(0.5) == Margin(0.5, False)
    for wrong in ("-1", "five", "nan", "inf%", ""):
        with pytest.raises(InputError):
            parse_width(wrong)
    with pytest.raises(InputError) as caught:
        parse_widths({"satisfaction": "x", "nothing_h": "1"}, "--precision")
    assert len(caught.value.faults) == 2
