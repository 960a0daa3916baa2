"""The report of a sweep: page one answers, tables are bounded, names have no power."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from sim.cli.main import cli
from sim.report import style
from tests.questions.handmade import folder_of

SHARE, ACCURACY = "needs.segment_share", "labels.accuracy"
PLAN: dict[str, Any] = {
    "structures": ["functional", "customer"], "replications": 3,
    "metrics": ["satisfaction", "cost_total"],
    "factors": {SHARE: {"levels": [0.1, 0.3, 0.5]}, ACCURACY: {"levels": [0.4, 0.8]}}}


def value(values: tuple[Any, ...], name: str, r: int, metric: str) -> Any:
    """customer is 8 ahead (cheaper by 80) where the share is 0.5, 8 behind elsewhere."""
    lead = (8.0 if values[0] == 0.5 else -8.0) * (name == "customer")
    return 60.0 + lead + 0.1 * r if metric == "satisfaction" else 1e6 - 1e4 * lead + r


def orgsim(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


class Page(HTMLParser):
    """Headings, tags and table rows of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.sections: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "section":
            self.sections.append([])
        elif self.sections:
            self.sections[-1].append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def page_of(folder: Path) -> Page:
    told = orgsim("report", folder)
    assert told.exit_code == 0, told.output
    return Page(Path(told.stdout.strip()).read_text(encoding="utf-8"))


def test_page_one_answers_and_each_heading_has_one_figure(tmp_path: Path) -> None:
    folder_of(tmp_path / "s", PLAN, value)
    page = page_of(tmp_path / "s")
    words = " ".join(page.text.split())
    assert "On satisfaction functional leads at 4 of 6 points, customer at 2." in words
    assert "Customer leads where needs.segment_share is 0.5, ahead of the next best by 8.0" in words
    assert "On cost functional leads at 4 of 6 points, customer at 2" in words
    assert all(section.count("figure") <= 1 for section in page.sections)
    assert page.sections[0].count("figure") == 1 and page.sections[0].count("table") == 2
    assert page.tags.count("figure") == 2  # one per measure; the first stands on page one
    assert "+8.0 to +8.0" in words and "points, 0-100" in words and "money per year" in words
    for name in ("sweep-satisfaction", "sweep-cost_total"):
        for kind in ("svg", "png"):
            assert (tmp_path / "s" / "figures" / f"{name}.{kind}").stat().st_size > 1000


@given(st.lists(st.floats(-1e3, 1e3), max_size=8).map(sorted), st.floats(0.0, 50.0))
def test_names_are_pushed_apart(places: list[float], gap: float) -> None:
    """As far apart as asked, in the same order, none above the top; what has room stays."""
    found = style.apart(places, gap, 1000.0)
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(found))
    assert max(found, default=0.0) <= 1000.0 + 1e-6
    roomy = all(b - a >= gap for a, b in pairwise(places))
    assert not roomy or found == pytest.approx(places)


def test_twice_the_same_bytes_and_nothing_overwritten(tmp_path: Path) -> None:
    folder_of(tmp_path / "s", PLAN, value)
    first, second = (Path(orgsim("report", tmp_path / "s").stdout.strip()) for _ in range(2))
    assert first.name == "report.html" and second.name == "report-2.html"
    assert first.read_bytes() == second.read_bytes()


def test_names_and_messages_have_no_power(tmp_path: Path) -> None:
    bad = "<script>alert('x')</script> | `code` _a_"
    plan = PLAN | {"name": bad, "summary": bad, "factors": {
        SHARE: {"levels": [0.1, 0.5]}, "<img src=x>": {"overlays": ["", "twelve-people"]}}}
    folder_of(tmp_path / "s", plan, lambda v, s, r, m: bad if r == 2 and v[0] == 0.5
              else value(v, s, r, m))
    page = page_of(tmp_path / "s")
    assert "script" not in page.tags and "alert('x')" in page.text
    assert "img" not in page.tags and "<img src=x>" in page.text
    text = Path(orgsim("report", tmp_path / "s", "--format", "markdown").stdout.strip()).read_text()
    assert "<script" not in text and "<img" not in text
    told = orgsim("sweep", "answer", tmp_path / "s")
    assert told.exit_code == 0, told.output


def test_runs_without_numbers_stand_there_by_name(tmp_path: Path) -> None:
    def broken(values: tuple[Any, ...], name: str, r: int, metric: str) -> Any:
        if name == "customer" and values[0] == 0.1:
            return "infeasible: nobody is there"
        return "out of luck" if r == 1 and values == (0.3, 0.8) else value(values, name, r, metric)

    design = folder_of(tmp_path / "s", PLAN, broken, lambda v, s: s == "functional" and v[0] == 0.5)
    page = page_of(tmp_path / "s")
    words = " ".join(page.text.split())
    assert "2 of 36 runs failed and are left out" in words and "out of luck" in words
    assert "6 of 36 runs are infeasible" in words
    assert "In 6 of 36 runs the backlog grew" in words
    ids = {design.run_id(i) for i in range(design.runs)}
    told = set(re.findall(r"\b[0-9a-f]{20}\b", page.text))
    assert told <= ids and len(told) >= 8 + 6  # those without numbers, and others to make again
    markdown = Path(orgsim("report", tmp_path / "s", "--format", "markdown").stdout.strip())
    assert any("out of luck" in line and "failed" in line
               for line in markdown.read_text(encoding="utf-8").splitlines())


def test_a_large_sweep_has_a_small_report(tmp_path: Path) -> None:
    plan = PLAN | {"replications": 2, "factors": {
        SHARE: {"range": [0.1, 0.7]}, ACCURACY: {"range": [0.4, 0.8]}},
        "sampler": {"kind": "lhs", "points": 1500}}
    folder_of(tmp_path / "s", plan, lambda v, s, r, m: "luck" if v[0] < 0.2 and s == "customer"
              else value(v, s, r, m))
    page = page_of(tmp_path / "s")
    assert page.tags.count("tr") < 450
    assert (tmp_path / "s" / "report.html").stat().st_size < 1_500_000
    words = " ".join(page.text.split())
    assert "60 of 1,500 points, evenly spread; runs.parquet holds all" in words
    assert "40 of 6,000 runs" in words and "20 of 5" in words


def test_other_answers_join_and_strangers_are_refused(tmp_path: Path) -> None:
    folder_of(tmp_path / "s", PLAN, lambda v, s, r, m: value(v, s, r, m) + 0.3 * (-1) ** r * (
        s == "customer"))
    told = orgsim("tipping", tmp_path / "s", "functional", "customer", "--keys", SHARE, "--out",
                  tmp_path / "s" / "tipping", "--quiet")
    assert told.exit_code == 0, told.output
    assert "change places" in page_of(tmp_path / "s").text
    (tmp_path / "s" / "runs.parquet").rename(tmp_path / "runs")
    told = orgsim("report", tmp_path / "s")
    assert told.exit_code == 2 and "is not finished" in told.stderr
    (tmp_path / "s" / "runs.parquet").write_bytes(b"no table")
    told = orgsim("report", tmp_path / "s")
    assert told.exit_code == 2 and "cannot be read" in told.stderr
    told = orgsim("report", tmp_path / "s", "--customer", "1")
    assert told.exit_code == 2 and "--customer" in told.stderr


@pytest.mark.parametrize("plan", [
    {"structures": ["customer"]}, {"replications": 1}, {"factors": {}},
    {"factors": {"size": {"overlays": ["", "twelve-people"]}}},
    {"factors": {SHARE: {"range": [0.1, 0.5], "steps": 40}}},
    {"factors": {"handoffs.latency_h": {"range": [0.1, 4.0], "scale": "log"}}},
    {"sampler": {"kind": "saltelli", "points": 4},
     "factors": {k: {"range": [0.1, 0.5]} for k in (SHARE, "labels.accuracy")}},
    {"sampler": {"kind": "morris", "trajectories": 2},
     "factors": {k: {"range": [0.1, 0.5]} for k in (SHARE, "labels.accuracy", "work.spread")}},
])
def test_odd_sweeps_have_a_report(tmp_path: Path, plan: dict[str, Any]) -> None:
    folder_of(tmp_path / "s", PLAN | {"metrics": ["satisfaction"]} | plan,
              lambda v, s, r, m: 50.0 + r + 9 * (s == "customer"))
    assert page_of(tmp_path / "s").tags.count("figure") == 1


def test_a_sweep_without_any_number_says_so(tmp_path: Path) -> None:
    folder_of(tmp_path / "s", PLAN, lambda *_: "nothing works")
    assert "No run has numbers." in page_of(tmp_path / "s").text
