"""Complaints and recovery (M13): neutral is off; which way they push."""

from __future__ import annotations

import pytest

from tests.mechanisms.worlds import metrics, same

OWN = {"complaint_rate", "recovered_share", "recovery_time_h", "compliment_rate"}
MISTAKEN = {"mistakes": {"base": 0.2}, "satisfaction": {"expectation_start": "given"}}


def test_off_reports_nothing():
    found = metrics()
    assert all(found[id] is None for id in OWN)


def test_nobody_who_complains_or_praises_is_the_same_as_off():
    quiet = metrics(complaints={"enabled": True, "threshold": 0.0, "compliment": 0.0})
    assert same(metrics(), quiet, but=OWN)
    assert quiet["complaint_rate"] == 0.0 and quiet["recovered_share"] is None


def test_complaints_are_made_and_answered():
    found = metrics(**MISTAKEN, complaints={"enabled": True, "threshold": 0.7})
    assert 0.02 < found["complaint_rate"] < 0.3
    assert 0.7 < found["recovered_share"] <= 1.0
    assert found["recovery_time_h"] > 4.0  # the complaint travels four hours
    assert found["compliment_rate"] > 0.0


@pytest.mark.slow
def test_amends_keep_loyalty_and_cost_hours():
    rules = {"enabled": True, "threshold": 0.7, "rate": 0.75}
    ignored = metrics(**MISTAKEN, complaints=rules | {"answered": 0.0})
    answered = metrics(**MISTAKEN, complaints=rules)
    assert answered["loyalty"] > ignored["loyalty"] + 0.01
    assert answered["utilisation"] > ignored["utilisation"]
    assert ignored["recovered_share"] == 0.0
