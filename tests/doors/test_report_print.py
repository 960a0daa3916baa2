"""The report on paper: printed to A4 by a browser, no row and no figure is cut."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from sim.store import layout
from tests.doors.fakes import STRUCTURES
from tests.doors.test_report import folder

pytestmark = pytest.mark.slow
MM = 72 / 25.4
PAGE = (14 * MM, 13 * MM, (210 - 14) * MM, (297 - 12) * MM)
"""What @page leaves of A4 inside its margins: left, bottom, right, top in points."""
SLACK = 1.5
"""Points by which a browser rounds a page and a border."""
MARK = """(selector) => {
  const found = [...document.querySelectorAll(selector)];
  found.forEach((node, i) => {
    const mark = document.createElement("a");
    mark.href = `https://whole.invalid/${node.tagName.toLowerCase()}-${i}`;
    mark.style.cssText = "position:absolute;inset:0";
    node.style.position = "relative";
    (node.tagName === "TR" ? node.lastElementChild : node).append(mark);
  });
  return found.length;
}"""
"""Lays a link over everything that must stay whole; a PDF says where each link lies, in as many
parts as it was cut into."""
LINK = re.compile(rb"/Rect \[([-\d. ]+)\][^>]*?/URI \(https://whole\.invalid/(\w+-\d+)\)",
                  re.DOTALL)
MANY = tuple(f"structure-number-{i}-with-a-name-that-is-long" for i in range(9))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no chromium: apt-get install it")
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=found, headless=True,
                                    args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture(scope="module", params=[STRUCTURES, MANY], ids=["three", "nine long names"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = folder(tmp_path_factory.mktemp("print"), request.param) / layout.REPORT
    return place


def printed(browser: Browser, report: Path,
            style: str = "") -> tuple[int, list[tuple[str, list[float]]]]:
    """How many rows and figures the page has, and where in print each part of them lies, points."""
    page = browser.new_page()
    page.goto(report.as_uri())
    page.evaluate("(text) => { const s = document.createElement('style'); s.textContent = text; "
                  "document.head.append(s); }", style)
    count = page.evaluate(MARK, "tbody tr, figure")
    content = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    return count, [(name.decode(), [float(x) for x in box.split()])
                   for box, name in LINK.findall(content)]


def test_no_row_and_no_figure_is_cut(browser: Browser, report: Path) -> None:
    count, parts = printed(browser, report)
    assert count > 60
    pieces = Counter(name for name, _ in parts)
    assert len(pieces) == count
    assert {name: n for name, n in pieces.items() if n > 1} == {}
    for name, (left, bottom, right, top) in parts:
        inside = (left >= PAGE[0] - SLACK and bottom >= PAGE[1] - SLACK
                  and right <= PAGE[2] + SLACK and top <= PAGE[3] + SLACK)
        assert inside, (name, left, bottom, right, top)


def test_a_cut_row_or_figure_is_noticed(browser: Browser, report: Path) -> None:
    """The same page without its rules for breaks, with rows of several lines."""
    _, parts = printed(browser, report, "@media print { tr, figure, .whole, .keep { "
                       "break-inside: auto !important } td::after { content: "
                       r"'1\A 2\A 3\A 4\A 5'; white-space: pre; display: block } }")
    pieces = Counter(name for name, _ in parts)
    assert [name for name, n in pieces.items() if n > 1]


def test_every_part_of_a_cell_is_on_the_paper(browser: Browser, report: Path) -> None:
    """At the width of the paper nothing is wider than its box: no word leaves its cell."""
    page = browser.new_page(viewport={"width": round((210 - 28) / 25.4 * 96), "height": 1000})
    page.emulate_media(media="print")
    page.goto(report.as_uri())
    wide = page.evaluate("""() => [...document.querySelectorAll("td, th, caption, p, li, h1, h2, "
      + "h3, figcaption")].filter((n) => n.scrollWidth > n.clientWidth + 1 && n.clientWidth)
      .map((n) => n.textContent.slice(0, 60))""")
    page.close()
    assert wide == []
