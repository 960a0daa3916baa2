"""The figures of a study.

Owns: what each figure shows. Never does: compute a mean or interval of the comparison anew (it
draws those of `comparison.json`); only the weekly series and segments are averaged here.

To add a chart: write a function that takes a `Material` and returns a figure (or None where it
has nothing to show), and name it in `FIGURES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from sim.experiment.statistics import mean_interval
from sim.metrics.registry import METRICS, RESPONSE_PARTS, VERDICT_METRICS
from sim.report import style
from sim.report.tables import better_way, difference, order_of, writer_of
from sim.scenario.schema import HOURS_PER_WEEK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WARM_UP_WEEKS_SHOWN = 13.0
LABELS_ROW = 0.6
"""Room above the longest bar for the names of its parts, in rows."""


@dataclass(frozen=True)
class Material:
    """What figures are drawn from."""

    comparison: Mapping[str, Any]
    """The JSON form of a comparison or a run."""
    series: pd.DataFrame
    """Rows per run, period and scope (`store.frames.SERIES_COLUMNS`)."""
    margins: Mapping[str, float]
    """Smallest difference that matters by metric, in the metric's unit; may be empty."""

    @property
    def structures(self) -> list[str]:
        """Structures in listed order."""
        return list(next(iter(self.comparison["metrics"].values()), ()))

    def means(self, metric: str) -> Mapping[str, Mapping[str, Any]]:
        """Mean and interval by structure; structures without a value are left out."""
        return {s: m for s, m in self.comparison["metrics"][metric].items()
                if m["mean"] is not None}

    def label(self, structure: str) -> str:
        """Name for readers: an unstable structure is named as such wherever it appears."""
        name = structure if len(structure) <= 24 else structure[:23] + "…"
        return f"{name} (unstable)" if structure in self.comparison.get("unstable", ()) else name


def measures(material: Material) -> Figure | None:
    """The measures of the verdict: mean and 95% interval by structure."""
    shown = [m for m in VERDICT_METRICS if material.means(m)]
    if not shown or len(material.structures) < 2:
        return None
    rows = -(-len(shown) // 2)
    made = style.figure(rows * (0.87 + 0.27 * len(material.structures)))
    axes = np.atleast_1d(made.subplots(rows, 2 if len(shown) > 1 else 1)).ravel()
    for ax in axes[len(shown):]:
        ax.set_visible(False)
    for ax, metric in zip(axes, shown, strict=False):
        means = material.means(metric)
        writer = writer_of(metric, means)
        _dots(ax, material, list(means), means, writer.value, writer.factor)
        ax.set_title(_sentence(METRICS[metric].name))
        ax.set_xlabel(f"{writer.unit}; {better_way(METRICS[metric])}")
    _apart(made)
    return made


def differences(material: Material) -> Figure | None:
    """Paired differences from the best structure, with the margin below which none matters."""
    if len(material.structures) < 2:
        return None
    shown = [m for m in VERDICT_METRICS if len(material.means(m)) > 1]
    if not shown:
        return None
    rows = -(-len(shown) // 2)
    made = style.figure(rows * (1.25 + 0.36 * (len(material.structures) - 1)))
    axes = np.atleast_1d(made.subplots(rows, 2 if len(shown) > 1 else 1)).ravel()
    for ax in axes[len(shown):]:
        ax.set_visible(False)
    for ax, metric in zip(axes, shown, strict=False):
        best, *others = order_of(METRICS[metric], material.means(metric))
        pairs = material.comparison["differences"][metric]
        values = {s: d for s in others if (d := difference(pairs, s, best)) is not None}
        writer = writer_of(metric, values)
        margin = material.margins.get(metric, 0.0) * writer.factor
        if margin > 0:
            ax.axvspan(-margin, margin, color=style.BAND, zorder=0)
        ax.axvline(0.0, color=style.FAINT, linewidth=0.8)
        _dots(ax, material, list(values), values, writer.signed, writer.factor)
        ax.set_title(f"{_sentence(METRICS[metric].name)}: against {material.label(best)}")
        ax.set_xlabel(f"difference, {writer.unit}")
    _apart(made)
    if material.margins:
        made.supxlabel("grey: differences too small to matter", fontsize=9, color=style.FAINT)
    return made


def response(material: Material) -> Figure | None:
    """Where the response time goes: work, queues, hand-offs, rework, per structure."""
    names = [s for s in material.structures if material.means("response_mean_h").get(s)]
    if not names:
        return None
    made = style.figure(1.35 + 0.42 * len(names))
    ax = made.subplots()
    totals = {s: material.means("response_mean_h")[s]["mean"] for s in names}
    parts = {s: [material.comparison["metrics"][part][s]["mean"] or 0.0
                 for part in RESPONSE_PARTS] for s in names}
    widest = max(map(sum, parts.values())) or 1.0
    longest = max(range(len(names)), key=lambda i: sum(parts[names[i]]))
    rows = [i + (LABELS_ROW if i >= longest else 0.0) for i in range(len(names))]
    for row, name in zip(rows, names, strict=True):
        left = 0.0
        for value, colour in zip(parts[name], style.PARTS, strict=True):
            ax.barh(row, value, left=left, color=colour, height=0.62, linewidth=0)
            if value > 0.07 * widest:
                ax.text(left + value / 2, row, f"{value:.1f}", ha="center", va="center",
                        color=style.INK if colour in style.PARTS[1:3] else "white", fontsize=9)
            left += value
        ax.text(left + 0.012 * widest, row, f"{totals[name]:.1f} h", va="center")
    _part_labels(ax, parts[names[longest]], rows[longest], 1.12 * widest)
    ax.set_yticks(rows, [material.label(s) for s in names])
    ax.set_ylim(rows[-1] + 0.5, -0.4)
    ax.set_xlim(0, widest * 1.12)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("working hours per case, from request to last close")
    return made


def weekly(material: Material) -> Figure | None:
    """Satisfaction and open cases over time, with the 95% interval of the mean."""
    firm = material.series[material.series["scope"] == "firm"]
    if firm.empty:
        return None
    made = style.figure(6.2)
    upper, lower = made.subplots(2, 1, sharex=True)
    for ax, column, label in (
        (upper, "satisfaction", "satisfaction, points (0-100)"),
        (lower, "backlog", "open cases"),
    ):
        ends: list[tuple[float, str]] = []
        for name in material.structures:
            bands = _bands(firm[firm["structure"] == name], column)
            if bands is None:
                continue
            week, mean, low, high = bands
            colour = style.colours(material.structures)[name]
            ax.fill_between(week, low, high, color=colour, alpha=0.14, linewidth=0)
            ax.plot(week, mean, color=colour, linewidth=1.5)
            ends.append((float(mean[np.isfinite(mean)][-1]), name))
        ax.set_ylabel(label)
        ax.grid(axis="y")
        ax.margins(x=0)
        if column == "backlog":
            ax.set_ylim(bottom=0)
        _end_labels(ax, material, ends)
    start = min(0.0, lower.get_xlim()[0])
    for ax in (upper, lower):
        if start < 0:
            ax.axvspan(start, 0.0, color=style.BAND, zorder=0)
    if start < 0:
        upper.text(start / 2, 1.0, "warm-up", transform=upper.get_xaxis_transform(),
                   ha="center", va="bottom", fontsize=9, color=style.FAINT)
    lower.set_xlabel("weeks of 40 working hours since the start of measuring; "
                     "band: 95% interval of the mean over replications")
    return made


def segments(material: Material) -> Figure | None:
    """Satisfaction of each segment under each structure, with 95% intervals."""
    values = segment_satisfaction(material.series, material.structures)
    names = list(values)
    if not names:
        return None
    structures = material.structures
    made = style.figure(1.0 + len(names) * (0.24 + 0.2 * len(structures)))
    ax = made.subplots()
    colour, marker = style.colours(structures), style.markers(structures)
    step = 0.2 / (0.24 + 0.2 * len(structures))
    for row, segment in enumerate(names):
        for i, structure in enumerate(structures):
            found = values[segment].get(structure)
            if found is None:
                continue
            y = row + (i - (len(structures) - 1) / 2) * step
            mean, low, high = found
            ax.plot([low, high], [y, y], color=colour[structure], linewidth=1.6)
            ax.plot([mean], [y], marker=marker[structure], color=colour[structure],
                    markersize=5.5, linestyle="none")
            ax.annotate(f"{mean:.1f}  {material.label(structure)}", (1.0, y),
                        xycoords=("axes fraction", "data"), xytext=(6, 0), va="center",
                        textcoords="offset points", fontsize=8.5, color=colour[structure],
                        annotation_clip=False)
        if row:
            ax.axhline(row - 0.5, color="#E4E4E4", linewidth=0.8)
    ax.set_ylim(-0.55, len(names) - 0.45)
    ax.set_yticks(range(len(names)), [_short(n) for n in names])
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.set_xlabel("satisfaction, points (0-100), mean over cases; line: 95% interval")
    return made


FIGURES: dict[str, tuple[str, Callable[[Material], Figure | None]]] = {
    "measures": ("The measures of the verdict by structure, with 95% intervals", measures),
    "differences": ("Paired differences from the best structure on each measure", differences),
    "response": ("Where the response time goes", response),
    "segments": ("Satisfaction by segment of customers", segments),
    "weekly": ("Satisfaction and open cases over time", weekly),
}
"""Every figure by file name, with the words for those who cannot see it."""


def draw(material: Material) -> dict[str, tuple[bytes, bytes]]:
    """All figures that have something to show: name to (SVG, PNG), the same bytes every time."""
    drawn: dict[str, tuple[bytes, bytes]] = {}
    if not material.structures:
        return drawn
    with style.drawing():
        for name, (_, function) in FIGURES.items():
            made = function(material)
            if made is not None:
                drawn[name] = (style.svg(made), style.png(made))
    return drawn


def segment_satisfaction(
    series: pd.DataFrame, structures: Sequence[str]
) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Satisfaction in measured time by segment and structure: mean, low, high over replications.

    Each run's value is the mean over all its scored cases of the segment; with one replication
    low and high are the mean itself.
    """
    rows = series[(series["scope"] == "segment") & (series["time_h"] > 0)].copy()
    rows["scored"] = rows["closed"] + rows["abandoned"]
    rows = rows[rows["scored"] > 0]
    rows["sum"] = rows["satisfaction"] * rows["scored"]
    runs = rows.groupby(["name", "structure", "replication"], sort=False)[["sum", "scored"]].sum()
    values: dict[tuple[str, str], list[float]] = {}
    for key, value in (runs["sum"] / runs["scored"]).to_dict().items():
        segment, structure, _ = cast(tuple[str, str, int], key)
        values.setdefault((segment, structure), []).append(float(value))
    found: dict[str, dict[str, tuple[float, float, float]]] = {}
    for segment in dict.fromkeys(rows["name"]):
        found[segment] = {}
        for structure in structures:
            interval = mean_interval(values.get((segment, structure), []))
            if interval.mean is not None:
                found[segment][structure] = (
                    interval.mean,
                    interval.mean if interval.low is None else interval.low,
                    interval.mean if interval.high is None else interval.high)
    return found


def _bands(rows: pd.DataFrame, column: str) -> tuple[Any, Any, Any, Any] | None:
    """Weeks, mean, low and high over replications of one structure's series."""
    table = rows.pivot_table(index="time_h", columns="replication", values=column, dropna=False)
    weeks = table.index.to_numpy(dtype=np.float64) / HOURS_PER_WEEK
    table = table[weeks >= -WARM_UP_WEEKS_SHOWN]
    weeks = weeks[weeks >= -WARM_UP_WEEKS_SHOWN]
    intervals = [mean_interval(row) for row in table.to_numpy(dtype=np.float64)]
    mean = np.array([np.nan if i.mean is None else i.mean for i in intervals])
    if not np.isfinite(mean).any():
        return None
    low = np.array([m if i.low is None else i.low for m, i in zip(mean, intervals, strict=True)])
    high = np.array([m if i.high is None else i.high
                     for m, i in zip(mean, intervals, strict=True)])
    return weeks, mean, low, high


def _dots(
    ax: Axes, material: Material, names: list[str], values: Mapping[str, Mapping[str, Any]],
    written: Callable[[float | None], str], factor: float,
) -> None:
    """A dot and an interval per structure, its value beside it."""
    colour = style.colours(material.structures)
    marker = style.markers(material.structures)
    for row, name in enumerate(names):
        mean, low, high = (values[name][key] for key in ("mean", "low", "high"))
        if low is not None and high is not None:
            ax.plot([low * factor, high * factor], [row, row], color=colour[name],
                    linewidth=2.2, solid_capstyle="butt")
        ax.plot([mean * factor], [row], marker=marker[name], color=colour[name], markersize=6.5,
                linestyle="none")
        ax.annotate(written(mean), (1.0, row), xycoords=("axes fraction", "data"),
                    xytext=(6, 0), textcoords="offset points", va="center", fontsize=9,
                    color=style.INK, annotation_clip=False)
    ax.set_yticks(range(len(names)), [material.label(n) for n in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.margins(x=0.08)
    ax.locator_params(axis="x", nbins=4 if max(map(abs, ax.get_xlim())) >= 1e4 else 6)
    ax.xaxis.set_major_formatter(_with_commas)


def _end_labels(ax: Axes, material: Material, ends: list[tuple[float, str]]) -> None:
    """Names at the right end of their lines, pushed apart where they would overlap."""
    colour = style.colours(material.structures)
    low, high = ax.get_ylim()
    ends = sorted(ends)
    places = style.apart([value for value, _ in ends], (high - low) * 0.075, high)
    for place, (_, name) in zip(places, ends, strict=True):
        ax.annotate(material.label(name), (1.0, place), xycoords=("axes fraction", "data"),
                    xytext=(5, 0), textcoords="offset points", va="center", fontsize=9.5,
                    color=colour[name], fontweight="bold", annotation_clip=False)


def _apart(made: Figure) -> None:
    """Room between panels, so that a value is not read with its neighbour's names."""
    made.set_layout_engine("constrained", wspace=0.05, hspace=0.04)


def _part_labels(ax: Axes, values: Sequence[float], row: float, width: float) -> None:
    """Names of the parts above one bar, each over its own part or led to it by a line."""
    names = ("work", "queues", "hand-offs", "rework")
    ends = np.cumsum(values)
    centres = [float(e - v / 2) for e, v in zip(ends, values, strict=True)]
    wide = [0.012 * width * (len(name) + 1.5) for name in names]
    places = list(centres)
    places[0] = max(places[0], wide[0] / 2)
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + (wide[i - 1] + wide[i]) / 2)
    for name, place, centre, colour in zip(names, places, centres, style.PARTS_WORDS, strict=True):
        ax.plot([centre, place], [row - 0.33, row - 0.52], color=style.FAINT, linewidth=0.7,
                solid_capstyle="butt")
        ax.text(place, row - 0.55, name, ha="center", va="bottom", fontsize=9.5, color=colour,
                fontweight="bold")


def _with_commas(value: float, _: float) -> str:
    """A tick of any size: thousands separated, no more digits than needed."""
    return f"{round(value):,}" if abs(value) >= 1000 else f"{value:.10g}"


def _sentence(name: str) -> str:
    """A metric's name with a capital letter."""
    return name[:1].upper() + name[1:]


def _short(name: str) -> str:
    """A long name cut for an axis."""
    return name if len(name) <= 24 else name[:23] + "…"
