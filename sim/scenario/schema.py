"""The inputs of a scenario: the only home of every default, unit, bound, range and source.

Owns: the shape of a scenario file, key by key. The documentation tables, the JSON schema,
`orgsim describe` and error messages are generated from these fields; no other file writes a
default down. Never does: read files, follow overlays, or check one key against another
(`loading`, `checks`).

Bounds (`ge`, `le`) are mathematical and include the neutral value of each mechanism.
`plausible` is the range a reader may believe in; outside it is a note, not an error.
`source` names a fact of the literature or says "assumption".
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.scenario.fields import (
    POSITIVE,
    Duration,
    Hours,
    Inputs,
    Names,
    People,
    Rows,
    Table,
    Weight,
    par,
)
from sim.scenario.units import HOURS_PER_DAY as HOURS_PER_DAY
from sim.scenario.units import HOURS_PER_MONTH as HOURS_PER_MONTH
from sim.scenario.units import HOURS_PER_WEEK as HOURS_PER_WEEK
from sim.scenario.units import HOURS_PER_YEAR as HOURS_PER_YEAR

SCHEMA_VERSION = 1

MODEL_VERSION = 1
"""Raised whenever the same scenario and seed give other numbers than before (see CHANGELOG)."""


class Customers(Inputs):
    """Who calls, and how often."""

    count: int = par(1000, "Customers at the start", unit="customers", ge=1, le=10_000_000)
    cases_per_month: float = par(
        1.0, "Cases per customer and month, before the segment's volume factor",
        unit="cases/month", ge=POSITIVE, le=1000, plausible=(0.05, 4),
    )
    second_product: float = par(
        0.30, "Probability that a case concerns a second, different product (m2)",
        ge=0, le=1, plausible=(0, 0.8),
    )


class Segment(Inputs):
    """One customer segment."""

    share: float = par(..., "Share of all customers; the shares of all segments sum to 1",
                       ge=POSITIVE, le=1)
    volume: float = par(1.0, "Factor on the case rate of its customers", unit="x", ge=POSITIVE,
                        le=1000, plausible=(0.2, 5))
    need_spread: float = par(
        1.0, "Factor on the standard deviation of individual needs around the segment's centre",
        unit="x", ge=0, le=100, plausible=(0.5, 2),
    )
    patience: float = par(
        1.0, "Factor on the tolerated response time and on telephone patience", unit="x",
        ge=POSITIVE, le=1000, plausible=(0.5, 2),
    )
    value: float = par(1800.0, "Mean revenue of a customer", unit="money/year", ge=0, le=1e12)
    expectation: float = par(0.65, "Expected quality of a new customer, E(0)", ge=0, le=1,
                             plausible=(0.5, 0.8), source="assumption (M11)")
    priority: int = par(0, "Added to the priority of its cases; a higher class is served first",
                        unit="class", ge=0, le=9)
    products: Table[Weight] = par(
        {}, "Weight of each product in its cases; products left out weigh 0; empty = the "
        "products' own weights", unit="weight",
    )
    churn_max: float | None = par(None, "Overrides market.churn_max for this segment",
                                  unit="1/month", ge=0, le=1)
    switching_cost: float | None = par(None, "Overrides market.switching_cost", ge=-5, le=5)
    outside_option: float | None = par(None, "Overrides market.outside_option", ge=-5, le=5)


class Product(Inputs):
    """One product or service line."""

    weight: float = par(1.0, "Relative frequency in cases", unit="weight", ge=POSITIVE, le=1e6)


class Region(Inputs):
    """One region; customers live in exactly one."""

    share: float = par(..., "Share of all customers; the shares of all regions sum to 1",
                       ge=POSITIVE, le=1)


class Function(Inputs):
    """One function: a kind of work and the knowledge it needs."""

    work_h: float = par(..., "Mean work of an expert on one step for one product", unit="h",
                        ge=POSITIVE, le=1e5, plausible=(0.05, 8))
    front: bool = par(False, "Belongs to the front in the preset front-back")
    licensed: bool = par(False, "Only its own staff may do it: never covered by others")
    offering: bool = par(
        False, "Holds the offering (the firm's answer to needs); exactly one function does; "
        "default the second declared (the only one if there is one)")
    spread: float | None = par(None, "Overrides work.spread for this function", ge=0, le=20)
    cover: float | None = par(None, "Overrides cover.minimum_proficiency for this function",
                              ge=0, le=1)


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
    tolerance_h: float | None = par(
        None, "Tolerated response time T*; default by channel: email 16 h, phone 0.1 h, chat 2 h, "
        "project 80 h", unit="h", ge=POSITIVE, le=1e6, source="assumption (M11)")
    patience_h: float = par(0.12, "Mean patience of phone cases while waiting for the first visit "
                            "(theta)", unit="h", ge=POSITIVE, le=1e6, plausible=(0.05, 0.5))
    priority: int = par(0, "Priority class; a higher one is served first", unit="class",
                        ge=0, le=9)


class Needs(Inputs):
    """How much customers differ, and between whom (M8)."""

    dimensions: int = par(3, "Dimensions of the need vector", ge=1, le=10)
    variance: float = par(0.61, "Total variance of needs per dimension", ge=0, le=100)
    segment_share: float = par(0.36, "Share of that variance between segments (eta_s)", ge=0,
                               le=1, plausible=(0, 0.7))
    product_share: float = par(0.10, "Share between products (eta_p)", ge=0, le=1,
                               plausible=(0, 0.5))
    interaction_share: float = par(0.10, "Share between segment-product cells (eta_sp)", ge=0,
                                   le=1, plausible=(0, 0.5))
    fit_width: float = par(2.0, "Tolerance of fit to the distance between need and offering "
                           "(omega squared)", ge=POSITIVE, le=1e6, plausible=(1, 4))


class Labels(Inputs):
    """How well the firm knows which segment a customer belongs to (M8)."""

    accuracy: float = par(0.75, "Probability that the label is the true segment (q)", ge=0, le=1,
                          plausible=(0.35, 1), source="F54")
    unassignable: float = par(0.02, "Share of customers without a label, routed as the largest "
                              "segment (u)", ge=0, le=1, plausible=(0, 0.1))
    notice: float = par(0.2, "Probability per visit that a wrong segment unit notices and the "
                        "rest of the case is routed by the true segment", ge=0, le=1,
                        plausible=(0, 0.5))


class Work(Inputs):
    """Time a step takes (M4)."""

    distribution: Literal["lognormal", "exponential", "deterministic"] = par(
        "lognormal", "Distribution of work around its mean", source="F60")
    spread: float = par(1.0, "Coefficient of variation of lognormal work", ge=0, le=20,
                        plausible=(0.6, 1.4), source="F60")
    second_product_factor: float = par(0.85, "Work of the second product of a function in the "
                                       "same visit (b)", unit="x", ge=0, le=10,
                                       plausible=(0.7, 1))


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
    intake_information: float = par(0.97, "Information a case carries at intake", ge=0, le=1)


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

    mode: Literal["learned", "label_centre"] = par(
        "learned", "Offerings learn from the customers served, or sit at the label's centre")
    speed: float = par(0.25, "Monthly step towards the needs seen (eta_o)", unit="1/month", ge=0,
                       le=1, plausible=(0.05, 0.6))
    signal_survival: float = par(0.75, "Share of a signal that survives one level (rho)", ge=0,
                                 le=1, plausible=(0.5, 0.95), source="F88 (sign), assumption")
    direct_contact: float = par(0.1, "Share of information taken from customers directly (x)",
                                ge=0, le=1, plausible=(0, 0.6))


class Satisfaction(Inputs):
    """Quality, expectation, satisfaction (M11)."""

    weight_fit: float = par(0.35, "Weight of fit", ge=0, le=1)
    weight_speed: float = par(0.25, "Weight of speed", ge=0, le=1)
    weight_resolution: float = par(0.20, "Weight of resolution", ge=0, le=1)
    weight_courtesy: float = par(0.20, "Weight of courtesy", ge=0, le=1)
    concentration: float = par(20.0, "How alike customers' weights are; 0 = the same for all",
                               ge=0, le=1e6)
    courtesy: float = par(0.75, "Courtesy of staff", ge=0, le=1)
    reopening_factor: float = par(0.7, "Factor on resolution per reopening", unit="x", ge=0, le=1)
    gain: float = par(0.10, "Effect of quality above expectation (b+)", ge=0, le=10,
                      plausible=(0, 0.5), source="F26")
    loss: float = par(0.60, "Effect of quality below expectation (b-)", ge=0, le=10,
                      plausible=(0.25, 1), source="F26")
    expectation_speed: float = par(0.10, "Step of expectation towards quality per case (eta_E)",
                                   ge=0, le=1, plausible=(0.02, 0.3))
    expectation_drift: float = par(0.02, "Monthly step of expectation back to the market's level",
                                   unit="1/month", ge=0, le=1, source="F27")
    expectation_start: Literal["equilibrium", "given"] = par(
        "equilibrium", "Customers present at the start expect what they are used to, or E(0)")


class Market(Inputs):
    """Loyalty, leaving and joining (M12, M14, M21 inflow, M23's one number)."""

    churn_max: float = par(0.10, "Upper limit of the monthly probability of leaving; 0 = captive "
                           "customers, no inflow", unit="1/month", ge=0, le=1,
                           plausible=(0.02, 0.2))
    steepness: float = par(10.0, "Steepness of leaving in loyalty (b)", ge=0, le=1000,
                           plausible=(5, 15))
    switching_cost: float = par(0.15, "Cost of switching (k_sw)", ge=-5, le=5, plausible=(0, 0.5))
    outside_option: float = par(0.65, "Attractiveness of competitors (C)", ge=-5, le=5,
                                plausible=(0.5, 0.8))
    loyalty_start: float = par(0.70, "Loyalty of a joiner, and the level that sets the inflow",
                               ge=0, le=1)
    loyalty_step: float = par(0.05, "Smallest step of loyalty towards satisfaction per case",
                              ge=0, le=1, source="F33")
    inflow: bool = par(True, "New customers join")
    prospects: int | None = par(None, "Prospects in the market; default the customers at the "
                                "start", unit="people", ge=1, le=100_000_000)
    delighted: float = par(0.8, "Satisfaction from which a customer praises", ge=0, le=1)
    angry: float = par(0.5, "Satisfaction below which a customer complains to others", ge=0, le=1)
    tell_delighted: float = par(0.41, "Probability of telling one person, delighted", ge=0, le=1,
                                source="F45")
    tell_angry: float = par(0.74, "Probability of telling others, angry", ge=0, le=1, source="F45")
    tell_neutral: float = par(0.20, "Probability of telling one person, between", ge=0, le=1)
    angry_audience: int = par(5, "People an angry customer tells", unit="people", ge=0, le=50,
                              source="F45")
    convert: float = par(0.04, "Probability that praise wins a prospect", ge=0, le=1,
                         plausible=(0.01, 0.125), source="F41")
    block: float = par(0.11, "Probability that a warning removes a prospect for a while", ge=0,
                       le=1, source="F40")
    block_months: float = par(6.0, "How long such a prospect stays away", unit="months",
                              ge=POSITIVE, le=1200)


class Staff(Inputs):
    """People, teams, and how heads are given to pools (M2, M16 turnover, M24)."""

    heads: int = par(26, "People at work, without heads of units and teams", unit="people", ge=1,
                     le=100_000)
    span: int = par(8, "People per team, and units per layer", unit="people", ge=2, le=1000,
                    plausible=(5, 12))
    availability: float = par(1.0, "Share of paid time at work; divides cost only", ge=0.01, le=1)
    pools: Table[Table[People]] = par(
        {}, "Explicit heads: for a structure, heads by pool name (see `orgsim describe`)",
        unit="people")
    rebalance: bool = par(True, "Weekly moves of people to where the work is")
    rebalance_share: float = par(0.05, "Most moves a week, as a share of heads", ge=0, le=1)
    rebalance_weeks: int = par(4, "Weeks of measured work behind a move", unit="weeks", ge=1,
                               le=52)
    rebalance_threshold: float = par(0.75, "Least surplus and deficit, in heads, that moves "
                                     "anybody", unit="heads", ge=0, le=1000)
    quit_rate: float = par(0.0, "Hazard of leaving the firm (h0)", unit="1/year", ge=0, le=50,
                           plausible=(0.05, 0.5), source="F81, F82, F95")
    vacancy_h: float = par(240.0, "Vacancy of a post that asks for no special profile", unit="h",
                           ge=0, le=1e5, source="assumption (M16)")
    vacancy_narrowness: float = par(1.0, "Added share of vacancy for a profile of three elements",
                                    ge=0, le=100)
    target_response_h: float = par(12.0, "Service target of equal-service staffing: mean response",
                                   unit="h", ge=POSITIVE, le=1e6)


class Money(Inputs):
    """Pay, fixed costs, margin (M20 fixed costs, M24)."""

    pay: float = par(20.0, "Pay of the line", unit="money/h", ge=0, le=1e9)
    loading: float = par(1.43, "Employer cost per unit of pay", unit="x", ge=0, le=100,
                         source="F85")
    head_factor: float = par(1.6, "Pay of a head of unit or team, relative to the line", unit="x",
                             ge=0, le=100)
    offering_fte: float = par(0.05, "Upkeep of one offering (unit, product)", unit="FTE", ge=0,
                              le=1000, plausible=(0.01, 0.3))
    tool_fte: float = par(0.03, "Tools of one (unit, function)", unit="FTE", ge=0, le=1000)
    replacement: float = par(0.20, "Cost of a hire, share of annual pay", ge=0, le=10,
                             source="F83")
    margin: float = par(0.3, "Margin on revenue before line cost", ge=0, le=1,
                        plausible=(0.05, 0.6))


class Time(Inputs):
    """Warm-up, horizon, period; all in working time."""

    warm_up: Duration = par("2080 h", "Not measured; nobody churns or joins", unit="duration",
                            ge=0, le=1e7)
    horizon: Duration = par("12 months", "Measured time, counted from the end of warm-up",
                            unit="duration", ge=POSITIVE, le=1e7)
    period: Duration = par("1 week", "One step of the model", unit="duration", ge=POSITIVE, le=1e6)


class Unit(Inputs):
    """An explicit unit: it owns every task in the product of its lists (empty = all)."""

    name: str = par(..., "Name of the unit", min_length=1, max_length=80)
    functions: Names = par((), "Functions it does")
    products: Names = par((), "Products it serves")
    segments: Names = par((), "Segments it serves (by label)")
    regions: Names = par((), "Regions it serves")


Units = Annotated[tuple[Unit, ...], Field(strict=False)]
KEYS = ("all", "function", "product", "segment", "region")
"""Grouping keys a structure may use for a function; a list of them crosses keys."""


class Structure(Inputs):
    """A structure: for each function, the key by which its units are formed."""

    title: str = par("", "Name shown to readers", max_length=80)
    group: Table[Names | str] = par(
        {}, "For each function a key: function, product, segment, region, all, or a list of keys "
        "to cross; `rest` stands for the functions not named")
    roles: Rows = par(
        (), "Sets of functions done by the same people; default one role per function")
    units: Units = par(
        (), "Explicit units instead of `group`: together they own every task exactly once")


class Compare(Inputs):
    """What `orgsim compare` does when nothing else is asked."""

    structures: Names = par((), "Structures to compare; empty = every preset the scenario can "
                            "express, without undivided in firms above two spans")
    replications: int = par(20, "Replications per structure", ge=2, le=100_000)


class Objective(Inputs):
    """Weights that make one winner; without them the verdict names the undominated."""

    weights: Table[Weight] = par({}, "Weight of a metric per smallest difference that matters")


class Scenario(Inputs):
    """One world: customers, work, staff, market, and the structures to compare."""

    schema_version: Literal[1] = par(..., "Version of this file format")
    name: str = par(..., "Title of the scenario", min_length=1, max_length=120)
    summary: str = par("", "What it is about", max_length=2000)
    seed: int = par(1, "Root seed", ge=0, le=2**63 - 1)
    customers: Customers = par(Customers(), "Who calls")
    segments: Table[Segment] = par({"everyone": Segment(share=1.0)}, "Customer segments")
    products: Table[Product] = par({"service": Product()}, "Products")
    regions: Table[Region] = par({"everywhere": Region(share=1.0)}, "Regions")
    functions: Table[Function] = par(..., "Functions, in the order of work")
    case_types: Table[CaseType] = par({"request": CaseType()}, "Kinds of cases")
    needs: Needs = par(Needs(), "Needs")
    labels: Labels = par(Labels(), "Labels")
    work: Work = par(Work(), "Work")
    knowledge: Knowledge = par(Knowledge(), "Knowledge")
    handoffs: HandOffs = par(HandOffs(), "Hand-offs")
    mistakes: Mistakes = par(Mistakes(), "Errors and rework")
    cover: Cover = par(Cover(), "Cross-cover")
    offering: Offering = par(Offering(), "Offerings")
    satisfaction: Satisfaction = par(Satisfaction(), "Satisfaction")
    market: Market = par(Market(), "Market")
    staff: Staff = par(Staff(), "Staff")
    money: Money = par(Money(), "Money")
    time: Time = par(Time(), "Time")
    compare: Compare = par(Compare(), "Comparison")
    objective: Objective = par(Objective(), "Objective")
    structures: Table[Structure] = par({}, "The user's own structures")
    overlays: dict[str, dict[str, Any]] = par({}, "Named changes to this scenario")

    @property
    def offering_function(self) -> int:
        """Index of the function that holds the offering."""
        marked = [i for i, f in enumerate(self.functions.values()) if f.offering]
        return marked[0] if marked else min(1, len(self.functions) - 1)

    @property
    def month_h(self) -> float:
        """Working hours in a month."""
        return HOURS_PER_MONTH


CHANNEL_TOLERANCE_H = {"email": 16.0, "phone": 0.1, "chat": 2.0, "project": 80.0}
"""Tolerated response time T* by channel (assumption (M11))."""
