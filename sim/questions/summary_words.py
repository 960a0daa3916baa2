"""A finished sweep in words.

Owns: its sentences: who leads at how many points and where, what is equal, what is open, which runs
have no numbers. Never does: judge a point (`summary`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.metrics.registry import METRICS, format_difference, format_value

if TYPE_CHECKING:
    from sim.questions.summary import Summary
    from sim.questions.summary_points import Point, State
    from sim.records import Floats
    from sim.sweep.finished import Cell

FEW_POINTS, FEW_REASONS = 3, 5
NEARLY = 0.75
"""A region is told as one where this share of its points is of the kind told."""
MOST_LEVELS = 4
ONE = "the one point"
OPEN: dict[State, str] = {"equal": "practically equal", "close": "too close to call"}
UNKNOWN: dict[State, str] = {"alone": "only one structure has numbers", "none": "no numbers"}


def sentences(answer: Summary) -> list[str]:
    """All of them: measure by measure, then what has no numbers."""
    lines = [line for metric in answer.metrics for line in of_measure(answer, metric)]
    if not answer.metrics:
        lines = [f"{nothing(answer)}."]
    return [*lines, *runs_without(answer)]


def headline(answer: Summary) -> str:
    """The first measure in one sentence."""
    return holdings(answer, answer.metrics[0]) if answer.metrics else nothing(answer)


def nothing(answer: Summary) -> str:
    """That no measure can be told, and why."""
    if not answer.counts.with_numbers:
        return "no run has numbers"
    names = [METRICS[m].name for m in answer.lacking[:MOST_LEVELS]]
    more = len(answer.lacking) - len(names)
    return "no run has a value of " + " or ".join(names) + (
        f" or any of {more:,} other measures" if more else "")


def of_measure(answer: Summary, metric: str) -> list[str]:
    """What is found on one measure: who leads at how many points, then where."""
    told = [holdings(answer, metric) + "."]
    if len(answer.structures) < 2:
        return told
    found = answer.verdicts[metric]
    for name, mine in _leaders(answer, metric).items():
        where = region(answer, mine)
        told.append(f"{name} {_verb(metric)}{' ' + where if where else ''}, ahead of the next best "
                    f"by {_ahead(metric, np.abs(found.lead[mine]), found.half[mine])}.")
    for state, words in OPEN.items():
        mine = found.where(state)
        if len(mine):
            where = region(answer, mine)
            told.append(f"{words}{' ' + where if where else ''}: "
                        f"{_rivals(answer, metric, mine)}.")
    return told


def _ahead(metric: str, leads: Floats, half: Floats) -> str:
    """Leads over the next best at some points, with how sure they are; nothing where no chance is.

    Args:
        metric: Its id.
        leads: [points] differences.
        half: [points] half the widths of their intervals.
    """
    def plainly(value: float) -> str:
        return format_difference(metric, value, unit=False).replace("+", "")

    low, high, widest = float(leads.min()), float(leads.max()), float(half.max())
    size = format_difference(metric, high).replace("+", "") + _unit(metric)
    if plainly(low) != plainly(high):
        size = f"{plainly(low)} to {size}"
    if not widest > 0.0:
        return size
    return size + (f" (95% CI {plainly(low - widest)} to {plainly(low + widest)})"
                   if len(leads) == 1 else f" (95% CI of each ±{plainly(widest)} or less)")


def holdings(answer: Summary, metric: str) -> str:
    """At how many points who leads, in a sentence without its full stop."""
    name = METRICS[metric].name
    points = answer.points
    if len(answer.structures) < 2:
        return _alone(answer, metric)
    won = {s: len(found) for s, found in _leaders(answer, metric).items()}
    count = {state: answer.verdicts[metric].count(state) for state in (*OPEN, *UNKNOWN)}
    whole = f"{len(points):,} point{'' if len(points) == 1 else 's'}"
    if len(points) < len(answer.values):
        whole += f" looked at (of {len(answer.values):,})"
    if won:
        (first, most), *rest = sorted(won.items(), key=lambda item: -item[1])
        at = f"all {whole}" if most == len(points) > 1 else (
            f"{most:,} of {whole}" if len(points) > 1 else ONE)
        text = f"on {name} {first} {_verb(metric)} at {at}" + "".join(
            f", {s} at {n:,}" for s, n in rest)
    else:
        text = f"on {name} nobody surely {_verb(metric)} at " + (
            f"any of {whole}" if len(points) > 1 else ONE)
    more = [words + (f" at {count[state]:,}" if len(points) > 1 else "")
            for state, words in (OPEN | UNKNOWN).items() if count[state]]
    return text + ("; " + ", ".join(more) if more else "")


def _alone(answer: Summary, metric: str) -> str:
    """The range of the only structure."""
    only = answer.structures[0]
    mean = answer.verdicts[metric].mean
    known = int(np.isfinite(mean).sum())
    if not known:
        return f"nothing is known of {METRICS[metric].name} under {only}"
    least, most = int(np.nanargmin(mean)), int(np.nanargmax(mean))
    a, b = answer.points[least], answer.points[most]
    text = f"{METRICS[metric].name} under {only} is {_sure(a, metric, only)}"
    if known == 1 or mean[least] == mean[most]:
        return text
    return (f"{METRICS[metric].name} under {only} goes from {_sure(a, metric, only)} at "
            f"{place(answer, a.values)} to {_sure(b, metric, only)} at {place(answer, b.values)}")


def _sure(point: Point, metric: str, name: str) -> str:
    i = point.findings[metric].means[name]
    points = " points" if METRICS[metric].format == "points" else ""
    text = format_value(metric, i.mean, short=True) + points + _unit(metric)
    return text if i.low is None or i.low == i.high else (
        f"{text} (95% CI {format_value(metric, i.low, short=True)} "
        f"to {format_value(metric, i.high, short=True)})")


def _unit(metric: str) -> str:
    """The unit of a measure whose numbers are written without one."""
    m = METRICS[metric]
    return f" {m.unit}" if m.format in ("money", "number") and not m.unit.startswith("0-1") else ""


def _verb(metric: str) -> str:
    return "leads" if METRICS[metric].direction else "is highest"


def _leaders(answer: Summary, metric: str) -> dict[str, NDArray[np.int64]]:
    """Points at which a structure surely leads, by structure, most points first."""
    found = answer.verdicts[metric]
    leads = found.where("leads")
    mine = {name: leads[found.best[leads] == k] for k, name in enumerate(answer.structures)}
    return dict(sorted(((name, points) for name, points in mine.items() if len(points)),
                       key=lambda item: (-len(item[1]), item[1][0])))


def _rivals(answer: Summary, metric: str, points: NDArray[np.int64]) -> str:
    """Who is not told apart, with the number of points, the most frequent first."""
    sets, counts = np.unique(answer.verdicts[metric].among[points], axis=0, return_counts=True)
    ranked = sorted(((tuple(sorted(name for name, is_in in zip(answer.structures, some, strict=True)
                                   if is_in)), n) for some, n in zip(sets, counts, strict=True)),
                    key=lambda item: (-item[1], item[0]))
    told = [" and ".join(s) if len(s) == 2 else ", ".join(s) for s, _ in ranked[:FEW_POINTS]]
    more = len(ranked) - FEW_POINTS
    rest = f"; {more:,} more group{'s' if more > 1 else ''}" if more > 0 else ""
    return "; ".join(
        name if len(ranked) == 1 else f"{name} at {n:,}" for name, (_, n) in zip(
            told, ranked, strict=False)) + rest


def region(answer: Summary, mine: Sequence[int] | NDArray[np.int64]) -> str:
    """Where some points lie: the smallest box of factors around them, if it is mostly theirs.

    Args:
        answer: What was found.
        mine: Places of the points among those that are judged.
    """
    values = answer.points.values
    if not len(mine) or len(mine) == len(values) or not answer.columns:
        return ""
    if len(mine) == 1:
        return f"at {place(answer, values[mine[0]])}"
    told, tests = [], []
    for k, (column, numeric) in enumerate(answer.columns):
        everywhere = list(dict.fromkeys(v[k] for v in values))
        theirs = {values[i][k] for i in mine}
        some = [v for v in everywhere if v in theirs]
        if len(some) == len(everywhere):
            continue
        words, test = _side(column.name, column.unit, k, everywhere, some, numeric)
        if words:
            told.append(words)
            tests.append(test)
    inside = sum(all(test(v) for test in tests) for v in values)
    share = len(mine) / inside
    if told and share >= NEARLY:
        exact = "" if share == 1.0 else f"at {len(mine):,} of the {inside:,} points "
        return exact + "where " + " and ".join(told)
    if len(mine) <= FEW_POINTS:
        return "at " + "; ".join(place(answer, values[i]) for i in mine)
    rest = np.setdiff1d(np.arange(len(values)), mine)
    if 2 * len(rest) < len(values) and (but := region(answer, rest)):
        return f"everywhere but {but}"
    return ""


def _side(
    name: str, unit: str, k: int, everywhere: Sequence[Cell], some: Sequence[Cell], numeric: bool
) -> tuple[str, Callable[[Sequence[Cell]], bool]]:
    """A condition on one factor that holds for some of its values, in words and as a test."""
    if not numeric:
        few = frozenset(some)
        words = " or ".join(written(v, "") for v in some) if len(some) <= MOST_LEVELS else ""
        return (f"{name} is {words}" if words else ""), lambda values: values[k] in few
    low, high = min(map(float, some)), max(map(float, some))
    least, most = min(map(float, everywhere)), max(map(float, everywhere))

    def test(values: Sequence[Cell]) -> bool:
        return low <= float(values[k]) <= high

    if low == high:
        return f"{name} is {written(low, unit)}", test
    if low == least and high == most:
        return "", test
    if high == most:
        return f"{name} is at least {written(low, unit)}", test
    if low == least:
        return f"{name} is at most {written(high, unit)}", test
    return f"{name} is {written(low, '')} to {written(high, unit)}", test


def place(answer: Summary, values: Sequence[Cell]) -> str:
    """A point by the values of its factors, without those that are the same everywhere."""
    told = answer.varied or range(len(answer.columns))
    return ", ".join(
        f"{answer.columns[k][0].name} = {written(values[k], answer.columns[k][0].unit)}"
        for k in told) or "the scenario as it is"


def written(value: Cell, unit: str) -> str:
    """A factor's value with its unit; no overlay is the base scenario."""
    if isinstance(value, str):
        return value or "base"
    told = "" if unit in ("", "-") or unit[:1].isdigit() else f" {unit}"
    return f"{value:,.6g}" + told


def runs_without(answer: Summary) -> list[str]:
    """How many runs failed, were infeasible or unstable, and what is not there at all."""
    c = answer.counts
    told = [f"no run has a value of {METRICS[m].name}." for m in answer.lacking if answer.metrics]
    for number, words in ((c.failed, "failed and are left out"),
                          (c.infeasible, "are infeasible: the structure cannot be staffed there")):
        if number:
            state = words.split()[0] if words.startswith("failed") else "infeasible"
            why = [(f"{name}: {message}", n) for (s, name, message), n in c.reasons.items()
                   if s == state]
            told.append(f"{number:,} of {c.stored:,} runs {words} (" + "; ".join(
                f"{text.rstrip('.')}, {n:,}" for text, n in why[:FEW_REASONS])
                + ("; ..." if len(why) > FEW_REASONS else "") + ").")
    if c.unstable:
        told.append(f"in {c.unstable:,} of {c.stored:,} runs the backlog grew without end: there "
                    "the numbers depend on how long one looks.")
    if answer.missing:
        told.append(f"{answer.missing:,} of {answer.design.worlds:,} points of the plan hold no "
                    "run: the sweep is a share of it, or not finished.")
    elif c.stored < answer.planned:
        told.append(f"{c.stored:,} of at least {answer.planned:,} runs of the plan are there: the "
                    "sweep is a share of it, or not finished.")
    if answer.replications == 1:
        told.append("one replication of each run: nothing is known of luck, so nothing is told "
                    "apart.")
    if len(answer.points) < len(answer.values):
        told.append(f"{len(answer.points):,} of {len(answer.values):,} points were judged, evenly "
                    "spread; the figures use them all.")
    return told
