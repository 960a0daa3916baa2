"""The report as a page of Markdown, for wikis and letters.

Owns: its layout, and the escaping of names. Never does: decide what is said (`story`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sim.report.findings import Story
from sim.report.tables import Table


def render(story: Story, figures: Mapping[str, str]) -> str:
    """The page as Markdown.

    Args:
        story: What it says.
        figures: Path of each figure's file, as seen from the page.
    """
    front = story.front
    lines = [f"# {plain(front.headline)}", "", f"*{plain(story.title)}.* {plain(story.lead)}", ""]
    for warning in story.warnings:
        lines += [f"> **{plain(warning)}**", ""]
    if front.more:
        lines += [plain(front.more), ""]
    lines += _figure(story, figures, front.figure)
    if front.measures is not None:
        lines += table(front.measures)
    if front.losers:
        lines += ["## Who loses", "", *(f"- {plain(line)}" for line in front.losers), ""]
    if front.calls is not None or front.flips or front.advice:
        lines += ["## What would flip it", ""]
        lines += [f"- {plain(line)}" for line in front.flips]
        lines += [""] if front.flips else []
        if front.calls is not None:
            lines += table(front.calls)
        if front.advice:
            lines += [plain(front.advice), ""]
    for finding in story.findings:
        lines += [f"## {plain(finding.heading)}", ""]
        for paragraph in finding.text:
            lines += [plain(paragraph), ""]
        lines += [f"{'  ' if p.startswith('  ') else ''}- {plain(p.strip())}"
                  for p in finding.points]
        lines += [""] if finding.points else []
        for name in finding.figures:
            lines += _figure(story, figures, name)
        for one in finding.tables:
            lines += table(one)
    return "\n".join(lines).rstrip() + "\n"


def table(one: Table) -> list[str]:
    """A table as lines."""
    head = [plain(c.text) for c in one.columns]
    lines = [f"**{plain(one.title)}**", ""] if one.title else []
    lines += ["| " + " | ".join(head) + " |",
              "|" + "|".join("---:" if c.right else "---" for c in one.columns) + "|"]
    for row in one.rows:
        cells = [f"**{plain(c)}**" if row.strong and c.strip() else plain(c) for c in row.cells]
        lines.append("| " + " | ".join(cells) + " |")
    lines.append("")
    for note in one.notes:
        lines += [plain(note), ""]
    return lines


def plain(text: str) -> str:
    """Text without power: what Markdown or HTML would obey is escaped, code spans are kept."""
    parts = str(text).replace("\n", " ").split("`")
    if len(parts) % 2 == 0:
        return _escaped(str(text).replace("\n", " ")).replace("`", "\\`")
    return "`".join(p.replace("|", "\\|") if i % 2 else _escaped(p) for i, p in enumerate(parts))


def _escaped(text: str) -> str:
    """Signs of Markdown and HTML escaped."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\*_\[\]|#>~$])", r"\\\1", text)


def _figure(story: Story, figures: Mapping[str, str], name: str) -> list[str]:
    """A figure with its words."""
    if name not in figures:
        return []
    return [f"![{plain(story.captions.get(name, name))}]({figures[name]})", ""]
