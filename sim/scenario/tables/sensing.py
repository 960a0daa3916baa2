"""Faults of the firm itself, and how what customers say reaches those who decide.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from typing import Literal

from sim.scenario.fields import Inputs, par


class Faults(Inputs):
    """Systemic faults: flaws of the firm's own practices and systems (M7)."""

    enabled: bool = par(False, "Faults arise; without the module `sensing` nobody mends them")
    rate: float = par(0.02, "Probability that a fault of a (function, product) arises in a month",
                      unit="1/month", ge=0, le=1, plausible=(0, 0.1), source="assumption (M7)")
    error_added: float = par(0.10, "Added to the probability of an error while a fault lasts",
                             ge=0, le=1, plausible=(0, 0.3), source="assumption (M7)")


class Sensing(Inputs):
    """Signals of customers, and their way to a decision (M10)."""

    enabled: bool = par(False, "Offerings and faults wait for signals; off: needs are seen at "
                        "once, at every visit")
    capture: float = par(0.3, "Capture of a signal at a visit: this x (0.5 + O) x (0.5 + kS), at "
                         "most 1 (cs)", ge=0, le=1, plausible=(0.1, 0.6),
                         source="assumption (M10)")
    sensors: Literal["all", "front"] = par(
        "all", "Who is charged with listening: everybody, or the functions with front = true")
    bad_news: float = par(0.8, "Factor on signal survival per level for bad news (rho_b / rho)",
                          unit="x", ge=0, le=1, plausible=(0.5, 1), source="F88 (sign)")
    report_h: float = par(40.0, "Delay of a signal per level (tau_up)", unit="h", ge=0, le=1e5,
                          plausible=(8, 160), source="assumption (M10): weekly reports")
    decision_h: float = par(80.0, "Delay between knowing enough and a change (tau_dec)", unit="h",
                            ge=0, le=1e5, plausible=(8, 350), source="assumption (M10)")
    minimum_signals: int = par(5, "Signals that must arrive before a fault is dealt with",
                               unit="signals", ge=1, le=10_000, plausible=(1, 50),
                               source="assumption (M10)")
    suggestions: float = par(0.05, "Probability that a signal captured in a task with a fault "
                             "points to the fault although nothing went wrong", ge=0, le=1,
                             plausible=(0, 0.3))
    response: float = par(1.0, "Probability that enough signals, or another unit's answer, are "
                          "acted on", ge=0, le=1, plausible=(0.3, 1))
    bad_news_response: float = par(0.7, "Factor on response for bad news", unit="x", ge=0, le=1,
                                   plausible=(0.3, 1), source="F88 (sign)")
    broadcast_read: float = par(0.4, "Probability that a unit reads the monthly broadcast of "
                                "another unit's answer; 0 = no formal channel", ge=0, le=1,
                                plausible=(0, 0.8), source="assumption (M10)")
    informal: float = par(0.02, "Probability that a hand-off between two units passes on an "
                          "answer; 0 = no informal channel", ge=0, le=1, plausible=(0, 0.1),
                          source="assumption (M10)")
    formal_kept: float = par(0.5, "Probability that an answer read is still known a month later",
                             ge=0, le=1, plausible=(0.2, 0.9))
    informal_kept: float = par(0.9, "Probability that an answer told is still known a month later",
                               ge=0, le=1, plausible=(0.5, 1))
    reach_h: float = par(160.0, "Time after the first answer to a fault at which the share of "
                         "units that know it is measured", unit="h", ge=0, le=1e5,
                         plausible=(40, 1000))
