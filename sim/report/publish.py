"""Figures and report into a results folder.

Owns: the files `figures/*` and `report.*`. Never does: touch the data beside them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError, OutputFailed
from sim.questions.summary import Summary
from sim.report import answers, markdown, organisation, page, story, sweep, sweep_story
from sim.report.answers import Answer
from sim.report.findings import Story
from sim.report.plots import Material, draw
from sim.scenario import load
from sim.store import layout
from sim.store.files import put, put_text
from sim.store.read import Stored


@dataclass(frozen=True)
class Report:
    """A report before it is written."""

    story: Story
    drawn: Mapping[str, tuple[bytes, bytes]]
    """Figures drawn now: SVG and PNG."""
    found: Sequence[Answer] = ()
    """Other answers, with the figures that lay there."""

    def html(self) -> str:
        """The page."""
        return page.render(self.story, {n: svg for n, (svg, _) in self.drawn.items()},
                           {a.figure: a.svg for a in self.found if a.svg is not None})

    def markdown(self, folder: Path, beside: Path) -> str:
        """The page as Markdown.

        Args:
            folder: The results folder.
            beside: Where the page will lie: paths of figures are told from there.
        """
        paths = {n: folder / layout.FIGURES / f"{n}.svg" for n in self.drawn}
        paths |= {a.figure: a.path for a in self.found if a.path is not None}
        return markdown.render(self.story, {
            n: Path(os.path.relpath(p, beside)).as_posix() for n, p in paths.items()})

    def put_figures(self, folder: Path, *, again: bool = True) -> None:
        """Write all figures drawn now as SVG and PNG into `figures/`.

        Args:
            folder: The results folder.
            again: False: a figure that lies there stays as it is.
        """
        place = folder / layout.FIGURES
        try:
            place.mkdir(exist_ok=True)
        except OSError as error:
            raise OutputFailed(f"cannot write {place}: {error.strerror or error}") from error
        for name, both in self.drawn.items():
            for kind, content in zip(("svg", "png"), both, strict=True):
                file = place / f"{name}.{kind}"
                if again or not file.exists():
                    put(file, content)


def of_study(stored: Stored, journeys: Sequence[Mapping[str, Any]] = ()) -> Report:
    """The report of a results folder of `run` or `compare`, with other answers that lie in it.

    Args:
        stored: The folder.
        journeys: Customers followed for this report: JSON form of `follow`.
    """
    scenario = load(stored.folder / layout.SCENARIO, limits=None)
    verdict = stored.comparison["verdict"]
    margins = {metric: float(found["margin"])
               for metric, found in verdict.get("metrics", {}).items()}
    drawn = draw(Material(stored.comparison, stored.series, margins))
    charts = organisation.organisations(scenario, verdict.get("staffing", {}))
    drawn |= organisation.figures(charts)
    found = answers.found(stored.folder)
    found += [answers.journey(data, len(found) + i) for i, data in enumerate(journeys)]
    captions = story.captions(drawn, charts, found)
    drawn |= {a.figure: a.drawn for a in found if a.drawn is not None}
    return Report(story.of_study(stored, scenario, captions, charts, found), drawn, found)


def of_sweep(folder: Path) -> Report:
    """The report of a finished sweep, with other answers that lie in its folder.

    Raises:
        InputError: It is not finished, or a file of it cannot be read.
    """
    answer = Summary(folder)
    found = answers.found(folder)
    drawn = sweep.figures(answer)
    drawn |= {a.figure: a.drawn for a in found if a.drawn is not None}
    return Report(sweep_story.of_sweep(answer, found), drawn, found)


def of_answers(folder: Path) -> Report:
    """The report of a folder that holds answers and no runs.

    Raises:
        InputError: It holds none, or one that cannot be read.
    """
    found = answers.found(folder)
    if not found:
        raise InputError(Fault(
            str(folder), "", "holds nothing to report",
            "a folder written by `orgsim run`, compare, sweep, map, tipping, explain, select, "
            "staff, optimise or reorganise is expected"))
    drawn = {a.figure: a.drawn for a in found if a.drawn is not None}
    return Report(story.of_answers(found), drawn, found)


def publish(stored: Stored) -> Path:
    """Draw all figures as SVG and PNG and write the page (see `sim.report.write`)."""
    made = of_study(stored)
    made.put_figures(stored.folder)
    put_text(stored.folder / layout.REPORT, made.html())
    return stored.folder / layout.REPORT
