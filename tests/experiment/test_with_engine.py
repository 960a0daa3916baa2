"""The same questions with the product's own simulator, on a firm small enough to be quick."""

import json

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from sim.experiment.compare import compare
from sim.experiment.follow import EVENTS, clock_time, follow
from sim.experiment.run import run
from sim.experiment.schemas import COMPARISON, RUN
from sim.metrics.registry import METRICS, RESPONSE_PARTS
from sim.records import RunResult
from sim.scenario.schema import Scenario

pytestmark = pytest.mark.slow  # without the compiler a run of a firm takes a minute


def firm(**changes):
    """Twelve people, 200 customers, turnover and churn on."""
    data = {
        "schema_version": 1, "name": "small firm",
        "customers": {"count": 200, "cases_per_month": 3.0},
        "segments": {"mass": {"share": 0.7}, "firms": {"share": 0.3, "expectation": 0.75}},
        "products": {"loans": {}, "cards": {}},
        "functions": {"sell": {"work_h": 0.5}, "check": {"work_h": 0.5}, "serve": {"work_h": 0.4}},
        "staff": {"heads": 12, "span": 4, "quit_rate": 0.3, "target_response_h": 8.0},
        "time": {"warm_up": "20 weeks", "horizon": "52 weeks"},
    }
    return Scenario.model_validate(data | changes)


STRUCTURES = ["functional", "product", "customer"]


@pytest.fixture(scope="module")
def compared():
    return compare(firm(), STRUCTURES, replications=6, jobs=1)


CORE = (
    "satisfaction", "loyalty", "retention_annual", "response_mean_h", "response_p50_h",
    "response_p90_h", "response_p99_h", "within_tolerance", "touch_h", "queue_h", "transfer_h",
    "rework_h", "abandonment", "first_contact_resolution", "contacts_per_case", "visits_per_case",
    "handoffs_per_case", "passes_per_case", "fit", "utilisation", "backlog", "hidden_work_share",
    "cost_line", "cost_heads", "cost_units", "cost_hiring", "cost_total", "cost_per_customer",
    "cost_per_case", "turnover_annual", "profit", "customers_active",
)
"""Metrics of every run, whatever is switched on."""


def test_the_answer_is_complete_finite_and_of_the_published_shape(compared):
    text = json.dumps(compared.to_json(), allow_nan=False)
    Draft202012Validator(COMPARISON).validate(json.loads(text))
    assert not compared.failures
    for id, by in compared.metrics.items():
        for interval in by.values():
            assert interval.n in (0, 6)
            assert (interval.mean is None) == (interval.n == 0), id
    missing = {id for id, by in compared.metrics.items()
               if any(interval.mean is None for interval in by.values())}
    assert missing & set(CORE) == {"abandonment"}  # others belong to mechanisms that are off
    assert len(compared.table) == 3 * len(METRICS)
    assert len(compared.segments_table) == 6


def test_two_threads_give_the_same_bytes_as_one(compared):
    other = compare(firm(), STRUCTURES, replications=6, jobs=2)
    assert json.dumps(other.to_json()) == json.dumps(compared.to_json())


def test_a_structure_and_a_replication_more_change_nothing(compared):
    other = compare(firm(), ["customer", "functional"], replications=7, jobs=2)
    before = {(r.structure, r.replication): r.metrics for r in compared.results}
    for result in other.results:
        if result.replication < 6:
            assert result.metrics == before[result.structure, result.replication]


def test_response_parts_add_up_and_the_books_balance(compared):
    for result in compared.results:
        assert isinstance(result, RunResult)
        m = result.metrics
        assert sum(m[id] for id in RESPONSE_PARTS) == pytest.approx(m["response_mean_h"], abs=1e-9)
        parts = ("cost_line", "cost_heads", "cost_units", "cost_hiring")
        assert sum(m[id] for id in parts) == pytest.approx(m["cost_total"], rel=1e-12)
        assert m["response_p50_h"] <= m["response_p90_h"] <= m["response_p99_h"]
        assert 0 < m["utilisation"] < 1 and 0 <= m["hidden_work_share"] < 1


def test_structures_meet_the_same_customers_so_pairing_pays(compared):
    """Arrivals hang on the customer alone: paired differences vary less than independent ones."""
    arrivals = {}
    for result in compared.results:
        arrivals.setdefault(result.replication, []).append(float(result.totals["arrivals"]))
    for counts in arrivals.values():
        assert max(counts) - min(counts) < 0.15 * max(counts)  # only who stays differs
    values = {s: np.array([r.metrics["satisfaction"] for r in compared.results
                           if r.structure == s]) for s in STRUCTURES}
    paired = np.var(values["functional"] - values["customer"])
    assert paired < np.var(values["functional"]) + np.var(values["customer"])


def test_shares_of_customers_sum_to_one(compared):
    for fate in compared.better_off.pairs.values():
        for shares in (fate.all, *fate.segments.values()):
            assert shares.better + shares.worse + shares.unchanged == pytest.approx(1.0)
        assert 0 < fate.all.customers <= 200


def test_one_structure_alone_gives_the_numbers_it_has_in_a_comparison(compared):
    alone = run(firm(), "product", replications=6, jobs=2)
    assert alone.metrics["satisfaction"] == compared.metrics["satisfaction"]["product"]
    Draft202012Validator(RUN).validate(json.loads(json.dumps(alone.to_json(), allow_nan=False)))
    assert alone.departments_table.utilisation.between(0, 1).all()


def test_equal_service_meets_the_target_and_one_fewer_does_not():
    short = {"warm_up": "8 weeks", "horizon": "26 weeks"}
    found = compare(firm(time=short), ["functional", "customer"], replications=10,
                    equalise="service")
    for staffed in found.staffing.values():
        by_heads = {trial.heads: trial for trial in staffed.trials}
        assert by_heads[staffed.heads].meets and by_heads[staffed.heads + 1].meets
        assert not by_heads[staffed.heads - 1].meets
        assert found.metrics["response_mean_h"][staffed.structure].mean <= 8.0
        assert staffed.heads - 1 <= staffed.fte <= staffed.heads


def test_equal_cost_stays_within_the_budget_of_the_first():
    found = compare(firm(), ["functional", "customer"], replications=10, equalise="cost")
    costs = {s: found.metrics["cost_total"][s].mean for s in found.structures}
    assert found.staffing["functional"].heads == 12
    assert costs["customer"] <= costs["functional"]
    above = {t.heads: t.value for t in found.staffing["customer"].trials}
    assert above[found.staffing["customer"].heads + 1] > costs["functional"]


def test_a_customer_is_followed_through_every_structure():
    journeys = follow(firm(), 7, STRUCTURES, jobs=2)
    assert journeys.structures == tuple(STRUCTURES)
    assert journeys.segment in ("mass", "firms")
    first = [[s.hours for s in steps if s.event == EVENTS["ARRIVES"]][:3]
             for steps in journeys.steps.values()]
    assert first[0] == first[1] == first[2] and first[0]  # the same cases at the same times
    for steps in journeys.steps.values():
        hours = [s.hours for s in steps]
        assert hours == sorted(hours) and hours[0] >= 0
        served = [s for s in steps if s.event == EVENTS["STARTS"]]
        assert all(s.department and s.work and s.person is not None for s in served)
        closed = [s.value for s in steps if s.event == EVENTS["CLOSES"]]
        assert closed and all(0 <= v <= 100 for v in closed)
    assert set(journeys.table.structure) == set(STRUCTURES)
    json.dumps(journeys.to_json(), allow_nan=False)


def test_clock_times():
    assert clock_time(0.0) == "week 1, day 1, 09:00"
    assert clock_time(8.0) == "week 1, day 2, 09:00"
    assert clock_time(40.0 + 8.0 + 2.5) == "week 2, day 2, 11:30"
    assert clock_time(7.999) == "week 1, day 1, 16:59"
