"""The picture at any moment is what the recorded run says, whichever way time is moved."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from tests.app.world import SMALL, served, until

pytestmark = pytest.mark.slow
QUERY = f"?{SMALL}&structures=functional,customer&replication=1"
SHOWN = """(hours) => { orgsim.player.seek(hours); return orgsim.player.panels.map((p) => ({
  waiting: p.rec.rooms.map((_, room) => p.scene.waiting(room)),
  working: p.rec.rooms.map((_, room) => p.scene.working(room)),
  scores: Array.from(p.rec.scores(orgsim.player.ticks)).slice(0, p.rec.known),
  squares: Array.from(p.scene.homes.shown).slice(0, p.rec.known),
  passed: p.rec.takers.map((row) => Boolean(row)),
  open: Number(p.counts[1].textContent.replace(',', '')),
  vacant: Array.from(p.rec.posts.state).filter((s) => s === 0).length,
})); }"""


def expected(run: dict[str, Any], t: int) -> dict[str, Any]:
    """The same, looked up row by row in the recording."""
    legs, cases, customers = run["legs"], run["cases"], run["customers"]
    waiting, working = Counter[int](), Counter[int]()
    last = {case: k for k, case in enumerate(legs["case"]) if legs["arrived"][k] <= t}
    for case, k in last.items():
        if cases["closed"][case] <= t or cases["opened"][case] > t:
            continue
        room = run["pools"][legs["pool"][k]]
        if t < legs["started"][k]:
            waiting[room] += 1
        elif t < legs["ended"][k] and legs["person"][k] >= 0:
            working[room] += 1
    scores = list(customers["satisfaction"])
    for case in sorted(range(len(cases["closed"])), key=lambda c: cases["closed"][c]):
        who = cases["customer"][case]
        if 0 < cases["closed"][case] <= t and who < len(scores):
            scores[who] = cases["satisfaction"][case]
    left = {who for at, who in customers["left"] if at <= t}
    posts = [list(row) for row in run["people"]["start"]]
    for at, post, pool, state in run["people"]["changes"]:
        if at <= t:
            posts[post] = [pool, state]
    rooms = range(len(run["rooms"]))
    return {"waiting": [waiting[r] for r in rooms], "working": [working[r] for r in rooms],
            "scores": scores, "left": left,
            "vacant": sum(state == 0 for _, state in posts),
            "open": sum(0 <= o <= t or o < 0 for o in cases["opened"]) - sum(
                0 < c <= t for c in cases["closed"])}


def test_the_picture_is_what_the_recording_says(browser: Browser) -> None:
    with served() as place:
        recording = httpx.get(f"{place}/api/run{QUERY}", timeout=600).json()
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"{place}/{QUERY}")
        until(page, "globalThis.orgsim?.recording")
        luck = random.Random(5)
        there_and_back = [luck.uniform(0, recording["shown_h"]) for _ in range(25)]
        for hours in [0.0, *there_and_back, recording["shown_h"]]:
            shown = page.evaluate(SHOWN, hours)
            t = page.evaluate("orgsim.player.ticks")
            for panel, run in zip(shown, recording["runs"], strict=True):
                truth = expected(run, t)
                for name in ("waiting", "working", "scores", "open", "vacant"):
                    assert panel[name] == truth[name], (hours, name)
                for who, square in enumerate(panel["squares"]):
                    if panel["passed"][who:who + 1] != [True]:  # nobody takes this place
                        assert square == (-2 if who in truth["left"] else truth["scores"][who])
        page.close()


STOPPED = """async () => {
  const { clock } = await import("/static/player.js");
  const { player } = orgsim, told = [];
  for (let i = 0; i < 6; i += 1) {
    player.seek(0);
    player.speed = 16;
    player.play();
    await new Promise((done) => setTimeout(done, 150 + 17 * i));
    player.pause();
    told.push([player.time.textContent, clock(player.t), Math.abs(player.slider.value - player.t)]);
  }
  return told;
}"""


def test_the_clock_is_that_of_the_picture_once_it_stops(browser: Browser) -> None:
    """While it plays words change less often than the picture; pausing brings them together."""
    with served() as place:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"{place}{QUERY}")
        until(page, "globalThis.orgsim?.recording")
        page.get_by_role("button", name="Skip").click()
        for shown, true, off in page.evaluate(STOPPED):
            assert shown == true and off <= 0.1
        page.close()


AGAIN = """(hours) => {
  const { player } = orgsim, sheets = () => player.panels.map((p) => p.scene.back.toDataURL());
  const drawn = hours.map((t) => { player.seek(t); return sheets(); });
  return hours.map((t, i) => {
    player.seek(t);
    for (const p of player.panels) p.scene.backed = null;
    player.draw();
    return sheets().every((sheet, k) => sheet === drawn[i][k]);
  });
}"""


@pytest.mark.parametrize("ratio", [1, 1.25, 2])
def test_what_is_painted_bit_by_bit_is_as_if_painted_at_once(browser: Browser, ratio: float
                                                             ) -> None:
    """People and customers, to the last pixel, also of a followed department."""
    with served() as place:
        page = browser.new_page(viewport={"width": 1283, "height": 720}, device_scale_factor=ratio)
        page.goto(f"{place}/{QUERY}")
        until(page, "globalThis.orgsim?.recording")
        luck = random.Random(11)
        hours = [luck.uniform(0, page.evaluate("orgsim.player.shown")) for _ in range(12)]
        for followed in ("", "r:" + page.evaluate("orgsim.player.panels[0].rec.rooms[0].name")):
            page.evaluate("(who) => orgsim.player.pick(who)", followed)
            assert page.evaluate(AGAIN, hours) == [True] * len(hours)
        page.close()


LAID = """async ([sizes, names, width, height]) => {
  const { rowsOf } = await import("/static/rooms.js");
  return rowsOf(sizes, names, width, height);
}"""
LONGEST_ROOM_NAME = 160


def test_rooms_fill_the_panel_by_people_and_leave_room_for_names(browser: Browser) -> None:
    """They tile the panel; one that is widened for its name takes that from the larger ones."""
    with served() as place:
        page = browser.new_page()
        page.goto(f"{place}/")
        luck = random.Random(7)
        named = 0
        for _ in range(60):
            many = luck.randint(1, 7)
            sizes = [luck.choice((0.6, 1, 2, 3, 5, 8)) for _ in range(many)]
            names = [luck.uniform(20, LONGEST_ROOM_NAME) for _ in range(many)]
            width, height = luck.uniform(400, 1200), luck.uniform(120, 300)
            boxes = page.evaluate(LAID, [sizes, names, width, height])
            assert sum(b["w"] * b["h"] for b in boxes) == pytest.approx(width * height)
            for y in {b["y"] for b in boxes}:
                row = [i for i in range(many) if boxes[i]["y"] == y]
                assert sum(boxes[i]["w"] for i in row) == pytest.approx(width)
                share = {i: width * sizes[i] / sum(sizes[j] for j in row) for i in row}
                fits = [boxes[i]["w"] >= names[i] + 21.9 for i in row]
                named += sum(fits)
                if all(share[i] >= max(names[i] + 22, 62) for i in row):  # nothing to widen
                    assert [boxes[i]["w"] for i in row] == pytest.approx(list(share.values()))
                person = min(62, width / len(row))
                widened = any(boxes[i]["w"] > max(share[i], person) + 1e-6 for i in row)
                for i in row:
                    assert boxes[i]["w"] >= person - 1e-6
                    assert not widened or boxes[i]["w"] >= 0.67 * share[i] - 1e-6
                    assert boxes[i]["w"] <= max(100, 1.35 * share[i]) + 1e-6
                    if names[i] + 22 > share[i] and boxes[i]["w"] > max(share[i], 62) + 1e-6:
                        assert boxes[i]["w"] <= names[i] + 22 + 1e-6  # no wider than it takes
        assert named > 0
        one = page.evaluate(LAID, [[3, 1, 2], [60, 80, 45], 620, 90])  # what the family firm asks
        assert [b["w"] for b in one] == pytest.approx([310, 620 / 6, 620 / 3])
        one = page.evaluate(LAID, [[3, 1, 2], [60, 95, 45], 620, 90])
        assert [b["w"] for b in one] == pytest.approx([503 * 0.6, 117, 503 * 0.4])
        page.close()
