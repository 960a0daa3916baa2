"""The works that are done side by side, as scenarios and as plain numbers.

Owns: what work B and work C are. Never does: run them.

Work B, a queueing network: three departments of 4, 6 and 8 people, 90% busy; each case passes all
three in one of six random orders; exponential work, first come first served.

Work C, customers with memory: customers bring Poisson cases, two a month; a case is one visit to
one of the same three departments (4 : 6 : 8, 90% busy); at its end satisfaction, expectation and
loyalty move, and at each month's end customers leave with a probability that falls with loyalty,
and others join.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

MONTH_H = 2080.0 / 12.0
PEOPLE = (4, 6, 8)
DEPARTMENTS = ("a", "b", "c")
BUSY = 0.9

NETWORK_WORK_H = (0.4, 0.6, 0.8)
NETWORK_RATE = BUSY * PEOPLE[0] / NETWORK_WORK_H[0]
"""Cases per hour of work B."""

CASES_A_MONTH = 2.0
TOLERANCE_SERVICES = 4.0
"""Tolerated response of work C, in mean services."""
CHURN_MAX, STEEPNESS, THRESHOLD, LOYALTY = 0.05, 10.0, 0.5, 0.8


def plain(name: str, **tables: Any) -> dict[str, Any]:
    """A scenario with every mechanism off that neither work has."""
    return {
        "schema_version": 1,
        "name": name,
        "needs": {"dimensions": 1, "variance": 0.0},
        "labels": {"accuracy": 1.0, "unassignable": 0.0, "notice": 0.0},
        "work": {"distribution": "exponential"},
        "knowledge": {"learning": False},
        "handoffs": {"latency_h": 0.0, "read_in_h": 0.0, "information_loss": 0.0,
                     "familiarity_effect": 0.0},
        "mistakes": {"enabled": False},
        "cover": {"minimum_proficiency": 1.0},
        "satisfaction": {"concentration": 0.0, "expectation_start": "given"},
        "offering": {"mode": "label_centre"},
        **tables,
    }


def network(cases: float) -> dict[str, Any]:
    """Work B in about `cases` cases."""
    kinds = {}
    for order in permutations(range(3)):
        names = [DEPARTMENTS[i] for i in order]
        kinds["".join(names)] = {
            "steps": list(DEPARTMENTS),
            "after": {step: [names[i]] for i, step in enumerate(names[1:])},
        }
    customers = 1000
    hours = cases / NETWORK_RATE
    return plain(
        "Work B",
        customers={"count": customers, "second_product": 0.0,
                   "cases_per_month": NETWORK_RATE * MONTH_H / customers},
        functions={f: {"work_h": w} for f, w in zip(DEPARTMENTS, NETWORK_WORK_H, strict=True)},
        case_types=kinds,
        market={"churn_max": 0.0, "inflow": False},
        staff={"heads": sum(PEOPLE), "rebalance": False,
               "pools": {"functional": dict(zip(DEPARTMENTS, PEOPLE, strict=True))}},
        time={"warm_up": "0 h", "horizon": f"{hours} h", "period": f"{hours} h"},
    )


def service_h(customers: int, people: int = sum(PEOPLE)) -> float:
    """Mean work of work C, so that its departments are 90% busy."""
    return BUSY * people / (customers * CASES_A_MONTH / MONTH_H)


def memory(customers: int, months: float, *, features: bool = False,
           departments: tuple[int, ...] = PEOPLE) -> dict[str, Any]:
    """Work C; with `features` also priority classes and callers who give up.

    With features nobody joins, so that a program without the engine's streams of joiners can have
    exactly the same events.
    """
    people = sum(departments)
    work = service_h(customers, people)
    names = [f"d{i}" for i in range(len(departments))]
    kinds: dict[str, Any] = {}
    for i, (name, heads) in enumerate(zip(names, departments, strict=True)):
        kind: dict[str, Any] = {"weight": float(heads), "steps": [name],
                                "tolerance_h": TOLERANCE_SERVICES * work}
        if features:
            kind |= {"channel": "phone", "patience_h": 3.0 * work, "priority": i % 3}
        kinds[f"k{i}"] = kind
    # Priority classes have to compete inside a department for the order to matter.
    if features:
        kinds = {f"{kind}{p}": {**row, "priority": p, "weight": row["weight"] / 3.0}
                 for kind, row in kinds.items() for p in range(3)}
    return plain(
        "Work C",
        customers={"count": customers, "second_product": 0.0, "cases_per_month": CASES_A_MONTH},
        functions={name: {"work_h": work} for name in names},
        case_types=kinds,
        # A joiner's loyalty also sets the inflow: at this one about as many join as leave.
        market={"churn_max": CHURN_MAX, "steepness": STEEPNESS, "loyalty_start": LOYALTY,
                "switching_cost": 0.15, "outside_option": 0.15 + THRESHOLD, "inflow": not features,
                "tell_delighted": 0.0, "tell_angry": 0.0, "tell_neutral": 0.0},
        staff={"heads": people, "rebalance": False,
               "pools": {"functional": dict(zip(names, departments, strict=True))}},
        time={"warm_up": "0 h", "horizon": f"{months} months", "period": f"{months} months"},
    )


def departments(customers: int, cases: float, regions: int) -> dict[str, Any]:
    """Work C with five departments per region (one per segment), of 2 to 100 people.

    The structure is called "crossed". Departments are 80% busy, since the number of customers of
    a small one is left to chance.
    """
    rows = {f"r{i}": i + 1 for i in range(regions)}
    columns = {f"s{i}": i + 1 for i in range(5)}
    heads = {f"{r}/{s}": 2 * m * n for r, m in rows.items() for s, n in columns.items()}
    people = sum(heads.values())
    work = service_h(customers, people) * 0.8 / BUSY
    scenario = memory(customers, cases / CASES_A_MONTH / customers)
    return scenario | {
        "functions": {"work": {"work_h": work}},
        "case_types": {"request": {"tolerance_h": TOLERANCE_SERVICES * work}},
        "regions": {r: {"share": m / sum(rows.values())} for r, m in rows.items()},
        "segments": {s: {"share": n / sum(columns.values())} for s, n in columns.items()},
        "structures": {"crossed": {"group": {"work": ["region", "segment"]}}},
        "staff": {"heads": people, "rebalance": False, "pools": {"crossed": heads}},
    }


def everything(firm: str) -> dict[str, Any]:
    """Settings that switch every mechanism of a shipped firm on, at its default size.

    Beside the switches: variants, ways of designing, haste and effort that have no switch of
    their own.
    """
    from sim.scenario import load
    from sim.scenario.schema import Scenario

    functions = list(load(firm).functions)
    switches = [name for name, field in Scenario.model_fields.items()
                if "enabled" in getattr(field.annotation, "model_fields", ())]
    return {f"{name}.enabled": True for name in switches} | {
        "stock.function": functions[-1],
        "complaints.function": functions[-1],
        "design.variants": 2,
        "segmentation.mode": "effort",
        "time.horizon": "12 months",
    }
