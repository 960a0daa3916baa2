"""Lessons: every shipped one loads, says what it must, and its surprise comes true.

A surprise holds at its own seed and at 80% of 20 others, and the measure of "holds" is the
smallest difference that matters.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import validate

from sim import api
from sim.cli.main import cli
from sim.errors import InputError
from sim.experiment.schemas import DOCUMENTS
from sim.questions.lesson import lesson, surprise
from sim.scenario.lessons import Entry, Lesson, find, read, shipped
from sim.sweep.lab import Lab
from tests.experiment.fake import FakeEngine

LESSONS = shipped()
OTHER_SEEDS = range(100, 120)


def test_there_are_six_and_each_is_found_by_name_and_by_file() -> None:
    assert len(LESSONS) == 6
    for entry in LESSONS:
        assert find(entry.name)[1] == find(entry.path)[1] == entry.lesson


@pytest.mark.parametrize("entry", LESSONS, ids=lambda e: e.name)
def test_a_lesson_says_all_it_must(entry: Entry) -> None:
    plan = entry.lesson
    assert plan.world().customers.count <= 400
    assert 3 <= len(plan.sliders) <= 5
    assert len(plan.discussion) >= 3
    assert plan.why.sources
    page = (Path(__file__).resolve().parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    for code in plan.why.mechanisms:
        assert f"### {code} " in page


@pytest.mark.slow
@pytest.mark.parametrize("entry", LESSONS, ids=lambda e: e.name)
def test_the_surprise_holds_at_its_own_seed_and_at_most_others(entry: Entry) -> None:
    world = entry.lesson.world()
    found = {}
    for seed in (world.seed, *OTHER_SEEDS):
        shown = surprise(Lab(world, seed=seed), entry.lesson.surprise)
        assert shown is not None
        found[seed] = shown.holds
    assert found.pop(world.seed)
    assert sum(found.values()) >= 0.8 * len(found), found


def small(expect: str = "higher") -> Lesson:
    """Pooling's lesson with one step and a surprise between two structures."""
    raw = find("pooling")[1].model_dump()
    raw["steps"] = raw["steps"][:1]
    raw["structures"] = ["undivided", "functional"]
    raw["surprise"] |= {"metric": "satisfaction", "expect": expect, "replications": 4,
                        "first": {"structure": "functional", "set": {}},
                        "second": {"structure": "undivided", "set": {}}}
    return Lesson.model_validate(raw)


@pytest.mark.parametrize(("effect", "holds"), [
    (3.0, "higher"), (-3.0, "lower"), (0.0, "practically equal")])
def test_the_surprise_is_judged_by_the_difference_that_matters(effect: float, holds: str) -> None:
    """The fake's functional structure differs by `effect` points; own noise is next to none."""
    engine = FakeEngine(effects={"functional": {"satisfaction": effect}}, own=1e-4)
    for expect in ("higher", "lower", "practically equal"):
        answer = lesson("small", small(expect), replications=4, engine=engine)
        assert answer.surprise.holds == (expect == holds)
        assert answer.surprise.effect.mean == pytest.approx(effect, abs=0.1)
        gap = answer.stages[0].gaps["satisfaction"]
        assert gap["functional"].mean == pytest.approx(effect, abs=0.1)
        assert gap["undivided"].mean == 0.0


def test_the_answer_is_the_published_shape_and_its_table_says_the_same() -> None:
    answer = lesson("small", small(), replications=3, engine=FakeEngine())
    validate(answer.to_json(), DOCUMENTS["lesson"])
    table = answer.table.set_index(["metric", "structure"])
    said = answer.stages[0].means["cost_total"]["functional"]
    assert table.loc[("cost_total", "functional"), "mean"] == said.mean


def test_all_faults_of_a_lesson_are_told_at_once(tmp_path: Path) -> None:
    text = find("pooling")[1]
    path = next(entry.path for entry in LESSONS if entry.lesson == text)
    broken = (path.read_text(encoding="utf-8")
              .replace('"cover.minimum_proficiency"]', '"cover.minimum_proficency"]')
              .replace('set = { "staff.heads" = 11 }', 'set = { "staff.hedas" = 11 }', 1))
    file = tmp_path / "mine.toml"
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(file)
    assert "cover.minimum_proficiency" in str(caught.value)
    assert "steps[2].set.staff.hedas" in str(caught.value)
    file.write_text(broken.replace("goal =", "gaol ="), encoding="utf-8")
    with pytest.raises(InputError, match="did you mean goal"):
        read(file)


def test_the_command_lists_and_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["lesson"])
    assert ended.value.code == 0
    listed = capsys.readouterr().out
    assert all(entry.name in listed for entry in LESSONS)
    with pytest.raises(SystemExit) as ended:
        cli.main(["lesson", "poling"])
    assert ended.value.code == 2
    assert "did you mean pooling?" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_runs_a_lesson(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["lesson", "no-winner", "--replications", "2", "--notes", "--quiet"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    plan = api.lessons()[-1].lesson
    for text in ("Predict first", "Step 3", "The surprise", "75 minutes"):
        assert text in said
    assert plan.title in said


def test_what_is_missing_in_a_lesson_is_said_in_plain_words(tmp_path: Path) -> None:
    text = LESSONS[0].path.read_text(encoding="utf-8")
    file = tmp_path / "mine.toml"

    def told(old: str, new: str) -> str:
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read(file)
        return str(caught.value)

    assert "mine.toml: title: is missing" in told("title =", "titel =")
    assert "mine.toml: goal: must be" in told("goal =", "goal = 3 #")
    assert "mine.toml: structures: must be a list" in told("structures = ", 'structures = "a" #')
    found = told('scenario = "', 'scenario = "x')
    assert "mine.toml: scenario: " in found
    assert "there is no such file" in found
