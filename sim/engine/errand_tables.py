"""Tables of case types with two more rows: a complaint, and a follow-up visit (M13, M15).

Owns: those rows, and priority classes with and without the firm's favour. Never does: open an
errand (`errands.py`). An errand is one step of one function; no customer brings it by chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.records import Floats
from sim.structures.cases import Cases

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

Table = NDArray[Any]


def errands_on(scenario: Scenario) -> bool:
    """May any errand arise?"""
    return scenario.complaints.enabled or scenario.best_customers.enabled


def places(scenario: Scenario) -> tuple[int, int]:
    """Functions that make amends and that follow up."""
    names = list(scenario.functions)
    asked = (scenario.complaints.function, scenario.best_customers.function)
    first, second = (len(names) - 1 if name is None else names.index(name) for name in asked)
    return first, second


def with_errands(scenario: Scenario, cases: Cases, kinds: Table, after: Table
                 ) -> tuple[Table, Floats, Table, Floats, Floats]:
    """Case types, work, precedence, product weights, second products; errands as last rows."""
    tables = (kinds, np.ascontiguousarray(cases.work_h), after,
              np.ascontiguousarray(cases.product_weight),
              np.ascontiguousarray(cases.second_probability))
    if not errands_on(scenario):
        return tables
    functions = list(scenario.functions.values())
    more = np.zeros(2, dtype=kinds.dtype)
    work = np.zeros((2, len(functions)))
    hours = (scenario.complaints.work_h, scenario.best_customers.follow_up_h)
    for row, (f, h) in enumerate(zip(places(scenario), hours, strict=True)):
        more[row]["steps"] = 1 << 2 * f
        work[row, f] = functions[f].work_h if h is None else h
    more["tolerance_h"] = scenario.complaints.tolerance_h
    more["patience_h"] = 1.0
    more["cumulated"] = np.inf
    kinds = kinds.copy()
    kinds[-1]["cumulated"] = np.inf  # whatever the rounding, no draw reaches an errand
    usual = np.tensordot(cases.type_probability, cases.product_weight, axes=1)
    return (
        np.concatenate([kinds, more]),
        np.concatenate([cases.work_h, work]),
        np.concatenate([after, np.zeros((2, after.shape[1]), dtype=after.dtype)]),
        np.concatenate([cases.product_weight, np.stack([usual, usual])]),
        np.concatenate([cases.second_probability, np.zeros((2, len(usual)))]),
    )


def ranks(scenario: Scenario) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Ranks [Y, S] (0 is served first), those of favoured customers, and their number."""
    kinds = [kind.priority for kind in scenario.case_types.values()]
    if errands_on(scenario):
        kinds += [scenario.complaints.priority, 0]
    usual = np.array([[kind + segment.priority for segment in scenario.segments.values()]
                      for kind in kinds])
    best = scenario.best_customers
    favoured = usual + (best.priority if best.enabled else 0)
    levels = np.unique(np.concatenate([usual.ravel(), favoured.ravel()]))[::-1]
    return (
        np.searchsorted(-levels, -usual).astype(np.int64),
        np.searchsorted(-levels, -favoured).astype(np.int64),
        len(levels),
    )
