"""The front of a design space: known truths, a tiny real firm, budgets, doubts and bad input."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result

from sim.cli.main import cli
from sim.errors import InputError
from sim.experiment.schemas import DOCUMENTS
from sim.experiment.statistics import paired_interval
from sim.metrics.registry import METRICS
from sim.questions.designs import Optimisation, letters
from sim.questions.front_words import sentences
from sim.questions.optimise import FIRST, optimise
from sim.report.front import figures, markdown, shown
from sim.scenario import load, to_toml
from sim.scenario.schema import Scenario
from sim.sweep.lab import Ask, Lab, Row
from tests.experiment.fake import world
from tests.questions.designs import DesignEngine, keys

Orgsim = Callable[..., Result]
TWO = ("satisfaction", "cost_total")
SPACE = ["structure", "heads=10:14:3"]
GAIN = {"function": {"sell": 0.0, "serve": 2.0}, "product": {"sell": 3.0, "serve": 1.0},
        "segment": {"sell": 5.0, "serve": 0.0}, "all": {"sell": 2.0, "serve": 3.0}}
PRICE = {"function": 0.0, "product": 20.0, "segment": 70.0, "all": 40.0}
FIRMS = (3**2 + 1) * 3
"""Designs of SPACE: each function by one of three keys, or both by the same people; three sizes."""


@pytest.fixture
def firm() -> Scenario:
    return load(world())


def truth(scenario: Scenario, structure: str) -> dict[str, float]:
    """A key suits one function and not another, and people help less and less."""
    by = keys(scenario, structure)
    heads = scenario.staff.heads
    return {
        "satisfaction": 60.0 + sum(GAIN[k][f] for f, k in by.items()) + 6.0 * np.log(heads / 10.0),
        "cost_total": 1000.0 + 50.0 * (heads - 10) + sum(PRICE[k] for k in by.values()),
    }


def pareto(values: Mapping[Any, Mapping[str, float]], metrics: Iterable[str]) -> set[Any]:
    """Those whom nobody equals on all metrics and beats on one."""
    better = {d: np.array([METRICS[m].direction * v[m] for m in metrics])
              for d, v in values.items()}
    return {d for d, mine in better.items()
            if not any((other >= mine).all() and (other > mine).any() for other in better.values())}


def truths(answer: Optimisation, base: Scenario,
           known: Callable[[Scenario, str], Mapping[str, float]] = truth,
           ) -> dict[str, Mapping[str, float]]:
    """By label of a design: its true metrics."""
    lab = Lab(base)
    return {o.label: known(lab.world(o.design.settings), o.design.structure)
            for o in answer.options}


def test_a_small_space_is_enumerated_and_its_true_front_found(firm: Scenario) -> None:
    engine = DesignEngine(truth, own=0.05)
    answer = optimise(firm, vary=SPACE, budget=1000, engine=engine)
    assert answer.enumerated and answer.looked_at == FIRMS and answer.combinations == 4**2 * 3
    expected = pareto(truths(answer, firm), TWO)
    assert 3 < len(expected) < answer.looked_at
    assert {o.label for o in answer.front} == expected
    assert {o.status for o in answer.front} == {"sure"} and answer.stopped == "settled"
    assert answer.runs == len(engine.calls) <= 1000
    satisfied = [o.metrics["satisfaction"].mean or 0.0 for o in answer.front]
    assert satisfied == sorted(satisfied)


@pytest.mark.parametrize("seed", range(6))
def test_every_true_design_whose_lead_exceeds_its_interval_is_on_the_front(
        firm: Scenario, seed: int) -> None:
    """Its paired interval against each rival lies above 0 on some metric: then it is sure."""
    lab = Lab(firm, seed=seed, engine=DesignEngine(truth, own=1.5))
    answer = optimise(firm, vary=SPACE, budget=600, lab=lab)
    true = pareto(truths(answer, firm), TWO)
    rows = {o.label: lab.rows([Ask(o.design.structure, r, o.design.settings)
                               for r in range(o.replications)]) for o in answer.options}
    status = {o.label: o.status for o in answer.options}

    def leads(p: str, q: str) -> bool:
        n = min(len(rows[p]), len(rows[q]))
        return any((paired_interval(
            [METRICS[m].direction * r.value(m) for r in rows[p][:n]],
            [METRICS[m].direction * r.value(m) for r in rows[q][:n]],
            family=answer.family).low or 0.0) > 0 for m in TWO)

    for p in true:
        assert status[p] != "dominated"
        if all(leads(p, q) for q in status if q != p):
            assert status[p] == "sure"
    assert {o.label for o in answer.options if o.status == "sure"} <= true
    assert any(s in ("unclear", "possible") for s in status.values())


def test_a_large_space_is_searched_and_the_same_again_answers_the_same() -> None:
    """2,560 combinations, 100 looked at: what is found is close to the best there is."""
    firm = load(world(functions={f: {"work_h": 0.2} for f in ("sell", "serve", "bill")}))

    def known(scenario: Scenario, structure: str) -> dict[str, float]:
        by = keys(scenario, structure)
        heads, span = scenario.staff.heads, scenario.staff.span
        gain = {"function": 0.0, "all": 0.0, "product": 2.0, "segment": 5.0}
        return {"satisfaction": 50.0 + gain[by["sell"]] + 3.0 * (by["bill"] == "function")
                + 0.5 * (heads - 10) - 0.3 * abs(span - 6),
                "cost_total": 1000.0 + 40.0 * heads + 30.0 * gain[by["sell"]]
                + 50.0 * (by["serve"] != "function")}

    def ask() -> Optimisation:
        return optimise(firm, vary=["structure", "heads=10:17", "span=4:8"], budget=1000,
                        engine=DesignEngine(known, own=0.05))

    answer = ask()
    assert not answer.enumerated and answer.combinations == 4**3 * 8 * 5
    assert 80 <= answer.looked_at <= 100 and answer.runs <= 1000
    assert "NSGA-II" in " ".join(sentences(answer))
    assert json.dumps(ask().to_json()) == json.dumps(answer.to_json())
    space = {(a, b, c, heads, span): {
        "satisfaction": 50.0 + a + 3.0 * b + 0.5 * (heads - 10) - 0.3 * abs(span - 6),
        "cost_total": 1000.0 + 40.0 * heads + 30.0 * a + 50.0 * c}
        for a in (0.0, 2.0, 5.0) for b in (0, 1) for c in (0, 1)
        for heads in range(10, 18) for span in range(4, 9)}
    best = [space[d] for d in pareto(space, TWO)]
    found = truths(answer, firm, known)
    front = [found[o.label] for o in answer.front]
    for end in (max(best, key=lambda v: v["satisfaction"]),
                min(best, key=lambda v: v["cost_total"])):
        assert min(max(abs(v["satisfaction"] - end["satisfaction"]) / 5.0,
                       abs(v["cost_total"] - end["cost_total"]) / 100.0) for v in front) <= 1.0
    for design in best:  # nobody on the true front is far ahead of all that was found
        assert any(v["satisfaction"] >= design["satisfaction"] - 2.0
                   and v["cost_total"] <= design["cost_total"] + 60.0 for v in front)


def test_designs_that_cannot_be_staffed_do_not_count_as_too_many(
        firm: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: two people staff 4 of the 10 divisions (both functions alike), three people those
    and the 4 of three units, 10 people all: 22 of 30 firms, so a budget for 22 looks at them all.
    """
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    vary = ["structure", "heads=2|3|10"]
    answer = optimise(firm, vary=vary, budget=2 * 22 * FIRST, engine=DesignEngine(truth))
    assert answer.enumerated
    kinds = Counter(o.status == "infeasible" for o in answer.options)
    assert kinds == {False: 22, True: 8} and answer.runs <= 2 * 22 * FIRST
    with pytest.raises(InputError, match="needs optuna"):
        optimise(firm, vary=vary, budget=2 * 22 * FIRST - 2, engine=DesignEngine(truth))


def test_replications_go_where_the_front_is_unclear(firm: Scenario) -> None:
    """Half of the budget is spent on 30 designs five times; the front gets most of the other."""
    answer = optimise(firm, vary=SPACE, budget=2 * FIRMS * FIRST,
                      engine=DesignEngine(truth, own=1.5))
    spent = {front: [o.replications for o in answer.options if o.on_front == front]
             for front in (True, False)}
    more = {front: sum(n - FIRST for n in spent[front]) for front in spent}
    assert more[True] > more[False] and len(spent[True]) < len(spent[False])
    assert min(spent[False]) == FIRST and max(spent[True]) >= 4 * FIRST


@pytest.mark.parametrize("budget", [20, 37, 60, 135, 271])
def test_the_budget_is_never_exceeded(firm: Scenario, budget: int) -> None:
    engine = DesignEngine(truth, own=3.0)
    answer = optimise(firm, vary=SPACE, budget=budget, engine=engine)
    assert answer.runs == len(engine.calls) <= budget
    assert answer.stopped in ("budget", "settled")
    assert all(o.replications >= FIRST or not o.metrics for o in answer.options)


def test_who_cannot_be_told_apart_is_said(firm: Scenario) -> None:
    """Two designs of the same worth: each is named beside the other."""
    def level(scenario: Scenario, structure: str) -> dict[str, float]:
        return {"satisfaction": 60.0, "cost_total": 1000.0 + 1e-9 * scenario.staff.heads}

    answer = optimise(firm, vary=["structure=functional", "heads=10|11"], budget=60,
                      engine=DesignEngine(level, own=1.0))
    near = {o.label: o.near for o in answer.options}
    assert near == {"A": ("B",), "B": ("A",)} and not any(
        o.status == "sure" for o in answer.options)
    assert "cannot be told apart from" in " ".join(sentences(answer))


def test_a_policy_without_effect_makes_the_same_firm(firm: Scenario) -> None:
    answer = optimise(firm, vary=["structure=functional", "heads=10|14", "cover=0.4|0.8"],
                      budget=200, engine=DesignEngine(
                          lambda s, _: {"satisfaction": float(s.staff.heads),
                                        "cost_total": 10.0 * s.staff.heads}))
    assert Counter(o.status for o in answer.options) == {"sure": 2, "same": 2}
    assert all(o.behind and o.behind[0] in "AB" for o in answer.options if o.status == "same")


def test_infeasible_unstable_and_failing_designs_are_told_and_kept_off(firm: Scenario) -> None:
    def by(structure: str) -> Callable[[Scenario, str], bool]:
        return lambda scenario, name: name == structure

    def best(scenario: Scenario, structure: str) -> dict[str, float]:
        off = structure in ("product", "customer", "undivided")
        return {"satisfaction": 90.0 if off else 50.0, "cost_total": 10.0 if off else 50.0}

    engine = DesignEngine(best, infeasible=by("undivided"), unstable=by("product"),
                          broken=by("customer"))
    answer = optimise(firm, vary=["structure=undivided|product|customer|functional"], budget=100,
                      engine=engine)
    assert {o.design.structure: o.status for o in answer.options} == {
        "undivided": "infeasible", "product": "unstable", "customer": "failed",
        "functional": "sure"}
    text = " ".join(sentences(answer))
    for words in ("nobody is there", "grew in 5 of 5", "ValueError: broken"):
        assert words in text
    assert [o.design.structure for o in answer.front] == ["functional"]


def test_who_was_beaten_by_a_design_that_turns_out_unstable_comes_back(firm: Scenario) -> None:
    """Product dominates functional at once; from the sixth replication on its backlog grows."""
    class Late(DesignEngine):
        def simulate(self, prepared: tuple[Scenario, str], replication: int, **more: Any) -> Any:
            found = super().simulate(prepared, replication, **more)
            found.unstable = prepared[1] == "product" and replication >= FIRST
            return found

    def known(scenario: Scenario, structure: str) -> dict[str, float]:
        satisfaction, cost = {"product": (59.0, 81.0), "functional": (51.0, 89.0),
                              "customer": (59.05, 95.0)}[structure]
        return {"satisfaction": satisfaction, "cost_total": cost}

    answer = optimise(firm, vary=["structure=functional|product|customer"], budget=300,
                      engine=Late(known, own=0.3))
    assert {o.design.structure: o.status for o in answer.options} == {
        "product": "unstable", "customer": "sure", "functional": "sure"}


def test_contradictory_settings_are_infeasible_designs(firm: Scenario) -> None:
    """Each value makes sense alone, not all of them together."""
    vary = ["structure=functional", "satisfaction.weight_understanding=0|0.6",
            "satisfaction.weight_tangibles=0|0.6"]
    answer = optimise(firm, vary=vary, budget=100, engine=DesignEngine(
        lambda s, _: {"satisfaction": s.satisfaction.weight_tangibles,
                      "cost_total": s.satisfaction.weight_understanding}))
    assert [o.status for o in answer.options].count("infeasible") == 1
    assert "sum to at most 1" in answer.options[-1].reason
    assert answer.runs == sum(o.replications for o in answer.options)


def test_what_one_gives_up_is_told_with_its_interval(firm: Scenario) -> None:
    """41 money for each point: the truth lies in the interval told."""
    answer = optimise(firm, vary=["structure=functional", "heads=10|20"], budget=200,
                      engine=DesignEngine(lambda s, _: {
                          "satisfaction": s.staff.heads / 2.0,
                          "cost_total": 41.0 * s.staff.heads / 2.0}))
    (step,) = answer.steps
    i = step.rates["cost_total"]
    assert i.low is not None and i.high is not None and i.low <= 41.0 <= i.high
    (line,) = [s for s in sentences(answer) if "between A and B" in s]
    assert line.startswith("Each further point of satisfaction costs 4") and "95% CI" in line
    other = optimise(firm, ("response_mean_h", "retention_annual"),
                     vary=["structure=functional", "heads=10|20"], budget=200, engine=DesignEngine(
                         lambda s, _: {"response_mean_h": 30.0 - s.staff.heads,
                                       "retention_annual": 0.9 - s.staff.heads / 200.0},
                         own=0.001, common=0.01))
    (line,) = [s for s in sentences(other) if "between A and B" in s]
    assert line.startswith("Each hour less of mean response time takes 0.5 percentage points less "
                           "of annual retention")


def test_without_the_library_a_small_space_still_works(
        firm: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec",
                        lambda name, *more: None if name == "optuna" else real(name, *more))
    assert optimise(firm, vary=SPACE, budget=600, engine=DesignEngine(truth)).enumerated
    with pytest.raises(InputError, match=r"pip install 'orgsim\[optimise\]'") as told:
        optimise(firm, vary=[*SPACE, "span"], budget=100, engine=DesignEngine(truth))
    assert len(told.value.faults) == 1


class _Cut(Lab):
    """A lab that is interrupted after so many runs."""

    left = 0

    def rows(self, asked: Iterable[Ask]) -> list[Row]:
        wanted = list(asked)
        found = super().rows(wanted[:self.left])
        self.interrupted = len(wanted) > self.left
        self.left -= len(found)
        return found


def test_what_was_finished_is_kept_after_an_interruption(firm: Scenario) -> None:
    lab = _Cut(firm, engine=DesignEngine(truth, own=3.0))
    lab.left = FIRMS * FIRST + 10
    answer = optimise(firm, vary=SPACE, budget=1000, lab=lab)
    assert answer.stopped == "interrupted" and answer.runs == FIRMS * FIRST + 10
    lab = _Cut(firm, engine=DesignEngine(truth))
    lab.left = 3
    with pytest.raises(KeyboardInterrupt):
        optimise(firm, vary=SPACE, budget=1000, lab=lab)


def test_an_interrupted_question_goes_on_in_its_folder(firm: Scenario, tmp_path: Path) -> None:
    """The same answer as without the interruption, and no run is made twice."""
    whole = DesignEngine(truth, own=0.6)
    expected = optimise(firm, vary=SPACE, budget=400, engine=whole).to_json()
    first, second = DesignEngine(truth, own=0.6), DesignEngine(truth, own=0.6)
    lab = _Cut(firm, engine=first, folder=tmp_path / "runs")
    lab.left = FIRMS * FIRST + 10
    assert optimise(firm, vary=SPACE, budget=400, lab=lab).stopped == "interrupted"
    again = Lab(firm, engine=second, folder=tmp_path / "runs")
    assert optimise(firm, vary=SPACE, budget=400, lab=again).to_json() == expected
    assert len(first.calls) + len(second.calls) == len(whole.calls)


@pytest.mark.parametrize("metrics", [TWO, (*TWO, "response_mean_h")])
def test_the_answer_in_all_its_shapes(firm: Scenario, metrics: tuple[str, ...]) -> None:
    def known(scenario: Scenario, structure: str) -> dict[str, float]:
        return truth(scenario, structure) | {"response_mean_h": 0.5 * scenario.staff.heads}

    answer = optimise(firm, metrics, vary=SPACE, budget=400,
                      engine=DesignEngine(known, own=0.6, common=0.5))
    data = json.loads(json.dumps(answer.to_json()))
    jsonschema.validate(data, DOCUMENTS["optimise"])
    assert len(answer.table) == len(data["designs"]) == answer.looked_at
    assert data["text"][0].startswith(f"{len(answer.front)} designs are on the front")
    assert len(shown(answer)) >= 3
    page = markdown(answer)
    assert all(f"[overlays.design-{o.label}." in page for o in answer.front)
    svg, png = figures(answer)
    assert svg == figures(answer)[0] and png.startswith(b"\x89PNG")
    assert "None" not in page and "nan" not in page


def test_letters_go_on_after_z() -> None:
    assert [letters(n) for n in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]


# --- the real engine ---------------------------------------------------------------------------

SMALL = ("family_firm", "--set", "customers.count=60", "--set", "time.warm_up=10 weeks",
         "--set", "time.horizon=10 weeks")
REAL = ("--vary", "structure=functional|product|customer,heads=5|7", "--budget-runs", "90")


@pytest.fixture
def orgsim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Orgsim:
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


@pytest.mark.slow
def test_a_small_firm_is_enumerated_and_what_is_pasted_is_the_same_design(
        orgsim: Orgsim, tmp_path: Path) -> None:
    told = orgsim("optimise", *SMALL, *REAL, "--json", "--out", "a")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    jsonschema.validate(answer, DOCUMENTS["optimise"])
    assert answer["enumerated"] and answer["looked_at"] == 6 and answer["runs"] <= 90
    assert {p.name for p in (tmp_path / "a").iterdir()} == {
        "front.json", "front.csv", "front.md", "designs.toml", "front.svg", "front.png"}
    again = orgsim("optimise", *SMALL, *REAL, "--jobs", 1)
    assert again.exit_code == 0 and "on the front" in again.stdout
    assert (tmp_path / "results" / "family-firm-front-1" / "front.json").read_text() == (
        tmp_path / "a" / "front.json").read_text()
    base = load("family_firm", set={"customers.count": 60, "time.warm_up": "10 weeks",
                                    "time.horizon": "10 weeks"})
    (tmp_path / "firm.toml").write_text(
        to_toml(base) + "\n" + (tmp_path / "a" / "designs.toml").read_text(), encoding="utf-8")
    first = next(d for d in answer["designs"] if d["label"] == answer["front"][0])
    pasted = load(tmp_path / "firm.toml", overlays=[f"design-{first['label']}"])
    rows = Lab(pasted).rows([Ask(first["name"], r) for r in range(first["replications"])])
    for id, found in first["metrics"].items():
        assert np.mean([row.value(id) for row in rows]) == pytest.approx(found["mean"], rel=1e-12)


def test_bad_input_is_one_error_with_every_fault(orgsim: Orgsim, tmp_path: Path) -> None:
    told = orgsim("optimise", *SMALL, "--metrics", "satisfction,utilisation", "--vary",
                  "heeds,cover=0:2", "--budget-runs", 3)
    assert told.exit_code == 2 and told.stdout == "" and "Traceback" not in told.output
    for words in ("did you mean satisfaction", "did you mean heads", "from 0 to 1",
                  "at least 20"):
        assert words in told.stderr
    assert not list(tmp_path.glob("results/*"))
    told = orgsim("optimise", *SMALL, "--metrics", "cost_total")
    assert told.exit_code == 2 and "at least two" in told.stderr
    told = orgsim("optimise", *SMALL, "--metrics", "utilisation,cost_total,cost_total")
    assert told.exit_code == 2
    assert "no better way" in told.stderr and "is given twice" in told.stderr


def test_a_folder_in_use_is_refused_before_anything_runs(orgsim: Orgsim, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    told = orgsim("optimise", *SMALL, "--allow-large", "--budget-runs", 10**7, "--out", "full")
    assert told.exit_code == 2 and "full" in told.stderr
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["mine"]
