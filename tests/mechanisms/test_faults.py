"""Systemic faults and what the firm hears of them, in small runs (M7, M10)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from sim.metrics.sensing import fault_map
from sim.records import RunResult
from tests.mechanisms.small import run, same

CAUSES = ("by_knowledge", "by_information", "by_fault")
MANY: dict[str, Any] = {"enabled": True, "rate": 1.0, "error_added": 0.3}
QUICK: dict[str, Any] = {"enabled": True, "capture": 0.8, "report_h": 5.0, "decision_h": 10.0,
                         "minimum_signals": 2, "suggestions": 0.3}


@cache
def plain(structure: str) -> RunResult:
    """The firm without any module."""
    return run(structure)


@cache
def faulty(structure: str) -> RunResult:
    """Every task has a fault from the first month on."""
    return run(structure, faults=MANY)


@cache
def listening(structure: str) -> RunResult:
    """The same in a firm that listens and decides quickly."""
    return run(structure, faults=MANY, sensing=QUICK)


def test_without_new_faults_nothing_changes_but_the_count_of_causes() -> None:
    result = run("customer", faults={"enabled": True, "rate": 0.0})
    assert same(plain("customer"), result, *CAUSES)
    assert result.totals["by_knowledge"] > 0
    assert result.metrics["error_fault_share"] == 0
    assert result.metrics["open_faults"] == 0
    assert plain("customer").metrics["open_faults"] is None


def test_a_fault_that_adds_nothing_causes_nothing() -> None:
    result = run("customer", faults={"enabled": True, "rate": 1.0, "error_added": 0.0})
    assert same(plain("customer"), result, *CAUSES, "fault_area")
    assert result.metrics["error_fault_share"] == 0


def test_faults_cause_errors_and_none_is_mended_without_sensing() -> None:
    result = faulty("customer")
    assert result.metrics["errors_per_case"] > plain("customer").metrics["errors_per_case"] + 0.5
    assert result.metrics["error_fault_share"] > 0.5
    assert result.metrics["fault_fix_days"] is None
    assert result.totals["faults_mended"] == 0


def test_faults_that_last_are_all_there_can_be() -> None:
    """Three functions and two products, all at fault after the first month (before the window
    ends at 540 h; the window begins at 90 h): 6 x (540 - 173.3) / 450."""
    expected = 6 * (540 - 2080 / 12) / 450
    for structure in ("functional", "customer"):
        assert abs(faulty(structure).metrics["open_faults"] - expected) < 1e-9


def test_error_map_holds_every_error_of_the_window() -> None:
    result = faulty("customer")
    assert result.error_map is not None
    assert result.error_map.shape == (3, 2, 4)
    assert result.error_map.sum() == result.totals["errors"]
    assert np.isclose(result.error_map[..., 3].sum(), result.totals["by_fault"])
    assert result.units["by_fault"].sum() == result.totals["by_fault"]


def test_a_firm_that_listens_mends_its_faults() -> None:
    for structure in ("functional", "customer"):
        deaf, alert = faulty(structure).metrics, listening(structure).metrics
        assert alert["open_faults"] < deaf["open_faults"]
        assert alert["errors_per_case"] < deaf["errors_per_case"]
        assert 0 < alert["fault_fix_days"] < 45
        assert 0 < alert["signal_decided_share"] < 1


def test_more_signals_needed_means_later_mending() -> None:
    slow = run("customer", faults=MANY, sensing={**QUICK, "minimum_signals": 15})
    assert slow.metrics["open_faults"] > listening("customer").metrics["open_faults"]


def test_direct_contact_keeps_bad_news_strong() -> None:
    far = listening("functional").metrics["signal_intensity"]
    near = run("functional", faults=MANY, sensing=QUICK, offering={"direct_contact": 1.0})
    assert near.metrics["signal_intensity"] == 1
    assert 0.1 < far < 1


def test_answers_spread_by_both_channels() -> None:
    """Measured 175 h after the first answer: a monthly broadcast lies between."""
    none = {**QUICK, "broadcast_read": 0.0, "informal": 0.0, "reach_h": 175.0, "formal_kept": 1.0}
    some = {**MANY, "rate": 0.4}
    reach = [run("functional", faults=some, sensing={**none, **channel},
                 time={"horizon": "700 h"}).metrics["fact_reach"]
             for channel in ({}, {"broadcast_read": 1.0}, {"informal": 0.5})]
    assert abs(reach[0] - 1 / 3) < 1e-12  # only the unit that does the work knows
    assert reach[1] == reach[2] == 1


def test_nobody_hears_without_capture() -> None:
    result = run("customer", faults=MANY, sensing={**QUICK, "capture": 0.0})
    assert result.totals["heard"] == 0
    assert result.metrics["signals_per_visit"] is None
    assert result.totals["faults_mended"] == 0


def test_more_sensors_know_needs_better() -> None:
    few = run("customer", sensing={"enabled": True, "capture": 0.15})
    many = run("customer", sensing={"enabled": True, "capture": 1.0})
    assert many.metrics["need_error"] < few.metrics["need_error"]


def test_fault_map_is_a_pareto() -> None:
    errors = np.zeros((2, 1, 4))
    errors[1, 0, 3], errors[0, 0, 1], errors[0, 0, 0] = 6.0, 3.0, 1.0
    rows = fault_map(errors, ["sell", "make"], ["loan"])
    assert [(r.function, r.product, r.cause) for r in rows] == [
        ("make", "loan", "fault"), ("sell", "loan", "knowledge"), ("sell", "loan", "other")]
    assert [r.cumulated for r in rows] == [0.6, 0.9, 1.0]
    assert fault_map(np.zeros((0, 0, 0)), [], []) == []
