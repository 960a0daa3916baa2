"""The runs of one question: which designs are prepared, which replications are done.

Owns: the bookkeeping of (structure, heads, replication), one seed for all of them, timings and
progress. Never does: decide how many replications are enough or what they mean.

A draw depends on the root seed and the replication's number alone, so replication 7 meets the
same customers under every structure and for every number of heads, and asking for more
replications or structures changes none of the earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from sim.errors import Fault, InfeasibleStructure, InputError
from sim.experiment.executors import Job, Progress, map_runs
from sim.records import Failure, RunResult

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


class Engine(Protocol):
    """What runs need of a simulator; the module `sim.engine.simulation` is one."""

    def prepare(
        self, scenario: Scenario, structure: str, *, heads: int | None = None,
        seed: int | None = None,
    ) -> Any:
        """Layout, pilot rounds, allocation of heads; raises `InfeasibleStructure`."""

    def simulate(
        self, prepared: Any, replication: int, *, seed: int | None = None,
        journey: int | None = None,
    ) -> RunResult:
        """One replication."""


def default_engine() -> Engine:
    """The simulator of this product, imported only now: it is heavy."""
    from sim.engine import simulation

    return cast(Engine, simulation)


class Design(NamedTuple):
    """A structure staffed with so many people of the line; None means as the scenario says."""

    structure: str
    heads: int | None = None

    @property
    def label(self) -> str:
        """For progress lines."""
        return self.structure if self.heads is None else f"{self.structure}, {self.heads} heads"


class Runs:
    """Prepared designs and their finished replications."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        jobs: int | None = None,
        progress: Progress | None = None,
        engine: Engine | None = None,
    ) -> None:
        """Nothing is run yet.

        Args:
            scenario: The world.
            seed: Root seed; None means the scenario's.
            jobs: Threads; None means one per processor.
            progress: Told (done, planned, what).
            engine: The simulator; None means the product's.
        """
        if jobs is not None and jobs < 1:
            raise InputError(Fault("--jobs", "", f"at least 1, not {jobs}"))
        if seed is not None and not 0 <= seed < 2**63:
            raise InputError(Fault("--seed", "", f"between 0 and 2^63 - 1, not {seed}"))
        self.scenario = scenario
        self.seed = scenario.seed if seed is None else seed
        self.infeasible: dict[Design, str] = {}
        self.interrupted = False
        self._engine = engine or default_engine()
        self._jobs = jobs
        self._progress = progress
        self._prepared: dict[Design, Any] = {}
        self._outcomes: dict[Design, dict[int, RunResult | Failure]] = {}
        self._seconds: dict[tuple[Design, int], float] = {}
        self._done = 0
        self._planned = 0

    def expect(self, pieces: int) -> None:
        """Announce how many pieces of work are still to come, so that progress can be told."""
        self._planned = max(self._planned, self._done + pieces)

    def prepare(self, designs: Iterable[Design]) -> list[Design]:
        """Prepare designs that are not prepared yet.

        Returns:
            Those of `designs` that can be run; the others are in `infeasible` or have failed.

        Raises:
            KeyboardInterrupt: Interrupted before all were prepared.
        """
        wanted = list(dict.fromkeys(designs))
        new = [
            d for d in wanted
            if d not in self._prepared and d not in self.infeasible and d not in self._outcomes
        ]

        def job(design: Design) -> Job[Any]:
            def call() -> Any:
                try:
                    return self._engine.prepare(
                        self.scenario, design.structure, heads=design.heads, seed=self.seed
                    )
                except InfeasibleStructure as refusal:
                    return refusal

            return Job(design.structure, -1, "prepare", call)

        outcomes = self._map([job(d) for d in new], [d.label for d in new])[0]
        for design, outcome in zip(new, outcomes, strict=True):
            if isinstance(outcome, InfeasibleStructure):
                self.infeasible[design] = outcome.reason
            elif isinstance(outcome, Failure):
                self._outcomes[design] = {-1: outcome}
            elif outcome is not None:
                self._prepared[design] = outcome
        if self.interrupted:
            raise KeyboardInterrupt
        return [d for d in wanted if d in self._prepared]

    def prepared(self, design: Design) -> Any:
        """What the engine prepared for a design."""
        return self._prepared[design]

    def extend(self, designs: Sequence[Design], replications: int) -> None:
        """Run the replications 0 to `replications` - 1 that are missing, of prepared designs.

        Replication by replication, so that an interruption leaves complete comparisons. Sets
        `interrupted` instead of raising.
        """
        todo = [
            (design, r)
            for r in range(replications)
            for design in designs
            if design in self._prepared and r not in self._outcomes.get(design, {})
        ]

        def job(design: Design, replication: int) -> Job[RunResult]:
            prepared = self._prepared[design]
            return Job(
                design.structure, replication, "run",
                lambda: self._engine.simulate(prepared, replication, seed=self.seed),
            )

        outcomes, seconds = self._map(
            [job(d, r) for d, r in todo], [f"{d.label}, replication {r + 1}" for d, r in todo]
        )
        for (design, r), outcome, taken in zip(todo, outcomes, seconds, strict=True):
            if outcome is not None:
                self._outcomes.setdefault(design, {})[r] = outcome
                self._seconds[design, r] = taken

    def outcomes(self, design: Design) -> list[RunResult | Failure]:
        """All outcomes of a design in order of replication; a failed preparation is one row."""
        rows = self._outcomes.get(design, {})
        return [rows[r] for r in sorted(rows)]

    def seconds(self, design: Design) -> list[float]:
        """Wall time of each of `outcomes`."""
        return [self._seconds.get((design, r), 0.0) for r in sorted(self._outcomes.get(design, {}))]

    def forget(self, designs: Iterable[Design]) -> None:
        """Give up the results of designs nobody will ask for again: they hold every customer."""
        for design in designs:
            self._outcomes.pop(design, None)
            self._prepared.pop(design, None)

    def finished(self, design: Design) -> dict[int, RunResult]:
        """Results of a design by replication."""
        rows = self._outcomes.get(design, {})
        results: dict[int, RunResult] = {}
        for r in sorted(rows):
            row = rows[r]
            if isinstance(row, RunResult):
                results[r] = row
        return results

    def failures(self, design: Design) -> list[Failure]:
        """What failed of a design."""
        return [row for row in self.outcomes(design) if isinstance(row, Failure)]

    def _map(
        self, jobs: list[Job[Any]], labels: list[str]
    ) -> tuple[list[Any], list[float]]:
        start = self._done
        self._planned = max(self._planned, start + len(jobs))

        def told(finished: int) -> None:
            self._done = start + finished
            if self._progress is not None:
                self._progress(self._done, self._planned, labels[finished - 1])

        batch = map_runs(jobs, self._jobs, told)
        self.interrupted = self.interrupted or batch.interrupted
        return batch.outcomes, batch.seconds
