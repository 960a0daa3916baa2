"""What came of the eight scenarios: expectations, level facts, conditions over all of them.

Owns: the shape of that answer, as plain data. Never does: judge (`scenarios.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sim.experiment.statistics import Interval
from sim.experiment.theory.firms import Firm

Result = Literal["holds", "fails", "tie"]


@dataclass(frozen=True)
class Outcome:
    """One expectation and what came of it."""

    id: str
    row: str
    firm: Firm
    metric: str
    expected: str
    """In words: the structures, or the sign."""
    found: str
    result: Result
    effect: Interval
    """Best expected structure minus the best other one; or the difference of a statement."""
    confidence: str = ""
    tau: float | None = None
    leaders: tuple[str, ...] = ()
    means: Mapping[str, float | None] | None = None
    unstable: tuple[str, ...] = ()
    """Structures whose backlog grows: their numbers depend on the horizon."""
    note: str = ""
    tied: bool = False
    """Somewhere in the ranking two neighbours are too close to call or practically equal."""

    def json_row(self) -> dict[str, Any]:
        """As a row of `orgsim theory --json`."""
        return {"id": self.id, "claims": [], "result": self.result, "effect": self.effect.mean,
                "low": self.effect.low, "high": self.effect.high, "n": self.effect.n}


@dataclass(frozen=True)
class Level:
    """One level fact in one scenario, under its first structure."""

    fact: str
    scenario: str
    structure: str
    low: float
    high: float
    source: str
    value: Interval
    least: float | None
    most: float | None
    """Over all structures compared."""
    result: Result
    """Holds: the mean lies in the range; tie: only a part of its interval does."""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return vars(self) | {"value": self.value.mean}


@dataclass(frozen=True)
class Check:
    """One condition over all scenarios."""

    id: str
    text: str
    passed: bool
    found: str


@dataclass(frozen=True)
class ScenarioReport:
    """Everything that `orgsim theory --scenarios` finds."""

    outcomes: tuple[Outcome, ...]
    levels: tuple[Level, ...]
    checks: tuple[Check, ...]
    replications: int
    missing: Mapping[str, str]
    """What could not be run, and why."""

    def counts(self) -> dict[str, int]:
        """How many expectations hold, fail and tie."""
        results = [o.result for o in self.outcomes]
        return {name: results.count(name) for name in ("holds", "fails", "tie")}

    def to_json(self) -> dict[str, Any]:
        """As plain data, in the order of the data files."""
        return {
            "replications": self.replications,
            "rows": [o.json_row() | {
                "row": o.row, "scenario": o.firm.scenario, "overlays": list(o.firm.overlays),
                "metric": o.metric, "expected": o.expected, "found": o.found,
                "confidence": o.confidence, "tau": o.tau, "leaders": list(o.leaders),
                "means": dict(o.means or {}), "unstable": list(o.unstable), "note": o.note,
            } for o in self.outcomes],
            "levels": [level.to_json() for level in self.levels],
            "checks": [vars(check) for check in self.checks],
            "missing": dict(self.missing),
            "counts": self.counts(),
        }
