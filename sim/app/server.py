"""The page's server: static files, questions as JSON, answers that arrive in pieces.

Owns: routes, headers, how a fault becomes a response. Never does: compute an answer (`study`,
`controls`), or decide who is worked for first and until when (`desk`).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.app import controls, downloads, lessons, study
from sim.app import link as links
from sim.app.desk import Busy, Desk, Lines
from sim.app.phrases import vocabulary
from sim.app.worlds import LIMITS, Kept, Worlds
from sim.errors import Fault, InputError, OrgSimError
from sim.report import style

Steps = Callable[[Worlds, links.Link, study.Stop], Iterator[Any]]
"""A question whose answer arrives in pieces."""
STATIC = Path(__file__).parent / "static"
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
        self.desk = Desk(lambda: study.let_go(worlds))
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
        made = await self.desk.ask(request, lambda stop: self.played(link, stop))
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(gzip.decompress(made), media_type="application/json")
        return Response(made, media_type="application/json", headers={
            "content-encoding": "gzip", "vary": "Accept-Encoding"})

    def played(self, link: links.Link, stop: study.Stop) -> bytes:
        """A run, made and packed once for all who open the same link."""
        key = (link.world, link.structures, link.replication)
        return self.runs.get(key, lambda: gzip.compress(
            _json(study.played(self.worlds, link, stop)), compresslevel=1, mtime=0))

    def warm(self) -> None:
        """Make the run that the page opens with while the browser is still on its way."""
        first = links.parse("", self.worlds.first)
        self.desk.quick.submit(self.played, first, study.Stop())

    async def compare(self, request: Request) -> Response:
        """Means that sharpen, a line each time."""
        link = self.link(request)
        return self.lines("compare", link, study.sharpened)

    async def explain(self, request: Request) -> Response:
        """Causes of a difference: how far it is, then the answer."""
        link = self.link(request)
        return self.lines("explain", link, study.explaining)

    def lines(self, kind: str, link: links.Link, steps: Steps) -> Response:
        """An answer a line of JSON at a time; a fault is its last line."""
        def made(stop: study.Stop) -> Iterator[bytes]:
            try:
                for piece in steps(self.worlds, link, stop):
                    yield _line(piece)
            except study.Cancelled:
                raise
            except OrgSimError as error:
                yield _line({"faults": faults(error)})

        return Lines(self.desk, self.desk.pieces((kind, link), made))

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
