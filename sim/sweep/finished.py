"""A finished sweep's rows, offered as a laboratory offers them; nothing is ever run.

Owns: reading the runs table of a folder: which points it holds, and the row of a structure and
replication at a point. Never does: run, write, or decide what a question needs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import Fault, InputError, nearest
from sim.metrics.registry import find
from sim.records import Floats
from sim.scenario.catalogue import dotted
from sim.scenario.plan_loading import key_path
from sim.store import parts
from sim.sweep.design import Design
from sim.sweep.folder import RECORD, RUNS, design_of
from sim.sweep.lab import Ask, Row, Status

Cell = float | str
"""Value of a factor in the table: a number (durations in hours) or a text."""


def is_sweep(source: object) -> bool:
    """Whether this names a sweep's folder."""
    return isinstance(source, str | Path) and (Path(source) / RECORD).is_file()


class Finished:
    """Rows of a sweep that is done.

    Args:
        folder: Where `orgsim sweep run` put it.
        metric: The one metric that is read.

    Attributes:
        design: The plan worked out.
        factors: Names of the factors as scenario keys are written (or a name of its own, for
            overlays), in the plan's order.
        points: Values of the factors of every world that is stored, in the plan's order.
        now: What the base scenario itself has for each factor; "" for overlays (none of them), None
            where it has no value.

    Raises:
        InputError: It is no finished sweep, or did not keep the metric.
    """

    def __init__(self, folder: str | Path, metric: str) -> None:
        path = Path(folder)
        self.design: Design = design_of(path)
        find(metric, "--metric")
        if metric not in self.design.metrics:
            raise InputError(Fault("--metric", metric, "was not kept by this sweep, which has "
                                   + ", ".join(self.design.metrics), "a plan whose metrics name it "
                                   "keeps it"))
        if not (path / RUNS).is_file():
            raise InputError(Fault(str(path), "", f"is not finished: it holds no {RUNS}",
                                   "orgsim sweep run takes it up where it was left"))
        self.folder, self.metric = path, metric
        self.scenario, self.seed, self.interrupted = self.design.base, self.design.seed, False
        self._kinds = [kind for _, kind in self.design.factor_columns]
        names = [axis.name for axis in self.design.points.axes]
        self.factors = tuple(
            name if not is_key else dotted(key_path(name))
            for name, is_key in zip(names, self._is_key(), strict=True))
        self.now = tuple(self._current(name) for name in self.factors)
        self.held: dict[str, Cell] = {}
        """Values of factors that a row asked for does not name; the scenario's own if not here."""
        self._rows: dict[tuple[tuple[Cell, ...], str, int], tuple[Status, str, float]] = {}
        self._read(path, names)
        self.points = tuple(dict.fromkeys(point for point, _, _ in self._rows))
        self.replications = 1 + max((r for _, _, r in self._rows), default=-1)

    def _is_key(self) -> list[bool]:
        return [not factor.overlays for factor in self.design.plan.factors.values()]

    def _current(self, name: str) -> Cell | None:
        """The base scenario's own value of a factor."""
        place = self.factors.index(name)
        if not self._is_key()[place]:
            return ""
        value: Any = self.scenario.model_dump()
        for part in key_path(name):
            value = value.get(part) if isinstance(value, Mapping) else None
        return None if value is None else self.cell(place, value)

    def _read(self, path: Path, names: list[str]) -> None:
        table = parts.read_part(path / RUNS, (
            "structure", "replication", "status", "unstable", "message", *names, self.metric))
        columns = {name: parts.column(table, name) for name in table.column_names}
        points = zip(*(columns[name] for name in names), strict=True) if names else (
            () for _ in columns["structure"])
        for point, structure, replication, status, unstable, message, value in zip(
                points, columns["structure"], columns["replication"], columns["status"],
                columns["unstable"], columns["message"], columns[self.metric], strict=True):
            told: Status = "unstable" if status == "ok" and unstable else status
            self._rows[point, structure, replication] = (
                told, message or "", math.nan if value is None else value)

    def cell(self, place: int, value: Any) -> Cell:
        """A value of a factor as the table holds it."""
        return self.design.cell(list(value) if isinstance(value, tuple) else value,
                                self._kinds[place])

    def hold(self, values: Mapping[str, Any], where: str) -> None:
        """Fix factors at values that the sweep holds.

        Raises:
            InputError: There is no such factor, or no run with that value; every fault at once.
        """
        faults = []
        for name, value in values.items():
            if name not in self.factors:
                guess = nearest(name, self.factors)
                faults.append(Fault(where, name, "is not varied in this sweep",
                                    f"did you mean {guess}?" if guess else
                                    "it varies " + ", ".join(self.factors)))
                continue
            place = self.factors.index(name)
            number = self._kinds[place] == "number"
            known = list(dict.fromkeys(point[place] for point in self.points))
            asked: Cell = str(value)
            with suppress(ValueError, TypeError):
                asked = self.cell(place, value)
            with suppress(ValueError, TypeError):
                asked = float(value) if number else asked
            if asked not in known:
                few = ", ".join(str(v) or '""' for v in known[:12])
                faults.append(Fault(where, name, f"has no runs at {value!r}; it has "
                                    + few + (", ..." if len(known) > 12 else "")))
            self.held[name] = asked
        if faults:
            raise InputError(faults)

    def rows(self, asked: Iterable[Ask]) -> list[Row]:
        """The rows asked for, in that order; what the sweep does not hold is left out."""
        found = []
        for ask in asked:
            changes = {name: self.cell(self.factors.index(name), value)
                       for name, value in ask.settings}
            point = tuple(changes.get(name, self.held.get(name, now))
                          for name, now in zip(self.factors, self.now, strict=True))
            row = self._rows.get((point, ask.structure, ask.replication))  # type: ignore[arg-type]
            if row is not None:
                status, message, value = row
                done = status in ("ok", "unstable")
                found.append(Row(ask, status, {self.metric: value} if done else {}, 0.0, message))
        return found

    def block(self, structures: Iterable[str]) -> Floats:
        """[points, structures, replications] the metric, NaN where there is none."""
        names = list(structures)
        missing = ("failed", "", math.nan)
        return np.array([[[self._rows.get((point, name, r), missing)[2]
                           for r in range(self.replications)] for name in names]
                         for point in self.points])

    def count(self, structures: Iterable[str]) -> dict[str, int]:
        """Runs of some structures by status."""
        wanted, found = set(structures), dict.fromkeys(("ok", "unstable", "failed"), 0)
        for (_, name, _), (status, _, _) in self._rows.items():
            if name in wanted and status in found:
                found[status] += 1
        return found

    def reasons(self, structures: Iterable[str]) -> dict[str, int]:
        """Why runs of some structures have no number, and how many."""
        wanted = set(structures)
        found: Counter[str] = Counter()
        for (_, name, _), (_, message, value) in self._rows.items():
            if name in wanted and not math.isfinite(value):
                found[f"{name}: {message}" if message else f"{self.metric} has no value"] += 1
        return dict(found.most_common())

    def check(self, structures: Iterable[str] | None) -> tuple[tuple[str, ...], list[Fault]]:
        """The structures meant, each once, and a fault for each that was not run."""
        names = tuple(dict.fromkeys(structures or self.design.structures))
        return names, [
            Fault("--structures", name, "was not run in this sweep, which has "
                  + ", ".join(self.design.structures),
                  f"did you mean {guess}?" if (guess := nearest(name, self.design.structures))
                  else "") for name in names if name not in self.design.structures]
