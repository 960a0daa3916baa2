"""Shares of variance in words.

Owns: their sentences. Never does: estimate one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS, format_difference

if TYPE_CHECKING:
    from sim.questions.sensitivity import Factor, Index, Sensitivity


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
        lines.append("hardly matter, each with less than 5% in all: "
                     + ", ".join(f.name for f in small) + ".")
    lines += [f"{f.name}: {needs(f.total)} (at most {percent(f.total.high)} of the variance)."
              for f in vague if f not in small]
    if answer.screened:
        kept = [s for s in answer.screened if s.kept]
        out = [s for s in answer.screened if not s.kept]
        nothing = sum(s.effect.mean == 0 for s in out)
        lines.append(f"screened {len(answer.screened)} keys; kept the {len(kept)} with the largest "
                     "effects. The others stay at the scenario's values"
                     + (f"; {nothing} of them changed nothing" if nothing else "") + "; the largest"
                     f" of them, {out[0].range.key}, changes {metric.name} by "
                     f"{format_difference(answer.metric, out[0].effect.mean).lstrip('+')} on "
                     "average over its range." if out else ".")
    narrow = [r.key for r in answer.ranges if r.narrowed]
    if narrow:
        lines.append("ranges narrowed to where the scenario does not contradict itself: "
                     + ", ".join(narrow) + ".")
    if answer.dropped:
        why = "; ".join(f"{reason} ({n} runs)" for reason, n in answer.reasons.items())
        lines.append(f"{answer.dropped} of {answer.samples + answer.dropped} rows of the sample "
                     f"are left out: {why}.")
    if answer.unstable:
        lines.append(f"in {answer.unstable:,} of {answer.runs:,} runs the backlog grew: there the "
                     "numbers depend on the time measured.")
    return lines


def percent(share: float) -> str:
    """A share of variance."""
    return f"{max(share, 0.0):.0%}"


def needs(index: Index) -> str:
    """What is said of an index that cannot be told yet."""
    return f"needs about {rounded(index.more_runs):,} more runs"


def rounded(runs: int) -> int:
    """Two figures are enough for a forecast."""
    power: int = 10 ** max(len(str(runs)) - 2, 0)
    return -(-runs // power) * power


def span(index: Index) -> str:
    """The interval of a share."""
    return f"95% CI {percent(index.low)} to {percent(min(index.high, 1.0))}"


def known_words(f: Factor) -> str:
    """One factor whose total is known."""
    name = {"structure": "the choice of structure",
            "luck": "luck (which customers and events a replication draws)"}.get(f.kind, f.name)
    text = f"{name} makes {percent(f.total.share or 0.0)} of the variance ({span(f.total)})"
    if f.kind == "luck":
        return text + "."
    if f.alone.share is not None:
        return (text + f", {percent(f.alone.share)} by itself ({span(f.alone)}), the rest together "
                "with others.")
    return text + f", with what it does together with others; by itself {needs(f.alone)}."
