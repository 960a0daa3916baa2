"""P03: products and segments are mirror images where nothing tells them apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine.simulation import prepare, simulate
from sim.scenario import load

pytestmark = pytest.mark.slow  # eight years of 12,000 cases

REF = Path(__file__).parents[1] / "scenarios" / "ref.toml"

SYMMETRIC: dict[str, Any] = {
    "knowledge.product_effect": 0.325, "knowledge.segment_effect": 0.325,
    "customers.second_product": 0.0, "labels.accuracy": 1.0, "labels.notice": 0.0,
    "needs.segment_share": 0.0, "money.offering_fte": 0.0, "money.tool_fte": 0.0,
}
REPLICATIONS = 4


def means(structure: str, **change: Any) -> dict[str, float]:
    """Response, errors per case and cost of REF without anything that breaks the symmetry."""
    scenario = load(REF, set=SYMMETRIC | change)
    prepared = prepare(scenario, structure)
    runs = [simulate(prepared, r) for r in range(REPLICATIONS)]
    return {
        "response": float(np.mean([r.metrics["response_mean_h"] for r in runs])),
        "errors": float(np.mean([r.totals["errors"] / r.totals["closed"] for r in runs])),
        "cost": float(np.mean([r.metrics["cost_total"] for r in runs])),
    }


def test_product_map_and_segment_map_are_mirror_images() -> None:
    """Equal numbers, equal effects, no bundles, right labels, equal needs: within 3%."""
    products, segments = means("product"), means("customer")
    for name, value in products.items():
        assert value == pytest.approx(segments[name], rel=0.03), name


def test_the_mirror_breaks_where_one_kind_of_knowledge_matters_more() -> None:
    """The control: with product knowledge dear and segment knowledge free, products win."""
    dear = {"knowledge.product_effect": 0.65, "knowledge.segment_effect": 0.0}
    assert means("product", **dear)["errors"] < 0.9 * means("customer", **dear)["errors"]
