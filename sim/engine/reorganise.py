"""A firm gets another structure while it runs (M22, R23).

Owns: who keeps the place, who goes where, what new units inherit, and which sums go on. Never
does: advance time, or draw: the loop takes the new places when it goes on (`new_places.py`).

A pool persists if it does the same set of tasks before and after: its people, queue, teams and
familiarity stay untouched, and its sums go on. A unit persists if all its pools do, together and
with no other. Sums of what is new start at 0 with the change; those of what is gone end with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sim.accounting import ledger
from sim.engine import arrays as a
from sim.engine.hearsay import carry_faults, carry_word
from sim.engine.places import places
from sim.engine.settings.move import at_change
from sim.engine.world import World
from sim.errors import InfeasibleStructure
from sim.records import Floats, Ints, Layout, Workload
from sim.structures import allocate

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

Whole = NDArray[np.int64]
GONE = -1
FORBIDDEN = -1e6
"""Worth of a place that its function's licence keeps somebody from."""
DIGITS = 12
"""Worth is compared to so many digits: people who know the same are tied, the lower post first."""


@dataclass(frozen=True)
class Target:
    """The structure to change to, staffed by its own pilot rounds."""

    layout: Layout
    workload: Workload
    heads: Ints
    """[L] people per pool if nobody stayed where they are."""
    offered_h: Floats
    """[L] offered work per pool measured in the pilot."""


def persisting(before: Layout, after: Layout) -> Whole:
    """[pools before] number of the pool that does the same set of tasks after, -1 if none."""
    there = {(after.pool_of == pool).tobytes(): pool for pool in range(len(after.pools))}
    return np.array([there.get((before.pool_of == pool).tobytes(), GONE)
                     for pool in range(len(before.pools))], dtype=np.int64)


def inherited_units(before: Layout, after: Layout, kept: Whole, posts: Whole) -> Whole:
    """[units after] the unit before whose teams it goes on with: most of its people; -1 none."""
    shared = np.zeros((len(after.units), len(before.units)), dtype=np.int64)
    stays = np.flatnonzero(kept >= 0)
    np.add.at(shared, (after.pool_unit[kept[stays]], before.pool_unit[stays]), posts[stays])
    heirs = np.full(len(after.units), GONE, dtype=np.int64)
    while shared.any():
        unit, old = np.unravel_index(int(np.argmax(shared)), shared.shape)
        heirs[unit] = old
        shared[unit] = 0
        shared[:, old] = 0
    return heirs


def same_units(before: Layout, after: Layout, kept: Whole, heirs: Whole) -> NDArray[np.bool_]:
    """[units after] whether its pools are exactly those of the unit before it goes on with."""
    same = np.zeros(len(after.units), dtype=np.bool_)
    for unit, old in enumerate(heirs):
        mine = set(np.flatnonzero(after.pool_unit == unit).tolist())
        same[unit] = old >= 0 and mine == set(kept[before.pool_unit == old].tolist())
    return same


def new_heads(target: Target, stay: NDArray[np.bool_], posts: Whole, licensed: NDArray[np.bool_],
              crew: dict[int, int]) -> Ints:
    """[L] posts per pool: those that persist keep theirs, the others share the rest (R23).

    Args:
        target: The structure to change to.
        stay: [L] whether the pool persists.
        posts: [L] posts of pools that persist.
        licensed: [L] whether the pool's function asks for a licence.
        crew: Free people by function mask of the pool they come from.

    Raises:
        InfeasibleStructure: If licensed pools are more than the people who may work in them.
    """
    free = sum(crew.values())
    fresh = ~stay
    if free == int(target.heads[fresh].sum()):
        wanted = target.heads[fresh].astype(np.int64)
    elif free >= int(fresh.sum()):
        wanted = allocate(target.offered_h[fresh], free).astype(np.int64)
    else:
        raise InfeasibleStructure(
            target.layout.structure, f"{int(fresh.sum())} new pools, and {free} people whose old "
            "pool is dissolved")
    functions = target.layout.pool_functions[fresh]
    bound = licensed[fresh]
    for mask in np.unique(functions[bound]):
        group = bound & (functions == mask)
        there = crew.get(int(mask), 0)
        if there < int(group.sum()):
            raise InfeasibleStructure(
                target.layout.structure, f"{int(group.sum())} pools need people with a licence, "
                f"and {there} become free")
        if there < int(wanted[group].sum()):
            wanted[group] = allocate(target.offered_h[fresh][group], there)
    rest = free - int(wanted.sum())
    if rest > 0:  # who has no licence shares the work that needs none
        open_ = ~bound
        if not open_.any():
            raise InfeasibleStructure(target.layout.structure,
                                      "everybody would need a licence after the change")
        wanted[open_] = allocate(target.offered_h[fresh][open_], int(wanted[open_].sum()) + rest)
    heads = np.where(stay, posts, 0)
    heads[fresh] = wanted
    return heads.astype(np.int32)


def assignment(w: World, movers: Whole, slots: Whole, new: dict[str, NDArray[Any]],
               at_hire: float) -> Whole:
    """Pool for each mover: the sum of 1 / m_e over all is as large as can be (R23)."""
    par = w.par[0]
    now = float(w.clock[0]["now"])
    people = w.people[movers]
    known = w.knowledge[movers]
    if par["learning"]:
        known = known * np.exp(-(now - people["known_at"]) * par["forget_rate"])[:, None]
    known = np.where((people["state"] == a.PersonState.VACANT)[:, None], at_hire, known)
    functions, products = w.work.shape[1], w.product_weight.shape[2]
    effects = np.repeat(
        [par["function_effect"], par["product_effect"], par["segment_effect"]],
        [functions, products, w.knowledge.shape[1] - functions - products])
    weight = effects * new["mix"]
    slow = 1.0 + weight.sum(axis=1)[None, :] - known @ weight.T
    worth = np.round(1.0 / slow, DIGITS)
    came_from = w.pools["functions"][people["pool"]]
    barred = (new["pools"]["licensed"] == 1)[None, :] & (
        came_from[:, None] != new["pools"]["functions"][None, :])
    worth[barred] = FORBIDDEN
    rows, columns = linear_sum_assignment(worth[:, slots], maximize=True)
    chosen = np.empty(len(movers), dtype=np.int64)
    chosen[rows] = slots[columns]
    return chosen


def inherited_offerings(w: World, scenario: Scenario, before: Layout, after: Layout
                        ) -> tuple[Floats, Floats]:
    """Offerings [U, P V, K] of the new units, and how far they meet a need that surfaces [U, P V].

    The old ones as their customers' visits meet them: the mean over active customers, each
    weighted by the offering tasks expected of it; a unit without customers gets the mean over
    all. Variants are taken side by side.
    """
    f = scenario.offering_function
    units, variants = len(after.units), scenario.design.variants
    kinds = int(w.par[0]["case_kinds"])
    weights, two = w.product_weight[:kinds], w.second[:kinds]
    active = w.customers[w.customers["status"] == a.CustomerStatus.ACTIVE]
    by_type = np.diff(np.minimum(w.case_types["cumulated"][:kinds], 1.0), prepend=0.0)
    asks = np.array([int(steps) >> 2 * f & 1 for steps in w.case_types["steps"][:kinds]])
    first = weights / np.maximum(weights.sum(axis=2, keepdims=True), 1e-300)
    others = np.where(first < 1.0, first / np.where(first < 1.0, 1.0 - first, 1.0), 0.0)
    second = first * (others.sum(axis=2, keepdims=True) - others)
    tasks = first + two[:, :, None] * second
    old_state = np.concatenate([w.offering, w.latent["level"][:, :, None]], axis=2)
    result = np.zeros((units, *old_state.shape[1:]))
    for p in range(len(scenario.products)):
        rows = slice(p * variants, (p + 1) * variants)
        volume = w.segments["rate"] * ((by_type * asks)[:, None] * tasks[:, :, p]).sum(axis=0)
        weight = volume[active["segment"]]
        place = (f, p, active["label"], active["region"])
        old = before.pool_unit[before.pool_of[place]]
        new = after.pool_unit[after.pool_of[place]]
        met = np.zeros((units, w.offering.shape[0]))
        np.add.at(met, (new, old), weight)
        everybody = met.sum(axis=0)
        for unit in range(units):
            mine = met[unit] if met[unit].sum() > 0 else everybody
            sources = np.flatnonzero(mine)
            if len(sources) == 1:
                result[unit, rows] = old_state[sources[0], rows]
            elif len(sources) > 1:
                result[unit, rows] = np.average(old_state[sources, rows], axis=0,
                                                weights=mine[sources])
            else:
                result[unit, rows] = old_state[:, rows].mean(axis=0)
    return np.ascontiguousarray(result[:, :, :-1]), result[:, :, -1]


def carry_teams(w: World, new: dict[str, NDArray[Any]], heirs: Whole, kept: Whole,
                same: NDArray[np.bool_]) -> None:
    """Let the teams of inherited units go on, with what they know of each other."""
    room = len(new["teams"]) + len(w.teams)
    most = new["team_of"].shape[1] + w.team_of.shape[1]
    new["teams"] = np.zeros(room, dtype=a.TEAM)
    new["teams"]["unit"] = GONE
    new["pairs"] = np.zeros((room, room), dtype=a.PAIR)
    new["team_of"] = np.full((len(heirs), most), GONE, dtype=np.int64)
    new["team_pools"] = np.zeros((len(new["pools"]), room), dtype=np.int64)
    if new["circle"].size:
        new["circle"] = np.zeros((4, max(room, len(heirs))))
    if new["masters"].size:
        new["masters"] = np.zeros((room, new["masters"].shape[1]))
    names = np.full(len(w.teams), GONE, dtype=np.int64)
    count = 0
    for unit, old in enumerate(heirs):
        new["units"][unit]["recut"] = not same[unit]
        if old < 0:
            continue
        for index in range(int(w.units[old]["teams"])):
            team = int(w.team_of[old, index])
            names[team] = count
            new["teams"][count] = (unit, w.teams[team]["size"])
            new["team_of"][unit, index] = count
            count += 1
        new["units"][unit]["teams"] = w.units[old]["teams"]
    went_on = np.flatnonzero(names >= 0)
    one, two = np.triu_indices(len(went_on))
    x, y = names[went_on[one]], names[went_on[two]]
    new["pairs"][np.minimum(x, y), np.maximum(x, y)] = w.pairs[went_on[one], went_on[two]]
    stays = np.flatnonzero(kept >= 0)
    new["team_pools"][np.ix_(kept[stays], names[went_on])] = w.team_pools[np.ix_(stays, went_on)]
    for pool in stays:
        new["pools"][kept[pool]]["first_team"] = max(names[w.pools[pool]["first_team"]], 0)
    w.done_by[:] = np.where(w.done_by >= 0, names[w.done_by], GONE)
    moved = names[w.people["team"]]
    w.people["team"] = np.where(moved >= 0, moved, 0)


def carry_lines(w: World, new: dict[str, NDArray[Any]], kept: Whole, ranks: int) -> int:
    """Put waiting visits of pools that persist in line again, in order; chain up the others.

    Where a second boss comes or goes, the lines of a class become two or one: the first of them.

    Returns:
        The first of the others (classes of one queue after another), -1 if there is none.
    """
    chain: list[int] = []
    before, after = w.lines.shape[1] // ranks, new["lines"].shape[1] // ranks
    for queue in range(len(w.lines)):
        for rank in range(w.lines.shape[1]):
            line, case = [], int(w.lines[queue, rank]["head"])
            while case >= 0:
                line.append(case)
                case = int(w.cases[case]["link"])
            stays = [c for c in line if kept[w.cases[c]["pool"]] >= 0]
            chain += [c for c in line if kept[w.cases[c]["pool"]] < 0]
            if stays:
                place = int(new["pools"][kept[w.cases[stays[0]]["pool"]]]["queue"])
                to = rank if before == after else rank // before * after
                tail = int(new["lines"][place, to]["tail"])
                w.cases["back"][stays] = [tail, *stays[:-1]]
                w.cases["link"][stays] = [*stays[1:], GONE]
                w.cases["line"][stays] = to
                if tail >= 0:
                    w.cases[tail]["link"] = stays[0]
                head = stays[0] if tail < 0 else new["lines"][place, to]["head"]
                new["lines"][place, to] = (head, stays[-1])
    w.cases["link"][chain] = [*chain[1:], GONE][: len(chain)]
    return chain[0] if chain else GONE


def carry_month(w: World, new: dict[str, NDArray[Any]], before: Layout, after: Layout,
                f: int) -> None:
    """What this month has taught an offering's holder goes on where it holds the same tasks."""
    variants = w.offering.shape[1] // w.needs.shape[1]
    for unit in range(len(after.units)):
        mine = after.pool_unit[after.pool_of[f]] == unit
        for old in range(len(before.units)):
            his = before.pool_unit[before.pool_of[f]] == old
            for p in range(w.needs.shape[1]):
                if mine[p].any() and np.array_equal(mine[p], his[p]):
                    rows = slice(p * variants, (p + 1) * variants)
                    new["need_sum"][unit, rows] = w.need_sum[old, rows]
                    new["offerings"]["tasks"][unit, rows] = w.offerings["tasks"][old, rows]
                    new["latent"]["asked"][unit, rows] = w.latent["asked"][old, rows]
                    carry_word(w, new, unit, old, rows)
            if mine.any() and np.array_equal(mine, his):
                new["offerings"][unit, 0]["signal"] = w.offerings[old, 0]["signal"]
                new["offerings"][unit, 0]["signals"] = w.offerings[old, 0]["signals"]


def carry_sums(w: World, new: dict[str, NDArray[Any]], heirs: Whole, kept: Whole,
               same: NDArray[np.bool_]) -> None:
    """Sums of pools and units that persist go on; the weekly measure of work restarts for all."""
    stays = np.flatnonzero(kept >= 0)
    new["pool_totals"][kept[stays]] = w.pool_totals[stays]
    new["pool_snapshots"][:, kept[stays]] = w.pool_snapshots[:, stays]
    both = np.flatnonzero(same)
    new["service"][np.ix_(both, both)] = w.service[np.ix_(heirs[both], heirs[both])]
    for unit in both:
        new["unit_totals"][unit] = w.unit_totals[heirs[unit]]
        new["unit_snapshots"][:, unit] = w.unit_snapshots[:, heirs[unit]]
    if same.all() and len(stays) == len(kept):
        new["weeks"][:, kept] = w.weeks
    else:  # a common window: all pools are measured from the change on
        for row in range(len(new["weeks"])):
            for i, name in enumerate(("joins", "touch", "visits")):
                new["weeks"][row, :, i] = new["pool_totals"][name]


def reserve_h(w: World, start: float, stop: float) -> float:
    """Hours between two times in which a reserve for surges works (as `buffers.reserve_hours`)."""
    par = w.par[0]
    begin = par["window_start"] + par["surge_at"]
    end = begin + par["surge_length"] + par["surge_clear"]
    return max(0.0, float(min(stop, end) - max(start, begin + par["surge_delay"])))


def integrate(w: World) -> None:
    """Bring the time integrals of filled posts and team leads up to now."""
    clock = w.clock[0]
    hours = float(clock["now"] - clock["staff_time"])
    clock["staff_time"] = clock["now"]
    w.totals[0]["lead_teams"] += clock["lead_teams"] * hours
    w.totals[0]["liaisons"] += clock["liaisons"] * hours
    w.pool_totals["filled"] += w.pools["filled"] * hours
    np.add.at(w.unit_totals["filled"], w.pools["unit"], w.pools["filled"] * hours)
    w.totals[0]["filled"] += w.pools["filled"].sum() * hours
    if w.par[0]["reserve"] > 0.0:
        now = float(clock["now"])
        extra = w.par[0]["reserve"] * reserve_h(w, now - hours, now)
        w.totals[0]["reserve_hours"] += w.pools["filled"].sum() * extra


def reorganise(w: World, scenario: Scenario, before: Layout, target: Target, own: Floats
               ) -> World:
    """The world under another structure; time has not moved.

    Args:
        w: The world as it is; its records of people, cases and customers are used on.
        scenario: Its parameters.
        before: Its structure.
        target: The structure to change to.
        own: [U, P V, K] where its designers would go by themselves.

    Raises:
        InfeasibleStructure: If the people there are cannot staff it.
    """
    after = target.layout
    kept = persisting(before, after)
    people = w.people
    posts = np.bincount(people["pool"], minlength=len(before.pools))
    movers = np.flatnonzero(kept[people["pool"]] < 0)
    stay = np.zeros(len(after.pools), dtype=np.bool_)
    stay[kept[kept >= 0]] = True
    their_posts = np.zeros(len(after.pools), dtype=np.int64)
    their_posts[kept[kept >= 0]] = posts[kept >= 0]
    two_lines = before.pool_second is not None and scenario.matrix.clash
    ranks = w.lines.shape[1] // (2 if two_lines else 1)
    sizes = {"ranks": ranks, "snapshots": len(w.snapshot_times)}
    new = places(scenario, after, target.workload, target.heads, **sizes)
    if len(movers):
        integrate(w)
        masks, counts = np.unique(w.pools["functions"][people["pool"][movers]],
                                  return_counts=True)
        crew = dict(zip(masks.tolist(), counts.tolist(), strict=True))
        heads = new_heads(target, stay, their_posts, new["pools"]["licensed"] == 1, crew)
        slots = np.repeat(np.arange(len(after.pools)), np.where(stay, 0, heads))
        at_hire = float(w.par[0]["at_hire"])
        destination = assignment(w, movers, slots, new, at_hire)
    heirs = inherited_units(before, after, kept, posts)
    same = same_units(before, after, kept, heirs)
    carry_teams(w, new, heirs, kept, same)
    displaced = carry_lines(w, new, kept, ranks)
    carry_month(w, new, before, after, scenario.offering_function)
    carry_faults(w, new, before, after)
    carry_sums(w, new, heirs, kept, same)
    new["offering"], new["latent"]["level"] = inherited_offerings(w, scenario, before, after)
    new["own_target"] = np.ascontiguousarray(own)

    goes = people["goes_to"]
    stays_put = (goes >= 0) & (kept[goes] >= 0) & (kept[people["pool"]] >= 0)
    people["goes_to"] = np.where(stays_put, kept[goes], GONE)
    old_unit = people["unit"].copy()
    people["pool"] = kept[people["pool"]]
    if len(movers):
        people["pool"][movers] = destination
        there = people["state"][movers] != a.PersonState.VACANT
        w.totals[0]["relocated"] += int(there.sum())
        change = scenario.reorganisation
        w.totals[0]["change_h"] += int(there.sum()) * change.switch_h * change.budget_ratio
    people["unit"] = after.pool_unit[people["pool"]]
    filled = people["state"] != a.PersonState.VACANT
    new["pools"]["posts"] = np.bincount(people["pool"], minlength=len(after.pools))
    new["pools"]["filled"] = np.bincount(people["pool"], filled, minlength=len(after.pools))
    new["units"]["posts"] = np.bincount(people["unit"], minlength=len(after.units))
    elsewhere = ~same[people["unit"]] | (heirs[people["unit"]] != old_unit)
    for person in np.flatnonzero(elsewhere & (people["state"] == a.PersonState.BUSY)):
        # The visit in hand counts where it ends; what was done of it before counts where it was.
        new["unit_totals"][people["unit"][person]]["busy"] -= (
            w.clock[0]["now"] - people["since"][person])

    moved = np.ones(before.pool_of.shape, dtype=np.bool_)
    moved[kept[before.pool_of] == after.pool_of] = False
    for name, value in at_change(scenario, w.par[0], float(w.clock[0]["now"]),
                                 flat=after.flat).items():
        w.par[0][name] = value
    for name, money in ledger.monthly(scenario, after).items():
        w.par[0][f"cash_{name}"] = money
    if scenario.morale.enabled:
        shock = scenario.reorganisation.morale_shock
        people["morale"] = np.maximum(people["morale"] - shock, 0.0)
    w.clock[0]["begun"] = 2
    w.clock[0]["displaced"] = displaced
    need = int(w.clock[0]["heap_n"]) + len(w.cases) + 8 * len(people) + 64
    heap = np.zeros(max(need, len(w.heap)), dtype=a.EVENT)
    heap[: len(w.heap)] = w.heap
    goes_on = np.full(len(before.units), GONE, dtype=np.int64)
    goes_on[heirs[heirs >= 0]] = np.flatnonzero(heirs >= 0)
    return w.replaced(**new, kept=kept, heirs=goes_on, rerouted=moved, heap=heap)


__all__ = ["Target", "reorganise"]
