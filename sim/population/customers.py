"""Traits of customers: segment, label, region, needs, weights, joining time (M8, R10, R21, R37).

Owns: who the customers are, the same under every structure. Never does: depend on a structure,
or on how many other customers there are: a trait belongs to a customer's own key.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import gammainccinv, gammaincinv, ndtr, ndtri

from sim import rng
from sim.behaviours.loyalty import leaving_probability
from sim.jit import plain
from sim.records import Floats, Population
from sim.scenario.labelling import accuracy, refuses, relevances

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

ROWS_AT_ONCE = 65_536
"""Customers drawn in one go: temporaries stay small beside a million customers' traits."""

ATTRIBUTES = ("weight_fit", "weight_speed", "weight_resolution", "weight_courtesy")


def interleaved(shares: NDArray[np.float64], count: int) -> NDArray[np.int8]:
    """Assign `count` rows to classes by exact shares, evenly interleaved (R37).

    The j-th member of a class with share s is due at row (j + 1/2) / s (ties: lowest index), so
    that one more row changes no row before it. Where every share of a prefix is a whole number
    each class has exactly that many; else a class of k is at most 1/2 + s (k - 2) / 2 rows from
    its share: less than one among up to three classes, or with s below 1 / (k - 2).

    Source: the divisor method of Webster and Sainte-Lague (Balinski & Young 1982). Largest
    remainders would need `count`, and one more customer could change others' segments.
    """
    shares = np.asarray(shares, dtype=np.float64) / np.sum(shares)
    due = []
    owner = []
    for s, share in enumerate(shares):
        if share * count > 1e-6:  # else not one member is due among `count` rows
            members = math.ceil(count * share) + len(shares)
            due.append((np.arange(members) + 0.5) / share)
            owner.append(np.full(members, s, dtype=np.int8))
    if not due:
        return np.zeros(count, dtype=np.int8)
    times = np.concatenate(due)
    owners = np.concatenate(owner)
    order = np.lexsort((owners, times))[:count]
    return owners[order]


def centres(scenario: Scenario, run: np.uint64) -> tuple[Floats, Floats, Floats]:
    """Means of needs by segment [S, K], product [P, K] and their interaction [S, P, K].

    Drawn keyed, then centred and scaled per dimension so that the share-weighted variance is
    exactly the stated share of the total (R37); with one segment (product) it is 0.
    """
    needs = scenario.needs
    share = np.array([s.share for s in scenario.segments.values()])
    share = share / share.sum()
    n_segments, n_products, n_dims = len(share), len(scenario.products), needs.dimensions
    world = rng.stream_keys(run, rng.STREAM_WORLD, np.arange(3))

    def draws(key: np.uint64, *shape: int) -> Floats:
        count = np.arange(math.prod(shape)).reshape(shape)
        return np.asarray(ndtri(rng.uniforms(key, rng.NEED, count)))

    def standard(z: Floats, weights: Floats, variance: float) -> Floats:
        z = z - np.tensordot(weights, z, axes=1)
        spread = np.sqrt(np.tensordot(weights, z * z, axes=1))
        return np.where(spread > 1e-12, z / np.where(spread > 1e-12, spread, 1.0), 0.0) * math.sqrt(
            variance
        )

    by_segment = standard(draws(world[0], n_segments, n_dims), share,
                          needs.segment_share * needs.variance)
    equal = np.full(n_products, 1.0 / n_products)
    by_product = standard(draws(world[1], n_products, n_dims), equal,
                          needs.product_share * needs.variance)
    both = draws(world[2], n_segments, n_products, n_dims)
    both = both - np.tensordot(share, both, axes=1)[None]
    both = both - both.mean(axis=1, keepdims=True)
    cells = np.repeat(share / n_products, n_products)
    both = standard(both.reshape(-1, n_dims), cells, needs.interaction_share * needs.variance)
    return by_segment, by_product, both.reshape(n_segments, n_products, n_dims)


@lru_cache(maxsize=64)
def gamma_quantile(shape: float) -> Callable[[NDArray[np.float64]], Floats]:
    """Inverse of the unit gamma distribution, by a spline of its logarithm in normal scores.

    Relative error below 1e-6 against scipy's exact inverse, a hundred times faster; for shapes
    below 0.05 only where the quantile exceeds 1e-100 (below, nobody sees it). Kept by shape: every
    run of a scenario asks for the same few, and making one takes longer than most draws.
    """
    z = np.linspace(-8.5, 8.5, 1025)
    nodes = np.where(z < 0, gammaincinv(shape, ndtr(z)), gammainccinv(shape, ndtr(-z)))
    nodes = np.maximum(np.nan_to_num(nodes, nan=0.0, posinf=1e300), 1e-300)
    spline = CubicSpline(z, np.log(nodes))
    return lambda u: np.exp(spline(ndtri(u)))


def attribute_weights(scenario: Scenario, keys: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Satisfaction weights [N, 4] of customers: gamma draws divided by their sum (R38)."""
    base = np.array([getattr(scenario.satisfaction, name) for name in ATTRIBUTES])
    base = base / base.sum()
    concentration = scenario.satisfaction.concentration
    if concentration == 0:
        return np.tile(base.astype(np.float32), (len(keys), 1))
    weights = np.empty((len(keys), 4), dtype=np.float32)
    quantiles = [gamma_quantile(concentration * weight) if weight > 0 else None for weight in base]
    for first in range(0, len(keys), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        gammas = np.zeros((len(keys[rows]), 4))
        for i, quantile in enumerate(quantiles):
            if quantile is not None:
                gammas[:, i] = quantile(rng.uniforms(keys[rows], rng.WEIGHT, i))
        sums = gammas.sum(axis=1, keepdims=True)
        weights[rows] = np.where(sums > 0, gammas / np.where(sums > 0, sums, 1.0), base)
    return weights


def monthly_leavers(scenario: Scenario) -> Floats:
    """Customers of each segment [S] who would leave in a month at the loyalty of a joiner."""
    market = scenario.market
    rates = []
    for segment in scenario.segments.values():
        cap = market.churn_max if segment.churn_max is None else segment.churn_max
        cost = market.switching_cost if segment.switching_cost is None else segment.switching_cost
        outside = segment.outside_option
        threshold = (market.outside_option if outside is None else outside) - cost
        p = plain(leaving_probability)(market.loyalty_start, cap, market.steepness, threshold)
        rates.append(scenario.customers.count * segment.share * p)
    return np.array(rates)


def base_inflow(scenario: Scenario) -> float:
    """Joiners of the base stream per month: what a steady market adds beside word of mouth.

    Leavers at the loyalty of a joiner (R21), less what word of mouth wins from customers who are
    neither delighted nor angry: without that a firm with many cases per customer would grow
    without end (M14: the base inflow is such that the scenario starts in a steady state). The
    same under every structure.
    """
    market = scenario.market
    if not market.inflow:
        return 0.0
    cases = scenario.customers.count * scenario.customers.cases_per_month * sum(
        s.share * s.volume for s in scenario.segments.values()
    )
    by_mouth = cases * market.tell_neutral * market.convert
    return max(0.0, float(monthly_leavers(scenario).sum()) - by_mouth)


HEADROOM = 2.0
"""Prospects met per customer won at usual attraction, where attraction may rise above it."""


def stream_rates(scenario: Scenario) -> tuple[float, float, float]:
    """Prospects per month of the base stream: of their own, by promotion, by agents (M14).

    Each is won with probability attraction / headroom (see `headroom`), the same under every
    structure. Captive customers and firms without inflow have none.
    """
    base = base_inflow(scenario)
    rules = scenario.acquisition
    open_market = scenario.market.inflow and float(monthly_leavers(scenario).sum()) > 0
    if not (rules.enabled and open_market):
        return base, 0.0, 0.0
    spent = rules.budget * (1.0 - rules.retention_share) / 12.0
    room = headroom(scenario)
    return room * base, room * spent / rules.promotion_cost, room * rules.agent_customers


def headroom(scenario: Scenario) -> float:
    """Most that attraction can be: 1 where nothing moves it."""
    rules = scenario.acquisition
    moves = rules.enabled and (rules.fit_effect > 0 or rules.seller_effect > 0)
    return HEADROOM if moves else 1.0


def base_times(scenario: Scenario, run: np.uint64, end_h: float) -> Floats:
    """Joining times of the base stream from the end of warm-up to `end_h` (R21)."""
    per_month = sum(stream_rates(scenario))
    if scenario.competition.enabled and scenario.competition.choice:
        per_month *= 2.0  # half of them choose a firm that is as good as its competitor
    if scenario.expansion.enabled:  # most of them are out of reach until the firm expands
        per_month *= 1.0 + scenario.expansion.inflow * scenario.expansion.most
    start = scenario.time.warm_up
    if per_month <= 0 or end_h <= start:
        return np.zeros(0)
    mean_gap = scenario.month_h / per_month
    expected = (end_h - start) / mean_gap
    count = 16
    while True:
        count = max(2 * count, int(expected + 6 * math.sqrt(expected) + 16))
        keys = rng.stream_keys(run, rng.STREAM_BASE, np.arange(count))
        gaps = -np.log1p(-rng.uniforms(keys, rng.JOIN, 0)) * mean_gap
        times = start + np.cumsum(gaps)
        if times[-1] > end_h:
            return np.asarray(times[times <= end_h])


def scored_labels(scenario: Scenario, keys: NDArray[np.uint64], segment: NDArray[np.int8]
                  ) -> NDArray[np.int8]:
    """Labels [N] by the highest score of a customer's traits (M8); ties: the lowest segment.

    Every trait has its own draws, so that one more trait in use leaves what the others say.
    """
    relevance = relevances(scenario)
    place = {name: v for v, name in enumerate(type(scenario.segmentation.relevance).model_fields)}
    label = np.empty_like(segment)
    for first in range(0, len(keys), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        score = np.empty((len(keys[rows]), len(scenario.segments)))
        for s in range(score.shape[1]):
            score[:, s] = scenario.segmentation.noise * ndtri(
                rng.uniforms(keys[rows], rng.SCORE, s))
            for name, r in relevance.items():
                luck = ndtri(rng.uniforms(keys[rows], rng.TRAIT, place[name] * 16 + s))
                score[:, s] += r * ((segment[rows] == s) + luck)
        label[rows] = np.argmax(score, axis=1)
    return label


def draw(scenario: Scenario, seed: int, replication: int, end_h: float,
         mouth: int = 0) -> Population:
    """Draw the customers of a run.

    Args:
        scenario: The world.
        seed: Root seed.
        replication: Index of the replication.
        end_h: End of the run, hours from its start (how many may join).
        mouth: Rows to reserve for joiners by word of mouth.

    Returns:
        The population; the same rows whatever `end_h` and `mouth`, up to their number.
    """
    run = rng.run_key(seed, replication)
    count = scenario.customers.count
    share = np.array([s.share for s in scenario.segments.values()])
    leavers = monthly_leavers(scenario)
    times = base_times(scenario, run, end_h)
    keys = np.concatenate([
        rng.stream_keys(run, rng.STREAM_START, np.arange(count)),
        rng.stream_keys(run, rng.STREAM_BASE, np.arange(len(times))),
        rng.stream_keys(run, rng.STREAM_MOUTH, np.arange(mouth)),
    ])
    there = np.array([s.entered for s in scenario.segments.values()])
    segment = np.concatenate([
        interleaved(share * there, count),
        interleaved(leavers if leavers.sum() > 0 else share, len(times)),
        interleaved(share, mouth),
    ])
    n_segments = len(share)
    label = segment.copy()
    excluded = np.zeros(0, dtype=np.bool_)
    if n_segments > 1:
        if scenario.segmentation.mode == "attributes":
            label = scored_labels(scenario, keys, segment)
        else:
            wrong = rng.uniforms(keys, rng.LABEL, 0) >= accuracy(scenario)
            other = (rng.uniforms(keys, rng.LABEL, 1) * (n_segments - 1)).astype(np.int8)
            other += other >= segment
            label[wrong] = other[wrong]
        lost = rng.uniforms(keys, rng.LABEL, 2) < scenario.labels.unassignable
        label[lost] = int(np.argmax(share))
        if refuses(scenario):
            excluded = lost
    regions = np.array([r.share for r in scenario.regions.values()])
    edges = np.cumsum(regions / regions.sum())[:-1]
    region = np.searchsorted(edges, rng.uniforms(keys, rng.REGION, 0), side="right").astype(np.int8)

    by_segment, by_product, both = centres(scenario, run)
    needs = scenario.needs
    left = max(0.0, 1.0 - needs.segment_share - needs.product_share - needs.interaction_share)
    n_products = len(scenario.products)
    own = np.array([s.need_spread for s in scenario.segments.values()])
    own = own * math.sqrt(left * needs.variance)
    cells = by_segment[:, None, :] + by_product[None] + both
    vector = np.empty((len(keys), n_products, needs.dimensions), dtype=np.float32)
    for first in range(0, len(keys), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        kind = segment[rows]
        for p in range(n_products):
            for k in range(needs.dimensions):
                z = ndtri(rng.uniforms(keys[rows], rng.NEED, p * 16 + k))
                vector[rows, p, k] = cells[kind, p, k] + own[kind] * z
    return Population(
        n_start=count,
        n_base=len(times),
        base_time=times,
        segment=segment,
        label=label,
        excluded=excluded,
        region=region,
        needs=vector,
        weights=attribute_weights(scenario, keys),
        key=keys,
    )
