"""What a scenario and its structures look like before any run, for people to read.

Owns: the plain records behind `orgsim describe`: load, charts, hand-offs, warnings. Never
does: print, or simulate. All loads are *nominal*: expert work of the steps themselves, without
beginners' slowness, set-up and rework, which a run adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import InfeasibleStructure
from sim.records import Floats, Ints, Layout, Workload
from sim.structures.cases import Cases, compile_cases
from sim.structures.catalogue import default_list
from sim.structures.layout import build
from sim.structures.presets import names, title
from sim.structures.routing import pool_teams, workload
from sim.structures.staffing import allocate, explicit_heads, functions_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class SegmentLine:
    """One segment as it brings work."""

    name: str
    share: float
    customers: float
    cases_per_month: float
    """Of all its customers together."""
    load: float
    """Erlangs of expert work."""
    labelled: float
    """Share of all customers who are believed to be of this segment."""


@dataclass(frozen=True)
class FunctionLine:
    """One function and the work that comes to it, whoever does it."""

    name: str
    load: float
    """Erlangs, a second product of the same visit at its factor."""
    offering: bool
    licensed: bool


@dataclass(frozen=True)
class PoolLine:
    """The staff of one role in a unit, with one queue."""

    name: str
    functions: tuple[str, ...]
    heads: int
    heads_exact: float
    """Share of all people by nominal work, in fractions of a person."""
    load: float
    """Offered expert work, Erlangs."""
    visits_per_h: float
    teams: int
    """Teams its people sit in."""


@dataclass(frozen=True)
class UnitLine:
    """One department."""

    name: str
    heads: int
    load: float
    teams: int
    largest_team: int
    leads: int
    """Team leads beside the head of the unit."""
    segments: tuple[str, ...]
    """Segments it is meant for; empty = all."""
    offerings: tuple[str, ...]
    """Products whose offering it holds."""
    tools: tuple[str, ...]
    """Functions it is equipped for."""
    pools: tuple[PoolLine, ...]


@dataclass(frozen=True)
class CaseLine:
    """What a case of one type meets: expectation over products and labels, no errors."""

    name: str
    visits: float
    handoffs: float
    """Transfers that change unit."""
    passes: float
    """Transfers inside a unit."""
    by_distance: tuple[float, ...]
    """Transfers at distance 0, 1, 2..."""


@dataclass(frozen=True)
class Chart:
    """One structure: who is where, what it expects, what is odd about it."""

    name: str
    title: str
    compared: bool
    """Stands in the default list of a comparison."""
    infeasible: str | None
    """Why it cannot be run; then everything below is empty."""
    heads: int = 0
    load: float = 0.0
    units: tuple[UnitLine, ...] = ()
    unit_heads: int = 0
    """Heads of units; the head of a single unit is the chief."""
    leads: int = 0
    layer_bosses: int = 0
    offerings: int = 0
    tools: int = 0
    flat: bool = False
    """So small that everybody works under the chief at distance 1."""
    cases: tuple[CaseLine, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    """A scenario and its structures before any run; plain values, ready for JSON."""

    scenario: str
    summary: str
    heads: int
    span: int
    load: float
    """Nominal offered load of the firm, Erlangs, products of a case done in one visit."""
    segments: tuple[SegmentLine, ...]
    functions: tuple[FunctionLine, ...]
    default: tuple[str, ...]
    """What a comparison takes when no structure is named, whatever is charted here."""
    structures: tuple[Chart, ...]


def describe(scenario: Scenario, structures: Sequence[str] | None = None) -> Description:
    """Describe a scenario.

    Args:
        scenario: The world.
        structures: Names to chart; default every structure that may be named.

    Raises:
        InputError: For an unknown or inconsistent structure, or explicit heads that do not fit.
    """
    cases = compile_cases(scenario)
    # [Y, S, F] work per hour: rate of the type in the segment, second product at its factor.
    rate = cases.type_probability[:, None] * cases.segment_rate
    products = 1.0 + cases.second_probability * cases.later_factor
    work = (rate * products)[:, :, None] * cases.work_h[:, None, :]
    compared = default_list(scenario)
    charts = tuple(_chart(scenario, name, name in compared)
                   for name in (names(scenario) if structures is None else structures))
    return Description(
        scenario=scenario.name,
        summary=scenario.summary,
        heads=scenario.staff.heads,
        span=scenario.staff.span,
        load=float(work.sum()),
        segments=_segments(scenario, cases, work.sum(axis=(0, 2))),
        functions=tuple(
            FunctionLine(name, float(load), f == scenario.offering_function, item.licensed)
            for f, ((name, item), load) in enumerate(
                zip(scenario.functions.items(), work.sum(axis=(0, 1)), strict=True))),
        default=tuple(compared),
        structures=charts,
    )


def _segments(scenario: Scenario, cases: Cases, load: Floats) -> tuple[SegmentLine, ...]:
    share = np.array([s.share for s in scenario.segments.values()])
    share = share / share.sum()
    there = share * [s.entered for s in scenario.segments.values()]
    there = there / there.sum()
    labelled = share @ cases.label_probability
    return tuple(
        SegmentLine(name, float(share[s]), float(there[s] * scenario.customers.count),
                    float(cases.segment_rate[s] * scenario.month_h), float(load[s]),
                    float(labelled[s]))
        for s, name in enumerate(scenario.segments))


def _chart(scenario: Scenario, name: str, compared: bool) -> Chart:
    try:
        layout = build(scenario, name)
    except InfeasibleStructure as error:
        return Chart(name, title(scenario, name), compared, error.reason)
    heads = explicit_heads(scenario, layout)
    nominal = workload(scenario, layout, heads)
    if heads is None:
        heads = allocate(nominal.pool_work_h, scenario.staff.heads)
    units = _units(scenario, layout, nominal, heads)
    return Chart(
        name=name,
        title=title(scenario, name),
        compared=compared,
        infeasible=None,
        heads=int(heads.sum()),
        load=float(nominal.pool_work_h.sum()),
        units=units,
        unit_heads=0 if layout.flat or len(units) == 1 else len(units),
        leads=sum(unit.leads for unit in units),
        layer_bosses=layout.layer_bosses,
        offerings=layout.offerings,
        tools=layout.tools,
        flat=layout.flat,
        cases=tuple(
            CaseLine(kind, float(nominal.visits[y]), float(nominal.handoffs[y]),
                     float(nominal.passes[y]), tuple(nominal.handoffs_by_distance[y].tolist()))
            for y, kind in enumerate(nominal.case_types)),
        notes=layout.notes,
        warnings=tuple(_warnings(units)),
    )


def _units(scenario: Scenario, layout: Layout, nominal: Workload,
           heads: Ints) -> tuple[UnitLine, ...]:
    functions, products = list(scenario.functions), list(scenario.products)
    segments = list(scenario.segments)
    quota = _quota(nominal.pool_work_h, int(heads.sum()))
    teams = pool_teams(layout, heads, scenario.staff.span)
    offering_unit = layout.pool_unit[layout.pool_of[scenario.offering_function]]
    lines = []
    for u, unit in enumerate(layout.units):
        pools = np.flatnonzero(layout.pool_unit == u)
        seats = np.concatenate([teams[pool] for pool in pools])
        n_teams = int(seats.max()) + 1 if len(seats) else 0
        meant = int(layout.unit_segments[u])
        masks = int(np.bitwise_or.reduce(layout.pool_functions[pools]))
        lines.append(UnitLine(
            name=unit,
            heads=int(heads[pools].sum()),
            load=float(nominal.pool_work_h[pools].sum()),
            teams=n_teams,
            largest_team=int(np.bincount(seats).max()) if len(seats) else 0,
            leads=max(n_teams - 1, 0),
            segments=() if meant == (1 << len(segments)) - 1 else tuple(
                name for s, name in enumerate(segments) if meant >> s & 1),
            offerings=tuple(name for p, name in enumerate(products)
                            if (offering_unit[p] == u).any()),
            tools=tuple(functions[f] for f in functions_of(masks)),
            pools=tuple(PoolLine(
                name=layout.pools[pool],
                functions=tuple(functions[f] for f in functions_of(layout.pool_functions[pool])),
                heads=int(heads[pool]),
                heads_exact=float(quota[pool]),
                load=float(nominal.pool_work_h[pool]),
                visits_per_h=float(nominal.pool_visits[pool]),
                teams=len(np.unique(teams[pool])),
            ) for pool in pools),
        ))
    return tuple(lines)


def _quota(work: Floats, heads: int) -> Floats:
    quota: Floats = heads * work / work.sum()
    return quota


def _warnings(units: Sequence[UnitLine]) -> list[str]:
    """Units and pools that cannot work as drawn."""
    found = []
    for unit in units:
        if not any(pool.visits_per_h > 0 for pool in unit.pools):
            found.append(f"unit {unit.name!r} owns nothing: no case ever needs it "
                         f"({_people(unit.heads)} without work)")
            continue
        for pool in unit.pools:
            if pool.visits_per_h <= 0:
                found.append(f"pool {pool.name!r} has no work: no case ever needs it")
            elif pool.load >= pool.heads:
                found.append(
                    f"pool {pool.name!r} cannot hold its load: {pool.load:.2f} Erlangs of expert "
                    f"work for {_people(pool.heads)}, before beginners' slowness, set-up and "
                    "rework")
    return found


def _people(n: int) -> str:
    return "1 person" if n == 1 else f"{n} people"
