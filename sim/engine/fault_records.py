"""The record of a fault, and the kinds of what belongs to it (M7, M10).

Owns: dtype and meaning of every field. Never does: change them (`faults.py`).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Cause(IntEnum):
    """Why a task went wrong."""

    OTHER = 0
    KNOWLEDGE = 1
    INFORMATION = 2
    FAULT = 3


class Knows(IntEnum):
    """How a unit came to know an answer to a fault."""

    NO = 0
    OWN = 1
    READ = 2
    TOLD = 3


FAULT = np.dtype(
    [
        ("since", "f8"),  # when it arose
        ("share", "f8"),  # 1 / number of units that do the task
        ("open", "i8"),
        ("number", "i8"),  # how many there have been: guards against stale reports
        ("signals", "i8"),  # arrived since the last answer to them
        ("bad", "i8"),  # of which bad news
        ("attempts", "i8"),  # answers sought
        ("deciding", "i8"),  # a change is under way
        ("knows", "i8"),  # does the unit know an answer (Knows)
    ],
    align=True,
)
"""What a unit has to do with a fault of a (function, product)."""
