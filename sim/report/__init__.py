"""Results for readers: tables, figures, and the page.

Owns: everything people look at that is not a terminal. Never does: simulate, infer or judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sim.store.read import Stored

__all__ = ["write"]


def write(stored: Stored) -> Path:
    """Draw the figures of a results folder and write its report.

    Args:
        stored: A folder as read by `sim.store.read`.

    Returns:
        The report.

    Raises:
        OutputFailed: A file could not be written.
    """
    from sim.report.publish import publish

    return publish(stored)
