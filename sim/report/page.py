"""The report as one self-contained page to read, to print and to hand on.

Owns: the page's markup, and that it needs nothing from outside and runs nothing. Never does:
decide what is said (`story`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.findings import Story
from sim.report.plots import FIGURES

if TYPE_CHECKING:
    from markupsafe import Markup

TEMPLATE = "report.html.j2"


def render(story: Story, own: Mapping[str, bytes], foreign: Mapping[str, bytes]) -> str:
    """The page as HTML.

    Args:
        story: What it says.
        own: Figures drawn just now, as SVG: they stand in the page.
        foreign: Figures read from files, as SVG: they are shown as pictures, so that nothing in
            them can act.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    figures: dict[str, Markup] = {}
    for name, svg in own.items():
        # Safe: drawn by us, names in it are outlines of glyphs, comments are taken out.
        figures[name] = Markup(inline(svg, name, story.captions.get(name, name)))  # noqa: S704
    for name, svg in foreign.items():
        data = base64.b64encode(svg).decode("ascii")
        figures[name] = Markup('<img alt="{}" src="data:image/svg+xml;base64,{}">').format(
            story.captions.get(name, name), data)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

    def code(text: str) -> Markup:
        """Words between back quotes as code; everything else escaped."""
        parts = str(text).split("`")
        if len(parts) % 2 == 0:  # an odd quote is a quote
            return escape(text)
        made = [Markup("<code>{}</code>").format(p) if i % 2 else escape(p)
                for i, p in enumerate(parts)]
        return Markup("").join(made)

    environment.filters["code"] = code
    return environment.get_template(TEMPLATE).render(
        story=story, figures=figures, captioned=frozenset(FIGURES))


def inline(svg: bytes, name: str, label: str) -> str:
    """A figure as it may stand inside the page: no prolog, no comments, ids of its own."""
    from markupsafe import escape

    text = svg.decode("utf-8")
    text = text[text.index("<svg"):]
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", text, count=2)
    text = text.replace("xlink:href=", "href=")
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    opening = f'<svg role="img" aria-label="{escape(label)}"'
    return re.sub(r"<svg\b", lambda _: opening, text, count=1)


