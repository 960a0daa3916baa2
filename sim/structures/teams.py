"""How the people of a unit form teams (R7, R43).

Owns: the cut of one unit into teams, as one loop that runs compiled or not. Never does: know
who the people are, or how far two teams are apart.
"""

from __future__ import annotations

from typing import Any

from sim.jit import kernel


@kernel
def cut_teams(sizes: Any, span: int, out: Any) -> int:
    """Cut the people of one unit into teams of at most `span`.

    A unit of at most `span` people is one team. Else its pools are taken in order: one above
    `span` is cut into ceil(n / span) near-equal teams of its own people only; smaller ones are
    packed next-fit, whole, while the team stays within `span`.

    Args:
        sizes: int64 [k], people per pool of the unit, in pool order; zero is allowed.
        span: People per team, at least 1.
        out: int32 [sum of sizes], filled with the team of each person in (pool, slot) order.

    Returns:
        The number of teams; team indices run from 0. A unit without people has none.
    """
    total = 0
    for k in range(len(sizes)):
        total += sizes[k]
    if total == 0:
        return 0
    if total <= span:
        for i in range(total):
            out[i] = 0
        return 1
    teams = 0
    filled = span  # people in the open team; at `span` no team is open
    at = 0
    for k in range(len(sizes)):
        n = sizes[k]
        if n == 0:
            continue
        if n > span:
            parts = (n + span - 1) // span
            for i in range(n):
                out[at + i] = teams + i * parts // n
            teams += parts
            filled = span
        else:
            if filled + n > span:
                teams += 1
                filled = 0
            for i in range(n):
                out[at + i] = teams - 1
            filled += n
        at += n
    return teams
