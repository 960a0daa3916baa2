"""Competitors, surges of demand, stock.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from sim.scenario.fields import Duration, Inputs, par


class Competition(Inputs):
    """What the competition offers each customer, and who sees it (M23)."""

    enabled: bool = par(False, "Competitors have an offering of their own; off: they are "
                        "market.outside_option alone")
    focus: float = par(0.5, "How far the competitor's offering goes from the middle of the market "
                       "to the centre of each segment (z)", ge=0, le=1)
    fit_weight: float = par(0.47, "Effect of the competitor's fit on its attractiveness", ge=0,
                            le=10, source="computed (M23): weight of fit x slope of S")
    reference_fit: float = par(0.67, "Fit at which a competitor is as attractive as "
                               "market.outside_option says", ge=0, le=1,
                               source="computed (M8): fit of a pooled offering")
    perceptible: float = par(0.03, "Differences of satisfaction below this are not perceived",
                             ge=0, le=1)
    rise: float = par(0.0, "Rise of all competitors from the end of warm-up on", unit="1/year",
                      ge=-1, le=1, plausible=(0, 0.05))
    choice: bool = par(True, "Prospects of the base stream choose between the firm and the "
                       "competitor")
    entrant_segment: str = par("", "Segment in which a new competitor appears; empty: nowhere",
                               max_length=60)
    entrant_at: Duration = par("12 months", "When, after warm-up", unit="duration", ge=0, le=1e7)
    entrant_level: float = par(0.75, "Its attractiveness at the reference fit", ge=-5, le=5)
    entrant_focus: float = par(1.0, "Its focus on the segment", ge=0, le=1)


class Surge(Inputs):
    """More demand for a while, and what the firm holds ready for it (M24)."""

    enabled: bool = par(False, "It happens")
    at: Duration = par("6 months", "When it begins, after warm-up", unit="duration", ge=0, le=1e7)
    length: Duration = par("4 weeks", "How long it lasts", unit="duration", ge=0, le=1e7)
    factor: float = par(1.5, "Factor on the case rate of all customers", unit="x", ge=0, le=100,
                        plausible=(1, 3))
    reserve: float = par(0.0, "Capacity added while the contingency plan runs, as a share of the "
                         "staff at work", ge=0, le=10, plausible=(0, 0.5))
    delay: Duration = par("0 h", "Time from the begin of the surge until the reserve works: none "
                          "with a plan, weeks without", unit="duration", ge=0, le=1e7)
    clear: Duration = par("2 weeks", "How long the reserve stays after the surge", unit="duration",
                          ge=0, le=1e7)
    reserve_pay: float = par(1.5, "Pay of the reserve, relative to the line", unit="x", ge=0,
                             le=100)
    retainer: float = par(0.05, "Cost of holding the reserve ready, as a share of its pay all "
                          "year", ge=0, le=10)


class Stock(Inputs):
    """Material that a function needs, held in stock (M24)."""

    enabled: bool = par(False, "A function needs material")
    function: str = par("", "The function; every product of a case takes one unit there",
                        max_length=60)
    level: int = par(10, "Units in stock and on order together (base stock)", unit="units", ge=0,
                     le=1_000_000)
    lead: Duration = par("80 h", "Time from an order to its delivery", unit="duration", ge=0,
                         le=1e7)
    unit_cost: float = par(100.0, "Value of a unit", unit="money", ge=0, le=1e12)
    holding: float = par(0.20, "Cost of holding stock, share of its value", unit="1/year", ge=0,
                         le=10, plausible=(0.1, 0.4))
