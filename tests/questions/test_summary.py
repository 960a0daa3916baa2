"""What a finished sweep says: folders made by hand, with means that the test knows."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.cli.main import cli
from sim.errors import InputError
from sim.experiment.schemas import DOCUMENTS
from sim.experiment.statistics import crossed_interval, mean_interval, mean_intervals
from sim.questions.curves import curves_of
from sim.questions.summary import Summary
from sim.questions.summary_words import region, sentences
from sim.store import parts
from tests.questions.handmade import Value, folder_of

SHARE, ACCURACY = "needs.segment_share", "labels.accuracy"
PAIR = ["functional", "customer"]
GRID: dict[str, Any] = {SHARE: {"levels": [0.1, 0.3, 0.5, 0.7]},
                        ACCURACY: {"levels": [0.4, 0.6, 0.8]}}


def orgsim(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def luck(replication: int) -> float:
    return (-1.0) ** replication


def leading(values: tuple[Any, ...], name: str, r: int, metric: str) -> float:
    """customer is 10 ahead from a share of 0.5 on, 10 behind below; luck is common to both."""
    base = {"satisfaction": 60.0, "cost_total": 1000.0}[metric]
    lead = 10.0 if values[0] >= 0.5 else -10.0
    return base + 2.0 * luck(r) + (lead if name == "customer" else 0.0)


def known(folder: Path, value: Value = leading, **plan: Any) -> Summary:
    folder_of(folder, {"structures": PAIR, "replications": 4, "metrics": ["satisfaction"],
                       "factors": GRID} | plan, value)
    return Summary(folder)


@settings(deadline=None)
@given(st.lists(st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3)), min_size=3, max_size=3),
                min_size=1, max_size=5), st.integers(1, 30))
def test_many_intervals_are_those_one_by_one(rows: list[list[float | None]], family: int) -> None:
    block = np.array([[np.nan if v is None else v for v in row] for row in rows])
    for k, found in enumerate(zip(*mean_intervals(block, family=family), strict=True)):
        one = mean_interval(rows[k], family=family)
        assert found[3] == one.n
        for value, wanted in zip(found, (one.mean, one.low, one.high), strict=False):
            assert np.isnan(value) if wanted is None else value == pytest.approx(
                wanted, rel=1e-9, abs=1e-9)


def test_an_interval_over_points_and_replications_covers_as_often_as_it_says() -> None:
    """Points, replications and cells drawn anew 1,500 times: the true mean, 0, lies in 95%."""
    draws = np.random.default_rng(5)
    hits = 0
    for _ in range(1500):
        y = (draws.normal(0, 2, (12, 1)) + draws.normal(0, 1.5, (1, 8))
             + draws.normal(0, 1, (12, 8)))
        i = crossed_interval(y)
        assert i.low is not None and i.high is not None
        hits += i.low <= 0.0 <= i.high
    assert 0.93 < hits / 1500 < 0.975


def test_known_means_make_known_sentences(tmp_path: Path) -> None:
    answer = known(tmp_path)
    told = sentences(answer)
    assert told[0] in ("on satisfaction functional leads at 6 of 12 points, customer at 6.",
                       "on satisfaction customer leads at 6 of 12 points, functional at 6.")
    assert ("customer leads where needs.segment_share is at least 0.5, ahead of the next best by "
            "10.0 points.") in told
    assert any(line.startswith("functional leads where needs.segment_share is at most 0.3")
               for line in told)
    for p in answer.points:
        f = p.findings["satisfaction"]
        ahead = 10.0 if p.values[0] >= 0.5 else -10.0
        d = f.difference("customer", "functional")
        assert (d.mean, d.low, d.high) == (ahead, ahead, ahead)  # luck is common: no width
        mean = f.means["functional"]
        # four values 62, 58, 62, 58: sd 2.309, t(3) = 3.182
        assert mean.mean == 60.0 and mean.half_width == pytest.approx(3.182446 * 2.309401 / 2)
    jsonschema.validate(json.loads(json.dumps(answer.to_json())), DOCUMENTS["sweep-answer"])


def test_less_is_better_where_it_is(tmp_path: Path) -> None:
    answer = known(tmp_path, metrics=["cost_total"])
    assert answer.metrics == ("cost_total",)
    assert region(answer, range(12)) == ""
    told = sentences(answer)
    assert not any("customer leads where needs.segment_share is at least" in t for t in told)
    folder_of(tmp_path / "far", {
        "structures": PAIR, "replications": 4, "metrics": ["cost_total"], "factors": GRID},
        lambda v, s, r, m: 1000.0 + luck(r) + 100.0 * (s == "customer"))
    assert sentences(Summary(tmp_path / "far"))[0] == (
        "on cost functional leads at all 12 points.")


def test_equal_and_open_points_are_told_apart(tmp_path: Path) -> None:
    """Differences: 0.2 surely (equal) at low shares; +-8 by own luck (open) at high ones."""
    def value(values: tuple[Any, ...], name: str, r: int, metric: str) -> float:
        own = 8.0 * luck(r) if values[0] >= 0.5 else 0.0
        return 60.0 + ((0.2 + own) if name == "customer" else 0.0)

    answer = known(tmp_path, value)
    assert {p.state("satisfaction") for p in answer.points if p.values[0] < 0.5} == {"equal"}
    assert {p.state("satisfaction") for p in answer.points if p.values[0] >= 0.5} == {"close"}
    told = " ".join(sentences(answer))
    assert "nobody surely leads at any of 12 points; practically equal at 6, too close" in told
    assert "practically equal where needs.segment_share is at most 0.3: customer and func" in told


def test_a_region_of_a_corner_and_all_but_a_corner(tmp_path: Path) -> None:
    def corner(values: tuple[Any, ...], name: str, r: int, metric: str) -> float:
        inside = values[0] >= 0.5 and values[1] == 0.8
        return 60.0 + luck(r) + (9.0 if (name == "customer") == inside else 0.0)

    told = sentences(known(tmp_path, corner))
    assert "functional leads at 10 of 12 points, customer at 2" in told[0]
    where = "where needs.segment_share is at least 0.5 and labels.accuracy is 0.8"
    assert any(t.startswith(f"functional leads everywhere but {where}, ahead") for t in told)
    assert any(t.startswith(f"customer leads {where}, ahead") for t in told)


def test_runs_without_numbers_are_counted_with_their_reasons(tmp_path: Path) -> None:
    def value(values: tuple[Any, ...], name: str, r: int, metric: str) -> Any:
        if values[0] == 0.1 and name == "customer":
            return "infeasible: nobody is there"
        if values[0] == 0.7 and r == 2:
            return "the roof fell in"
        return leading(values, name, r, metric)

    answer = known(tmp_path, value)
    assert (answer.counts.infeasible, answer.counts.failed) == (12, 6)
    told = " ".join(sentences(answer))
    assert "6 of 96 runs failed and are left out (" in told and "the roof fell in, 3" in told
    assert "12 of 96 runs are infeasible" in told and "nobody is there, 12" in told
    assert "only one structure has numbers at 3" in told
    gap = [p for p in answer.points if p.values[0] == 0.1]
    assert all(p.findings["satisfaction"].means["customer"].mean is None for p in gap)
    assert len(answer.rows(5, bad=True)) == 5
    curve = curves_of(answer, "satisfaction").panels[0]
    assert curve.at == (0.1, 0.3, 0.5, 0.7)
    assert curve.lines["customer"][0].mean is None and curve.lines["customer"][1].mean == 50.0


def test_a_table_read_in_pieces_is_the_table(tmp_path: Path) -> None:
    """Six hundred rows, some of them gone or failed, against the table read at once."""
    def value(values: tuple[Any, ...], name: str, r: int, metric: str) -> Any:
        mark = round(1000 * values[0]) + 7 * r + (name == "customer")
        return (None if mark % 11 == 0 else f"luck {mark % 5}" if mark % 13 == 0 else
                50.0 + mark / 10)

    answer = known(tmp_path, value, factors={SHARE: {"range": [0.1, 0.7]}},
                   sampler={"kind": "lhs", "points": 90})
    table = pq.read_table(tmp_path / "runs.parquet").to_pylist()
    shares = {row["world"]: row[SHARE] for row in table}
    point = {world: k for k, world in enumerate(shares)}
    assert len(table) > 2 * parts.GROUP and answer.values == [(v,) for v in shares.values()]
    block = np.full((len(point), 2, 4), np.nan)
    for row in table:
        block[point[row["world"]], PAIR.index(row["structure"]), row["replication"]] = (
            row["satisfaction"])
    np.testing.assert_array_equal(answer.blocks["satisfaction"], block)
    bad = [row for row in table if row["status"] == "failed"]
    assert answer.counts.failed == len(bad) > 20
    assert answer.counts.reasons == Counter(
        ("failed", row["structure"], row["message"]) for row in bad)
    assert [r["run_id"] for r in answer.rows(10**6, bad=True)] == [r["run_id"] for r in bad]
    few = answer.rows(9)
    by_id = {row["run_id"]: row for row in table}
    assert len(few) == 9 and all(r.items() <= by_id[r["run_id"]].items() for r in few)
    assert {r["replication"] for r in few} == {0}


def test_what_is_kept_of_a_point_is_what_is_found_there(tmp_path: Path) -> None:
    """Three structures, three hundred points (more than are judged at a time), chance and gaps."""
    draws = np.random.default_rng(3)
    answer = known(tmp_path, lambda v, s, r, m: None if draws.random() < 0.3 else
                   60.0 + 20.0 * v[0] * (s == "customer") + draws.normal(),
                   structures=[*PAIR, "undivided"], replications=3,
                   factors={SHARE: {"range": [0.1, 0.7]}}, sampler={"kind": "lhs", "points": 300})
    kept = answer.verdicts["satisfaction"]
    seen = set()
    for k, p in enumerate(answer.points):
        f, lead, state = p.findings["satisfaction"], p.lead("satisfaction"), p.state("satisfaction")
        seen.add(state)
        assert k in kept.where(state) and f == answer.points[k].findings["satisfaction"]
        assert (answer.structures[kept.best[k]] if kept.best[k] >= 0 else None) == f.best
        among = {s for s, told in zip(answer.structures, kept.among[k], strict=True) if told}
        assert among == {*f.ranking[:1], *p.rivals("satisfaction")}
        for value, wanted in ((kept.lead[k], lead and lead.mean),
                              (kept.half[k], lead and lead.half_width),
                              (kept.mean[k], f.best and f.means[f.best].mean)):
            assert np.isnan(value) if wanted is None else value == wanted
    assert {"leads", "close", "alone"} <= seen


def test_a_share_of_a_sweep_says_that_it_is_one(tmp_path: Path) -> None:
    whole = known(tmp_path / "a")
    assert not any("not finished" in t for t in sentences(whole))
    few = known(tmp_path / "b", lambda v, s, r, m: None if r == 3 else leading(v, s, r, m))
    assert "72 of at least 96 runs of the plan are there" in " ".join(sentences(few))
    half = known(tmp_path / "c", lambda v, s, r, m: None if v[0] > 0.4 else leading(v, s, r, m))
    assert "6 of 12 points of the plan hold no run" in " ".join(sentences(half))


def test_curves_of_a_grid_are_averaged_within_replications(tmp_path: Path) -> None:
    """A third factor moves everything by 0 or 20; luck alternates: the mean has luck's width."""
    def value(values: tuple[Any, ...], name: str, r: int, metric: str) -> float:
        return 40.0 + 100.0 * values[0] + (20.0 if values[2] == 2.0 else 0.0) + luck(r)

    answer = known(tmp_path, value, factors=GRID | {"work.spread": {"levels": [0.5, 2.0]}})
    curves = curves_of(answer, "satisfaction")
    assert len(curves.panels) == 3 and curves.averaged == (2,)
    for panel in curves.panels:
        assert panel.of is not None and panel.of[0] == 1 and panel.points == (2, 2, 2, 2)
        for x, i in zip(panel.at, panel.lines["customer"], strict=True):
            assert i.mean == pytest.approx(50.0 + 100.0 * x) and i.n == 4
            assert i.half_width == pytest.approx(mean_interval([1, -1, 1, -1]).half_width)


def test_curves_of_a_sample_come_in_few_bins(tmp_path: Path) -> None:
    answer = known(tmp_path, lambda v, s, r, m: 10.0 + 100.0 * v[0] + luck(r),
                   factors={SHARE: {"range": [0.1, 0.7]}, ACCURACY: {"range": [0.4, 0.8]}},
                   sampler={"kind": "lhs", "points": 64})
    first, second = curves_of(answer, "satisfaction").panels
    assert len(first.at) == 8 and first.points == (8,) * 8 and first.binned
    for x, i in zip(first.at, first.lines["customer"], strict=True):
        assert i.mean == pytest.approx(10.0 + 100.0 * x)  # linear: the mean of the bin's points
    flat = [i.mean for i in second.lines["customer"]]
    assert max(flat) - min(flat) < 30.0  # type: ignore[type-var,operator]
    assert first.lines["customer"][0].low is not None


def test_measures_of_the_verdict_first_else_the_first_kept(tmp_path: Path) -> None:
    plan = {"structures": PAIR, "replications": 2, "factors": GRID,
            "metrics": ["backlog", "errors_per_case"]}
    folder_of(tmp_path / "a", plan, lambda v, s, r, m: 1.0 + luck(r))
    assert Summary(tmp_path / "a").metrics == ("backlog",)
    assert Summary(tmp_path / "a", ["errors_per_case"]).metrics == ("errors_per_case",)
    with pytest.raises(InputError) as caught:
        Summary(tmp_path / "a", ["backlogg", "satisfaction"], ["customr"])
    assert len(caught.value.faults) == 3 and "did you mean backlog?" in str(caught.value)


@pytest.mark.parametrize(("plan", "said"), [
    ({"structures": ["customer"]}, "satisfaction under customer goes from"),
    ({"replications": 1}, "one replication of each run"),
    ({"factors": {}}, "the one point"),
    ({"factors": {"size": {"overlays": ["", "twelve-people"]}}}, "leads at all 2 points"),
])
def test_small_sweeps_have_words_and_curves(tmp_path: Path, plan: dict[str, Any],
                                            said: str) -> None:
    value: Value = lambda v, s, r, m: 50.0 + luck(r) + 9 * (s == "customer") + (  # noqa: E731
        20.0 * v[0] if v and not isinstance(v[0], str) else 0.0)
    answer = known(tmp_path, value, **plan)
    assert said in " ".join(sentences(answer))
    assert curves_of(answer, "satisfaction").panels


def test_no_run_has_numbers(tmp_path: Path) -> None:
    answer = known(tmp_path, lambda *_: "nothing works")
    assert answer.metrics == () and sentences(answer)[0] == "no run has numbers."
    assert "96 of 96 runs failed" in sentences(answer)[1]
    assert answer.to_json()["metrics"] == []


def silent(kept: dict[str, float]) -> Value:
    """Runs that go well and have a number of some measures alone; customer is ahead there."""
    return lambda v, s, r, m: kept[m] + (s == "customer") if m in kept else np.nan


@pytest.mark.parametrize(("metrics", "kept", "metric", "said"), [
    (["morale"], {}, None, "no run has a value of morale."),
    (["loyalty", "backlog"], {"backlog": 5.0}, "backlog", "no run has a value of loyalty."),
    (["loyalty", "satisfaction"], {"satisfaction": 50.0}, "satisfaction",
     "no run has a value of loyalty."),
    (["morale", "backlog"], {"backlog": 5.0}, "backlog", "no run has a value of morale."),
])
def test_a_measure_without_a_value_is_named(
        tmp_path: Path, metrics: list[str], kept: dict[str, float], metric: str | None,
        said: str) -> None:
    answer = known(tmp_path, silent(kept), metrics=metrics)
    assert answer.metrics == ((metric,) if metric else ())
    told = sentences(answer)
    assert said in told and "no run has numbers." not in told
    assert answer.counts.with_numbers == answer.counts.stored == 96
    assert orgsim("report", tmp_path).exit_code == 0


def test_what_is_the_same_everywhere_is_not_repeated(tmp_path: Path) -> None:
    """A factor of one level is part of no place; numbers have units, and are said once."""
    def value(values: tuple[Any, ...], name: str, r: int, metric: str) -> float:
        return 900.0 + 10.0 * (values[0] == 0.5) + 50.0 * (name == "customer")

    plan: dict[str, Any] = {"metrics": ["cost_total"], "factors": {
        SHARE: {"levels": [0.1, 0.5]}, ACCURACY: {"levels": [0.4]}}}
    assert sentences(known(tmp_path / "two", value, **plan)) == [
        "on cost functional leads at all 2 points.",
        "functional leads, ahead of the next best by 50 money per year."]
    one = known(tmp_path / "one", value, **plan, structures=["customer"])
    assert sentences(one) == [
        ("cost under customer goes from 950 money per year at needs.segment_share = 0.1 to "
         "960 money per year at needs.segment_share = 0.5.")]
    point = known(tmp_path / "point", value, metrics=["cost_total"],
                  factors={SHARE: {"levels": [0.1]}})
    assert sentences(point) == [
        "on cost functional leads at the one point.",
        "functional leads, ahead of the next best by 50 money per year."]
    open_point = known(tmp_path / "open", lambda v, s, r, m: 60.0 + 9.0 * luck(r) * (
        s == "customer"), factors={})
    assert sentences(open_point) == [
        "on satisfaction nobody surely leads at the one point; too close to call.",
        "too close to call: customer and functional."]


def test_the_command_answers(tmp_path: Path) -> None:
    known(tmp_path / "s")
    told = orgsim("sweep", "answer", tmp_path / "s")
    assert told.exit_code == 0, told.output
    assert "customer leads where needs.segment_share is at least 0.5" in " ".join(
        told.stdout.split())
    data = json.loads(orgsim("sweep", "answer", tmp_path / "s", "--json").stdout)
    jsonschema.validate(data, DOCUMENTS["sweep-answer"])
    assert data == json.loads(json.dumps(sim.sweep_answer(tmp_path / "s").to_json()))
    for words, said in (([tmp_path], "is not a sweep's folder"),
                        ([tmp_path / "s", "--metrics", "cost_total"], "is not in this sweep")):
        bad = orgsim("sweep", "answer", *words)
        assert bad.exit_code == 2 and said in bad.stderr and "Traceback" not in bad.output
    (tmp_path / "s" / "runs.parquet").unlink()
    assert "is not finished" in orgsim("sweep", "answer", tmp_path / "s").stderr


def test_a_lead_comes_with_its_interval(tmp_path: Path) -> None:
    """One point: the interval of `Point.lead`; several: the widest of theirs. Seen in the words."""
    def value(v: tuple[Any, ...], s: str, r: int, m: str) -> float:
        return 60.0 + (10.0 + 10.0 * v[0] + luck(r)) * (s == "customer")

    one = known(tmp_path / "one", value, factors={SHARE: {"levels": [0.2]}})
    lead = one.points[0].lead("satisfaction")
    assert lead is not None and lead.mean is not None
    assert sentences(one)[1] == (
        f"customer leads, ahead of the next best by {lead.mean:.1f} points (95% CI {lead.low:.1f} "
        f"to {lead.high:.1f}).")
    two = known(tmp_path / "two", value, factors={SHARE: {"levels": [0.2, 0.6]}})
    leads = [p.lead("satisfaction") for p in two.points]
    least, most = sorted(i.mean for i in leads if i is not None and i.mean is not None)
    widest = max(i.half_width or 0.0 for i in leads if i is not None)
    assert sentences(two)[1] == (
        f"customer leads, ahead of the next best by {least:.1f} to {most:.1f} points (95% CI of "
        f"each ±{widest:.1f} or less).")
