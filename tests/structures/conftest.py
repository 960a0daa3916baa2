"""Small worlds for the structure tests: hand-made ones and random ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from sim.scenario.schema import Scenario

KEYS = ("all", "function", "product", "segment", "region")


def make_world(**changes: Any) -> Scenario:
    """Four functions, two products, three segments, two regions; changes replace whole tables."""
    table: dict[str, Any] = {
        "schema_version": 1,
        "name": "test world",
        "functions": {
            "meet": {"work_h": 0.3, "front": True},
            "plan": {"work_h": 0.5, "front": True},
            "make": {"work_h": 0.6},
            "send": {"work_h": 0.3},
        },
        "products": {"tea": {}, "ink": {"weight": 3.0}},
        "segments": {
            "old": {"share": 0.5, "products": {"tea": 1.0}},
            "new": {"share": 0.3},
            "odd": {"share": 0.2, "volume": 2.0},
        },
        "regions": {"hill": {"share": 0.75}, "vale": {"share": 0.25}},
        "customers": {"count": 1000, "cases_per_month": 1.0, "second_product": 0.4},
        "staff": {"heads": 60, "span": 4},
        "structures": {
            "crossed": {"group": {"meet": ["region", "segment"], "rest": ["segment", "region"]}},
            "duo": {"group": {"rest": "product"}, "roles": [["meet", "send"], ["plan", "make"]]},
            "tabled": {"units": [
                {"name": "door", "functions": ["meet"]},
                {"name": "tea works", "functions": ["plan", "make", "send"], "products": ["tea"]},
                {"name": "ink works", "functions": ["plan", "make", "send"], "products": ["ink"]},
            ]},
        },
    }
    return Scenario.model_validate({**table, **changes})


@pytest.fixture(scope="session")
def world() -> Callable[..., Scenario]:
    """A factory of the small world above."""
    return make_world


def _shares(draw: Any, n: int) -> list[float]:
    raw = [draw(st.integers(1, 5)) for _ in range(n)]
    return [x / sum(raw) for x in raw]


@st.composite
def _random_world(draw: Any) -> Scenario:
    """Any small valid world with one structure of its own, called `own`."""
    functions = [f"f{i}" for i in range(draw(st.integers(1, 4)))]
    products = [f"p{i}" for i in range(draw(st.integers(1, 3)))]
    segments = [f"s{i}" for i in range(draw(st.integers(1, 3)))]
    regions = [f"r{i}" for i in range(draw(st.integers(1, 2)))]
    kinds = {}
    for y in range(draw(st.integers(1, 2))):
        order = draw(st.permutations(functions))[: draw(st.integers(1, len(functions)))]
        after = {step: draw(st.lists(st.sampled_from(order[:i]), unique=True))
                 for i, step in enumerate(order) if i and draw(st.booleans())}
        kinds[f"y{y}"] = {"steps": order, "after": after, "weight": draw(st.integers(1, 3)) / 1.0}
    keys = st.one_of(st.sampled_from(KEYS),
                     st.lists(st.sampled_from(KEYS[1:]), min_size=2, max_size=2, unique=True))
    cut = draw(st.integers(0, len(functions)))
    roles = [r for r in (functions[:cut], functions[cut:]) if r] if draw(st.booleans()) else []
    return Scenario.model_validate({
        "schema_version": 1,
        "name": "random world",
        "functions": {f: {"work_h": draw(st.integers(1, 9)) / 10, "front": draw(st.booleans())}
                      for f in functions},
        "products": {p: {"weight": draw(st.integers(1, 3)) / 1.0} for p in products},
        "segments": {s: {"share": share, "volume": draw(st.sampled_from([0.5, 1.0, 2.0])),
                         "products": draw(st.sampled_from([{}, {products[-1]: 1.0}]))}
                     for s, share in zip(segments, _shares(draw, len(segments)), strict=True)},
        "regions": {r: {"share": share}
                    for r, share in zip(regions, _shares(draw, len(regions)), strict=True)},
        "case_types": kinds,
        "customers": {"second_product": draw(st.sampled_from([0.0, 0.3, 1.0]))},
        "labels": {"accuracy": draw(st.sampled_from([0.4, 0.8, 1.0])),
                   "unassignable": draw(st.sampled_from([0.0, 0.1]))},
        "work": {"second_product_factor": draw(st.sampled_from([0.0, 0.85, 1.0]))},
        "staff": {"heads": draw(st.integers(1, 120)), "span": draw(st.integers(2, 9))},
        "structures": {"own": {"group": {f: draw(keys) for f in functions}, "roles": roles}},
    })


@pytest.fixture(scope="session")
def worlds() -> st.SearchStrategy[Scenario]:
    """Strategy of random worlds."""
    return _random_world()
