"""Pace under load, fatigue, ownership, and what colleagues teach each other (M4, M6).

Owns: what is measured for these and when. Never does: know their formulas.
"""

from __future__ import annotations

from sim.behaviours.learning import kept
from sim.behaviours.pressure import hurried, overwork, owned_pace, taught
from sim.engine.arrays import PersonState
from sim.jit import kernel

VACANT, BUSY = int(PersonState.VACANT), int(PersonState.BUSY)


@kernel
def pace_under_load(w, person, case):
    """Factor on the time of a visit by the queue it came from and by the person's overwork."""
    par = w.par[0]
    pool = w.pools[w.cases[case]["pool"]]
    crew = float(len(w.people)) if par["single_queue"] else float(pool["filled"])
    waiting = float(w.pools[pool["queue"]]["waiting"])
    pace = hurried(waiting / max(crew, 1.0), par["haste"], par["haste_scale"])
    return pace * (1.0 + par["fatigue"] * w.moods[person]["overwork"])


@kernel
def share_done(w, person, case):
    """Share of a case's tasks that the person's team has done so far."""
    team = w.people[person]["team"]
    tasks = w.cases[case]["tasks"]
    mine = 0.0
    total = 0.0
    for task in range(w.done_by.shape[1]):
        by = w.done_by[case, task]
        if by >= 0 or (tasks >> task) & 1:
            total += 1.0
            if by == team:
                mine += 1.0
    return mine / total if total > 0.0 else 0.0


@kernel
def pace_of_owner(w, person, case):
    """Factor on the time of a visit by a team that knows the case."""
    return owned_pace(share_done(w, person, case), w.par[0]["ownership"])


@kernel
def week_of_pressure(w, person, now):
    """A person's overwork after the week's load."""
    par = w.par[0]
    mood = w.moods[person]
    present = now - max(now - par["week_h"], mood["hired_at"])
    use = mood["week"] / present if present > 0.0 else 0.0
    mood["overwork"] = overwork(
        mood["overwork"], use, par["fatigue_from"], par["fatigue_keep"]
    )
    mood["week"] = 0.0


@kernel
def week_of_teaching(w, now):
    """In each team, those who know less of an element learn from the one who knows most."""
    par = w.par[0]
    masters = w.masters
    for team in range(masters.shape[0]):
        for element in range(masters.shape[1]):
            masters[team, element] = 0.0
    for person in range(len(w.people)):
        worker = w.people[person]
        if worker["state"] == VACANT:
            continue
        left = kept(now - worker["known_at"], par["forget_rate"])
        worker["known_at"] = now
        team = worker["team"]
        for element in range(masters.shape[1]):
            w.knowledge[person, element] *= left
            masters[team, element] = max(masters[team, element], w.knowledge[person, element])
    for person in range(len(w.people)):
        worker = w.people[person]
        if worker["state"] != VACANT:
            for element in range(masters.shape[1]):
                w.knowledge[person, element] = taught(
                    w.knowledge[person, element],
                    masters[worker["team"], element],
                    par["peer_transfer"],
                )
