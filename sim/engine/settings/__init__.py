"""From a scenario's keys to the numbers the compiled loop reads.

Owns: every conversion on the way (rates per hour, logarithms, switches). Never does: read
another room's tables, or fill anything but the one record of parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.parameters import PARAMETERS
from sim.engine.settings import change, core, customers, move, sensing, staff, work

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def parameters(scenario: Scenario, *, warm_up_h: float, heads: int, mouth: int,
               rebalance: bool) -> NDArray[Any]:
    """The scenario's numbers as one record [1] (dtype PARAMETERS)."""
    par = np.zeros(1, dtype=PARAMETERS)
    values = core.values(scenario, warm_up_h=warm_up_h, heads=heads, mouth=mouth,
                         rebalance=rebalance)
    for group in (staff, customers, sensing, change, work, move):
        values |= group.values(scenario)
    for name, value in values.items():
        par[0][name] = value
    return par
