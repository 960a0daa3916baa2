"""Expected traffic: by hand, against a slow separately written walk, and by conservation."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.records import Layout
from sim.scenario.schema import Scenario
from sim.structures import available, build, workload

M2 = 0.4
"""Probability of a second product in the small world."""


def plain(world: Any, **changes: Any) -> Scenario:
    """The small world with segments that buy everything and right labels."""
    segments = {"old": {"share": 0.5}, "new": {"share": 0.3}, "odd": {"share": 0.2}}
    return world(**{"segments": segments,
                    "labels": {"accuracy": 1.0, "unassignable": 0.0}, **changes})


@pytest.mark.parametrize(("name", "visits", "handoffs", "passes"), [
    ("undivided", 1, 0, 0),  # one person does it all in one visit
    ("functional", 4, 3, 0),  # both products in the same visit of each function
    ("product", 4 + 4 * M2, M2, 3 + 3 * M2),  # one product after the other, four visits each
    ("customer", 4, 0, 3),
    ("regional", 4, 0, 3),
    ("front-back", 4, 2, 1),  # meet-plan inside the segment, then make, then send
    # roles {meet, send} and {plan, make}: three visits per product inside its unit
    ("duo", 3 + 3 * M2, M2, 2 + 2 * M2),
    ("tabled", 4 + 3 * M2, 1 + M2, 2 + 2 * M2),  # door, then the works of each product
])
def test_hand_offs_by_hand(world: Any, name: str, visits: float, handoffs: float,
                           passes: float) -> None:
    """A chain of four steps; a second product with probability m2."""
    scenario = plain(world)
    found = workload(scenario, build(scenario, name))
    assert found.visits == pytest.approx([visits])
    assert found.handoffs == pytest.approx([handoffs])
    assert found.passes == pytest.approx([passes])
    assert found.handoffs_by_distance.sum() == pytest.approx(handoffs + passes)


def test_current_unit_goes_before_the_earliest_function(world: Any) -> None:
    """M1: with plan and make free in any order after meet, a unit of meet and make passes the
    case inside before it hands it on: one hand-off to plan, one to send, instead of three."""
    free = {"request": {"after": {"plan": ["meet"], "make": ["meet"], "send": ["plan", "make"]}}}
    units = [{"name": "a", "functions": ["meet", "make"]}, {"name": "b", "functions": ["plan"]},
             {"name": "c", "functions": ["send"]}]
    for kinds, handoffs, passes in ((free, 2, 1), ({"request": {}}, 3, 0)):
        scenario = plain(world, case_types=kinds, structures={"own": {"units": units}})
        found = workload(scenario, build(scenario, "own"))
        assert (found.handoffs, found.passes) == (pytest.approx([handoffs]),
                                                  pytest.approx([passes]))


def test_a_visit_of_a_role_includes_what_its_own_work_makes_feasible(world: Any) -> None:
    """R42: meet and plan are one role, so plan needs no second visit; send comes later."""
    scenario = plain(world, structures={"own": {
        "group": {"rest": "all"}, "roles": [["meet", "plan", "send"]]}})
    found = workload(scenario, build(scenario, "own"))
    assert found.visits == pytest.approx([3]) and found.passes == pytest.approx([2])


def test_case_types_are_kept_apart(world: Any) -> None:
    scenario = plain(world, case_types={"short": {"steps": ["send", "meet"], "weight": 3.0},
                                        "long": {"second_product": 0.0}})
    found = workload(scenario, build(scenario, "product"))
    assert found.case_types == ("short", "long")
    assert found.visits == pytest.approx([2 + 2 * M2, 4])
    assert found.handoffs == pytest.approx([M2, 0])
    rate = 1000 / scenario.month_h
    work = 0.75 * 0.6 * (1 + M2) + 0.25 * 1.7
    assert found.pool_work_h.sum() == pytest.approx(rate * work)


def test_labels_spread_segments_over_units(world: Any) -> None:
    """R10: of segment s a share q(1-u) comes to its own unit; the unassignable to the largest."""
    scenario = plain(world, labels={"accuracy": 0.7, "unassignable": 0.1})
    layout = build(scenario, "customer")
    found = workload(scenario, layout)
    right, wrong = 0.9 * 0.7, 0.9 * 0.15
    arrive = np.array([[right + 0.1, wrong, wrong], [wrong + 0.1, right, wrong],
                       [wrong + 0.1, wrong, right]]) * np.array([[0.5], [0.3], [0.2]])
    units = arrive / arrive.sum(axis=0)
    for pool, unit in enumerate(layout.pool_unit):
        assert found.segment_share[pool] == pytest.approx(units[:, unit])
    assert found.pool_visits[[0, 4, 8]] == pytest.approx(
        arrive.sum(axis=0) * 1000 / scenario.month_h)


def test_second_product_is_drawn_from_the_others(world: Any) -> None:
    """Weights 1:3; first ink with 3/4; a second product is always the other one: each product is
    in p + (1 - p) m2 of the cases."""
    scenario = plain(world)
    found = workload(scenario, build(scenario, "product"))
    rate = 1000 / scenario.month_h
    assert found.pool_visits[0] == pytest.approx(rate * (0.25 + 0.75 * M2))
    assert found.pool_visits[4] == pytest.approx(rate * (0.75 + 0.25 * M2))


def test_a_segment_with_one_product_has_no_second(world: Any) -> None:
    scenario = world()  # `old` buys tea only
    found = workload(scenario, build(scenario, "product"))
    volume = np.array([0.5, 0.3, 0.2 * 2])
    chance = np.array([0.0, M2, M2])
    assert found.handoffs == pytest.approx([(volume * chance).sum() / volume.sum()])


@pytest.mark.parametrize("factor", [0.0, 0.85, 1.0, 2.0])
def test_work_is_the_same_under_all_maps_but_for_b(world: Any, factor: float) -> None:
    """Work conservation (R14): sum of w x (1 + m2 b) where products meet in a visit, and
    w x (1 + m2) where they do not."""
    scenario = plain(world, work={"second_product_factor": factor})
    rate, work = 1000 / scenario.month_h, 1.7
    for name, later in (("undivided", factor), ("functional", factor), ("customer", factor),
                        ("regional", factor), ("crossed", factor), ("product", 1.0),
                        ("duo", 1.0)):
        found = workload(scenario, build(scenario, name))
        assert found.pool_work_h.sum() == pytest.approx(rate * work * (1 + M2 * later)), name


def test_distance_inside_a_unit_follows_teams(world: Any) -> None:
    """R7: 12 people of one unit in pools of 3, span 4: no two pools share a team: d = 2. With
    pools of 2, two and two share one: meet-plan d = 1, plan-make d = 2, make-send d = 1."""
    scenario = plain(world, structures={"own": {"group": {"rest": "all"}}})
    layout = build(scenario, "own")
    apart = workload(scenario, layout, np.array([3, 3, 3, 3], np.int32))
    assert apart.handoffs_by_distance[0] == pytest.approx([0, 0, 3, 0])
    paired = workload(scenario, layout, np.array([2, 2, 2, 2], np.int32))
    assert paired.handoffs_by_distance[0] == pytest.approx([0, 2, 1, 0])
    one_team = workload(scenario, layout, np.array([1, 1, 1, 1], np.int32))
    assert one_team.handoffs_by_distance[0] == pytest.approx([0, 3, 0, 0])


def test_distance_across_units_follows_the_tree(world: Any) -> None:
    scenario = plain(world, staff={"heads": 40, "span": 2})
    found = workload(scenario, build(scenario, "functional"))
    assert found.handoffs_by_distance[0] == pytest.approx([0, 0, 0, 2, 1])  # 1-2 | 3-4
    flat = plain(world, staff={"heads": 40, "span": 40})
    found = workload(flat, build(flat, "functional"))
    assert found.handoffs_by_distance[0] == pytest.approx([0, 3, 0, 0])


def test_steps_that_wait_for_each_other_are_refused(world: Any) -> None:
    scenario = plain(world, case_types={"knot": {"after": {"meet": ["send"], "send": ["meet"]}}})
    with pytest.raises(InputError, match=r"case_types\.knot: .*never be reached"):
        workload(scenario, build(scenario, "functional"))


def slow_walk(scenario: Scenario, layout: Layout) -> dict[str, Any]:
    """The same expectation, case by case with sets: slow and obvious."""
    functions = list(scenario.functions)
    segments = list(scenario.segments.values())
    largest = max(range(len(segments)), key=lambda s: (segments[s].share, -s))
    sums: dict[str, Any] = defaultdict(float)

    def label_chance(true: int, label: int) -> float:
        if len(segments) == 1:
            return 1.0
        labels = scenario.labels
        known = (labels.accuracy if true == label
                 else (1 - labels.accuracy) / (len(segments) - 1))
        return (1 - labels.unassignable) * known + labels.unassignable * (label == largest)

    def pairs(kind: Any, true: int) -> list[tuple[tuple[int, ...], float]]:
        own = segments[true].products
        weight = {p: own.get(name, 0.0) if own else item.weight
                  for p, (name, item) in enumerate(scenario.products.items())
                  if not kind.products or name in kind.products}
        weight = {p: w for p, w in weight.items() if w > 0}
        total = sum(weight.values())
        chance = scenario.customers.second_product if len(weight) > 1 else 0.0
        found = [((p,), w / total * (1 - chance)) for p, w in weight.items()]
        return found + [((p, q), w / total * chance * v / (total - w))
                        for p, w in weight.items() for q, v in weight.items() if p != q]

    for y, kind in enumerate(scenario.case_types.values()):
        steps = [f for f in range(len(functions)) if not kind.steps or functions[f] in kind.steps]
        if kind.after:
            before = {f: {functions.index(g) for g in kind.after.get(functions[f], ())}
                      for f in steps}
        else:
            before = {f: {g for g in steps if g < f} for f in steps}
        share = kind.weight / sum(k.weight for k in scenario.case_types.values())
        for true, segment in enumerate(segments):
            rate = (scenario.customers.count * scenario.customers.cases_per_month * segment.share
                    * segment.volume / scenario.month_h * share)
            for label in range(len(segments)):
                for r, region in enumerate(scenario.regions.values()):
                    for chosen, chance in pairs(kind, true):
                        weight = rate * label_chance(true, label) * region.share * chance
                        todo = [(f, p) for f in steps for p in chosen]  # R14's order of ties
                        where = {t: int(layout.pool_of[t[0], t[1], label, r]) for t in todo}
                        pool = -1
                        while todo:
                            free = [t for t in todo if not any(
                                (g, t[1]) in todo for g in before[t[0]])]
                            home = [t for t in free if pool >= 0 and layout.pool_unit[where[t]]
                                    == layout.pool_unit[pool]]
                            new = where[(home or free)[0]]
                            if pool >= 0:
                                same = layout.pool_unit[new] == layout.pool_unit[pool]
                                sums["passes" if same else "handoffs", y] += weight
                            pool, done = new, []
                            grown = True
                            while grown:
                                grown = False
                                for t in list(todo):
                                    if where[t] == pool and not any(
                                            (g, t[1]) in todo for g in before[t[0]]):
                                        todo.remove(t)
                                        done.append(t)
                                        grown = True
                            for f in steps:
                                several = sorted((t for t in done if t[0] == f),
                                                 key=lambda t: chosen.index(t[1]))
                                for i, (_, p) in enumerate(several):
                                    work = kind.work_h.get(
                                        functions[f], scenario.functions[functions[f]].work_h)
                                    work *= scenario.work.second_product_factor if i else 1.0
                                    sums["work", pool, f] += weight * work
                                    sums["product", pool, p] += weight * work
                                    sums["segment", pool, true] += weight * work
                            sums["joins", pool] += weight
                            sums["visits", y] += weight
                        sums["cases", y] += weight
    return sums


def agrees(scenario: Scenario, name: str) -> None:
    layout = build(scenario, name)
    fast, slow = workload(scenario, layout), slow_walk(scenario, layout)
    for y in range(len(scenario.case_types)):
        for what in ("visits", "handoffs", "passes"):
            assert getattr(fast, what)[y] == pytest.approx(slow[what, y] / slow["cases", y])
    for pool in range(len(layout.pools)):
        assert fast.pool_visits[pool] == pytest.approx(slow["joins", pool])
        for table, key in ((fast.function_share, "work"), (fast.product_share, "product"),
                           (fast.segment_share, "segment")):
            for i, share in enumerate(table[pool]):
                assert share * fast.pool_work_h[pool] == pytest.approx(slow[key, pool, i])


@pytest.mark.parametrize("name", ["undivided", "functional", "product", "customer", "regional",
                                  "front-back", "crossed", "duo", "tabled"])
def test_fast_walk_agrees_with_the_slow_one(world: Any, name: str) -> None:
    agrees(world(), name)


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_fast_walk_agrees_in_any_world(worlds: Any, data: st.DataObject) -> None:
    scenario = data.draw(worlds)
    for name, reason in available(scenario).items():
        if reason is None:
            agrees(scenario, name)
