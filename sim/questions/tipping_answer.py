"""The answer of `tipping`: each assumption with its flips, and what a wrong choice costs.

Owns: its shape, as plain data and as a table. Never does: find it (`tipping.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.experiment.answer import interval_json, plain
from sim.experiment.statistics import Interval
from sim.metrics.registry import METRICS
from sim.questions.keys import Range

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Flip:
    """A value at which the lead passes from one structure to the other."""

    at: float
    low: float | None
    """None: not told apart down to the end of the range."""
    high: float | None
    distance: float
    """From the scenario's value, as a share of the way to the end of the range."""
    overtakes: str
    """Who leads beyond it, seen from the scenario's value."""


@dataclass(frozen=True)
class Assumption:
    """What one key does to the ranking."""

    range: Range
    flips: tuple[Flip, ...]
    """The nearest to the scenario's value first."""
    leads: Mapping[float, Interval]
    """By value that was run, rising: lead of the first structure, 95% each."""
    moves: bool
    """False: no number of either structure changed."""

    @property
    def distance(self) -> float:
        """Of the nearest flip, as a share of the way; above 1 if there is none."""
        return self.flips[0].distance if self.flips else 2.0

    @property
    def ends(self) -> tuple[Interval, Interval]:
        """The lead at both ends of the range."""
        return self.leads[self.range.low], self.leads[self.range.high]

    @property
    def least(self) -> float:
        """The smallest size of the mean lead at an end."""
        return min(abs(end.mean or 0.0) for end in self.ends)


@dataclass(frozen=True)
class Regret:
    """What a choice would cost at most."""

    structure: str
    size: Interval
    """How far the other is ahead in the mean, family-wise over all values run; 0 if nowhere."""
    key: str | None
    """The assumption that is wrong there; None: the scenario as it is, or nowhere."""
    value: float | None


@dataclass(frozen=True)
class Tipping:
    """What would have to be different for the ranking to flip."""

    scenario: Scenario = field(repr=False)
    first: str
    second: str
    metric: str
    seed: int
    replications: int
    runs: int
    chosen: bool
    """The keys were named; else all in use were taken."""
    lead: Interval
    """Of the first structure in the scenario as it is."""
    assumptions: tuple[Assumption, ...]
    """How easily one could be that wrong: the nearest flip first, then those that never flip."""
    regrets: tuple[Regret, Regret]
    left_out: Mapping[str, str]
    """By key: why it says nothing."""
    failures: int
    unstable: int
    interrupted: bool = False
    swept: bool = False
    """The values are those of a finished sweep; else they were chosen for this question."""
    notes: tuple[str, ...] = ()
    """Sentences on what the sweep can and cannot tell."""

    @property
    def ahead(self) -> str:
        """Who leads in the scenario as it is, surely or not."""
        return self.first if (self.lead.mean or 0.0) >= 0 else self.second

    @property
    def table(self) -> pd.DataFrame:
        """One row per assumption and flip; a row without a flip where there is none."""
        import pandas as pd

        rows = []
        for a in self.assumptions:
            rows += [{
                "key": a.range.key, "now": a.range.now, "low": a.range.low, "high": a.range.high,
                "flips_at": None if flip is None else flip.at,
                "flip_low": None if flip is None else flip.low,
                "flip_high": None if flip is None else flip.high,
                "share_of_way": None if flip is None else flip.distance,
                "lead_at_low": a.ends[0].mean, "lead_at_high": a.ends[1].mean,
                "unit": METRICS[self.metric].unit} for flip in a.flips or (None,)]
        return pd.DataFrame(rows)

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data (schema: `question_schemas.TIPPING`); never a NaN."""
        from sim.questions.tipping_words import sentences

        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name, "first": self.first, "second": self.second,
            "metric": self.metric, "unit": METRICS[self.metric].unit, "seed": self.seed,
            "replications": self.replications, "runs": self.runs,
            "keys": "named" if self.chosen else "in use",
            "lead": interval_json(self.lead), "ahead": self.ahead,
            "assumptions": [{
                **a.range.to_json(), "narrowed": a.range.narrowed, "moves": a.moves,
                "flips": [{"at": f.at, "low": f.low, "high": f.high,
                           "share_of_way": f.distance, "overtakes": f.overtakes}
                          for f in a.flips],
                "leads": [{"value": v, **interval_json(i)} for v, i in a.leads.items()],
            } for a in self.assumptions],
            "regrets": [{"structure": r.structure, **interval_json(r.size), "key": r.key,
                         "value": r.value} for r in self.regrets],
            "left_out": dict(self.left_out),
            "failed_runs": self.failures, "unstable_runs": self.unstable,
            "text": sentences(self),
            "interrupted": self.interrupted,
        })
        return answer
