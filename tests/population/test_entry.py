"""A market that the firm enters: who is there, and what is known before (M14, M23)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.engine.simulation import settle, simulate
from sim.errors import InputError
from sim.population import customers, start
from sim.population.customers import centres
from sim.population.entry import prepared_offerings
from sim.records import Population
from sim.rng import run_key
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.structures import build

END_H = 4000.0


def firm(**new: Any) -> Scenario:
    """Three segments, of which the third may be a market to be entered."""
    return load({
        "schema_version": 1, "name": "entry",
        "customers": {"count": 200},
        "segments": {"a": {"share": 0.5}, "b": {"share": 0.25}, "c": {"share": 0.25} | new},
        "products": {"p": {}, "q": {}},
        "functions": {"front": {"work_h": 0.3, "front": True},
                      "back": {"work_h": 0.5, "offering": True}},
        "labels": {"accuracy": 1.0, "unassignable": 0.0},
        "market": {"churn_max": 0.5},
        "staff": {"heads": 12},
        "time": {"warm_up": "500 h", "horizon": "3000 h"},
    }, limits=None)


def people(scenario: Scenario) -> Population:
    return customers.draw(scenario, 1, 0, END_H)


def test_nobody_is_there_at_the_start_and_some_join() -> None:
    """The others share the places two to one; every fourth joiner comes to the new market."""
    drawn = people(firm(entered=False))
    first = np.bincount(drawn.segment[:200], minlength=3)
    assert first[2] == 0 and abs(first[0] - 2 * first[1]) <= 2
    joined = np.bincount(drawn.segment[200:200 + drawn.n_base], minlength=3)
    assert joined[2] == pytest.approx(drawn.n_base / 4, abs=1) and joined[2] > 5


def test_a_market_long_served_is_known_anyway() -> None:
    """Where all segments are there from the start, `known` changes no bit."""
    one, two = firm(), firm(known=1.0)
    layout = build(one, "customer", 12)
    run = [start.offerings(s, layout, people(s), 1, 0) for s in (one, two)]
    assert np.array_equal(*run)
    work = settle(one, "customer", seed=1).workload
    assert np.array_equal(start.knowledge(one, work), start.knowledge(two, work))
    assert np.array_equal(people(one).needs, people(two).needs)


@pytest.mark.parametrize("known", [0.0, 0.4, 1.0])
def test_where_an_offering_for_a_new_market_starts(known: float) -> None:
    """A unit of its own: x of the way from the overall mean to the market's centre."""
    scenario = firm(entered=False, known=known)
    layout = build(scenario, "customer", 12)
    drawn = people(scenario)
    found = start.offerings(scenario, layout, drawn, 1, 0)
    (unit,) = [u for u, mask in enumerate(layout.unit_segments) if int(mask) == 4]
    by_segment, by_product, both = centres(scenario, run_key(1, 0))
    for p in range(2):
        overall = drawn.needs[:200, p].astype(float).mean(axis=0)
        centre = by_segment[2] + by_product[p] + both[2, p]
        assert found[unit, p] == pytest.approx(overall + known * (centre - overall))


def test_a_common_offering_moves_by_the_market_s_part() -> None:
    """A quarter of those whom one unit for all is to serve are of the new market."""
    scenario = firm(entered=False, known=0.8)
    layout = build(scenario, "functional", 12)
    holder = int(layout.pool_unit[layout.pool_of[scenario.offering_function, 0, 0, 0]])
    before = np.zeros((len(layout.units), 2, scenario.needs.dimensions))
    after = prepared_offerings(scenario, layout, run_key(1, 0), before)
    by_segment, by_product, both = centres(scenario, run_key(1, 0))
    assert after[holder, 1] == pytest.approx(
        0.8 * 0.25 * (by_segment[2] + by_product[1] + both[2, 1]))
    assert not after[[u for u in range(len(layout.units)) if u != holder]].any()


@pytest.mark.parametrize("known", [0.0, 0.5, 1.0])
def test_staff_start_with_what_is_known_of_its_customers(known: float) -> None:
    """x times what the expected work would have taught; other knowledge is untouched."""
    old, new = firm(), firm(entered=False, known=known)
    work = settle(old, "customer", seed=1).workload
    usual, found = start.knowledge(old, work), start.knowledge(new, work)
    assert usual[:, -1].max() > 0.5
    assert found[:, -1] == pytest.approx(known * usual[:, -1])
    assert np.array_equal(found[:, :-1], usual[:, :-1])


@pytest.mark.slow  # uncompiled, two runs take half a minute
def test_its_customers_come_after_the_warm_up_only() -> None:
    """No case of the new market at the end of warm-up, some at the end of the run."""
    for structure in ("functional", "customer"):
        result = simulate(settle(firm(entered=False, known=0.5), structure, seed=1), 0)
        times = result.series["time"]
        active = result.series["segments"]["active"]
        assert active[times <= 1e-9][-1, 2] == 0 and active[-1, 2] > 0
        assert result.segments["closed"][2] > 0


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match="at least one segment must be there"):
        load({"schema_version": 1, "name": "x", "functions": {"f": {"work_h": 1.0}},
              "segments": {"a": {"share": 1.0, "entered": False}}})
    with pytest.raises(InputError, match="nobody would ever join"):
        firm(entered=False, churn_max=0.0)
