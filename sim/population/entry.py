"""A market the firm enters: a segment nobody of which is a customer at the start (M14, M23).

Owns: what is offered to a new market before its first customer comes. Never does: let anybody
join (the base stream does), or ask for a structure's name.

People of such a segment come by the base stream and by word of mouth, from the end of warm-up
on. Of share x of a new market known beforehand [`segments.*.known`]:

- strengths and weaknesses: staff start with x times the knowledge of its customers that the
  expected work would have given them (`start.py`), 0 if nothing is known;
- requirements: an offering whose holder is to serve the market starts moved by x times the
  market's part of its customers towards the market's centre.

Source: claim C143 (who enters must know both); the form is an assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.population.customers import centres
from sim.records import Floats, Layout

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def prepared_offerings(scenario: Scenario, layout: Layout, run: np.uint64,
                       offerings: Floats) -> Floats:
    """Offerings [U, P V, K] moved towards what is known of markets to be entered."""
    segments = list(scenario.segments.values())
    new = [s for s, segment in enumerate(segments) if not segment.entered and segment.known > 0]
    if not new:
        return offerings
    moved = offerings.copy()
    weight = _weights(scenario, layout)
    by_segment, by_product, both = centres(scenario, run)
    variants = scenario.design.variants
    for p in range(len(scenario.products)):
        rows = slice(p * variants, (p + 1) * variants)
        whole = weight[:, :, p].sum(axis=1)
        for unit in np.flatnonzero(whole > 0):
            for s in new:
                part = segments[s].known * weight[unit, s, p] / whole[unit]
                centre = by_segment[s] + by_product[p] + both[s, p]
                moved[unit, rows] += part * (centre - offerings[unit, rows])
    return moved


def _weights(scenario: Scenario, layout: Layout) -> NDArray[np.float64]:
    """[U, S, P] customers of a segment that a unit is to serve with an offering of a product."""
    share = np.array([s.share for s in scenario.segments.values()])
    region = np.array([r.share for r in scenario.regions.values()])
    holder = layout.pool_unit[layout.pool_of[scenario.offering_function]]  # [P, S, R]
    found = np.zeros((len(layout.units), len(share), len(scenario.products)))
    for p, s, r in np.ndindex(holder.shape):
        found[holder[p, s, r], s, p] += share[s] * region[r]
    return found
