"""Parameters of faults, signals and their paths (M7, M10).

Owns: those numbers. Never does: read another group of parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.behaviours.rewards import capture_by_reward
from sim.engine.settings.core import log_of
from sim.scenario.labelling import refuses

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def values(scenario: Scenario) -> dict[str, float]:
    """Value by name of field; a module that is off leaves zeros."""
    faults, sensing = scenario.faults, scenario.sensing
    found: dict[str, float] = {"refuses": refuses(scenario)}
    if faults.enabled:
        found |= {"faults": True, "fault_month": faults.rate, "fault_added": faults.error_added}
    if sensing.enabled:
        listening = [sensing.sensors != "front" or f.front for f in scenario.functions.values()]
        found |= {
            "sensing": True,
            "capture": sensing.capture * (
                capture_by_reward(scenario.rewards.relationship) if scenario.rewards.enabled
                else 1.0),
            "sensors": sum(1 << f for f, listens in enumerate(listening) if listens),
            "log_bad_survival": log_of(sensing.bad_news * scenario.offering.signal_survival),
            "report_h": sensing.report_h,
            "decision_h": sensing.decision_h,
            "minimum_signals": sensing.minimum_signals,
            "suggestions": sensing.suggestions,
            "response": sensing.response,
            "bad_news_response": sensing.bad_news_response,
            "broadcast_read": sensing.broadcast_read,
            "informal": sensing.informal,
            "formal_kept": sensing.formal_kept,
            "informal_kept": sensing.informal_kept,
            "reach_h": sensing.reach_h,
        }
    return found
