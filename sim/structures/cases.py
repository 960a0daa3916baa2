"""What cases ask for, as tables: types, steps, precedence, work, products, labels, regions.

Owns: the compilation of case types, product weights and labels to arrays, the one place that
says what `steps`, `after` and `products` mean. Never does: draw anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.records import Floats
from sim.scenario.labelling import accuracy, refuses

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Cases:
    """The demand of a scenario as tables. Y case types, F functions, P products, S segments."""

    type_probability: Floats
    """[Y] probability that a case is of this type."""
    needs: NDArray[np.bool_]
    """[Y, F] the type has a step in this function."""
    before: NDArray[np.bool_]
    """[Y, F, F] `before[y, f, g]`: step g must be done before step f, for the same product."""
    work_h: Floats
    """[Y, F] mean expert work of a step on the first product, h; 0 without such a step."""
    product_weight: Floats
    """[Y, S, P] probability of the first product, by true segment; the second is drawn from the
    others by the same weights."""
    second_probability: Floats
    """[Y, S] probability of a second product; 0 where there is only one to choose from."""
    later_factor: float
    """Factor on the work of the second product of a function in the same visit (b)."""
    segment_rate: Floats
    """[S] cases per hour from customers of each true segment."""
    label_probability: Floats
    """[S, S] `[s, l]`: probability that a customer of segment s is believed to be of l."""
    region_share: Floats
    """[R] share of customers living in each region."""


def compile_cases(scenario: Scenario) -> Cases:
    """Compile demand to tables (R10, R14; THEORY M1, M8)."""
    functions = list(scenario.functions)
    index = {name: f for f, name in enumerate(functions)}
    products = list(scenario.products)
    types = list(scenario.case_types.values())
    segments = list(scenario.segments.values())
    n_types, n_functions = len(types), len(functions)

    weight = np.array([t.weight for t in types])
    needs = np.zeros((n_types, n_functions), dtype=bool)
    before = np.zeros((n_types, n_functions, n_functions), dtype=bool)
    work_h = np.zeros((n_types, n_functions))
    product_weight = np.zeros((n_types, len(segments), len(products)))
    second = np.zeros((n_types, len(segments)))
    own = np.array([[s.products.get(p, 0.0) if s.products else scenario.products[p].weight
                     for p in products] for s in segments])
    plain = np.array([p.weight for p in scenario.products.values()])
    for y, kind in enumerate(types):
        steps = [index[name] for name in kind.steps] if kind.steps else range(n_functions)
        steps = sorted(set(steps))
        needs[y, steps] = True
        if kind.after:
            for name, earlier in kind.after.items():
                before[y, index[name], [index[e] for e in earlier]] = True
        else:
            before[y, steps[1:], steps[:-1]] = True
        for f in steps:
            work_h[y, f] = kind.work_h.get(functions[f], scenario.functions[functions[f]].work_h)
            if f == scenario.offering_function and scenario.empowerment.enabled:
                # Adapting the offering to the case takes its time (M19).
                work_h[y, f] *= 1.0 + (scenario.empowerment.adaptation_work
                                       * scenario.empowerment.level)
        allowed = np.array([not kind.products or p in kind.products for p in products])
        chosen = own * allowed
        # A segment that never buys what this type is about takes the firm's own mix of it.
        chosen = np.where(chosen.sum(axis=1, keepdims=True) > 0, chosen, plain * allowed)
        product_weight[y] = chosen / chosen.sum(axis=1, keepdims=True)
        probability = (scenario.customers.second_product if kind.second_product is None
                       else kind.second_product)
        second[y] = np.where((chosen > 0).sum(axis=1) > 1, probability, 0.0)

    return Cases(
        type_probability=weight / weight.sum(),
        needs=needs,
        before=before,
        work_h=work_h * design_factor(scenario),
        product_weight=product_weight,
        second_probability=second,
        later_factor=scenario.work.second_product_factor,
        segment_rate=_segment_rate(scenario),
        label_probability=_label_probability(scenario),
        region_share=_normal(np.array([r.share for r in scenario.regions.values()])),
    )


def design_factor(scenario: Scenario) -> float:
    """Factor on all work: (1 + 0.03 ln V)(1 - saving x standardisation) (M20); 1 if neutral."""
    design = scenario.design
    return (1.0 + design.variant_work * math.log(design.variants)) * (
        1.0 - design.standard_saving * design.standardisation)


def _normal(shares: Floats) -> Floats:
    part: Floats = shares / shares.sum()
    return part


def _segment_rate(scenario: Scenario) -> Floats:
    segments = scenario.segments.values()
    share = _normal(np.array([s.share for s in segments]))
    volume = np.array([s.volume for s in segments])
    cases = scenario.customers.count * scenario.customers.cases_per_month
    rate: Floats = cases * share * volume / scenario.month_h
    return rate


def _label_probability(scenario: Scenario) -> Floats:
    """R10: right if u < q, else uniform over the others; unassignable: the largest segment."""
    share = np.array([s.share for s in scenario.segments.values()])
    n = len(share)
    if n == 1:
        return np.ones((1, 1))
    right = accuracy(scenario)
    lost = scenario.labels.unassignable
    known = np.full((n, n), (1.0 - right) / (n - 1))
    np.fill_diagonal(known, right)
    known *= 1.0 - lost
    if not refuses(scenario):
        known[:, int(np.argmax(share))] += lost
    return known
