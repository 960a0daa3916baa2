"""A map in words.

Owns: its sentences. Never does: find a winner or a border.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS, format_difference

if TYPE_CHECKING:
    from sim.questions.keys import Range
    from sim.questions.map_answer import Point, StructureMap, Switch
    from sim.questions.tipping_answer import Tipping


def sentences(answer: StructureMap) -> list[str]:
    """Who holds how much, where the lead passes on, and what stands in the way."""
    lines = [holdings(answer), *_switches(answer)]
    if answer.scattered:
        lines.append("the points lie on no grid: no line was followed, so the border is only "
                     "drawn, straight between neighbouring points.")
    elif not answer.switches:
        lines.append("along the lines looked at (both ends and the middle of each key) the lead "
                     "does not pass from one structure to another.")
    if (here := nearest(answer)) is not None:
        lines.append(_here(answer, here))
    if answer.infeasible:
        lines.append("cannot be staffed somewhere on this map and is left out there: "
                     + "; ".join(f"{s} ({why})" for s, why in answer.infeasible.items()) + ".")
    return [*lines, *trouble(answer), *answer.notes]


def trouble(answer: StructureMap | Tipping) -> list[str]:
    """Runs that tell less than others."""
    lines = grown(answer.unstable, answer.runs)
    if answer.failures:
        lines.append(f"{answer.failures:,} of {answer.runs:,} runs failed and are left out.")
    return lines


def grown(unstable: int, runs: int) -> list[str]:
    """Runs that never settle."""
    text = (f"in {unstable:,} of {runs:,} runs the backlog grew: there the numbers depend on the "
            "time measured.")
    return [text] if unstable else []


def holdings(answer: StructureMap) -> str:
    """Share of the map by structure."""
    shares = sorted(((v, s) for s, v in answer.shares.items()
                     if s in answer.structures and v > 0), reverse=True)
    won = [f"{s} on {percent(v)}" for v, s in shares]
    whole = "of the points" if answer.scattered else "of the map"
    text = (f"surely best {', '.join(won)} {whole}" if won
            else "nobody is surely best anywhere on the map")
    tie, equal = answer.shares["tie"], answer.shares["practically equal"]
    if tie > 0:
        text += f"; a tie on {percent(tie)}"
        if equal > 0:
            text += f", of which {percent(equal)} surely within the margin"
        if tie - equal > 0.005:
            text += (" (more replications would settle some of it)" if equal < 0.005 else
                     "; more replications would settle some of the rest")
    return text + "."


def percent(share: float) -> str:
    """A share of the map."""
    return "less than 1%" if share < 0.01 else f"{share:.0%}"


def interval(axis: Range, low: float | None, high: float | None) -> str:
    """The confidence set of a place, its open ends said."""
    if low is None and high is None:
        return "95% CI: anywhere in the range"
    left = f"below {axis.written(axis.low, unit=False)}" if low is None else axis.written(
        low, unit=False)
    right = f"above {axis.written(axis.high, unit=False)}" if high is None else axis.written(
        high, unit=False)
    return f"95% CI {left} to {right}"


def _switches(answer: StructureMap) -> list[str]:
    """One sentence per pair and direction: the switching value on each line looked at."""
    groups: dict[tuple[str, str, str], list[Switch]] = {}
    for s in answer.switches:
        groups.setdefault((s.along, s.winner, s.loser), []).append(s)
    lines = []
    for (along, winner, loser), found in groups.items():
        axis, other = (answer.x, answer.y) if along == "x" else (answer.y, answer.x)
        told = [f"{axis.written(s.at)} ({interval(axis, s.low, s.high)}) at {other.key} = "
                f"{other.written(s.held)}" for s in found]
        lines.append(f"{winner} beats {loser} once {axis.key} is above " + ", above ".join(told)
                     + ".")
    return lines


def nearest(answer: StructureMap) -> Point | None:
    """The point nearest to the scenario as it is; None if that lies outside the map."""
    x, y = answer.x, answer.y
    if x.now is None or y.now is None or not (
            x.low <= x.now <= x.high and y.low <= y.now <= y.high):
        return None
    a, b = x.place(x.now), y.place(y.now)
    return min(answer.points.values(),
               key=lambda p: (x.place(p.x) - a) ** 2 + (y.place(p.y) - b) ** 2)


def _here(answer: StructureMap, point: Point) -> str:
    """What holds where the scenario is."""
    text = (f"the scenario itself ({answer.x.key} = {answer.x.written(answer.x.now)}, "
            f"{answer.y.key} = {answer.y.written(answer.y.now)}) lies nearest to a point ")
    if point.lead is None:
        return text + f"where only {point.leader} can be staffed."
    lead = format_difference(answer.metric, point.lead.mean)
    if point.lead.low is not None and point.lead.high is not None:
        lead += (f" (95% CI {format_difference(answer.metric, point.lead.low, unit=False)} to "
                 f"{format_difference(answer.metric, point.lead.high, unit=False)})")
    if METRICS[answer.metric].direction < 0:
        lead += " (an advantage; less is better)"
    if point.winner:
        return text + f"where {point.winner} wins, {lead} ahead of {point.ranking[1]}."
    return text + f"that is a tie: {point.leader} is {lead} ahead of {point.ranking[1]}."
