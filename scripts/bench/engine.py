"""The works in this engine, through scenarios and the path every user takes.

Owns: CPU time of the event loop and of a whole run. Never does: know what a ratio means.
"""

from __future__ import annotations

import functools
import json
import time
from typing import Any

from sim.engine.simulation import Prepared, Simulation, prepare, simulate
from sim.scenario import load


@functools.lru_cache(maxsize=8)
def _prepared(text: str, structure: str, heads: int | None) -> Prepared:
    source = json.loads(text)
    scenario = load(source["scenario"], set=source["set"], limits=None)
    return prepare(scenario, structure, heads=heads)


def prepared(scenario: Any, structure: str = "functional", heads: int | None = None,
             **settings: Any) -> Prepared:
    """A scenario prepared once for all rounds."""
    return _prepared(json.dumps({"scenario": scenario, "set": settings}), structure, heads)


@functools.cache
def compiled() -> None:
    """Load or compile everything once, so that no row pays for it."""
    ready = prepare(load("family_firm", set={"time.warm_up": "0 h", "time.horizon": "1 week"}),
                    "functional")
    simulate(ready, 0, case_log=True)


def timed(ready: Prepared, replication: int, *, case_log: bool = False) -> dict[str, Any]:
    """One run: CPU seconds of the event loop alone and of the whole run, and its counts."""
    compiled()
    begin = time.process_time()
    run = Simulation(ready, replication, case_log=case_log)
    loop = time.process_time()
    run.run_to(run.end_h)
    end = time.process_time()
    totals = run.world.totals[0]
    return {
        "cpu": end - loop,
        "whole": end - begin,
        "cases": float(totals["closed"] + totals["abandoned"]),
        "visits": float(totals["all_visits"]),
        "wait": float(run.world.pool_totals["wait"].sum() / max(totals["all_visits"], 1.0)),
        "run": run,
    }


__all__ = ["Prepared", "Simulation", "compiled", "prepared", "simulate", "timed"]
