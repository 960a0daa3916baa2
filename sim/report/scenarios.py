"""The eight scenarios as tables of docs/scenarios.md, from a stored answer.

Owns: how expected and found winners, statements, level facts and checks are written for people.
Never does: run or judge anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.metrics.registry import METRICS, format_difference, format_value
from sim.report.theory import grid

if TYPE_CHECKING:
    from sim.experiment.theory.firms import Firms, LevelFact

Stored = Mapping[str, Any]
"""What `ScenarioReport.to_json` gave."""

RESULTS = {"holds": "holds", "tie": "tie", "fails": "**fails**"}


def blocks(stored: Stored, data: Firms) -> dict[str, str]:
    """Every generated part of the page by name."""
    return {
        "scenario-counts": counts(stored),
        "scenario-firms": described(data),
        "scenario-winners": winners(stored, data),
        "scenario-statements": statements(stored, data),
        "scenario-changes": changes(stored, data),
        "scenario-levels": levels(stored, data),
        "scenario-checks": checks(stored),
    }


def counts(stored: Stored) -> str:
    """The counts in one sentence."""
    told, tally = len(stored["rows"]), stored["counts"]
    inside = sum(level["result"] == "holds" for level in stored["levels"])
    return (f"Of {told} expectations {tally['holds']} hold, {tally['tie']} tie and "
            f"{tally['fails']} fail; {inside} of {len(stored['levels'])} levels lie in their "
            f"published range ({looked_at(stored)}, seed of the file).\n\n"
            "<!-- made by: python scripts/docs.py --scenarios "
            f"({stored.get('fingerprint', '')}) -->")


def looked_at(stored: Stored) -> str:
    """Replications behind the rows: fewer for firms with very many cases."""
    told = {row["n"] for row in stored["rows"] if row["n"] > 0} or {stored["replications"]}
    words = f"{max(told)}" if len(told) == 1 else f"{min(told)} to {max(told)}"
    return f"{words} replications"


def described(data: Firms) -> str:
    """The firms as shipped."""
    rows = []
    plain = {row.firm.scenario: row for row in data.rows
             if not (row.firm.overlays or row.added)}
    for name, row in plain.items():
        scenario = row.firm.load()
        customers = scenario.customers
        rows.append([
            row.id, f"`{name}`", f"{customers.count:,}", f"{customers.cases_per_month:g}",
            str(scenario.staff.heads), ", ".join(scenario.functions),
            ", ".join(scenario.segments), ", ".join(f"`{s}`" for s in row.structures)])
    return grid(["", "file", "customers", "cases a month", "people", "functions", "segments",
                 "structures compared"], rows)


def _value(metric: str, value: float | None) -> str:
    return format_value(metric, value, short=True)


def winners(stored: Stored, data: Firms) -> str:
    """Expected against found, winner by winner; then why what fails fails."""
    by_id = {row.id: row for row in data.rows}
    rows, reasons = [], []
    for told in stored["rows"]:
        if told["row"] not in by_id or not told["means"]:
            continue
        row, metric = by_id[told["row"]], told["metric"]
        means = sorted(((n, v) for n, v in told["means"].items() if v is not None),
                       key=lambda pair: -METRICS[metric].direction * pair[1])
        shown = "; ".join(
            f"{'**' if n in told['leaders'] else ''}{n}{'**' if n in told['leaders'] else ''} "
            f"{_value(metric, v)}{' (grows)' if n in told['unstable'] else ''}" for n, v in means)
        tau = "-" if told["tau"] is None else f"{told['tau']:.2f}"
        label = f"{told['row']}: {row.story}" + (" †" if row.added else "")
        rows.append([label, METRICS[metric].name, f"{told['expected']} ({told['confidence']})",
                     shown, RESULTS[told["result"]], tau])
        reason = (row.explained or {}).get(metric)
        if reason:
            reasons.append(f"- **{told['row']}, {METRICS[metric].name}** ({told['result']}): "
                           f"{reason}")
    added = [f"† {row.id} was added after the first run: {row.added}"
             for row in data.rows if row.added]
    parts = [grid(["firm", "metric", "expected (confidence)", "found, best first, leaders bold",
                   "result", "Kendall tau"], rows), *added]
    if reasons:
        parts += ["Why it came out otherwise:", "\n".join(reasons)]
    return "\n\n".join(parts)


def statements(stored: Stored, data: Firms) -> str:
    """Single differences an expert is sure of."""
    by_id = {s.id: s for s in data.statements}
    rows, reasons = [], []
    for told in stored["rows"]:
        statement = by_id.get(told["row"])
        if statement is None:
            continue
        metric = told["metric"]
        interval = "-" if told["effect"] is None else (
            f"{format_difference(metric, told['effect'])} "
            f"({format_difference(metric, told['low'], unit=False)} to "
            f"{format_difference(metric, told['high'], unit=False)})")
        rows.append([statement.id, statement.text, METRICS[metric].name, told["expected"],
                     interval, RESULTS[told["result"]]])
        if statement.explained:
            reasons.append(f"- **{statement.id}** ({told['result']}): {statement.explained}")
    text = grid(["", "statement", "metric", "expected", "found (95% interval)", "result"], rows)
    return text + ("\n\n" + "\n".join(reasons) if reasons else "")


def changes(stored: Stored, data: Firms) -> str:
    """Firms that change their structure in mid-run, against the twin that stays."""
    by_row: dict[str, list[Mapping[str, Any]]] = {}
    for told in stored["rows"]:
        by_row.setdefault(told["row"], []).append(told)
    rows, reasons = [], []
    for change in data.changes:
        mine = by_row.get(change.id, [])
        if not mine:
            rows.append([change.id, change.text, "", "", "not run", ""])
        for told in mine:
            interval = "-" if told["effect"] is None else f"{told['effect']:.4g}"
            if told["low"] is not None:
                interval += f" ({told['low']:.4g} to {told['high']:.4g})"
            name = METRICS[told["metric"]]
            rows.append([change.id, change.text, f"{name.name} ({name.unit})",
                         f"{told['expected']} ({told['confidence']})", interval,
                         RESULTS[told["result"]]])
            if told["note"]:
                reasons.append(f"- **{told['id']}** ({told['result']}): {told['note']}")
    text = grid(["", "change", "metric", "expected (confidence)", "found (95% interval)",
                 "result"], rows)
    return text + ("\n\n" + "\n".join(reasons) if reasons else "")


def _level(fact: LevelFact, value: float | None) -> str:
    if value is None:
        return "-"
    if fact.metric:
        return format_value(fact.metric, value, short=True)
    return f"{value:.1f}"


def levels(stored: Stored, data: Firms) -> str:
    """Level facts, found against published, by fact."""
    parts = []
    for fact in data.facts:
        mine = [level for level in stored["levels"] if level["fact"] == fact.id]
        rows = [[
            f"`{level['scenario']}`", level["structure"], _level(fact, level["value"]),
            f"{_level(fact, level['low'])} to {_level(fact, level['high'])}",
            {"holds": "inside", "tie": "at the edge", "fails": "**outside**"}[level["result"]],
            f"{_level(fact, level['least'])} to {_level(fact, level['most'])}", level["source"],
        ] for level in mine]
        parts += [f"**{fact.title}** ({fact.unit}). {_sentence(fact.rule)}",
                  grid(["scenario", "structure", "found", "published", "", "over structures",
                        "source"], rows)]
        reasons = _reasons(fact, mine)
        if reasons:
            parts.append("\n".join(reasons))
    return "\n\n".join(parts)


def _reasons(fact: LevelFact, rows: Iterable[Mapping[str, Any]]) -> Sequence[str]:
    return [f"- `{row['scenario']}`: {fact.ranges[row['scenario']].explained}" for row in rows
            if row["result"] != "holds" and fact.ranges[row["scenario"]].explained]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def checks(stored: Stored) -> str:
    """Conditions over all scenarios."""
    return grid(["check", "", "found"], [
        [check["text"], "holds" if check["passed"] else "**fails**", check["found"]]
        for check in stored["checks"]])
