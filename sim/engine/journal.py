"""What is written down on request: one customer's journey, one row per closed case.

Owns: the two logs. Never does: anything when nobody asked.
"""

from __future__ import annotations

from sim.jit import kernel


@kernel
def write_note(record, journey, clocks, now, kind, pool, person, tasks, value):
    """Append a row to the journey log (room is made between calls of the loop)."""
    clock = clocks[0]
    row = journey[clock["journey_n"]]
    clock["journey_n"] += 1
    row["time"] = now
    row["kind"] = kind
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
    """Note an event of the customer who is followed, if any."""
    if (
        w.par[0]["journey_customer"] == w.cases[case]["customer"]
        and w.cases[case]["type"] < w.par[0]["case_kinds"]  # errands are not noted
    ):
        write_note(w.cases[case], w.journey, w.clock, now, kind, pool, person, tasks, value)
