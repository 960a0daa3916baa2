"""Approvals (M19): a case that waits for a boss after a visit.

Owns: whether a visit needs them and how long they take. Never does: move the case on.
"""

from __future__ import annotations

import math

from sim.behaviours.empowerment import approver_distance
from sim.engine.calendar import APPROVED, push
from sim.jit import kernel, lowest
from sim.rng import APPROVAL, APPROVAL_TIME, exponential, task_count, uniform


@kernel
def asks_for_approval(w, case, person, now):
    """Does the visit just ended need approval? If so the case is back when it is given."""
    par = w.par[0]
    record = w.cases[case]
    task = lowest(record["visit"])
    count = task_count(task >> 1, record["product"][task & 1], record["loop"])
    if uniform(record["key"], APPROVAL, count) >= par["approval_rate"]:
        return False
    worker = w.people[person]
    head_team = w.team_of[worker["unit"], 0] == worker["team"]
    hours = 0.0
    for n in range(par["approvals"]):
        hours += exponential(uniform(record["key"], APPROVAL_TIME, count | (n << 12))) * (
            par["approval_h"] * approver_distance(head_team, float(n))
        )
    w.totals[0]["approvals"] += 1.0
    w.totals[0]["approval_h"] += hours
    push(w.heap, w.clock, now + hours, APPROVED, case)
    return True


@kernel
def approve(w, case, now):
    """The approval is there: the hours count as time between people."""
    record = w.cases[case]
    if record["rework_since"] < 0.0 and record["first_close"] == math.inf:
        record["transfer"] += now - record["since"]
    record["since"] = now
