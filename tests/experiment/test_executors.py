"""Threads change neither order nor outcome; failures are rows; interruptions keep what is done."""

import threading

import pytest

from sim.errors import Fault, InputError
from sim.experiment.executors import Job, available_cpus, map_runs
from sim.records import Failure


def squares(n, **special):
    def call(i):
        def work():
            action = special.get(f"at_{i}")
            if action is not None:
                raise action
            return i * i

        return work

    return [Job("functional", i, "run", call(i)) for i in range(n)]


@pytest.mark.parametrize("n_jobs", [1, 2, 5, None])
def test_outcomes_come_in_the_order_asked(n_jobs):
    told = []
    batch = map_runs(squares(20), n_jobs, told.append)
    assert batch.outcomes == [i * i for i in range(20)]
    assert told[-1] == 20 and told == sorted(told)
    assert len(batch.seconds) == 20 and not batch.interrupted


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_a_failure_is_a_row_and_the_others_go_on(n_jobs):
    batch = map_runs(squares(6, at_2=ZeroDivisionError("by zero")), n_jobs)
    assert batch.outcomes[2] == Failure("functional", 2, "run", "ZeroDivisionError", "by zero")
    assert [o for i, o in enumerate(batch.outcomes) if i != 2] == [0, 1, 9, 16, 25]


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_bad_input_ends_the_work(n_jobs):
    with pytest.raises(InputError, match="no such"):
        map_runs(squares(6, at_1=InputError(Fault("file", "key", "no such"))), n_jobs)


def test_an_interruption_keeps_finished_work_one_by_one():
    batch = map_runs(squares(6, at_3=KeyboardInterrupt()), 1)
    assert batch.interrupted
    assert batch.outcomes == [0, 1, 4, None, None, None]


def test_an_interruption_keeps_finished_work_in_threads():
    def told(finished):
        if finished >= 2:
            raise KeyboardInterrupt

    batch = map_runs(squares(50), 2, told)
    assert batch.interrupted
    assert [o for o in batch.outcomes if o is not None] == [
        i * i for i, o in enumerate(batch.outcomes) if o is not None]
    assert sum(o is not None for o in batch.outcomes) >= 2


def test_work_is_really_spread_over_threads():
    """Two jobs that wait for each other end only if both run at the same time."""
    meeting = threading.Barrier(2, timeout=20)
    batch = map_runs([Job("x", i, "run", meeting.wait) for i in range(2)], 2)
    assert sorted(batch.outcomes) == [0, 1]


def test_nothing_to_do_and_processors():
    assert map_runs([], 4).outcomes == []
    assert available_cpus() >= 1
