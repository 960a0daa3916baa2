"""What a planner's formula says: Erlang C or A pool by pool, on a structure's expected routes.

Owns: the load of each pool as a planner would take it, and the heads at which the formula gives a
stated wait. Never does: simulate, or know what the formula leaves out (`staff.py` tells).

Each pool is a queue of its own with Poisson arrivals and exponential work (a network of such
queues is exactly that: Jackson 1957, Kelly 1975). Where telephone cases begin, callers give up:
Erlang A with the rate of giving up averaged over all who join the queue, those who never give up
included. People are spread over pools as the product does it, by work.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import InfeasibleStructure, InputError
from sim.experiment.verify.theory import erlang_a, mmc_wait
from sim.records import Floats, Ints
from sim.structures import allocate, build
from sim.structures.routing import flow

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Load:
    """What joins each pool of a structure: no errors, no rework, experts only."""

    pools: tuple[str, ...]
    visits: Floats
    """[L] per hour."""
    work: Floats
    """[L] Erlangs."""
    leaving: Floats
    """[L] rate at which somebody who waits gives up, per hour; 0: nobody does."""
    cases: float
    """Cases per hour."""
    calls: float = 0.0
    """Telephone cases per hour."""

    @property
    def work_h(self) -> float:
        """Hours of work per case."""
        return float(self.work.sum()) / self.cases

    def scaled(self, factor: float) -> Load:
        """The same visits with so many times the work."""
        return replace(self, work=self.work * factor)

    def wait_h(self, heads: Ints) -> float:
        """Mean time a case waits in all its queues, h; infinite where a pool does not keep up."""
        return sum(visits * wait for visits, wait, _ in self._queues(heads)) / self.cases

    def lost_share(self, heads: Ints) -> float:
        """Share of telephone cases given up; infinite where a pool without callers is overrun.

        Somebody who waits gives up at a constant rate: the share is that rate times the mean wait.
        """
        lost = sum(visits * wait * (leaving or math.isinf(wait))
                   for visits, wait, leaving in self._queues(heads))
        return lost / self.calls if self.calls > 0 else math.inf

    def _queues(self, heads: Ints) -> list[tuple[float, float, float]]:
        """Visits per hour, mean wait and rate of giving up of each pool that has work."""
        return [(visits, _wait(int(people), visits, work / visits, leaving), leaving)
                for visits, work, leaving, people in zip(
                    self.visits.tolist(), self.work.tolist(), self.leaving.tolist(),
                    heads.tolist(), strict=True) if visits > 0 and work > 0]


def _wait(people: int, arrivals: float, work: float, leaving: float) -> float:
    """Mean wait in one pool, h."""
    load = arrivals * work
    if leaving > 0:
        try:
            return float(erlang_a(people, arrivals, work, 1.0 / leaving)[1])
        except OverflowError:  # far from full, or far beyond: the limits of the formula
            if load > people:
                return (1.0 - people / load) / leaving
    return mmc_wait(people, arrivals, work) if load < people else math.inf


def offered(scenario: Scenario, structure: str, heads: int) -> Load:
    """The load of a structure laid out for so many people.

    Raises:
        InfeasibleStructure: It cannot be laid out so.
    """
    layout = build(scenario, structure, heads)
    traffic = flow(scenario, layout)
    kinds = list(scenario.case_types.values())
    segments = list(scenario.segments.values())
    patience = sum(s.share * s.patience for s in segments) / sum(s.share for s in segments)
    leaving = np.zeros(len(layout.pools))
    calls = 0.0
    for kind, begun in zip(kinds, traffic.begun, strict=True):
        if kind.channel == "phone":
            leaving += begun / (kind.patience_h * patience)
            calls += float(begun.sum())
    joins = np.where(traffic.visits > 0, traffic.visits, 1.0)
    return Load(tuple(layout.pools), traffic.visits, traffic.work, leaving / joins,
                float(traffic.begun.sum()), calls)


Shown = Callable[[Load, Ints], float]
"""What a formula shows for a load and people per pool; less is better."""


@dataclass(frozen=True)
class Planned:
    """What the formula asks for."""

    heads: int
    """Whole people."""
    fte: float
    """Real-valued, interpolated between `heads` and one fewer."""


class Planner:
    """The formula for one structure, laid out anew for each number of heads."""

    def __init__(self, scenario: Scenario, structure: str) -> None:
        self._scenario, self._structure = scenario, structure
        self._loads: dict[int, Load | None] = {}

    def load(self, heads: int) -> Load | None:
        """The load at so many heads; None where they cannot staff the structure."""
        if heads not in self._loads:
            try:
                self._loads[heads] = offered(self._scenario, self._structure, heads)
            except (InfeasibleStructure, InputError):
                self._loads[heads] = None
        return self._loads[heads]

    def shown(self, heads: int, factor: float = 1.0, of: Shown = Load.wait_h) -> float:
        """What the formula shows; infinite where so many heads do not keep up."""
        load = self.load(heads)
        if load is None or heads < len(load.pools):
            return math.inf
        return of(load.scaled(factor), allocate(load.work, heads))

    def needed(self, allowed: Callable[[Load], float], factor: float = 1.0,
               cap: int = 100_000, of: Shown = Load.wait_h) -> Planned | None:
        """The fewest heads at which the formula shows no more than is allowed.

        Args:
            allowed: From the load (its work not yet scaled).
            factor: Times the expected work.
            cap: No number above it is tried.
            of: Mean wait of a case (h), or share of telephone cases given up.

        Returns:
            None if no number is enough.
        """
        first = self.load(cap)
        if first is None or allowed(first) <= 0.0:
            return None

        def excess(heads: int) -> float:
            load = self.load(heads)
            return math.inf if load is None else self.shown(heads, factor, of) - allowed(load)

        heads = max(1, math.floor(float(first.work.sum()) * factor * 0.5))
        while excess(heads) > 0.0:
            heads += 1
            if heads > cap:
                return None
        over, under = excess(heads - 1) if heads > 1 else math.inf, excess(heads)
        if not math.isfinite(over) or over <= 0.0:
            return Planned(heads, float(heads))
        return Planned(heads, float(heads - 1 + over / (over - under)))
