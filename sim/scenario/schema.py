"""The inputs of a scenario: the only home of every default, unit, bound, range and source.

Owns: the shape of a scenario file, key by key. The documentation tables, the JSON schema,
`orgsim describe` and error messages are generated from these fields; no other file writes a
default down. Never does: read files, follow overlays, or check one key against another
(`loading`, `checks`).

Bounds (`ge`, `le`) are mathematical and include the neutral value of each mechanism.
`plausible` is the range a reader may believe in; outside it is a note, not an error.
`source` names a fact of the literature or says "assumption".
"""

from __future__ import annotations

import math
from typing import Any, Literal

from sim.scenario.fields import Inputs, Table, par
from sim.scenario.tables.authority import Empowerment, Matrix, Travel
from sim.scenario.tables.change import Design, Drift, Exploration, Foresight, Shock
from sim.scenario.tables.demand import (
    Customers,
    Labels,
    Market,
    Needs,
    Product,
    Region,
    Satisfaction,
    Segment,
)
from sim.scenario.tables.firm import KEYS as KEYS
from sim.scenario.tables.firm import Compare, Money, Objective, Staff, Structure, Time
from sim.scenario.tables.firm import Unit as Unit
from sim.scenario.tables.growth import Expansion, Novelty
from sim.scenario.tables.move import Reorganisation
from sim.scenario.tables.people import (
    Morale,
    Onboarding,
    Orientation,
    Pressure,
    Procedures,
    Rewards,
)
from sim.scenario.tables.relations import (
    Acquisition,
    BestCustomers,
    Complaints,
    Measurement,
    Trust,
)
from sim.scenario.tables.rivals import Competition, Stock, Surge
from sim.scenario.tables.segmentation import Records, Segmentation
from sim.scenario.tables.sensing import Faults, Sensing
from sim.scenario.tables.work import CHANNEL_DIRECTNESS as CHANNEL_DIRECTNESS
from sim.scenario.tables.work import CHANNEL_TOLERANCE_H as CHANNEL_TOLERANCE_H
from sim.scenario.tables.work import (
    CaseType,
    Cover,
    Function,
    HandOffs,
    Knowledge,
    Mistakes,
    Offering,
    Work,
)
from sim.scenario.units import HOURS_PER_DAY as HOURS_PER_DAY
from sim.scenario.units import HOURS_PER_MONTH as HOURS_PER_MONTH
from sim.scenario.units import HOURS_PER_WEEK as HOURS_PER_WEEK
from sim.scenario.units import HOURS_PER_YEAR as HOURS_PER_YEAR

SCHEMA_VERSION = 1

MODEL_VERSION = 1
"""Raised whenever the same scenario and seed give other numbers than before (see CHANGELOG)."""


class Scenario(Inputs):
    """One world: customers, work, staff, market, and the structures to compare."""

    schema_version: Literal[1] = par(..., "Version of this file format")
    name: str = par(..., "Title of the scenario", min_length=1, max_length=120)
    summary: str = par("", "What it is about", max_length=2000)
    seed: int = par(1, "Root seed", ge=0, le=2**63 - 1)
    customers: Customers = par(Customers(), "Who calls")
    segments: Table[Segment] = par({"everyone": Segment(share=1.0)}, "Customer segments")
    products: Table[Product] = par({"service": Product()}, "Products")
    regions: Table[Region] = par({"everywhere": Region(share=1.0)}, "Regions")
    functions: Table[Function] = par(..., "Functions, in the order of work")
    case_types: Table[CaseType] = par({"request": CaseType()}, "Kinds of cases")
    needs: Needs = par(Needs(), "Needs")
    labels: Labels = par(Labels(), "Labels")
    segmentation: Segmentation = par(Segmentation(), "Segmentation")
    records: Records = par(Records(), "Records")
    work: Work = par(Work(), "Work")
    knowledge: Knowledge = par(Knowledge(), "Knowledge")
    handoffs: HandOffs = par(HandOffs(), "Hand-offs")
    mistakes: Mistakes = par(Mistakes(), "Errors and rework")
    faults: Faults = par(Faults(), "Systemic faults")
    cover: Cover = par(Cover(), "Cross-cover")
    offering: Offering = par(Offering(), "Offerings")
    design: Design = par(Design(), "Design of offerings")
    drift: Drift = par(Drift(), "Drift of needs")
    foresight: Foresight = par(Foresight(), "Foresight")
    shock: Shock = par(Shock(), "A need that surfaces")
    exploration: Exploration = par(Exploration(), "Exploration")
    sensing: Sensing = par(Sensing(), "Signals and decisions")
    satisfaction: Satisfaction = par(Satisfaction(), "Satisfaction")
    market: Market = par(Market(), "Market")
    acquisition: Acquisition = par(Acquisition(), "Acquisition")
    complaints: Complaints = par(Complaints(), "Complaints and recovery")
    best_customers: BestCustomers = par(BestCustomers(), "Best customers")
    novelty: Novelty = par(Novelty(), "New offerings")
    expansion: Expansion = par(Expansion(), "Expansion")
    competition: Competition = par(Competition(), "Competition")
    surge: Surge = par(Surge(), "A surge of demand")
    stock: Stock = par(Stock(), "Stock")
    trust: Trust = par(Trust(), "Trust")
    measurement: Measurement = par(Measurement(), "Surveys")
    staff: Staff = par(Staff(), "Staff")
    morale: Morale = par(Morale(), "Morale")
    onboarding: Onboarding = par(Onboarding(), "Onboarding")
    empowerment: Empowerment = par(Empowerment(), "Empowerment")
    matrix: Matrix = par(Matrix(), "Second bosses and liaison roles")
    travel: Travel = par(Travel(), "Travel")
    orientation: Orientation = par(Orientation(), "Customer orientation")
    rewards: Rewards = par(Rewards(), "Rewards")
    pressure: Pressure = par(Pressure(), "Load and fatigue")
    procedures: Procedures = par(Procedures(), "Procedures and control")
    money: Money = par(Money(), "Money")
    time: Time = par(Time(), "Time")
    compare: Compare = par(Compare(), "Comparison")
    objective: Objective = par(Objective(), "Objective")
    reorganisation: Reorganisation = par(Reorganisation(), "Reorganisation")
    structures: Table[Structure] = par({}, "The user's own structures")
    overlays: dict[str, dict[str, Any]] = par({}, "Named changes to this scenario")

    @property
    def offering_function(self) -> int:
        """Index of the function that holds the offering."""
        marked = [i for i, f in enumerate(self.functions.values()) if f.offering]
        return marked[0] if marked else min(1, len(self.functions) - 1)

    @property
    def customer_share(self) -> float:
        """Share of the design agenda set by customers (M9)."""
        given = self.design.customer_share
        return float(self.offering.mode == "learned") if given is None else given

    @property
    def first_expectation(self) -> tuple[float, ...]:
        """E(0) of each segment, price included (M11): E + slope ln(price), kept in [0, 1]."""
        slope = self.satisfaction.price_slope
        return tuple(min(max(s.expectation + slope * math.log(s.price), 0.0), 1.0)
                     if s.price is not None else s.expectation for s in self.segments.values())

    @property
    def month_h(self) -> float:
        """Working hours in a month."""
        return HOURS_PER_MONTH
