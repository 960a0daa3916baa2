"""The table of the bench, for a terminal and for the documentation.

Owns: how rows are written. Never does: measure.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata

from bench.rows import Line

BEGIN, END = "<!-- bench table: begin -->", "<!-- bench table: end -->"


def verdict(line: Line, values: Sequence[float]) -> str:
    """Whether the median meets the target."""
    if line.target is None:
        return ""
    middle = statistics.median(values)
    return "met" if (middle >= line.target if line.at_least else middle <= line.target) else "no"


def cells(line: Line, values: Sequence[float]) -> list[str]:
    """One line: what, target, min / median / max, met or not."""
    sign = "" if line.target is None else (">= " if line.at_least else "<= ")
    target = "" if line.target is None else f"{sign}{line.target:g}"
    numbers = [min(values), statistics.median(values), max(values)]
    same = len(set(values)) == 1
    shown = " / ".join(f"{x:.{line.digits}f}" for x in (numbers[:1] if same else numbers))
    return [line.what, target, shown, verdict(line, values)]


HEAD = ["what", "target", "min / median / max", "met"]


def text(results: Mapping[Line, Sequence[float]]) -> str:
    """For a terminal."""
    rows = [HEAD, *(cells(line, values) for line, values in results.items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
                     for row in rows)


def markdown(results: Mapping[Line, Sequence[float]], rounds: int) -> str:
    """For docs/performance.md, with how it was taken."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    lines += ["| " + " | ".join(cells(line, values)).replace("<=", "≤").replace(">=", "≥") + " |"
              for line, values in results.items()]
    return "\n".join([*lines, "", taken(rounds)])


def taken(rounds: int) -> str:
    """How it was taken, without a word about where."""
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=True)
    names = ["numba", "numpy", "mesa", "simpy", "ciw"]
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} absent")
    return (f"Taken in {rounds} interleaved rounds on {platform.machine()}, "
            f"{platform.python_implementation()} {platform.python_version()}, "
            f"{', '.join(versions)}, gcc {gcc.stdout.strip()} -O3 -march=native.")


def inserted(page: str, table: str) -> str:
    """A page with the text between the two marks replaced.

    Raises:
        ValueError: If the marks are not there.
    """
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"no place for the table: the page needs {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"
