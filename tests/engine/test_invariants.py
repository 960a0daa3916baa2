"""Invariants after every period, over random scenarios and over the shipped ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.engine.simulation import Simulation, prepare, simulate
from sim.errors import InfeasibleStructure
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.structures import available, default_list
from tests.engine.invariants import check_progress, check_result, check_world
from tests.scenario.strategies import scenarios

pytestmark = pytest.mark.slow  # without the compiler each run takes many seconds


def watched(scenario: Scenario, structure: str, replication: int = 0,
            heads: int | None = None) -> Simulation:
    """A run that is looked at after every period."""
    run = Simulation(prepare(scenario, structure, heads=heads), replication, case_log=True)
    for periods, time in enumerate(run.snapshot_times, 1):
        before = run.now
        run.run_to(float(time))
        assert run.now >= before
        check_world(run)
        check_progress(run, periods)
    check_result(run, run.result())
    return run


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(scenarios(), st.data())
def test_random_scenarios_keep_the_invariants(scenario: Scenario, data: st.DataObject) -> None:
    """Whatever validates runs, conserves cases and gives finite metrics, or is infeasible."""
    structure = data.draw(st.sampled_from(list(available(scenario))), label="structure")
    try:
        watched(scenario, structure)
    except InfeasibleStructure as error:
        assert error.reason


LIVELY: dict[str, Any] = {
    "schema_version": 1, "name": "lively",
    "customers": {"count": 200, "cases_per_month": 2.0},
    "segments": {"a": {"share": 0.6, "priority": 1}, "b": {"share": 0.4, "volume": 1.5}},
    "products": {"x": {}, "y": {}},
    "functions": {"f": {"work_h": 0.8}, "g": {"work_h": 1.0}, "h": {"work_h": 0.7}},
    "case_types": {"mail": {}, "call": {"channel": "phone", "patience_h": 0.3,
                                        "steps": ["f", "g"]}},
    "mistakes": {"base": 0.1},
    "market": {"churn_max": 0.5},
    "staff": {"heads": 14, "span": 4, "quit_rate": 2.0},
    "time": {"warm_up": "200 h", "horizon": "800 h"},
}


@pytest.mark.parametrize("structure", ["functional", "product", "customer", "undivided"])
def test_a_lively_firm_keeps_the_invariants(structure: str) -> None:
    run = watched(load(LIVELY), structure)
    happens = {"abandoned", "reopenings", "caught", "quits", "hires", "joined", "left"}
    if structure == "undivided":  # one visit a case: there is no next person to catch anything
        happens -= {"caught"}
    assert {name for name in happens if run.world.totals[0][name] > 0} == happens


@pytest.mark.parametrize("name", ["family_firm", "b2b_software", "retail_bank"])
def test_shipped_scenarios_keep_the_invariants(name: str) -> None:
    scenario = load(name, set={"time.warm_up": "4 weeks", "time.horizon": "3 months"})
    for structure in default_list(scenario):
        watched(scenario, structure)


def test_little_to_the_last_hour() -> None:
    """The integral of open cases is the sum of the hours each of them was open."""
    run = watched(load(LIVELY), "customer")
    w = run.world
    log = w.case_log[: int(w.clock[0]["log_n"])]
    used = np.ones(len(w.cases), dtype=bool)
    place = int(w.clock[0]["free_case"])
    while place >= 0:
        used[place] = False
        place = int(w.cases[place]["link"])
    hours = (log["closed"] - log["opened"]).sum() + (run.now - w.cases["opened"][used]).sum()
    assert hours > 1000
    assert w.snapshots[-1]["open_area"] == pytest.approx(hours, rel=1e-9)


def test_littles_law_on_a_full_scenario() -> None:
    """L = lambda W: mean open cases against arrivals an hour x mean hours open (Little 1961).

    Cases open at the edges of the window make the two differ by chance, not on average.
    """
    prepared = prepare(load("retail_bank"), "functional")
    gap = []
    for replication in range(12):
        totals = simulate(prepared, replication).totals
        assert totals["abandoned"] == 0
        flow = totals["arrivals"] * totals["response"] / totals["closed"]
        gap.append(float(totals["open_area"] / flow - 1))
    error = np.std(gap, ddof=1) / np.sqrt(len(gap))
    assert abs(np.mean(gap)) < 4.44 * error  # 99.9%, 11 degrees of freedom
    assert 4.44 * error < 0.05


FAULTS = {
    "a case lost": lambda w: w.clock[0].__setitem__("open", w.clock[0]["open"] - 1),
    "a case twice in line": lambda w: w.people["case"].__setitem__(slice(None), 0),
    "a post in the wrong pool": lambda w: w.people["pool"].__setitem__(0, w.people["pool"][-1]),
    "a head too many": lambda w: w.pools["filled"].__setitem__(0, w.pools["filled"][0] + 1),
    "a team forgotten": lambda w: w.people["team"].__setitem__(0, w.people["team"][-1]),
    "time turned back": lambda w: w.clock[0].__setitem__("now", w.clock[0]["now"] + 50.0),
    "a customer forgotten": lambda w: w.clock[0].__setitem__("active", 1),
    "too much loyalty": lambda w: w.customers["loyalty"].__setitem__(0, 1.1),
    "an idle person forgotten": lambda w: w.pools["idle_head"].__setitem__(slice(None), -1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_seen(fault: str) -> None:
    """The checks above do look: each fails once."""
    run = Simulation(prepare(load(LIVELY), "customer"), 0)
    run.run_to(401.0)
    check_world(run)
    FAULTS[fault](run.world)
    with pytest.raises(AssertionError):
        check_world(run)


@pytest.mark.parametrize("name", ["arrivals", "busy", "touch", "caught", "left", "response"])
def test_a_planted_sum_is_seen(name: str) -> None:
    run = watched(load(LIVELY), "functional")
    run.world.snapshots[name][-1] *= 10.0
    with pytest.raises(AssertionError):
        check_progress(run, len(run.snapshot_times))
