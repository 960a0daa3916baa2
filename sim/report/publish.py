"""Figures and report into a results folder.

Owns: the files `figures/*` and `report.html`. Never does: touch the data beside them.
"""

from __future__ import annotations

from pathlib import Path

from sim.errors import OutputFailed
from sim.report.page import render
from sim.report.plots import Material, draw
from sim.scenario import load
from sim.store import layout
from sim.store.files import put, put_text
from sim.store.read import Stored


def publish(stored: Stored) -> Path:
    """Draw all figures as SVG and PNG and write the page (see `sim.report.write`)."""
    scenario = load(stored.folder / layout.SCENARIO, limits=None)
    margins = {
        metric: float(found["margin"])
        for metric, found in stored.comparison["verdict"].get("metrics", {}).items()
    }
    drawn = draw(Material(stored.comparison, stored.series, margins))
    folder = stored.folder / layout.FIGURES
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputFailed(f"cannot write {folder}: {error.strerror or error}") from error
    for name, (svg, png) in drawn.items():
        put(folder / f"{name}.svg", svg)
        put(folder / f"{name}.png", png)
    page = render(stored.comparison, stored.manifest, {n: svg for n, (svg, _) in drawn.items()},
                  scenario)
    put_text(stored.folder / layout.REPORT, page)
    return stored.folder / layout.REPORT
