"""The door from friendly objects to the arrays of the compiled loop.

Owns: filling a `World` (the loop itself seats people and books first cases when it begins). Never
does: draw traits or build structures.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import rng
from sim.accounting import ledger
from sim.behaviours.service_time import LOGNORMAL, lognormal_sigma
from sim.behaviours.surge import due
from sim.engine import arrays as a
from sim.engine.errand_tables import ranks, with_errands
from sim.engine.places import places
from sim.engine.settings import parameters
from sim.engine.world import World
from sim.jit import plain
from sim.population import design
from sim.population import start as starts
from sim.population.customers import centres
from sim.records import Floats, Layout, Population, Start, Workload
from sim.scenario.schema import (
    CHANNEL_DIRECTNESS,
    CHANNEL_TOLERANCE_H,
    HOURS_PER_MONTH,
    HOURS_PER_WEEK,
)
from sim.state import (
    CUSTOMER,
    HISTOGRAM_BINS,
    MAX_DISTANCE,
    SEGMENT_TOTALS,
    TOTALS,
)
from sim.structures.cases import Cases, compile_cases

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

CASES_PER_BUCKET = 32.0
EXPERIENCED = 8
"""Experiences behind the loyalty of a customer present at the start (R11)."""


def case_types(scenario: Scenario, cases: Cases) -> NDArray[Any]:
    """Case types as records [Y]."""
    rows = np.zeros(len(scenario.case_types), dtype=a.CASE_TYPE)
    rows["cumulated"] = np.cumsum(cases.type_probability)
    for y, kind in enumerate(scenario.case_types.values()):
        rows[y]["tolerance_h"] = kind.tolerance_h or CHANNEL_TOLERANCE_H[kind.channel]
        rows[y]["patience_h"] = kind.patience_h
        rows[y]["directness"] = (CHANNEL_DIRECTNESS[kind.channel] if kind.directness is None
                                 else kind.directness)
        rows[y]["phone"] = kind.channel == "phone"
        rows[y]["covered"] = kind.procedure
        rows[y]["steps"] = sum(1 << 2 * int(f) for f in np.flatnonzero(cases.needs[y]))
    return rows


def precedence(cases: Cases) -> NDArray[np.int64]:
    """[Y, 2F] mask of the tasks that must be done before a task: same product, earlier steps."""
    types, functions = cases.needs.shape
    after = np.zeros((types, 2 * functions), dtype=np.int64)
    for y in range(types):
        for f in range(functions):
            for j in range(2):
                after[y, 2 * f + j] = sum(
                    1 << (2 * int(g) + j) for g in np.flatnonzero(cases.before[y, f])
                )
    return after


def rivals(scenario: Scenario, cases: Cases, luck: np.uint64) -> dict[str, NDArray[Any]]:
    """What competitors aim at, how the firm stands, and its stock: arrays of M23 and M24."""
    by_segment, by_product, both = centres(scenario, luck)
    stock = scenario.stock
    standing = np.zeros(len(by_segment), dtype=a.STANDING)
    standing["value"] = scenario.market.loyalty_start
    return {
        "mean_shift": np.zeros(scenario.needs.dimensions),
        "segment_share": np.array([s.share for s in scenario.segments.values()]),
        "middle": by_product,
        "centre": np.ascontiguousarray(by_segment[:, None, :] + both),
        "wants": np.tensordot(cases.type_probability, cases.product_weight, axes=1),
        "standing": standing,
        "launches": np.zeros(128, dtype=a.LAUNCH),
        "ordered": np.zeros(stock.level if stock.enabled else 0),
    }


def pack(
    scenario: Scenario,
    layout: Layout,
    workload: Workload,
    start: Start,
    population: Population,
    *,
    seed: int,
    replication: int,
    warm_up_h: float,
    snapshot_times: Floats,
    rebalance: bool = True,
    journey: int | None = None,
    case_log: bool = False,
) -> World:
    """Fill the arrays of a run that has not begun.

    Args:
        scenario: The world's parameters.
        layout: The structure as tables.
        workload: What it expects (starting knowledge, nominal task mix).
        start: Heads per pool; quality and satisfaction of the pilot.
        population: The customers.
        seed, replication: Whose luck.
        warm_up_h: Hours before measuring.
        snapshot_times: [T] rising times at which sums are copied; the last is the end.
        rebalance: False in pilot rounds.
        journey: A customer to follow.
        case_log: Keep one row per closed case.
    """
    cases = compile_cases(scenario)
    heads = start.heads
    n_people = int(heads.sum())
    n_pools = len(layout.pools)
    n_functions = cases.needs.shape[1]
    n_segments = len(scenario.segments)
    n_customers = len(population.key)
    mouth = n_customers - population.n_start - population.n_base
    end_h = float(snapshot_times[-1])

    par = parameters(scenario, warm_up_h=warm_up_h, heads=n_people, mouth=mouth,
                     rebalance=rebalance)
    if journey is not None:
        par[0]["journey_customer"] = journey
    par[0]["case_log"] = case_log
    luck = rng.run_key(seed, replication)
    for stream, name in ((rng.STREAM_START, "start_key"), (rng.STREAM_BASE, "base_key"),
                         (rng.STREAM_MOUTH, "mouth_key")):
        par[0][name] = rng.stream_key(luck, stream)
    par[0]["n_start"] = population.n_start
    for name, money in ledger.monthly(scenario, layout).items():
        par[0][f"cash_{name}"] = money
    par[0]["world_key"] = rng.stream_keys(luck, rng.STREAM_WORLD, 3)

    functions = np.zeros(n_functions, dtype=a.FUNCTION)
    for f, function in enumerate(scenario.functions.values()):
        spread = scenario.work.spread if function.spread is None else function.spread
        lognormal = par[0]["distribution"] == LOGNORMAL
        sigma = lognormal_sigma(spread) if lognormal else 0.0
        covered = lognormal_sigma(spread * scenario.procedures.spread_factor) if lognormal else 0.0
        functions[f] = (sigma, sigma * sigma / 2.0, covered, covered * covered / 2.0,
                        function.presence)

    segments = np.zeros(n_segments, dtype=a.SEGMENT)
    market = scenario.market
    for s, segment in enumerate(scenario.segments.values()):
        outside = segment.outside_option
        outside = market.outside_option if outside is None else outside
        cost = market.switching_cost if segment.switching_cost is None else segment.switching_cost
        segments[s] = (
            scenario.customers.cases_per_month * segment.volume / HOURS_PER_MONTH,
            segment.patience,
            scenario.first_expectation[s],
            market.churn_max if segment.churn_max is None else segment.churn_max,
            outside - cost,
            segment.value,
            cost,
        )
    ranked, chosen_ranked, n_ranks = ranks(scenario)
    if par[0]["local_priority"]:  # in each class what others hand over comes second
        ranked, chosen_ranked, n_ranks = 2 * ranked, 2 * chosen_ranked, 2 * n_ranks

    customers = np.zeros(n_customers, dtype=CUSTOMER)
    customers["next_arrival"] = np.inf
    customers["link"] = -1
    customers["segment"] = population.segment
    customers["label"] = population.label
    customers["region"] = population.region
    customers["last_satisfaction"] = np.nan
    customers["left_at"] = np.nan
    present = slice(0, population.n_start)
    customers["status"][present] = a.CustomerStatus.ACTIVE
    expected = starts.expectation(scenario, start.quality)
    customers["expectation"][present] = expected[population.segment[present]]
    settled = start.loyalty is not None and (
        scenario.satisfaction.expectation_start == "equilibrium"
    )
    loyal = start.loyalty if settled else np.full(n_segments, market.loyalty_start)
    customers["loyalty"][present] = loyal[population.segment[present]]  # type: ignore[index]
    customers["experiences"][present] = EXPERIENCED

    people = np.zeros(n_people, dtype=a.PERSON)
    people["pool"] = np.repeat(np.arange(n_pools), heads)
    people["unit"] = layout.pool_unit[people["pool"]]
    people["case"] = -1
    people["goes_to"] = -1
    people["link"] = -1
    people["back"] = -1
    people["team"] = -1
    people["morale"] = scenario.morale.base
    people["orientation"] = 0.5
    people["home"] = starts.homes(scenario, n_people)
    people["key"] = rng.stream_keys(luck, rng.STREAM_POST, np.arange(n_people))
    knowledge = starts.knowledge(scenario, workload)
    n_cases = max(256, 2 * n_people)
    case_rows = np.zeros(n_cases, dtype=a.CASE)
    case_rows["link"] = np.append(np.arange(1, n_cases), -1)

    rate = float(np.sum(segments["rate"][population.segment[present]]))
    width = CASES_PER_BUCKET / max(rate, 1e-9)
    n_buckets = max(1, min(math.ceil(end_h / width) + 1, 50_000_000))
    buckets = np.zeros(n_buckets, dtype=a.BUCKET)
    buckets["head"] = -1
    clock = np.zeros(1, dtype=a.CLOCK)
    clock[0]["bucket_h"] = max(width, end_h / (n_buckets - 0.5))
    clock[0]["bucket"] = -1
    clock[0]["active"] = population.n_start
    clock[0]["next_month"] = HOURS_PER_MONTH
    clock[0]["next_week"] = HOURS_PER_WEEK
    clock[0]["next_join"] = population.base_time[0] if population.n_base else np.inf
    clock[0]["next_snapshot"] = snapshot_times[0]
    clock[0]["next_fixed"] = min(
        clock[0]["next_month"], clock[0]["next_week"], clock[0]["next_join"],
        clock[0]["next_snapshot"],
    )
    clock[0]["mean_loyalty"] = float(np.mean(customers["loyalty"][present]))

    segment_totals = np.zeros(n_segments, dtype=SEGMENT_TOTALS)
    segment_totals["active"] = np.bincount(population.segment[present], minlength=n_segments)
    n_snapshots = len(snapshot_times)
    kinds, work, after, product_weight, second = with_errands(
        scenario, cases, case_types(scenario, cases), precedence(cases)
    )

    world = World(
        **places(scenario, layout, workload, heads, ranks=n_ranks, snapshots=n_snapshots),
        par=par,
        clock=clock,
        functions=functions,
        case_types=kinds,
        work=work,
        after=after,
        product_weight=product_weight,
        second=second,
        rank=ranked,
        chosen_rank=chosen_ranked,
        rerouted=np.zeros((1, 1, 1, 1), dtype=np.bool_),
        kept=np.zeros(0, dtype=np.int64),
        heirs=np.zeros(0, dtype=np.int64),
        segments=segments,
        needs=population.needs,
        weights=population.weights,
        excluded=population.excluded,
        join_time=population.base_time,
        customers=customers,
        profiles=np.zeros(n_customers if par[0]["relations"] else 0, dtype=a.PROFILE),
        cases=case_rows,
        contacts=np.zeros(n_cases if par[0]["regard"] else 0, dtype=a.CONTACT),
        task_hours=np.zeros((n_cases, 2 * n_functions)),
        people=people,
        knowledge=np.ascontiguousarray(knowledge[people["pool"]]),
        moods=np.zeros(n_people if par[0]["staff"] else 0, dtype=a.MOOD),
        done_by=np.full((n_cases if par[0]["ownership"] > 0 else 0, 2 * n_functions), -1,
                        dtype=np.int64),
        variety=np.zeros((n_people if par[0]["by_variety"] > 0 else 0,
                          n_functions * len(scenario.products))),
        offering=starts.offerings(scenario, layout, population, seed, replication),
        own_target=starts.own_targets(scenario, layout, population, seed, replication),
        firm_need=np.zeros((len(scenario.products), scenario.needs.dimensions + 1)),
        shift=np.zeros((n_segments, scenario.needs.dimensions)),
        foreseen=np.zeros((n_segments, scenario.needs.dimensions)),
        voice=design.voice(scenario),
        early=design.early(scenario),
        change=np.zeros(1, dtype=a.CHANGE),
        **rivals(scenario, cases, luck),
        heap=np.zeros(4 * n_people + 1024, dtype=a.EVENT),
        buckets=buckets,
        near=np.zeros(256, dtype=a.NEXT),
        blocked=np.zeros(max(1, int(par[0]["prospects"]))),
        totals=np.zeros(1, dtype=TOTALS),
        segment_totals=segment_totals,
        histogram=np.zeros(HISTOGRAM_BINS, dtype=np.int64),
        distances=np.zeros(MAX_DISTANCE, dtype=np.int64),
        error_map=np.zeros((n_functions, len(scenario.products), 4) if scenario.faults.enabled
                           else (0, 0, 0)),
        snapshot_times=snapshot_times,
        snapshots=np.zeros(n_snapshots, dtype=TOTALS),
        segment_snapshots=np.zeros((n_snapshots, n_segments), dtype=SEGMENT_TOTALS),
        case_log=np.zeros(4096 if case_log else 0, dtype=a.CASE_LOG),
        journey=np.zeros(256 if journey is not None else 0, dtype=a.JOURNEY),
    )
    gaps = -np.log1p(-rng.uniforms(population.key[present], rng.ARRIVAL, 0))
    gaps /= segments["rate"][population.segment[present]]
    surge = scenario.surge
    if surge.enabled:
        gaps = np.vectorize(plain(due))(0.0, gaps, warm_up_h + surge.at, surge.length,
                                        surge.factor)
    customers["next_arrival"][present] = gaps
    return world
