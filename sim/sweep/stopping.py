"""When a world has enough replications: every metric as precise as the plan asks.

Owns: the rule, as a function of the rows alone, so that it says the same after an interruption.
Never does: run anything.

The intervals are those of `experiment.statistics`: 95%, Student's t, each for itself. With several
structures they are of paired differences, with one structure of its mean.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from sim.experiment.precision import Gap, next_count
from sim.experiment.statistics import Interval, mean_interval, paired_interval
from sim.sweep.design import Rule

Known = Mapping[str, Sequence[Mapping[str, float | None]]]
"""By structure: metrics of replications 0, 1, 2... A run without numbers has an empty mapping."""


def enough(rule: Rule, known: Known) -> int:
    """Replications this world is to have, out of those it has.

    Args:
        rule: Wanted half-widths, fewest and most replications.
        known: Rows of the replications so far; structures may have different numbers of them, and
            only those that all have are looked at.

    Returns:
        At most the replications that `known` has if they are enough; else how many to go on to.
    """
    there = min((len(rows) for rows in known.values()), default=0)
    wanted = rule.minimum
    while wanted <= there:
        further = next_count(wanted, _gaps(rule, known, wanted), rule.maximum)
        if further == wanted:
            return wanted
        wanted = further
    return wanted


def _gaps(rule: Rule, known: Known, count: int) -> list[Gap]:
    """Widths not reached with `count` replications, widest first."""
    found = []
    runs = {name: rows[:count] for name, rows in known.items()
            if any(rows[:count])}  # a structure without any number has nothing to be precise about
    pairs = list(itertools.combinations(runs, 2)) or [(name, name) for name in runs]
    for id, width in rule.widths.items():
        values = {name: [row.get(id) for row in rows] for name, rows in runs.items()}
        means = {name: mean_interval(column).mean or 0.0 for name, column in values.items()}
        for first, second in pairs:
            interval: Interval = (
                mean_interval(values[first]) if first == second
                else paired_interval(values[first], values[second]))
            level = (abs(means[first]) + abs(means[second])) / 2.0
            wanted = width.size * (level if width.relative else 1.0)
            half = interval.half_width
            if interval.n and (half is None or half > wanted):
                found.append(Gap(id, (first, second), half, wanted))
    return sorted(found, key=lambda gap: -gap.ratio)
