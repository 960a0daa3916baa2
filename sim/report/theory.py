"""The register of theory as tables, and as the page docs/evidence.md.

Owns: how a finding is written for people. Never does: run or judge anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS
from sim.report.tables import Heading, Row, Table

if TYPE_CHECKING:
    from sim.experiment.theory import Finding, Theory

TITLES = {
    "experiment": "Lever experiments",
    "control": "Negative controls: a lever that must not move the metric",
    "pattern": "Patterns and published facts",
    "scenario": "Scenarios: expected and found winners",
    "claim": "Claims that no experiment can test",
}

MEASURED = ("experiment", "control")
"""Kinds whose effect is a difference in the metric's own unit."""
WORDS = {"holds": "holds", "fails": "fails", "tie": "tie", "untestable": "untestable"}
WORDS_MANY = {"holds": "hold", "fails": "fail", "tie": "ties", "untestable": "untestable"}


def tables(found: Theory) -> list[Table]:
    """One table per kind of finding, those that hold not least."""
    shown = []
    for kind, title in TITLES.items():
        rows = [f for f in found.findings if f.kind == kind]
        if rows and kind == "claim":
            shown.append(Table(title, (Heading("claim"), Heading("why")), tuple(
                Row((f.id, f.note)) for f in rows)))
        elif rows:
            shown.append(Table(title, (
                Heading("row"), Heading("result"), Heading("effect", "", True),
                Heading("95% interval", "", True), Heading("unit"), Heading("expected"),
                Heading("metric"), Heading("claims")), tuple(_row(f) for f in rows)))
    return shown


def _row(f: Finding) -> Row:
    name = METRICS[f.metric].name if f.metric in METRICS else f.ask
    return Row((
        f.id, f.result.upper() if f.result == "fails" else f.result, number(f.effect),
        "-" if f.low is None or f.high is None else f"{number(f.low)} to {number(f.high)}",
        METRICS[f.metric].unit if f.metric in METRICS and f.kind in MEASURED else "-",
        f.expected, f"{name}: {f.note}" if f.note else name,
        " ".join(f.claims)), strong=f.result == "fails")


def sentence(found: Theory) -> str:
    """The counts in words."""
    counts = found.counts()

    def words(tally: Mapping[str, int]) -> str:
        return ", ".join(f"{n} {WORDS[word] if n == 1 else WORDS_MANY[word]}"
                         for word, n in tally.items() if n)

    lines = []
    if found.claims:
        lines.append(f"claims: {words(counts['claims'])} (one experiment holds, none fails)")
        lines.append(f"claims by the stricter rule: {words(found.counts_strict()['claims'])} "
                     "(every experiment holds, none fails)")
    lines += [f"{kind}: {words(counts[kind])}"
              for kind in ("experiments", "controls", "patterns", "scenarios")
              if sum(counts[kind].values())]
    if sum(counts["experiments"].values()):
        lines.append(f"expected false passes among the experiments: at most "
                     f"{counts['expected_false_passes']:.1f}")
    if found.failures:
        lines.append(f"{len(found.failures)} runs failed")
    return "\n".join(f"- {line}" for line in lines)


def number(value: float | None) -> str:
    """Four significant digits, no exponent for what people count."""
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) >= 0.001 or value == 0 else f"{value:.1g}"


def markdown(found: Theory) -> str:
    """All tables as one Markdown page, for a results folder."""
    parts = ["# Theory: expected and found", "", sentence(found), ""]
    for table in tables(found):
        parts += [f"## {table.title}", "", grid([c.text for c in table.columns],
                                                [row.cells for row in table.rows]), ""]
    return "\n".join(parts)


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [list(head), ["---"] * len(head), *map(list, rows)]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in line) + " |"
                     for line in lines)
