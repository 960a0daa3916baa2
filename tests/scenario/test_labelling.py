"""Accuracy of labels from traits, analysis and records, against independent numbers (M8, M27)."""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy.integrate import quad
from scipy.stats import norm

from sim.scenario import load
from sim.scenario.labelling import (
    accuracy,
    attribute_accuracy,
    coverage,
    refuses,
    relevances,
    value_correlation,
)
from sim.scenario.schema import Scenario
from tests.reference.twin_worlds import BASE, merged

FOUR = {name: {"share": 0.25} for name in "wxyz"}


def firm(**tables: Any) -> Scenario:
    """A firm with four equal segments."""
    return load(merged({**BASE, "segments": FOUR}, tables))


def test_simple_mode_takes_the_stated_accuracy() -> None:
    assert accuracy(firm(labels={"accuracy": 0.6})) == 0.6


@pytest.mark.parametrize(("hours", "q"), [
    (0, 0.5), (400, 0.85 - 0.35 / math.e), (800, 0.8026), (1e6, 0.85)])
def test_effort(hours: float, q: float) -> None:
    """q(H) = 0.85 - 0.35 exp(-H / 400 h), four segments, eta_s 0.36."""
    found = accuracy(firm(segmentation={"mode": "effort", "analysis_h": float(hours)}))
    assert found == pytest.approx(q, abs=1e-4)


def test_more_segments_and_overlap_take_more_hours() -> None:
    """Eight segments: tau 800 h; eta_s 0.04 for 0.36: tau x 0.96 / 0.64 = 600 h."""
    eight = {f"s{i}": {"share": 0.125} for i in range(8)}
    effort = {"mode": "effort"}
    many = load({**BASE, "segments": eight, "segmentation": effort})
    assert accuracy(many) == pytest.approx(0.85 - 0.35 * math.exp(-0.5))
    alike = firm(segmentation=effort, needs={"segment_share": 0.04})
    assert accuracy(alike) == pytest.approx(0.85 - 0.35 * math.exp(-400 / 600))


def test_viewpoints_and_records_make_hours_count_more() -> None:
    """Three viewpoints: hours x 2; coverage 0.4 of the usual 0.8: hours x 0.5."""
    three = firm(segmentation={"mode": "effort", "viewpoints": 3})
    assert accuracy(three) == pytest.approx(0.85 - 0.35 * math.exp(-2))
    half = {"enabled": True, "sales": 0.4, "service": 0.4, "complaints": 0.4, "returns": 0.4}
    poor = firm(segmentation={"mode": "effort"}, records=half)
    assert accuracy(poor) == pytest.approx(0.85 - 0.35 * math.exp(-0.5))


@pytest.mark.parametrize("segments", [2, 4, 9])
def test_traits_against_numerical_integration(segments: int) -> None:
    relevance = [0.3, 0.25, 0.1]
    d = 0.65 / math.sqrt(0.09 + 0.0625 + 0.01 + 0.25)
    exact, _ = quad(lambda z: norm.pdf(z) * norm.cdf(z + d) ** (segments - 1), -10, 10)
    assert attribute_accuracy(relevance, 0.5, segments) == pytest.approx(exact, abs=1e-7)


def test_edges_of_traits() -> None:
    assert attribute_accuracy([], 1.0, 4) == pytest.approx(0.25)
    assert attribute_accuracy([], 0.0, 4) == 0.25
    own_noise = attribute_accuracy([100.0], 0.0, 4)  # d = 1 whatever the relevance
    assert own_noise == pytest.approx(0.552, abs=1e-3)
    assert attribute_accuracy([0.2], 1.0, 1) == 1.0


def test_database_traits_alone_are_right_about_half_the_time() -> None:
    """F54: about 0.52 from database attributes, 0.82 from survey typing."""
    names = ("sex", "age", "status", "income", "location", "kind", "size")
    known = accuracy(firm(segmentation={"mode": "attributes", "use": list(names)}))
    assert 0.45 < known < 0.57
    assert known < accuracy(firm(segmentation={"mode": "attributes"})) < 0.82


def test_habits_need_history_and_records() -> None:
    """r (1 - exp(-12 / 6)) x coverage; other traits gain what is bought."""
    used = {"mode": "attributes", "use": ["habits", "age"]}
    seen = 1 - math.exp(-2)
    assert relevances(firm(segmentation=used)) == pytest.approx({"age": 0.1, "habits": 0.3 * seen})
    records = {"enabled": True, "returns": 0.0, "bought": True}
    found = relevances(firm(segmentation=used, records=records))
    assert found == pytest.approx({"age": 0.15, "habits": 0.3 * seen * 0.75})
    none = firm(segmentation={**used, "history_months": 0.0})
    assert relevances(none)["habits"] == 0


def test_records_at_the_usual_coverage_change_nothing() -> None:
    usual = firm(records={"enabled": True})
    assert coverage(usual) == pytest.approx(1.0)
    assert value_correlation(usual, 0.52) == pytest.approx(0.52)
    bought = firm(records={"enabled": True, "bought": True})
    assert value_correlation(bought, 0.52) == pytest.approx(0.57)
    assert value_correlation(firm(), 0.52) == 0.52


def test_who_is_turned_away() -> None:
    refuse = {"segmentation": {"unassigned": "refuse"}}
    assert refuses(firm(**refuse))
    assert not refuses(firm())
    assert not refuses(firm(**refuse, labels={"unassignable": 0.0}))
