"""Design, drift, foresight, shock, exploration (M9, M20, M21): numbers by hand, and directions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.accounting.ledger import offerings_kept
from sim.behaviours import needs
from sim.engine.simulation import Simulation, prepare
from sim.jit import plain
from sim.management.offerings import blended
from sim.population import design
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.structures import build
from sim.structures.cases import compile_cases, design_factor

HEADS = {"functional": {"f": 4, "g": 5},
         "customer": {"a: f": 2, "a: g": 3, "b: f": 2, "b: g": 2}}
WORLD: dict[str, Any] = {
    "schema_version": 1, "name": "motion", "seed": 3,
    "customers": {"count": 60, "cases_per_month": 2.0, "second_product": 0.0},
    "segments": {"a": {"share": 0.5, "value": 1000.0}, "b": {"share": 0.5, "value": 4000.0}},
    "functions": {"f": {"work_h": 0.8}, "g": {"work_h": 1.0, "offering": True}},
    "staff": {"heads": 9, "pools": HEADS},
    "market": {"churn_max": 0.0, "inflow": False},
    "labels": {"accuracy": 1.0, "unassignable": 0.0},
    "satisfaction": {"expectation_start": "given"},
    "time": {"warm_up": "174 h", "horizon": "4 months"},
}


def world(**tables: Any) -> Scenario:
    """The small firm with some tables changed."""
    return load({**WORLD, **tables})


def run(structure: str = "functional", replication: int = 0, **tables: Any) -> Simulation:
    """A finished run."""
    sim = Simulation(prepare(world(**tables), structure), replication)
    sim.run_to(sim.end_h)
    return sim


def outcome(sim: Simulation) -> list[float]:
    """Sums and offerings of a run."""
    sums = sim.world.totals[0]
    return [float(sums[n]) for n in sums.dtype.names] + sim.world.offering.ravel().tolist()


def test_formulas_by_hand() -> None:
    step, weight = plain(needs.drift_step), plain(needs.latent_weight)
    assert step(0.03, 0.04, 1.0, -2.0) == pytest.approx(0.03 - 0.08)
    assert [weight(h, 100.0) for h in (-5.0, 0.0, 25.0, 100.0, 400.0)] == [0, 0, 0.25, 1, 1]
    assert weight(1e-6, 0.0) == 1.0
    assert plain(needs.readiness)(500.0, 500.0) == pytest.approx(1 - math.exp(-1))
    assert plain(needs.readiness)(0.0, 500.0) == 0.0
    assert plain(blended)(2.0, 6.0, 0.25) == 3.0
    assert plain(blended)(2.0, 6.0, 0.0) == 2.0


def test_work_and_upkeep_of_variants_and_standards() -> None:
    assert design_factor(world()) == 1.0
    assert design_factor(world(design={"variants": 4})) == pytest.approx(1 + 0.03 * math.log(4))
    both = world(design={"variants": 3, "standardisation": 0.5})
    assert design_factor(both) == pytest.approx((1 + 0.03 * math.log(3)) * 0.95)
    np.testing.assert_allclose(compile_cases(both).work_h[0],
                               [0.8 * design_factor(both), design_factor(both)])
    layout = build(both, "customer", 9)  # two units, one product, three variants
    assert offerings_kept(world(), layout) == 2
    assert offerings_kept(world(design={"variants": 3}), layout) == 6
    assert offerings_kept(both, layout) == pytest.approx(0.5 * 6 + 0.5 * 1)


def test_voices_and_early_customers() -> None:
    assert design.voice(world()).tolist() == [1.0, 1.0]
    np.testing.assert_allclose(design.voice(world(design={"value_weight": 1.0})), [0.4, 1.6])
    np.testing.assert_allclose(design.voice(world(design={"value_weight": 2.0})), [0.16, 2.56])
    first = world(shock={"enabled": True, "early_share": 0.1})
    np.testing.assert_allclose(design.early(first), [0.2, 0.0])  # the cheaper half gives all
    np.testing.assert_allclose(design.early(world(shock={"early_share": 0.75})), [1.0, 0.5])
    alike = {"a": {"share": 0.3}, "b": {"share": 0.7}}
    np.testing.assert_allclose(design.early(world(segments=alike)), [0.1, 0.1])


def test_clusters_find_the_groups() -> None:
    at = np.array([[0.0, 0.0], [5.0, 0.0], [0.1, 0.0], [5.2, 0.0], [0.2, 0.3], [5.1, 0.3]])
    found = design.clusters(at, np.ones(6), 2, np.zeros(2))
    np.testing.assert_allclose(found, [[0.1, 0.1], [5.1, 0.1]])
    heavy = design.clusters(at, np.array([1, 1, 1, 1, 2, 1.0]), 2, np.zeros(2))
    np.testing.assert_allclose(heavy[0], [0.125, 0.15])
    assert design.clusters(at[:0], np.ones(0), 2, np.array([1.0, 2.0])).tolist() == [[1, 2]] * 2
    assert design.clusters(at[:1], np.ones(1), 3, np.zeros(2)).shape == (3, 2)


def test_neutral_means_off_to_the_bit() -> None:
    off = outcome(run())
    still = outcome(run(
        drift={"enabled": True, "sd": 0.0}, foresight={"enabled": True, "time_share": 0.0},
        shock={"enabled": True, "size": 0.0, "at": "0 h"},
        design={"customer_share": 1.0, "own_taste": 3.0, "vision": 1.0, "variant_work": 1.0}))
    assert still == off


def test_drift_is_the_same_under_every_structure_and_has_its_size() -> None:
    rules = {"enabled": True, "sd": 0.1}
    here, there = run(drift=rules), run("customer", drift=rules)
    assert np.array_equal(here.world.shift, there.world.shift)
    months = int(here.world.clock[0]["month"])
    shifts = np.array([run(replication=r, drift=rules).world.shift for r in range(8)])
    assert shifts.std() == pytest.approx(0.1 * math.sqrt(months), rel=0.35)


def test_a_panel_that_sees_all_drivers_sees_the_drift() -> None:
    """With every step driven and seen, what is foreseen is what the coming months bring."""
    rules = {"enabled": True, "sd": 0.1, "explained": 1.0}
    panel = {"enabled": True, "viewpoints": 1, "seen_each": 1.0, "lead_months": 2,
             "time_share": 0.0}
    sim = Simulation(prepare(world(drift=rules, foresight=panel), "functional"), 0)
    sim.run_to(2 * 174.0)
    before, foreseen = sim.world.shift.copy(), sim.world.foreseen.copy()
    sim.run_to(4 * 174.0)
    np.testing.assert_allclose(sim.world.shift - before, foreseen, rtol=1e-12)


def test_exploration_prepares_and_costs_time() -> None:
    rules = {"enabled": True, "at": "2 months", "rest_after": "0 h", "ramp": "0 h",
             "early_share": 1.0}
    lazy = run(shock=rules)
    keen = run(shock=rules, exploration={"share": 0.1, "scale_h": 100.0})
    hours = keen.world.change[0]["explored"]
    assert hours == pytest.approx(0.1 * 9 * (5 * 2080 / 12 - 174.0), rel=1e-9)
    assert keen.world.totals[0]["readiness"] == pytest.approx(1 - math.exp(-hours / 100.0))
    assert keen.world.latent["level"].max() > lazy.world.latent["level"].max()
    assert keen.world.totals[0]["fit"] > lazy.world.totals[0]["fit"]
    assert keen.world.totals[0]["busy"] > lazy.world.totals[0]["busy"]


def test_listening_by_value_is_slow_to_see_a_need_of_cheap_customers() -> None:
    rules = {"enabled": True, "at": "0 h", "rest_after": "10 years", "ramp": "1 month",
             "early_share": 0.5}
    alike = run(shock=rules)
    by_value = run(shock=rules, design={"value_weight": 1.0})
    assert 0 < by_value.world.latent["level"].max() < alike.world.latent["level"].max()


def test_variants_raise_fit_and_one_offering_for_all_lowers_it() -> None:
    def fit(structure: str, **tables: Any) -> float:
        sums = run(structure, **tables).world.totals[0]
        return float(sums["fit"] / sums["fits"])

    local = fit("customer")
    assert fit("customer", design={"variants": 3}) > local + 0.02
    assert fit("customer", design={"standardisation": 1.0}) < local - 0.01


def test_one_standard_leaves_no_distance_between_units() -> None:
    sim = run("customer", design={"standardisation": 1.0}, offering={"signal_survival": 1.0})
    assert sim.result().metrics["offering_distance"] == pytest.approx(0.0, abs=1e-12)
    assert run("customer").result().metrics["offering_distance"] > 0.3
    assert run("functional").result().metrics["offering_distance"] is None


def test_designers_alone_stay_with_their_own_target() -> None:
    sim = run("customer", offering={"mode": "push"})
    assert np.array_equal(sim.world.offering, sim.world.own_target)
    taste = sim.world.own_target - run("customer", offering={"mode": "label_centre"}).world.offering
    np.testing.assert_allclose(taste[0], taste[1], atol=1e-12)  # the same under every label
    assert 0.05 < np.abs(taste).mean() < 1.5


def test_fewer_reviews_trail_needs_that_move() -> None:
    rules = {"enabled": True, "sd": 0.4}
    sums = [[], []]
    for replication in range(4):
        for months, out in zip((1, 4), sums, strict=True):
            sim = run(replication=replication, drift=rules, design={"review_months": months},
                      offering={"speed": 0.6}, time={"warm_up": "174 h", "horizon": "8 months"})
            total = sim.world.totals[0]
            out.append(float(total["fit"] / total["fits"]))
    assert np.mean(sums[0]) > np.mean(sums[1])
