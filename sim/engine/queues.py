"""Lines of waiting visits and of idle people.

Owns: the linked lists. Never does: decide who serves whom (`dispatch.py`).
One line per priority class of a queue, first come first served by the time of joining *this*
queue; one list of idle people per queue, longest idle first. Queue l belongs to pool l, unless
one queue serves the whole firm (cover.pooling = "single").
"""

from __future__ import annotations

from sim.jit import kernel


@kernel
def join_line(lines, cases, case, queue):
    """Append a visit to the line of its class."""
    line = lines[queue, cases[case]["line"]]
    tail = line["tail"]
    cases[case]["link"] = -1
    cases[case]["back"] = tail
    if tail < 0:
        line["head"] = case
    else:
        cases[tail]["link"] = case
    line["tail"] = case


@kernel
def leave_line(lines, cases, case, queue):
    """Take a visit out of its line, wherever it stands."""
    line = lines[queue, cases[case]["line"]]
    before = cases[case]["back"]
    behind = cases[case]["link"]
    if before < 0:
        line["head"] = behind
    else:
        cases[before]["link"] = behind
    if behind < 0:
        line["tail"] = before
    else:
        cases[behind]["back"] = before


@kernel
def first_in_line(lines, queue):
    """The visit to be served next in a queue, -1 if it is empty."""
    for rank in range(lines.shape[1]):
        head = lines[queue, rank]["head"]
        if head >= 0:
            return head
    return -1


@kernel
def become_idle(pools, people, person, time):
    """Append a person to the idle people of the pool, keeping the order of idle age."""
    record = people[person]
    record["since"] = time
    record["state"] = 1
    record["case"] = -1
    pool = pools[pools[record["pool"]]["queue"]]
    after = pool["idle_tail"]
    while after >= 0 and (
        people[after]["since"] > time or (people[after]["since"] == time and after > person)
    ):
        after = people[after]["back"]
    behind = pool["idle_head"] if after < 0 else people[after]["link"]
    record["back"] = after
    record["link"] = behind
    if after < 0:
        pool["idle_head"] = person
    else:
        people[after]["link"] = person
    if behind < 0:
        pool["idle_tail"] = person
    else:
        people[behind]["back"] = person


@kernel
def stop_idling(pools, people, person):
    """Take a person out of the idle people of the pool."""
    record = people[person]
    pool = pools[pools[record["pool"]]["queue"]]
    before = record["back"]
    behind = record["link"]
    if before < 0:
        pool["idle_head"] = behind
    else:
        people[before]["link"] = behind
    if behind < 0:
        pool["idle_tail"] = before
    else:
        people[behind]["back"] = before
