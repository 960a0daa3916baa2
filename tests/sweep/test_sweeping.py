"""A sweep from plan to tables: what is in them, and that nothing is done twice or lost."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.experiment.statistics import paired_interval
from sim.store.frames import RUN_KEYS
from sim.sweep.design import designed
from sim.sweep.merge import merge
from sim.sweep.run import Outcome, sweep
from sim.sweep.status import status
from sim.sweep.stopping import enough
from tests.sweep.quick import PLAN, Quick, number

TABLES = ("runs.parquet", "failures.csv")


def do(folder: Path, plan: dict[str, Any] | None = None, engine: Quick | None = None,
       **more: Any) -> Outcome:
    """Run a plan in this process."""
    with ThreadPoolExecutor(2) as pool:
        return sweep(designed(plan or PLAN), folder, jobs=2, executor=pool,
                     engine=engine or Quick(), **more)


def runs(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "runs.parquet")


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "runs.parquet").read_bytes()).hexdigest()


def changed(**keys: Any) -> dict[str, Any]:
    return PLAN | keys


def test_every_combination_once_in_order(tmp_path: Path) -> None:
    """points x structures x replications rows; factors and metrics belong to their run."""
    done = do(tmp_path)
    frame = runs(tmp_path)
    assert done.planned == done.stored == len(frame) == 3 * 2 * 3 * 4
    asked = itertools.product([0.1, 0.3, 0.5], [0.05, 0.08], PLAN["structures"], range(4))
    found = zip(frame["needs.segment_share"], frame["market.churn_max"], frame["structure"],
                frame["replication"], strict=True)
    assert list(found) == list(asked)
    assert frame["run_id"].is_unique
    assert frame["world"].nunique() == 6
    for row in frame.itertuples():
        share, churn = frame.loc[row.Index, ["needs.segment_share", "market.churn_max"]]
        world = (float(share), float(churn), 6, 2080.0, row.structure)
        assert row.satisfaction == number(*world, "satisfaction") + (
            number(*world, row.replication, 1, "satisfaction") - 0.5)
    assert frame["abandonment"].isna().all()
    assert (frame["status"] == "ok").all() and (frame["seed"] == 1).all()
    assert list(frame["unstable"]) == [r == 3 for r in frame["replication"]]


def test_columns_are_tidy_and_have_units(tmp_path: Path) -> None:
    do(tmp_path)
    schema = pq.read_schema(tmp_path / "runs.parquet")
    keys = [column.name for column in RUN_KEYS]
    assert schema.names[:len(keys)] == keys
    assert schema.names[len(keys):len(keys) + 2] == list(PLAN["factors"])
    assert schema.names[len(keys) + 2:len(keys) + 6] == PLAN["metrics"]
    for name in schema.names:
        assert schema.field(name).metadata[b"meaning"]
    assert schema.field("market.churn_max").metadata[b"unit"]
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    told = manifest["files"]["runs.parquet"]
    assert [c["name"] for c in told["columns"]] == schema.names
    assert told["sha256"] == digest(tmp_path)
    assert manifest["runs"] == {"all": 72, "failed": 0, "infeasible": 0}
    times = pd.read_parquet(tmp_path / "timings.parquet")
    assert list(times["run_id"]) == list(runs(tmp_path)["run_id"])
    assert (times["seconds"] >= 0).all() and times["host"].notna().all()


def test_again_does_nothing(tmp_path: Path) -> None:
    do(tmp_path)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.parquet")}
    done = do(tmp_path, engine=Quick(broken=(("customer", 0),)))
    assert done.new == 0 and done.stored == 72
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.parquet")} == before


@pytest.mark.parametrize(("plan", "new"), [
    (changed(replications=6), 6 * 3 * 2),
    (changed(structures=["undivided", "functional", "customer", "product"]), 6 * 4),
    (changed(structures=["product", "customer", "functional", "undivided"]), 6 * 4),
    (changed(factors=PLAN["factors"] | {"needs.segment_share": {
        "levels": [0.05, 0.1, 0.3, 0.5]}}), 2 * 3 * 4),
    (changed(factors={"staff.heads": {"levels": [7, 6]}} | PLAN["factors"]), 72),
    (changed(factors=PLAN["factors"] | {"size": {"overlays": ["thirty-people", ""]}}), 72),
], ids=["replications", "structures", "structures in another order", "levels", "a factor",
        "overlays"])
def test_more_recomputes_nothing_and_is_as_if_asked_at_once(
    tmp_path: Path, plan: dict[str, Any], new: int
) -> None:
    do(tmp_path / "grown")
    grown = do(tmp_path / "grown", plan)
    assert grown.new == new and grown.remarks
    at_once = do(tmp_path / "once", plan)
    assert at_once.stored == grown.stored == 72 + new
    assert digest(tmp_path / "grown") == digest(tmp_path / "once")


@pytest.mark.parametrize(("plan", "key", "said"), [
    (changed(replications=3), "replications", "was 4, now 3"),
    (changed(seed=2), "seed", "was 1, now 2"),
    (changed(structures=["undivided", "functional"]), "structures", "customer"),
    (changed(metrics=["satisfaction"]), "metrics", "loyalty"),
    (changed(series=True), "series", "was false, now true"),
    (changed(horizon="2 years"), "horizon", "now \"4160.0 h\""),
    (changed(factors=PLAN["factors"] | {"needs.segment_share": {"levels": [0.1, 0.3]}}),
     "factors.needs.segment_share.levels", "[0.1, 0.3, 0.5]"),
    (changed(factors=PLAN["factors"] | {"staff.heads": {"levels": [7, 8]}}),
     "factors.staff.heads.levels", "now [7, 8]"),
    (changed(set={"staff.heads": 9}), "scenario: staff.heads", "was 6, now 9"),
    (changed(scenario="clinic_network"), "scenario: customers.count", "was 250"),
])
def test_another_plan_is_refused_by_the_key(
    tmp_path: Path, plan: dict[str, Any], key: str, said: str
) -> None:
    do(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(InputError) as refused:
        do(tmp_path, plan)
    faults = {fault.key: str(fault) for fault in refused.value.faults}
    assert key in faults, faults
    assert said in faults[key]
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_another_model_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(tmp_path)
    for module in ("worlds", "design"):
        monkeypatch.setattr(f"sim.sweep.{module}.MODEL_VERSION", 99)
    with pytest.raises(InputError, match=r"model version: was \d+, now 99"):
        do(tmp_path)


def test_a_title_may_change(tmp_path: Path) -> None:
    do(tmp_path)
    assert do(tmp_path, changed(name="another title", summary="and a summary")).new == 0


def test_failures_are_rows_and_can_be_retried(tmp_path: Path) -> None:
    sick = Quick(broken=(("functional", 2), ("customer", -1)), impossible=("undivided",))
    done = do(tmp_path / "a", engine=sick)
    assert (done.stored, done.infeasible, done.failed) == (72, 24, 24 + 6)
    frame = runs(tmp_path / "a")
    by = frame.groupby(["structure", "status"]).size().to_dict()
    assert by == {("customer", "failed"): 24, ("functional", "failed"): 6,
                  ("functional", "ok"): 18, ("undivided", "infeasible"): 24}
    bad = frame[frame["status"] == "failed"]
    assert set(zip(bad["structure"], bad["stage"], bad["type"], strict=True)) == {
        ("functional", "run", "ValueError"), ("customer", "prepare", "ZeroDivisionError")}
    assert bad["satisfaction"].isna().all()
    assert set(frame.loc[frame["status"] == "infeasible", "message"]) == {"too few people"}
    listed = pd.read_csv(tmp_path / "a" / "failures.csv")
    assert len(listed) == 54 and "a queue ran over" in listed["message"].str.cat()

    one = str(bad["run_id"].iloc[0])
    done = do(tmp_path / "a", engine=Quick(impossible=("undivided",)), retry=[one])
    assert (done.new, done.failed) == (1, 29)
    done = do(tmp_path / "a", engine=Quick(impossible=("undivided",)), retry_failed=True)
    assert (done.new, done.failed) == (29, 0)
    well = do(tmp_path / "b", engine=Quick(impossible=("undivided",)))
    assert well.failed == 0 and digest(tmp_path / "a") == digest(tmp_path / "b")
    assert (tmp_path / "a" / "failures.csv").read_bytes() == (
        tmp_path / "b" / "failures.csv").read_bytes()


def test_only_failed_runs_can_be_retried(tmp_path: Path) -> None:
    do(tmp_path)
    with pytest.raises(InputError, match=r"--retry: there is no failed run 'abc' \(no run has"):
        do(tmp_path, retry=["abc"])


def test_a_world_that_makes_no_sense_is_a_failed_run(tmp_path: Path) -> None:
    """Shares that do not sum to 1 are seen when the world is made; the others go on."""
    plan = changed(factors={"segments.firms.share": {"levels": [0.15, 0.5]}})
    do(tmp_path, plan)
    frame = runs(tmp_path)
    assert set(zip(frame["segments.firms.share"], frame["status"], strict=True)) == {
        (0.15, "ok"), (0.5, "failed")}
    assert set(frame.loc[frame["status"] == "failed", "stage"]) == {"scenario"}


@settings(max_examples=6, deadline=None)
@given(shards=st.integers(1, 7), points=st.integers(1, 3), replications=st.integers(1, 5))
def test_shards_make_the_same_table(
    tmp_path_factory: pytest.TempPathFactory, shards: int, points: int, replications: int
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    plan = changed(replications=replications,
                   factors={"needs.segment_share": {"levels": [0.1, 0.3, 0.5][:points]}})
    whole = do(folder / "whole", plan)
    places = [folder / f"shard {k}" for k in range(1, shards + 1)]
    parts = [do(place, plan, shard=(k, shards)) for k, place in enumerate(places, 1)]
    assert sum(part.new for part in parts) == whole.new
    assert [part.left for part in parts] == [0] * shards
    merged = merge(places[::-1], folder / "merged")
    assert merged.stored == whole.stored and merged.left == 0
    assert digest(folder / "merged") == digest(folder / "whole")
    assert do(folder / "merged", plan).new == 0


def test_merging_is_for_one_sweep_and_can_be_repeated(tmp_path: Path) -> None:
    do(tmp_path / "a", shard=(1, 2))
    do(tmp_path / "b", changed(seed=3), shard=(2, 2))
    with pytest.raises(InputError, match="seed: was 3, now 1"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "c")
    first = merge([tmp_path / "a"], tmp_path / "d")
    assert (first.stored, first.left) == (36, 36)
    again = merge([tmp_path / "a"], tmp_path / "d")
    assert (again.stored, again.new) == (36, 0)
    assert do(tmp_path / "d").new == 36
    do(tmp_path / "whole")
    assert digest(tmp_path / "d") == digest(tmp_path / "whole")


def test_series_and_csv(tmp_path: Path) -> None:
    engine = Quick(series=True)
    plan = changed(series=True, replications=2)
    done = do(tmp_path / "a", plan, engine, csv=True)
    series = pd.read_parquet(tmp_path / "a" / "series.parquet")
    frame = runs(tmp_path / "a")
    assert list(dict.fromkeys(series["run_id"])) == list(frame["run_id"])
    assert set(series["scope"]) >= {"firm", "segment", "department"}
    assert (series.groupby("run_id")["structure"].first().to_dict()
            == frame.set_index("run_id")["structure"].to_dict())
    text = pd.read_csv(tmp_path / "a" / "runs.csv")
    assert len(text) == done.stored
    assert list(text["cost_total"]) == list(frame["cost_total"])
    for k in (1, 2):
        do(tmp_path / f"s{k}", plan, engine, shard=(k, 2))
    merge([tmp_path / "s1", tmp_path / "s2"], tmp_path / "b")
    assert ((tmp_path / "a" / "series.parquet").read_bytes()
            == (tmp_path / "b" / "series.parquet").read_bytes())


PRECISE = changed(precision={"metrics": {"satisfaction": 0.2, "cost_total": "20%"}, "minimum": 5,
                             "maximum": 60})


def test_precision_grows_every_world_until_it_is_content(tmp_path: Path) -> None:
    """As many replications in all structures of a world; then every pair is narrow enough."""
    done = do(tmp_path, PRECISE, Quick(spread=0.5))
    frame = runs(tmp_path)
    assert done.left == 0
    lengths = set()
    for world, few in frame.groupby("world"):
        wide = few.pivot_table(index="replication", columns="structure", values="satisfaction")
        assert not wide.isna().to_numpy().any() and 5 <= len(wide) <= 60
        lengths.add(len(wide))
        for a, b in itertools.combinations(wide.columns, 2):
            interval = paired_interval(list(wide[a]), list(wide[b]))
            assert interval.half_width is not None
            assert interval.half_width <= 0.2 or len(wide) == 60, world
    assert len(lengths) > 1
    assert do(tmp_path, PRECISE, Quick(spread=0.5)).new == 0


@settings(max_examples=4, deadline=None)
@given(left_out=st.sets(st.integers(0, 400), max_size=60))
def test_precision_says_the_same_after_any_interruption(
    tmp_path_factory: pytest.TempPathFactory, left_out: set[int]
) -> None:
    """Some stored runs are taken away: what is run again makes the same table."""
    folder = tmp_path_factory.mktemp("precision")
    engine = Quick(spread=0.5)
    do(folder / "a", PRECISE, engine)
    before = digest(folder / "a")
    lose(folder / "a", left_out)
    do(folder / "a", PRECISE, engine)
    assert digest(folder / "a") == before


def lose(folder: Path, rows: set[int]) -> None:
    """Take runs out of the parts, by their position over all parts."""
    position = 0
    for path in sorted((folder / "parts").glob("*.parquet")):
        table = pq.read_table(path)
        keep = [i not in rows for i in range(position, position + table.num_rows)]
        position += table.num_rows
        if not all(keep):
            pq.write_table(table.filter(keep), path)
    (folder / "manifest.json").unlink()


@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_the_rule_does_not_look_ahead(data: st.DataObject) -> None:
    """What it says depends on the replications before its answer only."""
    rule = designed(PRECISE).rule
    assert rule is not None
    values = st.floats(0, 1, allow_nan=False)
    rows = {name: [{"satisfaction": data.draw(values), "cost_total": data.draw(values) + 1}
                   for _ in range(12)] for name in "ab"}
    wanted = enough(rule, rows)
    assert rule.minimum <= wanted <= rule.maximum
    if wanted <= 12:
        shorter: dict[str, Any] = {name: few[:wanted] for name, few in rows.items()}
        assert enough(rule, shorter) == wanted


def test_status_of_what_is_there(tmp_path: Path) -> None:
    do(tmp_path, shard=(1, 2), engine=Quick(broken=(("customer", 2),)))
    found = status(tmp_path)
    assert (found.planned, found.done, found.left, found.writer) == (72, 36, 36, None)
    assert found.failed == len(found.failures) == 6
    assert found.failures[0][1:] == ("run", "a queue ran over,\nand more")
    with pytest.raises(InputError, match="is not a sweep's folder"):
        status(tmp_path / "parts")


def test_progress_counts_up_to_what_was_planned(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    tick: Callable[[int, int, str], None] = lambda a, b, _: told.append((a, b))  # noqa: E731
    do(tmp_path, progress=tick)
    assert told == sorted(told) and told[-1] == (72, 72)
