"""Properties of the door over random scenarios: what is valid passes and comes back the same,
what is not gives `InputError` and nothing else."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import InputError, LimitExceeded
from sim.scenario import json_schema, load, notes, to_toml
from sim.scenario.catalogue import catalogue
from sim.scenario.reading import read_bytes
from sim.scenario.schema import Scenario
from tests.scenario.strategies import raw_scenarios, scenarios

FEW = settings(max_examples=40, deadline=None,
               suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@FEW
@given(scenarios())
def test_round_trip_is_exact_and_keeps_the_order(scenario: Scenario) -> None:
    """Loading what `to_toml` writes gives an equal scenario, entry order included."""
    again = load(tomllib.loads(to_toml(scenario)))
    assert again == scenario
    assert to_toml(again) == to_toml(scenario)
    for table in ("segments", "products", "regions", "functions", "case_types", "structures"):
        assert list(getattr(again, table)) == list(getattr(scenario, table))


@FEW
@given(raw_scenarios())
def test_loading_edits_nothing_and_suits_the_json_schema(raw: dict[str, Any]) -> None:
    before = copy.deepcopy(raw)
    scenario = load(raw, limits=None)
    assert raw == before
    VALIDATOR.validate(raw)
    VALIDATOR.validate(tomllib.loads(to_toml(scenario)))
    assert all(isinstance(note, str) for note in notes(scenario))


JUNK = (st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
        | st.lists(st.text(max_size=3), max_size=3)
        | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
        | st.recursive(st.just(0), lambda inner: st.lists(inner, max_size=2)))
WORDS = sorted({part for path in catalogue() for part in path} | {"", "x", "NaN", "é.é"})


@FEW
@given(raw_scenarios(), st.lists(st.tuples(st.lists(st.sampled_from(WORDS), min_size=1,
                                                    max_size=4), JUNK), max_size=4))
def test_any_change_loads_or_is_told(raw: dict[str, Any], changes: list[Any]) -> None:
    """Junk written anywhere is either harmless or an `InputError` with a message per fault."""
    for path, value in changes:
        table: Any = raw
        for part in path[:-1]:
            names = list(table) if part == "*" else []
            table = table.setdefault(names[0] if names else part, {})
            if not isinstance(table, dict):
                break
        else:
            table[path[-1]] = value
    try:
        load(raw)
    except InputError as error:
        assert error.faults
        assert all(f.where and f.message and "\n" not in str(f) for f in error.faults)
    except LimitExceeded as error:
        assert "--allow-large" in str(error)


@FEW
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode)
       | st.text("[]{}=\".'#\n ab1", max_size=200).map(str.encode))
def test_any_bytes_are_tables_or_one_fault(data: bytes) -> None:
    try:
        assert isinstance(read_bytes(data, "file"), dict)
    except InputError as error:
        assert len(error.faults) == 1


@FEW
@given(st.lists(st.text("abc.=\"' {}[]#\n", max_size=12), max_size=3))
def test_any_setting_is_applied_or_told(settings_: list[str]) -> None:
    try:
        load("family_firm", set=settings_)
    except InputError as error:
        assert all(f.where for f in error.faults)
    else:
        assert not settings_


@pytest.mark.parametrize("bad", [{1: 2}, {"schema_version": 1, 3.5: {}}, {None: 1}])
def test_keys_that_are_no_text(bad: dict[Any, Any]) -> None:
    with pytest.raises(InputError, match="is no text"):
        load(bad)


def test_a_table_that_contains_itself() -> None:
    raw: dict[str, Any] = {"schema_version": 1}
    raw["functions"] = raw
    with pytest.raises(InputError, match="nested"):
        load(raw)
