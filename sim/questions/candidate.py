"""A design while `optimise` looks at it: its runs, and why it may not be judged.

Owns: what is known of one design. Never does: run it, or compare it with others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.questions.designs import Status
from sim.questions.space import Design, Levels
from sim.records import Floats
from sim.sweep.lab import Row


class Candidate:
    """A design that is looked at."""

    def __init__(self, levels: Levels, design: Design) -> None:
        self.levels, self.design = levels, design
        self.rows: list[Row] = []
        self.refused = ""
        """Why its settings contradict each other."""
        self.twin: Candidate | None = None
        """Another that has the same metrics in every replication."""

    @property
    def finished(self) -> bool:
        """Whether there are runs, and all of them have metrics."""
        return bool(self.rows) and all(row.finished for row in self.rows)

    @property
    def unstable(self) -> int:
        """Replications in which the backlog grew."""
        return sum(row.status == "unstable" for row in self.rows)

    @property
    def trouble(self) -> tuple[Status, str] | None:
        """Why it cannot be on the front."""
        if self.refused:
            return "infeasible", self.refused
        for row in self.rows:
            if not row.finished:
                return ("infeasible" if row.status == "infeasible" else "failed"), row.message
        if 2 * self.unstable >= len(self.rows):
            return "unstable", (f"its backlog grew in {self.unstable} of {len(self.rows)} "
                                "replications")
        return None

    def values(self, metrics: Sequence[str]) -> Floats:
        """[K, n] metrics by replication in their units."""
        return np.array([[row.value(id) for row in self.rows] for id in metrics])
