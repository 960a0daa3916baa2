"""Tipping points: the known value lies in the stated interval; what never flips says so."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from sim.errors import InputError
from sim.experiment.schemas import TIPPING
from sim.questions.keys import in_use
from sim.questions.tipping import tipping
from sim.questions.tipping_answer import Tipping
from sim.questions.tipping_words import sentences
from sim.report.tipping import figures, markdown, shown
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.sweep.lab import Lab
from tests.experiment.fake import world
from tests.questions.known import KnownEngine

KEYS = ("needs.segment_share", "labels.accuracy", "work.spread", "staff.span")


def lead(scenario: Scenario, structure: str) -> float:
    """customer - functional = 2 + 20 (0.36 - share) + 0.5 (accuracy - 0.75): 0 at share 0.46,
    reached after 29% of the way from 0.36 to 0.7; accuracy never takes it below 1.8."""
    gap = (2.0 + 20.0 * (0.36 - scenario.needs.segment_share)
           + 0.5 * (scenario.labels.accuracy - 0.75))
    return 60.0 + scenario.work.spread + (gap if structure == "customer" else 0.0)


def ask(known: Any = lead, **options: Any) -> Tipping:
    engine = options.pop("engine", None) or KnownEngine(known)
    firm = options.pop("firm", None) or world()
    asked = {"keys": KEYS, "replications": 8} | options
    seed = asked.pop("seed", None)
    return tipping(Lab(firm, engine=engine, seed=seed, jobs=1), "customer", "functional", **asked)


def test_the_known_tipping_value_is_found_with_its_distance() -> None:
    answer = ask()
    first = answer.assumptions[0]
    assert first.range.key == "needs.segment_share" and len(first.flips) == 1
    (flip,) = first.flips
    assert abs(flip.at - 0.46) < 0.03 and flip.overtakes == "functional"
    assert flip.distance == pytest.approx((flip.at - 0.36) / 0.34)


def test_the_interval_holds_the_known_value_as_often_as_promised() -> None:
    """95%; with the luck of 40 seeds more than 6 misses have a chance of 0.3%."""
    missed = 0
    for seed in range(40):
        (flip,) = ask(seed=seed, keys=KEYS[:1]).assumptions[0].flips
        assert flip.low is not None and flip.high is not None
        missed += not flip.low <= 0.46 <= flip.high
    assert missed <= 6


def test_what_never_flips_tells_the_lead_at_both_ends_and_what_does_nothing_says_so() -> None:
    answer = ask()
    steady = {a.range.key: a for a in answer.assumptions}
    accuracy = steady["labels.accuracy"]
    assert not accuracy.flips and accuracy.moves
    low, high = accuracy.ends
    assert low.mean == pytest.approx(accuracy.leads[0.75].mean - 0.2)
    assert high.mean == pytest.approx(accuracy.leads[0.75].mean + 0.125)
    assert steady["work.spread"].moves and not steady["work.spread"].flips
    assert not steady["staff.span"].moves
    text = " ".join(sentences(answer))
    assert "1 change nothing here at either end: staff.span" in text
    assert "nearest to it comes labels.accuracy" in text


def test_a_key_that_changes_nothing_costs_only_the_first_look() -> None:
    engine = KnownEngine(lead)
    ask(engine=engine, keys=("staff.span",), replications=20)
    assert len(engine.calls) == 2 * 20 + 2 * 2 * 2


def test_two_flips_of_one_key_are_both_told() -> None:
    """2 - 100 (share - 0.3)^2 + 1 is 0 at 0.3 +- 0.173: below and above the scenario's 0.36."""
    def hill(scenario: Scenario, structure: str) -> float:
        gap = 3.0 - 100.0 * (scenario.needs.segment_share - 0.3) ** 2
        return gap if structure == "customer" else 0.0

    answer = ask(hill, keys=KEYS[:1], depth=5)
    flips = sorted(answer.assumptions[0].flips, key=lambda f: f.at)
    assert [round(f.at, 2) for f in flips] == pytest.approx([0.127, 0.473], abs=0.03)
    assert {f.overtakes for f in flips} == {"functional"}
    assert "more than once" in " ".join(sentences(answer))


def test_regret_is_the_largest_loss_over_the_ranges() -> None:
    """Choosing customer costs 4.8 at share 0.7; choosing functional 9.2 at share 0."""
    answer = ask()
    customer, functional = answer.regrets
    assert (customer.key, customer.value) == ("needs.segment_share", 0.7)
    assert (functional.key, functional.value) == ("needs.segment_share", 0.0)
    for regret, true in ((customer, 4.8), (functional, 9.2)):
        assert regret.size.low is not None and regret.size.high is not None
        assert regret.size.low <= true <= regret.size.high


def test_a_choice_that_is_never_worse_has_no_regret() -> None:
    answer = ask(lambda _, structure: 9.0 if structure == "customer" else 0.0, keys=KEYS[:2])
    assert answer.regrets[0].size.mean == 0 and answer.regrets[0].key is None
    assert "choosing customer is never worse at any value run." in sentences(answer)
    assert answer.regrets[1].size.mean == pytest.approx(answer.lead.mean)


def test_less_is_better_turns_the_lead() -> None:
    def hours(scenario: Scenario, structure: str) -> float:
        return 100.0 - lead(scenario, structure)

    answer = ask(engine=KnownEngine(hours, metric="response_mean_h"), metric="response_mean_h")
    assert answer.ahead == "customer" and answer.assumptions[0].flips[0].overtakes == "functional"


def test_ranges_end_where_the_scenario_would_contradict_itself() -> None:
    """needs: 0.36 + 0.1 + 0.1 leaves product_share at most 0.54; with 0.6 + 0.3 only 0.1."""
    firm = load(world(), set={"needs.segment_share": 0.6, "needs.interaction_share": 0.3})
    answer = ask(firm=firm, keys=("needs.product_share",))
    one = answer.assumptions[0].range
    assert one.narrowed and one.high == pytest.approx(0.1, abs=1e-3)
    assert "narrowed" in " ".join(sentences(answer))


def test_keys_in_use_are_those_of_mechanisms_switched_on() -> None:
    def keys(firm: Scenario) -> set[str]:
        return {one.key for one in in_use(firm)}

    off, on = keys(world()), keys(load(world(), set={"complaints.enabled": True}))
    assert "labels.accuracy" in off and "segments.mass.expectation" in off
    assert "segments.mass.price" not in off  # has no value
    assert on > off and all(k.startswith("complaints.") for k in on - off)


def test_the_answer_as_data_table_words_and_figure() -> None:
    answer = ask()
    data = answer.to_json()
    jsonschema.validate(json.loads(json.dumps(data)), TIPPING)
    assert len(answer.table) == 4 and data["assumptions"][0]["flips"]
    assert len(shown(answer)) == 3 and data["text"][0] in markdown(answer)
    svg, png = figures(answer)
    assert svg.startswith(b"<?xml") and png.startswith(b"\x89PNG")


def test_failures_are_left_out_and_a_structure_that_cannot_be_staffed_is_an_error() -> None:
    answer = ask(engine=KnownEngine(lead, broken=frozenset({5})))
    assert answer.lead.n == 7 and answer.failures > 0
    with pytest.raises(InputError, match="nobody is there"):
        ask(engine=KnownEngine(lead, infeasible=lambda *_: True))


def test_a_structure_against_itself_is_refused() -> None:
    with pytest.raises(InputError, match="itself"):
        tipping(Lab(world(), engine=KnownEngine(lead)), "customer", "customer")
