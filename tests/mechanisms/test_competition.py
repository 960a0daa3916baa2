"""Competitors (M23): numbers by hand, neutral settings, and directions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.behaviours import competition as rules
from sim.errors import InputError
from sim.jit import plain
from sim.population.customers import base_times
from sim.rng import run_key
from tests.mechanisms.compiled_rivalry import contested, rival_fit
from tests.mechanisms.test_needs_in_motion import outcome, run, world

OPEN = {"churn_max": 0.2, "inflow": True, "switching_cost": 0.1}


def test_formulas_by_hand() -> None:
    assert plain(rules.raised)(0.47, 0.77, 0.67) == pytest.approx(0.047)
    seen = plain(rules.perceived)
    assert [seen(x, 0.03) for x in (-0.04, -0.02, 0.0, 0.029, 0.03)] == [-0.04, 0, 0, 0, 0.03]
    assert seen(1e-9, 0.0) == 1e-9
    assert plain(rules.choice)(0.0, 10.0) == 0.5
    assert plain(rules.choice)(0.1, 10.0) == pytest.approx(1 / (1 + math.exp(-1)))
    assert plain(rules.choice)(-900.0, 10.0) == pytest.approx(0.0)


def test_neutral_competition_is_the_core_to_the_bit() -> None:
    off = run(market=OPEN)
    assert off.world.totals[0]["left"] >= 3
    on = run(market=OPEN, competition={"enabled": True, "fit_weight": 0.0, "perceptible": 0.0,
                                       "choice": False})
    sums = [n for n in off.world.totals.dtype.names
            if n not in ("compared", "advantage", "perceived")]
    assert [on.world.totals[0][n] for n in sums] == [off.world.totals[0][n] for n in sums]
    assert outcome(on)[-3:] == outcome(off)[-3:]
    assert off.result().metrics["advantage"] is None


def test_what_a_competitor_is_to_a_customer() -> None:
    """By hand from needs and centres: fit, and the loyalty at which the customer is undecided."""
    table = {"enabled": True, "focus": 0.5, "rise": 0.1, "entrant_segment": "b",
             "entrant_at": "1 month", "entrant_level": 0.9, "entrant_focus": 1.0}
    sim = run(market=OPEN, competition=table)
    w, now = sim.world, sim.end_h
    for c in (0, 1, 7):
        s = int(w.customers[c]["segment"])

        def fit(focus: float, c: int = c, s: int = s) -> float:
            gap = w.needs[c, 0].astype(float) - w.middle[0] - focus * w.centre[s, 0]
            return math.exp(-float(gap @ gap) / 4.0)

        assert rival_fit(w, c, 0.5) == pytest.approx(fit(0.5), rel=1e-12)
        level = 0.65 + 0.1 * 4 / 12 + 0.47 * (fit(0.5) - 0.67)
        if s == 1:
            level = max(level, 0.9 + 0.47 * (fit(1.0) - 0.67))
        assert contested(w, c, now) == pytest.approx(level - 0.1, rel=1e-9)


def test_a_focused_competitor_fits_better_and_takes_customers() -> None:
    def left(focus: float) -> float:
        table = {"enabled": True, "focus": focus, "choice": False, "fit_weight": 3.0}
        return sum(float(run(replication=r, market=OPEN, competition=table).world.totals[0]["left"])
                   for r in range(3))

    assert left(1.0) > left(0.0)


def test_rising_competitors_and_an_entrant_take_customers() -> None:
    calm = {"enabled": True, "choice": False}
    base = run(market=OPEN, competition=calm)
    risen = run(market=OPEN, competition={**calm, "rise": 1.0})
    entered = run(market=OPEN, competition={**calm, "entrant_segment": "b", "entrant_at": "0 h",
                                            "entrant_level": 1.2})
    assert risen.world.totals[0]["left"] > base.world.totals[0]["left"]
    lost = entered.world.segment_totals["left"] - base.world.segment_totals["left"]
    assert lost[1] > 0 and lost[0] == 0  # where it enters, and nowhere else


def test_prospects_choose_by_how_the_firm_stands() -> None:
    def joined(rise: float) -> float:
        return float(run(market=OPEN, competition={"enabled": True, "rise": rise}
                         ).world.totals[0]["joined"])

    assert joined(-1.0) > joined(1.0)
    some = world(market=OPEN, competition={"enabled": True})
    none = world(market=OPEN)
    key = run_key(3, 0)
    assert len(base_times(some, key, 20_000.0)) == pytest.approx(
        2 * len(base_times(none, key, 20_000.0)), rel=0.3)


def test_below_the_threshold_nobody_sees_a_difference() -> None:
    blind = run(market=OPEN, competition={"enabled": True, "perceptible": 1.0}).result().metrics
    keen = run(market=OPEN, competition={"enabled": True, "perceptible": 0.0}).result().metrics
    assert blind["difference_perceived"] == 0.0
    assert keen["difference_perceived"] == 1.0
    assert keen["advantage"] is not None


def test_an_unknown_segment_is_named() -> None:
    with pytest.raises(InputError, match="no segment"):
        world(competition={"enabled": True, "entrant_segment": "c"})


def test_share_of_the_market() -> None:
    metrics: dict[str, Any] = run(market=OPEN).result().metrics
    assert metrics["market_share"] == pytest.approx(metrics["customers_active"] / 120)
    assert np.isfinite(metrics["market_share"])
