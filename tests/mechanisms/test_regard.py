"""Understanding, tangibles, channel, worst stage, price (M11), surveys and steps (M12, M27)."""

from __future__ import annotations

import math

import pytest

from sim.scenario import load
from tests.mechanisms.worlds import FIRM, merged, metrics, same

SEEN = {"understanding", "stage_mean", "stage_worst"}
GIVEN = {"expectation_start": "given"}


def judged(**keys):
    return metrics(satisfaction=GIVEN | keys)


def test_measuring_stages_changes_nothing():
    measured = judged(stages=True)
    assert same(metrics(), measured, but=SEEN)
    assert 0.3 < measured["understanding"] < 1.0
    assert measured["stage_worst"] < measured["stage_mean"] < 1.0


def test_the_worst_stage_lowers_satisfaction():
    assert judged(peak=0.5)["satisfaction"] < judged()["satisfaction"]


def test_better_premises_are_seen_where_they_weigh():
    poor, fine = (judged(weight_tangibles=0.2, tangibles=level) for level in (0.2, 0.9))
    assert poor["satisfaction"] < judged()["satisfaction"] < fine["satisfaction"]


def test_a_direct_channel_is_felt_where_it_weighs():
    letter, meeting = (
        metrics(satisfaction=GIVEN | {"weight_channel": 0.2},
                case_types={"request": {"directness": level}}) for level in (0.1, 0.9))
    assert letter["satisfaction"] < meeting["satisfaction"]


def test_who_pays_more_expects_more():
    world = load(merged(FIRM, {"segments": {"a": {"price": 2.0}, "b": {"price": 1.0}}}))
    a, b, c = world.first_expectation
    assert a == pytest.approx(0.65 + 0.08 * math.log(2.0)) and b == 0.65 and c == 0.7
    dear = metrics(segments={"a": {"price": 4.0}})
    assert dear["satisfaction"] < metrics()["satisfaction"]


def test_surveys_and_steps_change_nothing_but_what_is_known():
    own = {"satisfaction_surveyed", "survey_bias", "survey_response", "loyalty_step_resolved",
           "loyalty_step_reopened", "loyalty_step_failed", "loyalty_step_sd"}
    asked = metrics(measurement={"enabled": True})
    assert same(metrics(), asked, but=own)
    assert 0.1 < asked["survey_response"] < 0.3
    assert asked["survey_bias"] == pytest.approx(
        asked["satisfaction_surveyed"] - asked["satisfaction"])


def test_everybody_answers_without_bias():
    all_of_them = metrics(measurement={"enabled": True, "response": 1.0})
    assert all_of_them["survey_bias"] == pytest.approx(0.0, abs=1e-9)
