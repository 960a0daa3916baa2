"""Labels by traits and effort, those turned away, and what it costs, in small runs (M8, M27)."""

from __future__ import annotations

import numpy as np
import pytest

from sim import rng
from sim.population import customers
from sim.scenario import load
from sim.scenario.labelling import accuracy
from tests.mechanisms.small import run, same
from tests.reference.twin_worlds import BASE, merged


def labels(count: int = 4000, **tables: object) -> tuple[np.ndarray, np.ndarray]:
    """True segments and labels of a large population."""
    scenario = load(merged(BASE, {"customers": {"count": count}, **tables}))
    people = customers.draw(scenario, 3, 0, 100.0)
    return people.segment, people.label


def test_labels_by_traits_are_as_right_as_the_formula_says() -> None:
    """A share of 4000 customers within four standard errors."""
    tables = {"segmentation": {"mode": "attributes"}, "labels": {"unassignable": 0.0}}
    expected = accuracy(load(merged(BASE, tables)))
    segment, label = labels(**tables)
    error = np.sqrt(expected * (1 - expected) / len(label))
    assert abs(np.mean(segment == label) - expected) < 4 * error


def test_a_trait_not_used_leaves_what_the_others_say() -> None:
    """One more trait changes few labels: those it argues against."""
    tables = {"labels": {"unassignable": 0.0}}
    traits = ["purpose", "habits", "kind", "size"]
    _, few = labels(**tables, segmentation={"mode": "attributes", "use": traits})
    _, more = labels(**tables, segmentation={"mode": "attributes", "use": [*traits, "sex"]})
    assert 0 < np.mean(few != more) < 0.1


def test_effort_that_gives_the_stated_accuracy_gives_the_same_run() -> None:
    by_hand = run("customer", labels={"accuracy": 0.5})
    bought = run("customer", segmentation={"mode": "effort", "analysis_h": 0.0})
    assert same(by_hand, bought)
    assert by_hand.metrics == bought.metrics


def test_analysis_costs_and_serves_fewer_in_a_wrong_unit() -> None:
    none = run("customer", segmentation={"mode": "effort", "analysis_h": 0.0}).metrics
    much = run("customer", segmentation={"mode": "effort", "analysis_h": 2000.0}).metrics
    assert much["cost_information"] == pytest.approx(2000 * 20 * 1.43)
    assert much["cost_total"] - much["cost_information"] == pytest.approx(
        none["cost_total"], rel=0.02)
    assert much["label_accuracy"] > none["label_accuracy"] + 0.2
    assert much["misserved_share"] < none["misserved_share"]


def test_bought_data_cost_a_fee_per_customer() -> None:
    assert run("customer", records={"enabled": True, "bought": True}).metrics[
        "cost_information"] == pytest.approx(2.0 * BASE["customers"]["count"])


def test_those_turned_away_are_counted_and_angry() -> None:
    kept = run("customer", labels={"unassignable": 0.2}).metrics
    away = run("customer", labels={"unassignable": 0.2}, segmentation={"unassigned": "refuse"})
    assert 0.1 < away.metrics["unserved_share"] < 0.3
    assert away.metrics["satisfaction_unserved"] < 20
    assert away.metrics["satisfaction"] < kept["satisfaction"]
    assert away.metrics["abandonment"] is None
    assert kept["unserved_share"] == 0
    assert kept["satisfaction_unserved"] is None


def test_records_at_the_usual_coverage_change_no_bit() -> None:
    assert same(run("customer"), run("customer", records={"enabled": True}))


def test_purposes_of_draws_are_distinct() -> None:
    numbers = [v for k, v in vars(rng).items()
               if k.isupper() and not k.startswith(("_", "STREAM", "GOLDEN", "BELOW"))]
    assert len(set(numbers)) == len(numbers)
