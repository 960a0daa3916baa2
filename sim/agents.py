"""Mesa agents as thin handles on rows of the engine's arrays.

Owns: names for what a row means. Never does: hold any state of its own; reading a handle reads
the array, and a row that is gone has no handle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from sim.engine.arrays import PersonState

if TYPE_CHECKING:
    from sim.model import OrganisationModel


class Handle(mesa.Agent):
    """A row of one of the engine's tables."""

    model: OrganisationModel

    def __init__(self, model: OrganisationModel, row: int) -> None:
        super().__init__(model)
        self.row = row


class Customer(Handle):
    """An active customer."""

    @property
    def segment(self) -> str:
        """True segment."""
        return self.model.segment_names[int(self.model.world.customers[self.row]["segment"])]

    @property
    def label(self) -> str:
        """Segment the firm believes in."""
        return self.model.segment_names[int(self.model.world.customers[self.row]["label"])]

    @property
    def region(self) -> str:
        """Region."""
        return self.model.region_names[int(self.model.world.customers[self.row]["region"])]

    @property
    def satisfaction(self) -> float | None:
        """Satisfaction with the last closed case, 0 to 100; None before there is one."""
        last = float(self.model.world.customers[self.row]["last_satisfaction"])
        return None if np.isnan(last) else 100.0 * last

    @property
    def loyalty(self) -> float:
        """Loyalty, 0 to 1."""
        return float(self.model.world.customers[self.row]["loyalty"])

    @property
    def expectation(self) -> float:
        """Expected quality, 0 to 1."""
        return float(self.model.world.customers[self.row]["expectation"])

    @property
    def cases(self) -> int:
        """Cases brought so far."""
        return int(self.model.world.customers[self.row]["arrivals"])


class Employee(Handle):
    """A post of the line and whoever holds it."""

    @property
    def department(self) -> str:
        """Unit the post belongs to."""
        return self.model.layout.units[int(self.model.world.people[self.row]["unit"])]

    @property
    def pool(self) -> str:
        """Pool the post belongs to."""
        return self.model.layout.pools[int(self.model.world.people[self.row]["pool"])]

    @property
    def state(self) -> str:
        """vacant, idle or busy."""
        return PersonState(int(self.model.world.people[self.row]["state"])).name.lower()

    @property
    def knowledge(self) -> dict[str, float]:
        """Knowledge (0 to 1) by function, product and segment, forgotten up to now."""
        world = self.model.world
        par = world.par[0]
        left = 1.0
        if par["learning"]:
            hours = float(world.clock[0]["now"]) - float(world.people[self.row]["known_at"])
            left = float(np.exp(-hours * par["forget_rate"]))
        return {name: float(k) * left
                for name, k in zip(self.model.element_names, world.knowledge[self.row],
                                   strict=True)}


class Department(Handle):
    """A unit of the structure."""

    @property
    def name(self) -> str:
        """Name of the unit."""
        return self.model.layout.units[self.row]

    @property
    def heads(self) -> int:
        """Posts of the unit now, vacant ones included."""
        return int(self.model.world.units[self.row]["posts"])

    @property
    def busy(self) -> int:
        """People of the unit in a visit now."""
        people = self.model.world.people
        return int(np.sum((people["unit"] == self.row) & (people["state"] == PersonState.BUSY)))

    @property
    def visits(self) -> int:
        """Visits ended here so far."""
        return int(self.model.world.unit_totals[self.row]["visits"])

    @property
    def waiting(self) -> int:
        """Visits waiting in the unit's queues at the end of the last period."""
        return int(self.model.world.unit_totals[self.row]["queue"])
