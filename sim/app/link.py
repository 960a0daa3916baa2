"""The link: all settings of the page as the query of its address, versioned.

Owns: what a link may say, and how it becomes a question. Never does: know a parameter; the
scenario's own schema reads those.

    ?v=1&scenario=family_firm&structures=functional,customer&seed=1&replication=0
        &overlay=twelve-people&set=staff.heads=7&own=make:product,rest:function
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from sim.errors import Fault, InputError, nearest

VERSION = "1"
MOST_CHARACTERS = 4096
MOST_STRUCTURES = 3
MOST_SETTINGS = 100
OWN = "my-structure"
"""Name of the structure that the page's editor makes."""
OWN_TITLE = "My structure"
WHERE = "link"
KEYS = ("v", "scenario", "structures", "seed", "replication", "overlay", "set", "own",
        "replications", "first", "second", "metric", "format", "lesson")
_MANY = ("overlay", "set")
_UPLOADED = re.compile(r"upload-[0-9a-f]{12}")


@dataclass(frozen=True)
class Link:
    """What a link asks for; values of the scenario are not checked yet."""

    scenario: str
    structures: tuple[str, ...] = ()
    """Side by side; empty means the first of the scenario's list."""
    seed: int | None = None
    replication: int = 0
    replications: int | None = None
    overlays: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """KEY=VALUE, as on the command line."""
    own: tuple[tuple[str, str], ...] = ()
    """Function and grouping key of the editor's structure."""
    first: str = ""
    second: str = ""
    metric: str = "satisfaction"
    format: str = ""
    lesson: str = ""
    """Shipped lesson whose sliders stand first; its changes stand in `settings`."""

    @property
    def world(self) -> tuple[Any, ...]:
        """What decides the scenario, as a key for caches."""
        return (self.scenario, self.overlays, self.settings, self.own, self.seed)

    @property
    def changes(self) -> list[str]:
        """Settings as KEY=VALUE texts, the seed and the editor's structure among them."""
        texts = list(self.settings)
        if self.seed is not None:
            texts.append(f"seed={self.seed}")
        if self.own:
            group = ", ".join(f"{_quoted(f)} = {_quoted(key)}" for f, key in self.own)
            texts.append(f"structures.{OWN}.title={_quoted(OWN_TITLE)}")
            texts.append(f"structures.{OWN}.group={{ {group} }}")
        return texts


def _quoted(text: str) -> str:
    """A text as TOML writes it."""
    safe = "".join(c if c.isprintable() and c not in '"\\' else "?" for c in text)
    return f'"{safe}"'


def parse(query: str, default: str) -> Link:
    """Read a link.

    Args:
        query: The part of the address after "?".
        default: Scenario meant when the link names none.

    Raises:
        InputError: Everything that is wrong with its form, at once.
    """
    if len(query) > MOST_CHARACTERS:
        raise InputError(Fault(WHERE, "", f"is longer than {MOST_CHARACTERS:,} characters",
                               "put the changes into a scenario file and upload it"))
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query),
                          max_num_fields=MOST_SETTINGS + len(KEYS), errors="strict")
    except ValueError:
        raise InputError(Fault(WHERE, "", "cannot be read", "copy it anew")) from None
    faults: list[Fault] = []
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        if key not in KEYS:
            close = nearest(key, KEYS)
            faults.append(Fault(WHERE, _plain(key), "is nothing a link can say",
                                f"did you mean {close}?" if close else ""))
        elif key in found and key not in _MANY:
            faults.append(Fault(WHERE, key, "is given more than once"))
        else:
            found.setdefault(key, []).append(value)

    def one(key: str, default: str = "") -> str:
        return found.get(key, [default])[0]

    def number(key: str, low: int, high: int) -> int | None:
        text = one(key)
        if text == "":
            return None
        if not re.fullmatch(r"\d{1,19}", text) or not low <= int(text) <= high:
            faults.append(Fault(WHERE, key, f"a whole number from {low} to {high:,}, not "
                                f"{_plain(text)}"))
            return None
        return int(text)

    if (version := one("v", VERSION)) != VERSION:
        faults.append(Fault(WHERE, "v", f"version {_plain(version)} is not known here; this page "
                            f"reads version {VERSION}", "update orgsim"))
    structures = _names(one("structures"))
    if len(structures) > MOST_STRUCTURES:
        faults.append(Fault(WHERE, "structures", f"at most {MOST_STRUCTURES} side by side, not "
                            f"{len(structures)}"))
    link = Link(
        scenario=one("scenario") or default, structures=structures,
        seed=number("seed", 0, 2**63 - 1), replication=number("replication", 0, 9999) or 0,
        replications=number("replications", 2, 200),
        overlays=tuple(found.get("overlay", ())), settings=tuple(found.get("set", ())),
        own=_own(one("own"), faults), first=one("first"), second=one("second"),
        metric=one("metric", "satisfaction"), format=one("format"), lesson=one("lesson"))
    if faults:
        raise InputError(faults)
    return link


def uploaded(name: str) -> bool:
    """Whether a scenario's name is that of a file which was uploaded."""
    return _UPLOADED.fullmatch(name) is not None


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _own(text: str, faults: list[Fault]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for part in _names(text):
        function, colon, key = part.rpartition(":")
        if not colon or not function or not key:
            faults.append(Fault(WHERE, "own", f"{_plain(part)} is no FUNCTION:KEY",
                                "such as advise:segment"))
        pairs.append((function, key))
    return tuple(dict(pairs).items())


def _plain(text: str) -> str:
    """A text from outside, short and harmless, for messages."""
    shown: Iterable[str] = (c if c.isprintable() else "?" for c in text[:60])
    return '"' + "".join(shown) + ('..."' if len(text) > 60 else '"')
