"""Metrics of people: morale, courtesy, bringing in, dependence on single persons (M16).

Owns: their formulas. Never does: judge them. None where the mechanism is off.
"""

from __future__ import annotations

from typing import Any

from sim.metrics.basics import ratio
from sim.records import Ledger
from sim.scenario.schema import HOURS_PER_WEEK


def metrics(totals: Any, ledger: Ledger) -> dict[str, float | None]:
    """Metric id to value.

    Args:
        totals: Sums of the firm in the window (`state.TOTALS`; stocks at its end).
        ledger: The books of the same window.
    """
    months = float(totals["staff_months"])
    culture = float(totals["culture_months"])
    bring_in = ratio(totals["bring_in"], totals["brought_in"])
    moody = float(totals["morale"]) > 0
    polite = float(totals["courtesies"]) > 0
    return {
        "accountability": ratio(totals["owned"], totals["visits"]),
        "morale": ratio(totals["morale"], months) if moody else None,
        "courtesy": ratio(totals["courtesy"], totals["courtesies"]),
        "courtesy_spread": ratio(totals["manner_spread"], months) if polite else None,
        "orientation": ratio(totals["orientation"], culture),
        "orientation_weakest": ratio(totals["weakest"], culture),
        "oriented_share": ratio(totals["oriented"], culture),
        "onboarding_weeks": None if bring_in is None else bring_in / HOURS_PER_WEEK,
        "below_profile_share": ratio(totals["below_profile"], totals["profiled"]),
        "key_person_risk": ratio(totals["key_most"], totals["key_visits"]),
        "cost_people": ledger.people,
    }
