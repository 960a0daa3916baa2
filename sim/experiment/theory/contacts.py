"""P12: each further contact that a case takes costs satisfaction.

Owns: cases of the base case REF grouped by the contacts they took. Never does: compare structures.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.experiment.executors import Job, Progress, map_runs
from sim.experiment.statistics import mean_interval
from sim.experiment.theory.findings import Finding, judged
from sim.records import Failure

DROP = (8.0, 22.0)
"""Points of satisfaction lost per further contact."""
REPLICATIONS = 10

Row = tuple[float, float, float]


def contacts(jobs: int | None = None, progress: Progress | None = None, *, seed: int = 1,
             replications: int = REPLICATIONS) -> Iterator[Finding]:
    """One row per further contact, and one for cases that were never solved."""
    from sim.engine.simulation import prepare
    from sim.experiment.verify.patterns import REF
    from sim.scenario import load

    prepared = prepare(load(REF, limits=None), "functional", seed=seed)

    def told(done: int) -> None:
        if progress is not None:
            progress(done, replications, "contacts per case")

    batch = map_runs([Job("functional", r, "P12", lambda r=r: _drops(prepared, r))  # type: ignore[misc]
                      for r in range(replications)], jobs, told)
    if batch.interrupted:
        raise KeyboardInterrupt
    rows = [row for row in batch.outcomes if row is not None and not isinstance(row, Failure)]
    words = ("the second contact", "the third contact", "never being solved")
    for i, what in enumerate(words):
        interval = mean_interval([row[i] for row in rows])
        expect: str | tuple[float, float] = DROP if i < 2 else "up"
        yield Finding(f"P12-{i + 1}", "pattern", judged(interval, expect, 1.0), interval.mean,
                      interval.low, interval.high, interval.n, (),
                      f"satisfaction that {what} costs", "satisfaction",
                      "8 to 22" if i < 2 else "more", "")


def _drops(prepared: object, replication: int) -> Row:
    """Satisfaction lost with the second contact, with the third, and by not being solved."""
    from sim.engine.arrays import Outcome
    from sim.engine.simulation import simulate

    log = simulate(prepared, replication, case_log=True).case_log  # type: ignore[arg-type]
    assert log is not None  # noqa: S101 - it was asked for
    solved = log["outcome"] == Outcome.RESOLVED
    means = [100.0 * float(np.mean(log["satisfaction"][solved & (log["reopenings"] == n)]))
             for n in range(3)]
    unsolved = log["outcome"] == Outcome.UNRESOLVED
    last = 100.0 * float(np.mean(log["satisfaction"][unsolved])) if unsolved.any() else np.nan
    return means[0] - means[1], means[1] - means[2], means[2] - last
