"""A recorded run is the run itself, its cases add up, and it is small enough to be sent."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sim import api
from sim.engine import simulation
from sim.engine.journal import EVERYBODY
from sim.experiment.monthly import block_ends, curves
from sim.experiment.trajectory import record
from sim.experiment.visits import places, visits

pytestmark = pytest.mark.slow
CHANGES = ["time.warm_up=20 weeks", "time.horizon=26 weeks", "customers.count=120",
           "staff.heads=4"]


@pytest.fixture(scope="module", params=["functional", "product"])
def prepared(request: pytest.FixtureRequest) -> Any:
    return simulation.prepare(api.load("family_firm", set=CHANGES), request.param)


def test_a_watched_run_is_the_run(prepared: Any) -> None:
    plain = simulation.simulate(prepared, 1)
    watched = record(prepared, 1).result
    assert watched.metrics == plain.metrics
    assert np.array_equal(watched.series["totals"], plain.series["totals"])


def test_cases_of_the_log_are_those_of_the_case_log(prepared: Any) -> None:
    """Customer, number, opening, close, satisfaction and hand-offs, case by case."""
    run = simulation.simulate(prepared, 0, journey=EVERYBODY, case_log=True)
    layouts = [run.layout]
    found = visits(run.journey, layouts, (), run.warm_up_h)
    cases = {(int(row["customer"]), int(row["number"])): row for row in run.case_log}
    ended = np.flatnonzero(np.isfinite(found.closed))
    assert len(ended) == len(cases) > 500
    for c in ended:
        row = cases[int(found.customer[c]), int(found.number[c])]
        assert found.opened[c] + run.warm_up_h == pytest.approx(row["opened"])
        assert found.closed[c] + run.warm_up_h == pytest.approx(row["closed"])
        assert found.satisfaction[c] == pytest.approx(row["satisfaction"])
    still = len(found.handed) - sum(int(row["handoffs"]) for row in run.case_log)
    assert 0 <= still <= 3 * (len(found.opened) - len(ended))
    assert {p.department for p in places(layouts)} == set(run.layout.units)


def test_legs_follow_each_other(prepared: Any) -> None:
    """A leg is a wait and a visit in order of time; the next begins when the last has ended."""
    run = simulation.simulate(prepared, 0, journey=EVERYBODY)
    found = visits(run.journey, [run.layout], (), run.warm_up_h)
    served = np.isfinite(found.started)
    assert (found.started[served] >= found.arrived[served] - 1e-9).all()
    assert (found.ended[served] >= found.started[served]).all()
    same = found.case[1:] == found.case[:-1]
    gaps = found.arrived[1:][same] - found.ended[:-1][same]
    assert (gaps >= -1e-6).all()
    busy = found.ended[served] - found.started[served]
    inside = np.minimum(found.ended[served], run.window_h) - np.maximum(found.started[served], 0.0)
    assert np.maximum(inside, 0.0).sum() == pytest.approx(
        float(run.totals["busy"]), rel=0.02)
    assert busy.min() >= 0.0


def test_curves_add_up_to_the_run(prepared: Any) -> None:
    """Blocks weighted by what happened in them give the metric of the whole window."""
    run = simulation.simulate(prepared, 0)
    found, ends = curves(prepared.scenario, run), block_ends(run)
    hours = np.diff([0.0, *ends])
    assert ends[-1] == pytest.approx(run.window_h)
    assert (found["cost_total"] * hours).sum() / run.window_h == pytest.approx(
        run.metrics["cost_total"])
    times = np.asarray(run.series["time"])
    block = np.searchsorted(ends, times[times > 0] - 1e-6)
    totals = run.series["totals"][times > 0]
    ended = np.bincount(block, totals["closed"] + totals["abandoned"])
    assert (found["satisfaction"] * ended).sum() / ended.sum() == pytest.approx(
        run.metrics["satisfaction"])


def test_a_recording_is_small_and_whole() -> None:
    prepared = simulation.prepare(api.load("family_firm"), "functional")
    made = record(prepared, 0)
    data = made.to_json()
    assert len(json.dumps(data, allow_nan=False, separators=(",", ":"))) < 400_000
    legs, cases = data["legs"], data["cases"]
    assert len({len(column) for column in legs.values()}) == 1
    assert max(legs["case"]) == len(cases["customer"]) - 1
    assert max(legs["pool"]) < len(data["pools"])
    assert sum(room["heads"] for room in data["rooms"]) == 6
    open_at_start = sum(opened <= 0 for opened in cases["opened"])
    assert 0 < open_at_start < 60
