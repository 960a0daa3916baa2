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
from sim.scenario.schema import HOURS_PER_MONTH, CaseType
from tests.reference import twin_draws as luck
from tests.reference.twin_things import Case, Customer


class Relations:
    """The memory of one run of the twin."""

    def __init__(self, twin: Any) -> None:
        self.twin = twin
        self.s = twin.s
        self.on = self.s.complaints.enabled or self.s.best_customers.enabled
        self.next_row = 0
        if not self.on:
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
        if self.on:
            customer.z = float(ndtri(luck.uniform(customer.key, rng.VALUE, 0)))

    def worth(self, customer: Customer, z: float) -> float:
        """Money per year: lognormal with the segment's mean."""
        sigma = self.s.best_customers.sigma
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

    def close(self, case: Case, score: float, abandoned: bool) -> None:
        """After every ordinary case."""
        if not self.on:
            return
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
        best = self.s.best_customers
        if not best.enabled:
            return
        totals = self.twin.totals
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
