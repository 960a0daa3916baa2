"""The answer of `optimise`: designs, where each stands, and what is given up along the front.

Owns: its shape, as plain data and as a table. Never does: find it (`optimise.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sim.experiment.answer import interval_json, plain
from sim.experiment.statistics import Interval
from sim.metrics.registry import METRICS
from sim.questions.space import Design

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

Status = Literal["sure", "unclear", "possible", "dominated", "same", "unstable", "infeasible",
                 "failed", "no value"]
Stop = Literal["settled", "budget", "interrupted"]


@dataclass(frozen=True)
class Option:
    """One design and what became of it."""

    label: str
    """A letter on the front and near it, else a number."""
    design: Design
    status: Status
    """"sure" and "unclear" are on the front by their means; "possible" is behind by its means but
    not surely; "same": never differs from another."""
    replications: int
    metrics: dict[str, Interval]
    """Means over its own replications, each 95% by itself."""
    overlay: str = field(repr=False)
    """To paste at the end of the scenario file."""
    near: tuple[str, ...] = ()
    """Labels of those from whom it cannot be told apart."""
    behind: tuple[str, ...] = ()
    """Labels of those that surely dominate it, or whose twin it is; front first, at most three."""
    unstable: int = 0
    """Replications in which its backlog grew."""
    reason: str = ""
    """Why it could not be judged."""

    @property
    def on_front(self) -> bool:
        """Whether it is on the front as reported."""
        return self.status in ("sure", "unclear")

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "label": self.label, "status": self.status, "structure": self.design.grouping,
            "rest": self.design.rest, "settings": dict(self.design.settings),
            "name": self.design.structure, "overlay": self.overlay,
            "replications": self.replications,
            "metrics": {id: interval_json(i) for id, i in self.metrics.items()},
            "not_told_from": list(self.near), "dominated_by": list(self.behind),
            "unstable": self.unstable, "reason": self.reason,
        }


@dataclass(frozen=True)
class Step:
    """From one design on the front to the next, better on the first metric."""

    first: str
    second: str
    changes: dict[str, Interval]
    """By metric: second minus first, paired; together 95%."""
    rates: dict[str, Interval]
    """By other metric: its change per unit of the first metric (Fieller)."""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"from": self.first, "to": self.second,
                "changes": {id: interval_json(i) for id, i in self.changes.items()},
                "rates": {id: interval_json(i) for id, i in self.rates.items()}}


@dataclass(frozen=True)
class Optimisation:
    """The front of a space of designs."""

    scenario: Scenario = field(repr=False)
    metrics: tuple[str, ...]
    axes: dict[str, tuple[str, ...]]
    """What was varied, and its values in words."""
    combinations: int
    """Size of the space, the same firm counted as often as it occurs."""
    enumerated: bool
    """Every design of the space was looked at."""
    looked_at: int
    """Designs looked at, each firm once."""
    options: tuple[Option, ...]
    """The front from the worst to the best on the first metric, then what may belong to it, then
    the others."""
    steps: tuple[Step, ...]
    first: int
    family: int
    """Intervals that hold together in every statement about a design."""
    seed: int
    budget: int
    runs: int
    """Runs this took, without pilot rounds."""
    stopped: Stop

    @property
    def front(self) -> tuple[Option, ...]:
        """The front as reported."""
        return tuple(o for o in self.options if o.on_front)

    @property
    def table(self) -> pd.DataFrame:
        """One row per design."""
        import pandas as pd

        rows = []
        for o in self.options:
            row = {"label": o.label, "status": o.status, "structure": o.design.grouping,
                   "rest": o.design.rest, "replications": o.replications}
            for id, i in o.metrics.items():
                row |= {id: i.mean, f"{id}_low": i.low, f"{id}_high": i.high}
            rows.append(row | {"not_told_from": " ".join(o.near),
                               "dominated_by": " ".join(o.behind), "reason": o.reason})
        return pd.DataFrame(rows)

    def overlays(self) -> str:
        """The designs on the front as overlays to paste at the end of the scenario file."""
        return "\n".join(o.overlay for o in self.front)

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data (schema: `schemas.OPTIMISE`); never a NaN."""
        from sim.questions.front_words import sentences

        answer: dict[str, Any] = plain({
            "scenario": self.scenario.name, "metrics": list(self.metrics),
            "units": {id: METRICS[id].unit for id in self.metrics},
            "vary": {name: list(values) for name, values in self.axes.items()},
            "combinations": self.combinations, "enumerated": self.enumerated,
            "looked_at": self.looked_at, "first_replications": self.first,
            "intervals_together": self.family, "seed": self.seed, "budget": self.budget,
            "runs": self.runs, "stopped": self.stopped, "text": sentences(self),
            "front": [o.label for o in self.front],
            "designs": [o.to_json() for o in self.options],
            "steps": [s.to_json() for s in self.steps],
        })
        return answer


def letters(number: int) -> str:
    """A to Z, then AA to AZ..."""
    first, last = divmod(number, 26)
    return (letters(first - 1) if first else "") + chr(ord("A") + last)
