"""A small firm for the tests of the page, and a server to talk to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Page as Tab

from sim.app.serve import listen
from sim.app.server import Page, application
from sim.app.worlds import Worlds

SMALL = ("scenario=family_firm&set=time.warm_up=20+weeks&set=time.horizon=26+weeks"
         "&set=customers.count=120&set=staff.heads=4")
"""As part of a link: a firm whose runs take some hundredths of a second."""
CHANGES = ["time.warm_up=20 weeks", "time.horizon=26 weeks", "customers.count=120",
           "staff.heads=4"]
"""The same for the library."""
PATIENCE_MS = 600_000
"""The first run may have to be compiled."""


@contextmanager
def served(worlds: Worlds | None = None) -> Iterator[str]:
    """The address of a page on a free port, for as long as it is needed."""
    with paged(worlds) as (address, _):
        yield address


@contextmanager
def paged(worlds: Worlds | None = None) -> Iterator[tuple[str, Page]]:
    """The same with the page behind it."""
    bound = listen("127.0.0.1", 0)
    made = application(worlds or Worlds())
    server = uvicorn.Server(uvicorn.Config(made, log_level="error", lifespan="off",
                                           timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: server.run(sockets=[bound]), daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}", made.state.page
    finally:
        server.should_exit = True
        thread.join(10)
        made.state.page.desk.close()
        bound.close()


def until(page: Tab, expression: str) -> None:
    """Wait until an expression holds (the page's security policy forbids Playwright's own way)."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(f"Boolean({expression})"):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(40)
