"""Shares of variance in words.

Owns: their sentences. Never does: estimate one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS, format_difference
from sim.questions.map_words import grown

if TYPE_CHECKING:
    from sim.questions.sensitivity import Factor, Index, Screened, Sensitivity


def sentences(answer: Sensitivity) -> list[str]:
    """What the metric hangs on, what is not known yet, and what was left out."""
    metric = METRICS[answer.metric]
    unit = format_difference(answer.metric, answer.deviation).lstrip("+")
    lines = [f"over these ranges {metric.name} varies with a standard deviation of {unit}."]
    known = sorted((f for f in answer.factors if f.total.share is not None),
                   key=lambda f: -(f.total.share or 0.0))
    lines += [known_words(f) for f in known]
    vague = [f for f in answer.factors if f.total.share is None]
    small = [f for f in vague if f.total.high < 0.05]
    if small:
        lines.append(("hardly matter, each with" if len(small) > 1 else "hardly matters, with")
                     + " less than 5% in all: " + ", ".join(map(name_of, small)) + ".")
    lines += [_vague(f) for f in vague if f not in small]
    if answer.screened:
        lines.append(_screening(answer))
    narrow = [r.key for r in answer.ranges if r.narrowed]
    if narrow:
        lines.append("ranges narrowed to where the scenario does not contradict itself: "
                     + ", ".join(narrow) + ".")
    if answer.dropped:
        why = "; ".join(f"{reason} ({n} runs)" for reason, n in answer.reasons.items())
        lines.append(f"{answer.dropped} of {answer.samples + answer.dropped} rows of the sample "
                     f"are left out: {why}.")
    return [*lines, *grown(answer.unstable, answer.runs), *answer.notes]


def _screening(answer: Sensitivity) -> str:
    """Which keys were kept; of a sweep's trajectories, which move the metric."""
    kept = [s for s in answer.screened if s.kept]
    out = [s for s in answer.screened if not s.kept]
    name = METRICS[answer.metric].name

    def size(one: Screened) -> str:
        return format_difference(answer.metric, one.effect.mean).lstrip("+")

    if answer.only_effects:
        first = answer.screened[0]
        return (f"of {len(answer.screened)} keys {first.range.key} moves {name} most: by "
                f"{size(first)} on average over its range.")
    text = f"screened {len(answer.screened)} keys; kept the {len(kept)} with the largest effects."
    if not out:
        return text
    nothing = sum(s.effect.mean == 0 for s in out)
    idle = f"; {nothing} of them changed nothing" if nothing else ""
    return (f"{text} The others stay at the scenario's values{idle}; the largest of them, "
            f"{out[0].range.key}, changes {name} by {size(out[0])} on average over its range.")


def name_of(f: Factor) -> str:
    """A factor in a sentence."""
    return {"structure": "the choice of structure",
            "luck": "luck (which customers and events a replication draws)"}.get(f.kind, f.name)


def _vague(f: Factor) -> str:
    """A factor whose total is not known."""
    top = f"at most {percent(f.total.high)} of the variance"
    if f.total.more_runs:
        return f"{name_of(f)}: {top}; to say more {needs(f.total)}."
    if f.alone.share is None:
        return f"{name_of(f)}: {top}; by itself {needs(f.alone)}."
    return (f"{name_of(f)} makes {percent(f.alone.share)} of the variance by itself "
            f"({span(f.alone)}), and {top} with what it does together with others.")


def percent(share: float) -> str:
    """A share of variance."""
    return f"{max(share, 0.0):.0%}"


def needs(index: Index) -> str:
    """What is said of an index that cannot be told yet."""
    if index.more_runs == 0:
        return "not told by this sample"
    return f"needs about {rounded(index.more_runs):,} more runs"


def rounded(runs: int) -> int:
    """Two figures are enough for a forecast."""
    power: int = 10 ** max(len(str(runs)) - 2, 0)
    return -(-runs // power) * power


def span(index: Index) -> str:
    """The interval of a share."""
    return f"95% CI {percent(index.low)} to {percent(index.high)}"


def known_words(f: Factor) -> str:
    """One factor whose total is known."""
    text = f"{name_of(f)} makes {percent(f.total.share or 0.0)} of the variance ({span(f.total)})"
    if f.kind == "luck":
        return text + "."
    if f.alone.share is not None:
        return (text + f", {percent(f.alone.share)} by itself ({span(f.alone)}), the rest together "
                "with others.")
    return text + f", with what it does together with others; by itself {needs(f.alone)}."
