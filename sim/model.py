"""The Mesa model: one firm under one structure, a period at a time.

Owns: the pace (`step` is one period) and the handles. What happens inside a period, in order:

1. arrivals, visits, hand-offs and closings, in the order of time (`engine.loop`);
2. at month ends: offerings, expectation and churn, quits (`engine.rhythm`);
3. at week ends: the re-balance (`management.staffing`);
4. at the period's end: sums are copied (the series).

Never does: compute anything the engine does not; a stepped model and `simulate` give the same
bits.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.agents import Customer, Department, Employee, Handle
from sim.engine.arrays import CustomerStatus
from sim.engine.simulation import Simulation, prepare
from sim.records import Layout, RunResult
from sim.scenario import load

if TYPE_CHECKING:
    from mesa.agent import AgentSet

    from sim.engine.world import World
    from sim.scenario.schema import Scenario


DEFAULT_RNG = 3

COLLECTED = ("satisfaction", "response_h", "open_cases", "active_customers")
"""What `datacollector` keeps at the end of every period; none of it needs a handle."""


class OrganisationModel(mesa.Model):
    """A scenario under one structure.

    `datacollector` holds a row per `step` (`COLLECTED`); a collector of your own can ask for
    anything else, of handles too.

    Args:
        scenario: A scenario, or a file or shipped name to load.
        structure: Preset or one of the scenario's own structures.
        rng: Root seed of all luck (a plain int); None, which is what Mesa's `batch_run` says
            when it was told nothing, is the default.
        replication: Index of the replication; the same index is the same luck under every
            structure.

    Raises:
        InputError, InfeasibleStructure: As `sim.load` and `engine.simulation.prepare`.
    """

    def __init__(
        self,
        scenario: Scenario | str | Path,
        structure: str = "functional",
        rng: int | None = DEFAULT_RNG,
        replication: int = 0,
    ) -> None:
        seed = DEFAULT_RNG if rng is None else int(rng)
        super().__init__(rng=seed)
        self.inputs: Scenario = load(scenario) if isinstance(scenario, str | Path) else scenario
        self.structure = structure
        self._run = Simulation(prepare(self.inputs, structure, seed=seed), int(replication))
        self.segment_names = tuple(self.inputs.segments)
        self.region_names = tuple(self.inputs.regions)
        self.element_names = (*self.inputs.functions, *self.inputs.products, *self.segment_names)
        self._with_handle: NDArray[np.bool_] | None = None
        self._customers: dict[int, Customer] = {}
        self._departments: list[Department] = []
        self._departments_of: Layout | None = None
        self._ids: Any = None
        self.datacollector = mesa.DataCollector(model_reporters={name: name for name in COLLECTED})

    # --- the run -------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The engine's arrays (read them; the engine writes them)."""
        return self._run.world

    @property
    def layout(self) -> Layout:
        """The structure in force, as tables."""
        return self._run.layout

    @property
    def hours(self) -> float:
        """Working hours since the start, warm-up included."""
        return self._run.now

    @property
    def measured_hours(self) -> float:
        """Working hours since the end of warm-up; negative before."""
        return self._run.now - self._run.warm_up_h

    def step(self) -> None:
        """Run one period.

        Raises:
            ValueError: If the scenario's horizon has ended (`running` is False then).
        """
        run = self._run
        done = int(run.world.clock[0]["snapshot"])
        if done >= len(run.snapshot_times):
            raise ValueError("the horizon of the scenario has ended; raise time.horizon to go on")
        run.run_to(float(run.snapshot_times[done]))
        self.running = done + 1 < len(run.snapshot_times)
        self.datacollector.collect(self)

    def run_all(self) -> RunResult:
        """Run to the end of the horizon and return the outcome."""
        self._run.run_to(self._run.end_h)
        self.running = False
        return self.result()

    def result(self) -> RunResult:
        """The outcome of a finished run, the same as `engine.simulation.simulate` gives."""
        return self._run.result()

    @property
    def satisfaction(self) -> float | None:
        """Mean satisfaction of cases closed so far, 0 to 100."""
        sums = self.world.totals[0]
        cases = sums["closed"] + sums["abandoned"]
        return float(100.0 * sums["satisfaction"] / cases) if cases > 0 else None

    @property
    def response_h(self) -> float | None:
        """Mean response of cases closed so far, working hours."""
        sums = self.world.totals[0]
        return float(sums["response"] / sums["closed"]) if sums["closed"] > 0 else None

    @property
    def open_cases(self) -> int:
        """Cases open now."""
        return int(self.world.clock[0]["open"])

    @property
    def active_customers(self) -> int:
        """Customers of the firm now."""
        return int(self.world.clock[0]["active"])

    # --- the handles ---------------------------------------------------------------------

    @property
    def agents(self) -> AgentSet:
        """Handles of all active customers, posts and units; made at first access."""
        self._refresh()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], AgentSet]:
        """The handles by class."""
        self._refresh()
        by_type: dict[type[mesa.Agent], AgentSet] = super().agents_by_type
        return by_type

    def _refresh(self) -> None:
        """Give every active customer a handle and take it from those who left."""
        active = self.world.customers["status"] == CustomerStatus.ACTIVE
        known = self._with_handle
        counters = getattr(mesa.Agent, "_ids", None)
        if counters is not None and self._ids is not None:
            counters[self] = self._ids
        if self._departments_of is not self.layout:  # a reorganisation makes new units
            for unit in self._departments:
                unit.remove()
            self._departments = [Department(self, row) for row in range(len(self.layout.units))]
            self._departments_of = self.layout
        if known is None:
            for row in range(len(self.world.people)):
                Employee(self, row)
            known = np.zeros(len(active), dtype=np.bool_)
        elif len(known) < len(active):
            known = np.concatenate([known, np.zeros(len(active) - len(known), dtype=np.bool_)])
        for row in np.flatnonzero(active & ~known).tolist():
            self._customers[row] = Customer(self, row)
        for row in np.flatnonzero(known & ~active).tolist():
            self._customers.pop(row).remove()
        self._with_handle = active
        if counters is not None:
            # Mesa 3.3 keeps every model alive in this table of its counters; we keep our own.
            self._ids = counters.pop(self, None)


__all__ = ["Customer", "Department", "Employee", "Handle", "OrganisationModel"]
