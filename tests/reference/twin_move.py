"""The twin's change of structure, written from R23 and M22.

Owns: what happens to people, visits, offerings and sums when the map changes in mid-run, and who
goes astray afterwards. Never does: share code with `sim.engine` or `sim.behaviours`.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from sim import rng
from sim.errors import InfeasibleStructure
from sim.population import design
from sim.population import start as starts
from sim.structures import allocate
from tests.reference import twin_draws as luck
from tests.reference.twin_things import Case, Person, Pool, Task, Unit, Visit

if TYPE_CHECKING:
    from tests.reference.twin import Twin


def cells(layout: Any, pool: int) -> set[tuple[int, ...]]:
    """The tasks of a pool, as (function, product, segment, region)."""
    return {i for i in itertools.product(*(range(n) for n in layout.pool_of.shape))
            if layout.pool_of[i] == pool}


class Upheaval:
    """One change of structure: how it was before, and what has become of each pool."""

    def __init__(self, twin: Twin, to: Any) -> None:
        self.twin = twin
        self.to = to
        self.rules = twin.s.reorganisation
        self.before = twin.layout
        self.old_pools, self.old_units = twin.pools, twin.units
        left = twin.upheaval.fading_drag(twin.now) if twin.upheaval else 0.0
        self.began = twin.now
        self.first_drag = self.rules.drag / self.rules.budget_ratio + left
        self.fading = self.rules.drag_h / self.rules.budget_ratio

    def fading_drag(self, now: float) -> float:
        """D0 exp(-t / tau)."""
        return self.first_drag * math.exp(-(now - self.began) / self.fading)

    def slower(self, now: float) -> float:
        """Factor on the length of a visit that starts now: 1 / (1 - D), D at most 0.9."""
        return 1 / (1 - min(self.fading_drag(now), 0.9))

    # ---------------------------------------------------------------- the day itself

    def happen(self) -> None:
        """Change the structure now."""
        twin = self.twin
        for person in twin.people:
            if person.case is not None:
                twin.count_busy(person)
        twin.layout, twin.workload = self.to.layout, self.to.workload
        self._new_pools()
        self._people()
        self._offerings()
        self._cases()
        self._sums()
        twin.upheaval = self
        for case, visit in self.displaced:
            if case.first_close is None and case.rework_since is None:
                case.hours["queue"] += twin.now - case.since
            self.send_on(case, visit)
        for person in twin.people:
            if person.idle and not self.untouched(person.pool.unit):
                twin.look(person)

    def _new_pools(self) -> None:
        twin, after = self.twin, self.to.layout
        twin.make_pools()
        there = {frozenset(cells(after, pool.index)): pool for pool in twin.pools}
        self.becomes: dict[Pool, Pool | None] = {
            pool: there.get(frozenset(cells(self.before, pool.index))) for pool in self.old_pools}
        self.was: dict[Pool, Pool] = {new: old for old, new in self.becomes.items() if new}
        # A unit goes on with the teams of the old unit that most of its people come from.
        shared = {(new, old): sum(len(p.people) for p in old.pools
                                  if (q := self.becomes[p]) is not None and q.unit is new)
                  for new in twin.units for old in self.old_units}
        self.heir: dict[Unit, Unit] = {}
        while shared and max(shared.values()) > 0:
            new, old = max(shared, key=lambda pair: (shared[pair], -pair[0].index, -pair[1].index))
            self.heir[new] = old
            shared = {pair: n for pair, n in shared.items()
                      if pair[0] is not new and pair[1] is not old}

    def untouched(self, unit: Unit) -> bool:
        """All its pools persist, together and with no other."""
        old = self.heir.get(unit)
        return old is not None and {self.becomes[p] for p in old.pools} == set(unit.pools)

    # ---------------------------------------------------------------- people

    def _people(self) -> None:
        twin = self.twin
        movers = [p for p in twin.people if self.becomes[p.pool] is None]
        if movers:
            slots = [pool for pool, n in self._heads(movers) for _ in range(n)]
            worth = np.round([[self._worth(p, pool) for pool in slots] for p in movers], 12)
            rows, columns = linear_sum_assignment(worth, maximize=True)
            home = {movers[i]: slots[j] for i, j in zip(rows, columns, strict=True)}
            at_work = sum(p.present for p in movers)
            twin.totals["relocated"] += at_work
            twin.totals["change_h"] += at_work * self.rules.switch_h * self.rules.budget_ratio
        for person in twin.people:
            old = person.pool
            stays = self.becomes[old]
            if person.moving_to is not None:
                goes = self.becomes[person.moving_to]
                person.moving_to = goes if stays else None
            person.pool = stays or home[person]
            person.pool.people.append(person)
        if twin.s.morale.enabled:
            for person in twin.people:
                person.morale = max(0.0, person.morale - self.rules.morale_shock)
        names = {old.index: new.index for new, old in self.heir.items()}
        twin.familiarity = {
            (min(a, b), max(a, b)): value
            for (one, two), value in twin.familiarity.items()
            if one[0] in names and two[0] in names
            for a, b in [((names[one[0]], one[1]), (names[two[0]], two[1]))]}
        for unit in twin.units:
            if not self.untouched(unit):
                twin.form_teams(unit)

    def _heads(self, movers: list[Person]) -> list[tuple[Pool, int]]:
        """How many of the movers each new pool gets: by the work that its pilot measured."""
        fresh = [pool for pool in self.twin.pools if pool not in self.was]
        if len(movers) == sum(int(self.to.start.heads[p.index]) for p in fresh):
            heads = [int(self.to.start.heads[p.index]) for p in fresh]
        else:
            heads = allocate(np.array([self.to.offered_h[p.index] for p in fresh]),
                             len(movers)).tolist()
        for functions in {tuple(p.functions) for p in fresh if p.licensed}:
            group = [i for i, p in enumerate(fresh) if tuple(p.functions) == functions]
            able = sum(tuple(p.pool.functions) == functions for p in movers)
            if able < sum(heads[i] for i in group):
                if able < len(group):
                    raise InfeasibleStructure(self.to.layout.structure, "too few licences")
                share = allocate(np.array([self.to.offered_h[fresh[i].index] for i in group]), able)
                for i, n in zip(group, share.tolist(), strict=True):
                    heads[i] = n
        rest = len(movers) - sum(heads)
        if rest:
            open_ = [i for i, p in enumerate(fresh) if not p.licensed]
            share = allocate(np.array([self.to.offered_h[fresh[i].index] for i in open_]),
                             sum(heads[i] for i in open_) + rest)
            for i, n in zip(open_, share.tolist(), strict=True):
                heads[i] = n
        return list(zip(fresh, heads, strict=True))

    def _worth(self, person: Person, pool: Pool) -> float:
        """1/m_e on the pool's task mix; a vacant post will be held by a beginner."""
        twin = self.twin
        if pool.licensed and person.pool.functions != pool.functions:
            return -1e6
        rules = twin.s.knowledge
        known = twin.knows(person)
        if not person.present:
            known = [rules.at_hire if rules.learning else 1.0] * len(known)
        return 1 / twin.mix_slowness(pool, known)

    # ---------------------------------------------------------------- offerings

    def _offerings(self) -> None:
        """The mean of the old ones over the visits expected of the customers now served."""
        twin, f = self.twin, self.twin.s.offering_function
        state, variants = twin.change, twin.s.design.variants
        level: dict[tuple[int, int], float] = defaultdict(float)
        old_unit = {u: self.before.pool_unit[p] for u, p in np.ndenumerate(self.before.pool_of)}
        after = twin.layout
        new_offering = []
        for unit in twin.units:
            row = []
            for p in range(twin.n_products):
                total: dict[int, float] = defaultdict(float)
                everybody: dict[int, float] = defaultdict(float)
                for c in twin.customers:
                    if c.active:
                        cell = (f, p, c.label, c.region)
                        visits = self._expected_tasks(c.segment, p)
                        everybody[old_unit[cell]] += visits
                        if after.pool_unit[after.pool_of[cell]] == unit.index:
                            total[old_unit[cell]] += visits
                met = total if sum(total.values()) > 0 else everybody
                if sum(met.values()) == 0:
                    met = {old.index: 1.0 for old in self.old_units}
                for v in range(p * variants, (p + 1) * variants):
                    row.append([sum(n * state.offering[u][v][k] for u, n in met.items())
                                / sum(met.values()) for k in range(twin.s.needs.dimensions)])
                    level[unit.index, v] = sum(n * state.level[u, v] for u, n in met.items()
                                               ) / sum(met.values())
            new_offering.append(row)
        notes, heard = state.notes, state.signals
        state.notes, state.signals = defaultdict(list), defaultdict(list)

        def held(layout: Any, unit: int) -> set[tuple[int, ...]]:
            return {i for i, pool in np.ndenumerate(layout.pool_of[f])
                    if layout.pool_unit[pool] == unit}

        for new in twin.units:
            mine = held(after, new.index)
            for old in self.old_units:
                his = held(self.before, old.index)
                for p in range(twin.n_products):
                    part = {i for i in mine if i[0] == p}
                    if part and part == {i for i in his if i[0] == p}:
                        for v in range(p * variants, (p + 1) * variants):
                            if notes[old.index, v]:
                                state.notes[new.index, v] = notes[old.index, v]
                if mine and mine == his:
                    state.signals[new.index] = heard[old.index]
        state.offering, state.level = new_offering, level
        state.holds = design.holders(twin.s, after).tolist()
        state.own = starts.own_targets(twin.s, after, twin.population, self.to.seed,
                                       twin.replication).tolist()

    def _expected_tasks(self, segment: int, p: int) -> float:
        """Offering tasks an hour expected of a customer for a product."""
        twin = self.twin
        rate = twin.segments[segment].volume
        total = 0.0
        for kind, chance in enumerate(twin.asked.type_probability.tolist()):
            if not twin.asked.needs[kind, twin.s.offering_function]:
                continue
            weights = twin.asked.product_weight[kind, segment]
            first = (weights / weights.sum()).tolist()
            second = sum(first[q] * first[p] / (1 - first[q]) for q in range(twin.n_products)
                         if q != p and first[q] < 1)
            total += chance * (first[p]
                               + twin.asked.second_probability[kind, segment] * second)
        return rate * total

    # ---------------------------------------------------------------- cases

    def pool_of_first(self, case: Case, tasks: list[Task]) -> Pool:
        """Who is in charge now of the first of some tasks."""
        return self.twin.task_pool(case, min(tasks))

    def _cases(self) -> None:
        """Visits wait where they waited, are displaced, travel on, or finish in hand."""
        twin = self.twin
        self.displaced: list[tuple[Case, Visit]] = []
        for old in self.old_pools:
            for case, visit in sorted(old.queue, key=lambda item: item[0].rank):
                new = self.becomes[visit.pool]
                self._remember(case)
                if new is None:
                    self._reroute(case, visit)
                    self.displaced.append((case, visit))
                else:
                    visit.pool = new
            staying = [item for item in old.queue if item not in self.displaced]
            if staying:
                twin.queue_of(staying[0][1].pool).extend(staying)
            old.queue = []
        for _, kind, _, what in twin.events:
            if kind == twin.LANDING and not what[0].closed:
                case, visit = what
                self._remember(case)
                if visit is not None and visit is not case.finder:
                    self._reroute(case, visit)
        for person in twin.people:
            if person.case is not None and person.visit is not None:
                case, visit = person.case, person.visit
                self._remember(case)
                offered = [t for t in visit.tasks if t[0] == twin.s.offering_function]
                visit.pool = (self.becomes[visit.pool]
                              or self.pool_of_first(case, offered or visit.tasks))

    def _remember(self, case: Case) -> None:
        """Pools that a case remembers."""
        twin, f = self.twin, self.twin.s.offering_function
        names = {old.index: new.index for new, old in self.heir.items()}
        case.units = [names.get(u, u if u < 0 else -1 - u) for u in case.units]
        for j, unit in case.offered_by.items():
            old = next(p for p in self.old_units[unit].pools if f in p.functions)
            new = self.becomes[old] or twin.task_pool(case, (f, j))
            case.offered_by[j] = new.unit.index
        if case.before is not None and case.before.pool in self.becomes:
            tasks = sorted(case.before.errors) or case.before.tasks
            case.before.pool = (self.becomes[case.before.pool]
                                or self.pool_of_first(case, tasks))
        if case.finder is not None:
            self._reroute(case, case.finder)

    def _reroute(self, case: Case, visit: Visit) -> None:
        """Errors to be redone stay one visit; other visits are what the new pool can do."""
        if visit.pool not in self.becomes:
            return
        new = self.becomes[visit.pool]
        if new is None:
            new = self.pool_of_first(case, visit.tasks)
            if visit.kind != "sent back":
                visit.tasks = self.twin.tasks_for(case, new)
        visit.pool = new

    def _sums(self) -> None:
        """Sums of what persists go on, its past too; the measure of work restarts for all."""
        twin = self.twin
        pools = [self.was.get(pool) for pool in twin.pools]
        units = [self.heir[unit] if self.untouched(unit) else None for unit in twin.units]
        for snap in twin.snapshots:
            snap["pools"] = [snap["pools"][p.index] if p else {} for p in pools]
            snap["units"] = [snap["units"][u.index] if u else {} for u in units]
        twin.by_pool = [twin.by_pool[p.index] if p else defaultdict(float) for p in pools]
        same = {u.index: new.index for new, u in zip(twin.units, units, strict=True) if u}
        old_service, twin.service = twin.service, defaultdict(lambda: [0.0] * 3)
        for (a, b), got in old_service.items():
            if a in same and b in same:
                twin.service[same[a], same[b]] = got
        twin.by_unit = [twin.by_unit[u.index] if u else defaultdict(float) for u in units]
        if all(pools) and all(units) and all(self.becomes.values()):
            for new, old in self.was.items():
                new.log = old.log

    # ---------------------------------------------------------------- astray

    def astray(self, case: Case, visit: Visit) -> bool:
        """Does a case bound for a visit follow the old path?"""
        f, j = min(visit.tasks)
        cell = (f, case.products[j], case.route, case.customer.region)
        old = self.old_pools[int(self.before.pool_of[cell])]
        new = self.twin.pools[int(self.twin.layout.pool_of[cell])]
        if self.becomes[old] is new:
            return False
        rules = self.rules
        chance = (rules.misrouting * (1 + rules.firm_age / 50 + 1 - rules.leadership)
                  * math.exp(-(self.twin.now - self.began) / rules.misrouting_h))
        return luck.uniform(case.key, rng.ASTRAY, self._count(case, visit)) < min(chance, 1.0)

    def _count(self, case: Case, visit: Visit) -> int:
        f, j = min(visit.tasks)
        loop = self.twin.loop(case) if case.reopened or case.finder is not None else 0
        return luck.task_count(f, case.products[j], loop)

    def detour(self, case: Case, visit: Visit) -> float:
        """One more transfer among strangers, no work done; returns the delay."""
        twin, rules = self.twin, self.twin.s.handoffs
        d = 1 if twin.layout.flat else 3
        case.handoffs += 1
        twin.by_unit[visit.pool.unit.index]["handoffs_in"] += 1
        if twin.now > twin.warm_up:
            twin.distances[d] += 1
        visit.read_in = rules.read_in_h * d
        case.information *= (1 - rules.information_loss) ** d
        u = luck.uniform(case.key, rng.DETOUR, self._count(case, visit))
        return rules.latency_h * rules.latency_growth ** (d - 1) * luck.exponential(u)

    def send_on(self, case: Case, visit: Visit) -> None:
        """A case that stands in no line is put through by a detour."""
        delay = self.detour(case, visit)
        case.since = self.twin.now
        self.twin.at(self.twin.now + delay, self.twin.LANDING, (case, visit))
