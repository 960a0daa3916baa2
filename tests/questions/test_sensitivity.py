"""Shares of variance against closed forms: SALib's own test functions, with a structure whose
share is known and luck of a known variance."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import jsonschema
import numpy as np
import pytest
from SALib.test_functions import Ishigami, Sobol_G

from sim.errors import InputError
from sim.experiment.schemas import SENSITIVITY
from sim.questions.boxes import consistent
from sim.questions.keys import makes_sense, read_ranges
from sim.questions.sensitivity import Index, Sensitivity, judged, sensitivity
from sim.questions.sensitivity_words import rounded, sentences
from sim.report.sensitivity import figures, markdown, shown
from sim.scenario.schema import Scenario
from sim.sweep.lab import Lab
from tests.experiment.fake import world
from tests.questions.known import KnownEngine, QuickLab

OFFSET = {"functional": -2.0, "product": 0.0, "customer": 3.5}
COMMON, OWN = 1.5, 1.0
THREE = ("work.spread=0:2", "trust.tolerance=0:1", "market.steepness=5:15")


def unit(changed: Mapping[str, Any]) -> list[float]:
    """The three keys as numbers between 0 and 1."""
    return [changed["work.spread"] / 2.0, changed["trust.tolerance"],
            (changed["market.steepness"] - 5.0) / 10.0]


def ishigami(changed: Mapping[str, Any], structure: str) -> float:
    x = np.array([[-math.pi + 2.0 * math.pi * u for u in unit(changed)]])
    return float(Ishigami.evaluate(x)[0]) + OFFSET[structure]


def sobol_g(changed: Mapping[str, Any], structure: str) -> float:
    """Mean 1; factors with a = 0, 1, 4.5."""
    x = np.array([unit(changed)])
    return float(Sobol_G.evaluate(x, a=np.array([0.0, 1.0, 4.5]))[0]) + OFFSET[structure]


def of_world(scenario: Scenario, structure: str) -> float:
    """Ishigami's function of a whole scenario."""
    return ishigami({"work.spread": scenario.work.spread,
                     "trust.tolerance": scenario.trust.tolerance,
                     "market.steepness": scenario.market.steepness}, structure)


def ask(known: Any, **options: Any) -> Sensitivity:
    engine, seed = options.pop("engine", None), options.pop("seed", 3)
    asked = {"keys": THREE, "structures": list(OFFSET), "samples": 512} | options
    lab = (Lab(world(), engine=engine, seed=seed, jobs=1) if engine
           else QuickLab(world(), known, common=COMMON, own=OWN, seed=seed))
    return sensitivity(lab, **asked)


def ishigami_parts() -> tuple[dict[str, float], dict[str, float]]:
    """Variances alone and in all, a = 7, b = 0.1 (Ishigami and Homma 1990)."""
    a, b = 7.0, 0.1
    v1 = 0.5 * (1.0 + b * math.pi**4 / 5.0) ** 2
    v2 = a**2 / 8.0
    v13 = b**2 * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    return ({"work.spread": v1, "trust.tolerance": v2, "market.steepness": 0.0},
            {"work.spread": v1 + v13, "trust.tolerance": v2, "market.steepness": v13})


def sobol_g_parts() -> tuple[dict[str, float], dict[str, float]]:
    """V_i = 1 / (3 (1 + a_i)^2); in all V_i times the product of 1 + V_j of the others."""
    names = [text.partition("=")[0] for text in THREE]
    v = {n: 1.0 / (3.0 * (1.0 + a) ** 2) for n, a in zip(names, (0.0, 1.0, 4.5), strict=True)}
    return v, {n: v[n] * math.prod(1.0 + v[m] for m in names if m != n) for n in names}


def truth(parts: tuple[dict[str, float], dict[str, float]], function_variance: float,
          ) -> dict[str, tuple[float, float]]:
    """(alone, in all) by factor: the structure adds the variance of its offsets, luck common^2 for
    all alike and own^2 for each structure apart, so alone common^2 + own^2 / structures."""
    offsets = float(np.var(list(OFFSET.values())))
    k = len(OFFSET)
    luck = COMMON**2 + OWN**2
    whole = function_variance + offsets + luck
    found = {n: (parts[0][n] / whole, parts[1][n] / whole) for n in parts[0]}
    found["structure"] = (offsets / whole, (offsets + OWN**2 * (1 - 1 / k)) / whole)
    found["luck"] = ((COMMON**2 + OWN**2 / k) / whole, luck / whole)
    return found


ISHIGAMI_TRUTH = truth(ishigami_parts(), sum(ishigami_parts()[0].values())
                       + ishigami_parts()[1]["market.steepness"])
G_TRUTH = truth(sobol_g_parts(), math.prod(1 + v for v in sobol_g_parts()[0].values()) - 1)


@pytest.mark.parametrize(("known", "true"), [(ishigami, ISHIGAMI_TRUTH), (sobol_g, G_TRUTH)])
def test_the_intervals_hold_the_closed_forms(known: Any, true: Any) -> None:
    """Ten intervals at 95%: more than two misses have a chance of 1.2%; luck's must hold."""
    answer = ask(known)
    missed = []
    for f in answer.factors:
        for index, value in zip((f.alone, f.total), true[f.name], strict=True):
            if not index.low <= value <= index.high:
                missed.append((f.name, index, value))
    assert len(missed) <= 2, missed
    luck = answer.factors[-1]
    assert luck.kind == "luck" and luck.total.share == pytest.approx(true["luck"][1], rel=0.3)
    assert luck.total.low <= true["luck"][1] <= luck.total.high


def test_an_index_wider_than_itself_is_not_told_but_its_need_of_runs_is() -> None:
    answer = ask(ishigami, samples=32)
    for f in answer.factors:
        for index in (f.alone, f.total):
            if index.share is None:
                assert index.more_runs > 0 and index.high > 0
            else:
                assert index.high - index.low <= index.share + 1e-12 and index.more_runs == 0
    vague = [f for f in answer.factors if f.total.share is None]
    assert vague and any("needs about" in line or "hardly matter" in line
                         for line in sentences(answer))


def test_the_forecast_is_the_number_of_runs_at_which_the_interval_is_as_wide_as_the_index() -> None:
    """Width goes with 1 / sqrt(rows): 0.4 wide at 64 rows is 0.1 wide at 1,024."""
    index = judged(0.1, 0.2, 64, 7)
    assert index.share is None and index.more_runs == (1024 - 64) * (5 + 2)
    assert judged(0.1, 0.2 * math.sqrt(64 / 1024), 1024, 7).share == 0.1


def test_screening_keeps_what_matters_and_says_what_does_nothing() -> None:
    keys = (*THREE, "staff.span", "labels.notice", "mistakes.base", "knowledge.at_hire",
            "offering.speed")
    answer = ask(ishigami, keys=keys, most=3, samples=64)
    assert {r.key for r in answer.ranges} == {text.partition("=")[0] for text in THREE}
    assert answer.screening_runs == 6 * (8 + 1 + 1)
    assert [s.effect.mean for s in answer.screened[3:]] == pytest.approx([0.0] * 5)
    assert any("5 of them changed nothing" in line for line in sentences(answer))


def test_one_structure_is_no_factor() -> None:
    answer = ask(ishigami, structures=["customer"], samples=32)
    assert [f.kind for f in answer.factors] == ["key", "key", "key", "luck"]


def test_runs_that_fail_or_cannot_be_take_their_row_with_them() -> None:
    answer = ask(ishigami, engine=KnownEngine(of_world, broken=frozenset({4, 9})), samples=32)
    assert answer.samples == 30 and answer.dropped == 2
    with pytest.raises(InputError, match="nobody is there"):
        ask(ishigami, engine=KnownEngine(of_world, infeasible=lambda *_: True),
            samples=32)


def test_a_metric_that_never_moves_has_no_shares() -> None:
    with pytest.raises(InputError, match="no variance"):
        ask(lambda *_: 5.0, engine=KnownEngine(lambda *_: 5.0, common=0, own=0),
            samples=16)


def test_ranges_that_contradict_each_other_are_narrowed_together() -> None:
    """The shares of variance of needs may sum to at most 1: 0.7 + 0.5 + 0.5 is too much."""
    firm = world()
    keys = ["needs.segment_share", "needs.product_share", "needs.interaction_share",
            "needs.fit_width", "labels.notice"]
    ranges = consistent(firm, read_ranges(firm, keys, "--keys"))
    assert makes_sense(firm, [r.change(r.high) for r in ranges])
    moved = {r.key for r in ranges if r.narrowed}
    assert moved == set(keys[:3])
    assert sum(r.high for r in ranges[:3]) > 0.75


def test_the_answer_as_data_table_words_and_figure() -> None:
    answer = ask(ishigami, samples=64)
    data = answer.to_json()
    jsonschema.validate(json.loads(json.dumps(data)), SENSITIVITY)
    assert len(answer.table) == 5 and 64 * 6 < data["runs"] <= 64 * 7
    assert data["text"][0] in markdown(answer) and len(shown(answer)) == 3
    assert any(line.startswith("luck (which customers") for line in data["text"])
    svg, png = figures(answer)
    assert svg.startswith(b"<?xml") and png.startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_answer() -> None:
    assert ask(ishigami, samples=16).to_json() == ask(ishigami, samples=16).to_json()


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        ask(ishigami, keys=("work.sprad", "labels.accuracy=0:2"), metric="satisfction",
            structures=["custmer"], samples=100, most=0, trajectories=1)
    for word in ("did you mean work.spread", "from 0 to 1", "did you mean satisfaction",
                 "did you mean customer", "power of 2", "--most", "--trajectories"):
        assert word in str(caught.value)


@pytest.mark.parametrize(("runs", "told"), [(7, 7), (41, 41), (1234, 1300), (987_654, 990_000)])
def test_forecasts_are_told_in_two_figures(runs: int, told: int) -> None:
    assert rounded(runs) == told
    assert Index(None, 0.0, 1.0, runs).share is None
