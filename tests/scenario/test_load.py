"""Sources, overlays, single keys, the log of changes, and that nothing loaded can be changed."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from sim.errors import InputError
from sim.scenario import Change, load, load_with_log, shipped
from sim.scenario.checks import PRESETS
from sim.scenario.library import locate

MINIMAL = {"schema_version": 1, "name": "Minimal", "functions": {"help": {"work_h": 1.0}}}
TEXT = 'schema_version = 1\nname = "Minimal"\n[functions.help]\nwork_h = 1\n'


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write the minimal scenario plus some text to a file."""
    def written(text: str = "", name: str = "own.toml", base: str = TEXT) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(base + text, encoding="utf-8")
        return path
    return written


# sources

def test_file_text_path_mapping_and_scenario_give_the_same(write: Callable[..., Path]) -> None:
    path = write()
    scenario = load(path)
    assert scenario == load(str(path)) == load(MINIMAL) == load(scenario)


def test_shipped_names_work_where_a_file_is_asked(
        monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert load("retail_bank") == load("retail_bank.toml") == load(shipped()["retail_bank"])
    (tmp_path / "retail_bank").mkdir()
    assert load("retail_bank").name == "Retail bank"


def test_an_own_file_goes_before_a_shipped_name(
        monkeypatch: pytest.MonkeyPatch, write: Callable[..., Path]) -> None:
    path = write(name="retail_bank")
    monkeypatch.chdir(path.parent)
    assert load("retail_bank").name == "Minimal"


@pytest.mark.parametrize(("source", "words"), [
    ("retail_bnk", "did you mean retail_bank?"),
    ("family-firm.toml", "did you mean family_firm?"),
    ("no/such/file.toml", "shipped are b2b_software, clinic_network, family_firm, "),
    ("", "no such file"),
    (".", "is a folder"),
    ("a\0b", "a?b: "),
    ("x" * 5000, ""),
])
def test_what_is_no_scenario_is_told(source: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        load(source)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_file_with_a_byte_order_mark_loads(write: Callable[..., Path]) -> None:
    """Editors on Windows write one."""
    path = write()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(path).name == "Minimal"


def test_a_large_file_loads_when_the_limit_is_lifted(write: Callable[..., Path]) -> None:
    path = write("#" * (1 << 20))
    with pytest.raises(InputError, match="--allow-large"):
        load(path)
    assert load(path, limits=None).name == "Minimal"


def test_locate_names_the_file(write: Callable[..., Path]) -> None:
    path = write()
    assert locate(str(path)) == path


# frozen

def test_a_scenario_cannot_be_changed() -> None:
    scenario = load("retail_bank")
    with pytest.raises(ValidationError):
        scenario.staff.heads = 3  # type: ignore[misc]
    for change in (lambda d: d.update(x=1), lambda d: d.pop("mass"), lambda d: d.clear(),
                   lambda d: d.__setitem__("x", 1), lambda d: d.__delitem__("mass"),
                   lambda d: d.setdefault("x", 1), lambda d: d.__ior__({"x": 1})):
        with pytest.raises(TypeError, match="cannot be changed"):
            change(scenario.segments)
    assert scenario == load("retail_bank")


def test_a_scenario_survives_copying_and_pickling() -> None:
    scenario = load("b2b_software")
    assert pickle.loads(pickle.dumps(scenario)) == scenario == copy.deepcopy(scenario)


# single keys

def test_set_as_texts_and_as_mapping() -> None:
    texts = load("retail_bank", set=["staff.heads=30", "time.horizon=26 weeks", "name=Two words",
                                     "market.inflow=false", "customers={count=500}",
                                     'compare.structures=["product"]'])
    mapping = load("retail_bank", set={"staff.heads": 30, "time.horizon": "26 weeks",
                                       "name": "Two words", "market.inflow": False,
                                       "customers": {"count": 500},
                                       "compare.structures": ("product",)})
    assert texts == mapping
    assert texts.time.horizon == 26 * 40
    assert texts.customers.cases_per_month == 0.25, "the rest of the table stays"


def test_set_takes_numbers_of_numpy() -> None:
    changed = load(MINIMAL, set={"staff.heads": np.int64(30), "labels.accuracy": np.float64(0.5)})
    assert (changed.staff.heads, changed.labels.accuracy) == (30, 0.5)


def test_the_last_setting_wins_and_goes_after_overlays() -> None:
    changed = load("retail_bank", overlays=["misrouted"],
                   set=["labels.accuracy=0.7", "labels.accuracy=0.9"])
    assert changed.labels.accuracy == 0.9


def test_defaults_that_are_entries_can_be_changed() -> None:
    """A file without segments has one, `everyone`; its keys can be set."""
    assert load(MINIMAL, set=["segments.everyone.volume=2"]).segments["everyone"].volume == 2
    two = load(MINIMAL, set={"segments": {"a": {"share": 0.5}, "b": {"share": 0.5}}})
    assert list(two.segments) == ["a", "b"]


def test_names_with_dots_are_quoted_in_keys() -> None:
    raw = MINIMAL | {"products": {"v1.0": {}, "v2.0": {}}}
    assert load(raw, set=['products."v1.0".weight=3']).products["v1.0"].weight == 3


@pytest.mark.parametrize(("setting", "key", "words"), [
    ("staff.hads=3", "staff.hads", "did you mean heads?"),
    ("heads=3", "heads", "did you mean staff.heads?"),
    ("staff.heads", '"staff.heads"', "KEY=VALUE"),
    ("=3", '""', "no dotted key"),
    ("a b=3", '"a b"', "no dotted key"),
    ("staff.=3", '"staff."', "no dotted key"),
    ("staff.heads=", "staff.heads", 'not ""'),
    ("staff.heads=many", "staff.heads", "from 1 to 100,000 (people)"),
    ("staff.heads=1\nseed=2", "staff.heads", "whole number"),
    ("staff.heads.now=3", "staff.heads", "not a table"),
    ("segments.mas.share=0.1", "segments.mas.share", "did you mean mass?"),
    ("segments.mass.share=0.9", "segments.NAME.share", "sum to 1, not 1.35"),
    ("overlays.misrouted.seed=3", "overlays", "cannot be changed"),
    ("compare.structures=functional", "compare.structures", 'write ["functional"]'),
])
def test_a_wrong_setting_is_told_with_its_key(setting: str, key: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        load("retail_bank", set=[setting])
    assert any(f.where == "--set" and f.key == key and words in f"{f.message} ({f.hint})"
               for f in caught.value.faults), str(caught.value)


def test_a_hint_is_given_only_where_it_fits(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError) as caught:
        load(write("[staff]\nheads = [3\n"))
    assert caught.value.faults[0].hint == ""


def test_an_unknown_table_is_blamed_on_who_wrote_it() -> None:
    with pytest.raises(InputError) as caught:
        load("retail_bank", set={"marketing": {}})
    assert [(f.where, f.key) for f in caught.value.faults] == [("--set", "marketing")]


def test_wrong_settings_are_told_together() -> None:
    with pytest.raises(InputError) as caught:
        load("retail_bank", overlays=["nope"],
             set=["staff.hads=3", "seed=-1", "x", "labels.accuracy=2"])
    assert len(caught.value.faults) == 5


# overlays

def test_overlays_apply_in_order() -> None:
    raw = MINIMAL | {"overlays": {"a": {"seed": 2, "staff": {"heads": 5}}, "b": {"seed": 3}}}
    assert load(raw, overlays=["a", "b"]).seed == 3
    both = load(raw, overlays=["b", "a"])
    assert (both.seed, both.staff.heads) == (2, 5)
    assert both.overlays == {}


def test_an_overlay_can_extend_others_first() -> None:
    raw = MINIMAL | {"overlays": {"a": {"seed": 2, "staff": {"heads": 5}},
                                  "b": {"extends": ["a"], "seed": 3}}}
    extended = load(raw, overlays=["b"])
    assert (extended.seed, extended.staff.heads) == (3, 5)


def test_overlay_files_beside_the_scenario_and_anywhere(write: Callable[..., Path]) -> None:
    write("", "extra/far.toml", base="[staff]\nheads = 7\n")
    write("", "near.toml", base='extends = ["extra/far.toml"]\nseed = 9\n')
    path = write('[overlays.both]\nextends = ["near.toml"]\n')
    assert load(path, overlays=["both"]).staff.heads == 7
    assert load("family_firm", overlays=[str(path.parent / "extra" / "far.toml")]).staff.heads == 7


@pytest.mark.parametrize("name", ["../secret.toml", "/etc/secret.toml", "extra/../../x.toml",
                                  "link.toml"])
def test_no_file_named_in_a_scenario_leaves_its_folder(
        name: str, write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(f'[overlays.a]\nextends = ["{name}"]\n', "in/own.toml")
    secret = write("", "secret.toml", base='name = "secret"\n')
    (path.parent / "link.toml").symlink_to(secret)
    with pytest.raises(InputError, match="outside the scenario's folder"):
        load(path, overlays=["a"])


def test_overlay_files_extending_each_other_are_a_cycle(write: Callable[..., Path]) -> None:
    write("", "a.toml", base='extends = ["b.toml"]\n')
    write("", "b.toml", base='extends = ["a.toml"]\n')
    path = write('[overlays.start]\nextends = ["a.toml"]\n')
    with pytest.raises(InputError, match="cycle"):
        load(path)


def test_tables_have_no_folder_to_find_overlay_files_in() -> None:
    with pytest.raises(InputError, match="only a scenario file"):
        load(MINIMAL | {"overlays": {"a": {"extends": ["b.toml"]}}})


@pytest.mark.parametrize(("content", "words"), [
    ("", "is empty"), ("seed = ", "no valid TOML"), ("hads = 3\n[staff]\nhads = 1", "hads"),
    ("[overlays.x]\nseed = 1", "cannot define overlays"), ("schema_version = 7", "must be 1"),
])
def test_faults_in_an_overlay_file_name_that_file(
        content: str, words: str, write: Callable[..., Path]) -> None:
    overlay = write("", "change.toml", base=content)
    with pytest.raises(InputError) as caught:
        load(MINIMAL, overlays=[str(overlay)])
    assert {f.where for f in caught.value.faults} == {str(overlay)}
    assert words in str(caught.value)


def test_overlays_meant_to_be_combined_are_not_refused_alone() -> None:
    raw = MINIMAL | {"segments": {"a": {"share": 0.5}, "b": {"share": 0.5}}, "overlays": {
        "less": {"segments": {"a": {"share": 0.2}}}, "more": {"segments": {"b": {"share": 0.8}}}}}
    assert load(raw, overlays=["less", "more"]).segments["b"].share == 0.8
    with pytest.raises(InputError, match=r"sum to 1, not 0\.7"):
        load(raw, overlays=["less"])


# the log

def test_every_change_is_logged_old_to_new() -> None:
    loaded = load_with_log("retail_bank", overlays=["misrouted"],
                           set=["staff.heads=30", "staff.span=8", "work.spread=1.2"])
    assert loaded.path == shipped()["retail_bank"]
    assert loaded.overlays == ("misrouted", "more-bundles")
    assert loaded.changes == (
        Change("labels.accuracy", 0.75, 0.6, "overlay misrouted"),
        Change("staff.heads", 41, 30, "--set"),
        Change("work.spread", 1.0, 1.2, "--set"),
    ), "span was 8 already; spread had its default"
    assert [str(c) for c in loaded.changes][1] == "staff.heads: 41 -> 30 (--set)"


def test_loading_does_not_touch_the_callers_tables() -> None:
    raw = copy.deepcopy(MINIMAL) | {"overlays": {"a": {"functions": {"help": {"work_h": 2}}}}}
    before = copy.deepcopy(raw)
    assert load(raw, overlays=["a"], set=["seed=5"]).functions["help"].work_h == 2
    assert raw == before


# the house

def test_preset_names_are_those_of_the_structures_room() -> None:
    from sim.structures.presets import PRESETS as BUILT

    assert tuple(BUILT) == PRESETS


def test_importing_the_room_loads_no_validator() -> None:
    code = ("import sys, sim.scenario, sim.scenario.library; "
            "sys.exit(any(m in sys.modules for m in ('pydantic', 'numpy', 'tomli_w')))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
