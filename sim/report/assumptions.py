"""What a study takes for granted: values, plausible ranges and who says so.

Owns: which parameters a report names. Never does: write a default down (each stands in
`sim.scenario`, with its unit and source).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.report.tables import NOTHING, Heading, Row, Table
from sim.scenario.catalogue import Key, Path, dotted, find

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

FIRST = ("staff.heads", "customers.count", "customers.cases_per_month", "needs.segment_share",
         "labels.accuracy", "handoffs.latency_h", "knowledge.product_effect",
         "knowledge.function_effect", "mistakes.base", "staff.quit_rate")
"""Asked about first where no answer in the folder says which matter here: how many people and how
much work, how different customers are and how well they are known, what a hand-off and a missing
expert cost."""
MOST = 10


def ten(scenario: Scenario, ranked: Sequence[str]) -> Table:
    """The ten that matter, with their sources.

    Args:
        scenario: The resolved scenario.
        ranked: Keys in the order of a tipping or sensitivity answer; empty: `FIRST`.
    """
    values = dict(leaves(scenario))
    by_name = {dotted(path): path for path in values}
    chosen = [key for key in ranked if key in by_name][:MOST]
    title = "The ten assumptions that matter most, the one it is easiest to be wrong about first"
    if not chosen:
        chosen = [key for key in FIRST if key in by_name]
        title = "Ten assumptions to question first, not ranked"
    rows = []
    for name in chosen:
        path = by_name[name]
        key = find(path)
        if key is not None:
            rows.append(_row(name, values[path], key))
    return Table(title, _HEADINGS, tuple(rows))


def own(scenario: Scenario) -> Table | None:
    """Parameters in which the scenario differs from the defaults, those of named tables left out.

    Segments, functions, products and case types are the firm itself: they have no default.
    """
    rows = []
    for path, value in leaves(scenario):
        key = find(path)
        if (key is None or "*" in key.path or key.default is None or value == key.default
                or key.kind not in ("number", "integer", "boolean", "choice", "duration")):
            continue
        rows.append(_row(dotted(path), value, key))
    return Table("Parameters that differ from their default", _HEADINGS, tuple(rows)) if rows \
        else None


_HEADINGS = (
    Heading("parameter"), Heading("value", "", True), Heading("default", "", True),
    Heading("unit"), Heading("plausible", "", True), Heading("meaning"), Heading("source"))


def leaves(scenario: Scenario) -> Iterator[tuple[Path, Any]]:
    """Every single value of a scenario with its place."""
    def walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                yield from walk(inner, (*path, name))
        elif not isinstance(value, list | tuple):
            yield path, value

    yield from walk(scenario.model_dump(), ())


def _row(name: str, value: Any, key: Key) -> Row:
    """A parameter with what is known of it."""
    low_high = NOTHING if key.plausible is None else " to ".join(map(_written, key.plausible))
    unit = {"duration": "h", "-": ""}.get(key.unit, key.unit)
    return Row((name, _written(value), _written(key.default), unit, low_high,
                key.meaning, key.source))


def _written(value: Any) -> str:
    """A value as people write it."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.6g}" if isinstance(value, int | float) else str(value)
