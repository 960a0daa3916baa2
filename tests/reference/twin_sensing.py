"""Faults, signals and answers in the twin (M7, M10), from docs/model.md in plain objects.

Owns: which unit has which fault, what it heard of it, which answers it knows, which needs are on
their way. Never does: share code with `sim.engine`, `sim.behaviours` or `sim.management`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from sim import rng
from tests.reference import twin_draws as luck

What = tuple[int, int]
"""(function, product)."""
CAUSES = ("other", "knowledge", "information", "fault")


@dataclass(eq=False)
class Fault:
    """One unit's share of a fault."""

    unit: int
    what: What
    since: float
    share: float
    """1 / number of units that do the task."""
    good: int = 0
    bad: int = 0
    """Signals arrived since the last answer to them."""
    changing: bool = False


class Firm:
    """What the firm as a whole hears, knows and mends."""

    def __init__(self, twin: Any, seed: int, replication: int) -> None:
        self.twin = twin
        self.rules = twin.s.sensing
        self.key = luck.post_key(seed, replication, 3, rng.STREAM_WORLD)
        self.faults: dict[tuple[int, What], Fault] = {}
        self.knows: dict[What, dict[int, str]] = defaultdict(dict)
        self.attempts: Counter[tuple[int, What]] = Counter()
        self.word: dict[tuple[int, int], list[tuple[float, Any]]] = defaultdict(list)
        self.served: dict[tuple[int, int], list[list[float]]] = defaultdict(list)
        self.map: Counter[tuple[int, int, int]] = Counter()

    def draw(self, purpose: int, often: int, unit: int, what: What) -> float:
        """A draw of the world about a unit's task."""
        return luck.uniform(self.key, purpose,
                            often * 2**28 + unit * 2**8 + what[0] * 16 + what[1])

    # ---------------------------------------------------------------- faults, M7

    def doers(self, what: What) -> list[int]:
        """Units to which some label brings the task."""
        t, (f, p) = self.twin, what
        wanted = [s for s in range(len(t.segments))
                  if any(t.asked.needs[y, f] and t.asked.product_weight[y, s, p] > 0
                         for y in range(len(t.types)))]
        return sorted({t.pools[int(pool)].unit.index for s in wanted
                       for pool in t.layout.pool_of[f, p, s]})

    def arise(self) -> None:
        """New faults of the month, in all units that do the task."""
        t = self.twin
        for f in range(len(t.functions)):
            for p in range(t.n_products):
                if self.draw(rng.FAULT, t.month, 0, (f, p)) >= t.s.faults.rate:
                    continue
                doers = self.doers((f, p))
                if any((u, (f, p)) in self.faults for u in doers):
                    continue
                self.knows[f, p] = {}
                for u in doers:
                    self.faults[u, (f, p)] = Fault(u, (f, p), t.now, 1 / len(doers))

    def lasting(self) -> float:
        """Faults now, each by the share of its units that still have it."""
        return sum(fault.share for fault in self.faults.values())

    def chance(self, unit: int, what: What, p: float) -> float:
        """Probability of an error with the faults of the unit."""
        if (unit, what) in self.faults:
            return max(p, min(p + self.twin.s.faults.error_added, 0.9))
        return p

    def cause(self, u: float, p: float, kbar: float, information: float) -> int:
        """Which part of the probability the uniform fell into."""
        m = self.twin.s.mistakes
        if u >= p:
            return 3
        edges = (m.base, m.base + m.knowledge * (1 - kbar),
                 m.base + m.knowledge * (1 - kbar) + m.information * (1 - information))
        return next((i for i, edge in enumerate(edges) if u < edge), 0)

    def count(self, case: Any, visit: Any) -> None:
        """Errors of a visit that has ended, by cause and place."""
        t = self.twin
        for f, j in visit.errors:
            reason = case.blame[f, j]
            if reason > 0:
                t.totals["by_" + CAUSES[reason]] += 1
            if reason == 3:
                t.by_unit[visit.pool.unit.index]["by_fault"] += 1
            if t.now > t.warm_up:
                self.map[f, case.products[j], reason] += 1

    # ---------------------------------------------------------------- signals, M10

    def hears(self, person: Any, case: Any, visit: Any, knowledge: list[float]) -> None:
        """Is a signal of the visit captured, and where does it go?"""
        t, r = self.twin, self.rules
        if not any(r.sensors == "all" or t.functions[f].front for f, _ in visit.tasks):
            return
        known = knowledge[len(t.functions) + t.n_products + case.customer.segment]
        first_f, first_j = min(visit.tasks)
        place = luck.task_count(first_f, case.products[first_j], visit.loop)
        chance = r.capture * (0.5 + person.orientation) * (0.5 + known)
        if self.twin.s.rewards.enabled:
            chance *= 0.7 + 0.6 * self.twin.s.rewards.relationship
        if luck.uniform(case.key, rng.CAPTURE, place) >= min(chance, 1):
            return
        t.totals["heard"] += 1
        holder = t.s.offering_function
        x = t.s.offering.direct_contact
        for j, p in enumerate(case.products):
            pool = (t.offering_pool(case, j) if j in case.offered_by
                    else t.task_pool(case, (holder, j)))
            d = 0 if pool is person.pool else t.nearest(person, pool)[0]
            delay = (1 - x) * d * r.report_h
            rho = t.s.offering.signal_survival
            left = x + (1 - x) * rho**d
            if t.s.offering.mode != "label_centre" and t.s.offering.speed > 0:
                u = luck.uniform(case.key, (rng.HEARD, rng.HEARD_TOO)[j], place)
                if u < left:
                    unit = pool.unit.index
                    self.word[unit, t.change.variant(case.customer, unit, p)].append(
                        (t.now + delay + r.decision_h, t.change.told(case.customer, p)))
            for f in sorted(f for f, which in visit.tasks if which == j):
                fault = self.faults.get((visit.pool.unit.index, (f, p)))
                if fault is None:
                    continue
                here = luck.task_count(f, p, visit.loop)
                if visit.kind == "first":
                    u = luck.uniform(case.key, rng.SUGGESTION, here)
                    if u >= r.suggestions:
                        continue
                    arrives = u < r.suggestions * left
                    bad = False
                elif (f, j) in visit.spoiled:
                    sad = x + (1 - x) * (r.bad_news * rho) ** d
                    arrives = luck.uniform(case.key, rng.BAD_NEWS, here) < sad
                    t.totals["bad_hints"] += 1
                    t.totals["intensity"] += sad
                    bad = True
                else:
                    continue
                t.totals["hints"] += 1
                if arrives:
                    t.at(t.now + delay, t.REPORT, (fault, bad))

    def told(self, fault: Fault, bad: bool) -> None:
        """Word of a fault has come to those who decide."""
        if self.faults.get((fault.unit, fault.what)) is not fault or fault.changing:
            return
        fault.bad += bad
        fault.good += not bad
        n = fault.bad + fault.good
        if n >= self.rules.minimum_signals:
            if self.acts(fault, fault.bad / n):
                self.twin.totals["decided"] += n
            fault.bad = fault.good = 0

    def acts(self, fault: Fault, sad: float) -> bool:
        """Does the unit decide on a change?"""
        r = self.rules
        self.attempts[fault.unit, fault.what] += 1
        u = self.draw(rng.RESPONSE, self.attempts[fault.unit, fault.what], fault.unit, fault.what)
        if u >= r.response * ((1 - sad) + r.bad_news_response * sad):
            return False
        fault.changing = True
        self.twin.at(self.twin.now + r.decision_h, self.twin.CHANGE, fault)
        return True

    def changed(self, fault: Fault) -> None:
        """A unit is rid of its fault and can tell others how."""
        t = self.twin
        if self.faults.get((fault.unit, fault.what)) is not fault:
            return
        del self.faults[fault.unit, fault.what]
        t.totals["faults_mended"] += fault.share
        t.totals["fault_h"] += fault.share * (t.now - fault.since)
        knowing = self.knows[fault.what]
        if "own" not in knowing.values():
            t.at(t.now + self.rules.reach_h, t.REACH, (fault.what, knowing))
        knowing[fault.unit] = "own"

    def measured(self, what: What, knowing: dict[int, str]) -> None:
        """Share of units that know an answer, if it is still the same fault's."""
        if self.knows[what] is knowing:
            self.twin.totals["reach"] += len(knowing) / len(self.twin.units)
            self.twin.totals["reached"] += 1

    # ---------------------------------------------------------------- answers spread

    def learns(self, unit: int, what: What, how: str) -> None:
        """A unit hears of an answer and may use it."""
        self.knows[what][unit] = how
        fault = self.faults.get((unit, what))
        if fault is not None and not fault.changing:
            self.acts(fault, 0.0)

    def broadcast(self) -> None:
        """Once a month: what was only heard of fades; the firm is told again."""
        t, r = self.twin, self.rules
        for what in sorted(self.knows):
            knowing = self.knows[what]
            if "own" not in knowing.values():
                continue
            for unit in range(len(t.units)):
                kept = {"read": r.formal_kept, "told": r.informal_kept}.get(
                    knowing.get(unit, ""), 1.0)
                if kept < 1 and self.draw(rng.STILL_KNOWN, t.month, unit, what) >= kept:
                    del knowing[unit]
                if unit not in knowing and (
                        self.draw(rng.READ, t.month, unit, what) < r.broadcast_read):
                    self.learns(unit, what, "read")

    def meet(self, case: Any, visit: Any, here: int, there: int, loop: int) -> None:
        """Two units talk at a hand-off."""
        news = [(what, there if here in knowing else here)
                for what, knowing in sorted(self.knows.items())
                if (here in knowing) != (there in knowing)]
        if not news:
            return
        f, j = min(visit.tasks)
        u = luck.uniform(case.key, rng.TOLD, luck.task_count(f, case.products[j], loop))
        if u < self.rules.informal:
            for what, unit in news:
                self.learns(unit, what, "told")

    # ---------------------------------------------------------------- offerings

    def meets(self, row: int, unit: int, need: list[float]) -> None:
        """The true need of somebody for whom an offering was made."""
        self.served[unit, row].append(need)

    def take_word(self) -> None:
        """Needs of which word has come are before those who decide; how far off are they?"""
        t = self.twin
        if t.s.offering.mode == "label_centre" or t.s.offering.speed == 0:
            return
        for unit, rows in enumerate(t.change.offering):
            for row, offered in enumerate(rows):
                dims = range(len(offered))
                come = [note for at, note in self.word[unit, row] if at < t.now]
                self.word[unit, row] = [x for x in self.word[unit, row] if x[0] >= t.now]
                total = sum(weight for weight, _, _ in come)
                seen = [sum(weight * need[k] for weight, need, _ in come) / total for k in dims
                        ] if come else offered
                true = self.served.pop((unit, row), [])
                if true:
                    gap = sum((seen[k] - sum(n[k] for n in true) / len(true)) ** 2 for k in dims)
                    t.totals["need_gap"] += gap**0.5 * len(true)
                    t.totals["need_tasks"] += len(true)
                t.change.notes[unit, row] += come
