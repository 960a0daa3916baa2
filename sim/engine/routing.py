"""Where a case goes next, read from integer tables (M1, R14, R42).

Owns: the choice of the next task and of the tasks one visit covers. Never does: know how a
structure made its tables.
"""

from __future__ import annotations

from sim.jit import kernel, lowest


@kernel
def task_pool(w, case, task):
    """The pool that would do a task of this case now."""
    record = w.cases[case]
    return int(
        w.pool_of[
            task >> 1,
            record["product"][task & 1],
            record["route"],
            record["region"],
        ]
    )


@kernel
def next_task(w, case, unit):
    """A feasible task in the present unit if there is one, else that of the earliest function."""
    tasks = w.cases[case]["tasks"]
    kind = w.cases[case]["type"]
    first = -1
    left = tasks
    while left:
        task = lowest(left)
        left &= left - 1
        if w.after[kind, task] & tasks == 0:
            if unit < 0 or w.pools[task_pool(w, case, task)]["unit"] == unit:
                return task
            if first < 0:
                first = task
    return first


@kernel
def visit_tasks(w, case, pool):
    """All tasks one person of `pool` can do now, including those that become feasible thereby.

    In a loop of rework all open tasks of the pool are one visit (R40).
    """
    tasks = w.cases[case]["tasks"]
    kind = w.cases[case]["type"]
    free_order = w.cases[case]["redoing"] != 0
    left = tasks
    grown = True
    while grown:
        grown = False
        asked = left
        while asked:
            task = lowest(asked)
            asked &= asked - 1
            if (free_order or w.after[kind, task] & left == 0) and (
                task_pool(w, case, task) == pool
            ):
                left &= ~(1 << task)
                grown = True
        functions = w.pools[pool]["functions"]
        if free_order or functions & (functions - 1) == 0:  # one function: nothing to add
            break
    return tasks & ~left


@kernel
def distance(w, person, pool):
    """(d, team): hand-off distance from a person's home team to the nearest team of a pool.

    With a second tree that of the nearer tree, and a bit more; liaison roles shorten it (M26).
    """
    team = w.people[person]["team"]
    there = team
    d = 1.0
    unit = w.people[person]["unit"]
    other = w.pools[pool]["unit"]
    if w.team_pools[pool, team] == 0:
        there = w.pools[pool]["first_team"]
        d = float(w.unit_distance[unit, other])
        if d == 0.0:
            d = 2.0
    if len(w.second_distance) > 0:
        d = min(d, w.second_distance[w.people[person]["pool"], pool]) + w.par[0]["second_added"]
    if len(w.joined) > 0 and w.joined[unit, other]:
        d = min(d, w.par[0]["liaison_distance"])
    return d, there
