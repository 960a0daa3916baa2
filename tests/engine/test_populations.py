"""Customers drawn lately: what is kept is what is drawn, and few of them."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.simulation import Populations
from sim.population import customers
from sim.scenario import load

COUNT = 30


@pytest.mark.parametrize(("rows", "draws", "kept"), [
    (10**6, 3, 3), (2 * COUNT, 100, 2), (COUNT - 1, 100, 0),
])
def test_few_draws_and_few_rows_are_kept(rows: int, draws: int, kept: int) -> None:
    firm = load("family_firm", set={"customers.count": COUNT})
    end_h = firm.time.warm_up
    populations = Populations(rows, draws)
    made = [populations.draw(firm, 1, r, end_h, 0) for r in range(5)]
    again = [populations.draw(firm, 1, r, end_h, 0) for r in reversed(range(5 - kept, 5))]
    assert all(a is b for a, b in zip(again, reversed(made), strict=False))
    assert len(populations._kept) == kept
    assert populations._held == sum(len(p.key) for _, p in populations._kept.values()) <= rows
    for r, population in enumerate(made):
        fresh = customers.draw(firm, 1, r, end_h, 0)
        np.testing.assert_array_equal(population.key, fresh.key)
        np.testing.assert_array_equal(population.segment, fresh.segment)


def test_customers_that_were_forgotten_are_drawn_again() -> None:
    firm = load("family_firm", set={"customers.count": COUNT})
    populations = Populations()
    before = populations.draw(firm, 1, 0, firm.time.warm_up, 0)
    populations.clear()
    assert not populations._kept and populations._held == 0
    after = populations.draw(firm, 1, 0, firm.time.warm_up, 0)
    assert after is not before
    np.testing.assert_array_equal(after.needs, before.needs)
