"""Runs on demand: a question asks for rows, what was run before is not run again.

Owns: the identity of a run (what was changed, the structure, its heads, the replication), the cache
of rows, and how missing ones are run. Never does: decide which runs are worth having.

A draw depends on the root seed and the replication alone, so replication 7 meets the same luck in
every world and under every structure: differences between rows of one replication are paired.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sim.errors import InfeasibleStructure
from sim.experiment.executors import Job, Progress, map_runs
from sim.experiment.replications import Engine, default_engine
from sim.records import Failure, RunResult
from sim.scenario.loading import load
from sim.sweep.memory import Memory, Naming

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

Settings = tuple[tuple[str, Any], ...]
"""Scenario keys and their values, sorted by key; values are numbers, texts, or tuples of them."""
KEPT = 256
"""Designs that stay prepared, so that more replications need no pilot rounds."""
KEPT_TOGETHER = 32
"""Runs that are written together where rows outlive the laboratory."""
Status = Literal["ok", "failed", "infeasible", "unstable"]


def settings(changes: Mapping[str, Any]) -> Settings:
    """Changes as a hashable identity."""
    return tuple(sorted(changes.items()))


class Ask(NamedTuple):
    """One run: a structure in a world, one replication."""

    structure: str
    replication: int = 0
    settings: Settings = ()
    """What this world changes in the lab's scenario."""
    heads: int | None = None
    """People of the line; None means as the scenario says."""


@dataclass(frozen=True)
class Row:
    """What came of one run."""

    ask: Ask
    status: Status
    """"unstable": finished, but this run's backlog grew."""
    metrics: Mapping[str, float | None] = field(default_factory=dict, repr=False)
    """By metric id; None where there is nothing to average. Empty unless the run finished."""
    seconds: float = 0.0
    """Wall time, without preparation."""
    message: str = ""
    """Why it failed, or why the structure is infeasible."""

    @property
    def finished(self) -> bool:
        """Whether there are metrics."""
        return self.status in ("ok", "unstable")

    def value(self, metric: str) -> float:
        """A metric; NaN if there is none."""
        found = self.metrics.get(metric)
        return math.nan if found is None else found


class _Design(NamedTuple):
    structure: str
    settings: Settings
    heads: int | None


class Lab:
    """Rows of one scenario and its variations, run when first asked for.

    Args:
        scenario: The world that settings change.
        seed: Root seed; None means the scenario's.
        jobs: Runs at the same time; None means one per processor. Changes no number.
        progress: Told (done, planned, what).
        engine: The simulator; None means the product's.
        folder: Where rows outlive the laboratory: what lies there is not run again, and an
            interrupted question goes on. A sweep's folder will do, and its runs are used.

    Raises:
        OutputFailed: The folder cannot be written.
    """

    def __init__(
        self, scenario: Scenario, *, seed: int | None = None, jobs: int | None = None,
        progress: Progress | None = None, engine: Engine | None = None,
        folder: str | Path | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = scenario.seed if seed is None else seed
        self.interrupted = False
        self._jobs = jobs
        self._progress = progress
        self._engine = engine or default_engine()
        self._rows: dict[Ask, Row] = {}
        self._prepared: dict[_Design, Any] = {}
        self._done = 0
        self._planned = 0
        self._memory = None if folder is None else Memory(Path(folder))
        self._naming = Naming(self.seed)
        self.recalled = 0
        """Rows that were found in the folder instead of being run."""

    @property
    def runs(self) -> int:
        """Rows there are: what a question has cost."""
        return len(self._rows)

    def world(self, changed: Settings) -> Scenario:
        """The scenario with settings applied, validated as a file would be.

        Raises:
            InputError: The changed scenario makes no sense.
        """
        return load(self.scenario, set=dict(changed), limits=None) if changed else self.scenario

    def expect(self, runs: int) -> None:
        """Announce how many runs are still to come, so that progress can be told."""
        self._planned = max(self._planned, self._done + runs)

    def rows(self, asked: Iterable[Ask]) -> list[Row]:
        """The rows asked for, in that order; what is missing is run.

        After Ctrl-C `interrupted` is set, and what was not run is left out.

        Raises:
            InputError: A setting makes no sense.
        """
        wanted = list(asked)
        self._recall(wanted)
        missing = [ask for ask in dict.fromkeys(wanted) if ask not in self._rows]
        self._run(missing)
        return [self._rows[ask] for ask in wanted if ask in self._rows]

    def replications(
        self, structures: Sequence[str], count: int, changed: Settings = (),
        heads: int | None = None,
    ) -> dict[str, list[Row]]:
        """Rows of replications 0 to `count` - 1 by structure."""
        found = self.rows(Ask(name, r, changed, heads)
                          for r in range(count) for name in structures)
        by: dict[str, list[Row]] = {name: [] for name in structures}
        for row in found:
            by[row.ask.structure].append(row)
        return by

    def _run(self, missing: Sequence[Ask]) -> None:
        """Run what is missing, some designs at a time: a prepared one holds arrays."""
        designs: dict[_Design, list[Ask]] = defaultdict(list)
        for ask in missing:
            designs[_Design(ask.structure, ask.settings, ask.heads)].append(ask)
        self.expect(len(missing))
        for few in _batched(designs, KEPT if self._memory is None else KEPT_TOGETHER):
            if not self.interrupted:
                self._prepare(few)
            rest = [ask for design in few for ask in designs[design]]
            while rest and not self.interrupted:
                now = len(rest) if self._memory is None else KEPT_TOGETHER
                self._simulate(rest[:now])
                self._remember(rest[:now])
                rest = rest[now:]

    def _recall(self, wanted: Sequence[Ask]) -> None:
        """Take what the folder knows."""
        if self._memory is None:
            return
        for ask in dict.fromkeys(wanted):
            if ask in self._rows:
                continue
            found = self._memory.find(self._name(ask))
            if found is not None:
                status: Status = "infeasible" if found.status == "infeasible" else (
                    "unstable" if found.unstable else "ok")
                self._rows[ask] = Row(ask, status, found.metrics if status != "infeasible" else {},
                                      found.seconds, found.message)
                self.recalled += 1

    def _remember(self, asks: Sequence[Ask]) -> None:
        """Write what was just run; failed runs are kept for this time only."""
        if self._memory is None:
            return
        rows = [self._rows[ask] for ask in asks if ask in self._rows]
        self._memory.keep([
            {"run_id": self._name(row.ask),
             "world": self._naming.world(row.ask.settings, self.scenario),
             "structure": row.ask.structure, "replication": row.ask.replication,
             "seed": self.seed, "status": "infeasible" if row.status == "infeasible" else "ok",
             "unstable": row.status == "unstable", "message": row.message or None,
             "seconds": row.seconds, **row.metrics}
            for row in rows if row.status != "failed"])

    def _name(self, ask: Ask) -> str:
        """Name of a run, the same in every folder."""
        if not self._naming.knows(ask.settings):
            self._naming.world(ask.settings, self.world(ask.settings))
        return self._naming.run_id(ask.settings, ask.structure, ask.heads, ask.replication)

    def _prepare(self, designs: Sequence[_Design]) -> None:
        """Prepare what is not prepared, and give up what was prepared longest ago."""
        new = [d for d in designs if d not in self._prepared]
        for old in list(self._prepared)[:max(0, len(self._prepared) + len(new) - KEPT)]:
            if old not in designs:
                del self._prepared[old]
        worlds = {changed: self.world(changed) for changed in {d.settings for d in new}}

        def job(design: _Design) -> Job[Any]:
            def call() -> Any:
                try:
                    return self._engine.prepare(worlds[design.settings], design.structure,
                                                heads=design.heads, seed=self.seed)
                except InfeasibleStructure as refusal:
                    return refusal

            return Job(design.structure, -1, "prepare", call)

        batch = map_runs([job(design) for design in new], self._jobs)
        self.interrupted = batch.interrupted
        self._prepared.update((design, made)
                              for design, made in zip(new, batch.outcomes, strict=True)
                              if made is not None)

    def _simulate(self, asks: Sequence[Ask]) -> None:
        """Run each ask of a prepared design; a row says of the others why there is no run."""
        ready = []
        for ask in asks:
            made = self._prepared.get(_Design(ask.structure, ask.settings, ask.heads))
            if isinstance(made, InfeasibleStructure):
                self._rows[ask] = Row(ask, "infeasible", message=made.reason)
            elif isinstance(made, Failure):
                self._rows[ask] = Row(ask, "failed", message=f"{made.type}: {made.message}")
            elif made is not None:
                ready.append((ask, made))

        def job(ask: Ask, prepared: Any) -> Job[RunResult]:
            return Job(ask.structure, ask.replication, "run",
                       lambda: self._engine.simulate(prepared, ask.replication, seed=self.seed))

        start = self._done + len(asks) - len(ready)

        def told(finished: int) -> None:
            self._done = start + finished
            if self._progress is not None:
                self._progress(self._done, self._planned, ready[finished - 1][0].structure)

        batch = map_runs([job(*item) for item in ready], self._jobs, told)
        self.interrupted = batch.interrupted
        for (ask, _), outcome, taken in zip(ready, batch.outcomes, batch.seconds, strict=True):
            if isinstance(outcome, Failure):
                self._rows[ask] = Row(ask, "failed", message=f"{outcome.type}: {outcome.message}")
            elif outcome is not None:
                self._rows[ask] = Row(ask, "unstable" if outcome.unstable else "ok",
                                      outcome.metrics, taken)


def _batched(items: Iterable[_Design], size: int) -> Iterator[list[_Design]]:
    """Lists of at most `size` items, in order."""
    rest = iter(items)
    while few := list(islice(rest, size)):
        yield few
