"""Works B and C in SimPy, as its documentation writes such models: processes and resources."""

from __future__ import annotations

import time
from collections.abc import Generator
from random import Random
from typing import Any

import simpy

from bench import works
from bench.memory_rules import Memory


def network(cases: int, seed: int) -> dict[str, Any]:
    """Work B."""
    random = Random(seed)
    env = simpy.Environment()
    departments = [simpy.Resource(env, capacity=n) for n in works.PEOPLE]
    waits = [0.0, 0]

    def case() -> Generator[simpy.Event, Any, None]:
        for d in random.sample((0, 1, 2), 3):
            joined = env.now
            with departments[d].request() as turn:
                yield turn
                waits[0] += env.now - joined
                waits[1] += 1
                yield env.timeout(random.expovariate(1.0 / works.NETWORK_WORK_H[d]))

    def source() -> Generator[simpy.Event, Any, None]:
        for _ in range(cases):
            yield env.timeout(random.expovariate(works.NETWORK_RATE))
            env.process(case())

    begin = time.process_time()
    env.process(source())
    env.run()
    cpu = time.process_time() - begin
    return {"cpu": cpu, "cases": cases, "visits": waits[1], "wait": waits[0] / waits[1]}


def memory(customers: int, months: float, seed: int) -> dict[str, Any]:
    """Work C."""
    random = Random(seed)
    env = simpy.Environment()
    work = works.service_h(customers)
    tolerance = works.TOLERANCE_SERVICES * work
    departments = [simpy.Resource(env, capacity=n) for n in works.PEOPLE]
    memories = [Memory() for _ in range(customers)]
    waits = [0.0, 0]

    def case(memory: Memory) -> Generator[simpy.Event, Any, None]:
        opened = env.now
        [department] = random.choices(departments, works.PEOPLE)
        with department.request() as turn:
            yield turn
            waits[0] += env.now - opened
            yield env.timeout(random.expovariate(1.0 / work))
        waits[1] += 1
        memory.remember(env.now - opened, tolerance)

    def customer(memory: Memory) -> Generator[simpy.Event, Any, None]:
        while True:
            yield env.timeout(random.expovariate(works.CASES_A_MONTH / works.MONTH_H))
            env.process(case(memory))

    def calendar() -> Generator[simpy.Event, Any, None]:
        while True:
            yield env.timeout(works.MONTH_H)
            for memory in memories:
                memory.month(random)

    for memory in memories:
        env.process(customer(memory))
    env.process(calendar())
    begin = time.process_time()
    env.run(until=months * works.MONTH_H)
    cpu = time.process_time() - begin
    return {"cpu": cpu, "cases": waits[1], "visits": waits[1], "wait": waits[0] / waits[1]}
