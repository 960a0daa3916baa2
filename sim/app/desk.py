"""Where the page's questions are worked on: how many at once, who goes first, who has left.

Owns: threads, places, answers that several people share, and that work stops and memory is given
back when nobody waits. Never does: HTTP, compute an answer (`study`, `controls`).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from heapq import heappop, heappush
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from sim.app import memory, study
from sim.errors import OrgSimError
from sim.experiment.executors import available_cpus

MOST_WAITING = 64
"""Questions waited for or worked on; more are turned away."""
ASK_AGAIN_S = 0.1
GIVE_WAY_S = 1.0
"""How long a replication in the background waits, at most, for those who want to play."""
KEPT_ANSWERS = 32
"""Latest finished answers, for a class that asks the same; the last line of each."""
FAIR = 2.0
"""A background thread that takes up to so many times its processor time is in nobody's way."""
RESTS = 3.0
"""How many seconds it rests for each second it had to wait beyond that."""
LONGEST_REST_S = 1.0
REST_S = 3.0
"""Without a question for so long, memory is given back."""


class Busy(OrgSimError):
    """Too many questions at once."""


class Turns:
    """So many at work at once; of those who wait the one most in a hurry is next.

    Owns: the order. Belongs to one event loop.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._line: list[tuple[bool, int, asyncio.Future[None]]] = []

    async def take(self, begun: bool, number: int) -> None:
        """Wait for a place: who has nothing to show yet is first, then who came first.

        Args:
            begun: Whether there is something to show already.
            number: Order of arrival, no two the same.
        """
        if self._free:
            self._free -= 1
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._line, (begun, number, called))
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():  # its place was free just then
                self.give()
            raise

    def give(self) -> None:
        """A place is free."""
        while self._line:
            called = heappop(self._line)[-1]
            if not called.done():  # else it was not waited for any more
                called.set_result(None)
                return
        self._free += 1


class Courtesy:
    """Rests for threads in the background: the more the processors are wanted, the longer.

    A thread that the system lets wait knows by it that others compete, on this machine's browsers
    too. It rests between two runs, when it holds nothing: one of lower priority would be made to
    wait while it holds the interpreter, and everybody else with it.
    """

    def __init__(self) -> None:
        self._began = threading.local()

    def begin(self) -> None:
        """Work begins in this thread."""
        self._began.wall, self._began.used = time.perf_counter(), time.thread_time()

    def go_on(self) -> None:
        """Work goes on after a rest."""
        if self._works:
            self.begin()

    @property
    def _works(self) -> bool:
        """False in a thread of a question's own: it may only wait for others that work for it."""
        return hasattr(self._began, "wall")

    def due_s(self) -> float:
        """How long this thread should rest for what it had to wait since it began, seconds."""
        if not self._works:
            return 0.0
        wall: float = time.perf_counter() - self._began.wall
        used: float = time.thread_time() - self._began.used
        return min(LONGEST_REST_S, RESTS * max(0.0, wall - FAIR * used))


class Shared:
    """An answer that arrives in pieces, for all who ask the same question."""

    def __init__(self, give_way: Callable[[], None]) -> None:
        self.made: list[bytes] = []
        self.watchers = 0
        self.done = False
        self.error: Exception | None = None
        self.stop = study.Stop(give_way)
        self.work: asyncio.Task[None] | None = None
        self.queued = False
        """Whether it waits for a place."""
        self._more = asyncio.Event()

    def tell(self, line: bytes | None = None) -> None:
        """Wake everybody who waits for the next piece."""
        if line is not None:
            self.made.append(line)
        self._more.set()
        self._more = asyncio.Event()

    async def lines(self) -> AsyncIterator[bytes]:
        """What there is of the latest, then each as it is made."""
        at = max(0, len(self.made) - 1)
        while True:
            while at < len(self.made):
                at += 1
                yield self.made[at - 1]
            if self.error is not None:
                raise self.error
            if self.done:
                return
            await self._more.wait()


class Desk:
    """So many questions at once, the others wait their turn.

    A question to be played goes before background replications: each kind has its own threads,
    and between two runs the background waits a little while anybody wants to play. In the
    background everybody's first means come first, then one answer is finished after the other:
    what is half done holds the customers of all its runs.
    """

    def __init__(self, let_go: Callable[[], None] = lambda: None) -> None:
        """Nobody asks yet.

        Args:
            let_go: Called when there has been no question for a while, before memory is given
                back: drops what only speeds up the next question.
        """
        self._let_go = let_go
        workers = available_cpus()
        self.quick = ThreadPoolExecutor(workers, thread_name_prefix="play")
        self.slow = ThreadPoolExecutor(workers, thread_name_prefix="sharpen")
        self.turns = Turns(workers)
        self.courtesy = Courtesy()
        self.waiting = 0
        self._asked = 0
        self.shared: dict[Hashable, Shared] = {}
        self.kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._hurried = 0
        self._calm = threading.Event()
        self._calm.set()
        self._rest: asyncio.TimerHandle | None = None

    def enter(self) -> None:
        """Take a place.

        Raises:
            Busy: There is none.
        """
        if self.waiting >= MOST_WAITING:
            raise Busy("too many people ask at once; try again in a moment")
        self.waiting += 1
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def leave(self) -> None:
        """Give the place back; after the last one, memory too."""
        self.waiting -= 1
        if self.waiting == 0:
            loop = asyncio.get_running_loop()
            self._rest = loop.call_later(REST_S, self._give_back)

    def _give_back(self) -> None:
        self._rest = None
        with suppress(RuntimeError):  # the threads have been let go
            self.slow.submit(self._empty)

    def _empty(self) -> None:
        self._let_go()
        memory.give_back()

    def close(self) -> None:
        """Let go of the threads; what has begun ends by itself."""
        for pool in (self.quick, self.slow):
            pool.shutdown(wait=False, cancel_futures=True)

    async def ask(self, request: Request, call: Callable[[study.Stop], Any]) -> Any:
        """Work on a question until it is answered or its asker is gone.

        Raises:
            Cancelled: Nobody waits any more.
        """
        self.enter()
        stop = study.Stop()
        self._hurried += 1
        self._calm.clear()
        try:
            work = asyncio.get_running_loop().run_in_executor(self.quick, call, stop)
            while not work.done():
                await asyncio.wait({work}, timeout=ASK_AGAIN_S)
                if not work.done() and await request.is_disconnected():
                    break
            if not work.done():
                stop.set()
            return await work
        finally:
            stop.set()
            self._hurried -= 1
            if self._hurried == 0:
                self._calm.set()
            self.leave()

    async def pieces(self, key: Hashable, steps: Callable[[study.Stop], Iterator[bytes]]
                     ) -> AsyncIterator[bytes]:
        """Lines one by one; the work is done once for all who ask, and stops after the last.

        Args:
            key: What the question is; the same key, the same answer.
            steps: Makes the lines.
        """
        if key in self.kept:
            self.kept.move_to_end(key)
            yield self.kept[key]
            return
        shared = self.shared.get(key)
        if shared is None:
            shared = self.shared[key] = Shared(self._give_way)
            shared.work = asyncio.create_task(self._make(key, shared, steps))
        shared.watchers += 1
        try:
            async for line in shared.lines():
                yield line
        finally:
            shared.watchers -= 1
            if shared.watchers == 0 and not shared.done:
                shared.stop.set()
                if shared.queued and shared.work is not None:
                    shared.work.cancel()
                self._forget(key, shared)

    def _give_way(self) -> None:
        time.sleep(self.courtesy.due_s())
        self._calm.wait(GIVE_WAY_S)
        self.courtesy.go_on()

    async def _make(self, key: Hashable, shared: Shared,
                    steps: Callable[[study.Stop], Iterator[bytes]]) -> None:
        self._asked += 1
        number = self._asked
        try:
            iterator = steps(shared.stop)
            while (line := await self._piece(shared, number, iterator)) is not None:
                shared.tell(line)
            self.kept[key] = shared.made[-1]
            while len(self.kept) > KEPT_ANSWERS:
                self.kept.popitem(last=False)
        except Exception as error:  # noqa: BLE001 - raised again before whoever waits
            shared.error = error
        finally:
            shared.done = True
            shared.tell()
            self._forget(key, shared)

    async def _piece(self, shared: Shared, number: int, iterator: Iterator[bytes]) -> bytes | None:
        """The next line when its turn has come, None after the last."""
        shared.queued = True
        await self.turns.take(bool(shared.made), number)
        shared.queued = False
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self.slow, self._next, iterator)
        finally:
            self.turns.give()

    def _next(self, iterator: Iterator[bytes]) -> bytes | None:
        self.courtesy.begin()
        return next(iterator, None)

    def _forget(self, key: Hashable, shared: Shared) -> None:
        """Who asks from now on begins anew, or is told what was kept."""
        if self.shared.get(key) is shared:
            del self.shared[key]


class Lines(StreamingResponse):
    """A response line by line that gives its place back however it ends."""

    def __init__(self, desk: Desk, lines: AsyncIterator[bytes]) -> None:
        desk.enter()
        self._desk, self._lines = desk, lines
        super().__init__(lines, media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is, until the end or until the asker has left."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._desk.leave()
            await self._lines.aclose()  # type: ignore[attr-defined]
