"""The tables of a comparison (or of a run: a comparison of one) out of its JSON form.

Owns: which tables answer the question and what stands in them, for the terminal and the page
alike. Never does: judge; calls and sentences are those of the verdict.

A structure whose backlog grows without end is marked "(unstable)" wherever it is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.experiment.words import percents
from sim.metrics.registry import METRICS, VERDICT_METRICS, unsigned_zero
from sim.report.tables import (
    NOTHING,
    Heading,
    Row,
    Table,
    Writer,
    better_way,
    difference,
    half_width,
    order_of,
    rows_of,
    writer_of,
)
from sim.scenario.schema import HOURS_PER_DAY

if TYPE_CHECKING:
    from sim.experiment.run import Run

SEGMENT_METRICS = ("satisfaction", "loyalty", "response_mean_h", "fit",
                   "first_contact_resolution")
"""What is shown by segment."""

LEFT_OUT = ("measures without a value here, or 0 whatever the luck, are left out; --json has "
            "all.")

ABREAST = 4
"""Structures that fit beside each other in one table."""


def named(comparison: Mapping[str, Any], structure: str) -> str:
    """A structure's name with its warning."""
    return f"{structure} (unstable)" if structure in comparison["unstable"] else structure


def structures(comparison: Mapping[str, Any]) -> list[str]:
    """Structures compared, in listed order."""
    return list(next(iter(comparison["metrics"].values()), ()))


def verdict_metrics(comparison: Mapping[str, Any]) -> tuple[str, ...]:
    """The metrics the verdict looked at."""
    return tuple(comparison["verdict"].get("metrics", ())) or VERDICT_METRICS


def ranked(comparison: Mapping[str, Any], metric: str) -> Table:
    """One metric: structures from best to worst, mean, interval, difference to the best, call."""
    m = METRICS[metric]
    means = comparison["metrics"][metric]
    pairs = comparison["differences"].get(metric, {})
    order = order_of(m, means)
    best = order[0]
    writer = writer_of(metric, means)
    gaps = {name: difference(pairs, name, best) for name in order[1:]}
    found = {name: gap for name, gap in gaps.items() if gap is not None}
    signed = Writer(metric, [g[k] for g in found.values() for k in ("mean", "low", "high")],
                    [half_width(g) for g in found.values()], thousands=False)
    if writer.thousands:
        signed = writer
    calls = _calls(comparison, metric)
    alone = len(order) == 1
    rows = []
    for name in order:
        value = means[name]
        cells = [named(comparison, name), _mean(metric, value["mean"], writer),
                 writer.interval(value["low"], value["high"])]
        if not alone:
            gap = gaps.get(name)
            cells += ([signed.signed(gap["mean"]), signed.signed_interval(gap["low"], gap["high"]),
                       _call(calls, name, best)] if gap else [NOTHING, NOTHING, "" if name != best
                                                              else "best"])
        rows.append(Row(tuple(cells), strong=name == best and m.direction != 0))
    unit = _in_unit(metric, writer)
    first = [Heading("structure"), Heading("mean", unit, True), Heading("95% interval", unit, True)]
    gap_unit = _gap_unit(metric, signed)
    rest = [] if alone else [Heading("minus best", gap_unit, True),
                             Heading("95% interval", gap_unit, True), Heading("call")]
    title = f"{m.name[:1].upper()}{m.name[1:]}, {writer.unit}; {better_way(m)}"
    return Table(title, (*first, *rest), tuple(rows))


def pairs(comparison: Mapping[str, Any], metric: str) -> Table:
    """One metric: all paired differences with their intervals and calls."""
    m = METRICS[metric]
    found = comparison["differences"][metric]
    writer = Writer(metric, [d[k] for d in found.values() for k in ("mean", "low", "high")],
                    [half_width(d) for d in found.values()])
    calls = _calls(comparison, metric)
    rows = [(pair, writer.signed(d["mean"]), writer.signed_interval(d["low"], d["high"]),
             calls.get(pair, "")) for pair, d in found.items()]
    unit = _gap_unit(metric, writer)
    return Table(f"Paired differences in {m.name}", (
        Heading("A - B"), Heading("A minus B", unit, True), Heading("95% interval", unit, True),
        Heading("A against B")), rows_of(rows))


def overview(comparison: Mapping[str, Any], *, abreast: int = ABREAST) -> list[Table]:
    """Many metrics at a glance: mean and half-width of its interval per structure.

    Args:
        comparison: JSON form.
        abreast: Most structures beside each other; more of them make several tables.

    Returns:
        Tables of all metrics that the verdict does not look at.
    """
    chosen = [m for m in METRICS if m not in verdict_metrics(comparison)]
    names = structures(comparison)
    made = []
    blocks = -(-len(names) // abreast)
    size = -(-len(names) // blocks)
    for start in range(0, len(names), size):
        part = names[start:start + size]
        rows = []
        for metric in chosen:
            means = {s: comparison["metrics"][metric][s] for s in part}
            if silent(comparison, metric):
                continue
            writer = writer_of(metric, comparison["metrics"][metric])
            rows.append((METRICS[metric].name, _unit_word(metric, writer),
                         *(_plus_minus(writer, means[s]) for s in part)))
        made.append(Table(
            "Other measures: mean ± half-width of its 95% interval",
            (Heading("measure"), Heading("unit"),
             *(Heading(named(comparison, s), "", True) for s in part)),
            rows_of(rows), (LEFT_OUT,)))
    return made


def silent(comparison: Mapping[str, Any], metric: str) -> bool:
    """Whether a metric has nothing to say here: no value, or 0 whatever the structure and luck."""
    return all(v["mean"] is None or v["mean"] == v["low"] == v["high"] == 0
               or (v["mean"] == 0 and v["low"] is None)
               for v in comparison["metrics"][metric].values())


def winners(comparison: Mapping[str, Any], *, every_pair: bool = True) -> list[Table]:
    """Who is better and worse off, over all and in every segment.

    Args:
        comparison: JSON form.
        every_pair: False: only against the structure that was listed first.
    """
    fates = comparison["better_off"].get("pairs", {})
    if not fates:
        return []
    names = structures(comparison)
    limit = comparison["better_off"]["threshold_points"]
    least = comparison["better_off"]["minimum_cases"]
    note = (
        f"Better or worse off: own mean satisfaction differs by more than {limit:g} points, or the "
        f"customer leaves under one structure only. Judged: at least {least} closed cases.")
    rows: list[Row] = []
    for pair, fate in fates.items():
        first, second = _pair(names, pair)
        turn = not every_pair  # told as the verdict does: under others instead of the first
        if turn and first != names[0]:
            continue
        if turn:
            first, second = second, first
        told = f"{named(comparison, first)} instead of {named(comparison, second)}"
        rows.append(Row((told, "all", *_shares(fate, turn)), strong=True))
        segments = fate["segments"]
        if len(segments) > 1:
            rows += [Row(("", segment, *_shares(s, turn))) for segment, s in segments.items()]
    return [Table(
        "Who wins and who loses: the same customers under two structures",
        (Heading("under A instead of B"), Heading("segment"), Heading("better off", "%", True),
         Heading("worse off", "%", True), Heading("unchanged", "%", True),
         Heading("judged", "customers per run", True)),
        tuple(rows),
        (note,))]


def worst_served(comparison: Mapping[str, Any]) -> Table | None:
    """Who is served worst under each structure."""
    better_off = comparison["better_off"]
    segments = better_off.get("worst_segment", {})
    tenths = better_off.get("worst_decile", {})
    if not segments and not tenths:
        return None
    rows = []
    for name in structures(comparison):
        worst = segments.get(name, {"segment": NOTHING, "satisfaction": None})
        tenth = tenths.get(name, {"mean": None, "low": None, "high": None})
        writer = Writer("satisfaction", [], [])
        rows.append((named(comparison, name), worst["segment"],
                     writer.value(worst["satisfaction"]), writer.value(tenth["mean"]),
                     writer.interval(tenth["low"], tenth["high"])))
    return Table("Who is served worst: mean satisfaction", (
        Heading("structure"), Heading("worst-served segment"), Heading("its mean", "points", True),
        Heading("worst tenth of customers", "points", True),
        Heading("95% interval", "points", True)), rows_of(rows))


def staffing(comparison: Mapping[str, Any]) -> Table | None:
    """People of each structure, whole and in fractions, and whether they keep up."""
    people = comparison["verdict"].get("staffing", {})
    if not people:
        return None
    backlog = comparison["verdict"].get("backlog", {})
    rows = []
    for name, s in people.items():
        growth = backlog.get(name, {"mean": None, "low": None, "high": None})
        rows.append((
            named(comparison, name), str(s["heads"]), _number(s["fte"], 1),
            _number(s["work_fte"], 1), _number(s["head_posts"], 1), _number(s["paid_fte"], 1),
            _signed_number(growth["mean"]) + (
                "" if growth["low"] is None else
                f" ({_signed_number(growth['low'])} to {_signed_number(growth['high'])})")))
    return Table("People, and whether they keep up with the work", (
        Heading("structure"), Heading("heads", "at work", True),
        Heading("heads", "fractional", True), Heading("work", "heads, measured", True),
        Heading("bosses", "posts", True), Heading("paid", "FTE", True),
        Heading("backlog grows by", "cases/month (95% interval)", True)),
        rows_of(rows))


def infeasible(comparison: Mapping[str, Any]) -> list[str]:
    """A sentence per structure that could not be run."""
    return [f"{name} cannot be run here: {why}"
            for name, why in comparison["infeasible"].items()]


def about_intervals(comparison: Mapping[str, Any]) -> str:
    """How the intervals are to be read."""
    together = comparison["verdict"].get("intervals_together")
    text = "Means: each with its own 95% interval over replications."
    if together and len(structures(comparison)) > 1:
        text += (" Differences are paired (the same customers under both); their 95% intervals "
                 f"hold together, all {together} of the verdict at once.")
    return text


def _calls(comparison: Mapping[str, Any], metric: str) -> dict[str, str]:
    """Calls of the verdict by pair "A - B"; empty for metrics it does not look at."""
    found: dict[str, str] = comparison["verdict"].get("metrics", {}).get(metric, {}).get(
        "calls", {})
    return found


def call(comparison: Mapping[str, Any], metric: str, name: str, other: str) -> str:
    """The verdict's call on one structure against another; empty where it made none."""
    return _call(_calls(comparison, metric), name, other)


_TURNED = {"better": "worse", "worse": "better", "higher": "lower", "lower": "higher"}


def _call(calls: Mapping[str, str], name: str, best: str) -> str:
    """The call on a structure against the best."""
    if f"{name} - {best}" in calls:
        return calls[f"{name} - {best}"]
    call = calls.get(f"{best} - {name}", "")
    return _TURNED.get(call, call)


def _mean(metric: str, value: float | None, writer: Writer) -> str:
    """A mean in the unit of its column; times besides in minutes or working days, if long."""
    text = writer.value(value)
    if METRICS[metric].format != "hours" or value is None:
        return text
    if 0 < abs(value) < 1.0:
        return f"{text} ({60 * value:.0f} min)"
    if abs(value) < HOURS_PER_DAY:
        return text
    return f"{text} ({value / HOURS_PER_DAY:,.1f} working days)"


def _in_unit(metric: str, writer: Writer) -> str:
    """A short unit for the head of a column of values."""
    if writer.thousands:
        return "1,000 money"
    return {"share": "%", "points": "points", "hours": "working h", "money": "money"}.get(
        METRICS[metric].format, METRICS[metric].unit)


def _gap_unit(metric: str, writer: Writer) -> str:
    """A short unit for the head of a column of differences."""
    return "% points" if METRICS[metric].format == "share" else _in_unit(metric, writer)


def _unit_word(metric: str, writer: Writer) -> str:
    """The unit of a line of many measures, as short as it can be said."""
    m = METRICS[metric]
    if m.format == "money":
        unit = "money/case" if "case" in m.unit else "money/year"
        return unit.replace("money", "1,000") if writer.thousands else unit
    return {"share": "%", "hours": "working h"}.get(m.format, m.unit)


def _plus_minus(writer: Writer, value: Mapping[str, Any]) -> str:
    """A mean with the half-width of its interval."""
    if value["mean"] is None:
        return NOTHING
    if value["low"] is None:
        return writer.value(value["mean"])
    return f"{writer.value(value['mean'])} ±{writer.value(half_width(value))}"


def _shares(fate: Mapping[str, Any], turn: bool = False) -> tuple[str, str, str, str]:
    """Shares of customers in percent that sum to 100, and how many are judged.

    Args:
        fate: Under A instead of B.
        turn: Tell them under B instead of A.
    """
    judged = f"{fate['customers']:,.0f}"
    if fate["better"] is None:
        return NOTHING, NOTHING, NOTHING, judged
    better, worse = ("worse", "better") if turn else ("better", "worse")
    whole = percents(fate[better], fate[worse], fate["unchanged"])
    return str(whole[0]), str(whole[1]), str(whole[2]), judged


def _pair(names: Sequence[str], pair: str) -> tuple[str, str]:
    """The two structures of "A - B", whatever signs their names hold."""
    return next((a, b) for a in names for b in names if pair == f"{a} - {b}")


def _number(value: float | None, digits: int) -> str:
    """A number or nothing."""
    return NOTHING if value is None or value != value else f"{value:,.{digits}f}"


def _signed_number(value: float | None) -> str:
    """A number with its sign, or nothing."""
    return NOTHING if value is None else unsigned_zero(f"{value:+,.1f}")


def values(comparison: Mapping[str, Any]) -> list[Table]:
    """Every measure of one structure: mean and interval."""
    name = structures(comparison)[0]
    rows = []
    for metric, by in comparison["metrics"].items():
        value = by[name]
        if silent(comparison, metric):
            continue
        writer = writer_of(metric, by)
        rows.append((METRICS[metric].name, _unit_word(metric, writer),
                     _mean(metric, value["mean"], writer),
                     writer.interval(value["low"], value["high"])))
    return [Table(f"Measures of {named(comparison, name)}", (
        Heading("measure"), Heading("unit"), Heading("mean", "", True),
        Heading("95% interval", "", True)), rows_of(rows), (LEFT_OUT,))]


def of_segments(run: Run) -> Table:
    """One line per segment of a run."""
    shown = [m for m in SEGMENT_METRICS if any(m in by for by in run.segments.values())]
    writers = {
        m: Writer(m, [by[m].mean for by in run.segments.values()],
                  [by[m].half_width or 0.0 for by in run.segments.values()])
        for m in shown
    }
    rows = [
        (segment, *(_segment_cell(writers[m], by[m]) for m in shown))
        for segment, by in run.segments.items()
    ]
    return Table("By segment: mean ± half-width of its 95% interval", (
        Heading("segment"),
        *(Heading(METRICS[m].name, _in_unit(m, writers[m]), True) for m in shown)),
        rows_of(rows))


def of_departments(run: Run) -> Table:
    """One line per department of a run."""
    rows = [
        (str(row["department"]), _number(row["visits_per_year"], 0),
         _number(100 * row["utilisation"], 1), _number(row["wait_h"], 2),
         _number(100 * row["errors_per_visit"], 1), _number(row["handoffs_in_per_year"], 0))
        for row in run.departments_table.to_dict("records")
    ]
    return Table("By department: means over replications", (
        Heading("department"), Heading("visits", "per year", True),
        Heading("utilisation", "%", True), Heading("wait", "h per visit", True),
        Heading("errors", "per 100 visits", True),
        Heading("hand-offs in", "per year", True)), rows_of(rows))


def _segment_cell(writer: Writer, interval: Any) -> str:
    """A mean with its half-width."""
    if interval.mean is None:
        return NOTHING
    text = writer.value(interval.mean)
    return text if interval.half_width is None else f"{text} ±{writer.value(interval.half_width)}"
