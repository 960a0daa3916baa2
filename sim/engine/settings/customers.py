"""Parameters of complaints, channels, best customers, trust (M13-M15, M25, M27).

Owns: those numbers. Never does: read another group of parameters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.scenario.labelling import value_correlation
from sim.scenario.schema import HOURS_PER_MONTH

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

QUARTER_H = 3.0 * HOURS_PER_MONTH


def values(scenario: Scenario) -> dict[str, float]:
    """Value by name of field."""
    s = scenario
    return {
        "case_kinds": len(s.case_types),
        "relations": s.complaints.enabled or s.best_customers.enabled,
        **complaints(s),
        **best_customers(s),
    }


def complaints(scenario: Scenario) -> dict[str, float]:
    """M13."""
    c = scenario.complaints
    return {
        "complaints": c.enabled,
        "complaint_threshold": c.threshold,
        "complaint_rate": c.rate,
        "complaint_slope": c.loyalty_slope,
        "complaint_answered": c.answered,
        "complaint_delay_h": c.delay_h,
        "complaint_quick_h": c.tolerance_h,
        "after_silence": c.silent,
        "after_unresolved": c.unresolved,
        "after_resolved": c.resolved,
        "after_quick": c.resolved_quickly,
        "compliment": c.compliment,
    }


def best_customers(scenario: Scenario) -> dict[str, float]:
    """M15. The estimate is made from this year's value, which persists into the next."""
    b = scenario.best_customers
    known = b.joined_correlation if b.joined_records else b.correlation
    known = value_correlation(scenario, known)
    return {
        "best": b.enabled,
        "value_sigma": b.sigma,
        "value_persistence": b.persistence,
        "estimate_correlation": min(known / b.persistence, 1.0) if b.persistence > 0.0 else 0.0,
        "top_share": b.top_share,
        "score_loyalty": b.score == "value_loyalty",
        "follow_up_every_h": QUARTER_H / b.follow_ups if b.follow_ups else math.inf,
        "follow_up_gain": b.follow_up_gain,
        "loyal_from": b.loyal,
    }
