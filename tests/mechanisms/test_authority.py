"""Who may decide, who has two bosses, who has to travel (M19, M26, M28), and internal service.

Formulas against numbers by hand, neutral values against off bit by bit, and the direction each
pushes in a firm of twelve.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.accounting import ledger
from sim.behaviours import empowerment, internal_service
from sim.engine import simulation
from sim.engine.simulation import prepare, simulate
from sim.errors import InfeasibleStructure, InputError
from sim.jit import plain
from sim.metrics.registry import METRICS
from sim.records import RunResult
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.structures import build, workload
from sim.structures.second import joined, pool_distances
from tests.reference.twin_worlds import BASE, merged

SHORT: dict[str, Any] = {"time": {"warm_up": "40 h", "horizon": "160 h"}}


@pytest.fixture(autouse=True)
def short_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rule, a shorter pilot."""
    monkeypatch.setattr(simulation, "PILOT_HOURS", 60.0)


def firm(**over: Any) -> Scenario:
    """The twin's firm of twelve, with some values replaced."""
    return load(merged(BASE, over))


def run(scenario: Scenario, structure: str = "functional") -> RunResult:
    """One replication."""
    return simulate(prepare(scenario, structure), 0)


def same_run(a: RunResult, b: RunResult) -> bool:
    """The same bits of all sums and metrics."""
    return (a.totals.tobytes() == b.totals.tobytes() and a.metrics == b.metrics
            and a.segments.tobytes() == b.segments.tobytes())


# --- M19 ----------------------------------------------------------------------------------------

def test_formulas_of_empowerment() -> None:
    """0.2 (1 - a); (1 - 0.25 a)^2; 1 in the head's team, 2 in another, +1 per further approval."""
    assert empowerment.approval_probability(0.2, 0.25) == pytest.approx(0.15)
    assert empowerment.approval_probability(0.2, 1.0) == 0.0
    assert empowerment.gap_kept(0.25, 0.0) == 1.0
    assert empowerment.gap_kept(0.25, 1.0) == pytest.approx(0.5625)
    approver = plain(empowerment.approver_distance)
    assert [approver(True, 0.0), approver(False, 0.0), approver(False, 2.0)] == [1.0, 2.0, 4.0]


def test_exhaustion_only_where_somebody_is_empowered() -> None:
    """1 + 0.3 a (F86)."""
    assert firm().empowerment.exhaustion_factor == 1.0
    on = firm(empowerment={"enabled": True, "level": 0.5})
    assert on.empowerment.exhaustion_factor == pytest.approx(1.15)


def test_what_is_given_away() -> None:
    """a 1/2, u 0: 1% of adapted and 5% of all cases of value 1800/28.8 and 3000/(28.8 x 1.5)."""
    scenario = firm(empowerment={"enabled": True, "understanding": 0.0},
                    segments={"b": {"value": 3000.0}})
    values = ledger.case_values(scenario)
    assert values[:2] == pytest.approx([62.5, 69.4444], abs=1e-3)
    parts = np.array([(10.0, 20.0), (4.0, 4.0), (0.0, 0.0)],
                     dtype=[("adapted", "f8"), ("closed", "f8")])
    assert ledger.given_away(scenario, parts) == pytest.approx(
        62.5 * (0.1 + 1.0) + 69.4444 * (0.04 + 0.2), rel=1e-4)
    assert ledger.given_away(firm(), parts) == 0.0


def test_neutral_empowerment_is_off() -> None:
    """No approvals, no adaptation, nothing given away: the bits of a firm without the module."""
    neutral = firm(empowerment={"enabled": True, "level": 1.0, "adaptation": 0.0,
                                "adaptation_work": 0.0, "concession": 0.0, "leakage": 0.0},
                   **SHORT)
    on, off = run(neutral), run(firm(**SHORT))
    assert float(on.segments["adapted"].sum()) > 0
    on.segments["adapted"] = 0.0
    assert same_run(on, off)
    assert same_run(off, run(firm(empowerment={"level": 0.9, "approvals": 5}, **SHORT)))


@pytest.mark.slow
def test_direction_of_empowerment() -> None:
    """Nobody empowered waits for bosses; the empowered adapt, give away, and work longer."""
    none, half, full = (run(firm(empowerment={"enabled": True, "level": a}))
                        for a in (0.0, 0.5, 1.0))
    waits = [r.metrics["approval_h"] for r in (none, half, full)]
    assert waits[0] > waits[1] > waits[2] == 0.0  # type: ignore[operator]
    assert none.metrics["transfer_h"] > full.metrics["transfer_h"]  # type: ignore[operator]
    assert none.metrics["fit"] < half.metrics["fit"] < full.metrics["fit"]  # type: ignore[operator]
    assert none.metrics["cost_empowerment"] == 0.0
    assert 0 < half.metrics["cost_empowerment"] < full.metrics["cost_empowerment"]  # type: ignore[operator]
    assert full.totals["busy"] > none.totals["busy"]
    more = run(firm(empowerment={"enabled": True, "level": 0.0, "approvals": 3}))
    assert more.metrics["approval_h"] > 2 * waits[0]  # type: ignore[operator]
    parts = sum(more.metrics[k] for k in ("touch_h", "queue_h", "transfer_h", "rework_h"))  # type: ignore[misc]
    assert parts == pytest.approx(more.metrics["response_mean_h"], rel=1e-9)


def test_broad_jobs_are_roles_of_neighbours() -> None:
    """Two functions a role, licensed ones alone; a structure's own roles stand."""
    assert build(firm(work={"job_breadth": 2}), "functional").pools == ("f", "g", "h")
    layout = build(firm(work={"job_breadth": 2}), "customer")
    assert layout.pool_functions.tolist() == [0b011, 0b100] * 3
    alone = firm(work={"job_breadth": 3}, functions={"g": {"licensed": True}})
    assert build(alone, "customer").pool_functions.tolist()[:3] == [0b001, 0b010, 0b100]
    assert build(firm(work={"job_breadth": 2}), "pairs").pool_functions.tolist()[:2] == [0b101, 2]


# --- M26 ----------------------------------------------------------------------------------------

def test_a_second_tree_as_tables() -> None:
    """Functions, and a boss per segment: every pool works for all of them."""
    scenario = firm()
    layout = build(scenario, "matrix")
    assert layout.units == ("f", "g", "h") and layout.second_units == ("a", "b", "c")
    assert layout.pool_second is not None and layout.pool_second.all()
    heads = np.array([4, 5, 3], np.int32)
    assert np.array_equal(pool_distances(layout, heads, 4), np.ones((3, 3)))  # 12 / 3 people
    assert np.array_equal(pool_distances(layout, heads, 3), np.full((3, 3), 2.0))
    assert build(scenario, "functional").second_units == ()
    assert ledger.head_posts(layout, 0.5) == ledger.head_posts(build(scenario, "functional"),
                                                               0.5) + 3


def test_pools_of_different_second_bosses_are_apart() -> None:
    """Products, and a boss per function: the same function is at 2, another at 3."""
    own = {"mine": {"group": {"rest": "product"}, "second": {"rest": "function"}}}
    layout = build(firm(structures=own), "mine")
    found = pool_distances(layout, np.full(6, 2, np.int32), 3)
    assert found[0].tolist() == [2.0, 3.0, 3.0, 2.0, 3.0, 3.0]
    assert found[0, 0] == 2.0 and np.array_equal(found, found.T)


def test_a_firm_of_one_team_has_one_boss() -> None:
    layout = build(firm(staff={"span": 12}), "matrix")
    assert layout.second_units == () and "left out" in layout.notes[-1]


def test_matrix_by_product_where_there_is_one_segment() -> None:
    one = dict(BASE, segments={"all": {"share": 1.0}})
    assert build(load(one), "matrix").second_units == ("x", "y")
    with pytest.raises(InfeasibleStructure, match="only one segment and one product"):
        build(load(dict(one, products={"x": {}})), "matrix")


def test_the_key_account_preset_is_a_unit_and_its_liaisons() -> None:
    """Front and offering for the most valuable segment; joined with every other unit."""
    scenario = firm(segments={"c": {"value": 9000.0}})
    layout = build(scenario, "key-account")
    assert layout.units == ("key accounts", "f", "g", "h")
    assert layout.pools[:2] == ("key accounts: f", "key accounts: g")
    assert layout.pool_of[:, 0, 2, 0].tolist() == [0, 1, 4]
    assert layout.pool_of[:, 0, 0, 0].tolist() == [2, 3, 4]
    links = joined(layout)
    assert links[0].tolist() == [False, True, True, True] and not links[1:, 1:].any()
    with pytest.raises(InfeasibleStructure, match="worth more"):
        build(firm(), "key-account")


def test_half_distances_count_as_the_next_whole_one() -> None:
    """Functional: 3 between units. A second boss: min(3, 1) + 0.5; a liaison role: 1.5."""
    apart = workload(firm(), build(firm(), "functional")).handoffs_by_distance[0]
    second = workload(firm(), build(firm(), "matrix")).handoffs_by_distance[0]
    own = {"linked": {"group": {"rest": "function"}, "liaisons": [["g", "f", "h"]]}}
    linked = firm(structures=own)
    joint = workload(linked, build(linked, "linked")).handoffs_by_distance[0]
    total = apart.sum()
    assert apart[3] == pytest.approx(total)
    assert second[2] == pytest.approx(total) and joint[2] == pytest.approx(total)
    less = firm(structures=own, matrix={"liaison_distance": 0.5})
    assert workload(less, build(less, "linked")).handoffs_by_distance[0][1] == pytest.approx(total)


def test_faults_of_second_trees_and_liaisons_are_named() -> None:
    with pytest.raises(InputError, match="no grouping key"):
        firm(structures={"m": {"group": {"rest": "function"}, "second": {"rest": "segmant"}}})
    with pytest.raises(InputError, match="at least two units"):
        firm(structures={"m": {"group": {"rest": "function"}, "liaisons": [["f"]]}})
    wrong = firm(structures={"m": {"group": {"rest": "function"}, "liaisons": [["f", "gg"]]}})
    with pytest.raises(InputError, match="there is no unit 'gg'"):
        build(wrong, "m")


def test_a_second_tree_without_effect_is_none() -> None:
    """Nothing added, no meetings, no clash, and a second tree that is no shorter: the same bits
    (but for the pay of its heads, which is 0 here)."""
    own = {"plain": {"group": {"rest": "product"}},
           "twice": {"group": {"rest": "product"}, "second": {"rest": "product"}}}
    neutral = firm(structures=own, money={"head_factor": 0.0},
                   matrix={"added_distance": 0.0, "coordination_h": 0.0, "clash": False},
                   staff={"span": 2, "heads": 18}, **SHORT)
    a, b = run(neutral, "plain"), run(neutral, "twice")
    assert a.totals["closed"] > 50
    assert same_run(a, b)


@pytest.mark.slow
def test_direction_of_second_bosses_and_liaisons() -> None:
    """Shorter hand-offs for meeting hours and heads; liaison roles cost posts of the line."""
    slow = {"latency_h": 2.0, "information_loss": 0.08}
    own = {"linked": {"group": {"rest": "function"}, "liaisons": [["g", "f", "h"]]}}
    scenario = firm(handoffs=slow, structures=own, staff={"heads": 16})
    plain_, matrix, linked = (run(scenario, name) for name in ("functional", "matrix", "linked"))
    for better in (matrix, linked):
        assert better.metrics["transfer_h"] < plain_.metrics["transfer_h"]  # type: ignore[operator]
        assert better.metrics["internal_service"] > plain_.metrics["internal_service"]  # type: ignore[operator]
        assert better.metrics["cost_heads"] > plain_.metrics["cost_heads"]  # type: ignore[operator]
    share = matrix.metrics["coordination_share"]
    assert share == pytest.approx(1.5 / 40 * matrix.metrics["utilisation"], rel=0.02)  # type: ignore[operator]
    assert plain_.metrics["coordination_share"] == 0.0
    # Three units of at most a few people above `span` 4: (16 / 4 teams) / 4 of a post.
    teams = sum(max(n / 4, 1.0) for n in (linked.heads if linked.heads is not None else ()))
    posts = float(linked.totals["liaisons"]) / linked.window_h
    assert posts == pytest.approx(teams / 4, rel=0.25)


@pytest.mark.slow
def test_clash_makes_waits_uneven_not_longer() -> None:
    """A coin between two bosses moves no work: the mean wait stays, the long waits grow."""
    busy = {"customers": {"cases_per_month": 3.2}, "time": {"horizon": "2000 h"}}
    with_, without = (run(firm(matrix={"clash": on}, **busy), "matrix") for on in (True, False))
    tail = [r.metrics["response_p99_h"] / r.metrics["response_p50_h"]  # type: ignore[operator]
            for r in (with_, without)]
    assert tail[0] > tail[1]
    assert with_.metrics["queue_h"] == pytest.approx(without.metrics["queue_h"], rel=0.2)


# --- M28 ----------------------------------------------------------------------------------------

PLACES: dict[str, Any] = {
    "regions": {"n": {"share": 0.6}, "s": {"share": 0.4}},
    "functions": {"h": {"presence": True}},
    "staff": {"heads": 16},
}


def test_journeys_of_no_length_are_none() -> None:
    there = firm(**PLACES, travel={"enabled": True, "inside_h": 0.0, "across_h": 0.0}, **SHORT)
    assert same_run(run(there), run(firm(**PLACES, **SHORT)))


@pytest.mark.slow
def test_units_by_region_travel_less() -> None:
    """By region all journeys are inside (0.5 h); people from anywhere go across now and then."""
    scenario = firm(**PLACES | {"staff": {"heads": 24, "rebalance": False}},
                    travel={"enabled": True}, mistakes={"enabled": False},
                    customers={"second_product": 0.0})
    near, far = run(scenario, "regional"), run(scenario, "functional")
    assert near.metrics["travel_h"] == pytest.approx(0.5, rel=0.15)
    # Shares 0.6 and 0.4 of homes and customers: 0.52 inside, 0.48 across.
    assert far.metrics["travel_h"] == pytest.approx(0.52 * 0.5 + 0.48 * 3.0, rel=0.2)
    assert near.metrics["touch_h"] < far.metrics["touch_h"]  # type: ignore[operator]


# --- internal service, the order cycle, controls ----------------------------------------------

def test_formula_of_internal_service() -> None:
    """(I + 2^(-delay / T)) / 2: I 0.9, 8 h of 8 h: 0.7; at once and complete: 1."""
    score = plain(internal_service.internal_service)
    assert score(0.9, 8.0, 8.0) == pytest.approx(0.7)
    assert score(1.0, 0.0, 8.0) == 1.0
    assert score(0.0, math.inf, 8.0) == 0.0


def test_internal_service_by_pair_of_units() -> None:
    """Sums by pair: f gives to g, g to h; nobody gives to itself; the score lies between."""
    result = run(firm(**SHORT))
    got = result.service
    assert got is not None
    assert got["n"][0, 1] > 20 and got["n"][1, 2] > 20 and np.diagonal(got["n"]).sum() == 0
    assert got["n"].sum() == pytest.approx(result.totals["received"], abs=2)
    worst = 100 * (got["information"].sum() / got["n"].sum())
    assert 0 < result.metrics["internal_service"] < 50 + worst / 2 + 1e-9  # type: ignore[operator]
    assert run(firm(**SHORT), "undivided").metrics["internal_service"] is None


def test_generalists_know_the_order_cycle() -> None:
    known = {name: run(firm(**SHORT), name).metrics["order_cycle_knowledge"]
             for name in ("functional", "undivided")}
    assert known["functional"] == pytest.approx(0.3, abs=0.1)
    assert known["undivided"] > known["functional"] + 0.2  # type: ignore[operator]


def test_controls_of_explanations() -> None:
    """Without waiting nobody queues for the customer; one offering fits alike everywhere."""
    calm = run(firm(satisfaction={"waiting": False}, **SHORT))
    assert calm.metrics["queue_h"] == 0.0
    real = run(firm(**SHORT))
    assert calm.totals["busy"] == pytest.approx(real.totals["busy"], rel=0.02)
    assert calm.metrics["response_mean_h"] < real.metrics["response_mean_h"]  # type: ignore[operator]
    one = firm(offering={"mode": "pooled"}, labels={"accuracy": 0.5}, **SHORT)
    fits = [run(one, name).metrics["fit"] for name in ("functional", "customer")]
    assert fits[0] == pytest.approx(fits[1], abs=0.01)  # not quite the same cases are closed


def test_metrics_are_there() -> None:
    assert {"cost_empowerment", "approvals_per_case", "approval_h", "travel_h",
            "coordination_share", "internal_service", "order_cycle_knowledge"} <= METRICS.keys()
