"""Channels, attraction, and what is spent on winning and keeping (M14)."""

from __future__ import annotations

import pytest

from tests.mechanisms.worlds import metrics, same

OPEN = {"churn_max": 0.3, "inflow": True, "prospects": 500}
OWN = {"joined_annual", "referred_share", "attraction", "acquisition_cost",
       "promotion_cost_per_customer", "agent_cost_per_customer", "cost_acquisition",
       "cost_retention"}


def won(market=OPEN, **rules):
    return metrics(market=market, acquisition={"enabled": True, "referral_loyalty": 0.7} | rules,
                   time={"warm_up": "90 h", "horizon": "700 h"})


@pytest.fixture(scope="module")
def plain():
    return metrics(market=OPEN, time={"warm_up": "90 h", "horizon": "700 h"})


def test_channels_without_money_are_the_same_as_off(plain):
    assert same(plain, won(), but=OWN)


def test_promotion_wins_customers_at_its_price(plain):
    promoted = won(budget=60_000.0, promotion_cost=400.0)
    assert promoted["joined_annual"] > plain["joined_annual"] + 60
    assert promoted["cost_acquisition"] == 60_000.0
    assert 250 < promoted["promotion_cost_per_customer"] < 600
    assert promoted["referred_share"] < plain["referred_share"] or plain["referred_share"] == 0.0


def test_agents_are_paid_by_what_they_bring(plain):
    brought = won(agent_customers=10.0, agent_commission=0.1)
    assert brought["joined_annual"] > plain["joined_annual"] + 40
    assert brought["agent_cost_per_customer"] == pytest.approx(180.0)  # a tenth of 1800
    assert brought["promotion_cost_per_customer"] is None


def test_attraction_follows_fit_and_seller():
    dull = won(fit_effect=5.0, reference_fit=0.95)
    bright = won(fit_effect=5.0, reference_fit=0.4)
    assert dull["attraction"] < 0.7 < 1.3 < bright["attraction"]
    assert dull["joined_annual"] < bright["joined_annual"]
    assert won(seller_effect=5.0, reference_seller=0.4)["attraction"] > 1.3


def test_gestures_keep_loyalty_up_and_are_paid(plain):
    kept = won(budget=20_000.0, retention_share=1.0, gesture_cost=20.0, gesture_effect=0.1)
    assert kept["loyalty"] > plain["loyalty"] + 0.02
    assert 0.0 < kept["cost_retention"] <= 20_000.0 and kept["cost_acquisition"] == 0.0


def test_captive_customers_are_not_won():
    captive = won(market={"churn_max": 0.0, "inflow": True}, budget=60_000.0)
    assert captive["joined_annual"] == 0.0
