"""What can be taken away from the page: the scenario, the data, the figures.

Owns: names and kinds of the files. Never does: compute; they are those of the command line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.app.link import WHERE, Link
from sim.app.study import Stop, Watched, chosen
from sim.errors import Fault, InputError, nearest

if TYPE_CHECKING:
    from sim.app.worlds import Worlds

FORMATS = ("scenario", "cases", "comparison", "figure")


@dataclass(frozen=True)
class File:
    """A file to save."""

    name: str
    media_type: str
    content: bytes


def made(worlds: Worlds, link: Link, stop: Stop) -> File:
    """A file by the link's format.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense.
        Cancelled: On request.
    """
    scenario = worlds.opened(link).scenario
    stem = re.sub(r"[^a-z0-9]+", "-", scenario.name.lower()).strip("-")[:40] or "scenario"
    if link.format == "scenario":
        from sim.scenario import to_toml

        return File(f"{stem}.toml", "application/toml", to_toml(scenario).encode())
    if link.format == "cases":
        return File(f"{stem}-cases.csv", "text/csv; charset=utf-8", _cases(worlds, link, stop))
    if link.format in ("comparison", "figure"):
        return _comparison(worlds, link, stop, stem)
    close = nearest(link.format, FORMATS)
    raise InputError(Fault(WHERE, "format", "is none of " + ", ".join(FORMATS),
                           f"did you mean {close}?" if close else ""))


def _cases(worlds: Worlds, link: Link, stop: Stop) -> bytes:
    """The event log of the run on show, structure by structure."""
    from sim import api
    from sim.store.files import csv_text

    scenario = worlds.opened(link).scenario
    columns: list[str] = []
    rows: list[tuple[object, ...]] = []
    for name in chosen(scenario, link):
        stop.check()
        log = api.event_log(scenario, name, replication=link.replication)
        columns = ["structure", *log.columns]
        rows += [(name, *row) for row in log.itertuples(index=False, name=None)]
    return csv_text(columns, rows).encode()


def _comparison(worlds: Worlds, link: Link, stop: Stop, stem: str) -> File:
    """The comparison with as many replications as the page shows."""
    from sim.experiment.compare import compare
    from sim.store.files import to_json

    scenario = worlds.opened(link).scenario
    answer = compare(scenario, chosen(scenario, link), replications=link.replications,
                     engine=Watched(worlds, stop), jobs=1)
    if link.format == "comparison":
        return File(f"{stem}-comparison.json", "application/json",
                    to_json(answer.to_json()).encode())
    from sim.report import style
    from sim.report.plots import Material, measures

    no_series: Any = None  # this figure needs none
    with style.drawing():
        drawn = measures(Material(answer.to_json(), no_series, {}))
        if drawn is None:
            raise InputError(Fault(WHERE, "structures", "a figure needs two structures or more"))
        return File(f"{stem}.svg", "image/svg+xml", style.svg(drawn))
