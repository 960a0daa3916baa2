"""What an explanation says in words: one sentence per cause and one for the whole.

Owns: those sentences. Never does: compute a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS, format_difference, format_value

if TYPE_CHECKING:
    from sim.experiment.explain import Explanation, Part
    from sim.experiment.statistics import Interval


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def size(metric: str, value: float | None, digits: int = 0) -> str:
    """A difference with its sign and unit, with so many decimals more than usual."""
    return format_difference(metric, value, more=digits)


def between(metric: str, i: Interval, digits: int = 0) -> str:
    """An interval in brackets, such as "95% CI 1.2 to 2.6"."""
    if i.low is None or i.high is None:
        return "one replication"
    low, high = (size(metric, v, digits).split(" ")[0].lstrip("+") for v in (i.low, i.high))
    return f"95% CI {low} to {high}"


def further(metric: str, i: Interval) -> int:
    """Decimals beyond the usual, at most two, that keep a part told from 0 from reading as 0."""
    if i.mean is None or i.low is None or i.high is None or i.low <= 0.0 <= i.high:
        return 0
    ends = (i.low, i.mean, i.high)
    return next((more for more in range(3)
                 if all(nonzero(size(metric, v, more)) for v in ends)), 2)


def nonzero(text: str) -> bool:
    """Whether a number as written is not 0."""
    return any(c in "123456789" for c in text)


def whole(answer: Explanation) -> str:
    """The difference itself."""
    name = METRICS[answer.metric].name
    values = [format_value(answer.metric, v.mean, short=True) for v in answer.values]
    return (f"{capital(name)} is {values[0]} under {answer.first} and {values[1]} under "
            f"{answer.second}: a difference of {size(answer.metric, answer.gap.mean)} "
            f"({between(answer.metric, answer.gap)}).")


def sentences(answer: Explanation) -> tuple[str, ...]:
    """One sentence per part, in their order."""
    return tuple(_sentence(answer, part) for part in answer.parts)


def _sentence(answer: Explanation, part: Part) -> str:
    i = part.effect
    name = capital(part.cause.name)
    metric = METRICS[answer.metric]
    if i.mean is None or (i.mean == 0.0 and i.low == i.high):
        return f"{name}: no part in this difference."
    digits = further(answer.metric, i)
    much, range_ = size(answer.metric, i.mean, digits), between(answer.metric, i, digits)
    if i.low is not None and i.high is not None and i.low <= 0.0 <= i.high:
        said = f"{name}: no part that can be told from chance, {much} ({range_})"
    else:
        better = metric.direction == 0 or (i.mean > 0) == (metric.direction > 0)
        for_whom = answer.second if better else answer.first
        verdict = "" if metric.direction == 0 else f", in favour of {for_whom}"
        said = f"{name}: {much} ({range_}){verdict}"
    return said + _seen(answer, part) + "."


def _seen(answer: Explanation, part: Part) -> str:
    """The cause at work in both structures, as far as metrics show it."""
    told = []
    for id, (a, b) in part.shown.items():
        first, second = _apart(id, a.mean, b.mean)
        told.append(f"; {METRICS[id].name} {first} under {answer.first}, {second} under "
                    f"{answer.second}")
    return "".join(told)


def _apart(id: str, a: float | None, b: float | None) -> tuple[str, str]:
    """Two values of a metric, hours with the decimals that tell them apart (at most two)."""
    words = format_value(id, a, short=True), format_value(id, b, short=True)
    if words[0] == words[1] and METRICS[id].format == "hours" and a is not None and b is not None:
        return f"{a:,.2f} h", f"{b:,.2f} h"
    return words
