"""Where a structure starts: near its own equilibrium, by the same formulas for all (R11, R45).

Owns: knowledge of people and offerings of units at time 0, expectation and loyalty of the
customers present. Never does: favour a structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.population.customers import centres
from sim.records import Floats, Layout, Population, Workload
from sim.rng import run_key

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

PRODUCTIVE_SHARE = 0.8
"""Share of time at work that is practice, for the start only (R11)."""


def knowledge(scenario: Scenario, workload: Workload) -> Floats:
    """Starting knowledge [L, F + P + S] of the people of each pool.

    k = x / (x + tauL / tauG), x = 0.8 x the element's expected share of the pool's work; an
    element that is no part of it starts at 0. Without learning everybody is an expert (1).
    """
    share = np.concatenate(
        [workload.function_share, workload.product_share, workload.segment_share], axis=1
    )
    if not scenario.knowledge.learning:
        return np.ones_like(share)
    x = PRODUCTIVE_SHARE * share
    ratio = scenario.knowledge.learn_h / scenario.knowledge.forget_h
    return np.asarray(x / (x + ratio))


def offerings(scenario: Scenario, layout: Layout, population: Population, seed: int,
              replication: int) -> Floats:
    """Starting offerings [U, P, K].

    Learned: the mean need of the customers present whom their label sends to the unit. Label
    centre: the mean of the centres of the segments that the unit is meant for. A (unit, product)
    without customers starts at the overall mean (R37).
    """
    n = population.n_start
    pools = layout.pool_of[scenario.offering_function]
    n_products = len(scenario.products)
    units = len(layout.units)
    result = np.zeros((units, n_products, scenario.needs.dimensions))
    learned = scenario.offering.mode == "learned"
    share = np.array([s.share for s in scenario.segments.values()])
    by_segment, by_product, both = centres(scenario, run_key(seed, replication))
    for p in range(n_products):
        needs = population.needs[:n, p].astype(np.float64)
        result[:, p] = needs.mean(axis=0)
        if learned:
            holder = layout.pool_unit[pools[p, population.label[:n], population.region[:n]]]
            counts = np.bincount(holder, minlength=units)
            for k in range(needs.shape[1]):
                sums = np.bincount(holder, weights=needs[:, k], minlength=units)
                result[counts > 0, p, k] = sums[counts > 0] / counts[counts > 0]
        else:
            cells = by_segment + by_product[p] + both[:, p]
            for unit in range(units):
                meant = _bits(int(layout.unit_segments[unit]), len(share))
                if share[meant].sum() > 0:
                    result[unit, p] = np.average(cells[meant], axis=0, weights=share[meant])
    return result


def _bits(mask: int, n: int) -> NDArray[np.int64]:
    return np.array([i for i in range(n) if mask >> i & 1], dtype=np.int64)


def expectation(scenario: Scenario, quality: Floats | None) -> Floats:
    """Starting expectation [S] of customers present: what they are used to, or E(0) (R45).

    E = (eta_E r Qbar + drift E(0)) / (eta_E r + drift), r = cases per customer and month.
    """
    given = np.array([s.expectation for s in scenario.segments.values()])
    if quality is None or scenario.satisfaction.expectation_start == "given":
        return given
    rate = scenario.customers.cases_per_month * np.array(
        [s.volume for s in scenario.segments.values()]
    )
    pull = scenario.satisfaction.expectation_speed * rate
    drift = scenario.satisfaction.expectation_drift
    total = pull + drift
    settled = (pull * quality + drift * given) / np.where(total > 0, total, 1.0)
    return np.where(total > 0, settled, given)
