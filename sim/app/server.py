"""The page's server: static files, questions as JSON, answers that arrive in pieces.

Owns: routes, headers, how a fault becomes a response, how many questions are worked on at once,
and that work stops when nobody waits for it. Never does: compute an answer (`study`, `controls`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.app import controls, downloads, lessons, study
from sim.app import link as links
from sim.app.phrases import vocabulary
from sim.app.worlds import LIMITS, Kept, Worlds
from sim.errors import Fault, InputError, OrgSimError
from sim.experiment.executors import available_cpus
from sim.report import style

STATIC = Path(__file__).parent / "static"
MOST_WAITING = 64
"""Questions waited for or worked on; more are turned away."""
ASK_AGAIN_S = 0.1
KEPT_RUNS = 8
"""Latest runs, for a class that opens the same link."""
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Busy(OrgSimError):
    """Too many questions at once."""


class Guard:
    """Headers of every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to what comes back."""
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()),
                                      *((k.encode(), v.encode()) for k, v in HEADERS.items())]
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


class Desk:
    """Where questions are worked on: so many at once, the others wait their turn.

    A question to be played goes before background replications: each kind has its own threads.
    """

    def __init__(self) -> None:
        workers = available_cpus()
        self.quick = ThreadPoolExecutor(workers, thread_name_prefix="play")
        self.slow = ThreadPoolExecutor(workers, thread_name_prefix="sharpen")
        self.waiting = 0

    def enter(self) -> None:
        """Take a place.

        Raises:
            Busy: There is none.
        """
        if self.waiting >= MOST_WAITING:
            raise Busy("too many people ask at once; try again in a moment")
        self.waiting += 1

    def leave(self) -> None:
        """Give the place back."""
        self.waiting -= 1

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
            self.leave()

    async def pieces(self, steps: Callable[[study.Stop], Iterator[Any]]) -> AsyncIterator[bytes]:
        """Answers one by one, a line of JSON each; leaving stops the work between two runs."""
        stop = study.Stop()
        loop = asyncio.get_running_loop()
        try:
            iterator = steps(stop)
            nothing = object()
            while True:
                try:
                    piece = await loop.run_in_executor(self.slow, next, iterator, nothing)
                except OrgSimError as error:
                    yield _line({"faults": faults(error)})
                    return
                if piece is nothing:
                    return
                yield _line(piece)
        finally:
            stop.set()
            self.leave()


def faults(error: OrgSimError) -> list[dict[str, str]]:
    """Everything that is wrong, in the words of the command line."""
    found = error.faults if isinstance(error, InputError) else (Fault("", "", str(error)),)
    return [{"where": f.where, "key": f.key, "message": f.message, "hint": f.hint,
             "text": str(f) if f.where else f.message} for f in found]


def _line(data: Any) -> bytes:
    return _json(data) + b"\n"


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def answer(data: Any, status: int = 200) -> Response:
    """Plain data as a response."""
    return Response(_json(data), status, media_type="application/json")


def refusal(error: OrgSimError) -> Response:
    """A fault as a response."""
    status = 503 if isinstance(error, Busy) else 400
    return answer({"faults": faults(error)}, status)


class Page:
    """The routes."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self.desk = Desk()
        self.runs: Kept[bytes] = Kept(KEPT_RUNS)

    def link(self, request: Request) -> links.Link:
        """What the address asks for."""
        query = request.scope["query_string"].decode("latin-1")
        return links.parse(query, self.worlds.first)

    async def index(self, _: Request) -> Response:
        """The page itself."""
        return Response((STATIC / "index.html").read_bytes(), media_type="text/html")

    async def scenarios(self, request: Request) -> Response:
        """What can be opened, and the vocabulary and colours of the page."""
        listed = await self.desk.ask(request, lambda _: self.worlds.listed())
        return answer({
            "version": links.VERSION, "scenarios": listed, "measures": vocabulary(),
            "palette": {"structures": style.PALETTE, "parts": style.PARTS, "ink": style.INK,
                        "faint": style.FAINT, "band": style.BAND,
                        "satisfaction": style.SATISFACTION, "unknown": style.UNKNOWN},
            "limits": {"upload_bytes": LIMITS.file_bytes, "link": links.MOST_CHARACTERS,
                       "structures": links.MOST_STRUCTURES},
            "own": links.OWN, "lessons": lessons.listed(),
        })

    async def schema(self, request: Request) -> Response:
        """Sliders."""
        link = self.link(request)
        return answer(await self.desk.ask(request, lambda _: controls.schema(self.worlds, link)))

    async def chart(self, request: Request) -> Response:
        """Organisation charts before any run."""
        link = self.link(request)
        return answer(await self.desk.ask(request, lambda _: controls.charts(self.worlds, link)))

    async def run(self, request: Request) -> Response:
        """One run to play."""
        link = self.link(request)

        def made(stop: study.Stop) -> bytes:
            key = (link.world, link.structures, link.replication)
            return self.runs.get(key, lambda: _json(study.played(self.worlds, link, stop)))

        return Response(await self.desk.ask(request, made), media_type="application/json")

    async def compare(self, request: Request) -> Response:
        """Means that sharpen, a line each time."""
        link = self.link(request)
        self.desk.enter()
        return StreamingResponse(
            self.desk.pieces(lambda stop: study.sharpened(self.worlds, link, stop)),
            media_type="text/event-stream")

    async def explain(self, request: Request) -> Response:
        """Causes of a difference: how far it is, then the answer."""
        link = self.link(request)
        self.desk.enter()
        return StreamingResponse(
            self.desk.pieces(lambda stop: study.explaining(self.worlds, link, stop)),
            media_type="text/event-stream")

    async def upload(self, request: Request) -> Response:
        """Take in a scenario file."""
        if request.headers.get("content-type", "").split(";")[0] != "application/toml":
            raise InputError(Fault("uploaded file", "", "must be sent as application/toml"))
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > LIMITS.file_bytes:
                return refusal(InputError(Fault(
                    "uploaded file", "", f"is larger than {LIMITS.file_bytes:,} bytes, the limit "
                    "for a scenario on the page")))
        return answer(await self.desk.ask(
            request, lambda _: self.worlds.upload(bytes(content))))

    async def download(self, request: Request) -> Response:
        """The scenario, the cases of the run, or the numbers and figures of the comparison."""
        link = self.link(request)
        made = await self.desk.ask(
            request, lambda stop: downloads.made(self.worlds, link, stop))
        return Response(made.content, media_type=made.media_type, headers={
            "content-disposition": f'attachment; filename="{made.name}"'})


async def _refused(_: Request, error: Exception) -> Response:
    if isinstance(error, study.Cancelled):
        return PlainTextResponse("", 499)
    return refusal(error) if isinstance(error, OrgSimError) else PlainTextResponse("", 500)


async def _failed(_: Request, error: Exception) -> Response:
    return answer({"faults": [{"where": "", "key": "", "hint": "",
                               "message": "internal error", "text": "internal error, a fault of "
                               f"orgsim: {type(error).__name__}"}]}, 500)


def application(worlds: Worlds, hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
                ) -> Starlette:
    """The page as an ASGI application.

    Args:
        worlds: What can be opened.
        hosts: Names by which the page may be called; any other is refused.
    """
    page = Page(worlds)
    get = [("/", page.index), ("/api/scenarios", page.scenarios), ("/api/schema", page.schema),
           ("/api/chart", page.chart), ("/api/run", page.run), ("/api/compare", page.compare),
           ("/api/explain", page.explain), ("/api/download", page.download)]
    made = Starlette(
        routes=[*(Route(path, call, methods=["GET"]) for path, call in get),
                Route("/api/upload", page.upload, methods=["POST"]),
                Mount("/static", StaticFiles(directory=STATIC))],
        middleware=[Middleware(Guard),
                    Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts),
                               www_redirect=False),
                    Middleware(GZipMiddleware, minimum_size=2000, compresslevel=1)],
        exception_handlers={OrgSimError: _refused, Exception: _failed},
    )
    made.state.page = page
    return made
