"""The class page: what is run, that its numbers are those of compare, and the file in a browser."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

import sim
from sim.app.classpage import ClassPage, bundle, classpage
from sim.app.classpage.plan import planned
from sim.cli.main import cli
from sim.errors import InputError, OutputExists
from sim.experiment.schemas import DOCUMENTS
from sim.metrics.registry import VERDICT_METRICS
from sim.scenario.lessons import shipped

NASTY = "</script><script>document.title='taken'</script> <!-- & \u2028"
REPLICATIONS = 3
LESSON = '''
schema_version = 1
title = "%(title)s"
goal = "See it."
scenario = "family_firm"
structures = ["functional", "product", "customer"]
sliders = ["staff.heads", "labels.accuracy"]
discussion = ["What is <b>bold</b>?"]
[set]
"time.warm_up" = "20 weeks"
"time.horizon" = "26 weeks"
"customers.count" = 120
"staff.heads" = 4
[prediction]
question = "Who earns most?"
metric = "profit"
[[steps]]
title = "As it is"
text = "Look."
notice = "Something."
[[steps]]
title = "More people"
text = "Look again."
set = { "staff.heads" = 6 }
notice = "Another thing."
[[steps]]
title = "A shorter time"
text = "And again."
set = { "time.horizon" = "13 weeks" }
notice = "A third thing."
[why]
text = "Because."
mechanisms = ["M1"]
sources = ["Erlang (1917)"]
[instructor]
thirty = "Half an hour."
seventy_five = "More."
[surprise]
text = "It is higher."
metric = "satisfaction"
first = { structure = "customer" }
second = { structure = "functional" }
expect = "higher"
replications = 2
'''


# --- what will be run ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [entry.name for entry in shipped()])
def test_every_lesson_fits_a_page(name: str) -> None:
    """Each step stands on the grid with the very values it sets."""
    plan = planned(name, replications=2)
    assert plan.lesson is not None
    assert 2 <= len(plan.sliders) <= 4 and len(plan.settings) <= 130
    for step, stop in zip(plan.lesson.steps, plan.stops, strict=True):
        there = plan.settings[plan.index(stop)]
        for key, value in step.set.items():
            assert there[key] == value
        for slider in plan.sliders:
            if slider.key.name not in step.set:
                assert there[slider.key.name] == slider.base
    for slider in plan.sliders:
        assert list(slider.values) == sorted(set(slider.values))
        low, high = slider.key.low, slider.key.high
        assert low is None or low <= slider.values[0]
        assert high is None or slider.values[-1] <= high


def test_sliders_as_asked_hold_the_ends_and_the_value_in_use() -> None:
    plan = planned("family_firm", sliders=["staff.heads=4:10:4", "labels.accuracy=0.4:1:3"],
                   replications=2)
    heads, accuracy = plan.sliders
    assert heads.values[0] == 4 and heads.values[-1] == 10 and heads.base in heads.values
    assert accuracy.values[0] == 0.4 and accuracy.values[-1] == 1.0
    assert plan.runs == len(plan.settings) * len(plan.structures) * 2


def test_a_scenario_without_wishes_gets_plausible_ranges() -> None:
    plan = planned("family_firm", replications=2)
    assert len(plan.sliders) == 2 and plan.lesson is None
    for slider in plan.sliders:
        assert slider.key.plausible is not None
        for value in slider.values:
            assert value == slider.base or (
                slider.key.plausible[0] <= value <= slider.key.plausible[1])


@pytest.mark.parametrize(("source", "wishes", "words"), [
    ("poolng", {}, ["did you mean the lesson pooling"]),
    ("family_firm", {"sliders": ["staff.heds=1:2:2", "labels.accuracy=1:0:2"]},
     ["did you mean staff.heads", "must be below"]),
    ("family_firm", {"sliders": ["staff.heads=1:2:x"]}, ["KEY=LOW:HIGH:N"]),
    ("family_firm", {"sliders": ["labels.accuracy=0:2:3"]}, ["labels.accuracy", "not 2"]),
    ("family_firm", {"sliders": ["name"]}, ["is no number of this scenario"]),
    ("family_firm", {"sliders": ["staff.heads=4:9:2", "staff.heads=4:9:3"]}, ["more than once"]),
    ("family_firm", {"sliders": ["staff.heads=4:30:20", "labels.accuracy=0:1:20",
                                 "needs.segment_share=0:1:20"]}, ["more than a page holds"]),
    ("family_firm", {"structures": ["functionl", "product"]}, ["did you mean functional"]),
    ("family_firm", {"structures": ["product"]}, ["2 to 6, not 1"]),
])
def test_wishes_that_make_no_sense(source: str, wishes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(InputError) as refusal:
        planned(source, replications=2, **wishes)
    for word in words:
        assert word in str(refusal.value)


# --- the file ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("class") / "own.toml"
    title = json.dumps(NASTY, ensure_ascii=True)[1:-1]
    made.write_text(LESSON % {"title": title}, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def made(lesson: Path) -> ClassPage:
    told: list[str] = []
    found = classpage(lesson, lesson.with_suffix(".html"), replications=REPLICATIONS,
                      sliders=["staff.heads=4:6:2", "labels.accuracy=0.5:1:2"], tell=told.append)
    assert f"{found.plan.runs:,} runs" in told[0] and "about" in told[1]
    return found


@pytest.mark.slow
def test_the_numbers_are_those_of_compare(made: ClassPage) -> None:
    plan = made.plan
    for place in (0, plan.index(plan.stops[1]), len(plan.settings) - 1):
        point = made.content["points"][place]
        world = sim.load(plan.scenario, set={
            key: int(value) if key == "staff.heads" else value
            for key, value in plan.settings[place].items()})
        same = sim.compare(world, plan.structures, replications=REPLICATIONS).to_json()
        for id in (*VERDICT_METRICS, "profit"):
            found = point["measures"][id]
            assert found["means"] == same["metrics"][id]
            for pair in found["pairs"]:
                forth = same["differences"][id].get(f"{pair['lead']} - {pair['other']}")
                back = same["differences"][id].get(f"{pair['other']} - {pair['lead']}")
                assert pair["mean"] == (forth["mean"] if forth else 0.0 - back["mean"])
                ends = (forth["low"], forth["high"]) if forth else (-back["high"], -back["low"])
                assert (pair["low"], pair["high"]) == ends


@pytest.mark.slow
def test_the_film_is_the_run_of_the_command_line(made: ClassPage) -> None:
    film = made.content["recordings"][0]
    world = sim.load(made.plan.scenario, set={
        k: int(v) if k == "staff.heads" else v
        for k, v in made.plan.settings[film["place"]].items()})
    for run in film["runs"]:
        same = sim.run(world, run["structure"], replications=1).results[0]
        for id in VERDICT_METRICS:
            assert run["metrics"][id] == same.metrics[id]


@pytest.mark.slow
def test_the_file_is_one_file_and_small(made: ClassPage) -> None:
    assert made.file is not None
    text = made.file.read_text(encoding="utf-8")
    assert text == made.html and made.bytes < 6_000_000
    assert text.count("<script") == text.count("</script>") == 2
    assert not re.search('(?:src|href|action)="(?!data:|#)', text.split("<script")[0])
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert "default-src &#x27;none&#x27;" in policy[1] and "unsafe" not in policy[1]
    with pytest.raises(OutputExists):
        classpage("pooling", made.file)


def test_no_name_ends_the_data_around_it() -> None:
    text = bundle.data({"name": NASTY, "not": math.nan})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"name": NASTY, "not": None}
    assert "</script" not in bundle.script() and "<!--" not in bundle.script()


@pytest.mark.slow
def test_the_command(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    words = ["classpage", "family_firm", "--out", str(out), "--slider", "staff.heads=4:5:2",
             "--set", "time.warm_up=4 weeks", "--set", "time.horizon=8 weeks", "--set",
             "customers.count=30", "--structures", "functional,product", "--replications", "2",
             "--json"]
    answer = CliRunner().invoke(cli, words)
    assert answer.exit_code == 0, answer.stderr
    told = json.loads(answer.stdout)
    jsonschema.validate(told, DOCUMENTS["classpage"])
    assert told["bytes"] == out.stat().st_size
    assert "runs:" in answer.stderr and "about" in answer.stderr
    again = CliRunner().invoke(cli, words)
    assert again.exit_code == 2 and "left as it is" in again.stderr


# --- in the browser ------------------------------------------------------------------------------

Open = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, made: ClassPage) -> Iterator[Open]:
    """Opens the file; in the end nothing may have gone wrong unseen, or been asked for."""
    assert made.file is not None
    place = made.file.as_uri()
    troubles: list[str] = []
    contexts = []

    def opened(link: str = "", *, width: int = 1280, height: int = 720) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height},
                                      reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("console", lambda line: troubles.append(line.text)
                if line.type in ("error", "warning") else None)
        page.on("request", lambda request: None
                if request.url.startswith((place, "blob:", "data:"))
                else troubles.append(f"asked for {request.url}"))
        page.goto(place + link)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def predict(page: Page, size: str = "1000", first: str = "customer") -> Page:
    page.get_by_label("Your first").select_option(first)
    page.get_by_label("First and last differ by").fill(size)
    page.get_by_role("button", name="Commit and play").click()
    return page


def revealed(page: Page, **guess: str) -> Page:
    predict(page, **guess).get_by_role("button", name="Reveal now").click()
    return page


@pytest.mark.slow
def test_predict_play_reveal(show: Open, made: ClassPage) -> None:
    page = show()
    expect(page.get_by_role("heading", level=1)).to_have_text(NASTY)
    assert page.title() != "taken"
    page.locator(".play").click()
    assert page.evaluate("orgsim.player.t") == 0  # not before a prediction
    assert set(page.locator(".tile .number").all_inner_texts()) == {"?"}
    page.get_by_role("button", name="Commit and play").click()
    expect(page.locator("#size-fault")).to_contain_text("a number of 0 or more")
    predict(page)
    expect(page.locator("#lead")).to_contain_text("You say: customer")
    assert "?" in page.locator(".tile .number").all_inner_texts()
    page.get_by_role("button", name="Reveal now").click()
    point = made.content["points"][made.plan.index(made.plan.stops[0])]
    profit = point["measures"]["profit"]
    last = next(p for p in profit["pairs"]
                if (p["lead"], p["other"]) == (profit["ranking"][0], profit["ranking"][-1]))
    expect(page.locator(".headline")).to_contain_text(last["text"])
    expect(page.locator(".way")).to_have_attribute("aria-label", re.compile("you said 1,000"))
    assert page.locator(".rows .row").count() == 3
    for name in profit["ranking"]:
        expect(page.locator("#means")).to_contain_text(name)
    expect(page.locator("#why")).to_contain_text("Because.")
    expect(page.locator("#debrief")).to_contain_text("It shows" if made.content["surprise"]["holds"]
                                                     else "It does not show")


@pytest.mark.slow
def test_a_slider_shows_the_runs_of_that_value_and_the_link_keeps_it(
    show: Open, made: ClassPage,
) -> None:
    page = show()
    heads = page.get_by_role("slider", name=re.compile("People at work"))
    heads.focus()
    page.keyboard.press("ArrowRight")
    assert heads.get_attribute("aria-valuetext") == "6 people"
    plan = made.plan
    point = made.content["points"][plan.index(plan.stops[1])]
    page.get_by_role("button", name="Skip").click()
    means = point["measures"]["satisfaction"]["means"]
    for value in means.values():
        expect(page.locator("#means")).to_contain_text(f"{value['mean']:.1f} (")
    page.get_by_role("slider", name=re.compile("Probability that the label")).focus()
    page.keyboard.press("Home")
    expect(page.locator("#film")).to_contain_text("other settings")
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("checkbox", name="product").check()
    kept = page.evaluate("location.hash")
    other = show(kept)
    state = """JSON.stringify([orgsim.place.at, orgsim.place.frame, orgsim.place.watch,
                               orgsim.player.speed])"""
    assert other.evaluate(state) == page.evaluate(state)
    assert other.evaluate("location.hash") == kept
    near = show("#v=1&staff.heads=5.2&labels.accuracy=<b>")
    expect(near.locator("#note")).to_contain_text("staff.heads = 5.2 was not run")
    expect(near.locator("#note")).to_contain_text("is no number")
    third = show("#v=1&step=3")
    expect(third.locator("#steps")).to_contain_text("A shorter time")
    assert third.evaluate("orgsim.place.point.horizon_h") == 13 * 40


@pytest.mark.slow
def test_predictions_of_a_class_are_saved_and_put_together(
    show: Open, made: ClassPage, tmp_path: Path,
) -> None:
    page = revealed(show())
    page.get_by_label("Name or initials").fill('=1+1, "A"')
    with page.expect_download() as waited:
        page.get_by_role("button", name="Save my predictions").click()
    first = tmp_path / "first.csv"
    waited.value.save_as(first)
    rows = list(csv.DictReader(io.StringIO(first.read_text(encoding="utf-8-sig"))))
    assert len(rows) == 1 and rows[0]["learner"] == '\'=1+1, "A"'
    profit = made.content["points"][int(rows[0]["point"])]["measures"]["profit"]
    assert rows[0]["ranking"].split(" > ")[0] == "customer"
    assert rows[0]["outcome_ranking"].split(" > ") == profit["ranking"]
    second = tmp_path / "second.csv"
    second.write_bytes(first.read_bytes().replace(b",1000,", b",250,"))
    strange = tmp_path / "strange.csv"
    strange.write_text("a,b\n1,2\n", encoding="utf-8")
    page.get_by_label("Predictions of the class").set_input_files([first, second, strange])
    expect(page.locator("#merged")).to_contain_text("2 predictions from 2 files")
    expect(page.locator("#merge-faults")).to_contain_text("strange.csv: no file of predictions")
    counts = page.locator("#merged table").first.locator("tbody td").all_inner_texts()
    assert sum(map(int, counts)) == 2 and counts.count("1") == 2
    votes = page.locator("#merged table").nth(1).locator("tr", has_text="customer")
    expect(votes).to_contain_text("2")


@pytest.mark.slow
def test_the_keyboard_alone_is_enough(show: Open) -> None:
    page = show()
    seen = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.textContent"
                               ".trim() || document.activeElement.type"))
        if page.evaluate("document.activeElement.id") == "merge":
            break
    assert {"size", "words", "Commit and play", "slider-0", "slider-1", "always",
            "save-csv", "merge", "print"} <= seen
    page.locator("#size").focus()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "reveal"
    page.keyboard.press("Enter")
    expect(page.locator(".headline")).to_be_focused()


@pytest.mark.slow
def test_a_phone_has_room(show: Open) -> None:
    page = revealed(show(width=360, height=640))
    wide = page.evaluate("""[...document.querySelectorAll('body *')].filter((e) =>
        !e.closest('.scroll') && e.getBoundingClientRect().right > 361)
        .map((e) => e.outerHTML.slice(0, 200))""")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, wide
    small = page.evaluate("""[...document.querySelectorAll(
        'button, select, summary, a.button, input:not([type=checkbox])')].filter((e) =>
        e.offsetParent && e.getBoundingClientRect().height < 44).map((e) => e.outerHTML)""")
    assert small == []
    text = page.evaluate("""[...document.querySelectorAll('body *')].filter((e) =>
        e.offsetParent && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
        && parseFloat(getComputedStyle(e).fontSize) < 16).map((e) => e.outerHTML)""")
    assert text == []


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height", "least"), [(1280, 720, 400), (360, 640, 300)])
def test_charts_have_room_and_whole_labels(show: Open, width: int, height: int,
                                           least: int) -> None:
    page = show(width=width, height=height)
    order = """document.querySelector('#measures').compareDocumentPosition(
        document.querySelector('#player')) & Node.DOCUMENT_POSITION_FOLLOWING"""
    assert not page.evaluate(order)  # the film first, then what came out
    revealed(page)
    assert page.evaluate(order)
    charts = page.evaluate("""[...document.querySelectorAll('.tile:not(.sum)')].map((tile) => {
      const svg = tile.querySelector('svg'), edge = tile.getBoundingClientRect();
      return [svg.getBoundingClientRect().width, svg.querySelector('.unit').textContent,
        [...svg.querySelectorAll('text')].every((t) => { const b = t.getBoundingClientRect();
          return b.left >= edge.left && b.right <= edge.right && b.bottom <= edge.bottom; })];
    })""")
    assert len(charts) == 4 and all(row[0] >= least and row[1] and row[2] for row in charts)
    assert charts[3][1] == "1,000 money a year"


@pytest.mark.slow
def test_the_sheet_stands_alone_on_paper(show: Open) -> None:
    page = revealed(show())
    page.emulate_media(media="print")
    assert page.locator("#debrief").is_visible()
    for other in (".bar", ".desk", "#group", "#about", "#print"):
        assert not page.locator(other).first.is_visible()
    expect(page.locator("#debrief")).to_contain_text("customer > ")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360])
def test_wcag_2_1_aa_by_axe(show: Open, width: int) -> None:
    page = show(width=width)
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}

    def check(where: str) -> None:
        found = Axe().run(page, options=rules).response["violations"]
        assert [(where, v["id"], v["nodes"][0]["html"]) for v in found] == []

    check("prediction")
    revealed(page)
    page.locator("#debrief details summary").click()
    check("reveal")
    page.get_by_role("button", name="Satisfaction: numbers").click()
    check("numbers")
