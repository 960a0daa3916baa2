"""Tipping points for people: table, sentences, and the figure with the flips marked.

Owns: their order and layout. Never does: find a value.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from sim.metrics.registry import METRICS, format_difference
from sim.questions.map_words import interval
from sim.questions.tipping_words import decided, sentences
from sim.report import style
from sim.report.tables import NOTHING, Heading, Row, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.experiment.statistics import Interval
    from sim.questions.keys import Range
    from sim.questions.tipping_answer import Assumption, Tipping

MOST_ROWS, STEADY_ROWS = 18, 6


def title(answer: Tipping) -> str:
    """What it is about."""
    return (f"{answer.scenario.name}: what would have to be different for {answer.first} and "
            f"{answer.second} to change places on {METRICS[answer.metric].name}")


def effort(answer: Tipping) -> str:
    """What it cost."""
    return (f"{answer.replications} replications, {answer.runs:,} runs, seed {answer.seed}; "
            "95% intervals, the same luck at every value")


def shown(answer: Tipping) -> list[Table | str]:
    """What the terminal shows."""
    lines = sentences(answer)
    return [f"{title(answer)}\n{effort(answer)}", table(answer),
            "\n".join(line if line.startswith(" ") else f"- {line}" for line in lines)]


def table(answer: Tipping) -> Table:
    """One row per assumption that changes anything, and per flip."""
    rows = []
    for a in answer.assumptions:
        if not a.moves:
            continue
        r = a.range
        ends = [_end(answer, r, v, i) for v, i in zip((r.low, r.high), a.ends, strict=True)]
        now = r.written(r.now)
        if not a.flips:
            rows.append(Row((r.key, now, "never", NOTHING, NOTHING, *ends)))
        for n, f in enumerate(a.flips):
            cells = (r.written(f.at, unit=False),
                     interval(r, f.low, f.high).removeprefix("95% CI ").removeprefix("95% CI: "),
                     f"{f.distance:.0%}")
            rows.append(Row(("", "", *cells, "", "") if n else (r.key, now, *cells, *ends),
                            strong=not n))
    metric = METRICS[answer.metric]
    return Table(
        "Assumptions, the one it is easiest to be wrong about first",
        (Heading("assumption"), Heading("now", right=True), Heading("flips at", right=True),
         Heading("95% interval", right=True), Heading("of the way", right=True),
         Heading("lead at the low end", right=True), Heading("at the high end", right=True)),
        tuple(rows) or (Row((NOTHING,) * 7),),
        (f"lead: of {answer.first} over {answer.second} in {metric.unit}"
         + (", turned so that more is better" if metric.direction < 0 else "")
         + "; ? where its interval holds 0. of the way: from the value now to the end of the "
         + ("values swept." if answer.swept else "plausible range."),))


def _end(answer: Tipping, r: Range, value: float, size: Interval) -> str:
    doubt = "" if decided(size) else "?"
    return (f"{format_difference(answer.metric, size.mean, unit=False)}{doubt} at "
            f"{r.written(value, unit=False)}")


def rows_drawn(answer: Tipping) -> list[Assumption]:
    """What the figure shows: flips, then the steady ones that come nearest."""
    flipping = [a for a in answer.assumptions if a.flips][:MOST_ROWS]
    steady = [a for a in answer.assumptions if a.moves and not a.flips]
    return flipping + steady[:max(STEADY_ROWS, 10 - len(flipping))]


def picture(answer: Tipping) -> Figure:
    """A bar per assumption from one end of its range to the other, coloured by who leads."""
    drawn = rows_drawn(answer)
    made = style.figure(2.0 + 0.36 * max(len(drawn), 2))
    ax = made.add_subplot()
    colour = style.colours((answer.first, answer.second))
    for y, a in enumerate(drawn):
        _bar(ax, answer, a, y, colour)
    ax.axvline(0.0, color=style.INK, linewidth=1.0, zorder=3)
    ax.set_yticks(range(len(drawn)), [f"{a.range.key} = {a.range.written(a.range.now)}"
                                      for a in drawn])
    ax.tick_params(axis="y", length=0, labelsize=9)
    ax.set_ylim(len(drawn) - 0.4, -1.1)
    ax.set_xlim(-1.16, 1.16)
    kind = "swept" if answer.swept else "plausible"
    ax.set_xticks([-1, -0.5, 0, 0.5, 1], [f"lowest\n{kind}", "half way", "now", "half way",
                                          f"highest\n{kind}"])
    ax.spines["left"].set_visible(False)
    for name, x, side in ((answer.first, -1.0, "left"), (answer.second, 1.0, "right")):
        ax.annotate(f"{name} leads", (x, -0.75), ha=side, va="center", fontsize=11,
                    fontweight="bold", color=colour[name])
    ax.annotate("pale: not told apart", (0.0, -0.75), ha="center", va="center", fontsize=8.5,
                color=style.FAINT, bbox={"facecolor": "white", "linewidth": 0.0, "pad": 1.0},
                zorder=4)
    metric = METRICS[answer.metric].name
    ax.set_title(f"Where {answer.first} and {answer.second} change places on {metric}\n"
                 f"{answer.scenario.name}, one assumption wrong at a time")
    made.text(0.99, 0.005, effort(answer), ha="right", va="bottom", fontsize=8,
              color=style.FAINT)
    made.set_layout_engine("constrained", rect=(0, 0.03, 1, 0.97))
    return made


def _way(r: Range, value: float) -> float:
    """A value as a share of the way: -1 at the low end, 0 now, 1 at the high end."""
    now = r.low if r.now is None else r.now
    room = r.high - now if value >= now else now - r.low
    return (value - now) / room if room else 0.0


def _bar(ax: Axes, answer: Tipping, a: Assumption, y: int, colour: dict[str, str]) -> None:
    """One assumption: who leads along its range, pale where undecided; flips and both ends."""
    r = a.range
    values = list(a.leads)
    fine = sorted({*np.linspace(r.low, r.high, 161), *values, *(f.at for f in a.flips)})
    means, lows, highs = (
        np.interp(fine, values, [float((i.mean if e is None else e) or 0.0) for i, e in column])
        for column in ([(i, i.mean) for i in a.leads.values()],
                       [(i, i.low) for i in a.leads.values()],
                       [(i, i.high) for i in a.leads.values()]))
    looks = []
    for k in range(len(fine) - 1):
        name = answer.first if means[k] + means[k + 1] > 0 else answer.second
        sure = (lows[k] > 0 and lows[k + 1] > 0) or (highs[k] < 0 and highs[k + 1] < 0)
        looks.append((name, bool(sure)))
    for (name, sure), group in groupby(range(len(looks)), key=lambda k: looks[k]):
        run = list(group)
        left, right = _way(r, fine[run[0]]), _way(r, fine[run[-1] + 1])
        ax.barh(y, right - left, left=left, height=0.56, color=colour[name],
                alpha=0.85 if sure else 0.28, linewidth=0.0)
    for f in a.flips:
        x = _way(r, f.at)
        ends = [_way(r, r.low if f.low is None else f.low),
                _way(r, r.high if f.high is None else f.high)]
        ax.plot(ends, [y, y], color=style.INK, linewidth=1.2, zorder=4)
        ax.plot([x], [y], "o", color="white", markeredgecolor=style.INK, markersize=6.5, zorder=5)
        ax.annotate(r.written(f.at, unit=False), (x, y), xytext=(0, 6),
                    textcoords="offset points", ha="center", va="bottom", fontsize=8.5,
                    fontweight="bold", zorder=6,
                    bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0.0, "pad": 0.6})
    for x, value, side in ((-1.02, r.low, "right"), (1.02, r.high, "left")):
        if value != r.now:
            ax.annotate(r.written(value, unit=False), (x, y), ha=side, va="center", fontsize=8.5,
                        color=style.FAINT)


def figures(answer: Tipping) -> tuple[bytes, bytes]:
    """The figure as SVG and PNG."""
    with style.drawing():
        made = picture(answer)
        return style.svg(made), style.png(made)


def markdown(answer: Tipping) -> str:
    """The answer as a page of text."""
    lines = [f"  - {line.strip()}" if line.startswith(" ") else f"- {line}"
             for line in sentences(answer)]
    return "\n".join([f"# {title(answer)}", "", effort(answer) + ".", "", *lines, ""])
