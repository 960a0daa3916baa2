"""A scenario and its structures before any run, as tables for readers.

Owns: what of `sim.structures.describe` is shown, in which order and in which units. Never does:
compute an expectation or simulate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.tables import Heading, Row, Table, rows_of

if TYPE_CHECKING:
    from sim.structures.describe import Chart, Description, PoolLine, UnitLine

ABOUT_HANDOFFS = (
    "Mean over products and labels, without errors and without noticing a wrong label. "
    "Distance 1: same team; 2: same unit; 3: another unit under the same boss; +1 per further "
    "layer.")
TIGHT = 0.85
"""Expert work per head above which a pool is called tight: set-up and rework come on top."""


def tables(description: Description, *, all_charts: bool = False) -> list[Table | str]:
    """The description for readers: segments, load, each structure's chart, hand-offs.

    Args:
        description: From `sim.structures.describe`.
        all_charts: Draw the chart of every structure that can be run, not only of those that a
            comparison takes by default.
    """
    usable = [c for c in description.structures if c.infeasible is None]
    drawn = usable if all_charts else [c for c in usable if c.compared]
    items: list[Table | str] = [_head(description), _segments(description), _load(description),
                                _overview(description)]
    items += [_chart(c, description) for c in drawn]
    if drawn:
        items.append(_handoffs(drawn))
    return items


def _head(description: Description) -> str:
    """First lines: the firm in numbers."""
    text = (f"{description.scenario}: {description.heads:,} people at work meet "
            f"{description.load:.1f} Erlangs of expert work, "
            f"{100 * description.load / description.heads:.0f}% of their time "
            "before set-up, rework and beginners.")
    return text + (f"\n{description.summary}" if description.summary else "")


def _segments(description: Description) -> Table:
    """Who calls and how much work they bring."""
    rows = [
        (s.name, f"{100 * s.share:.0f}", f"{s.customers:,.0f}", f"{100 * s.labelled:.0f}",
         f"{s.cases_per_month:,.0f}", f"{s.load:.2f}")
        for s in description.segments
    ]
    return Table("Segments", (
        Heading("segment"), Heading("share", "%", True), Heading("customers", "", True),
        Heading("believed to be it", "%", True), Heading("cases", "per month", True),
        Heading("load", "Erlangs", True)), rows_of(rows))


def _load(description: Description) -> Table:
    """Expert work per function."""
    rows = [
        Row((f.name, f"{f.load:.2f}", f"{100 * f.load / description.load:.0f}",
             ", ".join(word for word, on in (("holds the offering", f.offering),
                                             ("licensed", f.licensed)) if on)))
        for f in description.functions
    ]
    total = Row(("all", f"{description.load:.2f}", "100", ""), strong=True)
    return Table("Offered load by function", (
        Heading("function"), Heading("load", "Erlangs", True), Heading("share", "%", True),
        Heading("")), (*rows, total))


def _overview(description: Description) -> Table:
    """One line per structure that may be named."""
    rows: list[Row] = []
    notes: list[str] = []
    for c in description.structures:
        if c.infeasible is not None:
            notes.append(f"- {c.name} cannot be run here: {c.infeasible}")
            continue
        sizes = [u.heads for u in c.units]
        pools = [p.heads for u in c.units for p in u.pools]
        bosses = c.unit_heads + c.leads + c.layer_bosses + 1
        rows.append(Row((
            c.name, c.title, str(len(c.units)), _range(sizes), str(len(pools)), _range(pools),
            str(bosses), str(c.offerings)), strong=c.compared))
    return Table("Structures", (
        Heading("structure"), Heading("what it is"), Heading("units", "", True),
        Heading("people", "per unit", True), Heading("pools", "", True),
        Heading("people", "per pool", True), Heading("bosses", "", True),
        Heading("offerings", "", True)), tuple(rows),
        ("Taken by `orgsim compare` when none is named: "
         + ", ".join(description.default)
         + ". Bosses: heads of units, leads of further teams, layers between, and the chief.",
         *notes))


def _chart(c: Chart, description: Description) -> Table:
    """Units, their pools, heads, spans and load of one structure."""
    rows: list[Row] = []
    for unit in c.units:
        rows.append(Row((
            unit.name, str(unit.heads), str(unit.teams), str(unit.largest_team),
            f"{unit.load:.2f}", _percent(unit.load, unit.heads), _offers(unit, description),
            "" if len(unit.pools) > 1 else _flag(unit.pools[0])), strong=True))
        if len(unit.pools) > 1:
            rows += [
                Row(("  " + "+".join(p.functions), str(p.heads), "", "", f"{p.load:.2f}",
                     _percent(p.load, p.heads), "", _flag(p)))
                for p in unit.pools
            ]
    notes = [f"- {note}" for note in c.notes] + [f"- WARNING: {w}" for w in c.warnings]
    return Table(f"{c.name}" + (f": {c.title}" if c.title else ""), (
        Heading("unit and its pools"), Heading("people", "", True), Heading("teams", "", True),
        Heading("span", "largest team", True), Heading("load", "Erlangs", True),
        Heading("load", "% per head", True), Heading("offerings for"), Heading("")),
        tuple(rows), tuple(notes))


def _handoffs(charts: list[Chart]) -> Table:
    """Expected hand-offs per case type and structure."""
    rows = []
    for y, line in enumerate(charts[0].cases):
        for c in charts:
            case = c.cases[y]
            far = ", ".join(f"{amount:.2f} at {distance}"
                            for distance, amount in enumerate(case.by_distance)
                            if amount >= 0.005)
            rows.append((line.name if c is charts[0] else "", c.name, f"{case.handoffs:.2f}",
                         f"{case.passes:.2f}", f"{case.visits:.2f}", far or "none"))
    return Table("Expected hand-offs per case, before any run", (
        Heading("case type"), Heading("structure"), Heading("hand-offs", "to another unit", True),
        Heading("passes", "inside a unit", True), Heading("visits", "", True),
        Heading("transfers by distance")), rows_of(rows),
        (ABOUT_HANDOFFS,))


def _offers(unit: UnitLine, description: Description) -> str:
    """For whom a unit holds offerings."""
    if not unit.offerings:
        return "-"
    to_all = len(unit.segments) in (0, len(description.segments))
    products = ", ".join(unit.offerings)
    return products if to_all else f"{products} ({', '.join(unit.segments)})"


def _flag(pool: PoolLine) -> str:
    """A word where a pool is in trouble before anything happens."""
    if pool.load >= pool.heads:
        return "OVERLOADED"
    return "tight" if pool.load > TIGHT * pool.heads else ""


def _percent(load: float, people: int) -> str:
    """Load per head in percent."""
    return f"{100 * load / people:.0f}" if people else "-"


def _range(sizes: list[int]) -> str:
    """Smallest and largest of some groups."""
    low, high = min(sizes), max(sizes)
    return str(low) if low == high else f"{low} to {high}"
