"""How many replications are enough: until every pair's interval is as narrow as asked (R26).

Owns: the stopping rule and the sentence that says why it stopped. Never does: run anything.

Widths are half-widths of the intervals of the paired differences, the same intervals the
comparison reports. Stopping when they are narrow enough makes them cover slightly less often than
stated; at ten replications and more the loss is small against the safety of the family-wise level.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.experiment.statistics import Interval
from sim.experiment.verdict import Pair
from sim.metrics.registry import METRICS, Margin, format_difference

MINIMUM_REPLICATIONS = 10
MAXIMUM_REPLICATIONS = 200


@dataclass(frozen=True)
class Gap:
    """A width that is not reached."""

    metric: str
    pair: Pair
    half_width: float | None
    """None where the metric has no interval (no value in this scenario)."""
    wanted: float

    @property
    def ratio(self) -> float:
        """How many times too wide."""
        if self.half_width is None or self.wanted <= 0:
            return math.inf
        return self.half_width / self.wanted


def gaps(
    widths: Mapping[str, Margin],
    means: Mapping[str, Mapping[str, Interval]],
    differences: Mapping[str, Mapping[Pair, Interval]],
) -> list[Gap]:
    """Widths not reached yet, widest first.

    Args:
        widths: Wanted half-width by metric; a relative one is a share of the mean of the pair.
        means: By metric and structure.
        differences: By metric and pair.
    """
    found = []
    for id, width in widths.items():
        for pair, interval in differences[id].items():
            levels = [abs(means[id][s].mean or 0.0) for s in pair]
            wanted = width.size * (sum(levels) / 2.0 if width.relative else 1.0)
            half = interval.half_width
            if half is None or half > wanted:
                found.append(Gap(id, pair, half, wanted))
    return sorted(found, key=lambda gap: -gap.ratio)


def next_count(done: int, missing: Sequence[Gap], maximum: int) -> int:
    """Replications to go on to: what the widest gap asks for, at most twice as many as now.

    Returns:
        `done` if it is of no use to go on.
    """
    reachable = [gap for gap in missing if gap.half_width is not None]
    if not reachable or done >= maximum:
        return done
    ratio = min(max(gap.ratio for gap in reachable), math.sqrt(2.0))
    return min(maximum, max(done + 1, math.ceil(done * ratio**2)))


def reason(
    widths: Mapping[str, Margin], missing: Sequence[Gap], done: int, maximum: int
) -> str:
    """Why it stopped, in words."""
    asked = ", ".join(f"{id} to {_width(id, width)}" for id, width in widths.items())
    if not missing:
        return (f"stopped at {done} replications: every pair is known as precisely as asked "
                f"({asked})")
    gap = missing[0]
    a, b = gap.pair
    if gap.half_width is None:
        return (f"stopped at {done} replications: {METRICS[gap.metric].name} has no interval for "
                f"{a} - {b}, so the precision asked ({asked}) cannot be reached")
    half = format_difference(gap.metric, gap.half_width).removeprefix("+")
    wanted = format_difference(gap.metric, gap.wanted).removeprefix("+")
    why = f"--max-replications {maximum}" if done >= maximum else "an interruption"
    return (f"ended at {done} replications by {why} without the precision asked ({asked}): "
            f"{METRICS[gap.metric].name} of {a} - {b} is known to {half}, wanted {wanted}")


def _width(id: str, width: Margin) -> str:
    if width.relative:
        return str(width)
    return format_difference(id, width.size).removeprefix("+")
