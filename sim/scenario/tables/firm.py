"""Staff, money, time, structures, and what is compared.

Owns: these tables of a scenario file. Never does: check one key against another.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.scenario.fields import (
    POSITIVE,
    Duration,
    Inputs,
    Names,
    People,
    Rows,
    Table,
    Weight,
    par,
)


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
    second: Table[Names | str] = par(
        {}, "Keys, as in `group`, of a second tree: everybody also answers to its bosses "
        "(a matrix)")
    liaisons: Rows = par(
        (), "Sets of unit names joined by liaison roles, which shorten the distance between them")


class Compare(Inputs):
    """What `orgsim compare` does when nothing else is asked."""

    structures: Names = par((), "Structures to compare; empty = every preset the scenario can "
                            "express, without undivided in firms above two spans")
    replications: int = par(20, "Replications per structure", ge=2, le=100_000)


class Objective(Inputs):
    """Weights that make one winner; without them the verdict names the undominated."""

    weights: Table[Weight] = par({}, "Weight of a metric per smallest difference that matters")
