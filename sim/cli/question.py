"""What every question is asked with, in one piece, and how its answer leaves.

Owns: the frozen request a question's command gets, the world it opens, the folder of its answer,
and the exit code. Never does: know a question, or compute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

from sim.cli.options import change_options, changes, debug_option, json_option, quiet_option

if TYPE_CHECKING:
    from pathlib import Path

    from sim.experiment.executors import Progress
    from sim.report.tables import Table
    from sim.scenario import Loaded
    from sim.scenario.limits import Limits


@dataclass(frozen=True)
class Question:
    """The words every question takes; None where one was not typed or the question has none."""

    file: str
    overlays: tuple[str, ...]
    set_: tuple[str, ...]
    allow_large: bool
    as_json: bool
    quiet: bool
    heads: int | None = None
    years: float | None = None
    seed: int | None = None
    jobs: int | None = None
    out: str | None = None
    runs: str | None = None

    @property
    def limits(self) -> Limits | None:
        """Safety limits; None: they are lifted."""
        from sim.scenario.limits import DEFAULT_LIMITS

        return None if self.allow_large else DEFAULT_LIMITS

    def opened(self) -> Loaded:
        """The scenario with all changes.

        Raises:
            InputError: Everything that is wrong with it, at once.
        """
        from sim import api

        return api.opened(
            self.file, overlays=self.overlays, limits=self.limits,
            set=changes(self.set_, heads=self.heads, years=self.years, seed=self.seed))

    def progress(self, what: str) -> AbstractContextManager[Progress]:
        """A bar on a terminal while the question is at work."""
        from sim.cli import talk

        return talk.progress(what, quiet=self.quiet)

    def say(self, text: str) -> None:
        """Talk to the user, unless they want quiet."""
        from sim.cli import talk

        talk.say(text, quiet=self.quiet)

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """The answer's folder, made before anything runs and taken back if nothing came of it.

        Raises:
            OutputExists: It is in use.
        """
        from sim.store import layout, reserve

        place = reserve(name, self.out)
        try:
            yield place
        finally:
            layout.release(place)

    def saved(self, answer: Any, save: Callable[[Any, str], Path]) -> None:
        """Write the answer, if a folder was named."""
        if self.out is not None:
            self.say(f"written to {save(answer, self.out)}")

    def answered(self, answer: Any, shown: Callable[[Any], Iterable[Table | str]]) -> None:
        """Print the answer: as JSON, or laid out for people by `shown`."""
        from sim.cli import talk

        talk.answered(answer, shown, as_json=self.as_json)

    @staticmethod
    def ended(*, interrupted: bool, failed: bool = False) -> int:
        """The exit code; says so if the work was cut short."""
        from sim.cli import talk

        if interrupted:
            return talk.cut_short()
        return 1 if failed else 0


_WORDS = frozenset(field.name for field in fields(Question))


def question(command: Callable[..., int]) -> Callable[..., int]:
    """Innermost of a question's decorators: its words become the first argument, a `Question`.

    Adds the options every question takes last: changes of the scenario, --json, --quiet, --debug.
    """
    @wraps(command)
    def gathered(**given: Any) -> int:
        asked = Question(**{word: given.pop(word) for word in _WORDS & given.keys()})
        return command(asked, **given)

    return change_options(json_option(quiet_option(debug_option(gathered))))
