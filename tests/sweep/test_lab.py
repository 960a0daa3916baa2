"""Runs on demand: what was run is not run again, luck is paired, failures are rows."""

from __future__ import annotations

import pytest

from sim.errors import InputError
from sim.experiment.replications import default_engine
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.sweep.lab import Ask, Lab, settings
from tests.experiment.fake import FakeEngine, world

HEADS = settings({"staff.heads": 14})


@pytest.fixture
def firm() -> Scenario:
    return load(world(), set={"time.horizon": "200 h", "time.warm_up": "50 h",
                              "customers.count": 40})


def test_a_row_is_run_once_and_in_the_order_asked(firm: Scenario) -> None:
    engine = FakeEngine()
    lab = Lab(firm, engine=engine, jobs=1)
    asked = [Ask("functional", 1), Ask("product", 0), Ask("functional", 0)]
    assert [row.ask for row in lab.rows(asked)] == asked
    again = lab.rows([*asked, Ask("product", 1)])
    assert [row.ask for row in again] == [*asked, Ask("product", 1)]
    assert sorted((s, r) for s, _, r in engine.calls) == [
        ("functional", 0), ("functional", 1), ("product", 0), ("product", 1)]
    assert lab.runs == 4


def test_settings_make_another_world_with_the_same_luck(firm: Scenario) -> None:
    """The rows equal those of a lab whose scenario is the changed one."""
    engine = default_engine()
    here = Lab(firm, engine=engine).rows([Ask("functional", r, HEADS) for r in range(2)])
    there = Lab(load(firm, set=dict(HEADS)), engine=engine).rows(
        [Ask("functional", r) for r in range(2)])
    assert [row.metrics for row in here] == [row.metrics for row in there]
    assert here[0].metrics != here[1].metrics


def test_the_number_of_threads_changes_nothing(firm: Scenario) -> None:
    asked = [Ask(s, r) for r in range(3) for s in ("functional", "product")]
    alone, both = (Lab(firm, jobs=jobs).rows(asked) for jobs in (1, 2))
    assert [row.metrics for row in alone] == [row.metrics for row in both]


def test_failures_and_infeasible_structures_are_rows(firm: Scenario) -> None:
    engine = FakeEngine(broken={("functional", 1): ValueError("no"),
                                ("product", -1): RuntimeError("not prepared")})
    lab = Lab(firm, engine=engine)
    rows = lab.rows([Ask("functional", 0), Ask("functional", 1), Ask("product", 0),
                     Ask("customer", 0, (), 1)])
    assert [row.status for row in rows] == ["ok", "failed", "failed", "infeasible"]
    assert rows[1].message == "ValueError: no"
    assert rows[2].message == "RuntimeError: not prepared"
    assert rows[3].message
    assert not rows[3].finished and rows[0].value("satisfaction") > 0


def test_a_setting_that_makes_no_sense_is_the_users_fault(firm: Scenario) -> None:
    with pytest.raises(InputError, match="heads"):
        Lab(firm).rows([Ask("functional", 0, settings({"staff.heds": 3}))])


def test_more_designs_than_are_kept_are_all_run(firm: Scenario) -> None:
    asked = [Ask("functional", r, (), heads) for heads in range(4, 304) for r in range(2)]
    lab = Lab(firm, engine=FakeEngine(), jobs=1)
    assert [row.ask for row in lab.rows(asked)] == asked
