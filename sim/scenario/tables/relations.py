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
