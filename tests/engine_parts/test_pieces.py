"""A run in pieces: where periods end, and that stopping changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.simulation import Simulation, prepare, simulate, snapshot_times
from tests.law.outcome import firm, outcome


@pytest.mark.parametrize(("warm_up", "window", "period", "times"), [
    (80, 120, 40, [40, 80, 120, 160, 200]),
    (100, 100, 40, [40, 80, 100, 140, 180, 200]),  # cut at the end of warm-up, and counted anew
    (0, 100, 40, [0, 40, 80, 100]),
    (0, 40, 40, [0, 40]),
    (30, 20, 40, [30, 50]),
    (40, 0, 40, [40, 40]),
    (0.3, 0.2, 0.1, [0.1, 0.2, 0.3, 0.4, 0.5]),  # 3 x 0.1 is more than 0.3: no empty period
    (2.1, 2.1, 0.7, [0.7, 1.4, 2.1, 2.8, 3.5, 4.2]),  # and 3 x 0.7 is less than 2.1
])
def test_ends_of_periods_by_hand(warm_up: float, window: float, period: float,
                                 times: list[float]) -> None:
    np.testing.assert_allclose(snapshot_times(warm_up, window, period), times, rtol=1e-14)


@given(warm_up=st.floats(0, 3000), window=st.floats(1, 3000), period=st.floats(1, 500))
@settings(max_examples=200, deadline=None)
def test_ends_of_periods(warm_up: float, window: float, period: float) -> None:
    """Rising, no longer than a period apart, the end of warm-up and of the run among them, and
    whole periods from the start in warm-up and from its end in the window."""
    times = snapshot_times(warm_up, window, period)
    steps = np.diff(times)
    assert (steps > 0).all() and steps.max() <= period * (1 + 1e-9)
    assert times[-1] == warm_up + window
    first = int(np.flatnonzero(times == warm_up)[0])
    np.testing.assert_allclose(times[:first], period * np.arange(1, first + 1), rtol=1e-12)
    inside = times[first + 1:-1] - warm_up
    np.testing.assert_allclose(inside, period * np.arange(1, len(inside) + 1), rtol=1e-9)


@pytest.mark.slow  # without the compiler each run takes many seconds
@pytest.mark.parametrize("structure", ["functional", "mixed"])
def test_stopping_changes_no_bit(structure: str) -> None:
    """Cut at random instants, at the very ends of weeks, and after every event for a while."""
    prepared = prepare(firm(), structure)
    whole = outcome(simulate(prepared, 1, case_log=True))
    luck = np.random.default_rng(3)
    cuts = np.sort(np.concatenate([luck.uniform(0, 520, 60), np.arange(0, 520, 40.0),
                                   np.arange(100, 120, 0.01)]))
    run = Simulation(prepared, 1, case_log=True)
    for cut in cuts:
        run.run_to(cut)
        assert run.now == cut
    run.run_to(run.end_h)
    assert outcome(run.result()) == whole


@pytest.mark.slow
def test_a_run_that_is_not_finished_has_no_result() -> None:
    run = Simulation(prepare(firm(), "functional"), 0)
    run.run_to(run.end_h - 1e-6)
    with pytest.raises(RuntimeError, match="not finished"):
        run.result()
