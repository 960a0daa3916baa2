"""How the firm tells its customers' segments apart, and from which records.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from typing import Literal

from sim.scenario.fields import POSITIVE, Inputs, Names, par


class Relevance(Inputs):
    """How much each observable trait says about a customer's segment (r_v, M8)."""

    sex: float = par(0.05, "Sex", ge=0, le=100, plausible=(0, 0.5))
    age: float = par(0.10, "Age", ge=0, le=100, plausible=(0, 0.5))
    status: float = par(0.15, "Socio-economic status", ge=0, le=100, plausible=(0, 0.5))
    kind: float = par(0.20, "Person, organisation or government", ge=0, le=100, plausible=(0, 0.5))
    size: float = par(0.20, "Size", ge=0, le=100, plausible=(0, 0.5))
    income: float = par(0.15, "Income", ge=0, le=100, plausible=(0, 0.5))
    growth: float = par(0.05, "Growth potential: of later value more than of present needs",
                        ge=0, le=100, plausible=(0, 0.5))
    location: float = par(0.05, "Geographic location", ge=0, le=100, plausible=(0, 0.5))
    purpose: float = par(0.30, "Purpose of purchase", ge=0, le=100, plausible=(0, 0.5))
    specialisation: float = par(0.25, "Level of specialisation required", ge=0, le=100,
                                plausible=(0, 0.5))
    habits: float = par(0.30, "Buying habits, after a long history", ge=0, le=100,
                        plausible=(0, 0.5))
    products_bought: float = par(0.25, "Nature of the products bought, after a long history", ge=0,
                                 le=100, plausible=(0, 0.5))


class Segmentation(Inputs):
    """How well the firm knows whose customer this is (M8)."""

    mode: Literal["simple", "attributes", "effort"] = par(
        "simple", "simple: labels.accuracy as given; attributes: labels by a score of traits; "
        "effort: accuracy bought with hours of analysis")
    use: Names = par((), "Traits the firm uses; empty = all")
    relevance: Relevance = par(Relevance(), "Relevance of traits")
    noise: float = par(1.0, "Standard deviation of what the score misses", ge=0, le=1e6,
                       plausible=(0.3, 3), source="calibrated to F54: about 0.5 from database "
                       "traits for four segments")
    history_months: float = par(12.0, "Months of history behind habits and products bought",
                                unit="months", ge=0, le=1e4, plausible=(0, 60))
    history_needed: float = par(6.0, "Months of history that show 63% of what habits can tell",
                                unit="months", ge=POSITIVE, le=1e4, plausible=(1, 36))
    analysis_h: float = par(400.0, "Hours of analysis paid for each year, mode effort (H)",
                            unit="h/year", ge=0, le=1e7, plausible=(0, 4000))
    effort_h: float = par(400.0, "Hours that bring analysis of four segments to 63% of what it "
                          "can do", unit="h", ge=POSITIVE, le=1e7, plausible=(100, 2000),
                          source="assumption (M8)")
    best: float = par(0.85, "Accuracy that analysis cannot exceed", ge=0, le=1,
                      plausible=(0.7, 0.95), source="assumption (M8), F54")
    gain: float = par(0.35, "Accuracy that analysis adds at most", ge=0, le=1, plausible=(0.1, 0.6),
                      source="assumption (M8)")
    viewpoints: int = par(1, "Viewpoints joined in analysis: financial, commercial, operational",
                          ge=1, le=10, plausible=(1, 3))
    viewpoint_gain: float = par(0.5, "Hours count more by this share for each further viewpoint",
                                unit="x", ge=0, le=100, plausible=(0, 1))
    unassigned: Literal["fallback", "refuse"] = par(
        "fallback", "Customers without a label are routed as the largest segment, or turned away")


class Records(Inputs):
    """What is written down of customers, and what is bought (M27)."""

    enabled: bool = par(False, "Labels and estimates of value depend on these records")
    sales: float = par(0.8, "Share of sales written down", ge=0, le=1, plausible=(0.3, 1),
                       source="assumption (M27)")
    service: float = par(0.8, "Share of services written down", ge=0, le=1, plausible=(0.3, 1),
                         source="assumption (M27)")
    complaints: float = par(0.8, "Share of complaints written down", ge=0, le=1,
                            plausible=(0.3, 1), source="assumption (M27)")
    returns: float = par(0.8, "Share of returns written down", ge=0, le=1, plausible=(0.3, 1),
                         source="assumption (M27)")
    usual: float = par(0.8, "Coverage at which relevance, analysis and estimates are as stated",
                       ge=POSITIVE, le=1, source="assumption (M27)")
    bought: bool = par(False, "Data of third parties are bought")
    bought_added: float = par(0.05, "What they add to the relevance of traits and to the "
                              "correlation of value estimates", ge=0, le=10, plausible=(0, 0.2),
                              source="assumption (M27)")
    bought_fee: float = par(2.0, "Price of such data", unit="money/customer/year", ge=0, le=1e9)
