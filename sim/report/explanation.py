"""An explanation for people: the table and sentences of the terminal, and the waterfall.

Owns: their order and layout. Never does: find a cause or its size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.experiment.cause_words import (
    between,
    capital,
    further,
    nonzero,
    sentences,
    size,
    whole,
)
from sim.metrics.registry import METRICS, format_value
from sim.report import style
from sim.report.tables import NOTHING, Heading, Row, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.experiment.explain import Explanation

GOOD, BAD, NEITHER, LEVEL = "#009E73", "#D55E00", "#9DB4CE", "#4C6A92"

ADDED = ("each part is what the cause adds on the same customers with the same heads, averaged "
         "over all orders in which causes are switched on; the parts add up to the difference.")

LEFT = "with every cause off a simulation still differs by {}: counted as nothing."


def shown(answer: Explanation) -> list[Table | str]:
    """What the terminal shows: the difference, its parts, a sentence for each."""
    head = (f"{answer.scenario.name}: {answer.second} minus {answer.first}; "
            f"{answer.replications} replications, {answer.runs} runs, seed {answer.seed}\n"
            + whole(answer))
    rest = size(answer.metric, answer.left_over.mean)
    rows = []
    for part in answer.parts:
        i = part.effect
        share = (f"{100.0 * i.mean / answer.gap.mean + 0.0:.0f}%".replace("-0%", "0%")
                 if i.mean is not None and answer.gap.mean else NOTHING)
        digits = further(answer.metric, i)
        rows.append(Row((capital(part.cause.name), size(answer.metric, i.mean, digits),
                         between(answer.metric, i, digits).removeprefix("95% CI "), share)))
    rows.append(Row(("all causes", size(answer.metric, answer.gap.mean),
                     between(answer.metric, answer.gap).removeprefix("95% CI "),
                     "100%" if answer.gap.mean else NOTHING)))
    table = Table(
        f"What makes the difference in {METRICS[answer.metric].name}",
        (Heading("cause"), Heading("part", right=True), Heading("95% interval", right=True),
         Heading("of the difference", right=True)),
        tuple(rows),
        (ADDED, *((LEFT.format(rest),) if nonzero(rest) else ())))
    return [head, table, "\n".join(sentences(answer))]


def waterfall(answer: Explanation) -> Figure:
    """From the one structure's value to the other's, cause by cause, the largest first."""
    metric = METRICS[answer.metric]
    parts = sorted(answer.parts, key=lambda p: -abs(p.effect.mean or 0.0))
    rows = len(parts) + 2
    made = style.figure(1.5 + 0.42 * rows)
    ax = made.add_subplot()
    start = answer.values[0].mean or 0.0
    end = answer.values[1].mean or 0.0
    level = start
    labels = [answer.first]
    reach = [start, end]
    steps = []
    for y, part in enumerate(parts, start=1):
        i = part.effect
        mean = i.mean or 0.0
        steps.append((y, level, mean, i))
        reach += [level, level + mean]
        if i.low is not None and i.high is not None:
            reach += [level + i.low, level + i.high]
        level += mean
        labels.append(capital(part.cause.name))
    labels.append(answer.second)
    low, high = min(reach), max(reach)
    room = (high - low) or max(abs(high), 1.0) * 0.1
    left, right = low - 0.14 * room, high + 0.30 * room
    for y, value in ((0, start), (rows - 1, end)):
        ax.barh(y, value - left, left=left, height=0.62, color=LEVEL)
        ax.annotate(format_value(answer.metric, value, short=True), (value, y),
                    xytext=(6, 0), textcoords="offset points", va="center", weight="bold")
    for y, before, mean, i in steps:
        good = metric.direction == 0 or (mean > 0) == (metric.direction > 0)
        colour = NEITHER if metric.direction == 0 else GOOD if good else BAD
        ax.barh(y, mean, left=before, height=0.62, color=colour)
        ends = [before, before + mean]
        if i.low is not None and i.high is not None and i.high > i.low:
            ax.plot([before + i.low, before + i.high], [y, y], color=style.INK, linewidth=1.2)
            ends += [before + i.low, before + i.high]
        ax.annotate(size(answer.metric, i.mean).split(" ")[0], (max(ends), y),
                    xytext=(6, 0), textcoords="offset points", va="center")
    edges = [start, *(before + mean for _, before, mean, _ in steps)]
    for y, edge in enumerate(edges):
        ax.plot([edge, edge], [y + 0.31, y + 0.69], color=style.FAINT, linewidth=0.8)
    ax.set_yticks(range(rows), labels)
    for place in (0, rows - 1):
        ax.get_yticklabels()[place].set_fontweight("bold")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(rows - 0.5, -0.5)
    ax.set_xlim(left, right)
    ax.set_xlabel(f"{metric.name} ({metric.unit})")
    ax.set_title(f"Why {answer.second} differs from {answer.first} in {metric.name}")
    ax.grid(axis="x")
    note = "lines: 95% intervals of the parts over replications"
    if metric.direction:
        note += f"; green: in favour of {answer.second}, orange: of {answer.first}"
    made.text(0.99, 0.005, note, ha="right", va="bottom", fontsize=8, color=style.FAINT)
    made.set_layout_engine("constrained", rect=(0, 0.04, 1, 0.96))
    return made


def figures(answer: Explanation) -> tuple[bytes, bytes]:
    """The waterfall as SVG and PNG."""
    with style.drawing():
        made = waterfall(answer)
        return style.svg(made), style.png(made)


def markdown(answer: Explanation) -> str:
    """The explanation as a page of text."""
    lines = [f"# {answer.scenario.name}: {answer.second} minus {answer.first}", "", whole(answer),
             "", *(f"- {line}" for line in sentences(answer)), ""]
    return "\n".join(lines)
