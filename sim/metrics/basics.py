"""What the formulas of metrics share.

Owns: the quotient that knows of empty sets. Never does: know a metric.
"""

from __future__ import annotations


def ratio(numerator: float, denominator: float) -> float | None:
    """Their quotient, or None where there is nothing to divide by."""
    return float(numerator) / float(denominator) if denominator > 0 else None
