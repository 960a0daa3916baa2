"""Results as rows of text: one home for the terminal and the page.

Owns: which columns a table has, their units, and how intervals are written. Never does: draw
(the command line and the page do), or compute a number that is not in the result already.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.metrics.registry import METRICS, Metric, unsigned_zero

NOTHING = "-"
ABOUT_MARGINS = (
    "margin: the smallest difference that matters, in the unit or as % of the value; override it "
    "with --margin METRIC=WIDTH.")


@dataclass(frozen=True)
class Heading:
    """Head of a column: label, unit, side."""

    label: str
    unit: str = ""
    right: bool = False

    @property
    def text(self) -> str:
        """Label with its unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True)
class Row:
    """One row; `strong` marks the one to look at first."""

    cells: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table of text with its title and remarks."""

    title: str
    columns: tuple[Heading, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def unit_shown(metric: Metric) -> str:
    """The unit in which a metric's values are printed: shares become percentages."""
    if metric.format == "share":
        return "% of " + metric.unit.removeprefix("share of ")
    return metric.unit


def better_way(metric: Metric) -> str:
    """Which way is better, in words."""
    return {1: "more is better", -1: "less is better", 0: "neither way is better"}[
        metric.direction]


class Writer:
    """Writes the numbers of one metric with one number of decimals, fine enough to compare.

    Args:
        metric: Metric id.
        values: All values that will stand in one table: their size sets the decimals.
        widths: Half-widths that must stay visible: no interval shrinks to "5.0 to 5.0".
        thousands: Whether large sums of money may be written in thousands.
    """

    def __init__(
        self, metric: str, values: Iterable[float | None], widths: Iterable[float] = (),
        *, thousands: bool = True,
    ) -> None:
        self._metric = METRICS[metric]
        self.factor = 100.0 if self._metric.format == "share" else 1.0
        """What a value is multiplied with before it is written."""
        largest = max((abs(v) for v in values if v is not None), default=0.0)
        digits = self._metric.digits
        if self._metric.format == "hours":
            digits = 0 if largest >= 1000 else 1 if largest >= 9.95 else 2
        money = self._metric.format == "money"
        self.thousands = thousands and money and largest >= 100_000
        if self.thousands:
            self.factor, digits = 0.001, 1
        elif money and largest >= 1000:
            digits = 0
        smallest = min((w * self.factor for w in widths if w > 0), default=math.inf)
        if smallest < 0.5 * 10.0**-digits and not money:
            digits = min(digits + 2, math.ceil(-math.log10(smallest)))
        self._digits = max(digits, 0)

    @property
    def unit(self) -> str:
        """The unit in which values are written."""
        unit = unit_shown(self._metric)
        return unit.replace("money", "1,000 money", 1) if self.thousands else unit

    def value(self, value: float | None) -> str:
        """A value without its unit."""
        if value is None:
            return NOTHING
        return unsigned_zero(f"{value * self.factor:,.{self._digits}f}")

    def signed(self, value: float | None) -> str:
        """A difference with its sign, without its unit."""
        if value is None:
            return NOTHING
        text = f"{value * self.factor:+,.{self._digits}f}"
        return unsigned_zero(text)

    def interval(self, low: float | None, high: float | None) -> str:
        """An interval of values."""
        if low is None or high is None:
            return NOTHING
        return f"{self.value(low)} to {self.value(high)}"

    def signed_interval(self, low: float | None, high: float | None) -> str:
        """An interval of differences."""
        if low is None or high is None:
            return NOTHING
        return f"{self.signed(low)} to {self.signed(high)}"


def writer_of(
    metric: str, means: Mapping[str, Mapping[str, Any]], *, thousands: bool = True
) -> Writer:
    """A writer for the means of all structures on one metric."""
    return Writer(
        metric,
        [m[key] for m in means.values() for key in ("mean", "low", "high")],
        [half_width(m) for m in means.values()],
        thousands=thousands,
    )


def half_width(interval: Mapping[str, Any]) -> float:
    """Half-width of an interval; 0 where there is none."""
    if interval["low"] is None or interval["high"] is None:
        return 0.0
    return float(interval["high"] - interval["low"]) / 2.0


def difference(
    differences: Mapping[str, Mapping[str, Any]], a: str, b: str
) -> dict[str, float | None] | None:
    """The paired difference a - b, turned round if only b - a is there."""
    if (found := differences.get(f"{a} - {b}")) is not None:
        return {key: found[key] for key in ("mean", "low", "high")}
    if (found := differences.get(f"{b} - {a}")) is None:
        return None

    def minus(value: float | None) -> float | None:
        return None if value is None else -value

    return {"mean": minus(found["mean"]), "low": minus(found["high"]),
            "high": minus(found["low"])}


def order_of(metric: Metric, means: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Structures from best to worst on a metric; those without a value last.

    A metric without a better way keeps the order of the comparison.
    """
    names = list(means)
    if metric.direction == 0:
        return names

    def key(name: str) -> tuple[bool, float]:
        mean = means[name]["mean"]
        return (mean is None, 0.0 if mean is None else -metric.direction * mean)

    return sorted(names, key=key)


def vocabulary() -> Table:
    """All metrics with unit, better way and definition."""
    rows = tuple(
        Row((m.id, unit_shown(m) if m.format != "share" else m.unit,
             {1: "more", -1: "less", 0: "-"}[m.direction],
             f"{m.margin * 100:g}%" if m.relative else f"{m.margin:g}", m.definition))
        for m in METRICS.values()
    )
    return Table(
        "Metrics",
        (Heading("metric"), Heading("unit"), Heading("better"), Heading("margin", right=True),
         Heading("definition")),
        rows,
        (ABOUT_MARGINS,),
    )


def columns(*headings: str | Heading) -> tuple[Heading, ...]:
    """Headings, plain words standing for a left column without a unit."""
    return tuple(Heading(h) if isinstance(h, str) else h for h in headings)


def rows_of(rows: Sequence[Sequence[str]]) -> tuple[Row, ...]:
    """Rows out of plain sequences of text."""
    return tuple(Row(tuple(row)) for row in rows)
