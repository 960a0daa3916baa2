"""Other answers that lie in a results folder, as findings of the same report.

Owns: which files are an answer, and what of it is shown. Never does: compute; the words are those
written when the question was answered.

An answer is a folder's own, or lies in a folder within it: `orgsim tipping ... --out DIR/tipping`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError
from sim.report import answer_tables as tables
from sim.report.findings import Finding, sentence, split
from sim.report.tables import Table

MOST_BYTES = 50_000_000
"""A larger file is not read."""


@dataclass(frozen=True)
class Kind:
    """One kind of answer: its files."""

    name: str
    words: str
    """Text file, empty where there is none."""
    figure: str
    """Figure without its ending."""
    tables: Callable[[Mapping[str, Any]], tuple[Table, ...]]


@dataclass(frozen=True)
class Answer:
    """An answer found."""

    kind: Kind
    folder: Path
    data: Mapping[str, Any]
    finding: Finding
    title: str
    svg: bytes | None
    """Its figure as it lay there; None where there is none, or it is drawn anew."""
    path: Path | None
    drawn: tuple[bytes, bytes] | None = None
    """A figure drawn now: SVG and PNG."""

    @property
    def figure(self) -> str:
        """The name under which its figure stands in a report."""
        return self.finding.figures[0] if self.finding.figures else ""


def found(folder: Path) -> list[Answer]:
    """Every answer in a folder and in the folders directly within it, in order of names.

    Raises:
        InputError: A file of an answer cannot be read; all such faults at once.
    """
    places = [folder, *sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink())]
    faults: list[Fault] = []
    answers: list[Answer] = []
    for place in places:
        for file, kind in KINDS.items():
            if not (place / file).is_file():
                continue
            try:
                data = _json(place / file)
                answers.append(_answer(kind, place, data, len(answers)))
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                faults.append(Fault(str(place / file), "", "cannot be read as an answer: "
                                    f"{type(error).__name__} {str(error)[:80]}".rstrip()))
    if faults:
        raise InputError(faults)
    return answers


def journey(data: Mapping[str, Any], number: int) -> Answer:
    """A journey just followed, as an answer."""
    return _answer(KINDS["journey.json"], Path(), data, number)


def flips(answers: list[Answer], most: int = 3) -> tuple[str, ...]:
    """The first flips of the tipping answers, in words."""
    told = []
    for one in answers:
        if one.kind.name == "tipping":
            told += [line.strip().split("; ")[0] for line in one.finding.points if ": " in line
                     and re.search(r"overtakes (above|below)", line)][:most]
    return tuple(told[:most])


def ranked_keys(answers: list[Answer]) -> tuple[str, ...]:
    """Keys in the order in which a tipping or sensitivity answer ranks them."""
    for one in answers:
        rows = one.data.get("assumptions", one.data.get("factors", ()))
        keys = [str(row["key"]) for row in rows if isinstance(row, Mapping) and "key" in row]
        if keys:
            return tuple(keys)
    return ()


def _json(path: Path) -> Mapping[str, Any]:
    """A JSON table of decent size."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError("is larger than any answer")
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError("holds no table")
    return data


def _answer(kind: Kind, place: Path, data: Mapping[str, Any], number: int) -> Answer:
    """An answer with its words, figure and table."""
    title = text = ""
    points: list[str] = []
    if kind.words and (place / kind.words).is_file():
        title, text, points = words((place / kind.words).read_text(encoding="utf-8"))
    elif isinstance(data.get("text"), list):
        points = [str(line) for line in data["text"]]
    svg = drawn = path = None
    name = f"{kind.name}-{number + 1}"
    if kind.figure and (place / f"{kind.figure}.svg").is_file():
        path = place / f"{kind.figure}.svg"
        svg = path.read_bytes()
    if kind.name == "journey":
        from sim.report import timeline

        drawn = timeline.figures(data)
        points = [timeline.sentence(data)]
        title = f"Customer {data['customer']}, segment {data['segment']}"
    lead = points[0] if points else title or kind.name
    heading, rest = split(lead)
    finding = Finding(
        heading=sentence(heading).rstrip(".:"),
        text=tuple(t for t in (f"{title}. {text}".strip(" ."), rest) if t),
        points=tuple(sentence(p) if not p.startswith("  ") else p for p in points[1:]),
        figures=(name,) if svg is not None or drawn is not None else (),
        tables=kind.tables(data))
    return Answer(kind, place, data, finding, title or kind.name, svg, path, drawn)


def words(page: str) -> tuple[str, str, list[str]]:
    """Title, running text and points of a page of text written by an answer, up to its sections."""
    title, text = "", []
    points: list[str] = []
    for line in page.splitlines():
        if line.startswith("## "):
            break
        if line.startswith("# "):
            title = line[2:]
        elif line.startswith("- "):
            points.append(line[2:])
        elif line.lstrip().startswith("- "):
            points.append("  " + line.lstrip()[2:])
        elif line and not line.startswith(("|", "#", "!")):
            text.append(line)
    return title, " ".join(text), points


KINDS: dict[str, Kind] = {
    "explanation.json": Kind("explanation", "explanation.md", "waterfall", tables.explanation),
    "tipping.json": Kind("tipping", "tipping.md", "tipping", tables.tipping),
    "sensitivity.json": Kind("sensitivity", "sensitivity.md", "sensitivity", tables.sensitivity),
    "map.json": Kind("map", "map.md", "map", tables.map_),
    "selection.json": Kind("selection", "selection.md", "race", tables.selection),
    "staffing.json": Kind("staffing", "staffing.md", "curves", tables.staffing),
    "front.json": Kind("front", "front.md", "front", tables.front),
    "reorganisation.json": Kind("reorganisation", "reorganisation.md", "curve",
                                tables.reorganisation),
    "diagnosis.json": Kind("diagnosis", "diagnosis.md", "changes", tables.diagnosis),
    "journey.json": Kind("journey", "", "", tables.none),
}
"""What is an answer, by the file `--json` would print."""
