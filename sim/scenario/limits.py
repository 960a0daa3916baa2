"""How large a run will be, predicted before any work, and the limits on it.

Owns: the prediction and the limits. Never does: run anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.errors import LimitExceeded
from sim.scenario.reading import MAX_BYTES
from sim.scenario.schema import HOURS_PER_MONTH, Scenario

OVERRIDE = "--allow-large (in Python: limits=None)"
PILOT_H = 3000.0
"""Three pilot rounds that measure work before staffing."""


@dataclass(frozen=True)
class Limits:
    """What is refused unless the user says otherwise; pass ``limits=None`` to lift all."""

    cases: float = 1e8
    """Cases of one run, pilot rounds and warm-up included."""
    total_cases: float = 5e9
    """Cases of all runs of one command."""
    memory: float = 4 * 2.0**30
    """Bytes of one run."""
    file_bytes: int = MAX_BYTES
    """Size of a scenario file or overlay file."""


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Prediction:
    """Size of one run."""

    cases: float
    """Expected cases, pilot and warm-up included."""
    memory: float
    """Bytes, a rough upper estimate."""


def predict(scenario: Scenario) -> Prediction:
    """Predict the size of one run from rates alone (joiners counted as if nobody left)."""
    customers, time = scenario.customers, scenario.time
    volume = math.fsum(s.share * s.volume for s in scenario.segments.values())
    per_h = customers.count * customers.cases_per_month * volume / HOURS_PER_MONTH
    months = time.horizon / HOURS_PER_MONTH
    joiners = _joiners(scenario, months)
    growth = 1.0 + joiners / customers.count
    pilot_joiners = _bought(scenario) * PILOT_H / HOURS_PER_MONTH
    cases = per_h * (PILOT_H * (1.0 + pilot_joiners / customers.count) + time.warm_up
                     + time.horizon * growth)

    segments, products = len(scenario.segments), len(scenario.products)
    units = max([len(scenario.functions) * max(segments, products, len(scenario.regions)),
                 *(len(s.units) for s in scenario.structures.values())])
    per_customer = 160.0 + 4.0 * products * scenario.needs.dimensions
    periods = (time.warm_up + time.horizon) / time.period
    teams = scenario.staff.heads / scenario.staff.span + 2 * units
    memory = (customers.count * growth * per_customer
              + periods * 8.0 * (50 + 16 * segments + 10 * units)
              + teams**2 * 16.0
              + scenario.staff.heads * 8.0 * (10 + len(scenario.functions) + products + segments)
              + min(cases, per_h * 2000.0) * 200.0)
    return Prediction(cases, memory)


def _joiners(scenario: Scenario, months: float) -> float:
    """Customers who may join in a run; those whom the market replaces are counted twice at most."""
    if not scenario.market.inflow:
        return 0.0
    most = max([scenario.market.churn_max,
                *(s.churn_max for s in scenario.segments.values() if s.churn_max is not None)])
    return min(most * months, 2.0) * scenario.customers.count + _bought(scenario) * months


def _bought(scenario: Scenario) -> float:
    """Customers a month whom promotion and agents bring at most, leavers and expansion apart."""
    rules = scenario.acquisition
    if not (rules.enabled and scenario.market.inflow):
        return 0.0
    spent = rules.budget * (1.0 - rules.retention_share) / 12.0
    most = 2.0 * (spent / rules.promotion_cost + rules.agent_customers)
    if scenario.expansion.enabled:
        most *= 1.0 + scenario.expansion.inflow * scenario.expansion.most
    return most


def check_limits(scenario: Scenario, where: str, limits: Limits | None = DEFAULT_LIMITS, *,
                 runs: int = 1) -> None:
    """Refuse what would take too long or too much memory.

    Args:
        scenario: The world.
        where: How it is called in messages.
        limits: The limits; None = none.
        runs: Runs the command will do (structures x replications).

    Raises:
        LimitExceeded: With the prediction, the largest causes, and the override.
    """
    if limits is None:
        return
    size = predict(scenario)
    causes = (f"customers.count = {scenario.customers.count:,}, customers.cases_per_month = "
              f"{scenario.customers.cases_per_month:g}, time.horizon = {scenario.time.horizon:g} h")
    if bought := _bought(scenario):
        causes += f", [acquisition] brings up to {bought:,.0f} customers a month"
    if size.cases > limits.cases:
        raise LimitExceeded(f"{where}: one run would have about {size.cases:.2g} cases, more than "
                            f"the limit of {limits.cases:.2g} ({causes}); make the scenario "
                            f"smaller, or lift the limit with {OVERRIDE}")
    if size.memory > limits.memory:
        raise LimitExceeded(f"{where}: one run would need about {size.memory / 2**30:.1f} GiB of "
                            f"memory, more than the limit of {limits.memory / 2**30:.1f} GiB "
                            f"({causes}, staff.heads = {scenario.staff.heads:,}, time.period = "
                            f"{scenario.time.period:g} h); make the scenario smaller, or lift the "
                            f"limit with {OVERRIDE}")
    if size.cases * runs > limits.total_cases:
        raise LimitExceeded(f"{where}: {runs:,} runs would have about {size.cases * runs:.2g} "
                            f"cases, more than the limit of {limits.total_cases:.2g}; ask for "
                            f"fewer replications, or lift the limit with {OVERRIDE}")
