"""What a year of a structure costs and earns.

Owns: the prices of filled hours, of heads, of units and of hiring, and the balance. Never does:
count anything (the engine does), or ask which structure it is pricing.

One full-time equivalent at work costs ``pay * loading * 2080 / availability`` a year; that is the
only place where availability enters (R29). Nothing is paid for a vacancy. A hire costs
``replacement * pay * 2080 / availability``: a share of annual *pay*, as F83 measures it, so
without the employer's loading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sim.records import Layout, Ledger
from sim.scenario.schema import HOURS_PER_MONTH, HOURS_PER_YEAR

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

MONTHS_PER_YEAR = 12.0

__all__ = ["Ledger", "change_cost", "fte_cost", "head_posts", "yearly"]


def fte_cost(scenario: Scenario) -> float:
    """Money per year of one person of the line at work all year."""
    money = scenario.money
    return money.pay * money.loading * HOURS_PER_YEAR / scenario.staff.availability


def head_posts(layout: Layout, lead_teams: float) -> float:
    """Posts of heads, real-valued: a firm's cost stays smooth in its size (R7, R47).

    Args:
        layout: The structure; a flat firm has only the chief, in a firm of one unit the unit
            head is the chief.
        lead_teams: Time average of the sum over units of (people / span - 1)+.

    Returns:
        Units, further team leads, bosses of layers, and a chief above more than one unit. Units
        of a second tree have heads, and they bosses, of their own (M26).
    """
    if layout.flat:
        return 1.0
    units = len(layout.units)
    second = len(layout.second_units) + layout.second_bosses
    return units + lead_teams + layout.layer_bosses + second + (1.0 if units > 1 else 0.0)


def case_values(scenario: Scenario) -> list[float]:
    """Value of a case by segment: that of a customer over the cases brought in a year."""
    yearly_cases = 12.0 * scenario.customers.cases_per_month
    return [s.value / (yearly_cases * s.volume) for s in scenario.segments.values()]


def given_away(scenario: Scenario, segments: Any) -> float:
    """Concessions and policy drift in a window, money (M19).

    Of the value of each adapted case 0.02 a is conceded; of the value of every closed case
    0.1 a (1 - u) leaks away as discounts that nobody intended.
    """
    free = scenario.empowerment
    if not free.enabled:
        return 0.0
    conceded = free.concession * free.level
    leaks = free.leakage * free.level * (1.0 - free.understanding)
    return sum(
        value * (conceded * float(part["adapted"]) + leaks * float(part["closed"]))
        for value, part in zip(case_values(scenario), segments, strict=True)
    )


def offerings_kept(scenario: Scenario, layout: Layout) -> float:
    """Offerings to keep up: V variants each, fewer the more of them are one standard (M20)."""
    standard = scenario.design.standardisation
    own = layout.offerings * scenario.design.variants
    return (1.0 - standard) * own + standard * len(scenario.products) if standard > 0 else own


def change_cost(scenario: Scenario, hours: float) -> float:
    """Money for `hours` of pay spent on a change of structure, priced like a hire's cost."""
    return scenario.money.pay * hours / scenario.staff.availability


def _mean(spells: Sequence[tuple[Layout, float]], window_h: float,
          what: Callable[[Layout], float]) -> float:
    """Time average of a number of the structure; exact where it does not change."""
    values = [what(layout) for layout, _ in spells]
    if all(value == values[0] for value in values):
        return values[0]
    return sum(value * hours for value, (_, hours) in zip(values, spells, strict=True)) / window_h


def monthly(scenario: Scenario, layout: Layout) -> dict[str, float]:
    """What the firm's own account of a month is made of (M24): the prices of `yearly`.

    Margin on revenue; money per filled hour, per hour of a further team lead, per hire, and per
    month for heads of units, offerings and tools.
    """
    money = scenario.money
    fte = fte_cost(scenario)
    kept = offerings_kept(scenario, layout)
    fixed = money.head_factor * fte * head_posts(layout, 0.0) + fte * (
        money.offering_fte * kept + money.tool_fte * layout.tools)
    return {
        "margin": money.margin,
        "hour": fte / HOURS_PER_YEAR,
        "head": 0.0 if layout.flat else money.head_factor * fte / HOURS_PER_YEAR,
        "hire": money.replacement * money.pay * HOURS_PER_YEAR / scenario.staff.availability,
        "month": fixed / 12.0,
    }


def buffer_cost(scenario: Scenario, totals: Any, hourly: float, years: float) -> float:
    """Money per year of a reserve for surges, held and used, and of stock (M24)."""
    cost = 0.0
    surge, stock = scenario.surge, scenario.stock
    if surge.enabled:
        held = surge.retainer * surge.reserve * float(totals["filled"])
        cost += (held + surge.reserve_pay * float(totals["reserve_hours"])) * hourly / years
    if stock.enabled:
        cost += stock.holding * stock.unit_cost * stock.level
    return cost


def yearly(
    scenario: Scenario,
    layout: Layout,
    totals: Any,
    segments: Any,
    window_h: float,
    *,
    spells: Sequence[tuple[Layout, float]] = (),
) -> Ledger:
    """The books of a window of measured time, per year (M20 fixed costs, M24, R24, R47).

    Args:
        scenario: Prices, margin, and each segment's value per customer and year.
        layout: Number of units, offerings and tools.
        totals: Sums of the firm in the window (`state.TOTALS`).
        segments: [S] sums by segment in the window (`state.SEGMENT_TOTALS`).
        window_h: Length of the window, working hours; above 0.
        spells: Where the structure changed: each one and its hours in the window.

    Returns:
        A ledger that balances. Revenue is the mean number of active customers of each segment
        over the month ends of the window (those at the end if it holds no month end) times the
        segment's value.
    """
    if not window_h > 0:
        raise ValueError(f"a ledger needs measured time, not {window_h!r} h")
    money = scenario.money
    years = window_h / HOURS_PER_YEAR
    fte = fte_cost(scenario)
    hourly = money.pay * money.loading / scenario.staff.availability

    line = float(totals["filled"]) * hourly / years
    leads = float(totals["lead_teams"]) / window_h
    spells = spells or ((layout, window_h),)
    posts = _mean(spells, window_h, lambda one: head_posts(one, leads))
    tools = _mean(spells, window_h, lambda one: one.tools)
    # Liaison roles are posts of the line, not of heads.
    heads = fte * (money.head_factor * posts + float(totals["liaisons"]) / window_h)
    kept = _mean(spells, window_h, lambda one: offerings_kept(scenario, one))
    units = fte * (money.offering_fte * kept + money.tool_fte * tools)
    annual_pay = money.pay * HOURS_PER_YEAR / scenario.staff.availability
    hiring = money.replacement * annual_pay * float(totals["hires"]) / years
    care = scenario.morale
    recognition = care.recognition_h / HOURS_PER_MONTH if care.enabled else 0.0
    people = float(totals["bonus"]) / years + recognition * line
    empowerment = given_away(scenario, segments) / years
    buffers = buffer_cost(scenario, totals, hourly, years)
    conceded = float(totals["conceded"]) / years
    extra = float(totals["extra_income"]) / years
    wins = scenario.acquisition
    promotion = wins.budget * (1.0 - wins.retention_share) if wins.enabled else 0.0
    commissions = float(totals["commissions"]) / years
    gestures = float(totals["gesture_money"]) / years
    growth = scenario.expansion.cost * float(totals["expansions"]) / years
    change = change_cost(scenario, float(totals["change_h"])) / years

    months = float(totals["months"])
    active = segments["customer_months"] / months if months > 0 else segments["active"]
    information = 0.0
    if scenario.segmentation.mode == "effort":
        information += scenario.segmentation.analysis_h * hourly
    if scenario.records.enabled and scenario.records.bought:
        information += scenario.records.bought_fee * float(sum(active))
    total = line + heads + units + hiring + people + empowerment + buffers + information
    total += conceded + promotion + commissions + gestures + growth + change

    values = [segment.value for segment in scenario.segments.values()]
    revenue = sum(float(n) * value for n, value in zip(active, values, strict=True))
    if scenario.best_customers.enabled and months > 0:  # customers differ in value (M15)
        revenue = float(totals["own_revenue"]) / months * MONTHS_PER_YEAR
    revenue += float(totals["novel_revenue"]) / years
    return Ledger(
        line=line,
        heads=heads,
        units=units,
        hiring=hiring,
        people=people,
        information=information,
        change=change,
        total=total,
        revenue=revenue,
        profit=money.margin * revenue + extra - total,
        promotion=promotion,
        commissions=commissions,
        gestures=gestures,
        concessions=conceded,
        extra=extra,
        margin=money.margin,
        empowerment=empowerment,
        buffers=buffers,
        growth=growth,
    )
