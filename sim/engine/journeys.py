"""Journeys (M28): how long a person travels to a customer before work that needs presence.

Owns: where a person starts from and the length of the journey. Never does: choose the person.
"""

from __future__ import annotations

from sim.jit import kernel
from sim.rng import TRAVEL, exponential, task_count, uniform


@kernel
def starts_from(w, person):
    """Region a person starts from: home, if the own pool works there, else its first region."""
    worker = w.people[person]
    regions = w.pools[worker["pool"]]["regions"]
    if (regions >> worker["home"]) & 1:
        return int(worker["home"])
    region = 0
    while (regions >> region) & 1 == 0:
        region += 1
    return region


@kernel
def journey_hours(w, case, person, loop):
    """Journey of a visit: exponential around 0.5 h inside a region, 3 h across; 0 without need.

    One journey a visit, keyed by its first task that needs presence.
    """
    par = w.par[0]
    record = w.cases[case]
    visit = record["visit"]
    for task in range(w.after.shape[1]):
        if (visit >> task) & 1 and w.functions[task >> 1]["presence"]:
            mean = par["across_h"]
            if starts_from(w, person) == record["region"]:
                mean = par["inside_h"]
            count = task_count(task >> 1, record["product"][task & 1], loop)
            return mean * exponential(uniform(record["key"], TRAVEL, count))
    return 0.0
