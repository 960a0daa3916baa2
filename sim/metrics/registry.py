"""Every number the product reports: its id, name, unit, better way, margin and definition.

Owns: the vocabulary of results and how a value is written for people. Never does: compute a
value (`compute.py`) or judge one (`experiment.verdict`).

The *margin* is the smallest difference that matters: below it two structures are practically
equal. Margins are assumptions, and every one can be overridden where structures are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sim.errors import Fault, InputError, nearest
from sim.metrics import of_customers

Format = Literal["number", "points", "share", "hours", "money"]


@dataclass(frozen=True)
class Metric:
    """One metric of the vocabulary."""

    id: str
    name: str
    """As in a sentence: "is best on <name>"."""
    unit: str
    direction: int
    """+1 more is better, -1 less is better, 0 neither."""
    margin: float
    """Smallest difference that matters, in the unit; a share of the value if `relative`."""
    relative: bool
    definition: str
    format: Format = "number"
    digits: int = 2

    def margin_at(self, level: float, override: Margin | None = None) -> float:
        """The margin in the metric's unit when values are about `level`."""
        chosen = override or Margin(self.margin, self.relative)
        return chosen.size * abs(level) if chosen.relative else chosen.size


@dataclass(frozen=True)
class Margin:
    """A difference stated in the metric's unit, or as a share of the metric's value."""

    size: float
    relative: bool = False

    def __str__(self) -> str:
        return f"{self.size * 100:g}%" if self.relative else f"{self.size:g}"


def _metric(
    id: str, name: str, unit: str, direction: int, margin: str, definition: str,
    format: Format = "number", digits: int = 2,
) -> Metric:
    relative = margin.endswith("%")
    size = float(margin.rstrip("%")) / (100.0 if relative else 1.0)
    return Metric(id, name, unit, direction, size, relative, definition, format, digits)


_ALL = (
    _metric("satisfaction", "satisfaction", "points, 0-100", +1, "1",
            "100 times the mean satisfaction over the cases closed or abandoned in the window",
            "points", 1),
    _metric("loyalty", "loyalty", "0-1", +1, "0.01",
            "Mean over months of the mean loyalty of active customers", "number", 3),
    _metric("retention_annual", "annual retention", "share of customers per year", +1, "0.01",
            "(1 - customers who left / customer-months) to the power of 12", "share", 1),
    _metric("response_mean_h", "mean response time", "working hours", -1, "5%",
            "Mean time from request to last close, over resolved and unresolved cases",
            "hours", 2),
    _metric("response_p50_h", "median response time", "working hours", -1, "5%",
            "Response time that half of the cases do not exceed", "hours", 2),
    _metric("response_p90_h", "90% response time", "working hours", -1, "5%",
            "Response time that nine of ten cases do not exceed", "hours", 2),
    _metric("response_p99_h", "99% response time", "working hours", -1, "10%",
            "Response time that 99 of 100 cases do not exceed", "hours", 2),
    _metric("within_tolerance", "cases within tolerance", "share of cases", +1, "0.01",
            "Share of cases answered within the time their customer tolerates; abandoned cases "
            "count as outside", "share", 1),
    _metric("touch_h", "time in work", "working hours per case", -1, "5%",
            "Part of the response time in which somebody works on the case for the first time",
            "hours", 2),
    _metric("queue_h", "time in queues", "working hours per case", -1, "5%",
            "Part of the response time spent waiting for a person", "hours", 2),
    _metric("transfer_h", "time in hand-offs", "working hours per case", -1, "5%",
            "Part of the response time spent between people and units", "hours", 2),
    _metric("rework_h", "time in rework", "working hours per case", -1, "5%",
            "Part of the response time from finding an error until it is put right", "hours", 2),
    _metric("abandonment", "abandonment", "share of telephone cases", -1, "0.01",
            "Share of telephone cases whose customer gave up waiting for the first visit",
            "share", 1),
    _metric("first_contact_resolution", "first-contact resolution", "share of cases", +1, "0.01",
            "Share of cases, not abandoned, that were resolved and never reopened", "share", 1),
    _metric("contacts_per_case", "contacts per case", "contacts", -1, "0.02",
            "1 plus the mean number of reopenings by the customer"),
    _metric("visits_per_case", "visits per case", "visits", -1, "0.1",
            "Mean number of times somebody takes the case up, rework included"),
    _metric("handoffs_per_case", "hand-offs per case", "hand-offs", -1, "0.1",
            "Mean number of transfers in which the case changes unit, send-backs included"),
    _metric("passes_per_case", "passes per case", "passes", 0, "0.1",
            "Mean number of transfers inside a unit"),
    _metric("astray_per_case", "cases gone astray", "per case", -1, "0.01",
            "New cases and transfers that followed the old path after a change of structure, "
            "over closed cases", "number", 3),
    _metric("fit", "fit", "0-1", +1, "0.01",
            "Mean closeness of the offering to the need, over cases and their products",
            "number", 3),
    _metric("offering_distance", "distance between offerings", "units of need", 0, "0.05",
            "Mean distance between the offerings that two units hold of the same product",
            "number", 3),
    _metric("readiness", "readiness", "0-1", 0, "0.02",
            "How far hours of exploration have prepared the firm for a need nobody voices, at "
            "the end of measured time", "number", 3),
    _metric("unit_ties", "ties between unlike units", "0-1", +1, "0.01",
            "Familiarity of teams of different units times how different their knowledge is, mean "
            "over pairs and months", "number", 3),
    _metric("new_offerings", "new offerings", "launches per year", +1, "0.1",
            "New offerings launched"),
    _metric("new_offerings_adopted", "new offerings adopted", "share of launches", +1, "0.01",
            "New offerings that reached the target of adoption over those launched", "share", 1),
    _metric("expansions", "expansions", "expansions", +1, "0.1",
            "Expansions paid for out of what was earned in measured time"),
    _metric("free_cash", "free cash", "money", +1, "5%",
            "Earned in measured time by the firm's monthly account and not spent on expansion; 0 "
            "where there is no expansion", "money", 0),
    _metric("market_share", "market share", "share of customers there could be", +1, "0.01",
            "Customers of the firm at the end over those at the start and all prospects", "share",
            1),
    _metric("advantage", "advantage over competitors", "0-1", +1, "0.01",
            "Mean over customers and months of loyalty less what the best competitor offers",
            "number", 3),
    _metric("difference_perceived", "difference perceived", "share of customer-months", 0, "0.01",
            "Share of customers and months in which the difference to the best competitor is "
            "large enough to be seen", "share", 1),
    _metric("response_surge_h", "response time in the surge", "working hours", -1, "5%",
            "Mean response time of the cases that arrived in the surge of demand", "hours", 2),
    _metric("stock_service", "material at hand", "share of units", +1, "0.01",
            "Share of units of material whose case did not have to wait for it", "share", 1),
    _metric("stock_wait_h", "wait for material", "working hours per unit", -1, "5%",
            "Mean time a case waits for material, per unit taken", "hours", 2),
    _metric("utilisation", "utilisation", "share of hours", 0, "0.01",
            "Hours of people at work on visits over hours of filled positions", "share", 1),
    _metric("backlog", "backlog", "open cases", -1, "5%",
            "Mean number of open cases over the window", "number", 1),
    _metric("hidden_work_share", "hidden work", "share of hours", -1, "0.01",
            "Hours of reading in, changing over, travelling, redoing and coordinating over hours "
            "of filled positions", "share", 1),
    _metric("cost_line", "cost of the line", "money per year", -1, "1%",
            "Pay and employer cost of the filled positions of the line", "money", 0),
    _metric("cost_heads", "cost of heads", "money per year", -1, "5%",
            "Cost of heads of units and teams, bosses of layers, the chief, and liaison roles",
            "money", 0),
    _metric("cost_units", "cost of offerings and tools", "money per year", -1, "5%",
            "Upkeep of each unit's offerings and tools", "money", 0),
    _metric("cost_hiring", "cost of hiring", "money per year", -1, "5%",
            "Cost of replacing staff who left", "money", 0),
    _metric("cost_buffers", "cost of buffers", "money per year", -1, "5%",
            "Reserve capacity held and used, and stock", "money", 0),
    _metric("cost_growth", "cost of growth", "money per year", 0, "5%",
            "Expansions paid for", "money", 0),
    _metric("cost_change", "cost of reorganising", "money per year", -1, "5%",
            "One-off cost of changing the structure in measured time", "money", 0),
    _metric("cost_total", "cost", "money per year", -1, "1%",
            "Line, heads, offerings and tools, hiring, buffers, growth, reorganising, and what is "
            "given away together",
            "money", 0),
    _metric("cost_per_customer", "cost per customer", "money per year", -1, "1%",
            "Total cost over the mean number of active customers", "money", 2),
    _metric("cost_per_case", "cost per case", "money per resolved case", -1, "1%",
            "Total cost over the number of resolved cases", "money", 2),
    _metric("turnover_annual", "staff turnover", "share of staff per year", -1, "0.01",
            "People of the line who left over the mean number of filled positions", "share", 1),
    _metric("profit", "profit", "money per year", +1, "2%",
            "Margin on the revenue of active customers minus total cost", "money", 0),
    _metric("customers_active", "active customers", "customers", +1, "1%",
            "Customers of the firm at the end of measured time", "number", 0),
    *(_metric(*words) for words in of_customers.DEFINITIONS),
    # faults and sensing
    _metric("errors_per_case", "errors per case", "errors", -1, "0.02",
            "Errors made in visits, rework included, over closed cases", "number", 3),
    _metric("error_knowledge_share", "errors for want of knowledge", "share of errors", 0, "0.01",
            "Share of errors that would not have been made by an expert; with the module faults",
            "share", 1),
    _metric("error_information_share", "errors for want of information", "share of errors", 0,
            "0.01", "Share of errors that would not have been made with full information; with the "
            "module faults", "share", 1),
    _metric("error_fault_share", "errors from faults", "share of errors", 0, "0.01",
            "Share of errors that would not have been made without a fault of the firm's own "
            "practices (xi)", "share", 1),
    _metric("open_faults", "open faults", "faults", -1, "0.1",
            "Mean number of faults that last, each by the share of its units that still have it"),
    _metric("fault_fix_days", "time to mend a fault", "working days", -1, "1",
            "Mean time from the rise of a fault until a unit is rid of it, over those mended in "
            "the window", "number", 1),
    _metric("signals_per_visit", "signals per visit", "signals", 0, "0.01",
            "Share of visits whose signal is captured", "number", 3),
    _metric("signal_decided_share", "signals that reach a decision", "share of signals", +1,
            "0.01", "Share of captured signals of faults that become part of a decision", "share",
            1),
    _metric("signal_intensity", "intensity of bad news", "0-1", +1, "0.01",
            "Mean share of bad news left at the place of decision, of what was captured",
            "number", 3),
    _metric("fact_reach", "reach of an answer", "share of units", +1, "0.02",
            "Mean share of units that know the answer to a fault, sensing.reach_h after the first "
            "unit found it", "share", 1),
    _metric("need_error", "error of perceived needs", "units of need", -1, "0.02",
            "Mean distance between the needs that word arrived of and the mean needs of those "
            "served in the same month", "number", 3),
    _metric("coordination_share", "coordination", "share of hours", -1, "0.01",
            "Hours with second bosses, in proportion to work, over hours of filled positions",
            "share", 1),
    _metric("approvals_per_case", "approvals per case", "approvals", -1, "0.05",
            "Visits that asked for approval over closed cases"),
    _metric("approval_h", "time in approvals", "working hours per case", -1, "5%",
            "Hours for which visits waited for approval, rework included, over closed cases; "
            "outside rework a part of the time in hand-offs", "hours", 2),
    _metric("travel_h", "travel", "hours per case", -1, "5%",
            "Hours of journeys to customers over closed cases", "hours", 2),
    _metric("internal_service", "internal service", "points, 0-100", +1, "1",
            "What units think of the hand-offs they receive from other units: half for "
            "completeness, half for speed", "points", 1),
    _metric("order_cycle_knowledge", "knowledge of the order cycle", "0-1", +1, "0.01",
            "Knowledge of the functions at the end of measured time, mean over functions and "
            "staff", "number", 3),
    _metric("cost_empowerment", "cost of empowerment", "money per year", -1, "5%",
            "Concessions of empowered staff and discounts that nobody intended", "money", 0),
    # labels and records
    _metric("label_accuracy", "right labels", "share of customers", 0, "0.01",
            "Share of the customers present at the start whose label is their true segment",
            "share", 1),
    _metric("misserved_share", "visits in a wrong unit", "share of visits", -1, "0.005",
            "Share of visits in a unit that is not meant for the customer's true segment", "share",
            1),
    _metric("unserved_share", "demand turned away", "share of cases", -1, "0.005",
            "Share of cases turned away because the firm cannot tell whose they are", "share", 1),
    _metric("satisfaction_unserved", "satisfaction of those turned away", "points, 0-100", +1, "1",
            "Mean satisfaction over cases turned away", "points", 1),
    _metric("cost_information", "cost of knowing customers", "money per year", -1, "5%",
            "Hours of analysis and bought data", "money", 0),
)

_STAFF = (
    _metric("accountability", "accountability", "share of visits", +1, "0.02",
            "Share of a case's visits made under the head of the unit that took it in", "share", 1),
    _metric("morale", "morale", "0-1", +1, "0.01",
            "Mean over months of the mean morale of people at work", "number", 3),
    _metric("courtesy", "courtesy", "0-1", +1, "0.01",
            "Mean over cases of the courtesy met in their visits", "number", 3),
    _metric("courtesy_spread", "spread of courtesy", "0-1", -1, "0.005",
            "Mean over months of the standard deviation of courtesy between people at work",
            "number", 3),
    _metric("orientation", "customer orientation", "0-1", +1, "0.01",
            "Mean over months of the mean orientation of people at work", "number", 3),
    _metric("orientation_weakest", "orientation of the weakest unit", "0-1", +1, "0.01",
            "Mean over months of the mean orientation in the unit where it is least", "number", 3),
    _metric("oriented_share", "oriented staff", "share of people", +1, "0.02",
            "Mean over months of the share of people at work at or above orientation.high",
            "share", 1),
    _metric("onboarding_weeks", "weeks until a hire is brought in", "working weeks", -1, "1",
            "Mean time from hire to the proficiency usual in the post (times onboarding.ready), "
            "over hires who reached it in the window", "number", 1),
    _metric("below_profile_share", "work below profile", "share of visit hours", -1, "0.01",
            "Share of visit hours by people below the least proficiency for independent work",
            "share", 1),
    _metric("key_person_risk", "key-person risk", "share of visits", -1, "0.02",
            "Share of visits that one person of each pool, the one with most, has made; 1 where "
            "every pool hangs on one person", "share", 1),
    _metric("cost_people", "cost of profit shares and recognition", "money per year", -1, "5%",
            "Shares in profit paid to staff, and paid hours of recognition", "money", 0),
)
"""Of the mechanisms of staff; null while they are off."""

METRICS: dict[str, Metric] = {metric.id: metric for metric in (*_ALL, *_STAFF)}
"""Every metric by id, in the order of reports."""

VERDICT_METRICS = ("satisfaction", "loyalty", "response_mean_h", "cost_total")
"""What a verdict looks at unless told otherwise."""

RESPONSE_PARTS = ("touch_h", "queue_h", "transfer_h", "rework_h")
"""These four add up to response_mean_h."""


def find(id: str, where: str = "metric") -> Metric:
    """The metric of that id; `InputError` with the nearest spelling if there is none."""
    return find_all([id], where)[0]


def find_all(ids: Iterable[str], where: str = "metric") -> tuple[Metric, ...]:
    """The metrics of these ids; one `InputError` with every wrong id."""
    wanted = tuple(ids)
    faults = []
    for id in wanted:
        if id not in METRICS:
            guess = nearest(id, METRICS)
            hint = f"did you mean {guess}?" if guess else "`orgsim metrics` lists them all"
            faults.append(Fault(where, "", f"there is no metric {id!r}", hint))
    if faults:
        raise InputError(faults)
    return tuple(METRICS[id] for id in wanted)


def parse_width(text: str | float, where: str = "width") -> Margin:
    """A width such as ``0.5`` or ``"5%"`` as a `Margin`; `InputError` if it is neither."""
    bare = str(text).strip()
    relative = bare.endswith("%")
    try:
        size = float(bare.rstrip("%")) / (100.0 if relative else 1.0)
    except ValueError:
        size = -1.0
    if not 0 <= size < float("inf"):
        raise InputError(Fault(
            where, "", f"a width is a number in the metric's unit or a percentage, not {text!r}",
            'such as 0.5 or "5%"'))
    return Margin(size, relative)


def parse_widths(
    widths: Mapping[str, str | float | Margin], where: str
) -> dict[str, Margin]:
    """Widths by metric id, all ids and numbers checked; one `InputError` with every fault."""
    faults: list[Fault] = []
    parsed: dict[str, Margin] = {}
    for id, width in widths.items():
        try:
            find(id, where)
            parsed[id] = width if isinstance(width, Margin) else parse_width(width, where)
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return parsed


def _hours(value: float) -> str:
    from sim.scenario.schema import HOURS_PER_DAY  # here: listing metrics needs no pydantic

    if abs(value) < 0.995:
        return f"{value:.2f} h ({value * 60:.0f} min)"
    text = f"{value:,.0f} h" if abs(value) >= 9.95 else f"{value:.1f} h"
    return f"{text} ({value / HOURS_PER_DAY:,.1f} working days)"


def format_value(id: str, value: float | None, *, short: bool = False) -> str:
    """A value as people read it, such as "16 h (2.0 working days)"; "-" for None.

    Args:
        id: Metric id.
        value: Value in the metric's unit.
        short: Leave out the second unit in brackets.
    """
    metric = METRICS[id]
    if value is None:
        return "-"
    if metric.format == "hours":
        text = _hours(value)
        return text.split(" (")[0] if short else text
    if metric.format == "share":
        return f"{value * 100:.{metric.digits}f}%"
    return f"{value:,.{metric.digits}f}"


def format_difference(id: str, value: float | None, *, unit: bool = True, more: int = 0) -> str:
    """A difference with its sign and unit, such as "+6.1 points"; "-" for None.

    What rounds to nothing has no sign: there is no "-0.0". `more`: decimals beyond the usual.
    """
    metric = METRICS[id]
    if value is None:
        return "-"
    if metric.format == "share":
        text = f"{value * 100:+.{metric.digits + more}f}"
        return unsigned_zero(text) + (" percentage points" if unit else "")
    word = {"points": " points", "hours": " h"}.get(metric.format, "") if unit else ""
    digits = 2 if metric.format == "hours" and abs(value) < 9.95 else metric.digits
    if metric.format == "hours" and abs(value) >= 9.95:
        digits = 1
    return unsigned_zero(f"{value:+,.{digits + more}f}") + word


def unsigned_zero(text: str) -> str:
    """A number as written, without the sign if it was rounded to nothing."""
    return text.lstrip("+-") if not text.strip("+-0.,") else text
