"""The command that opens the page.

Owns: app: address, port, browser. Never does: answer a request (`sim.app`).
"""

from __future__ import annotations

import click

from sim.cli.options import debug_option, quiet_option


@click.command()
@click.argument("file", metavar="[SCENARIO]", required=False)
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Address to listen on; any other than this lets other machines in.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True,
              help="First port to try; 0 takes any.")
@click.option("--no-browser", is_flag=True, help="Only say the address.")
@quiet_option
@debug_option
def app(file: str | None, host: str, port: int, no_browser: bool, quiet: bool) -> int:
    """Open the page: structures side by side on the same customers, played in the browser.

    Everything stays on this machine. Ctrl-C ends it.
    """
    from sim.app import serve
    from sim.app.worlds import Worlds
    from sim.cli import talk

    worlds = Worlds(file)
    bound = serve.listen(host, port)
    place = serve.address(host, bound)
    if not serve.loopback(host):
        talk.say(f"warning: {host} can be reached from other machines: whoever finds this address "
                 "can use this machine's processors; there is no password", quiet=False)
    talk.data(place)
    talk.say("Ctrl-C ends it", quiet=quiet)

    def show() -> None:
        import webbrowser

        webbrowser.open(place)

    serve.serve(worlds, bound, host, None if no_browser else show)
    return 0
