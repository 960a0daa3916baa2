"""A change of structure against staying: nothing from nothing, money that adds up, words."""

from __future__ import annotations

from typing import Any

import jsonschema
import numpy as np
import pytest

from sim.engine.simulation import prepare, simulate
from sim.errors import InfeasibleStructure, InputError
from sim.experiment import schemas
from sim.experiment.reorganise import (
    Reorganisation,
    _break_even,
    monthly,
    reorganise,
    wilson,
)
from sim.report.jcurve import figures, shown
from sim.scenario import load
from sim.scenario.schema import HOURS_PER_MONTH

FIRM: dict[str, Any] = {
    "schema_version": 1,
    "name": "firm",
    "customers": {"count": 200, "cases_per_month": 1.0},
    "segments": {"a": {"share": 0.6}, "b": {"share": 0.4}},
    "products": {"x": {}, "y": {}},
    "functions": {"take": {"work_h": 0.5}, "make": {"work_h": 1.0}},
    "staff": {"heads": 8},
    "time": {"warm_up": "1000 h", "horizon": "12 months"},
    "reorganisation": {"at": "3 months"},
}


def asked(first: str = "product", second: str = "functional", **changes: Any) -> Reorganisation:
    plan = {**FIRM["reorganisation"], **changes}
    return reorganise(load(FIRM | {"reorganisation": plan}), first, second, replications=3)


@pytest.mark.slow
def test_a_change_to_the_same_structure_changes_nothing() -> None:
    answer = asked("product", "product")
    for arm in answer.arms:
        assert all(i.mean == 0 for curve in arm.curves.values() for i in curve.difference
                   if i.mean is not None)
        assert arm.never.mean == 0
        assert arm.cost.mean == 0 and arm.moved.mean == 0
        assert all(curve.dip is None and curve.dip_months == 0 for curve in arm.curves.values())


@pytest.mark.slow
def test_nothing_differs_before_the_change_and_something_after() -> None:
    answer = asked()
    for arm in answer.arms:
        points = [i.mean for i in arm.curves["response_mean_h"].difference]
        assert points[:3] == [0.0, 0.0, 0.0]
        assert any(point != 0 for point in points[3:] if point is not None)
        assert len(points) == 3 + len(arm.cumulated) == 27


@pytest.mark.slow
def test_more_capacity_lost_is_a_deeper_dip_at_first() -> None:
    none, much = (asked(drag=drag).arms[0].curves["satisfaction"] for drag in (0.0, 0.4))
    first = [np.mean([i.mean for i in curve.difference[3:6]]) for curve in (none, much)]
    assert first[1] < first[0]


@pytest.mark.slow
def test_half_the_budget_is_a_second_arm_that_costs_half() -> None:
    whole, half = asked().arms
    assert (whole.budget, half.budget) == (1.0, 0.5)
    assert whole.moved == half.moved and whole.moved.mean > 0
    assert half.cost.mean == pytest.approx(whole.cost.mean / 2)


@pytest.mark.slow
def test_months_add_up_to_the_books_of_the_run() -> None:
    """Profit and cost of the months of a run that changes sum to the ledger of its window."""
    scenario = load(FIRM | {"time": FIRM["time"] | {"period": f"{HOURS_PER_MONTH!r} h"},
                            "reorganisation": {"at": "100 days", "to": "functional"}})
    result = simulate(prepare(scenario, "product"), 0)
    by_month = monthly(scenario, result)
    for id in ("profit", "cost_total"):
        assert len(by_month[id]) == 12
        assert by_month[id].sum() == pytest.approx(result.metrics[id], rel=1e-9)


@pytest.mark.slow
def test_the_answer_has_the_published_shape_and_can_be_shown() -> None:
    answer = asked()
    jsonschema.validate(answer.to_json(), schemas.REORGANISE)
    assert len(answer.table) == 2 * 8 * 27
    assert len(shown(answer)) == 3
    svg, png = figures(answer)
    assert svg.startswith(b"<?xml") and png.startswith(b"\x89PNG")


@pytest.mark.parametrize(("gains", "month"), [
    ([1.0, 2.0], 0), ([-1.0, 2.0], 1), ([-1.0, 1.0, -1.0, 0.0], 3), ([1.0, -1.0], None),
    ([0.0, 0.0], 0), ([], None),
])
def test_break_even_by_hand(gains: list[float], month: int | None) -> None:
    assert _break_even(np.array(gains)) == month


@pytest.mark.parametrize(("successes", "low", "high"), [
    (0, 0.0, 0.2775), (5, 0.2366, 0.7634), (10, 0.7225, 1.0)])
def test_wilson_against_its_table(successes: int, low: float, high: float) -> None:
    """Ten trials; Newcombe 1998, Statistics in Medicine 17, method 3."""
    interval = wilson(successes, 10)
    assert interval.mean == successes / 10
    assert (interval.low, interval.high) == (pytest.approx(low, abs=5e-5),
                                             pytest.approx(high, abs=5e-5))


def test_what_makes_no_sense_is_refused_at_once() -> None:
    with pytest.raises(InputError) as refused:
        reorganise(load(FIRM), "product", "functionl", metric="nps", budget=0.0, replications=1)
    assert len(refused.value.faults) == 4


def test_a_change_nobody_can_staff_is_told_before_the_long_wait() -> None:
    """Fewer licensed people than products to split them over: known after one run."""
    licensed = {"take": {"work_h": 1.0}, "make": {"work_h": 0.1, "licensed": True}}
    firm = FIRM | {"functions": licensed, "products": {"x": {}, "y": {}, "z": {}},
                   "customers": {"count": 60, "cases_per_month": 0.2}, "staff": {"heads": 6},
                   "time": {"warm_up": "100 h", "horizon": "1 months"},
                   "reorganisation": {"at": "1 days"}}
    done: list[str] = []
    with pytest.raises(InfeasibleStructure, match="there are when functional ends") as refused:
        reorganise(load(firm), "functional", "product", replications=3,
                   progress=lambda finished, planned, what: done.append(what))
    assert refused.value.structure == "product"
    assert sum("replication" in what for what in done) <= 1
