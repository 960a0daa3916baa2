"""Theory against simulation as a table.

Owns: how a verification row is written. Never does: decide whether it passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sim.report.tables import Heading, Row, Table


class Checked(Protocol):
    """What a row of `sim.experiment.verify` tells."""

    @property
    def id(self) -> str:
        """Short name."""

    @property
    def what(self) -> str:
        """What is compared, with its unit."""

    @property
    def unit(self) -> str:
        """Unit of the three numbers."""

    @property
    def note(self) -> str:
        """Why it failed, if it did."""

    @property
    def theory(self) -> float | None:
        """Value of the formula; None if nothing is expected."""

    @property
    def simulated(self) -> float | None:
        """Mean of the simulation."""

    @property
    def low(self) -> float | None:
        """Lower end of its interval."""

    @property
    def high(self) -> float | None:
        """Upper end."""

    @property
    def passed(self) -> bool:
        """Whether theory lies in the interval, and the interval is narrow enough."""


def table(rows: Sequence[Checked]) -> Table:
    """One line per row of the verification."""
    return Table(
        "Theory against simulation",
        (Heading("row"), Heading("theory", "", True), Heading("simulated", "", True),
         Heading("99.9% interval", "", True), Heading(""), Heading("what")),
        tuple(
            Row((r.id, _number(r.theory), _number(r.simulated),
                 "-" if r.low is None or r.high is None
                 else f"{_number(r.low)} to {_number(r.high)}",
                 "reported" if r.passed and r.theory is None
                 else "agrees" if r.passed else "FAILS", _told(r)), strong=not r.passed)
            for r in rows),
    )


def _told(row: Checked) -> str:
    """What is compared, in which unit, and why it failed."""
    unit = "" if row.unit in ("", "-") or row.what.endswith(f"{row.unit})") else f" ({row.unit})"
    return row.what + unit + (f": {row.note}" if row.note else "")


def _number(value: float | None) -> str:
    """Four significant digits."""
    return "-" if value is None else f"{value:.4g}"
