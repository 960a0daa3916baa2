"""What a verification is: an experiment, the quantities read off it, and the row it ends in.

Owns: the vocabulary of `orgsim verify`. Never does: know a particular theory or run anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.engine.simulation import Simulation
    from sim.records import RunResult


@dataclass(frozen=True)
class Observed:
    """One finished replication, as anybody gets it."""

    result: RunResult
    run: Simulation
    """The run behind it: its end state, for what no result carries."""


@dataclass(frozen=True)
class Quantity:
    """One number that a theory predicts and a run shows."""

    id: str
    what: str
    """In words."""
    theory: float
    unit: str
    source: str
    """Where the theory is from."""
    measure: Callable[[Observed], float]
    """Its value in one replication."""


@dataclass(frozen=True)
class Experiment:
    """A scenario, and the quantities that its replications show."""

    name: str
    scenario: Mapping[str, Any] | str
    """As a user would write it, or the name of a shipped one."""
    quantities: tuple[Quantity, ...]
    structure: str = "functional"
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Settings over the scenario, as with `--set`."""
    case_log: bool = False
    replications: int = 20
    """To begin with; as many more as the half-widths then ask for, at most `most` in all."""
    most: int = 160


@dataclass(frozen=True)
class Row:
    """Theory against simulation."""

    id: str
    what: str
    theory: float | None
    """None if the row is reported and nothing is expected of it."""
    simulated: float | None
    """Mean over replications; None if a run failed."""
    low: float | None
    high: float | None
    """The 99.9% t interval of that mean (of a pattern: the paired 95% interval)."""
    passed: bool
    unit: str
    source: str
    replications: int = 0
    note: str = ""
    """Why a row that failed did."""
