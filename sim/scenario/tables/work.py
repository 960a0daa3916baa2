"""What has to be done, by whom it may be done, and what goes wrong.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from typing import Literal

from sim.scenario.fields import (
    POSITIVE,
    Hours,
    Inputs,
    Names,
    Table,
    par,
)


class Function(Inputs):
    """One function: a kind of work and the knowledge it needs."""

    work_h: float = par(..., "Mean work of an expert on one step for one product", unit="h",
                        ge=POSITIVE, le=1e5, plausible=(0.05, 8))
    front: bool = par(False, "Belongs to the front in the preset front-back")
    licensed: bool = par(False, "Only its own staff may do it: never covered by others")
    offering: bool = par(
        False, "Holds the offering (the firm's answer to needs); exactly one function does; "
        "default the second declared (the only one if there is one)")
    presence: bool = par(False, "Done at the customer's place; acts with travel.enabled")
    spread: float | None = par(None, "Overrides work.spread for this function", ge=0, le=20)
    cover: float | None = par(None, "Overrides cover.minimum_proficiency for this function",
                              ge=0, le=1)
    orientation: float | None = par(None, "Overrides orientation.start for those who do it", ge=0,
                                    le=1)


class CaseType(Inputs):
    """One kind of case: which steps it needs."""

    weight: float = par(1.0, "Relative frequency among case types", unit="weight",
                        ge=POSITIVE, le=1e6)
    steps: Names = par((), "Functions the case needs, in any order of writing; work follows the "
                       "order in which functions are declared; empty = all functions")
    after: Table[Names] = par(
        {}, "Precedence: for a step, the steps that must be done before; without this table "
        "each step follows the one before it")
    work_h: Table[Hours] = par({}, "Overrides functions.*.work_h for this case type",
                                   unit="h")
    products: Names = par((), "Products this type may concern; empty = all")
    second_product: float | None = par(None, "Overrides customers.second_product", ge=0, le=1)
    channel: Literal["email", "phone", "chat", "project"] = par(
        "email", "How it arrives; only phone cases may abandon while waiting for the first visit")
    directness: float | None = par(
        None, "How direct the contact is; default by channel: email 0.3, chat 0.5, phone 0.6, "
        "project 0.9", ge=0, le=1, source="assumption (M11)")
    tolerance_h: float | None = par(
        None, "Tolerated response time T*; default by channel: email 16 h, phone 0.1 h, chat 2 h, "
        "project 80 h", unit="h", ge=POSITIVE, le=1e6, source="assumption (M11)")
    patience_h: float = par(0.12, "Mean patience of phone cases while waiting for the first visit "
                            "(theta)", unit="h", ge=POSITIVE, le=1e6, plausible=(0.05, 0.5))
    priority: int = par(0, "Priority class; a higher one is served first", unit="class",
                        ge=0, le=9)
    procedure: bool = par(False, "A written procedure covers it (see `procedures`)")


CHANNEL_DIRECTNESS = {"email": 0.3, "chat": 0.5, "phone": 0.6, "project": 0.9}
"""How direct the contact is, by channel (assumption (M11))."""

CHANNEL_TOLERANCE_H = {"email": 16.0, "phone": 0.1, "chat": 2.0, "project": 80.0}
"""Tolerated response time T* by channel (assumption (M11))."""


class Work(Inputs):
    """Time a step takes (M4)."""

    distribution: Literal["lognormal", "exponential", "deterministic"] = par(
        "lognormal", "Distribution of work around its mean", source="F60")
    spread: float = par(1.0, "Coefficient of variation of lognormal work", ge=0, le=20,
                        plausible=(0.6, 1.4), source="F60")
    second_product_factor: float = par(0.85, "Work of the second product of a function in the "
                                       "same visit (b)", unit="x", ge=0, le=10,
                                       plausible=(0.7, 1))
    job_breadth: int = par(1, "Functions per role where a structure names no roles; licensed "
                           "functions stay alone", unit="functions", ge=1, le=10,
                           plausible=(1, 4))


class Knowledge(Inputs):
    """What people learn, forget, and how much it matters (M4, M6)."""

    learning: bool = par(True, "Off: nobody learns or forgets, knowledge stays at its start")
    function_effect: float = par(0.6, "Extra time of a person without function knowledge (aF)",
                                 ge=0, le=100, plausible=(0, 1.5))
    product_effect: float = par(0.4, "Extra time without product knowledge (aP)", ge=0, le=100,
                                plausible=(0, 1.5))
    segment_effect: float = par(0.25, "Extra time without segment knowledge (aS)", ge=0, le=100,
                                plausible=(0, 1.5))
    learn_h: float = par(250.0, "Time constant of learning by doing (tauL)", unit="h", ge=POSITIVE,
                         le=1e9, plausible=(80, 800), source="F84")
    forget_h: float = par(1700.0, "Time constant of forgetting (tauG)", unit="h", ge=POSITIVE,
                           le=1e12, plausible=(300, 10000), source="F65")
    at_hire: float = par(0.2, "Knowledge of a new hire in every element (k0)", ge=0, le=1,
                         plausible=(0, 0.6))
    peer_transfer: float = par(0.0, "Share of the gap to the team's best that colleagues close in "
                               "a week, in every element", unit="1/week", ge=0, le=1,
                               plausible=(0, 0.05), source="assumption (M6)")


class HandOffs(Inputs):
    """What a transfer costs, as a function of distance alone (M3)."""

    latency_h: float = par(0.5, "Mean delay of a hand-off at distance 1 (tau1)", unit="h", ge=0,
                           le=1e5, plausible=(0.1, 8), source="F73, F21, assumption")
    latency_growth: float = par(2.0, "Factor on the delay per further step of distance (gam)",
                                unit="x", ge=1, le=100, plausible=(1.5, 4))
    read_in_h: float = par(0.04, "Work to read a case in, per unit of distance (c1)", unit="h",
                           ge=0, le=1e4, plausible=(0.01, 0.15))
    information_loss: float = par(0.03, "Share of information lost per unit of distance (del1)",
                                  ge=0, le=1, plausible=(0.01, 0.08), source="F72")
    familiarity_effect: float = par(0.4, "How much familiarity of two teams shortens distance "
                                    "(k_phi)", ge=0, le=1, plausible=(0, 0.7), source="F68")
    familiarity_handoffs: float = par(20.0, "Hand-offs a pair of people needs to become familiar",
                                      unit="hand-offs", ge=1, le=1e9)
    familiarity_decay_h: float = par(1000.0, "Time constant of losing familiarity", unit="h",
                                     ge=POSITIVE, le=1e12)
    sharing: float = par(0.0, "How freely information is shared: loss times 1 - 0.5 sharing", ge=0,
                         le=1)
    understanding: float = par(0.0, "How well people know the whole way of a case, not only their "
                               "own step: loss times 1 - 0.3 understanding", ge=0, le=1)
    intake_information: float = par(0.97, "Information a case carries at intake", ge=0, le=1)
    internal_tolerance_h: float = par(8.0, "Delay that halves what a unit thinks of a hand-off; "
                                      "acts on the internal service score alone", unit="h",
                                      ge=POSITIVE, le=1e6, plausible=(1, 40))


class Mistakes(Inputs):
    """Errors, who finds them, and rework (M7)."""

    enabled: bool = par(True, "Off: no errors at all")
    base: float = par(0.01, "Error probability of an informed expert (e0)", ge=0, le=1,
                      plausible=(0, 0.05))
    knowledge: float = par(0.10, "Added without knowledge (ek)", ge=0, le=1, plausible=(0, 0.3))
    information: float = par(0.30, "Added without information (eI)", ge=0, le=1,
                             plausible=(0, 0.8))
    found_inside: float = par(0.3, "Probability that the next person finds an error", ge=0, le=1)
    found_by_customer: float = par(0.9, "Probability that the customer finds a remaining error",
                                   ge=0, le=1)
    rework_share: float = par(0.7, "Work of redoing a step, as a share of its work", unit="x",
                              ge=0, le=10)
    reopen_delay_h: float = par(4.0, "Time until a customer's reopened case is back", unit="h",
                                ge=0, le=1e5)
    max_reopenings: int = par(3, "Reopenings after which a case is closed unresolved", ge=0, le=3)
    max_send_backs: int = par(3, "Send-backs after which nobody looks for errors", ge=0, le=3)


class Cover(Inputs):
    """Who may help whom (M5)."""

    minimum_proficiency: float = par(
        0.60, "Idle colleagues of the same unit take a visit they can do faster than this share "
        "of an expert's speed (pmin); 1 = strict specialists", ge=0, le=1, plausible=(0.4, 1))
    pooling: Literal["units", "single"] = par(
        "units", "single: one queue served by anybody, whatever the structure (a control)")


class Offering(Inputs):
    """How the firm's offering follows needs (M9, M10)."""

    mode: Literal["learned", "label_centre", "push", "pooled"] = par(
        "learned", "Offerings learn from the customers served, sit at the label's centre, "
        "follow the designers' own target, or (a control) are one for the whole firm: the mean "
        "need, and stay there")
    speed: float = par(0.25, "Monthly step towards the needs seen (eta_o)", unit="1/month", ge=0,
                       le=1, plausible=(0.05, 0.6))
    signal_survival: float = par(0.75, "Share of a signal that survives one level (rho)", ge=0,
                                 le=1, plausible=(0.5, 0.95), source="F88 (sign), assumption")
    direct_contact: float = par(0.1, "Share of information taken from customers directly (x)",
                                ge=0, le=1, plausible=(0, 0.6))
