"""Morale, courtesy, quitting and bringing in (M16): neutral, and which way they push."""

from __future__ import annotations

import pytest

from tests.mechanisms.staff_worlds import firm, means, numbers

COUNTED = ("courtesy", "courtesies", "morale", "manner_spread", "staff_months", "key_visits",
           "key_most", "profiled", "brought_in", "bring_in")
NEUTRAL = {"enabled": True, "by_satisfaction": 0.0, "by_load": 0.0, "by_complaints": 0.0,
           "by_orientation": 0.0}


def test_morale_that_nothing_moves_changes_no_number() -> None:
    busy = {"quit_rate": 1.0, "vacancy_h": 40.0}
    assert numbers(firm(staff={**firm().staff.model_dump(), **busy}), without=COUNTED) == numbers(
        firm(staff={**firm().staff.model_dump(), **busy}, morale=NEUTRAL), without=COUNTED)


def test_onboarding_without_induction_or_profile_changes_no_number() -> None:
    staff = {"heads": 9, "span": 4, "quit_rate": 1.0, "vacancy_h": 40.0}
    assert numbers(firm(staff=staff), without=COUNTED) == numbers(
        firm(staff=staff, onboarding={"enabled": True}), without=COUNTED)


def test_off_means_null() -> None:
    found = means(firm())
    assert not {"morale", "courtesy", "courtesy_spread", "onboarding_weeks", "key_person_risk",
                "below_profile_share"} & set(found)
    assert found["cost_people"] == 0.0
    assert 0.0 < found["accountability"] < 1.0


def test_unhappy_customers_wear_morale_down_and_courtesy_with_it() -> None:
    """By its level at S below the norm: M* = 0.6 + 0.3 (S - 0.7) - strain - complaints."""
    calm = means(firm(morale={"enabled": True}))
    strict = means(firm(morale={"enabled": True, "satisfaction_norm": 1.0}))
    assert strict["morale"] < calm["morale"] - 0.05
    assert strict["courtesy"] < calm["courtesy"] - 0.02
    assert strict["satisfaction"] < calm["satisfaction"]


def test_complaints_weigh_on_those_who_meet_them() -> None:
    low = means(firm(mistakes={"base": 0.0}, morale={"enabled": True, "by_complaints": 1.0}))
    high = means(firm(mistakes={"base": 0.2}, morale={"enabled": True, "by_complaints": 1.0}))
    assert high["morale"] < low["morale"] - 0.05


def test_recognition_lifts_morale_keeps_staff_and_costs() -> None:
    staff = {"heads": 9, "span": 4, "quit_rate": 2.0, "vacancy_h": 40.0}
    off = means(firm(staff=staff, morale={"enabled": True, "quit_effect": 8.0}), replications=5)
    on = means(firm(staff=staff, morale={"enabled": True, "quit_effect": 8.0,
                                         "recognition_h": 8.0}), replications=5)
    assert on["morale"] > off["morale"] + 0.05
    assert on["turnover_annual"] < off["turnover_annual"]
    assert on["cost_people"] == pytest.approx(8.0 * 12 / 2080 * on["cost_line"])
    assert on["cost_total"] == pytest.approx(sum(on[f"cost_{x}"] for x in (
        "line", "heads", "units", "hiring", "people")))


def test_shares_in_profit_are_paid_and_lift() -> None:
    segments = {"a": {"share": 0.5, "value": 20000.0}, "b": {"share": 0.5, "value": 20000.0}}
    off = means(firm(segments=segments, morale={"enabled": True}))
    on = means(firm(segments=segments, morale={"enabled": True, "profit_share": 0.2}))
    assert on["cost_people"] > 0.0 == off["cost_people"]
    assert on["morale"] > off["morale"]


def test_pride_after_praise() -> None:
    happy = {"delighted": 0.5, "churn_max": 0.0, "inflow": False}
    off = means(firm(market=happy, morale={"enabled": True}))
    on = means(firm(market=happy, morale={"enabled": True, "pride": 0.1}))
    assert on["morale"] > off["morale"] + 0.05


def test_varied_tasks_lift() -> None:
    one = means(firm(morale={"enabled": True, "variety": 0.2}), "functional")
    both = means(firm(morale={"enabled": True, "variety": 0.2}), "undivided")
    without = means(firm(morale={"enabled": True}), "undivided")
    assert both["morale"] > without["morale"] + 0.1
    assert both["morale"] > one["morale"]


def test_tempers_differ() -> None:
    assert means(firm(morale={"enabled": True, "spread": 0.1}))["courtesy_spread"] > 0.02


def test_induction_and_narrow_profiles_delay_independent_work() -> None:
    staff = {"heads": 9, "span": 4, "quit_rate": 3.0, "vacancy_h": 20.0}
    plain = means(firm(staff=staff, onboarding={"enabled": True}), replications=5)
    long = means(firm(staff=staff, onboarding={"enabled": True, "induction_h": 160.0,
                                               "training_effect": 0.2}), replications=5)
    watched = means(firm(staff=staff, onboarding={"enabled": True, "minimum_proficiency": 0.75}),
                    replications=5)
    assert long["response_mean_h"] > plain["response_mean_h"]
    assert plain["below_profile_share"] == 0.0 < watched["below_profile_share"]
    assert watched["touch_h"] > plain["touch_h"]


def test_one_person_a_pool_is_a_key_person() -> None:
    few = means(firm(staff={"heads": 6, "span": 4}, customers={"cases_per_month": 1.0,
                                                               "count": 150},
                     onboarding={"enabled": True}), "customer")
    many = means(firm(onboarding={"enabled": True}), "functional")
    assert few["key_person_risk"] > many["key_person_risk"] + 0.2
