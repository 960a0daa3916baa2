"""What a firm has heard and what its faults are, when its structure changes (M7, M10, M22).

Owns: which unit goes on with which fault, and what becomes of word under way. Never does: hear or
mend anything. A unit takes a fault over from the old unit that shares most of the task with it;
word under way reaches only who does the same as before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.calendar import CHANGE, KIND_BITS, REACH, REPORT
from sim.engine.world import World
from sim.records import Layout

STALE = 0x7FFFFFFF
"""A number of fault that there never is."""


def owners(layout: Layout, f: int) -> NDArray[Any]:
    """[U, P, S, R] which tasks of a function each unit does."""
    units = np.arange(len(layout.units))[:, None, None, None]
    return np.asarray(layout.pool_unit[layout.pool_of[f]][None] == units)


def carry_faults(w: World, new: dict[str, NDArray[Any]], before: Layout, after: Layout) -> None:
    """Faults go on; a decision under way only where the unit does the same task as before."""
    if w.faults.size == 0:
        return
    _, n_functions, n_products = w.faults.shape
    follows: dict[tuple[int, int, int], int] = {}
    for f in range(n_functions):
        theirs, mine = owners(before, f), owners(after, f)
        for p in range(n_products):
            doing = mine[:, p].any(axis=(1, 2))
            new["faults"]["number"][:, f, p] = w.faults["number"][0, f, p]
            for unit in np.flatnonzero(doing):
                common = (theirs[:, p] & mine[unit, p]).sum(axis=(1, 2))
                old = int(np.argmax(common))
                row = new["faults"][unit : unit + 1, f, p]
                row[:] = w.faults[old, f, p]
                if np.array_equal(theirs[old, p], mine[unit, p]):
                    follows[old, f, p] = int(unit)
                else:
                    for name in ("signals", "bad", "deciding"):
                        row[name] = 0
                    row["share"] = 1.0 / doing.sum()
    lasting = float(new["faults"]["share"][new["faults"]["open"] == 1].sum())
    clock = w.clock[0]
    if lasting != clock["faults"]:
        w.totals[0]["fault_area"] += clock["faults"] * (clock["now"] - clock["fault_time"])
        clock["fault_time"] = clock["now"]
        clock["faults"] = lasting
    for event in w.heap[: int(clock["heap_n"])]:
        kind = int(event["order"]) >> KIND_BITS
        if kind in (REPORT, CHANGE, REACH):
            item = int(event["item"])
            one, f, p = (int(i) for i in np.unravel_index(item & STALE, w.faults.shape))
            there = 0 if kind == REACH else follows.get((one, f, p), -1)
            kept = item >> 31 if there >= 0 else STALE << 1
            place = (max(there, 0) * n_functions + f) * n_products + p
            event["item"] = place | (kept << 31)


def carry_word(w: World, new: dict[str, NDArray[Any]], unit: int, old: int, rows: slice) -> None:
    """Needs of which word is under way reach a holder of the same tasks."""
    month = int(w.clock[0]["month"])
    months, later = len(w.reports), len(new["reports"])
    for ahead in range(months):
        to = (month + min(ahead, later - 1)) % later
        new["reports"][to, unit, rows] += w.reports[(month + ahead) % months, old, rows]
    if months:
        new["served"][unit, rows] = w.served[old, rows]
