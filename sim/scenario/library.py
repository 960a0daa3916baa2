"""The scenarios that come with the program, and the starter file for a new one.

Owns: where they lie (package data when installed, `scenarios/` in a checkout). Never does: load.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sim.errors import Fault, InputError, nearest


class Entry(NamedTuple):
    """One shipped scenario, as listed by `orgsim scenarios`."""

    name: str
    path: Path
    title: str
    summary: str


@cache
def folder() -> Path:
    """The folder of what is shipped: scenarios, and beside them lessons and plans."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """Shipped scenarios: name to file, in alphabetical order."""
    return {path.stem: path for path in sorted(folder().glob("*.toml"))}


def entries() -> list[Entry]:
    """Shipped scenarios with title and summary."""
    listed = []
    for name, path in shipped().items():
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        listed.append(Entry(name, path, tables["name"], tables["summary"]))
    return listed


def locate(source: str | Path) -> Path:
    """The file meant by a path or a shipped name; a file goes before a name.

    Raises:
        InputError: Neither; the message lists the shipped names.
    """
    path, known, text = Path(source), shipped(), str(source)
    where = "".join(c if c.isprintable() else "?" for c in text[:200]) or '""'
    try:
        if text and (path.is_file() or (path.exists() and text not in known)):
            return path
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(Fault(where, "", f"cannot be read ({reason})")) from None
    found = known.get(text) or known.get(text.removesuffix(".toml"))
    if found is not None:
        return found
    hint = _beside(text)
    stem = path.name.removesuffix(".toml")
    if not hint and len(stem) < 100:
        close = nearest(stem.replace("-", "_"), known)
        hint = f"did you mean {close}?" if close else ""
    raise InputError(Fault(where, "", "there is no such file, and no shipped scenario of this "
                           f"name; shipped are {', '.join(known)}",
                           hint))


def plans() -> dict[str, Path]:
    """Shipped plans of sweeps: name to file, in alphabetical order."""
    return {path.stem: path for path in sorted((folder() / "plans").glob("*.toml"))}


def locate_plan(source: str | Path) -> Path:
    """The file meant by a path or the name of a shipped plan; a file goes before a name.

    Raises:
        InputError: Neither; the message lists the shipped names.
    """
    path, known, text = Path(source), plans(), str(source)
    try:
        if text and path.is_file():
            return path
    except (OSError, ValueError):
        pass
    found = known.get(text) or known.get(text.removesuffix(".toml"))
    if found is not None:
        return found
    where = "".join(c if c.isprintable() else "?" for c in text[:200]) or '""'
    close = nearest(path.name.removesuffix(".toml")[:100].replace("-", "_"), known)
    raise InputError(Fault(where, "", "there is no such file, and no shipped plan of this name; "
                           f"shipped are {', '.join(known)}",
                           _beside(text) or (f"did you mean {close}?" if close else "")))


def _beside(text: str) -> str:
    """A hint at the file that lacks only its ending, or empty if there is none."""
    full = f"{text}.toml"
    try:
        there = len(text) < 200 and Path(full).is_file()
    except (OSError, ValueError):
        there = False
    shown = "".join(c if c.isprintable() else "?" for c in full)
    return f"there is a file {shown}: give its full name" if there else ""


def starter(name: str) -> str:
    """A commented scenario file to start from, titled `name`; it loads as it is."""
    return _titled("starter.toml", "My firm", name)


def starter_plan(name: str) -> str:
    """A commented plan of a sweep to start from, titled `name`; it runs as it is."""
    return _titled("starter_plan.toml", "My sweep", name)


def _titled(file: str, placeholder: str, name: str) -> str:
    title = "".join(c for c in name.strip() if c.isprintable() and c not in '"\\')[:120]
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return text.replace(placeholder, title or placeholder)
