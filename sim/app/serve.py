"""Starting the page: a port that is free, a browser if wanted, a clean end.

Owns: addresses and ports. Never does: answer a request.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.errors import Fault, InputError

if TYPE_CHECKING:
    from sim.app.worlds import Worlds

LOOPBACK = "127.0.0.1"
PORT = 8765
TRIES = 20


def loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """A socket on the port, or on the next free one.

    Raises:
        InputError: No such address, or no port is free.
    """
    wanted = range(port, min(port + TRIES, 65536)) if port else [0]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in wanted:
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, number))
            found.listen(128)
            return found
        except OSError as error:
            found.close()
            if error.errno != errno.EADDRINUSE:
                raise InputError(Fault("--host", "", f"{host} port {number} cannot be used "
                                       f"({error.strerror or error})")) from None
    raise InputError(Fault("--port", "", f"no port from {port} to {wanted[-1]} is free",
                           "give another with --port"))


def address(host: str, bound: socket.socket) -> str:
    """Where the page is to be found."""
    number = bound.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{number}/"


def serve(worlds: Worlds, bound: socket.socket, host: str,
          ready: Callable[[], None] | None = None) -> None:
    """Answer until interrupted.

    Args:
        worlds: What can be opened.
        bound: From `listen`.
        host: Address asked for; beyond loopback the page may be called by any name.
        ready: Called once requests are answered.
    """
    import uvicorn

    from sim.app.memory import one_heap
    from sim.app.server import application

    one_heap()
    hosts = ("127.0.0.1", "localhost", "[::1]") if loopback(host) else ("*",)
    made = application(worlds, hosts)
    settings = uvicorn.Config(made, log_level="warning", access_log=False, lifespan="off",
                              server_header=False, timeout_graceful_shutdown=1,
                              limit_concurrency=512)
    server = uvicorn.Server(settings)
    if ready is not None:
        _when_started(server, ready)
    made.state.page.warm()
    try:
        server.run(sockets=[bound])
    finally:
        made.state.page.desk.close()


def _when_started(server: object, ready: Callable[[], None]) -> None:
    """Call `ready` from another thread as soon as the server answers."""
    import threading
    import time

    def wait() -> None:
        for _ in range(600):
            if getattr(server, "started", False):
                ready()
                return
            time.sleep(0.05)

    threading.Thread(target=wait, daemon=True, name="ready").start()
