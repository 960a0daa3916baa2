"""Where offerings start and what their designers would make of them (M9, M20, M21).

Owns: whose voice counts how much, who meets a new need first, the designers' own targets, and
the variants an offering starts with. Never does: ask for a structure's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim import rng
from sim.population.customers import centres
from sim.records import Floats, Layout

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

ROUNDS = 25
"""Rounds of k-means at the start; the monthly reviews go on from there."""


def voice(scenario: Scenario) -> Floats:
    """How much a customer of each segment [S] is heard: (value / mean value)^nu."""
    nu = scenario.design.value_weight
    segments = scenario.segments.values()
    mean = sum(s.share * s.value for s in segments)
    if nu == 0 or mean <= 0:
        return np.ones(len(segments))
    return np.array([(max(s.value, 1e-9 * mean) / mean) ** nu for s in segments])


def early(scenario: Scenario) -> Floats:
    """Probability, by segment [S], of being among the first for whom a new need counts.

    The stated share of all customers is filled from the segments of lowest value; segments of
    equal value give the same part of their customers.
    """
    segments = list(scenario.segments.values())
    out = np.zeros(len(segments))
    left = scenario.shock.early_share
    for value in sorted({s.value for s in segments}):
        alike = [i for i, s in enumerate(segments) if s.value == value]
        share = sum(segments[i].share for i in alike)
        part = min(1.0, max(left, 0.0) / share)
        out[alike] = part
        left -= share
    return out


def holders(scenario: Scenario, layout: Layout) -> NDArray[np.bool_]:
    """[U, P] does the unit hold an offering of the product?"""
    pools = layout.pool_of[scenario.offering_function]
    out = np.zeros((len(layout.units), len(scenario.products)), dtype=bool)
    for p in range(len(scenario.products)):
        out[np.unique(layout.pool_unit[pools[p]]), p] = True
    return out


def label_centres(scenario: Scenario, layout: Layout, run: np.uint64, overall: Floats) -> Floats:
    """[U, P, K] mean centre of the segments a unit is meant for; `overall` [P, K] without any."""
    share = np.array([s.share for s in scenario.segments.values()])
    by_segment, by_product, both = centres(scenario, run)
    out = np.repeat(overall[None], len(layout.units), axis=0)
    for unit in range(len(layout.units)):
        meant = [i for i in range(len(share)) if int(layout.unit_segments[unit]) >> i & 1]
        if share[meant].sum() > 0:
            for p in range(len(scenario.products)):
                cells = by_segment + by_product[p] + both[:, p]
                out[unit, p] = np.average(cells[meant], axis=0, weights=share[meant])
    return out


def own_targets(scenario: Scenario, layout: Layout, run: np.uint64, overall: Floats) -> Floats:
    """[U, P V, K] where designers would go by themselves: label centre plus the firm's own taste.

    The taste is drawn once per product and dimension, the same for all units, variants and
    structures.
    """
    variants = scenario.design.variants
    n_products, width = overall.shape
    if scenario.customer_share >= 1.0:
        return np.zeros((len(layout.units), n_products * variants, width))
    key = rng.stream_keys(run, rng.STREAM_WORLD, 3)
    count = np.arange(n_products)[:, None] * 16 + np.arange(width)
    taste = scenario.design.own_taste * ndtri(rng.uniforms(key, rng.TASTE, count))
    return np.repeat(label_centres(scenario, layout, run, overall) + taste, variants, axis=1)


def clusters(needs: Floats, weights: Floats, variants: int, overall: Floats) -> Floats:
    """[V, K] k-means of needs [n, K] with weights [n]: where the variants of an offering start.

    Starts from equal parts along the dimension of largest variance, so that nothing is drawn.
    """
    if len(needs) == 0:
        return np.repeat(overall[None], variants, axis=0)
    order = np.argsort(needs[:, np.argmax(needs.var(axis=0))], kind="stable")
    parts = np.array_split(order, variants)
    mean = np.average(needs, axis=0, weights=weights)
    middle = np.array([np.average(needs[part], axis=0, weights=weights[part]) if len(part)
                       else mean for part in parts])
    for _ in range(ROUNDS):
        nearest = ((needs[:, None] - middle[None]) ** 2).sum(axis=2).argmin(axis=1)
        for v in range(variants):
            mine = nearest == v
            if mine.any():
                middle[v] = np.average(needs[mine], axis=0, weights=weights[mine])
    return middle
