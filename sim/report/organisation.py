"""The organisation chart of a structure with what flows through it.

Owns: departments as rooms sized by heads, and the hand-offs between them as arrows. Never does:
compute an expectation (`sim.structures.routing` walks the cases) or simulate.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import OrgSimError
from sim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    from sim.scenario.schema import Scenario

PER_CASES = 100.0
"""Flows are told per so many cases."""
LEAST_SHOWN = 0.5
"""Hand-offs per hundred cases below which no arrow is drawn."""
MOST_NUMBERS = 8
"""Arrows with their number beside them."""
LARGEST_ROOM_IN = 0.92
ARCS_IN = (0.34, 0.95)
"""Depth of the arcs to the next department and to the farthest, inches."""


@dataclass(frozen=True)
class Organisation:
    """One structure as it is drawn."""

    structure: str
    title: str
    departments: tuple[str, ...]
    heads: tuple[int, ...]
    """People of the line by department."""
    handoffs: tuple[tuple[float, ...], ...]
    """Row: sending department, column: receiving; expected per 100 cases, before errors."""
    passes: float
    """Transfers inside a department, per 100 cases."""

    @property
    def total(self) -> float:
        """Hand-offs per 100 cases."""
        return sum(map(sum, self.handoffs))

    @property
    def sentence(self) -> str:
        """The chart in words."""
        count = len(self.departments)
        places = "one department" if count == 1 else f"{count} departments"
        return (f"{places}, {sum(self.heads):,} people; per 100 cases, before errors: "
                f"{self.total:,.0f} hand-offs, {self.passes:,.0f} passes inside departments")


def organisation(
    scenario: Scenario, structure: str, pools: Mapping[str, int], heads: int
) -> Organisation | None:
    """A structure laid out and walked through; None where it cannot be built.

    Args:
        scenario: The world.
        structure: Its name.
        pools: People of each pool.
        heads: People of the line, all together.
    """
    from sim.structures import build
    from sim.structures.presets import title
    from sim.structures.routing import flow

    try:
        layout = build(scenario, structure, heads)
        sums = flow(scenario, layout)
    except OrgSimError:
        return None
    units = len(layout.units)
    transfers = np.zeros((units, units))
    cases = sums.begun.sum(axis=1)
    for begun, (sender, receiver, rate) in zip(cases, sums.transfers, strict=True):
        np.add.at(transfers, (layout.pool_unit[sender], layout.pool_unit[receiver]), rate * begun)
    transfers *= PER_CASES / max(float(cases.sum()), 1e-12)
    inside = float(np.trace(transfers))
    np.fill_diagonal(transfers, 0.0)
    sizes = np.bincount(layout.pool_unit, weights=[pools.get(name, 0) for name in layout.pools],
                        minlength=units)
    return Organisation(
        structure, title(scenario, structure), layout.units,
        tuple(int(n) for n in sizes), tuple(tuple(map(float, row)) for row in transfers), inside)


def organisations(
    scenario: Scenario, staffing: Mapping[str, Mapping[str, Any]]
) -> list[Organisation]:
    """All structures of a study that can be drawn.

    Args:
        scenario: The world.
        staffing: Of the verdict: people of each structure and of its pools.
    """
    found = (
        organisation(scenario, name, {p: int(n["heads"]) for p, n in people["pools"].items()},
                     int(people["heads"]))
        for name, people in staffing.items() if people and people.get("pools"))
    return [one for one in found if one is not None]


def figures(drawn: Sequence[Organisation]) -> dict[str, tuple[bytes, bytes]]:
    """A figure per structure, all on one scale: file name to (SVG, PNG)."""
    from sim.store.layout import slug

    if not drawn:
        return {}
    largest = max(max(one.heads) for one in drawn)
    busiest = max(max(map(max, one.handoffs)) for one in drawn)
    colour = style.colours([one.structure for one in drawn])
    made = {}
    with style.drawing():
        for i, one in enumerate(drawn):
            name = f"organisation-{slug(one.structure)}"
            if name in made:
                name = f"{name}-{i + 1}"
            chart = picture(one, colour[one.structure], largest=largest, busiest=busiest)
            made[name] = (style.svg(chart), style.png(chart))
    return made


def picture(one: Organisation, colour: str, *, largest: int, busiest: float) -> Figure:
    """One structure.

    Args:
        one: What is drawn.
        colour: The structure's.
        largest: Heads of the largest department of all figures: it gets the largest room.
        busiest: Hand-offs per 100 cases on the thickest arrow of all figures.
    """
    count = len(one.departments)
    arcs = _arcs(one)
    deepest = max((_depth(i, j, count) for i, j, _ in arcs), default=0.0)
    names_top = 0.78
    sides = [LARGEST_ROOM_IN * math.sqrt(max(n, 0) / max(largest, 1)) for n in one.heads]
    room = max(sides)
    height = names_top + 0.55 + room + (deepest + 0.3 if arcs else 0.12)
    made = style.figure(height)
    made.set_layout_engine("none")
    ax = made.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set_xlim(0, style.WIDTH_IN)
    ax.set_ylim(height, 0)
    ax.axis("off")
    slot = style.WIDTH_IN / count
    centres = [slot * (i + 0.5) for i in range(count)]
    floor = names_top + 0.55 + room
    ax.text(0.05, 0.06, _short(one.structure, 40), fontsize=12, fontweight="bold", color=colour,
            va="top")
    ax.text(0.05, 0.32, f"{_short(one.title, 60)}: {one.sentence}" if one.title
            else one.sentence, fontsize=8.5, color=style.FAINT, va="top")
    _lines_of_command(ax, centres, names_top)
    cut = max(8, int(slot / 0.078))
    for x, name, heads, side in zip(centres, one.departments, one.heads, sides, strict=True):
        lines = textwrap.wrap(_short(name, 2 * cut), cut)[:2]
        ax.text(x, floor - room - 0.28, "\n".join(lines), ha="center", va="center", fontsize=8.5,
                linespacing=1.05)
        ax.add_patch(_room(x - side / 2, floor - side, side, colour))
        inside = side > 0.17 + 0.075 * len(f"{heads:,}")
        ax.text(x if inside else x + side / 2 + 0.06, floor - side / 2, f"{heads:,}",
                ha="center" if inside else "left", va="center", fontsize=9.5, fontweight="bold",
                color="white" if inside else style.INK)
    ax.text(style.WIDTH_IN - 0.05, 0.06, "rooms: people", fontsize=8.5, color=style.FAINT,
            va="top", ha="right")
    if arcs:
        ax.text(style.WIDTH_IN - 0.05, height - 0.04,
                "arrows: hand-offs per 100 cases; under 0.5 not drawn", fontsize=8.5,
                color=style.FAINT, va="bottom", ha="right")
    _draw_arcs(ax, arcs, centres, floor, slot, max(busiest, 1e-9))
    return made


def _arcs(one: Organisation) -> list[tuple[int, int, float]]:
    """Sending and receiving department and hand-offs of each arrow, the largest last."""
    found = [(i, j, value) for i, row in enumerate(one.handoffs) for j, value in enumerate(row)
             if value >= LEAST_SHOWN]
    return sorted(found, key=lambda arc: arc[2])


def _depth(i: int, j: int, count: int) -> float:
    """How far below the rooms an arrow swings, inches; the way back swings wider."""
    share = (abs(i - j) - 1) / max(count - 2, 1)
    return ARCS_IN[0] + (ARCS_IN[1] - ARCS_IN[0]) * share + (0.16 if j < i else 0.0)


def _draw_arcs(ax: Axes, arcs: Sequence[tuple[int, int, float]], centres: Sequence[float],
               floor: float, slot: float, busiest: float) -> None:
    """Arrows below the rooms, their width the hand-offs, the largest with its number."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    port = min(0.12, 0.1 * slot)
    for rank, (i, j, value) in enumerate(arcs):
        way = 1.0 if j > i else -1.0
        start, end = centres[i] + port * way, centres[j] - port * way
        if way < 0:
            start, end = centres[i] + port, centres[j] - port
        deep = floor + 4.0 / 3.0 * _depth(i, j, len(centres))
        path = Path([(start, floor + 0.03), (start, deep), (end, deep), (end, floor + 0.03)],
                    [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
        width = 0.7 + 7.0 * value / busiest
        ax.add_patch(FancyArrowPatch(
            path=path, arrowstyle=f"-|>,head_width={2.0 + 0.4 * width},head_length="
            f"{3.5 + 0.35 * width}", mutation_scale=1.0, linewidth=width, color="#97A1AD",
            shrinkA=0, shrinkB=0, fill=True, capstyle="butt", joinstyle="miter",
            zorder=1 + value / busiest))
        if len(arcs) - rank <= MOST_NUMBERS:
            ax.text((start + end) / 2, floor + 0.03 + _depth(i, j, len(centres)),
                    f"{value:,.0f}" if value >= 10 else f"{value:.1f}", ha="center", va="center",
                    fontsize=8.5, fontweight="bold", zorder=3,
                    bbox={"facecolor": "white", "linewidth": 0.0, "pad": 0.8, "alpha": 0.85})


def _lines_of_command(ax: Axes, centres: Sequence[float], top: float) -> None:
    """The chief, and a line down to every department."""
    middle = sum(centres) / len(centres)
    bar = top + 0.08
    ax.plot([centres[0], centres[-1]], [bar, bar], color=style.FAINT, linewidth=0.9)
    ax.plot([middle, middle], [top - 0.04, bar], color=style.FAINT, linewidth=0.9)
    for x in centres:
        ax.plot([x, x], [bar, bar + 0.08], color=style.FAINT, linewidth=0.9)
    ax.text(middle, top - 0.05, "chief", ha="center", va="bottom", fontsize=8.5)


def _room(x: float, y: float, side: float, colour: str) -> Rectangle:
    """A department's room."""
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), side, side, facecolor=colour, edgecolor="none", zorder=2)


def _short(text: str, most: int) -> str:
    """A long name cut."""
    return text if len(text) <= most else text[:most - 1] + "…"
