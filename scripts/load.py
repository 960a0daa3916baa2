"""The page under load: a class of learners, each in a browser context of its own.

    python scripts/load.py [--learners 30] [--think S] [--markdown [FILE]]

Needs Chromium and the development requirements. Starts `orgsim app` on loopback, opens a lesson
in as many real browser contexts as there are learners; each predicts, plays, moves a slider, asks
for a run with another seed and leaves while its replications still arrive. The browser and the
server share this machine's processors. Prints a table with targets and ends with 1 if one is
missed. `--markdown FILE` replaces the table in a page such as docs/page.md.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx
from bench.server import Server, busy, start, stop
from playwright.async_api import Browser, Page, async_playwright

from sim.experiment.executors import available_cpus

BEGIN, END = "<!-- load table: begin -->", "<!-- load table: end -->"
LESSON = "handoff"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync"]
THINK_S = 30.0
"""Between two actions: who reads, predicts and looks needs longer. The browsers share the
processors of the server, and a visit costs them some four seconds of work."""
PATIENCE_S = 300.0
LONGEST_S = 420.0
"""What the class may take; who is not through by then is not waited for."""
PLAYED_S = 2.0
QUIET_S = 12.0
"""After everybody has left: time to come to rest before memory is read."""
WATCHED_S = 5.0
ALONE = 100
"""Steps and slider moves of one learner alone."""

ECHO = """async (share) => {
  const slider = document.querySelector("#setup .control input[type=range]");
  const shown = slider.closest(".control").querySelector(".value");
  const before = shown.value, began = performance.now();
  slider.value = Number(slider.min) + share * (slider.max - slider.min);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const said = shown.value !== before;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return said ? performance.now() - began : -1;
}"""
"""From moving a slider to a share of its range to its number on the screen, ms; -1 if the number
does not follow."""
STEP = """async () => {
  const began = performance.now();
  orgsim.player.step();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""
"""From asking for the next day to its picture on the screen, ms."""
RUNS = """() => performance.getEntriesByType("resource")
  .filter((e) => e.name.includes("/api/run?") && e.responseStatus === 200)
  .map((e) => e.duration)"""
"""What each run took from asking to its last byte, ms; runs not waited for are left out."""


@dataclass
class Found:
    """What was measured: seconds, milliseconds, MB as the names say."""

    started_s: list[float] = field(default_factory=list)
    pictured_s: list[float] = field(default_factory=list)
    waited_ms: dict[int, list[float]] = field(default_factory=dict)
    through: int = 0
    bare_ms: list[float] = field(default_factory=list)
    echo_ms: list[float] = field(default_factory=list)
    echo_alone_ms: list[float] = field(default_factory=list)
    step_ms: list[float] = field(default_factory=list)
    fresh_mb: float = 0.0
    before_mb: float = 0.0
    peak_mb: float = 0.0
    after_mb: float = 0.0
    class_s: float = 0.0
    server_s: float = 0.0
    ours_s: float = 0.0
    all_s: float = 0.0
    left_cpu: float = 0.0
    troubles: list[str] = field(default_factory=list)

    @property
    def run_ms(self) -> list[float]:
        """What runs took that learners asked for in their browsers."""
        return [ms for row in self.waited_ms.values() for ms in row]


def lesson() -> str:
    """The lesson's first step as a link."""
    from sim.app.lessons import listed

    found = next(row for row in listed() if row["name"] == LESSON)
    changes = [("set", f"{key}={value}") for key, value in found["steps"][0]["set"].items()]
    return "?" + urlencode([
        ("v", "1"), ("scenario", found["scenario"]), ("lesson", LESSON),
        ("structures", ",".join(found["structures"])), *changes])


@asynccontextmanager
async def learner(browser: Browser, found: Found) -> AsyncIterator[Page]:
    """A browser context of its own; leaving closes it in the middle of whatever runs."""
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    page.on("pageerror", lambda error: found.troubles.append(f"error: {error}"))
    page.on("response", lambda answer: None if answer.status < 400
            else found.troubles.append(f"{answer.status} {answer.url[:80]}"))
    try:
        yield page
    finally:
        await context.close()


async def until(page: Page, expression: str, pause_s: float = 0.1) -> None:
    """Wait for something in the page; looked at there, so that looking costs the class little."""
    look = (f"async () => {{ while (!({expression})) "
            f"await new Promise((done) => setTimeout(done, {1000 * pause_s})); }}")
    try:
        await asyncio.wait_for(page.evaluate(look), PATIENCE_S)
    except TimeoutError:
        raise SystemExit(f"waited in vain for {expression}") from None


async def fresh(page: Page, act: Callable[[], object]) -> None:
    """Do something and wait for the run that it asks for."""
    await page.evaluate("void (globalThis.old = orgsim.recording)")  # void: it stays there
    result = act()
    if asyncio.iscoroutine(result):
        await result
    await until(page, "orgsim.recording !== globalThis.old")


async def attend(browser: Browser, place: str, found: Found, who: int, think_s: float) -> None:
    """One learner's lesson, from opening the link to leaving."""
    luck = random.Random(who)

    async def think() -> None:
        found.waited_ms[who] = await page.evaluate(RUNS)
        await asyncio.sleep(luck.uniform(0.5, 1.5) * think_s)

    await asyncio.sleep(luck.uniform(0, 2) * think_s)
    async with learner(browser, found) as page:
        await page.goto(place)
        await until(page, "globalThis.orgsim?.recording")
        await think()
        await page.get_by_role("button", name="Commit and play").click()
        await asyncio.sleep(PLAYED_S)
        await page.evaluate("orgsim.player.pause()")
        await page.get_by_role("button", name="Change the firm").click()
        await until(page, "document.querySelector('#setup .control input[type=range]')")

        async def slide() -> None:
            found.echo_ms.append(await page.evaluate(ECHO, luck.uniform(0.1, 1)))

        await fresh(page, slide)
        await think()
        seed = str(luck.randrange(2, 10**6))
        await fresh(page, lambda: page.evaluate(
            "(seed) => { orgsim.settings.seed = seed; orgsim.apply(); }", seed))
        await think()
        found.through += 1


async def ask(place: str, found: Found, luck: random.Random, think_s: float) -> None:
    """The same questions at the same pace without a browser."""
    query = place.partition("?")[2]
    questions = [query, f"{query}&set=handoffs.latency_h%3D{round(luck.uniform(1, 8), 1)}"]
    questions.append(f"{questions[-1]}&seed={luck.randrange(2, 10**6)}")
    await asyncio.sleep(luck.uniform(0, 2) * think_s)
    async with httpx.AsyncClient(base_url=place.partition("?")[0], timeout=PATIENCE_S) as client:
        for question in questions:
            await client.get(f"/api/schema?{question}")
            began = time.monotonic()
            answer = await client.get(f"/api/run?{question}")
            answer.raise_for_status()
            found.bare_ms.append((time.monotonic() - began) * 1000)
            reading = asyncio.create_task(client.get(f"/api/compare?{question}"))
            await asyncio.sleep(luck.uniform(0.5, 1.5) * think_s)
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


async def alone(browser: Browser, place: str, found: Found) -> None:
    """One learner with the machine to herself: days shown, sliders moved."""
    async with learner(browser, found) as page:
        await page.goto(place)
        await until(page, "globalThis.orgsim?.found")
        await until(page, "orgsim.found.replications === orgsim.found.target")
        await page.get_by_role("button", name="Skip").click()
        for _ in range(ALONE):
            found.step_ms.append(await page.evaluate(STEP))
        await page.get_by_role("button", name="Change the firm").click()
        await page.evaluate("orgsim.apply = () => {}")  # the echo alone, no run after it
        for i in range(ALONE):
            found.echo_alone_ms.append(await page.evaluate(ECHO, (i % 17 + 2) / 20))


async def vanish(browser: Browser, place: str, found: Found, everybody: int,
                 server: Server) -> None:
    """All ask for a run at the same moment and leave at once; what does the server go on doing?"""
    async with asyncio.TaskGroup() as group:
        async def one(i: int) -> None:
            async with learner(browser, found) as page:
                await page.goto(f"{place}&seed={10**7 + i}", wait_until="commit")
                await until(page, "globalThis.orgsim?.schema || globalThis.orgsim?.recording")

        for i in range(everybody):
            group.create_task(one(i))
    await asyncio.sleep(2.0)
    used = server.cpu_s
    await asyncio.sleep(WATCHED_S)
    found.left_cpu = server.cpu_s - used


async def first_picture(browser: Browser, found: Found, times: int) -> None:
    """From the command to the first picture with people and customers in it."""
    for _ in range(times):
        server = await asyncio.to_thread(start)
        try:
            async with learner(browser, found) as page:
                await page.goto(server.address)
                await until(page, "globalThis.orgsim?.recording", 0.02)
                found.started_s.append(server.started_s)
                found.pictured_s.append(time.monotonic() - server.began)
        finally:
            await asyncio.to_thread(stop, server)


async def measure(everybody: int, think_s: float) -> Found:
    """Everything, one after the other."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no chromium: apt-get install it")
    found = Found()
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, headless=True, args=ARGS)
        say("from the command to the first picture")
        await first_picture(browser, found, 4)
        del found.started_s[0], found.pictured_s[0]  # what the first one warmed
        server = await asyncio.to_thread(start)
        try:
            place = server.address + lesson()
            say("one learner alone")
            await alone(browser, place, found)
            await asyncio.sleep(QUIET_S)
            found.fresh_mb = server.memory_mb
            say(f"{everybody} learners without browsers")
            async with asyncio.TaskGroup() as group:
                for i in range(everybody):
                    group.create_task(ask(place, found, random.Random(-1 - i), think_s))
            await asyncio.sleep(QUIET_S)
            found.before_mb = server.memory_mb  # what is kept is full, threads have their memory
            watching = asyncio.create_task(watch(server, found))
            say(f"{everybody} learners")
            began, used, all_used = time.monotonic(), server.cpu_s, busy()
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_S), asyncio.TaskGroup() as group:
                    for i in range(everybody):
                        group.create_task(attend(browser, place, found, i, think_s))
            found.class_s = time.monotonic() - began
            found.server_s = server.cpu_s - used
            found.ours_s, found.all_s = (b - a for a, b in zip(all_used, busy(), strict=True))
            say("all leave in the middle of their runs")
            await vanish(browser, place, found, everybody, server)
            await asyncio.sleep(QUIET_S)
            watching.cancel()
            found.after_mb = server.memory_mb
        finally:
            await asyncio.to_thread(stop, server)
            await browser.close()
    return found


async def watch(server: Server, found: Found) -> None:
    """Keep the most memory seen."""
    with suppress(asyncio.CancelledError):
        while True:
            found.peak_mb = max(found.peak_mb, server.memory_mb)
            await asyncio.sleep(0.2)


def say(text: str) -> None:
    """How far it is."""
    print(text, file=sys.stderr, flush=True)


Row = tuple[str, str, str, bool | None]


def part(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not pass."""
    ordered = sorted(values)
    return ordered[max(0, -(-round(share * 1000) * len(ordered) // 1000) - 1)]


def good(values: Sequence[float]) -> bool:
    """Whether all were answered, and 95% within 100 ms."""
    return min(values) >= 0 and part(values, 0.95) <= 100


def two(values: Sequence[float], unit: str, digits: int = 0) -> str:
    """Median and 95th percentile, with how many."""
    middle, most = statistics.median(values), part(values, 0.95)
    return f"{middle:,.{digits}f} / {most:,.{digits}f} {unit} (n = {len(values)})"


def rows(found: Found, everybody: int, think_s: float) -> list[Row]:
    """What, target, measured, met."""
    grown = found.after_mb - found.before_mb
    at_work = found.left_cpu / WATCHED_S
    through = f"{found.through} of {everybody}"
    return [
        ("server listens, seconds after the command", "",
         f"{statistics.median(found.started_s):.1f} s", None),
        ("first picture, seconds after the command", "3 s",
         f"{statistics.median(found.pictured_s):.1f} s",
         statistics.median(found.pictured_s) <= 3),
        ("a day's step shown, one learner", "100 ms", two(found.step_ms, "ms"),
         good(found.step_ms)),
        ("slider echo, one learner", "100 ms", two(found.echo_alone_ms, "ms"),
         good(found.echo_alone_ms)),
        (f"slider echo, {everybody} learners", "100 ms", two(found.echo_ms, "ms"),
         good(found.echo_ms)),
        (f"a run asked for, {everybody} learners", "2 s",
         two([ms / 1000 for ms in found.run_ms], "s", 2), part(found.run_ms, 0.95) <= 2000),
        ("their mean pause between two actions", "", f"{think_s:g} s", None),
        (f"learners through in {LONGEST_S / 60:.0f} minutes", str(everybody), through,
         found.through == everybody),
        (f"a run asked for, {everybody} learners without browsers", "2 s",
         two([ms / 1000 for ms in found.bare_ms], "s", 2), part(found.bare_ms, 0.95) <= 2000),
        ("server's memory after one learner, after a class without browsers", "",
         f"{found.fresh_mb:.0f}, {found.before_mb:.0f} MB", None),
        ("... then with a class of browsers the most, and after they left", "+10 MB",
         f"{found.peak_mb:.0f}, {found.after_mb:.0f} MB ({grown:+.0f})", grown <= 10),
        ("processors the server uses 2 s after all left mid-run", "0.05", f"{at_work:.2f}",
         at_work <= 0.05),
        ("server's processor time for each learner's visit", "",
         f"{found.server_s / everybody:.1f} s", None),
        ("processors in use meanwhile: server, browser, other programs", "",
         ", ".join(f"{s / found.class_s:.2f}" for s in (
             found.server_s, found.ours_s - found.server_s, found.all_s - found.ours_s))
         + f" of {available_cpus()} for {found.class_s:.0f} s", None),
    ]


def markdown(found: Found, everybody: int, think_s: float) -> str:
    """The table with targets."""
    lines = ["| what | target | median / 95th percentile | met |", "| --- | --- | --- | --- |"]
    words = {True: "yes", False: "no", None: ""}
    def sign(target: str) -> str:
        return target if not target or target.isdigit() else f"≤ {target}"

    lines += [f"| {what} | {sign(target)} | {value} | {words[met]} |"
              for what, target, value, met in rows(found, everybody, think_s)]
    return "\n".join(lines)


def main() -> int:
    """Measure and print; exit code 1 if a target is missed or something went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--learners", type=int, default=30, metavar="N", help="default 30")
    parser.add_argument("--think", type=float, default=THINK_S, metavar="S",
                        help=f"mean pause between two actions of a learner (default {THINK_S:g} s)")
    parser.add_argument("--markdown", metavar="FILE", help="put the table into a page")
    options = parser.parse_args()
    found = asyncio.run(measure(options.learners, options.think))
    table = markdown(found, options.learners, options.think)
    print(table)
    for trouble in sorted(set(found.troubles)):
        say(trouble)
    if options.markdown:
        page = Path(options.markdown)
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        _, mark, after = rest.partition(END)
        if not mark:
            raise SystemExit(f"{page} has no place for the table ({BEGIN} ... {END})")
        page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")
    missed = any(met is False for *_, met in rows(found, options.learners, options.think))
    return 1 if missed or found.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
