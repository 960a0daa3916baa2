"""Works B and C with Mesa's agents: event scheduling, and a step a day as many users would.

Mesa before 3.5 schedules events through `DEVSimulator`, Mesa 3.5 through the model itself.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import mesa

from bench import works
from bench.memory_rules import Memory


class Clocked(mesa.Model):
    """A model with events in continuous time, whichever Mesa is installed."""

    def __init__(self, seed: int) -> None:
        super().__init__(rng=seed)
        if hasattr(self, "schedule_event"):
            self.after: Callable[..., Any] = self._after_35
            self.run_to = self.run_until
        else:
            from mesa.experimental.devs import DEVSimulator

            simulator = DEVSimulator()
            simulator.setup(self)
            self.simulator = simulator
            self.after = self._after_33
            self.run_to = simulator.run_until

    def _after_33(self, delay: float, call: Callable[..., Any], *arguments: Any) -> None:
        self.simulator.schedule_event_relative(call, delay, function_args=list(arguments))

    def _after_35(self, delay: float, call: Callable[..., Any], *arguments: Any) -> None:
        self.schedule_event(call, after=delay, function_args=list(arguments))

    @property
    def now(self) -> float:
        """Hours since the start."""
        return float(self.simulator.time if hasattr(self, "simulator") else self.time)


class Case:
    """A case on its way; a plain object, since it decides nothing."""

    __slots__ = ("customer", "joined", "opened", "route")

    def __init__(self, customer: Customer | None, opened: float, route: list[Department]) -> None:
        self.customer, self.opened, self.route = customer, opened, route
        self.joined = opened


class Department(mesa.Agent):
    """Some people and a queue."""

    def __init__(self, model: Any, people: int, work_h: float) -> None:
        super().__init__(model)
        self.idle = people
        self.work_h = work_h
        self.queue: deque[Case] = deque()

    def take(self, case: Case) -> None:
        """A case comes in."""
        case.joined = self.model.now
        if self.idle:
            self.idle -= 1
            self.start(case)
        else:
            self.queue.append(case)

    def start(self, case: Case) -> None:
        """Somebody starts work on it."""
        model = self.model
        model.waits += model.now - case.joined
        model.visits += 1
        model.after(model.random.expovariate(1.0 / self.work_h), self.finish, case)

    def finish(self, case: Case) -> None:
        """Work is done."""
        if self.queue:
            self.start(self.queue.popleft())
        else:
            self.idle += 1
        if case.route:
            case.route.pop().take(case)
        else:
            self.model.closed += 1
            if case.customer is not None:
                case.customer.memory.remember(self.model.now - case.opened, self.model.tolerance)


class Customer(mesa.Agent):
    """A customer with a memory."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.memory = Memory()
        self.wait_for_need()

    def wait_for_need(self) -> None:
        """When the next case comes."""
        model = self.model
        model.after(model.random.expovariate(works.CASES_A_MONTH / works.MONTH_H), self.ask)

    def ask(self) -> None:
        """Bring a case."""
        model = self.model
        [department] = model.random.choices(model.departments, works.PEOPLE)
        department.take(Case(self, model.now, []))
        self.wait_for_need()


class Firm(Clocked):
    """Either work."""

    def __init__(self, seed: int, work_h: tuple[float, ...]) -> None:
        super().__init__(seed)
        self.waits, self.visits, self.closed = 0.0, 0, 0
        self.tolerance = 1.0
        self.departments = [Department(self, n, w)
                            for n, w in zip(works.PEOPLE, work_h, strict=True)]

    def arrive(self) -> None:
        """Work B: a case from outside."""
        route = self.random.sample(self.departments, 3)
        route.pop().take(Case(None, self.now, route))
        self.after(self.random.expovariate(works.NETWORK_RATE), self.arrive)

    def month(self) -> None:
        """Work C: a month ends."""
        for customer in self.agents_by_type[Customer]:
            customer.memory.month(self.random)
        self.after(works.MONTH_H, self.month)


def network(cases: int, seed: int) -> dict[str, Any]:
    """Work B."""
    firm = Firm(seed, works.NETWORK_WORK_H)
    begin = time.process_time()
    firm.arrive()
    firm.run_to(cases / works.NETWORK_RATE)
    cpu = time.process_time() - begin
    return {"cpu": cpu, "cases": firm.closed, "visits": firm.visits,
            "wait": firm.waits / firm.visits}


def memory(customers: int, months: float, seed: int) -> dict[str, Any]:
    """Work C."""
    work = works.service_h(customers)
    firm = Firm(seed, (work,) * 3)
    firm.tolerance = works.TOLERANCE_SERVICES * work
    Customer.create_agents(firm, customers)
    firm.after(works.MONTH_H, firm.month)
    begin = time.process_time()
    firm.run_to(months * works.MONTH_H)
    cpu = time.process_time() - begin
    return {"cpu": cpu, "cases": firm.closed, "visits": firm.visits,
            "wait": firm.waits / firm.visits}


class DailyCustomer(mesa.Agent):
    """A customer who asks whether there is a need once a day."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.memory = Memory()

    def step(self) -> None:
        """One day."""
        if self.random.random() < self.model.need:
            [department] = self.random.choices(self.model.departments, works.PEOPLE)
            department.queue.append((self, self.model.steps))


class DailyDepartment(mesa.Agent):
    """A department that does a day's work out of its queue."""

    def __init__(self, model: Any, capacity: float) -> None:
        super().__init__(model)
        self.capacity = capacity
        self.left = 0.0
        self.queue: deque[tuple[DailyCustomer, int]] = deque()

    def step(self) -> None:
        """One day."""
        self.left = min(self.left, 0.0) + self.capacity
        while self.queue and self.left > 0.0:
            customer, day = self.queue.popleft()
            self.left -= self.random.expovariate(1.0 / self.model.work)
            customer.memory.remember(8.0 * (self.model.steps - day), self.model.tolerance)
            self.model.closed += 1


class DailyFirm(mesa.Model):
    """Work C in steps of a day."""

    def __init__(self, customers: int, seed: int) -> None:
        super().__init__(rng=seed)
        self.work = works.service_h(customers)
        self.tolerance = works.TOLERANCE_SERVICES * self.work
        self.need = 8.0 * works.CASES_A_MONTH / works.MONTH_H
        self.closed = 0
        self.departments = [DailyDepartment(self, 8.0 * n) for n in works.PEOPLE]
        DailyCustomer.create_agents(self, customers)

    def step(self) -> None:
        """One day."""
        self.agents_by_type[DailyCustomer].shuffle_do("step")
        self.agents_by_type[DailyDepartment].do("step")


def memory_by_day(customers: int, months: float, seed: int) -> dict[str, Any]:
    """Work C, a step a day: what happens inside a day is lost, waits come out wrong."""
    firm = DailyFirm(customers, seed)
    begin = time.process_time()
    for _ in range(round(months * works.MONTH_H / 8.0)):
        firm.step()
    cpu = time.process_time() - begin
    return {"cpu": cpu, "cases": firm.closed, "visits": firm.closed, "wait": None}
