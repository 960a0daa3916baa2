"""A selection for people: who is best, who was dropped when and why, and the figure of the race.

Owns: their words, order and layout. Never does: decide who is dropped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.experiment.cause_words import capital, size
from sim.experiment.statistics import Interval, mean_interval
from sim.experiment.words import listed
from sim.metrics.registry import METRICS, format_value
from sim.report import style
from sim.report.tables import NOTHING, Heading, Row, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.questions.select import Contender, Selection

STOPPING = ("values: mean and 95% interval of a structure's own replications; behind: the lead of "
            "the structure named, paired, all of them together 95%. Intervals made after stopping "
            "by results are a little too narrow; the stated probability does not rest on them.")


def _amount(answer: Selection, value: float | None, *, unit: bool = True) -> str:
    """A difference without its sign."""
    if value is None:
        return NOTHING
    if answer.metric is None:
        return f"{abs(value):.2f}" + (" points" if unit else "")
    text = size(answer.metric, abs(value)).lstrip("+")
    return text if unit else text.removesuffix(" percentage points").split(" ")[0]


def _value(answer: Selection, value: float | None) -> str:
    if value is None:
        return NOTHING
    if answer.metric is None:
        return f"{value:.2f}"
    return format_value(answer.metric, value, short=True)


def _between(answer: Selection, i: Interval) -> str:
    if i.low is None or i.high is None:
        return NOTHING
    return f"{_value(answer, i.low)} to {_value(answer, i.high)}"


def _signed(answer: Selection, value: float) -> str:
    text = _amount(answer, value, unit=False)
    return f"-{text}" if value < 0 and any(c in "123456789" for c in text) else text


def _what(answer: Selection) -> str:
    """What was asked."""
    if answer.metric:
        return METRICS[answer.metric].name
    return "the weighted score of " + listed(
        [f"{METRICS[id].name} ({w:g})" for id, w in answer.weights.items()])


def headline(answer: Selection) -> str:
    """The answer in one sentence."""
    share = f"{100 * answer.confidence:g}%"
    margin = _amount(answer, answer.margin)
    what = _what(answer)
    if answer.best is None:
        return "No structure could be judged to the end."
    best = capital(answer.best)
    if answer.guaranteed and answer.stop == "no choice":
        return f"{best} is the only structure that can be judged here; nothing was compared."
    if answer.guaranteed:
        return (f"{best} is best on {what}: named with a probability of at least {share} of being "
                f"right if the best leads by {margin} or more. Structures closer than that count "
                "as equally good, and any of them may be the one named.")
    return (f"{best} leads on {what}, without the probability of {share} asked: "
            f"{_unfinished(answer)}.")


def _unfinished(answer: Selection) -> str:
    if answer.stop == "no choice":
        return "the others failed on the way"
    left = [c.structure for c in answer.contenders if c.fate == "left"]
    why = "interrupted" if answer.stop == "interrupted" else "the runs allowed were spent"
    return f"{why} with {listed(left)} still in; at most {answer.more_runs:,} more runs decide it"


def stopped(answer: Selection) -> str:
    """Why it stopped, and what it took."""
    why = {
        "one left": "every other structure was dropped",
        "indifference": "the last structures need not be told apart any further at this margin",
        "max runs": "the runs allowed (--max-runs) were spent",
        "interrupted": "it was interrupted",
        "no choice": "no other structure was left to compare",
    }[answer.stop]
    saved = answer.equal_runs - answer.runs
    text = (f"Stopped after {answer.replications} replications because {why}: {answer.runs:,} "
            f"runs. ")
    if saved > 0:
        return text + (f"An equal allocation to the same replication takes {answer.equal_runs:,}: "
                       f"{saved:,} runs ({100 * saved / answer.equal_runs:.0f}%) were saved.")
    return text + "An equal allocation would have taken as many."


def _fate(answer: Selection, c: Contender) -> str:
    """When and why a structure was dropped."""
    if c.fate == "selected":
        return f"{c.structure}: named the best, {c.replications} replications"
    if c.fate in ("infeasible", "failed", "no value"):
        word = {"infeasible": "infeasible", "failed": "not judged, a run failed",
                "no value": "not judged"}[c.fate]
        return f"{c.structure}: {word} ({c.reason})"
    if c.drop is None:
        return f"{c.structure}: still in after {c.replications} replications"
    if c.drop.boundary > 0:
        return (f"{c.structure}: dropped at replication {c.drop.replication}, by then "
                f"{_amount(answer, c.drop.behind)} behind {c.drop.by} (enough: "
                f"{_amount(answer, c.drop.boundary)})")
    return (f"{c.structure}: dropped at replication {c.drop.replication}, "
            f"{_amount(answer, c.drop.behind)} behind {c.drop.by}")


def sentences(answer: Selection) -> list[str]:
    """The answer, why it stopped, what became of each structure, what to beware of."""
    lines = [headline(answer), stopped(answer)]
    lines += [_fate(answer, c) + "." for c in answer.contenders]
    if any(c.drop is not None and c.drop.boundary <= 0 for c in answer.contenders):
        lines.append("Where no \"enough\" is named, the pair was known well enough for the margin "
                     f"of {_amount(answer, answer.margin)}, and the one ahead was kept.")
    grew = [f"{c.structure} in {c.unstable} of {c.replications}" for c in answer.contenders
            if c.unstable]
    if grew:
        lines.append(f"Replications with a growing backlog: {listed(grew)}. Where that is most of "
                     "them, the numbers depend on how long is measured.")
    return lines


def shown(answer: Selection) -> list[Table | str]:
    """What the terminal shows."""
    unit = METRICS[answer.metric].unit if answer.metric else "points of the score"
    rows = []
    for c in sorted(answer.contenders, key=lambda c: (c.fate != "selected", -c.replications)):
        out = c.drop.replication if c.drop else None
        rows.append(Row((
            c.structure, c.fate, str(c.replications), _value(answer, c.value.mean),
            _between(answer, c.value), NOTHING if c.behind.mean is None
            else _signed(answer, c.behind.mean),
            NOTHING if c.behind.low is None or c.behind.high is None
            else f"{_signed(answer, c.behind.low)} to {_signed(answer, c.behind.high)}",
            NOTHING if out is None else str(out)), c.fate == "selected"))
    table = Table(
        f"Selection on {_what(answer)} ({unit})",
        (Heading("structure"), Heading("fate"), Heading("replications", right=True),
         Heading("value", right=True), Heading("95% interval", right=True),
         Heading("behind", right=True), Heading("interval", right=True),
         Heading("dropped at", right=True)),
        tuple(rows), (STOPPING,))
    head = (f"{answer.scenario.name}: which structure is best on {_what(answer)}? Margin "
            f"{_amount(answer, answer.margin)}, probability {100 * answer.confidence:g}%, "
            f"procedure KN, seed {answer.seed}")
    return [head, table, "\n".join(f"- {line}" for line in sentences(answer))]


def race(answer: Selection) -> Figure:
    """How far each structure is from the one named, replication by replication, until dropped."""
    listed_ = [c.structure for c in answer.contenders]
    colours, markers = style.colours(listed_), style.markers(listed_)
    made = style.figure(4.6)
    ax = made.add_subplot()
    best = next((c for c in answer.contenders if c.structure == answer.best), None)
    sign = METRICS[answer.metric].direction if answer.metric else 1
    scale = 100.0 if answer.metric and METRICS[answer.metric].format == "share" else 1.0
    longest = 2
    ax.axhspan(-answer.margin * scale, answer.margin * scale, color=style.BAND, zorder=0)
    ax.axhline(0.0, color=style.INK, linewidth=1.0)
    for c in answer.contenders:
        if best is None or c is best or len(c.path) < 2:
            continue
        n = min(len(c.path), len(best.path))
        gaps = [scale * sign * (c.path[r] - best.path[r]) for r in range(n)]
        counts = range(2, n + 1)
        intervals = [mean_interval(gaps[:k]) for k in counts]
        middle = [i.mean or 0.0 for i in intervals]
        begin = max(0, min(answer.first, n) - 2)
        colour = colours[c.structure]
        ax.fill_between(list(counts)[begin:],
                        [i.low if i.low is not None else math.nan for i in intervals][begin:],
                        [i.high if i.high is not None else math.nan for i in intervals][begin:],
                        color=colour, alpha=0.15, linewidth=0)
        ax.plot(list(counts)[begin:], middle[begin:], color=colour, linewidth=1.6)
        last = intervals[-1]
        if last.low is not None and last.high is not None:
            ax.plot([n, n], [last.low, last.high], color=colour, linewidth=1.2)
        ax.plot(n, middle[-1], marker=markers[c.structure], color=colour, markersize=7)
        word = {"dropped": "dropped", "left": "still in"}.get(c.fate, c.fate)
        ax.annotate(f"{c.structure}, {word} at {n}", (n, middle[-1]), xytext=(8, 0),
                    textcoords="offset points", va="center", color=colour)
        longest = max(longest, n)
    first = min(answer.first, longest)
    ax.set_xlim(first - 0.03 * (longest - first + 1), longest + 0.45 * (longest - first + 4))
    ax.annotate(f"{answer.best}", (first, 0.0), xytext=(2, 4), textcoords="offset points",
                weight="bold")
    name = METRICS[answer.metric].name if answer.metric else "score"
    unit = answer.unit if scale == 1.0 else "percentage points"
    ax.set_xlabel("replications")
    ax.set_ylabel(f"{name} less that of {answer.best}\n({unit})")
    ax.set_title(f"Which structure is best on {name}: {answer.runs:,} runs")
    ax.locator_params(axis="x", integer=True)
    made.text(0.99, 0.005, "bands: 95% intervals of the difference; grey: the margin within which "
              "structures count as equally good", ha="right", va="bottom", fontsize=8,
              color=style.FAINT)
    made.set_layout_engine("constrained", rect=(0, 0.04, 1, 0.96))
    return made


def figures(answer: Selection) -> tuple[bytes, bytes]:
    """The race as SVG and PNG."""
    with style.drawing():
        made = race(answer)
        return style.svg(made), style.png(made)


def markdown(answer: Selection) -> str:
    """The selection as a page of text."""
    return "\n".join([f"# {answer.scenario.name}: best on {_what(answer)}", "",
                      *(f"- {line}" for line in sentences(answer)), ""])
