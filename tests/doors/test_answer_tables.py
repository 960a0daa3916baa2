"""Tables of answers in a report: numbers of hand-made answers, with units and intervals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sim import api
from sim.experiment.schemas import DOCUMENTS
from sim.report import answer_tables
from sim.report.answers import KINDS
from sim.report.tables import Table


def i(mean: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"mean": mean, "low": low, "high": high, "n": 0 if mean is None else 8}


def share(one: float | None, low: float, high: float) -> dict[str, Any]:
    return {"share": one, "low": low, "high": high, "more_runs": 0 if one is not None else 90}


def factor(name: str, kind: str, alone: Any, total: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "alone": alone, "total": total}


KEY = {"key": "labels.accuracy", "unit": "-", "low": 0.4, "high": 0.9, "now": 0.7}
CURVE = {"difference": [], "dip": i(-0.031, -0.05, -0.012), "dip_month": 2, "dip_months": 3,
         "settled": i(0.011, -0.004, 0.026)}
ARM = {"budget": 0.5, "break_even_months": i(7.25, 5.0, 9.5), "never": i(0.25, 0.071, 0.591),
       "cost": i(11000.0, 10000.0, 12000.0), "people_moved": i(6.0, 6.0, 6.0), "cumulated": [],
       "curves": {"first_contact_resolution": CURVE,
                  "profit": CURVE | {"dip": i(-9000.0, -9500.0, -8500.0)}}}
STRUCTURE = {"structure": "customer", "fate": "selected", "replications": 12,
             "value": i(0.71, 0.69, 0.73), "behind": i(None), "dropped_at": None,
             "dropped_by": None, "dropped_behind": None, "boundary": None, "unstable": 0,
             "reason": ""}
DESIGN = {"label": "customer; span 5", "status": "sure", "structure": "customer",
          "rest": "seven heads", "settings": {}, "name": "customer",
          "overlay": "", "replications": 20,
          "metrics": {"satisfaction": i(77.25, 76.5, 78.0), "cost_total": i(5e5, 4.9e5, 5.1e5)},
          "not_told_from": [], "dominated_by": [], "unstable": 0, "reason": ""}
STEP = {"from": "a", "to": "b", "rates": {}, "changes": {
    "satisfaction": i(2.0, 1.0, 3.0), "cost_total": i(1000.0, -50.0, 2050.0)}}
MISFIT = {"kind": "pool", "place": "shop", "found": "it is full", "numbers": {},
          "change": "one more head", "settings": {}, "refused": "", "unstable": False,
          "effects": {"satisfaction": i(1.5, 0.5, 2.5)}}
ANSWERS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "sensitivity.json": ("sensitivity", {
        "scenario": "A <firm>", "metric": "first_contact_resolution", "unit": "share",
        "structures": ["a", "b"],
        "seed": 1, "samples": 64, "dropped": 0, "reasons": {}, "runs": 900, "screening_runs": 40,
        "mean": 0.5, "deviation": 0.1, "keys": "in use",
        "screened": [KEY | {"mean": 0.062, "least": 0.05, "most": 0.075, "n": 6, "kept": True}],
        "ranges": [], "factors": [
            factor("luck", "luck", share(None, 0.0, 0.3), share(None, 0.05, 0.42)),
            factor("labels.accuracy", "key", share(0.415, 0.35, 0.48), share(0.53, 0.45, 0.61))],
        "failed_runs": 0, "unstable_runs": 0, "text": ["labels.accuracy makes 53%."],
        "interrupted": False},
        ("41.5", "35 to 48", "53", "45 to 61", "5 to 42", "6.2", "5 to 7.5", "0.4 to 0.9", "%",
         "% points")),
    "selection.json": ("select", {
        "scenario": "A firm", "metric": "first_contact_resolution", "weights": {},
        "margins": {}, "unit": "share",
        "margin": 0.01, "confidence": 0.95, "procedure": "KN", "first_stage": 10, "seed": 1,
        "best": "customer", "guaranteed": True, "stopped": "one left", "replications": 12,
        "runs": 24, "equal_runs": 24, "more_runs": 0, "structures": [STRUCTURE, STRUCTURE | {
            "structure": "product", "fate": "dropped", "behind": i(0.034, 0.02, 0.048),
            "dropped_at": 11, "dropped_by": "customer"}]},
        ("selected", "71", "69 to 73", "3.4", "2 to 4.8", "11", "% points")),
    "front.json": ("optimise", {
        "scenario": "A firm", "metrics": ["satisfaction", "cost_total"],
        "units": {"satisfaction": "points", "cost_total": "money"}, "vary": {}, "combinations": 4,
        "enumerated": True, "looked_at": 4, "first_replications": 10, "intervals_together": 3,
        "seed": 1, "budget": 0, "runs": 80, "stopped": "settled", "text": ["one design leads."],
        "front": ["customer; span 5"], "designs": [DESIGN, DESIGN | {
            "label": "beaten", "status": "dominated"}], "steps": [STEP]},
        ("customer; span 5", "customer; seven heads", "77.2", "76.5 to 78.0", "+2.0 (+1.0 to +3.0)",
         "+1,000 (-50 to +2,050)", "money per year; less is better")),
    "reorganisation.json": ("reorganise", {
        "scenario": "A firm", "first": "functional", "second": "customer", "metric": "profit",
        "at_month": 12.0, "seed": 1, "replications": 8, "arms": [ARM], "failures": [],
        "interrupted": False},
        ("50%", "7.25 (5 to 9.5)", "25 (7.1 to 59.1)", "11,000 (10,000 to 12,000)",
         "-3.1 (-5.0 to -1.2)", "% points", "money per month", "months, where it pays")),
    "diagnosis.json": ("diagnose", {
        "scenario": "A firm", "structure": "customer", "seed": 1, "replications": 8,
        "metrics": {"satisfaction": i(70.0, 69.0, 71.0)}, "unstable": False,
        "backlog": {"mean": 0.0, "low": 0.0, "high": 0.0, "weekly_arrivals": 10.0,
                    "overloaded_pools": []},
        "warning": "", "misfits": [MISFIT], "interrupted": False},
        ("70.0 (69.0 to 71.0)", "+1.5 (+0.5 to +2.5)", "1. one more head", "points, 0-100")),
}


@pytest.mark.parametrize("file", ANSWERS)
def test_an_answer_has_tables_with_units_and_intervals(file: str, tmp_path: Path) -> None:
    document, data, said = ANSWERS[file]
    jsonschema.validate(data, DOCUMENTS[document])
    made = KINDS[file].tables(data)
    assert made and all(len(row.cells) == len(t.columns) for t in made for row in t.rows)
    words = [cell for t in made for row in t.rows for cell in row.cells]
    words += [c.text for t in made for c in t.columns]
    for text in said:
        assert any(text in word for word in words), text
    assert "beaten" not in words
    (tmp_path / file).write_text(json.dumps(data))
    (tmp_path / KINDS[file].words).write_text("# A <b>firm</b>\n\neffort.\n\n- who leads is told.\n"
                                              "- more.\n\n## To paste\n\n```toml\nnot = 1\n```\n")
    page = api.write_report(tmp_path).read_text(encoding="utf-8")
    front, rest = page.split("</section>", 1)
    assert 'class="headline">Who leads is told.' in front and "<b>firm</b>" not in page
    assert front.count("<table>") == 1 and ("More." in rest)
    assert page.count("<table>") == len(made) and "not = 1" not in page


def test_tables_of_answers_are_bounded_and_say_so() -> None:
    data = ANSWERS["selection.json"][1]
    one = answer_tables.selection(data | {"structures": [STRUCTURE] * 40})[0]
    assert len(one.rows) == answer_tables.MOST_ROWS and one.notes == (
        "25 more rows are in the answer's data.",)
    empty: tuple[Table, ...] = answer_tables.selection(data | {"structures": []})
    assert empty == ()


@pytest.mark.parametrize("file", ANSWERS)
def test_a_broken_answer_is_one_clear_error(file: str, tmp_path: Path) -> None:
    from sim.errors import InputError

    broken = {k: v for k, v in ANSWERS[file][1].items()
              if k not in ("factors", "structures", "designs", "arms", "misfits")}
    (tmp_path / file).write_text(json.dumps(broken))
    with pytest.raises(InputError, match="cannot be read as an answer") as caught:
        api.write_report(tmp_path)
    assert file in str(caught.value)
