"""Formulas of what is remembered about customers, against numbers worked out from THEORY."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.behaviours import attraction, complaints, trust, value
from sim.jit import plain
from sim.management import favour

speaks = plain(complaints.complaint_probability)
shifted = plain(complaints.shifted)
mixed = plain(value.mixed)
worth = plain(value.worth)
threshold = plain(favour.threshold)
stage = plain(trust.stage_quality)
with_worst = plain(trust.with_worst)
softened = plain(trust.loss_softened)
attracted = plain(attraction.attraction)
answers = plain(trust.answer_probability)


# --- M13 complaints ----------------------------------------------------------------------------

@pytest.mark.parametrize(("loyalty", "chance"), [(0.70, 0.30), (0.90, 0.40), (0.30, 0.10),
                                                 (0.0, 0.0)])
def test_those_who_care_complain(loyalty, chance):
    assert speaks(loyalty, 0.3, 0.5) == pytest.approx(chance)


def test_a_probability_stays_one():
    assert speaks(1.0, 0.9, 5.0) == 1.0
    assert speaks(0.2, 0.3, 0.0) == 0.3


def test_loyalty_stays_between_0_and_1():
    assert shifted(0.5, -0.05) == pytest.approx(0.45)
    assert shifted(0.02, -0.10) == 0.0
    assert shifted(0.95, 0.12) == 1.0


# --- M15 value ---------------------------------------------------------------------------------

def test_worth_is_lognormal_with_the_mean_asked_for():
    assert worth(1800.0, 0.0, 1.2) == pytest.approx(1800 * math.exp(-0.72))
    assert worth(1800.0, 3.0, 0.0) == 1800.0
    z = np.random.default_rng(1).standard_normal(200_000)
    values = np.sort([worth(1.0, x, 1.2) for x in z[:20_000]])[::-1]
    assert values.mean() == pytest.approx(1.0, abs=0.05)
    assert values[:4000].sum() / values.sum() == pytest.approx(0.64, abs=0.03)  # THEORY M15


def test_a_mixture_correlates_as_asked():
    rng = np.random.default_rng(2)
    z, u = rng.standard_normal(20_000), rng.standard_normal(20_000)
    mixture = np.array([mixed(a, 0.52, b) for a, b in zip(z, u, strict=True)])
    assert np.corrcoef(z, mixture)[0, 1] == pytest.approx(0.52, abs=0.02)
    assert mixture.std() == pytest.approx(1.0, abs=0.02)
    # the upper fifth of the one is in that of the other: the 20-55 rule (F51)
    top = np.argsort(-z)[:4000]
    assert np.isin(np.argsort(-mixture)[:4000], top).mean() == pytest.approx(0.45, abs=0.02)
    assert mixed(1.5, 1.0, 0.3) == 1.5


def profiles(scores, status):
    people = np.zeros(len(scores), [("score", "f8")])
    people["score"] = scores
    here = np.zeros(len(scores), [("status", "i1")])
    here["status"] = status
    return people, here


def test_the_highest_scores_are_favoured():
    scores = np.array([3.0, 9.0, 1.0, 7.0, 8.0])
    people, here = profiles(scores, [1, 1, 1, 1, 2])
    assert sorted(scores[(scores > threshold(people, here, 2)) & (here["status"] == 1)]) == [7, 9]
    assert threshold(people, here, 0) == 9.0
    assert threshold(people, here, 4) < 1.0


def test_equal_scores_are_not_told_apart():
    people, here = profiles(np.ones(4), [1, 1, 1, 1])
    assert threshold(people, here, 2) == 1.0  # nobody stands above


# --- M11 stages, M25 trust, M27 surveys --------------------------------------------------------

def test_a_stage_is_prompt_informed_and_courteous():
    assert stage(0.5, 0.94, 0.75) == pytest.approx(0.73)


def test_the_worst_stage_colours_the_whole_only_where_it_is_worse():
    assert with_worst(0.8, 0.5, 0.3) == pytest.approx(0.71)
    assert with_worst(0.5, 0.8, 0.3) == 0.5
    assert with_worst(0.8, 0.5, 0.0) == 0.8


@pytest.mark.parametrize(("level", "loss"), [(0.0, 0.75), (0.5, 0.6), (1.0, 0.45)])
def test_trust_softens_a_loss(level, loss):
    """b- (1.25 - 0.5 t) with b- 0.6."""
    assert softened(0.6, level, 0.5) == pytest.approx(loss)
    assert softened(0.6, level, 0.0) == 0.6


@pytest.mark.parametrize(("score", "chance"), [(0.7, 0.15), (1.0, 0.225), (0.1, 0.30)])
def test_extremes_answer_more(score, chance):
    """0.15 (1 + |S - 0.7| / 0.6)."""
    assert answers(score, 0.15, 1.0) == pytest.approx(chance)
    assert answers(score, 0.15, 0.0) == 0.15
    assert answers(0.0, 1.0, 1.0) == 1.0


# --- M14 attraction ----------------------------------------------------------------------------

@pytest.mark.parametrize(("fit", "seller", "drawn"), [(0.0, 0.0, 1.0), (0.1, 0.0, 1.3),
                                                      (0.1, -0.2, 0.9), (-0.5, 0.0, 0.0),
                                                      (0.5, 0.5, 2.0)])
def test_prospects_are_drawn_by_fit_and_seller(fit, seller, drawn):
    """1 + 3 x fit gap + 2 x seller gap, between 0 and 2."""
    assert attracted(fit, 3.0, seller, 2.0, 2.0) == pytest.approx(drawn)
