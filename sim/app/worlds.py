"""Scenarios the page can show: shipped ones, the one it was opened with, uploaded ones.

Owns: which scenarios a visitor may name, resolved scenarios and prepared structures that are
kept for the next question, and how much is kept. Never does: read any other file, or simulate.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sim.app import link as links
from sim.errors import Fault, InputError, nearest
from sim.metrics.registry import METRICS
from sim.scenario import load_with_log
from sim.scenario.library import entries, shipped
from sim.scenario.limits import Limits
from sim.scenario.reading import read_bytes

if TYPE_CHECKING:
    from sim.scenario import Loaded
    from sim.scenario.loading import Source
    from sim.scenario.schema import Scenario

T = TypeVar("T")

LIMITS = Limits(cases=2e6, total_cases=2e8, memory=1.0 * 2**30, file_bytes=256 * 1024)
"""What a visitor may ask for: a page is for firms that run in seconds."""
MOST_UPLOADS = 64
KEPT_WORLDS = 16
KEPT_PREPARED = 48


class Kept(Generic[T]):
    """The latest of something, made once even if many ask at the same time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for a key; what fails is not kept."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                with self._lock:
                    if key in self._made:
                        return self._made[key]
                made = make()
                with self._lock:
                    self._made[key] = made
                    while len(self._made) > self._most:
                        self._made.popitem(last=False)
                return made
        finally:
            with self._lock:
                self._making.pop(key, None)

    def clear(self) -> None:
        """Keep none."""
        with self._lock:
            self._made.clear()


class Worlds:
    """What visitors may look at."""

    def __init__(self, opened: str | None = None) -> None:
        """Nothing is loaded yet.

        Args:
            opened: A scenario file or shipped name the page begins with; None: a small one.

        Raises:
            InputError, LimitExceeded: It cannot be shown.
        """
        self._files: dict[str, Path] = dict(shipped())
        self._texts: OrderedDict[str, tuple[dict[str, Any], str]] = OrderedDict()
        self._lock = threading.Lock()
        self._worlds: Kept[Loaded] = Kept(KEPT_WORLDS)
        self._prepared: Kept[Any] = Kept(KEPT_PREPARED)
        self.first = "family_firm"
        if opened is not None:
            name = opened.removesuffix(".toml")
            if opened not in self._files and name not in self._files:
                _loaded(opened)
                name = Path(opened).stem
                self._files = {name: Path(opened)} | self._files
            elif Path(opened).is_file():
                self._files[name] = Path(opened)
            self.first = name

    def listed(self) -> list[dict[str, str]]:
        """Name, title and summary of every scenario, the one opened first."""
        rows = {e.name: {"name": e.name, "title": e.title, "summary": e.summary}
                for e in entries()}
        for name, path in self._files.items():
            if name not in rows:
                made = _loaded(path).scenario
                rows[name] = {"name": name, "title": made.name, "summary": made.summary}
        return [rows[self.first], *(row for name, row in rows.items() if name != self.first)]

    def upload(self, content: bytes) -> dict[str, str]:
        """Take in a scenario file.

        Raises:
            InputError, LimitExceeded: In the words of the command line.
        """
        where = "uploaded file"
        if len(content) > LIMITS.file_bytes:
            raise InputError(Fault(where, "", f"is larger than {LIMITS.file_bytes // 1024} KiB"))
        tables = read_bytes(content, where)
        made = _called(where, lambda: _loaded(tables).scenario)
        name = f"upload-{hashlib.sha256(content).hexdigest()[:12]}"
        with self._lock:
            self._texts[name] = (tables, made.name)
            self._texts.move_to_end(name)
            while len(self._texts) > MOST_UPLOADS:
                self._texts.popitem(last=False)
        return {"name": name, "title": made.name, "summary": made.summary}

    def source(self, name: str) -> Path | dict[str, Any]:
        """The file or tables of a scenario a visitor may name; never any other file."""
        if name in self._files:
            return self._files[name]
        with self._lock:
            if name in self._texts:
                return self._texts[name][0]
        if links.uploaded(name):
            raise InputError(Fault(links.WHERE, "scenario", "was uploaded by somebody and is not "
                                   "kept here any more", "upload the file again"))
        close = nearest(name, self._files)
        raise InputError(Fault(links.WHERE, "scenario", "is none of " + ", ".join(self._files),
                               f"did you mean {close}?" if close else ""))

    def opened(self, link: links.Link) -> Loaded:
        """The scenario of a link, its changes applied and logged.

        Raises:
            InputError, LimitExceeded: Everything that is wrong, at once.
        """
        source = self.source(link.scenario)

        def make() -> Loaded:
            plain = _loaded(source)
            unknown = [o for o in link.overlays if o not in plain.overlays]
            if unknown:  # a visitor may not name a file
                raise InputError([Fault(links.WHERE, "overlay", "is none of "
                                        + (", ".join(plain.overlays) or "none at all"),
                                        _meant(o, plain.overlays)) for o in unknown])
            return _loaded(source, link.overlays, link.changes)

        return self._worlds.get(link.world, make)

    def prepared(self, scenario: Scenario, structure: str, make: Callable[[], Any]) -> Any:
        """What the engine prepared for a structure of a scenario."""
        def kept() -> tuple[Scenario, Any]:
            return scenario, make()

        return self._prepared.get((id(scenario), structure), kept)[1]

    def let_go(self) -> None:
        """Keep no scenario resolved and nothing prepared: a lesson's are made anew in some 85 ms.

        They are many small objects, made while much else was: each can hold a megabyte of the
        interpreter's memory that is free but for it.
        """
        self._prepared.clear()
        self._worlds.clear()


def _loaded(source: Source, overlays: Sequence[str] = (), changes: Sequence[str] = ()) -> Loaded:
    """As `sim.api.opened`, without all that the library can do besides: the page opens sooner."""
    return load_with_log(source, overlays=overlays, set=changes, limits=LIMITS, metrics=METRICS)


def _meant(name: str, known: tuple[str, ...]) -> str:
    close = nearest(name, known)
    return f"did you mean {close}?" if close else ""


def _called(where: str, load: Callable[[], T]) -> T:
    """Load, with faults told as of the uploaded file."""
    try:
        return load()
    except InputError as error:
        raise InputError([Fault(where, f.key, f.message, f.hint) for f in error.faults]) from None
