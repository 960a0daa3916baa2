"""A quick form of the register on the engine itself: what CI runs of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli.main import cli
from sim.experiment.theory import theory

pytestmark = pytest.mark.slow  # uncompiled, these runs take minutes

ROWS = ["C002", "C029", "C105", "pay-satisfaction", "labels-fit-functional", "slack-fit"]


def test_levers_act_and_controls_do_not() -> None:
    """Knowledge, labels, needs by product and segment; three levers that move nothing."""
    found = theory(only=ROWS, quick=True, jobs=2)
    assert {f.result for f in found.of("control")} == {"holds"}
    assert {f.id: f.result for f in found.of("experiment")}["segment-knowledge"] == "holds"
    assert not found.failures


def test_numbers_do_not_depend_on_jobs() -> None:
    one, two = (theory(only=["C042"], quick=True, jobs=jobs, patterns=False) for jobs in (1, 2))
    assert one.to_json() == two.to_json()


def test_the_command(tmp_path: Path) -> None:
    place = tmp_path / "found"
    told = CliRunner().invoke(cli, ["theory", "--only", "C003", "--quick", "--json", "--out",
                                    str(place)])
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    assert answer["rows"] == [{
        "id": "renamed-structure", "claims": ["C003"], "result": "holds", "effect": 0.0,
        "low": 0.0, "high": 0.0, "n": 4}]
    assert answer["counts"]["claims"]["holds"] == 1
    assert json.loads((place / "theory.json").read_text(encoding="utf-8")) == answer
    assert "renamed-structure" in (place / "theory.md").read_text(encoding="utf-8")


def test_the_table_names_result_and_claims() -> None:
    told = CliRunner().invoke(cli, ["theory", "--claims", "--only", "C003", "--quick"])
    assert told.exit_code == 0
    assert "renamed-structure" in told.stdout and "C003" in told.stdout
    assert "claims: 1 holds" in told.stdout
    assert "expected false passes" in told.stdout
