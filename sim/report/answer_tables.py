"""Tables of answers to questions, out of the data that lies in their folders.

Owns: which numbers of an answer are shown, with units and intervals, and how many. Never does:
compute, or read files (`answers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.metrics.registry import METRICS, format_difference, format_value
from sim.report.tables import NOTHING, Heading, Row, Table, better_way, unit_shown

MOST_ROWS = 15
Data = Mapping[str, Any]


def tipping(data: Data) -> tuple[Table, ...]:
    """The flips of a tipping answer."""
    rows = [
        Row((str(a["key"]), _n(a["now"]), str(a["unit"]).strip("-"), _n(f["at"]), _between(f),
             str(f["overtakes"]), f"{100 * float(f['share_of_way']):.0f}"))
        for a in data["assumptions"] for f in a["flips"]
    ]
    return _bounded("Where the two change places", (
        Heading("assumption"), Heading("now", "", True), Heading("unit"),
        Heading("flips at", "", True), Heading("95% interval", "", True),
        Heading("overtakes"), Heading("of the way", "% to the end of the range", True)),
        rows)


def explanation(data: Data) -> tuple[Table, ...]:
    """The parts of an explanation."""
    unit, factor = _unit(data)
    rows = [Row((str(p["name"]), _s(p["mean"], factor), _between(p, factor)))
            for p in data["parts"]]
    rows.append(Row(("all causes", _s(data["gap"]["mean"], factor), _between(data["gap"], factor)),
                    strong=True))
    return _bounded(f"{data['second']} minus {data['first']}, cause by cause", (
        Heading("cause"), Heading("part", unit, True), Heading("95% interval", unit, True)), rows)


def map_(data: Data) -> tuple[Table, ...]:
    """Where the lead passes from one structure to another."""
    axes = {"x": data["x"], "y": data["y"]}
    rows = []
    for s in data["switches"]:
        other = axes["y" if s["along"] == "x" else "x"]["key"]
        rows.append(Row((f"{s['winner']} from {s['loser']}", str(axes[s["along"]]["key"]),
                         _n(s["at"]), _between(s), f"{other} = {_n(s['held'])}")))
    return _bounded("Where the lead passes", (
        Heading("lead goes to"), Heading("at which key"), Heading("value", "", True),
        Heading("95% interval", "", True), Heading("held")), rows)


def staffing(data: Data) -> tuple[Table, ...]:
    """People needed by each structure."""
    rows = []
    for s in data["structures"]:
        fte, cost = s.get("fte") or {}, s.get("cost") or {}
        rows.append(Row((str(s["structure"]), _n(s.get("heads")), _n(fte.get("mean")),
                         _between(fte), _n(cost.get("mean")), _between(cost))))
    return _bounded("People each structure needs", (
        Heading("structure"), Heading("heads", "whole", True),
        Heading("heads", "fractional", True), Heading("95% interval", "", True),
        Heading("cost", "money/year", True), Heading("95% interval", "", True)), rows)


def sensitivity(data: Data) -> tuple[Table, ...]:
    """Shares of the variance, and what each key moves."""
    def share(one: Data) -> tuple[str, str]:
        return _n(_hundred(one["share"])), _between(
            {"low": _hundred(one["low"]), "high": _hundred(one["high"])})

    rows = sorted(data["factors"], key=lambda f: -float(f["total"]["high"] or 0.0))
    shares = _bounded(
        f"Shares of the variance of {METRICS[data['metric']].name}",
        (Heading("assumption"), Heading("by itself", "%", True), Heading("95% interval", "", True),
         Heading("in all", "%", True), Heading("95% interval", "", True)),
        [Row((str(f["name"]), *share(f["alone"]), *share(f["total"]))) for f in rows],
        "No share is told where its interval is wider than itself: more runs tell it.")
    unit, factor = _unit(data)
    moved = sorted(data["screened"], key=lambda k: -float(k["mean"] or 0.0))
    return (*shares, *_bounded(
        "How far each key moves it over its range, in the screening",
        (Heading("assumption"), Heading("range"), Heading("mean effect", unit, True),
         Heading("95% interval", "", True), Heading("kept")),
        [Row((str(k["key"]), f"{_n(k['low'])} to {_n(k['high'])} {str(k['unit']).strip('-')}",
              _n(_times(k["mean"], factor)),
              _between({"low": k["least"], "high": k["most"]}, factor),
              "yes" if k["kept"] else "no")) for k in moved]))


def selection(data: Data) -> tuple[Table, ...]:
    """What each structure reached, and how far it is behind."""
    unit, factor = _unit(data)
    rows = [Row((
        str(s["structure"]), str(s["fate"]), str(s["replications"]),
        _n(_times(s["value"]["mean"], factor)), _between(s["value"], factor),
        _n(_times(s["behind"]["mean"], factor)), _between(s["behind"], factor),
        _n(s["dropped_at"])), strong=s["structure"] == data["best"]) for s in data["structures"]]
    return _bounded("Structure by structure", (
        Heading("structure"), Heading("fate"), Heading("replications", "", True),
        Heading("mean", unit, True), Heading("95% interval", "", True),
        Heading("behind the best", unit, True), Heading("95% interval", "", True),
        Heading("dropped at", "replication", True)), rows)


def front(data: Data) -> tuple[Table, ...]:
    """Designs on the front, and what is given up along it."""
    metrics = list(data["metrics"])
    known = [d for d in data["designs"] if d["status"] in ("sure", "unclear", "possible")]
    designs = _bounded("Designs that no other beats", (
        Heading("design"), Heading("what it is"), Heading("on the front"),
        Heading("replications", "", True),
        *(Heading(METRICS[m].name, f"{unit_shown(METRICS[m])}; {better_way(METRICS[m])}", True)
          for m in metrics)),
        [Row((str(d["label"]), "; ".join(t for t in (d["structure"], d["rest"]) if t),
              str(d["status"]), str(d["replications"]),
              *(_mean(m, d["metrics"].get(m)) for m in metrics))) for d in known])
    return (*designs, *_bounded("Along the front: what one step changes", (
        Heading("from"), Heading("to"),
        *(Heading(METRICS[m].name, difference_unit(m), True) for m in metrics)),
        [Row((str(s["from"]), str(s["to"]), *(_change(m, s["changes"].get(m)) for m in metrics)))
         for s in data["steps"]]))


def reorganisation(data: Data) -> tuple[Table, ...]:
    """What a change costs, when it pays, and the curve in numbers."""
    arms = [Row((
        f"{100 * a['budget']:g}%", _one(a["people_moved"]), _one(a["cost"]),
        _one(a["break_even_months"]),
        _n(_hundred(a["never"]["mean"])) + _bracket(
            {end: _hundred(a["never"][end]) for end in ("low", "high")}))) for a in data["arms"]]
    curves = [Row((
        f"{100 * a['budget']:g}%", METRICS[m].name,
        "money per month" if METRICS[m].unit == "money per year" else difference_unit(m),
        _change(m, c["dip"]),
        _n(c["dip_month"]), str(c["dip_months"]), _change(m, c["settled"])))
        for a in data["arms"] for m, c in a["curves"].items()]
    return (*_bounded("What the change costs and when it pays: mean (95% interval)", (
        Heading("budget"), Heading("people who change pool", "", True),
        Heading("cost", "money, once", True),
        Heading("level again after", "months, where it pays", True),
        Heading("has not paid by the end", "% of replications", True)), arms),
        *_bounded(f"Month by month: {data['second']} instead of {data['first']}, changed minus "
                  "stayed (95% interval)", (
                      Heading("budget"), Heading("measure"), Heading("unit"),
                      Heading("worst month", "", True), Heading("which", "month", True),
                      Heading("months worse", "", True), Heading("last six months", "", True)),
                  curves))


def diagnosis(data: Data) -> tuple[Table, ...]:
    """The misfits, and what each change did."""
    metrics = list(data["metrics"])
    rows = [Row((f"{n}. {m['change']}", *(_change(id, m["effects"].get(id)) for id in metrics)))
            for n, m in enumerate(data["misfits"], start=1)]
    return (*_bounded(f"{data['structure']} as it is: mean (95% interval)", (
        Heading("measure"), Heading("unit"), Heading("value", "", True)),
        [Row((METRICS[id].name, unit_shown(METRICS[id]), _mean(id, i)))
         for id, i in data["metrics"].items()]),
        *_bounded("What each change did, on the same customers: changed minus as it is "
                  "(95% interval)", (
                      Heading("change"),
                      *(Heading(METRICS[id].name, difference_unit(id), True) for id in metrics)),
                  rows))


def none(_: Data) -> tuple[Table, ...]:
    """No table: the words say it all."""
    return ()


def difference_unit(metric: str) -> str:
    """Unit in which a difference is written."""
    m = METRICS[metric]
    return {"share": "% points", "hours": "working h", "points": "points"}.get(m.format, m.unit)


def _bounded(title: str, columns: tuple[Heading, ...], rows: list[Row],
             *notes: str) -> tuple[Table, ...]:
    """A table of so many rows at most, which says so; none without rows."""
    if not rows:
        return ()
    more = len(rows) - MOST_ROWS
    return (Table(title, columns, tuple(rows[:MOST_ROWS]), (
        *notes, *((f"{more:,} more rows are in the answer's data.",) if more > 0 else ()))),)


def _mean(metric: str, i: Data | None) -> str:
    """A value with its interval."""
    if i is None or i["mean"] is None:
        return NOTHING
    told = format_value(metric, i["mean"], short=True)
    return told if i["low"] is None else (
        f"{told} ({format_value(metric, i['low'], short=True)} to "
        f"{format_value(metric, i['high'], short=True)})")


def _change(metric: str, i: Data | None) -> str:
    """A difference with its interval."""
    if i is None or i["mean"] is None:
        return NOTHING
    told = format_difference(metric, i["mean"], unit=False)
    return told if i["low"] is None else (
        f"{told} ({format_difference(metric, i['low'], unit=False)} to "
        f"{format_difference(metric, i['high'], unit=False)})")


def _one(i: Data) -> str:
    """A number with its interval."""
    return _n(i["mean"]) + _bracket(i)


def _bracket(i: Data) -> str:
    return "" if i["low"] is None or i["high"] is None else f" ({_between(i)})"


def _hundred(share: Any) -> Any:
    return _times(share, 100.0)


def _times(value: Any, factor: float) -> Any:
    return value * factor if isinstance(value, int | float) else None


def _unit(data: Mapping[str, Any]) -> tuple[str, float]:
    """Unit of an answer's numbers as they are written, and what they are multiplied with."""
    metric = METRICS.get(str(data.get("metric")))
    if metric is not None and metric.format == "share":
        return "% points", 100.0
    return str(data.get("unit", "")), 1.0


def _n(value: Any) -> str:
    """A number in three or four figures."""
    if not isinstance(value, int | float):
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _s(value: Any, factor: float = 1.0) -> str:
    """A number with its sign."""
    return f"{factor * value:+,.3g}" if isinstance(value, int | float) else NOTHING


def _between(found: Mapping[str, Any], factor: float = 1.0) -> str:
    """An interval."""
    low, high = found.get("low"), found.get("high")
    if low is None and high is None:
        return NOTHING
    ends = [_n(factor * e) if isinstance(e, int | float) else "beyond" for e in (low, high)]
    return " to ".join(ends)
