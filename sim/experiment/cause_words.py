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


def size(metric: str, value: float | None) -> str:
    """A difference with its sign, which one that rounds to nothing has not."""
    text = format_difference(metric, value)
    return text if any(c in "123456789" for c in text) else text.lstrip("+-")


def between(metric: str, i: Interval) -> str:
    """An interval in brackets, such as "95% CI 1.2 to 2.6"."""
    if i.low is None or i.high is None:
        return "one replication"
    low, high = (size(metric, v).split(" ")[0].lstrip("+") for v in (i.low, i.high))
    return f"95% CI {low} to {high}"


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
    much = size(answer.metric, i.mean)
    if i.low is not None and i.high is not None and i.low <= 0.0 <= i.high:
        said = f"{name}: no part that can be told from chance, {much} ({between(answer.metric, i)})"
    else:
        better = metric.direction == 0 or (i.mean > 0) == (metric.direction > 0)
        for_whom = answer.second if better else answer.first
        verdict = "" if metric.direction == 0 else f", in favour of {for_whom}"
        said = f"{name}: {much} ({between(answer.metric, i)}){verdict}"
    return said + _seen(answer, part) + "."


def _seen(answer: Explanation, part: Part) -> str:
    """The cause at work in both structures, as far as one metric shows it."""
    if part.shown is None or not part.cause.shown_by:
        return ""
    id = part.cause.shown_by
    a, b = (format_value(id, v.mean, short=True) for v in part.shown)
    return f"; {METRICS[id].name} {a} under {answer.first}, {b} under {answer.second}"
