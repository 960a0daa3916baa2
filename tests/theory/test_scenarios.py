"""The eight scenarios: what is expected of them, and how what is found is held against it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.errors import InputError
from sim.experiment.theory.firms import FOLDER, Arm, Expected, Firm, Row, Statement, firms, read
from sim.experiment.theory.measured import Account, Measured, enough, ramp_up_weeks
from sim.experiment.theory.scenarios import (
    TRIO,
    checks,
    judged,
    names,
    run_scenarios,
    stated,
    winners,
)
from sim.scenario import load, shipped

FIRM = Firm("family_firm")


def account(**levels: float) -> Account:
    """A firm whose structures lie at these levels on every metric, with a little own noise."""
    rng = np.random.default_rng(3)
    shared = rng.normal(0, 5, 12)
    return Account(FIRM, {
        name: Measured({metric: list(level + shared + rng.normal(0, 0.2, 12)) for metric in TRIO},
                       {("satisfaction", "firms"): list(level + shared)})
        for name, level in levels.items()})


def row(**levels: float) -> Row:
    return Row("X", FIRM, tuple(levels), "", ())


def told(*expected: str, metric: str = "satisfaction") -> Expected:
    return Expected(metric, expected, "high", "")


# data

def test_every_shipped_scenario_is_compared_and_has_its_level_facts() -> None:
    data = firms()
    assert set(data.firms()) == set(shipped())
    assert names() == (*data.ids(), *data.firms())
    plain = {r.firm.scenario for r in data.rows if not r.firm.overlays and not r.added}
    assert plain == set(shipped())
    for fact in data.facts:
        lacking = set(shipped()) - set(fact.ranges)
        if fact.id == "retention":
            assert lacking == {"government_office"}  # nobody can leave
        elif fact.id == "abandonment":
            phones = {name for name in shipped() if any(
                t.channel == "phone" for t in load(name).case_types.values())}
            assert set(fact.ranges) == phones
        else:
            assert not lacking, fact.id


def test_stories_are_told_as_overlays() -> None:
    told = {(r.firm.scenario, *r.firm.overlays) for r in firms().rows if r.firm.overlays}
    assert {("manufacturer", "solutions"), ("clinic_network", "private"),
            ("clinic_network", "public"), ("government_office", "life-events"),
            ("family_firm", "twelve-people"), ("family_firm", "thirty-people")} <= told


def test_everything_wrong_with_the_data_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "level_facts.toml").write_text(
        '[facts.x]\nmetric = "utilisatoin"\n[facts.x.ranges]\n'
        'family_frm = { low = 2, high = 1, source = "s" }\n', encoding="utf-8")
    (tmp_path / "scenarios.toml").write_text(
        '[[rows]]\nid = "A"\nscenario = "family_firm"\n[rows.expected]\n'
        'satisfaction = { winners = ["undvided"], confidence = "sure" }\n'
        '[[rows]]\nid = "A"\nscenario = "no_such"\n'
        '[[statements]]\nid = "S"\nmetric = "fit"\n'
        'first = { scenario = "family_firm", structure = "product" }\n'
        'second = { scenario = "family_firm", structure = "product", segment = "frms" }\n',
        encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    text = str(caught.value)
    for word in ("utilisatoin", "family_frm", "low < high", "undvided", "confidence", "no_such",
                 "stands twice", "frms", "sign"):
        assert word in text, word
    assert read(FOLDER) == firms()


# judgement

def test_one_winner_holds_fails_or_ties() -> None:
    levels = {"a": 70.0, "b": 75.0, "c": 75.01}
    assert judged(row(**levels), told("b", "c"), account(**levels)).result == "holds"
    tied = judged(row(**levels), told("b"), account(**levels))
    assert (tied.result, set(tied.leaders)) == ("tie", {"b", "c"})
    lost = judged(row(**levels), told("a"), account(**levels))
    assert lost.result == "fails"
    assert lost.effect.mean == pytest.approx(-5, abs=0.3)
    assert lost.effect.high is not None and lost.effect.high < 0


def test_less_is_better_where_it_is() -> None:
    levels = {"a": 70.0, "b": 80.0}
    assert judged(row(**levels), told("a", metric="response_mean_h"),
                  account(**levels)).result == "holds"


def test_a_statement_needs_an_interval_on_its_side() -> None:
    accounts = {FIRM: account(a=70.0, b=75.0)}

    def arm(name: str, segment: str = "") -> Arm:
        return Arm(FIRM, name, segment)

    def result(sign: int, below: float | None = None, segment: str = "") -> str:
        return stated(Statement("s", "", "satisfaction", arm("b", segment), arm("a", segment),
                                sign, below), accounts).result

    assert (result(1), result(-1)) == ("holds", "fails")
    assert (result(0, 6.0), result(0, 4.0), result(0, 5.0)) == ("holds", "fails", "tie")
    assert result(1, segment="firms") == "holds"


def test_a_structure_that_wins_everything_everywhere_is_found() -> None:
    other = Firm("retail_bank")
    rows = [Row("X", FIRM, ("a", "b"), "", ()), Row("Y", other, ("a", "b"), "", ())]
    best = account(a=70.0, b=70.0)
    for name, sign in (("a", 1), ("b", 0)):
        for metric in TRIO:
            way = 1 if metric == "satisfaction" else -1
            values = best.structures[name].metrics[metric]
            best.structures[name].metrics[metric] = [v + 9 * sign * way for v in values
                                                     if v is not None]
    found = {c.id: c for c in checks(rows, {FIRM: best, other: best}, [])}
    assert not found["no-universal-winner"].passed and found["no-universal-winner"].found == "a"
    assert not found["different-winners"].passed and not found["clean-sweeps"].passed


@pytest.mark.parametrize(("tau", "tied", "passed"), [(0.3, False, False), (0.3, True, True),
                                                       (0.9, False, True)])
def test_a_ranking_that_changes_must_be_told_as_ties(tau: float, tied: bool, passed: bool) -> None:
    levels = account(a=70.0, b=75.0)
    outcome = replace(judged(row(a=70.0, b=75.0), told("b"), levels), tau=tau, tied=tied)
    found = {c.id: c for c in checks([row(a=70.0, b=75.0)], {FIRM: levels}, [outcome])}
    assert found["stable-rankings"].passed is passed


# ramp-up

def weeks(tau: float, n: int) -> float:
    """Ramp-up in a job that spreads over n products and n segments, 32 productive hours a week."""
    scenario = load({"schema_version": 1, "name": "x", "functions": {"f": {"work_h": 1}},
                     "knowledge": {"learn_h": tau}})
    rows = np.full((1, n), 1.0 / n)
    shares = SimpleNamespace(function_share=np.ones((1, 1)), product_share=rows,
                             segment_share=rows)
    prepared: Any = SimpleNamespace(workload=shares, start=SimpleNamespace(heads=np.array([3])))
    return ramp_up_weeks(scenario, prepared, 0.8)


def test_ramp_up_of_a_narrow_job_by_hand() -> None:
    """tauL 150, tauG 1700, b 0.8, k0 0.2, a's 0.6 + 0.4 + 0.25: rate 0.8/150 + 1/1700 = 1/168.9,
    k* = 0.9007, final speed 1/(1 + 1.25 x 0.0993) = 0.8896; 90% of it is reached at k = 0.8009,
    after 168.9 ln((0.9007 - 0.2) / (0.9007 - 0.8009)) = 329 h = 8.2 weeks."""
    assert weeks(150, 1) == pytest.approx(8.22, abs=0.01)


def test_ramp_up_lies_where_p09_puts_it() -> None:
    """6-12 weeks for tauL 150, 12-26 for 400; longer in a broad job for tauL 150 (P09, F84)."""
    assert 6 <= weeks(150, 1) <= 12 < weeks(150, 4)
    assert 12 <= weeks(400, 1) <= 26


# runs

def test_unknown_ids_are_refused_before_any_run() -> None:
    with pytest.raises(InputError, match="did you mean family_firm"):
        run_scenarios(["famly_firm"])
    assert winners(["C001"]) == []


@pytest.mark.slow
def test_one_firm_runs_and_is_told() -> None:
    report = run_scenarios(["H"], replications=3, jobs=1)
    assert [o.metric for o in report.outcomes] == list(TRIO)
    assert {level.fact for level in report.levels} == {
        "first_contact_resolution", "utilisation", "satisfaction", "retention", "turnover",
        "ramp_up"}
    assert len(report.to_json()["rows"]) == 3 and not report.missing
    found = winners(["H"], quick=True, jobs=2)
    assert {f.kind for f in found} == {"scenario"} and len(found) == 3 + 6  # checks need all


@pytest.mark.parametrize(("cases", "full", "quick"), [
    (10_000, 12, 4), (50_000, 12, 4), (75_000, 8, 3), (100_000, 6, 3), (10**7, 5, 3)])
def test_firms_with_very_many_cases_get_fewer_replications(
        cases: int, full: int, quick: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """12 x 50,000 cases, at least five; of four replications at least three."""
    world = load({"schema_version": 1, "name": "x", "functions": {"f": {"work_h": 0.1}},
                  "customers": {"count": 1000, "cases_per_month": cases / 12_000},
                  "time": {"horizon": "12 months"}}, limits=None)
    monkeypatch.setattr(Firm, "load", lambda self: world)
    assert (enough(FIRM, 12), enough(FIRM, 4)) == (full, quick)
