"""What a worker does: the runs of one chunk, written as parts.

Owns: the rows of a part, how a failure becomes a row, when a part is written, how a worker ends.
Never does: choose what is run, or know of other workers.

A chunk is plain data and the answer is plain data, so any `concurrent.futures` executor can carry
them: processes here, a cluster elsewhere. Every part is written by the worker itself, whole or not
at all; writing the same runs again gives a file of the same name.
"""

from __future__ import annotations

import hashlib
import os
import platform
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import InfeasibleStructure
from sim.experiment.replications import Engine, default_engine
from sim.records import RunResult
from sim.scenario.loading import load
from sim.store import parts
from sim.sweep.design import Rule
from sim.sweep.stopping import enough
from sim.sweep.tables import part_schema, series_table
from sim.sweep.worlds import Change, Names, Tables, changed, definition

FLUSH_S = 30.0
"""A part is written at least so often, so that long runs are not lost with their chunk."""
FLUSH_ROWS = 500


@dataclass(frozen=True)
class Piece:
    """Runs of one world."""

    world: str
    base: int
    """Which of the chunk's tables the world starts from."""
    changes: tuple[Change, ...]
    runs: tuple[tuple[str, int, int], ...]
    """Structure, replication, attempt (0 the first)."""
    rule: Rule | None = None
    """Go on by precision; `runs` is then what is missing of the replications that are known."""
    known: Mapping[str, Mapping[int, Mapping[str, float | None]]] = field(default_factory=dict)
    """With a rule: metrics of runs that are stored, by structure and replication."""


@dataclass(frozen=True)
class Chunk:
    """Work for one worker, for a second or more."""

    folder: str
    """The sweep's folder."""
    bases: tuple[Tables, ...]
    pieces: tuple[Piece, ...]
    seed: int
    metrics: tuple[str, ...]
    series: bool
    given_up: str = ""
    """Why these runs are not tried any more; empty if they are."""
    engine: Engine | None = None
    """The simulator; None means the product's."""

    @property
    def runs(self) -> int:
        """Runs to do, as far as known beforehand."""
        return sum(len(piece.runs) for piece in self.pieces)


@dataclass(frozen=True)
class Done:
    """What came of a chunk."""

    parts: tuple[str, ...]
    rows: int
    failed: int
    seconds: float
    """Wall time of the chunk."""
    stopped: bool = False
    """The worker was told to stop before it was through."""


_stop: Any = threading.Event()


def begin(stop: Any) -> None:
    """Make this process a worker: it ends its chunk early when told, and never outlives its parent.

    Args:
        stop: An event of multiprocessing. Ctrl-C itself is left to the parent, which sets it.
    """
    global _stop  # noqa: PLW0603 - one process, one worker
    from multiprocessing import connection, parent_process

    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="watch parent").start()


def run_chunk(chunk: Chunk) -> Done:
    """Do the runs of a chunk and write them as parts.

    Raises:
        OutputFailed: A part cannot be written.
    """
    start = time.perf_counter()
    book = _Book(chunk)
    for piece in chunk.pieces:
        if _stop.is_set():
            break
        _Room(chunk, piece, book).work()
    book.flush()
    return Done(tuple(book.parts), book.written, book.failed, time.perf_counter() - start,
                _stop.is_set())


def warm_up(tables: Tables, structure: str, seed: int) -> float:
    """Compile, or load what was compiled, and say how long a case of this world takes, seconds."""
    from sim.scenario.limits import predict

    scenario = load(tables, set={"time.horizon": "260 h", "time.warm_up": "0 h"}, limits=None)
    engine = default_engine()
    seconds = 0.0
    for _ in range(2):
        start = time.perf_counter()
        engine.simulate(engine.prepare(scenario, structure, seed=seed), 0, seed=seed)
        seconds = time.perf_counter() - start
    return seconds / max(1.0, predict(scenario).cases)


class _Book:
    """Rows that are not written yet, and the parts that are."""

    def __init__(self, chunk: Chunk) -> None:
        self.parts: list[str] = []
        self.written = self.failed = 0
        self._folder = Path(chunk.folder)
        self._metrics = chunk.metrics
        self._with_series = chunk.series
        self._rows: list[dict[str, Any]] = []
        self._series: list[Any] = []
        self._since = time.perf_counter()
        self._host = platform.node()

    def add(self, row: dict[str, Any], series: Any = None) -> None:
        """Take a row; write when there are many, or the last writing is long ago."""
        row["host"], row["series_rows"] = self._host, 0 if series is None else series.num_rows
        self.failed += row["status"] == "failed"
        self._rows.append(row)
        if series is not None:
            self._series.append(series)
        late = time.perf_counter() - self._since > FLUSH_S
        if len(self._rows) >= FLUSH_ROWS or late:
            self.flush()

    def flush(self) -> None:
        """Write what is there; the series first, since the part says that they are there."""
        if not self._rows:
            return
        told = "|".join(f"{row['run_id']}.{row['attempt']}" for row in self._rows)
        name = f"part-{hashlib.sha256(told.encode()).hexdigest()[:20]}.parquet"
        if self._series:
            joined = parts.joined(self._series)
            parts.write_part(self._folder / "series-parts" / name, joined)
        shape = part_schema(self._metrics)
        columns = {f.name: [row.get(f.name) for row in self._rows] for f in shape}
        parts.write_part(self._folder / "parts" / name, parts.table(columns, shape))
        self.parts.append(name)
        self.written += len(self._rows)
        self._rows, self._series = [], []
        self._since = time.perf_counter()


class _Room:
    """One world at work."""

    def __init__(self, chunk: Chunk, piece: Piece, book: _Book) -> None:
        self._chunk, self._piece, self._book = chunk, piece, book
        self._tables = changed(chunk.bases[piece.base], piece.changes)
        self._prepared: dict[str, Any] = {}
        self._names: dict[str, Names] = {}
        self._scenario: Any = None
        self._engine = chunk.engine or default_engine()

    def work(self) -> None:
        """Do the piece's runs; with a rule, go on until it is content."""
        known = {name: dict(rows) for name, rows in self._piece.known.items()}
        for run in self._rounds(known):
            if _stop.is_set():
                return
            row, series = self._row(*run)
            if self._piece.rule is not None:
                known.setdefault(run[0], {})[run[1]] = _numbers(row, self._piece.rule)
            self._book.add(row, series)

    def _rounds(
        self, known: dict[str, dict[int, Mapping[str, float | None]]]
    ) -> Iterator[tuple[str, int, int]]:
        """The runs, replication by replication: all structures meet the same customers."""
        yield from sorted(self._piece.runs, key=lambda run: run[1])
        rule = self._piece.rule
        while rule is not None:
            in_order = {name: _first(rows) for name, rows in known.items()}
            wanted = enough(rule, in_order)
            missing = [(name, r, 0) for r in range(wanted)
                       for name, rows in known.items() if r not in rows]
            if not missing:
                return
            yield from missing

    def _row(self, structure: str, replication: int, attempt: int) -> tuple[dict[str, Any], Any]:
        """One run as a row, whatever comes of it, and its series."""
        names = self._names.get(structure)
        if names is None:
            names = Names(structure, definition(self._tables, structure), self._chunk.seed)
            self._names[structure] = names
        row: dict[str, Any] = {
            "run_id": names.run_id(self._piece.world, replication), "world": self._piece.world,
            "structure": structure, "replication": replication, "seed": self._chunk.seed,
            "attempt": attempt, "status": "ok",
        }
        if self._chunk.given_up:
            row |= {"status": "failed", "stage": "worker", "type": "WorkerDied",
                    "message": self._chunk.given_up}
            return row, None
        start, stage = time.perf_counter(), "scenario"
        try:
            if self._scenario is None:
                self._scenario = load(self._tables, limits=None)
            stage = "prepare"
            prepared = self._prepared.get(structure)
            if prepared is None:
                prepared = self._engine.prepare(self._scenario, structure, seed=self._chunk.seed)
                self._prepared[structure] = prepared
                row["prepare_seconds"] = time.perf_counter() - start
            elif isinstance(prepared, Exception):
                raise prepared
            stage, begun = "run", time.perf_counter()
            result: RunResult = self._engine.simulate(prepared, replication,
                                                      seed=self._chunk.seed)
            row["seconds"] = time.perf_counter() - begun
            row |= {id: result.metrics.get(id) for id in self._chunk.metrics}
            row["unstable"] = result.unstable
            if not self._chunk.series:
                return row, None
            return row, series_table(result, row["run_id"], list(self._scenario.segments))
        except InfeasibleStructure as refusal:
            self._prepared[structure] = refusal
            row |= {"status": "infeasible", "stage": "prepare", "message": refusal.reason}
        except Exception as error:  # noqa: BLE001 - a failed run is a row, and the others go on
            if stage == "prepare":
                self._prepared[structure] = error
            row |= {"status": "failed", "stage": stage, "type": type(error).__name__,
                    "message": str(error)}
        return row, None


def _numbers(row: Mapping[str, Any], rule: Rule) -> dict[str, float | None]:
    """What the rule looks at; nothing of a run without numbers."""
    return {id: row.get(id) for id in rule.widths} if row["status"] == "ok" else {}


def _first(
    rows: Mapping[int, Mapping[str, float | None]]
) -> list[Mapping[str, float | None]]:
    """Replications 0, 1, 2... as far as they go without a gap."""
    found: list[Mapping[str, float | None]] = []
    while len(found) in rows:
        found.append(rows[len(found)])
    return found
