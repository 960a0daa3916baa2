"""The data of the register: complete, consistent, and refused with clear words where it is not."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.experiment.theory import Register, register
from sim.experiment.theory.arms import arms_of, scenario, world
from sim.experiment.theory.data import CLAIMS, FOLDER, Experiment, merged, read
from sim.metrics.compute import segment_metrics
from sim.metrics.registry import METRICS
from sim.scenario.catalogue import catalogue
from sim.state import SEGMENT_TOTALS
from sim.structures.presets import names

ARTICLES = {
    "000_8620212e287c0e7c.txt": range(1, 44),
    "001_21d03f898eb2c2e6.txt": range(44, 83),
    "002_9d337743f953ca30.txt": range(83, 107),
    "003_d47c5bdf0c5e6800.txt": range(107, 178),
    "004_bd8c899ac224f446.txt": range(178, 241),
}


@pytest.fixture(scope="module")
def data() -> Register:
    return register()


def test_every_claim_is_there_once_and_in_order(data: Register) -> None:
    assert tuple(data.claims) == CLAIMS
    assert (CLAIMS[0], CLAIMS[-1], len(CLAIMS)) == ("C001", "C240", 240)


def test_claims_stand_in_their_articles(data: Register) -> None:
    for article, numbers in ARTICLES.items():
        for number in numbers:
            claim = data.claims[f"C{number:03d}"]
            assert claim.article == article
            assert claim.line.startswith("L") and claim.claim and claim.mechanisms


def test_every_key_and_metric_exists(data: Register) -> None:
    keys = {key.name for key in catalogue().values()}
    for claim in data.claims.values():
        assert set(claim.keys) <= keys, claim.id
        assert not claim.metric or claim.metric in METRICS, claim.id
    for e in (*data.experiments.values(), *data.controls.values()):
        assert e.metric in METRICS, e.id
        assert not e.minus or e.minus in METRICS, e.id


def test_a_tested_claim_names_keys_and_a_metric(data: Register) -> None:
    for claim in data.claims.values():
        if claim.tests:
            assert claim.keys, claim.id
            assert claim.metric in {data.experiments[t].metric for t in claim.tests}, claim.id
        else:
            assert len(claim.untestable) > 20, claim.id


def experiments() -> list[Experiment]:
    data = register()
    return [*data.experiments.values(), *data.controls.values()]


@pytest.mark.parametrize("experiment", experiments(), ids=lambda e: e.id)
def test_every_arm_is_a_valid_scenario(experiment: Experiment) -> None:
    """The world loads under every setting, and knows the structure and the segment asked for."""
    for _, arm in arms_of(experiment):
        firm = scenario(arm)
        assert arm.structure in names(firm)
        assert not experiment.segment or experiment.segment in firm.segments
    if experiment.segment:
        import numpy as np

        assert experiment.metric in segment_metrics(np.zeros(1, dtype=SEGMENT_TOTALS))


def test_experiments_are_distinct(data: Register) -> None:
    """No experiment is another one under a second name."""
    made = Counter((e.metric, e.minus, e.segment, e.expect, tuple(arms_of(e)))
                   for e in (*data.experiments.values(), *data.controls.values()))
    assert [what for what, n in made.items() if n > 1] == []


def test_a_lever_moves_something(data: Register) -> None:
    for e in (*data.experiments.values(), *data.controls.values()):
        arms = [arm for _, arm in arms_of(e)]
        assert len(set(arms)) == len(arms), e.id
        assert e.low is not None or e.minus or isinstance(e.expect, tuple), e.id
        assert len(e.why) > 15 and e.ask.endswith((".", "?")), e.id


def test_every_experiment_is_used(data: Register) -> None:
    used = {t for c in data.claims.values() for t in c.tests}
    used |= {t for f in data.facts.values() for t in f.tests}
    used |= {t for p in data.patterns.values() for t in p.tests}
    assert set(data.experiments) == used


def test_there_are_twenty_controls(data: Register) -> None:
    assert len(data.controls) >= 20
    assert {e.expect for e in data.controls.values()} == {"same"}


def test_no_setting_is_outside_the_world_by_mistake() -> None:
    """Tables laid over a world replace values and keep the rest."""
    assert merged({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}, "d": 4}) == {
        "a": {"b": 1, "c": 3}, "d": 4}
    assert world("office")["name"] == "Office"
    assert world("family_firm")["name"]


# faults

@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in FOLDER.glob("*.toml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def spoilt(folder: Path, file: str, old: str, new: str) -> str:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read(folder)
    return str(error.value)


@pytest.mark.parametrize(("file", "old", "new", "told"), [
    ("claims.toml", "[claims.C017]", "[claims.C999]", "C017: is missing"),
    ("claims.toml", 'metric = "touch_h"', 'metric = "tuch_h"', "did you mean touch_h?"),
    ("claims.toml", '"labels.accuracy"', '"labels.acuracy"', "did you mean labels.accuracy?"),
    ("claims.toml", 'tests = ["segment-knowledge"]', 'tests = ["segment-knowledg"]',
     "did you mean segment-knowledge?"),
    ("claims.toml", 'tests = ["segment-knowledge"]', "", "needs either tests or untestable"),
    ("experiments.toml", 'metric = "touch_h"', "", "segment-knowledge.metric: is missing"),
    ("experiments.toml", 'expect = "down"', 'expect = "dwn"', "did you mean down?"),
    ("experiments.toml", "moderator.low", "moderator.lo", "exactly the tables low and high"),
    ("experiments.toml", "why =", "wy =", "there is no such key"),
    ("facts.toml", "tests = [", 'tests = ["nothing", ', "there is no 'nothing'"),
    ("controls.toml", "[controls.pay-satisfaction]", "controls.x = 1\n[controls.pay-satisfaction]",
     "x: must be a table"),
])
def test_what_is_wrong_is_said(folder: Path, file: str, old: str, new: str, told: str) -> None:
    assert told in spoilt(folder, file, old, new)


def test_the_shipped_data_read_without_fault(folder: Path) -> None:
    assert read(folder) == register()
