"""The Mesa model: the same numbers as the engine alone, and Mesa's own tools at work on it.

Warnings are errors here, so each test also says that Mesa finds nothing to warn about.
"""

from __future__ import annotations

import gc
import inspect
import warnings
import weakref
from typing import Any

import mesa
import numpy as np
import pytest

from sim.engine.arrays import CustomerStatus
from sim.engine.simulation import prepare, simulate
from sim.model import Customer, Department, Employee, Handle, OrganisationModel
from sim.records import RunResult
from sim.scenario import load
from sim.scenario.schema import Scenario

pytestmark = pytest.mark.slow  # without the compiler each run takes many seconds

WARM_UP, HORIZON = 4, 8
"""Weeks; a period is a week."""


def firm(**changes: Any) -> Scenario:
    """Eight people, 120 customers, turnover and much churn."""
    data: dict[str, Any] = {
        "schema_version": 1, "name": "small firm",
        "customers": {"count": 120, "cases_per_month": 3.0},
        "segments": {"mass": {"share": 0.7}, "firms": {"share": 0.3, "expectation": 0.75}},
        "products": {"loans": {}, "cards": {}},
        "functions": {"sell": {"work_h": 0.4}, "check": {"work_h": 0.4}},
        "staff": {"heads": 8, "span": 4, "quit_rate": 0.5},
        "market": {"churn_max": 0.6},
        "time": {"warm_up": f"{WARM_UP} weeks", "horizon": f"{HORIZON} weeks"},
    }
    return load(data | changes)


def model(structure: str = "functional", rng: int = 5, **changes: Any) -> OrganisationModel:
    return OrganisationModel(firm(**changes), structure=structure, rng=rng)


def same(a: RunResult, b: RunResult) -> None:
    """Two outcomes are equal, bit for bit."""
    assert a.metrics == b.metrics
    assert a.heads.tolist() == b.heads.tolist()
    for mine, other in ((a.totals, b.totals), (a.segments, b.segments), (a.units, b.units),
                        *((a.series[key], b.series[key]) for key in a.series)):
        assert np.array(mine).tobytes() == np.array(other).tobytes()
    assert a.customers.satisfaction_sum.tobytes() == b.customers.satisfaction_sum.tobytes()


@pytest.mark.parametrize("structure", ["functional", "customer"])
def test_stepping_gives_the_engines_numbers(structure: str) -> None:
    """Period by period, with every handle looked at, or in one go: the same bits."""
    alone = simulate(prepare(firm(), structure, seed=5), 0)
    stepped = model(structure)
    while stepped.running:
        stepped.step()
        stepped.agents_by_type[Employee].get("knowledge")
    assert stepped.steps == WARM_UP + HORIZON
    same(stepped.result(), alone)
    same(model(structure).run_all(), alone)


def test_pause_and_continue_is_the_whole_run() -> None:
    whole = model().run_all()
    paused = model()
    for _ in range(WARM_UP + 1):
        paused.step()
    with pytest.raises(RuntimeError, match="not finished"):
        paused.result()
    same(paused.run_all(), whole)
    assert not paused.running


def test_each_step_is_a_period_and_the_last_is_the_horizon() -> None:
    stepped = model()
    for week in range(1, WARM_UP + HORIZON + 1):
        assert stepped.running
        stepped.step()
        assert stepped.hours == pytest.approx(40.0 * week)
        assert stepped.measured_hours == pytest.approx(40.0 * (week - WARM_UP))
    assert not stepped.running
    with pytest.raises(ValueError, match="horizon"):
        stepped.step()


def test_without_warm_up_every_step_takes_time() -> None:
    stepped = model(time={"warm_up": "0 weeks", "horizon": "3 weeks"})
    hours = []
    while stepped.running:
        stepped.step()
        hours.append(stepped.hours)
    assert hours == [40.0, 80.0, 120.0]


def test_luck_is_the_seed_and_the_replication() -> None:
    first = model(rng=5).run_all()
    assert model(rng=6).run_all().metrics != first.metrics
    again = OrganisationModel(firm(), rng=5, replication=1).run_all()
    assert again.metrics != first.metrics
    same(again, simulate(prepare(firm(), "functional", seed=5), 1))


def test_a_shipped_name_is_a_scenario() -> None:
    named = OrganisationModel("family_firm")
    named.step()
    assert named.inputs.name == load("family_firm").name
    assert named.structure == "functional"


# --- handles -----------------------------------------------------------------------------------

def handles_of(owner: OrganisationModel) -> list[Handle]:
    """Handles of a model that are in memory."""
    gc.collect()
    return [thing for thing in gc.get_objects()
            if isinstance(thing, Handle) and thing.model is owner]


def active(owner: OrganisationModel) -> set[int]:
    return set(np.flatnonzero(
        owner.world.customers["status"] == CustomerStatus.ACTIVE).tolist())


def test_handles_are_made_when_asked_for_and_not_before() -> None:
    stepped = model()
    stepped.step()
    assert handles_of(stepped) == []
    made = stepped.agents_by_type
    assert set(made) == {Customer, Employee, Department}
    assert len(made[Customer]) == 120 and len(made[Employee]) == 8 and len(made[Department]) == 2
    assert len(stepped.agents) == len(handles_of(stepped)) == 130


def test_handles_follow_the_rows() -> None:
    """Customers who leave lose their handle at the next look; those who join get one."""
    stepped = model()
    before = {agent.row: agent for agent in stepped.agents_by_type[Customer]}
    while stepped.running:
        stepped.step()
    gone = before.keys() - active(stepped)
    joined = active(stepped) - before.keys()
    assert gone and joined
    after = {agent.row: agent for agent in stepped.agents_by_type[Customer]}
    assert after.keys() == active(stepped)
    assert len(after) == stepped.active_customers
    for row in before.keys() & after.keys():
        assert after[row] is before[row], "a customer keeps the handle"
    leaver = weakref.ref(before[min(gone)])
    del before
    gc.collect()
    assert leaver() is None


def test_a_handle_reads_the_row_and_keeps_nothing() -> None:
    stepped = model()
    customer = next(iter(stepped.agents_by_type[Customer]))
    own = set(vars(customer))
    for _ in range(WARM_UP):
        stepped.step()
    row = stepped.world.customers[customer.row]
    assert customer.cases == row["arrivals"] > 0
    assert customer.loyalty == row["loyalty"]
    assert customer.segment in stepped.inputs.segments
    row["loyalty"] = 0.123
    assert customer.loyalty == 0.123
    assert set(vars(customer)) == own
    assert own - set(vars(mesa.Agent(mesa.Model(rng=1)))) == {"row"}


def test_handles_say_what_the_tables_say() -> None:
    """Every public word of every handle has a value that fits the whole."""
    stepped = model()
    for _ in range(WARM_UP + 2):
        stepped.step()
    kinds = stepped.agents_by_type
    for kind, agents in kinds.items():
        words = [name for name, value in vars(kind).items() if isinstance(value, property)]
        assert words
        for agent in agents:
            for word in words:
                getattr(agent, word)
    units = kinds[Department]
    assert sum(unit.heads for unit in units) == 8
    posts = kinds[Employee]
    assert sum(post.state == "busy" for post in posts) == sum(unit.busy for unit in units)
    assert {post.department for post in posts} == {unit.name for unit in units}
    for post in posts:
        assert all(0.0 <= level <= 1.0 for level in post.knowledge.values())
    for customer in kinds[Customer]:
        assert customer.satisfaction is None or 0.0 <= customer.satisfaction <= 100.0


# --- Mesa's tools ------------------------------------------------------------------------------

def test_agent_sets_can_be_asked() -> None:
    stepped = model()
    for _ in range(WARM_UP):
        stepped.step()
    customers = stepped.agents_by_type[Customer]
    loyal = customers.select(lambda agent: agent.loyalty > 0.5)
    assert 0 < len(loyal) <= len(customers)
    assert len(customers.get("loyalty")) == len(customers)
    mean = customers.agg("loyalty", np.mean)
    assert mean == pytest.approx(stepped.world.customers["loyalty"][sorted(active(stepped))].mean())
    groups = customers.groupby("segment")
    assert {name for name, _ in groups} == {"mass", "firms"}


def test_data_collectors_collect() -> None:
    """A user's own collector, over the model, all handles of a class, and the built-in one."""
    stepped = model()
    own = mesa.DataCollector(
        model_reporters={"open": "open_cases", "satisfaction": lambda m: m.satisfaction},
        agenttype_reporters={Department: {"waiting": "waiting", "heads": lambda a: a.heads}},
    )
    opened = []
    for _ in range(3):
        stepped.step()
        own.collect(stepped)
        opened.append(stepped.open_cases)
    frame = own.get_model_vars_dataframe()
    assert frame["open"].tolist() == opened
    units = own.get_agenttype_vars_dataframe(Department)
    assert len(units) == 3 * 2
    assert units.groupby(level=0)["heads"].sum().tolist() == [8, 8, 8]
    built_in = stepped.datacollector.get_model_vars_dataframe()
    assert built_in["open_cases"].tolist() == frame["open"].tolist()


def test_collecting_costs_no_handles() -> None:
    stepped = model()
    stepped.step()
    assert len(stepped.datacollector.get_model_vars_dataframe()) == 1
    assert handles_of(stepped) == []


@pytest.mark.parametrize("given", [{}, {"rng": 7}], ids=["default seed", "seed given"])
def test_batch_run_gives_the_engines_numbers(given: dict[str, int]) -> None:
    """Mesa's own sweep, its deprecation warnings aside; two calls differ between its versions."""
    structures = ["functional", "customer"]
    parameters: dict[str, Any] = {"scenario": [firm()], "structure": structures}
    options: dict[str, Any] = {"display_progress": False, "max_steps": 500}
    if "rng" in inspect.signature(mesa.batch_run).parameters:
        options |= given
    else:
        parameters |= given
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        rows = mesa.batch_run(OrganisationModel, parameters, **options)
    assert [row["structure"] for row in rows] == structures
    for row in rows:
        alone = OrganisationModel(firm(), row["structure"], rng=given.get("rng", 3))
        alone.run_all()
        assert row["satisfaction"] == alone.satisfaction
        assert row["response_h"] == alone.response_h
        assert row["open_cases"] == alone.open_cases
        assert row["active_customers"] == alone.active_customers


@pytest.mark.parametrize("looked_at", [False, True], ids=["never looked at", "handles made"])
def test_a_finished_model_is_freed(looked_at: bool) -> None:
    """Mesa 3.3 keeps every model with agents in a table of counters: ours leaves it."""
    stepped = model()
    kept = weakref.ref(stepped)
    while stepped.running:
        stepped.step()
        if looked_at:
            assert len(stepped.agents) > 8
    arrays = weakref.ref(stepped.world.customers)
    del stepped
    gc.collect()
    assert kept() is None
    assert arrays() is None


def test_identities_stay_unique_while_customers_come_and_go() -> None:
    stepped = model()
    seen: dict[int, tuple[type, int]] = {}
    while stepped.running:
        stepped.step()
        for agent in stepped.agents:
            who = (type(agent), agent.row)
            assert seen.setdefault(agent.unique_id, who) == who
    assert len(set(seen.values())) == len(seen)
