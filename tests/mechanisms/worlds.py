"""Small firms in which one mechanism is switched on."""

from __future__ import annotations

from typing import Any

from sim.engine.simulation import prepare, simulate
from sim.records import RunResult
from sim.scenario import load
from tests.reference.twin_worlds import BASE, merged

FIRM = merged(BASE, {
    "satisfaction": {"expectation_start": "given"},
    "staff": {"heads": 14, "pools": {"functional": {"f": 4, "g": 5, "h": 5}}},
    "time": {"warm_up": "90 h", "horizon": "360 h"},
})
"""No pilot rounds: heads are written down, expectation is given."""


def outcome(replication: int = 0, **over: Any) -> RunResult:
    """One run of the small firm with some tables changed."""
    return simulate(prepare(load(merged(FIRM, over)), "functional"), replication)


def metrics(**over: Any) -> dict[str, float | None]:
    """Its metrics."""
    return outcome(**over).metrics


def same(a: dict[str, float | None], b: dict[str, float | None], but: set[str]) -> bool:
    """Are two runs the same to the bit, save for what only a module reports?"""
    return all(a[id] == b[id] for id in a if id not in but)
