"""Conformance of every structure, preset or a user's own: tables that belong together."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import InfeasibleStructure, InputError
from sim.records import Layout
from sim.scenario.loading import tables
from sim.scenario.schema import Scenario
from sim.structures import available, build, default_list, workload
from sim.structures.layout import reporting
from sim.structures.presets import PRESETS

NAMES = ["undivided", "functional", "product", "customer", "regional", "front-back", "crossed",
         "duo", "tabled"]


def check(scenario: Scenario, layout: Layout) -> None:
    """What every layout must satisfy."""
    shape = (len(scenario.functions), len(scenario.products), len(scenario.segments),
             len(scenario.regions))
    pools, units = len(layout.pools), len(layout.units)
    assert layout.pool_of.shape == shape
    assert set(np.unique(layout.pool_of)) == set(range(pools)), "a pool without any task"
    assert set(layout.pool_unit) == set(range(units))
    assert list(layout.pool_unit) == sorted(layout.pool_unit), "pools are ordered by unit"
    assert len(set(layout.pools)) == pools and len(set(layout.units)) == units
    for f in range(shape[0]):  # the pool of a task does its function
        assert (layout.pool_functions[layout.pool_of[f]] >> f & 1).all()
    for u in range(units):  # inside a unit each function belongs to one pool, in function order
        masks = layout.pool_functions[layout.pool_unit == u].tolist()
        assert sum(masks) == np.bitwise_or.reduce(masks)
        assert masks == sorted(masks, key=lambda m: m & -m)
    assert ((layout.pool_elements >= 1) & (layout.pool_elements <= 3)).all()
    tasks = {(int(layout.pool_unit[pool]), i[0]) for i, pool in np.ndenumerate(layout.pool_of)}
    assert layout.tools == len(tasks)
    offering = layout.pool_of[scenario.offering_function]
    held = {(int(layout.pool_unit[pool]), i[0]) for i, pool in np.ndenumerate(offering)}
    assert layout.offerings == len(held)
    everyone = (1 << shape[2]) - 1
    for u in range(units):
        mine = layout.pool_unit[layout.pool_of] == u
        segments = sum(1 << s for s in range(shape[2]) if mine[:, :, s].any())
        assert layout.unit_segments[u] == segments and 0 < segments <= everyone
    assert (layout.unit_distance == layout.unit_distance.T).all()


@pytest.mark.parametrize("name", NAMES)
def test_tables_belong_together(world: Any, name: str) -> None:
    scenario = world()
    check(scenario, build(scenario, name))


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_tables_belong_together_in_any_world(worlds: Any, data: st.DataObject) -> None:
    """Whatever validates compiles to consistent tables, or is refused with a reason (R3)."""
    scenario = data.draw(worlds)
    for name, reason in available(scenario).items():
        if reason is None:
            layout = build(scenario, name)
            check(scenario, layout)
            assert len(layout.pools) <= scenario.staff.heads
        else:
            with pytest.raises(InfeasibleStructure, match="infeasible"):
                build(scenario, name)


@pytest.mark.parametrize(("name", "units", "pools", "elements", "offerings", "tools"), [
    ("undivided", 1, 1, 1, 2, 4),
    ("functional", 4, 4, 1, 2, 4),
    ("product", 2, 8, 2, 2, 8),
    ("customer", 3, 12, 2, 6, 12),
    ("regional", 2, 8, 2, 4, 8),
    ("crossed", 6, 24, 3, 12, 24),
    ("duo", 2, 4, 2, 2, 8),
])
def test_counts(world: Any, name: str, units: int, pools: int, elements: int, offerings: int,
                tools: int) -> None:
    """Four functions, 2 products, 3 segments, 2 regions: counted by hand."""
    layout = build(world(), name)
    assert (len(layout.units), len(layout.pools)) == (units, pools)
    assert set(layout.pool_elements) == {elements}
    assert (layout.offerings, layout.tools) == (offerings, tools)


def test_front_back_divides_the_front_only(world: Any) -> None:
    layout = build(world(), "front-back")
    assert layout.units == ("old", "new", "odd", "make", "send")
    assert layout.pools[:3] == ("old: meet", "old: plan", "new: meet")
    assert layout.pools[-2:] == ("make", "send")
    assert layout.unit_segments.tolist() == [1, 2, 4, 7, 7]
    assert layout.pool_elements.tolist() == [2] * 6 + [1, 1]
    assert layout.offerings == 6, "the offering function `plan` is in front: 3 segments x 2"


def test_crossed_keys_share_units_in_any_order_of_writing(world: Any) -> None:
    layout = build(world(), "crossed")
    assert layout.units[:4] == ("hill/old", "hill/new", "hill/odd", "vale/old")


def test_one_function_per_unit_is_the_functional_preset(world: Any) -> None:
    """A user's own structure and a preset with the same map are the same tables."""
    own = {"mine": {"units": [{"name": f"team {f}", "functions": [f]}
                              for f in ("meet", "plan", "make", "send")]}}
    scenario = world(structures=own)
    a, b = build(scenario, "mine"), build(scenario, "functional")
    for field in dataclasses.fields(Layout):
        if field.name not in {"structure", "units", "pools"}:
            assert np.array_equal(getattr(a, field.name), getattr(b, field.name)), field.name


def test_equal_names_are_told_apart(world: Any) -> None:
    """A function, a product and a segment may all be called `service`."""
    scenario = world(
        functions={"service": {"work_h": 1.0}, "x": {"work_h": 1.0}},
        products={"service": {}, "y": {}},
        structures={"both": {"group": {"service": "function", "x": "product"}}},
    )
    layout = build(scenario, "both")
    assert layout.units == ("function service", "product service", "y")
    assert len(set(layout.pools)) == len(layout.pools)


def test_renaming_changes_nothing(world: Any) -> None:
    """P02 (a): new names in reversed alphabetical order, declared order kept, same numbers."""
    before = world()
    table = tables(before)
    renamed = {kind: {old: f"{chr(122 - i)}-{kind}" for i, old in enumerate(table[kind])}
               for kind in ("functions", "products", "segments", "regions")}
    for kind, names in renamed.items():
        table[kind] = {names[old]: value for old, value in table[kind].items()}
    for segment in table["segments"].values():
        segment["products"] = {renamed["products"][p]: w for p, w in segment["products"].items()}
    f, p = renamed["functions"], renamed["products"]
    table["structures"] = {
        "a": {"group": {f["meet"]: ["region", "segment"], "rest": ["segment", "region"]}},
        "b": {"group": {"rest": "product"}, "roles": [[f["meet"], f["send"]],
                                                      [f["plan"], f["make"]]]},
        "c": {"units": [{"name": "z", "functions": [f["meet"]]},
                        *({"name": name, "functions": [f[x] for x in ("plan", "make", "send")],
                           "products": [p[product]]} for name, product in (("y", "tea"),
                                                                           ("x", "ink")))]},
    }
    after = Scenario.model_validate(table)
    new_name = {"crossed": "a", "duo": "b", "tabled": "c"}
    for name in NAMES:
        a, b = build(before, name), build(after, new_name.get(name, name))
        for field in dataclasses.fields(Layout):
            if field.name not in {"structure", "units", "pools"}:
                assert np.array_equal(getattr(a, field.name), getattr(b, field.name)), field.name
        one, two = workload(before, a), workload(after, b)
        for item in dataclasses.fields(one):
            assert np.array_equal(getattr(one, item.name), getattr(two, item.name)), item.name


def test_products_and_segments_are_mirror_images(world: Any) -> None:
    """P03: with as many products as segments, one product a case and right labels, a product map
    and a segment map are the same tables with the two axes exchanged."""
    scenario = world(
        products={n: {"weight": w} for n, w in (("p", 1.0), ("q", 2.0), ("r", 2.0))},
        segments={n: {"share": w} for n, w in (("s", 0.2), ("t", 0.4), ("u", 0.4))},
        customers={"second_product": 0.0},
        labels={"accuracy": 1.0, "unassignable": 0.0},
        structures={},
    )
    product, customer = build(scenario, "product"), build(scenario, "customer")
    assert np.array_equal(product.pool_of.transpose(0, 2, 1, 3), customer.pool_of)
    assert np.array_equal(product.pool_functions, customer.pool_functions)
    assert np.array_equal(product.pool_elements, customer.pool_elements)
    a, b = workload(scenario, product), workload(scenario, customer)
    assert np.allclose(a.pool_work_h, b.pool_work_h, rtol=1e-12)
    assert np.allclose(a.product_share, b.segment_share, rtol=1e-12)
    assert np.allclose(a.segment_share, b.product_share, rtol=1e-12)
    assert np.allclose(a.handoffs_by_distance, b.handoffs_by_distance, rtol=1e-12)
    assert np.allclose(a.passes, b.passes, rtol=1e-12)


@pytest.mark.parametrize(("units", "span", "bosses", "far"), [
    (1, 8, 0, 0),  # one unit: its head is the chief
    (8, 8, 0, 3),  # all under the chief
    (9, 8, 2, 4),  # 8 + 1 under two bosses
    (64, 8, 8, 4),
    (65, 8, 9 + 2, 5),  # nine bosses are too many for the chief: two more above them
    (27, 3, 9 + 3, 5),
])
def test_layers(units: int, span: int, bosses: int, far: int) -> None:
    """R7: groups of `span` units in declared order until one boss is left; +1 per layer."""
    distance, found = reporting(units, span, flat=False)
    assert found == bosses
    assert distance.max() == far and (np.diag(distance) == 0).all()
    for u in range(units):
        for v in range(units):
            if u != v:
                level = next(n for n in range(10) if u // span ** (n + 1) == v // span ** (n + 1))
                assert distance[u, v] == 3 + level


def test_a_firm_of_one_span_is_flat(world: Any) -> None:
    """R7: at most `span` people: distance 1 everywhere and only the chief above them."""
    layout = build(world(staff={"heads": 8, "span": 8}), "functional")
    assert layout.flat and (layout.unit_distance == 1).all() and layout.layer_bosses == 0
    assert not build(world(staff={"heads": 9, "span": 8}), "functional").flat


def test_what_a_scenario_cannot_express_is_refused_with_the_reason(world: Any) -> None:
    plain = {"a": {"work_h": 1.0}, "b": {"work_h": 1.0, "licensed": True}}
    scenario = world(functions=plain, regions={"here": {"share": 1.0}}, structures={
        "joint": {"group": {"rest": "all"}, "roles": [["a", "b"]]}})
    reasons = available(scenario)
    assert "one region" in str(reasons["regional"])
    assert "front" in str(reasons["front-back"])
    assert "licensed" in str(reasons["undivided"])
    assert "licensed" in str(reasons["joint"])
    assert reasons["functional"] is None
    with pytest.raises(InfeasibleStructure):
        build(scenario, "undivided")


def test_the_default_list(world: Any) -> None:
    """R12, R46: what can be expressed; generalists up to two spans; own ones; no map twice."""
    own = {"mine": {"group": {"rest": "function"}}}
    assert default_list(world(structures=own)) == (
        "functional", "product", "customer", "regional", "front-back", "mine")
    small = world(staff={"heads": 16, "span": 8}, regions={"here": {"share": 1.0}}, structures={})
    assert default_list(small) == ("undivided", "functional", "product", "customer", "front-back")
    given = world(compare={"structures": ["customer", "undivided"]})
    assert default_list(given) == ("customer", "undivided")
    one = {"functions": {"a": {"work_h": 1.0}}, "products": {"p": {}}, "structures": {},
           "segments": {"s": {"share": 1.0}}, "regions": {"r": {"share": 1.0}}}
    assert default_list(world(**one)) == ("functional",)
    twins = world(**{**one, "functions": {"a": {"work_h": 1.0, "front": True}},
                     "segments": {"s": {"share": 0.5}, "t": {"share": 0.5}}})
    assert default_list(twins) == ("customer",), "front-back is the same map here"


def test_presets_are_the_eight_of_the_manual() -> None:
    assert list(PRESETS) == ["undivided", "functional", "product", "customer", "regional",
                             "front-back", "matrix", "key-account"]


@pytest.mark.parametrize(("structure", "words"), [
    ({"group": {"meet": "customer", "rest": "function"}}, "is no key"),
    ({"group": {"meet": "function"}}, "says nothing about the function 'plan'"),
    ({"group": {"rest": "all"}, "roles": [["meet", "pln"]]}, "did you mean plan"),
    ({"group": {"rest": "all"}, "roles": [["meet"], ["meet", "plan"]]}, "two roles"),
    ({"units": [{"name": "u", "products": ["tea"]}]}, "no unit owns"),
    ({"units": [{"name": "u"}, {"name": "v", "products": ["tea"]}]}, "both own"),
    ({"units": [{"name": "u", "products": ["te"]}]}, "did you mean tea"),
])
def test_inconsistent_structures_are_input_errors(world: Any, structure: dict[str, Any],
                                                  words: str) -> None:
    with pytest.raises(InputError, match=words):
        build(world(structures={"bad": structure}), "bad")


def test_unknown_names_are_answered_with_the_nearest(world: Any) -> None:
    with pytest.raises(InputError, match="did you mean customer"):
        build(world(), "costumer")
