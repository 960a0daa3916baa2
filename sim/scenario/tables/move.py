"""A change of structure in the middle of measured time.

Owns: this table of a scenario file. Never does: say what a structure is (`firm`).
"""

from __future__ import annotations

from sim.scenario.fields import POSITIVE, Duration, Inputs, par


class Reorganisation(Inputs):
    """A firm that changes its structure while it runs; off while `to` is empty (M22)."""

    to: str = par("", "Structure to change to; empty = never. Nothing happens in a run whose "
                  "structure it is already", max_length=80)
    at: Duration = par("12 months", "When, counted from the end of warm-up", unit="duration",
                       ge=0, le=1e7)
    drag: float = par(0.15, "Share of capacity lost at first (D0), with the budget that is needed",
                      ge=0, le=0.9, plausible=(0.05, 0.30), source="F20 (sign), assumption (M22)")
    drag_h: float = par(520.0, "Time in which the loss falls to 37% (tau_D), with the budget that "
                        "is needed", unit="h", ge=POSITIVE, le=1e6, plausible=(170, 2000),
                        source="F4 (sign), assumption (M22)")
    budget_ratio: float = par(1.0, "Budget over needed budget: divides drag and drag_h, multiplies "
                              "the one-off cost", unit="x", ge=0.01, le=100, plausible=(0.25, 2))
    misrouting: float = par(0.3, "Chance, at first, that a new case or a transfer for which "
                            "another pool is now in charge goes astray along the old path",
                            ge=0, le=1, plausible=(0, 0.6))
    misrouting_h: float = par(520.0, "Time in which that chance falls to 37%", unit="h",
                              ge=POSITIVE, le=1e6, plausible=(170, 2000))
    firm_age: float = par(0.0, "Age of the firm; 50 years add 1 to its resistance, and resistance "
                          "r multiplies misrouting by 1 + r", unit="years", ge=0, le=1000,
                          plausible=(0, 100), source="assumption (M17, M22)")
    leadership: float = par(1.0, "Leadership signal: what it lacks to 1 is resistance", ge=0, le=1)
    switch_h: float = par(160.0, "One-off cost for each person who changes pool", unit="h of pay",
                          ge=0, le=1e5)
    reverse_after: Duration = par("0 h", "Patience: after so long the change is taken back, in the "
                                  "same way as it was made; 0 = never", unit="duration", ge=0,
                                  le=1e7)
    morale_shock: float = par(0.1, "Fall of everybody's morale, where morale is modelled", ge=0,
                              le=1, plausible=(0, 0.3))
