"""Results folders: round trip, safe names, whole files, the same bytes, honest comparison."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import math
import platform
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError, OutputExists, OutputFailed
from sim.metrics.registry import METRICS
from sim.records import Failure
from sim.store import Contents, layout, read, reproduce, reserve, write
from sim.store.files import FORMULA_STARTS, cell, put, to_json
from sim.store.frames import run_columns
from sim.store.manifest import commit_of
from tests.doors.fakes import SEGMENTS, STRUCTURES, comparison, result, results

TOML = 'schema_version = 1\nname = "A firm"\n'


def contents(**changes: object) -> Contents:
    """What a small comparison writes."""
    made = Contents(
        scenario_toml=TOML, scenario_name="A firm", segments=SEGMENTS, seed=1,
        request={"verb": "compare", "replications": 4}, results=tuple(results()),
        answer=comparison(), changes=("staff.heads: 5 -> 6 (--set)",),
    )
    return replace(made, **changes)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    stored = read(write(tmp_path, contents()))
    assert stored.structures == STRUCTURES
    assert stored.scenario_toml == TOML
    assert stored.answer == json.loads(json.dumps(comparison()))
    assert len(stored.runs) == 12 and (stored.runs["status"] == "ok").all()
    for run, row in zip(results(), stored.runs.to_dict("records"), strict=True):
        for metric, value in run.metrics.items():
            assert row[metric] == value or (value is None and math.isnan(row[metric]))


def test_runs_hold_exactly_keys_and_metrics_in_both_forms(tmp_path: Path) -> None:
    write(tmp_path, contents())
    expected = ["run_id", "world", "structure", "replication", "seed", "status", *METRICS]
    with (tmp_path / layout.RUNS_CSV).open(newline="") as file:
        rows = list(csv.DictReader(file))
    table = pq.read_table(tmp_path / layout.RUNS)
    assert list(rows[0]) == expected == table.column_names == [c.name for c in run_columns()]
    assert len({row["run_id"] for row in rows}) == len(rows) == table.num_rows
    for row, stored in zip(rows, table.to_pylist(), strict=True):
        assert row["abandonment"] == "" and stored["abandonment"] is None
        assert float(row["cost_total"]) == stored["cost_total"]


def test_series_cover_firm_segments_and_departments(tmp_path: Path) -> None:
    series = read(write(tmp_path, contents())).series
    one = series[(series["structure"] == "customer") & (series["replication"] == 2)]
    periods = 16  # three before measuring, its start, twelve after
    assert one.groupby("scope").size().to_dict() == {
        "firm": periods, "segment": 2 * periods, "department": 2 * periods}
    firm = one[one["scope"] == "firm"]
    assert firm["response_mean_h"].eq(12.0).all() and firm["utilisation"].eq(0.8).all()
    department = one[one["scope"] == "department"]
    assert set(department["name"]) == {"customer one", "customer two"}
    assert department["wait_mean_h"].eq(2.0).all() and department["satisfaction"].isna().all()
    assert set(one.loc[one["scope"] == "segment", "name"]) == set(SEGMENTS)


def test_every_column_has_a_unit_in_manifest_and_parquet(tmp_path: Path) -> None:
    stored = read(write(tmp_path, contents()))
    for name in (layout.RUNS, layout.SERIES):
        told = {c["name"]: c["unit"] for c in stored.manifest["files"][name]["columns"]}
        schema = pq.read_schema(tmp_path / name)
        assert schema.names == list(told)
        for field in schema:
            assert field.metadata[b"unit"].decode() == told[field.name] != ""
    assert stored.unit_of("satisfaction") == METRICS["satisfaction"].unit


def test_two_writings_differ_only_in_timing(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder, seconds in ((first, 1.0), (second, 2.0)):
        folder.mkdir()
        write(folder, contents(seconds=seconds, run_seconds=(seconds,) * 12))
    for path in first.iterdir():
        if path.name not in (layout.MANIFEST, layout.TIMINGS):
            assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    manifests = [json.loads((f / layout.MANIFEST).read_text()) for f in (first, second)]
    assert manifests[0].pop("timing") != manifests[1].pop("timing")
    assert manifests[0] == manifests[1]


def test_the_manifest_says_what_made_it(tmp_path: Path) -> None:
    manifest = read(write(tmp_path, contents())).manifest
    assert manifest["versions"]["numpy"] == np.__version__
    assert manifest["versions"]["commit"] == "0" * 40
    assert manifest["seeds"] == {"root": 1, "replications": [0, 1, 2, 3],
                                 "rule": manifest["seeds"]["rule"]}
    assert manifest["changes"] == ["staff.heads: 5 -> 6 (--set)"]
    for name, entry in manifest["files"].items():
        content = (tmp_path / name).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    told = json.dumps({k: v for k, v in manifest.items() if k != "timing"})
    assert platform.node() not in told or len(platform.node()) < 3
    assert str(tmp_path) not in told


def test_the_commit_is_that_of_the_checkout(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path), *words],
            capture_output=True, text=True, check=True).stdout.strip()

    assert commit_of(tmp_path) is None
    git("init", "-q")
    (tmp_path / "x").write_text("1")
    git("add", "x")
    git("commit", "-qm", "x")
    assert commit_of(tmp_path) == git("rev-parse", "HEAD")
    (tmp_path / "x").write_text("2")
    assert commit_of(tmp_path) == git("rev-parse", "HEAD") + "+changes"


def test_a_failed_run_is_a_row_without_numbers(tmp_path: Path) -> None:
    failure = Failure("customer", 4, "run", "ValueError", "=cmd()")
    stored = read(write(tmp_path, contents(results=(*results(), failure))))
    last = stored.runs.iloc[-1]
    assert last["status"] == "failed" and stored.runs.iloc[-1][list(METRICS)].isna().all()
    assert stored.manifest["runs"] == {"all": 13, "failed": 1}
    assert "'=cmd()" in (tmp_path / layout.FAILURES).read_text()


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_names_that_spreadsheets_would_run_are_made_text(tmp_path: Path, start: str) -> None:
    name = f"{start}HYPERLINK(0)"
    runs = (result(name, 0), result("plain", 0))
    write(tmp_path, contents(results=runs, answer=comparison(1, (name, "plain"))))
    for file in (layout.RUNS_CSV, layout.SUMMARY):
        with (tmp_path / file).open(newline="") as handle:
            cells = [row["structure"] for row in csv.DictReader(handle)]
        assert "'" + name in cells and name not in cells
    assert name in read(tmp_path).structures  # nothing is lost where nothing can be run


@given(st.text())
def test_no_text_cell_starts_a_formula(text: str) -> None:
    assert not cell(text).lstrip(" ").startswith(FORMULA_STARTS)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_a_csv_cell_exactly(number: float) -> None:
    assert float(cell(number)) == float(cell(np.float64(number))) == number


def test_json_never_holds_nan() -> None:
    text = to_json({"a": math.nan, "b": [math.inf, np.float64("nan")], "c": np.float64(1.5)})
    assert json.loads(text) == {"a": None, "b": [None, None], "c": 1.5}


def test_folders_are_numbered_and_never_reused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [reserve("retail_bank").name for _ in range(3)] == [
        "retail_bank-1", "retail_bank-2", "retail_bank-3"]
    Path("results/retail_bank-9").mkdir()
    assert reserve("retail_bank").name == "retail_bank-10"


@pytest.mark.parametrize("name", ["../../etc", "/tmp/x", "a\nb", "", "..", "x" * 300, "né/\0"])
def test_no_name_leads_out_of_the_results_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    made = reserve(name)
    assert made.resolve().parent == (tmp_path / "results").resolve()


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputExists, match="already holds"):
        reserve("x", tmp_path)
    with pytest.raises(OutputExists, match="is a file"):
        reserve("x", tmp_path / "notes.txt")
    assert reserve("x", tmp_path / "new" / "deep").is_dir()
    assert reserve("x", tmp_path / "new" / "deep").is_dir()  # still empty: accepted


def test_a_file_where_the_folder_should_be_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("results").write_text("in the way")
    with pytest.raises(OutputFailed, match="results") as told:
        reserve("x")
    assert "--out" in str(told.value)


def test_a_folder_one_may_not_write_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "mkdir", refused)
    for out in (None, "x"):
        with pytest.raises(OutputFailed, match="Permission denied"):
            reserve("x", out)


def test_a_full_disk_is_one_clear_error_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputFailed, match="No space left"):
        put(tmp_path / "x.csv", b"abc")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_of_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / layout.SCENARIO).mkdir()
    with pytest.raises(OutputFailed, match=layout.SCENARIO):
        write(tmp_path, contents())
    assert [p.name for p in tmp_path.iterdir()] == [layout.SCENARIO]


def test_an_old_file_stays_whole_when_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "x", b"old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(5, "broken")))
    with pytest.raises(OutputFailed):
        put(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"


def test_reading_names_every_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read(tmp_path / "none")
    with pytest.raises(InputError, match="not a results folder"):
        read(tmp_path)
    write(tmp_path, contents())
    (tmp_path / layout.RUNS).write_bytes(b"not parquet")
    (tmp_path / layout.SERIES).unlink()
    (tmp_path / layout.ANSWER["compare"]).write_text("{")
    with pytest.raises(InputError) as told:
        read(tmp_path)
    assert len(told.value.faults) == 3


def test_a_manifest_of_another_format_is_refused(tmp_path: Path) -> None:
    write(tmp_path, contents())
    manifest = json.loads((tmp_path / layout.MANIFEST).read_text())
    (tmp_path / layout.MANIFEST).write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(InputError, match="99"):
        read(tmp_path)
    (tmp_path / layout.MANIFEST).write_text("[]")
    with pytest.raises(InputError, match="not a manifest"):
        read(tmp_path)


def test_reproducing_says_identical(tmp_path: Path) -> None:
    write(tmp_path, contents())
    again = reproduce(tmp_path, lambda _: contents())
    assert again.outcome == "identical" and again.same and again.largest == 0
    assert again.versions == () and again.altered == ()


def _nudged(factor: float) -> Contents:
    """The same results, one number of one run multiplied."""
    runs = results()
    values = dict(runs[5].metrics)
    values["fit"] = values["fit"] * factor  # type: ignore[operator]
    runs[5] = replace(runs[5], metrics=values)
    return contents(results=tuple(runs))


def test_reproducing_says_equal_within_rounding(tmp_path: Path) -> None:
    write(tmp_path, contents())
    again = reproduce(tmp_path, lambda _: _nudged(1 + 1e-12))
    assert again.outcome == "equal" and again.same and 0 < again.largest < 1e-11


def test_reproducing_names_the_first_difference(tmp_path: Path) -> None:
    write(tmp_path, contents())
    again = reproduce(tmp_path, lambda _: _nudged(1 + 1e-6))
    assert again.outcome == "different" and not again.same
    assert "structure product" in again.first_difference
    assert "replication 1" in again.first_difference and "fit" in again.first_difference
    fewer = reproduce(tmp_path, lambda _: contents(results=tuple(results(3))))
    assert "12 rows, now 9" in fewer.first_difference


@pytest.mark.parametrize(("then", "now"), [(1.5, None), (None, 1.5)])
def test_a_number_that_comes_or_goes_is_a_difference(
    tmp_path: Path, then: float | None, now: float | None
) -> None:
    def with_fit(value: float | None) -> Contents:
        runs = results()
        runs[5] = replace(runs[5], metrics=dict(runs[5].metrics) | {"fit": value})
        return contents(results=tuple(runs))

    write(tmp_path, with_fit(then))
    again = reproduce(tmp_path, lambda _: with_fit(now))
    assert again.outcome == "different" and "fit" in again.first_difference


def test_reproducing_sees_a_series_that_changed(tmp_path: Path) -> None:
    write(tmp_path, contents())
    runs = results()
    runs[0].series["totals"]["open"][7] += 1
    again = reproduce(tmp_path, lambda _: contents(results=tuple(runs)))
    assert again.outcome == "different"
    assert "series.parquet" in again.first_difference and "backlog" in again.first_difference


def test_reproducing_says_which_versions_differ(tmp_path: Path) -> None:
    write(tmp_path, contents())
    path = tmp_path / layout.MANIFEST
    manifest = json.loads(path.read_text())
    manifest["versions"]["numpy"] = "1.0.0"
    path.write_text(json.dumps(manifest))
    again = reproduce(tmp_path, lambda _: contents())
    assert len(again.versions) == 1 and "numpy: then 1.0.0, now" in again.versions[0]


def test_a_file_changed_by_hand_is_named(tmp_path: Path) -> None:
    write(tmp_path, contents())
    text = (tmp_path / layout.RUNS_CSV).read_text()
    (tmp_path / layout.RUNS_CSV).write_text(text.replace("ok", "OK", 1))
    assert reproduce(tmp_path, lambda _: contents()).altered == (layout.RUNS_CSV,)


def test_parquet_is_plain_for_other_readers(tmp_path: Path) -> None:
    write(tmp_path, contents())
    frame = pd.read_parquet(tmp_path / layout.RUNS)
    assert frame["replication"].dtype == np.int64 and frame["satisfaction"].dtype == np.float64


def test_one_run_is_told_as_one() -> None:
    from sim.store.reproduce import Reproduction

    one, many = (Reproduction("identical", 0.0, "", (), runs=n).sentence for n in (1, 3))
    assert one == "identical: the run gave the same numbers to the last bit"
    assert many == "identical: all 3 runs gave the same numbers to the last bit"
