"""A lesson: one question for a class, as a file the page and the command line read.

Owns: what a lesson says, and where the shipped ones lie. Never does: run it (`questions.lesson`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError

from sim.errors import Fault, InputError, nearest
from sim.scenario.catalogue import catalogue
from sim.scenario.catalogue import find as find_key
from sim.scenario.fields import Inputs, Names, Table
from sim.scenario.kinds import another_kind
from sim.scenario.library import folder
from sim.scenario.loading import load
from sim.scenario.reading import read_file
from sim.scenario.schema import Scenario

Expect = Literal["higher", "lower", "practically equal"]


class LessonInputs(Inputs):
    """Base of the tables of a lesson: none of them is part of a scenario."""


class Arm(LessonInputs):
    """A structure in a world."""

    structure: str = Field(description="Name of a structure")
    set: Table[Any] = Field(default={}, description="Changes beside those of the lesson")


class Surprise(LessonInputs):
    """What most people do not expect: one comparison that the lesson promises to show."""

    text: str = Field(description="The surprise in one sentence")
    metric: str = Field(description="Metric id")
    first: Arm
    second: Arm
    expect: Expect = Field(description="The first arm's value against the second's")
    replications: int = Field(default=5, ge=2, le=100)


class Prediction(LessonInputs):
    """What learners commit themselves to before anything runs."""

    question: str
    metric: str = Field(description="Metric id to rank the structures by")


class Step(LessonInputs):
    """One thing to change and to look at."""

    title: str
    text: str = Field(description="What to do, and what to look at")
    set: Table[Any] = Field(default={}, description="Changes beside those of the lesson")
    notice: str = Field(description="What to notice")


class Why(LessonInputs):
    """Why it happens."""

    text: str
    mechanisms: Names = Field(description="Codes of docs/model.md, such as M6")
    sources: Names


class Instructor(LessonInputs):
    """Notes for whoever leads the class."""

    thirty: str = Field(description="A plan for 30 minutes")
    seventy_five: str = Field(description="A plan for 75 minutes")


class Lesson(LessonInputs):
    """A lesson."""

    schema_version: Literal[1]
    title: str
    goal: str = Field(description="What learners can do afterwards")
    scenario: str = Field(description="A shipped scenario")
    set: Table[Any] = Field(default={}, description="Changes that make it the lesson's firm")
    structures: Names = Field(min_length=2, max_length=4)
    sliders: Names = Field(min_length=1, max_length=5, description="Keys learners may move")
    prediction: Prediction
    steps: tuple[Step, ...] = Field(strict=False, min_length=1, max_length=6)
    why: Why
    discussion: Names = Field(min_length=1)
    instructor: Instructor
    surprise: Surprise

    def world(self, changed: dict[str, Any] | None = None) -> Scenario:
        """The lesson's firm, with the changes of a step or an arm.

        Raises:
            InputError: A change makes no sense.
        """
        return load(self.scenario, set={**self.set, **(changed or {})})


class Entry(NamedTuple):
    """One shipped lesson."""

    name: str
    path: Path
    lesson: Lesson


def shipped() -> list[Entry]:
    """The shipped lessons, by the number their file begins with."""
    found = []
    for path in sorted((folder() / "lessons").glob("*.toml")):
        name = path.stem.partition("-")[2]
        found.append(Entry(name, path, read(path)))
    return found


def find(source: str | Path) -> tuple[str, Lesson]:
    """The lesson meant by a shipped name or a file, with its name.

    Raises:
        InputError: There is none, or it is wrong; all faults at once.
    """
    text = str(source)
    for path in sorted((folder() / "lessons").glob("*.toml")):
        if text in (path.stem.partition("-")[2], path.stem):
            return path.stem.partition("-")[2], read(path)
    if Path(source).suffix == ".toml":
        return Path(source).stem, read(Path(source))
    names = [entry.name for entry in shipped()]
    guess = nearest(text, names)
    raise InputError(Fault(text, "", "there is no lesson of that name",
                           f"did you mean {guess}?" if guess else f"there are: {', '.join(names)}"))


def read(path: Path) -> Lesson:
    """A lesson file.

    Raises:
        InputError: It cannot be read or is wrong; all faults at once.
    """
    raw = read_file(path, str(path))
    if other := another_kind(raw, str(path), "lesson"):
        raise InputError(other)
    try:
        lesson = Lesson.model_validate(raw)
    except ValidationError as error:
        raise InputError([_fault(str(path), dict(item)) for item in
                          error.errors(include_url=False, include_context=False)]) from None
    faults: list[Fault] = []
    worlds = [("set", {}), ("surprise.first.set", lesson.surprise.first.set),
              ("surprise.second.set", lesson.surprise.second.set),
              *((f"steps[{i}].set", step.set) for i, step in enumerate(lesson.steps))]
    for key, changed in worlds:
        try:
            lesson.world(changed)
        except InputError as error:
            faults += [Fault(str(path), f"{key}.{fault.key}" if fault.key else "scenario",
                             fault.message, fault.hint) for fault in error.faults]
            if key == "set":
                break  # the others would say the same
    for i, key in enumerate(lesson.sliders):
        known = find_key(tuple(key.split(".")))
        if known is None or not known.is_value:
            guess = nearest(key, [k.name for k in catalogue().values() if k.is_value])
            faults.append(Fault(str(path), f"sliders[{i}]", f"{key!r} is no key of a scenario",
                                f"did you mean {guess}?" if guess else ""))
    if faults:
        raise InputError(faults)
    return lesson


def _fault(where: str, item: dict[str, Any]) -> Fault:
    """What the validator found, as a fault with the nearest right key."""
    path = [str(part) for part in item["loc"]]
    key = ".".join(path)
    if item["type"] == "missing":
        return Fault(where, key, "is missing")
    if item["type"] in ("tuple_type", "list_type"):
        return Fault(where, key, 'must be a list such as ["a", "b"]')
    if item["type"] != "extra_forbidden":
        return Fault(where, key, item["msg"].replace("Input should be", "must be"))
    known: Any = Lesson
    for part in path[:-1]:
        field = getattr(known, "model_fields", {}).get(part)
        known = field.annotation if field is not None else known
        known = Step if part == "steps" else known
    guess = nearest(path[-1], getattr(known, "model_fields", {}))
    return Fault(where, key, "is no key of a lesson", f"did you mean {guess}?" if guess else "")


__all__ = ["Arm", "Entry", "Expect", "Lesson", "Step", "Surprise", "find", "read", "shipped"]

