"""People come, go and move: teams, vacancies, hires, moves between pools (M2, R2, R7, R43).

Owns: everything that changes who sits where. Never does: decide it (`management`).
"""

from __future__ import annotations

from sim.engine.arrays import PersonState
from sim.engine.buffers import reserve_hours
from sim.engine.calendar import HIRE, LOOK, push
from sim.engine.queues import become_idle, stop_idling
from sim.engine.spirit import learn_post, newcomer
from sim.jit import kernel
from sim.structures.teams import cut_teams

VACANT, IDLE, BUSY = int(PersonState.VACANT), int(PersonState.IDLE), int(PersonState.BUSY)
LEARNING = int(PersonState.LEARNING)


@kernel
def integrate_staff(w, now):
    """Bring the time integrals of filled positions and of team leads up to now."""
    clock = w.clock[0]
    hours = now - clock["staff_time"]
    if hours <= 0.0:
        return
    clock["staff_time"] = now
    w.totals[0]["lead_teams"] += clock["lead_teams"] * hours
    w.totals[0]["liaisons"] += clock["liaisons"] * hours
    filled = 0
    for pool in range(len(w.pools)):
        here = w.pools[pool]["filled"]
        filled += here
        w.pool_totals[pool]["filled"] += here * hours
        w.unit_totals[w.pools[pool]["unit"]]["filled"] += here * hours
    w.totals[0]["filled"] += filled * hours
    if w.par[0]["reserve"] > 0.0:
        extra = w.par[0]["reserve"] * reserve_hours(w, now - hours, now)
        w.totals[0]["reserve_hours"] += filled * extra


@kernel
def new_team(w, unit, index):
    """Give a unit's index-th team a free number, with nobody familiar yet."""
    for team in range(len(w.teams)):
        if w.teams[team]["unit"] < 0:
            w.teams[team]["unit"] = unit
            w.team_of[unit, index] = team
            for other in range(len(w.teams)):
                w.pairs[min(team, other), max(team, other)]["familiarity"] = 0.0
                w.pairs[min(team, other), max(team, other)]["at"] = 0.0
            return


@kernel
def nearest_teams(w, unit):
    """For each pool of a unit note its first team: where a case from outside goes."""
    for pool in range(w.units[unit]["first_pool"], w.units[unit]["end_pool"]):
        for index in range(w.units[unit]["teams"]):
            team = w.team_of[unit, index]
            if w.team_pools[pool, team] > 0:
                w.pools[pool]["first_team"] = team
                break


@kernel
def form_teams(w, unit):
    """Cut a unit's people into teams anew; indices that still exist keep their familiarity."""
    first = w.units[unit]["first_pool"]
    end = w.units[unit]["end_pool"]
    members = w.roll[0]
    cut = w.roll[1]
    sizes = w.roll[2, : end - first]
    n = 0
    for pool in range(first, end):
        sizes[pool - first] = 0
        for person in range(len(w.people)):
            if w.people[person]["pool"] == pool:
                sizes[pool - first] += 1
                members[n] = person
                n += 1
    count = cut_teams(sizes, w.par[0]["span"], cut)
    for index in range(count, w.units[unit]["teams"]):
        team = w.team_of[unit, index]
        w.teams[team]["unit"] = -1
        w.teams[team]["size"] = 0
        w.team_of[unit, index] = -1
        for pool in range(len(w.pools)):
            w.team_pools[pool, team] = 0
    for index in range(w.units[unit]["teams"], count):
        new_team(w, unit, index)
    w.units[unit]["teams"] = count
    for index in range(count):
        team = w.team_of[unit, index]
        w.teams[team]["size"] = 0
        for pool in range(len(w.pools)):
            w.team_pools[pool, team] = 0
    for i in range(n):
        person = members[i]
        team = w.team_of[unit, cut[i]]
        w.people[person]["team"] = team
        w.teams[team]["size"] += 1
        w.team_pools[w.people[person]["pool"], team] += 1
    nearest_teams(w, unit)


@kernel
def count_leads(w):
    """Team leads beyond the unit heads, real-valued: sum over units of (people / span - 1)+.

    A liaison role takes one full-time equivalent per `span` teams of the units it joins (M26).
    """
    span = float(w.par[0]["span"])
    leads = 0.0
    liaisons = 0.0
    for unit in range(len(w.units)):
        teams = float(w.units[unit]["posts"]) / span
        leads += max(teams - 1.0, 0.0)
        liaisons += w.units[unit]["liaisons"] * max(teams, 1.0) / span
    w.clock[0]["lead_teams"] = leads
    w.clock[0]["liaisons"] = liaisons


@kernel
def look(w, person, now):
    """Let an idle person look for work after all else that this instant brings."""
    if w.people[person]["looks"] == 0:
        w.people[person]["looks"] = 1
        push(w.heap, w.clock, now, LOOK, person)


@kernel
def look_around(w, pool, now):
    """If a pool has nobody left, idle colleagues of its unit look at its queue (R2)."""
    if w.pools[pool]["filled"] > 0:
        return
    for colleague in range(len(w.people)):
        if (
            w.people[colleague]["unit"] == w.pools[pool]["unit"]
            and w.people[colleague]["state"] == IDLE
        ):
            look(w, colleague, now)


@kernel
def move(w, person, pool, now):
    """Move a person (and the post) to another pool; who is idle looks around there."""
    integrate_staff(w, now)
    worker = w.people[person]
    old = worker["pool"]
    old_unit = worker["unit"]
    unit = w.pools[pool]["unit"]
    idle = worker["state"] == IDLE
    idle_since = worker["since"]
    if idle:
        stop_idling(w.pools, w.people, person)
    filled = 0 if worker["state"] == VACANT else 1
    w.pools[old]["posts"] -= 1
    w.pools[old]["filled"] -= filled
    w.pools[pool]["posts"] += 1
    w.pools[pool]["filled"] += filled
    worker["pool"] = pool
    worker["goes_to"] = -1
    if unit == old_unit:
        team = worker["team"]
        w.team_pools[old, team] -= 1
        w.team_pools[pool, team] += 1
        nearest_teams(w, unit)
    else:
        worker["unit"] = unit
        w.units[old_unit]["posts"] -= 1
        w.units[unit]["posts"] += 1
        w.team_pools[old, worker["team"]] -= 1
        form_teams(w, old_unit)
        form_teams(w, unit)
        count_leads(w)
    if idle:
        become_idle(w.pools, w.people, person, idle_since)
        look(w, person, now)
    w.totals[0]["moves"] += 1.0
    look_around(w, old, now)


@kernel
def vacate(w, person, now):
    """A post falls vacant; colleagues may now serve a pool that nobody is left in (R2)."""
    integrate_staff(w, now)
    worker = w.people[person]
    if worker["state"] == IDLE:
        stop_idling(w.pools, w.people, person)
    worker["state"] = VACANT
    worker["leaving"] = 0
    worker["case"] = -1
    pool = worker["pool"]
    w.pools[pool]["filled"] -= 1
    w.totals[0]["quits"] += 1.0
    if worker["goes_to"] >= 0:
        worker["goes_to"] = -1
    push(w.heap, w.clock, now + w.pools[pool]["vacancy_h"], HIRE, person)
    look_around(w, pool, now)


@kernel
def hire(w, person, now):
    """A new person takes the post, with the knowledge of a beginner; or an induction is over."""
    worker = w.people[person]
    if w.par[0]["staff"] and worker["state"] == LEARNING:
        learn_post(w, person, now)
        become_idle(w.pools, w.people, person, now)
        return
    integrate_staff(w, now)
    for element in range(w.knowledge.shape[1]):
        w.knowledge[person, element] = w.par[0]["at_hire"]
    worker["known_at"] = now
    w.pools[worker["pool"]]["filled"] += 1
    w.totals[0]["hires"] += 1.0
    if w.par[0]["staff"]:
        newcomer(w, person, now)
        if w.par[0]["onboarding"] and w.par[0]["induction_h"] > 0.0:
            worker["state"] = LEARNING
            push(w.heap, w.clock, now + w.par[0]["induction_h"], HIRE, person)
            return
    become_idle(w.pools, w.people, person, now)
