"""Where structures start: knowledge, offerings, expectation (R11, R37, R45)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.population.customers import centres, draw
from sim.population.start import expectation, knowledge, offerings
from sim.records import Layout, Workload
from sim.rng import run_key
from sim.structures import build, workload
from tests.population.worlds import world


def shares(function: list[float], product: list[float], segment: list[float]) -> Workload:
    """A workload of one pool, of which only the shares matter here."""
    none = np.zeros(1)
    return Workload(
        pool_work_h=none, pool_visits=none, function_share=np.array([function]),
        product_share=np.array([product]), segment_share=np.array([segment]), case_types=("y",),
        handoffs=none, passes=none, visits=none, handoffs_by_distance=np.zeros((1, 4)),
    )


def test_knowledge_by_hand() -> None:
    """x = 0.8 of the share; tauL / tauG = 250 / 1700: 0.8 -> 0.845, 0.4 -> 0.731, 0.2 -> 0.576."""
    pool = shares([1.0, 0.0], [0.5, 0.5], [0.25, 0.25, 0.5])
    k = knowledge(world(), pool)
    ratio = 250 / 1700
    one, half, quarter = (x / (x + ratio) for x in (0.8, 0.4, 0.2))
    assert [round(x, 3) for x in (one, half, quarter)] == [0.845, 0.731, 0.576]
    np.testing.assert_allclose(k, [[one, 0.0, half, half, quarter, quarter, half]], rtol=1e-12)


@given(x=st.floats(0, 1), learn=st.floats(1, 1000), forget=st.floats(100, 10_000))
@settings(max_examples=50, deadline=None)
def test_knowledge_is_where_learning_and_forgetting_meet(x: float, learn: float, forget: float
                                                         ) -> None:
    """0.8 x (1 - k) / tauL = k / tauG: what an hour teaches is what an hour takes (M6)."""
    scenario = world(knowledge={"learn_h": learn, "forget_h": forget})
    k = knowledge(scenario, shares([x, 1 - x, 0.0], [1.0, 0.0], [1.0]))[0, 0]
    assert 0.8 * x * (1 - k) / learn == pytest.approx(k / forget, rel=1e-9, abs=1e-15)


def test_without_learning_everybody_is_an_expert() -> None:
    k = knowledge(world(knowledge={"learning": False}), shares([1.0, 0.0], [1.0], [0.3, 0.7]))
    assert (k == 1.0).all()


def test_who_specialises_knows_more() -> None:
    scenario = world()
    by_function, by_segment = (
        knowledge(scenario, workload(scenario, build(scenario, name)))
        for name in ("functional", "customer")
    )
    assert by_function.shape == (3, 8) and by_segment.shape == (9, 8)
    assert by_function[0, 0] == pytest.approx(by_segment[0, 0]), "both do one function only"
    assert by_segment[0, 5] > by_function[0, 5], "true segment `many`, mostly"
    assert by_segment[0, 6] < by_function[0, 6], "and seldom another"


def held_by_loops(layout: Layout, scenario: Any, people: Any) -> np.ndarray:
    """Mean needs of the customers present whose label leads to a unit, the obvious way."""
    f = scenario.offering_function
    result = np.zeros((len(layout.units), 2, 3))
    for p in range(2):
        seen: dict[int, list[np.ndarray]] = {unit: [] for unit in range(len(layout.units))}
        for c in range(people.n_start):
            pool = layout.pool_of[f, p, people.label[c], people.region[c]]
            seen[int(layout.pool_unit[pool])].append(people.needs[c, p].astype(float))
        everybody = np.mean([need for needs in seen.values() for need in needs], axis=0)
        for unit, needs in seen.items():
            result[unit, p] = np.mean(needs, axis=0) if needs else everybody
    return result


@pytest.mark.parametrize("structure", ["functional", "product", "customer", "regional",
                                       "front-back"])
def test_learned_offerings(structure: str) -> None:
    """The mean need of the customers *labelled* to the unit; the overall mean without any."""
    scenario = world(
        customers={"count": 120}, labels={"accuracy": 0.6},
        functions={"greet": {"work_h": 0.5, "front": True},
                   "plan": {"work_h": 0.5, "offering": True, "front": True},
                   "make": {"work_h": 1.0}},
    )
    layout = build(scenario, structure)
    people = draw(scenario, 1, 0, 5000.0, mouth=50)
    found = offerings(scenario, layout, people, 1, 0)
    np.testing.assert_allclose(found, held_by_loops(layout, scenario, people), atol=1e-12)


def test_offerings_of_units_that_nobody_is_sent_to() -> None:
    """All are labelled `many`: the units of the other segments start at the overall mean."""
    scenario = world(labels={"unassignable": 1.0})
    layout = build(scenario, "customer")
    people = draw(scenario, 1, 0, 0.0)
    found = offerings(scenario, layout, people, 1, 0)
    overall = people.needs.astype(float).mean(axis=0)
    np.testing.assert_allclose(found, np.broadcast_to(overall, found.shape), atol=1e-12)


@pytest.mark.parametrize("structure", ["functional", "customer", "pairs"])
def test_offerings_at_the_label_centre(structure: str) -> None:
    """The share-weighted mean of the centres of the segments that a unit is meant for."""
    scenario = world(
        offering={"mode": "label_centre"},
        structures={"pairs": {"units": [
            {"name": "two", "segments": ["many", "few"]}, {"name": "one", "segments": ["some"]},
        ]}},
    )
    layout = build(scenario, structure)
    meant = {"functional": [[0, 1, 2]] * 3, "customer": [[0], [1], [2]],
             "pairs": [[0, 2], [1]]}[structure]
    by_segment, by_product, both = centres(scenario, run_key(1, 0))
    share = np.array([0.5, 0.3, 0.2])
    found = offerings(scenario, layout, draw(scenario, 1, 0, 0.0), 1, 0)
    for unit, segments in enumerate(meant):
        weights = share[segments] / share[segments].sum()
        for p in range(2):
            centre = weights @ (by_segment + by_product[p] + both[:, p])[segments]
            np.testing.assert_allclose(found[unit, p], centre, atol=1e-12)


def test_expectation_by_hand() -> None:
    """(0.10 r Q + 0.02 E(0)) / (0.10 r + 0.02): r = 1, 2, 0.5 and Q = 0.70, 0.80, 0.40."""
    segments = {"many": {"share": 0.5, "expectation": 0.65},
                "some": {"share": 0.3, "volume": 2.0, "expectation": 0.5},
                "few": {"share": 0.2, "volume": 0.5, "expectation": 0.8}}
    scenario = world(segments=segments)
    quality = np.array([0.70, 0.80, 0.40])
    settled = [(0.070 + 0.013) / 0.12, (0.16 + 0.010) / 0.22, (0.020 + 0.016) / 0.07]
    np.testing.assert_allclose(expectation(scenario, quality), settled, rtol=1e-12)
    given_ = [0.65, 0.5, 0.8]
    assert expectation(scenario, None).tolist() == given_
    kept = world(segments=segments, satisfaction={"expectation_start": "given"})
    assert expectation(kept, quality).tolist() == given_


@given(rate=st.floats(0.05, 4), speed=st.floats(0, 1), drift=st.floats(0, 1), q=st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_expectation_stands_still(rate: float, speed: float, drift: float, q: float) -> None:
    """What cases move in a month, speed r (Q - E), the monthly drift (E(0) - E) takes back."""
    scenario = world(customers={"cases_per_month": rate},
                     satisfaction={"expectation_speed": speed, "expectation_drift": drift})
    e = expectation(scenario, np.full(3, q))
    assert np.allclose(speed * rate * (q - e), drift * (e - 0.65), atol=1e-12)
    assert (e >= min(q, 0.65) - 1e-12).all() and (e <= max(q, 0.65) + 1e-12).all()
    if speed == drift == 0:
        assert (e == 0.65).all()
