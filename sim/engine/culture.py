"""How orientation moves, month by month (M17).

Owns: who hears whom, and the month's means. Never does: know what orientation is good for.
"""

from __future__ import annotations

from sim.behaviours.orientation import drawn, heard_of, settled
from sim.engine.arrays import PersonState
from sim.jit import kernel

VACANT = int(PersonState.VACANT)
SUM, NUMBER, BEST, SECOND = 0, 1, 2, 3
"""Rows of the working array `circle`."""
MOMENT_H = 1e-6


@kernel
def gather(w):
    """Sum, number, best and second best of the people at work of each team."""
    circle = w.circle
    for team in range(len(w.teams)):
        circle[SUM, team] = 0.0
        circle[NUMBER, team] = 0.0
        circle[BEST, team] = 0.0
        circle[SECOND, team] = 0.0
    for person in range(len(w.people)):
        worker = w.people[person]
        if worker["state"] == VACANT:
            continue
        team = worker["team"]
        o = worker["orientation"]
        circle[SUM, team] += o
        circle[NUMBER, team] += 1.0
        if o > circle[BEST, team]:
            circle[SECOND, team] = circle[BEST, team]
            circle[BEST, team] = o
        elif o > circle[SECOND, team]:
            circle[SECOND, team] = o


@kernel
def move_orientation(w, person, signal, mandate):
    """One person's month: leaders, colleagues, orders, and the lack of customers."""
    par = w.par[0]
    worker = w.people[person]
    mood = w.moods[person]
    team = worker["team"]
    circle = w.circle
    o = worker["orientation"]
    step = 0.0
    if w.pools[worker["pool"]]["reached"]:
        step += drawn(o, signal, par["leadership"])
    others = circle[NUMBER, team] - 1.0
    if others > 0.0:
        best = circle[BEST, team]
        if o >= best:
            best = circle[SECOND, team]
        mean = (circle[SUM, team] - o) / others
        step += drawn(o, heard_of(mean, best, par["stories"]), par["peers"])
    step += drawn(o, 1.0, mandate)
    if mood["visits"] > 0.0:
        away = 1.0 - min(mood["contacts"] / mood["visits"], 1.0)
        step += drawn(o, 0.0, par["no_contact"] * away)
    worker["orientation"] = settled(o, step, par["haste_of_age"])


@kernel
def month_of_culture(w, now):
    """Everybody's orientation moves at once; then the means are taken."""
    if w.circle.shape[1] == 0:
        return
    par = w.par[0]
    totals = w.totals[0]
    signal = par["signal_rest"]
    mandate = 0.0
    if now > par["window_start"]:
        mandate = par["mandate"]
        if now - par["window_start"] <= par["signal_h"] + MOMENT_H:
            signal = par["signal"]
    gather(w)
    for person in range(len(w.people)):
        if w.people[person]["state"] != VACANT:
            move_orientation(w, person, signal, mandate)
    sums = w.circle[SUM]
    heads = w.circle[NUMBER]
    for unit in range(len(w.units)):
        sums[unit] = 0.0
        heads[unit] = 0.0
    total = 0.0
    oriented = 0.0
    n = 0.0
    for person in range(len(w.people)):
        worker = w.people[person]
        if worker["state"] != VACANT:
            sums[worker["unit"]] += worker["orientation"]
            heads[worker["unit"]] += 1.0
            total += worker["orientation"]
            n += 1.0
            if worker["orientation"] >= par["oriented_from"]:
                oriented += 1.0
    if n == 0.0:
        return
    weakest = 1.0
    for unit in range(len(w.units)):
        if heads[unit] > 0.0:
            weakest = min(weakest, sums[unit] / heads[unit])
    totals["culture_months"] += 1.0
    totals["orientation"] += total / n
    totals["weakest"] += weakest
    totals["oriented"] += oriented / n
