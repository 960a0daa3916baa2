"""How many people each pool gets (R3, R4, R41).

Owns: the largest-remainder allocation, explicit heads of a scenario file, and the combination
of functions into roles where a unit has fewer people than pools. Never does: measure work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import Fault, InputError, nearest
from sim.records import Floats, Ints, Layout

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def allocate(work: Floats, heads: int, least: Ints | None = None) -> Ints:
    """Whole people per pool by largest remainder on work, at least `least` each (R41).

    Pools whose quota is below their least get it and leave; quotas are recomputed among the
    rest until none is below; then floors and the largest remainders, ties to the lowest index.

    Args:
        work: [n] offered work, any unit, not negative; all zero counts as all equal.
        heads: People to give out.
        least: [n] lower bound of each pool; default 1.

    Returns:
        [n] people, summing to `heads`.

    Raises:
        ValueError: If `heads` is below the sum of the lower bounds.
    """
    work = np.asarray(work, dtype=np.float64)
    floor = np.ones(len(work), np.int64) if least is None else np.asarray(least, np.int64)
    if heads < floor.sum():
        raise ValueError(f"{heads} people cannot fill {len(work)} pools ({floor.sum()} needed)")
    weight = work if work.sum() > 0 else np.ones_like(work)
    given = np.zeros(len(work), np.int64)
    open_ = np.ones(len(work), bool)
    while open_.any():
        left = heads - given.sum()
        quota = np.where(open_, left * weight / weight[open_].sum(), 0.0)
        short = open_ & (quota < floor)
        if not short.any():
            given[open_] = np.floor(quota[open_])
            # Rounded, so that pools equal but for the order of a sum count as tied.
            remainder = np.where(open_, np.round(quota - given, 9), -1.0)
            given[np.argsort(-remainder, kind="stable")[: heads - given.sum()]] += 1
            break
        given[short] = floor[short]
        open_ &= ~short
    return given.astype(np.int32)


def explicit_heads(scenario: Scenario, layout: Layout) -> Ints | None:
    """Heads per pool [L] that the scenario writes down for this structure, or None.

    Raises:
        InputError: For unknown or missing pools, or a sum that is not `staff.heads`.
    """
    table = scenario.staff.pools.get(layout.structure)
    if not table:
        return None
    key = f"staff.pools.{layout.structure}"
    faults = []
    for name in table:
        if name not in layout.pools:
            close = nearest(name, layout.pools)
            faults.append(Fault(scenario.name, f"{key}.{name}", "no such pool; the pools are "
                                + ", ".join(layout.pools),
                                f"did you mean {close}?" if close else ""))
    faults += [Fault(scenario.name, key, f"says nothing about the pool {name!r}")
               for name in layout.pools if name not in table]
    if not faults and sum(table.values()) != scenario.staff.heads:
        faults.append(Fault(scenario.name, key, f"sums to {sum(table.values())} people, but "
                            f"staff.heads is {scenario.staff.heads}"))
    if faults:
        raise InputError(faults)
    return np.array([table[name] for name in layout.pools], dtype=np.int32)


def least_roles(roles: Sequence[int], licensed: int) -> int:
    """Fewest roles a unit can be reduced to: licensed ones stay, the others may become one."""
    free = sum(1 for role in roles if not role & licensed)
    return len(roles) - free + min(free, 1)


def combine_roles(
    roles: Sequence[int], work: Floats, people: int, licensed: int
) -> tuple[int, ...]:
    """Merge the two roles with the least offered work until there are `people` roles (R3).

    Args:
        roles: Function masks of the unit's roles, in order.
        work: [k] offered work of each.
        people: Heads of the unit; at least `least_roles`.
        licensed: Mask of licensed functions; their roles never merge.

    Returns:
        The remaining masks, ordered by their first function.
    """
    left: list[tuple[int, float]] = list(zip(roles, np.asarray(work).tolist(), strict=True))
    while len(left) > people:
        free = [i for i, (role, _) in enumerate(left) if not role & licensed]
        a, b = sorted(sorted(free, key=lambda i: (round(left[i][1], 12), i))[:2])
        left[a] = (left[a][0] | left[b][0], left[a][1] + left[b][1])
        del left[b]
    return tuple(sorted((role for role, _ in left), key=first_function))


def first_function(mask: int) -> int:
    """Index of the lowest set bit."""
    return (mask & -mask).bit_length() - 1


def functions_of(mask: int | np.int64) -> NDArray[np.int64]:
    """Indices of the set bits, ascending."""
    return np.array([f for f in range(int(mask).bit_length()) if int(mask) >> f & 1], np.int64)
