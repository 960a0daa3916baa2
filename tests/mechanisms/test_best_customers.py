"""Value and best customers (M15): neutral is off; which way favour pushes."""

from __future__ import annotations

import pytest

from tests.mechanisms.worlds import metrics, outcome, same

OWN = {"best_overlap", "satisfaction_top", "satisfaction_rest", "retention_top",
       "retention_rest", "response_top_h", "response_rest_h", "follow_up_hours",
       "kept_margin_per_follow_up_h", "margin_loyal", "margin_other"}


def test_off_reports_nothing():
    found = metrics()
    assert all(found[id] is None for id in OWN)


def test_favouring_nobody_changes_only_the_money():
    nobody = metrics(best_customers={"enabled": True, "top_share": 0.0})
    assert same(metrics(), nobody, but=OWN | {"profit"})


def test_values_that_do_not_differ_bring_the_same_revenue():
    equal = metrics(best_customers={"enabled": True, "sigma": 0.0, "top_share": 0.0})
    assert equal["profit"] == pytest.approx(metrics()["profit"], rel=1e-9)


def test_each_favoured_customer_is_followed_up_as_planned():
    result = outcome(best_customers={"enabled": True, "follow_ups": 6, "top_share": 0.2})
    planned = 18 * 6 * 360.0 / (3 * 2080 / 12)  # 18 of 90 customers, 6 a quarter, 360 h
    assert result.totals["follow_ups"] == pytest.approx(planned, abs=4)
    assert result.metrics["follow_up_hours"] > 0.0


@pytest.mark.slow
def test_the_favoured_wait_less():
    found = metrics(best_customers={"enabled": True, "follow_ups": 0, "top_share": 0.2},
                    staff={"heads": 12, "pools": {"functional": {"f": 3, "g": 4, "h": 5}}})
    assert found["response_top_h"] < 0.9 * found["response_rest_h"]


@pytest.mark.slow
def test_joined_records_find_more_of_the_best():
    rules = {"enabled": True, "follow_ups": 0}
    many = {"customers": {"count": 1500, "cases_per_month": 0.1}}
    alone = metrics(best_customers=rules | {"score": "value"}, **many)["best_overlap"]
    joined = metrics(best_customers=rules | {"score": "value", "joined_records": True},
                     **many)["best_overlap"]
    assert 0.38 < alone < 0.52  # 0.45: the 20-55 rule
    assert 0.50 < joined < 0.64  # 0.57
