"""Parameters of morale, orientation, rewards, pressure (M4, M6, M16-M18).

Owns: those numbers. Never does: read another group of parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def values(scenario: Scenario) -> dict[str, float]:  # noqa: ARG001 - filled as they come
    """Value by name of field; none while the mechanisms are off."""
    return {}
