"""When people quit, and how long their post stays empty (M16, R2)."""

from __future__ import annotations

import math


def quit_probability(rate_per_year: float, share_of_year: float) -> float:
    """Probability of quitting within a share of a year at a constant hazard."""
    return -math.expm1(-rate_per_year * share_of_year)


def vacancy_hours(base_h: float, narrowness: float, elements: int) -> float:
    """base x (1 + narrowness n / 3), n the elements the profile demands, at most 3."""
    return base_h * (1.0 + narrowness * min(elements, 3) / 3.0)
