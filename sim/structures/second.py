"""Second bosses and liaison roles, as tables over pools and units (M26).

Owns: which pools work for which unit of a second tree, how far apart two pools are in that tree,
and which units a liaison role joins. Never does: say what a distance costs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.records import Floats, Ints, Layout


def membership(pool_of: Ints, second_of: Ints, n_pools: int, n_second: int) -> NDArray[np.bool_]:
    """[L, V] a pool works for a unit of the second tree if one of its tasks belongs to it."""
    works = np.zeros((n_pools, n_second), dtype=bool)
    works[pool_of.ravel(), second_of.ravel()] = True
    return works


def pool_distances(layout: Layout, heads: Ints, span: int) -> Floats:
    """[L, L] distance between pools in the second tree, with these people per pool.

    Two pools that work for the same second unit are at 1 if that unit has at most `span` people,
    else at 2; the people of a pool are spread evenly over the second units it works for. Else
    the distance is that between their nearest second units. Without a second tree: [0, 0].
    """
    works, between = layout.pool_second, layout.second_distance
    if works is None or between is None:
        return np.zeros((0, 0))
    people = (np.asarray(heads)[:, None] * works / works.sum(axis=1, keepdims=True)).sum(axis=0)
    apart = between.astype(np.float64)
    np.fill_diagonal(apart, np.where(people <= span, 1.0, 2.0))
    n_pools = len(works)
    found = np.empty((n_pools, n_pools))
    for a in range(n_pools):
        nearest = apart[works[a]].min(axis=0)  # [V] from the pool to each second unit
        found[a] = np.where(works, nearest, np.inf).min(axis=1)
    return found


def joined(layout: Layout) -> NDArray[np.bool_]:
    """[U, U] units joined by a liaison role; without any: [0, 0]."""
    if not layout.liaisons:
        return np.zeros((0, 0), dtype=bool)
    n = len(layout.units)
    links = np.zeros((n, n), dtype=bool)
    for hub, *others in layout.liaisons:
        links[hub, others] = True
        links[others, hub] = True
    np.fill_diagonal(links, False)
    return links


def distance_between(layout: Layout, line: Floats, second: Floats, a: Ints, b: Ints, *,
                     added: float, liaison: float) -> Floats:
    """Distances between pools a and b of this layout, from those along the line.

    min(line, second tree) + `added` where there is a second tree; at most `liaison` between
    units that a liaison role joins.
    """
    d = line
    if len(second):
        d = np.minimum(line, second[a, b]) + added
    links = joined(layout)
    if len(links):
        d = np.where(links[layout.pool_unit[a], layout.pool_unit[b]], np.minimum(d, liaison), d)
    return np.asarray(d)
