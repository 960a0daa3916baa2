"""Parameters of complaints, channels, best customers, trust (M13-M15, M25, M27).

Owns: those numbers. Never does: read another group of parameters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.population.customers import headroom, stream_rates
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
        "relations": (s.complaints.enabled or s.best_customers.enabled or s.trust.enabled
                      or s.measurement.enabled or s.acquisition.enabled),
        **acquisition(s),
        **attributes(s),
        **trust(s),
        "surveyed": s.measurement.enabled,
        "survey_response": s.measurement.response,
        "survey_extremes": s.measurement.extremes,
        **complaints(s),
        **best_customers(s),
    }


def acquisition(scenario: Scenario) -> dict[str, float]:
    """M14."""
    a = scenario.acquisition
    own, promoted, agents = stream_rates(scenario)
    all_of_them = own + promoted + agents
    return {
        "acquisition": a.enabled,
        "loyalty_referred": a.referral_loyalty if a.enabled else scenario.market.loyalty_start,
        "own_share": own / all_of_them if all_of_them > 0.0 else 1.0,
        "promoted_share": promoted / all_of_them if all_of_them > 0.0 else 0.0,
        "loyalty_promoted": a.promotion_loyalty,
        "loyalty_agent": a.agent_loyalty,
        "commission": a.agent_commission,
        "headroom": headroom(scenario),
        "fit_effect": a.fit_effect,
        "reference_fit": a.reference_fit,
        "seller_effect": a.seller_effect,
        "reference_seller": a.reference_seller,
        "gestures": a.budget * a.retention_share / 12.0 if a.enabled else 0.0,
        "gesture_cost": a.gesture_cost,
        "gesture_effect": a.gesture_effect,
    }


def attributes(scenario: Scenario) -> dict[str, float]:
    """M11 beyond the four attributes."""
    s = scenario.satisfaction
    extra = s.weight_understanding + s.weight_tangibles + s.weight_channel
    return {
        "regard": bool(extra or s.peak or s.stages or scenario.trust.enabled),
        "extra_weight": extra,
        "weight_understanding": s.weight_understanding,
        "weight_tangibles": s.weight_tangibles,
        "tangibles": s.tangibles,
        "weight_channel": s.weight_channel,
        "peak": s.peak,
    }


def trust(scenario: Scenario) -> dict[str, float]:
    """M25."""
    t = scenario.trust
    return {
        "trust": t.enabled,
        "trust_start": t.start,
        "trust_tolerance": t.tolerance,
        "promise": math.inf if t.promise is None else t.promise,
        "trust_kept": t.kept,
        "trust_broken": t.broken,
        "broken_expectation": t.broken_expectation,
        "fee_share": t.fee_share,
        "fee": t.fee,
        "fee_drop": t.fee_drop,
        "attempt_failure": t.attempt_failure,
        "attempt_drop": t.attempt_drop,
        "attempt_notice": t.notice,
        "notice_relief": t.notice_relief,
        "exploitation": t.exploitation,
        "exploitation_gain": t.exploitation_gain,
        "detection": t.detection,
        "exploitation_drop": t.exploitation_drop,
        "bystanders": t.bystanders,
        "bystander_share": t.bystander_share,
        "concession": t.concession,
        "concession_effect": t.concession_effect,
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
        "value_sigma": b.sigma if b.enabled else 0.0,
        "value_persistence": b.persistence,
        "estimate_correlation": min(known / b.persistence, 1.0) if b.persistence > 0.0 else 0.0,
        "top_share": b.top_share,
        "score_loyalty": b.score == "value_loyalty",
        "follow_up_every_h": QUARTER_H / b.follow_ups if b.follow_ups else math.inf,
        "follow_up_gain": b.follow_up_gain,
        "loyal_from": b.loyal,
    }
