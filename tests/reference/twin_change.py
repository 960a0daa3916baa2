"""The twin's own reading of M9, M20 and M21: design, drift, foresight, shock, exploration.

Owns: needs that move and offerings that follow, in plain Python. Never does: share code with
the engine; starting offerings, own targets, voices and early shares are taken as given.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
from scipy.special import ndtri

from sim import rng
from sim.population import design
from sim.population import start as starts
from sim.scenario.schema import HOURS_PER_MONTH
from tests.reference import twin_draws as luck
from tests.reference.twin_things import Customer


class Change:
    """What moves in the world of one run."""

    def __init__(self, twin: Any, prepared: Any, replication: int) -> None:
        self.twin = twin
        self.s = twin.s
        args = (self.s, twin.layout, twin.population, prepared.seed, replication)
        self.offering = starts.offerings(*args).tolist()
        self.own = starts.own_targets(*args).tolist()
        self.voice = design.voice(self.s).tolist()
        self.early = design.early(self.s).tolist()
        self.holds = design.holders(self.s, twin.layout).tolist()
        self.world = luck.post_key(prepared.seed, replication, 3, rng.STREAM_WORLD)
        dims = range(self.s.needs.dimensions)
        self.shift = [[0.0 for _ in dims] for _ in self.s.segments]
        self.foreseen = [[0.0 for _ in dims] for _ in self.s.segments]
        self.level: dict[tuple[int, int], float] = defaultdict(float)
        self.notes: dict[tuple[int, int], list[tuple[float, list[float], float]]] = (
            defaultdict(list))
        self.signals: dict[int, list[float]] = defaultdict(list)
        self.explored = 0.0
        self.jumped = False
        panel = self.s.foresight
        self.away = self.s.exploration.share
        if panel.enabled:
            self.away += panel.viewpoints * panel.time_share / panel.period_months

    # ---------------------------------------------------------------- customers

    def need(self, customer: Customer, p: int) -> list[float]:
        """What a customer needs today."""
        return [n + d for n, d in zip(customer.needs[p], self.shift[customer.segment],
                                      strict=True)]

    def variant(self, customer: Customer, unit: int, p: int) -> int:
        """The nearest of the unit's variants of a product, as a row of its offerings."""
        v = self.s.design.variants
        need = self.need(customer, p)
        return min(range(p * v, p * v + v),
                   key=lambda row: (sum((n - o) ** 2 for n, o in
                                        zip(need, self.offering[unit][row], strict=True)), row)
                   if v > 1 else row)

    def pull(self, customer: Customer) -> float:
        """How much the new need counts for a customer now."""
        shock = self.s.shock
        if not shock.enabled:
            return 0.0
        since = self.twin.now - self.twin.warm_up - shock.at
        if since <= 0:
            return 0.0
        u = luck.uniform(customer.key, rng.EARLY, 0)
        if u >= self.early[customer.segment]:
            since -= shock.rest_after
        if since <= 0:
            return 0.0
        return 1.0 if since >= shock.ramp else since / shock.ramp

    def fit(self, customer: Customer, unit: int, p: int, left: float = 1.0) -> float:
        """exp(-(|n - o|^2 + weight x latent gap^2) / 2 omega^2), of which a share is left."""
        row = self.variant(customer, unit, p)
        gap = sum((n - o) ** 2 for n, o in zip(self.need(customer, p), self.offering[unit][row],
                                               strict=True))
        latent = self.s.shock.size - self.level[unit, row]
        gap += self.pull(customer) * latent**2
        gap *= left**2
        return math.exp(-gap / (2 * self.s.needs.fit_width))

    def seen(self, customer: Customer, unit: int, p: int) -> None:
        """The holder of an offering meets a customer."""
        if self.s.sensing.enabled:
            self.twin.firm.meets(self.variant(customer, unit, p), unit, self.need(customer, p))
        else:
            self.notes[unit, self.variant(customer, unit, p)].append(self.told(customer, p))

    def told(self, customer: Customer, p: int) -> tuple[float, list[float], float]:
        """What a customer's word says: its weight, the need (looking ahead), the new need."""
        need = [n + f for n, f in zip(self.need(customer, p), self.foreseen[customer.label],
                                      strict=True)]
        return self.voice[customer.segment], need, self.pull(customer)

    # ---------------------------------------------------------------- months

    def month_end(self) -> None:
        """Offerings, then needs, then what exploration prepared."""
        if self.twin.month % self.s.design.review_months == 0:
            self.review()
        self.measure()
        if self.s.drift.enabled:
            self.drift()
        self.explore()

    def review(self) -> None:
        """The agenda of customers, the standard of the firm, and the designers' own agenda."""
        s = self.s
        v = s.design.variants
        speed = 1 - (1 - s.offering.speed) ** s.design.review_months
        share = s.customer_share
        dims = range(s.needs.dimensions)

        def mean(notes: list[Any]) -> tuple[list[float], float]:
            total = sum(weight for weight, _, _ in notes)
            return ([sum(weight * need[k] for weight, need, _ in notes) / total for k in dims],
                    sum(weight * pull for weight, _, pull in notes) / total)

        firm = {}
        for p in range(len(s.products)):
            everything = [note for (_, row), notes in self.notes.items() if row // v == p
                          for note in notes]
            if everything:
                firm[p] = mean(everything)
        if s.offering.mode not in ("label_centre", "pooled") and s.offering.speed > 0:
            for unit in range(len(self.offering)):
                for row in range(len(self.offering[unit])):
                    self.review_row(unit, row, mean, firm.get(row // v), speed, share)
        self.notes.clear()
        self.signals.clear()

    def review_row(self, unit: int, row: int, mean: Any, firm: Any, speed: float, share: float
                   ) -> None:
        """One offering."""
        s = self.s
        dims = range(s.needs.dimensions)
        old = list(self.offering[unit][row])
        level = self.level[unit, row]
        move = [0.0 for _ in dims]
        rise = 0.0
        if self.notes[unit, row]:
            need, pull = mean(self.notes[unit, row])
            sigma = s.design.standardisation
            need = [(1 - sigma) * need[k] + sigma * firm[0][k] for k in dims]
            pull = (1 - sigma) * pull + sigma * firm[1]
            news = self.signals[unit]
            survival = sum(news) / len(news) if news else 1.0
            move = [share * speed * survival * (need[k] - old[k]) for k in dims]
            rise = share * speed * survival * pull * (s.shock.size - level)
        if share < 1:
            move = [m + (1 - share) * speed * (self.own[unit][row][k] - old[k])
                    for k, m in enumerate(move)]
            if self.twin.now > self.twin.warm_up:
                rise += (1 - share) * speed * max(s.design.vision * s.shock.size - level, 0)
        self.offering[unit][row] = [o + m for o, m in zip(old, move, strict=True)]
        if s.shock.enabled:
            self.level[unit, row] = level + rise

    def measure(self) -> None:
        """Mean distance between units that offer the same product."""
        v = self.s.design.variants
        gaps = []
        for p in range(len(self.s.products)):
            means = [np.mean(self.offering[u][p * v:(p + 1) * v], axis=0)
                     for u in range(len(self.offering)) if self.holds[u][p]]
            gaps += [float(np.linalg.norm(a - b)) for i, a in enumerate(means)
                     for b in means[:i]]
        if gaps:
            self.twin.totals["offering_distance"] += sum(gaps) / len(gaps)
            self.twin.totals["offering_months"] += 1

    def z(self, month: int, part: int, segment: int, k: int) -> float:
        """Standard normal of the world's needs."""
        count = month * 2**17 + part * 2**16 + segment * 2**8 + k
        return float(ndtri(luck.uniform(self.world, rng.DRIFT, count)))

    def drift(self) -> None:
        """A step of the random walk; the panel, if it meets, sums the drivers to come."""
        rules, panel, month = self.s.drift, self.s.foresight, self.twin.month
        for segment, shift in enumerate(self.shift):
            for k in range(len(shift)):
                shift[k] += rules.sd * (
                    math.sqrt(rules.explained) * self.z(month, 0, segment, k)
                    + math.sqrt(1 - rules.explained) * self.z(month, 1, segment, k))
                if panel.enabled and month % panel.period_months == 0:
                    coming = sum(self.z(month + j, 0, segment, k)
                                 for j in range(1, panel.lead_months + 1))
                    cover = 1 - (1 - panel.seen_each) ** panel.viewpoints
                    self.foreseen[segment][k] = (
                        cover * rules.sd * math.sqrt(rules.explained) * coming)

    def explore(self) -> None:
        """Hours of exploration since warm-up, and the jump at the shock."""
        s, twin = self.s, self.twin
        hours = min(HOURS_PER_MONTH, twin.now - twin.warm_up)
        if hours > 0:
            self.explored += (s.exploration.share * hours
                              * sum(person.present for person in twin.people))
        if s.shock.enabled and not self.jumped and twin.now >= twin.warm_up + s.shock.at:
            self.jumped = True
            for unit in range(len(self.offering)):
                for row in range(len(self.offering[unit])):
                    level = self.level[unit, row]
                    self.level[unit, row] = level + (
                        self.readiness() * s.exploration.jump * (s.shock.size - level))

    def readiness(self) -> float:
        """How far exploration has prepared the firm."""
        return 1 - math.exp(-self.explored / self.s.exploration.scale_h)
