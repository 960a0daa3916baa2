"""Doing many independent pieces of work, in threads, with results in the order asked for.

Owns: how work is spread, counted, timed, interrupted, and how a failure becomes data. Never
does: know what a piece of work is.

Compiled runs release Python's global lock, so threads are as good as processes here and nothing
has to be pickled. The number of threads and the order in which they finish change no result.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sim.errors import OrgSimError
from sim.records import Failure

T = TypeVar("T")

Progress = Callable[[int, int, str], None]
"""Told (pieces done, pieces in all, what is going on), always from the calling thread."""


@dataclass(frozen=True)
class Job(Generic[T]):
    """One piece of work, and what to call it if it fails."""

    structure: str
    replication: int
    stage: str
    call: Callable[[], T]


@dataclass
class Batch(Generic[T]):
    """What came of a list of jobs."""

    outcomes: list[T | Failure | None]
    """In the order of the jobs; None for work an interruption kept from being done."""
    seconds: list[float]
    """Wall time of each."""
    interrupted: bool = False
    errors: dict[int, OrgSimError] = field(default_factory=dict)
    """Jobs that ended because the user's input is wrong, by position."""


def available_cpus() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_runs(
    jobs: Sequence[Job[T]],
    n_jobs: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Batch[T]:
    """Do all jobs; the same outcomes for any number of threads.

    Args:
        jobs: Independent pieces of work.
        n_jobs: Threads; None means one per available processor.
        progress: Called in this thread with the number of jobs finished so far.

    Returns:
        Outcomes in the order of `jobs`. A job that raised is a `Failure`. After Ctrl-C the
        finished work is there, the rest is None, and `interrupted` is set.

    Raises:
        OrgSimError: A job found the input wrong (that of the first such job in order).
    """
    workers = max(1, min(n_jobs or available_cpus(), len(jobs)))
    batch: Batch[T] = Batch([None] * len(jobs), [0.0] * len(jobs))
    if workers == 1:
        _one_by_one(jobs, batch, progress)
    else:
        _in_threads(jobs, workers, batch, progress)
    if batch.errors:
        raise batch.errors[min(batch.errors)]
    return batch


def _work(job: Job[T], position: int, batch: Batch[T]) -> None:
    start = time.perf_counter()
    try:
        batch.outcomes[position] = job.call()
    except OrgSimError as error:
        batch.errors[position] = error
    except Exception as error:  # noqa: BLE001 - a failed run is a row, and the others go on
        batch.outcomes[position] = Failure(
            job.structure, job.replication, job.stage, type(error).__name__, str(error)
        )
    batch.seconds[position] = time.perf_counter() - start


def _one_by_one(
    jobs: Sequence[Job[T]], batch: Batch[T], progress: Callable[[int], None] | None
) -> None:
    try:
        for position, job in enumerate(jobs):
            _work(job, position, batch)
            if batch.errors:
                return
            if progress is not None:
                progress(position + 1)
    except KeyboardInterrupt:
        batch.interrupted = True


def _in_threads(
    jobs: Sequence[Job[T]],
    workers: int,
    batch: Batch[T],
    progress: Callable[[int], None] | None,
) -> None:
    pool = ThreadPoolExecutor(workers, thread_name_prefix="run")
    waiting: set[Future[None]] = set()
    try:
        waiting = {pool.submit(_work, job, i, batch) for i, job in enumerate(jobs)}
        finished = 0
        while waiting and not batch.errors:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            finished += len(done)
            if progress is not None:
                progress(finished)
    except KeyboardInterrupt:
        batch.interrupted = True
    finally:
        # A run that has begun cannot be stopped inside its kernel: it is short, and is kept.
        pool.shutdown(wait=True, cancel_futures=True)
