"""A reorganisation for people: what the terminal shows, and the figure of the curve.

Owns: their order and layout. Never does: compute a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.metrics.registry import METRICS, format_difference, format_value
from sim.report import style
from sim.report.tables import NOTHING, Heading, Row, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.experiment.reorganise import Arm, Reorganisation
    from sim.experiment.statistics import Interval

TOLD = ("satisfaction", "response_mean_h", "loyalty", "profit")
PER_MONTH = ("profit", "cost_total")
ABOUT = ("brackets: 95% interval over paired replications. months worse: months after the change "
         "whose interval lies on the worse side.")


def shown(answer: Reorganisation) -> list[Table | str]:
    """What the terminal shows: the curve in numbers, then in words."""
    months = len(answer.arms[0].cumulated)
    head = (f"{answer.scenario.name}: {answer.first} to {answer.second} in month "
            f"{answer.at_month:g} of measured time, {months} months looked at after it; "
            f"{answer.replications} replications, seed {answer.seed}\n"
            f"Against the same firm with the same customers that stays {answer.first}.")
    items: list[Table | str] = [head]
    rows = []
    for arm in answer.arms:
        for id in dict.fromkeys((*TOLD, answer.metric)):
            curve = arm.curves[id]
            dip = NOTHING if curve.dip is None else _difference(id, curve.dip)
            when = NOTHING if curve.dip_month is None else f"{curve.dip_month}"
            rows.append(Row((_budget(arm), _name(id), dip, when, str(curve.dip_months),
                             _difference(id, curve.settled))))
    items.append(Table(
        "The change, month by month (changed minus stayed)",
        (Heading("budget"), Heading("measure"), Heading("worst month", right=True),
         Heading("which", right=True), Heading("months worse", right=True),
         Heading("last six months", right=True)),
        tuple(rows),
        (ABOUT,)))
    items.append("\n".join(words(answer)))
    return items


def markdown(answer: Reorganisation) -> str:
    """The answer as a page of text."""
    months = len(answer.arms[0].cumulated)
    return "\n".join([
        f"# {answer.scenario.name}: {answer.first} to {answer.second} in mid-run", "",
        (f"In month {answer.at_month:g} of measured time, {months} months looked at after it, "
         f"against the same firm with the same customers that stays {answer.first}; "
         f"{answer.replications} replications, seed {answer.seed}."), "", *words(answer), ""])


def words(answer: Reorganisation) -> list[str]:
    """One sentence per budget: cost, break-even, chance that it never pays."""
    lines = []
    name = METRICS[answer.metric].name
    for arm in answer.arms:
        never, even = arm.never, arm.break_even
        chance = (f"{100 * (never.mean or 0.0):.0f}% of replications (95% CI "
                  f"{100 * (never.low or 0.0):.0f} to {100 * (never.high or 0.0):.0f}%)")
        if even.n and even.mean is not None:
            span = "" if even.low is None or even.high is None else (
                f" (95% CI {max(even.low, 0.0):.1f} to {even.high:.1f})")
            pays = (f"where it pays, cumulated {name} is level after {even.mean:.1f} months{span}; "
                    f"it has not paid by the end in {chance}")
        else:
            pays = f"cumulated {name} has not paid by the end in {chance}"
        cost = format_value("cost_change", arm.cost.mean)
        lines.append(f"- With {_budget(arm)} of the budget {_plain(arm.moved)} people change pool, "
                     f"which costs {cost} money once; {pays}.")
    return lines


def _budget(arm: Arm) -> str:
    return f"{100 * arm.budget:g}%"


def _name(id: str) -> str:
    return METRICS[id].name + (" (money per month)" if id in PER_MONTH else "")


def _plain(i: Interval) -> str:
    return NOTHING if i.mean is None else f"{i.mean:.0f}"


def _difference(id: str, i: Interval) -> str:
    if i.mean is None:
        return NOTHING
    mean = format_difference(id, i.mean, unit=False)
    if i.low is None or i.high is None:
        return mean
    low, high = (format_difference(id, v, unit=False) for v in (i.low, i.high))
    return f"{mean} [{low} to {high}]"


def curve(answer: Reorganisation) -> Figure:
    """Satisfaction month by month, and the cumulated metric of break-even, against staying."""
    made = style.figure(6.4)
    above, below = made.subplots(2, 1, sharex=True)
    months = range(1, len(answer.arms[0].curves["satisfaction"].difference) + 1)
    since = [month - answer.at_month for month in months]
    after = [m for m in since if m > 0]
    for i, arm in enumerate(answer.arms):
        colour = style.PALETTE[i]
        label = f"{_budget(arm)} of the budget"
        _band(above, since, arm.curves["satisfaction"].difference, colour, label)
        _band(below, after[-len(arm.cumulated):], arm.cumulated, colour, label)
    for ax in (above, below):
        ax.axhline(0.0, color=style.INK, linewidth=0.8)
        ax.axvline(0.0, color=style.FAINT, linewidth=0.8, linestyle="--")
        ax.grid(axis="y")
    above.set_ylabel("satisfaction, points")
    above.set_title(f"{answer.first} to {answer.second}: satisfaction against staying")
    name = METRICS[answer.metric].name
    unit = "money" if answer.metric in PER_MONTH else f"{METRICS[answer.metric].unit} x months"
    below.set_ylabel(f"{name}, {unit}")
    below.set_title(f"Cumulated {name} since the change, against staying")
    below.set_xlabel("months since the change")
    if len(answer.arms) > 1:
        above.legend(frameon=False, loc="lower right")
    made.text(0.99, 0.005, "bands: 95% intervals over paired replications", ha="right",
              va="bottom", fontsize=8, color=style.FAINT)
    made.set_layout_engine("constrained", rect=(0, 0.03, 1, 0.97))
    return made


def _band(ax: Any, x: Sequence[float], points: Sequence[Interval], colour: str,
          label: str) -> None:
    known = [(at, i) for at, i in zip(x, points, strict=True) if i.mean is not None]
    at = [a for a, _ in known]
    ax.plot(at, [i.mean for _, i in known], color=colour, label=label)
    ax.fill_between(at, [i.mean if i.low is None else i.low for _, i in known],
                    [i.mean if i.high is None else i.high for _, i in known],
                    color=colour, alpha=0.15, linewidth=0)


def figures(answer: Reorganisation) -> tuple[bytes, bytes]:
    """The curve as SVG and PNG."""
    with style.drawing():
        made = curve(answer)
        return style.svg(made), style.png(made)
