"""Promises, charges, failed attempts, used weakness, concessions (M25): which way they push."""

from __future__ import annotations

import pytest

from tests.mechanisms.worlds import metrics, same

OWN = {"trust", "promises_kept", "first_attempt_success", "fee_surprise_rate", "exploited_rate",
       "concession_per_case", "understanding", "stage_mean", "stage_worst"}


def trusting(**rules):
    return metrics(trust={"enabled": True} | rules)


@pytest.fixture(scope="module")
def plain():
    return trusting()


def test_trust_that_nothing_touches_is_the_same_as_off(plain):
    assert same(metrics(), plain, but=OWN)
    assert plain["trust"] == pytest.approx(0.5) and plain["first_attempt_success"] == 1.0


def test_a_charge_brings_money_and_costs_satisfaction(plain):
    charged = trusting(fee_share=0.5, fee=10.0)
    assert 0.4 < charged["fee_surprise_rate"] < 0.6
    assert charged["satisfaction"] < plain["satisfaction"] - 5.0
    assert charged["profit"] > plain["profit"]


def test_promises_that_can_be_kept_build_trust_and_others_spend_it(plain):
    easy, hard = trusting(promise=50.0), trusting(promise=0.01)
    assert easy["promises_kept"] == 1.0 and hard["promises_kept"] < 0.05
    assert hard["trust"] < 0.4 < plain["trust"] < easy["trust"]
    assert hard["satisfaction"] < plain["satisfaction"]


def test_a_missed_customer_costs_a_visit_and_a_call_beforehand_spares_half_the_drop(plain):
    missed = trusting(attempt_failure=0.5)
    told = trusting(attempt_failure=0.5, notice=1.0)
    assert 0.4 < missed["first_attempt_success"] < 0.6
    assert missed["visits_per_case"] > plain["visits_per_case"] + 0.3
    assert missed["satisfaction"] < told["satisfaction"] < plain["satisfaction"]


def test_used_weakness_pays_now_and_costs_trust(plain):
    used = trusting(exploitation=0.3)
    assert used["income_extra"] > 0.0 and used["trust"] < plain["trust"] - 0.02
    assert used["loyalty"] < plain["loyalty"]


def test_bystanders_take_it_to_heart():
    alone = trusting(exploitation=0.5)
    seen = trusting(exploitation=0.5, bystanders=3)
    assert seen["loyalty"] < alone["loyalty"] and seen["trust"] < alone["trust"]


def test_concessions_buy_satisfaction(plain):
    generous = trusting(concession=0.05)
    assert generous["satisfaction"] > plain["satisfaction"]
    assert generous["cost_concessions"] > 0.0
    assert generous["cost_total"] == pytest.approx(
        plain["cost_total"] + generous["cost_concessions"])
