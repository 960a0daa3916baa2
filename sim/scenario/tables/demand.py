"""Who calls, with what, and what they make of the answer.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from typing import Literal

from sim.scenario.fields import (
    POSITIVE,
    Inputs,
    Table,
    Weight,
    par,
)


class Customers(Inputs):
    """Who calls, and how often."""

    count: int = par(1000, "Customers at the start", unit="customers", ge=1, le=10_000_000)
    cases_per_month: float = par(
        1.0, "Cases per customer and month, before the segment's volume factor",
        unit="cases/month", ge=POSITIVE, le=1000, plausible=(0.05, 4),
    )
    second_product: float = par(
        0.30, "Probability that a case concerns a second, different product (m2)",
        ge=0, le=1, plausible=(0, 0.8),
    )


class Segment(Inputs):
    """One customer segment."""

    share: float = par(..., "Share of all customers; the shares of all segments sum to 1",
                       ge=POSITIVE, le=1)
    volume: float = par(1.0, "Factor on the case rate of its customers", unit="x", ge=POSITIVE,
                        le=1000, plausible=(0.2, 5))
    need_spread: float = par(
        1.0, "Factor on the standard deviation of individual needs around the segment's centre",
        unit="x", ge=0, le=100, plausible=(0.5, 2),
    )
    patience: float = par(
        1.0, "Factor on the tolerated response time and on telephone patience", unit="x",
        ge=POSITIVE, le=1000, plausible=(0.5, 2),
    )
    value: float = par(1800.0, "Mean revenue of a customer", unit="money/year", ge=0, le=1e12)
    expectation: float = par(0.65, "Expected quality of a new customer, E(0)", ge=0, le=1,
                             plausible=(0.5, 0.8), source="assumption (M11)")
    priority: int = par(0, "Added to the priority of its cases; a higher class is served first",
                        unit="class", ge=0, le=9)
    products: Table[Weight] = par(
        {}, "Weight of each product in its cases; products left out weigh 0; empty = the "
        "products' own weights", unit="weight",
    )
    price: float | None = par(
        None, "Price paid relative to the usual one; raises E(0) by satisfaction.price_slope times "
        "its logarithm", unit="x", ge=POSITIVE, le=1e6, plausible=(0.25, 4))
    churn_max: float | None = par(None, "Overrides market.churn_max for this segment",
                                  unit="1/month", ge=0, le=1)
    switching_cost: float | None = par(None, "Overrides market.switching_cost", ge=-5, le=5)
    outside_option: float | None = par(None, "Overrides market.outside_option", ge=-5, le=5)
    entered: bool = par(True, "Its customers are there from the start; false = a market the firm "
                        "enters when measuring starts: they only join, and the customers at the "
                        "start are of the other segments")
    known: float = par(0.0, "Share of a market to be entered that is known beforehand: where "
                       "knowledge of it and offerings for it start", ge=0, le=1)


class Product(Inputs):
    """One product or service line."""

    weight: float = par(1.0, "Relative frequency in cases", unit="weight", ge=POSITIVE, le=1e6)


class Region(Inputs):
    """One region; customers live in exactly one."""

    share: float = par(..., "Share of all customers; the shares of all regions sum to 1",
                       ge=POSITIVE, le=1)


class Needs(Inputs):
    """How much customers differ, and between whom (M8)."""

    dimensions: int = par(3, "Dimensions of the need vector", ge=1, le=10)
    variance: float = par(0.61, "Total variance of needs per dimension", ge=0, le=100)
    segment_share: float = par(0.36, "Share of that variance between segments (eta_s)", ge=0,
                               le=1, plausible=(0, 0.7))
    product_share: float = par(0.10, "Share between products (eta_p)", ge=0, le=1,
                               plausible=(0, 0.5))
    interaction_share: float = par(0.10, "Share between segment-product cells (eta_sp)", ge=0,
                                   le=1, plausible=(0, 0.5))
    fit_width: float = par(2.0, "Tolerance of fit to the distance between need and offering "
                           "(omega squared)", ge=POSITIVE, le=1e6, plausible=(1, 4))


class Labels(Inputs):
    """How well the firm knows which segment a customer belongs to (M8)."""

    accuracy: float = par(0.75, "Probability that the label is the true segment (q)", ge=0, le=1,
                          plausible=(0.35, 1), source="F54")
    unassignable: float = par(0.02, "Share of customers without a label, routed as the largest "
                              "segment (u)", ge=0, le=1, plausible=(0, 0.1))
    notice: float = par(0.2, "Probability per visit that a wrong segment unit notices and the "
                        "rest of the case is routed by the true segment", ge=0, le=1,
                        plausible=(0, 0.5))


class Satisfaction(Inputs):
    """Quality, expectation, satisfaction (M11)."""

    weight_fit: float = par(0.35, "Weight of fit", ge=0, le=1)
    weight_speed: float = par(0.25, "Weight of speed", ge=0, le=1)
    weight_resolution: float = par(0.20, "Weight of resolution", ge=0, le=1)
    weight_courtesy: float = par(0.20, "Weight of courtesy", ge=0, le=1)
    concentration: float = par(20.0, "How alike customers' weights are; 0 = the same for all",
                               ge=0, le=1e6)
    courtesy: float = par(0.75, "Courtesy of staff", ge=0, le=1)
    waiting: bool = par(True, "Hours in queues count for customers; without them (a control) "
                        "answers are timed as if nobody had queued, and no caller gives up")
    reopening_factor: float = par(0.7, "Factor on resolution per reopening", unit="x", ge=0, le=1)
    gain: float = par(0.10, "Effect of quality above expectation (b+)", ge=0, le=10,
                      plausible=(0, 0.5), source="F26")
    loss: float = par(0.60, "Effect of quality below expectation (b-)", ge=0, le=10,
                      plausible=(0.25, 1), source="F26")
    expectation_speed: float = par(0.10, "Step of expectation towards quality per case (eta_E)",
                                   ge=0, le=1, plausible=(0.02, 0.3))
    expectation_drift: float = par(0.02, "Monthly step of expectation back to the market's level",
                                   unit="1/month", ge=0, le=1, source="F27")
    price_slope: float = par(0.08, "Expectation per unit of the logarithm of a segment's price",
                             ge=-10, le=10, plausible=(0, 0.2))
    weight_understanding: float = par(
        0.0, "Weight of feeling understood (knowledge of the segment x information of the case, "
        "mean over visits); the four weights share the rest", ge=0, le=1, plausible=(0, 0.3))
    weight_tangibles: float = par(0.0, "Weight of premises and material", ge=0, le=1,
                                  plausible=(0, 0.2))
    tangibles: float = par(0.7, "Quality of premises and material", ge=0, le=1)
    weight_channel: float = par(0.0, "Weight of how direct the contact is", ge=0, le=1,
                                plausible=(0, 0.2))
    peak: float = par(0.0, "Weight of the worst stage of a case where it falls short of the whole",
                      ge=0, le=1, plausible=(0, 0.5))
    stages: bool = par(False, "Measure understanding and stages even where they weigh nothing")
    expectation_start: Literal["equilibrium", "given"] = par(
        "equilibrium", "Customers present at the start expect what they are used to, or E(0)")


class Market(Inputs):
    """Loyalty, leaving and joining (M12, M14, M21 inflow, M23's one number)."""

    churn_max: float = par(0.10, "Upper limit of the monthly probability of leaving; 0 = captive "
                           "customers, no inflow", unit="1/month", ge=0, le=1,
                           plausible=(0.02, 0.2))
    steepness: float = par(10.0, "Steepness of leaving in loyalty (b)", ge=0, le=1000,
                           plausible=(5, 15))
    switching_cost: float = par(0.15, "Cost of switching (k_sw)", ge=-5, le=5, plausible=(0, 0.5))
    outside_option: float = par(0.65, "Attractiveness of competitors (C)", ge=-5, le=5,
                                plausible=(0.5, 0.8))
    loyalty_start: float = par(0.70, "Loyalty of a joiner, and the level that sets the inflow",
                               ge=0, le=1)
    loyalty_step: float = par(0.05, "Smallest step of loyalty towards satisfaction per case",
                              ge=0, le=1, source="F33")
    inflow: bool = par(True, "New customers join")
    prospects: int | None = par(None, "Prospects in the market; default the customers at the "
                                "start", unit="people", ge=1, le=100_000_000)
    delighted: float = par(0.8, "Satisfaction from which a customer praises", ge=0, le=1)
    angry: float = par(0.5, "Satisfaction below which a customer complains to others", ge=0, le=1)
    tell_delighted: float = par(0.41, "Probability of telling one person, delighted", ge=0, le=1,
                                source="F45")
    tell_angry: float = par(0.74, "Probability of telling others, angry", ge=0, le=1, source="F45")
    tell_neutral: float = par(0.20, "Probability of telling one person, between", ge=0, le=1)
    angry_audience: int = par(5, "People an angry customer tells", unit="people", ge=0, le=50,
                              source="F45")
    convert: float = par(0.04, "Probability that praise wins a prospect", ge=0, le=1,
                         plausible=(0.01, 0.125), source="F41")
    block: float = par(0.11, "Probability that a warning removes a prospect for a while", ge=0,
                       le=1, source="F40")
    block_months: float = par(6.0, "How long such a prospect stays away", unit="months",
                              ge=POSITIVE, le=1200)
