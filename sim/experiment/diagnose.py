"""What misfits in a structure, and does a change help: found in a run, tried on it again.

Owns: the question `diagnose` and its answer. Never does: find misfits (`misfits.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InfeasibleStructure, InputError
from sim.experiment.answer import interval_json, plain
from sim.experiment.executors import Progress
from sim.experiment.misfits import TRIED, Evidence, Misfit, found
from sim.experiment.replications import Design, Engine, Runs
from sim.experiment.request import check_structures, overlaid
from sim.experiment.statistics import (
    Growth,
    Interval,
    backlog_growth,
    mean_interval,
    paired_interval,
)
from sim.metrics.registry import METRICS, VERDICT_METRICS

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

MOST = 5
REPLICATIONS = 10


@dataclass(frozen=True)
class Trial:
    """A misfit, and what its change did on the same customers."""

    misfit: Misfit
    effects: dict[str, Interval]
    """By metric: changed minus as it is, 95% interval over paired replications."""
    refused: str = ""
    """Why the change could not be run; empty if it was."""
    growth: Growth | None = None
    """How the backlog grows with the change; None if it was not run."""

    @property
    def unstable(self) -> bool:
        """Whether the backlog grows with the change."""
        return self.growth is not None and self.growth.unstable


@dataclass(frozen=True)
class Diagnosis:
    """Up to five misfits of one structure, each with its change tried."""

    scenario: Scenario = field(repr=False)
    structure: str
    seed: int
    replications: int
    metrics: dict[str, Interval] = field(repr=False)
    """By metric of the verdict: the structure as it is."""
    trials: tuple[Trial, ...]
    growth: Growth
    """How the backlog of the structure as it is grows."""
    interrupted: bool = False

    @property
    def warning(self) -> str:
        """A sentence if the backlog grows, so that every number depends on how long one looks."""
        from sim.experiment.words import Words

        return Words().on_growth(self.structure, self.growth) if self.growth.unstable else ""

    @property
    def table(self) -> pd.DataFrame:
        """One row per misfit and metric: effect of the change with its interval."""
        import pandas as pd

        return pd.DataFrame([
            {"kind": t.misfit.kind, "place": t.misfit.place, "found": t.misfit.says,
             "change": t.misfit.change, "metric": metric, "unit": METRICS[metric].unit,
             "effect": i.mean, "low": i.low, "high": i.high, "n": i.n}
            for t in self.trials for metric, i in t.effects.items()
        ], columns=["kind", "place", "found", "change", "metric", "unit", "effect", "low", "high",
                    "n"])

    def to_json(self) -> dict[str, Any]:
        """The diagnosis as plain data (schema: `schemas.DIAGNOSE`); never a NaN."""
        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name,
            "structure": self.structure,
            "seed": self.seed,
            "replications": self.replications,
            "metrics": {id: interval_json(i) for id, i in self.metrics.items()},
            "unstable": self.growth.unstable,
            "backlog": interval_json(self.growth.per_month, n=False) | {
                "weekly_arrivals": self.growth.weekly_arrivals,
                "overloaded_pools": list(self.growth.pools)},
            "warning": self.warning,
            "misfits": [
                {"kind": t.misfit.kind, "place": t.misfit.place, "found": t.misfit.says,
                 "numbers": dict(t.misfit.numbers), "change": t.misfit.change,
                 "settings": dict(t.misfit.settings), "refused": t.refused, "unstable": t.unstable,
                 "effects": {id: interval_json(i) for id, i in t.effects.items()}}
                for t in self.trials
            ],
            "interrupted": self.interrupted,
        })
        return answer


def diagnose(
    scenario: Scenario,
    structure: str,
    *,
    replications: int | None = None,
    heads: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Diagnosis:
    """Find up to five misfits of a structure and try one change for each.

    Args:
        scenario: The world.
        structure: Name of a structure.
        replications: Of the structure and of each change; None means 10.
        heads: People of the line; None means the scenario's.
        seed, jobs, progress, engine: As in `compare`.

    Returns:
        The misfits, the most striking first. After Ctrl-C those that were tried.

    Raises:
        InputError: Something asked for makes no sense.
        InfeasibleStructure: The structure cannot be expressed or staffed here.
        KeyboardInterrupt: Interrupted before the structure itself was run.
    """
    _, faults = check_structures(scenario, [structure])
    count = REPLICATIONS if replications is None else replications
    if count < 2:
        faults.append(Fault("--replications", "", f"at least 2, not {replications}"))
    if heads is not None and heads < 1:
        faults.append(Fault("--heads", "", f"at least 1, not {heads}"))
    if faults:
        raise InputError(faults)
    if heads is not None:
        scenario = overlaid(scenario, {"staff": {"heads": heads}})

    runs = Runs(scenario, seed=seed, jobs=jobs, progress=_shifted(progress, 0), engine=engine)
    pieces = 1 + count
    design = Design(structure)
    runs.expect(pieces * (1 + MOST))
    ready = runs.prepare([design])
    if design in runs.infeasible:
        raise InfeasibleStructure(structure, runs.infeasible[design])
    runs.extend(ready, count)
    base = runs.finished(design)
    if not base:
        failures = runs.failures(design)
        if failures:
            raise RuntimeError(failures[0].message)
        raise KeyboardInterrupt
    metrics = {id: mean_interval([r.metrics[id] for r in base.values()])
               for id in VERDICT_METRICS}
    trials: list[Trial] = []
    interrupted = runs.interrupted
    misfits = found(Evidence(scenario, structure, tuple(base.values())))[:MOST]
    for turn, misfit in enumerate(misfits, start=1):
        if interrupted:
            break
        other = overlaid(scenario, misfit.settings)
        regrouped = TRIED in misfit.settings.get("structures", {})
        trial = Design(TRIED if regrouped else structure)
        again = Runs(other, seed=runs.seed, jobs=jobs, engine=engine,
                     progress=_shifted(progress, turn * pieces))
        again.expect(pieces * (1 + len(misfits) - turn))
        prepared = again.prepare([trial])
        if not prepared:
            why = again.infeasible.get(trial) or "; ".join(
                f.message for f in again.failures(trial))
            trials.append(Trial(misfit, {}, why))
            continue
        again.extend(prepared, count)
        after = again.finished(trial)
        both = [r for r in base if r in after]
        trials.append(Trial(misfit, {
            id: paired_interval([after[r].metrics[id] for r in both],
                                [base[r].metrics[id] for r in both])
            for id in VERDICT_METRICS
        }, growth=backlog_growth(list(after.values())) if after else None))
        interrupted = again.interrupted
    return Diagnosis(scenario, structure, runs.seed, count, metrics, tuple(trials),
                     backlog_growth(list(base.values())), interrupted)


def _shifted(progress: Progress | None, before: int) -> Progress | None:
    """Progress of one part of the work, told as part of the whole."""
    if progress is None:
        return None
    return lambda done, planned, what: progress(before + done, before + planned, what)
