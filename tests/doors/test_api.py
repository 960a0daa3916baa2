"""The Python interface: light to import, complete, and the same numbers as the command line."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import sim
from sim.cli.main import cli
from sim.errors import InputError, LimitExceeded, OutputExists
from tests.doors.fakes import Engine

STRUCTURES = ("functional", "customer")


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, results out of a table, no figures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.report.publish.draw", lambda _: {})
    monkeypatch.setattr("sim.experiment.replications.default_engine", Engine)


def test_importing_sim_loads_nothing_heavy() -> None:
    code = (
        "import sys, sim; dir(sim)\n"
        "heavy = {'numpy', 'pandas', 'numba', 'mesa', 'matplotlib', 'pydantic', 'click', 'rich'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sim.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert name in dir(sim)
    thing = getattr(sim, name)
    assert name == "__version__" or inspect.getdoc(thing)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = sim.nothing  # type: ignore[attr-defined]


def test_load_takes_settings_and_overlays() -> None:
    world = sim.load("family_firm", overlays=["four-times"], set={"staff.heads": 21})
    assert world.staff.heads == 21 and world.customers.count == 1000
    assert sim.load(world, set={"seed": 5}).seed == 5
    with pytest.raises(InputError) as told:
        sim.load("family_firm", set={"staff.hedas": 1, "staff.span": -1})
    assert len(told.value.faults) == 2
    with pytest.raises(LimitExceeded):
        sim.load("family_firm", set={"customers.count": 9_000_000})
    assert sim.load("family_firm", set={"customers.count": 9_000_000}, limits=None)


def test_weights_of_the_scenario_are_checked_on_loading() -> None:
    with pytest.raises(InputError, match="loyalti"):
        sim.load("family_firm", set={"objective.weights.loyalti": 1.0})


def test_answers_hold_pandas_tables() -> None:
    answer = sim.compare("family_firm", STRUCTURES, replications=3)
    for table in (answer.table, answer.differences_table, answer.people_table,
                  answer.segments_table, answer.staffing_table):
        assert isinstance(table, pd.DataFrame) and len(table)
    one = sim.run("family_firm", "customer", replications=3)
    for table in (one.table, one.segments_table, one.departments_table):
        assert isinstance(table, pd.DataFrame) and len(table)


def test_python_and_the_command_line_give_the_same_numbers() -> None:
    answer = sim.compare("family_firm", STRUCTURES, replications=3, seed=4)
    told = CliRunner().invoke(cli, [
        "compare", "family_firm", "--structures", ",".join(STRUCTURES), "--replications", "3",
        "--seed", "4", "--json"])
    assert json.loads(told.stdout) == json.loads(json.dumps(answer.to_json()))


def test_save_read_reproduce() -> None:
    answer = sim.compare("family_firm", STRUCTURES, replications=2)
    folder = sim.save(answer)
    assert folder == Path("results/family-firm-1")
    stored = sim.read(folder)
    assert stored.structures == STRUCTURES and len(stored.runs) == 4
    assert sim.reproduce(folder).outcome == "identical"
    with pytest.raises(OutputExists):
        sim.save(answer, folder)
    single = sim.save(sim.run("family_firm", "customer", replications=2), "one")
    assert sim.read(single).comparison["structures"] == ["customer"]
    assert sim.reproduce(single).same


def test_one_row_of_a_folder_is_made_again_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = sim.save(sim.compare("family_firm", STRUCTURES, replications=3, heads=9))
    rows = sim.read(folder).runs
    row = rows[(rows["structure"] == "customer") & (rows["replication"] == 2)].iloc[0]
    made: list[Engine] = []

    def watched() -> Engine:
        made.append(Engine())
        return made[-1]

    monkeypatch.setattr("sim.experiment.replications.default_engine", watched)
    again = sim.reproduce_run(folder, row["run_id"])
    assert again.outcome == "identical" and again.runs == 1
    assert made[0].calls == [("customer", 2)]
    told = CliRunner().invoke(cli, ["reproduce", str(folder), "--run", row["run_id"]])
    assert told.exit_code == 0 and "identical: the run gave the same numbers" in told.stdout
    for name in ("nobody", row["run_id"][:-1] + "7"):
        told = CliRunner().invoke(cli, ["reproduce", str(folder), "--run", name])
        assert told.exit_code == 2 and f"there is no run '{name}'" in told.stderr


def test_one_row_that_differs_is_told_with_both_values(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = sim.save(sim.run("family_firm", "customer", replications=2))
    first = sim.read(folder).runs.iloc[0]
    from tests.doors import fakes

    result = fakes.result
    monkeypatch.setattr("tests.doors.fakes.result",
                        lambda name, r: result(name, r, shift=1e-3 if r == 0 else 0.0))
    told = CliRunner().invoke(cli, ["reproduce", str(folder), "--run", first["run_id"]])
    assert told.exit_code == 1 and "different: runs.parquet" in told.stdout
    assert "customer, replication 0" in " ".join(told.stdout.split())
    second = sim.read(folder).runs.iloc[1]["run_id"]
    assert sim.reproduce_run(folder, second).outcome == "identical"


def test_other_heads_are_reproduced_with_those_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = sim.compare("family_firm", STRUCTURES, replications=2, heads=9)
    stored = sim.read(sim.save(answer))
    assert stored.manifest["request"]["heads"] == {"functional": 9, "customer": 9}
    asked: list[int | None] = []

    class Watched(Engine):
        def prepare(self, *names: Any, heads: int | None = None, **more: Any) -> Any:
            asked.append(heads)
            return super().prepare(*names, heads=heads, **more)

    monkeypatch.setattr("sim.experiment.replications.default_engine", Watched)
    assert sim.reproduce(stored.folder).same and asked == [9, 9]


def test_the_work_of_all_runs_together_is_limited() -> None:
    with pytest.raises(LimitExceeded, match="allow-large"):
        sim.compare("retail_bank", replications=100_000)
