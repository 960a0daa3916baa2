"""Parameters of approvals, second bosses, travel (M19, M26, M28).

Owns: those numbers. Never does: read another group of parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.behaviours.empowerment import approval_probability, gap_kept

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def values(scenario: Scenario) -> dict[str, float]:
    """Value by name of field."""
    free, travel = scenario.empowerment, scenario.travel
    asks = free.enabled and free.approvals > 0
    return {
        "internal_tolerance_h": scenario.handoffs.internal_tolerance_h,
        "waiting": scenario.satisfaction.waiting,
        "empowered": free.enabled,
        "approval_rate": approval_probability(free.approval_rate, free.level) if asks else 0.0,
        "approval_h": free.approval_h,
        "approvals": free.approvals,
        "gap_kept": gap_kept(free.adaptation, free.level) if free.enabled else 1.0,
        "second_added": scenario.matrix.added_distance,
        "liaison_distance": scenario.matrix.liaison_distance,
        "travels": travel.enabled,
        "inside_h": travel.inside_h,
        "across_h": travel.across_h,
    }
