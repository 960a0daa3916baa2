"""P02: no name matters, and without anything a structure acts through, no structure matters."""

from __future__ import annotations

from typing import Any

import pytest

from sim.engine.simulation import prepare, simulate
from sim.metrics.registry import METRICS
from sim.scenario import load
from tests.law.outcome import FIRM, firm, outcome, run

pytestmark = pytest.mark.slow  # without the compiler each run takes many seconds

STRUCTURES = ("functional", "product", "customer", "regional", "front-back", "mixed")

NEW = {"alpha": "zz", "beta": "yy", "gamma": "Ünï", "wool": "q2", "silk": "a1", "north": "x9",
       "south": "a b", "spin": "wo", "weave": "wm", "sell": "am", "order": "zo", "query": "ya",
       "mixed": "another"}
"""New names: sorted, they stand in another order than the old ones."""


def renamed(data: Any) -> Any:
    """The same tables in the same order, every name replaced wherever it stands."""
    if isinstance(data, dict):
        return {NEW.get(k, k): renamed(v) for k, v in data.items()}
    if isinstance(data, list | tuple):
        return [renamed(v) for v in data]
    return NEW.get(data, data) if isinstance(data, str) else data


@pytest.mark.parametrize("structure", STRUCTURES)
def test_renaming_everything_changes_no_bit(structure: str) -> None:
    """P02 (a): segments, products, regions, functions, case types, structures and units."""
    before = load(FIRM)
    after = load(renamed(FIRM))
    assert sorted(after.segments) != [NEW[s] for s in sorted(before.segments)]
    mine = simulate(prepare(before, structure), 0, case_log=True)
    other = simulate(prepare(after, NEW.get(structure, structure)), 0, case_log=True)
    if structure != "mixed":
        assert mine.layout.units != other.layout.units
    assert outcome(mine) == outcome(other)
    assert mine.totals["closed"] > 100


def test_another_order_is_another_firm() -> None:
    """The control of the test above: declared order, not the name, is what counts."""
    swapped = dict(FIRM)
    swapped["segments"] = dict(reversed(FIRM["segments"].items()))
    assert run(load(swapped), "customer") != run(load(FIRM), "customer")


NEUTRAL: dict[str, dict[str, Any]] = {
    "customers": {"second_product": 0.0},
    "knowledge": {"function_effect": 0.0, "product_effect": 0.0, "segment_effect": 0.0},
    "handoffs": {"latency_h": 0.0, "read_in_h": 0.0, "information_loss": 0.0},
    "work": {"second_product_factor": 1.0},
    "mistakes": {"base": 0.0, "knowledge": 0.0, "information": 0.0},
    # With learned offerings a unit starts at the mean need of its own customers: that would be a
    # difference between samples. At the centre of labels without between-segment variance it is 0.
    "needs": {"segment_share": 0.0, "product_share": 0.0, "interaction_share": 0.0},
    "offering": {"mode": "label_centre"},
    "labels": {"accuracy": 1.0, "unassignable": 0.0},
    "cover": {"pooling": "single"},
    "staff": {"rebalance": False, "quit_rate": 0.0},
    "money": {"offering_fte": 0.0, "tool_fte": 0.0, "head_factor": 0.0},
}

OF_THE_MAP = {"handoffs", "passes", "misrouted", "cover_visits", "lead_teams", "owned", "service",
              "received", "offering_months"}
"""Sums that describe the map of units itself, whatever it does to customers."""
ABOUT_THE_MAP = {"handoffs_per_case", "passes_per_case", "accountability", "internal_service",
                 "order_cycle_knowledge", "offering_distance"}

SAME_VISITS = ("functional", "product", "customer", "regional", "front-back")
"""Structures in which one person does one function a visit."""


def neutral_outcome(structure: str, **change: dict[str, Any]) -> dict[str, Any]:
    tables = {name: NEUTRAL.get(name, {}) | change.get(name, {}) for name in NEUTRAL | change}
    result = simulate(prepare(firm(**tables), structure), 0, case_log=True)
    parts: dict[str, Any] = {name: result.totals[name] for name in result.totals.dtype.names
                             if name not in OF_THE_MAP}
    parts |= {id: result.metrics[id] for id in METRICS if id not in ABOUT_THE_MAP}
    parts["segments"] = result.segments.tobytes()
    parts["customers"] = (result.customers.cases.tobytes(),
                          result.customers.satisfaction_sum.tobytes(),
                          result.customers.left.tobytes())
    log = result.case_log
    assert log is not None
    parts |= {f"log {name}": log[name].tobytes() for name in log.dtype.names if name != "handoffs"}
    return parts


def test_with_nothing_to_act_through_structures_are_the_same_firm() -> None:
    """P02 (c): effects, latency, read-in, loss, need shares, unit costs 0 and one queue."""
    first = neutral_outcome(SAME_VISITS[0])
    assert first["closed"] > 100
    for structure in SAME_VISITS[1:]:
        assert neutral_outcome(structure) == first


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [("knowledge", "function_effect", 0.6), ("knowledge", "product_effect", 0.4),
     ("knowledge", "segment_effect", 0.25), ("handoffs", "latency_h", 0.5),
     ("handoffs", "read_in_h", 0.04), ("money", "tool_fte", 0.03), ("money", "head_factor", 1.6),
     ("cover", "pooling", "units"), ("offering", "mode", "learned")],
)
def test_each_of_them_is_something_to_act_through(table: str, key: str, value: object) -> None:
    """The control: give one of them back, and structures differ."""
    found = [neutral_outcome(name, **{table: {key: value}}) for name in SAME_VISITS]
    assert any(other != found[0] for other in found[1:])
