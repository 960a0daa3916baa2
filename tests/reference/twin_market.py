"""The twin's own reading of M23 and of M24's buffers: competitors, surge, reserve, stock.

Owns: who is weighed against whom, when the next case comes, when material is there. Never does:
share code with the engine; centres of needs are taken as given.
"""

from __future__ import annotations

import math
from typing import Any

from sim import rng
from sim.population.customers import centres
from sim.scenario.schema import HOURS_PER_YEAR
from sim.structures.cases import compile_cases
from tests.reference.twin_things import Case, Customer, Visit


class Market:
    """Competitors and buffers of one run."""

    def __init__(self, twin: Any, prepared: Any, replication: int) -> None:
        self.twin = twin
        self.s = twin.s
        run = rng.run_key(prepared.seed, replication)
        by_segment, self.middle, both = centres(self.s, run)
        self.centre = by_segment[:, None, :] + both
        asked = compile_cases(self.s)
        self.wants = [[sum(asked.type_probability[y] * asked.product_weight[y, s, p]
                           for y in range(len(self.s.case_types)))
                       for p in range(len(self.s.products))] for s in range(len(self.s.segments))]
        self.standing = [self.s.market.loyalty_start for _ in self.s.segments]
        self.up_to = [(0.0, 0.0) for _ in self.s.segments]
        self.orders: list[float] = []

    # ---------------------------------------------------------------- competitors

    def fit(self, customer: Customer, focus: float) -> float:
        """What a competitor of this focus is to a customer."""
        shifts = self.twin.change.shift
        shares = [s.share for s in self.s.segments.values()]
        total = 0.0
        for p, weight in enumerate(self.wants[customer.segment]):
            gap = 0.0
            for k, need in enumerate(self.twin.change.need(customer, p)):
                market = sum(x * shift[k] for x, shift in zip(shares, shifts, strict=True))
                own = (self.centre[customer.segment, p, k]
                       + shifts[customer.segment][k] - market)
                gap += (need - (self.middle[p, k] + market + focus * own)) ** 2
            total += weight * math.exp(-gap / (2 * self.s.needs.fit_width))
        return total

    def outside(self, customer: Customer) -> float:
        """C_c."""
        rules, twin = self.s.competition, self.twin
        segment = twin.segments[customer.segment]
        c = (self.s.market.outside_option if segment.outside_option is None
             else segment.outside_option)
        if not rules.enabled:
            return c
        c += rules.rise * max(twin.now - twin.warm_up, 0) / HOURS_PER_YEAR
        c += rules.fit_weight * (self.fit(customer, rules.focus) - rules.reference_fit)
        here = list(self.s.segments)[customer.segment] == rules.entrant_segment
        if here and twin.now >= twin.warm_up + rules.entrant_at:
            c = max(c, rules.entrant_level + rules.fit_weight * (
                self.fit(customer, rules.entrant_focus) - rules.reference_fit))
        return c

    def weighs(self, customer: Customer) -> float:
        """L - C_c as the customer sees it."""
        difference = customer.loyalty - self.outside(customer)
        if not self.s.competition.enabled:
            return difference
        self.twin.totals["compared"] += 1
        self.twin.totals["advantage"] += difference
        if abs(difference) < self.s.competition.perceptible:
            return 0.0
        self.twin.totals["perceived"] += 1
        return difference

    def month_end(self) -> None:
        """What prospects hear of each segment's satisfaction."""
        for s, sums in enumerate(self.twin.by_segment):
            score, n = sums["satisfaction"], sums["closed"] + sums["abandoned"]
            before, m = self.up_to[s]
            if n > m:
                self.standing[s] = (score - before) / (n - m)
            self.up_to[s] = (score, n)

    def chosen(self, prospect: Customer) -> float:
        """Probability that a prospect of the base stream chooses the firm."""
        rules = self.s.competition
        if not (rules.enabled and rules.choice):
            return 1.0
        difference = self.standing[prospect.segment] - self.outside(prospect)
        if abs(difference) < rules.perceptible:
            difference = 0.0
        return 1 / (1 + math.exp(-self.s.market.steepness * difference))

    # ---------------------------------------------------------------- surge and reserve

    def due(self, gap: float) -> float:
        """When a case comes whose gap at the normal rate is given: the rate's integral is it."""
        now, surge = self.twin.now, self.s.surge
        if not surge.enabled:
            return now + gap
        begin = self.twin.warm_up + surge.at
        pieces = [(now, begin, 1.0)] if now < begin else []
        pieces.append((max(now, begin), begin + surge.length, surge.factor))
        pieces.append((max(now, begin + surge.length), math.inf, 1.0))
        for start, stop, rate in pieces:
            if stop <= start:
                continue
            if gap <= (stop - start) * rate and rate > 0:
                return start + gap / rate
            gap -= (stop - start) * rate
        raise AssertionError("the last piece has no end")

    def reserve_span(self) -> tuple[float, float]:
        """When the reserve works."""
        surge = self.s.surge
        begin = self.twin.warm_up + surge.at
        return begin + surge.delay, begin + surge.length + surge.clear

    def speed(self) -> float:
        """Capacity of the staff now, with the reserve."""
        begin, end = self.reserve_span()
        works = self.s.surge.enabled and begin <= self.twin.now < end
        return 1 + self.s.surge.reserve if works else 1.0

    def reserve_hours(self, start: float, stop: float) -> float:
        """Hours the reserve gives per filled post between two times."""
        begin, end = self.reserve_span()
        if not self.s.surge.enabled:
            return 0.0
        return self.s.surge.reserve * max(min(stop, end) - max(start, begin), 0)

    def in_surge(self, case: Case) -> bool:
        """Did the case arrive in the surge?"""
        after = case.opened - self.twin.warm_up - self.s.surge.at
        return self.s.surge.enabled and 0 <= after < self.s.surge.length

    # ---------------------------------------------------------------- stock

    def order(self, case: Case) -> None:
        """A unit per product, each replaced by an order at once."""
        stock = self.s.stock
        case.ready = self.twin.now
        if not stock.enabled:
            return
        f = list(self.s.functions).index(stock.function)
        for g, _ in sorted(case.todo):
            if g == f:
                n = len(self.orders)
                self.orders.append(self.twin.now)
                if n >= stock.level:
                    case.ready = max(case.ready, self.orders[n - stock.level] + stock.lead)
                self.twin.totals["material"] += 1

    def waits(self, case: Case, visit: Visit, lands: float) -> float:
        """When a visit can be there, with its material."""
        stock = self.s.stock
        if not stock.enabled or visit.kind != "first" or case.ready <= lands:
            return lands
        f = list(self.s.functions).index(stock.function)
        if not any(g == f for g, _ in visit.tasks):
            return lands
        self.twin.totals["material_waits"] += 1
        self.twin.totals["material_wait"] += case.ready - lands
        return case.ready
