"""What the twin remembers about each customer: complaints, value, favour (M13, M15).

Owns: those rules once more, in plain Python, from the theory. Never does: share code with
`sim.engine`, `sim.behaviours` or `sim.management`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import ndtri

from sim import rng
from sim.population.customers import base_inflow
from sim.scenario.schema import (
    CHANNEL_DIRECTNESS,
    CHANNEL_TOLERANCE_H,
    HOURS_PER_MONTH,
    CaseType,
)
from tests.reference import twin_draws as luck
from tests.reference.twin_things import Case, Customer


class Relations:
    """The memory of one run of the twin."""

    def __init__(self, twin: Any) -> None:
        self.twin = twin
        self.s = twin.s
        self.on = (self.s.complaints.enabled or self.s.best_customers.enabled
                   or self.s.trust.enabled or self.s.measurement.enabled
                   or self.s.acquisition.enabled)
        self.shown_fit = self.s.acquisition.reference_fit
        self.shown_seller = self.s.acquisition.reference_seller
        self.next_row = 0
        extras = self.s.satisfaction
        self.remembers_visits = (
            extras.stages or extras.peak > 0 or self.s.trust.enabled
            or extras.weight_understanding + extras.weight_tangibles + extras.weight_channel > 0)
        self.kinds = list(twin.types)
        if not (self.s.complaints.enabled or self.s.best_customers.enabled):
            return
        # Two more kinds of cases, which no customer brings: a complaint and a follow-up.
        self.complaint = len(twin.types)
        self.follow_up = self.complaint + 1
        names = list(self.s.functions)
        self.place = {}
        asked = twin.asked
        work = np.zeros((2, len(names)))
        rules = (self.s.complaints, self.s.best_customers)
        hours = (self.s.complaints.work_h, self.s.best_customers.follow_up_h)
        for row, (rule, h) in enumerate(zip(rules, hours, strict=True)):
            f = len(names) - 1 if rule.function is None else names.index(rule.function)
            self.place[self.complaint + row] = f
            work[row, f] = twin.functions[f].work_h if h is None else h
        twin.asked = replace(
            asked, work_h=np.vstack([asked.work_h, work]),
            before=np.concatenate([asked.before, np.zeros((2, len(names), len(names)), bool)]))
        self.usual_products = np.tensordot(asked.type_probability, asked.product_weight, axes=1)
        twin.types += [CaseType(priority=self.s.complaints.priority), CaseType()]

    def begin(self) -> None:
        """Those present at the start; the first choice of the best."""
        if not self.on:
            return
        for customer in self.twin.customers:
            if customer.active:
                self.welcome(customer)
        if self.s.best_customers.enabled:
            self.choose(1)
            self.plan()

    def welcome(self, customer: Customer) -> None:
        """A new customer's value, standard normal in logarithm."""
        customer.trust = self.s.trust.start
        if self.on:
            customer.z = float(ndtri(luck.uniform(customer.key, rng.VALUE, 0)))

    def worth(self, customer: Customer, z: float) -> float:
        """Money per year: lognormal with the segment's mean."""
        sigma = self.s.best_customers.sigma if self.s.best_customers.enabled else 0.0
        return self.twin.segments[customer.segment].value * math.exp(sigma * z - sigma**2 / 2)

    # ------------------------------------------------------------ errands

    def favour(self, customer: Customer) -> int:
        """Classes by which cases of this customer are raised."""
        return self.s.best_customers.priority if customer.chosen else 0

    def respond(self, case: Case, score: float) -> None:
        """To the firm: a complaint, silence, or praise."""
        rules = self.s.complaints
        customer = case.customer
        totals = self.twin.totals
        totals["complaint_cases"] += 1
        if score < rules.threshold:
            chance = rules.rate + rules.loyalty_slope * (customer.loyalty - 0.7)
            if luck.uniform(case.key, rng.COMPLAIN, 0) < min(max(chance, 0), 1):
                totals["complaints"] += 1
                if luck.uniform(case.key, rng.COMPLAIN, 2) < rules.answered:
                    self.twin.at(self.twin.now + rules.delay_h, 8, (customer, case.products[0]))
                else:
                    totals["complaints_refused"] += 1
                    self.shift(customer, rules.unresolved)
            else:
                self.shift(customer, rules.silent)
        elif score >= self.s.market.delighted:
            totals["compliments"] += luck.uniform(case.key, rng.COMPLAIN, 1) < rules.compliment

    def shift(self, customer: Customer, change: float) -> None:
        """Loyalty jumps."""
        customer.loyalty = min(max(customer.loyalty + change, 0.0), 1.0)

    def errand(self, what: Any) -> None:
        """A complaint arrives, or it is time for the next follow-up."""
        if what is None:
            self.plan()
            customer = self.next_chosen()
            kind = self.follow_up
        else:
            customer, product = what
            kind = self.complaint
        if customer is None or not customer.active:
            return
        key = luck.child(customer.key, rng.ERRAND, customer.errands)
        customer.errands += 1
        if what is None:
            product = luck.choice(self.usual_products[customer.segment].tolist(),
                                  luck.uniform(key, rng.PRODUCT, 0))
        rank = -(self.twin.types[kind].priority + self.twin.segments[customer.segment].priority
                 + self.favour(customer))
        case = Case(customer, 0, key, kind, [product], customer.label, rank, self.twin.now)
        case.errand = True
        case.complains = what is not None
        case.todo = {(self.place[kind], 0)}
        self.twin.take_in(case)

    def plan(self) -> None:
        """Favoured customers in turn, each `follow_ups` times a quarter."""
        times = self.s.best_customers.follow_ups
        if times:
            n = sum(c.chosen and c.active for c in self.twin.customers)
            quarter = 3 * HOURS_PER_MONTH
            self.twin.at(self.twin.now + quarter / times / max(n, 1), 8, None)

    def next_chosen(self) -> Customer | None:
        """From the row after the last one, around the list."""
        customers = self.twin.customers
        rows = [c.row for c in customers if c.chosen and c.active]
        if not rows:
            return None
        row = min([r for r in rows if r >= self.next_row] or rows)
        self.next_row = row + 1
        return customers[row]

    def settle(self, case: Case, resolved: bool) -> None:
        """An errand ends."""
        totals = self.twin.totals
        rules = self.s.complaints
        customer = case.customer
        if case.kind == self.complaint:
            hours = self.twin.now - case.opened + rules.delay_h
            totals["complaints_closed"] += 1
            totals["recovered"] += resolved
            totals["recovery_h"] += hours
            quick = rules.tolerance_h * self.twin.segments[customer.segment].patience
            change = (rules.unresolved if not resolved
                      else rules.resolved_quickly if hours <= quick else rules.resolved)
            if customer.active:
                self.shift(customer, change)
            return
        totals["follow_ups"] += 1
        totals["follow_up_h"] += case.hours["touch"]
        if resolved and customer.active:
            customer.loyalty += self.s.best_customers.follow_up_gain * (1 - customer.loyalty)

    # ------------------------------------------------------------ how customers are won

    def shows(self, case: Case, fit: float) -> None:
        """A case ends: prospects hear of its fit and of who served last."""
        if not self.s.acquisition.enabled:
            return
        self.shown_fit = 0.99 * self.shown_fit + 0.01 * fit
        visit = case.before
        person = visit.person
        f, j = min(visit.tasks)
        n = len(self.twin.functions)
        known = self.twin.knows(person)
        rules = self.s.knowledge
        weights = (rules.function_effect, rules.product_effect, rules.segment_effect)
        parts = (known[f], known[n + case.products[j]],
                 known[n + self.twin.n_products + case.customer.segment])
        skill = (sum(a * k for a, k in zip(weights, parts, strict=True)) / sum(weights)
                 if sum(weights) > 0 else 1.0)
        manner = (self.twin.staff.courtesy(person) if self.twin.staff.manners
                  else self.s.satisfaction.courtesy)
        self.shown_seller = (manner + skill) / 2

    def attraction(self) -> float:
        """1 is as usual."""
        rules = self.s.acquisition
        if not rules.enabled:
            return 1.0
        drawn = (1 + rules.fit_effect * (self.shown_fit - rules.reference_fit)
                 + rules.seller_effect * (self.shown_seller - rules.reference_seller))
        return min(max(drawn, 0.0), self.room)

    @property
    def room(self) -> float:
        """Most that attraction can be."""
        rules = self.s.acquisition
        return 2.0 if rules.fit_effect or rules.seller_effect else 1.0

    def prospect(self) -> float:
        """A prospect of the base stream is met: probability of joining."""
        if not self.s.acquisition.enabled:
            return 1.0
        drawn = self.attraction()
        self.twin.totals["met_prospects"] += 1
        self.twin.totals["attraction"] += drawn
        return drawn / self.room

    def won(self, customer: Customer, stream: str) -> None:
        """Somebody joined: by whom, with which loyalty, at what cost."""
        rules = self.s.acquisition
        totals = self.twin.totals
        if stream == "mouth":
            totals["joined_referral"] += 1
            if rules.enabled:
                customer.loyalty = rules.referral_loyalty
            return
        if not rules.enabled:
            return
        paid = rules.budget * (1 - rules.retention_share) / 12 / rules.promotion_cost
        rates = [base_inflow(self.s), paid, rules.agent_customers]
        u = luck.uniform(customer.key, rng.CHANNEL, 0) * sum(rates)
        if u >= rates[0] + rates[1]:
            totals["joined_agent"] += 1
            customer.loyalty = rules.agent_loyalty
            totals["commissions"] += rules.agent_commission * self.worth(customer, customer.z)
        elif u >= rates[0]:
            totals["joined_promotion"] += 1
            customer.loyalty = rules.promotion_loyalty

    def gestures(self, month: int) -> None:
        """What is spent on keeping customers."""
        rules = self.s.acquisition
        here = [c for c in self.twin.customers if c.active]
        spent = rules.budget * rules.retention_share / 12
        if not rules.enabled or not here or spent <= 0:
            return
        for customer in here:
            u = luck.uniform(customer.key, rng.GESTURE, month)
            if u < spent / (len(here) * rules.gesture_cost):
                self.twin.totals["gesture_money"] += rules.gesture_cost
                customer.loyalty += rules.gesture_effect * (1 - customer.loyalty)

    # ------------------------------------------------------------ stages and trust

    def first_expectation(self, segment: Any) -> float:
        """E(0), price included."""
        if segment.price is None:
            return float(segment.expectation)
        raised = segment.expectation + self.s.satisfaction.price_slope * math.log(segment.price)
        return min(max(raised, 0.0), 1.0)

    def tolerance(self, case: Case) -> float:
        """T* of a case."""
        if case.errand:
            base = self.s.complaints.tolerance_h
        else:
            kind = self.kinds[case.kind]
            base = kind.tolerance_h or CHANNEL_TOLERANCE_H[kind.channel]
        return base * self.twin.segments[case.customer.segment].patience

    def meets(self, case: Case, knowledge: list[float], wait: float, manner: float) -> None:
        """A visit begins."""
        if self.remembers_visits:
            n = len(self.twin.functions) + self.twin.n_products
            promptness = 2 ** (-wait / self.tolerance(case))
            stage = (promptness + case.information + manner) / 3
            case.seen.append((knowledge[n + case.customer.segment] * case.information, stage))

    def misses(self, case: Case, visit: Any) -> bool:
        """The customer is missed at the last step, once."""
        if not self.s.trust.enabled or case.errand or case.missed or visit.kind != "first":
            return False
        self.twin.totals["attempts"] += 1
        u = luck.uniform(case.key, rng.ATTEMPT, 0)
        case.missed = u < self.s.trust.attempt_failure
        self.twin.totals["attempts_failed"] += case.missed
        return case.missed

    def regards(self, case: Case, quality: float, abandoned: bool, response: float,
                tolerance: float) -> tuple[float, float, float]:
        """Quality, expectation and weight of a loss, all things considered."""
        rules = self.s.satisfaction
        totals = self.twin.totals
        expected = case.customer.expectation
        if not self.remembers_visits:
            return quality, expected, rules.loss
        understood = 0.0
        if case.seen:
            understood = sum(u for u, _ in case.seen) / len(case.seen)
            totals["met"] += 1
            totals["understanding"] += understood
            totals["stage_mean"] += sum(q for _, q in case.seen) / len(case.seen)
            totals["stage_worst"] += min(q for _, q in case.seen)
        kind = self.kinds[case.kind]
        direct = (CHANNEL_DIRECTNESS[kind.channel] if kind.directness is None
                  else kind.directness)
        rest = 1 - (rules.weight_understanding + rules.weight_tangibles + rules.weight_channel)
        quality = (rest * quality + rules.weight_understanding * understood
                   + rules.weight_tangibles * rules.tangibles + rules.weight_channel * direct)
        if case.seen:
            quality -= rules.peak * max(quality - min(q for _, q in case.seen), 0)
        if not self.s.trust.enabled:
            return quality, expected, rules.loss
        return self.trusts(case, quality, expected, abandoned, response, tolerance)

    def trusts(self, case: Case, quality: float, expected: float, abandoned: bool,
               response: float, tolerance: float) -> tuple[float, float, float]:
        """M25, case by case."""
        t = self.s.trust
        totals = self.twin.totals
        customer = case.customer
        segment = self.twin.segments[customer.segment]
        a_year = 12 * self.s.customers.cases_per_month * segment.volume
        revenue = self.worth(customer, customer.z) / a_year
        drops = []
        betrayed = 0
        if not abandoned:
            totals["trust_cases"] += 1
            if luck.uniform(case.key, rng.FEE, 0) < t.fee_share:
                totals["fees"] += 1
                totals["extra_income"] += t.fee
                drops.append(t.fee_drop)
            if case.missed:
                told = luck.uniform(case.key, rng.ATTEMPT, 1) < t.notice
                drops.append(t.attempt_drop * (1 - t.notice_relief if told else 1))
            if luck.uniform(case.key, rng.EXPLOIT, 0) < t.exploitation:
                totals["exploited"] += 1
                totals["extra_income"] += t.exploitation_gain * revenue
                if luck.uniform(case.key, rng.EXPLOIT, 1) < t.detection:
                    drops.append(t.exploitation_drop)
                    betrayed += 1
        change = 0.0
        if t.promise is not None:
            totals["promises"] += 1
            if not abandoned and response <= t.promise * tolerance:
                totals["promises_kept"] += 1
                change = t.kept
            else:
                expected = min(expected + t.broken_expectation, 1)
                betrayed += 1
        quality = max(quality - sum(drops), 0.0)
        if quality < expected and t.concession > 0:
            totals["conceded"] += t.concession * revenue
            quality = min(quality + t.concession_effect * t.concession, expected)
        loss = self.s.satisfaction.loss * (1 + t.tolerance * (1 - 2 * customer.trust) / 2)
        if customer.active:
            customer.trust = min(max(customer.trust + change + betrayed * t.broken, 0), 1)
        for k in range(t.bystanders if drops or betrayed else 0):
            u = luck.uniform(case.key, rng.BYSTANDER, k)
            other = self.twin.customers[int(u * self.s.customers.count)]
            if other is customer or not other.active:
                continue
            totals["seen"] += 1
            other.trust = min(max(
                other.trust + t.bystander_share * betrayed * t.broken, 0), 1)
            step = max(self.s.market.loyalty_step, 1 / (2 + other.experiences))
            self.shift(other, -t.bystander_share * step * sum(drops)
                       * (1 + self.s.satisfaction.loss))
        return quality, expected, loss

    def close(self, case: Case, score: float, abandoned: bool, resolved: bool,
              step: float) -> None:
        """After every ordinary case."""
        if not self.on:
            return
        if self.s.measurement.enabled:
            totals = self.twin.totals
            totals["asked"] += 1
            chance = self.s.measurement.response * (
                1 + self.s.measurement.extremes * abs(score - 0.7) / 0.6)
            if luck.uniform(case.key, rng.SURVEY, 0) < chance:
                totals["surveys"] += 1
                totals["survey_satisfaction"] += score
            if case.customer.active:
                totals["steps"] += 1
                totals["step"] += step
                totals["step_squared"] += step**2
                kind = "failed" if abandoned or not resolved else (
                    "reopened" if case.reopenings else "")
                if kind:
                    totals[f"steps_{kind}"] += 1
                    totals[f"step_{kind}"] += step
        if case.customer.chosen:
            totals = self.twin.totals
            totals["chosen_cases"] += 1
            totals["chosen_satisfaction"] += score
            if not abandoned:
                totals["chosen_closed"] += 1
                totals["chosen_response"] += self.twin.now - case.opened
        if self.s.complaints.enabled and case.customer.active:
            self.respond(case, score)

    # ------------------------------------------------------------ months and years

    def month(self, month: int) -> None:
        """Revenue, the favoured, the loyal; a new choice after twelve months."""
        self.gestures(month)
        best = self.s.best_customers
        totals = self.twin.totals
        if self.s.trust.enabled:
            here = [c for c in self.twin.customers if c.active]
            totals["trust_months"] += len(here)
            totals["trust_sum"] += sum(c.trust for c in here)
        if not best.enabled:
            return
        for customer in self.twin.customers:
            if customer.active:
                revenue = self.worth(customer, customer.z) / 12
                totals["own_revenue"] += revenue
                if customer.chosen:
                    totals["chosen_months"] += 1
                    totals["chosen_right"] += customer.best
                    totals["chosen_revenue"] += revenue
                if customer.loyalty >= best.loyal:
                    totals["loyal_months"] += 1
                    totals["loyal_revenue"] += revenue
        if month % 12 == 0:
            self.choose(month // 12 + 1)

    def leaves(self, customer: Customer) -> None:
        """A customer is gone."""
        self.twin.totals["chosen_left"] += customer.chosen

    def choose(self, year: int) -> None:
        """The highest estimates of this year; next year's values decide who was right."""
        best = self.s.best_customers
        known = best.joined_correlation if best.joined_records else best.correlation
        if self.s.records.enabled:  # M27
            r = self.s.records
            seen = (r.sales + r.service + r.complaints + r.returns) / 4 / r.usual
            known = min(known * math.sqrt(seen) + (r.bought_added if r.bought else 0), 1)
        r = known / best.persistence
        here = [c for c in self.twin.customers if c.active]
        score = {}
        for c in here:
            error = float(ndtri(luck.uniform(c.key, rng.ESTIMATE, year)))
            score[c.row] = self.worth(c, r * c.z + math.sqrt(max(1 - r * r, 0.0)) * error)
            if best.score == "value_loyalty":
                score[c.row] *= c.loyalty
            news = float(ndtri(luck.uniform(c.key, rng.VALUE, year)))
            c.z = best.persistence * c.z + math.sqrt(1 - best.persistence**2) * news
        n = int(best.top_share * len(here))
        chosen = sorted(here, key=lambda c: -score[c.row])[:n]
        right = sorted(here, key=lambda c: -self.worth(c, c.z))[:n]
        for c in self.twin.customers:
            c.chosen = c in chosen
            c.best = c in right
