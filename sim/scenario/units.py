"""The working clock: hours in a day, week, month and year, and durations with a unit.

Owns: what a unit of time means (no shifts, no nights: only working time counts). Never does: load
the validator, so that any room may ask for it.
"""

from __future__ import annotations

import re
from typing import Any

HOURS_PER_DAY = 8.0
HOURS_PER_WEEK = 40.0
HOURS_PER_YEAR = 2080.0
HOURS_PER_MONTH = HOURS_PER_YEAR / 12.0

DURATION_UNITS = {
    "h": 1.0,
    "hour": 1.0,
    "hours": 1.0,
    "day": HOURS_PER_DAY,
    "days": HOURS_PER_DAY,
    "week": HOURS_PER_WEEK,
    "weeks": HOURS_PER_WEEK,
    "month": HOURS_PER_MONTH,
    "months": HOURS_PER_MONTH,
    "year": HOURS_PER_YEAR,
    "years": HOURS_PER_YEAR,
}
"""Working hours in each unit a duration may carry (day 8 h, week 40 h, year 2080 h)."""

_DURATION = re.compile(r"^\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z]+)\s*$")


def parse_duration(value: Any) -> float:
    """Working hours in a duration such as ``"26 weeks"``; ``ValueError`` says what is allowed."""
    if isinstance(value, str) and (match := _DURATION.match(value)):
        unit = DURATION_UNITS.get(match[2].lower())
        if unit is not None:
            return float(match[1]) * unit
    raise ValueError(
        f"a duration needs a number and a unit, such as \"26 weeks\" or \"12 months\" "
        f"(units: h, days, weeks, months, years), not {value!r}"
    )
