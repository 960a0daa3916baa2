"""A map for people: its table and sentences, and the figure with one colour per structure.

Owns: their order and layout. Never does: find a winner or a border.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.metrics.registry import METRICS, format_difference
from sim.questions.map_words import interval, percent, sentences
from sim.report import style
from sim.report.tables import NOTHING, Heading, Row, Table, Writer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.questions.keys import Range
    from sim.questions.map_answer import StructureMap

PALE = 0.32
"""How much of a structure's colour is left where its lead is not sure."""


def title(answer: StructureMap) -> str:
    """What the map is of."""
    return (f"{answer.scenario.name}: best structure on {METRICS[answer.metric].name} over "
            f"{answer.x.key} and {answer.y.key}")


def effort(answer: StructureMap) -> str:
    """What it cost and how sure it is."""
    return (f"{len(answer.points):,} points, {answer.replications} replications of "
            f"{len(answer.structures)} structures at each, {answer.runs:,} runs, seed "
            f"{answer.seed}; 95% intervals, the same luck at every point")


def shown(answer: StructureMap) -> list[Table | str]:
    """What the terminal shows."""
    words = "\n".join(f"- {line}" for line in sentences(answer))
    head = f"{title(answer)}\n{effort(answer)}"
    if answer.scattered:
        return [head, _tally(answer), words]
    return [head, _grid(answer), _switch_table(answer), words]


def _tally(answer: StructureMap) -> Table:
    """How many scattered points each structure wins or leads."""
    points = answer.points.values()
    rows = tuple(
        Row((s, f"{sum(p.winner == s for p in points):,}",
             f"{sum(p.winner is None and p.leader == s for p in points):,}"))
        for s in answer.structures)
    return Table(f"Points of {len(points):,}", (
        Heading("structure"), Heading("won", right=True), Heading("ahead, not surely", right=True)),
        rows)


def _grid(answer: StructureMap) -> Table:
    """The coarse grid: winner and lead at every point, y falling."""
    step = max(cell.size for cell in answer.cells) if answer.cells else 1
    spots = sorted(answer.points)
    columns = sorted({i for i, _ in spots if i % step == 0})
    rows = sorted({j for _, j in spots if j % step == 0}, reverse=True)

    def cell(i: int, j: int) -> str:
        point = answer.points.get((i, j))
        if point is None:
            return NOTHING
        lead = "" if point.lead is None else format_difference(
            answer.metric, point.lead.mean, unit=False)
        if point.winner:
            return f"{point.winner} {lead}".rstrip()
        return f"tie ({point.leader} {lead})" if lead else point.leader

    def label(axis: Range, spot: tuple[int, int], i: int) -> str:
        point = answer.points[spot]
        return axis.written((point.x, point.y)[i], unit=False)

    first = {i: next(s for s in spots if s[0] == i) for i in columns}
    other = {j: next(s for s in spots if s[1] == j) for j in rows}
    heads = (Heading(answer.y.key),
             *(Heading(label(answer.x, first[i], 0)) for i in columns))
    margins = [p.margin for p in answer.points.values()]
    unit = Writer(answer.metric, margins, margins)
    low, high = unit.value(min(margins)), unit.value(max(margins))
    return Table(
        f"Winner and its lead over the second; across: {answer.x.key}", heads,
        tuple(Row((label(answer.y, other[j], 1), *(cell(i, j) for i in columns))) for j in rows),
        (f"the points of the first grid; lead in {unit.unit}; a tie is a lead whose interval "
         "reaches below the margin of " + (low if low == high else f"{low} to {high}") + ".",))


def _switch_table(answer: StructureMap) -> Table:
    """Where the lead passes on, with intervals."""
    rows = []
    for s in answer.switches:
        axis, other = (answer.x, answer.y) if s.along == "x" else (answer.y, answer.x)
        rows.append(Row((f"{other.key} = {other.written(s.held)}", f"{s.loser} -> {s.winner}",
                         axis.key, axis.written(s.at),
                         interval(axis, s.low, s.high).removeprefix("95% CI ").removeprefix(
                             "95% CI: "))))
    return Table("Where the lead passes from one structure to another",
                 (Heading("along"), Heading("from -> to"), Heading("key"),
                  Heading("switches at", right=True), Heading("95% interval", right=True)),
                 tuple(rows) or (Row((NOTHING,) * 5),))


def picture(answer: StructureMap) -> Figure:
    """The map: a quarter of each cell in the colour of its corner, ties hatched."""
    made = style.figure(6.6)
    ax = made.add_subplot()
    colour = style.colours(answer.structures)
    _ground(ax, answer, colour)
    _borders(ax, answer)
    _whiskers(ax, answer)
    _labels(ax, answer, colour)
    _now(ax, answer)
    for axis, scale, limits in ((answer.x, ax.set_xscale, ax.set_xlim),
                                (answer.y, ax.set_yscale, ax.set_ylim)):
        if axis.log:
            scale("log")
        limits(axis.low, axis.high)
    ax.set_xlabel(_axis(answer.x))
    ax.set_ylabel(_axis(answer.y))
    ax.set_title(f"Which structure is best on {METRICS[answer.metric].name}\n"
                 f"{answer.scenario.name}: {_subtitle(answer)}", fontsize=11)
    made.text(0.99, 0.005, effort(answer), ha="right", va="bottom", fontsize=8,
              color=style.FAINT)
    made.set_layout_engine("constrained", rect=(0, 0.03, 1, 0.97))
    return made


def _subtitle(answer: StructureMap) -> str:
    held = [f"{s} {percent(answer.shares[s])}" for s in answer.structures
            if answer.shares[s] > 0]
    tie = answer.shares["tie"]
    look = "rings" if answer.scattered else "hatched"
    return ", ".join([*held, *([f"tie {percent(tie)} ({look})"] if tie > 0 else [])])


def _axis(axis: Range) -> str:
    unit = "h" if axis.duration else axis.unit
    return axis.key if unit == "-" else f"{axis.key} ({unit})"


def _mixed(colour: str, share: float) -> tuple[float, float, float]:
    """A colour on white."""
    parts = [int(colour[i:i + 2], 16) / 255.0 for i in (1, 3, 5)]
    r, g, b = (share * p + 1.0 - share for p in parts)
    return r, g, b


def _ground(ax: Axes, answer: StructureMap, colour: Mapping[str, str]) -> None:
    """The quarters of all cells, grouped by look."""
    from matplotlib.collections import PolyCollection

    looks: dict[tuple[str, bool], list[Any]] = {}
    for cell in answer.cells:
        corners = [answer.points[s] for s in cell.corners]
        xs = [corners[0].x, _between(answer.x, corners[0].x, corners[1].x), corners[1].x]
        ys = [corners[0].y, _between(answer.y, corners[0].y, corners[2].y), corners[2].y]
        for k, point in enumerate(corners):
            a, b = k % 2, k // 2
            box = [(xs[a], ys[b]), (xs[a + 1], ys[b]), (xs[a + 1], ys[b + 1]), (xs[a], ys[b + 1])]
            looks.setdefault((point.leader, point.winner is None), []).append(box)
    for (name, tie), boxes in looks.items():
        fill = _mixed(colour[name], PALE if tie else 0.85)
        ax.add_collection(PolyCollection(boxes, facecolor=fill, edgecolor=fill, linewidth=0.3))
        if tie:
            ax.add_collection(PolyCollection(
                boxes, facecolor="none", edgecolor=_mixed(colour[name], 0.75), linewidth=0.0,
                hatch="////"))
    points = answer.points.values()
    if answer.scattered:
        _dots(ax, answer, colour)
        return
    ax.plot([p.x for p in points], [p.y for p in points], ".", color=style.INK, markersize=2.0,
            alpha=0.45)


def _dots(ax: Axes, answer: StructureMap, colour: Mapping[str, str]) -> None:
    """Points that lie on no grid: filled where won, a ring where it is a tie."""
    size = 9.0 if len(answer.points) <= 200 else 5.0
    for p in answer.points.values():
        ax.plot([p.x], [p.y], "o", markersize=size, markeredgecolor=colour[p.leader],
                markeredgewidth=1.3, clip_on=False,
                color=colour[p.leader] if p.winner else _mixed(colour[p.leader], 0.15))


def _between(axis: Range, low: float, high: float) -> float:
    return math.sqrt(low * high) if axis.log else (low + high) / 2.0


def _places(answer: StructureMap) -> tuple[Any, Any]:
    points = answer.points.values()
    return (np.array([answer.x.place(p.x) for p in points]),
            np.array([answer.y.place(p.y) for p in points]))


def _borders(ax: Axes, answer: StructureMap) -> None:
    """Where two structures that lead somewhere are level, drawn straight between points."""
    from matplotlib.tri import LinearTriInterpolator, Triangulation

    points = list(answer.points.values())
    px, py = _places(answer)
    if len(set(px)) < 2 or len(set(py)) < 2:
        return
    grid = Triangulation(px, py)
    sign = METRICS[answer.metric].direction
    fine = np.linspace(0.0, 1.0, 161)
    gx, gy = np.meshgrid(fine, fine)
    levels = {}
    for name in answer.structures:
        if all(name in p.means for p in points):
            level = np.array([sign * (p.means[name].mean or 0.0) for p in points])
            levels[name] = LinearTriInterpolator(grid, level)(gx, gy).filled(np.nan)
    leaders = {p.leader for p in points}
    xs, ys = ([axis.value(v) if not axis.whole else axis.low + v * (axis.high - axis.low)
               for v in fine] for axis in (answer.x, answer.y))
    for a, b in combinations([s for s in answer.structures if s in levels and s in leaders], 2):
        rest = [levels[s] for s in levels if s not in (a, b)]
        difference = levels[a] - levels[b]
        if rest:
            hidden = np.maximum(levels[a], levels[b]) < np.max(rest, axis=0)
            difference = np.where(hidden, np.nan, difference)
        if np.nanmin(difference) < 0.0 < np.nanmax(difference):
            ax.contour(xs, ys, np.ma.masked_invalid(difference), levels=[0.0],
                       colors=[style.INK], linewidths=1.6)


def _whiskers(ax: Axes, answer: StructureMap) -> None:
    """The intervals of the switching values, on the lines they were found on."""
    for s in answer.switches:
        axis = answer.x if s.along == "x" else answer.y
        ends = [axis.low if s.low is None else s.low, axis.high if s.high is None else s.high]
        held = [s.held, s.held]
        ax.plot(*((ends, held) if s.along == "x" else (held, ends)), color=style.INK,
                linewidth=1.1, solid_capstyle="butt", clip_on=False)
        ax.plot(*([[v] for v in ((s.at, s.held) if s.along == "x" else (s.held, s.at))]), "o",
                color="white", markeredgecolor=style.INK, markersize=5, clip_on=False, zorder=4)


def _labels(ax: Axes, answer: StructureMap, colour: Mapping[str, str]) -> None:
    """Names inside their regions, as far from other regions and the frame as there is room."""
    points = list(answer.points.values())
    px, py = _places(answer)
    calls = np.array([p.winner or f"tie, {p.leader} ahead" for p in points])
    taken = _taken(answer)
    for text, name in [*((s, s) for s in answer.structures),
                       *((f"tie, {s} ahead", "") for s in answer.structures)]:
        mine = np.flatnonzero(calls == text)
        if len(mine) < (1 if name else 3):
            continue
        others = np.flatnonzero(calls != text)
        best = max(map(int, mine), key=lambda i: _room(i, others, px, py, taken))
        taken.append((px[best], py[best]))
        x, y = points[best].x, points[best].y
        side = "left" if px[best] < 0.08 else "right" if px[best] > 0.92 else "center"
        up = "bottom" if py[best] < 0.05 else "top" if py[best] > 0.95 else "center"
        ax.annotate(text, (x, y), ha=side, va=up, fontsize=12 if name else 10,
                    fontweight="bold", color="white" if name else style.INK, zorder=5,
                    xytext=({"left": 6, "right": -6, "center": 0}[side],
                            {"bottom": 6, "top": -6, "center": 0}[up]),
                    textcoords="offset points",
                    bbox={"boxstyle": "round,pad=0.25", "linewidth": 0.0,
                          "facecolor": colour[name] if name else "white"})


def _taken(answer: StructureMap) -> list[tuple[float, float]]:
    """Where no label should stand: the scenario itself."""
    x, y = answer.x, answer.y
    if x.now is None or y.now is None or not (x.low <= x.now <= x.high
                                              and y.low <= y.now <= y.high):
        return []
    return [(x.place(x.now), y.place(y.now))]


def _room(i: int, others: Any, px: Any, py: Any, taken: Sequence[tuple[float, float]]) -> float:
    """Room around a point: to other regions, to what is taken, and a little to the frame."""
    frame = min(px[i], 1.0 - px[i], py[i], 1.0 - py[i]) + 0.12
    near = min((math.hypot(px[i] - px[k], py[i] - py[k]) for k in others), default=1.0)
    free = min((math.hypot(px[i] - a, py[i] - b) for a, b in taken), default=1.0)
    return float(min(near, free, frame))


def _now(ax: Axes, answer: StructureMap) -> None:
    """The scenario as it is."""
    if not _taken(answer):
        return
    ax.plot([answer.x.now or 0.0], [answer.y.now or 0.0], "*", color="white",
            markeredgecolor=style.INK, markersize=15, zorder=6, clip_on=False)
    place = _taken(answer)[0]
    right = place[0] < 0.85
    ax.annotate("the scenario", (answer.x.now or 0.0, answer.y.now or 0.0),
                xytext=(10 if right else -10, 7 if place[1] < 0.92 else -14),
                textcoords="offset points", ha="left" if right else "right", fontsize=9.5,
                zorder=6, bbox={"boxstyle": "round,pad=0.15", "facecolor": "white",
                                "alpha": 0.8, "linewidth": 0.0})


def figures(answer: StructureMap) -> tuple[bytes, bytes]:
    """The map as SVG and PNG."""
    with style.drawing():
        made = picture(answer)
        return style.svg(made), style.png(made)


def markdown(answer: StructureMap) -> str:
    """The map as a page of text."""
    return "\n".join([f"# {title(answer)}", "", effort(answer) + ".", "",
                      *(f"- {line}" for line in sentences(answer)), ""])


