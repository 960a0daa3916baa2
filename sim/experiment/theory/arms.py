"""The runs behind the register: every arm once, whoever asks for it.

Owns: the worlds, which arms are equal, and their replications. Never does: judge an effect.

An arm is a world with tables laid over it, under one structure. Experiments that share an arm
share its runs; replication r meets the same customers and luck in every arm of a world.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sim.errors import InfeasibleStructure
from sim.experiment.executors import Job, Progress, map_runs
from sim.experiment.replications import Engine, default_engine
from sim.experiment.theory.data import FOLDER, Experiment, Tables, merged
from sim.metrics.compute import segment_metrics
from sim.records import Failure
from sim.scenario import load
from sim.scenario.library import locate
from sim.scenario.reading import read_file

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

SEED = 1
Values = dict[tuple[str, str], float | None]
"""One replication: by metric and segment (empty: the whole firm)."""


@dataclass(frozen=True)
class Arm:
    """A world under one structure; `text` is what makes two arms equal."""

    world: str
    structure: str
    text: str
    """The tables over the world, as JSON with sorted keys."""

    @property
    def label(self) -> str:
        """For progress and failures."""
        return f"{self.world}, {self.structure}, {self.text}"


def arm(world: str, tables: Tables) -> Arm:
    """The arm of a world with some tables over it."""
    over = dict(tables)
    structure = str(over.pop("structure", "functional"))
    return Arm(world, structure, json.dumps(over, sort_keys=True))


@cache
def world(name: str) -> dict[str, Any]:
    """The tables of a world: one of the register's own, or a shipped scenario."""
    own = FOLDER / "worlds" / f"{name}.toml"
    path = own if own.is_file() else locate(name)
    return read_file(path, path.name)


def scenario(of: Arm) -> Scenario:
    """The scenario of an arm.

    Raises:
        InputError: The arm's tables are no valid scenario.
    """
    tables = {k: v for k, v in world(of.world).items() if k != "overlays"}
    return load(merged(tables, json.loads(of.text)), limits=None)


def arms_of(experiment: Experiment) -> list[tuple[float, Arm]]:
    """Weight and arm."""
    return [(w, arm(experiment.world, tables)) for w, tables in experiment.arms()]


class Arms:
    """Arms and their finished replications."""

    def __init__(self, jobs: int | None = None, seed: int = SEED,
                 progress: Progress | None = None, engine: Engine | None = None) -> None:
        self._jobs, self._seed, self._progress = jobs, seed, progress
        self._engine = engine
        self._values: dict[Arm, list[Values]] = {}
        self.unstable: set[Arm] = set()
        """Arms whose backlog grows in most replications: their numbers depend on the horizon."""
        self.failures: dict[Arm, str] = {}

    def run(self, wanted: Mapping[Arm, int]) -> None:
        """Run so many replications of each arm, those that are missing.

        Raises:
            InputError: An arm's settings are no valid scenario.
            KeyboardInterrupt: Interrupted before all were done.
        """
        todo = [(a, n) for a, n in wanted.items() if len(self._values.get(a, ())) < n]

        def job(of: Arm, n: int) -> Job[list[Values]]:
            known = len(self._values.get(of, ()))
            return Job(of.structure, n, of.world, lambda: self._replicate(of, known, n))

        done = 0

        def told(finished: int) -> None:
            nonlocal done
            done = finished
            if self._progress is not None:
                self._progress(finished, len(todo), "experiments on theory")

        batch = map_runs([job(a, n) for a, n in todo], self._jobs, told)
        if batch.interrupted:
            raise KeyboardInterrupt
        for (of, _), outcome in zip(todo, batch.outcomes, strict=True):
            if isinstance(outcome, Failure):
                self.failures[of] = f"{of.label}: {outcome.type}: {outcome.message}"
            elif outcome is not None:
                self._values[of] = self._values.get(of, []) + outcome

    def _replicate(self, of: Arm, first: int, end: int) -> list[Values]:
        """Replications from `first` to `end` - 1."""
        engine = self._engine or default_engine()
        firm = scenario(of)
        try:
            prepared = engine.prepare(firm, of.structure, seed=self._seed)
        except InfeasibleStructure as refusal:
            raise RuntimeError(str(refusal)) from None  # a row that failed, not bad input
        rows: list[Values] = []
        growing = 0
        for r in range(first, end):
            result = engine.simulate(prepared, r, seed=self._seed)
            growing += result.unstable
            row: Values = {(id, ""): value for id, value in result.metrics.items()}
            for id, by_segment in segment_metrics(result.segments).items():
                for s, name in enumerate(firm.segments):
                    row[id, name] = float(by_segment[s])
            rows.append(row)
        if 2 * growing > end - first:
            self.unstable.add(of)
        return rows

    def values(self, of: Arm, metric: str, segment: str, n: int) -> list[float | None]:
        """A metric in the first n replications; shorter if the arm failed."""
        return [row[metric, segment] for row in self._values.get(of, [])[:n]]


def needed(experiments: Iterable[tuple[Experiment, int]]) -> dict[Arm, int]:
    """Replications of every arm that some experiments with their replications ask for."""
    wanted: dict[Arm, int] = {}
    for experiment, n in experiments:
        for _, of in arms_of(experiment):
            wanted[of] = max(n, wanted.get(of, 0))
    return wanted
