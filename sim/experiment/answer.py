"""The answer of a comparison: its numbers, tables, words, and their JSON form.

Owns: what `compare` returns and how it is laid out for people's tools. Never does: compute
statistics or choose words; it only arranges what the other modules found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.experiment.staffing import Staffed
from sim.experiment.statistics import CONFIDENCE, Growth, Interval
from sim.experiment.verdict import Finding, Scores
from sim.experiment.winners import WhoWins
from sim.metrics.compute import segment_metrics
from sim.metrics.registry import METRICS
from sim.records import Failure, RunResult

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: numpy numbers as Python's, NaN and infinities as None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (str, bool)) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else None


def interval_json(interval: Interval, *, n: bool = True) -> dict[str, Any]:
    """An interval as plain data, with or without its number of replications."""
    row: dict[str, Any] = {"mean": interval.mean, "low": interval.low, "high": interval.high}
    return row | {"n": interval.n} if n else row


@dataclass(frozen=True)
class Verdict:
    """What the comparison says, in words and as data."""

    text: tuple[str, ...]
    """Sentences, in the order in which they should be read."""
    headline: str
    """The one of them to read if only one is read: over all, or under the weights."""
    people: tuple[str, ...]
    """Those of them about who wins and who loses."""
    metrics: tuple[str, ...]
    findings: dict[str, Finding]
    """By metric of the verdict."""
    undominated: tuple[str, ...]
    dominated: dict[str, tuple[str, ...]]
    """By dominated structure: those that dominate it."""
    scores: Scores | None
    """None without weights."""
    agreement: dict[str, float | None]
    """By metric: mean Kendall tau of the rankings of pairs of replications."""
    family: int
    """Intervals that hold together with 95%."""
    stopped: str
    """Why there are as many replications as there are."""

    @property
    def winner(self) -> str | None:
        """The one winner; only with weights, and only if it is surely ahead."""
        return None if self.scores is None else self.scores.winner

    def __str__(self) -> str:
        return "\n".join(self.text)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        scores = self.scores
        return {
            "text": list(self.text),
            "headline": self.headline,
            "people": list(self.people),
            "metrics": {
                id: {
                    "best": f.best,
                    "ranking": list(f.ranking),
                    "ties": list(f.ties),
                    "margin": f.margin,
                    "calls": {f"{a} - {b}": call.value for (a, b), call in f.calls.items()},
                    "ranking_agreement": self.agreement[id],
                }
                for id, f in self.findings.items()
            },
            "undominated": list(self.undominated),
            "dominated": {name: list(by) for name, by in self.dominated.items()},
            "weights": None if scores is None else scores.weights,
            "scores": None if scores is None else {
                name: interval_json(i, n=False) for name, i in scores.means.items()
            },
            "winner": self.winner,
            "confidence": CONFIDENCE,
            "intervals_together": self.family,
            "stopped": self.stopped,
        }


@dataclass(frozen=True)
class Comparison:
    """Several structures of one firm, compared with the same customers."""

    scenario: Scenario = field(repr=False)
    seed: int
    replications: int
    """Per structure, failed ones included."""
    structures: tuple[str, ...]
    """Those that were compared, in the order asked for."""
    equalise: str
    metrics: dict[str, dict[str, Interval]] = field(repr=False)
    """By metric and structure: mean and its own 95% interval."""
    differences: dict[str, dict[str, Interval]] = field(repr=False)
    """By metric and "A - B": paired difference; the intervals of all pairs and all metrics of
    the verdict hold together with 95%."""
    findings: dict[str, Finding] = field(repr=False)
    """By metric: ranking, margin and calls."""
    better_off: WhoWins = field(repr=False)
    unstable: tuple[str, ...]
    """Structures whose backlog grows: their numbers depend on how long one looks."""
    growth: dict[str, Growth] = field(repr=False)
    infeasible: dict[str, str]
    """By structure that was asked for but cannot be run: why."""
    verdict: Verdict = field(repr=False)
    staffing: dict[str, Staffed] = field(repr=False)
    results: tuple[RunResult | Failure, ...] = field(repr=False)
    """Every run, by structure and replication; failures are rows too."""
    run_seconds: tuple[float, ...] = field(repr=False)
    """Wall time of each of `results`: the only numbers here that differ between repeats."""
    interrupted: bool = False

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Runs that failed."""
        return tuple(row for row in self.results if isinstance(row, Failure))

    @property
    def table(self) -> pd.DataFrame:
        """One row per metric and structure, ranked.

        Mean, 95% interval, and the paired difference to the best with its simultaneous interval.
        """
        import pandas as pd

        rows = []
        for id, found in self.findings.items():
            metric = METRICS[id]
            unranked = [s for s in self.structures if s not in found.ranking]
            for rank, name in enumerate([*found.ranking, *unranked], start=1):
                mean = self.metrics[id][name]
                row = {
                    "metric": id, "name": metric.name, "unit": metric.unit,
                    "rank": rank if name in found.ranking else None, "structure": name,
                    "mean": mean.mean, "low": mean.low, "high": mean.high, "n": mean.n,
                }
                gap = None
                if found.best is not None and name != found.best:
                    gap = found.difference(name, found.best)
                row |= {
                    "to_best": gap.mean if gap else None,
                    "to_best_low": gap.low if gap else None,
                    "to_best_high": gap.high if gap else None,
                    "call": found.call(name, found.best).value if gap and found.best else "",
                    "unstable": name in self.unstable,
                }
                rows.append(row)
        frame = pd.DataFrame(rows)
        numbers = ["mean", "low", "high", "to_best", "to_best_low", "to_best_high"]
        frame[numbers] = frame[numbers].astype("float64")
        frame["rank"] = frame["rank"].astype("Int64")
        return frame

    @property
    def differences_table(self) -> pd.DataFrame:
        """One row per metric and pair: paired difference, simultaneous interval, call."""
        import pandas as pd

        rows = [
            {
                "metric": id, "first": a, "second": b, "mean": d.mean, "low": d.low,
                "high": d.high, "n": d.n, "margin": found.margin,
                "call": found.calls[a, b].value,
                "unstable": a in self.unstable or b in self.unstable,
            }
            for id, found in self.findings.items()
            for (a, b), d in found.differences.items()
        ]
        columns = ["metric", "first", "second", "mean", "low", "high", "n", "margin", "call",
                   "unstable"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({"mean": "float64", "low": "float64", "high": "float64"})

    @property
    def people_table(self) -> pd.DataFrame:
        """One row per pair and segment ("" = all): shares better, worse off and unchanged."""
        import pandas as pd

        rows = []
        for (a, b), fate in self.better_off.pairs.items():
            for segment, shares in [("", fate.all), *fate.segments.items()]:
                rows.append({"first": a, "second": b, "segment": segment, **shares.to_json()})
        columns = ["first", "second", "segment", "better", "worse", "unchanged", "customers"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def segments_table(self) -> pd.DataFrame:
        """One row per structure and segment: means over replications."""
        import numpy as np
        import pandas as pd

        rows = []
        for structure in self.structures:
            runs = [r for r in self.results
                    if isinstance(r, RunResult) and r.structure == structure]
            values = [segment_metrics(run.segments) for run in runs]
            for s, segment in enumerate(self.scenario.segments):
                row: dict[str, Any] = {"structure": structure, "segment": segment}
                for id in values[0]:
                    column = np.array([v[id][s] for v in values])
                    known = column[np.isfinite(column)]
                    row[id] = float(known.mean()) if len(known) else math.nan
                rows.append(row | {"unstable": structure in self.unstable})
        return pd.DataFrame(rows)

    @property
    def staffing_table(self) -> pd.DataFrame:
        """One row per structure: whole heads, fractions, work, posts of heads."""
        import pandas as pd

        return pd.DataFrame([
            {
                "structure": s.structure, "heads": s.heads, "fte": s.fte, "paid_fte": s.paid_fte,
                "work_fte": s.work_fte, "head_posts": s.posts,
                "unstable": s.structure in self.unstable,
            }
            for s in self.staffing.values()
        ])

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain data (schema: `schemas.COMPARISON`); never a NaN, no times."""
        verdict = self.verdict.to_json() | {
            "equalise": self.equalise,
            "staffing": {name: s.to_json() for name, s in self.staffing.items()},
            "backlog": {
                name: interval_json(g.per_month, n=False)
                | {"weekly_arrivals": g.weekly_arrivals, "unstable": g.unstable,
                   "overloaded_pools": list(g.pools)}
                for name, g in self.growth.items()
            },
            "failures": [
                {"structure": f.structure, "replication": f.replication, "stage": f.stage,
                 "type": f.type, "message": f.message}
                for f in self.failures
            ],
            "interrupted": self.interrupted,
        }
        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name,
            "seed": self.seed,
            "replications": self.replications,
            "structures": list(self.structures),
            "metrics": {
                id: {name: interval_json(i) for name, i in by.items()}
                for id, by in self.metrics.items()
            },
            "differences": {
                id: {pair: interval_json(i, n=False) for pair, i in by.items()}
                for id, by in self.differences.items()
            },
            "better_off": self.better_off.to_json(),
            "unstable": list(self.unstable),
            "infeasible": self.infeasible,
            "verdict": verdict,
        })
        return answer
