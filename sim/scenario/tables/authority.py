"""Who may decide, who answers to whom, who has to go there (M19, M26, M28).

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from sim.scenario.fields import Inputs, par


class Empowerment(Inputs):
    """What the front line may decide without asking, and what that costs (M19)."""

    enabled: bool = par(False, "Approvals, adaptation to the case, concessions and policy drift")
    level: float = par(0.5, "Empowerment (a): 0 everything is prescribed, 1 the front line "
                       "decides", ge=0, le=1, plausible=(0, 1))
    approval_rate: float = par(0.2, "Probability that a visit needs approval where nobody is "
                               "empowered", ge=0, le=1, plausible=(0, 0.5),
                               source="assumption (M19)")
    approval_h: float = par(4.0, "Mean time of an approval per unit of distance to the approver",
                            unit="h", ge=0, le=1e5, plausible=(0.5, 16),
                            source="assumption (M19)")
    approvals: int = par(1, "Approvals in a row, each of them one level further up",
                         unit="approvals", ge=0, le=10, plausible=(0, 4))
    adaptation: float = par(0.25, "Share of the gap between need and offering that fully "
                            "empowered staff close for the case in hand", ge=0, le=1,
                            plausible=(0, 0.5), source="assumption (M19)")
    adaptation_work: float = par(0.10, "Added work of the function that holds the offering where "
                                 "staff are fully empowered", ge=0, le=100, plausible=(0, 0.3),
                                 source="assumption (M19)")
    concession: float = par(0.02, "Concessions of fully empowered staff, share of the value of a "
                            "case that was adapted", ge=0, le=1, plausible=(0, 0.1),
                            source="assumption (M19)")
    leakage: float = par(0.10, "Discounts nobody intended, of fully empowered staff without "
                         "understanding of the firm's policy, share of the value of a case",
                         ge=0, le=1, plausible=(0, 0.2), source="assumption (M19)")
    understanding: float = par(0.5, "How far staff understand the firm's policy (u)", ge=0, le=1,
                               plausible=(0, 1))
    exhaustion: float = par(0.3, "Added effect of load on the morale of fully empowered staff",
                            ge=0, le=100, plausible=(0, 1), source="F86 (sign), assumption")

    @property
    def exhaustion_factor(self) -> float:
        """Factor on what load does to morale: 1 + 0.3 a; 1 while nobody is empowered."""
        return 1.0 + self.exhaustion * self.level if self.enabled else 1.0


class Matrix(Inputs):
    """What a second boss and a liaison role cost (M26); acts where a structure has them."""

    coordination_h: float = par(1.5, "Time each person spends in coordination per week where "
                                "there is a second tree", unit="h/week", ge=0, le=39,
                                plausible=(0.5, 4), source="assumption (M26)")
    added_distance: float = par(0.5, "Added to the shorter distance of two trees: every hand-off "
                                "is squared with two bosses", unit="distance", ge=0, le=100,
                                plausible=(0, 1), source="assumption (M26)")
    clash: bool = par(True, "In a pool that works for several second bosses a coin decides which "
                      "waiting visit goes first", source="assumption (M26)")
    liaison_distance: float = par(1.5, "Distance between units joined by a liaison role, where "
                                  "it is shorter", unit="distance", ge=0, le=100,
                                  plausible=(1, 2), source="assumption (M26)")


class Travel(Inputs):
    """Going to the customer (M28): functions with `presence`."""

    enabled: bool = par(False, "Visits of functions with presence = true include a journey")
    inside_h: float = par(0.5, "Mean journey of a person of the customer's region", unit="h",
                          ge=0, le=1e5, plausible=(0.1, 2), source="assumption (M28)")
    across_h: float = par(3.0, "Mean journey of a person of another region", unit="h", ge=0,
                          le=1e5, plausible=(1, 16), source="assumption (M28)")
