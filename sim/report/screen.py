"""What the terminal shows of an answer; the verdict comes last, where the eye is.

Owns: the order of tables and paragraphs of `compare` and `run`. Never does: draw them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.metrics.registry import METRICS
from sim.report import comparison as tables
from sim.report.findings import duration, sentence
from sim.report.tables import Table
from sim.store.frames import compared as as_comparison

if TYPE_CHECKING:
    from sim.api import Comparison, Run
    from sim.scenario.schema import Scenario


def compared(answer: Comparison, *, details: bool = False) -> list[Table | str]:
    """A comparison: header, ranked tables, other measures, people, verdict."""
    data = answer.to_json()
    verdict = "VERDICT\n" + "\n".join(f"- {sentence(line)}" for line in answer.verdict.text)
    if not tables.structures(data):
        return [_head(data, answer.scenario), verdict]
    items: list[Table | str] = [_head(data, answer.scenario), tables.about_intervals(data)]
    shown = tuple(METRICS) if details else tables.verdict_metrics(data)
    for metric in shown:
        if all(v["mean"] is None for v in data["metrics"][metric].values()):
            continue
        items.append(tables.ranked(data, metric))
        if details and data["differences"][metric]:
            items.append(tables.pairs(data, metric))
    if not details:
        items += tables.overview(data)
    items += tables.winners(data, every_pair=details)
    items += _some(tables.worst_served(data), tables.staffing(data))
    return [*items, verdict]


def ran(answer: Run) -> list[Table | str]:
    """A run: header, all measures, segments, departments, people, warnings."""
    data = as_comparison(answer.to_json())
    items: list[Table | str] = [_head(data, answer.scenario)]
    items += tables.values(data)
    items += [tables.of_segments(answer), tables.of_departments(answer)]
    items += _some(tables.staffing(data))
    if answer.text:
        items.append("\n".join(f"- {sentence(line)}" for line in answer.text))
    return items


def _head(data: dict[str, Any], scenario: Scenario) -> str:
    """What was done, in one line."""
    names = tables.structures(data)
    what = f"structure {names[0]}" if len(names) == 1 else f"{len(names)} structures"
    return (f"{data['scenario']}: {what}, {data['replications']} replications, seed "
            f"{data['seed']}; {duration(scenario.time.horizon)} measured after "
            f"{duration(scenario.time.warm_up)} of warm-up")


def _some(*made: Table | None) -> list[Table]:
    """Those tables that there are."""
    return [table for table in made if table is not None]


