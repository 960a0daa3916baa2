"""The commands around sweeps, from the outside, with the product's own engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
import tomli_w
from click.testing import CliRunner

from sim.cli.main import cli
from sim.experiment.schemas import DOCUMENTS
from sim.sweep.design import designed
from sim.sweep.run import sweep
from tests.house.tree import ROOT
from tests.sweep.quick import PLAN as QUICK_PLAN
from tests.sweep.quick import Quick

PLAN = """
schema_version = 1
name = "small"
scenario = "family_firm"
structures = ["undivided", "customer"]
replications = {replications}
horizon = "4 weeks"
metrics = ["satisfaction", "cost_total"]
[set]
"time.warm_up" = "1 weeks"
"customers.count" = 60
[factors."needs.segment_share"]
levels = [0.1, 0.4]
"""


def orgsim(*words: str) -> Any:
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(PLAN.format(replications=3))
    return path


@pytest.mark.slow
def test_check_run_status_reproduce(plan: Path, tmp_path: Path) -> None:
    told = orgsim("sweep", "check", str(plan), "--json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    jsonschema.validate(found, DOCUMENTS["sweep-check"])
    assert found["runs"] == {"least": 12, "most": 12} and found["seconds"]["least"] > 0
    words = orgsim("sweep", "check", str(plan), "--no-trial").stdout
    assert "2 worlds x 2 structures x 3 replications = 12" in words and "time" not in words

    out = str(tmp_path / "out")
    told = orgsim("sweep", "run", str(plan), "--out", out, "--jobs", "1", "--json", "--quiet")
    assert told.exit_code == 0, told.output
    done = json.loads(told.stdout)
    jsonschema.validate(done, DOCUMENTS["sweep-run"])
    assert (done["stored"], done["new"], done["failed"]) == (12, 12, 0)
    again = orgsim("sweep", "run", str(plan), "--out", out)
    assert again.exit_code == 0
    assert "12 of 12 runs, 0 of them now" in " ".join(again.stdout.split())  # it may be folded

    told = orgsim("sweep", "status", out, "--json")
    jsonschema.validate(json.loads(told.stdout), DOCUMENTS["sweep-status"])
    assert json.loads(told.stdout)["finished"]
    frame = pd.read_parquet(Path(out) / "runs.parquet")
    told = orgsim("reproduce", out, "--run", frame["run_id"][7])
    assert told.exit_code == 0 and "identical" in told.stdout
    told = orgsim("reproduce", out, "--run", "nobody")
    assert told.exit_code == 2 and "there is no run 'nobody'" in told.stderr


@pytest.mark.parametrize(("error", "said"), [
    (ValueError("two\nlines"), "(ValueError: two)"), (MemoryError(), "(MemoryError)"),
    (KeyboardInterrupt(), "(interrupted)"),
])
def test_a_sweep_is_no_failure_because_its_answer_is(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str) -> None:
    """The runs are stored, and the closing answer breaks."""
    def breaks(*_: Any, **__: Any) -> None:
        raise error

    plan, out = tmp_path / "plan.toml", tmp_path / "out"
    plan.write_text(tomli_w.dumps(QUICK_PLAN))
    with ThreadPoolExecutor(1) as pool:
        sweep(designed(plan), out, jobs=1, executor=pool, engine=Quick())
    well = orgsim("sweep", "run", str(plan), "--out", str(out))
    assert well.exit_code == 0 and "on satisfaction" in well.stdout and "note" not in well.stderr
    monkeypatch.setattr("sim.api.sweeps.sweep_answer", breaks)
    told = orgsim("sweep", "run", str(plan), "--out", str(out))
    assert told.exit_code == 0 and "72 of 72 runs" in told.stdout, told.output
    assert said in told.stderr and f"orgsim sweep answer {out}" in told.stderr
    assert "Traceback" not in told.output and "on satisfaction" not in told.stdout
    told = orgsim("sweep", "run", str(plan), "--out", str(out), "--json", "--quiet")
    assert told.exit_code == 0 and json.loads(told.stdout)["text"] == []
    jsonschema.validate(json.loads(told.stdout), DOCUMENTS["sweep-run"])
    assert said in told.stderr


@pytest.mark.slow
def test_the_same_runs_as_run_says(plan: Path, tmp_path: Path) -> None:
    """A row of a sweep holds what `sim.run` gives for that world, structure and replication."""
    import sim

    out = tmp_path / "out"
    assert orgsim("sweep", "run", str(plan), "--out", str(out), "--quiet").exit_code == 0
    frame = pd.read_parquet(out / "runs.parquet")
    world = sim.load("family_firm", set={
        "time.horizon": "4 weeks", "time.warm_up": "1 weeks", "customers.count": 60,
        "needs.segment_share": 0.4})
    for structure in ("undivided", "customer"):
        made = sim.run(world, structure, replications=3)
        rows = frame[(frame["structure"] == structure) & (frame["needs.segment_share"] == 0.4)]
        for metric in ("satisfaction", "cost_total"):
            assert list(rows[metric]) == [r.metrics[metric]  # type: ignore[union-attr]
                                          for r in made.results]


@pytest.mark.slow
def test_interrupted_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(PLAN.format(replications=20_000))
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.cli.main", "sweep", "run", str(path), "--out", str(out)],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True)
    deadline = time.monotonic() + 240
    while not list(out.glob("parts/part-*")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    told, talk = process.communicate(timeout=120)
    assert process.returncode == 130, talk
    assert "what was finished is kept" in talk and "Traceback" not in talk
    assert "of 80,000 runs" in told


def test_bad_input_is_one_clear_error(plan: Path, tmp_path: Path) -> None:
    for words, said in (
        (["sweep", "run", "no_such_plan", "--out", "x"], "no shipped plan of this name"),
        (["sweep", "run", str(plan), "--out", str(tmp_path / "o"), "--shard", "3/2"], "K/N"),
        (["sweep", "status", str(tmp_path)], "is not a sweep's folder"),
        (["sweep", "merge", str(tmp_path), "--out", str(tmp_path / "o")], "sweep's folder"),
        (["reproduce", str(tmp_path), "--run", "a"], "is not a results folder"),
    ):
        told = orgsim(*words)
        assert told.exit_code == 2 and said in told.stderr, told.stderr
        assert "Traceback" not in told.output
        assert not (tmp_path / "o").exists()


def test_new_plan_and_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert orgsim("new", "--plan", "mine").stdout == "mine.toml\n"
    assert orgsim("new", "--plan", "mine").exit_code == 2
    assert orgsim("sweep", "check", "mine.toml", "--no-trial").exit_code == 0
    schema = json.loads(orgsim("schema", "plan").stdout)
    assert schema["title"] == "orgsim plan"
    assert json.loads(orgsim("schema").stdout)["title"] == "orgsim scenario"
