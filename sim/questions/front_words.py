"""A front in sentences: what was looked at, who is on it, and what one gives up along it.

Owns: the words. Never does: decide anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.experiment.cause_words import capital
from sim.experiment.words import listed
from sim.metrics.registry import METRICS, Metric, format_difference, format_value

if TYPE_CHECKING:
    from sim.experiment.statistics import Interval
    from sim.questions.designs import Optimisation, Option, Step

SHOWN = 3
"""Reasons, neighbours and the like told before the rest is only counted."""


def sentences(answer: Optimisation) -> list[str]:
    """All there is to say, the answer first."""
    return [headline(answer), *trades(answer), *doubts(answer), looked(answer), *left_out(answer)]


def headline(answer: Optimisation) -> str:
    """Who is on the front."""
    names = listed([METRICS[id].name for id in answer.metrics])
    sure = [o.label for o in answer.options if o.status == "sure"]
    close = [o.label for o in answer.options if o.status == "unclear"]
    n = len(sure) + len(close)
    text = f"{n} design{'s are' if n > 1 else ' is'} on the front of {names}: "
    parts = []
    if sure:
        parts.append(f"{listed(sure)} for sure ({'each is' if len(sure) > 1 else 'it is'} surely "
                     "ahead of every other design looked at on some metric)")
    if close:
        parts.append(f"{listed(close)} by {'their' if len(close) > 1 else 'its'} means, not yet "
                     "told apart from neighbours")
    return text + "; ".join(parts) + "."


def unit_step(metric: Metric, *, rising: bool) -> tuple[float, str]:
    """A convenient amount of a metric, and its words: (1, "further point of satisfaction")."""
    if metric.format == "points":
        amount, unit = 1.0, "point"
    elif metric.format == "share":
        amount, unit = 0.01, "percentage point"
    elif metric.format == "hours":
        amount, unit = 1.0, "hour"
    elif metric.format == "money":
        return 1000.0, f"1,000 money {'more' if rising else 'less'} of {metric.name}"
    else:
        amount = 1.0 if metric.relative else metric.margin or 1.0
        unit = f"{amount:g}"
    if rising and unit[0].isalpha():
        return amount, f"further {unit} of {metric.name}"
    return amount, f"{unit} {'more' if rising else 'less'} of {metric.name}"


def trades(answer: Optimisation) -> list[str]:
    """What is given up from each design to the next."""
    return [text for step in answer.steps for text in _trade(answer, step)]


def _trade(answer: Optimisation, step: Step) -> list[str]:
    first = METRICS[answer.metrics[0]]
    gained = step.changes[first.id]
    if not _sure(gained):
        return []
    rising = (gained.mean or 0.0) > 0
    amount, unit = unit_step(first, rising=rising)
    found = []
    for id in answer.metrics[1:]:
        change, rate, other = step.changes[id], step.rates[id], METRICS[id]
        if not _sure(change) or rate.low is None or rate.high is None or rate.mean is None:
            continue
        worse = (change.mean or 0.0) * other.direction < 0
        if not worse:
            continue
        factor = amount if rising else -amount
        size = format_value(id, abs(rate.mean * factor), short=True)
        ends = sorted(abs(v * factor) for v in (rate.low, rate.high))
        low, high = (format_value(id, v, short=True).removesuffix(" h").removesuffix("%")
                     for v in ends)
        interval = f"(95% CI {low} to {high})"
        if other.format == "money":
            what = "" if id == "cost_total" else f" of {other.name}"
            cost = (f"costs {size} money a year{what}" if other.direction < 0
                    else f"gives up {size} money a year{what}")
        else:
            way = "more" if (change.mean or 0.0) > 0 else "less"
            points = " points" if other.format == "points" else ""
            size = size.replace("%", " percentage points") + points
            cost = f"takes {size} {way} of {other.name}"
        found.append(f"Each {unit} {cost} {interval} between {step.first} and {step.second}.")
    return found


def doubts(answer: Optimisation) -> list[str]:
    """Who cannot be told apart from whom, and who may belong to the front."""
    found = [f"{o.label} cannot be told apart from {few(o.near)}." for o in answer.front if o.near]
    behind = [o.label for o in answer.options if o.status == "possible"]
    if behind:
        verb = "are" if len(behind) > 1 else "is"
        found.append(f"{capital(few(behind))} {verb} behind by the means, but not surely.")
    return found


def few(labels: tuple[str, ...] | list[str]) -> str:
    """Some labels, the rest counted."""
    if len(labels) <= SHOWN + 1:
        return listed(list(labels))
    return f"{', '.join(labels[:SHOWN])} and {len(labels) - SHOWN} more"


def looked(answer: Optimisation) -> str:
    """What was looked at, by which rule, and why it ended."""
    size = f"{answer.combinations:,} combinations"
    if answer.enumerated:
        same = answer.combinations - answer.looked_at
        text = f"Every design was looked at: {size}" + (
            f", {same:,} of them the same firm as another." if same else ".")
    else:
        text = (f"The space has {size}, too many for {answer.budget:,} runs: NSGA-II searched it "
                f"and looked at {answer.looked_at:,} designs. A design it did not look at may be "
                "better.")
    most = max((o.replications for o in answer.options), default=0)
    text += (f" Each had {answer.first} replications; those that decide who is on the front got "
             f"more, doubled round by round (at most {most}). ")
    return text + {
        "settled": f"Stopped after {answer.runs:,} runs: nothing on the front is left to settle.",
        "budget": (f"Stopped after {answer.runs:,} runs because the budget of {answer.budget:,} "
                   "is spent (--budget-runs)."),
        "interrupted": f"Interrupted after {answer.runs:,} runs.",
    }[answer.stopped]


def left_out(answer: Optimisation) -> list[str]:
    """Designs that cannot be on the front, with reasons."""
    found = []
    for status, words in (("infeasible", "infeasible"), ("unstable", "unstable (backlog grows)"),
                          ("failed", "failed"), ("no value", "without a value of some metric"),
                          ("same", "the same as another in every replication")):
        some = [o for o in answer.options if o.status == status]
        if some:
            shown = "; ".join(_why(o) for o in some[:SHOWN])
            more = f"; and {len(some) - SHOWN} more" if len(some) > SHOWN else ""
            found.append(f"Kept off the front, {len(some)} {words}: {shown}{more}.")
    return found


def _why(o: Option) -> str:
    if o.status == "same":
        return f"{o.design.words} (as {o.behind[0]})"
    return f"{o.design.words}" + (f" ({o.reason})" if o.reason else "")


def change(id: str, i: Interval) -> str:
    """A difference with its interval."""
    text = format_difference(id, i.mean)
    if i.low is None or i.high is None:
        return text
    low, high = (format_difference(id, v, unit=False) for v in (i.low, i.high))
    return f"{text} ({low} to {high})"


def _sure(i: Interval) -> bool:
    return i.low is not None and i.high is not None and (i.low > 0 or i.high < 0)
