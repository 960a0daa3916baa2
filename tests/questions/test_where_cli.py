"""`orgsim map`, `tipping` and `sensitivity` with the real engine on a small firm, and bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from sim.cli.main import cli
from sim.experiment.schemas import DOCUMENTS

Orgsim = Callable[..., Result]
SMALL = ("family_firm", "--set", "customers.count=60", "--set", "time.warm_up=10 weeks",
         "--set", "time.horizon=10 weeks")


@pytest.fixture
def orgsim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Orgsim:
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


@pytest.mark.slow
def test_a_map_of_a_small_firm(orgsim: Orgsim, tmp_path: Path) -> None:
    words = ("map", *SMALL, "--x", "needs.segment_share=0:0.7", "--y", "labels.accuracy=0.35:1",
             "--grid", 2, "--depth", 1, "--replications", 2, "--structures", "functional,customer")
    told = orgsim(*words, "--json", "--out", "a")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    jsonschema.validate(answer, DOCUMENTS["map"])
    assert answer["runs"] == 2 * 2 * len(answer["points"])
    assert {p.name for p in (tmp_path / "a").iterdir()} == {
        "map.json", "map.csv", "map.md", "map.svg", "map.png"}
    assert json.loads((tmp_path / "a" / "map.json").read_text()) == answer
    told = orgsim(*words, "--jobs", 1)
    assert told.exit_code == 0 and "satisfaction over needs.segment_share" in told.stdout
    assert (tmp_path / "results" / "family-firm-map-1" / "map.json").read_text() == (
        tmp_path / "a" / "map.json").read_text()


def test_bad_input_of_a_map_is_one_error_with_every_fault(orgsim: Orgsim) -> None:
    told = orgsim("map", *SMALL, "--x", "needs.segment_shar=0:0.7", "--y", "labels.accuracy=1:0.3",
                  "--metric", "satisfction", "--structures", "functional,custmer")
    assert told.exit_code == 2 and told.stdout == "" and "Traceback" not in told.output
    for word in ("did you mean needs.segment_share", "not above its start",
                 "did you mean satisfaction",
                 "did you mean customer"):
        assert word in told.stderr


def test_a_folder_in_use_is_refused_before_anything_runs(orgsim: Orgsim, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    told = orgsim("map", *SMALL, "--x", "needs.segment_share", "--y", "labels.accuracy",
                  "--replications", 100_000, "--allow-large", "--out", "full")
    assert told.exit_code == 2 and "full" in told.stderr


@pytest.mark.slow
def test_tipping_points_of_a_small_firm(orgsim: Orgsim, tmp_path: Path) -> None:
    words = ("tipping", *SMALL, "functional", "undivided", "--keys",
             "knowledge.function_effect,work.spread,trust.tolerance", "--replications", 2,
             "--depth", 1)
    told = orgsim(*words, "--json", "--out", "a")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    jsonschema.validate(answer, DOCUMENTS["tipping"])
    assert [a["key"] for a in answer["assumptions"]][-1] == "trust.tolerance"  # switched off
    assert not answer["assumptions"][-1]["moves"]
    assert json.loads((tmp_path / "a" / "tipping.json").read_text()) == answer
    assert (tmp_path / "a" / "tipping.svg").exists()


def test_bad_input_of_tipping_is_one_error_with_every_fault(orgsim: Orgsim) -> None:
    told = orgsim("tipping", *SMALL, "functional", "custmer", "--keys",
                  "labels.acuracy,staff.heads,needs.segment_share=0.5:0.2,work.spread=2:3",
                  "--replications", 1)
    assert told.exit_code == 2 and told.stdout == "" and "Traceback" not in told.output
    for word in ("did you mean customer", "did you mean labels.accuracy",
                 "no documented plausible range",
                 "not above its start", "lies outside 2 to 3", "--replications"):
        assert word in told.stderr, word


@pytest.mark.slow
def test_sensitivity_of_a_small_firm(orgsim: Orgsim, tmp_path: Path) -> None:
    words = ("sensitivity", *SMALL, "--keys",
             "knowledge.function_effect,work.spread,labels.accuracy", "--samples", 16, "--most", 2,
             "--trajectories", 4, "--structures", "functional,undivided")
    told = orgsim(*words, "--json", "--out", "a")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    jsonschema.validate(answer, DOCUMENTS["sensitivity"])
    assert answer["factors"][-1]["name"] == "luck" and len(answer["screened"]) == 3
    assert json.loads((tmp_path / "a" / "sensitivity.json").read_text()) == answer
    assert (tmp_path / "a" / "sensitivity.svg").exists()


def test_bad_input_of_sensitivity_is_one_error_with_every_fault(orgsim: Orgsim) -> None:
    told = orgsim("sensitivity", *SMALL, "--keys", "work.sprad", "--samples", 100,
                  "--structures", "custmer")
    assert told.exit_code == 2 and told.stdout == "" and "Traceback" not in told.output
    for word in ("did you mean work.spread", "power of 2", "did you mean customer"):
        assert word in told.stderr, word
