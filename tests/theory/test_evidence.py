"""The page docs/evidence.md: every claim, its result, and what is said against it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema

from sim.experiment.schemas import THEORY
from sim.experiment.theory import register
from sim.report.evidence import page, settings

STORED = Path(__file__).resolve().parents[2] / "docs" / "evidence.json"


def stored() -> dict[str, object]:
    return json.loads(STORED.read_text(encoding="utf-8"))


def test_the_stored_answer_has_the_published_shape() -> None:
    jsonschema.validate(stored(), THEORY)


def test_every_claim_is_on_the_page_with_what_speaks_against_it() -> None:
    data = register()
    text = page(data, stored())
    for claim in data.claims.values():
        (line,) = [row for row in text.splitlines() if row.startswith(f"| {claim.id} ")]
        assert claim.claim.replace("|", "\\|") in line
        assert not claim.against or f"Against it: {claim.against}" in line
    for id in (*data.experiments, *data.facts, *data.patterns, *data.controls):
        assert id in text


def test_links_to_experiments_lead_somewhere() -> None:
    text = page(register(), stored())
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= set(
        re.findall(r"^#### (.+)$", text, re.MULTILINE))


def test_what_was_not_run_is_said() -> None:
    text = page(register(), {"rows": [], "counts": {}})
    assert "not run" in text and "**fails**" not in text


def test_a_failure_is_told_with_its_reason() -> None:
    data = register()
    row = {"id": "segments-response", "claims": ["C024"], "result": "fails", "effect": 4.0,
           "low": 3.0, "high": 5.0, "n": 12}
    failures = page(data, {"rows": [row]}).partition("## What fails")[2].partition("\n## ")[0]
    assert "segments-response" in failures and "4 (3 to 5)" in failures and "C024" in failures


def test_both_rules_stand_side_by_side() -> None:
    """A claim of two experiments, one of which ties, holds by the first rule alone."""
    data = register()
    claim = next(c for c in data.claims.values() if len(c.tests) == 2)
    rows = [{"id": test, "claims": [claim.id], "result": result, "effect": 1.0, "low": 0.5,
             "high": 1.5, "n": 12}
            for test, result in zip(claim.tests, ("holds", "tie"), strict=True)]
    (line,) = [row for row in page(data, {"rows": rows}).splitlines()
               if row.startswith(f"| {claim.id} ")]
    assert "| holds | tie |" in line


def test_settings_in_words() -> None:
    assert settings({"labels": {"accuracy": 0.5}, "structure": "customer"}) == (
        "`labels.accuracy` 0.5, `structure` customer")
    assert settings({"rewards": {"enabled": True}}) == "`rewards.enabled` on"
