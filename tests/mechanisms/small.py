"""A small firm in which mechanisms are switched on one at a time.

Owns: its scenario, and a run of it as sums and metrics. Never does: check anything.
"""

from __future__ import annotations

from typing import Any

from sim.engine.simulation import Prepared, simulate
from sim.records import RunResult, Start
from sim.scenario import load
from sim.structures import allocate, build, workload
from tests.reference.twin_worlds import BASE, merged


def run(structure: str, replication: int = 0, **tables: Any) -> RunResult:
    """One run of the small firm with some tables changed; staffed on nominal work, no pilot."""
    scenario = load(merged(BASE, tables))
    layout = build(scenario, structure)
    nominal = workload(scenario, layout)
    heads = allocate(nominal.pool_work_h, scenario.staff.heads)
    prepared = Prepared(scenario, structure, scenario.seed, layout, nominal, Start(heads=heads),
                        nominal.pool_work_h)
    return simulate(prepared, replication)


def same(one: RunResult, other: RunResult, *without: str) -> bool:
    """Are all sums of two runs the same bits, but for those named?"""
    names = [n for n in one.totals.dtype.names if n not in without]
    return bool(
        all(one.totals[n] == other.totals[n] for n in names)
        and (one.pools == other.pools).all()
        and (one.customers.satisfaction_sum == other.customers.satisfaction_sum).all()
    )
