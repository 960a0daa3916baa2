"""Selection: the best is found, contenders alone are run on, and everything is told."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from sim.cli.main import cli
from sim.errors import InputError
from sim.experiment import schemas
from sim.experiment.compare import compare
from sim.questions.select import Selection, select
from sim.report.selection import figures, headline, sentences, shown
from sim.scenario import load
from sim.sweep.lab import Lab
from tests.experiment.fake import FakeEngine, world

NAMES = ["functional", "product", "customer"]


def ask(engine: FakeEngine | None = None, **changes: Any) -> Selection:
    engine = engine or FakeEngine(
        {"product": {"satisfaction": 0.8}, "customer": {"satisfaction": -20.0}}, own=0.02)
    asked: dict[str, Any] = {"engine": engine, "jobs": 1, "seed": 1, "margin": 0.5} | changes
    return select(world(), asked.pop("structures", NAMES), **asked)


def test_the_best_is_named_and_contenders_alone_are_run_on() -> None:
    engine = FakeEngine(
        {"product": {"satisfaction": 0.8}, "customer": {"satisfaction": -20.0}}, own=0.02)
    answer = ask(engine)
    runs = Counter(structure for structure, _, _ in engine.calls)
    assert answer.best == "product" and answer.guaranteed
    assert runs["customer"] == 10 and runs["product"] == answer.replications > 10
    assert sum(runs.values()) == answer.runs < answer.equal_runs == 3 * answer.replications
    customer = next(c for c in answer.contenders if c.structure == "customer")
    assert customer.drop is not None and customer.drop.replication == 10
    assert customer.behind.low is not None and customer.behind.low > 15


def test_what_lies_in_a_folder_is_not_run_again(tmp_path: Path) -> None:
    effects = {"product": {"satisfaction": 0.8}, "customer": {"satisfaction": -20.0}}
    first, second = FakeEngine(effects, own=0.02), FakeEngine(effects, own=0.02)
    answers = [select(world(), NAMES, margin=0.5, lab=Lab(
        world(), seed=1, jobs=1, engine=engine, folder=tmp_path)) for engine in (first, second)]
    assert answers[0].to_json() == answers[1].to_json() == ask().to_json()
    assert first.calls and not second.calls


def test_less_is_better_where_less_is_better() -> None:
    effects = {"product": {"response_mean_h": -4.0}, "customer": {"response_mean_h": 4.0}}
    answer = ask(FakeEngine(effects), metric="response_mean_h", margin="5%")
    assert answer.best == "product"
    assert answer.margin == pytest.approx(0.5, rel=0.2)  # 5% of about 10 h
    values = {c.structure: c.value.mean or 0 for c in answer.contenders}
    assert values["product"] < values["functional"] < values["customer"]
    assert all((c.behind.mean or 1) > 0 for c in answer.contenders if c.structure != "product")


def test_under_weights_it_agrees_with_compare() -> None:
    """Both add weight x value in smallest differences that matter."""
    effects = {"product": {"satisfaction": 6.0, "cost_total": 150_000.0},
               "customer": {"satisfaction": 1.0, "cost_total": -60_000.0}}
    for weights, best in (({"satisfaction": 1.0}, "product"),
                          ({"satisfaction": 1.0, "cost_total": 1.0}, "customer")):
        chosen = ask(FakeEngine(effects), weights=weights, margin=None)
        compared = compare(world(), NAMES, replications=20, weights=weights, seed=1, jobs=1,
                           engine=FakeEngine(effects))
        assert chosen.best == compared.verdict.winner == best
        assert chosen.margin == 1.0


def test_too_few_runs_give_a_leader_without_a_guarantee() -> None:
    engine = FakeEngine({"product": {"satisfaction": 0.05}}, own=0.05)
    answer = ask(engine, max_runs=36)
    assert answer.stop == "max runs" and not answer.guaranteed
    assert answer.runs <= 36 and len(engine.calls) == answer.runs and answer.more_runs > 0
    assert "without the probability" in headline(answer)
    assert f"{answer.more_runs:,} more runs" in headline(answer)
    enough = ask(FakeEngine({"product": {"satisfaction": 0.05}}, own=0.05),
                 max_runs=answer.runs + answer.more_runs)
    assert enough.guaranteed


def test_the_step_and_the_threads_change_no_value() -> None:
    one, two = (ask(jobs=jobs).to_json() for jobs in (1, 2))
    assert one == two
    wide = ask(step=5)
    assert wide.best == one["best"] and (wide.replications - 10) % 5 == 0


def test_structures_always_equal_end_at_once() -> None:
    answer = ask(FakeEngine(own=0.0), structures=["functional", "product"])
    assert answer.stop == "indifference" and answer.runs == 20 and answer.best == "functional"
    assert [c.fate for c in answer.contenders] == ["selected", "left"]


def test_infeasible_failed_missing_and_unstable_are_told() -> None:
    engine = FakeEngine({"product": {"satisfaction": 9.0}}, growth={"product": 9.0},
                        broken={("customer", 4): ValueError("no")})
    answer = select(load(world(), set={"staff.heads": 1}), ["undivided", "product"],
                    engine=FakeEngine(), seed=1, jobs=1)
    assert {c.fate for c in answer.contenders} == {"selected", "infeasible"}
    assert "nothing was compared" in headline(answer)
    answer = ask(engine)
    by = {c.structure: c for c in answer.contenders}
    assert answer.best == "product" and by["product"].unstable == by["product"].replications
    assert by["customer"].fate == "failed" and "no" in by["customer"].reason
    text = "\n".join(sentences(answer))
    assert "growing backlog: product" in text and "a run failed" in text
    with pytest.raises(InputError, match="abandonment has no value"):
        ask(metric="abandonment", margin=None)


@pytest.mark.parametrize(("changes", "told"), [
    ({"metric": "satisfation"}, "did you mean satisfaction"),
    ({"metric": "backlog_x"}, "metric"),
    ({"metric": "utilisation"}, "no better way"),
    ({"metric": "loyalty", "weights": {"loyalty": 1.0}}, "not both"),
    ({"weights": {"loyalty": -1.0}}, "at least 0"),
    ({"weights": {"loyalty": 1.0}, "margin": "5%"}, "points of the score"),
    ({"margin": "wide"}, "percentage"), ({"margin": 0}, "above 0"),
    ({"confidence": 0.2}, "above 1/3"), ({"confidence": 1.0}, "below 1"),
    ({"first": 1}, "at least 2"), ({"step": 0}, "at least 1"), ({"max_runs": 29}, "30 runs"),
    ({"structures": ["functional"]}, "at least two"),
    ({"structures": ["functional", "custmer"]}, "did you mean customer"),
])
def test_what_makes_no_sense_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        ask(**changes)


def test_table_json_and_figure() -> None:
    answer = ask()
    jsonschema.validate(answer.to_json(), schemas.SELECT)
    assert list(answer.table["structure"]) == NAMES
    svg, png = figures(answer)
    assert svg.startswith(b"<?xml") and png[:4] == b"\x89PNG"
    for weights in (None, {"satisfaction": 1.0, "loyalty": 2.0}):
        answer = ask(weights=weights, margin=None)
        jsonschema.validate(answer.to_json(), schemas.SELECT)
        assert len(shown(answer)) == 3 and figures(answer)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.sweep.lab.default_engine", lambda: FakeEngine(
        {"customer": {"satisfaction": 20.0}}))
    words = ["select", "family_firm", "--structures", "functional,customer"]
    done = CliRunner().invoke(cli, [*words, "--out", "there"])
    assert done.exit_code == 0, done.output
    assert "Customer is best on satisfaction" in done.stdout and "95%" in done.stdout
    assert {p.name for p in Path("there").iterdir()} >= {"selection.json", "race.svg"}
    done = CliRunner().invoke(cli, [*words, "--json", "--weights", "loyalty=1"])
    jsonschema.validate(json.loads(done.stdout), schemas.SELECT)
    for bad, told in ((["--metric", "loyalti"], "did you mean loyalty"),
                      (["--margin", "much"], "--margin"), (["--confidence", "2"], "--confidence")):
        done = CliRunner().invoke(cli, [*words, *bad])
        assert done.exit_code == 2 and told in done.stderr and done.stdout == ""
        assert len(done.stderr.splitlines()) == 1


def test_why_pairs_known_well_enough_are_dropped_is_said_once() -> None:
    """Far apart and hardly any noise: all others are dropped after the first stage."""
    effects = {"product": {"satisfaction": 9.0}}
    answer = ask(FakeEngine(effects, own=0.001), structures=["functional", "product", "customer"])
    assert sum(c.fate == "dropped" for c in answer.contenders) == 2
    assert [c.drop.boundary <= 0 for c in answer.contenders if c.drop] == [True, True]
    text = "\n".join(sentences(answer))
    assert text.count("behind product") == 2
    assert text.count("known well enough") == 1
