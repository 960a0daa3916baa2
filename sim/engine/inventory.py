"""The arrays a run consists of: name, type of a row, number of dimensions.

Owns: the list of arrays, and which of them a run only reads. Never does: fill them (`pack.py`), or
say what a row holds (`arrays.py` and beside the mechanisms).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.arrays import (
    BUCKET,
    CASE,
    CASE_LOG,
    CASE_TYPE,
    CHANGE,
    CLOCK,
    EVENT,
    FUNCTION,
    JOURNEY,
    LATENT,
    LAUNCH,
    LINE,
    NEXT,
    OFFERING,
    PAIR,
    PERSON,
    POOL,
    SEGMENT,
    SERVICE,
    STANDING,
    TEAM,
    UNIT,
)
from sim.engine.fault_records import FAULT
from sim.engine.memories import CONTACT, PROFILE
from sim.engine.moods import MOOD
from sim.engine.parameters import PARAMETERS
from sim.state import CUSTOMER, POOL_TOTALS, SEGMENT_TOTALS, TOTALS, UNIT_TOTALS

_I1, _I4, _I8, _U8, _F4, _F8 = (np.dtype(t) for t in ("i1", "i4", "i8", "u8", "f4", "f8"))
_BOOL = np.dtype(np.bool_)

FIELDS: dict[str, tuple[np.dtype[Any], int]] = {
    "par": (PARAMETERS, 1),  # [1] PARAMETERS
    "clock": (CLOCK, 1),  # [1] CLOCK
    # tables
    "pool_of": (_I8, 4),  # [F, P, S, R]
    "unit_distance": (_I8, 2),  # [U, U]
    "second_distance": (_F8, 2),  # [L, L] distance of pools in a second tree, [0, 0] without
    "joined": (_BOOL, 2),  # [U, U] a liaison role joins them, [0, 0] without any
    "service": (SERVICE, 2),  # [U, U] hand-offs from one unit to another
    "functions": (FUNCTION, 1),  # [F] FUNCTION
    "case_types": (CASE_TYPE, 1),  # [Y] CASE_TYPE
    "work": (_F8, 2),  # [Y, F] h
    "after": (_I8, 2),  # [Y, 2F] tasks that must be done before a task
    "product_weight": (_F8, 3),  # [Y, S, P]
    "second": (_F8, 2),  # [Y, S] probability of a second product
    "rank": (_I8, 2),  # [Y, S]; with errands [Y + 2, S], as all tables by Y that the loop reads
    "chosen_rank": (_I8, 2),  # the same for customers the firm favours
    "segments": (SEGMENT, 1),  # [S] SEGMENT
    "needs": (_F4, 3),  # [M, P, K]
    "weights": (_F4, 2),  # [M, 4]
    "excluded": (_BOOL, 1),  # [M] turned away for want of a label; empty where nobody is
    "join_time": (_F8, 1),  # [base joiners]
    "rerouted": (_BOOL, 4),  # [F, P, S, R] tasks that another pool does since the structure changed
    "kept": (_I8, 1),  # [pools before] their number since the structure changed, -1 gone
    "heirs": (_I8, 1),  # [units before] the unit that goes on with its teams, -1 none
    "movable": (_BOOL, 2),  # [L, L] may people of one pool be moved to another
    "mix": (_F8, 2),  # [L, F+P+S] nominal task mix of a pool
    # state
    "customers": (CUSTOMER, 1),  # [M] CUSTOMER
    "profiles": (PROFILE, 1),  # [M] PROFILE, [0] while nothing asks for it
    "cases": (CASE, 1),  # CASE
    "contacts": (CONTACT, 1),  # [cases] CONTACT, [0] while nothing asks for it
    "task_hours": (_F8, 2),  # [cases, 2F] h of the tasks of the visit under way
    "people": (PERSON, 1),  # [N] PERSON
    "knowledge": (_F8, 2),  # [N, F+P+S]
    "moods": (MOOD, 1),  # [N] MOOD, none while the mechanisms of staff are off
    "done_by": (_I8, 2),  # [cases, 2F] team that has done a task, -1 none; none without ownership
    "circle": (_F8, 2),  # [4, max(G, U)] working rows of orientation, none while it is off
    "masters": (_F8, 2),  # [G, F+P+S] working rows of teaching, none while it is off
    "variety": (_F8, 2),  # [N, F P] the month's tasks by person, none unless variety counts
    "pools": (POOL, 1),  # [L] POOL
    "units": (UNIT, 1),  # [U] UNIT
    "lines": (LINE, 2),  # [Q, C] LINE
    "teams": (TEAM, 1),  # [G] TEAM
    "team_of": (_I8, 2),  # [U, most teams of a unit] team, -1 none
    "team_pools": (_I8, 2),  # [L, G] people of the pool in the team
    "pairs": (PAIR, 2),  # [G, G] PAIR, used for row <= column
    "offering": (_F8, 3),  # [U, P V, K], V variants of a product side by side
    "need_sum": (_F8, 3),  # [U, P V, K]
    "offerings": (OFFERING, 2),  # [U, P V] OFFERING
    "own_target": (_F8, 3),  # [U, P V, K] where designers would go by themselves
    "firm_need": (_F8, 2),  # [P, K + 1] working row of a standard
    "latent": (LATENT, 2),  # [U, P V] LATENT
    "holds": (_BOOL, 2),  # [U, P] does the unit hold an offering of the product
    "shift": (_F8, 2),  # [S, K] drift of needs since the start
    "foreseen": (_F8, 2),  # [S, K] drift expected by the panel
    "voice": (_F8, 1),  # [S] weight of a customer's need in the review
    "early": (_F8, 1),  # [S] probability that a new need counts early
    "change": (CHANGE, 1),  # [1] CHANGE
    "faults": (FAULT, 3),  # [U, F, P] FAULT; empty while the module is off
    "reports": (_F8, 4),  # [months ahead, U, P V, K + 2] needs under way: sums, weight, asked
    "served": (_F8, 3),  # [U, P V, K + 1] true needs of the month, and their number
    "mean_shift": (_F8, 1),  # [K] drift of the market's mean need
    "segment_share": (_F8, 1),  # [S] of all customers
    "middle": (_F8, 2),  # [P, K] mean need of a product
    "centre": (_F8, 3),  # [S, P, K] centre of a segment, relative to that
    "wants": (_F8, 2),  # [S, P] share of a product in the cases of a segment
    "standing": (STANDING, 1),  # [S] STANDING
    "launches": (LAUNCH, 1),  # ring of the latest
    "ordered": (_F8, 1),  # [base stock] times of the last orders of material
    "heap": (EVENT, 1),  # EVENT
    "buckets": (BUCKET, 1),  # first customer of each bucket of the calendar
    "near": (NEXT, 1),  # NEXT: the open bucket as a heap
    "blocked": (_F8, 1),  # ring of times at which prospects come back
    "weeks": (_F8, 3),  # [weeks + 1, L, 3] joins, touch, visits at week ends
    "desk": (_F8, 2),  # [4, L] working rows of the re-balance: work, heads, staying, quota
    "roll": (_I8, 2),  # [3, max(N, L)] working rows of cutting teams: members, team, sizes
    # sums
    "totals": (TOTALS, 1),  # [1]
    "segment_totals": (SEGMENT_TOTALS, 1),  # [S]
    "unit_totals": (UNIT_TOTALS, 1),  # [U]
    "pool_totals": (POOL_TOTALS, 1),  # [L]
    "histogram": (_I8, 1),
    "distances": (_I8, 1),
    "error_map": (_F8, 3),  # [F, P, Cause] errors made in the window; empty without faults
    "snapshot_times": (_F8, 1),  # [T]
    "snapshots": (TOTALS, 1),  # [T]
    "segment_snapshots": (SEGMENT_TOTALS, 2),  # [T, S]
    "unit_snapshots": (UNIT_TOTALS, 2),  # [T, U]
    "pool_snapshots": (POOL_TOTALS, 2),  # [T, L]
    "case_log": (CASE_LOG, 1),
    "journey": (JOURNEY, 1),
}
"""Every array of a run: dtype and number of dimensions; a few are tables (read only), the others
its state. F functions, P products, S segments, R regions, Y case types, U units, L pools and
queues, C priority classes, N people, M customers, G teams, K need dimensions, V variants of an
offering, T snapshots.
"""

READ_ONLY = frozenset({"par", "functions", "case_types", "segments"})
"""Records the loop never writes."""
