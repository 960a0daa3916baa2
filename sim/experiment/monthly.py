"""The four measures over time: blocks of four weeks, with intervals over replications.

Owns: how a run's sums per period become the measures of the verdict per block of time. Never
does: run anything, or know a chart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.accounting import ledger
from sim.experiment.statistics import mean_interval
from sim.metrics.registry import VERDICT_METRICS
from sim.records import Floats, Layout, RunResult
from sim.scenario.schema import HOURS_PER_WEEK
from sim.state import STOCKS

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

BLOCK_H = 4 * HOURS_PER_WEEK
MOST_BLOCKS = 60

Curves = dict[str, Floats]
"""By measure of the verdict: one value per block."""


def block_ends(result: RunResult) -> Floats:
    """Ends of the blocks, working hours from the start of measuring; the last may be short."""
    time = np.asarray(result.series["time"], dtype=np.float64)
    time = time[time > 0.0]
    size = max(BLOCK_H, result.window_h / MOST_BLOCKS)
    last = np.searchsorted(time, np.arange(1, int(result.window_h / size) + 1) * size - 1e-6)
    last = np.unique(np.minimum(last, len(time) - 1))
    ends: Floats = time[last]
    return np.append(ends, time[-1]) if not len(ends) or ends[-1] < time[-1] - 1e-6 else ends


def curves(scenario: Scenario, result: RunResult) -> Curves:
    """The measures of one run, block by block; NaN where nothing closed.

    Satisfaction (points) and response time (h) are means over the cases of the block, loyalty is
    that of active customers at its last month end, cost is what its people cost a year.
    """
    time = np.asarray(result.series["time"], dtype=np.float64)
    measured = np.flatnonzero(time > 0.0)
    totals, segments = result.series["totals"], result.series["segments"]
    found: Curves = {id: np.full(len(block_ends(result)), np.nan) for id in VERDICT_METRICS}
    begin_h, begin = 0.0, measured[0]
    for i, end_h in enumerate(block_ends(result)):
        end = int(np.searchsorted(time, end_h - 1e-6)) + 1
        firm = _summed(totals[begin:end])
        part = _summed(segments[begin:end])
        ended = firm["closed"] + firm["abandoned"]
        if ended > 0:
            found["satisfaction"][i] = 100.0 * firm["satisfaction"] / ended
        if firm["closed"] > 0:
            found["response_mean_h"][i] = firm["response"] / firm["closed"]
        found["loyalty"][i] = firm["mean_loyalty"]
        books = ledger.yearly(scenario, result.layout, firm, part, end_h - begin_h,
                              spells=_spells(result, begin_h, end_h))
        found["cost_total"][i] = books.total
        begin_h, begin = float(end_h), end
    return found


def bands(by_run: Sequence[Curves]) -> dict[str, dict[str, list[float | None]]]:
    """Mean and 95% interval over replications by measure, block by block."""
    found: dict[str, dict[str, list[float | None]]] = {}
    for id in VERDICT_METRICS:
        rows = [mean_interval(column) for column in np.array([run[id] for run in by_run]).T]
        found[id] = {"mean": [r.mean for r in rows], "low": [r.low for r in rows],
                     "high": [r.high for r in rows]}
    return found


def _summed(rows: Any) -> Mapping[str, Any]:
    """Sums over periods (first axis), stocks as they are at the end; every field is a float."""
    names = rows.dtype.names
    stocks = STOCKS[rows.dtype]
    plain = np.ascontiguousarray(rows).view(np.float64).reshape(*rows.shape, len(names))
    sums = plain.sum(axis=0)
    return {name: rows[name][-1] if name in stocks else sums[..., i]
            for i, name in enumerate(names)}


def _spells(result: RunResult, from_h: float, until_h: float) -> list[tuple[Layout, float]]:
    """Structures in force in a block, and for how many hours."""
    found, since = [], from_h
    for stage in result.past:
        if (end := min(stage.until_h, until_h)) > since:
            found.append((stage.layout, end - since))
            since = end
    if until_h > since:
        found.append((result.layout, until_h - since))
    return found
