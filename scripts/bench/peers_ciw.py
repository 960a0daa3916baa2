"""Works B and C in Ciw.

Work C needs persistent customers, which Ciw does not have (as individuals of a closed network its
cost per case grows with their number): cases of all customers arrive as one Poisson stream, which
is the same by probability, and each belongs to one of them at random.
"""

from __future__ import annotations

import random
import time
from itertools import permutations
from typing import Any, ClassVar

import ciw

from bench import works
from bench.memory_rules import Memory


def _result(records: list[Any], nodes: set[int], cpu: float, cases: float) -> dict[str, Any]:
    waits = [r.waiting_time for r in records if r.node in nodes]
    return {"cpu": cpu, "cases": cases, "visits": len(waits), "wait": sum(waits) / len(waits)}


def network(cases: int, seed: int) -> dict[str, Any]:
    """Work B: each case draws one of the six orders as its route."""
    orders = [list(order) for order in permutations((1, 2, 3))]

    def route(_: Any, *__: Any) -> list[int]:
        return list(random.choice(orders))

    # Arrivals enter through a node without work, from where the route is drawn.
    ciw.seed(seed)
    net = ciw.create_network(
        arrival_distributions=[None, None, None,
                               ciw.dists.Exponential(rate=works.NETWORK_RATE)],
        service_distributions=[*(ciw.dists.Exponential(rate=1.0 / w)
                                 for w in works.NETWORK_WORK_H), ciw.dists.Deterministic(0.0)],
        number_of_servers=[*works.PEOPLE, float("inf")],
        routing=ciw.routing.ProcessBased(route),
    )
    simulation = ciw.Simulation(net)
    begin = time.process_time()
    simulation.simulate_until_max_time(cases / works.NETWORK_RATE)
    cpu = time.process_time() - begin
    return _result(simulation.get_all_records(), {1, 2, 3}, cpu, cases)


class RememberingNode(ciw.Node):
    """A department whose customers remember how long it took."""

    tolerance = 1.0
    memories: ClassVar[list[Memory]] = []

    def release(self, next_individual: Any, next_node: Any) -> None:
        """A visit ends."""
        response = float(self.now - next_individual.arrival_date)
        random.choice(self.memories).remember(response, self.tolerance)
        super().release(next_individual, next_node)


def memory(customers: int, months: float, seed: int) -> dict[str, Any]:
    """Work C."""
    work = works.service_h(customers)
    RememberingNode.tolerance = works.TOLERANCE_SERVICES * work
    RememberingNode.memories = [Memory() for _ in range(customers)]
    rate = customers * works.CASES_A_MONTH / works.MONTH_H
    ciw.seed(seed)
    net = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=rate * n / sum(works.PEOPLE))
                               for n in works.PEOPLE],
        service_distributions=[ciw.dists.Exponential(rate=1.0 / work)] * 3,
        number_of_servers=list(works.PEOPLE),
        routing=[[0.0] * 3] * 3,
    )
    simulation = ciw.Simulation(net, node_class=RememberingNode)
    begin = time.process_time()
    simulation.simulate_until_max_time(months * works.MONTH_H)
    cpu = time.process_time() - begin
    records = simulation.get_all_records()
    return _result(records, {1, 2, 3}, cpu, len(records))
