"""Heads for the same service, for people: the table, the way from Erlang, and the curves.

Owns: their words, order and layout. Never does: search, or know a formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.experiment.cause_words import between, capital
from sim.experiment.statistics import Interval
from sim.experiment.words import listed
from sim.metrics.registry import METRICS, format_value
from sim.questions.staff import DIRECT
from sim.report import style
from sim.report.tables import NOTHING, Heading, Row, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.questions.staff import Need, Staffing

ABOUT = (
    "heads: whole people of the line with whom, and with one more, the target is met. Fractional: "
    "where the curve between whole numbers, interpolated on the same customers, crosses the target "
    "(part-time); its interval holds all points a t test cannot tell from it. Paid FTE: fractional "
    "heads over availability.")
ABOUT_COST = (
    "Intervals over replications at these heads; fractional: interpolated between whole numbers on "
    "the same customers.")
ABOUT_WAY = (
    "Erlang C, or A where telephone cases begin: expert work and expected visits of each pool, no "
    "errors. Then the measured work (beginners, rework, reading in, coordination), the time "
    "hand-offs and rework take off the time for waiting, and vacancies; the last column is the "
    "simulation's fractional heads: fewer than the step before where people of other pools help "
    "out or are moved, which the formula does not know. What a step adds depends on the order.")


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}"


def _between(i: Interval) -> str:
    if i.mean is None:
        return NOTHING
    if i.low is None and i.high is None:
        return "not bound by it"
    return f"{_number(i.low)} to {_number(i.high)}".replace(NOTHING, "?")


def _money(i: Interval) -> str:
    return NOTHING if i.mean is None else f"{i.mean:,.0f}"


def _money_between(i: Interval) -> str:
    return NOTHING if i.low is None or i.high is None else f"{i.low:,.0f} to {i.high:,.0f}"


def _target(answer: Staffing) -> str:
    """The target in words: "mean response time 8.0 h or less"."""
    way = "or less" if METRICS[answer.metric].direction < 0 else "or more"
    return (f"{METRICS[answer.metric].name} "
            f"{format_value(answer.metric, answer.target, short=True)} {way}")


def _why_not(answer: Staffing, need: Need) -> str:
    """Why a structure has no answer."""
    if need.reason:
        return need.reason
    known = [(t, i) for t, i in zip(need.trials, need.intervals, strict=True)
             if t.value is not None]
    sign = METRICS[answer.metric].direction
    best, i = max(known, key=lambda pair: (pair[0].stable, sign * (pair[0].value or 0.0)))
    text = (f"nothing tried up to {need.most} people meets it; nearest: "
            f"{format_value(answer.metric, best.value, short=True)} ({between(answer.metric, i)}, "
            f"{best.replications} replications) with {best.heads}")
    return text if best.stable else f"{text} and a growing backlog"


def table(answer: Staffing) -> Table:
    """Heads and fractions, with Erlang's beside them."""
    fewest = min((n.fte.mean for n in answer.needs if n.fte.mean is not None), default=None)
    rows = [
        Row((n.structure, NOTHING if n.heads is None else str(n.heads), _number(n.fte.mean),
             _between(n.fte), _number(n.paid_fte.mean), _between(n.paid_fte),
             NOTHING if n.erlang is None else str(n.erlang.heads),
             NOTHING if n.erlang is None else _number(n.erlang.fte), str(n.runs)),
            n.fte.mean is not None and n.fte.mean == fewest)
        for n in answer.needs]
    return Table(
        f"People for {_target(answer)}",
        (Heading("structure"), Heading("heads", right=True), Heading("fractional", right=True),
         Heading("95% interval", right=True), Heading("paid FTE", right=True),
         Heading("95% interval", right=True), Heading("Erlang", "heads", right=True),
         Heading("Erlang", "fractional", right=True), Heading("runs", right=True)),
        tuple(rows), (ABOUT,))


def costs(answer: Staffing) -> Table | None:
    """What these people cost, as whole heads and as fractions."""
    known = [n for n in answer.needs if n.heads is not None]
    if not known:
        return None
    cheapest = min(n.cost_fte.mean or 0.0 for n in known)
    rows = [Row((n.structure, _money(n.cost), _money_between(n.cost), _money(n.cost_fte),
                 _money_between(n.cost_fte)), n.cost_fte.mean == cheapest) for n in known]
    unit = METRICS["cost_total"].unit
    return Table(
        "What the firm costs with them",
        (Heading("structure"), Heading("whole heads", unit, right=True),
         Heading("95% interval", right=True), Heading("fractional", unit, right=True),
         Heading("95% interval", right=True)), tuple(rows),
        (ABOUT_COST,))


def way(answer: Staffing) -> Table | None:
    """From the formula's heads to the simulated ones, step by step."""
    walked = [n for n in answer.needs if n.steps]
    if not walked:
        return None
    return Table(
        "From Erlang to the simulation (fractional heads after each step)",
        (Heading("structure"), *(Heading(step.name, right=True) for step in walked[0].steps)),
        tuple(Row((n.structure, *(_number(step.fte) for step in n.steps))) for n in walked),
        (ABOUT_WAY,))


def _missed(n: Need) -> str:
    """What Erlang misses for one structure."""
    m = n.measured
    work = (f"work is {m['work_measured']:.1f} Erlangs instead of {m['work_expected']:.1f}"
            f" ({100 * (m['work_measured'] / m['work_expected'] - 1):+.0f}%)"
            if m["work_expected"] > 0 else "")
    lost = (f"hand-offs take {format_value('transfer_h', m['transfer_h'], short=True)} and rework "
            f"{format_value('rework_h', m['rework_h'], short=True)} of a case's "
            f"{format_value('response_mean_h', m['response_mean_h'], short=True)}")
    vacant = f"{100 * (1 - m['filled_share']):.1f}% of posts are vacant"
    seen = listed([part for part in (work, lost, vacant) if part])
    if n.erlang is None:
        return (f"Erlang has no answer for {n.structure}: the expected work alone takes longer "
                f"than the target allows. Measured: {seen}.")
    added: list[str] = []
    names = ("more work", "hand-offs and rework", "vacancies", "the rest")
    values = [step.fte for step in n.steps]
    for name, before, after in zip(names, values, values[1:], strict=False):
        if before is not None and after is not None:
            added.append(f"{name} {after - before:+.1f}")
    total = (n.fte.mean or 0.0) - n.erlang.fte
    word = "too few" if total > 0 else "too many"
    return (f"For {n.structure} Erlang plans {n.erlang.fte:.1f} people, {abs(total):.1f} {word}: "
            f"{', '.join(added)}. Measured: {seen}.")


def sentences(answer: Staffing) -> list[str]:
    """The answer in words."""
    lines = []
    known = [n for n in answer.needs if n.heads is not None]
    if known:
        order = sorted(known, key=lambda n: n.fte.mean or 0.0)
        told = [f"{n.structure} {n.fte.mean:.1f}"
                + (f" ({_between(n.fte)})" if n.fte.low is not None else "") for n in order]
        lines.append(f"For {_target(answer)}: {listed(told)} people.")
        cheap = min(known, key=lambda n: n.cost_fte.mean or 0.0)
        lines.append(f"{capital(cheap.structure)} gives it at the least cost: "
                     f"{_money(cheap.cost_fte)} a year ({_money_between(cheap.cost_fte)}) with "
                     f"{_number(cheap.fte.mean)} people, {_money(cheap.cost)} with "
                     f"{cheap.heads} whole ones.")
    for n in answer.needs:
        if n.heads is None:
            lines.append(f"{capital(n.structure)} cannot give it: {_why_not(answer, n)}.")
        elif n.binds == "keeping up":
            lines.append(f"{capital(n.structure)}: the target is met with fewer than {n.heads} "
                         "people too, but then the backlog grows.")
        elif n.binds == "fewest people":
            lines.append(f"{capital(n.structure)}: {n.heads} are the fewest people it can be "
                         "staffed with, and they meet the target.")
    return lines


def erlang_words(answer: Staffing) -> list[str]:
    """What the formula misses, structure by structure."""
    lines = []
    known = ("response_mean_h", *DIRECT)
    if any(n.steps for n in answer.needs) and answer.metric not in known:
        lines.append(f"Erlang knows no {METRICS[answer.metric].name}: it is asked for the mean "
                     "response time that each structure has where it meets the target.")
    return lines + [_missed(n) for n in answer.needs if n.steps]


def shown(answer: Staffing) -> list[Table | str]:
    """What the terminal shows."""
    head = (f"{answer.scenario.name}: how many people for {_target(answer)}? "
            f"{answer.replications} replications behind each decision, {answer.runs:,} runs, seed "
            f"{answer.seed}")
    steps, paid = way(answer), costs(answer)
    words = "\n".join(f"- {line}" for line in sentences(answer))
    if steps is None or paid is None:
        return [head, table(answer), words]
    missed = "\n".join(f"- {line}" for line in erlang_words(answer))
    return [head, table(answer), paid, words, steps, missed]


def curves(answer: Staffing) -> Figure:
    """Service against heads, the target, and where simulation and Erlang meet it."""
    names = [n.structure for n in answer.needs]
    colours, markers = style.colours(names), style.markers(names)
    metric = METRICS[answer.metric]
    scale = 100.0 if metric.format == "share" else 1.0
    goal = answer.target * scale
    made = style.figure(5.0)
    ax = made.add_subplot()
    ax.axhline(goal, color=style.INK, linewidth=1.0, linestyle=(0, (6, 3)))
    near = [goal]
    ends: list[tuple[float, float, str]] = []
    for n in answer.needs:
        colour = colours[n.structure]
        kept = [(t, i) for t, i in zip(n.trials, n.intervals, strict=True) if t.value is not None]
        if not kept:
            continue
        xs = [t.heads for t, _ in kept]
        ys = [scale * (t.value or 0.0) for t, _ in kept]
        ax.plot(xs, ys, color=colour, linewidth=1.4, marker=markers[n.structure], markersize=4.5)
        ends.append((xs[-1], ys[-1], n.structure))
        for t, i in kept:
            if t.replications >= answer.replications and i.low is not None and i.high is not None:
                ax.plot([t.heads, t.heads], [scale * i.low, scale * i.high], color=colour,
                        linewidth=1.0)
                if n.heads is not None and abs(t.heads - n.heads) <= 1:
                    near += [scale * i.low, scale * i.high]
        if n.formula:
            ax.plot([h for h, _ in n.formula], [v for _, v in n.formula], color=colour,
                    linewidth=1.0, linestyle=":")
        if n.fte.mean is not None:
            ax.plot(n.fte.mean, goal, marker=markers[n.structure], color=colour, markersize=9,
                    markeredgecolor="white")
        if n.erlang is not None:
            ax.plot(n.erlang.fte, goal, marker="|", color=colour, markersize=16,
                    markeredgewidth=2.2)
    room = max(max(near) - min(near), 0.1 * abs(goal))
    worse = 0.6 * room  # the side of too few people, where the curves come from
    low, high = min(near) - 0.4 * room, max(near) + 0.4 * room
    up = metric.direction > 0
    ax.set_ylim(max(0.0, low - worse * up), high + worse * (not up))
    unit = "%" if scale == 100.0 else metric.unit
    ax.set_xlabel("heads (people of the line)")
    ax.set_ylabel(f"{metric.name} ({unit})")
    ax.set_title(f"People for {_target(answer)}")
    ax.locator_params(axis="x", integer=True)
    ax.grid(axis="y")
    _name(ax, ends, colours)
    note = ("dashed: the target; lines: simulation with 95% intervals (none: a first look); large "
            "signs: fractional heads; bars: Erlang")
    if any(n.formula for n in answer.needs):
        note += "; dotted: Erlang"
    made.text(0.99, 0.005, note, ha="right", va="bottom", fontsize=8, color=style.FAINT)
    made.set_layout_engine("constrained", rect=(0, 0.04, 1, 0.96))
    return made


def _name(ax: Axes, ends: Sequence[tuple[float, float, str]], colours: Mapping[str, str]) -> None:
    """Write each curve's name beside its last point, apart from the others."""
    low, high = ax.get_ylim()
    left, right = ax.get_xlim()
    ax.set_xlim(left, right + 0.14 * (right - left))
    gap, wide = 0.06 * (high - low), 0.16 * (right - left)
    placed: list[tuple[float, float]] = []
    for x, y, name in sorted(ends, key=lambda end: -end[1]):
        near = [at - gap for other, at in placed if abs(other - x) < wide]
        at = min([min(max(low + gap, y), high - gap), *near])
        placed.append((x, at))
        ax.annotate(name, (x, at), xytext=(7, 0), textcoords="offset points", va="center",
                    color=colours[name], fontweight="bold")


def figures(answer: Staffing) -> tuple[bytes, bytes]:
    """The curves as SVG and PNG."""
    with style.drawing():
        made = curves(answer)
        return style.svg(made), style.png(made)


def markdown(answer: Staffing) -> str:
    """The answer as a page of text."""
    return "\n".join([f"# {answer.scenario.name}: people for {_target(answer)}", "",
                      *(f"- {line}" for line in (*sentences(answer), *erlang_words(answer))), ""])
