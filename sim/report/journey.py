"""One customer's journey under several structures, side by side.

Owns: which steps stand beside each other. Never does: average over lives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    items: list[Table | str] = [
        f"{journeys.scenario.name}: customer {journeys.customer}, segment {journeys.segment}, "
        f"under {len(names)} {'structure' if len(names) == 1 else 'structures'}; seed "
        f"{journeys.seed}, replication {journeys.replication}"
        + "\nOne life, an illustration: what is typical stands in `orgsim compare`."]
    if not numbers:
        items.append("This customer brings no case in the measured time.")
    items += [_case(number, by_case[number], names) for number in shown]
    if len(shown) < len(numbers):
        items.append(f"{len(numbers) - len(shown)} more cases: --cases 0 shows all")
    items.append(_summary(journeys))
    items += [f"{name} cannot be run here: {why}" for name, why in journeys.infeasible.items()]
    items += [f"{f.structure} failed ({f.type}: {f.message})" for f in journeys.failures]
    return items


def _case(number: int, by_structure: dict[str, list[Step]], names: tuple[str, ...]) -> Table:
    """The steps of one case; rows are the first, second... step under each structure."""
    columns = [[_words(step) for step in by_structure.get(name, [])] for name in names]
    depth = max(map(len, columns))
    rows = [
        Row(tuple(column[i] if i < len(column) else "" for column in columns))
        for i in range(depth)
    ]
    first = next(steps[0] for steps in by_structure.values())
    what = f" ({first.work})" if first.work else ""
    return Table(f"Case {number}{what}", tuple(Heading(name) for name in names), tuple(rows))


def _words(step: Step) -> str:
    """A step in a few words, time first."""
    clock = step.clock.replace("week ", "w").replace("day ", "d").replace(",", "")
    parts = [clock, step.event]
    if step.department:
        parts.append(f"at {step.pool or step.department}")
    if step.person is not None:
        parts.append(f"by person {step.person}")
    if step.work and step.event not in ("brings the case", "waits"):
        parts.append(f"- {step.work}")
    if step.value is not None:
        closing = step.event in ("case closed", "customer gives up waiting")
        parts.append(f"- satisfaction {step.value:.0f}" if closing else f"- {step.value:.2f} h")
    return " ".join(parts)


def _summary(journeys: Journeys) -> Table:
    """How it went over the whole measured time."""
    rows = []
    for name in journeys.structures:
        steps = journeys.steps[name]
        closed = sum(s.event == "case closed" for s in steps)
        handed = sum(s.event == "is handed on" for s in steps)
        score = journeys.satisfaction[name]
        rows.append((name, str(closed), str(handed), "-" if score is None else f"{score:.1f}",
                     "leaves the firm" if journeys.left[name] else "stays"))
    return Table("Over the measured time", (
        Heading("structure"), Heading("cases closed", "", True), Heading("hand-offs", "", True),
        Heading("satisfaction", "mean, points", True), Heading("in the end")), rows_of(rows))
