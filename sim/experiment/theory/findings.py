"""What came of the register: one finding per row, and how they are counted.

Owns: when an effect holds, fails or ties, and the JSON of `orgsim theory`. Never does: run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sim.experiment.statistics import Interval

Result = Literal["holds", "fails", "tie", "untestable"]
RESULTS: tuple[Result, ...] = ("holds", "fails", "tie", "untestable")
Kind = Literal["experiment", "control", "claim", "pattern", "scenario"]
CHANCE = 0.025
"""Chance that a lever without effect passes in the stated direction: one side of the 95%
interval. The margin, which the interval must clear as well, makes it less."""
LOOKS = 2
"""A row of the full form is looked at so often at most: once more with more replications."""


@dataclass(frozen=True)
class Finding:
    """One row: what was expected and what came out."""

    id: str
    kind: Kind
    result: Result
    effect: float | None
    low: float | None
    high: float | None
    """Paired 95% interval of the effect; None where a single number is searched for."""
    n: int
    """Replications."""
    claims: tuple[str, ...] = ()
    ask: str = ""
    metric: str = ""
    expected: str = ""
    note: str = ""
    open: bool = False
    """A tie that more replications could decide: the mean is beyond the margin."""
    strict: Result | None = None
    """Of a fact or pattern that stands on several experiments: its result if each must hold."""

    def row(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"id": self.id, "claims": list(self.claims), "result": self.result,
                "effect": self.effect, "low": self.low, "high": self.high, "n": self.n}


def judged(interval: Interval, expect: str | tuple[float, float], margin: float) -> Result:
    """Whether an effect is what was expected.

    A sign holds if the interval excludes 0 by more than the margin on the expected side, fails if
    on the other, and ties between. "same" holds if the interval lies within the margin around 0
    and fails if it lies outside. A range holds if the mean lies in it, and fails if the interval
    does not touch it.
    """
    mean, low, high = interval.mean, interval.low, interval.high
    if mean is None or low is None or high is None:
        return "fails"
    if isinstance(expect, tuple):
        if expect[0] <= mean <= expect[1]:
            return "holds"
        return "tie" if low <= expect[1] and high >= expect[0] else "fails"
    above, below = low > margin, high < -margin
    if expect == "same":
        inside = -margin <= low and high <= margin
        return "fails" if above or below else "holds" if inside else "tie"
    holds, fails = (above, below) if expect == "up" else (below, above)
    return "holds" if holds else "fails" if fails else "tie"


def undecided(interval: Interval, expect: str | tuple[float, float], margin: float) -> bool:
    """Whether a sign is too close to call although the mean is beyond the margin."""
    if isinstance(expect, tuple) or expect == "same" or interval.mean is None:
        return False
    return judged(interval, expect, margin) == "tie" and abs(interval.mean) > margin


@dataclass(frozen=True)
class Theory:
    """All findings of one run of the register."""

    findings: tuple[Finding, ...]
    claims: Mapping[str, Result]
    """By claim: it fails if one of its experiments does, and holds if one holds and none fails."""
    quick: bool
    failures: tuple[str, ...] = ()
    """Runs that failed."""
    claims_strict: Mapping[str, Result] = field(default_factory=dict)
    """By claim, by the stricter rule: it holds only if every one of its experiments does."""

    def of(self, *kinds: Kind) -> list[Finding]:
        """Findings of some kinds."""
        return [f for f in self.findings if f.kind in kinds]

    @property
    def expected_false_passes(self) -> float:
        """At most so many experiments are expected to pass by chance alone."""
        return CHANCE * (1 if self.quick else LOOKS) * len(self.of("experiment"))

    def counts(self) -> dict[str, Any]:
        """How many rows hold, fail, tie and cannot be tested; the same by claim and by kind."""
        return {
            **tally([f.result for f in self.findings]),
            "claims": tally(list(self.claims.values())),
            "experiments": tally([f.result for f in self.of("experiment")]),
            "controls": tally([f.result for f in self.of("control")]),
            "patterns": tally([f.result for f in self.of("pattern")]),
            "scenarios": tally([f.result for f in self.of("scenario")]),
            "expected_false_passes": round(self.expected_false_passes, 3),
        }

    def counts_strict(self) -> dict[str, dict[str, int]]:
        """Claims, and facts and patterns, if each of their experiments must hold (`strictly`)."""
        return {
            "claims": tally(list(self.claims_strict.values())),
            "patterns": tally([f.strict or f.result for f in self.of("pattern")]),
        }

    def to_json(self) -> dict[str, Any]:
        """Rows and counts."""
        return {"rows": [f.row() for f in self.findings], "counts": self.counts(),
                "counts_strict": self.counts_strict()}


def tally(results: Sequence[str]) -> dict[str, int]:
    """How often each result occurs."""
    counted = Counter(results)
    return {word: counted[word] for word in RESULTS}


def together(results: Sequence[Result]) -> Result:
    """The result of a claim with several experiments: a tie says nothing, a failure all."""
    if "fails" in results:
        return "fails"
    return "holds" if "holds" in results else "tie"


def strictly(results: Sequence[Result]) -> Result:
    """The same by the stricter rule: it holds only if every experiment does."""
    if "fails" in results:
        return "fails"
    return "tie" if "tie" in results else "holds"
