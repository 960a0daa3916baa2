"""Where a structure starts: near its own equilibrium, by the same formulas for all (R11, R45).

Owns: knowledge of people and offerings of units at time 0, expectation and loyalty of the
customers present. Never does: favour a structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.population import design, entry
from sim.records import Floats, Layout, Population, Workload
from sim.rng import run_key

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

PRODUCTIVE_SHARE = 0.8
"""Share of time at work that is practice, for the start only (R11)."""


def knowledge(scenario: Scenario, workload: Workload) -> Floats:
    """Starting knowledge [L, F + P + S] of the people of each pool.

    k = x / (x + tauL / tauG), x = 0.8 x the element's expected share of the pool's work; an
    element that is no part of it starts at 0; of a market to be entered (`entry.py`) what is known
    beforehand. Without learning everybody is an expert (1).
    """
    share = np.concatenate(
        [workload.function_share, workload.product_share, workload.segment_share], axis=1
    )
    if not scenario.knowledge.learning:
        return np.ones_like(share)
    x = PRODUCTIVE_SHARE * share
    ratio = scenario.knowledge.learn_h / scenario.knowledge.forget_h
    known = np.asarray(x / (x + ratio))
    first = known.shape[1] - workload.segment_share.shape[1]
    for s, segment in enumerate(scenario.segments.values()):
        if not segment.entered:
            known[:, first + s] *= segment.known
    return known


def homes(scenario: Scenario, n: int) -> NDArray[np.int64]:
    """Regions in which the holders of n posts live, by the regions' shares, interleaved.

    Of any number of posts in a row every region has its share to within about one (M28).
    """
    share = np.array([r.share for r in scenario.regions.values()])
    given = np.zeros(len(share))
    found = np.zeros(n, dtype=np.int64)
    for i in range(n):
        found[i] = np.argmax(np.round((i + 1) * share - given, 9))
        given[found[i]] += 1
    return found


def offerings(scenario: Scenario, layout: Layout, population: Population, seed: int,
              replication: int) -> Floats:
    """Starting offerings [U, P V, K], V variants of a product side by side.

    Learned: the mean need of the customers present whom their label sends to the unit (of V
    variants, the means of k-means), as far as they are heard. Label centre: the mean of the
    centres of the segments that the unit is meant for. A (unit, product) without customers
    starts at the overall mean (R37). Pooled: all at the overall mean. A standard pulls towards
    the mean of all, the designers' part of the agenda towards their own target, what is known of
    a market to be entered towards that market.
    """
    return entry.prepared_offerings(
        scenario, layout, run_key(seed, replication),
        _offerings(scenario, layout, population, seed, replication))


def _offerings(scenario: Scenario, layout: Layout, population: Population, seed: int,
               replication: int) -> Floats:
    """The same before anything is known of markets to be entered."""
    n = population.n_start
    pools = layout.pool_of[scenario.offering_function]
    units = len(layout.units)
    run = run_key(seed, replication)
    rules = scenario.design
    overall = _overall(scenario, population)
    if scenario.offering.mode == "label_centre":
        return np.repeat(design.label_centres(scenario, layout, run, overall), rules.variants,
                         axis=1)
    if scenario.offering.mode == "pooled":
        return np.repeat(np.repeat(overall, rules.variants, axis=0)[None], units, axis=0)
    heard = design.voice(scenario)[population.segment[:n]]
    result = np.zeros((units, len(scenario.products) * rules.variants, scenario.needs.dimensions))
    for p in range(len(scenario.products)):
        needs = population.needs[:n, p].astype(np.float64)
        holder = layout.pool_unit[pools[p, population.label[:n], population.region[:n]]]
        rows = slice(p * rules.variants, (p + 1) * rules.variants)
        result[:, rows] = overall[p]
        if rules.variants > 1:
            for unit in range(units):
                mine = holder == unit
                result[unit, rows] = design.clusters(needs[mine], heard[mine], rules.variants,
                                                     overall[p])
        else:
            counts = np.bincount(holder, weights=heard, minlength=units)
            for k in range(needs.shape[1]):
                sums = np.bincount(holder, weights=heard * needs[:, k], minlength=units)
                result[counts > 0, p, k] = sums[counts > 0] / counts[counts > 0]
        if rules.standardisation > 0:
            whole = np.average(needs, axis=0, weights=heard)
            result[:, rows] += rules.standardisation * (whole - result[:, rows])
    theirs = scenario.customer_share
    if theirs < 1.0:
        own = design.own_targets(scenario, layout, run, overall)
        result = theirs * result + (1.0 - theirs) * own
    return result


def _overall(scenario: Scenario, population: Population) -> Floats:
    """[P, K] mean need of the customers present."""
    n = population.n_start
    return np.array([population.needs[:n, p].astype(np.float64).mean(axis=0)
                     for p in range(len(scenario.products))])


def own_targets(scenario: Scenario, layout: Layout, population: Population, seed: int,
                replication: int) -> Floats:
    """[U, P V, K] where designers would go by themselves; zeros where they have no say."""
    return design.own_targets(scenario, layout, run_key(seed, replication),
                              _overall(scenario, population))


def expectation(scenario: Scenario, quality: Floats | None) -> Floats:
    """Starting expectation [S] of customers present: what they are used to, or E(0) (R45).

    E = (eta_E r Qbar + drift E(0)) / (eta_E r + drift), r = cases per customer and month.
    """
    given = np.array(scenario.first_expectation)
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
