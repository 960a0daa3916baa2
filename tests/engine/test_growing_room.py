"""Room runs out: arrays are made longer in the middle of a run, and nothing changes."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.arrays import Status
from sim.engine.simulation import Simulation, prepare, simulate
from sim.scenario import load
from tests.engine.test_invariants import LIVELY
from tests.law.outcome import outcome

pytestmark = pytest.mark.slow  # without the compiler each run takes many seconds

GROWS = {Status.GROW_CASES, Status.GROW_HEAP, Status.GROW_MOUTH, Status.GROW_LOG,
         Status.GROW_CALENDAR}


class Cramped(Simulation):
    """A run that begins with next to no room, and remembers what it had to make longer."""

    def __init__(self, *args, **options) -> None:
        self.grown: list[Status] = []
        super().__init__(*args, **options)
        w = self.world
        assert w.clock[0]["open"] == 0
        cases = w.cases[:1].copy()
        cases["link"] = -1
        w.clock[0]["free_case"] = 0
        near = max(1, int(w.clock[0]["bucket_n"]))
        self.world = w.replaced(
            cases=cases, task_hours=w.task_hours[:1].copy(),
            heap=w.heap[: max(1, int(w.clock[0]["heap_n"]))].copy(),
            near=w.near[:near].copy(),
            case_log=w.case_log[:1].copy(), journey=w.journey[:1].copy(),
        )

    def _first_mouth(self) -> int:
        return 1

    def _grow(self, status: Status) -> None:
        self.grown.append(status)
        super()._grow(status)


def test_making_room_changes_no_bit() -> None:
    market = LIVELY["market"] | {"convert": 0.5, "tell_neutral": 0.9}
    prepared = prepare(load(LIVELY | {"market": market}), "customer")
    wide = simulate(prepared, 0, case_log=True, journey=3)
    cramped = Cramped(prepared, 0, case_log=True, journey=3)
    cramped.run_to(cramped.end_h)
    assert set(cramped.grown) == GROWS
    narrow = cramped.result()
    assert outcome(narrow) == outcome(wide)
    assert wide.journey is not None and narrow.journey is not None
    assert np.array_equal(narrow.journey, wide.journey)
    assert wide.totals["joined"] > 64


def test_everybody_quits_at_once() -> None:
    """Each pool left with nobody lets all colleagues look around: they fit into the heap."""
    functions = {f"f{i}": {"work_h": 0.2 if i < 9 else 9.0} for i in range(10)}
    scenario = load({
        "schema_version": 1, "name": "exodus", "functions": functions,
        "customers": {"count": 5, "cases_per_month": 0.1},
        "staff": {"heads": 3000, "quit_rate": 50.0, "rebalance": False},
        "satisfaction": {"expectation_start": "given"},
        "structures": {"one": {"group": {"rest": "all"}}},
        "time": {"warm_up": "0 h", "horizon": "180 h"},
    })
    assert simulate(prepare(scenario, "one"), 0).totals["quits"] > 2900


def test_a_customer_who_is_not_there_cannot_be_followed() -> None:
    with pytest.raises(ValueError, match="customer 200"):
        simulate(prepare(load(LIVELY), "customer"), 0, journey=200)
