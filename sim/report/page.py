"""The report: one self-contained page to read and to hand on.

Owns: what stands in `report.html`, in which order, and that it needs nothing from outside and
runs nothing. Never does: compute; it arranges the figures and tables of a results folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.metrics.registry import METRICS
from sim.report import comparison as answer
from sim.report.plots import FIGURES
from sim.scenario.schema import HOURS_PER_WEEK, HOURS_PER_YEAR

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

TEMPLATE = "report.html.j2"

@dataclass(frozen=True)
class Figure:
    """A figure on the page."""

    name: str
    caption: str
    svg: Any
    """Markup, already safe."""

def render(
    comparison: Mapping[str, Any], manifest: Mapping[str, Any], svgs: Mapping[str, bytes],
    scenario: Scenario,
) -> str:
    """The page as HTML.

    Args:
        comparison: JSON form of a comparison or a run.
        manifest: The folder's manifest; its entry "timing" is not used, so that the page is the
            same for every repeat.
        svgs: Figures by name.
        scenario: The resolved scenario.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    names = answer.structures(comparison)
    verdict = comparison["verdict"]
    people = list(verdict.get("people", ()))
    text = [line for line in verdict.get("text", ()) if line not in people]
    figures = {
        # Safe: drawn by us, names in it are outlines of glyphs, comments are taken out.
        name: Figure(name, FIGURES[name][0], Markup(inline(svg, name)))  # noqa: S704
        for name, svg in svgs.items()
    }
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )
    environment.filters["sentence"] = sentence
    staff = answer.staffing(comparison)
    several = len(names) > 1
    rest = [*(answer.overview(comparison, abreast=5) if several else []),
            *([staff] if staff else [])]
    measures = [answer.ranked(comparison, m) for m in answer.verdict_metrics(comparison)
                if _has_value(comparison, m)]
    if len(names) == 1:
        measures = answer.values(comparison)
    return environment.get_template(TEMPLATE).render(
        scenario=comparison["scenario"],
        summary=scenario.summary,
        structures=names,
        single=len(names) == 1,
        verdict=text,
        headline=verdict.get("headline", ""),
        unstable=list(comparison["unstable"]),
        interrupted=not manifest.get("finished", True),
        failed=manifest["runs"]["failed"],
        figures=figures,
        measures=measures,
        people=people,
        winners=answer.winners(comparison, every_pair=False),
        every_pair=answer.winners(comparison) if len(names) > 2 else [],
        worst=answer.worst_served(comparison) if names else None,
        tables=rest,
        pairs=[answer.pairs(comparison, m) for m in answer.verdict_metrics(comparison)
               if comparison["differences"].get(m)],
        infeasible=answer.infeasible(comparison),
        intervals=answer.about_intervals(comparison),
        definitions=[METRICS[m] for m in comparison["metrics"]],
        changes=list(manifest["changes"]),
        notes=list(manifest["notes"]),
        versions=manifest["versions"],
        seed=comparison["seed"],
        replications=comparison["replications"],
        command=manifest["request"].get("command", ""),
        measured=duration(scenario.time.horizon),
        warm_up=duration(scenario.time.warm_up),
    )

def sentence(text: str) -> str:
    """A finding as a sentence: a capital letter and a full stop."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else whole + "."

def duration(hours: float) -> str:
    """Working time in the unit that suits it."""
    for size, word in ((HOURS_PER_YEAR, "year"), (HOURS_PER_WEEK, "week"), (1.0, "hour")):
        if hours >= size or size == 1.0:
            number = f"{hours / size:.4g}"
            return f"{number} {word}" + ("" if number == "1" else "s")
    return ""


def inline(svg: bytes, name: str) -> str:
    """A figure as it may stand inside the page: no prolog, no comments, ids of its own."""
    text = svg.decode("utf-8")
    text = text[text.index("<svg"):]
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", text, count=2)
    text = text.replace("xlink:href=", "href=")
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    label = FIGURES[name][0] if name in FIGURES else name
    return re.sub(r"<svg\b", f'<svg role="img" aria-label="{label}"', text, count=1)

def _has_value(comparison: Mapping[str, Any], metric: str) -> bool:
    """Whether any structure has a value on a metric."""
    return any(v["mean"] is not None for v in comparison["metrics"][metric].values())
