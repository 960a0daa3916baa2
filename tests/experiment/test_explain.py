"""Explanations: Shapley values by hand, arms that are the same firm, worlds with one cause."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import numpy as np
import pytest

from sim.engine import simulation
from sim.engine.simulation import prepare, settled
from sim.errors import InputError
from sim.experiment import causes
from sim.experiment.cause_words import sentences, whole
from sim.experiment.causes import ANALYTIC, CAUSES, RUN_CAUSES, Arms, common
from sim.experiment.compare import compare
from sim.experiment.explain import Explanation, Part, explain, shapley, without_fixed_costs
from sim.experiment.request import default_list
from sim.experiment.schemas import EXPLAIN
from sim.experiment.statistics import Interval
from sim.report.explanation import figures, markdown, shown
from sim.scenario import load
from sim.scenario.library import shipped
from sim.scenario.schema import Scenario
from tests.reference.twin_worlds import BASE, merged

FIRM: dict[str, Any] = merged(BASE, {
    "customers": {"second_product": 0.0}, "time": {"warm_up": "100 h", "horizon": "300 h"}})
ONLY_HANDOFFS: dict[str, Any] = {
    "handoffs": {"latency_h": 4.0},
    "mistakes": {"enabled": False},
    "knowledge": {"learning": False, "function_effect": 0.0, "product_effect": 0.0,
                  "segment_effect": 0.0},
    "needs": {"segment_share": 0.0, "product_share": 0.0, "interaction_share": 0.0},
    "offering": {"mode": "pooled"},
    "satisfaction": {"waiting": False},
    "staff": {"heads": 18, "rebalance": False},
    "money": {"offering_fte": 0.0, "tool_fte": 0.0, "head_factor": 0.0},
}


@pytest.fixture(autouse=True)
def short_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rule, a shorter pilot."""
    monkeypatch.setattr(simulation, "PILOT_HOURS", 100.0)


def test_shapley_of_the_glove_game() -> None:
    """Two left gloves, one right: 1/6, 1/6, 2/3 (Shapley 1953); they sum to the whole."""
    def pairs(on: frozenset[str]) -> Any:
        return np.array([float("r" in on and bool(on & {"a", "b"}))])

    found = shapley(pairs, ("a", "b", "r"))
    assert found["a"][0] == pytest.approx(1 / 6)
    assert found["b"][0] == pytest.approx(1 / 6)
    assert found["r"][0] == pytest.approx(2 / 3)


def test_shapley_shares_what_two_do_together() -> None:
    """v = 2 x + 6 x y: 2 + 3 and 3."""
    found = shapley(lambda on: np.array([2.0 * ("x" in on) + 6.0 * (len(on) == 2)]), ("x", "y"))
    assert (found["x"][0], found["y"][0]) == (5.0, 3.0)


def test_fixed_costs_taken_out_of_the_books() -> None:
    """Total 1000 of which 200 heads and 100 units: 700; per case 10: 7; profit 50: 350."""
    books = {"cost_heads": 200.0, "cost_units": 100.0, "cost_total": 1000.0, "cost_per_case": 10.0,
             "profit": 50.0, "fit": 0.7, "abandonment": None}
    found = {id: without_fixed_costs(books, id) for id in books}
    assert found == {"cost_heads": 0.0, "cost_units": 0.0, "cost_total": 700.0,
                     "cost_per_case": 7.0, "profit": 350.0, "fit": 0.7, "abandonment": None}


def test_worlds_that_are_the_same_are_run_once() -> None:
    """Without errors in the file there is no world without rework; nobody hears, nobody cares."""
    scenario = load(merged(FIRM, {"mistakes": {"enabled": False}}))
    arms = Arms(scenario, common([prepare(scenario, "functional"), prepare(scenario, "customer")]))
    assert arms.key(["rework"]) == frozenset()
    assert arms.world(arms.key(["rework"])) is arms.world(frozenset())
    assert arms.key(["fit", "path"]) == arms.key(["fit"]) != arms.key(["path"])
    assert arms.key([ANALYTIC]) == frozenset()
    every = arms.world(arms.key(RUN_CAUSES))
    assert not every.mistakes.enabled and not every.satisfaction.waiting
    assert every.offering.mode == "pooled" and every.handoffs.latency_h == 0.0


def test_common_knowledge_keeps_the_firm_as_busy() -> None:
    """Slowness between those of the two structures; everybody an expert at that pace."""
    scenario = load(FIRM)
    pair = [prepare(scenario, name) for name in ("functional", "customer")]
    level = common(pair)
    one = [common([p]).slowness for p in pair]
    assert min(one) < level.slowness < max(one)
    assert level.slowness == pytest.approx(1.0 + level.gap * (0.6 + 0.4 + 0.25))
    alike = causes.world(scenario, ["knowledge"], level)
    assert alike.functions["f"].work_h == pytest.approx(1.0 * level.slowness)
    assert alike.mistakes.base == pytest.approx(0.01 + 0.1 * level.gap)


def test_heads_are_those_of_the_full_model() -> None:
    scenario = load(FIRM)
    full = prepare(scenario, "customer")
    other = settled(full, causes.world(scenario, ["knowledge", "waiting"], common([full])))
    assert np.array_equal(other.start.heads, full.start.heads)
    assert other.layout is full.layout
    assert not np.array_equal(other.start.quality, full.start.quality)  # type: ignore[arg-type]


def test_words_of_what_makes_no_sense() -> None:
    with pytest.raises(InputError, match="no metric"):
        explain(load(FIRM), "functional", "customer", metric="satisfacton")
    with pytest.raises(InputError, match="at least 2"):
        explain(load(FIRM), "functional", "customer", replications=1)
    with pytest.raises(InputError):
        explain(load(FIRM), "functional", "custmer")
    with pytest.raises(InputError) as refused:
        explain(load(FIRM), "functional", "custmer", metric="satisfacton", replications=1)
    assert len(refused.value.faults) == 3


@pytest.mark.slow
def test_a_structure_against_itself_differs_by_nothing() -> None:
    answer = explain(load(FIRM), "customer", "customer", replications=2)
    assert answer.gap.mean == 0.0 and answer.left_over.mean == 0.0
    assert [part.effect.mean for part in answer.parts] == [0.0] * len(CAUSES)


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["satisfaction", "response_mean_h", "cost_total"])
def test_the_parts_add_up_to_the_difference(metric: str) -> None:
    """Exactly, replication by replication and so in the means; nothing is left over."""
    answer = explain(load(FIRM), "functional", "customer", metric=metric, replications=3)
    total = sum(part.effect.mean or 0.0 for part in answer.parts)
    assert total == pytest.approx(answer.gap.mean, rel=1e-9, abs=1e-9)
    scale = max(abs(part.effect.mean or 0.0) for part in answer.parts)
    assert abs(answer.left_over.mean or 0.0) < 0.1 * scale
    said = answer.to_json()
    jsonschema.validate(json.loads(json.dumps(said)), EXPLAIN)
    assert len(said["parts"]) == 7 and all(part["sentence"] for part in said["parts"])
    fixed = next(part for part in answer.parts if part.cause.id == ANALYTIC)
    assert (fixed.effect.mean != 0.0) == (metric == "cost_total")
    svg, png = figures(answer)
    assert svg.startswith(b"<?xml") and png.startswith(b"\x89PNG")
    assert figures(answer) == (svg, png), "the same bytes every time"
    assert whole(answer) in markdown(answer) and len(sentences(answer)) == 7
    assert shown(answer)


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped())
def test_every_shipped_firm_is_explained_to_the_last_digit(name: str) -> None:
    """Two weeks of each firm: the parts are the difference, and it is that of a comparison."""
    world = load(name, set={"time.warm_up": "1 week", "time.horizon": "2 weeks"})
    first, second = default_list(world)[:2]
    answer = explain(world, first, second, replications=2)
    parts = [part.effect.mean or 0.0 for part in answer.parts]
    assert any(parts)
    assert sum(parts) == pytest.approx(answer.gap.mean, rel=1e-9, abs=1e-9)
    assert answer.gap.mean == pytest.approx(compared(world, first, second), rel=1e-9)


@pytest.mark.slow
def test_the_difference_is_that_of_a_comparison() -> None:
    answer = explain(load(FIRM), "functional", "customer", replications=2)
    assert answer.gap.mean == pytest.approx(compared(load(FIRM), "functional", "customer"),
                                            rel=1e-12)


def compared(world: Scenario, first: str, second: str) -> float:
    """Mean satisfaction of the second minus that of the first, by `compare`."""
    study = compare(world, [first, second], replications=2)
    values = {name: [r.metrics["satisfaction"] for r in study.results if r.structure == name]
              for name in (first, second)}
    return float(np.mean(np.subtract(values[second], values[first])))


@pytest.mark.slow
def test_where_only_hand_offs_differ_the_difference_falls_on_them() -> None:
    """Experts with one offering, no errors, patient customers: at least 90% is hand-offs."""
    answer = explain(load(merged(FIRM, ONLY_HANDOFFS)), "functional", "customer", replications=3)
    parts = {part.cause.id: part.effect.mean or 0.0 for part in answer.parts}
    assert answer.gap.mean is not None and answer.gap.mean > 1.0
    assert parts["handoffs"] >= 0.9 * answer.gap.mean
    assert sum(parts.values()) == pytest.approx(answer.gap.mean, rel=1e-9)


@pytest.mark.slow
def test_jobs_change_nothing() -> None:
    one, two = (explain(load(FIRM), "functional", "customer", replications=2, jobs=n).to_json()
                for n in (1, 2))
    assert one == two


def _told(cause: str, low: float, mean: float, high: float, **shown: tuple[float, float]) -> str:
    """The sentence of one part, its size and what shows it made up."""
    def single(value: float) -> Interval:
        return Interval(value, value, value, 4)

    part = Part(next(c for c in CAUSES if c.id == cause), Interval(mean, low, high, 4),
                {id: (single(a), single(b)) for id, (a, b) in shown.items()})
    nothing = single(0.0)
    return sentences(Explanation(
        load(FIRM), "functional", "customer", "satisfaction", 1, 4, 8, (nothing, nothing),
        nothing, (part,), nothing))[0]


def test_a_part_told_from_chance_never_reads_as_nothing() -> None:
    assert _told("rework", 0.012, 0.034, 0.056) == (
        "Rework: +0.03 points (95% CI 0.01 to 0.06), in favour of customer.")
    assert "0.0 points (95% CI -0.1 to 0.1)" in _told("rework", -0.06, 0.01, 0.08)
    assert "+0.3 points (95% CI 0.1 to 0.6)" in _told("rework", 0.12, 0.34, 0.56)


def test_what_shows_a_cause_is_told_with_decimals_that_tell() -> None:
    told = _told("knowledge", -0.2, -0.15, -0.1, touch_h=(1.43, 1.37))
    assert told.endswith("time in work 1.43 h under functional, 1.37 h under customer.")


def test_waiting_names_callers_who_give_up() -> None:
    told = _told("waiting", -2.0, -1.5, -1.0, queue_h=(0.02, 0.05), abandonment=(0.03, 0.09))
    assert told.endswith("abandonment 3.0% under functional, 9.0% under customer.")


@pytest.mark.slow
def test_abandonment_is_named_where_the_gap_goes_through_callers() -> None:
    """Telephone cases, so few people by customer that more callers give up; or no telephone."""
    phone = {"case_types": {"call": {"channel": "phone", "patience_h": 0.5}}}
    for firm, named in ((merged(FIRM, phone), True), (FIRM, False)):
        answer = explain(load(firm), "functional", "customer", replications=4)
        waiting = next(p for p in answer.parts if p.cause.id == "waiting")
        assert ("abandonment" in waiting.shown) is named
        assert waiting.shown["queue_h"]
