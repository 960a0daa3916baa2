"""The twin's people: morale, courtesy, bringing in (M16), written from the theory.

Owns: these rules in plain Python. Never does: share code with `sim.engine` or `sim.behaviours`.
"""

from __future__ import annotations

import math
from collections import Counter
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

from scipy.special import ndtri

from sim import rng
from sim.scenario.schema import HOURS_PER_MONTH
from tests.reference import twin_draws as luck

if TYPE_CHECKING:
    from tests.reference.twin import Twin
    from tests.reference.twin_things import Case, Person, Visit


def clip(x: float) -> float:
    """Between 0 and 1."""
    return min(max(x, 0.0), 1.0)


class Staff:
    """What the twin knows of its people beyond the core."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.s: Any = twin.s
        self.on = self.s.morale.enabled or self.s.onboarding.enabled
        self.last_news = (0.0, 0.0)
        self.last_filled = 0.0
        for person in twin.people:
            self.starts(person)
            person.brought_in = True

    # ---------------------------------------------------------------- people come

    def starts(self, person: Person) -> None:
        """A holder of a post: an own base, no history."""
        rules = self.s.morale
        own = 0.0
        if rules.enabled and rules.spread > 0:
            u = luck.uniform(person.key, rng.TEMPER, person.holders)
            own = rules.spread * float(ndtri(u))
        person.own_base = rules.base + own
        person.morale = clip(person.own_base)
        person.hired_at = self.twin.now
        person.visits_made = []
        person.verdicts = []
        person.brought_in = False

    def hired(self, person: Person) -> bool:
        """A newcomer; True if an induction comes before the first visit."""
        if not self.on:
            return False
        person.holders += 1
        self.starts(person)
        return bool(self.s.onboarding.enabled and self.s.onboarding.induction_h > 0)

    def trained(self, person: Person) -> None:
        """The end of an induction: h x training x share of the post's mix on each element."""
        if not self.s.knowledge.learning:
            return
        load = self.twin.workload
        i = person.pool.index
        mix = [*load.function_share[i].tolist(), *load.product_share[i].tolist(),
               *load.segment_share[i].tolist()]
        rules = self.s.onboarding
        hours = rules.induction_h * rules.training_effect
        person.knowledge = [
            1 - (1 - k) * math.exp(-hours * x / self.s.knowledge.learn_h)
            for k, x in zip(self.twin.knows(person), mix, strict=True)]
        person.known_at = self.twin.now

    def quick(self, person: Person) -> float:
        """1/m_e on the mix of work of the person's own post."""
        return 1 / self.twin.mix_slowness(person.pool, self.twin.knows(person))

    def week(self) -> None:
        """Who has become proficient?"""
        rules = self.s.onboarding
        if not rules.enabled:
            return
        for person in self.twin.people:
            if person.present and not person.brought_in and not person.in_training:
                usual = 1 / self.twin.mix_slowness(person.pool, self.twin.start_of(person.pool))
                if self.quick(person) >= rules.ready * usual:
                    person.brought_in = True
                    self.twin.totals["brought_in"] += 1
                    self.twin.totals["bring_in"] += self.twin.now - person.hired_at

    # ---------------------------------------------------------------- visits

    def before(self, person: Person, visit: Visit) -> tuple[float, float]:
        """(factor on time, factor on errors)."""
        pace = slips = 1.0
        rules = self.s.onboarding
        visit.supervised = rules.enabled and self.quick(person) < rules.minimum_proficiency
        if visit.supervised:
            pace *= 1 + rules.supervision
            slips *= 1 - rules.checked
        return pace, slips

    def courtesy(self, person: Person) -> float:
        """0.75 + 0.5 (M - 0.6)."""
        rules = self.s.morale
        return clip(self.s.satisfaction.courtesy
                    + rules.courtesy_effect * (person.morale - rules.base))

    def after(self, person: Person, case: Case, visit: Visit) -> None:
        """A visit has ended."""
        now = self.twin.now
        case.units.append(visit.pool.unit.index)
        if not self.on:
            return
        case.courtesies.append(self.courtesy(person))
        person.visits_made.append((now - visit.touch, now, visit, case.first_close is not None,
                                   person.pool is visit.pool, list(case.products)))
        if self.s.onboarding.enabled:
            self.twin.totals["profiled"] += visit.touch
            if visit.supervised:
                self.twin.totals["below_profile"] += visit.touch

    def manner(self, case: Case) -> float:
        """Mean courtesy over the case's visits."""
        if not self.s.morale.enabled:
            return float(self.s.satisfaction.courtesy)
        met = fmean(case.courtesies) if case.courtesies else self.s.satisfaction.courtesy
        self.twin.totals["courtesy"] += met
        self.twin.totals["courtesies"] += 1
        return float(met)

    def verdict(self, case: Case, score: float) -> None:
        """The person of the last visit hears it."""
        if self.on and case.last_served_by is not None:
            case.last_served_by.verdicts.append((self.twin.now, score))

    # ---------------------------------------------------------------- months

    def month(self) -> None:
        """M <- M + (M* - M)/3 for everybody at work."""
        if not self.on:
            return
        s, twin = self.s, self.twin
        rules = s.morale
        ended = twin.totals["closed"] + twin.totals["abandoned"]
        scores, before = twin.totals["satisfaction"], self.last_news
        news = rules.satisfaction_norm
        if ended > before[1]:
            news = (scores - before[0]) / (ended - before[1])
        self.last_news = (scores, ended)
        lift = rules.recognition_effect * (1 - math.exp(-rules.recognition_h / 4)) + self.payout()
        here = [p for p in twin.people if p.present]
        for person in here:
            if rules.enabled:
                person.morale = clip(person.morale + rules.speed * (
                    self.level(person, news) + lift - person.morale))
        if here:
            manners = [self.courtesy(p) for p in here]
            twin.totals["staff_months"] += 1
            if rules.enabled:
                twin.totals["morale"] += fmean(p.morale for p in here)
                twin.totals["manner_spread"] += pstdev(manners)

    def level(self, person: Person, news: float) -> float:
        """M* but for what is the same for all."""
        rules = self.s.morale
        now = self.twin.now
        begin = max(now - HOURS_PER_MONTH, person.hired_at)
        visits = [v for v in person.visits_made if v[1] > begin]
        worked = sum(end - max(start, begin) for start, end, *_ in visits)
        if person.case is not None:
            worked += now - max(person.visit_began, begin)
        use = worked / (now - begin) if now > begin else 0.0
        heard = [score for time, score in person.verdicts if time > begin]
        level = person.own_base
        if heard:
            news = fmean(heard)
            level += rules.pride * fmean(x >= self.s.market.delighted for x in heard)
        level += rules.by_satisfaction * (news - rules.satisfaction_norm)
        free = self.s.empowerment
        tired = 1 + free.exhaustion * free.level if free.enabled else 1  # F86
        level -= tired * rules.by_load * max(use - rules.load_norm, 0)
        if visits:
            level -= rules.by_complaints * fmean(v[3] for v in visits)
        level += rules.by_orientation * (person.orientation - 0.5)
        tasks = Counter((f, v[5][j]) for v in visits for f, j in v[2].tasks)
        if tasks:
            n = sum(tasks.values())
            level += rules.variety * (1 - sum((x / n) ** 2 for x in tasks.values()))
        return level

    def payout(self) -> float:
        """A share of margin x revenue less pay of the line."""
        s, twin = self.s, self.twin
        hours = twin.totals["filled"] - self.last_filled
        self.last_filled = twin.totals["filled"]
        pay = hours * s.money.pay * s.money.loading / s.staff.availability
        if s.morale.profit_share == 0 or pay == 0:
            return 0.0
        revenue = sum(twin.segments[c.segment].value / 12 for c in twin.customers if c.active)
        bonus = s.morale.profit_share * max(s.money.margin * revenue - pay, 0)
        twin.totals["bonus"] += bonus
        return float(s.morale.profit_effect * min(bonus / pay, 1))

    def quit_hazard(self, person: Person) -> float:
        """h0 exp(-2 (M - 0.6)) per year."""
        rules = self.s.morale
        if not rules.enabled:
            return float(self.s.staff.quit_rate)
        return float(self.s.staff.quit_rate
                     * math.exp(-rules.quit_effect * (person.morale - rules.base)))

    def snapshot(self) -> None:
        """Visits of measured time by people of the pool, and by the one with most in each."""
        if not self.on:
            return
        made = {pool.index: [0] for pool in self.twin.pools}
        for person in self.twin.people:
            made[person.pool.index].append(sum(
                own and end > self.twin.warm_up
                for _, end, _, _, own, _ in person.visits_made))
        self.twin.totals["key_visits"] = sum(map(sum, made.values()))
        self.twin.totals["key_most"] = sum(map(max, made.values()))
