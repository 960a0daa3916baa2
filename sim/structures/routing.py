"""Where cases go under a layout, walked through symbolically before any run (R14, R42).

Owns: expected visits, hand-offs, passes and offered expert work of every pool. Never does:
errors, send-backs, noticed labels, beginners or queues: those belong to a run.

All combinations of (product pair, label, region) of a case type walk side by side, one visit a
round: rows of arrays, no loop over cases. Routing depends on the label; work is booked on the
true segment through the weights of the rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import Fault, InputError
from sim.records import Floats, Ints, Layout, Workload
from sim.structures.cases import Cases, compile_cases
from sim.structures.second import distance_between, pool_distances
from sim.structures.staffing import allocate, explicit_heads

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


@dataclass
class Flow:
    """Raw sums per hour of a layout's expected traffic; L pools, Y case types."""

    visits: Floats
    """[L] visits joining each queue."""
    by_function: Floats
    """[L, F] expert work, Erlangs."""
    by_product: Floats
    """[L, P] the same by product."""
    by_segment: Floats
    """[L, S] the same by true segment."""
    type_visits: Floats
    """[Y] visits per case."""
    transfers: list[tuple[Ints, Ints, Floats]]
    """Per case type: sending pool, receiving pool, transfers per case."""
    begun: Floats
    """[Y, L] cases of each type that begin at each queue."""

    @property
    def work(self) -> Floats:
        """[L] expert work, Erlangs."""
        total: Floats = self.by_function.sum(axis=1)
        return total


def flow(scenario: Scenario, layout: Layout) -> Flow:
    """Expected traffic of a layout: no errors, no notice, experts."""
    cases = compile_cases(scenario)
    n_pools = len(layout.pools)
    n_functions, n_products, n_segments, _ = layout.pool_of.shape
    sums = Flow(
        visits=np.zeros(n_pools),
        by_function=np.zeros((n_pools, n_functions)),
        by_product=np.zeros((n_pools, n_products)),
        by_segment=np.zeros((n_pools, n_segments)),
        type_visits=np.zeros(len(cases.type_probability)),
        transfers=[],
        begun=np.zeros((len(cases.type_probability), n_pools)),
    )
    for y in range(len(cases.type_probability)):
        _walk_type(scenario, layout, cases, y, sums)
    return sums


def _rows(cases: Cases, y: int) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """All (first, second or -1, label, region) of a type and their rate by true segment [N, S]."""
    weight = cases.product_weight[y]
    n_segments, n_products = weight.shape
    first, second = np.divmod(np.arange(n_products * (n_products + 1)), n_products + 1)
    second = second - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        after = weight[:, second] / (1.0 - weight[:, first])
    after = np.where((second == first) | (weight[:, first] >= 1.0), 0.0, after)
    chance = cases.second_probability[y][:, None]
    pair = weight[:, first] * np.where(second < 0, 1.0 - chance, chance * after)
    used = pair.sum(axis=0) > 0
    first, second, pair = first[used], second[used], pair[:, used]

    n_regions = len(cases.region_share)
    k, label, region = (g.ravel() for g in np.meshgrid(
        np.arange(len(first)), np.arange(n_segments), np.arange(n_regions), indexing="ij"))
    rate = cases.segment_rate * cases.type_probability[y]
    weights = (pair[:, k] * cases.label_probability[:, label] * cases.region_share[region]
               * rate[:, None]).T
    some = weights.sum(axis=1) > 0
    return (first[k][some].astype(np.int32), second[k][some].astype(np.int32),
            label[some].astype(np.int32), region[some].astype(np.int32),
            np.ascontiguousarray(weights[some]))


def _feasible(left: NDArray[np.bool_], before: list[NDArray[np.intp]]) -> NDArray[np.bool_]:
    """[N, k, 2] tasks still to do whose predecessors for the same product are done."""
    feasible = left.copy()
    for step, earlier in enumerate(before):
        if len(earlier):
            feasible[:, step] &= ~left[:, earlier].any(axis=1)
    return feasible


def _walk_type(scenario: Scenario, layout: Layout, cases: Cases, y: int, sums: Flow) -> None:
    """Walk every row of one case type to its end and add its traffic to the sums."""
    first, second, label, region, weights = _rows(cases, y)
    steps = np.flatnonzero(cases.needs[y])
    before = [np.flatnonzero(row) for row in cases.before[y][np.ix_(steps, steps)]]
    work_h = cases.work_h[y, steps]
    products = np.stack([first, np.maximum(second, 0)], axis=1)
    pools = layout.pool_of[steps[None, :, None], products[:, None, :], label[:, None, None],
                           region[:, None, None]]
    units = layout.pool_unit[pools]
    left = np.ones(pools.shape, dtype=bool)
    left[:, :, 1] = (second >= 0)[:, None]
    at = np.full(len(first), -1, dtype=np.int64)
    unit = np.full(len(first), -1, dtype=np.int64)
    pairs: list[Ints] = []
    pair_rates: list[Floats] = []
    cases_rate = weights.sum()
    n_pools = len(layout.pools)
    while len(first):
        feasible = _feasible(left, before)
        here = feasible & (units == unit[:, None, None])
        choice = np.where(here.any(axis=(1, 2), keepdims=True), here, feasible)
        flat = choice.reshape(len(first), -1)
        if not flat.any(axis=1).all():
            raise InputError(Fault(scenario.name, f"case_types.{list(scenario.case_types)[y]}",
                                   "some steps can never be reached: each waits for another"))
        # Tasks lie function by function, first-drawn product first: the first hit is R14's tie.
        to = pools.reshape(len(first), -1)[np.arange(len(first)), flat.argmax(axis=1)]
        mine = pools == to[:, None, None]
        taken = feasible & mine
        while True:  # closure: what the visit's own work makes feasible (R42)
            more = _feasible(left & ~taken, before) & mine
            if not more.any():
                break
            taken |= more
        rate = weights.sum(axis=1)
        _book(sums, to, taken, work_h, steps, products, weights, cases.later_factor)
        sums.type_visits[y] += rate.sum() / cases_rate
        if at[0] >= 0:
            pairs.append(at * n_pools + to)
            pair_rates.append(rate / cases_rate)
        else:
            sums.begun[y] += np.bincount(to, rate, minlength=n_pools)
        left &= ~taken
        go = left.any(axis=(1, 2))
        at, unit = to[go].astype(np.int64), layout.pool_unit[to[go]].astype(np.int64)
        first, products, weights = first[go], products[go], weights[go]
        pools, units, left = pools[go], units[go], left[go]
    sums.transfers.append(_collect(pairs, pair_rates, n_pools))


def _book(sums: Flow, to: Ints, taken: NDArray[np.bool_], work_h: Floats, steps: NDArray[np.intp],
          products: Ints, weights: Floats, later: float) -> None:
    """Add one round of visits: work by function, product and true segment."""
    hours = taken * work_h[None, :, None]
    hours[:, :, 1] *= np.where(taken[:, :, 0], later, 1.0)
    rate = weights.sum(axis=1)
    sums.visits += np.bincount(to, rate, minlength=len(sums.visits))
    _add(sums.by_function, to[:, None], steps[None, :], hours.sum(axis=2) * rate[:, None])
    _add(sums.by_product, to[:, None], products, hours.sum(axis=1) * rate[:, None])
    segments = np.arange(weights.shape[1])
    _add(sums.by_segment, to[:, None], segments[None, :],
         hours.sum(axis=(1, 2))[:, None] * weights)


def _add(table: Floats, row: NDArray[np.integer], column: NDArray[np.integer],
         amount: Floats) -> None:
    """Add amounts [N, k] to table cells [row, column], repeated cells included."""
    width = table.shape[1]
    cell = np.broadcast_to(row * np.int64(width) + column, amount.shape)
    table += np.bincount(cell.ravel(), amount.ravel(), minlength=table.size).reshape(table.shape)


def _collect(pairs: list[Ints], rates: list[Floats], n_pools: int) -> tuple[Ints, Ints, Floats]:
    """Sum transfers over equal (sender, receiver)."""
    if not pairs:
        none = np.zeros(0, dtype=np.int32)
        return none, none, np.zeros(0)
    pair, index = np.unique(np.concatenate(pairs), return_inverse=True)
    total: Floats = np.bincount(index, np.concatenate(rates)).astype(np.float64)
    sender, receiver = np.divmod(pair, n_pools)
    return sender.astype(np.int32), receiver.astype(np.int32), total


def workload(scenario: Scenario, layout: Layout, heads: Ints | None = None) -> Workload:
    """What a layout expects before any run: no errors, no notice, experts.

    Args:
        scenario: The world.
        layout: A structure of it.
        heads: [L] people per pool, by which teams and so distances are set; default the
            scenario's explicit heads, else `staff.heads` by largest remainder on nominal work.
    """
    traffic = flow(scenario, layout)
    work = traffic.work
    if heads is None:
        heads = explicit_heads(scenario, layout)
    if heads is None:
        heads = allocate(work, max(scenario.staff.heads, len(layout.pools)))
    by_distance, handoffs, passes = _distances(scenario, layout, heads, traffic)
    return Workload(
        pool_work_h=work,
        pool_visits=traffic.visits,
        function_share=_shares(traffic.by_function),
        product_share=_shares(traffic.by_product),
        segment_share=_shares(traffic.by_segment),
        case_types=tuple(scenario.case_types),
        handoffs=handoffs,
        passes=passes,
        visits=traffic.type_visits,
        handoffs_by_distance=by_distance,
    )


def _shares(table: Floats) -> Floats:
    total = table.sum(axis=1, keepdims=True)
    share: Floats = np.divide(table, total, out=np.zeros_like(table), where=total > 0)
    return share


def _distances(scenario: Scenario, layout: Layout, heads: Ints,
               traffic: Flow) -> tuple[Floats, Floats, Floats]:
    """Transfers per case by distance [Y, D], between units [Y] and inside them [Y].

    Half distances, which second bosses and liaison roles make, count as the next whole one.
    """
    span, matrix = scenario.staff.span, scenario.matrix
    types = len(traffic.type_visits)
    second = pool_distances(layout, heads, span)
    longest = max(int(layout.unit_distance.max()), 3)
    if len(second):
        longest += math.ceil(matrix.added_distance)
    by_distance = np.zeros((types, longest + 1))
    handoffs, passes = np.zeros(types), np.zeros(types)

    def book(y: int, a: Ints, b: Ints, line: Floats, rate: Floats) -> None:
        d = distance_between(layout, line, second, a, b, added=matrix.added_distance,
                             liaison=matrix.liaison_distance)
        np.add.at(by_distance[y], np.ceil(d).astype(np.int64), rate)

    teams = pool_teams(layout, heads, span)
    for y, (sender, receiver, rate) in enumerate(traffic.transfers):
        a, b = layout.pool_unit[sender], layout.pool_unit[receiver]
        across = a != b
        handoffs[y], passes[y] = rate[across].sum(), rate[~across].sum()
        book(y, sender[across], receiver[across],
             layout.unit_distance[a, b][across].astype(np.float64), rate[across])
        if layout.flat:
            by_distance[y, 1] += passes[y]
            continue
        for i in np.flatnonzero(~across):
            near = np.isin(teams[sender[i]], teams[receiver[i]])
            same = float(near.mean()) if len(near) else 0.0
            here = np.array([i, i])
            book(y, sender[here], receiver[here], np.array([1.0, 2.0]),
                 np.array([same * rate[i], (1.0 - same) * rate[i]]))
    return by_distance, handoffs, passes


def pool_teams(layout: Layout, heads: Ints, span: int) -> list[Ints]:
    """Per pool the team (index inside its unit) of each of its people, in slot order."""
    from sim.structures.teams import cut_teams

    cut = getattr(cut_teams, "py_func", cut_teams)  # uncompiled: compiling costs more than it saves
    teams: list[Ints] = [np.zeros(0, np.int32)] * len(layout.pools)
    for u in range(len(layout.units)):
        pools = np.flatnonzero(layout.pool_unit == u)
        sizes = np.asarray(heads)[pools].astype(np.int64)
        out = np.zeros(int(sizes.sum()), dtype=np.int32)
        cut(sizes, span, out)
        for pool, part in zip(pools, np.split(out, np.cumsum(sizes)[:-1]), strict=True):
            teams[pool] = part
    return teams
