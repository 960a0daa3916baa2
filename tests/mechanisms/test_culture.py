"""Orientation, rewards, pressure, procedures (M3, M4, M6, M17, M18): neutral, and directions."""

from __future__ import annotations

import pytest

from tests.mechanisms.staff_worlds import firm, means, numbers

COUNTED = ("courtesy", "courtesies", "manner_spread", "staff_months", "culture_months",
           "orientation", "weakest", "oriented", "key_visits", "key_most")
MOVING = {"enabled": True, "leadership_speed": 0.2, "peer_speed": 0.2}


@pytest.mark.parametrize("tables", [
    {"orientation": {"enabled": True}},
    {"rewards": {"enabled": True}},
    {"pressure": {"enabled": True, "haste": 0.0, "fatigue": 0.0, "fatigue_errors": 0.0}},
    {"procedures": {"work_factor": 1.0, "spread_factor": 1.0},
     "case_types": {"written": {"procedure": True}}},
], ids=lambda tables: next(iter(tables)))
def test_neutral_is_off_to_the_bit(tables: dict[str, dict[str, float]]) -> None:
    plain = {"case_types": {"written": {}}} if "case_types" in tables else {}
    assert numbers(firm(**plain), without=COUNTED) == numbers(firm(**tables), without=COUNTED)


def test_leaders_who_care_raise_orientation_and_courtesy() -> None:
    low = means(firm(orientation=MOVING | {"signal": 0.2}))
    high = means(firm(orientation=MOVING | {"signal": 0.9}))
    assert high["orientation"] > low["orientation"] + 0.2
    assert high["courtesy"] > low["courtesy"] + 0.02
    assert high["transfer_h"] < low["transfer_h"]
    assert high["satisfaction"] > low["satisfaction"]


def test_one_speech_fades_where_conduct_does_not_follow() -> None:
    once = means(firm(orientation=MOVING | {"signal": 0.9, "signal_months": 1.0}))
    again = means(firm(orientation=MOVING | {"signal": 0.9}))
    assert once["orientation"] < again["orientation"] - 0.05


def test_orders_move_less_than_leaders() -> None:
    base = means(firm(orientation={"enabled": True}))
    orders = means(firm(orientation={"enabled": True, "mandate": 1.0}))
    leaders = means(firm(orientation={"enabled": True, "signal": 1.0}))
    assert base["orientation"] < orders["orientation"] < leaders["orientation"]


def test_old_firms_change_slowly_and_stories_help() -> None:
    young = means(firm(orientation=MOVING | {"signal": 0.9}))
    old = means(firm(orientation=MOVING | {"signal": 0.9, "firm_age": 150.0}))
    assert old["orientation"] < young["orientation"] - 0.05
    uneven = {"take": {"work_h": 0.6, "front": True, "orientation": 0.8},
              "solve": {"work_h": 1.0, "offering": True, "orientation": 0.2},
              "close": {"work_h": 0.6, "front": True, "orientation": 0.2}}
    tables = {"functions": uneven, "staff": {"heads": 9, "span": 9}}
    plain = means(firm(orientation=MOVING, **tables), "undivided")
    told = means(firm(orientation=MOVING | {"stories": 0.8}, **tables), "customer")
    untold = means(firm(orientation=MOVING, **tables), "customer")
    assert told["orientation"] > untold["orientation"]
    assert plain["orientation_weakest"] <= plain["orientation"]


def test_units_that_meet_no_customer_lose_orientation() -> None:
    """Under functions only the second step never meets a customer; its unit is the weakest."""
    off = means(firm(orientation={"enabled": True}), "functional")
    on = means(firm(orientation={"enabled": True, "contact_effect": 0.05}), "functional")
    whole = means(firm(orientation={"enabled": True, "contact_effect": 0.05}), "undivided")
    assert on["orientation_weakest"] < off["orientation_weakest"] - 0.1
    assert whole["orientation_weakest"] > on["orientation_weakest"]


def test_leaders_who_reach_only_the_front_leave_the_back_behind() -> None:
    front = means(firm(orientation=MOVING | {"signal": 0.9, "reach": "front"}))
    everybody = means(firm(orientation=MOVING | {"signal": 0.9}))
    assert front["orientation_weakest"] < everybody["orientation_weakest"] - 0.1


def test_rewards_for_relationships_cost_time_and_save_errors() -> None:
    deadlines = means(firm(rewards={"enabled": True, "relationship": 0.0}))
    people = means(firm(rewards={"enabled": True, "relationship": 1.0}))
    assert people["touch_h"] > deadlines["touch_h"]
    assert people["first_contact_resolution"] > deadlines["first_contact_resolution"] + 0.05


def test_shared_rewards_speed_up_borders() -> None:
    own = means(firm(rewards={"enabled": True, "shared": 0.0}))
    shared = means(firm(rewards={"enabled": True, "shared": 1.0}))
    assert shared["transfer_h"] < 0.8 * own["transfer_h"]


def test_units_measured_by_their_own_step_look_fast_and_fail_later() -> None:
    whole = means(firm(rewards={"enabled": True}))
    own = means(firm(rewards={"enabled": True, "internal_kpi": 1.0}))
    assert own["first_contact_resolution"] < whole["first_contact_resolution"] - 0.03


def test_own_work_first_makes_what_is_handed_over_wait() -> None:
    tables = {"structures": {"crossed": {"group": {"take": "segment", "close": "segment",
                                                   "solve": "product"}}},
              "staff": {"heads": 9, "span": 4}}
    fair = means(firm(rewards={"enabled": True}, **tables), "crossed")
    local = means(firm(rewards={"enabled": True, "local_priority": True}, **tables), "crossed")
    assert local["response_p90_h"] != fair["response_p90_h"]


def test_sharing_keeps_information_and_spares_errors() -> None:
    loss = {"information_loss": 0.1}
    none = means(firm(handoffs=loss))
    all_ = means(firm(handoffs=loss | {"sharing": 1.0, "understanding": 1.0}))
    assert all_["first_contact_resolution"] > none["first_contact_resolution"] + 0.03


def test_procedures_make_work_faster_and_more_alike() -> None:
    off = means(firm(case_types={"written": {}}))
    on = means(firm(case_types={"written": {"procedure": True}}))
    assert on["touch_h"] == pytest.approx(0.9 * off["touch_h"], rel=0.03)
    assert on["queue_h"] < off["queue_h"]


def test_control_saves_errors_and_costs_time() -> None:
    off = means(firm())
    on = means(firm(procedures={"control": 1.0}))
    assert on["touch_h"] > off["touch_h"]
    assert on["first_contact_resolution"] > off["first_contact_resolution"] + 0.05


def test_a_loaded_firm_hurries_and_a_tired_one_slows() -> None:
    calm = means(firm())
    hurry = means(firm(pressure={"enabled": True, "fatigue": 0.0, "fatigue_errors": 0.0}))
    tired = means(firm(pressure={"enabled": True, "haste": 0.0, "fatigue_from": 0.5}))
    assert hurry["touch_h"] < calm["touch_h"] < tired["touch_h"]
    assert tired["first_contact_resolution"] < calm["first_contact_resolution"]


def test_teams_that_keep_a_case_are_faster() -> None:
    neutral = {"enabled": True, "haste": 0.0, "fatigue": 0.0, "fatigue_errors": 0.0}
    tables = {"staff": {"heads": 9, "span": 9}}
    off = means(firm(pressure=neutral, **tables), "customer")
    on = means(firm(pressure=neutral | {"ownership": 0.15}, **tables), "customer")
    assert on["touch_h"] < 0.97 * off["touch_h"]


def test_colleagues_teach() -> None:
    off = means(firm())
    on = means(firm(knowledge={"peer_transfer": 0.05}))
    assert on["touch_h"] < off["touch_h"]
