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
    ("understanding", "feeling understood", "0-1", +1, "0.01",
     "Knowledge of the customer's segment times information of the case, mean over visits",
     "number", 3),
    ("stage_mean", "quality of stages", "0-1", +1, "0.01",
     "Mean over cases of the mean quality of their visits: promptness, information, courtesy",
     "number", 3),
    ("stage_worst", "worst stage", "0-1", +1, "0.01",
     "Mean over cases of the least quality of their visits", "number", 3),
    ("trust", "trust", "0-1", +1, "0.01", "Mean trust over customer-months", "number", 3),
    ("promises_kept", "promises kept", "share of promises", +1, "0.01",
     "Share of cases answered within the promised time", "share", 1),
    ("first_attempt_success", "first attempts that succeed", "share of cases", +1, "0.01",
     "Share of cases whose last step was not done again because the customer was missed",
     "share", 1),
    ("fee_surprise_rate", "unexpected charges", "share of cases", -1, "0.005",
     "Share of cases, not abandoned, with an unexpected charge", "share", 1),
    ("exploited_rate", "used weakness", "share of cases", -1, "0.005",
     "Share of cases, not abandoned, in which the customer's weakness was used", "share", 1),
    ("income_extra", "income from charges and used weakness", "money per year", 0, "5%",
     "Unexpected charges and what used weakness brings", "money", 0),
    ("cost_concessions", "cost of concessions", "money per year", -1, "5%",
     "Given to customers whose quality fell short of expectation", "money", 0),
    ("concession_per_case", "concession per case", "money per case", 0, "5%",
     "Concessions over cases closed or abandoned", "money", 2),
    ("joined_annual", "new customers", "customers per year", +1, "2%",
     "Customers who joined in measured time, per year", "number", 0),
    ("referred_share", "new customers by word of mouth", "share of new customers", +1, "0.02",
     "Customers won by word of mouth over all who joined", "share", 1),
    ("attraction", "attraction of prospects", "x usual", +1, "0.02",
     "Mean over prospects met of their probability of joining, relative to the usual one",
     "number", 2),
    ("acquisition_cost", "cost of a new customer", "money per customer", -1, "5%",
     "Promotion and commissions over the number of customers who joined", "money", 0),
    ("promotion_cost_per_customer", "cost of a customer won by promotion", "money per customer",
     -1, "5%", "Promotion over customers won by it", "money", 0),
    ("agent_cost_per_customer", "cost of a customer won by an agent", "money per customer", -1,
     "5%", "Commissions over customers won by agents", "money", 0),
    ("cost_acquisition", "cost of winning customers", "money per year", -1, "5%",
     "Promotion and commissions", "money", 0),
    ("cost_retention", "cost of keeping customers", "money per year", -1, "5%",
     "Gestures towards customers", "money", 0),
    ("satisfaction_surveyed", "surveyed satisfaction", "points, 0-100", +1, "1",
     "Mean satisfaction of those who answer a survey", "points", 1),
    ("survey_bias", "bias of the survey", "points, 0-100", 0, "0.5",
     "Surveyed satisfaction minus satisfaction", "points", 1),
    ("survey_response", "response to the survey", "share of cases", 0, "0.01",
     "Share of cases after which a survey is answered", "share", 1),
    ("loyalty_step_resolved", "loyalty after a case solved at once", "0-1 per case", +1, "0.001",
     "Mean move of loyalty by cases solved at the first contact", "number", 4),
    ("loyalty_step_reopened", "loyalty after a reopened case", "0-1 per case", +1, "0.001",
     "Mean move of loyalty by cases solved after reopening", "number", 4),
    ("loyalty_step_failed", "loyalty after a failed case", "0-1 per case", +1, "0.001",
     "Mean move of loyalty by cases unresolved or abandoned", "number", 4),
    ("loyalty_step_sd", "spread of loyalty steps", "0-1 per case", 0, "5%",
     "Standard deviation of the moves of loyalty by single cases", "number", 4),
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
    surveyed = per(t["survey_satisfaction"], t["surveys"], 100.0)
    at_once = t["steps"] - t["steps_reopened"] - t["steps_failed"]
    won = ledger.promotion + ledger.commissions
    spread = None
    if t["steps"] > 0:
        mean = float(t["step"] / t["steps"])
        spread = max(float(t["step_squared"] / t["steps"]) - mean * mean, 0.0) ** 0.5
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
        "understanding": per(t["understanding"], t["met"]),
        "stage_mean": per(t["stage_mean"], t["met"]),
        "stage_worst": per(t["stage_worst"], t["met"]),
        "trust": per(t["trust_sum"], t["trust_months"]),
        "promises_kept": per(t["promises_kept"], t["promises"]),
        "first_attempt_success": per(t["attempts"] - t["attempts_failed"], t["attempts"]),
        "fee_surprise_rate": per(t["fees"], t["trust_cases"]),
        "exploited_rate": per(t["exploited"], t["trust_cases"]),
        "income_extra": ledger.extra,
        "cost_concessions": ledger.concessions,
        "concession_per_case": per(t["conceded"], ended) if t["trust_cases"] > 0 else None,
        "joined_annual": per(t["joined"], years),
        "referred_share": per(t["joined_referral"], t["joined"]),
        "attraction": per(t["attraction"], t["met_prospects"]),
        "acquisition_cost": (per(won * years, t["joined"])
                             if t["met_prospects"] > 0 else None),
        "promotion_cost_per_customer": per(ledger.promotion * years, t["joined_promotion"]),
        "agent_cost_per_customer": per(t["commissions"], t["joined_agent"]),
        "cost_acquisition": won,
        "cost_retention": ledger.gestures,
        "satisfaction_surveyed": surveyed,
        "survey_bias": (None if surveyed is None
                        else surveyed - 100.0 * float(t["satisfaction"]) / float(ended)),
        "survey_response": per(t["surveys"], t["asked"]),
        "loyalty_step_resolved": per(
            t["step"] - t["step_reopened"] - t["step_failed"], at_once),
        "loyalty_step_reopened": per(t["step_reopened"], t["steps_reopened"]),
        "loyalty_step_failed": per(t["step_failed"], t["steps_failed"]),
        "loyalty_step_sd": spread,
    }
