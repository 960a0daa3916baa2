"""Every `orgsim ...` line of the pages can be typed: command, options, values, names, keys.

README and guide are run as well (`test_docs.py`); here the program's own parser reads the lines
of all pages, and nothing is computed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from sim.cli.main import COMMANDS, cli
from sim.metrics.registry import METRICS
from sim.scenario import lessons, library, load
from sim.scenario.catalogue import find
from sim.structures import available

ROOT = Path(__file__).resolve().parents[2]
PAGES = [str(path.relative_to(ROOT))
         for path in sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])]
BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`orgsim ([^`]+)`")
PLACEHOLDER = re.compile(r"[A-Z]+(\.\w+)?")
"""FILE, DIR, A, B: the reader's own."""
SHORT = {"heads", "span", "cover", "structure"}
"""What `optimise --vary` knows by another name."""
KEYS = {"set_", "vary", "x", "y", "sliders", "keys"}
"""Parameters whose values begin with keys of a scenario."""
MEASURES = {"metric", "metrics", "precision", "target", "weights"}
"""Parameters whose values begin with metrics."""
STRUCTURES = {"names", "structures", "first", "second"}


def typed(page: str) -> list[str]:
    """Lines of blocks that begin with the command, what is continued put together, what is told
    beside them left out."""
    found = []
    for body in BLOCK.findall((ROOT / page).read_text(encoding="utf-8")):
        for line in body.replace("\\\n", " ").splitlines():
            match = re.match(r"(?:\$ |\.venv/bin/)*orgsim (\S.*)", line)
            if match:
                words = match[1].partition(" > ")[0].partition("  # ")[0]
                found.append(re.sub(r"\s{4,}(?![-\s]).*", "", words).strip())
    return found


def named(page: str) -> list[str]:
    """Commands named in sentences, which may leave out what is needed."""
    text = BLOCK.sub("", (ROOT / page).read_text(encoding="utf-8"))
    return [" ".join(words.split()) for words in INLINE.findall(text)]


LINES = [(page, line) for page in PAGES for line in typed(page)]
NAMED = [(page, line) for page in PAGES for line in named(page)]


def parsed(words: list[str]) -> click.Context:
    """The innermost context of a line, as the program reads it; nothing is called.

    Raises:
        click.ClickException: As on the command line.
        click.exceptions.Exit: The line asks for help or the like.
    """
    context = cli.make_context("orgsim", list(words))
    while isinstance(context.command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None, name
        context = command.make_context(name, rest, parent=context)
    return context


@cache
def names() -> frozenset[str]:
    """What ships under a name."""
    plans = [path.stem for path in (library.folder() / "plans").glob("*.toml")]
    return frozenset([*library.shipped(), *(e.name for e in lessons.shipped()), *plans])


@cache
def structures_of(scenario: str) -> frozenset[str]:
    if scenario not in library.shipped():
        return frozenset()
    return frozenset(available(load(scenario)))


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from texts(part)


def wrong(context: click.Context) -> list[str]:
    """Names of a line that nothing answers to."""
    given = context.params
    place = next((str(given[k]) for k in ("file", "source", "plan", "name") if given.get(k)), "")
    found = []
    if place and context.command.name != "new" and not _own(place) and place not in names():
        found.append(place)
    for parameter, value in given.items():
        for text in texts(value):
            parts = [text] if parameter == "set_" else text.split(",")
            begun = [part.partition("=")[0] for part in parts]
            begun = [part for part in begun if not PLACEHOLDER.fullmatch(part)]
            if parameter in KEYS:
                found += [key for key in begun
                          if key not in SHORT and find(tuple(key.split("."))) is None]
            elif parameter in MEASURES:
                found += [id for id in begun if id not in METRICS]
            elif parameter in STRUCTURES and (known := structures_of(place)):
                found += [name for name in begun if name not in known | {"all"}]
    return found


def _own(place: str) -> bool:
    """A file or folder of the reader's."""
    return bool(PLACEHOLDER.fullmatch(place)) or "/" in place or place.endswith(".toml")


def test_the_lines_are_found() -> None:
    pages = {page for page, _ in LINES}
    assert {"README.md", "docs/guide.md", "docs/questions.md", "docs/sweeps.md", "docs/page.md",
            "docs/teaching.md"} <= pages
    commands = {line.split()[0] for _, line in LINES + NAMED}
    assert set(COMMANDS) - commands <= {"scenarios", "version"}
    long = [line for _, line in LINES if line.startswith("map family_firm")]
    assert long and "--depth 1 --replications 8" in long[0]


@pytest.mark.parametrize(("page", "line"), LINES)
def test_a_line_can_be_typed(page: str, line: str) -> None:
    try:
        assert wrong(parsed(shlex.split(line))) == [], f"{page}: orgsim {line}"
    except click.ClickException as error:
        pytest.fail(f"{page}: orgsim {line}: {error.format_message()}")


@pytest.mark.parametrize(("page", "line"), NAMED)
def test_commands_and_options_in_sentences_exist(page: str, line: str) -> None:
    words = line.split()
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0).partition("|")[0]
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"{page}: orgsim {line}: no command {name}"
        command = found
    known = {o for p in command.params if isinstance(p, click.Option)
             for o in (*p.opts, *p.secondary_opts)} | {"--help"}
    options = {w.partition("=")[0].strip("[](),") for w in words if w.startswith(("--", "[--"))}
    assert options <= known, f"{page}: orgsim {line}"


@pytest.mark.parametrize("line", [
    "compar family_firm", "compare family_firm --replicatons 3", "compare famly_firm",
    "compare family_firm --replications many", "tipping family_firm functional",
    "tipping family_firm functional custmer", "compare family_firm --set staff.heds=3",
    "compare family_firm --metrics satisfacton", "run family_firm --structure functonal",
    "map family_firm --x needs.segment_shar=0:1 --y staff.heads=6:9", "classpage poolin",
    "sweep run needs_and_siz"])
def test_a_line_that_cannot_be_typed_is_noticed(line: str) -> None:
    def faults(read: Callable[[], list[str]]) -> object:
        try:
            return read()
        except click.ClickException as error:
            return error

    assert faults(lambda: wrong(parsed(shlex.split(line)))) != []
