"""What of a run's arrays belongs to a structure: its pools, units, teams and their sums.

Owns: filling the arrays whose length is a number of pools, units or teams, all of them empty of
people and cases. Never does: seat anybody, or know customers. `pack` starts a run with them, and
`reorganise` puts new ones in the place of the old.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.behaviours.sensing import report_delay
from sim.behaviours.turnover import vacancy_hours
from sim.engine import arrays as a
from sim.engine.fault_records import FAULT
from sim.jit import plain
from sim.population import design
from sim.population import start as starts
from sim.records import Ints, Layout, Workload
from sim.scenario.units import HOURS_PER_MONTH, HOURS_PER_WEEK
from sim.state import POOL_TOTALS, UNIT_TOTALS
from sim.structures.second import joined, pool_distances

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def teaches(scenario: Scenario) -> bool:
    """Do colleagues teach each other?"""
    return scenario.knowledge.peer_transfer > 0 and scenario.knowledge.learning


def pool_records(scenario: Scenario, layout: Layout, workload: Workload, heads: Ints,
                 mix: NDArray[Any]) -> NDArray[Any]:
    """Pools as records [L], with as many posts, all filled, as they have heads."""
    n_pools = len(layout.pools)
    functions = list(scenario.functions.values())
    pools = np.zeros(n_pools, dtype=a.POOL)
    for region in range(layout.pool_of.shape[3]):
        here = np.unique(layout.pool_of[..., region])
        pools["regions"][here] |= 1 << region
    if layout.pool_second is not None:  # one more tree (M26)
        pools["coordination"] = scenario.matrix.coordination_h / HOURS_PER_WEEK
        if scenario.matrix.clash:
            pools["contested"] = np.where(layout.pool_second.sum(axis=1) > 1, 2, 1)
    pools["unit"] = layout.pool_unit
    pools["queue"] = 0 if scenario.cover.pooling == "single" else np.arange(n_pools)
    pools["functions"] = layout.pool_functions
    pools["posts"] = heads
    pools["filled"] = heads
    pools["idle_head"] = -1
    pools["idle_tail"] = -1
    own_cover = [
        1.0 if f.licensed else scenario.cover.minimum_proficiency if f.cover is None else f.cover
        for f in functions
    ]
    effects = (scenario.knowledge.function_effect, scenario.knowledge.product_effect,
               scenario.knowledge.segment_effect)
    widths = np.repeat(effects, (len(functions), len(scenario.products), len(scenario.segments)))
    knowledge = starts.knowledge(scenario, workload)
    for pool in range(n_pools):
        does = [f for f in range(len(functions)) if int(layout.pool_functions[pool]) >> f & 1]
        pools[pool]["cover"] = max(own_cover[f] for f in does)
        pools[pool]["licensed"] = any(functions[f].licensed for f in does)
        pools[pool]["vacancy_h"] = vacancy_hours(
            scenario.staff.vacancy_h, scenario.staff.vacancy_narrowness,
            int(layout.pool_elements[pool]),
        )
        pools[pool]["reached"] = scenario.orientation.reach == "everybody" or any(
            functions[f].front for f in does)
        pools[pool]["attitude"] = np.mean([
            scenario.orientation.start if functions[f].orientation is None
            else functions[f].orientation for f in does])
        slow = 1.0 + float(np.sum(widths * mix[pool] * (1.0 - knowledge[pool])))
        pools[pool]["usual"] = 1.0 / slow
        if workload.pool_visits[pool] > 0:
            pools[pool]["expected_touch"] = (
                workload.pool_work_h[pool] / workload.pool_visits[pool] * slow
            )
    return pools


def fault_rows(scenario: Scenario, layout: Layout) -> NDArray[Any]:
    """Faults [U, F, P] of a firm without any; nothing while the module is off."""
    if not scenario.faults.enabled:
        return np.zeros((0, 0, 0), dtype=FAULT)
    return np.zeros((len(layout.units), *layout.pool_of.shape[:2]), dtype=FAULT)


def months_ahead(scenario: Scenario, layout: Layout) -> int:
    """Months that news of needs may be on its way, the present one included; 0 = no sensing."""
    sensing = scenario.sensing
    if not sensing.enabled:
        return 0
    levels = max(2, int(layout.unit_distance.max()))
    slow = plain(report_delay)(levels, scenario.offering.direct_contact, sensing.report_h)
    return int((slow + sensing.decision_h) / HOURS_PER_MONTH) + 2


def places(scenario: Scenario, layout: Layout, workload: Workload, heads: Ints, *, ranks: int,
           snapshots: int) -> dict[str, NDArray[Any]]:
    """The arrays of a structure by name, in a firm where nothing has happened yet.

    Args:
        scenario: The world's parameters.
        layout: The structure as tables.
        workload: What it expects (nominal task mix, expected touch).
        heads: [L] people per pool.
        ranks: Priority classes.
        snapshots: Number of times at which sums are copied.
    """
    n_pools, n_units = len(layout.pools), len(layout.units)
    n_people = int(heads.sum())
    rows = len(scenario.products) * scenario.design.variants
    months = months_ahead(scenario, layout)
    mix = np.ascontiguousarray(np.concatenate(
        [workload.function_share, workload.product_share, workload.segment_share], axis=1
    ))
    pools = pool_records(scenario, layout, workload, heads, mix)
    # Licensed work takes only people of its own kind (R2).
    movable = (pools["licensed"] == 0)[None, :] | (
        pools["functions"][:, None] == pools["functions"][None, :]
    )
    units = np.zeros(n_units, dtype=a.UNIT)
    for unit in range(n_units):
        of_unit = np.flatnonzero(layout.pool_unit == unit)
        units[unit]["first_pool"] = of_unit[0]
        units[unit]["end_pool"] = of_unit[-1] + 1
        units[unit]["posts"] = int(heads[of_unit].sum())
        units[unit]["segments"] = int(layout.unit_segments[unit])
        units[unit]["liaisons"] = sum(row.count(unit) for row in layout.liaisons)
    most_teams = n_pools + n_people // scenario.staff.span + 2
    n_teams = 2 * n_pools + n_people // scenario.staff.span + n_units + 4
    teams = np.zeros(n_teams, dtype=a.TEAM)
    teams["unit"] = -1
    two_lines = layout.pool_second is not None and scenario.matrix.clash
    lines = np.zeros((n_pools, 2 * ranks if two_lines else ranks), dtype=a.LINE)
    lines["head"] = -1
    lines["tail"] = -1
    return {
        "pool_of": np.ascontiguousarray(layout.pool_of, dtype=np.int64),
        "unit_distance": np.ascontiguousarray(layout.unit_distance, dtype=np.int64),
        "second_distance": pool_distances(layout, heads, scenario.staff.span),
        "joined": joined(layout),
        "service": np.zeros((n_units, n_units), dtype=a.SERVICE),
        "movable": movable,
        "mix": mix,
        "pools": pools,
        "units": units,
        "lines": lines,
        "teams": teams,
        "team_of": np.full((n_units, most_teams), -1, dtype=np.int64),
        "team_pools": np.zeros((n_pools, n_teams), dtype=np.int64),
        "pairs": np.zeros((n_teams, n_teams), dtype=a.PAIR),
        "circle": np.zeros((4, max(n_teams, n_units) if scenario.orientation.enabled else 0)),
        "masters": np.zeros((n_teams if teaches(scenario) else 0, mix.shape[1])),
        "need_sum": np.zeros((n_units, rows, scenario.needs.dimensions)),
        "offerings": np.zeros((n_units, rows), dtype=a.OFFERING),
        "latent": np.zeros((n_units, rows), dtype=a.LATENT),
        "holds": design.holders(scenario, layout),
        "faults": fault_rows(scenario, layout),
        "reports": np.zeros((months, n_units, rows, scenario.needs.dimensions + 2)),
        "served": np.zeros((n_units, rows if months else 0, scenario.needs.dimensions + 1)),
        "weeks": np.zeros((scenario.staff.rebalance_weeks + 1, n_pools, 3)),
        "desk": np.zeros((4, n_pools)),
        "roll": np.zeros((3, max(n_people, n_pools)), dtype=np.int64),
        "unit_totals": np.zeros(n_units, dtype=UNIT_TOTALS),
        "pool_totals": np.zeros(n_pools, dtype=POOL_TOTALS),
        "unit_snapshots": np.zeros((snapshots, n_units), dtype=UNIT_TOTALS),
        "pool_snapshots": np.zeros((snapshots, n_pools), dtype=POOL_TOTALS),
    }
