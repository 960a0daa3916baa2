"""Stories with a change of structure: what is expected of them, and how it is judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.errors import InputError
from sim.experiment.reorganise import FIRST, SETTLED, _curve
from sim.experiment.statistics import Interval
from sim.experiment.theory.changes import expectation, kept, measured
from sim.experiment.theory.firms import FOLDER, Firm, Hope, firms, read
from sim.experiment.theory.scenarios import run_scenarios


def hope(what: str, **more: Any) -> Hope:
    return Hope("satisfaction", what, "medium", "", **more)


def span(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 12)


@pytest.mark.parametrize(("low", "high", "up", "down"), [
    (0.1, 2.0, "holds", "fails"), (-2.0, -0.1, "fails", "holds"), (-0.1, 0.1, "tie", "tie")])
def test_signs(low: float, high: float, up: str, down: str) -> None:
    for what in ("first", "settled"):
        assert kept(hope(what, sign=1), span(low, high)) == up
        assert kept(hope(what, sign=-1), span(low, high)) == down


@pytest.mark.parametrize(("low", "high", "result"), [
    (0.0, 0.3, "holds"), (0.2, 0.7, "tie"), (0.6, 1.0, "fails")])
def test_a_chance_lies_below_its_limit(low: float, high: float, result: str) -> None:
    assert kept(hope("never", high=0.5), span(low, high)) == result


@pytest.mark.parametrize(("months", "result"), [(0, "fails"), (1, "holds"), (9, "holds"),
                                                (10, "fails")])
def test_a_number_of_months_lies_in_its_range(months: int, result: str) -> None:
    told = hope("months", low=1, high=9)
    assert kept(told, Interval(float(months), None, None, 12)) == result
    assert expectation(told) == "1 to 9 months"


def test_nothing_measured_is_no_pass() -> None:
    nothing = measured(hope("first", sign=1), {"satisfaction": "cannot be staffed"})
    assert nothing.mean is None and kept(hope("first", sign=1), nothing) == "fails"


def test_which_months_count() -> None:
    """From the change on: the first three, the last six, and those surely worse.

    A step of -5 for four months, then +2, with a little noise of mean 0 that pairs cancel.
    """
    after = np.array([-5.0] * 4 + [2.0] * 20)
    gaps = np.concatenate([np.zeros(12), after]) + np.array([[-0.1], [0.0], [0.1]])
    curve = _curve("satisfaction", gaps, 12.0)
    answer: Any = SimpleNamespace(replications=3, arms=[SimpleNamespace(
        curves={"satisfaction": curve}, never=span(0.0, 0.2))])
    found = {"satisfaction": answer}
    assert (FIRST, SETTLED) == (3, 6)
    assert measured(hope("first", sign=1), found).mean == pytest.approx(-5.0)
    assert measured(hope("settled", sign=1), found).mean == pytest.approx(2.0)
    assert measured(hope("months", high=9), found).mean == 4
    assert measured(hope("never", high=0.5), found).high == 0.2


def test_stories_with_a_change_are_those_of_the_office_and_the_manufacturer() -> None:
    assert {c.firm.scenario for c in firms().changes} == {"government_office", "manufacturer"}


def test_everything_wrong_with_a_change_is_told(tmp_path: Path) -> None:
    (tmp_path / "level_facts.toml").write_text((FOLDER / "level_facts.toml").read_text(
        encoding="utf-8"), encoding="utf-8")
    (tmp_path / "scenarios.toml").write_text(
        '[[changes]]\nid = "X"\nscenario = "family_firm"\nbefore = "undivded"\n'
        'after = "functional"\n[[changes.expected]]\nmetric = "utilisation"\nwhat = "frist"\n'
        'confidence = "sure"\n[[changes]]\nid = "X"\nscenario = "family_firm"\n'
        'before = "undivided"\nafter = "product"\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    for word in ("undivded", "utilisation", "confidence", "expects nothing", "stands twice"):
        assert word in str(caught.value), word


@pytest.mark.slow  # uncompiled, four runs of a year and a half take minutes
def test_a_change_runs_and_is_told() -> None:
    """Six people, changed to two departments: every expectation gets its number and a result."""
    (change, *_) = firms().changes
    small = replace(
        change, id="H", firm=Firm("family_firm"), before="undivided", after="functional",
        settings={"time": {"warm_up": "520 h"}, "reorganisation": {"at": "2 months"}},
        expected=(hope("first", sign=-1), hope("months", low=0, high=24),
                  hope("never", high=0.9)))
    data = replace(firms(), rows=(), statements=(), changes=(small,))
    report = run_scenarios(["H"], replications=2, data=data, jobs=2)
    assert [o.id for o in report.outcomes] == [
        "H.satisfaction.first", "H.satisfaction.months", "H.satisfaction.never"]
    assert all(o.effect.n == 2 and o.effect.mean is not None for o in report.outcomes)
    assert report.to_json()["rows"][0]["row"] == "H"
