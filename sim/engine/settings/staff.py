"""Parameters of morale, orientation, rewards, pressure (M4, M6, M16-M18).

Owns: those numbers. Never does: read another group of parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.behaviours.morale import recognised

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def values(scenario: Scenario) -> dict[str, float]:
    """Value by name of field; neutral while the mechanisms are off."""
    s = scenario
    found = _morale(s) | _onboarding(s)
    found["staff"] = s.morale.enabled or s.onboarding.enabled
    found["manners"] = s.morale.enabled
    return found


def _morale(s: Scenario) -> dict[str, float]:
    m = s.morale
    return {
        "morale": m.enabled,
        "morale_base": m.base,
        "morale_given": recognised(m.recognition_h, m.recognition_effect),
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
