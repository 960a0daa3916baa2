"""New offerings and expansion out of what is earned.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from sim.scenario.fields import POSITIVE, Inputs, par


class Novelty(Inputs):
    """Launches of something new, and who takes it up (M21)."""

    enabled: bool = par(False, "New offerings are launched")
    launches: float = par(0.0, "Probability of a launch, whatever the ties between units",
                          unit="1/month", ge=0, le=1)
    recombination: float = par(0.02, "Probability added by full familiarity between units with "
                               "wholly different knowledge", unit="1/month", ge=0, le=100)
    adoption: float = par(0.15, "Most of the remaining customers that take a new offering up",
                          unit="1/month", ge=0, le=1)
    fit_needed: float = par(0.67, "Fit of the firm's offerings at which half as many do", ge=0,
                            le=1, source="computed (M8): fit of a pooled offering")
    steepness: float = par(10.0, "Steepness of adoption in fit", ge=0, le=1000)
    months: int = par(12, "Months for which an offering is new", unit="months", ge=1, le=120)
    target: float = par(0.5, "Adoption that makes it a success", ge=0, le=1)
    uplift: float = par(0.05, "Revenue an adopter adds while it is new, as a share of the value "
                        "of a customer", ge=0, le=100)


class Expansion(Inputs):
    """Growth into further markets, paid out of what has been earned (M24)."""

    enabled: bool = par(False, "The firm expands when it can pay for it")
    cost: float = par(100_000.0, "Cost of an expansion", unit="money", ge=POSITIVE, le=1e12)
    most: int = par(3, "Expansions there is room for", unit="expansions", ge=1, le=100)
    inflow: float = par(0.5, "Joiners each adds, as a share of the base stream", ge=0, le=10)
