"""From the raw sums of a window to the metrics of the registry (R15).

Owns: every formula between a sum and a reported number. Never does: run anything, price
anything (`accounting`), or turn an empty set into a number: a mean of nothing is None.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.metrics import of_customers, sensing, staff
from sim.metrics.basics import ratio
from sim.metrics.registry import METRICS
from sim.records import Ledger
from sim.scenario.schema import HOURS_PER_YEAR
from sim.state import HISTOGRAM_LOW_H, HISTOGRAM_STEP

_MONTHS_PER_YEAR = 12.0


def retention(left: float, customer_months: float) -> float | None:
    """Annual retention from leavers per customer-month: (1 - left / customer-months)^12."""
    monthly = ratio(left, customer_months)
    return None if monthly is None else max(0.0, 1.0 - monthly) ** _MONTHS_PER_YEAR


def quantile(histogram: NDArray[Any], q: float) -> float | None:
    """The q-quantile of response times from their log-spaced histogram, interpolated.

    Args:
        histogram: [HISTOGRAM_BINS] counts; bin 0 below LOW, bin i >= 1 from
            ``LOW * exp((i - 1) * STEP)`` (see `state`).
        q: Between 0 and 1.

    Returns:
        Hours, off by at most one bin (0.5%), whatever the horizon; None if nothing was counted.
        Inside a bin cases are taken as spread evenly in logarithm (in bin 0: in hours).
    """
    cumulative = np.cumsum(histogram, dtype=np.float64)
    n = float(cumulative[-1])
    if n <= 0:
        return None
    target = q * n
    # The first bin that is not empty and reaches the target: an empty bin holds no quantile.
    k = int(np.searchsorted(cumulative, target, side="left"))
    while histogram[k] <= 0:
        k += 1
    below = float(cumulative[k - 1]) if k else 0.0
    inside = (target - below) / float(histogram[k])
    if k == 0:
        return inside * HISTOGRAM_LOW_H
    return float(HISTOGRAM_LOW_H * np.exp((k - 1 + inside) * HISTOGRAM_STEP))


def metrics(
    totals: Any,
    segments: Any,
    histogram: NDArray[Any],
    window_h: float,
    ledger: Ledger,
    *,
    order_cycle: float | None = None,
    labelled: float | None = None,
    faults: bool = False,
) -> dict[str, float | None]:
    """Every metric of the registry for one window of measured time (R15).

    Args:
        totals: Sums of the firm in the window (`state.TOTALS`; stocks at its end).
        segments: [S] sums by segment (`state.SEGMENT_TOTALS`).
        histogram: [HISTOGRAM_BINS] response times of closed cases in the window.
        window_h: Length of the window, working hours; above 0.
        ledger: The books of the same window.
        order_cycle: Knowledge of the functions at the end, mean over functions and staff.
        faults: Whether faults may arise, and errors are told apart by cause.
        labelled: Share of customers present at the start whose label is their true segment.

    Returns:
        Metric id to value, in the registry's order; None where there is nothing to average.
    """
    closed = float(totals["closed"])
    ended = closed + float(totals["abandoned"])
    resolved = closed - float(totals["unresolved"])
    filled = float(totals["filled"])
    months = float(totals["months"])
    years = window_h / HOURS_PER_YEAR
    # Between month ends nobody is counted: a window without one has only its last level.
    active = (
        float(totals["customer_months"]) / months
        if months > 0
        else float(np.sum(segments["active"]))
    )
    satisfaction = ratio(totals["satisfaction"], ended)
    reopenings = ratio(totals["reopenings"], closed)
    coordination = float(totals["coordination"])
    hidden = float(totals["setup"]) + float(totals["redo"]) + coordination
    service = ratio(totals["service"], totals["received"])
    values: dict[str, float | None] = {
        "satisfaction": None if satisfaction is None else 100.0 * satisfaction,
        "loyalty": ratio(totals["loyalty"], months),
        "retention_annual": retention(float(totals["left"]), float(totals["customer_months"])),
        "response_mean_h": ratio(totals["response"], closed),
        "response_p50_h": quantile(histogram, 0.50),
        "response_p90_h": quantile(histogram, 0.90),
        "response_p99_h": quantile(histogram, 0.99),
        "within_tolerance": ratio(totals["within"], ended),
        "touch_h": ratio(totals["touch"], closed),
        "queue_h": ratio(totals["queue"], closed),
        "transfer_h": ratio(totals["transfer"], closed),
        "rework_h": ratio(totals["rework"], closed),
        "abandonment": ratio(totals["abandoned"] - totals["refused"], totals["phone"]),
        "first_contact_resolution": ratio(totals["first_contact"], closed),
        "contacts_per_case": None if reopenings is None else 1.0 + reopenings,
        "visits_per_case": ratio(totals["visits"], closed),
        "handoffs_per_case": ratio(totals["handoffs"], closed),
        "passes_per_case": ratio(totals["passes"], closed),
        "astray_per_case": ratio(totals["astray"], closed),
        "fit": ratio(totals["fit"], totals["fits"]),
        "offering_distance": ratio(totals["offering_distance"], totals["offering_months"]),
        "readiness": float(totals["readiness"]),
        "unit_ties": ratio(totals["unit_ties"], totals["tie_months"]),
        "new_offerings": (float(totals["launches"]) / years if totals["tie_months"] > 0
                          else None),
        "new_offerings_adopted": ratio(totals["launches_adopted"], totals["launches"]),
        "expansions": float(totals["expansions"]),
        "free_cash": float(totals["cash"]),
        "market_share": ratio(totals["active"], totals["market"]),
        "advantage": ratio(totals["advantage"], totals["compared"]),
        "difference_perceived": ratio(totals["perceived"], totals["compared"]),
        "response_surge_h": ratio(totals["surge_response"], totals["surge_closed"]),
        "stock_service": ratio(totals["material"] - totals["material_waits"], totals["material"]),
        "stock_wait_h": ratio(totals["material_wait"], totals["material"]),
        "utilisation": ratio(totals["busy"], filled),
        "backlog": ratio(totals["open_area"], window_h),
        "hidden_work_share": ratio(hidden, filled),
        "coordination_share": ratio(coordination, filled),
        "approvals_per_case": ratio(totals["approvals"], closed),
        "approval_h": ratio(totals["approval_h"], closed),
        "travel_h": ratio(totals["travel"], closed),
        "internal_service": None if service is None else 100.0 * service,
        "order_cycle_knowledge": order_cycle,
        "cost_line": ledger.line,
        "cost_heads": ledger.heads,
        "cost_units": ledger.units,
        "cost_hiring": ledger.hiring,
        "cost_empowerment": ledger.empowerment,
        "cost_buffers": ledger.buffers,
        "cost_growth": ledger.growth,
        "cost_change": ledger.change,
        "cost_total": ledger.total,
        "cost_per_customer": ratio(ledger.total, active),
        "cost_per_case": ratio(ledger.total * years, resolved),
        "turnover_annual": ratio(float(totals["quits"]) * HOURS_PER_YEAR, filled),
        "profit": ledger.profit,
        "customers_active": float(totals["active"]),
        **of_customers.values(totals, window_h, ledger),
        **sensing.metrics(totals, window_h, faults),
        **sensing.labels(totals, ledger, labelled),
    }
    values |= staff.metrics(totals, ledger)
    return {id: values[id] for id in METRICS}


def segment_metrics(segments: Any) -> dict[str, NDArray[np.float64]]:
    """Metrics that exist per segment, each [S]; NaN inside where a segment has no cases.

    Arrays, not reported values: whoever writes them out turns NaN into null.
    """
    ended = segments["closed"] + segments["abandoned"]
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "satisfaction": 100.0 * segments["satisfaction"] / ended,
            "loyalty": segments["loyalty"] / segments["customer_months"],
            "retention_annual": (1.0 - segments["left"] / segments["customer_months"])
            ** _MONTHS_PER_YEAR,
            "response_mean_h": segments["response"] / segments["closed"],
            "first_contact_resolution": segments["first_contact"] / segments["closed"],
            "fit": segments["fit"] / segments["fits"],
        }
