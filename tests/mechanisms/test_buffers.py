"""A surge of demand, the reserve, stock (M24): numbers by hand, neutral settings, directions."""

from __future__ import annotations

import numpy as np
import pytest

from sim.behaviours import surge
from sim.errors import InputError
from sim.jit import plain
from tests.mechanisms.test_needs_in_motion import outcome, run, world

due = plain(surge.due)
SURGE = {"enabled": True, "at": "1 month", "length": "2 weeks", "factor": 2.5}


@pytest.mark.parametrize(("now", "gap", "at"), [
    (0.0, 9.0, 9.0),  # before
    (0.0, 14.0, 12.0),  # 10 before, 4 at double rate
    (12.0, 4.0, 14.0),  # inside
    (12.0, 20.0, 24.0),  # 8 h at double rate are 16, 4 after
    (5.0, 35.0, 30.0),  # 5 before, 20 inside, 10 after
    (21.0, 3.0, 24.0),  # after
])
def test_next_case_in_a_surge_by_hand(now: float, gap: float, at: float) -> None:
    assert due(now, gap, 10.0, 10.0, 2.0) == pytest.approx(at)


def test_a_stop_of_demand_and_no_surge() -> None:
    assert due(5.0, 6.0, 10.0, 10.0, 0.0) == 21.0  # nothing comes inside
    assert due(3.0, 40.0, 10.0, 10.0, 1.0) == pytest.approx(43.0)


def test_overlap_by_hand() -> None:
    shared = plain(surge.overlap)
    assert [shared(0, 5, 3, 9), shared(4, 5, 3, 9), shared(0, 2, 3, 9), shared(0, 20, 3, 9)] == [
        2, 1, 0, 6]


def test_neutral_means_off_to_the_bit() -> None:
    off = outcome(run())
    assert outcome(run(stock={"enabled": True, "function": "f", "level": 10, "lead": "0 h"}))[
        :10] == off[:10]
    same = run(surge={"enabled": True, "length": "0 h", "retainer": 0.0})
    assert outcome(same) == off


def test_more_cases_come_and_take_longer_unless_a_reserve_is_ready() -> None:
    calm = run()
    busy = run(surge=SURGE)
    ready = run(surge={**SURGE, "reserve": 1.0})
    late = run(surge={**SURGE, "reserve": 1.0, "delay": "2 weeks"})
    assert busy.world.totals[0]["arrivals"] > calm.world.totals[0]["arrivals"] + 20
    times = [sim.result().metrics["response_surge_h"] for sim in (ready, late, busy)]
    assert times[0] < times[1] < times[2]
    assert calm.result().metrics["response_surge_h"] is None


def test_what_the_reserve_costs() -> None:
    sim = run(surge={**SURGE, "reserve": 0.5, "clear": "1 week", "retainer": 0.1})
    hours = 9 * 0.5 * 120.0  # nine people, half as much again, three weeks
    assert sim.world.totals[0]["reserve_hours"] == pytest.approx(hours, rel=1e-9)
    held = 0.1 * 0.5 * 9 * 4 * 2080 / 12
    assert sim.result().metrics["cost_buffers"] == pytest.approx(
        (held + 1.5 * hours) * 20 * 1.43 * 3, rel=1e-9)


def test_more_stock_less_waiting_more_cost() -> None:
    found = []
    for level in (0, 40, 200):
        metrics = run(stock={"enabled": True, "function": "g", "level": level,
                             "lead": "2 weeks"}).result().metrics
        found.append([metrics[n] for n in ("stock_wait_h", "stock_service", "response_mean_h",
                                           "cost_buffers")])
    wait, service, response, cost = np.array(found, dtype=float).T
    assert wait[0] > wait[1] > wait[2] == 0.0
    assert service[0] < 0.2 and service[2] == 1.0
    assert response[0] > response[1] > response[2]
    np.testing.assert_allclose(cost, [0.0, 800.0, 4000.0])


def test_without_stock_everybody_waits_for_the_lead_time() -> None:
    metrics = run(stock={"enabled": True, "function": "f", "level": 0, "lead": "30 h"}
                  ).result().metrics
    assert metrics["stock_service"] == 0.0
    assert metrics["stock_wait_h"] == pytest.approx(30.0, rel=1e-9)


def test_material_needs_a_function_and_no_telephone() -> None:
    with pytest.raises(InputError, match="no function"):
        world(stock={"enabled": True, "function": "h"})
    with pytest.raises(InputError, match="telephone"):
        world(stock={"enabled": True, "function": "f"},
              case_types={"call": {"channel": "phone"}})
