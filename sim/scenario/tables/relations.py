"""What the firm and a customer remember of each other: complaints, value, trust, channels.

Owns: these tables of a scenario file. Never does: check one key against another. Every table is
off by default, and then nothing of it is kept or drawn.
"""

from __future__ import annotations

from typing import Literal

from sim.scenario.fields import POSITIVE, Inputs, par


class Complaints(Inputs):
    """Complaints, their recovery, and compliments (M13)."""

    enabled: bool = par(False, "Customers complain to the firm, and it makes amends")
    threshold: float = par(0.5, "Satisfaction below which a customer may complain", ge=0, le=1)
    rate: float = par(0.3, "Probability of complaining of such a customer at loyalty 0.70", ge=0,
                      le=1, plausible=(0.05, 0.75), source="F37")
    loyalty_slope: float = par(
        0.5, "Added to that probability per unit of loyalty above 0.70: those who complain care",
        ge=-10, le=10, plausible=(0, 1), source="F36 (why complainers stay), assumption")
    answered: float = par(1.0, "Share of complaints the firm takes up; the others get no answer",
                          ge=0, le=1, plausible=(0, 1))
    function: str | None = par(None, "Function that makes amends; default the last declared")
    work_h: float | None = par(None, "Mean work of an expert on a complaint; default that of the "
                               "function", unit="h", ge=POSITIVE, le=1e5, plausible=(0.1, 4))
    priority: int = par(0, "Priority class of a complaint; a higher one is served first",
                        unit="class", ge=0, le=9)
    delay_h: float = par(4.0, "Time until a complaint has reached the firm", unit="h", ge=0,
                         le=1e5, plausible=(0, 40))
    tolerance_h: float = par(16.0, "Time from complaint to amends that counts as quick", unit="h",
                             ge=POSITIVE, le=1e6, plausible=(1, 80))
    silent: float = par(-0.05, "Change of loyalty of a customer below the threshold who keeps "
                        "silent", ge=-1, le=1, source="F36 (order), assumption")
    unresolved: float = par(-0.10, "Change of loyalty after a complaint without amends", ge=-1,
                            le=1, source="F36 (order), assumption")
    resolved: float = par(0.05, "Change of loyalty after amends", ge=-1, le=1,
                          source="F36 (order), assumption")
    resolved_quickly: float = par(0.12, "Change of loyalty after quick amends", ge=-1, le=1,
                                  source="F36 (order), assumption")
    compliment: float = par(0.10, "Probability that a delighted customer tells the firm so "
                            "(delighted: market.delighted)", ge=0, le=1, plausible=(0, 0.3))


class BestCustomers(Inputs):
    """What each customer is worth, whom the firm takes for the best, and what these get (M15)."""

    enabled: bool = par(False, "Customers differ in value, and those believed best are favoured")
    sigma: float = par(1.2, "Standard deviation of the logarithm of annual value", ge=0, le=10,
                       plausible=(1.0, 1.4), source="F51, assumption")
    persistence: float = par(0.7, "Correlation of log value from one year to the next", ge=0,
                             le=1, plausible=(0.5, 0.9))
    correlation: float = par(0.52, "Correlation of the firm's estimate with next year's log "
                             "value; at most the persistence", ge=0, le=1, plausible=(0.3, 0.7),
                             source="F51")
    joined_records: bool = par(False, "Financial and commercial records are joined: the estimate "
                               "has joined_correlation")
    joined_correlation: float = par(0.70, "The same with joined records", ge=0, le=1,
                                    plausible=(0.5, 0.9))
    top_share: float = par(0.20, "Share of customers the firm favours", ge=0, le=1,
                           plausible=(0.05, 0.4))
    score: Literal["value_loyalty", "value"] = par(
        "value_loyalty", "Chosen by estimated value times loyalty, or by estimated value alone")
    priority: int = par(1, "Added to the priority of their cases", unit="class", ge=0, le=9)
    follow_ups: int = par(1, "Follow-up visits per chosen customer", unit="1/quarter", ge=0,
                          le=60, plausible=(0, 3))
    follow_up_h: float = par(0.3, "Mean work of an expert on a follow-up", unit="h", ge=POSITIVE,
                             le=1e5, plausible=(0.1, 2))
    function: str | None = par(None, "Function that follows up; default the last declared")
    follow_up_gain: float = par(0.05, "Step of loyalty towards 1 at a follow-up without an error",
                                ge=0, le=1, plausible=(0, 0.2))
    loyal: float = par(0.8, "Loyalty from which a customer counts as loyal", ge=0, le=1)


class Trust(Inputs):
    """Promises, charges, failed attempts, used weakness, and what they do to trust (M25)."""

    enabled: bool = par(False, "Customers trust the firm more or less, and remember why")
    start: float = par(0.5, "Trust of a new customer; 0.5 leaves tolerance as it is", ge=0, le=1)
    tolerance: float = par(
        0.5, "How much trust t softens a disappointment: b- x (1 + tolerance (1 - 2 t) / 2)",
        ge=0, le=1, plausible=(0, 1))
    promise: float | None = par(
        None, "Promised response time, as a factor on the tolerated one; none = no promise",
        unit="x", ge=POSITIVE, le=1e6, plausible=(0.25, 2))
    kept: float = par(0.02, "Change of trust after a promise kept", ge=-1, le=1)
    broken: float = par(-0.15, "Change of trust after a promise broken or a weakness used and "
                        "noticed", ge=-1, le=1)
    broken_expectation: float = par(0.10, "Added to expectation in a case whose promise is broken",
                                    ge=0, le=1)
    fee_share: float = par(0.0, "Share of cases with an unexpected charge", ge=0, le=1,
                           plausible=(0, 0.2))
    fee: float = par(0.0, "Such a charge", unit="money", ge=0, le=1e9)
    fee_drop: float = par(0.15, "Quality lost by it", ge=0, le=1)
    attempt_failure: float = par(0.0, "Probability that the last step of a case has to be done "
                                 "again because the customer was missed", ge=0, le=1,
                                 plausible=(0, 0.3))
    attempt_drop: float = par(0.10, "Quality lost by it", ge=0, le=1)
    notice: float = par(0.0, "Share of such failures that are announced", ge=0, le=1)
    notice_relief: float = par(0.5, "Share of the drop that an announcement spares", ge=0, le=1)
    exploitation: float = par(
        0.0, "Share of cases in which the firm deceives, over-sells, or uses the customer's "
        "weakness", ge=0, le=1, plausible=(0, 0.3))
    exploitation_gain: float = par(0.5, "What that brings, as a share of a case's revenue", ge=0,
                                   le=100, plausible=(0.1, 2))
    detection: float = par(0.5, "Probability that the customer notices", ge=0, le=1,
                           plausible=(0.2, 1))
    exploitation_drop: float = par(0.15, "Quality lost where it is noticed", ge=0, le=1)
    bystanders: int = par(0, "Other customers who see ill treatment", unit="people", ge=0, le=50,
                          plausible=(0, 3))
    bystander_share: float = par(0.2, "Share of its effect on them", ge=0, le=1,
                                 plausible=(0, 0.5))
    concession: float = par(
        0.0, "Given to a customer whose quality falls short of expectation, as a share of a "
        "case's revenue (g)", ge=0, le=100, plausible=(0, 0.5))
    concession_effect: float = par(1.0, "Quality regained per share given, up to expectation",
                                   ge=0, le=100, plausible=(0.2, 2))


class Measurement(Inputs):
    """What the firm's surveys say beside the truth (M27), and what moves loyalty (M12)."""

    enabled: bool = par(False, "Customers are surveyed, and steps of loyalty are told apart")
    response: float = par(0.15, "Probability of answering of a customer with satisfaction 0.70",
                          ge=0, le=1, plausible=(0.05, 0.4))
    extremes: float = par(1.0, "How much more those answer who are far from 0.70: response x "
                          "(1 + extremes |S - 0.70| / 0.60)", ge=0, le=100, plausible=(0, 2))


class Acquisition(Inputs):
    """Channels by which customers are won, and what is spent on winning and on keeping (M14)."""

    enabled: bool = par(False, "Promotion and agents win customers beside word of mouth")
    budget: float = par(0.0, "Spent on winning by promotion and on keeping customers",
                        unit="money/year", ge=0, le=1e12)
    retention_share: float = par(0.0, "Share of the budget spent on keeping", ge=0, le=1,
                                 plausible=(0, 1))
    promotion_cost: float = par(200.0, "Promotion spent per customer won at usual attraction",
                                unit="money", ge=POSITIVE, le=1e12)
    promotion_loyalty: float = par(0.5, "Loyalty of a customer won by promotion", ge=0, le=1,
                                   source="assumption (M14)")
    agent_customers: float = par(0.0, "Customers won by agents at usual attraction",
                                 unit="1/month", ge=0, le=1e7)
    agent_commission: float = par(0.10, "Commission, share of the first year's revenue", ge=0,
                                  le=10, plausible=(0.02, 0.3), source="assumption (M14)")
    agent_loyalty: float = par(0.6, "Loyalty of a customer won by an agent", ge=0, le=1)
    referral_loyalty: float = par(0.65, "Loyalty of a customer won by word of mouth", ge=0, le=1,
                                  source="assumption (M14)")
    fit_effect: float = par(
        0.0, "How much a prospect's decision follows the fit of recent cases: attraction = 1 + "
        "fit_effect (fit - reference_fit) + seller_effect (seller - reference_seller)", ge=0,
        le=100, plausible=(0, 5))
    reference_fit: float = par(0.67, "Fit that attracts as usual", ge=0, le=1)
    seller_effect: float = par(
        0.0, "The same by the last person who served a customer: half courtesy, half skill", ge=0,
        le=100, plausible=(0, 5))
    reference_seller: float = par(0.70, "Courtesy and skill that attract as usual", ge=0, le=1)
    gesture_cost: float = par(5.0, "A gesture towards a customer, bought by what is spent on "
                              "keeping; at most one a month each", unit="money", ge=POSITIVE,
                              le=1e9)
    gesture_effect: float = par(0.02, "Step of loyalty towards 1 by a gesture", ge=0, le=1,
                                plausible=(0, 0.1))
