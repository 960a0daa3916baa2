"""What staff feel, how they are brought in, and what moves them.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from typing import Literal

from sim.scenario.fields import POSITIVE, Inputs, par


class Morale(Inputs):
    """Morale of each person, and what it does to courtesy and to quitting (M16)."""

    enabled: bool = par(False, "Morale moves month by month; off: everybody is at the base")
    base: float = par(0.6, "Morale where nothing lifts or weighs on it", ge=0, le=1,
                      source="assumption (M16)")
    speed: float = par(1.0 / 3.0, "Monthly step of morale towards its level", unit="1/month",
                       ge=0, le=1)
    by_satisfaction: float = par(0.3, "Lift per unit of satisfaction heard above the norm", ge=0,
                                 le=10, plausible=(0, 0.6), source="F77 (sign)")
    satisfaction_norm: float = par(0.7, "Satisfaction that neither lifts nor weighs", ge=0, le=1)
    by_load: float = par(0.5, "Weight of utilisation above the norm", ge=0, le=10,
                         plausible=(0, 1))
    load_norm: float = par(0.85, "Utilisation above which work weighs on people", ge=0, le=1)
    by_complaints: float = par(0.2, "Weight of the share of visits made for customers who came "
                               "back dissatisfied", ge=0, le=10, plausible=(0, 0.5))
    by_orientation: float = par(0.05, "Lift per unit of customer orientation above one half", ge=0,
                                le=10, plausible=(0, 0.2))
    by_autonomy: float = par(0.1, "Lift per unit of empowerment above one half, where that is on",
                             ge=0, le=10, plausible=(0, 0.3), source="F86 (sign)")
    pride: float = par(0.0, "Lift if every verdict a person hears is praise", ge=0, le=10,
                       plausible=(0, 0.2))
    variety: float = par(0.0, "Lift by varied tasks: times 1 minus the Herfindahl index of a "
                         "person's (function, product) tasks", ge=0, le=10, plausible=(0, 0.2),
                         source="F66 (sign)")
    profit_share: float = par(0.0, "Share of the month's result (margin on revenue less pay of "
                              "the line) paid out to staff", ge=0, le=1, plausible=(0, 0.2))
    profit_effect: float = par(0.2, "Lift by a payout as large as the pay", ge=0, le=10,
                               plausible=(0, 0.5))
    recognition_h: float = par(0.0, "Paid hours a month each person is given recognition, "
                               "encouragement and a say", unit="h/month", ge=0, le=1000,
                               plausible=(0, 8))
    recognition_effect: float = par(0.1, "Lift by much recognition; 4 h a month give 63% of it",
                                    ge=0, le=10, plausible=(0, 0.2))
    spread: float = par(0.0, "Standard deviation of people's own base", ge=0, le=10,
                        plausible=(0, 0.15))
    courtesy_effect: float = par(0.5, "Courtesy per unit of morale above the base", ge=0, le=10,
                                 plausible=(0, 1), source="F77 (sign)")
    quit_effect: float = par(2.0, "Fall of the log of the quit hazard per unit of morale", ge=0,
                             le=20, plausible=(0, 4), source="F78")


class Onboarding(Inputs):
    """How a new hire becomes one of the staff (M16)."""

    enabled: bool = par(False, "Hires are inducted and may need a colleague at their side")
    induction_h: float = par(0.0, "Paid hours of induction before the first visit", unit="h",
                             ge=0, le=1e4, plausible=(0, 160), source="F81, F84")
    training_effect: float = par(0.5, "What an hour of induction teaches, as a share of an hour "
                                 "of practice on the post's mix of work", unit="x", ge=0, le=10,
                                 plausible=(0, 1))
    minimum_proficiency: float = par(0.0, "Proficiency on the post's mix of work below which a "
                                     "person does not work independently", ge=0, le=1,
                                     plausible=(0, 0.8))
    supervision: float = par(0.3, "Added time of a visit that a colleague looks after", unit="x",
                             ge=0, le=10, plausible=(0, 1))
    checked: float = par(0.5, "Share of errors such a colleague prevents", ge=0, le=1)
    ready: float = par(0.9, "Share of the proficiency usual in the post at which a hire counts as "
                       "brought in", ge=POSITIVE, le=1, source="M6")


class Orientation(Inputs):
    """How far each person has the customer in mind, and what moves that (M17)."""

    enabled: bool = par(False, "Orientation moves month by month; off: one half for everybody")
    start: float = par(0.5, "Orientation of the staff at the start", ge=0, le=1)
    at_hire: float = par(0.5, "Orientation of a new hire", ge=0, le=1)
    signal: float = par(0.5, "What leaders show by their own conduct, from the end of warm-up",
                        ge=0, le=1)
    signal_rest: float = par(0.5, "What leaders show before, and once they no longer bother", ge=0,
                             le=1)
    signal_months: float | None = par(None, "Months of measured time for which leaders show it; "
                                      "none = always", unit="months", ge=0, le=1e5)
    reach: Literal["everybody", "front"] = par(
        "everybody", "Whom leaders reach: all staff, or only those who do functions with front = "
        "true")
    leadership_speed: float = par(0.02, "Monthly step towards what leaders show", unit="1/month",
                                  ge=0, le=1, plausible=(0, 0.05), source="F87")
    peer_speed: float = par(0.04, "Monthly step towards the mean of the team", unit="1/month",
                            ge=0, le=1, plausible=(0, 0.1), source="F87")
    stories: float = par(0.0, "Stories of customer care: how far the team's best, not its mean, is "
                         "what people hear of", ge=0, le=1, plausible=(0, 1))
    mandate: float = par(0.0, "Orders and bonuses for customer care, from the end of warm-up", ge=0,
                         le=1)
    mandate_speed: float = par(0.003, "Monthly step that full orders and bonuses bring",
                               unit="1/month", ge=0, le=1, plausible=(0, 0.01))
    firm_age: float = par(0.0, "Age of the firm; every step is divided by 1 + age / 50",
                          unit="years", ge=0, le=10000, plausible=(0, 150))
    understanding: float = par(1.0, "Share of the staff's understanding of the firm's goals (u): "
                               "leaders are followed only as far", ge=0, le=1)
    understanding_effect: float = par(0.3, "Added share of errors where nobody understands", ge=0,
                                      le=10, plausible=(0, 0.5))
    contact_effect: float = par(0.0, "Monthly loss of orientation by a person who never meets a "
                                "customer", unit="1/month", ge=0, le=1, plausible=(0, 0.03))
    courtesy_effect: float = par(0.2, "Courtesy per unit of orientation above one half", ge=0,
                                 le=10, plausible=(0, 0.4))
    boundary_effect: float = par(0.5, "Fall of the delay of hand-offs between units per unit of "
                                 "the sender's orientation", ge=0, le=2, plausible=(0, 1))
    care: float = par(0.0, "Fall of errors: times 1 + care (1 - 2 O)", ge=0, le=1,
                      plausible=(0, 0.5))
    owner_effect: float = par(0.0, "Courtesy added where all visits of a case are under one head",
                              ge=0, le=1, plausible=(0, 0.05))
    high: float = par(0.6, "Orientation from which a person counts as oriented", ge=0, le=1)


class Rewards(Inputs):
    """What managers and units are rewarded for (M18)."""

    enabled: bool = par(False, "Rewards act; off: all are neutral")
    relationship: float = par(0.5, "0 rewards deadlines, 1 relationships (wR)", ge=0, le=1)
    shared: float = par(0.5, "Share of rewards that depends on the whole rather than on the own "
                        "unit (sR)", ge=0, le=1)
    internal_kpi: float = par(0.0, "How far units are measured by their own step alone", ge=0, le=1)
    kpi_errors: float = par(0.03, "Errors added by that, which nobody inside finds", ge=0, le=0.9,
                            plausible=(0, 0.1))
    kpi_haste: float = par(0.1, "Time of a visit saved by that", ge=0, le=0.9, plausible=(0, 0.2))
    local_priority: bool = par(False, "Units serve what other units hand over after their own work "
                               "of the same class")


class Pressure(Inputs):
    """What a full queue and long overwork do to pace and care; ownership (M4)."""

    enabled: bool = par(False, "People work faster under load, and tire")
    haste: float = par(0.15, "Most time saved by a full queue", ge=0, le=0.9, plausible=(0, 0.3),
                       source="F61, F63 (signs)")
    haste_scale: float = par(1.0, "Waiting cases per person at which 63% of it is reached",
                             unit="cases", ge=POSITIVE, le=1e6, plausible=(0.5, 4))
    fatigue: float = par(1.0, "Added time per unit of overwork (Om)", unit="x", ge=0, le=100,
                         plausible=(0, 3), source="F61, F62 (signs)")
    fatigue_from: float = par(0.85, "Utilisation above which people tire", ge=0, le=1)
    fatigue_h: float = par(160.0, "Time constant of overwork and recovery", unit="h", ge=POSITIVE,
                           le=1e9, plausible=(40, 500))
    fatigue_errors: float = par(0.3, "Error probability added per unit of overwork (eO)", ge=0,
                                le=100, plausible=(0, 1), source="F61 (sign)")
    ownership: float = par(0.0, "Time saved by a team that has done all of a case so far", ge=0,
                           le=0.9, plausible=(0, 0.15), source="F57, F58 (signs)")


class Procedures(Inputs):
    """What a written procedure and close control change (M4, M7)."""

    work_factor: float = par(0.9, "Time of a visit for a case type with a procedure", unit="x",
                             ge=POSITIVE, le=100, plausible=(0.8, 1))
    spread_factor: float = par(0.7, "Coefficient of variation of its work, lognormal work only",
                               unit="x", ge=0, le=100, plausible=(0.5, 1))
    error_factor: float = par(1.0, "Errors in its visits", unit="x", ge=0, le=100,
                              plausible=(0.7, 1))
    control: float = par(0.0, "How strictly the work is controlled", ge=0, le=1)
    control_errors: float = par(0.5, "Share of errors that full control prevents", ge=0, le=1)
    control_work: float = par(0.1, "Added time of a visit at full control", unit="x", ge=0, le=100,
                              plausible=(0, 0.3))
