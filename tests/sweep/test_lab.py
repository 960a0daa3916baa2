"""Runs on demand: what was run is not run again, luck is paired, failures are rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.errors import InputError
from sim.experiment.replications import default_engine
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.sweep.design import designed
from sim.sweep.lab import KEPT_TOGETHER, Ask, Lab, settings
from sim.sweep.run import sweep
from tests.experiment.fake import FakeEngine, world
from tests.sweep.quick import PLAN, Quick

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


def test_rows_outlive_the_laboratory(firm: Scenario, tmp_path: Path) -> None:
    """Asked again in the same folder nothing is run, and every row is the same."""
    asked = [Ask(s, r, changed, heads) for s in ("functional", "product") for r in range(3)
             for changed in ((), HEADS) for heads in (None, 9)]
    first = Lab(firm, engine=FakeEngine(growth={"product": 50.0}), folder=tmp_path)
    before = first.rows(asked)
    engine = FakeEngine()
    again = Lab(firm, engine=engine, folder=tmp_path)
    after = again.rows(asked)
    assert engine.calls == [] and again.recalled == len(asked)
    assert [row.status for row in after] == [row.status for row in before]
    for old, new in zip(before, after, strict=True):
        assert {id: v for id, v in old.metrics.items() if v is not None} == {
            id: v for id, v in new.metrics.items() if v is not None}
    assert Lab(firm, seed=5, engine=engine, folder=tmp_path).rows(asked[:1])
    assert len(engine.calls) == 1


def test_failed_runs_are_tried_again_and_infeasible_ones_are_not(
    firm: Scenario, tmp_path: Path
) -> None:
    asked = [Ask("functional", 0), Ask("functional", 1), Ask("customer", 0, (), 1)]
    sick = FakeEngine(broken={("functional", 1): ValueError("no")})
    Lab(firm, engine=sick, folder=tmp_path).rows(asked)
    well = FakeEngine()
    rows = Lab(firm, engine=well, folder=tmp_path).rows(asked)
    assert [row.status for row in rows] == ["ok", "ok", "infeasible"]
    assert [(s, r) for s, _, r in well.calls] == [("functional", 1)]
    assert rows[2].message


def test_a_question_killed_on_the_way_goes_on(firm: Scenario, tmp_path: Path) -> None:
    """The engine stops the process's work after 50 runs: those written are not run again."""
    class Enough(BaseException):
        """As a kill: nothing catches it."""

    class Stops(FakeEngine):
        def simulate(self, *args: Any, **more: Any) -> Any:
            if len(self.calls) >= 50:
                raise Enough
            return super().simulate(*args, **more)

    asked = [Ask("functional", r) for r in range(80)]
    with pytest.raises(Enough):
        Lab(firm, jobs=1, engine=Stops(), folder=tmp_path).rows(asked)
    engine = FakeEngine()
    rows = Lab(firm, engine=engine, folder=tmp_path).rows(asked)
    assert len(rows) == 80 and len(engine.calls) == 80 - KEPT_TOGETHER
    whole = Lab(firm, engine=FakeEngine()).rows(asked)
    assert [row.value("satisfaction") for row in rows] == [
        row.value("satisfaction") for row in whole]


def test_a_sweep_s_runs_are_found(tmp_path: Path) -> None:
    """A question in the folder of a sweep runs what the sweep has not, and leaves it as it is."""
    plan = PLAN | {"metrics": [], "set": {"staff.heads": 7}, "replications": 2}
    with ThreadPoolExecutor(1) as pool:
        sweep(designed(plan), tmp_path, jobs=1, executor=pool, engine=Quick())
    before = {p: p.read_bytes() for p in (tmp_path / "parts").iterdir()}
    lab = Lab(load("family_firm", set={"staff.heads": 7}), engine=Quick(), folder=tmp_path)
    point = settings({"needs.segment_share": 0.3, "market.churn_max": 0.05})
    found = lab.replications(["functional", "customer"], 3, point)
    assert lab.recalled == 4 and len(found["customer"]) == 3
    assert {p: p.read_bytes() for p in (tmp_path / "parts").iterdir()} == before
    table = pd.read_parquet(tmp_path / "runs.parquet").set_index(
        ["needs.segment_share", "market.churn_max", "structure", "replication"])
    for row in found["customer"][:2]:
        here = table.loc[(0.3, 0.05, "customer", row.ask.replication)]
        assert here["satisfaction"] == row.value("satisfaction")
