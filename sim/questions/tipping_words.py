"""Tipping points in words.

Owns: their sentences. Never does: find a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.experiment.statistics import Interval
from sim.metrics.registry import METRICS, format_difference
from sim.questions.map_words import interval, trouble

if TYPE_CHECKING:
    from sim.questions.tipping_answer import Assumption, Flip, Regret, Tipping

MOST = 12
"""Sentences about single assumptions; the table has them all."""


def sentences(answer: Tipping) -> list[str]:
    """Who leads, what would flip it, what never does, and what a wrong choice costs."""
    span = "the values swept" if answer.swept else "their plausible range"
    own = "the values swept" if answer.swept else "its plausible range"
    flipping = [a for a in answer.assumptions if a.flips]
    steady = [a for a in answer.assumptions if a.moves and not a.flips]
    idle = [a.range.key for a in answer.assumptions if not a.moves]
    lines = [now(answer)]
    if flipping:
        acting = len(flipping) + len(steady)
        lines.append(f"{len(flipping)} of {acting} assumptions that act here flip the ranking "
                     f"within {span}, the easiest to be wrong about first:")
        lines += [flip_words(a) for a in flipping[:MOST]]
        if len(flipping) > MOST:
            lines.append(f"and {len(flipping) - MOST} more, in the table.")
    else:
        lines.append(f"no assumption alone flips the ranking within {own}.")
    if steady:
        close = min(steady, key=lambda a: a.least)
        end = 0 if abs(close.ends[0].mean or 0.0) <= abs(close.ends[1].mean or 0.0) else 1
        value = (close.range.low, close.range.high)[end]
        lines.append(f"{len(steady)} never flip it; nearest to it comes {close.range.key}, with a "
                     f"lead of {lead(answer.metric, close.ends[end])} at "
                     f"{close.range.written(value)}.")
    if idle:
        lines.append(f"{len(idle)} change nothing here at either end: " + ", ".join(idle) + ".")
    for key, why in answer.left_out.items():
        lines.append(f"{key} is left out: {why}.")
    lines += [regret(answer, r) for r in answer.regrets]
    return [*lines, how(answer), *trouble(answer), *answer.notes]


def lead(metric: str, size: Interval) -> str:
    """A lead with its interval."""
    text = format_difference(metric, size.mean)
    if size.low is None or size.high is None:
        return text
    return (f"{text} (95% CI {format_difference(metric, size.low, unit=False)} to "
            f"{format_difference(metric, size.high, unit=False)})")


def decided(size: Interval) -> bool:
    """Whether a lead is told apart from 0."""
    return size.low is not None and size.high is not None and (size.low > 0 or size.high < 0)


def now(answer: Tipping) -> str:
    """Who leads in the scenario as it is."""
    other = answer.second if answer.ahead == answer.first else answer.first
    size = answer.lead if answer.ahead == answer.first else answer.lead.negated()
    metric = METRICS[answer.metric]
    word = "is higher than" if metric.direction == 0 else "is ahead of"
    start = "with all factors as they are now" if answer.swept else "as the scenario stands"
    text = f"{start} {answer.ahead} {word} {other} by {lead(answer.metric, size)}"
    if metric.direction < 0:
        text += f", counted as an advantage, since less {metric.name} is better"
    if not decided(answer.lead):
        text += "; that is too close to call already, and more replications come first"
    return text + "."


def flip_words(a: Assumption) -> str:
    """Where one assumption flips the ranking."""
    told = [f"{one(a, f)}" for f in a.flips]
    more = " (it flips more than once)" if len(a.flips) > 1 else ""
    return f"  {a.range.key}, now {a.range.written(a.range.now)}: " + "; ".join(told) + more + "."


def one(a: Assumption, f: Flip) -> str:
    """One flip."""
    r = a.range
    end = r.high if r.now is not None and f.at >= r.now else r.low
    return (f"{f.overtakes} overtakes {'above' if end == r.high else 'below'} "
            f"{r.written(f.at, unit=False)} ({interval(r, f.low, f.high)}), {f.distance:.0%} of "
            f"the way to {r.written(end)}")


def regret(answer: Tipping, r: Regret) -> str:
    """The worst case of one choice."""
    if r.size.mean == 0.0:
        return f"choosing {r.structure} is never worse at any value run."
    where = ("with everything as it is now" if r.key is None else
             f"at {r.key} = " + next(a.range.written(r.value) for a in answer.assumptions
                                     if a.range.key == r.key))
    size = format_difference(answer.metric, r.size.mean).lstrip("+")
    text = f"choosing {r.structure} costs at most {size}"
    if r.size.low is not None and r.size.high is not None:
        text += (f" (95% CI {format_difference(answer.metric, r.size.low, unit=False)} to "
                 f"{format_difference(answer.metric, r.size.high, unit=False)}, over all values "
                 "run together)")
    return f"{text}, {where}."


def how(answer: Tipping) -> str:
    """How the keys were chosen, and what was not tried."""
    narrow = [a.range.key for a in answer.assumptions if a.range.narrowed]
    text = ("the assumptions are those named; " if answer.chosen else
            "the assumptions are the factors of the sweep; " if answer.swept else
            "the assumptions are all keys that have a documented plausible range and a value "
            "here, under mechanisms that are switched on; ")
    text += "each is changed alone, all others stay as " + (
        "they are now." if answer.swept else "the scenario says.")
    if narrow:
        text += (" Ranges narrowed to where the scenario does not contradict itself: "
                 + ", ".join(narrow) + ".")
    return text
