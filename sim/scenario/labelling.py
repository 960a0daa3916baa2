"""How well a firm can tell its customers' segments apart: accuracy from traits, effort, records.

Owns: the formulas between the tables `labels`, `segmentation` and `records` and the accuracy of a
label, which both structures (expected traffic) and population (labels drawn) need. Never does:
draw a label.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

BEHAVIOURAL = ("habits", "products_bought")
"""Traits that only a history of what the customer did can show."""
STANDARD_SEGMENTS = 4
STANDARD_SHARE = 0.36
"""Segments, and their share of the variance of needs, for which `effort_h` is stated."""


def coverage(scenario: Scenario) -> float:
    """Records of the four sources relative to the usual coverage; 1 while the module is off."""
    records = scenario.records
    if not records.enabled:
        return 1.0
    mean = (records.sales + records.service + records.complaints + records.returns) / 4.0
    return mean / records.usual


def bought(scenario: Scenario) -> float:
    """What bought data add; 0 where none are bought."""
    records = scenario.records
    return records.bought_added if records.enabled and records.bought else 0.0


def relevances(scenario: Scenario) -> dict[str, float]:
    """Relevance of each trait the firm uses, after history, records and bought data.

    r_v x coverage x (1 - exp(-months / history_needed)) for behaviour, r_v + bought for others.
    """
    rules = scenario.segmentation
    seen = -math.expm1(-rules.history_months / rules.history_needed) * coverage(scenario)
    names = rules.use or tuple(type(rules.relevance).model_fields)
    return {
        name: getattr(rules.relevance, name) * seen if name in BEHAVIOURAL
        else getattr(rules.relevance, name) + bought(scenario)
        for name in type(rules.relevance).model_fields if name in names
    }


def attribute_accuracy(relevance: list[float], noise: float, segments: int) -> float:
    """Probability that the true segment has the highest score.

    score_s = sum_v r_v a_vs + noise z_s, a_vs = 1 for the true segment and 0 for others, plus a
    standard normal of its own; the highest score wins. With d = sum r / sqrt(sum r^2 + noise^2)
    this is the integral of phi(z) Phi(z + d)^(S - 1) (Green & Swets 1966, m alternatives), by
    Simpson's rule.
    """
    if segments == 1:
        return 1.0
    spread = math.sqrt(math.fsum(r * r for r in relevance) + noise * noise)
    total = math.fsum(relevance)
    if spread == 0.0 or total / spread > 30.0:  # nothing is missed, or next to nothing
        return 1.0 if total > 0.0 else 1.0 / segments
    d = total / spread
    n, width = 800, 8.0
    step = 2.0 * width / n

    def density(z: float) -> float:
        below = 0.5 * math.erfc(-(z + d) / math.sqrt(2.0))
        return float(math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi) * below ** (segments - 1))

    weights = (1.0 if i in (0, n) else 4.0 if i % 2 else 2.0 for i in range(n + 1))
    area = math.fsum(w * density(-width + i * step) for i, w in enumerate(weights)) * step / 3.0
    return min(max(area, 0.0), 1.0)


def effort_accuracy(scenario: Scenario) -> float:
    """q(H) = best - gain exp(-H' / tau), not below guessing.

    H' = H x coverage x (1 + viewpoint_gain (viewpoints - 1)); tau = effort_h x S / 4 x
    (1 - eta_s) / 0.64: more segments, and segments that overlap, take more analysis. For four
    segments at eta_s 0.36 and one viewpoint it is THEORY's 0.85 - 0.35 exp(-H / 400 h).
    """
    rules = scenario.segmentation
    segments = len(scenario.segments)
    hours = rules.analysis_h * coverage(scenario) * (
        1.0 + rules.viewpoint_gain * (rules.viewpoints - 1))
    overlap = (1.0 - scenario.needs.segment_share) / (1.0 - STANDARD_SHARE)
    scale = rules.effort_h * segments / STANDARD_SEGMENTS * overlap
    left = math.exp(-hours / scale) if scale > 0.0 else float(hours <= 0.0)
    return min(max(rules.best - rules.gain * left, 1.0 / segments), 1.0)


def accuracy(scenario: Scenario) -> float:
    """Probability that a label is the true segment, before anybody is left without one."""
    mode = scenario.segmentation.mode
    if mode == "effort":
        return effort_accuracy(scenario)
    if mode == "attributes":
        return attribute_accuracy(list(relevances(scenario).values()),
                                  scenario.segmentation.noise, len(scenario.segments))
    return scenario.labels.accuracy


def refuses(scenario: Scenario) -> bool:
    """Are customers without a label turned away?"""
    return (scenario.segmentation.unassigned == "refuse" and scenario.labels.unassignable > 0.0
            and len(scenario.segments) > 1)


def value_correlation(scenario: Scenario, known: float) -> float:
    """r sqrt(coverage) + bought, at most 1: how well the firm's records tell next year's value."""
    if not scenario.records.enabled:
        return known
    return min(known * math.sqrt(coverage(scenario)) + bought(scenario), 1.0)
