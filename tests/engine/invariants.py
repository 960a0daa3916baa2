"""What must hold in every run at every moment, whatever the scenario.

Owns: the checks, on the arrays of a run that stands still. `check_world` looks at the state,
`check_progress` at two of its sums, `check_result` at the outcome.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.accounting import ledger
from sim.engine.arrays import CustomerStatus, PersonState
from sim.engine.simulation import Simulation
from sim.metrics.registry import METRICS
from sim.records import RunResult
from sim.state import STOCKS

SIGNED = {"step": "steps", "step_reopened": "steps_reopened", "step_failed": "steps_failed"}
"""Sums of moves up and down, each between -1 and 1, and how many there were."""
CLOSE = {"rtol": 1e-9, "atol": 1e-7}


def check_world(run: Simulation) -> None:
    """Cases, customers, people, queues and time of a run that stands still."""
    w = run.world
    clock, totals = w.clock[0], w.totals[0]
    now = run.now

    # Cases: each is open or done, each record is in use or free.
    assert totals["arrivals"] == totals["closed"] + totals["abandoned"] + clock["open"]
    free = _chain(w.cases, int(clock["free_case"]))
    assert len(w.cases) - len(free) == clock["open"] + clock["errands"]
    used = np.setdiff1d(np.arange(len(w.cases)), free)

    # Queues: whoever waits or is served has one place.
    waiting: list[int] = []
    for line in w.lines.ravel():
        waiting += _chain(w.cases, int(line["head"]))
    served = w.people["case"][w.people["state"] == PersonState.BUSY].tolist()
    places = waiting + served
    assert len(set(places)) == len(places)
    assert set(places) <= set(used.tolist())

    # People: every post is in one pool, one unit, one team, one state.
    filled = w.people["state"] != PersonState.VACANT
    pools = np.arange(len(w.pools))
    assert np.array_equal(np.bincount(w.people["pool"], minlength=len(pools)), w.pools["posts"])
    assert np.array_equal(np.bincount(w.people["pool"][filled], minlength=len(pools)),
                          w.pools["filled"])
    assert len(w.people) == run.prepared.start.heads.sum()
    assert np.array_equal(w.people["unit"], w.pools["unit"][w.people["pool"]])
    assert np.array_equal(np.bincount(w.people["unit"], minlength=len(w.units)),
                          w.units["posts"])
    assert np.array_equal(w.teams["unit"][w.people["team"]], w.people["unit"])
    assert np.array_equal(np.bincount(w.people["team"], minlength=len(w.teams)),
                          w.teams["size"])
    assert w.teams["size"].max() <= max(w.par[0]["span"], 1) + _moved_in(run)
    idle = [person for pool in w.pools for person in _chain(w.people, int(pool["idle_head"]))]
    assert sorted(idle) == np.flatnonzero(w.people["state"] == PersonState.IDLE).tolist()
    for pool in w.pools:
        since = [w.people[p]["since"] for p in _chain(w.people, int(pool["idle_head"]))]
        assert since == sorted(since)

    # Nobody idles beside a visit of the own queue.
    for index, pool in enumerate(w.pools):
        queue = int(pool["queue"])
        if pool["idle_head"] >= 0:
            assert all(line["head"] < 0 for line in w.lines[queue]), index

    # Time: everything booked lies ahead.
    booked = w.heap["time"][: int(clock["heap_n"])]
    assert now == clock["now"]
    assert np.all(booked >= now)
    here = w.customers["status"] == CustomerStatus.ACTIVE
    assert np.all(w.customers["next_arrival"][here] >= now)
    assert np.all(w.people["since"] <= now)

    # Customers and scores.
    assert here.sum() == clock["active"]
    for name in ("loyalty", "expectation"):
        assert np.all((w.customers[name] >= 0) & (w.customers[name] <= 1)), name
    assert np.all((w.knowledge >= 0) & (w.knowledge <= 1))
    assert np.all(np.isfinite(w.offering))
    familiar = w.pairs["familiarity"]
    assert np.all((familiar >= 0) & (familiar <= 1))


def _moved_in(run: Simulation) -> int:
    """Moves inside a unit keep the team, so that one may outgrow the span by them."""
    return int(run.world.totals[0]["moves"])


def _chain(rows: Any, first: int) -> list[int]:
    """Indices of a linked list."""
    found = []
    while first >= 0:
        found.append(first)
        first = int(rows[first]["link"])
        assert len(found) <= len(rows), "a linked list runs in a circle"
    return found


def check_progress(run: Simulation, periods: int) -> None:
    """Snapshots so far: sums never fall, parts add up, nobody works more than is there."""
    w = run.world
    for rows in (w.snapshots, w.segment_snapshots, w.unit_snapshots, w.pool_snapshots):
        done = rows[:periods]
        for name in done.dtype.names:
            if name in SIGNED:
                assert np.all(np.abs(done[name]) <= done[SIGNED[name]] * (1 + 1e-9)), name
                continue
            assert np.all(done[name] >= 0), name
            if name not in STOCKS.get(done.dtype, ()):
                assert np.all(np.diff(done[name], axis=0) >= 0), name
    firm = w.snapshots[:periods]
    for parts in (w.segment_snapshots, w.unit_snapshots, w.pool_snapshots):
        for name in set(parts.dtype.names) & set(firm.dtype.names) - {"loyalty", "visits",
                                                                       "queue", "touch"}:
            np.testing.assert_allclose(parts[:periods][name].sum(axis=1), firm[name],
                                       err_msg=name, **CLOSE)
    assert np.all(firm["busy"] <= firm["filled"] * (1 + 1e-9) + 1e-7)
    for name, whole in (("caught", "errors"), ("unresolved", "closed"), ("abandoned", "phone"),
                        ("cover_visits", "all_visits"), ("hires", "quits")):
        extra = len(w.people) if name == "cover_visits" else 0  # visits under way
        assert np.all(firm[name] <= firm[whole] + extra), name
    assert np.all(firm["first_contact"] <= firm["closed"])
    assert np.all(firm["fits"] >= firm["closed"])
    parts = sum(firm[name] for name in ("touch", "queue", "transfer", "rework"))
    np.testing.assert_allclose(parts, firm["response"], **CLOSE)
    joined = w.pool_snapshots[:periods]["joins"].sum(axis=1)
    ended = w.pool_snapshots[:periods]["visits"].sum(axis=1)
    assert np.all(ended + firm["abandoned"] <= joined)


def check_result(run: Simulation, result: RunResult) -> None:
    """Metrics are finite or None, the books balance, the window is a difference of sums."""
    assert list(result.metrics) == list(METRICS)
    for name, value in result.metrics.items():
        assert value is None or math.isfinite(value), name
    totals, scenario = result.totals, run.prepared.scenario
    books = ledger.yearly(scenario, result.layout, totals, result.segments, result.window_h)
    parts = (books.line, books.heads, books.units, books.hiring, books.people,
             books.concessions, books.promotion, books.commissions, books.gestures,
             books.empowerment, books.buffers, books.information, books.growth, books.change)
    assert math.isclose(books.total, sum(parts), rel_tol=1e-12)
    assert math.isclose(books.profit, scenario.money.margin * books.revenue + books.extra
                        - books.total, rel_tol=1e-9, abs_tol=1e-6)
    assert min(books.line, books.heads, books.units, books.hiring, books.revenue) >= 0
    assert run.world.histogram.sum() == totals["closed"]
    mean, parts = result.metrics["response_mean_h"], [
        result.metrics[name] for name in ("touch_h", "queue_h", "transfer_h", "rework_h")]
    if totals["closed"] == 0:
        assert mean is None
        assert parts == [None] * 4
    else:
        assert math.isclose(sum(p or 0.0 for p in parts), mean or 0.0, rel_tol=1e-9, abs_tol=1e-7)
    ended = totals["closed"] + totals["abandoned"]
    rows = run.world.customers
    assert rows["cases"].sum() == ended
    assert math.isclose(rows["satisfaction_sum"].sum(), totals["satisfaction"], rel_tol=1e-9,
                        abs_tol=1e-7)
    measured = result.series["time"] > 0
    for name in totals.dtype.names:
        if name not in STOCKS.get(totals.dtype, ()):
            np.testing.assert_allclose(result.series["totals"][name][measured].sum(),
                                       totals[name], err_msg=name, **CLOSE)
