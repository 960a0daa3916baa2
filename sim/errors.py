"""The family of errors, and how a message is written.

Owns: one class per kind of trouble a user can be in, each carrying all faults found.
Never does: print, exit, or decide what an error costs (the command line does).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word closest in spelling to `word`, or None if nothing is close."""
    found = difflib.get_close_matches(word.lower(), [a.lower() for a in allowed], n=1, cutoff=0.6)
    return next((a for a in allowed if a.lower() == found[0]), None) if found else None


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input: where, what it is, what is allowed, what was meant."""

    where: str
    """File, or the option of a command."""
    key: str
    """Dotted key inside it; empty if the file as a whole is meant."""
    message: str
    """What is wrong and what is allowed, in one sentence, the value included."""
    hint: str = ""
    """Nearest right spelling or the way out; empty if there is none."""

    def __str__(self) -> str:
        place = f"{self.where}: {self.key}: " if self.key else f"{self.where}: "
        return place + self.message + (f" ({self.hint})" if self.hint else "")


class OrgSimError(Exception):
    """Base of all errors that are told to users without a traceback; exit code 2."""


class InputError(OrgSimError):
    """Bad input: carries every fault found, not only the first."""

    def __init__(self, faults: Fault | Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(f) for f in self.faults))


class InfeasibleStructure(OrgSimError):
    """The structure cannot be staffed or expressed in this scenario; the reason is the message."""

    def __init__(self, structure: str, reason: str) -> None:
        self.structure = structure
        self.reason = reason
        super().__init__(f"structure {structure!r} is infeasible: {reason}")


class LimitExceeded(OrgSimError):
    """The work asked for is larger than a safety limit; the message names the override."""


class OutputExists(OrgSimError):
    """An output folder already holds something; nothing is overwritten silently."""


class OutputFailed(OrgSimError):
    """A result could not be written: full disk, read-only folder, a file in the way."""
