"""Parameters of push, variants, drift, shocks, competitors (M9, M20, M21, M23).

Owns: those numbers. Never does: read another group of parameters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.scenario.schema import HOURS_PER_YEAR

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def values(scenario: Scenario) -> dict[str, float]:
    """Value by name of field."""
    design, drift, shock = scenario.design, scenario.drift, scenario.shock
    panel, exploring = scenario.foresight, scenario.exploration
    several = design.variants > 1
    moves = several or drift.enabled or shock.enabled
    months = design.review_months
    out = {
        "needs_move": moves,
        "voices": moves or design.value_weight != 0,
        "customer_share": scenario.customer_share,
        "standard": design.standardisation,
        "vision": design.vision,
        "review_skip": months - 1,
        "away": exploring.share + (
            panel.viewpoints * panel.time_share / panel.period_months if panel.enabled else 0.0),
        "drift": drift.enabled,
        "drift_seen": drift.sd * math.sqrt(drift.explained),
        "drift_unseen": drift.sd * math.sqrt(1.0 - drift.explained),
        "foresight": panel.enabled and drift.enabled,
        "foresight_cover": 1.0 - (1.0 - panel.seen_each) ** panel.viewpoints,
        "foresight_lead": panel.lead_months,
        "foresight_skip": panel.period_months - 1,
        "shock": shock.enabled,
        "shock_at": shock.at,
        "shock_size": shock.size,
        "shock_rest": shock.rest_after,
        "shock_ramp": shock.ramp,
        "explore": exploring.share,
        "explore_h": exploring.scale_h,
        "explore_jump": exploring.jump,
    }
    out |= _market(scenario)
    out |= _growth(scenario)
    if months > 1:  # as far towards a constant target as that many monthly steps
        out["offering_speed"] = 1.0 - (1.0 - scenario.offering.speed) ** months
    return out


def _growth(scenario: Scenario) -> dict[str, float]:
    """New offerings and expansion."""
    novelty, expansion = scenario.novelty, scenario.expansion
    return {
        "novelty": novelty.enabled,
        "launches": novelty.launches,
        "recombination": novelty.recombination,
        "novel_adoption": novelty.adoption,
        "novel_fit": novelty.fit_needed,
        "novel_steepness": novelty.steepness,
        "novel_months": novelty.months,
        "novel_target": novelty.target,
        "novel_uplift": novelty.uplift,
        "expands": expansion.enabled,
        "expansion_cost": expansion.cost,
        "expansion_most": expansion.most,
        "expansion_inflow": expansion.inflow,
    }


def _market(scenario: Scenario) -> dict[str, float]:
    """Competitors, a surge, stock."""
    rival, surge, stock = scenario.competition, scenario.surge, scenario.stock
    segments, functions = list(scenario.segments), list(scenario.functions)
    entrant = rival.entrant_segment
    return {
        "rivals": rival.enabled,
        "rival_focus": rival.focus,
        "rival_weight": rival.fit_weight,
        "rival_reference": rival.reference_fit,
        "rival_blind": rival.perceptible,
        "rival_rise": rival.rise / HOURS_PER_YEAR,
        "prospects_choose": rival.enabled and rival.choice,
        "entrant": segments.index(entrant) if entrant else -1,
        "entrant_at": rival.entrant_at,
        "entrant_level": rival.entrant_level,
        "entrant_focus": rival.entrant_focus,
        "surge": surge.enabled,
        "surge_at": surge.at,
        "surge_length": surge.length,
        "surge_factor": surge.factor,
        "surge_delay": surge.delay,
        "surge_clear": surge.clear,
        "reserve": surge.reserve if surge.enabled else 0.0,
        "stock": stock.enabled,
        "stock_function": functions.index(stock.function) if stock.enabled else 0,
        "stock_lead": stock.lead,
    }
