"""Scenarios that switch off everything but what a theory describes.

Owns: the bare firm as a mapping a user could have written. Never does: run it. Nothing here
reaches past the scenario file: what `orgsim verify` turns off, any user can turn off (R28).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.scenario.schema import HOURS_PER_MONTH

CALLERS = 100
"""Customers of a bare firm: their Poisson streams add up to one whatever their number."""


def bare(
    name: str,
    *,
    arrivals: float,
    work: Mapping[str, float],
    heads: Mapping[str, int],
    warm_up_h: float,
    horizon_h: float,
    customers: int = CALLERS,
    distribution: str = "exponential",
    **tables: Any,
) -> dict[str, Any]:
    """A firm grouped by function, in which nobody learns, errs, leaves, joins or is moved.

    Args:
        name: Title.
        arrivals: Cases per hour of all customers together.
        work: Mean hours of an expert by function.
        heads: People by function (strict specialists).
        warm_up_h: Hours before measuring.
        horizon_h: Hours measured.
        customers: Number of customers the cases come from.
        distribution: Of work: exponential, lognormal or deterministic.
        tables: Further tables of the scenario, merged into these, e.g. `case_types={...}`.
    """
    scenario: dict[str, Any] = {
        "schema_version": 1,
        "name": name,
        "customers": {
            "count": customers,
            "cases_per_month": arrivals * HOURS_PER_MONTH / customers,
            "second_product": 0.0,
        },
        "functions": {f: {"work_h": hours} for f, hours in work.items()},
        "needs": {"dimensions": 1},
        "labels": {"accuracy": 1.0, "unassignable": 0.0, "notice": 0.0},
        "work": {"distribution": distribution},
        "knowledge": {"learning": False},
        "handoffs": {"latency_h": 0.0, "read_in_h": 0.0, "information_loss": 0.0,
                     "familiarity_effect": 0.0},
        "mistakes": {"enabled": False},
        "cover": {"minimum_proficiency": 1.0},
        "satisfaction": {"concentration": 0.0, "expectation_start": "given"},
        "market": {"churn_max": 0.0, "inflow": False},
        "staff": {"heads": sum(heads.values()), "rebalance": False,
                  "pools": {"functional": dict(heads)}},
        "time": {"warm_up": f"{warm_up_h} h", "horizon": f"{horizon_h} h",
                 "period": f"{horizon_h} h"},
    }
    return merged(scenario, tables)


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a nested mapping with some entries replaced or added."""
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        if isinstance(value, Mapping):
            result[key] = merged(old if isinstance(old, Mapping) else {}, value)
        else:
            result[key] = value
    return result
