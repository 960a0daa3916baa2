"""The shipped lessons as the page shows them: a question first, steps, then the reason.

Owns: which part of a lesson goes to the browser, and a setting as text of a link. Never does: run
a lesson, or hold one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sim.app.link import MOST_STRUCTURES, WHERE
from sim.errors import Fault, InputError, nearest
from sim.scenario.lessons import Lesson, shipped


@cache
def _lessons() -> dict[str, Lesson]:
    return {entry.name: entry.lesson for entry in shipped()}


def listed() -> list[dict[str, Any]]:
    """Every shipped lesson as plain data; its settings as KEY=VALUE texts of a link."""
    return [{
        "name": name, "title": lesson.title, "goal": lesson.goal, "scenario": lesson.scenario,
        "structures": list(lesson.structures[:MOST_STRUCTURES]),
        "question": lesson.prediction.question,
        "steps": [{"title": step.title, "text": step.text, "notice": step.notice,
                   "set": _texts({**lesson.set, **step.set})} for step in lesson.steps],
        "why": lesson.why.text, "sources": list(lesson.why.sources),
        "discussion": list(lesson.discussion),
    } for name, lesson in _lessons().items()]


def sliders(name: str) -> tuple[str, ...]:
    """Keys that stand first in a lesson.

    Raises:
        InputError: There is no such lesson.
    """
    known = _lessons()
    if name not in known:
        close = nearest(name, known)
        raise InputError(Fault(WHERE, "lesson", "is none of " + ", ".join(known),
                               f"did you mean {close}?" if close else ""))
    return known[name].sliders


def _texts(settings: Mapping[str, Any]) -> dict[str, str]:
    return {key: _text(value) for key, value in settings.items()}


def _text(value: Any) -> str:
    """A value as TOML writes it in a link."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_text(v) if not isinstance(v, str) else f'"{v}"'
                               for v in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'"{k}" = ' + (f'"{v}"' if isinstance(v, str) else _text(v))
                                for k, v in value.items()) + " }"
    return str(value)
