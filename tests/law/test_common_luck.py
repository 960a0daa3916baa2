"""Common random numbers: what one part of the world does changes nobody else's luck."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.engine.simulation import PILOT_REPLICATION, prepare, simulate
from sim.records import RunResult
from sim.scenario.schema import Scenario
from tests.law.outcome import firm, outcome

pytestmark = pytest.mark.slow  # without the compiler each run takes many seconds

STRUCTURES = ("functional", "product", "customer", "regional", "front-back", "mixed")


def log(scenario: Scenario, structure: str = "functional", **options: Any) -> Any:
    """Cases of a run, ordered by customer and number."""
    rows = simulate(prepare(scenario, structure, **options), 0, case_log=True).case_log
    assert rows is not None
    return rows[np.lexsort((rows["number"], rows["customer"]))]


def brought(rows: Any) -> dict[tuple[int, int], tuple[float, int, int]]:
    """What each case is when it comes in, whatever becomes of it."""
    return {(int(r["customer"]), int(r["number"])):
            (float(r["opened"]), int(r["type"]), int(r["segment"])) for r in rows}


PLENTY: dict[str, dict[str, Any]] = {
    # So many people that nobody waits, the next person is always another one, and nobody learns:
    # what happens to a case is then its own luck alone.
    "staff": {"heads": 90, "quit_rate": 0.0, "rebalance": False},
    "knowledge": {"learning": False},
    "handoffs": {"familiarity_effect": 0.0},
    "offering": {"mode": "label_centre"},
    "mistakes": {"base": 0.2},
    "satisfaction": {"expectation_start": "given"},
    "market": {"churn_max": 0.0},
}


def test_one_more_customer_changes_nobody_elses_luck() -> None:
    """Type, work, errors, finds, delays, satisfaction: each case to the last bit but one.

    Times are differences of clock readings, hence the tolerance of 1e-9 h.
    """
    mine = log(firm(**PLENTY, customers={"count": 120}))
    others = log(firm(**PLENTY, customers={"count": 121}))
    stranger = others["customer"] == 120
    assert stranger.sum() > 2
    others = others[~stranger]
    assert len(mine) == len(others)
    assert max(mine["queue"]) == 0.0
    assert mine["reopenings"].sum() > 20
    for name in mine.dtype.names:
        np.testing.assert_allclose(mine[name], others[name], rtol=0, atol=1e-9, err_msg=name)


def test_another_structure_changes_no_arrival() -> None:
    seen = [brought(log(firm(market={"churn_max": 0.0}), name)) for name in STRUCTURES]
    common = set.intersection(*(set(s) for s in seen))
    assert len(common) > 0.8 * max(len(s) for s in seen)
    for other in seen[1:]:
        assert all(other[case] == seen[0][case] for case in common)


def test_another_structure_changes_no_arrival_count() -> None:
    results = [simulate(prepare(firm(market={"churn_max": 0.0}), name), 3) for name in STRUCTURES]
    first = results[0].series["totals"]["arrivals"]
    assert first.sum() > 100
    for other in results[1:]:
        assert np.array_equal(other.series["totals"]["arrivals"], first)


def test_another_head_changes_no_arrival() -> None:
    a, b = brought(log(firm(), heads=12)), brought(log(firm(), heads=13))
    both = {case for case in set(a) & set(b) if case[0] < 120}  # when others join is earned
    assert len(both) > 100
    assert all(a[case] == b[case] for case in both)


def test_a_changed_rate_keeps_the_coupling() -> None:
    """Errors of the rarer kind are among those of the commoner kind: one uniform, one inverse."""
    rare = log(firm(**PLENTY | {"mistakes": {"base": 0.05}}))
    common = log(firm(**PLENTY | {"mistakes": {"base": 0.2}}))
    again = {(r["customer"], r["number"]) for r in common if r["reopenings"] > 0}
    seen = [(r["customer"], r["number"]) in again for r in rare if r["reopenings"] > 0]
    assert len(seen) > 10
    # A find inside may spare the customer one that the firm would else have missed.
    assert np.mean(seen) > 0.75


@pytest.fixture(scope="module")
def alone() -> RunResult:
    return simulate(prepare(firm(), "customer"), 4, case_log=True)


def test_other_replications_change_nothing(alone: RunResult) -> None:
    prepared = prepare(firm(), "customer")
    many = [simulate(prepared, r, case_log=True) for r in range(6)]
    assert outcome(many[4]) == outcome(alone)
    assert len({outcome(r)["case_log"] for r in many}) == 6


def test_the_pilot_is_no_replication(alone: RunResult) -> None:
    pilot = simulate(prepare(firm(), "customer"), PILOT_REPLICATION, case_log=True)
    assert outcome(pilot)["case_log"] != outcome(alone)["case_log"]


def test_another_seed_is_another_world(alone: RunResult) -> None:
    other = simulate(prepare(firm(), "customer"), 4, seed=12, case_log=True)
    assert outcome(other)["case_log"] != outcome(alone)["case_log"]
