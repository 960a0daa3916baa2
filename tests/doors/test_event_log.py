"""The event log: columns, order and types of process mining, and the same run as everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli.main import cli
from sim.engine.simulation import prepare, simulate

SMALL = {"customers.count": 80, "time.warm_up": "100 h", "time.horizon": "400 h"}
COLUMNS = ["case_id", "activity", "resource", "start_time", "end_time", "department", "customer",
           "arrival_time", "satisfaction"]


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return sim.event_log(sim.load("family_firm", set=SMALL), "functional")


def test_columns_order_and_types(log: pd.DataFrame) -> None:
    assert list(log.columns) == COLUMNS
    for name in ("case_id", "activity", "resource", "department"):
        assert pd.api.types.is_string_dtype(log[name]) or log[name].map(type).eq(str).all()
    for name in ("start_time", "end_time", "arrival_time", "satisfaction"):
        assert log[name].dtype == np.float64
    assert log["customer"].dtype == np.int64
    assert log["start_time"].is_monotonic_increasing
    assert (log["start_time"] >= 0).all()
    assert (log["end_time"] >= log["start_time"]).all()
    assert (log["start_time"] >= log["arrival_time"]).all()


def test_nobody_does_two_things_at_once(log: pd.DataFrame) -> None:
    """A resource is a person: their visits do not overlap."""
    for _, mine in log.groupby("resource"):
        assert (mine["start_time"].to_numpy()[1:] >= mine["end_time"].to_numpy()[:-1] - 1e-9).all()


def test_it_is_the_run_that_run_and_compare_make(log: pd.DataFrame) -> None:
    """Visits that began in the window are those its totals count."""
    world = sim.load("family_firm", set=SMALL)
    result = simulate(prepare(world, "functional"), 0)
    assert len(log) == pytest.approx(float(result.pools["visits"].sum()), abs=12)
    assert set(log["department"]) <= set(result.layout.units)
    names = set(world.functions)
    assert {word for text in log["activity"] for word in text.split(" + ")} <= names


def test_the_command_writes_it_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = [word for key, value in SMALL.items() for word in ("--set", f"{key}={value}")]
    for name, reader in (("log.csv", pd.read_csv), ("log.parquet", pd.read_parquet)):
        words = ["run", "family_firm", "--structure", "functional", "--replications", "2",
                 "--out", str(tmp_path / name.replace(".", "-")), "--event-log",
                 str(tmp_path / name), *settings]
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        assert ended.value.code == 0, capsys.readouterr().err
        assert list(reader(tmp_path / name).columns) == COLUMNS
        with pytest.raises(SystemExit) as ended:
            cli.main([*words, "--out", str(tmp_path / "again")])
        assert ended.value.code == 2
    assert "nothing is overwritten" in capsys.readouterr().err


def test_another_ending_is_refused_before_any_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "family_firm", "--structure", "functional", "--event-log",
                  str(tmp_path / "log.xlsx")])
    assert ended.value.code == 2
    assert ".csv or .parquet" in capsys.readouterr().err
