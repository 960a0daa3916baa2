"""Diagnosis: planted misfits are found, their changes are tried on the same customers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sim import api
from sim.errors import InputError, OutputExists
from sim.experiment import schemas
from sim.experiment.diagnose import Diagnosis, diagnose
from sim.experiment.misfits import TRIED
from sim.experiment.request import overlaid
from sim.report.diagnosis import shown
from sim.scenario import load

pytestmark = pytest.mark.slow  # without the compiler a run of a firm takes a minute

FIRM: dict[str, Any] = {
    "schema_version": 1,
    "name": "firm",
    "customers": {"count": 300, "cases_per_month": 1.0},
    "segments": {"a": {"share": 0.5}, "b": {"share": 0.3}, "c": {"share": 0.2}},
    "products": {"x": {}, "y": {}},
    "functions": {"take": {"work_h": 0.5}, "make": {"work_h": 1.0}, "give": {"work_h": 0.5}},
    "staff": {"heads": 12},
    "time": {"warm_up": "1000 h", "horizon": "6 months"},
}


def found(scenario: dict[str, Any], structure: str, **options: Any) -> Diagnosis:
    return diagnose(load(scenario), structure, replications=4, **options)


def kinds(answer: Diagnosis) -> dict[str, Any]:
    return {trial.misfit.kind: trial for trial in answer.trials}


def test_a_starved_pool_is_found_and_its_relief_shortens_response() -> None:
    starved = FIRM | {
        "cover": {"minimum_proficiency": 1.0},
        "staff": {"heads": 12, "rebalance": False, "pools": {"whole": {
            "all: take": 2, "all: make": 8, "all: give": 2}}},
        "structures": {"whole": {"group": {"rest": "all"}}},
    }
    trial = kinds(found(starved, "whole"))["pool"]
    assert trial.misfit.place in ("all: take", "all: give")
    assert trial.effects["response_mean_h"].high < 0


def test_a_heterogeneous_market_asks_for_another_key_of_the_offering() -> None:
    needy = FIRM | {"needs": {"segment_share": 0.7}, "labels": {"accuracy": 1.0}}
    trial = kinds(found(needy, "functional"))["offering"]
    assert trial.misfit.place == "make"
    assert trial.misfit.change == "group make by segment"
    assert trial.effects["satisfaction"].low is not None


def test_where_needs_do_not_differ_the_offering_is_left_alone() -> None:
    alike = FIRM | {"needs": {"segment_share": 0.0, "interaction_share": 0.0}}
    assert "offering" not in kinds(found(alike, "functional"))


def test_wrong_labels_are_found_only_where_labels_decide() -> None:
    wrong = FIRM | {"labels": {"accuracy": 0.4}}
    assert "labels" in kinds(found(wrong, "customer"))
    assert "labels" not in kinds(found(wrong, "functional"))


@pytest.mark.parametrize(("heads", "word"), [(20, "19"), (5, "6")])
def test_too_many_and_too_few(heads: int, word: str) -> None:
    trial = kinds(found(FIRM, "functional", heads=heads))["staffing"]
    assert trial.misfit.change.startswith(f"{word} people instead of {heads}")
    sign = 1 if heads == 5 else -1
    assert trial.effects["cost_total"].mean * sign > 0


def test_at_most_five_and_the_published_shape() -> None:
    answer = found(FIRM | {"labels": {"accuracy": 0.4}, "staff": {"heads": 9}}, "customer")
    assert 0 < len(answer.trials) <= 5
    jsonschema.validate(answer.to_json(), schemas.DIAGNOSE)
    assert len(answer.table) == 4 * len([t for t in answer.trials if not t.refused])
    severities = [t.misfit.severity for t in answer.trials]
    assert severities == sorted(severities, reverse=True)
    assert len(shown(answer)) == len(answer.trials) + 2


def test_a_growing_backlog_is_said_in_words() -> None:
    """600 h of experts' work a month for three people of 173 h each, whatever they know."""
    drowned, fine = (found(FIRM, "functional", heads=heads) for heads in (3, 14))
    told = drowned.to_json()
    jsonschema.validate(told, schemas.DIAGNOSE)
    assert drowned.growth.unstable and told["unstable"] and "backlog grows" in told["warning"]
    assert told["backlog"]["low"] > 0
    assert "unstable: its backlog grows by" in str(shown(drowned)[0])
    assert any("the backlog" in str(item) for item in shown(drowned)[1:-1])
    assert not fine.growth.unstable and fine.to_json()["warning"] == ""
    assert "backlog" not in str(shown(fine)[0])
    head = str(shown(fine)[0])
    assert "points (95% CI" in head and "money per year" in head
    assert [c.unit for c in shown(fine)[-1].columns[2:]] == [  # type: ignore[union-attr]
        "points, 0-100", "0-1", "working hours", "money per year"]


def test_threads_change_nothing() -> None:
    one, two = (found(FIRM, "product", jobs=jobs).to_json() for jobs in (1, 2))
    assert one == two


def test_a_change_that_changes_nothing_has_no_effect() -> None:
    """The trials meet the same customers and luck: the difference to itself is exactly 0."""
    scenario = load(FIRM)
    assert overlaid(scenario, {}) == scenario
    same = overlaid(scenario, {"structures": {TRIED: {"group": {"rest": "function"}}}})
    a, b = (diagnose(world, name, replications=2).metrics
            for world, name in ((scenario, "functional"), (same, TRIED)))
    assert a == b


def test_what_makes_no_sense_is_refused_at_once() -> None:
    with pytest.raises(InputError) as refused:
        diagnose(load(FIRM), "functionl", replications=1, heads=0)
    assert len(refused.value.faults) == 3


def test_a_kept_diagnosis_has_a_report_with_its_figure(tmp_path: Path) -> None:
    answer = found(FIRM | {"needs": {"segment_share": 0.7}, "labels": {"accuracy": 1.0}},
                   "functional")
    folder = api.save_diagnosis(answer, tmp_path / "d")
    assert answer.trials and (folder / "changes.png").read_bytes().startswith(b"\x89PNG")
    jsonschema.validate(json.loads((folder / "diagnosis.json").read_text()),
                        schemas.DOCUMENTS["diagnose"])
    page = api.write_report(folder).read_text(encoding="utf-8")
    assert "tried in functional" in page and page.count("<figure>") == 1
    assert "What each change did, on the same customers" in page
    with pytest.raises(OutputExists):
        api.save_diagnosis(answer, folder)
