"""Who does the chunks: processes of this machine, a Dask cluster, or any executor.

Owns: how many chunks are under way, what happens when a worker dies, how work is ended early.
Never does: know what a chunk is about, or write anything.

Processes rather than threads: a run that brings its process down must not take the sweep with it,
and a short run spends too much of its time in Python's lock for two threads to be worth two
processors (docs/scale.md has the measurement).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sim.errors import Fault, InputError
from sim.sweep.worker import Chunk, Done, begin, run_chunk

STRIKES = 3
"""Deaths of a worker, each time alone with the same run, after which the run has failed."""
GIVEN_UP = f"its worker process died {STRIKES} times (out of memory, or a crash)"


class Pool:
    """An executor from outside, used as it is."""

    def __init__(self, executor: Executor, width: int) -> None:
        self._executor: Executor | None = executor
        self._width = width

    @property
    def width(self) -> int:
        """Chunks to keep under way: one for every worker, and as many again that wait."""
        return 2 * self._width

    @property
    def workers(self) -> int:
        """Chunks done at the same time."""
        return self._width

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Hand a call to a worker."""
        return self._running().submit(function, *arguments)

    def restart(self) -> None:
        """Make it work again after a worker died."""

    def interrupt(self) -> None:
        """Ask workers to end their chunks early."""

    def close(self) -> None:
        """Let go of it; what is under way is waited for."""

    def died(self, error: BaseException) -> bool:
        """The error says that a worker died, not that its work went wrong."""
        return isinstance(error, BrokenExecutor)

    def _running(self) -> Executor:
        assert self._executor is not None  # noqa: S101 - made before anything is submitted
        return self._executor


class Processes(Pool):
    """Worker processes of this machine."""

    def __init__(self, jobs: int, preload: Sequence[str] = ()) -> None:
        """Start so many, with modules that they all will need imported once."""
        import multiprocessing

        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["sim.sweep.worker", *preload])
        self._stop = self._context.Event()
        self._executor = None
        self._width = jobs
        self.restart()

    def restart(self) -> None:
        """New processes in place of the old."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = ProcessPoolExecutor(
            self._width, mp_context=self._context, initializer=begin, initargs=(self._stop,))

    def interrupt(self) -> None:
        """Workers look at the event after every run."""
        self._stop.set()

    def close(self) -> None:
        """Wait for what is under way."""
        self._running().shutdown(wait=True, cancel_futures=True)


class Cluster(Pool):
    """A Dask cluster: one that is there, or one of this machine alone."""

    def __init__(self, address: str, jobs: int) -> None:
        try:
            from distributed import Client, LocalCluster
        except ImportError:
            raise InputError(Fault("--dask", "", "needs the package distributed",
                                   'pip install "orgsim[cluster]"')) from None
        self._own: Any = None
        if address == "local":
            self._own = LocalCluster(n_workers=jobs, threads_per_worker=1, processes=True,
                                     host="127.0.0.1", dashboard_address=None,
                                     silence_logs=50)
        try:
            self._client = Client(self._own or address, timeout=20, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(Fault("--dask", "", f"no Dask scheduler answers at {address!r} "
                                   f"({error})", "such as tcp://127.0.0.1:8786, or local")
                             ) from None
        self._executor = self._client.get_executor(pure=False)
        self._asked, self._seen = -1e9, 0
        self._width = max(1, jobs if self._own else self._cores())

    def _cores(self) -> int:
        if time.monotonic() - self._asked > 5.0:
            self._asked = time.monotonic()
            self._seen = int(sum(self._client.ncores().values()))
        return self._seen

    @property
    def width(self) -> int:
        """Workers may come and go."""
        return 2 * max(1, self._cores())

    @property
    def workers(self) -> int:
        """Threads of all workers."""
        return max(1, self._cores())

    def died(self, error: BaseException) -> bool:
        """Dask gives a task up after several workers died of it."""
        return type(error).__name__ == "KilledWorker" or super().died(error)

    def close(self) -> None:
        """Let go of the cluster; end it if it is our own."""
        with suppress(Exception):
            self._client.close()
        if self._own is not None:
            with suppress(Exception):
                self._own.close()


def drive(chunks: Iterator[Chunk], pool: Pool) -> Iterator[Done]:
    """Do all chunks, yielding what came of each as it is done.

    A worker that dies takes nothing with it but time: its chunk, and those that were lost with
    it, are done again one at a time; the one that kills its worker again is halved until a single
    run is left, and that run fails after the third death.

    Raises:
        OutputFailed, InputError: As workers do.
        KeyboardInterrupt: After workers have been asked to end; finish with `ending`.
    """
    suspects: deque[tuple[Chunk, int]] = deque()
    waiting: dict[Future[Done], Chunk] = {}
    source_ended = False
    try:
        while True:
            while suspects and not waiting:
                yield from _alone(suspects, pool)
            while not suspects and not source_ended and len(waiting) < pool.width:
                chunk = next(chunks, None)
                if chunk is None:
                    source_ended = True
                else:
                    try:
                        waiting[pool.submit(run_chunk, chunk)] = chunk
                    except BrokenExecutor:
                        suspects.append((chunk, 0))
                        break
            if not waiting:
                if suspects:
                    pool.restart()
                    continue
                return
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                chunk = waiting.pop(future)
                error = _error(future)
                if error is None:
                    yield future.result()
                elif pool.died(error):
                    suspects.append((chunk, 0))
                else:
                    raise error
            if suspects:
                yield from _saved(waiting, suspects, pool)
    except BaseException:
        for future in waiting:
            future.cancel()
        raise


def _saved(
    waiting: dict[Future[Done], Chunk], suspects: deque[tuple[Chunk, int]], pool: Pool
) -> Iterator[Done]:
    """After a death: what is done all the same, and the rest into the queue of suspects."""
    wait(waiting)
    for future, chunk in list(waiting.items()):
        del waiting[future]
        error = _error(future)
        if error is None:
            yield future.result()
        elif pool.died(error) or isinstance(error, CancelledError):
            suspects.append((chunk, 0))
        else:
            raise error
    pool.restart()


def _alone(suspects: deque[tuple[Chunk, int]], pool: Pool) -> Iterator[Done]:
    """One suspect, with nobody else at work."""
    chunk, strikes = suspects.popleft()
    future = pool.submit(run_chunk, chunk)
    wait([future])
    error = _error(future)
    if error is None:
        yield future.result()
        return
    if not pool.died(error):
        raise error
    pool.restart()
    halves = halved(chunk)
    if halves:
        suspects.extendleft((half, 0) for half in reversed(halves))
    elif strikes + 1 < STRIKES:
        suspects.appendleft((chunk, strikes + 1))
    else:
        yield run_chunk(replace(chunk, given_up=GIVEN_UP))


def halved(chunk: Chunk) -> tuple[Chunk, ...]:
    """A chunk as two, or nothing if it is a single run (or a world that goes by precision)."""
    if len(chunk.pieces) > 1:
        middle = len(chunk.pieces) // 2
        return tuple(replace(chunk, pieces=few)
                     for few in (chunk.pieces[:middle], chunk.pieces[middle:]))
    piece = chunk.pieces[0]
    if piece.rule is not None or len(piece.runs) < 2:
        return ()
    middle = len(piece.runs) // 2
    return tuple(replace(chunk, pieces=(replace(piece, runs=few),))
                 for few in (piece.runs[:middle], piece.runs[middle:]))


def _error(future: Future[Done]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:
        return error
