"""Lessons: what there is, and one run for a class.

Owns: the public functions `lessons` and `lesson`. Never does: compute; `sim.questions` answers.
"""

from __future__ import annotations

from pathlib import Path

from sim.experiment.executors import Progress
from sim.questions.lesson import REPLICATIONS, Class
from sim.questions.lesson import lesson as _lesson
from sim.scenario.lessons import Entry, find, shipped


def lessons() -> list[Entry]:
    """The shipped lessons: name, file, and what they say."""
    return shipped()


def lesson(
    source: str | Path, *, replications: int | None = None, seed: int | None = None,
    jobs: int | None = None, progress: Progress | None = None,
) -> Class:
    """Run a lesson: each of its steps under each of its structures.

    Args:
        source: Name of a shipped lesson, or a file.
        replications: Stochastic repeats per step and structure; None means 10.
        seed, jobs, progress: As in `run`.

    Returns:
        The outcome: `.table` is pandas, `.surprise` says whether what the lesson promises shows.

    Raises:
        InputError: There is no such lesson, or it is wrong; all faults at once.
        KeyboardInterrupt: Interrupted before the surprise was run.
    """
    name, plan = find(source)
    return _lesson(name, plan, replications=replications or REPLICATIONS, seed=seed, jobs=jobs,
                   progress=progress)
