"""Metrics of what is remembered about each customer (M13-M15, M25, M27).

Owns: their words (`DEFINITIONS`, read by the registry) and formulas. Never does: run anything. A
metric of a module that is off is None.
"""

from __future__ import annotations

from typing import Any

from sim.records import Ledger

MONTHS = 12.0

DEFINITIONS: tuple[tuple[Any, ...], ...] = (
    ("complaint_rate", "complaints", "share of cases", -1, "0.005",
     "Complaints to the firm over cases closed or abandoned while the customer stays", "share", 1),
    ("recovered_share", "recovered complaints", "share of complaints", +1, "0.02",
     "Complaints answered without an error the customer finds, over all answered or refused",
     "share", 1),
    ("recovery_time_h", "time to make amends", "working hours", -1, "5%",
     "Mean time from complaint to answer, over complaints taken up", "hours", 2),
    ("compliment_rate", "compliments", "share of cases", +1, "0.005",
     "Compliments to the firm over cases closed or abandoned while the customer stays", "share", 1),
    ("best_overlap", "best customers found", "share of the favoured", +1, "0.02",
     "Share of customer-months of favoured customers who are truly among the most valuable",
     "share", 1),
    ("satisfaction_top", "satisfaction of the favoured", "points, 0-100", +1, "1",
     "Satisfaction over the cases of customers the firm favours", "points", 1),
    ("satisfaction_rest", "satisfaction of the others", "points, 0-100", +1, "1",
     "Satisfaction over the cases of all other customers", "points", 1),
    ("retention_top", "retention of the favoured", "share of customers per year", +1, "0.01",
     "As annual retention, over customers the firm favours", "share", 1),
    ("retention_rest", "retention of the others", "share of customers per year", +1, "0.01",
     "As annual retention, over all other customers", "share", 1),
    ("response_top_h", "response time to the favoured", "working hours", -1, "5%",
     "Mean response time over the cases of customers the firm favours", "hours", 2),
    ("response_rest_h", "response time to the others", "working hours", -1, "5%",
     "Mean response time over the cases of all other customers", "hours", 2),
    ("follow_up_hours", "follow-up work", "working hours per year", -1, "5%",
     "Hours of work on follow-ups of favoured customers", "number", 0),
    ("kept_margin_per_follow_up_h", "margin kept per hour of follow-up", "money per hour", +1,
     "5%", "Margin on the revenue of favoured customers, per hour of follow-up", "money", 0),
    ("margin_loyal", "margin of a loyal customer", "money per year", +1, "5%",
     "Margin on revenue per customer-year at or above the loyalty that counts as loyal",
     "money", 0),
    ("margin_other", "margin of any other customer", "money per year", +1, "5%",
     "Margin on revenue per customer-year below the loyalty that counts as loyal", "money", 0),
)
"""Id, name, unit, better way, margin, definition, format, digits (see `registry.Metric`)."""


def per(numerator: float, denominator: float, factor: float = 1.0) -> float | None:
    """factor x numerator / denominator, None where there is nothing to divide by."""
    return factor * float(numerator) / float(denominator) if denominator > 0 else None


def retained(left: float, months: float) -> float | None:
    """Annual retention from leavers per customer-month."""
    return max(0.0, 1.0 - float(left) / float(months)) ** MONTHS if months > 0 else None


def values(t: Any, window_h: float, ledger: Ledger) -> dict[str, float | None]:
    """Every metric of `DEFINITIONS` from the sums of the firm `t` (dtype `state.TOTALS`)."""
    from sim.scenario.schema import HOURS_PER_YEAR  # here: listing metrics needs no pydantic

    ended = t["closed"] + t["abandoned"]
    heard = t["complaint_cases"]
    years = window_h / HOURS_PER_YEAR
    chosen = t["chosen_months"] > 0
    rest_months = t["customer_months"] - t["chosen_months"]
    other_months = t["customer_months"] - t["loyal_months"]
    valued = t["own_revenue"] > 0
    margin = ledger.margin
    return {
        "complaint_rate": per(t["complaints"], heard),
        "recovered_share": per(t["recovered"], t["complaints_closed"] + t["complaints_refused"]),
        "recovery_time_h": per(t["recovery_h"], t["complaints_closed"]),
        "compliment_rate": per(t["compliments"], heard),
        "best_overlap": per(t["chosen_right"], t["chosen_months"]),
        "satisfaction_top": per(t["chosen_satisfaction"], t["chosen_cases"], 100.0),
        "satisfaction_rest": per(t["satisfaction"] - t["chosen_satisfaction"],
                                 ended - t["chosen_cases"], 100.0) if chosen else None,
        "retention_top": retained(t["chosen_left"], t["chosen_months"]),
        "retention_rest": (retained(t["left"] - t["chosen_left"], rest_months)
                           if chosen else None),
        "response_top_h": per(t["chosen_response"], t["chosen_closed"]),
        "response_rest_h": per(t["response"] - t["chosen_response"],
                               t["closed"] - t["chosen_closed"]) if chosen else None,
        "follow_up_hours": per(t["follow_up_h"], years) if chosen else None,
        "kept_margin_per_follow_up_h": per(t["chosen_revenue"], t["follow_up_h"], margin),
        "margin_loyal": per(t["loyal_revenue"], t["loyal_months"], margin * MONTHS),
        "margin_other": (per(t["own_revenue"] - t["loyal_revenue"], other_months,
                             margin * MONTHS) if valued else None),
    }
