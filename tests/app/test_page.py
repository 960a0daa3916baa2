"""The page in a real browser: what a learner does, and what must hold while they do it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from sim import api
from sim.app.phrases import measures
from tests.app.world import CHANGES, PATIENCE_MS, SMALL, served, until

pytestmark = pytest.mark.slow
WIDE = {"width": 1280, "height": 720}
PHONE = {"width": 360, "height": 640}
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as place:
        yield place


@pytest.fixture
def show(browser: Browser, address: str) -> Iterator[Open]:
    """Opens pages; in the end nothing may have gone wrong unseen, or elsewhere."""
    troubles: list[str] = []
    contexts = []

    def opened(query: str = f"?{SMALL}&structures=functional,customer", *,
               viewport: Any = WIDE, place: str = address, calm: bool = False) -> Page:
        context = browser.new_context(
            viewport=viewport, reduced_motion="reduce" if calm else "no-preference")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("console", lambda line: troubles.append(line.text) if line.type == "error"
                and "status of 400" not in line.text else None)
        page.on("request", lambda request: None if request.url.startswith((place, "blob:"))
                else troubles.append(f"asked elsewhere: {request.url}"))
        # What is cancelled by a newer question is no failure.
        page.on("requestfailed", lambda request: None if "ERR_ABORTED" in str(request.failure)
                else troubles.append(f"failed: {request.url} {request.failure}"))
        page.goto(place + "/" + query)
        until(page, "globalThis.orgsim?.recording || !document.querySelector('#fault').hidden")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def skipped(page: Page) -> Page:
    page.get_by_role("button", name="Skip").click()
    return page


def finished(page: Page) -> Page:
    """Until all background replications are in."""
    until(page, "orgsim.found && orgsim.found.replications === orgsim.found.target")
    return page


def hours(page: Page) -> float:
    return float(page.evaluate("orgsim.player.t"))


# --- predict, play, reveal -----------------------------------------------------------------------


def test_a_learner_predicts_plays_and_sees_the_outcome(show: Open) -> None:
    page = show()
    assert page.locator(".panel").count() == 2
    play = page.get_by_role("button", name="Play", exact=False).last
    play.click()  # not before a prediction
    assert hours(page) == 0
    finished(page)
    assert page.locator(".tile .number").all_inner_texts() == ["?"] * 4
    page.get_by_label("Place 1").select_option("customer")
    assert page.get_by_label("Place 2").input_value() == "functional"
    page.get_by_label("By how many points").fill("8")
    page.get_by_role("button", name="Commit and play").click()
    until(page, "orgsim.player.t > 1")
    expect(page.locator("#lead")).to_contain_text("customer ahead by 8 points")
    assert page.locator(".tile .number").first.inner_text() == "?"
    page.get_by_label("Speed").select_option("16")
    page.evaluate("orgsim.player.t = orgsim.player.shown - 30")
    page.locator(".way").wait_for()
    expect(page.locator(".way")).to_have_attribute(
        "aria-label", re.compile("You said customer ahead of functional by 8 points; it is"))
    assert page.locator(".tile .number").first.inner_text() != "?"


def test_one_of_a_thing_is_told_as_one(show: Open) -> None:
    page = skipped(show())
    told = page.evaluate("""() => {
      const panel = orgsim.player.panels[0];
      return [1, 2, 1].map((n) => {
        panel.rec.counts = () => ({ handed: n, open: n, left: n });
        orgsim.player.tell(panel, 0);
        return panel.counts.map((b) => b.parentElement.textContent).join(", ");
      });
    }""")
    one, two = "1 hand-off, 1 open case, 1 left", "2 hand-offs, 2 open cases, 2 left"
    assert told == [one, two, one]


def test_playing_stepping_scrubbing(show: Open) -> None:
    page = skipped(show())
    page.get_by_role("button", name="Step a day").click()
    assert hours(page) == 8
    expect(page.locator("#clock")).to_have_text("Week 1, Tue 09:00")
    slider = page.get_by_label("Time", exact=True)
    slider.fill("400")
    assert hours(page) == 400
    before = page.locator(".counters").first.inner_text()
    page.get_by_role("button", name="Reset").click()
    assert hours(page) == 0 and page.locator(".counters").first.inner_text() != before
    slider.fill("400")
    assert page.locator(".counters").first.inner_text() == before
    play = page.locator("button.play")
    play.click()
    until(page, "orgsim.player.t > 402")
    play.click()
    stands = hours(page)
    page.wait_for_timeout(200)
    assert hours(page) == stands


def test_a_customer_and_a_department_are_followed_in_every_panel(show: Open) -> None:
    page = skipped(show())
    page.get_by_label("Time", exact=True).fill("500")
    page.get_by_label("Follow").select_option("c:7")
    told = page.locator(".about").inner_text()
    assert told.startswith("Customer 7") and "functional:" in told and "customer:" in told
    page.get_by_label("Follow").select_option("r:make")
    assert "no such department" in page.locator(".about").inner_text()
    box = page.locator(".panel canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 12, box["y"] + 12)
    assert page.get_by_label("Follow").input_value() == "r:sell"


# --- the numbers are those of the command line ---------------------------------------------------


def test_the_page_shows_the_numbers_of_compare(show: Open) -> None:
    page = finished(skipped(show()))
    answer = api.compare(api.load("family_firm", set=CHANGES), ["functional", "customer"])
    for tile, found in zip(page.locator(".tile").all(), measures(answer).values(), strict=True):
        (pair,) = found["pairs"]
        text = tile.inner_text()
        assert pair["text"] in text and pair["interval"] in text
        assert (pair["call"] in text) or pair["sure"]
    page.get_by_role("button", name="Why?").click()
    for line in answer.verdict.text[:3]:
        expect(page.locator("#why")).to_contain_text(line[1:])


def test_the_last_count_of_handoffs_is_that_of_the_cases(show: Open) -> None:
    """Hand-offs of cases that closed are no more than those seen, open ones account for the rest.
    """
    page = skipped(show())
    page.get_by_role("slider", name="Time").fill(str(page.evaluate("orgsim.player.shown")))
    run = api.run(api.load("family_firm", set=CHANGES), "functional", replications=1)
    result = run.results[0]
    closed, per_case = result.totals["closed"], run.metrics["handoffs_per_case"].mean
    seen = int(page.locator(".counters b").first.inner_text().replace(",", ""))
    assert abs(seen - closed * per_case) < 60


# --- changing the firm ---------------------------------------------------------------------------


def test_a_slider_changes_the_firm_the_link_and_nothing_else(show: Open) -> None:
    page = skipped(show("?scenario=family_firm&structures=functional,product"))
    page.get_by_role("button", name="Change the firm").click()
    page.locator("#staff-heads").fill("9")
    assert page.locator("#setup .control[data-key='staff.heads'] .value").input_value() == "9"
    expect(page.locator("#what-changed")).to_have_text("Changed: staff.heads: 6 → 9.",
                                                       timeout=PATIENCE_MS)
    assert "set=staff.heads%3D9" in page.url
    expect(page.locator(".control.changed label")).to_contain_text("changed")
    until(page, "orgsim.recording.runs[0].people.start.length === 9")
    page.locator("#reset-setup").click()
    until(page, "orgsim.recording.runs[0].people.start.length === 6")
    assert "set=" not in page.url
    page.get_by_text("Search all").click()
    page.get_by_label("Search").fill("forget")
    expect(page.locator("#found-knowledge-forget_h")).to_be_visible()


def test_a_wrong_value_is_told_beside_its_control(show: Open) -> None:
    page = skipped(show())
    page.get_by_role("button", name="Change the firm").click()
    page.locator("#setup .control[data-key='labels.accuracy'] .value").fill("7")
    page.keyboard.press("Tab")
    fault = page.locator(".control[data-key='labels.accuracy'] .fault-text")
    expect(fault).to_contain_text("from 0 to 1")
    expect(page.locator("#fault")).to_contain_text("labels.accuracy")
    assert page.locator(".panel").count() == 2  # what was on show stays


def test_a_structure_is_edited_and_put_on_show(show: Open) -> None:
    page = skipped(show())
    page.get_by_role("button", name="Structures").click()
    table = page.locator("#editor table")
    table.wait_for()
    before = table.inner_text()
    for function in ("sell", "make", "deliver", "service"):
        page.locator(f"#key-{function}").select_option("product")
    expect(table.locator("th", has_text="my-structure")).to_be_visible()
    expect(page.locator(".boxes")).to_contain_text("kitchens")
    assert table.inner_text() != before
    page.locator("#use-own").click()
    until(page, "orgsim.recording.runs.some((r) => r.structure === 'my-structure')")
    assert page.locator(".panel").count() == 3
    assert "own=" in page.url


def test_a_lesson_is_played_step_by_step(show: Open) -> None:
    page = show("")
    page.locator("#scenario").select_option("lesson:handoff")
    until(page, "orgsim.schema?.chosen.length === 3 && orgsim.recording.runs.length === 3")
    skipped(page)
    steps = page.locator("#lesson .steps button")
    assert steps.count() == 3 and steps.first.get_attribute("aria-pressed") == "true"
    steps.nth(1).click()
    until(page, "orgsim.schema.keys.find((k) => k.key === 'handoffs.latency_h').value === 8")
    expect(steps.nth(1)).to_have_attribute("aria-pressed", "true")
    assert "lesson=handoff" in page.url
    page.get_by_role("button", name="Change the firm").click()
    first = page.locator("#setup > .control").first
    assert first.get_attribute("data-key") == "handoffs.latency_h"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Question and notes").click()
    expect(page.locator("#about")).to_contain_text("How many points of satisfaction")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Leave the lesson").click()
    until(page, "orgsim.settings.lesson === '' && orgsim.settings.set.size === 0")


# --- links, files --------------------------------------------------------------------------------


def test_a_link_carries_everything_and_an_old_one_keeps_working(show: Open) -> None:
    link = (f"?v=1&{SMALL}&structures=product,functional&seed=4&replication=1"
            "&set=labels.accuracy%3D0.9")
    first, second = skipped(show(link)), skipped(show(link))
    for page in (first, second):
        page.get_by_role("slider", name="Time").fill("700")
    assert (first.locator(".stage").inner_text() == second.locator(".stage").inner_text())
    first.get_by_role("button", name="Share and files").click()
    shared = first.locator("#link").input_value()
    assert len(shared) < 4096 and "seed=4" in shared and "labels.accuracy" in shared


@pytest.mark.parametrize(("query", "words"), [
    ("?scenario=famly_firm", "did you mean family_firm"),
    ("?v=7", "this page reads version 1"),
    ("?scenario=family_firm&set=staff.heds%3D3", "did you mean heads"),
])
def test_a_wrong_link_shows_what_is_wrong_and_the_way_back(show: Open, query: str,
                                                           words: str) -> None:
    page = show(query)
    expect(page.locator("#fault")).to_contain_text(words)
    expect(page.locator("button.play")).to_be_disabled()


def test_files_are_taken_in_or_refused(show: Open, tmp_path: Path) -> None:
    page = skipped(show())
    page.get_by_role("button", name="Share and files").click()
    bad = tmp_path / "bad.toml"
    bad.write_text("schema_version = 1\nname = 'X'\n[functions.a]\nwork_h = -3\n")
    page.locator("#upload").set_input_files(bad)
    expect(page.locator("#upload-fault")).to_contain_text("functions.a.work_h")
    with page.expect_download() as saved:
        page.get_by_role("link", name="The scenario with all changes").click()
    good = tmp_path / "good.toml"
    name = "<img src=x onerror=alert(1)>"
    good.write_text(Path(saved.value.path()).read_text().replace("Family firm", name))
    page.locator("#upload").set_input_files(good)
    until(page, "orgsim.settings.scenario.startsWith('upload-') && orgsim.recording")
    expect(page.locator("#scenario option:checked")).to_have_text(name)
    assert page.locator("img").count() == 0


# --- the server goes, learners go ----------------------------------------------------------------


def test_it_plays_on_without_its_server(browser: Browser) -> None:
    page = browser.new_page(viewport=WIDE)
    with served() as place:
        page.goto(f"{place}/?{SMALL}&structures=functional,customer")
        until(page, "globalThis.orgsim?.recording")
        skipped(finished(page))
    page.locator("button.play").click()
    until(page, "orgsim.player.t > 2")
    page.get_by_role("button", name="New luck").click()
    expect(page.locator("#fault")).to_contain_text("still plays", timeout=60_000)
    page.locator("button.play").click()
    page.close()


# --- seen by everybody ---------------------------------------------------------------------------


def test_the_main_job_is_in_sight_without_scrolling(show: Open) -> None:
    page = finished(skipped(show()))
    for part in ("button.play", ".panel canvas", ".tile .plot svg", "#lead", ".time", "#clock"):
        for node in page.locator(part).all():
            box = node.bounding_box()
            assert box and box["y"] >= 0 and box["y"] + box["height"] <= 720, part
            assert box["x"] >= 0 and box["x"] + box["width"] <= 1280, part
    sizes = page.evaluate("""[...document.querySelectorAll('body *')].filter((n) =>
      [...n.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim()) && n.checkVisibility()
    ).map((n) => [n.tagName + '.' + n.className, parseFloat(getComputedStyle(n).fontSize)])""")
    assert [row for row in sizes if row[1] < 16] == []
    for key in (".tile .number", ".counters b"):
        size = page.locator(key).first.evaluate("(n) => parseFloat(getComputedStyle(n).fontSize)")
        assert size >= 24


def test_a_phone_scrolls_down_only_and_targets_are_large(show: Open) -> None:
    page = finished(skipped(show(viewport=PHONE)))
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    small = page.evaluate("""[...document.querySelectorAll('button, select, input[type=range]')]
      .filter((n) => n.checkVisibility()).map((n) => [n.textContent.slice(0, 20),
        n.getBoundingClientRect().height]).filter(([, h]) => h < 44)""")
    assert small == []


def test_panels_share_their_scale(show: Open) -> None:
    page = skipped(show(f"?{SMALL}&structures=functional,product,customer"))
    scales = page.evaluate("orgsim.player.panels.map((p) => [p.scene.person, p.scene.cell, "
                           "Math.round(p.scene.width)])")
    assert len(scales) == 3 and scales[0] == scales[1] == scales[2]


def test_motion_is_by_whole_days_for_those_who_ask(show: Open) -> None:
    page = skipped(show(calm=True))
    page.locator("button.play").click()
    seen = set()
    for _ in range(12):
        page.wait_for_timeout(150)
        seen.add(hours(page))
    assert len(seen) >= 2 and all(h % 8 == 0 for h in seen)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_wcag_2_1_aa_by_axe(show: Open, viewport: Any) -> None:
    page = finished(show(viewport=viewport))
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}

    def check(where: str) -> None:
        found = Axe().run(page, options=rules).response["violations"]
        assert [(where, v["id"], v["nodes"][0]["html"]) for v in found] == []

    check("prediction")
    skipped(page)
    check("result")
    for name in ("Change the firm", "Structures", "Share and files", "Why?",
                 "Satisfaction: numbers"):
        page.get_by_role("button", name=name).click()
        page.wait_for_timeout(150)
        check(name)
        page.keyboard.press("Escape")


def test_everything_can_be_done_with_keys(show: Open) -> None:
    page = show()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Skip":
            break
    page.keyboard.press("Enter")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    assert hours(page) == 8
    page.keyboard.press("Space")
    until(page, "orgsim.player.t > 9")
    page.keyboard.press("Space")
    opener = page.get_by_role("button", name="Structures")
    opener.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('#editor') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "open-editor"


def test_each_chart_has_its_units(show: Open) -> None:
    page = finished(skipped(show()))
    assert page.locator(".plot .unit").all_text_contents() == [
        "points, 0-100", "0-1", "working hours", "1,000 money a year"]
    assert page.locator(".plot svg", has_text="26 weeks").count() == 4


def test_each_chart_has_its_table(show: Open) -> None:
    page = finished(skipped(show()))
    for name in ("Satisfaction", "Loyalty", "Response time", "Staffing cost"):
        page.get_by_role("button", name=f"{name}: numbers").click()
        rows = page.locator("#table tbody tr")
        assert rows.count() == len(page.evaluate("orgsim.recording.runs[0].series.end_h"))
        first = rows.first.inner_text()
        mean = page.evaluate("(id) => orgsim.found.curves.functional[id].mean[0]", {
            "Satisfaction": "satisfaction", "Loyalty": "loyalty",
            "Response time": "response_mean_h", "Staffing cost": "cost_total"}[name])
        shown = f"{mean * (0.001 if name == 'Staffing cost' else 1):,.1f}"
        assert shown in first or f"{mean:.3f}" in first
        page.keyboard.press("Escape")
