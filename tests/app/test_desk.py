"""The page's desk: who leaves is not worked for, who asks the same shares, who plays goes first."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.requests import Request

from sim.app import desk, server
from sim.app.link import parse
from sim.app.study import Stop
from sim.app.worlds import KEPT_PREPARED, KEPT_WORLDS, Worlds
from sim.engine import simulation
from tests.app.world import SMALL, paged

LEARNERS = 5
ASKED = 200
"""Replications of each structure that every learner asks for and none waits for."""
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[httpx.Client, server.Page]]:
    with paged() as (address, page), httpx.Client(base_url=address, timeout=900) as client:
        yield client, page


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    """Structure, seed and replication of every run made for a mean."""
    made: list[tuple[str, int, int]] = []
    plain = simulation.simulate

    def counted(prepared: Any, replication: int, **options: Any) -> Any:
        made.append((prepared.structure, prepared.seed, replication))
        return plain(prepared, replication, **options)

    monkeypatch.setattr(simulation, "simulate", counted)
    return made


def asked(seed: int, replications: int) -> str:
    return (f"/api/compare?{SMALL}&structures=functional,customer&seed={seed}"
            f"&replications={replications}")


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def at_rest(page: server.Page) -> None:
    """Wait until nobody waits and the threads have ended what they had begun."""
    until(lambda: page.desk.waiting == 0 and not page.desk.shared)
    both = threading.Barrier(page.desk.slow._max_workers)
    for done in [page.desk.slow.submit(both.wait, PATIENCE_S)
                 for _ in range(page.desk.slow._max_workers)]:
        done.result()


def test_nobody_is_worked_for_who_has_left(place: tuple[httpx.Client, server.Page],
                                           runs: list[tuple[str, int, int]]) -> None:
    client, page = place
    with ExitStack() as class_room:
        answers = [class_room.enter_context(client.stream("GET", asked(100 + i, ASKED)))
                   for i in range(LEARNERS)]
        lines = [answer.iter_lines() for answer in answers]
        first = [json.loads(next(line)) for line in lines]
        assert [piece["replications"] for piece in first] == [4] * LEARNERS
        assert page.desk.waiting == LEARNERS
    at_rest(page)
    made = len(runs)
    assert 4 * 2 * LEARNERS <= made < ASKED * 2 * LEARNERS / 2
    at_rest(page)
    assert len(runs) == made
    assert not page.desk.kept  # what was not finished is no answer


def test_who_asks_the_same_shares_the_runs(place: tuple[httpx.Client, server.Page],
                                           runs: list[tuple[str, int, int]]) -> None:
    client, page = place
    with ExitStack() as class_room:
        answers = [class_room.enter_context(client.stream("GET", asked(7, 12)))
                   for _ in range(LEARNERS)]
        last = {list(answer.iter_lines())[-1] for answer in answers}
    assert len(last) == 1 and json.loads(last.pop())["replications"] == 12
    assert sorted(runs) == [(name, 7, r) for name in ("customer", "functional") for r in range(12)]
    (again,) = client.get(asked(7, 12)).text.splitlines()
    assert json.loads(again)["replications"] == 12 and len(runs) == 24
    at_rest(page)


def test_what_is_kept_stays_bounded(place: tuple[httpx.Client, server.Page],
                                    monkeypatch: pytest.MonkeyPatch) -> None:
    client, page = place
    monkeypatch.setattr(desk, "KEPT_ANSWERS", 3)
    for seed in range(server.KEPT_RUNS + 4):
        assert client.get(f"/api/run?{SMALL}&structures=functional&seed={seed}").is_success
        assert client.get(asked(seed, 2)).is_success
        assert len(page.runs._made) <= server.KEPT_RUNS
        assert len(page.desk.kept) <= 3
        assert len(page.worlds._worlds._made) <= KEPT_WORLDS
        assert len(page.worlds._prepared._made) <= KEPT_PREPARED
    assert len(page.runs._made) == server.KEPT_RUNS and len(page.desk.kept) == 3


def test_a_run_is_the_same_packed_or_not(place: tuple[httpx.Client, server.Page]) -> None:
    client, _ = place
    question = f"/api/run?{SMALL}&structures=functional"
    packed = client.get(question, headers={"accept-encoding": "gzip"})
    plain = client.get(question, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json() and len(plain.content) > 10_000


def test_who_comes_when_all_places_are_taken_is_told_so(
        place: tuple[httpx.Client, server.Page], monkeypatch: pytest.MonkeyPatch) -> None:
    client, page = place
    at_rest(page)
    monkeypatch.setattr(desk, "MOST_WAITING", 0)
    for question in (asked(1, 4), f"/api/run?{SMALL}&structures=functional"):
        answer = client.get(question)
        assert answer.status_code == 503
        assert "try again" in answer.json()["faults"][0]["text"]
    monkeypatch.undo()
    assert client.get(asked(1, 4)).is_success
    at_rest(page)


def test_an_answer_nobody_reads_gives_its_place_back() -> None:
    """Whoever leaves before the first line has a place no longer."""
    async def story() -> int:
        found = desk.Desk()

        async def gone() -> dict[str, str]:
            return {"type": "http.disconnect"}

        async def refuse(_: Any) -> None:
            await asyncio.sleep(PATIENCE_S)

        answer = desk.Lines(found, found.pieces("q", lambda _: iter([b"1"])))
        assert found.waiting == 1
        await answer({"type": "http", "asgi": {"spec_version": "2.3"}}, gone, refuse)
        found.close()
        return found.waiting

    assert asyncio.run(story()) == 0


class Patient:
    """Somebody who waits for the answer."""

    async def is_disconnected(self) -> bool:
        return False


def test_who_wants_to_play_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "GIVE_WAY_S", PATIENCE_S)
    order: list[str] = []
    ready = threading.Event()

    def background(stop: Stop) -> Iterator[bytes]:
        ready.set()
        stop.check()
        order.append("background")
        yield b"1"

    def play(_: Stop) -> None:
        ready.wait(PATIENCE_S)
        time.sleep(0.2)  # would be time enough for the other
        order.append("play")

    async def story() -> None:
        found = desk.Desk()
        asking = asyncio.create_task(found.ask(cast(Request, Patient()), play))
        await asyncio.sleep(0)
        found.enter()
        assert [line async for line in found.pieces("q", background)] == [b"1"]
        await asking
        found.leave()
        found.close()

    asyncio.run(story())
    assert order == ["play", "background"]


def test_a_fault_reaches_all_who_share_it() -> None:
    def steps(_: Stop) -> Iterator[bytes]:
        yield b"1"
        raise ValueError("no")

    async def story() -> list[str]:
        found = desk.Desk()

        async def one() -> str:
            found.enter()
            try:
                return str([line async for line in found.pieces("q", steps)])
            except ValueError as error:
                return str(error)
            finally:
                found.leave()

        told = await asyncio.gather(one(), one(), one())
        assert not found.kept and not found.shared
        found.close()
        return told

    assert asyncio.run(story()) == ["no"] * 3


def test_memory_is_given_back_after_the_last_one_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    given = threading.Event()
    order: list[str] = []
    monkeypatch.setattr(desk, "REST_S", 0.01)
    monkeypatch.setattr(desk.memory, "give_back",
                        lambda: (order.append("given back"), given.set()))

    async def story() -> bool:
        found = desk.Desk(lambda: order.append("let go"))
        for _ in range(2):
            found.enter()
        found.leave()
        await asyncio.sleep(0.05)
        early = given.is_set()
        found.leave()
        await asyncio.to_thread(given.wait, PATIENCE_S)
        found.close()
        return early

    assert asyncio.run(story()) is False
    assert order == ["let go", "given back"]
    monkeypatch.undo()
    desk.memory.give_back()  # on this system too


def test_the_run_the_page_opens_with_is_there_before_it_is_asked_for(
        monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's first question names the scenario and no structures."""
    page = server.Page(Worlds())
    made: list[Any] = []
    plain = server.study.played

    def counted(*arguments: Any) -> Any:
        made.append(arguments)
        return plain(*arguments)

    monkeypatch.setattr(server.study, "played", counted)
    page.warm()
    first = page.played(parse("v=1&scenario=family_firm", page.worlds.first), Stop())
    page.desk.close()
    assert json.loads(gzip.decompress(first))["scenario"] == "Family firm" and len(made) == 1


def test_first_means_come_first_then_the_oldest_question() -> None:
    """One place: who has nothing yet goes before who has some, else in order of arrival."""
    async def order() -> list[tuple[bool, int]]:
        turns = desk.Turns(1)
        await turns.take(False, 0)
        had: list[tuple[bool, int]] = []

        async def wait(begun: bool, number: int) -> None:
            await turns.take(begun, number)
            had.append((begun, number))
            turns.give()

        waiting = [asyncio.create_task(wait(*who))
                   for who in ((True, 2), (True, 1), (False, 4), (False, 3))]
        await asyncio.sleep(0)
        turns.give()
        await asyncio.gather(*waiting)
        return had

    assert asyncio.run(order()) == [(False, 3), (False, 4), (True, 1), (True, 2)]


@pytest.mark.parametrize("called", [False, True])
def test_who_leaves_the_line_takes_no_place_along(called: bool) -> None:
    """Leaving before the turn has come, or in the moment it comes, keeps no place from others."""
    async def leave() -> bool:
        turns = desk.Turns(1)
        await turns.take(False, 0)
        leaver = asyncio.create_task(turns.take(False, 1))
        await asyncio.sleep(0)
        if called:
            turns.give()
        leaver.cancel()
        await asyncio.gather(leaver, return_exceptions=True)
        if not called:
            turns.give()
        await asyncio.wait_for(turns.take(False, 2), 1)
        return leaver.cancelled()

    assert asyncio.run(leave())


def test_the_background_rests_for_what_it_had_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by two clocks: that of the wall and that of the thread's own work, seconds."""
    clock = {"wall": 100.0, "used": 5.0}
    rests: list[float] = []
    monkeypatch.setattr(desk, "time", SimpleNamespace(
        perf_counter=lambda: clock["wall"], thread_time=lambda: clock["used"], sleep=rests.append))

    def work(stop: Stop) -> Iterator[bytes]:
        for wall, used in ((1.0, 1.0), (0.2, 0.1), (0.3, 0.1), (9.0, 0.1)):
            clock["wall"] += wall
            clock["used"] += used
            stop.check()
        clock["wall"] += 9.0
        yield b"means"
        stop.check()  # a piece begins anew: what it waited for its turn is nobody's fault
        with ThreadPoolExecutor(1) as own:  # of the question, waiting for others that work for it
            for _ in range(2):
                own.submit(stop.check).result(PATIENCE_S)
                clock["wall"] += 9.0
        yield b"more"

    async def story() -> None:
        found = desk.Desk()
        found.enter()
        assert [line async for line in found.pieces("q", work)] == [b"means", b"more"]
        found.leave()
        found.close()

    asyncio.run(story())
    assert rests == pytest.approx([0.0, 0.0, desk.RESTS * 0.1, desk.LONGEST_REST_S, 0.0, 0.0, 0.0])


def test_at_rest_a_server_keeps_no_scenario_and_makes_the_same_again() -> None:
    page = server.Page(Worlds())
    link = parse("v=1&scenario=family_firm", page.worlds.first)
    before, run = page.worlds.opened(link), page.played(link, Stop())
    assert page.worlds.opened(link) is before
    page.desk._empty()
    after = page.worlds.opened(link)
    assert after is not before and after.scenario == before.scenario
    page.runs.clear()
    assert page.played(link, Stop()) == run
    page.desk.close()
