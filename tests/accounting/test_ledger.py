"""The ledger against sums done by hand, and its balance for any firm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.accounting.ledger import fte_cost, head_posts, yearly
from sim.records import Layout
from sim.scenario.schema import Scenario
from sim.state import SEGMENT_TOTALS, TOTALS


def scenario(money=None, staff=None, segments=None):
    return Scenario.model_validate({
        "schema_version": 1, "name": "firm", "functions": {"serve": {"work_h": 1.0}},
        "money": money or {}, "staff": staff or {},
        "segments": segments or {"mass": {"share": 0.5, "value": 100.0},
                                 "firms": {"share": 0.5, "value": 1000.0}},
    })


def layout(units=4, flat=False, bosses=0, offerings=4, tools=8):
    names = tuple(f"unit {i}" for i in range(units))
    ints = np.zeros(units, np.int32)
    return Layout(
        structure="x", units=names, pools=names, pool_unit=ints, pool_functions=np.ones(units, int),
        pool_elements=ints, pool_of=np.zeros((1, 1, 2, 1), np.int32),
        unit_segments=np.ones(units, int), unit_distance=np.zeros((units, units), np.int32),
        flat=flat, layer_bosses=bosses, offerings=offerings, tools=tools,
    )


def sums(window_h, filled, hires=0.0, lead_teams=0.0, months=0.0, customer_months=(0, 0),
         active=(0, 0)):
    totals = np.zeros((), TOTALS)
    totals["filled"], totals["hires"], totals["lead_teams"] = filled, hires, lead_teams
    totals["months"] = months
    segments = np.zeros(2, SEGMENT_TOTALS)
    segments["customer_months"], segments["active"] = customer_months, active
    return totals, segments


def test_a_year_by_hand():
    """20 people at 30 an hour, loading 1.5, availability 0.8, all year.

    FTE 30 * 1.5 * 2080 / 0.8 = 117,000; line 20 FTE; heads 1.6 FTE * (4 units + 2 leads + chief);
    units 4 * 0.05 + 8 * 0.03 = 0.44 FTE; two hires at 20% of 30 * 2080 / 0.8 = 78,000.
    """
    world = scenario({"pay": 30.0, "loading": 1.5, "margin": 0.5}, {"availability": 0.8})
    totals, segments = sums(2080.0, 20 * 2080.0, hires=2, lead_teams=2 * 2080.0, months=12,
                            customer_months=(12 * 50, 12 * 10))
    books = yearly(world, layout(), totals, segments, 2080.0)
    assert fte_cost(world) == pytest.approx(117_000)
    assert books.line == pytest.approx(20 * 117_000)
    assert books.heads == pytest.approx(1.6 * 117_000 * 7)
    assert books.units == pytest.approx(0.44 * 117_000)
    assert books.hiring == pytest.approx(2 * 0.2 * 78_000)
    assert books.revenue == pytest.approx(50 * 100 + 10 * 1000)
    assert books.profit == pytest.approx(0.5 * 15_000 - books.total)


def test_rates_are_per_year_whatever_the_window():
    """Half a year with half the hours, hires and months costs the same per year."""
    world = scenario()
    whole = yearly(world, layout(), *sums(2080.0, 2080.0 * 9, 4, 2080.0, 12, (1200, 240)), 2080.0)
    half = yearly(world, layout(), *sums(1040.0, 1040.0 * 9, 2, 1040.0, 6, (600, 120)), 1040.0)
    for part in ("line", "heads", "units", "hiring", "total", "revenue", "profit"):
        assert getattr(half, part) == pytest.approx(getattr(whole, part))


def test_a_vacancy_is_not_paid():
    world = scenario()
    full = yearly(world, layout(), *sums(2080.0, 2080.0 * 10), 2080.0)
    gap = yearly(world, layout(), *sums(2080.0, 2080.0 * 9.5), 2080.0)
    assert full.line - gap.line == pytest.approx(0.5 * fte_cost(world))


def test_heads_of_flat_one_unit_and_layered_firms():
    """R7, R47: flat: the chief alone; one unit: its head is the chief; else units + chief."""
    assert head_posts(layout(units=4, flat=True), 0.0) == 1.0
    assert head_posts(layout(units=1), 1.5) == 2.5
    assert head_posts(layout(units=4), 0.25) == 5.25
    assert head_posts(layout(units=20, bosses=3), 0.0) == 24.0


def test_revenue_without_a_month_end_uses_the_last_level():
    books = yearly(scenario(), layout(), *sums(80.0, 800.0, active=(3, 2)), 80.0)
    assert books.revenue == pytest.approx(3 * 100 + 2 * 1000)


def test_no_measured_time_is_refused():
    with pytest.raises(ValueError, match="measured time"):
        yearly(scenario(), layout(), *sums(0.0, 0.0), 0.0)


@settings(deadline=None)
@given(
    pay=st.floats(0, 1e4), loading=st.floats(0, 10), availability=st.floats(0.1, 1),
    margin=st.floats(0, 1), filled=st.floats(0, 1e6), hires=st.integers(0, 100),
    lead_teams=st.floats(0, 1e6), window=st.floats(40.0, 1e5),
    customer_months=st.tuples(st.integers(0, 1000), st.integers(0, 1000)),
    units=st.integers(1, 30), flat=st.booleans(),
)
def test_the_ledger_balances(pay, loading, availability, margin, filled, hires, lead_teams,
                             window, customer_months, units, flat):
    world = scenario({"pay": pay, "loading": loading, "margin": margin},
                     {"availability": availability})
    totals, segments = sums(window, filled, hires, lead_teams, 12, customer_months)
    books = yearly(world, layout(units=units, flat=flat), totals, segments, window)
    parts = (books.line, books.heads, books.units, books.hiring)
    assert all(np.isfinite(part) and part >= 0 for part in parts)
    assert books.total == pytest.approx(sum(parts), rel=1e-12)
    assert books.profit == pytest.approx(margin * books.revenue - books.total, rel=1e-12)
