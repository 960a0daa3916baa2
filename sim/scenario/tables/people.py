"""What staff feel, how they are brought in, and what moves them.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

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
