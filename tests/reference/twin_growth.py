"""The twin's own reading of new offerings (M21) and of expansion (M24).

Owns: launches, their adoption, the firm's cash. Never does: share code with the engine; prices
come from the ledger, which is tested by itself.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim import rng
from sim.scenario.schema import HOURS_PER_YEAR
from tests.reference import twin_draws as luck


class Growth:
    """What is launched, and what is paid for."""

    def __init__(self, twin: Any, prepared: Any, replication: int) -> None:
        self.twin = twin
        self.s = twin.s
        self.layout = prepared.layout
        self.mix = np.concatenate([prepared.workload.function_share,
                                   prepared.workload.product_share,
                                   prepared.workload.segment_share], axis=1)
        self.world = luck.post_key(prepared.seed, replication, 3, rng.STREAM_WORLD)
        self.live: list[list[float]] = []
        self.seen = (0.0, 0.0)
        self.spent = (0.0, 0.0, 0.0)
        self.cash = 0.0
        self.expansions = 0

    def monthly_value(self) -> float:
        """Revenue of a month."""
        return sum(self.twin.segments[c.segment].value / 12
                   for c in self.twin.customers if c.active)

    def ties(self) -> float:
        """Familiarity of teams of different units, by how unlike their units' work is."""
        twin, decay = self.twin, self.s.handoffs.familiarity_decay_h
        work = []
        for unit in twin.units:
            posts = np.array([len(pool.people) for pool in unit.pools], float)
            rows = self.mix[[pool.index for pool in unit.pools]]
            work.append((posts[:, None] * rows).sum(axis=0) / max(posts.sum(), 1e-300))
        found = []
        for one in twin.units:
            for other in twin.units[:one.index]:
                apart = np.abs(work[one.index] - work[other.index]).sum() / 2 / 3
                for i in {p.team for p in one.people}:
                    for j in {p.team for p in other.people}:
                        pair = tuple(sorted([(one.index, i), (other.index, j)]))
                        value, since = twin.familiarity.get(pair, (0.0, twin.now))
                        found.append(apart * value * math.exp(-(twin.now - since) / decay))
        return sum(found) / len(found) if found else 0.0

    def month_end(self) -> None:
        """Launches and cash."""
        if self.s.novelty.enabled:
            self.launches()
        if self.s.expansion.enabled:
            self.account()

    def launches(self) -> None:
        """The live ones win adopters; perhaps there is one more."""
        rules, twin = self.s.novelty, self.twin
        fit, n = twin.totals["fit"], twin.totals["fits"]
        month = (fit - self.seen[0]) / (n - self.seen[1]) if n > self.seen[1] else 0.0
        self.seen = (fit, n)
        if twin.now <= twin.warm_up:
            return
        for launch in self.live:
            if twin.month - launch[0] > rules.months:
                continue
            rate = rules.adoption / (1 + math.exp(-rules.steepness * (month - rules.fit_needed)))
            before = launch[1]
            launch[1] += (1 - before) * rate
            twin.totals["launches_adopted"] += before < rules.target <= launch[1]
            twin.totals["novel_revenue"] += rules.uplift * launch[1] * self.monthly_value()
        ties = self.ties()
        twin.totals["unit_ties"] += ties
        twin.totals["tie_months"] += 1
        chance = min(rules.launches + rules.recombination * ties, 1)
        twin.totals["launch_chance"] += chance
        if luck.uniform(self.world, rng.LAUNCH, twin.month) < chance:
            self.live.append([twin.month, 0.0])
            twin.totals["launches"] += 1

    def account(self) -> None:
        """Margin less line, heads, upkeep and hiring of the month; then perhaps an expansion."""
        twin, money = self.twin, self.s.money
        totals = twin.totals
        now = (totals["filled"], totals["lead_teams"], totals["hires"])
        filled, led, hired = (a - b for a, b in zip(now, self.spent, strict=True))
        self.spent = now
        if twin.now <= twin.warm_up:
            return
        hour = money.pay * money.loading / self.s.staff.availability
        year = hour * HOURS_PER_YEAR
        units = len(self.layout.units)
        posts = (1 if self.layout.flat
                 else units + self.layout.layer_bosses + (units > 1))
        upkeep = money.offering_fte * self.layout.offerings + money.tool_fte * self.layout.tools
        self.cash += money.margin * self.monthly_value() - hour * filled
        self.cash -= 0 if self.layout.flat else money.head_factor * hour * led
        self.cash -= money.replacement * money.pay * HOURS_PER_YEAR * hired / (
            self.s.staff.availability)
        self.cash -= (money.head_factor * posts + upkeep) * year / 12
        rules = self.s.expansion
        if self.cash >= rules.cost and self.expansions < rules.most:
            self.cash -= rules.cost
            self.expansions += 1
            totals["expansions"] += 1

    def reach(self) -> float:
        """Share of the widest base stream that reaches the firm."""
        rules = self.s.expansion
        if not rules.enabled:
            return 1.0
        return (1 + rules.inflow * self.expansions) / (1 + rules.inflow * rules.most)
