"""A finished sweep for people: its figures and its tables.

Owns: their order, layout and bounds. Never does: judge a point, or average (`sim.questions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiment.statistics import Interval
from sim.metrics.registry import METRICS, format_difference
from sim.questions.curves import Curves, Panel, curves_of
from sim.questions.summary import Summary
from sim.questions.summary_points import Point, State
from sim.questions.summary_words import sentences, written
from sim.report import style
from sim.report.tables import NOTHING, Heading, Row, Table, Writer, better_way
from sim.sweep.sampling import evenly

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS, MOST_RUNS, MOST_BAD = 60, 40, 20
"""Rows of a table of points, of runs, of runs without numbers; all of them are in runs.parquet."""
LONGEST = 24
MOST_CALLS = 6
MOST_SHOWN = 24
"""Points of a sweep whose table still fits a screen."""
_STATES = {"leads": "surely", "equal": "practically equal", "close": "too close to call",
           "alone": "the only one", "none": NOTHING}
_WITHOUT: dict[State, str] = {"equal": "practically equal", "close": "too close to call",
                              "alone": "only one has numbers", "none": "no numbers"}
"""Points without a sure lead."""


def name_of(metric: str) -> str:
    """Name of a measure's figure."""
    return f"sweep-{metric}"


def figures(answer: Summary) -> dict[str, tuple[bytes, bytes]]:
    """A figure per measure, as SVG and PNG."""
    drawn = {}
    with style.drawing():
        for metric in answer.metrics:
            made = picture(answer, curves_of(answer, metric))
            drawn[name_of(metric)] = style.svg(made), style.png(made)
    return drawn


def picture(answer: Summary, curves: Curves) -> Figure:
    """Mean and 95% interval of each structure, panel by panel, each line named at its end."""
    metric = METRICS[curves.metric]
    made = style.figure(4.1)
    axes = np.atleast_1d(made.subplots(1, len(curves.panels), sharey=True))
    intervals = [i for p in curves.panels for line in p.lines.values() for i in line]
    writer = Writer(curves.metric, [v for i in intervals for v in (i.mean, i.low, i.high)],
                    [i.half_width or 0.0 for i in intervals])
    for ax, panel in zip(axes, curves.panels, strict=True):
        _panel(ax, answer, panel, writer.factor)
    ends = _ends(curves.panels[-1], writer.factor)
    _names(axes[-1], answer.structures, ends)
    axes[0].set_ylabel(f"{metric.name}, {writer.unit}\n({better_way(metric)})")
    made.supxlabel(_below(answer, curves), fontsize=8.5, color=style.FAINT)
    return made


def _below(answer: Summary, curves: Curves) -> str:
    """What the lines and intervals are."""
    count = f"{answer.replications} replication{'' if answer.replications == 1 else 's'}"
    if curves.sampled:
        return (f"means of bins over all {len(answer.values):,} points; "
                f"bar: 95% interval over points and {count}")
    told = f"mean; bar: 95% interval over {count}"
    if curves.averaged:
        names = [_cut(answer.columns[k][0].name) for k in curves.averaged[:3]]
        told += "; averaged over " + ", ".join(names) + (
            " and others" if len(curves.averaged) > 3 else "")
    if any(p.binned for p in curves.panels):
        told += "; neighbouring values in bins"
    return told


def _panel(ax: Axes, answer: Summary, panel: Panel, factor: float) -> None:
    """One small multiple."""
    colour, marker = style.colours(answer.structures), style.markers(answer.structures)
    at = np.array(panel.at)
    log = _log(answer, panel)
    room = (np.ptp(np.log(at)) if log else np.ptp(at)) or 1.0
    for n, (name, line) in enumerate(panel.lines.items()):
        mean = np.array([np.nan if i.mean is None else i.mean * factor for i in line])
        if not np.isfinite(mean).any():
            continue
        # A hair beside each other, so that no interval hides another.
        away = (n - (len(panel.lines) - 1) / 2) * 0.008 * room
        x = at * np.exp(away) if log else at + away
        for k, i in enumerate(line):
            if i.low is not None and i.high is not None:
                ax.plot([x[k], x[k]], [i.low * factor, i.high * factor], color=colour[name],
                        linewidth=1.5, solid_capstyle="butt")
        ax.plot(x, mean, color=colour[name], marker=marker[name], markersize=4.5,
                linewidth=0.0 if panel.levels else 1.4)
    if log:
        ax.set_xscale("log")
    if panel.levels:
        ax.set_xticks(range(len(panel.levels)), [_cut(level or "none") for level in panel.levels],
                      rotation=0 if len(panel.levels) <= 4 else 30,
                      ha="center" if len(panel.levels) <= 4 else "right")
        ax.set_xlim(-0.5, len(panel.levels) - 0.5)
    elif panel.factor is None:
        ax.set_xticks([])
        ax.set_xlim(-0.5, 0.5)
    else:
        ax.locator_params(axis="x", nbins=5) if not log else None
        ax.margins(x=0.06)
    if panel.factor is not None:
        column = answer.columns[panel.factor][0]
        unit = "" if column.unit in ("", "-") else f", {column.unit}"
        ax.set_xlabel(_cut(column.name, 34) + unit, fontsize=9)
    if panel.of is not None:
        column = answer.columns[panel.of[0]][0]
        ax.set_title(f"{_cut(column.name)}: {_cut(written(panel.of[1], column.unit))}", fontsize=10)
    ax.grid(axis="y")
    ax.tick_params(axis="y", length=0)
    ax.yaxis.set_major_formatter(_commas)


def _log(answer: Summary, panel: Panel) -> bool:
    """Whether the plan varies this factor in its logarithm."""
    if panel.factor is None or panel.levels or min(panel.at) <= 0.0:
        return False
    return bool(answer.design.points.axes[panel.factor].log)


def _ends(panel: Panel, factor: float) -> list[tuple[float, str]]:
    """Where each line ends."""
    found = []
    for name, line in panel.lines.items():
        means = [i.mean for i in line if i.mean is not None]
        if means:
            found.append((means[-1] * factor, name))
    return sorted(found)


def _names(ax: Axes, structures: Sequence[str], ends: list[tuple[float, str]]) -> None:
    """Names beside the last panel, pushed apart where they would overlap."""
    colour = style.colours(structures)
    low, high = ax.get_ylim()
    places = style.apart([value for value, _ in ends], (high - low) * 0.06, high)
    for y, (_, name) in zip(places, ends, strict=True):
        ax.annotate(_cut(name), (1.0, y), xycoords=("axes fraction", "data"), xytext=(6, 0),
                    textcoords="offset points", va="center", fontsize=9.5, color=colour[name],
                    fontweight="bold", annotation_clip=False)


def _commas(value: float, _: float) -> str:
    return f"{round(value):,}" if abs(value) >= 1000 else f"{value:.10g}"


def _cut(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else text[:longest - 1] + "…"


def holdings(answer: Summary) -> Table | None:
    """At how many points each structure leads on each measure."""
    if not answer.metrics or len(answer.structures) < 2:
        return None
    n = len(answer.points)
    found = [answer.verdicts[m] for m in answer.metrics]
    rows = []
    for k, name in enumerate(answer.structures):
        won = [int((f.best[f.where("leads")] == k).sum()) for f in found]
        rows.append(Row((name, *(f"{w:,}" for w in won)), strong=all(2 * w > n for w in won)))
    for state, words in _WITHOUT.items():
        counts = [f.count(state) for f in found]
        if any(counts):
            rows.append(Row((f"({words})", *(f"{c:,}" for c in counts))))
    return Table(
        f"Points at which a structure surely leads, of {n:,}",
        (Heading("structure"), *(Heading(METRICS[m].name, better_way(METRICS[m]), True)
                                 for m in answer.metrics)), tuple(rows))


def calls(answer: Summary) -> Table | None:
    """The leads that are least sure, over all measures."""
    rows = []
    for metric, point in least_sure(answer, MOST_CALLS):
        lead = point.lead(metric)
        assert lead is not None  # noqa: S101 - it is by the lead that they were chosen
        writer = Writer(metric, [lead.mean, lead.low, lead.high], [lead.half_width or 0.0],
                        thousands=False)
        best, second = point.findings[metric].ranking[:2]
        rows.append(Row((METRICS[metric].name, *_cells(point), best, second,
                         writer.signed(lead.mean), writer.signed_interval(lead.low, lead.high),
                         writer.unit, _STATES[point.state(metric)])))
    return None if not rows else Table("The leads that are least sure", (
        Heading("measure"), *_factor_headings(answer), Heading("leads"), Heading("next"),
        Heading("difference", "", True), Heading("95% interval", "", True), Heading("unit"),
        Heading("call")), tuple(rows))


def least_sure(answer: Summary, most: int) -> list[tuple[str, Point]]:
    """Measure and point of some leads over the next best, the least sure first."""
    found: list[tuple[float, int, int]] = []
    for m, metric in enumerate(answer.metrics):
        if not METRICS[metric].direction:
            continue
        told = answer.verdicts[metric]
        some = told.where("close", "leads")
        some = some[np.isfinite(told.lead[some])]
        half = told.half[some]
        sure = np.divide(np.abs(told.lead[some]), half, out=np.full(len(some), np.inf),
                         where=half > 0.0)
        first = np.argsort(sure, kind="stable")[:most]
        found += zip(sure[first].tolist(), [m] * len(first), some[first].tolist(), strict=True)
    return [(answer.metrics[m], answer.points[k]) for _, m, k in sorted(found)[:most]]


def points(answer: Summary, metric: str) -> tuple[Table, ...]:
    """Mean of each structure at each point, and the paired differences to the best."""
    chosen = [answer.points[k] for k in evenly(len(answer.points), MOST_ROWS)]
    found = [p.findings[metric] for p in chosen]
    every = [i for f in found for i in f.means.values()]
    writer = Writer(metric, [v for i in every for v in (i.mean, i.low, i.high)],
                    [i.half_width or 0.0 for i in every])
    notes = bounded(len(chosen), len(answer.values), "points")
    title = METRICS[metric].name
    head = _factor_headings(answer)
    means = Table(
        f"{title[:1].upper()}{title[1:]} at each point: mean (95% interval over replications)",
        (*head, *(Heading(s, writer.unit, True) for s in answer.structures)),
        tuple(Row((*_cells(p), *(_within(writer, f.means[s]) for s in answer.structures)))
              for p, f in zip(chosen, found, strict=True)), notes)
    if len(answer.structures) < 2:
        return (means,)
    gaps = [f.difference(f.ranking[0], s) for f in found for s in f.ranking[1:]]
    writer = Writer(metric, [v for i in gaps for v in (i.mean, i.low, i.high)],
                    [i.half_width or 0.0 for i in gaps])
    rows = []
    for p, f in zip(chosen, found, strict=True):
        best = f.best
        cells = []
        for s in answer.structures:
            if best is None or s not in f.ranking:
                cells.append(NOTHING)
            elif s == best:
                cells.append("best")
            else:
                i = f.difference(s, best)
                told = writer.signed(i.mean)
                cells.append(told if i.low is None else
                             f"{told} ({writer.signed_interval(i.low, i.high)})")
        rows.append(Row((*_cells(p), *cells, _STATES[p.state(metric)])))
    return means, Table(
        "Against the best at the point: difference within replications (95% interval)",
        (*head, *(Heading(s, writer.unit, True) for s in answer.structures), Heading("best is")),
        tuple(rows), (*notes, _about(metric)))


def _about(metric: str) -> str:
    m = METRICS[metric]
    size = (f"{100 * m.margin:g}% of the mean over structures" if m.relative else
            format_difference(metric, m.margin).lstrip("+"))
    return (f"Smallest difference that matters: {size}. The intervals of one point hold together "
            "with 95% over its pairs of structures and the measures told; over all points of a "
            "sweep some may be wrong.")


def _within(writer: Writer, i: Interval) -> str:
    return writer.value(i.mean) + ("" if i.low is None else
                                   f" ({writer.interval(i.low, i.high)})")


def _factor_headings(answer: Summary) -> tuple[Heading, ...]:
    return tuple(Heading(c.name, "" if c.unit == "-" else c.unit, numeric)
                 for c, numeric in answer.columns)


def _cells(point: Point) -> tuple[str, ...]:
    return tuple(written(v, "") for v in point.values)


def bounded(shown: int, there: int, what: str) -> tuple[str, ...]:
    """What a table leaves out."""
    return () if shown >= there else (
        f"{shown:,} of {there:,} {what}, evenly spread; runs.parquet holds all.",)


def runs(answer: Summary) -> Table:
    """Some runs by their ids."""
    rows = answer.rows(MOST_RUNS)
    writers = {m: Writer(m, [r[m] for r in rows]) for m in answer.metrics}
    return Table("Runs of the first replication", (
        Heading("run id"), *_factor_headings(answer), Heading("structure"),
        Heading("root seed", "", True),
        *(Heading(METRICS[m].name, writers[m].unit, True) for m in answer.metrics)),
        tuple(Row((str(r["run_id"]), *_factors(answer, r), str(r["structure"]), str(r["seed"]),
                   *(writers[m].value(r[m]) if r["status"] == "ok" else str(r["status"])
                     for m in answer.metrics))) for r in rows),
        bounded(len(rows), answer.counts.stored, "runs"))


def without(answer: Summary) -> Table | None:
    """Some runs without numbers, each with what it said."""
    rows = answer.rows(MOST_BAD, bad=True)
    if not rows:
        return None
    there = answer.counts.failed + answer.counts.infeasible
    return Table("Runs without numbers", (
        Heading("run id"), *_factor_headings(answer), Heading("structure"),
        Heading("replication", "", True), Heading("status"), Heading("stage"),
        Heading("what it said")),
        tuple(Row((str(r["run_id"]), *_factors(answer, r), str(r["structure"]),
                   str(r["replication"]), str(r["status"]), str(r["stage"] or NOTHING),
                   _cut(str(r["message"] or NOTHING), 160))) for r in rows),
        bounded(len(rows), there, "such runs"))


def _factors(answer: Summary, row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(written(row[c.name], "") for c, _ in answer.columns)


def shown(answer: Summary) -> list[Table | str]:
    """What the terminal shows."""
    lines = [f"- {line}" for line in sentences(answer)]
    told: list[Table | str] = [
        (f"{answer.design.plan.name}: {len(answer.values):,} points, "
         f"{len(answer.structures)} structures, {answer.replications} replications, "
         f"{answer.counts.stored:,} runs")]
    if (table := holdings(answer)) is not None:
        told.append(table)
    if answer.metrics and len(answer.points) <= MOST_SHOWN:
        told += points(answer, answer.metrics[0])
    return [*told, "\n".join(lines)]
