"""Parameters of reorganisation (M22).

Owns: those numbers, which count from the moment of the change. Never does: read another group of
parameters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.behaviours.reorganisation import drag_at_first, resistance

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

STRANGERS = 3
"""Distance of the transfer back from the old path: another unit under the same boss (R23)."""


def values(scenario: Scenario) -> dict[str, float]:
    """Value by name of field; nothing of it acts while the structure has not changed."""
    return {"reorganises": bool(scenario.reorganisation.to)}  # known beforehand: one code for all


def at_change(scenario: Scenario, par: Any, now: float, *, flat: bool) -> dict[str, float]:
    """Value by name of field from the moment of a change on.

    What an earlier change has left of its drag is added: both fade at the same pace.

    Args:
        scenario: The world.
        par: The record of parameters so far.
        now: Hours since the start of the run.
        flat: In a firm of one team every distance is 1.
    """
    change = scenario.reorganisation
    left = 0.0
    if par["drag"] > 0:
        left = float(par["drag"] * math.exp(-(now - par["changed_at"]) / par["drag_h"]))
    return {
        "reorganises": True,
        "drag": drag_at_first(change.drag, change.budget_ratio) + left,
        "drag_h": change.drag_h / change.budget_ratio,
        "changed_at": now,
        "astray": change.misrouting * (1.0 + resistance(change.firm_age, change.leadership)),
        "astray_h": change.misrouting_h,
        "astray_distance": 1 if flat else STRANGERS,
    }
