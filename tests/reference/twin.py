"""A slow, obvious event loop that plays the same world as the engine, written from the theory.

Owns: the rules of a run (THEORY section 3 core, CLARIFICATIONS R1-R52) in plain Python objects
and one heap. Never does: share code with `sim.engine`, `sim.behaviours` or `sim.management`; it
takes tables (`sim.structures`) and traits (`sim.population`) as given, and the same keyed draws.

`run(...)` returns a `Twin` whose `snapshots` hold the same sums as the engine's, by name.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter, defaultdict
from enum import IntEnum
from typing import Any

from sim import rng
from sim.population import customers as traits
from sim.population import start as starts
from sim.scenario.schema import (
    CHANNEL_TOLERANCE_H,
    HOURS_PER_MONTH,
    HOURS_PER_WEEK,
    Scenario,
)
from sim.structures.cases import compile_cases
from tests.reference import twin_draws as luck
from tests.reference.twin_change import Change
from tests.reference.twin_growth import Growth
from tests.reference.twin_market import Market
from tests.reference.twin_move import Upheaval
from tests.reference.twin_relations import Relations
from tests.reference.twin_sensing import Firm
from tests.reference.twin_staff import Staff
from tests.reference.twin_things import Case, Customer, Person, Pool, Task, Unit, Visit

LEAST_VISITS = 30  # R4: fewer served visits than these say nothing about their length


class Kind(IntEnum):
    """What happens first at the same instant (R51)."""

    MONTH = 0
    WEEK = 1
    LANDING = 2
    VISIT_END = 3
    ARRIVAL = 4
    ABANDON = 5
    HIRE = 6
    LOOK = 7
    ERRAND = 8
    APPROVED = 9
    JOIN = 10
    REPORT = 20
    CHANGE = 21
    REACH = 22
    SNAPSHOT = 99
    UPHEAVAL = 100


class Twin:
    """One run of one structure, or of several one after another."""

    LANDING = Kind.LANDING
    REPORT, CHANGE, REACH = Kind.REPORT, Kind.CHANGE, Kind.REACH

    def __init__(self, prepared: Any, replication: int, *, warm_up_h: float, end_h: float,
                 snapshot_times: list[float], rebalance: bool = True,
                 mouth: int = 600) -> None:
        self.s: Scenario = prepared.scenario
        self.layout = prepared.layout
        self.workload = prepared.workload
        self.warm_up = warm_up_h
        self.rebalances = rebalance and self.s.staff.rebalance
        self.functions = list(self.s.functions.values())
        self.segments = list(self.s.segments.values())
        self.types = list(self.s.case_types.values())
        self.n_products = len(self.s.products)
        self.asked = compile_cases(self.s)
        self.now = 0.0
        self.events: list[tuple[float, int, int, Any]] = []
        self.order = itertools.count()
        self.totals: dict[str, float] = defaultdict(float)
        self.by_segment = [defaultdict(float) for _ in self.segments]
        self.by_unit = [defaultdict(float) for _ in self.layout.units]
        self.by_pool = [defaultdict(float) for _ in self.layout.pools]
        self.distances: Counter[int] = Counter()
        self.service: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0] * 3)
        self.start_heads = [int(n) for n in prepared.start.heads]
        self.snapshots: list[dict[str, Any]] = []
        self.responses: list[float] = []
        self.open_cases = 0
        self.integrated_to = 0.0
        self.month = 0
        self.week = 0
        self.blocked_until: list[float] = []
        self._people_and_pools(prepared, replication)
        self.relations = Relations(self)
        self.staff = Staff(self)
        self.market = Market(self, prepared, replication)
        self.growth = Growth(self, prepared, replication)
        self._customers(prepared, replication, end_h, mouth)
        self.change = Change(self, prepared, replication)
        self.relations.begin()
        self.familiarity: dict[tuple[Any, Any], tuple[float, float]] = {}
        self.firm = Firm(self, prepared.seed, replication)
        self.at(HOURS_PER_MONTH, Kind.MONTH)
        self.at(HOURS_PER_WEEK, Kind.WEEK)
        for t in snapshot_times:
            self.at(t, Kind.SNAPSHOT)
        self.upheaval: Upheaval | None = None
        self.replication = replication
        for change in prepared.changes:
            self.at(warm_up_h + change.at_h, Kind.UPHEAVAL, change.to)
        self.end = snapshot_times[-1]

    # ---------------------------------------------------------------- who is there

    def make_pools(self) -> None:
        """Units and pools of the structure in force, empty."""
        s, layout = self.s, self.layout
        self.units = [Unit(u, int(layout.unit_segments[u])) for u in range(len(layout.units))]
        self.pools: list[Pool] = []
        for index in range(len(layout.pools)):
            does = [f for f in range(len(self.functions))
                    if int(layout.pool_functions[index]) >> f & 1]
            licensed = any(self.functions[f].licensed for f in does)
            cover = max(1.0 if self.functions[f].licensed
                        else s.cover.minimum_proficiency if self.functions[f].cover is None
                        else self.functions[f].cover for f in does)
            unit = self.units[int(layout.pool_unit[index])]
            pool = Pool(index, unit, does, cover, licensed)
            unit.pools.append(pool)
            self.pools.append(pool)

    def _people_and_pools(self, prepared: Any, replication: int) -> None:
        self.make_pools()
        start = starts.knowledge(self.s, self.workload)
        self.people: list[Person] = []
        self.homes = starts.homes(self.s, int(sum(prepared.start.heads)))
        for pool in self.pools:
            for _ in range(int(prepared.start.heads[pool.index])):
                slot = len(self.people)
                person = Person(
                    slot, luck.post_key(prepared.seed, replication, slot, rng.STREAM_POST), pool, 0,
                    [float(k) for k in start[pool.index]])
                self.people.append(person)
                pool.people.append(person)
        for unit in self.units:
            self.form_teams(unit)

    def _customers(self, prepared: Any, replication: int, end_h: float, mouth: int) -> None:
        s = self.s
        self.population = traits.draw(s, prepared.seed, replication, end_h,
                                      mouth if s.market.inflow else 0)
        pop = self.population
        self.customers = [
            Customer(row, int(pop.key[row]), int(pop.segment[row]), int(pop.label[row]),
                     int(pop.region[row]), pop.needs[row].astype(float).tolist(),
                     pop.weights[row].astype(float).tolist())
            for row in range(len(pop.key))
        ]
        for row in range(len(pop.excluded)):
            self.customers[row].excluded = bool(pop.excluded[row])
        expected = starts.expectation(s, prepared.start.quality)
        loyal = prepared.start.loyalty
        if loyal is None or s.satisfaction.expectation_start == "given":
            loyal = [s.market.loyalty_start] * len(self.segments)
        for customer in self.customers[: pop.n_start]:
            customer.active = True
            customer.expectation = float(expected[customer.segment])
            customer.loyalty = float(loyal[customer.segment])
            customer.experiences = 8
            self.book_next_case(customer)
        self.mean_loyalty = sum(c.loyalty for c in self.customers[: pop.n_start]) / pop.n_start
        self.mouth_row = pop.n_start + pop.n_base
        for j in range(pop.n_base):
            self.at(float(pop.base_time[j]), Kind.JOIN, pop.n_start + j)
        caps = [s.market.churn_max if x.churn_max is None else x.churn_max for x in self.segments]
        self.inflow = s.market.inflow and max(caps) > 0

    # ---------------------------------------------------------------- the loop

    def at(self, time: float, kind: Kind, what: Any = None) -> None:
        """Something will happen."""
        heapq.heappush(self.events, (time, int(kind), next(self.order), what))

    def run(self) -> Twin:
        """Play every event up to the last snapshot."""
        while self.events and self.events[0][0] <= self.end:
            time, kind, _, what = heapq.heappop(self.events)
            assert time >= self.now
            self.integrate(time)
            self.now = time
            if kind == Kind.MONTH:
                self.month_end()
            elif kind == Kind.WEEK:
                self.week_end()
            elif kind == Kind.LANDING:
                self.lands(*what)
            elif kind == Kind.VISIT_END:
                self.visit_ends(what)
            elif kind == Kind.ARRIVAL:
                self.arrives(what)
            elif kind == Kind.ABANDON:
                self.patience_ends(*what)
            elif kind == Kind.HIRE:
                self.is_hired(what)
            elif kind == Kind.LOOK:
                if what.idle:
                    self.seek(what)
            elif kind == Kind.ERRAND:
                self.relations.errand(what)
            elif kind == Kind.REPORT:
                self.firm.told(*what)
            elif kind == Kind.CHANGE:
                self.firm.changed(what)
            elif kind == Kind.REACH:
                self.firm.measured(*what)
            elif kind == Kind.APPROVED:
                self.approved(*what)
            elif kind == Kind.JOIN:
                self.base_joiner(what)
            elif kind == Kind.UPHEAVAL:
                Upheaval(self, what).happen()
            else:
                self.snapshot()
        return self

    def integrate(self, to: float) -> None:
        """Sums that grow with time: filled posts, teams to lead, open cases."""
        dt = to - self.integrated_to
        if dt <= 0:
            return
        self.integrated_to = to
        for pool in self.pools:
            filled = sum(person.present for person in pool.people)
            self.by_pool[pool.index]["filled"] += filled * dt
            self.by_unit[pool.unit.index]["filled"] += filled * dt
            self.totals["filled"] += filled * dt
        for unit in self.units:
            teams = len(unit.people) / self.s.staff.span
            self.totals["lead_teams"] += max(teams - 1, 0) * dt
            rows = sum(unit.index in row for row in self.layout.liaisons)
            self.totals["liaisons"] += rows * max(teams, 1) / self.s.staff.span * dt
        filled = sum(person.present for person in self.people)
        self.totals["reserve_hours"] += filled * self.market.reserve_hours(to - dt, to)
        self.totals["open_area"] += self.open_cases * dt
        self.totals["fault_area"] += self.firm.lasting() * dt

    # ---------------------------------------------------------------- customers

    def book_next_case(self, customer: Customer) -> None:
        """Poisson, per customer, also while a case is open (R14)."""
        rate = (self.s.customers.cases_per_month * self.segments[customer.segment].volume
                / HOURS_PER_MONTH)
        u = luck.uniform(customer.key, rng.ARRIVAL, customer.arrivals)
        self.at(self.market.due(luck.exponential(u) / rate), Kind.ARRIVAL, customer)

    def arrives(self, customer: Customer) -> None:
        """A new case: type, products, steps (R14), and its first visit."""
        if not customer.active:
            return
        number = customer.arrivals
        customer.arrivals += 1
        self.book_next_case(customer)
        key = luck.child(customer.key, rng.CASE, number)
        kind = luck.choice(self.asked.type_probability.tolist(),
                           luck.uniform(key, rng.CASE_TYPE, 0))
        weights = self.asked.product_weight[kind, customer.segment].tolist()
        first = luck.choice(weights, luck.uniform(key, rng.PRODUCT, 0))
        products = [first]
        chance = self.asked.second_probability[kind, customer.segment]
        if chance > 0 and luck.uniform(key, rng.BUNDLE, 0) < chance:
            products.append(luck.choice(weights, luck.uniform(key, rng.SECOND, 0), first))
        rank = -(self.types[kind].priority + self.segments[customer.segment].priority
                 + self.relations.favour(customer))
        case = Case(customer, number, key, kind, products, customer.label, rank, self.now)
        case.todo = {(f, j) for f in range(len(self.functions)) if self.asked.needs[kind, f]
                     for j in range(len(products))}
        self.open_cases += 1
        self.totals["arrivals"] += 1
        self.by_segment[customer.segment]["arrivals"] += 1
        self.market.order(case)
        if customer.excluded:
            self.close(case, abandoned=True, resolved=False)
            return
        self.take_in(case)

    def take_in(self, case: Case) -> None:
        """The first visit of a case, or of a loop: no transfer, nothing looked for."""
        case.information = self.s.handoffs.intake_information
        case.rank = math.floor(case.rank)
        visit = self.next_visit(case, None)
        there = self.market.waits(case, visit, self.now)
        if self.upheaval and not case.errand and self.upheaval.astray(case, visit):
            self.totals["astray"] += 1
            self.upheaval.send_on(case, visit)
        elif there > self.now:
            case.since = self.now
            self.at(there, Kind.LANDING, (case, visit))
        else:
            self.join(case, visit)
        if (self.types[case.kind].channel == "phone" and not case.served
                and self.s.satisfaction.waiting):
            mean = (self.types[case.kind].patience_h
                    * self.segments[case.customer.segment].patience)
            patience = mean * luck.exponential(luck.uniform(case.key, rng.PATIENCE, 0))
            self.at(self.now + patience, Kind.ABANDON, (case, visit))

    def patience_ends(self, case: Case, visit: Visit) -> None:
        """A caller whose first visit has not begun hangs up (R13)."""
        if case.served or case.closed:
            return
        if (case, visit) in self.queue_of(visit.pool):  # else the call is being put through
            self.queue_of(visit.pool).remove((case, visit))
        wait = self.now - case.opened
        case.first_wait = wait
        self.close(case, abandoned=True, resolved=False)

    # ---------------------------------------------------------------- routing

    def task_pool(self, case: Case, task: Task) -> Pool:
        """Who does a task of this case, by the segment the case is routed by."""
        f, j = task
        return self.pools[int(self.layout.pool_of[f, case.products[j], case.route,
                                                  case.customer.region])]

    def ready(self, case: Case, task: Task, done: set[Task]) -> bool:
        """No step that must come before it, for the same product, is still to be done."""
        f, j = task
        return not any((g, j) in case.todo and (g, j) not in done
                       for g in range(len(self.functions)) if self.asked.before[case.kind, f, g])

    def next_visit(self, case: Case, unit: Unit | None) -> Visit:
        """A feasible task in the current unit, else the earliest function (M1, R14, R42)."""
        feasible = sorted(t for t in case.todo if self.ready(case, t, set()))
        here = [t for t in feasible if self.task_pool(case, t).unit is unit]
        pool = self.task_pool(case, (here or feasible)[0])
        return Visit(pool, self.tasks_for(case, pool), "reopened" if case.reopened else "first")

    def tasks_for(self, case: Case, pool: Pool) -> list[Task]:
        """What one person of a pool does of a case in one visit."""
        mine = {t for t in case.todo if self.task_pool(case, t) is pool}
        if case.reopened:
            return sorted(mine)
        tasks: set[Task] = set()
        while more := {t for t in mine - tasks if self.ready(case, t, tasks)}:
            tasks |= more
        return sorted(tasks)

    # ---------------------------------------------------------------- teams and hand-offs

    def form_teams(self, unit: Unit) -> None:
        """At most `span` people a team (R7); the people are those with a post here."""
        span = self.s.staff.span
        if len(unit.people) <= span:
            teams = [unit.people]
        else:
            teams = []
            open_team: list[Person] | None = None
            for pool in unit.pools:
                people = sorted(pool.people, key=lambda p: p.slot)
                if len(people) > span:
                    parts = math.ceil(len(people) / span)
                    cut: list[list[Person]] = [[] for _ in range(parts)]
                    for i, person in enumerate(people):
                        cut[i * parts // len(people)].append(person)
                    teams += cut
                    open_team = None
                elif people:
                    if open_team is None or len(open_team) + len(people) > span:
                        open_team = []
                        teams.append(open_team)
                    open_team += people
        for index, team in enumerate(teams):
            for person in team:
                person.team = index
        if hasattr(self, "familiarity"):
            gone = [pair for pair in self.familiarity
                    if any(u == unit.index and t >= len(teams) for u, t in pair)]
            for pair in gone:
                del self.familiarity[pair]

    def team_size(self, team: tuple[int, int]) -> int:
        """People of a team."""
        return sum(person.team == team[1] for person in self.units[team[0]].people)

    def nearest(self, person: Person, pool: Pool) -> tuple[float, tuple[int, int]]:
        """Distance from a person's home team to a pool, and the team that is met (R7, R43)."""
        home = person.pool.unit
        teams = sorted({p.team for p in pool.people})
        same_team = home is pool.unit and person.team in teams
        team = person.team if same_team else teams[0]
        d = float(self.layout.unit_distance[home.index, pool.unit.index])
        if self.layout.flat or same_team:
            d = 1.0
        elif home is pool.unit:
            d = 2.0
        return self.bridged(d, person.pool, pool), (pool.unit.index, team)

    def bridged(self, d: float, here: Pool, there: Pool) -> float:
        """The nearer of two trees and a bit, or what a liaison role makes of it (M26)."""
        if self.layout.second_units:
            d = min(d, self.second_distance(here, there)) + self.s.matrix.added_distance
        for hub, *others in self.layout.liaisons:
            pair = {here.unit.index, there.unit.index}
            if hub in pair and (pair - {hub}) & set(others):
                d = min(d, self.s.matrix.liaison_distance)
        return d

    def second_distance(self, here: Pool, there: Pool) -> float:
        """Shortest way between two pools by their second bosses; people as at the start."""
        works = self.layout.pool_second
        found = []
        for v in range(len(self.layout.second_units)):
            for other in range(len(self.layout.second_units)):
                if not (works[here.index, v] and works[there.index, other]):
                    continue
                if v != other:
                    found.append(float(self.layout.second_distance[v, other]))
                    continue
                people = sum(self.start_heads[p] / works[p].sum()
                             for p in range(len(self.pools)) if works[p, v])
                found.append(1.0 if people <= self.s.staff.span else 2.0)
        return min(found)

    def transfer(self, person: Person, case: Case, visit: Visit, origin: Pool,
                 *, astray: bool = False) -> None:
        """A hand-off: delay, read-in, loss of information, familiarity (M3, R44)."""
        rules = self.s.handoffs
        d, there = self.nearest(person, visit.pool)
        here = (person.pool.unit.index, person.team)
        pair = (min(here, there), max(here, there))
        value, since = self.familiarity.get(pair, (0.0, self.now))
        value *= math.exp(-(self.now - since) / rules.familiarity_decay_h)
        effective = d * (1 - rules.familiarity_effect * value)
        pairs_of_people = self.team_size(here) * self.team_size(there)
        value += (1 - value) / (rules.familiarity_handoffs * pairs_of_people)
        self.familiarity[pair] = (value, self.now)
        visit.read_in = rules.read_in_h * effective
        loss = (rules.information_loss * (1 - 0.5 * rules.sharing)
                * (1 - 0.3 * rules.understanding))
        case.information *= (1 - loss) ** effective
        if self.now > self.warm_up:
            self.distances[math.ceil(d)] += 1
        across = origin.unit is not visit.pool.unit
        if self.s.rewards.enabled and self.s.rewards.local_priority:
            case.rank = math.floor(case.rank) + 0.5 * across
        if across:
            case.handoffs += 1
            if self.s.sensing.enabled:
                again = case.reopened or case.finder is not None
                self.firm.meet(case, visit, origin.unit.index, visit.pool.unit.index,
                               self.loop(case) if again else 0)
            self.by_unit[visit.pool.unit.index]["handoffs_in"] += 1
        else:
            case.passes += 1
        first_f, first_j = min(visit.tasks)
        loop = self.loop(case) if case.reopened or case.finder is not None else 0
        u = luck.uniform(case.key, rng.LATENCY,
                         luck.task_count(first_f, case.products[first_j], loop))
        mean = rules.latency_h * rules.latency_growth ** (effective - 1)
        if self.s.rewards.enabled:
            mean *= 1.3 - 0.6 * self.s.rewards.shared
        if across:
            mean *= self.staff.border(person)
        case.since = self.now
        delay = mean * luck.exponential(u)
        case.since = self.now
        if across:
            self.totals["received"] += 1
            self.totals["service"] += (
                case.information + 2 ** (-delay / rules.internal_tolerance_h)) / 2
            if self.now > self.warm_up:
                got = self.service[origin.unit.index, visit.pool.unit.index]
                got[0] += 1
                got[1] += case.information
                got[2] += delay
        lands = self.market.waits(case, visit, self.now + delay)
        if astray and self.upheaval:
            self.totals["astray"] += 1
            lands += self.upheaval.detour(case, visit)
        self.at(lands, Kind.LANDING, (case, visit))

    def loop(self, case: Case) -> int:
        """Number in the keys of redone work: it draws anew, first-time work never shifts."""
        return 4 * case.reopenings + case.send_backs

    def lands(self, case: Case, visit: Visit | None) -> None:
        """A case reaches its next queue; a reopened one is taken in again."""
        if case.closed:  # hung up while being put through
            return
        if visit is None:
            self.take_in(case)
            return
        if case.first_close is None:
            if case.rework_since is None:
                case.hours["transfer"] += self.now - case.since
            elif visit is case.finder:
                case.hours["rework"] += self.now - case.rework_since
        if visit is case.finder:
            case.rework_since = None
            case.finder = None
        self.join(case, visit)

    # ---------------------------------------------------------------- queues and who serves

    @property
    def single(self) -> bool:
        """One queue served by anybody."""
        return self.s.cover.pooling == "single"

    @property
    def one_queue(self) -> list[tuple[Case, Visit]]:
        """The queue of a firm with a single one."""
        return self.pools[0].queue

    def queue_of(self, pool: Pool) -> list[tuple[Case, Visit]]:
        """Where visits of a pool wait."""
        return self.one_queue if self.single else pool.queue

    def knows(self, person: Person) -> list[float]:
        """Knowledge now: forgetting runs all the time."""
        if not self.s.knowledge.learning:
            return person.knowledge
        left = math.exp(-(self.now - person.known_at) / self.s.knowledge.forget_h)
        return [k * left for k in person.knowledge]

    def task_slowness(self, knowledge: list[float], f: int, p: int, segment: int) -> float:
        """m_e of one task (M4)."""
        rules = self.s.knowledge
        n = len(self.functions)
        return (1 + rules.function_effect * (1 - knowledge[f])
                + rules.product_effect * (1 - knowledge[n + p])
                + rules.segment_effect * (1 - knowledge[n + self.n_products + segment]))

    def scope(self, case: Case, visit: Visit, task: Task) -> float:
        """b: later products of a function in the same visit take less (R14, R39)."""
        if visit.kind == "first":
            later = task[1] > 0 and (task[0], 0) in visit.tasks
        else:
            later = task in case.discounted
        return self.s.work.second_product_factor if later else 1.0

    def proficiency(self, person: Person, case: Case, visit: Visit) -> float:
        """1/m_e of a concrete visit, work-weighted over its tasks, without luck (R5, R42)."""
        knowledge = self.knows(person)
        weight = slow = 0.0
        for f, j in visit.tasks:
            w = self.asked.work_h[case.kind, f] * self.scope(case, visit, (f, j))
            weight += w
            slow += w * self.task_slowness(knowledge, f, case.products[j], case.customer.segment)
        return weight / slow

    def may_cover(self, person: Person, case: Case, visit: Visit) -> bool:
        """May somebody of the unit take a visit of another pool (R2, R5)?"""
        pool = visit.pool
        if pool.deserted and not pool.licensed:
            return True
        return self.proficiency(person, case, visit) > pool.cover

    def join(self, case: Case, visit: Visit) -> None:
        """A visit reaches its queue: somebody idle takes it, or it waits (R6)."""
        pool = visit.pool
        visit.joined = self.now
        case.since = self.now
        self.by_pool[pool.index]["joins"] += 1
        self.by_unit[pool.unit.index]["joins"] += 1
        pool.log.append((self.now, "join", 0.0))
        crew = self.people if self.single else pool.people
        idle = sorted((p for p in crew if p.idle), key=lambda p: (p.idle_since, p.slot))
        if not idle:
            others = [p for p in pool.unit.people if p.idle and p.pool is not pool]
            able = [p for p in others if self.may_cover(p, case, visit)]
            idle = sorted(able, key=lambda p: (-self.proficiency(p, case, visit),
                                               p.idle_since, p.slot))
        if idle:
            person = idle[0]
            if self.sends_back(person, case, visit):
                return
            self.begin(person, case, visit)
        else:
            visit.toss = self.toss(case, visit)
            self.queue_of(pool).append((case, visit))

    def toss(self, case: Case, visit: Visit) -> int:
        """Where a pool works for several second bosses, luck says whose visit goes first."""
        works = self.layout.pool_second
        if works is None or not self.s.matrix.clash or works[visit.pool.index].sum() < 2:
            return 0
        f, j = min(visit.tasks)
        loop = 0 if visit.kind == "first" else self.loop(case)
        u = luck.uniform(case.key, rng.CLASH, luck.task_count(f, case.products[j], loop))
        return 0 if u < 0.5 else 1

    def best_waiting(self, person: Person) -> tuple[Case, Visit] | None:
        """What a free person takes: the own queue, then the unit's heads of classes (R6)."""
        own = self.queue_of(person.pool)
        if own:
            return min(own, key=self.place_in_line)
        heads = []
        for pool in person.pool.unit.pools:
            if pool is person.pool or self.single:
                continue
            for line in sorted({self.place_in_line(item)[:2] for item in pool.queue}):
                waiting = [item for item in pool.queue if self.place_in_line(item)[:2] == line]
                head = min(waiting, key=self.place_in_line)
                if self.may_cover(person, *head):
                    heads.append(head)
        return min(heads, key=self.place_in_line, default=None)

    @staticmethod
    def place_in_line(item: tuple[Case, Visit]) -> tuple[int, int, float]:
        """Class, then the toss, then the time of joining this queue."""
        case, visit = item
        return case.rank, visit.toss, visit.joined

    def seek(self, person: Person) -> None:
        """An idle person takes the next visit there is."""
        while item := self.best_waiting(person):
            case, visit = item
            self.queue_of(visit.pool).remove(item)
            if not self.sends_back(person, case, visit):
                self.begin(person, case, visit)
                return

    # ---------------------------------------------------------------- errors found inside

    def sends_back(self, person: Person, case: Case, visit: Visit) -> bool:
        """Does the person about to start find an error of the visit just before (R8, R39)?"""
        last = case.before
        if last is None or not visit.checks:
            return False
        visit.checks = False
        if last.person is person or case.send_backs >= self.s.mistakes.max_send_backs:
            return False
        found = set()
        for f, j in sorted(last.errors - last.hidden):
            u = luck.uniform(case.key, rng.FOUND_INSIDE,
                             luck.task_count(f, case.products[j], last.loop))
            if u < self.s.mistakes.found_inside:
                found.add((f, j))
        if not found:
            return False
        if case.first_close is None:
            case.hours["queue"] += self.now - case.since
        case.waited += self.now - case.since
        case.send_backs += 1
        case.errors -= found
        self.totals["caught"] += len(found)
        case.rework_since = self.now
        case.finder = visit
        redo = Visit(last.pool, sorted(found), "sent back")
        self.transfer(person, case, redo, visit.pool)
        return True

    # ---------------------------------------------------------------- visits

    def begin(self, person: Person, case: Case, visit: Visit) -> None:
        """Start of a visit: how long it takes and which errors it makes (M4, M7, R48)."""
        s = self.s
        wait = self.now - visit.joined
        case.waited += wait
        self.by_pool[visit.pool.index]["wait"] += wait
        self.by_unit[visit.pool.unit.index]["wait"] += wait
        if not case.served:
            case.served = True
            case.first_wait = self.now - case.opened
        if case.first_close is None and case.rework_since is None:
            case.hours["queue"] += wait
        if person.pool is not visit.pool:
            self.totals["cover_visits"] += 1
        case.since = self.now
        pace, slips, added = self.staff.before(person, case, visit)
        person.visit_began = self.now
        knowledge = self.knows(person)
        effects = (s.knowledge.function_effect, s.knowledge.product_effect,
                   s.knowledge.segment_effect)
        visit.setup = visit.read_in + s.handoffs.read_in_h * (len({f for f, _ in visit.tasks}) - 1)
        visit.setup *= pace
        visit.person = person
        visit.loop = 0 if visit.kind == "first" else self.loop(case)
        journey = self.journey(person, case, visit)
        self.totals["travel"] += journey
        visit.setup += journey
        for task in visit.tasks:
            f, j = task
            p = case.products[j]
            slow = self.task_slowness(knowledge, f, p, case.customer.segment)
            count = luck.task_count(f, p, 0)
            hours = (self.asked.work_h[case.kind, f]
                     * self.effort(f, luck.uniform(case.key, rng.EFFORT, count), case)
                     * slow * self.scope(case, visit, task))
            if visit.kind != "first":
                hours *= s.mistakes.rework_share
            hours *= pace
            visit.practice[task] = hours
            if s.mistakes.enabled:
                n = len(self.functions)
                known = (knowledge[f], knowledge[n + p],
                         knowledge[n + self.n_products + case.customer.segment])
                kbar = (sum(a * k for a, k in zip(effects, known, strict=True)) / sum(effects)
                        if sum(effects) > 0 else 1.0)
                chance = (s.mistakes.base + s.mistakes.knowledge * (1 - kbar)
                          + s.mistakes.information * (1 - case.information))
                chance = min(max(chance, 0.0), 0.9)
                u = luck.uniform(case.key, rng.ERROR, luck.task_count(f, p, visit.loop))
                chance = min(chance * slips + added, 0.9)
                if visit.kind != "first" and case.blame.get(task) == 3:
                    visit.spoiled.add(task)
                if s.rewards.enabled and (
                        chance - s.rewards.internal_kpi * s.rewards.kpi_errors <= u < chance):
                    visit.hidden.add(task)
                if u < self.firm.chance(visit.pool.unit.index, (f, p), chance):
                    visit.errors.add(task)
                    case.blame[task] = self.firm.cause(u, chance, kbar, case.information)
        visit.touch = ((visit.setup + sum(visit.practice.values())) / (1 - self.meetings)
                       / (1 - self.change.away))
        visit.touch /= self.market.speed()
        manner = (self.staff.courtesy(person) if self.staff.manners else s.satisfaction.courtesy)
        self.relations.meets(case, knowledge, wait, manner)
        if self.upheaval:
            visit.touch *= self.upheaval.slower(self.now)
        person.case, person.visit = case, visit
        person.idle_since = None
        person.counted_to = self.now
        self.at(self.now + visit.touch, Kind.VISIT_END, person)

    @property
    def meetings(self) -> float:
        """Share of the week that people spend with second bosses (M26)."""
        return self.s.matrix.coordination_h / 40 if self.layout.second_units else 0.0

    def journey(self, person: Person, case: Case, visit: Visit) -> float:
        """Travel to the customer, if a task of the visit needs somebody there (M28)."""
        there = [(f, j) for f, j in visit.tasks if self.functions[f].presence]
        if not there or not self.s.travel.enabled:
            return 0.0
        works_in = [r for r in range(len(self.s.regions))
                    if (self.layout.pool_of[..., r] == person.pool.index).any()]
        home = int(self.homes[person.slot])
        start = home if home in works_in else works_in[0]
        near = start == case.customer.region
        mean = self.s.travel.inside_h if near else self.s.travel.across_h
        f, j = min(there)
        u = luck.uniform(case.key, rng.TRAVEL, luck.task_count(f, case.products[j], visit.loop))
        return mean * luck.exponential(u)

    def effort(self, f: int, u: float, case: Case) -> float:
        """X of a step."""
        work = self.s.work
        if work.distribution == "deterministic":
            return 1.0
        if work.distribution == "exponential":
            return luck.exponential(u)
        own = self.functions[f].spread
        spread = (work.spread if own is None else own) * self.staff.spread_factor(case)
        return luck.lognormal(u, spread) if spread > 0 else 1.0

    def count_busy(self, person: Person) -> None:
        """Book busy hours up to now."""
        hours = self.now - person.counted_to
        person.counted_to = self.now
        self.totals["busy"] += hours
        self.by_unit[person.pool.unit.index]["busy"] += hours

    def visit_ends(self, person: Person) -> None:
        """The person learns, the case goes on, the person takes the next visit."""
        case, visit = person.case, person.visit
        assert case is not None and visit is not None
        pool = visit.pool
        self.count_busy(person)
        self.practise(person, case, visit)
        redone = visit.kind != "first"
        self.totals["all_visits"] += 1
        self.totals["setup"] += visit.setup
        met = visit.touch * self.meetings
        self.totals["coordination"] += met
        if redone:
            self.totals["redo"] += visit.touch - met - visit.setup
        self.totals["errors"] += len(visit.errors)
        self.by_unit[pool.unit.index]["errors"] += len(visit.errors)
        if self.s.faults.enabled:
            self.firm.count(case, visit)
        self.by_unit[pool.unit.index]["visits"] += 1
        self.by_pool[pool.index]["visits"] += 1
        self.by_pool[pool.index]["touch"] += visit.touch
        pool.log.append((self.now, "end", visit.touch))
        case.visits += 1
        case.last_served_by = person
        self.staff.after(person, case, visit)
        if case.first_close is None and case.rework_since is None:
            case.hours["touch"] += visit.touch
        case.errors |= visit.errors
        if not redone:
            case.discounted |= {t for t in visit.tasks if self.scope(case, visit, t) != 1.0
                                or (t[1] > 0 and (t[0], 0) in visit.tasks)}
        if visit.kind != "sent back":
            case.todo -= set(visit.tasks)
        self.signal(person, case, visit)
        if self.s.sensing.enabled:
            self.firm.hears(person, case, visit, self.knows(person))
        self.notice(case, visit)
        case.before = visit
        person.case = person.visit = None
        person.idle_since = self.now
        if not self.asks_for_approval(person, case, visit):
            self.goes_on(person, case, visit)
        if person.leaving:
            self.leaves(person)
            return
        if person.moving_to is not None:
            self.moves(person, person.moving_to)
        self.seek(person)

    def asks_for_approval(self, person: Person, case: Case, visit: Visit) -> bool:
        """With 0.2 (1 - a) the case waits for bosses, Exp(4 h x distance) each (M19)."""
        free = self.s.empowerment
        f, j = min(visit.tasks)
        count = luck.task_count(f, case.products[j], visit.loop)
        chance = free.approval_rate * (1 - free.level)
        if (not free.enabled or free.approvals == 0
                or luck.uniform(case.key, rng.APPROVAL, count) >= chance):
            return False
        hours = 0.0
        for n in range(free.approvals):
            distance = (1 if person.team == 0 else 2) + n
            u = luck.uniform(case.key, rng.APPROVAL_TIME, n * 4096 + count)
            hours += free.approval_h * distance * luck.exponential(u)
        self.totals["approvals"] += 1
        self.totals["approval_h"] += hours
        case.since = self.now
        self.at(self.now + hours, Kind.APPROVED, (person, case, visit))
        return True

    def approved(self, person: Person, case: Case, visit: Visit) -> None:
        """The case goes on; the time counts as between people."""
        if case.first_close is None and case.rework_since is None:
            case.hours["transfer"] += self.now - case.since
        self.goes_on(person, case, visit)

    def practise(self, person: Person, case: Case, visit: Visit) -> None:
        """Forgetting up to now, then practice in hours on each element (M6, R42)."""
        rules = self.s.knowledge
        if not rules.learning:
            return
        knowledge = self.knows(person)
        n = len(self.functions)
        on: dict[int, float] = defaultdict(float)
        for (f, j), hours in visit.practice.items():
            on[f] += hours
            on[n + case.products[j]] += hours
            on[n + self.n_products + case.customer.segment] += hours
        for element, hours in on.items():
            knowledge[element] = 1 - (1 - knowledge[element]) * math.exp(-hours / rules.learn_h)
        person.knowledge = knowledge
        person.known_at = self.now

    def notice(self, case: Case, visit: Visit) -> None:
        """A visit in a wrong unit may reveal whose customer this is (R10, R49)."""
        true = case.customer.segment
        if visit.pool.unit.meant_for >> true & 1:
            return
        self.totals["misrouted"] += 1
        if case.route != true:
            f, j = min(visit.tasks)
            u = luck.uniform(case.key, rng.NOTICE,
                             luck.task_count(f, case.products[j], visit.loop))
            if u < self.s.labels.notice:
                case.route = true

    def goes_on(self, person: Person, case: Case, visit: Visit) -> None:
        """Back to the finder, to the next visit, back to work for the customer, or closed."""
        if case.finder is not None:
            case.finder.checks = True
            self.transfer(person, case, case.finder, visit.pool)
            return
        if not case.todo and self.relations.misses(case, visit):
            case.todo = set(visit.tasks)
            case.errors -= set(visit.tasks)
            visit.errors = set()
        if case.todo:
            following = self.next_visit(case, visit.pool.unit)
            following.checks = True
            astray = self.upheaval is not None and self.upheaval.astray(case, following)
            self.transfer(person, case, following, visit.pool, astray=astray)
            return
        found = set()
        for f, j in sorted(case.errors):
            u = luck.uniform(case.key, rng.FOUND_BY_CUSTOMER,
                             luck.task_count(f, case.products[j], case.reopenings))
            if u < self.s.mistakes.found_by_customer:
                found.add((f, j))
        case.errors = set()
        if found and not case.errand and case.reopenings < self.s.mistakes.max_reopenings:
            if case.first_close is None:
                case.first_close = self.now
            case.reopenings += 1
            case.reopened = True
            case.todo = found
            self.at(self.now + self.s.mistakes.reopen_delay_h, Kind.LANDING, (case, None))
            return
        self.close(case, abandoned=False, resolved=not found)

    # ---------------------------------------------------------------- satisfaction

    def close(self, case: Case, *, abandoned: bool, resolved: bool) -> None:
        """The last close: what the customer thinks, does and says (M11, M12, M14, R13, R15)."""
        s = self.s
        customer = case.customer
        case.closed = True
        if case.errand:
            self.relations.settle(case, resolved)
            return
        self.open_cases -= 1
        where = (self.totals, self.by_segment[customer.segment])
        response = self.now - case.opened
        if case.first_close is not None:
            case.hours["rework"] += self.now - case.first_close
        if not s.satisfaction.waiting:
            response -= case.waited
            case.hours["rework"] -= case.waited - case.hours["queue"]
            case.hours["queue"] = 0.0
            case.first_wait = 0.0
        kind = self.types[case.kind]
        tolerance = ((kind.tolerance_h or CHANNEL_TOLERANCE_H[kind.channel])
                     * self.segments[customer.segment].patience)
        fits = [] if abandoned else [self.fit(case, j) for j in range(len(case.products))]
        if not abandoned:
            self.relations.shows(case, sum(fits) / len(fits))
        attributes = (
            sum(fits) / len(fits) if fits else 0.0,
            0.0 if customer.excluded else 2 ** (-response / tolerance),
            s.satisfaction.reopening_factor**case.reopenings if resolved else 0.0,
            self.staff.manner(case),
        )
        quality = sum(w * a for w, a in zip(customer.weights, attributes, strict=True))
        quality, expected, loss = self.relations.regards(case, quality, abandoned, response,
                                                         tolerance)
        gap = quality - expected
        score = quality + (s.satisfaction.gain if gap > 0 else loss) * gap
        score = min(max(score, 0.0), 1.0)
        self.staff.verdict(case, score)
        if customer.excluded:
            self.totals["refused"] += 1
            self.totals["refused_satisfaction"] += score
        for sums in where:
            sums["satisfaction"] += score
            sums["quality"] += quality
            if abandoned:
                sums["abandoned"] += 1
            else:
                sums["closed"] += 1
                sums["response"] += response
                sums["fit"] += sum(fits)
                sums["fits"] += len(fits)
                sums["first_contact"] += case.reopenings == 0 and resolved
                sums["adapted"] += s.empowerment.enabled and bool(case.offered_by)
        totals = self.totals
        totals["phone"] += kind.channel == "phone"
        totals["first_wait"] += case.first_wait
        if not abandoned:
            totals["within"] += response <= tolerance
            if self.market.in_surge(case):
                totals["surge_closed"] += 1
                totals["surge_response"] += response
            totals["unresolved"] += not resolved
            totals["reopenings"] += case.reopenings
            totals["visits"] += case.visits
            totals["handoffs"] += case.handoffs
            totals["passes"] += case.passes
            totals["owned"] += sum(u == case.units[0] for u in case.units)
            for part in ("touch", "queue", "transfer", "rework"):
                totals[part] += case.hours[part]
            if self.now > self.warm_up:
                self.responses.append(response)
        if self.now > self.warm_up:
            customer.cases += 1
            customer.satisfaction_sum += score
        before = customer.loyalty
        if customer.active:
            step = max(s.market.loyalty_step, 1 / (2 + customer.experiences))
            customer.loyalty += step * (score - customer.loyalty)
            customer.experiences += 1
            customer.expectation += s.satisfaction.expectation_speed * (
                quality - customer.expectation)
            customer.expectation = min(max(customer.expectation, 0.0), 1.0)
            if self.inflow:  # nobody listens where nobody can join
                self.talk(case, score)
        self.relations.close(case, score, abandoned, resolved, customer.loyalty - before)

    def fit(self, case: Case, j: int) -> float:
        """How well the offering meets the need, at the close of the case (M9, R50)."""
        holder = self.s.offering_function
        unit = case.offered_by.get(j)
        if unit is None:
            unit = self.task_pool(case, (holder, j)).unit.index
        return self.change.fit(case.customer, unit, case.products[j], self.gap_left(case, j))

    def gap_left(self, case: Case, j: int) -> float:
        """Share of the gap between need and offering that empowered staff leave open (M19)."""
        free = self.s.empowerment
        return 1 - free.adaptation * free.level if free.enabled and j in case.offered_by else 1.0

    def talk(self, case: Case, score: float) -> None:
        """Messages, and whom they win or keep away (M14, R21)."""
        market = self.s.market
        if score >= market.delighted:
            chance, hearers, good = market.tell_delighted, 1, True
        elif score < market.angry:
            chance, hearers, good = market.tell_angry, market.angry_audience, False
        else:
            chance, hearers, good = market.tell_neutral, 1, True
        if luck.uniform(case.key, rng.MESSAGE, 0) >= chance:
            return
        for k in range(hearers):
            u = luck.uniform(case.key, rng.MESSAGE, k + 1)
            if good:
                self.totals["praise"] += 1
                if (u < market.convert * self.relations.attraction() and self.inflow
                        and self.now > self.warm_up and self.anyone_left()):
                    row = self.mouth_row
                    self.mouth_row += 1
                    self.becomes_customer(self.customers[row])
                    self.relations.won(self.customers[row], "mouth")
            else:
                self.totals["warnings"] += 1
                if u < market.block and self.blocked() < self.prospects:
                    self.blocked_until.append(self.now + market.block_months * HOURS_PER_MONTH)

    @property
    def prospects(self) -> int:
        """Prospects in the market."""
        return self.s.market.prospects or self.s.customers.count

    def anyone_left(self) -> bool:
        """Whether a prospect is left who is not a customer: the market is finite."""
        active = sum(c.active for c in self.customers)
        return active < self.s.customers.count + self.prospects

    def blocked(self) -> int:
        """Prospects under a warning now."""
        return sum(until > self.now for until in self.blocked_until)

    def base_joiner(self, row: int) -> None:
        """The next prospect of the base stream, if no warning keeps it away (R21)."""
        customer = self.customers[row]
        chance = (1 - self.blocked() / self.prospects) * (
            self.market.chosen(customer) * self.relations.prospect())
        chance *= self.growth.reach()
        kept = luck.uniform(customer.key, rng.KEEP, 0) < chance
        if kept and self.anyone_left():
            self.becomes_customer(customer)
            self.relations.won(customer, "base")

    def becomes_customer(self, customer: Customer) -> None:
        """A joiner: E(0), starting loyalty, no history."""
        customer.active = True
        customer.expectation = self.relations.first_expectation(self.segments[customer.segment])
        customer.loyalty = self.s.market.loyalty_start
        self.relations.welcome(customer)
        self.totals["joined"] += 1
        self.by_segment[customer.segment]["joined"] += 1
        self.book_next_case(customer)

    # ---------------------------------------------------------------- what the firm learns

    def signal(self, person: Person, case: Case, visit: Visit) -> None:
        """Needs seen by the offering's holder, and how far each visit's news travels (R20, R50)."""
        holder = self.s.offering_function
        for j, p in enumerate(case.products):
            task = (holder, j)
            if task in visit.tasks and visit.kind == "first":
                case.offered_by[j] = visit.pool.unit.index
                self.change.seen(case.customer, visit.pool.unit.index, p)
        for j in range(len(case.products)):
            pool = (self.task_pool(case, (holder, j)) if j not in case.offered_by
                    else self.offering_pool(case, j))
            d = 0 if pool is person.pool else self.nearest(person, pool)[0]
            x = self.s.offering.direct_contact
            self.change.signals[pool.unit.index].append(
                x + (1 - x) * self.s.offering.signal_survival**d)

    def offering_pool(self, case: Case, j: int) -> Pool:
        """The pool that did the offering function for one of the products."""
        unit = self.units[case.offered_by[j]]
        return next(p for p in unit.pools if self.s.offering_function in p.functions)

    # ---------------------------------------------------------------- months

    def month_end(self) -> None:
        """Offerings, expectation, churn, quits."""
        self.month += 1
        self.at((self.month + 1) * HOURS_PER_MONTH, Kind.MONTH)
        if self.s.sensing.enabled:
            self.firm.take_word()
        self.change.month_end()
        self.relations.month(self.month)
        self.review_customers()
        self.review_staff()
        self.growth.month_end()
        if self.s.sensing.enabled:
            self.firm.broadcast()
        if self.s.faults.enabled:
            self.firm.arise()

    def review_customers(self) -> None:
        """Customer-months, expectation drifting back, leaving (M11, M12, R22)."""
        s = self.s
        here = [c for c in self.customers if c.active]
        self.market.month_end()
        if here:
            self.mean_loyalty = sum(c.loyalty for c in here) / len(here)
            self.totals["loyalty"] += self.mean_loyalty
            self.totals["months"] += 1
        self.totals["customer_months"] += len(here)
        for customer in here:
            segment = self.segments[customer.segment]
            sums = self.by_segment[customer.segment]
            sums["customer_months"] += 1
            sums["loyalty"] += customer.loyalty
            customer.expectation += s.satisfaction.expectation_drift * (
                self.relations.first_expectation(segment) - customer.expectation)
            difference = self.market.weighs(customer)
            if self.now <= self.warm_up:
                continue
            cap = s.market.churn_max if segment.churn_max is None else segment.churn_max
            cost = (s.market.switching_cost if segment.switching_cost is None
                    else segment.switching_cost)
            x = s.market.steepness * (difference + cost)
            if luck.uniform(customer.key, rng.CHURN, self.month) < cap / (1 + math.exp(x)):
                customer.active = False
                customer.left = True
                self.totals["left"] += 1
                sums["left"] += 1
                self.relations.leaves(customer)

    def review_staff(self) -> None:
        """Who quits this month (M16, R2)."""
        self.staff.month()
        for person in self.people:
            chance = 1 - math.exp(-self.staff.quit_hazard(person) / 12)
            if (person.present and not person.leaving
                    and luck.uniform(person.key, rng.QUIT, self.month) < chance):
                if person.idle:
                    self.leaves(person)
                else:
                    person.leaving = True

    def leaves(self, person: Person) -> None:
        """The post is empty until it is filled again."""
        staff = self.s.staff
        person.moving_to = None  # who leaves moves nowhere
        person.present = False
        person.leaving = False
        person.idle_since = None
        self.totals["quits"] += 1
        elements = min(int(self.layout.pool_elements[person.pool.index]), 3)
        vacancy = staff.vacancy_h * (1 + staff.vacancy_narrowness * elements / 3)
        self.at(self.now + vacancy, Kind.HIRE, person)
        self.look_around(person.pool)

    def is_hired(self, person: Person) -> None:
        """Somebody new takes the same post, or has been trained for it."""
        if person.in_training:
            person.in_training = False
            self.staff.trained(person)
            person.idle_since = self.now
            if person.leaving:
                self.leaves(person)
                return
            if person.moving_to is not None:
                self.moves(person, person.moving_to)
            self.seek(person)
            return
        rules = self.s.knowledge
        person.present = True
        person.knowledge = [rules.at_hire if rules.learning else 1.0] * len(person.knowledge)
        person.known_at = self.now
        person.idle_since = self.now
        self.totals["hires"] += 1
        if self.staff.hired(person):
            person.in_training = True
            person.idle_since = None
            self.at(self.now + self.s.onboarding.induction_h, Kind.HIRE, person)
            return
        self.seek(person)

    def look_around(self, pool: Pool) -> None:
        """If a pool has nobody left, idle colleagues of its unit look at its queue (R2)."""
        if pool.deserted:
            for person in self.people:
                if person.idle and person.pool.unit is pool.unit:
                    self.look(person)

    def look(self, person: Person) -> None:
        """Look for work after all else of this instant."""
        self.at(self.now, Kind.LOOK, person)

    # ---------------------------------------------------------------- weeks

    def measured_work(self, pool: Pool, since: float) -> float:
        """Offered work: visits that joined x hours per visit that ended (R4)."""
        joins = sum(1 for t, what, _ in pool.log if t > since and what == "join")
        touches = [h for t, what, h in pool.log if t > since and what == "end"]
        return joins * (sum(touches) / len(touches) if len(touches) >= LEAST_VISITS
                        else self.expected_touch(pool))

    def expected_touch(self, pool: Pool) -> float:
        """Nominal work per visit x slowness of the pool's start (R41)."""
        visits = float(self.workload.pool_visits[pool.index])
        if visits == 0:
            return 0.0
        return (float(self.workload.pool_work_h[pool.index]) / visits
                * self.mix_slowness(pool, self.start_of(pool)))

    def start_of(self, pool: Pool) -> list[float]:
        """Knowledge of the pool's people at the start."""
        return [float(k) for k in starts.knowledge(self.s, self.workload)[pool.index]]

    def mix_slowness(self, pool: Pool, knowledge: list[float]) -> float:
        """m_e on a pool's nominal task mix."""
        rules = self.s.knowledge
        parts = ((rules.function_effect, self.workload.function_share),
                 (rules.product_effect, self.workload.product_share),
                 (rules.segment_effect, self.workload.segment_share))
        slow, at = 1.0, 0
        for effect, share in parts:
            for x in share[pool.index].tolist():
                slow += effect * x * (1 - knowledge[at])
                at += 1
        return slow

    def week_end(self) -> None:
        """Empty pools first, then the largest surplus to the largest deficit (R2, R4, R41)."""
        self.week += 1
        self.staff.week()
        self.at((self.week + 1) * HOURS_PER_WEEK, Kind.WEEK)
        if not self.rebalances:
            return
        posts = [sum(1 for p in self.people if (p.moving_to or p.pool) is pool)
                 for pool in self.pools]
        for pool in self.pools:
            if pool.deserted and not any(p.moving_to is pool for p in self.people):
                self.fill(pool, posts)
        staff = self.s.staff
        since = self.now - staff.rebalance_weeks * HOURS_PER_WEEK
        work = [self.measured_work(pool, since) for pool in self.pools]
        wanted = self.shares_of_heads(work, sum(posts))
        for _ in range(max(1, math.floor(staff.rebalance_share * sum(posts)))):
            short = [wanted[i] - n for i, n in enumerate(posts)]
            least = staff.rebalance_threshold
            pairs = [(short[t], -t, -short[g], -g) for t in range(len(posts))
                     for g in range(len(posts))
                     if short[t] >= least and -short[g] >= least and short[t] - short[g] > 1
                     and len(self.staying(self.pools[g])) >= 2
                     and self.may_move(self.pools[g], self.pools[t])]
            if not pairs:
                break
            _, taker, _, giver = max(pairs)
            taker, giver = -taker, -giver
            self.sent(self.staying(self.pools[giver]), self.pools[taker])
            posts[giver] -= 1
            posts[taker] += 1

    def staying(self, pool: Pool) -> list[Person]:
        """People of a pool at work who neither leave nor move; the last one is not sent away."""
        return [p for p in pool.people if p.present and not p.leaving and p.moving_to is None]

    def may_move(self, giver: Pool, taker: Pool) -> bool:
        """Licensed work is done only by people of the same functions."""
        return not taker.licensed or giver.functions == taker.functions

    def fill(self, pool: Pool, posts: list[int]) -> None:
        """A pool with nobody at work gets the best person there is, own unit preferred (R2)."""
        crew = [p for giver in self.pools if self.may_move(giver, pool)
                for p in self.staying(giver) if len(self.staying(giver)) >= 2]
        crew = [p for p in crew if p.pool.unit is pool.unit] or crew
        if crew:
            person = self.sent(crew, pool)
            posts[pool.index] += 1
            posts[person[1].index] -= 1

    def sent(self, crew: list[Person], taker: Pool) -> tuple[Person, Pool]:
        """The best of a crew goes to another pool, at once if idle."""
        best = min(crew, key=lambda p: (self.mix_slowness(taker, self.knows(p)), p.slot))
        giver = best.pool
        if best.idle:
            self.moves(best, taker)
            self.at(self.now, Kind.LOOK, best)
        else:
            best.moving_to = taker
        return best, giver

    def moves(self, person: Person, taker: Pool) -> None:
        """A person and the post go to another pool."""
        giver = person.pool
        giver.people.remove(person)
        taker.people.append(person)
        person.pool = taker
        person.moving_to = None
        self.totals["moves"] += 1
        if giver.unit is not taker.unit:
            self.form_teams(giver.unit)
            self.form_teams(taker.unit)
        self.look_around(giver)

    def shares_of_heads(self, work: list[float], heads: int) -> list[float]:
        """Real-valued heads in proportion to work, at least one each (R41)."""
        wanted = [1.0] * len(work)
        inside = list(range(len(work)))
        while inside:
            left = heads - (len(work) - len(inside))
            total = sum(work[i] for i in inside)
            quota = {i: left * work[i] / total if total > 0 else left / len(inside)
                     for i in inside}
            short = [i for i in inside if quota[i] < 1]
            if not short:
                for i in inside:
                    wanted[i] = quota[i]
                break
            inside = [i for i in inside if i not in short]
        return wanted

    # ---------------------------------------------------------------- sums

    def snapshot(self) -> None:
        """Copy the sums; work under way counts up to now."""
        for person in self.people:
            if person.case is not None:
                self.count_busy(person)
        self.staff.snapshot()
        active = [c for c in self.customers if c.active]
        self.totals["open"] = self.open_cases
        self.totals["active"] = len(active)
        self.totals["mean_loyalty"] = self.mean_loyalty
        self.totals["cash"] = self.growth.cash
        self.totals["market"] = self.s.customers.count + self.prospects
        self.totals["readiness"] = self.change.readiness()
        for s, sums in enumerate(self.by_segment):
            sums["active"] = sum(c.segment == s for c in active)
        for unit in self.units:
            self.by_unit[unit.index]["queue"] = sum(
                visit.pool.unit is unit for pool in self.pools for _, visit in pool.queue)
        self.snapshots.append({
            "totals": dict(self.totals),
            "segments": [dict(x) for x in self.by_segment],
            "units": [dict(x) for x in self.by_unit],
            "pools": [dict(x) for x in self.by_pool],
        })


def play(prepared: Any, replication: int, *, snapshot_times: list[float],
         warm_up_h: float, rebalance: bool = True) -> Twin:
    """Play one run of a prepared structure."""
    return Twin(prepared, replication, warm_up_h=warm_up_h, end_h=snapshot_times[-1],
                snapshot_times=snapshot_times, rebalance=rebalance).run()
