"""Offerings and needs in motion: design, drift, shocks, exploration.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from sim.scenario.fields import POSITIVE, Duration, Inputs, par


class Design(Inputs):
    """Who decides what is offered, in how many variants, and how often (M9, M20)."""

    customer_share: float | None = par(
        None, "Share of the design agenda set by customers; the rest follows the designers' own "
        "target; default 1 in mode learned, 0 in mode push", ge=0, le=1)
    own_taste: float = par(0.5, "Standard deviation, per dimension, of the designers' own target "
                           "around the centre of the labels a unit is meant for", ge=0, le=100,
                           plausible=(0, 1))
    vision: float = par(0.5, "Share of a need still to surface that the designers' own target "
                        "already holds", ge=0, le=1)
    value_weight: float = par(0.0, "Customers are heard in proportion to (value / mean value) to "
                              "this power (nu); 0 = all alike", ge=-10, le=10, plausible=(0, 1))
    variants: int = par(1, "Variants of an offering in each unit and product (V); a customer gets "
                        "the one nearest to the need", unit="variants", ge=1, le=20)
    variant_work: float = par(0.03, "Added work per natural logarithm of the number of variants",
                              ge=0, le=10)
    standardisation: float = par(0.0, "0 = each unit follows its own customers, 1 = one offering "
                                 "for all units", ge=0, le=1)
    standard_saving: float = par(0.10, "Work saved by full standardisation", ge=0, le=0.99)
    review_months: int = par(1, "Months between two reviews of an offering", unit="months", ge=1,
                             le=120)


class Drift(Inputs):
    """Needs of a segment wander month by month (M21)."""

    enabled: bool = par(False, "Needs drift")
    sd: float = par(0.02, "Standard deviation of a month's step, per dimension", ge=0, le=100,
                    plausible=(0.02, 0.08), source="assumption (M21)")
    explained: float = par(0.5, "Share of the variance of a step that comes from drivers which "
                           "can be seen ahead", ge=0, le=1)


class Foresight(Inputs):
    """A panel that watches the drivers of needs and says where they will go (M21)."""

    enabled: bool = par(False, "There is such a panel")
    viewpoints: int = par(3, "Fields of knowledge in the panel", unit="people", ge=0, le=100)
    seen_each: float = par(0.3, "Share of the drivers that one field sees", ge=0, le=1)
    lead_months: int = par(3, "Months by which a driver is seen ahead", unit="months", ge=0, le=24)
    period_months: int = par(1, "Months between two meetings", unit="months", ge=1, le=120)
    time_share: float = par(0.002, "Share of all staff hours a field takes if the panel meets "
                            "monthly", ge=0, le=0.1)


class Shock(Inputs):
    """A need nobody voiced so far starts to count (M21)."""

    enabled: bool = par(False, "It happens")
    at: Duration = par("12 months", "When it starts to count, after warm-up", unit="duration",
                       ge=0, le=1e7)
    size: float = par(1.2, "Distance of the offering from the new need, until somebody acts",
                      ge=0, le=100, plausible=(0.5, 2))
    early_share: float = par(0.10, "Share of customers for whom it counts from then on, those of "
                             "the lowest value first", ge=0, le=1)
    rest_after: Duration = par("12 months", "How much later it starts to count for the others",
                               unit="duration", ge=0, le=1e7)
    ramp: Duration = par("12 months", "Time in which its weight rises from 0 to 1",
                         unit="duration", ge=0, le=1e7)


class Exploration(Inputs):
    """Staff hours spent on what no customer asks for yet (M21)."""

    share: float = par(0.0, "Share of staff hours", ge=0, le=0.9, plausible=(0, 0.10))
    scale_h: float = par(500.0, "Hours of exploration that bring readiness to 63%", unit="h",
                         ge=POSITIVE, le=1e9)
    jump: float = par(0.8, "Share of the gap that full readiness closes at the shock", ge=0, le=1)
