"""What a report says, whatever it is printed on: the first page and the findings after it.

Owns: which finding is told with which figure and tables, and its sentence. Never does: judge (the
verdict's words are taken as they are) or lay out (`page`, `markdown`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.experiment.words import percents
from sim.metrics.registry import METRICS, RESPONSE_PARTS
from sim.report import comparison as answer
from sim.report.tables import Heading, Row, Table, Writer, difference, half_width, order_of
from sim.report.tables import writer_of as writer_for
from sim.scenario.schema import HOURS_PER_WEEK, HOURS_PER_YEAR

if TYPE_CHECKING:
    import pandas as pd

MOST_RUNS = 40
"""Rows of runs on the page; all of them are in runs.csv."""
MOST_LOSERS = 4
_PART_NAMES = ("work", "queues", "hand-offs", "rework")


@dataclass(frozen=True)
class Finding:
    """One finding: its sentence is the heading."""

    heading: str
    text: tuple[str, ...] = ()
    """Paragraphs."""
    points: tuple[str, ...] = ()
    """A list of sentences."""
    figures: tuple[str, ...] = ()
    """Names of figures."""
    tables: tuple[Table, ...] = ()
    appendix: bool = False


@dataclass(frozen=True)
class Front:
    """Page one: it answers alone."""

    headline: str
    more: str = ""
    """The rest of the verdict's headline."""
    figure: str = ""
    measures: Table | None = None
    losers: tuple[str, ...] = ()
    calls: Table | None = None
    flips: tuple[str, ...] = ()
    """What would flip it, out of a tipping answer in the folder."""
    advice: str = ""
    """What to ask where there is no such answer."""


@dataclass(frozen=True)
class Story:
    """A whole report."""

    title: str
    lead: str
    front: Front
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...] = ()
    captions: Mapping[str, str] = field(default_factory=dict)
    """Words of each figure, also for those who cannot see it."""


def sentence(text: str) -> str:
    """A finding as a sentence: a capital letter and a full stop."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?", ":")) else whole + "."


def duration(hours: float) -> str:
    """Working time in the unit that suits it."""
    for size, word in ((HOURS_PER_YEAR, "year"), (HOURS_PER_WEEK, "week"), (1.0, "hour")):
        if hours >= size or size == 1.0:
            number = f"{hours / size:.4g}"
            return f"{number} {word}" + ("" if number == "1" else "s")
    return ""


def split(text: str) -> tuple[str, str]:
    """A long sentence cut after its first statement."""
    cuts = [i for mark in ("; ", ". ") if (i := text.find(mark)) > 0]
    return (text, "") if not cuts else (text[:min(cuts)], text[min(cuts) + 2:])


def measures(comparison: Mapping[str, Any]) -> Table | None:
    """The measures of the verdict at a glance: a row per structure, intervals in brackets."""
    shown = [m for m in answer.verdict_metrics(comparison)
             if any(v["mean"] is not None for v in comparison["metrics"][m].values())]
    names = answer.structures(comparison)
    if not shown or not names:
        return None
    writers = {m: writer_for(m, comparison["metrics"][m]) for m in shown}
    leading = {m: order_of(METRICS[m], comparison["metrics"][m])[0] for m in shown}
    rows = []
    for name in names:
        cells = [answer.named(comparison, name)]
        for m in shown:
            v = comparison["metrics"][m][name]
            cells.append(writers[m].value(v["mean"]) + (
                "" if v["low"] is None else f" ({writers[m].interval(v['low'], v['high'])})"))
        rows.append(Row(tuple(cells), strong=all(leading[m] == name for m in shown)))
    return Table(
        "The measures of the verdict: mean (95% interval)",
        (Heading("structure"),
         *(Heading(METRICS[m].name, f"{writers[m].unit}; {_way(m)}", True) for m in shown)),
        tuple(rows))


def _way(metric: str) -> str:
    return {1: "more is better", -1: "less is better", 0: "neither is better"}[
        METRICS[metric].direction]


def losers(comparison: Mapping[str, Any]) -> tuple[str, ...]:
    """Who is worse off under each structure instead of the one listed first, worst first."""
    names = answer.structures(comparison)
    found: list[tuple[float, str]] = []
    for name in names[1:]:
        fate, turn = _fate(comparison, name, names[0])
        if fate is None or fate["better"] is None:
            continue
        better, worse = ("worse", "better") if turn else ("better", "worse")
        whole = percents(fate[better], fate[worse], fate["unchanged"])
        text = (f"{name} instead of {names[0]}: {whole[1]}% of customers worse off, {whole[0]}% "
                f"better off, {whole[2]}% unchanged")
        segments = {s: f for s, f in fate["segments"].items() if f[worse] is not None}
        if len(segments) > 1:
            hit = max((f[worse], s) for s, f in segments.items())[1]
            text += f"; hit hardest: {hit} ({100 * segments[hit][worse]:.0f}% worse off)"
        found.append((-fate[worse], text))
    return tuple(sentence(text) for _, text in sorted(found)[:MOST_LOSERS])


def _fate(
    comparison: Mapping[str, Any], name: str, first: str
) -> tuple[Mapping[str, Any] | None, bool]:
    """The fate of customers under `name` and `first`, and whether it is told the other way."""
    fates = comparison["better_off"].get("pairs", {})
    if f"{name} - {first}" in fates:
        return fates[f"{name} - {first}"], False
    return fates.get(f"{first} - {name}"), True


def closest_calls(comparison: Mapping[str, Any]) -> Table | None:
    """The lead of the best over the next on each measure, the shakiest first."""
    rows = []
    for metric in answer.verdict_metrics(comparison):
        means = {n: v for n, v in comparison["metrics"][metric].items() if v["mean"] is not None}
        if len(means) < 2 or not METRICS[metric].direction:
            continue
        best, second = order_of(METRICS[metric], means)[:2]
        gap = difference(comparison["differences"].get(metric, {}), best, second)
        if gap is None or gap["mean"] is None:
            continue
        half = half_width(gap)
        writer = Writer(metric, list(gap.values()), [half], thousands=False)
        rows.append((abs(gap["mean"]) / half if half else float("inf"),
                     (METRICS[metric].name, best, second, writer.signed(gap["mean"]),
                      writer.signed_interval(gap["low"], gap["high"]), _gap_unit(metric),
                      answer.call(comparison, metric, best, second))))
    if not rows:
        return None
    rows.sort(key=lambda row: row[0])
    return Table("The closest calls: the lead over the next best, the least sure first", (
        Heading("measure"), Heading("leads"), Heading("next"), Heading("difference", "", True),
        Heading("95% interval", "", True), Heading("unit"), Heading("leader against next")),
        tuple(Row(cells) for _, cells in rows))


def _gap_unit(metric: str) -> str:
    """Unit of a difference."""
    m = METRICS[metric]
    return {"share": "% points", "hours": "working h", "points": "points"}.get(m.format, m.unit)


def of_time(comparison: Mapping[str, Any]) -> str:
    """Where the time of a case goes under the slowest structure."""
    totals = {n: v["mean"] for n, v in comparison["metrics"]["response_mean_h"].items()
              if v["mean"] is not None}
    if not totals:
        return "No case was closed: there is no response time"
    slowest = max(totals, key=lambda name: totals[name])
    parts = [comparison["metrics"][part][slowest]["mean"] or 0.0 for part in RESPONSE_PARTS]
    most = max(range(len(parts)), key=parts.__getitem__)
    told = f"{_PART_NAMES[most].capitalize()} take {parts[most]:.1f} of the "
    if most in (0, 3):
        told = told.replace(" take ", " takes ")
    return told + f"{totals[slowest]:.1f} working hours of a case under {slowest}" + (
        "" if len(totals) == 1 else ", the slowest")


def of_backlog(comparison: Mapping[str, Any]) -> str:
    """How many cases stand open under the structures with the most and the fewest."""
    return _extremes(comparison, "backlog", "on average {} cases{} stand open under {}")


def of_handoffs(comparison: Mapping[str, Any]) -> str:
    """How often cases change department."""
    return _extremes(comparison, "handoffs_per_case",
                     "a case changes department {} times{} under {}")


def _extremes(comparison: Mapping[str, Any], metric: str, words: str) -> str:
    """The structures with the most and the least of something, with intervals."""
    means = {n: v for n, v in comparison["metrics"][metric].items() if v["mean"] is not None}
    if not means:
        return f"Nothing is known of {METRICS[metric].name}"
    writer = writer_for(metric, means)

    def told(name: str) -> tuple[str, str]:
        v = means[name]
        sure = v["low"] is None or v["low"] == v["high"]
        return writer.value(v["mean"]), "" if sure else (
            f" (95% CI {writer.interval(v['low'], v['high'])})")

    order = sorted(means, key=lambda name: -means[name]["mean"])
    first = words.format(*told(order[0]), order[0])
    if len(order) == 1:
        return first
    value, interval = told(order[-1])
    return f"{first}, {value}{interval} under {order[-1]}"


def of_losers(comparison: Mapping[str, Any]) -> str:
    """The structure under which most customers lose, in a sentence."""
    told = losers(comparison)
    return told[0].split("; hit hardest")[0] if told else "Who is served worst differs little"


def of_others(comparison: Mapping[str, Any]) -> str:
    """How many of the other measures tell structures apart."""
    others = [m for m in METRICS if m not in answer.verdict_metrics(comparison)
              and not answer.silent(comparison, m)]
    apart = sum(
        any(d["low"] is not None and (d["low"] > 0 or d["high"] < 0)
            for d in comparison["differences"].get(m, {}).values())
        for m in others)
    return (f"{apart} of {len(others)} other measures tell at least two structures apart "
            "(a paired 95% interval without 0)")


def of_runs(runs: pd.DataFrame, comparison: Mapping[str, Any], *, again: str) -> Finding:
    """Every run with its id, and how it is made again."""
    shown = [m for m in answer.verdict_metrics(comparison) if m in runs.columns]
    rows = runs.sort_values("replication", kind="stable").head(MOST_RUNS)
    rows = rows.sort_index()
    writers = {m: Writer(m, [_number(v) for v in runs[m]]) for m in shown}
    cells = [
        (str(row["run_id"]), str(row["structure"]), str(row["replication"]), str(row["seed"]),
         *(writers[m].value(_number(row[m])) if row["status"] == "ok" else str(row["status"])
           for m in shown))
        for row in rows.to_dict("records")
    ]
    more = len(runs) - len(rows)
    notes = (again,) + ((f"{more:,} more runs are in runs.csv.",) if more else ())
    one = len(runs) == 1
    return Finding(
        f"{len(runs):,} run{'' if one else 's'} stand{'s' if one else ''} behind these numbers, "
        f"and {'it' if one else 'each'} can be made again",
        tables=(Table("Runs", (
            Heading("run id"), Heading("structure"), Heading("replication", "", True),
            Heading("root seed", "", True),
            *(Heading(METRICS[m].name, writers[m].unit, True) for m in shown)),
            tuple(Row(row) for row in cells), notes),), appendix=True)


def _number(value: Any) -> float | None:
    """A number, None where there is none."""
    return None if value is None or value != value else float(value)


def tables_of(found: Sequence[Table | None]) -> tuple[Table, ...]:
    """Those that are there."""
    return tuple(one for one in found if one is not None)
