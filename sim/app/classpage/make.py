"""The question of the class page: a lesson or a scenario in, one HTML file out.

Owns: the public function `classpage` and what it answers. Never does: run (`runs.py`) or lay out
(`bundle.py`).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.app.classpage import bundle, runs
from sim.app.classpage.plan import Plan, planned
from sim.errors import Fault, InputError, OutputExists
from sim.metrics.registry import METRICS
from sim.report import style
from sim.report.tables import better_way
from sim.scenario.catalogue import shown
from sim.store.files import put_text, to_json
from sim.structures import available
from sim.structures.presets import title as title_of

if TYPE_CHECKING:
    from sim.experiment.executors import Progress

REPLICATIONS = 10
MOST_BYTES = 6_000_000
VERSION = 1
_SYMBOL = re.compile(r" \([A-Za-z]+_?[A-Za-z0-9]*\)(?=;|$)")
"""The letter by which the model's documentation calls a parameter."""


@dataclass(frozen=True)
class ClassPage:
    """A class page, made."""

    html: str = field(repr=False)
    content: dict[str, Any] = field(repr=False)
    """What the page shows, as data."""
    plan: Plan = field(repr=False)
    seconds: float
    file: Path | None = None

    @property
    def bytes(self) -> int:
        """Size of the file."""
        return len(self.html.encode("utf-8"))

    def to_json(self) -> dict[str, Any]:
        """What was made, as plain data (schema: `schemas.CLASSPAGE`)."""
        return {
            "file": None if self.file is None else str(self.file), "title": self.content["title"],
            "bytes": self.bytes, "runs": self.plan.runs, "seconds": round(self.seconds, 1),
            "seed": self.plan.scenario.seed, "replications": self.plan.replications,
            "structures": list(self.plan.structures), "settings": len(self.plan.settings),
            "sliders": {s.key.name: list(s.values) for s in self.plan.sliders},
        }


def classpage(
    source: str | Path, out: str | Path | None = None, *,
    structures: Sequence[str] | None = None, sliders: Sequence[str] = (),
    overlays: Sequence[str] = (), set: Mapping[str, Any] | Sequence[str] = (),
    replications: int | None = None, seed: int | None = None, jobs: int | None = None,
    progress: Progress | None = None, tell: Callable[[str], None] | None = None,
) -> ClassPage:
    """Make a class page: one HTML file with a few sliders over runs made before.

    Args:
        source: Name of a lesson, a lesson's file, a scenario's file or shipped name.
        out: Where to write it; None only returns it. A file that exists is left alone.
        structures: Names; None means those of the lesson or of the scenario.
        sliders: "KEY=LOW:HIGH:N", "KEY=LOW:HIGH" or "KEY", 1 to 4; none means the lesson's, or the
            first two that a class moves.
        overlays, set: Changes of the scenario.
        replications: Per setting and structure; None means 10.
        seed: Root seed; None means the scenario's.
        jobs: Threads; None means one per processor. Changes no number.
        progress: Told (runs done, runs planned, what).
        tell: Told in words how much will be run and how long it takes, before it starts.

    Returns:
        The page: `.html`, `.content`, `.bytes`.

    Raises:
        InputError: Something asked for makes no sense; every fault at once.
        OutputExists: There is a file of that name.
        OutputFailed: It cannot be written.
        KeyboardInterrupt: On Ctrl-C; nothing is written.
    """
    file = None if out is None else Path(out)
    if file is not None and file.exists():
        raise OutputExists(f"{file} exists and is left as it is: give another name to --out")
    if file is not None and not file.parent.is_dir():
        raise InputError(Fault("--out", "", f"there is no folder {file.parent}"))
    plan = planned(source, structures=structures, sliders=sliders, overlays=overlays, set=set,
                   replications=REPLICATIONS if replications is None else replications, seed=seed)
    if tell is not None:
        tell(plan.sentence())
        tell(f"about {_duration(runs.seconds_per_run(plan, jobs) * plan.runs)}; then "
             f"{len(plan.stops)} x {len(plan.structures)} recorded runs")
    start = time.perf_counter()
    content = _content(plan, jobs, progress)
    made = bundle.page(content["title"], content)
    size = len(made.encode("utf-8"))
    if size > MOST_BYTES:
        raise InputError(Fault("--slider", "", f"the page would have {size / 1e6:.1f} MB, more "
                               f"than {MOST_BYTES / 1e6:g}", "fewer values or structures"))
    if file is not None:
        put_text(file, made)
    return ClassPage(made, content, plan, time.perf_counter() - start, file)


def _duration(seconds: float) -> str:
    """Rounded wall time."""
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"


def _content(plan: Plan, jobs: int | None, progress: Progress | None) -> dict[str, Any]:
    """Everything the page shows."""
    from importlib.metadata import version

    lesson, scenario = plan.lesson, plan.scenario
    found = runs.points(plan, jobs, progress)
    metric = METRICS[runs.guessed(plan)]
    known = list(available(scenario))
    colours = _colours(known, plan.structures)
    content: dict[str, Any] = {
        "version": VERSION,
        "title": lesson.title if lesson else scenario.name,
        "goal": lesson.goal if lesson else scenario.summary,
        "firm": {"name": scenario.name, "summary": scenario.summary},
        "lesson": plan.name if lesson else None,
        "seed": scenario.seed, "replications": plan.replications, "runs": plan.runs,
        "made_with": f"orgsim {version('orgsim')}",
        "structures": [{"name": name, "title": title_of(scenario, name), "colour": colours[name]}
                       for name in plan.structures],
        "palette": {"structures": style.PALETTE, "parts": style.PARTS, "ink": style.INK,
                    "faint": style.FAINT, "band": style.BAND, "satisfaction": style.SATISFACTION,
                    "unknown": style.UNKNOWN},
        "measures": runs.measures(plan, found),
        "guess": {"metric": metric.id, "better": better_way(metric),
                  "question": lesson.prediction.question if lesson else
                  "Who will satisfy these customers best, and by how much?"},
        "sliders": [{"key": s.key.name, "label": _SYMBOL.sub("", s.key.meaning),
                     "unit": _unit(s.key.unit), "source": s.key.source, "values": list(s.values),
                     "texts": s.texts} for s in plan.sliders],
        "frames": [[f"{key} = {shown(value)}" for key, value in frame.set.items()]
                   for frame in plan.frames],
        "steps": [{"title": step.title, "text": step.text, "notice": step.notice,
                   "frame": stop.frame, "at": list(stop.at)}
                  for step, stop in zip(lesson.steps, plan.stops, strict=True)]
        if lesson else [],
        "start": {"frame": plan.stops[0].frame, "at": list(plan.stops[0].at)},
        "points": found,
        "recordings": runs.recordings(plan, progress),
        "surprise": runs.surprise(plan, jobs),
        "why": lesson.why.model_dump() if lesson else None,
        "discussion": list(lesson.discussion) if lesson else [],
        "instructor": lesson.instructor.model_dump() if lesson else None,
    }
    content["id"] = hashlib.sha256(to_json(content).encode("utf-8")).hexdigest()[:12]
    return content


def _unit(unit: str) -> str:
    return "" if unit == "-" else unit


def _colours(known: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """As on the live page: by place among all structures of the firm, no colour twice."""
    found: dict[str, str] = {}
    for name in names:
        i = known.index(name) % len(style.PALETTE)
        while style.PALETTE[i] in found.values():
            i = (i + 1) % len(style.PALETTE)
        found[name] = style.PALETTE[i]
    return found


__all__ = ["MOST_BYTES", "REPLICATIONS", "ClassPage", "classpage"]
