"""Parameters of morale, orientation, rewards, pressure (M4, M6, M16-M18).

Owns: those numbers. Never does: read another group of parameters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.behaviours.morale import recognised
from sim.behaviours.rewards import errors_by_reward, time_by_reward
from sim.scenario.schema import HOURS_PER_MONTH, HOURS_PER_WEEK

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def values(scenario: Scenario) -> dict[str, float]:
    """Value by name of field; neutral while the mechanisms are off."""
    s = scenario
    found = _morale(s) | _onboarding(s) | _orientation(s) | _rewards(s) | _pressure(s)
    found["manners"] = s.morale.enabled or s.orientation.enabled
    found["staff"] = bool(
        found["manners"] or s.onboarding.enabled or s.rewards.enabled or s.pressure.enabled
        or found["procedures"] or s.procedures.control > 0 or found["peer_transfer"] > 0
    )
    return found


def _morale(s: Scenario) -> dict[str, float]:
    m = s.morale
    return {
        "morale": m.enabled,
        "morale_base": m.base,
        "morale_given": recognised(m.recognition_h, m.recognition_effect) + (
            m.by_autonomy * (s.empowerment.level - 0.5) if s.empowerment.enabled else 0.0),
        "morale_speed": m.speed,
        "by_satisfaction": m.by_satisfaction,
        "satisfaction_norm": m.satisfaction_norm,
        "by_load": m.by_load * s.empowerment.exhaustion_factor,
        "load_norm": m.load_norm,
        "by_complaints": m.by_complaints,
        "by_orientation": m.by_orientation,
        "pride": m.pride,
        "by_variety": m.variety if m.enabled else 0.0,
        "profit_share": m.profit_share,
        "profit_effect": m.profit_effect,
        "margin": s.money.margin,
        "hour_cost": s.money.pay * s.money.loading / s.staff.availability,
        "temper": m.spread if m.enabled else 0.0,
        "courtesy_effect": m.courtesy_effect,
        "quit_rate": s.staff.quit_rate,
        "quit_effect": m.quit_effect,
    }


def _onboarding(s: Scenario) -> dict[str, float]:
    o = s.onboarding
    return {
        "onboarding": o.enabled,
        "induction_h": o.induction_h,
        "training": o.training_effect,
        "own_feet": o.minimum_proficiency,
        "supervision": o.supervision,
        "checked": o.checked,
        "ready": o.ready,
    }


def _orientation(s: Scenario) -> dict[str, float]:
    o = s.orientation
    months = math.inf if o.signal_months is None else o.signal_months
    return {
        "orientation": o.enabled,
        "oriented_hire": o.at_hire if o.enabled else 0.5,
        "signal": o.signal,
        "signal_rest": o.signal_rest,
        "signal_h": months * HOURS_PER_MONTH,
        "leadership": o.leadership_speed * o.understanding,
        "peers": o.peer_speed,
        "stories": o.stories,
        "mandate": o.mandate_speed * o.mandate,
        "no_contact": o.contact_effect,
        "haste_of_age": 1.0 / (1.0 + o.firm_age / 50.0),
        "orientation_courtesy": o.courtesy_effect,
        "boundary": o.boundary_effect,
        "care": o.care,
        "owner": o.owner_effect if o.enabled else 0.0,
        "oriented_from": o.high,
    }


def _rewards(s: Scenario) -> dict[str, float]:
    """Rewards, control and understanding act on every visit alike: one factor each."""
    r, p, o = s.rewards, s.procedures, s.orientation
    work = 1.0 + p.control * p.control_work
    errors = 1.0 - p.control * p.control_errors
    if o.enabled:
        errors *= 1.0 + o.understanding_effect * (1.0 - o.understanding)
    if r.enabled:
        work *= time_by_reward(r.relationship) * (1.0 - r.internal_kpi * r.kpi_haste)
        errors *= errors_by_reward(r.relationship)
    return {
        "work_factor": work,
        "error_factor": errors,
        "kpi_errors": r.internal_kpi * r.kpi_errors if r.enabled else 0.0,
        "local_priority": r.enabled and r.local_priority,
        "procedures": any(kind.procedure for kind in s.case_types.values()),
        "procedure_work": p.work_factor,
        "procedure_errors": p.error_factor,
    }


def _pressure(s: Scenario) -> dict[str, float]:
    p = s.pressure
    return {
        "pressure": p.enabled,
        "haste": p.haste,
        "haste_scale": p.haste_scale,
        "fatigue": p.fatigue,
        "fatigue_from": p.fatigue_from,
        "fatigue_keep": math.exp(-HOURS_PER_WEEK / p.fatigue_h),
        "fatigue_errors": p.fatigue_errors,
        "ownership": p.ownership if p.enabled else 0.0,
        "peer_transfer": s.knowledge.peer_transfer if s.knowledge.learning else 0.0,
    }
