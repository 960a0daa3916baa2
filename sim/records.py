"""The frozen rows that pass between rooms.

Owns: what one room tells another: a structure compiled to tables, the customers, the start,
the raw outcome of a run. Never does: compute anything that needs a scenario's parameters.

Index conventions, the same everywhere: functions f, products p, segments s, regions r, case
types y, units u and pools l are numbered in declared order; nothing is sorted by name.
A *unit* is a department; a *pool* is one role (set of functions) inside a unit, with one queue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """A structure compiled to integer tables (written by `structures`, read by the engine).

    F functions, P products, S segments (labels), R regions, U units, L pools.
    """

    structure: str
    units: tuple[str, ...]
    pools: tuple[str, ...]
    """Pool names, unique: "unit" if the unit has one pool, else "unit: function+function"."""
    pool_unit: Ints
    """[L] unit of each pool."""
    pool_functions: NDArray[np.int64]
    """[L] bit mask of the functions its people do."""
    pool_elements: Ints
    """[L] elements that define the pool (functions of its role and keys of its unit), 1 to 3."""
    pool_of: Ints
    """[F, P, S, R] pool that does a task, S being the segment by which the case is routed."""
    unit_segments: NDArray[np.int64]
    """[U] bit mask of segments the unit is meant for; all bits set if not keyed by segment."""
    unit_distance: Ints
    """[U, U] hand-off distance between people of two units: 0 on the diagonal (there the teams
    decide between 1 and 2), 3 under one boss, +1 per extra layer; 1 everywhere (also inside) in
    a firm of at most `span` people: then `flat` is True."""
    flat: bool
    """Firm of at most `span` people in all: every distance is 1."""
    layer_bosses: int
    """Heads between unit heads and the chief (0 while units fit under one boss)."""
    offerings: int
    """Distinct (unit, product) pairs that hold an offering."""
    tools: int
    """Distinct (unit, function) pairs."""
    second_units: tuple[str, ...] = ()
    """V units of a second tree (M26); empty: there is none."""
    pool_second: NDArray[np.bool_] | None = None
    """[L, V] the pool works for that unit of the second tree."""
    second_distance: Ints | None = None
    """[V, V] distance between units of the second tree, as `unit_distance`."""
    second_bosses: int = 0
    """Heads between those of the second units and the chief."""
    liaisons: tuple[tuple[int, ...], ...] = ()
    """Units joined by liaison roles: the first of a row with each of the others."""
    notes: tuple[str, ...] = ()
    """What the builder did that a reader should know (roles combined because heads < pools...)."""


@dataclass(frozen=True)
class Workload:
    """What a layout expects before any run: no errors, no notice, experts (by `structures`)."""

    pool_work_h: Floats
    """[L] offered expert work, hours per hour (Erlangs)."""
    pool_visits: Floats
    """[L] visits joining the queue per hour."""
    function_share: Floats
    """[L, F] share of the pool's work on each function (rows sum to 1, or 0 if no work)."""
    product_share: Floats
    """[L, P] likewise by product."""
    segment_share: Floats
    """[L, S] likewise by the customer's TRUE segment."""
    case_types: tuple[str, ...]
    handoffs: Floats
    """[Y] expected transfers that change unit, per case of each type."""
    passes: Floats
    """[Y] expected transfers inside a unit, per case."""
    visits: Floats
    """[Y] expected visits per case."""
    handoffs_by_distance: Floats
    """[Y, D] expected transfers per case at distance d = 0..D-1 (with heads as allocated)."""


@dataclass(frozen=True)
class Population:
    """Traits of customers: the same under every structure (written by `population`).

    Rows: first the N0 customers present at the start, then joiners of the base stream, then
    joiners by word of mouth. Traits depend on (seed, replication, row's own key) alone.
    """

    n_start: int
    n_base: int
    """Rows of the base stream; row N0 + j joins at `base_time[j]` if it is kept."""
    base_time: Floats
    segment: NDArray[np.int8]
    label: NDArray[np.int8]
    """Segment the firm believes in (the largest segment if unassignable)."""
    excluded: NDArray[np.bool_] = field(
        default_factory=lambda: np.zeros(0, dtype=np.bool_), kw_only=True)
    """Turned away for want of a label; empty where nobody is."""
    region: NDArray[np.int8]
    needs: NDArray[np.float32]
    """[N, P, K] need vector per product."""
    weights: NDArray[np.float32]
    """[N, 4] satisfaction weights: fit, speed, resolution, courtesy; rows sum to 1."""
    key: NDArray[np.uint64]
    """[N] entity key of each row (what all its draws hang on)."""


@dataclass(frozen=True)
class Start:
    """Where a structure starts: heads, knowledge, expectation (R4, R11, R45)."""

    heads: Ints
    """[L] people per pool."""
    quality: Floats | None = None
    """[S] mean quality in the last pilot round, None before there is one."""
    loyalty: Floats | None = None
    """[S] mean satisfaction in the last pilot round."""


@dataclass(frozen=True)
class Ledger:
    """Money per year of measured time (written by `accounting`, read by `metrics`).

    Costs balance: total = line + heads + units + hiring + people + empowerment + buffers
    + information + growth + change + concessions + promotion + commissions + gestures;
    profit = margin * revenue + extra - total.
    """

    line: float
    """Pay of filled positions of the line."""
    heads: float
    """Heads of units and teams, bosses of layers, the chief (R47)."""
    units: float
    """Upkeep of offerings and tools."""
    hiring: float
    """Replacing those who left."""
    information: float = field(default=0.0, kw_only=True)
    """Hours of analysis and bought data about customers."""
    people: float = field(default=0.0, kw_only=True)
    """Shares in profit and hours of recognition."""
    total: float
    revenue: float
    """From active customers."""
    profit: float
    """Margin on revenue minus total cost."""
    promotion: float = 0.0
    """Spent on winning customers by promotion; with commissions and gestures part of the total."""
    commissions: float = 0.0
    gestures: float = 0.0
    """Spent on keeping customers."""
    concessions: float = 0.0
    """Given to customers who were disappointed; part of the total."""
    extra: float = 0.0
    """Unexpected charges and used weakness: income that is all margin."""
    margin: float = 0.0
    """Share of revenue that is left before the costs above."""
    empowerment: float = 0.0
    """Concessions and discounts nobody intended; part of the total."""
    buffers: float = 0.0
    """Reserve capacity held and used, and stock."""
    growth: float = 0.0
    """Expansions paid for."""
    change: float = 0.0
    """One-off cost of changes of structure."""


@dataclass(frozen=True)
class Stage:
    """A structure that was given up during a run, and the sums of its time in the window."""

    layout: Layout
    until_h: float
    """Hours from the start of measuring."""
    units: NDArray[Any]
    """[U] structured (dtype `state.UNIT_TOTALS`)."""
    pools: NDArray[Any]
    """[L] structured (dtype `state.POOL_TOTALS`)."""
    journey_rows: int = 0
    """Rows of the journey log written under it or before."""


@dataclass(frozen=True)
class CustomerOutcome:
    """Per customer present at the start of measuring (rows 0..N0-1 of the population)."""

    segment: NDArray[np.int8]
    cases: NDArray[np.int32]
    """Cases closed in the window."""
    satisfaction_sum: Floats
    """Sum of satisfaction (0-1) over those cases."""
    left: NDArray[np.bool_]
    """Left the firm in the window."""


@dataclass(frozen=True)
class RunResult:
    """Outcome of one run: one structure, one replication. Raw sums and the metrics made of them."""

    structure: str
    replication: int
    seed: int
    warm_up_h: float
    window_h: float
    """Measured time, working hours."""
    metrics: dict[str, float | None]
    """Metric id to value; None where there is nothing to average. Ids: metrics/registry.py."""
    heads: Ints
    """[L] people per pool at the start; at the end, if the structure changed on the way."""
    layout: Layout
    """The structure at the end; `past` holds those given up on the way."""
    totals: Any
    """Structured scalar: sums in the window (dtype `state.TOTALS`)."""
    segments: NDArray[Any]
    """[S] structured: sums in the window by segment (dtype `state.SEGMENT_TOTALS`)."""
    units: NDArray[Any]
    """[U] structured: sums in the window by unit (dtype `state.UNIT_TOTALS`)."""
    pools: NDArray[Any]
    """[L] structured: sums in the window by pool (dtype `state.POOL_TOTALS`)."""
    series: dict[str, Any] = field(repr=False)
    """Per period, over the whole run incl. warm-up, all numpy arrays: `time` [T] (end of period,
    hours from the start of measuring, <= 0 in warm-up), `totals` [T], `segments` [T, S], `units`
    [T, U]: structured, *differences* per period except stocks (see state.py: names in STOCKS)."""
    customers: CustomerOutcome = field(repr=False)
    unstable: bool = False
    """This single run's backlog grows (batch means over ten blocks); the experimenter decides
    over replications."""
    overloaded_pools: tuple[str, ...] = ()
    """Pools whose offered work reached their capacity in the window."""
    distances: NDArray[np.int64] | None = None
    """[MAX_DISTANCE] transfers in the window by distance; half ones count as the next whole."""
    service: NDArray[Any] | None = field(default=None, repr=False)
    """[U, U] hand-offs in the window from one unit (row) to another: `n`, and sums of the
    `information` that arrived and of the `delay_h` (dtype `engine.arrays.SERVICE`)."""
    error_map: Floats | None = field(default=None, repr=False)
    """[F, P, cause] errors in the window: other, want of knowledge, of information, a fault; empty
    while the module `faults` is off."""
    past: tuple[Stage, ...] = ()
    """Structures given up in the run, in order. `units`, `pools` and the series of units are those
    of `layout`: what persists has its whole past, what is new begins with the change."""
    journey: NDArray[Any] | None = field(default=None, repr=False)
    """Rows of the customer who was followed (dtype `engine.arrays.JOURNEY`)."""
    case_log: NDArray[Any] | None = field(default=None, repr=False)
    """One row per closed case, if asked for (dtype `engine.arrays.CASE_LOG`)."""


@dataclass(frozen=True)
class Failure:
    """A run that failed: data, never a number."""

    structure: str
    replication: int
    stage: str
    type: str
    message: str
