"""Who a customer is hangs on the customer alone, not on how many others there are."""

from __future__ import annotations

import numpy as np

from sim.population import customers
from tests.law.outcome import firm


def test_one_more_customer_changes_nobody_elses_traits() -> None:
    few = firm(market={"churn_max": 0.0})
    many = firm(market={"churn_max": 0.0}, customers={"count": 121})
    a, b = (customers.draw(s, 11, 0, 500.0) for s in (few, many))
    for name in ("segment", "label", "region", "needs", "weights", "key"):
        assert np.array_equal(getattr(a, name), getattr(b, name)[:120]), name


def test_traits_do_not_depend_on_how_many_may_join() -> None:
    scenario = firm()
    short, long = customers.draw(scenario, 11, 0, 300.0, 8), customers.draw(scenario, 11, 0, 600.0,
                                                                            64)
    n, joins = short.n_start, short.n_base
    assert joins < long.n_base
    assert np.array_equal(short.needs[: n + joins], long.needs[: n + joins])
    assert np.array_equal(short.needs[n + joins:], long.needs[n + long.n_base:][:8])
    assert np.array_equal(short.base_time, long.base_time[:joins])
