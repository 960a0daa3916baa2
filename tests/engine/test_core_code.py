"""The code without mechanisms beyond the core: chosen where it may be, and the same bits there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sim.engine import loop
from sim.engine.parameters import OFF, PARAMETERS, SWITCHES, only_core
from sim.engine.settings import parameters
from sim.engine.simulation import Prepared, Simulation, prepare
from sim.errors import InfeasibleStructure
from sim.scenario import load
from sim.scenario.catalogue import catalogue
from sim.scenario.library import shipped
from sim.scenario.schema import Scenario
from sim.structures import available
from tests.reference.twin_worlds import FEATURES, world
from tests.scenario.strategies import scenarios


def record(scenario: Scenario) -> np.void:
    """The parameters of a scenario as the loop reads them."""
    par: np.void = parameters(scenario, warm_up_h=10.0, heads=10, mouth=0, rebalance=True)[0]
    return par


CORE = [feature for feature in FEATURES if only_core(record(world(feature)))]
BEYOND = sorted(FEATURES.keys() - set(CORE))


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which code was asked to run; nothing runs."""
    asked: list[str] = []
    for name in ("advance_core", "advance_any"):
        monkeypatch.setattr(loop, name, lambda w, until, name=name: asked.append(name) or 0)
    return asked


class Parameters:
    """As much of a world as the choice looks at."""

    def __init__(self) -> None:
        self.par = np.zeros(1, PARAMETERS)


@pytest.mark.parametrize("switch", SWITCHES)
def test_one_switch_is_enough_for_the_whole_code(switch: str, chosen: list[str]) -> None:
    w = Parameters()
    loop.advance(w, 0.0)
    for on in (1, 0.05) if isinstance(OFF[switch], float) else (1,):
        w.par[0][switch] = on
        loop.advance(w, 0.0)
        assert chosen.pop() == "advance_any"
    assert chosen == ["advance_core"]


def test_each_switch_is_a_field_and_stands_for_its_own_zero() -> None:
    assert len(set(SWITCHES)) == len(SWITCHES)
    for name in SWITCHES:
        zero = np.zeros(1, PARAMETERS)[0][name]
        assert zero == OFF[name]
        assert zero.dtype == np.array(OFF[name]).dtype


def test_worlds_with_and_without_mechanisms_are_told_apart() -> None:
    """The shipped firms and plain worlds need the core alone; each mechanism needs all."""
    assert all(only_core(record(load(name, limits=None))) for name in shipped())
    assert "as it is" in CORE
    assert {"complaints", "trust", "culture", "pressure", "moods", "faults and signals",
            "approvals", "travel", "competition", "surge", "stock", "growth",
            "half the budget"} <= set(BEYOND)


def both_ways(prepared: Prepared) -> list[str]:
    """Arrays in which a run by the core's code differs from one by the whole code."""
    runs = []
    for code in (loop.advance_core, loop.advance_any):
        run = Simulation(prepared, 1, case_log=True)
        for time in run.snapshot_times:
            while status := code(run.world, float(time)):
                run._grow(loop.Status(status))
        runs.append(run.world)
    return [name for name, array in vars(runs[0]).items() if isinstance(array, np.ndarray)
            and array.tobytes() != getattr(runs[1], name).tobytes()]


@pytest.mark.slow  # without the compiler each run takes many seconds
@pytest.mark.parametrize("feature", CORE)
def test_the_core_runs_to_the_same_bits(feature: str) -> None:
    for structure in FEATURES[feature][1]:
        assert both_ways(prepare(world(feature), structure)) == []


OPTIONAL = [".".join(key.path) for key in catalogue().values()
            if len(key.path) == 2 and key.path[1] == "enabled" and key.path[0] != "mistakes"]


@pytest.mark.slow
@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                                 HealthCheck.filter_too_much])
@given(scenarios(), st.data())
def test_random_scenarios_run_to_the_same_bits(scenario: Scenario, data: st.DataObject) -> None:
    plain = load(scenario, set=dict.fromkeys(OPTIONAL, False), limits=None)
    assume(only_core(record(plain)))
    structure = data.draw(st.sampled_from(list(available(plain))), label="structure")
    try:
        prepared = prepare(plain, structure)
    except InfeasibleStructure:
        return
    assert both_ways(prepared) == []
