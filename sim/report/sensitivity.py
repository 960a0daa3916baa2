"""Shares of variance for people: tables, sentences, and bars with their intervals.

Owns: their order and layout. Never does: estimate one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS, format_difference
from sim.questions.sensitivity_words import needs, percent, rounded, sentences
from sim.report import style
from sim.report.tables import NOTHING, Heading, Row, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.questions.sensitivity import Factor, Index, Sensitivity

SHOWN = 12
SCREENED = (
    "effect: mean size of the change over trajectories, for the whole range (mu* of Morris).")
SHARES = (
    "in all: what it makes alone and together with others, so that the column may sum to more than "
    "100%; of luck it is what would be left if everything else were known. A share whose interval "
    "is wider than itself is not told; +N runs: about so many more would tell it. Estimates below "
    "0% or above 100% are put there.")
COLOURS = {"structure": style.PALETTE[0], "key": "#4C6A92", "luck": "#9A9A9A"}


def title(answer: Sensitivity) -> str:
    """What it is about."""
    return f"{answer.scenario.name}: what {METRICS[answer.metric].name} hangs on"


def effort(answer: Sensitivity) -> str:
    """What it cost."""
    if answer.notes:
        return (f"{answer.runs:,} runs of a finished sweep, {answer.samples:,} points, seed "
                f"{answer.seed}; 95% intervals")
    first = f"{answer.screening_runs:,} of them for screening, " if answer.screening_runs else ""
    return (f"{answer.runs:,} runs, {first}{answer.samples} rows of the sample, seed "
            f"{answer.seed}; 95% bootstrap intervals")


def shown(answer: Sensitivity) -> list[Table | str]:
    """What the terminal shows."""
    parts: list[Table | str] = [
        f"{title(answer)}\n{effort(answer)}\nstructures: {', '.join(answer.structures)}"]
    if answer.screened:
        parts.append(_screening(answer))
    return [*parts, _indices(answer), "\n".join(f"- {line}" for line in sentences(answer))]


def _screening(answer: Sensitivity) -> Table:
    rows = [Row((s.range.key, s.range.written(s.range.now),
                 " to ".join(s.range.written(e, unit=False)
                             for e in (s.range.low, s.range.high)),
                 format_difference(answer.metric, s.effect.mean, unit=False).lstrip("+"),
                 " to ".join(format_difference(answer.metric, e, unit=False).lstrip("+")
                             for e in (s.effect.low, s.effect.high)),
                 "kept" if s.kept and not answer.only_effects else ""), strong=s.kept)
            for s in answer.screened[:SHOWN]]
    more = len(answer.screened) - SHOWN
    return Table(
        ("Effects" if answer.only_effects else "Screening")
        + ": what each key does on its way through its range",
        (Heading("key"), Heading("now", right=True), Heading("range", right=True),
         Heading("effect", METRICS[answer.metric].unit, right=True),
         Heading("95% interval", right=True), Heading("")), tuple(rows),
        (SCREENED + (f" {more} more keys do less." if more > 0 else ""),))


def _cell(index: Index) -> tuple[str, str]:
    if index.share is None:
        more = f"+{rounded(index.more_runs):,} runs" if index.more_runs else NOTHING
        return more, f"at most {percent(index.high)}"
    return percent(index.share), f"{percent(index.low)} to {percent(index.high)}"


def order(answer: Sensitivity) -> list[Factor]:
    """Factors by what is known of their total, luck last."""
    return sorted(answer.factors, key=lambda f: (f.kind == "luck", f.total.share is None,
                                                 -(f.total.share or f.alone.share or f.total.high)))


def _indices(answer: Sensitivity) -> Table:
    rows = []
    for f in order(answer):
        alone = (NOTHING, NOTHING) if f.kind == "luck" else _cell(f.alone)
        rows.append(Row((f.name, *_cell(f.total), *alone)))
    return Table(
        f"Shares of the variance of {METRICS[answer.metric].name}",
        (Heading("factor"), Heading("in all", right=True), Heading("95% interval", right=True),
         Heading("by itself", right=True), Heading("95% interval", right=True)), tuple(rows),
        (SHARES,))


def picture(answer: Sensitivity) -> Figure:
    """A bar per factor: by itself dark, with others pale, intervals as lines."""
    if answer.only_effects:
        return _effects(answer)
    factors = order(answer)
    made = style.figure(1.7 + 0.5 * len(factors))
    ax = made.add_subplot()
    for y, f in enumerate(factors):
        _bar(ax, f, y)
    ax.set_yticks(range(len(factors)), [f.name for f in factors])
    for label, f in zip(ax.get_yticklabels(), factors, strict=True):
        label.set_fontweight("normal" if f.kind == "key" else "bold")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(factors) - 0.4, -0.6)
    top = max([0.2, *(f.total.high for f in factors)])
    ax.set_xlim(0.0, top * 1.4)
    ticks = [t for t in (0, 0.2, 0.4, 0.6, 0.8, 1.0) if t <= top + 0.05]
    ax.set_xticks(ticks, [f"{t:.0%}" for t in ticks])
    ax.set_xlabel("share of variance; dark: by itself, pale: with others, lines: 95% intervals")
    ax.set_title(f"What {METRICS[answer.metric].name} hangs on\n{answer.scenario.name}: "
                 + ", ".join(answer.structures))
    made.text(0.99, 0.005, effort(answer), ha="right", va="bottom", fontsize=8,
              color=style.FAINT)
    made.set_layout_engine("constrained", rect=(0, 0.04, 1, 0.96))
    return made


def _bar(ax: Axes, f: Factor, y: int) -> None:
    """One factor: what it makes, or the most it can make."""
    colour, luck = COLOURS[f.kind], f.kind == "luck"
    told = [(index, dark) for index, dark in ((f.total, luck), (f.alone, True))
            if index.share is not None and not (dark and luck and index is f.alone)]
    end, words = 0.0, []
    for index, dark in told:
        ax.barh(y, index.share or 0.0, height=0.62, color=colour, alpha=1.0 if dark else 0.4)
        shift = 0.0 if len(told) == 1 else -0.12 if dark else 0.12
        ax.plot([index.low, index.high], [y + shift] * 2, color=style.INK, linewidth=1.2)
        end = max(end, index.share or 0.0, index.high)
        words.append(("by itself " if index is f.alone else "") + percent(index.share or 0.0))
    if f.total.share is None:
        end = max(end, f.total.high)
        ax.barh(y, f.total.high, height=0.62, facecolor="none", edgecolor=style.FAINT,
                linewidth=0.8, linestyle=":")
        words.append(f"at most {percent(f.total.high)}"
                     + (f"; {needs(f.total)}" if f.total.more_runs else " in all"))
    ax.annotate(", ".join(words), (end, y), xytext=(6, 0), textcoords="offset points",
                va="center", color=style.INK if told else style.FAINT, fontsize=9.5)


def _effects(answer: Sensitivity) -> Figure:
    """A bar per key: how much the metric moves over its range."""
    drawn = answer.screened[:SHOWN]
    made = style.figure(1.7 + 0.5 * len(drawn))
    ax = made.add_subplot()
    for y, s in enumerate(drawn):
        ax.barh(y, s.effect.mean or 0.0, height=0.62, color=COLOURS["key"])
        ax.plot([s.effect.low or 0.0, s.effect.high or 0.0], [y, y], color=style.INK, linewidth=1.2)
    ax.set_yticks(range(len(drawn)), [s.range.key for s in drawn])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(drawn) - 0.4, -0.6)
    metric = METRICS[answer.metric]
    ax.set_xlabel(f"mean size of the change in {metric.name} over the whole range ({metric.unit}); "
                  "lines: 95% intervals")
    ax.set_title(f"What {metric.name} hangs on\n{answer.scenario.name}: "
                 + ", ".join(answer.structures))
    made.text(0.99, 0.005, effort(answer), ha="right", va="bottom", fontsize=8,
              color=style.FAINT)
    made.set_layout_engine("constrained", rect=(0, 0.04, 1, 0.96))
    return made


def figures(answer: Sensitivity) -> tuple[bytes, bytes]:
    """The bars as SVG and PNG."""
    with style.drawing():
        made = picture(answer)
        return style.svg(made), style.png(made)


def markdown(answer: Sensitivity) -> str:
    """The answer as a page of text."""
    return "\n".join([f"# {title(answer)}", "", effort(answer) + ".", "",
                      *(f"- {line}" for line in sentences(answer)), ""])
