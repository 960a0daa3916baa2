"""From the arrays of a run to its outcome.

Owns: which snapshots bound the measured window, and the rows that leave the engine. Never does:
run anything, or know a formula (`metrics`, `accounting`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.accounting import ledger
from sim.engine.arrays import PersonState
from sim.engine.world import World
from sim.metrics import compute, stability
from sim.records import CustomerOutcome, RunResult
from sim.state import STOCKS

if TYPE_CHECKING:
    from sim.engine.simulation import Simulation

LEAST_VISITS = 30
"""Served visits below which the expected touch stands for the measured one (R4)."""


def difference(end: Any, begin: Any) -> Any:
    """end - begin of structured sums; stocks are those of the end."""
    out = np.asarray(end).copy()  # np.array of a single record would be a view
    for name in out.dtype.names or ():
        if name not in STOCKS[out.dtype]:
            out[name] = end[name] - begin[name]
    return out


def collect(run: Simulation) -> RunResult:
    """Sums of the window, metrics, series and per-customer outcomes of a finished run."""
    w = run.world
    scenario, layout = run.prepared.scenario, run.layout
    times = run.snapshot_times
    done = int(w.clock[0]["snapshot"])
    if done < len(times):
        raise RuntimeError("the run is not finished")
    first = int(np.flatnonzero(times == run.warm_up_h)[0])
    totals = difference(w.snapshots[-1], w.snapshots[first])[()]
    segments = difference(w.segment_snapshots[-1], w.segment_snapshots[first])
    units = difference(w.unit_snapshots[-1], w.unit_snapshots[first])
    pools = difference(w.pool_snapshots[-1], w.pool_snapshots[first])
    books = ledger.yearly(scenario, layout, totals, segments, run.window_h,
                          spells=run.spells(0.0, run.window_h))
    n = scenario.customers.count
    right = w.customers["label"][:n] == w.customers["segment"][:n]
    measured = slice(first + 1, None)
    open_cases = w.snapshots["open"][measured]
    served = np.maximum(pools["visits"], 1.0)
    touch = np.where(pools["visits"] >= LEAST_VISITS, pools["touch"] / served,
                     w.pools["expected_touch"])
    overloaded = tuple(
        layout.pools[p] for p in np.flatnonzero(pools["joins"] * touch >= pools["filled"])
        if pools["joins"][p] > 0
    )
    return RunResult(
        structure=run.prepared.structure,
        replication=run.replication,
        seed=run.seed,
        warm_up_h=run.warm_up_h,
        window_h=run.window_h,
        metrics=compute.metrics(totals, segments, w.histogram, run.window_h, books,
                                order_cycle=order_cycle_knowledge(w),
                                labelled=float(np.mean(right)), faults=scenario.faults.enabled),
        heads=w.pools["posts"].astype(np.int32) if run.past else run.prepared.start.heads,
        layout=layout,
        totals=totals,
        segments=segments,
        units=units,
        pools=pools,
        series=series(run),
        customers=CustomerOutcome(
            segment=w.customers["segment"][:n].copy(),
            cases=w.customers["cases"][:n].copy(),
            satisfaction_sum=w.customers["satisfaction_sum"][:n].copy(),
            left=~np.isnan(w.customers["left_at"][:n]),
        ),
        unstable=stability.growing_in_one_run(
            times[measured] - run.warm_up_h, open_cases, float(totals["arrivals"]), run.window_h
        ),
        overloaded_pools=overloaded,
        distances=w.distances.copy(),
        error_map=w.error_map.copy(),
        service=w.service.copy(),
        past=tuple(run.past),
        journey=w.journey[: int(w.clock[0]["journey_n"])].copy(),
        case_log=w.case_log[: int(w.clock[0]["log_n"])].copy(),
    )


def order_cycle_knowledge(w: World) -> float | None:
    """Knowledge of the functions now, mean over functions and people at work (forgetting too)."""
    here = w.people["state"] != PersonState.VACANT
    if not here.any():
        return None
    functions = w.work.shape[1]
    par = w.par[0]
    away = float(w.clock[0]["now"]) - w.people["known_at"]
    left = np.exp(-away * par["forget_rate"]) if par["learning"] else np.ones(len(away))
    return float((w.knowledge[:, :functions].mean(axis=1) * left)[here].mean())


def series(run: Simulation) -> dict[str, Any]:
    """Sums per period over the whole run; `time` counts from the end of warm-up."""
    w = run.world
    done = int(w.clock[0]["snapshot"])

    def periods(cumulative: Any) -> Any:
        cumulative = cumulative[:done]
        before = np.zeros_like(cumulative)
        before[1:] = cumulative[:-1]
        return difference(cumulative, before)

    return {
        "time": run.snapshot_times[:done] - run.warm_up_h,
        "totals": periods(w.snapshots),
        "segments": periods(w.segment_snapshots),
        "units": periods(w.unit_snapshots),
    }
