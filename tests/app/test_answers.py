"""What the page's server answers: the numbers of the command line, faults in its words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sim import api
from sim.app.link import MOST_CHARACTERS
from sim.app.worlds import LIMITS, Worlds
from sim.metrics.registry import VERDICT_METRICS
from sim.scenario.library import shipped, starter
from tests.app.world import CHANGES, SMALL, served

TOML = {"content-type": "application/toml"}


@pytest.fixture(scope="module")
def page() -> Iterator[httpx.Client]:
    with served() as address, httpx.Client(base_url=address, timeout=900) as client:
        yield client


@pytest.fixture(scope="module")
def small() -> Any:
    return api.load("family_firm", set=CHANGES)


def asked(page: httpx.Client, query: str) -> Any:
    answer = page.get(query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: httpx.Response, *words: str) -> None:
    """A fault in words, no traceback, no path of the machine."""
    assert answer.status_code == 400, answer.text
    text = "\n".join(f["text"] for f in answer.json()["faults"])
    for word in words:
        assert word in text
    assert "Traceback" not in text and str(Path.home()) not in text


# --- the same numbers as the command line --------------------------------------------------------


@pytest.mark.parametrize("replication", [0, 2])
def test_the_run_on_show_is_that_of_orgsim_run(page: httpx.Client, small: Any,
                                               replication: int) -> None:
    shown = asked(page, f"/api/run?{SMALL}&structures=functional,customer&seed=5"
                        f"&replication={replication}")
    for run in shown["runs"]:
        same = api.run(small, run["structure"], replications=replication + 1, seed=5)
        expected = same.results[replication].metrics
        for id, value in run["metrics"].items():
            assert value == expected[id]


def test_the_means_are_those_of_orgsim_compare(page: httpx.Client, small: Any) -> None:
    names = ["functional", "product", "customer"]
    answer = page.get(f"/api/compare?{SMALL}&structures={','.join(names)}&replications=6")
    pieces = [json.loads(line) for line in answer.text.splitlines()]
    assert [p["replications"] for p in pieces] == [4, 6]
    for piece in pieces:
        same = api.compare(small, names, replications=piece["replications"]).to_json()
        assert piece["verdict"] == same["verdict"]["text"]
        for id in VERDICT_METRICS:
            assert piece["measures"][id]["means"] == same["metrics"][id]
            for pair in piece["measures"][id]["pairs"]:
                forth = same["differences"][id].get(f"{pair['lead']} - {pair['other']}")
                back = same["differences"][id].get(f"{pair['other']} - {pair['lead']}")
                assert pair["mean"] == (forth["mean"] if forth else 0.0 - back["mean"])


def test_an_explanation_is_that_of_orgsim_explain(page: httpx.Client, small: Any) -> None:
    answer = page.get(f"/api/explain?{SMALL}&first=functional&second=customer&replications=2")
    pieces = [json.loads(line) for line in answer.text.splitlines()]
    assert pieces[-1]["explanation"] == api.explain(
        small, "functional", "customer", replications=2).to_json()
    assert all(p["done"] <= p["planned"] for p in pieces[:-1])


# --- before any run ------------------------------------------------------------------------------


def test_sliders_come_from_the_schema(page: httpx.Client, small: Any) -> None:
    schema = asked(page, f"/api/schema?{SMALL}")
    keys = {k["key"]: k for k in schema["keys"]}
    heads = keys["staff.heads"]
    assert (heads["value"], heads["default"], heads["unit"]) == (4, 6, "people")
    assert heads["low"] == 1 and heads["source"] and heads["label"]
    first = [k for k in schema["keys"] if k["layer"] == 1]
    assert 3 <= len(first) <= 5
    assert len(keys) > 300
    for k in schema["keys"]:
        if k["kind"] in ("number", "integer") and k["value"] is not None:
            assert k["slider"][0] <= k["value"] <= k["slider"][1], k["key"]
    assert any("staff.heads: 6 -> 4" in text for text in schema["changes"])


def test_a_structure_of_ones_own_is_charted_at_once(page: httpx.Client) -> None:
    own = "own=sell:product,make:product,deliver:product,service:product"
    chart = {c["name"]: c for c in asked(
        page, f"/api/chart?{SMALL}&structures=product,functional&{own}")["charts"]}
    assert chart["my-structure"]["handoffs"] == pytest.approx(chart["product"]["handoffs"])
    assert chart["functional"]["handoffs"] > chart["my-structure"]["handoffs"]
    assert sum(d["heads"] for d in chart["my-structure"]["departments"]) == 4
    run = asked(page, f"/api/run?{SMALL}&structures=product,my-structure&{own}")["runs"]
    assert run[0]["metrics"] == run[1]["metrics"]


def test_every_shipped_firm_can_be_opened(page: httpx.Client) -> None:
    world = asked(page, "/api/scenarios")
    names = [s["name"] for s in world["scenarios"]]
    assert set(names) == set(shipped())
    for name in names:
        assert asked(page, f"/api/schema?scenario={name}")["chosen"]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "words"), [
    ("set=staff.heds=3", ["staff.heds", "did you mean heads"]),
    ("set=staff.heads=lots&set=labels.accuracy=7", ["staff.heads", "labels.accuracy"]),
    ("structures=functionl", ["functionl", "did you mean functional"]),
    ("structures=functional,product,customer,undivided", ["at most 3"]),
    ("scenario=retail_bnk", ["did you mean retail_bank"]),
    ("scenario=../../etc/passwd", ["is none of"]),
    ("scenario=/etc/passwd", ["is none of"]),
    ("scenario=upload-000000000000", ["upload the file again"]),
    ("overlay=../secret.toml", ["is none of"]),
    ("overlay=twelve-peple", ["did you mean twelve-people"]),
    ("v=2", ["version"]),
    ("colour=red", ["is nothing a link can say"]),
    ("seed=-1", ["whole number"]),
    ("seed=1&seed=2", ["more than once"]),
    ("replication=1e9", ["whole number"]),
    ("own=mke:product", ["did you mean make"]),
    ("own=product", ["no FUNCTION:KEY"]),
    ("set=customers.count=100000000", ["customers.count"]),
    ("set=time.horizon=900+years", ["time.horizon"]),
    ("%ff=%fe", ["cannot be read"]),
    ("set=" + "x" * (MOST_CHARACTERS + 1), ["longer than 4,096 characters"]),
])
@pytest.mark.parametrize("route", ["run", "schema"])
def test_a_wrong_link_is_told_in_the_words_of_the_command_line(
    page: httpx.Client, query: str, words: list[str], route: str,
) -> None:
    refused(page.get(f"/api/{route}?{query}"), *words)


def test_faults_of_a_stream_are_its_last_line(page: httpx.Client) -> None:
    lines = page.get("/api/compare?scenario=family_firm&set=staff.heds=3").text.splitlines()
    assert "staff.heds" in json.loads(lines[-1])["faults"][0]["text"]


@pytest.mark.parametrize("path", [
    "/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2fserver.py",
    "/static//etc/passwd", "/api/nothing", "/..%2f..%2fetc/passwd"])
def test_paths_that_lead_elsewhere_find_nothing(page: httpx.Client, path: str) -> None:
    answer = page.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text and "root" not in answer.text


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "localhost.example"])
def test_another_name_for_this_machine_is_refused(page: httpx.Client, host: str) -> None:
    """A page elsewhere cannot reach this one by a name it controls (DNS rebinding)."""
    assert page.get("/api/scenarios", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("path", ["/", "/api/scenarios", "/static/app.js", "/api/run?v=9", "/none"])
def test_every_answer_carries_its_guard(page: httpx.Client, path: str) -> None:
    headers = page.get(path).headers
    assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_only_the_ways_meant_are_open(page: httpx.Client) -> None:
    assert page.post("/api/run").status_code == 405
    assert page.get("/api/upload").status_code == 405
    assert page.put("/api/upload", content=b"x").status_code == 405


# --- uploads and downloads -----------------------------------------------------------------------


def test_an_uploaded_firm_runs_and_comes_back(page: httpx.Client, small: Any) -> None:
    text = page.get(f"/api/download?{SMALL}&format=scenario")
    assert "attachment" in text.headers["content-disposition"]
    entry = page.post("/api/upload", content=text.content, headers=TOML).json()
    run = asked(page, f"/api/run?scenario={entry['name']}&structures=functional")
    same = api.run(small, "functional", replications=1)
    assert run["runs"][0]["metrics"]["satisfaction"] == same.metrics["satisfaction"].mean
    again = page.post("/api/upload", content=text.content, headers=TOML).json()
    assert again["name"] == entry["name"]


@pytest.mark.parametrize(("content", "words"), [
    (b"", ["is empty"]),
    (b"\x00\x01", ["binary"]),
    (b"\xff\xfeab", ["UTF-16"]),
    (b"name = ", ["no valid TOML"]),
    (b"a." * 5000 + b"b = 1", ["no valid TOML"]),
    (b"schema_version = 1\nname = 'X'\n[functions.a]\nwork_h = -1\n", ["functions.a.work_h"]),
    (b"schema_version = 1\nname = 'X'\nextra = 2\n[functions.a]\nwork_h = 1\n", ["extra"]),
])
def test_a_bad_upload_is_told_as_by_check(page: httpx.Client, content: bytes,
                                          words: list[str]) -> None:
    refused(page.post("/api/upload", content=content, headers=TOML), "uploaded file", *words)


def test_a_huge_upload_is_cut_off(page: httpx.Client) -> None:
    refused(page.post("/api/upload", content=b"# " + b"x" * (2 * LIMITS.file_bytes),
                      headers=TOML), "larger than")


def test_an_upload_must_say_what_it_is(page: httpx.Client) -> None:
    """A form of another page cannot send one: its kinds of content are others."""
    refused(page.post("/api/upload", data={"a": "b"}), "application/toml")


def test_a_script_in_a_name_stays_a_text(page: httpx.Client) -> None:
    name = "<script>alert(1)</script>"
    text = page.get(f"/api/download?{SMALL}&format=scenario").text
    content = text.replace('name = "Family firm"', f'name = "{name}"')
    entry = page.post("/api/upload", content=content, headers=TOML).json()
    assert entry["title"] == name
    answer = page.get(f"/api/schema?scenario={entry['name']}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["scenario"] == name
    assert "<" not in page.get(
        f"/api/download?scenario={entry['name']}&format=scenario").headers["content-disposition"]


def test_the_cases_come_as_an_event_log(page: httpx.Client) -> None:
    from io import StringIO

    import pandas as pd

    log = pd.read_csv(StringIO(page.get(
        f"/api/download?{SMALL}&structures=functional,customer&format=cases").text))
    assert {"case_id", "activity", "resource", "start_time", "end_time"} <= set(log.columns)
    assert set(log["structure"]) == {"functional", "customer"}
    assert (log["end_time"] >= log["start_time"]).all()
    assert (log["start_time"] >= log["arrival_time"] - 1e-9).all()
    one_at_a_time = log[log["end_time"] > log["start_time"]].sort_values(
        ["structure", "resource", "start_time"])
    before = one_at_a_time.groupby(["structure", "resource"])["end_time"].shift()
    assert (one_at_a_time["start_time"] >= before.fillna(-1e9) - 1e-3).all()


def test_the_comparison_can_be_taken_away(page: httpx.Client, small: Any) -> None:
    query = f"{SMALL}&structures=functional,customer&replications=3"
    found = page.get(f"/api/download?{query}&format=comparison").json()
    assert found == api.compare(small, ["functional", "customer"], replications=3).to_json()
    figure = page.get(f"/api/download?{query}&format=figure")
    assert figure.headers["content-type"] == "image/svg+xml" and b"<svg" in figure.content
    refused(page.get(f"/api/download?{query}&format=figures"), "did you mean figure")


def test_a_file_of_ones_own_is_opened_first(tmp_path: Path) -> None:
    own = tmp_path / "my_shop.toml"
    own.write_text(starter("My shop"), encoding="utf-8")
    worlds = Worlds(str(own))
    assert worlds.listed()[0]["name"] == "my_shop"
    assert worlds.listed()[0]["title"] == "My shop"
    assert [row["name"] for row in worlds.listed()].count("my_shop") == 1

