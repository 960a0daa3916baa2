"""One structure of one firm, replicated: what it is like, and how sure that is.

Owns: the question `run` and its answer as an object. Never does: compare (`compare.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InfeasibleStructure, InputError
from sim.experiment.answer import interval_json, plain
from sim.experiment.executors import Progress
from sim.experiment.replications import Design, Engine, Runs
from sim.experiment.request import check_structures, with_years
from sim.experiment.staffing import Staffed, staffed
from sim.experiment.statistics import Growth, Interval, backlog_growth, mean_interval
from sim.experiment.words import Words
from sim.metrics.compute import segment_metrics
from sim.metrics.registry import METRICS
from sim.records import Failure, RunResult
from sim.scenario.schema import HOURS_PER_YEAR

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Run:
    """One structure over its replications."""

    scenario: Scenario = field(repr=False)
    structure: str
    seed: int
    replications: int
    metrics: dict[str, Interval] = field(repr=False)
    """By metric: mean and 95% interval over replications."""
    segments: dict[str, dict[str, Interval]] = field(repr=False)
    """By segment and metric, for the metrics that exist by segment."""
    growth: Growth | None
    """Growth of the backlog; None if no run finished."""
    staffing: Staffed | None = field(repr=False)
    results: tuple[RunResult | Failure, ...] = field(repr=False)
    """Every run, by replication; failures are rows too."""
    run_seconds: tuple[float, ...] = field(repr=False)
    """Wall time of each of `results`."""
    interrupted: bool = False

    @property
    def unstable(self) -> bool:
        """Whether the backlog grows, so that the numbers depend on how long one looks."""
        return self.growth is not None and self.growth.unstable

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Runs that failed."""
        return tuple(row for row in self.results if isinstance(row, Failure))

    @property
    def text(self) -> tuple[str, ...]:
        """Warnings in words: a growing backlog, failed runs; empty if all is well."""
        words = Words([self.structure] if self.unstable else [])
        lines = []
        if self.growth is not None and self.growth.unstable:
            lines.append(words.on_growth(self.structure, self.growth))
        if self.failures:
            lines.append(words.on_failures(self.failures, len(self.results)))
        if self.interrupted:
            lines.append("interrupted; what was finished is kept")
        return tuple(lines)

    @property
    def table(self) -> pd.DataFrame:
        """One row per metric: mean, 95% interval, number of replications."""
        import pandas as pd

        return pd.DataFrame([
            {"metric": id, "name": METRICS[id].name, "unit": METRICS[id].unit,
             "mean": i.mean, "low": i.low, "high": i.high, "n": i.n, "unstable": self.unstable}
            for id, i in self.metrics.items()
        ]).astype({"mean": "float64", "low": "float64", "high": "float64"})

    @property
    def segments_table(self) -> pd.DataFrame:
        """One row per segment and metric: mean, 95% interval."""
        import pandas as pd

        return pd.DataFrame([
            {"segment": segment, "metric": id, "mean": i.mean, "low": i.low, "high": i.high,
             "n": i.n}
            for segment, by in self.segments.items() for id, i in by.items()
        ]).astype({"mean": "float64", "low": "float64", "high": "float64"})

    @property
    def departments_table(self) -> pd.DataFrame:
        """One row per department, means over replications.

        Visits a year, utilisation, mean wait, errors per visit, hand-offs in.
        """
        import pandas as pd

        runs = [row for row in self.results if isinstance(row, RunResult)]
        rows = []
        for u, name in enumerate(runs[0].layout.units if runs else ()):
            parts = [(run.units[u], run.window_h / HOURS_PER_YEAR) for run in runs]
            visits = sum(float(p["visits"]) for p, _ in parts)
            filled = sum(float(p["filled"]) for p, _ in parts)
            years = sum(y for _, y in parts)
            rows.append({
                "department": name,
                "visits_per_year": visits / years,
                "utilisation": _ratio(sum(float(p["busy"]) for p, _ in parts), filled),
                "wait_h": _ratio(sum(float(p["wait"]) for p, _ in parts), visits),
                "errors_per_visit": _ratio(sum(float(p["errors"]) for p, _ in parts), visits),
                "handoffs_in_per_year": sum(float(p["handoffs_in"]) for p, _ in parts) / years,
            })
        return pd.DataFrame(rows)

    def to_json(self) -> dict[str, Any]:
        """The run as plain data (schema: `schemas.RUN`); never a NaN, no times."""
        growth = self.growth
        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name,
            "seed": self.seed,
            "replications": self.replications,
            "structure": self.structure,
            "metrics": {id: interval_json(i) for id, i in self.metrics.items()},
            "segments": {
                segment: {id: interval_json(i) for id, i in by.items()}
                for segment, by in self.segments.items()
            },
            "unstable": self.unstable,
            "backlog": None if growth is None else interval_json(growth.per_month, n=False) | {
                "weekly_arrivals": growth.weekly_arrivals,
                "overloaded_pools": list(growth.pools),
            },
            "staffing": None if self.staffing is None else self.staffing.to_json(),
            "failures": [
                {"structure": f.structure, "replication": f.replication, "stage": f.stage,
                 "type": f.type, "message": f.message}
                for f in self.failures
            ],
            "interrupted": self.interrupted,
        })
        return answer


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else math.nan


def run(
    scenario: Scenario,
    structure: str,
    *,
    replications: int | None = None,
    heads: int | None = None,
    years: float | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Run:
    """Run one structure.

    Args:
        scenario: The world.
        structure: Name of a structure.
        replications: None means the scenario's.
        heads, years, seed, jobs, progress, engine: As in `compare`.

    Returns:
        The run. After Ctrl-C it holds what was finished and `interrupted` is True.

    Raises:
        InputError: Something asked for makes no sense.
        InfeasibleStructure: The structure cannot be expressed or staffed here.
        KeyboardInterrupt: Interrupted before anything was finished.
    """
    _, faults = check_structures(scenario, [structure])
    count = scenario.compare.replications if replications is None else replications
    if count < 1:
        faults.append(Fault("--replications", "", f"at least 1, not {replications}"))
    if heads is not None and heads < 1:
        faults.append(Fault("--heads", "", f"at least 1, not {heads}"))
    if faults:
        raise InputError(faults)
    if years is not None:
        scenario = with_years(scenario, years)
    runs = Runs(scenario, seed=seed, jobs=jobs, progress=progress, engine=engine)
    design = Design(structure, heads)
    runs.expect(1 + count)
    ready = runs.prepare([design])
    if design in runs.infeasible:
        raise InfeasibleStructure(structure, runs.infeasible[design])
    runs.extend(ready, count)
    results = list(runs.finished(design).values())
    if runs.interrupted and not results:
        raise KeyboardInterrupt
    by_segment = [segment_metrics(result.segments) for result in results]
    return Run(
        scenario=scenario,
        structure=structure,
        seed=runs.seed,
        replications=count,
        metrics={id: mean_interval([r.metrics.get(id) for r in results]) for id in METRICS},
        segments={
            name: {
                id: mean_interval([float(values[id][s]) for values in by_segment])
                for id in (by_segment[0] if by_segment else ())
            }
            for s, name in enumerate(scenario.segments)
        },
        growth=backlog_growth(results) if results else None,
        staffing=staffed(scenario, results) if results else None,
        results=tuple(runs.outcomes(design)),
        run_seconds=tuple(runs.seconds(design)),
        interrupted=runs.interrupted,
    )
