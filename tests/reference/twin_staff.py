"""The twin's people: morale, orientation, rewards, pressure (M4, M6, M16-M18), from the theory.

Owns: these rules in plain Python. Never does: share code with `sim.engine` or `sim.behaviours`.
"""

from __future__ import annotations

import math
from collections import Counter
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

from scipy.special import ndtri

from sim import rng
from sim.scenario.schema import HOURS_PER_MONTH, HOURS_PER_WEEK
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
        s = self.s
        self.covered = [kind.procedure for kind in s.case_types.values()]
        self.manners = s.morale.enabled or s.orientation.enabled
        self.on = (self.manners or s.onboarding.enabled or s.rewards.enabled
                   or s.pressure.enabled or s.procedures.control > 0 or any(self.covered)
                   or (s.knowledge.peer_transfer > 0 and s.knowledge.learning))
        self.last_news = (0.0, 0.0)
        self.last_filled = 0.0
        for person in twin.people:
            self.starts(person)
            person.brought_in = True
            if s.orientation.enabled:
                own = [twin.functions[f].orientation for f in person.pool.functions]
                person.orientation = fmean(
                    s.orientation.start if x is None else x for x in own)

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
        person.meetings = []
        person.brought_in = False
        person.overwork = 0.0

    def hired(self, person: Person) -> bool:
        """A newcomer; True if an induction comes before the first visit."""
        if not self.on:
            return False
        person.holders += 1
        self.starts(person)
        person.orientation = self.s.orientation.at_hire if self.s.orientation.enabled else 0.5
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
        """Who is tired, who learns from whom, who has become proficient?"""
        if self.s.pressure.enabled:
            for person in self.twin.people:
                self.tires(person)
        if self.on and self.s.knowledge.peer_transfer > 0 and self.s.knowledge.learning:
            self.teach()
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

    def tires(self, person: Person) -> None:
        """Om: moving average over 160 h of (utilisation - 0.85)+, week by week."""
        rules = self.s.pressure
        begin = max(self.twin.now - HOURS_PER_WEEK, person.hired_at)
        length = self.twin.now - begin
        use = self.hours(person, begin) / length if length > 0 else 0.0
        keep = math.exp(-HOURS_PER_WEEK / rules.fatigue_h)
        person.overwork = (keep * person.overwork
                           + (1 - keep) * max(use - rules.fatigue_from, 0))

    def hours(self, person: Person, begin: float) -> float:
        """Hours in visits since a time."""
        worked = sum(end - max(start, begin) for start, end, *_ in person.visits_made
                     if end > begin)
        if person.case is not None:
            worked += self.twin.now - max(person.visit_began, begin)
        return worked

    def teams(self) -> dict[tuple[int, int], list[Person]]:
        """People at work by team."""
        found: dict[tuple[int, int], list[Person]] = {}
        for person in self.twin.people:
            if person.present:
                found.setdefault((person.pool.unit.index, person.team), []).append(person)
        return found

    def teach(self) -> None:
        """0.005 of the gap to the team's best in a week, in every element."""
        rate = self.s.knowledge.peer_transfer
        for team in self.teams().values():
            known = {p: self.twin.knows(p) for p in team}
            best = [max(column) for column in zip(*known.values(), strict=True)]
            for person in team:
                person.knowledge = [k + rate * (b - k)
                                    for k, b in zip(known[person], best, strict=True)]
                person.known_at = self.twin.now

    # ---------------------------------------------------------------- visits

    def before(self, person: Person, case: Case, visit: Visit) -> tuple[float, float, float]:
        """(factor on time, factor on errors, errors added)."""
        s = self.s
        pace = slips = 1.0
        added = 0.0
        if s.rewards.enabled:
            r = s.rewards
            pace *= (0.9 + 0.2 * r.relationship) * (1 - r.internal_kpi * r.kpi_haste)
            slips *= 1.3 - 0.6 * r.relationship
            added += r.internal_kpi * r.kpi_errors
        pace *= 1 + s.procedures.control * s.procedures.control_work
        slips *= 1 - s.procedures.control * s.procedures.control_errors
        if not case.errand and self.covered[case.kind]:
            pace *= s.procedures.work_factor
            slips *= s.procedures.error_factor
        if s.orientation.enabled:
            o = s.orientation
            slips *= 1 + o.understanding_effect * (1 - o.understanding)
            slips *= 1 + o.care * (1 - 2 * person.orientation)
        if s.pressure.enabled:
            p = s.pressure
            pool = visit.pool
            crew = len(self.twin.people) if self.twin.single else sum(
                x.present for x in pool.people)
            x = len(self.twin.queue_of(pool)) / max(crew, 1)
            pace *= 1 - p.haste * (1 - math.exp(-x / p.haste_scale))
            pace *= 1 + p.fatigue * person.overwork
            added += p.fatigue_errors * person.overwork
            mine = sum(team == (person.pool.unit.index, person.team)
                       for team in case.done_by.values())
            tasks = len(case.todo | set(case.done_by))
            pace *= 1 - p.ownership * (mine / tasks if tasks else 0)
        rules = self.s.onboarding
        visit.supervised = rules.enabled and self.quick(person) < rules.minimum_proficiency
        if visit.supervised:
            pace *= 1 + rules.supervision
            slips *= 1 - rules.checked
        return pace, slips, added

    def spread_factor(self, case: Case) -> float:
        """Procedures make work more alike."""
        if not case.errand and self.covered[case.kind]:
            return float(self.s.procedures.spread_factor)
        return 1.0

    def border(self, person: Person) -> float:
        """1.25 - 0.5 O of the sender, between units."""
        rules = self.s.orientation
        return 1 + rules.boundary_effect * (0.5 - person.orientation) if rules.enabled else 1.0

    def courtesy(self, person: Person) -> float:
        """0.75 + 0.5 (M - 0.6) + 0.2 (O - 0.5)."""
        rules = self.s.morale
        return clip(self.s.satisfaction.courtesy
                    + rules.courtesy_effect * (person.morale - rules.base)
                    + self.s.orientation.courtesy_effect * (person.orientation - 0.5))

    def after(self, person: Person, case: Case, visit: Visit) -> None:
        """A visit has ended."""
        now = self.twin.now
        case.units.append(visit.pool.unit.index)
        if not self.on:
            return
        case.courtesies.append(self.courtesy(person))
        case.done_by |= dict.fromkeys(visit.tasks, (person.pool.unit.index, person.team))
        if len(case.units) == 1:
            person.meetings.append(now)
        back = case.first_close is not None or case.complains
        person.visits_made.append((now - visit.touch, now, visit, back,
                                   person.pool is visit.pool, list(case.products)))
        if self.s.onboarding.enabled:
            self.twin.totals["profiled"] += visit.touch
            if visit.supervised:
                self.twin.totals["below_profile"] += visit.touch

    def manner(self, case: Case) -> float:
        """Mean courtesy over the case's visits."""
        if not self.manners:
            return float(self.s.satisfaction.courtesy)
        met = fmean(case.courtesies) if case.courtesies else self.s.satisfaction.courtesy
        if case.units and self.s.orientation.enabled:
            owned = sum(u == case.units[0] for u in case.units) / len(case.units)
            met = min(met + self.s.orientation.owner_effect * owned, 1.0)
        self.twin.totals["courtesy"] += met
        self.twin.totals["courtesies"] += 1
        return float(met)

    def verdict(self, case: Case, score: float) -> None:
        """The person of the last visit hears it."""
        if self.on and case.last_served_by is not None:
            case.last_served_by.verdicts.append((self.twin.now, score))
            if len(case.units) > 1:
                case.last_served_by.meetings.append(self.twin.now)

    # ---------------------------------------------------------------- months

    def month(self) -> None:
        """M <- M + (M* - M)/3 for everybody at work."""
        if not self.on:
            return
        s, twin = self.s, self.twin
        if s.orientation.enabled:
            self.culture()
        rules = s.morale
        ended = twin.totals["closed"] + twin.totals["abandoned"]
        scores, before = twin.totals["satisfaction"], self.last_news
        news = rules.satisfaction_norm
        if ended > before[1]:
            news = (scores - before[0]) / (ended - before[1])
        self.last_news = (scores, ended)
        lift = rules.recognition_effect * (1 - math.exp(-rules.recognition_h / 4)) + self.payout()
        if s.empowerment.enabled:
            lift += rules.by_autonomy * (s.empowerment.level - 0.5)
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
            if self.manners:
                twin.totals["manner_spread"] += pstdev(manners)

    def culture(self) -> None:
        """O moves by leaders, colleagues, orders and the lack of customers (M17)."""
        rules, twin = self.s.orientation, self.twin
        since = twin.now - twin.warm_up
        measured = since > 0
        leads = measured and (rules.signal_months is None
                              or since <= rules.signal_months * HOURS_PER_MONTH + 1e-6)
        moved = {}
        for team in self.teams().values():
            for person in team:
                o = person.orientation
                step = 0.0
                if rules.reach == "everybody" or any(
                        twin.functions[f].front for f in person.pool.functions):
                    shown = rules.signal if leads else rules.signal_rest
                    step += rules.leadership_speed * rules.understanding * (shown - o)
                others = [p.orientation for p in team if p is not person]
                if others:
                    heard = fmean(others) + rules.stories * (max(others) - fmean(others))
                    step += rules.peer_speed * (heard - o)
                if measured:
                    step += rules.mandate_speed * rules.mandate * (1 - o)
                begin = max(twin.now - HOURS_PER_MONTH, person.hired_at)
                visits = sum(v[1] > begin for v in person.visits_made)
                if visits:
                    met = min(sum(t > begin for t in person.meetings) / visits, 1)
                    step -= rules.contact_effect * (1 - met) * o
                moved[person] = clip(o + step / (1 + rules.firm_age / 50))
        for person, o in moved.items():
            person.orientation = o
        if moved:
            units: dict[int, list[float]] = {}
            for person, o in moved.items():
                units.setdefault(person.pool.unit.index, []).append(o)
            twin.totals["culture_months"] += 1
            twin.totals["orientation"] += fmean(moved.values())
            twin.totals["weakest"] += min(fmean(x) for x in units.values())
            twin.totals["oriented"] += fmean(o >= rules.high for o in moved.values())

    def level(self, person: Person, news: float) -> float:
        """M* but for what is the same for all."""
        rules = self.s.morale
        now = self.twin.now
        begin = max(now - HOURS_PER_MONTH, person.hired_at)
        visits = [v for v in person.visits_made if v[1] > begin]
        use = self.hours(person, begin) / (now - begin) if now > begin else 0.0
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
