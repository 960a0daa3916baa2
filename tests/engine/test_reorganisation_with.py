"""A change of structure together with each mechanism that has a state of its own to carry over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.engine.simulation import Simulation, prepare
from tests.engine.invariants import check_result, check_world
from tests.law.outcome import firm

pytestmark = pytest.mark.slow  # uncompiled, each run takes seconds

SENSED = {"faults": {"enabled": True, "rate": 0.5},
          "sensing": {"enabled": True, "minimum_signals": 2, "decision_h": 20.0}}
WITH: dict[str, dict[str, Any]] = {
    "own target": {"design": {"customer_share": 0.4, "own_taste": 0.5, "variants": 2}},
    "latent needs": {"shock": {"enabled": True, "at": "100 h", "early_share": 0.3},
                     "exploration": {"share": 0.05}},
    "faults": SENSED,
    "stock": {"stock": {"enabled": True}},
    "matrix": {"matrix": {"coordination_h": 1.0}},
    "all": SENSED | {"design": {"customer_share": 0.4, "own_taste": 0.5}, "stock": {
        "enabled": True}, "shock": {"enabled": True, "at": "100 h"}},
}
CHANGES = (("functional", "customer"), ("customer", "front-back"), ("functional", "matrix"),
           ("matrix", "product"))


def stopped(name: str, first: str, to: str) -> tuple[Simulation, Simulation]:
    """Two runs with the same luck: right before the change, and right after it."""
    tables = dict(WITH[name])
    if "stock" in tables:
        tables["stock"] = tables["stock"] | {"function": "weave"}  # no step of a telephone call
    scenario = firm(**{"reorganisation": {"to": to, "at": "150 h"}} | tables)
    prepared = prepare(scenario, first)
    before, after = Simulation(prepared, 0), Simulation(prepared, 0)
    at = before.warm_up_h + 150.0
    before._advance(at)  # the change itself comes last
    after.run_to(at)
    return before, after


@pytest.mark.parametrize(("first", "to"), CHANGES)
@pytest.mark.parametrize("name", WITH)
def test_nothing_is_lost_and_the_run_goes_on(name: str, first: str, to: str) -> None:
    """Cases, customers, people and stocks are the same before and after; all sums go on."""
    before, after = stopped(name, first, to)
    old, new = before.world, after.world
    check_world(after)
    for field in ("arrivals", "closed", "abandoned", "visits", "busy", "quits", "hires"):
        assert new.totals[0][field] == old.totals[0][field], field
    assert new.clock[0]["open"] == old.clock[0]["open"]
    assert np.array_equal(new.customers["loyalty"], old.customers["loyalty"])
    assert np.array_equal(new.knowledge, old.knowledge)
    after.run_to(after.end_h)
    check_world(after)
    check_result(after, after.result())
