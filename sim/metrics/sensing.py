"""Metrics of errors by cause, faults and signals, labels and records (M7, M8, M10, M27).

Owns: their formulas. Never does: run anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.metrics.basics import ratio
from sim.records import Floats, Ledger
from sim.scenario.units import HOURS_PER_DAY

CAUSES = ("other", "knowledge", "information", "fault")


@dataclass(frozen=True)
class Place:
    """Errors of one task and cause: a row of the fault map."""

    function: str
    product: str
    cause: str
    errors: float
    share: float
    """Of all errors."""
    cumulated: float
    """Share of this row and those above it."""


def fault_map(errors: Floats, functions: Sequence[str], products: Sequence[str]) -> list[Place]:
    """Where service fails, the most frequent first (M7): a Pareto of errors by place and cause.

    Args:
        errors: [F, P, cause] errors (`RunResult.error_map`).
        functions, products: Their names, in declared order.

    Returns:
        A row per task and cause with errors; none without errors.
    """
    cells = sorted(((float(errors[f, p, c]), f, p, c) for f, p, c in np.ndindex(errors.shape)
                    if errors[f, p, c] > 0), key=lambda cell: (-cell[0], *cell[1:]))
    total = sum(cell[0] for cell in cells)
    rows, reached = [], 0.0
    for n, f, p, c in cells:
        reached += n
        rows.append(Place(functions[f], products[p], CAUSES[c], n, n / total, reached / total))
    return rows


def metrics(totals: Any, window_h: float, faults: bool) -> dict[str, float | None]:
    """Errors by cause, faults and signals (M7, M10); None while their modules are off."""
    errors = float(totals["errors"])
    told_apart = errors if faults else 0.0
    mended_h = ratio(totals["fault_h"], totals["faults_mended"])
    return {
        "errors_per_case": ratio(errors, totals["closed"]),
        "error_knowledge_share": ratio(totals["by_knowledge"], told_apart),
        "error_information_share": ratio(totals["by_information"], told_apart),
        "error_fault_share": ratio(totals["by_fault"], told_apart),
        "open_faults": ratio(totals["fault_area"], window_h) if faults else None,
        "fault_fix_days": None if mended_h is None else mended_h / HOURS_PER_DAY,
        "signals_per_visit": (ratio(totals["heard"], totals["all_visits"])
                              if totals["heard"] > 0 else None),
        "signal_decided_share": ratio(totals["decided"], totals["hints"]),
        "signal_intensity": ratio(totals["intensity"], totals["bad_hints"]),
        "fact_reach": ratio(totals["reach"], totals["reached"]),
        "need_error": ratio(totals["need_gap"], totals["need_tasks"]),
    }


def labels(totals: Any, ledger: Ledger, labelled: float | None) -> dict[str, float | None]:
    """What the firm knows of its customers, whom it serves wrongly or not at all, and its cost."""
    refused = ratio(totals["refused_satisfaction"], totals["refused"])
    return {
        "label_accuracy": labelled,
        "misserved_share": ratio(totals["misrouted"], totals["all_visits"]),
        "unserved_share": ratio(totals["refused"], totals["arrivals"]),
        "satisfaction_unserved": None if refused is None else 100.0 * refused,
        "cost_information": ledger.information,
    }
