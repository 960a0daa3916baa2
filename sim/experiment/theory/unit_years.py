"""P15: over unit-years, turnover of staff and performance go apart.

Owns: that correlation. Never does: compare structures.

A unit is the firm of the world `office` (thirty people), a unit-year one year of one replication;
half of the replications have each of the two quit hazards of P15, so that units differ in
turnover by policy and by luck, as measured ones do (F80). The interval is Fisher's (z = atanh r,
standard error 1 / sqrt(n - 3)), which takes unit-years as independent; years of one unit are
nearly so, because what turnover does fades within months.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from sim.experiment.executors import Job, Progress, map_runs
from sim.experiment.statistics import Interval
from sim.experiment.theory.arms import SEED, arm, scenario
from sim.experiment.theory.findings import Finding, judged
from sim.records import Failure
from sim.scenario.schema import HOURS_PER_YEAR

HAZARDS = (0.15, 0.45)
"""Annual quit hazards."""
YEARS = 3
REPLICATIONS, QUICK = 40, 10
"""Over both hazards."""
RANGE = (-0.4, -0.05)
WORLD = "office"

Year = tuple[float, float]
"""Turnover (share of staff) and satisfaction (points)."""


def unit_years(jobs: int | None = None, progress: Progress | None = None, *, seed: int = SEED,
               quick: bool = False) -> Iterator[Finding]:
    """One row: the correlation over unit-years."""
    from sim.engine.simulation import prepare

    count = QUICK if quick else REPLICATIONS
    firms = [prepare(scenario(arm(WORLD, {
        "staff": {"quit_rate": hazard},
        "time": {"horizon": f"{YEARS} years", "period": "12 months"}})), "functional", seed=seed)
        for hazard in HAZARDS]

    def told(done: int) -> None:
        if progress is not None:
            progress(done, count, "unit-years")

    batch = map_runs([Job("functional", r, "P15", lambda r=r: _years(firms[r % 2], r))  # type: ignore[misc]
                      for r in range(count)], jobs, told)
    if batch.interrupted:
        raise KeyboardInterrupt
    years = [year for rows in batch.outcomes if rows is not None and not isinstance(rows, Failure)
             for year in rows]
    interval = correlation(years)
    yield Finding("P15-unit-years", "pattern", judged(interval, RANGE, 0.0), interval.mean,
                  interval.low, interval.high, interval.n, (),
                  "correlation over unit-years of staff turnover and satisfaction", "",
                  f"{RANGE[0]:g} to {RANGE[1]:g}", "")


def correlation(years: Sequence[Year]) -> Interval:
    """Pearson's correlation with Fisher's 95% interval; `n` counts unit-years."""
    n = len(years)
    if n < 4 or min(np.std(years, axis=0)) == 0:
        return Interval(None, None, None, n)
    r = float(np.corrcoef(np.array(years).T)[0, 1])
    z, half = math.atanh(max(-1 + 1e-12, min(r, 1 - 1e-12))), 1.959963984540054 / math.sqrt(n - 3)
    return Interval(r, math.tanh(z - half), math.tanh(z + half), n)


def _years(prepared: object, replication: int) -> list[Year]:
    """Every year of one replication."""
    from sim.engine.simulation import simulate

    series = simulate(prepared, replication).series  # type: ignore[arg-type]
    inside = series["time"] > 1e-9
    found = []
    for totals in series["totals"][inside]:
        cases = float(totals["closed"] + totals["abandoned"])
        found.append((float(totals["quits"]) * HOURS_PER_YEAR / float(totals["filled"]),
                      100.0 * float(totals["satisfaction"]) / cases))
    return found
