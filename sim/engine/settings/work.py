"""Parameters of approvals, second bosses, travel (M19, M26, M28).

Owns: those numbers. Never does: read another group of parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def values(scenario: Scenario) -> dict[str, float]:  # noqa: ARG001 - filled as they come
    """Value by name of field; none while the mechanisms are off."""
    return {}
