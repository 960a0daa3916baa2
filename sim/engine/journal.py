"""What is written down on request: the journey of one customer or of all, one row per closed case.

Owns: the two logs. Never does: anything when nobody asked.
"""

from __future__ import annotations

from sim.jit import kernel

EVERYBODY = 1 << 40
"""In place of the number of a customer to follow: all of them."""


@kernel
def write_note(record, journey, clocks, now, kind, pool, person, tasks, value):
    """Append a row to the journey log (room is made between calls of the loop)."""
    clock = clocks[0]
    row = journey[clock["journey_n"]]
    clock["journey_n"] += 1
    row["time"] = now
    row["kind"] = kind
    row["customer"] = record["customer"]
    row["number"] = record["number"]
    row["type"] = record["type"]
    row["products"][0] = record["product"][0]
    row["products"][1] = record["product"][1] if record["products"] > 1 else -1
    row["pool"] = pool
    row["person"] = person
    row["tasks"] = tasks
    row["value"] = value


@kernel
def note(w, case, now, kind, pool, person, tasks, value):
    """Note an event of the customer who is followed, if any, or of everybody."""
    followed = w.par[0]["journey_customer"]
    if (
        (followed == w.cases[case]["customer"] or followed == EVERYBODY)
        and w.cases[case]["type"] < w.par[0]["case_kinds"]  # errands are not noted
    ):
        write_note(w.cases[case], w.journey, w.clock, now, kind, pool, person, tasks, value)
