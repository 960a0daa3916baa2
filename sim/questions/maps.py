"""Which structure wins where, over two keys of a scenario.

Owns: the question `map`: its points, when a cell is refined, when a point is a tie, where the
ranking switches. Never does: shape its answer (`map_answer`), draw, or write sentences.

Every point meets the same luck: replication 7 has the same customers all over the map. A structure
wins at a point where the intervals of its lead over every other (together 95%, Bonferroni over the
others) lie at or beyond the smallest difference that matters; else the point is a tie. The first
grid is coarse; a cell whose corners disagree is cut into four, level by level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import Fault, InputError
from sim.experiment.request import check_structures
from sim.experiment.statistics import mean_interval
from sim.metrics.registry import METRICS, Margin, find
from sim.questions.crossing import Crossing, crossings
from sim.questions.keys import Range, exact, read_range
from sim.questions.map_answer import Cell, Point, Spot, StructureMap, Switch
from sim.records import Floats
from sim.sweep.lab import Ask, Lab, settings

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.sweep.finished import Finished

GRID, DEPTH, REPLICATIONS = 5, 2, 10
MOST_GRID, MOST_DEPTH = 65, 6


def map_structures(
    lab: Lab,
    x: str,
    y: str,
    *,
    metric: str = "satisfaction",
    structures: Sequence[str] | None = None,
    grid: int = GRID,
    depth: int = DEPTH,
    replications: int = REPLICATIONS,
    log_x: bool = False,
    log_y: bool = False,
    margin: Margin | None = None,
) -> StructureMap:
    """Find which structure wins where over two keys.

    Args:
        lab: Where rows come from.
        x, y: Ranges as `KEY=lo:hi`.
        metric: Metric id with a better way.
        structures: Names; None means the scenario's list.
        grid: Points along each side of the first grid.
        depth: How often a cell whose corners disagree is cut into four.
        replications: At each point.
        log_x, log_y: Logarithmic scale.
        margin: Overrides the smallest difference that matters.

    Raises:
        InputError: What was asked makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before any point was complete.
    """
    names, ranges = _checked(lab.scenario, x, y, metric, structures, grid, depth, replications,
                             log_x, log_y)
    return Survey(lab, *ranges, metric, names, grid, depth, replications, margin).answer()


def _checked(
    scenario: Scenario, x: str, y: str, metric: str, structures: Sequence[str] | None, grid: int,
    depth: int, replications: int, log_x: bool, log_y: bool,
) -> tuple[tuple[str, ...], tuple[Range, Range]]:
    """The structures and ranges meant; one error with every fault."""
    names, faults = check_structures(scenario, structures)
    ranges: list[Range] = []
    for text, where, log in ((x, "--x", log_x), (y, "--y", log_y)):
        try:
            ranges.append(read_range(scenario, text, where, log=log))
        except InputError as error:
            faults.extend(error.faults)
    try:
        if find(metric, "--metric").direction == 0:
            faults.append(Fault("--metric", metric, "has no better way, so nobody can win on it"))
    except InputError as error:
        faults.extend(error.faults)
    if len(names) < 2:
        faults.append(Fault("--structures", "", "a map needs at least two"))
    for where, value, low, high in (
            ("--grid", grid, 2, MOST_GRID), ("--depth", depth, 0, MOST_DEPTH),
            ("--replications", replications, 2, 100_000)):
        if not low <= value <= high:
            faults.append(Fault(where, "", f"from {low} to {high}, not {value}"))
    if len(ranges) == 2 and ranges[0].key == ranges[1].key:
        faults.append(Fault("--y", ranges[1].key, "is the key of --x too"))
    if not faults:
        faults.extend(_contradictions(scenario, *ranges))
    if faults:
        raise InputError(faults)
    return names, (ranges[0], ranges[1])


def _contradictions(scenario: Scenario, x: Range, y: Range) -> Iterable[Fault]:
    """Corners of the map at which the scenario contradicts itself."""
    from sim.scenario.loading import load

    seen: dict[str, Fault] = {}
    for a in (x.low, x.high):
        for b in (y.low, y.high):
            try:
                load(scenario, set=dict((x.change(a), y.change(b))), limits=None)
            except InputError as error:
                for fault in error.faults:
                    where = f"{x.key} = {x.written(a)}, {y.key} = {y.written(b)}"
                    seen.setdefault(fault.message, replace(fault, where=where))
    return seen.values()


class Survey:
    """The points of one map, level by level."""

    def __init__(self, lab: Lab | Finished, x: Range, y: Range, metric: str,
                 structures: tuple[str, ...], grid: int, depth: int, replications: int,
                 margin: Margin | None) -> None:
        self.lab, self.x, self.y, self.metric, self.structures = lab, x, y, metric, structures
        self.depth, self.replications, self.margin = depth, replications, margin
        self.size = (grid - 1) << depth
        self.points: dict[Spot, Point] = {}
        self.infeasible: dict[str, str] = {}
        self.asked: dict[Ask, str] = {}
        step = 1 << depth
        coarse = range(0, self.size + 1, step)
        self.cells = [Cell(i, j, step) for j in coarse[:-1] for i in coarse[:-1]]
        self.lines: dict[str, tuple[int, ...]] = dict.fromkeys(
            ("x", "y"), (0, coarse[len(coarse) // 2], self.size))
        """Along which the lead is followed: rows for x, columns for y."""

    def values_at(self, spot: Spot) -> tuple[float, float]:
        """The two keys at a place of the lattice."""
        return self.x.value(spot[0] / self.size), self.y.value(spot[1] / self.size)

    def answer(self) -> StructureMap:
        """Survey, then read the map."""
        self.visit(s for cell in self.cells for s in cell.corners)
        for _ in range(self.depth):
            if self.lab.interrupted:
                break
            again = [cell for cell in self.cells if cell.size > 1 and self._disagree(cell)]
            kept = [cell for cell in self.cells if cell not in set(again)]
            new = [Cell(cell.left + a, cell.bottom + b, cell.size // 2) for cell in again
                   for b in (0, cell.size // 2) for a in (0, cell.size // 2)]
            if not new:
                break
            self.visit(s for cell in new for s in cell.corners)
            self.cells = kept + new
        return self.read()

    def read(self, notes: tuple[str, ...] = ()) -> StructureMap:
        """What the points that were visited say."""
        complete = tuple(c for c in self.cells if all(s in self.points for s in c.corners))
        if not self.points:
            if self.lab.interrupted:
                raise KeyboardInterrupt
            reasons = "; ".join(f"{s}: {why}" for s, why in self.infeasible.items())
            raise InputError(Fault("--metric", self.metric, "has no value for two structures "
                                   "anywhere on this map", reasons))
        switches = (*self._switches("x"), *self._switches("y"))
        states = list(self.asked.values())
        return StructureMap(
            self.lab.scenario, self.metric, self.x, self.y, self.structures, self.points,
            complete, switches, self._shares(complete), self.lab.seed, self.replications,
            len(states), self.infeasible, states.count("unstable"), states.count("failed"),
            self.lab.interrupted, notes)

    def _disagree(self, cell: Cell) -> bool:
        calls = {self.points[s].winner if s in self.points else None for s in cell.corners}
        return len(calls) > 1

    def visit(self, spots: Iterable[Spot]) -> None:
        """Run the points that are new, all at once."""
        new = [s for s in dict.fromkeys(spots) if s not in self.points]
        asks = {spot: [[Ask(name, r, settings(dict(axis.change(v) for axis, v in zip(
            (self.x, self.y), self.values_at(spot), strict=True)))) for r in
            range(self.replications)] for name in self.structures] for spot in new}
        rows = {row.ask: row for row in self.lab.rows(
            ask for spot in new for wanted in zip(*asks[spot], strict=True) for ask in wanted)}
        self.asked.update((ask, row.status) for ask, row in rows.items()
                          if row.status != "infeasible")
        for spot in new:
            values: dict[str, Floats] = {}
            for name, wanted in zip(self.structures, asks[spot], strict=True):
                got = [rows[ask] for ask in wanted if ask in rows]
                for row in got:
                    if row.status == "infeasible":
                        self.infeasible.setdefault(name, row.message)
                numbers = np.array([rows[a].value(self.metric) if a in rows else np.nan
                                    for a in wanted])
                if np.isfinite(numbers).sum() > 1:
                    values[name] = numbers
            if values:
                self.points[spot] = judge(*self.values_at(spot), values, self.metric, self.margin)

    def _line(self, along: str, held: int) -> list[tuple[float, Point]]:
        """The points of one line in order, each with its place; equal values once."""
        i = 0 if along == "x" else 1
        axis = (self.x, self.y)[i]
        found = {}
        for spot in sorted(self.points):
            if spot[1 - i] == held:
                value = self.values_at(spot)[i]
                found[axis.place(value)] = self.points[spot]
        return sorted(found.items())

    def _switches(self, along: str) -> Iterable[Switch]:
        """Where the lead passes on, along the first, the middle and the last coarse line."""
        axis = self.x if along == "x" else self.y
        i = 1 if along == "x" else 0
        for held in dict.fromkeys(self.lines[along]):
            at = self.values_at((held, held))[i]
            line = self._line(along, held)
            for first, second in combinations(self.structures, 2):
                for c in _of_pair(line, first, second, METRICS[self.metric].direction):
                    if not _ahead(line, c.at, first, second, METRICS[self.metric].direction):
                        continue
                    winner, loser = (first, second) if c.rising else (second, first)
                    yield Switch(along, at, winner, loser,
                                 exact(axis, c.at), *(None if e is None else exact(axis, e)
                                                      for e in (c.low, c.high)))

    def _shares(self, cells: Sequence[Cell]) -> dict[str, float]:
        """Share of the surveyed map that each structure holds: a quarter of a cell by corner."""
        found = dict.fromkeys((*self.structures, "tie", "practically equal"), 0.0)
        parts = [(spot, 0.25 * self.area(cell)) for cell in cells for spot in cell.corners]
        parts = parts or [(spot, 1.0) for spot in self.points]
        total = sum(size for _, size in parts)
        for spot, size in parts:
            point = self.points[spot]
            found[point.winner or "tie"] += size / total
            if point.equal:
                found["practically equal"] += size / total
        return found

    def area(self, cell: Cell) -> float:
        """Of a cell, in any unit."""
        return float(cell.size**2)


def judge(x: float, y: float, values: Mapping[str, Floats], metric: str,
          margin: Margin | None) -> Point:
    """Who wins at a point (`Point`), from paired values by structure."""
    sign = METRICS[metric].direction
    means = {s: mean_interval(v) for s, v in values.items()}
    ranking = tuple(sorted(values, key=lambda s: -sign * (means[s].mean or 0.0)))
    level = float(np.mean([abs(i.mean or 0.0) for i in means.values()]))
    size = METRICS[metric].margin_at(level, margin)
    best = ranking[0]
    leads = [mean_interval(sign * (values[best] - values[s]), family=max(1, len(ranking) - 1))
             for s in ranking[1:]]
    surely = all(lead.low is not None and lead.low >= size and lead.low > 0 for lead in leads)
    equal = bool(leads) and leads[0].high is not None and leads[0].high <= size
    return Point(x, y, means, ranking, best if surely else None, leads[0] if leads else None,
                 size, equal, values)


def _of_pair(line: Sequence[tuple[float, Point]], first: str, second: str,
             sign: int) -> list[Crossing]:
    """Where first minus second changes its sign along a line (rising: first is ahead above)."""
    both = [(place, sign * (p.runs[first] - p.runs[second])) for place, p in line
            if first in p.runs and second in p.runs]
    if len(both) < 2:
        return []
    d = np.array([row for _, row in both])
    whole = np.all(np.isfinite(d), axis=0)
    if whole.sum() < 2:
        return []
    return crossings([place for place, _ in both], d[:, whole])


def _ahead(line: Sequence[tuple[float, Point]], at: float, first: str, second: str,
           sign: int) -> bool:
    """Whether nobody else is ahead of these two where they cross (drawn straight)."""
    def level(name: str) -> float:
        known = [(p, sign * (q.means[name].mean or 0.0)) for p, q in line if name in q.means]
        where, means = ([row[i] for row in known] for i in (0, 1))
        return float(np.interp(at, where, means)) if known else -np.inf

    pair = max(level(first), level(second))
    names = {s for _, p in line for s in p.means} - {first, second}
    return all(level(name) <= pair for name in names)
