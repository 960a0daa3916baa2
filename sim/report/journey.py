"""One customer's journey under several structures, side by side.

Owns: which steps stand beside each other. Never does: average over lives.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sim.experiment.follow import EVENTS
from sim.report.tables import Heading, Row, Table, rows_of

if TYPE_CHECKING:
    from sim.experiment.follow import Journeys, Step


def tables(journeys: Journeys, cases: int = 0) -> list[Table | str]:
    """Each case as a table with a column per structure, then how it went over all.

    Args:
        journeys: The customer's journeys.
        cases: Show so many cases; 0 shows all.
    """
    names = journeys.structures
    by_case: dict[int, dict[str, list[Step]]] = {}
    for name, steps in journeys.steps.items():
        for step in steps:
            by_case.setdefault(step.case, {}).setdefault(name, []).append(step)
    numbers = sorted(by_case)
    shown = numbers[:cases] if cases else numbers
    head = (
        f"{journeys.scenario.name}: customer {journeys.customer}, segment {journeys.segment}, "
        f"under {len(names)} {'structure' if len(names) == 1 else 'structures'}; seed "
        f"{journeys.seed}, replication {journeys.replication}"
        "\nOne life, an illustration: what is typical stands in `orgsim compare`.")
    items: list[Table | str] = [head]
    if not numbers:
        items.append("This customer brings no case in the measured time.")
    items += [_case(number, by_case[number], names) for number in shown]
    if len(shown) < len(numbers):
        more = len(numbers) - len(shown)
        items.append(f"{more} more {'case' if more == 1 else 'cases'}: --cases 0 shows all")
    items.append(_summary(journeys))
    items += [f"{name} cannot be run here: {why}" for name, why in journeys.infeasible.items()]
    items += [f"{f.structure} failed ({f.type}: {f.message})" for f in journeys.failures]
    return items


def _case(number: int, by_structure: dict[str, list[Step]], names: tuple[str, ...]) -> Table:
    """One case: a column per structure, a row per step, days as headings between them."""
    first = next(steps[0] for steps in by_structure.values())
    single = len(set(re.findall(r"\(([^()]*)\)", first.work))) == 1
    columns = [_lines(by_structure.get(name, []), single) for name in names]
    rows = [
        Row(tuple(column[i] if i < len(column) else "" for column in columns))
        for i in range(max(map(len, columns)))
    ]
    what = f": {first.work}" if first.work else ""
    return Table(f"Case {number}{what}", tuple(Heading(name) for name in names), tuple(rows))


def _lines(steps: list[Step], single: bool) -> list[str]:
    """The steps of one case under one structure; visit ends are told by their hours."""
    lines: list[str] = []
    day = ""
    for i, step in enumerate(steps):
        if step.event == EVENTS["ENDS"]:
            continue
        today, clock = step.clock.rsplit(", ", 1)
        if today != day:
            lines.append(today)
            day = today
        lines.append(f"{clock} {_words(step, steps[i + 1:], single)}")
    return lines


def _words(step: Step, later: list[Step], single: bool) -> str:
    """A step in a few words."""
    work = re.sub(r" \([^()]*\)", "", step.work) if single else step.work
    place = step.department
    hours = "" if step.value is None else f", {step.value:.2f} h"
    if step.event == EVENTS["ARRIVES"]:
        return "request"
    if step.event == EVENTS["QUEUES"]:
        start = next((s.hours for s in later if s.event == EVENTS["STARTS"]), None)
        return f"waits at {place}" + ("" if start is None else f", {start - step.hours:.2f} h")
    if step.event == EVENTS["STARTS"]:
        done = "" if work == place else f": {work}"
        return f"{place}{done} by person {step.person}{hours}"
    if step.event == EVENTS["HANDS_OFF"]:
        inside = f" for {work}" if work != place else ""
        return f"handed to {place}{inside}{hours}"
    if step.event == EVENTS["GOES_ASTRAY"]:
        return f"led astray, put through to {place}{hours}"
    if step.event == EVENTS["SENT_BACK"]:
        return f"error found: back to {place}"
    if step.event == EVENTS["REOPENS"]:
        return f"customer finds an error, reopened{hours}"
    score = "" if step.value is None else f", satisfaction {step.value:.0f}"
    if step.event == EVENTS["ABANDONS"]:
        return f"gives up waiting{score}"
    return f"closed{score}" if step.event == EVENTS["CLOSES"] else step.event


def _summary(journeys: Journeys) -> Table:
    """How it went over the whole measured time."""
    rows = []
    for name in journeys.structures:
        steps = journeys.steps[name]
        closed = sum(s.event == EVENTS["CLOSES"] for s in steps)
        handed = sum(s.event == EVENTS["HANDS_OFF"] for s in steps)
        score = journeys.satisfaction[name]
        rows.append((name, str(closed), str(handed), "-" if score is None else f"{score:.1f}",
                     "leaves the firm" if journeys.left[name] else "stays"))
    return Table("Over the measured time", (
        Heading("structure"), Heading("cases closed", "", True),
        Heading("handed on", "times", True),
        Heading("satisfaction", "mean, points", True), Heading("in the end")), rows_of(rows))
