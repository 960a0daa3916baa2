"""What is generated from the schema: TOML, JSON Schema, parameter table, notes, limits."""

from __future__ import annotations

import tomllib
from typing import Any

import jsonschema
import pytest

from sim.errors import LimitExceeded
from sim.scenario import json_schema, load, notes, parameter_table, shipped, starter, to_toml
from sim.scenario.catalogue import catalogue, find
from sim.scenario.fields import Inputs
from sim.scenario.limits import Limits, check_limits, predict
from sim.scenario.schema import HOURS_PER_MONTH
from sim.scenario.spelling import GROUP_SYNONYMS, SYNONYMS

SMALL: dict[str, Any] = {"schema_version": 1, "name": "Small",
                         "functions": {"help": {"work_h": 1.0}}}


# to_toml

@pytest.mark.parametrize("name", list(shipped()))
def test_shipped_scenarios_round_trip(name: str) -> None:
    scenario = load(name, set=["time.horizon=7 months"])
    text = to_toml(scenario)
    assert load(tomllib.loads(text)) == scenario
    assert "overlays" not in tomllib.loads(text) or not tomllib.loads(text)["overlays"]


def test_unusual_texts_round_trip() -> None:
    scenario = load(SMALL | {"name": 'Ünit "7" <b> =1+1', "summary": "line\n\ttab \\ back",
                             "products": {'v1.0 "x"': {}, "日本": {}}})
    assert load(tomllib.loads(to_toml(scenario))) == scenario


# JSON Schema

@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    return jsonschema.Draft202012Validator(json_schema())


@pytest.mark.parametrize("name", [*shipped(), "starter"])
def test_shipped_files_suit_the_json_schema(
        name: str, validator: jsonschema.Draft202012Validator) -> None:
    text = starter("x") if name == "starter" else shipped()[name].read_text(encoding="utf-8")
    validator.validate(tomllib.loads(text))


@pytest.mark.parametrize("wrong", [
    {"staff": {"heads": 0}}, {"staff": {"hads": 1}}, {"time": {"horizon": 12}},
    {"time": {"horizon": "long"}}, {"schema_version": 2}, {"work": {"distribution": "normal"}},
    {"segments": {"a": {}}}, {"seed": 1.5},
])
def test_the_json_schema_refuses_what_the_loader_refuses(
        wrong: dict[str, Any], validator: jsonschema.Draft202012Validator) -> None:
    assert not validator.is_valid(SMALL | wrong)
    assert validator.is_valid(SMALL)


def test_the_json_schema_tells_meaning_unit_and_range() -> None:
    latency = json_schema()["$defs"]["HandOffs"]["properties"]["latency_h"]
    assert latency["description"] == ("Mean delay of a hand-off at distance 1 (tau1). Unit: h. "
                                      "Plausible: 0.1 to 8. Source: F73, F21, assumption")
    assert (latency["unit"], latency["plausible"], latency["default"]) == ("h", [0.1, 8], 0.5)


# catalogue and parameter table

def test_every_field_of_every_table_is_in_the_catalogue() -> None:
    tables = [table for table in Inputs.__subclasses__()
              if table.__module__.startswith("sim.scenario.")]
    leaves = {name for table in tables for name in table.model_fields}
    assert leaves <= {path[-1] for path in catalogue()}
    assert len(tables) > 20


def test_every_parameter_has_meaning_bounds_and_source() -> None:
    rows = {row.key: row for row in parameter_table()}
    assert len(rows) == len(parameter_table()) > 120
    for row in rows.values():
        assert row.meaning and row.source and row.default
    heads = rows["staff.heads"]
    assert (heads.default, heads.unit, heads.bounds) == ("26", "people", "from 1 to 100,000")
    assert rows["segments.NAME.share"].default == "required"
    assert rows["handoffs.latency_growth"].plausible == "1.5 to 4"
    assert rows["case_types.NAME.channel"].bounds == '"email", "phone", "chat", "project"'


def test_tables_of_values_have_a_row_and_tables_of_keys_have_none() -> None:
    rows = {row.key: row for row in parameter_table()}
    products = rows["segments.NAME.products"]
    assert (products.default, products.unit, products.bounds) == (
        "none", "weight", "from 0 to 1,000,000")
    assert {"staff.pools", "structures.NAME.group", "case_types.NAME.after", "overlays",
            "objective.weights", "case_types.NAME.work_h"} <= rows.keys()
    assert not {"segments", "staff", "structures", "structures.NAME.units"} & rows.keys()


def test_defaults_lie_within_their_plausible_range() -> None:
    """Switches apart: a default of 0 turns its mechanism off."""
    for key in catalogue().values():
        if key.plausible is not None and key.default:
            assert key.plausible[0] <= key.default <= key.plausible[1], key.name
            assert key.low is not None and key.low <= key.plausible[0]
            assert key.high is not None and key.plausible[1] <= key.high


def test_synonyms_point_at_keys_that_exist_and_hide_none() -> None:
    for word, target in SYNONYMS.items():
        assert find(tuple(target.split("."))) is not None, target
        assert word != target
    from sim.scenario.schema import KEYS
    assert set(GROUP_SYNONYMS.values()) <= set(KEYS)
    assert not set(GROUP_SYNONYMS) & set(KEYS)


# notes

def test_values_outside_the_plausible_range_are_noted_not_refused() -> None:
    scenario = load(SMALL, set=["handoffs.latency_h=20", "functions.help.work_h=20"])
    found = notes(scenario)
    assert ("handoffs.latency_h: 20 h is outside the plausible range 0.1 to 8 "
            "(F73, F21, assumption)") in found
    assert any(note.startswith("functions.help.work_h: 20 h") for note in found)


def test_choices_without_effect_are_noted() -> None:
    scenario = load(SMALL | {
        "products": {"a": {}, "b": {}, "c": {}},
        "segments": {"x": {"share": 1.0, "products": {"a": 1.0}}},
        "case_types": {"t": {"products": ["b"]}, "u": {}},
        "staff": {"heads": 3, "pools": {"functional": {"help": 2}}},
    })
    text = "\n".join(notes(scenario))
    for words in ("products.b: no segment", "products.c: no segment",
                  "case_types.t.products: segment x", "staff.pools.functional: 2 heads"):
        assert words in text
    assert any("single product" in note for note in notes(load(SMALL)))


# limits

def test_the_prediction_is_rate_times_time() -> None:
    """Without inflow: customers x cases per month x hours / (2080/12), pilot 3000 h included."""
    scenario = load(SMALL, set={"market.inflow": False, "customers.count": 500,
                                "segments.everyone.volume": 2, "time.warm_up": "1000 h",
                                "time.horizon": "2000 h"})
    assert predict(scenario).cases == pytest.approx(500 * 2 * 6000 / HOURS_PER_MONTH)


def test_customers_bought_are_counted() -> None:
    """Up to 2 x (agents + budget / 12 / cost) a month join, as if each came on the first day."""
    few = {"market.inflow": True, "customers.count": 100, "segments.everyone.volume": 1,
           "time.warm_up": "0 h", "time.horizon": "12 months"}
    many = {**few, "acquisition.enabled": True, "acquisition.agent_customers": 30,
            "acquisition.budget": 24000, "acquisition.promotion_cost": 200}
    added = predict(load(SMALL, set=many)).cases - predict(load(SMALL, set=few)).cases
    cases = load(SMALL, set=few).customers.cases_per_month
    pilot = 3000 / HOURS_PER_MONTH
    assert added == pytest.approx(2 * (30 + 10) * cases * (12**2 + pilot**2))


@pytest.mark.parametrize(("changes", "cause"), [
    (["acquisition.enabled=true", "acquisition.agent_customers=1e7"], "acquisition"),
    (["customers.count=10000000", "customers.cases_per_month=100"], "customers.count"),
    (["time.horizon=1e6 h", "customers.count=100000"], "time.horizon"),
    (["time.period=0.0001 h"], "time.period"),
    (["staff.heads=100000", "staff.span=2"], "staff.heads"),
    (["customers.count=9000000", "customers.cases_per_month=0.01", "needs.dimensions=10"],
     "customers.count"),
])
def test_what_is_too_large_is_refused_with_cause_and_override(
        changes: list[str], cause: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        load("family_firm", set=changes)
    assert cause in str(caught.value)
    assert "--allow-large" in str(caught.value)
    assert load("family_firm", set=changes, limits=None)


def test_many_runs_are_counted_together() -> None:
    scenario = load("retail_bank")
    check_limits(scenario, "retail_bank", runs=100)
    with pytest.raises(LimitExceeded, match="1,000,000 runs"):
        check_limits(scenario, "retail_bank", runs=1_000_000)
    check_limits(scenario, "retail_bank", None, runs=1_000_000)


def test_limits_can_be_given() -> None:
    with pytest.raises(LimitExceeded, match="1e\\+03"):
        load("family_firm", limits=Limits(cases=1e3))
