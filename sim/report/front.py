"""A front for people: the table of designs and the sentences, the page of text, the figure.

Owns: their order and layout. Never does: decide who is on the front, or find words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS, format_value
from sim.questions.front_words import change, few, sentences
from sim.report import style
from sim.report.tables import Heading, Row, Table, Writer, better_way, unit_shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.experiment.statistics import Interval
    from sim.questions.designs import Optimisation, Option, Status

MOST_BEHIND = 12
"""Designs shown that may belong to the front; the rest is only counted."""
MOST_NAMED = 16
"""Designs named under the figure."""
WORDS: dict[Status, str] = {
    "sure": "on the front for sure",
    "unclear": "on it by the means, not told apart from {near}",
    "possible": "behind by the means, not told apart from {near}",
}
PASTE = ("Paste at the end of the scenario file; then, for example, "
         "`orgsim run FILE --overlay design-A --structure design-A`.")
ABOUT = ("intervals of values: 95%, each by itself. Who is ahead of whom is judged by differences "
         "on the same customers, with intervals that hold together over all metrics, designs and "
         "looks.")


def shown(answer: Optimisation) -> list[Table | str]:
    """What the terminal shows."""
    head = (f"{answer.scenario.name}: designs over {', '.join(answer.axes)}; {answer.runs:,} runs, "
            f"seed {answer.seed}")
    tables = [_designs(answer), _values(answer)]
    if answer.steps:
        tables.append(_steps(answer))
    return [head, *tables, "\n".join(f"- {line}" for line in sentences(answer))]


def _listed(answer: Optimisation) -> list[Option]:
    """The front, then what may belong to it."""
    return [*answer.front,
            *[o for o in answer.options if o.status == "possible"][:MOST_BEHIND]]


def _designs(answer: Optimisation) -> Table:
    """Which designs they are, and where they stand."""
    hidden = sum(o.status == "possible" for o in answer.options) - MOST_BEHIND
    return Table(
        f"The front, worst to best on {METRICS[answer.metrics[0]].name}, and what may belong to it",
        (Heading(""), Heading("design"), Heading("where it stands")),
        tuple(Row((o.label, o.design.words, WORDS[o.status].format(near=few(o.near))),
                  strong=o.status == "sure") for o in _listed(answer)),
        (f"{hidden} more that may belong to it stand in --json.",) if hidden > 0 else ())


def _values(answer: Optimisation) -> Table:
    """Their metrics with intervals."""
    listed = _listed(answer)
    columns, cells = [Heading("")], [[o.label] for o in listed]
    for id in answer.metrics:
        found = [o.metrics[id] for o in listed]
        writer = Writer(id, [v for i in found for v in (i.mean, i.low, i.high)],
                        [i.half_width or 0.0 for i in found], thousands=False)
        columns += [Heading(METRICS[id].name, writer.unit, right=True),
                    Heading("95% interval", right=True)]
        for row, i in zip(cells, found, strict=True):
            row += [writer.value(i.mean), writer.interval(i.low, i.high)]
    for row, o in zip(cells, listed, strict=True):
        row.append(str(o.replications))
    return Table("Their metrics", (*columns, Heading("replications", right=True)),
                 tuple(Row(tuple(row), strong=o.status == "sure")
                       for row, o in zip(cells, listed, strict=True)), (ABOUT,))


def _steps(answer: Optimisation) -> Table:
    """What changes from each design of the front to the next."""
    columns = [Heading("from"), Heading("to"),
               *(Heading(METRICS[id].name, unit_shown(METRICS[id]), right=True)
                 for id in answer.metrics)]
    rows = [Row((s.first, s.second, *(change(id, s.changes[id]) for id in answer.metrics)))
            for s in answer.steps]
    return Table("Along the front: change, with 95% interval", tuple(columns), tuple(rows),
                 ("paired on the same customers; the intervals of one line hold together.",))


def picture(answer: Optimisation) -> Figure:
    """The front with intervals, one panel for each metric beside the first."""
    front = answer.front
    others = answer.metrics[1:]
    made = style.figure(4.8 + 0.21 * min(len(front), MOST_NAMED))
    axes = made.subplots(1, len(others), sharey=True, squeeze=False)[0]
    colour = style.colours(list(dict.fromkeys(o.design.grouping for o in front)))
    for ax, id in zip(axes, others, strict=True):
        _panel(ax, answer, id, colour)
    first = METRICS[answer.metrics[0]]
    axes[0].set_ylabel(f"{first.name} ({unit_shown(first)}; {better_way(first)})")
    made.suptitle(f"{answer.scenario.name}: what no other design beats", x=0.01, ha="left",
                  weight="bold", fontsize=11)
    keyed = front[:MOST_NAMED]
    lines = len(keyed)
    height = made.get_figheight()
    foot = 0.21 * (lines + 2) / height
    for n, o in enumerate(keyed):
        y = foot - 0.21 * (n + 0.9) / height
        made.text(0.015, y, o.label, color=colour[o.design.grouping], weight="bold", fontsize=9)
        flag = "" if o.status == "sure" else "  (not told apart from " + few(o.near) + ")"
        made.text(0.045, y, o.design.words + flag, fontsize=9)
    note = ("filled: on the front for sure; hollow: on it by the means; grey: may belong to it; "
            "faint: dominated. Lines: 95% intervals")
    made.text(0.99, 0.006, note, ha="right", va="bottom", fontsize=8, color=style.FAINT)
    made.set_layout_engine("constrained", rect=(0, foot, 1, 1 - foot))
    return made


def _panel(ax: Axes, answer: Optimisation, other: str, colour: dict[str, str]) -> None:
    """The first metric against another."""
    first = answer.metrics[0]
    _formats(ax, first, other)
    for o in answer.options:
        if o.status == "dominated":
            ax.plot(_mean(o.metrics[other]), _mean(o.metrics[first]), ".", color="#C9C9C9",
                    markersize=5, zorder=1)
        elif o.status == "possible":
            _cross(ax, o, other, first, "#9A9A9A", filled=False, width=0.7)
    front = answer.front
    if len(answer.metrics) == 2:
        ax.plot([_mean(o.metrics[other]) for o in front], [_mean(o.metrics[first]) for o in front],
                color=style.FAINT, linewidth=0.8, linestyle=(0, (4, 3)), zorder=2)
    for o in front:
        _cross(ax, o, other, first, colour[o.design.grouping], filled=o.status == "sure",
               width=1.4)
        ax.annotate(o.label, (_mean(o.metrics[other]), _mean(o.metrics[first])), xytext=(5, 5),
                    textcoords="offset points", color=colour[o.design.grouping], weight="bold",
                    zorder=5)
    ax.margins(0.06)
    ax.grid(visible=True)


def _cross(ax: Axes, o: Option, x: str, y: str, colour: str, *, filled: bool,
           width: float) -> None:
    """A design with both its intervals."""
    a, b = o.metrics[x], o.metrics[y]
    if a.low is not None and a.high is not None and b.low is not None and b.high is not None:
        ax.plot([a.low, a.high], [_mean(b)] * 2, color=colour, linewidth=width, zorder=3)
        ax.plot([_mean(a)] * 2, [b.low, b.high], color=colour, linewidth=width, zorder=3)
    ax.plot(_mean(a), _mean(b), "o", color=colour, markerfacecolor=colour if filled else "white",
            markersize=6 if width > 1 else 4, zorder=4)


def _formats(ax: Axes, first: str, other: str) -> None:
    """Tick labels and the name of the axis across."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    def written(id: str) -> FuncFormatter:
        return FuncFormatter(lambda v, _: format_value(id, v, short=True))

    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(written(other))
    ax.yaxis.set_major_formatter(written(first))
    metric = METRICS[other]
    ax.set_xlabel(f"{metric.name} ({unit_shown(metric)}; {better_way(metric)})")


def _mean(i: Interval) -> float:
    return i.mean if i.mean is not None else float("nan")


def figures(answer: Optimisation) -> tuple[bytes, bytes]:
    """The front as SVG and PNG."""
    with style.drawing():
        made = picture(answer)
        return style.svg(made), style.png(made)


def markdown(answer: Optimisation) -> str:
    """The front as a page of text, with what to paste for each design."""
    lines = [f"# {answer.scenario.name}: what no other design beats", "",
             *(f"- {line}" for line in sentences(answer)), "", *_to_paste(answer.front)]
    return "\n".join(lines)


def _to_paste(front: Sequence[Option]) -> list[str]:
    """Overlays for the scenario file."""
    found = ["## Each design as an overlay", "", PASTE, ""]
    for o in front:
        found += [f"### {o.label}: {o.design.words}", "", "```toml", o.overlay.rstrip(), "```", ""]
    return found
