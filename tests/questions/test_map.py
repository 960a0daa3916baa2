"""Maps: the known border lies in the stated intervals, ties are ties, work goes to the border."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from sim.errors import InputError
from sim.experiment.schemas import MAP
from sim.questions.keys import read_range
from sim.questions.map_answer import StructureMap
from sim.questions.map_words import sentences
from sim.questions.maps import map_structures
from sim.report.maps import figures, markdown, shown
from sim.scenario.schema import Scenario
from sim.sweep.lab import Lab
from tests.experiment.fake import world
from tests.questions.known import KnownEngine

X, Y = "needs.segment_share=0:0.8", "labels.accuracy=0.3:0.9"


def plane(scenario: Scenario, structure: str) -> float:
    """customer - functional = 40 (share - 0.5 + 0.5 (accuracy - 0.6)): level on a known line."""
    lead = 40 * (scenario.needs.segment_share - 0.5 + 0.5 * (scenario.labels.accuracy - 0.6))
    return 60.0 + {"customer": lead, "functional": 0.0}.get(structure, -30.0)


def survey(known: Any = plane, **options: Any) -> StructureMap:
    engine = options.pop("engine", None) or KnownEngine(known)
    firm = options.pop("firm", None) or world()
    asked = {"structures": ["functional", "customer"], "replications": 8} | options
    x, y, seed = asked.pop("x", X), asked.pop("y", Y), asked.pop("seed", None)
    return map_structures(Lab(firm, engine=engine, seed=seed, jobs=1), x, y, **asked)


def true_switch(along: str, held: float) -> float:
    return 0.5 - 0.5 * (held - 0.6) if along == "x" else 0.6 + 2 * (0.5 - held)


def test_the_switching_line_is_where_it_is_known_to_be() -> None:
    answer = survey()
    assert {s.along for s in answer.switches} == {"x", "y"} and len(answer.switches) >= 4
    for s in answer.switches:
        assert (s.winner, s.loser) == ("customer", "functional")
        assert abs(s.at - true_switch(s.along, s.held)) < 0.05


def test_the_stated_intervals_hold_the_known_border_as_often_as_promised() -> None:
    """95% each; with the luck of 40 seeds more than 6 misses have a chance of 0.3%."""
    missed = 0
    for seed in range(40):
        answer = survey(seed=seed, grid=3, depth=0)
        (middle,) = [s for s in answer.switches if s.along == "x" and s.held == 0.6]
        assert middle.low is not None and middle.high is not None
        missed += not middle.low <= 0.5 <= middle.high
    assert missed <= 6


def test_a_third_structure_that_never_leads_switches_nothing() -> None:
    answer = survey(structures=["functional", "customer", "product"])
    assert {s.winner for s in answer.switches} == {"customer"}
    assert answer.shares["product"] == 0


def test_winners_are_surely_ahead_by_the_margin_and_ties_are_not() -> None:
    answer = survey()
    assert answer.shares["functional"] > 0.2 and answer.shares["customer"] > 0.1
    for p in answer.points.values():
        assert p.lead is not None and p.lead.low is not None
        assert (p.winner is None) == (p.lead.low < p.margin)
        if abs(plane_lead(p.x, p.y)) < 0.5:
            assert p.winner is None
    assert sum(answer.shares[s] for s in ("functional", "customer", "tie")) == pytest.approx(1)


def plane_lead(x: float, y: float) -> float:
    return 40 * (x - 0.5 + 0.5 * (y - 0.6))


def test_work_goes_to_the_border() -> None:
    """The finest cells touch the border; far from it the first grid is enough."""
    answer = survey(depth=3)
    finest = min(c.size for c in answer.cells)
    for cell in answer.cells:
        leads = [plane_lead(answer.points[s].x, answer.points[s].y) for s in cell.corners]
        if cell.size == finest:
            assert min(map(abs, leads)) < 10
    assert len(answer.points) < (8 * 4 + 1) ** 2 / 2


def test_equal_structures_are_a_tie_within_the_margin_everywhere() -> None:
    answer = survey(lambda *_: 50.0)
    assert answer.shares["tie"] == 1 and not answer.switches
    assert answer.shares["practically equal"] > 0.9
    assert "nobody is surely best" in sentences(answer)[0]


def test_less_is_better_turns_the_map() -> None:
    def hours(scenario: Scenario, structure: str) -> float:
        return 100.0 - plane(scenario, structure)

    answer = survey(engine=KnownEngine(hours, metric="response_mean_h"), metric="response_mean_h")
    assert {s.winner for s in answer.switches} == {"customer"}


def test_whole_keys_round_and_logarithmic_scales_step_by_factors() -> None:
    def known(scenario: Scenario, structure: str) -> float:
        return 50.0 + (scenario.staff.heads - 20.3 if structure == "customer" else 0.0)

    answer = survey(known, x="staff.heads=12:40", y="knowledge.learn_h=50:800", log_y=True)
    assert {p.x for p in answer.points.values()} <= set(map(float, range(12, 41)))
    ys = sorted({round(p.y, 6) for (_, j), p in answer.points.items() if j % 4 == 0})
    assert ys == pytest.approx([50, 100, 200, 400, 800])
    for s in answer.switches:
        assert s.along == "x" and abs(s.at - 20.3) < 1.5


def test_structures_that_cannot_be_staffed_are_left_out_there() -> None:
    def nobody(scenario: Scenario, structure: str) -> bool:
        return structure == "customer" and scenario.needs.segment_share > 0.6

    answer = survey(engine=KnownEngine(plane, infeasible=nobody))
    assert answer.infeasible == {"customer": "nobody is there"}
    assert all(p.winner == "functional" for p in answer.points.values() if p.x > 0.6)
    assert any("cannot be staffed" in line for line in sentences(answer))


def test_failed_runs_are_left_out_and_counted() -> None:
    answer = survey(engine=KnownEngine(plane, broken=frozenset({3})))
    assert answer.failures == answer.runs / 8
    assert all(p.lead is not None and p.lead.n == 7 for p in answer.points.values())


def test_the_answer_as_data_table_words_and_figure() -> None:
    answer = survey()
    data = answer.to_json()
    jsonschema.validate(json.loads(json.dumps(data)), MAP)
    assert data["runs"] == len(answer.points) * 2 * 8
    assert len(answer.table) == len(answer.points) * 2
    assert any(line.startswith("customer beats functional once needs.segment_share is above 0.")
               and "95% CI" in line for line in data["text"])
    assert len(shown(answer)) == 4 and data["text"][0] in markdown(answer)
    svg, png = figures(answer)
    assert svg.startswith(b"<?xml") and png.startswith(b"\x89PNG")
    assert figures(answer)[0] == svg


def test_every_fault_is_told_at_once_with_the_nearest_spelling() -> None:
    with pytest.raises(InputError) as caught:
        survey(x="needs.segment_shar=0:0.8", y="labels.accuracy=0.9:1.3", metric="satisfction",
               structures=["functional", "custmer"], grid=1, replications=1)
    text = str(caught.value)
    for word in ("did you mean needs.segment_share", "from 0 to 1", "did you mean satisfaction",
                 "did you mean customer", "--grid", "--replications"):
        assert word in text


@pytest.mark.parametrize(("text", "word"), [
    ("labels.accuracy=0.9:0.3", "not above its start"),
    ("labels.accuracy=0.3", "is no range"),
    ("labels.accuracy=a:b", "must be a number"),
    ("staff.heads=2.5:9", "whole number"),
    ("name=1:2", "holds no number"),
    ("segments.mas.share=0:1", "did you mean mass"),
    ("", "no such key"),
    ("staff.heads", "no documented plausible range"),
    ("time.horizon=5 cows:9 weeks", "a number and a unit"),
])
def test_what_is_no_range(text: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        read_range(world(), text, "--x")


def test_times_and_plausible_ranges_are_ranges() -> None:
    one = read_range(world(), "time.horizon=26 weeks:52 weeks", "--x")
    assert (one.low, one.high, one.change(1040.0)) == (1040, 2080, ("time.horizon", "1040.0 h"))
    assert (read_range(world(), "labels.accuracy", "--x").low) == 0.35


def test_a_map_whose_corners_contradict_the_scenario_is_refused() -> None:
    with pytest.raises(InputError, match="shares of variance"):
        survey(x="needs.segment_share=0:0.9", y="needs.product_share=0:0.9")
    with pytest.raises(InputError, match="logarithmic"):
        survey(log_x=True)
    with pytest.raises(InputError, match="key of --x too"):
        survey(y=X)
