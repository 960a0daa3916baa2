"""A sweep from its plan to its tables, taken up wherever it was left.

Owns: what is still to be done, the size of chunks, progress, retries, the end. Never does: run a
model itself, or decide what lies in the folder.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import Fault, InputError
from sim.experiment.executors import Progress, available_cpus
from sim.experiment.replications import Engine
from sim.store.files import put_json
from sim.sweep import folder as place_of
from sim.sweep.collect import collect
from sim.sweep.design import Design
from sim.sweep.folder import opened
from sim.sweep.pool import Cluster, Pool, Processes, drive
from sim.sweep.stopping import enough
from sim.sweep.stored import STATUS, Index, Reader, known
from sim.sweep.worker import Chunk, Piece, warm_up

CHUNK_S = 1.5
"""Wanted wall time of a chunk: what it costs to hand one over is then nothing."""
SHORTEST_S = 0.2
CHUNK_RUNS = 500


@dataclass(frozen=True)
class Outcome:
    """How far a sweep has come."""

    folder: Path
    planned: int
    """Runs in all; with precision, those that are certain so far."""
    stored: int
    failed: int
    infeasible: int
    new: int
    """Runs done this time."""
    seconds: float
    interrupted: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def left(self) -> int:
        """Runs still to be done."""
        return max(0, self.planned - self.stored)

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "folder": str(self.folder), "planned": self.planned, "stored": self.stored,
            "failed": self.failed, "infeasible": self.infeasible, "left": self.left,
            "new": self.new, "interrupted": self.interrupted,
        }


def sweep(
    design: Design, folder: Path, *, jobs: int | None = None, dask: str | None = None,
    shard: tuple[int, int] = (1, 1), retry: Sequence[str] | None = None,
    retry_failed: bool = False, csv: bool = False, executor: Executor | None = None,
    engine: Engine | None = None, progress: Progress | None = None,
) -> Outcome:
    """Do what is not done yet of a sweep, and write its tables.

    Args:
        design: The plan worked out.
        folder: Its folder; what is stored there is not done again.
        jobs: Worker processes; None means one per processor. Changes no number.
        dask: Address of a Dask scheduler, or "local".
        shard: (k, n): only the k-th of n parts of the work.
        retry: Names of failed runs to do again, and nothing else.
        retry_failed: Do all failed runs again, and what is missing.
        csv: Write runs.csv too.
        executor: Any `concurrent.futures` executor in place of own processes.
        engine: The simulator; None means the product's.
        progress: Told (runs stored, runs planned, what).

    Raises:
        InputError: The folder is of another plan; the keys are named.
        OutputExists, OutputFailed: Somebody else writes the folder; it cannot be written.
    """
    workers = jobs or available_cpus()
    started, begun = datetime.now(UTC), time.perf_counter()
    with opened(folder, design):
        work = _Work(design, folder, shard, engine)
        remarks = work.take_up()
        again = work.to_retry(retry, retry_failed)
        before, interrupted = work.index.stored, False
        pieces = work.pieces(again, only=retry is not None)
        first = next(pieces, None)
        if first is not None:
            (folder / place_of.MANIFEST).unlink(missing_ok=True)
            put_json(folder / place_of.SESSION, {
                "started": started.timestamp(), "stored": before, "planned": work.planned()})
            pool = _pool(workers, dask, executor, engine)
            new, interrupted = work.through(pool, _chain(first, pieces), progress)
        else:
            new = 0
        if not interrupted and (new or remarks or csv
                                or not (folder / place_of.MANIFEST).exists()):
            collect(work.index, started=started, seconds=time.perf_counter() - begun, csv=csv)
        with suppress(OSError):
            (folder / place_of.SESSION).unlink(missing_ok=True)
        index = work.index
        return Outcome(folder, work.planned(), index.stored, index.count("failed"),
                       index.count("infeasible"), new, time.perf_counter() - begun, interrupted,
                       tuple(remarks))


def _pool(
    workers: int, dask: str | None, executor: Executor | None, engine: Engine | None
) -> Pool:
    if executor is not None:
        return Pool(executor, workers)
    if dask:
        return Cluster(dask, workers)
    return Processes(workers, () if engine is not None else ("sim.engine.simulation",))


def _chain(first: Piece, rest: Iterator[Piece]) -> Iterator[Piece]:
    yield first
    yield from rest


class _Work:
    """One sweep being done."""

    def __init__(self, design: Design, folder: Path, shard: tuple[int, int],
                 engine: Engine | None) -> None:
        self._design, self._folder, self._engine = design, folder, engine
        self._shard = shard
        self._keys = list(design.bases)
        self._seconds = 0.02
        """Of a run, as far as is known."""
        self._sum = [0.0, 0]
        self.index: Index

    def take_up(self) -> list[str]:
        """Look at what the folder holds, refuse what is of another plan, say what it is for."""
        design, folder = self._design, self._folder
        if not (folder / place_of.RECORD).exists():
            if place_of.part_files(folder):
                raise InputError(Fault(str(folder), "", f"holds runs but no {place_of.RECORD}"))
            place_of.record(folder, design)
            self.index = Index(folder, design)
            return []
        then = place_of.record_of(folder)["design"]
        changes = place_of.differing(then, design)
        self.index = Index(folder, design)
        shape = [c for c in changes if c[0] in ("metrics", "series")]
        if shape and self.index.stored:
            raise place_of.refusal(folder, shape, "the stored runs were kept otherwise")
        if self.index.strange:
            raise place_of.refusal(
                folder, changes, f"{len(self.index.strange):,} stored runs would no longer be "
                "part of the plan")
        if changes:
            place_of.record(folder, design)
        return [f"{key} changed; every stored run is still part of the plan"
                for key, _, _ in changes]

    def planned(self) -> int:
        """Runs in all, of this shard; with precision, those stored and the least to come."""
        design = self._design
        mine = self._mine()
        if design.rule is None:
            return len(design.structures) * int(mine.sum())
        per = len(design.structures) * design.rule.minimum
        have = (self.index.part >= 0).reshape(design.worlds, -1).sum(axis=1)
        return int(np.maximum(have, per * mine.any(axis=1)).sum())

    def _mine(self) -> Any:
        """[worlds, replications] whether this shard does them."""
        design, (k, n) = self._design, self._shard
        if design.rule is not None or design.worlds >= 4 * n:
            worlds = np.arange(design.worlds) % n == k - 1
            return np.broadcast_to(worlds[:, None], (design.worlds, design.replications))
        every = np.arange(design.worlds * design.replications) % n == k - 1
        return every.reshape(design.worlds, design.replications)

    def to_retry(self, ids: Sequence[str] | None, failed: bool) -> set[int]:
        """Places of the failed runs that are to be done again."""
        index = self.index
        bad = np.flatnonzero((index.part >= 0) & (index.status == STATUS.index("failed")))
        if ids is None:
            return set(bad.tolist()) if failed else set()
        by_id = {self._design.run_id(place): place for place in bad.tolist()}
        unknown = [id for id in ids if id not in by_id]
        if unknown:
            told = f"failed runs are in {place_of.FAILURES}" if by_id else "no run has failed"
            raise InputError([Fault("--retry", "", f"there is no failed run {id!r}", told)
                              for id in unknown])
        return {by_id[id] for id in ids}

    def pieces(self, again: set[int], *, only: bool) -> Iterator[Piece]:
        """What is to be done, world by world."""
        design, index = self._design, self.index
        count = len(design.structures)
        mine = self._mine()
        reader = Reader(index, tuple(design.rule.widths)) if design.rule else None
        for w in range(design.worlds):
            if not mine[w].any() and not again:
                continue
            first = design.place(w, 0, 0)
            here = index.part[first:first + count * design.replications].reshape(count, -1)
            redo = {p for p in range(first, first + here.size) if p in again} if again else set()
            if only and not redo:
                continue
            missing = (here < 0) & mine[w]
            runs = [(design.structures[s], r, int(index.attempt[p]) + 1)
                    for p in sorted(redo) for _, s, r in [design.run_at(p)]]
            if design.rule is not None and not only:
                if not mine[w].any():
                    continue
                assert reader is not None  # noqa: S101 - made with the rule
                have = known(index, reader, w, tuple(design.rule.widths))
                if not redo and _content(design, have):
                    continue
                for name, r, _ in runs:
                    have[name].pop(r, None)  # type: ignore[attr-defined]
                yield self._piece(w, tuple(runs), design.rule, have)
                continue
            if not only:
                runs += [(design.structures[s], int(r), 0)
                         for r, s in zip(*np.nonzero(missing.T), strict=True)]
            if runs:
                yield self._piece(w, tuple(runs))

    def _piece(self, w: int, runs: tuple[tuple[str, int, int], ...], rule: Any = None,
               have: Any = None) -> Piece:
        world = self._design.world(w)
        return Piece(world.id, self._keys.index(world.combination), world.changes, runs, rule,
                     have or {})

    def through(self, pool: Pool, pieces: Iterator[Piece],
                progress: Progress | None) -> tuple[int, bool]:
        """Do all pieces; runs done, and whether it was interrupted."""
        new, interrupted = 0, False
        try:
            if self._engine is None:
                self._warm(pool, progress)
            for done in drive(self._chunks(pieces, pool), pool):
                new += self._take(done, progress)
        except KeyboardInterrupt:
            interrupted = True
            pool.interrupt()
        except BaseException:
            pool.interrupt()
            raise
        finally:
            with suppress(KeyboardInterrupt):
                pool.close()
        if interrupted:
            before = self.index.stored
            self.index = Index(self._folder, self._design)
            new += self.index.stored - before
        return new, interrupted

    def _take(self, done: Any, progress: Progress | None) -> int:
        for name in done.parts:
            self.index.add(self._folder / place_of.PARTS / name)
        if done.rows:
            self._sum[0] += done.seconds
            self._sum[1] += done.rows
            self._seconds = self._sum[0] / self._sum[1]
        if progress is not None:
            progress(self.index.stored, self.planned(), f"{self.index.count('failed')} failed")
        return int(done.rows)

    def _warm(self, pool: Pool, progress: Progress | None) -> None:
        """Compile once before all workers do, and learn how long a run takes."""
        from sim.scenario.limits import predict

        if progress is not None:
            progress(self.index.stored, self.planned(), "compiling, or loading what was compiled")
        design = self._design
        tables = next(iter(design.bases.values()))
        with suppress(Exception):  # whatever is wrong will be a row
            per_case = pool.submit(warm_up, tables, design.structures[0], design.seed).result()
            self._seconds = max(1e-4, per_case * predict(design.base).cases)

    def _chunks(self, pieces: Iterator[Piece], pool: Pool) -> Iterator[Chunk]:
        """Pieces cut and joined to chunks of about the wanted time."""
        held: list[Piece] = []
        runs = 0
        for piece in pieces:
            rest: Piece | None = piece
            while rest is not None:
                size = self._size(pool)
                few, rest = _cut(rest, max(1, size - runs), self._design.structures)
                held.append(few)
                runs += len(few.runs) or size
                if runs >= size:
                    yield self._chunk(held)
                    held, runs = [], 0
        if held:
            yield self._chunk(held)

    def _size(self, pool: Pool) -> int:
        """Runs of a chunk: shorter towards the end, so that all workers end together."""
        left = max(0, self.planned() - self.index.stored) * self._seconds
        wanted = min(CHUNK_S, max(SHORTEST_S, left / (6 * pool.workers)))
        return int(min(CHUNK_RUNS, max(1, wanted / self._seconds)))

    def _chunk(self, pieces: list[Piece]) -> Chunk:
        used = sorted({piece.base for piece in pieces})
        numbered = [Piece(p.world, used.index(p.base), p.changes, p.runs, p.rule, p.known)
                    for p in pieces]
        design = self._design
        return Chunk(str(self._folder.resolve()),
                     tuple(design.bases[self._keys[i]] for i in used), tuple(numbered),
                     design.seed, tuple(design.metrics), design.plan.series, engine=self._engine)


def _content(design: Design, have: Any) -> bool:
    """The rule asks for no more replications of a world than are stored."""
    assert design.rule is not None  # noqa: S101 - asked only then
    rows = {name: [by[r] for r in range(len(by)) if r in by] for name, by in have.items()}
    wanted = enough(design.rule, rows)
    return all(r in by for by in have.values() for r in range(wanted))


def _cut(piece: Piece, size: int, structures: Sequence[str]) -> tuple[Piece, Piece | None]:
    """The first runs of a piece, and the rest.

    Where a chunk holds many of them, all structures of a replication go together and meet the
    same customers, drawn once; where it holds few, one structure, since each needs pilot rounds.
    """
    if piece.rule is not None or len(piece.runs) <= size:
        return piece, None
    runs = piece.runs
    if size < 5 * len(structures):
        order = {name: i for i, name in enumerate(structures)}
        runs = tuple(sorted(runs, key=lambda run: (order[run[0]], run[1])))
    make: Callable[[Any], Piece] = lambda few: Piece(  # noqa: E731
        piece.world, piece.base, piece.changes, few, piece.rule, piece.known)
    return make(runs[:size]), make(runs[size:])
