"""Maps and tipping points out of a finished sweep, from the points it holds.

Owns: which plans hold enough for a map or for tipping points, and the points taken from them. Never
does: run anything, or judge a point (`maps` and `tipping` do, as for runs of their own).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sim.errors import Fault, InputError, nearest
from sim.metrics.registry import METRICS, Margin
from sim.questions.keys import swept_range
from sim.questions.map_answer import Cell, StructureMap
from sim.questions.maps import Survey
from sim.questions.tipping import Search
from sim.questions.tipping_answer import Tipping
from sim.sweep.finished import Finished

GRID_SHARE = 0.5
"""Points on a lattice of their values that are there, at least, for it to be called a grid."""


def map_of(
    rows: Finished, x: str | None = None, y: str | None = None, *,
    structures: Sequence[str] | None = None, at: Mapping[str, Any] | None = None,
    margin: Margin | None = None,
) -> StructureMap:
    """Which structure wins where, over two factors of a sweep.

    Args:
        rows: The sweep, its metric chosen.
        x, y: Names of factors; None means the first that are left.
        structures: Names; None means all of the sweep.
        at: Values of the factors that are not on the map.
        margin: Overrides the smallest difference that matters.

    Raises:
        InputError: The sweep does not hold a map; every fault at once.
    """
    names, faults = rows.check(structures)
    faults += _repeats(rows)
    if len(names) < 2:
        faults.append(Fault("--structures", "", "a map needs at least two"))
    if METRICS[rows.metric].direction == 0:
        faults.append(Fault("--metric", rows.metric, "has no better way, so nobody can win on it"))
    fixed = dict(at or {})
    try:
        rows.hold(fixed, "--set")
    except InputError as error:
        faults.extend(error.faults)
    free = [f for f in rows.factors if f not in fixed and f not in (x, y)]
    chosen = []
    for name, where in ((x, "--x"), (y, "--y")):
        chosen.append(name if name is not None else free.pop(0) if free else None)
        if name is not None and name not in rows.factors:
            told = ("a sweep's points are given: name the factor alone" if "=" in name
                    else "is not varied in this sweep")
            guess = nearest(name.partition("=")[0].strip(), rows.factors)
            faults.append(Fault(where, name, told, f"did you mean {guess}?" if guess else
                                "it varies " + ", ".join(rows.factors)))
    a, b = chosen
    if a is None or b is None:
        faults.append(Fault(str(rows.folder), "", "a map takes two factors, and this sweep leaves "
                            + (f"only {a}" if a else "none"),
                            "a plan with two factors, on a grid or scattered, holds one"))
    elif free and not faults:
        faults.append(Fault(str(rows.folder), "", "varies " + ", ".join(free) + " beside "
                            f"{a} and {b}", "fix it: " + " ".join(
                                f"--set {f}={_some(rows, f)}" for f in free)
                            + "; or sweep a plan with two factors"))
    if not faults and a is not None and a == b:
        faults.append(Fault("--y", a, "is the key of --x too"))
    if faults or a is None or b is None:
        raise InputError(faults)
    return _Points(rows, a, b, names, margin).answer()


def _repeats(rows: Finished) -> list[Fault]:
    if rows.replications > 1:
        return []
    return [Fault(str(rows.folder), "replications", "one of each run, so nothing is known of luck",
                  "a plan with replications = 2 or more; rerunning adds to what is stored")]


def _some(rows: Finished, factor: str) -> object:
    return rows.points[0][rows.factors.index(factor)]


class _Points(Survey):
    """The points of a sweep as a survey: those on a grid by their levels, others one by one."""

    def __init__(self, rows: Finished, x: str, y: str, structures: tuple[str, ...],
                 margin: Margin | None) -> None:
        i, j = rows.factors.index(x), rows.factors.index(y)
        own = [rows.held.get(f, now) for f, now in zip(rows.factors, rows.now, strict=True)]
        places = [p for p in rows.points
                  if all(k in (i, j) or p[k] == own[k] for k in range(len(p)))]
        pairs = list(dict.fromkeys((p[i], p[j]) for p in places))
        xs, ys = (sorted({pair[k] for pair in pairs}, key=str) for k in (0, 1))
        texts = [f for f, found in ((x, xs), (y, ys)) if any(isinstance(v, str) for v in found)]
        if texts:
            raise InputError([Fault(str(rows.folder), f, "holds no numbers, so there is nothing "
                                    "between two values of it", "a plan whose factors are keys "
                                    "with numbers holds a map") for f in texts])
        self._xs, self._ys = sorted(map(float, xs)), sorted(map(float, ys))
        few = [f for f, found in ((x, xs), (y, ys)) if len(found) < 2]
        if few:
            raise InputError([Fault(str(rows.folder), f, "has one value only",
                                    "a plan with two values of it or more holds a map")
                              for f in few])
        across, up = (swept_range(rows.scenario, f, v, w, log=_is_log(rows, f))
                      for f, v, w in ((x, self._xs, "--x"), (y, self._ys, "--y")))
        if any(own[k] != rows.now[k] for k in range(len(own)) if k not in (i, j)):
            # the scenario itself does not lie on this map
            across, up = replace(across, now=None), replace(up, now=None)
        super().__init__(rows, across, up, rows.metric, structures, 2, 0, rows.replications, margin)
        self._gridded = len(pairs) >= GRID_SHARE * len(self._xs) * len(self._ys)
        self._pairs = [(float(a), float(b)) for a, b in pairs]
        self._notes = tuple(
            f"{f} is {v} throughout." for f, v in rows.held.items() if v != "")
        if self._gridded:
            m, n = len(self._xs), len(self._ys)
            self.cells = [Cell(a, b, 1) for b in range(n - 1) for a in range(m - 1)]
            self.lines = {"x": (0, n // 2, n - 1), "y": (0, m // 2, m - 1)}
        else:
            self.cells, self.lines = [], {"x": (), "y": ()}

    def values_at(self, spot: tuple[int, int]) -> tuple[float, float]:
        """Of a place on the grid, or of a point by its number."""
        if self._gridded:
            return (self._xs[min(spot[0], len(self._xs) - 1)],
                    self._ys[min(spot[1], len(self._ys) - 1)])
        return self._pairs[spot[0]]

    def area(self, cell: Cell) -> float:
        """As drawn: levels need not be evenly spaced."""
        (a, b), (c, d) = (self.values_at(s) for s in (cell.corners[0], cell.corners[3]))
        return (self.x.place(c) - self.x.place(a)) * (self.y.place(d) - self.y.place(b))

    def answer(self) -> StructureMap:
        """Visit every point there is, then read the map."""
        if self._gridded:
            self.visit(s for cell in self.cells for s in cell.corners)
        else:
            self.visit((k, 0) for k in range(len(self._pairs)))
        return self.read((*self._notes, "the points are those of the sweep; nothing was run."))


def _is_log(rows: Finished, factor: str) -> bool:
    axes = dict(zip(rows.factors, rows.design.points.axes, strict=True))
    return axes[factor].log


def tipping_of(
    rows: Finished, first: str, second: str, *, keys: Sequence[str] = (),
    at: Mapping[str, Any] | None = None,
) -> Tipping:
    """Where each factor of a sweep, changed alone, makes two structures change places.

    Args:
        rows: The sweep, its metric chosen.
        first, second: Names of structures.
        keys: Factors; none means all that hold numbers.
        at: Values of factors that are held elsewhere than at the scenario's own value.

    Raises:
        InputError: The sweep does not hold tipping points; every fault at once.
    """
    _, faults = rows.check([first, second])
    faults += _repeats(rows)
    if first == second:
        faults.append(Fault("B", "", f"{second} is compared with itself"))
    for name in keys:
        if name not in rows.factors:
            guess = nearest(name.partition("=")[0].strip(), rows.factors)
            faults.append(Fault("--keys", name, "is not varied in this sweep", f"did you mean "
                                f"{guess}?" if guess else "it varies " + ", ".join(rows.factors)))
    try:
        rows.hold(at or {}, "--set")
    except InputError as error:
        faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    centre, moved = _centre(rows)
    lines = {f: _line(rows, centre, k) for k, f in enumerate(rows.factors)
             if not isinstance(centre[k], str) and (not keys or f in keys)}
    told = {f: values for f, values in lines.items() if len(values) > 1}
    if centre not in rows.points or not told:
        raise InputError(Fault(
            str(rows.folder), "", "holds no line of points along which one factor alone changes"
            " from " + _said(rows, centre), "a plan of a grid, or a CSV of points that change one "
            "factor at a time from the scenario's own values, holds tipping points"))
    rows.held = dict(zip(rows.factors, centre, strict=True))
    ranges = {f: swept_range(rows.scenario, f, values, "--keys", log=_is_log(rows, f))
              for f, values in told.items()}
    here = [replace(one, now=float(centre[rows.factors.index(f)])) for f, one in ranges.items()]
    search = Search(rows, first, second, rows.metric, rows.replications, 0)
    search.begin()
    values = {one.key: set(told[one.key]) for one in here}
    search.visit(here, values)
    moving = [one for one in here if search.moves(one)]
    left_out = {f: "it holds no numbers" for f, v in zip(rows.factors, centre, strict=True)
                if isinstance(v, str) and not keys}
    left_out |= {f: "no points change it alone" for f in lines if f not in told}
    return search.read(here, moving, values, left_out, bool(keys), swept=True,
                       notes=_limits(rows, centre, moved))


def _centre(rows: Finished) -> tuple[tuple[Any, ...], bool]:
    """Where all lines begin: the scenario, or the values swept that are nearest to it."""
    found: list[Any] = []
    moved = False
    for k, (factor, now) in enumerate(zip(rows.factors, rows.now, strict=True)):
        known = list(dict.fromkeys(point[k] for point in rows.points))
        if factor in rows.held:
            found.append(rows.held[factor])
        elif now in known:
            found.append(now)
        elif isinstance(now, float) and not isinstance(known[0], str):
            found.append(_closest(known, now))
        else:
            found.append(known[0])
        moved = moved or found[-1] != now
    return tuple(found), moved


def _closest(known: Sequence[Any], value: float) -> float:
    numbers = [float(v) for v in known]
    return min(numbers, key=lambda v: (abs(v - value), v))


def _line(rows: Finished, centre: tuple[Any, ...], k: int) -> list[float]:
    """Values of one factor at the points that differ from the centre in nothing else."""
    return sorted(float(p[k]) for p in rows.points
                  if all(p[i] == centre[i] for i in range(len(p)) if i != k))


def _said(rows: Finished, centre: tuple[Any, ...]) -> str:
    return ", ".join(f"{f} = " + (v or '""' if isinstance(v, str) else f"{v:.6g}")
                     for f, v in zip(rows.factors, centre, strict=True))


def _limits(rows: Finished, centre: tuple[Any, ...], moved: bool) -> tuple[str, ...]:
    """What this sweep can and cannot tell."""
    used = sum(sum(v != c for v, c in zip(p, centre, strict=True)) <= 1 for p in rows.points)
    first = ("the values are those of the sweep, nothing was run: between two of them the lead is "
             "drawn straight, and beyond the first and the last nothing is known.")
    notes = [first]
    if moved:
        notes.append("the lines go through " + _said(rows, centre) + ", the swept values nearest "
                     "to the scenario's own or those asked for with --set: \"now\" means these.")
    if len(rows.points) > used:
        notes.append(f"{len(rows.points) - used:,} of {len(rows.points):,} points of the sweep lie "
                     "on none of these lines and were not used; what factors do together is seen "
                     "with orgsim map.")
    return tuple(notes)
