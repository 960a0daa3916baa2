"""What readers are told before any run."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from sim.errors import InputError
from sim.scenario import load, shipped
from sim.structures import default_list, describe


def test_every_structure_is_charted_or_refused(world: Any) -> None:
    found = describe(world(staff={"heads": 20, "span": 4}))
    charts = {chart.name: chart for chart in found.structures}
    assert set(charts) == {"undivided", "functional", "product", "customer", "regional",
                           "front-back", "matrix", "key-account", "crossed", "duo",
                           "tabled"}
    json.dumps(dataclasses.asdict(found), allow_nan=False)
    for chart in charts.values():
        if chart.infeasible is None:
            assert sum(unit.heads for unit in chart.units) == chart.heads == 20
            assert sum(p.heads for u in chart.units for p in u.pools) == 20
            assert sum(p.heads_exact for u in chart.units for p in u.pools) == pytest.approx(20)
            assert sum(unit.load for unit in chart.units) == pytest.approx(chart.load)
            assert sum(len(u.offerings) for u in chart.units) == chart.offerings
            assert sum(len(u.tools) for u in chart.units) == chart.tools
            assert all(unit.largest_team <= 4 for unit in chart.units)
    assert not charts["undivided"].compared and charts["customer"].compared


def test_the_default_list_is_told_whatever_is_charted(world: Any) -> None:
    scenario = world(staff={"heads": 20, "span": 4})
    for chosen in (None, ["functional"], ["undivided"]):
        assert describe(scenario, chosen).default == tuple(default_list(scenario))


def test_load_of_functions_and_segments(world: Any) -> None:
    """Load = cases per hour x work x (1 + m2 b), by function and by segment the same total."""
    scenario = world(segments={"a": {"share": 0.6}, "b": {"share": 0.4, "volume": 2.0}},
                     labels={"accuracy": 0.9, "unassignable": 0.0})
    found = describe(scenario, ["functional"])
    rate = 1000 * (0.6 + 0.8) / scenario.month_h
    products = 1 + 0.4 * 0.85
    assert [f.load for f in found.functions] == pytest.approx(
        [rate * w * products for w in (0.3, 0.5, 0.6, 0.3)])
    assert found.load == pytest.approx(rate * 1.7 * products)
    assert [s.load for s in found.segments] == pytest.approx(
        [found.load * 0.6 / 1.4, found.load * 0.8 / 1.4])
    assert [s.labelled for s in found.segments] == pytest.approx([0.58, 0.42])
    assert [f.offering for f in found.functions] == [False, True, False, False]
    assert found.structures[0].load == pytest.approx(found.load)


def test_people_above_the_line(world: Any) -> None:
    """Four units of more than four people, span 2: every unit has team leads, two bosses."""
    chart = describe(world(staff={"heads": 20, "span": 2}), ["functional"]).structures[0]
    assert chart.unit_heads == 4 and chart.layer_bosses == 2
    assert [u.leads for u in chart.units] == [u.teams - 1 for u in chart.units]
    assert chart.leads == sum(-(-u.heads // 2) - 1 for u in chart.units)
    assert chart.cases[0].by_distance == pytest.approx([0, 0, 0, 2, 1])


def test_a_small_firm_has_only_the_chief(world: Any) -> None:
    chart = describe(world(staff={"heads": 8, "span": 8}), ["functional"]).structures[0]
    assert chart.flat and chart.unit_heads == 0 and chart.leads == 0


def test_what_cannot_work_is_named(world: Any) -> None:
    """A unit no case needs, a pool no case needs, a pool with more work than people."""
    scenario = world(
        case_types={"ask": {"steps": ["meet", "plan"]}},
        staff={"heads": 6, "span": 4},
        customers={"count": 900, "second_product": 0.0},
    )
    units = {c.name: c for c in describe(scenario, ["functional", "customer"]).structures}
    words = "\n".join(units["functional"].warnings)
    assert "unit 'make' owns nothing" in words and "unit 'send' owns nothing" in words
    # 900 x 1.2 cases a month (`odd` counts twice): 1.87 and 3.12 Erlangs; of six people one each
    # sits in make and send, two in meet, two in plan.
    assert "pool 'plan' cannot hold its load: 3.12 Erlangs of expert work for 2 people" in words
    assert "pool 'meet'" not in words
    quiet = describe(world(), ["functional", "customer"]).structures
    assert all(chart.warnings == () for chart in quiet)
    roomy = world(case_types={"ask": {"steps": ["meet", "plan"]}})
    words = "\n".join(describe(roomy, ["customer"]).structures[0].warnings)
    assert "pool 'old: make' has no work" in words and "owns nothing" not in words


def test_an_infeasible_structure_says_why(world: Any) -> None:
    scenario = world(staff={"heads": 2, "span": 2})
    chart = describe(scenario, ["customer"]).structures[0]
    assert "3 units" in str(chart.infeasible) and chart.units == ()


def test_explicit_heads_are_shown_and_checked(world: Any) -> None:
    pools = {"meet": 1, "plan": 2, "make": 4, "send": 2}
    chart = describe(world(staff={"heads": 9, "pools": {"functional": pools}}),
                     ["functional"]).structures[0]
    assert [u.heads for u in chart.units] == [1, 2, 4, 2]
    with pytest.raises(InputError, match="sums to"):
        describe(world(staff={"heads": 10, "pools": {"functional": pools}}), ["functional"])


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_scenarios_can_be_staffed(name: str) -> None:
    """What is compared by default exists, is feasible, and holds its load with experts."""
    scenario = load(name)
    found = describe(scenario)
    assert len(default_list(scenario)) >= 3
    for chart in found.structures:
        assert not chart.compared or (chart.infeasible is None and chart.warnings == ()), chart
