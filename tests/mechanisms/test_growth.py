"""New offerings and expansion (M21, M24): numbers by hand, neutral settings, and directions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.accounting.ledger import monthly, yearly
from sim.behaviours import novelty
from sim.engine.simulation import Simulation, prepare
from sim.jit import plain
from sim.structures import build
from tests.mechanisms.test_needs_in_motion import run, world

OPEN = {"churn_max": 0.2, "inflow": True, "convert": 0.0, "tell_neutral": 0.0}


def test_formulas_by_hand() -> None:
    assert plain(novelty.launch_chance)(0.1, 0.02, 0.5) == pytest.approx(0.11)
    assert plain(novelty.launch_chance)(0.9, 0.5, 0.5) == 1.0
    rate = plain(novelty.adoption_rate)
    assert rate(0.15, 0.67, 0.67, 10.0) == pytest.approx(0.075)
    assert rate(0.15, 0.77, 0.67, 10.0) == pytest.approx(0.15 / (1 + math.exp(-1)))


def test_neutral_means_off_to_the_bit() -> None:
    off = run().world.totals[0]
    still = run(novelty={"enabled": True, "recombination": 0.0})
    counts = ("unit_ties", "tie_months")
    names = [n for n in still.world.totals.dtype.names if n not in counts]
    assert [still.world.totals[0][n] for n in names] == [off[n] for n in names]
    dear = run(expansion={"enabled": True, "inflow": 0.0, "cost": 1e12}).world.totals[0]
    names = [n for n in off.dtype.names if n != "cash"]
    assert dear["cash"] != 0.0
    np.testing.assert_allclose([dear[n] for n in names], [off[n] for n in names], rtol=1e-12)


def test_a_launch_every_month_and_its_adoption_by_hand() -> None:
    """Adoption of the first of four launches, month by month, by the months' mean fit."""
    rules = {"enabled": True, "launches": 1.0, "adoption": 0.4, "target": 0.3, "uplift": 0.1}
    sim = Simulation(prepare(world(novelty=rules), "functional"), 0)
    adoption, revenue, before = [0.0, 0.0, 0.0, 0.0], 0.0, None
    for month in range(1, 6):
        sim.run_to(month * 2080 / 12 + 1e-6)
        sums = sim.world.totals[0].copy()
        if before is not None:
            fit = (sums["fit"] - before["fit"]) / (sums["fits"] - before["fits"])
            rate = 0.4 / (1 + math.exp(-10 * (fit - 0.67)))
            for i in range(month - 2):
                adoption[i] += (1 - adoption[i]) * rate
                revenue += 0.1 * adoption[i] * 60 * 2500 / 12
        before = sums
    assert sim.world.totals[0]["launches"] == 4  # the first month ends in warm-up
    np.testing.assert_allclose(sim.world.launches["adoption"][:4], adoption, rtol=1e-9)
    assert sim.world.totals[0]["novel_revenue"] == pytest.approx(revenue, rel=1e-9)
    assert sim.world.totals[0]["launches_adopted"] == sum(a >= 0.3 for a in adoption)


def test_better_fit_more_adoption() -> None:
    rules = {"enabled": True, "launches": 1.0}
    blunt = run(novelty=rules, design={"standardisation": 1.0}, structure="customer")
    sharp = run(novelty=rules, design={"variants": 4}, structure="customer")
    assert sharp.world.launches["adoption"][0] > blunt.world.launches["adoption"][0]


def test_ties_need_two_units_that_meet_and_differ() -> None:
    rules = {"enabled": True}
    apart = run(novelty=rules).result().metrics
    assert apart["unit_ties"] > 0.0
    one = run(novelty=rules, structure="undivided", staff={"heads": 9}).result().metrics
    assert one["unit_ties"] == 0.0
    assert run().result().metrics["new_offerings"] is None


def test_the_monthly_account_has_the_prices_of_the_books() -> None:
    """Twelve months of the account are the year of the ledger."""
    scenario = world(segments={"a": {"share": 1.0, "value": 9000.0}})
    layout = build(scenario, "functional", 9)
    totals: Any = np.zeros((), [(n, "f8") for n in run().world.totals.dtype.names])
    totals["filled"], totals["lead_teams"], totals["hires"], totals["months"] = 9e3, 300.0, 2, 12
    segments = np.zeros(1, [("customer_months", "f8"), ("active", "f8"), ("closed", "f8")])
    segments["customer_months"] = 12 * 60
    price = monthly(scenario, layout)
    year = (price["margin"] * 60 * 9000.0 - price["hour"] * 9e3 - price["head"] * 300
            - price["hire"] * 2 - 12 * price["month"])
    assert yearly(scenario, layout, totals, segments, 2080.0).profit == pytest.approx(year)


def test_who_earns_expands_and_grows() -> None:
    rich = {"a": {"share": 0.5, "value": 90000.0}, "b": {"share": 0.5, "value": 90000.0}}
    rules = {"enabled": True, "cost": 100_000.0, "most": 2, "inflow": 4.0}
    poor = run(market=OPEN, expansion=rules)
    grown = run(market=OPEN, expansion=rules, segments=rich)
    assert poor.result().metrics["expansions"] == 0.0
    assert grown.result().metrics["expansions"] == 2.0
    assert grown.result().metrics["cost_growth"] == pytest.approx(2 * 100_000.0 * 3)
    assert grown.world.totals[0]["joined"] > poor.world.totals[0]["joined"]


def test_more_versions_cost_so_much_that_expansion_comes_later() -> None:
    """Versions nobody needs (all needs alike) eat the money an expansion would take."""
    alike = {"variance": 0.0}
    value = {"a": {"share": 0.5, "value": 60000.0}, "b": {"share": 0.5, "value": 60000.0}}
    rules = {"enabled": True, "cost": 60_000.0, "most": 50}

    def expansions(variants: int) -> float:
        sim = run(market={"churn_max": 0.0}, needs=alike, segments=value, expansion=rules,
                  design={"variants": variants}, money={"offering_fte": 0.3})
        return float(sim.world.totals[0]["expansions"])

    assert expansions(8) < expansions(1)
