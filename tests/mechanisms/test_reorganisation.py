"""A change of structure in a small firm: who stays, what is inherited, what goes on (R23)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.accounting import ledger
from sim.engine.arrays import PersonState
from sim.engine.reorganise import persisting
from sim.engine.simulation import Simulation, prepare, simulate
from sim.errors import InfeasibleStructure
from sim.scenario import load
from tests.law.outcome import firm

AT = {"at": "150 h"}


def before_and_after(structure: str, to: str, **tables: Any) -> tuple[Simulation, Simulation]:
    """Two runs with the same luck, one stopped right before its change, one right after."""
    scenario = firm(**{"reorganisation": AT | {"to": to}} | tables)
    prepared = prepare(scenario, structure)
    one, other = Simulation(prepared, 0), Simulation(prepared, 0)
    at = one.warm_up_h + prepared.changes[0].at_h
    one._advance(at)  # the change itself comes last
    other.run_to(at)
    assert other.layout.structure == to and one.layout.structure == structure
    return one, other


def test_people_of_pools_that_persist_stay() -> None:
    """front-back -> customer: the front keeps its people, the back gives up its."""
    old, new = before_and_after("front-back", "customer")
    kept = persisting(old.layout, new.layout)
    assert (kept >= 0).sum() == 6 and (kept < 0).sum() == 1
    was, now = old.world.people["pool"], new.world.people["pool"]
    stays = kept[was] >= 0
    assert np.array_equal(kept[was[stays]], now[stays])
    assert set(now[~stays]).isdisjoint(kept.tolist())
    assert new.world.totals[0]["relocated"] == (
        old.world.people["state"][~stays] != PersonState.VACANT).sum()
    assert np.array_equal(new.world.pools["posts"], np.bincount(now))
    assert new.world.pools["posts"].min() >= 1


def test_nothing_is_lost_on_the_way() -> None:
    """Every case that waited still waits, is put through, or has just been taken up."""
    old, new = before_and_after("functional", "customer")
    for name in ("arrivals", "closed", "visits", "busy"):
        assert new.world.totals[0][name] == old.world.totals[0][name]
    assert old.world.clock[0]["open"] == new.world.clock[0]["open"]
    waiting = [int(run.world.units["waiting"].sum()) for run in (old, new)]
    in_hand = [int((run.world.people["state"] == PersonState.BUSY).sum()) for run in (old, new)]
    assert waiting[0] > 0
    assert waiting[1] == 0 and new.world.clock[0]["heap_n"] >= waiting[0] + in_hand[1]
    assert int(new.world.totals[0]["all_visits"]) == int(old.world.totals[0]["all_visits"])


def test_new_offerings_are_means_of_the_old() -> None:
    """functional -> customer: one offering goes to all; back again it is their mean."""
    old, new = before_and_after("functional", "customer")
    holder = int(np.unique(old.layout.pool_unit[old.layout.pool_of[1]])[0])
    for unit in range(len(new.layout.units)):
        np.testing.assert_array_equal(new.world.offering[unit], old.world.offering[holder])
    old, new = before_and_after("customer", "functional")
    holder = int(np.unique(new.layout.pool_unit[new.layout.pool_of[1]])[0])
    mean = new.world.offering[holder]
    assert (mean >= old.world.offering.min(axis=0) - 1e-12).all()
    assert (mean <= old.world.offering.max(axis=0) + 1e-12).all()
    assert not np.allclose(mean, old.world.offering[0])


def test_money_follows_the_structure_in_force() -> None:
    """Heads, offerings and tools by the share of time; 160 h of pay for each who moves."""
    scenario = firm(reorganisation=AT | {"to": "customer", "at": "100 h", "budget_ratio": 0.5})
    prepared = prepare(scenario, "functional")
    result = simulate(prepared, 0)
    before, after = prepared.layout, result.layout
    fte = ledger.fte_cost(scenario)
    per_layout = [0.05 * one.offerings + 0.03 * one.tools for one in (before, after)]
    share = 100.0 / result.window_h
    assert result.metrics["cost_units"] == pytest.approx(
        fte * (share * per_layout[0] + (1 - share) * per_layout[1]))
    moved = float(result.totals["relocated"])
    assert result.totals["change_h"] == moved * 160.0 * 0.5
    years = result.window_h / 2080.0
    assert result.metrics["cost_change"] == pytest.approx(moved * 80.0 * 20.0 / years)
    assert result.past[0].until_h == 100.0 and result.past[0].layout is before


def test_taken_back_it_is_the_old_structure_again() -> None:
    scenario = firm(reorganisation={"to": "customer", "at": "100 h", "reverse_after": "60 h"})
    result = simulate(prepare(scenario, "functional"), 0)
    assert [stage.layout.structure for stage in result.past] == ["functional", "customer"]
    assert [stage.until_h for stage in result.past] == [100.0, 160.0]
    assert result.layout.structure == "functional"
    # Both times everybody moves: functions and segments share no pool.
    assert result.totals["relocated"] > 12


def test_stops_on_the_way_change_nothing() -> None:
    scenario = firm(reorganisation=AT | {"to": "customer"})
    prepared = prepare(scenario, "functional")
    whole, pieces = Simulation(prepared, 0), Simulation(prepared, 0)
    whole.run_to(whole.end_h)
    for until in (200.0, 269.9, 270.0, 270.0, 300.0, pieces.end_h):
        pieces.run_to(until)
    assert whole.result().totals == pieces.result().totals


def test_resistance_leads_more_astray_and_drag_slows() -> None:
    def run(**rules: Any) -> Any:
        plan = AT | {"to": "customer", "drag": 0.0, "misrouting": 0.2} | rules
        return simulate(prepare(firm(reorganisation=plan), "functional"), 0)

    calm, old, slow = run(), run(firm_age=100.0), run(drag=0.4)
    assert old.totals["astray"] > 1.5 * calm.totals["astray"] > 0
    assert slow.metrics["response_mean_h"] > calm.metrics["response_mean_h"]
    assert run(misrouting=0.0).totals["astray"] == 0


def test_no_plan_is_no_change() -> None:
    result = simulate(prepare(firm(), "functional"), 0)
    assert result.past == () and result.metrics["cost_change"] == 0.0
    assert result.metrics["astray_per_case"] == 0.0


def test_a_plan_beyond_the_horizon_or_for_nobody_is_refused() -> None:
    with pytest.raises(Exception, match=r"raise time\.horizon"):
        firm(reorganisation={"to": "customer", "at": "400 h"})
    with pytest.raises(Exception, match="is no structure"):
        firm(reorganisation={"to": "costumer", "at": "40 h"})


def test_people_with_a_licence_go_where_it_is_needed() -> None:
    """Six pools need a licensed weaver; with fewer weavers there is no such structure."""
    old, new = before_and_after(
        "functional", "customer",
        functions={"weave": {"work_h": 1.3, "offering": True, "front": True, "licensed": True}})
    weaves = old.world.pools["functions"] == 2
    weavers = weaves[old.world.people["pool"]]
    there = new.world.pools[new.world.people["pool"]]
    assert (there["licensed"] == 1).sum() >= 3
    assert weavers[there["licensed"] == 1].all()


def test_too_few_licences_are_said() -> None:
    scenario = load({
        "schema_version": 1, "name": "narrow", "customers": {"count": 60},
        "segments": {"a": {"share": 0.4}, "b": {"share": 0.3}, "c": {"share": 0.3}},
        "functions": {"f": {"work_h": 1.5}, "g": {"work_h": 0.05, "licensed": True}},
        "staff": {"heads": 6}, "time": {"warm_up": "40 h", "horizon": "200 h"},
        "reorganisation": {"to": "customer", "at": "50 h"},
    })
    with pytest.raises(InfeasibleStructure, match="licence"):
        simulate(prepare(scenario, "functional"), 0)


def test_a_journey_names_the_departments_of_its_time() -> None:
    from sim.experiment.follow import follow

    scenario = firm(reorganisation=AT | {"to": "customer", "misrouting": 1.0})
    steps = follow(scenario, 0, structures=["functional"]).steps["functional"]
    early = {step.department for step in steps if step.hours < 150.0}
    late = {step.department for step in steps if step.hours > 200.0}
    assert early <= {"", "spin", "weave", "sell"} and late <= {"", "alpha", "beta", "gamma"}
    assert any("astray" in step.event for step in steps)


def test_handles_follow_the_structure() -> None:
    from sim.model import Department, OrganisationModel

    model = OrganisationModel(firm(reorganisation=AT | {"to": "customer"}), "functional", rng=3)
    assert {unit.name for unit in model.agents_by_type[Department]} == {"spin", "weave", "sell"}
    model.run_all()
    assert {unit.name for unit in model.agents_by_type[Department]} == {"alpha", "beta", "gamma"}
    assert sum(unit.heads for unit in model.agents_by_type[Department]) == 12
