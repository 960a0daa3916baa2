"""A plan worked out: its worlds, structures and replications, each run with its place and name.

Owns: the order of all runs, which points are the same world, what a plan refers to beyond the
scenario (structures, metrics). Never does: run, write or read anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Fault, InputError, nearest
from sim.metrics.registry import METRICS, Margin, parse_widths
from sim.scenario.catalogue import find
from sim.scenario.loading import load, tables
from sim.scenario.plan import Plan
from sim.scenario.plan_loading import (
    Combination,
    LoadedPlan,
    key_path,
    load_plan,
    plan_tables,
)
from sim.scenario.schema import MODEL_VERSION, Scenario
from sim.scenario.units import parse_duration
from sim.store.frames import Column
from sim.structures import available, default_list
from sim.sweep.sampling import Points
from sim.sweep.worlds import (
    WORLD_DIGITS,
    Change,
    Names,
    Tables,
    change,
    definition,
    lean,
    world_id,
)


@dataclass(frozen=True)
class Rule:
    """When replications are enough (see `stopping`)."""

    widths: dict[str, Margin]
    minimum: int
    maximum: int


@dataclass(frozen=True)
class World:
    """One point of a plan."""

    index: int
    """Place among the worlds of the plan."""
    id: str
    values: tuple[Any, ...]
    """Of the factors, in their order."""
    combination: Combination
    changes: tuple[Change, ...]


class Design:
    """All runs of a plan, without holding them.

    Args:
        loaded: The plan with its scenario.
        structures: The structures of the plan; None means to look at the scenario.
    """

    def __init__(self, loaded: LoadedPlan, structures: tuple[str, ...] | None = None) -> None:
        plan = loaded.plan
        self.loaded, self.plan = loaded, plan
        self.base: Scenario = next(iter(loaded.bases.values()))
        self.seed = self.base.seed
        self.structures = structures or plan.structures or tuple(default_list(self.base))
        self.metrics = plan.metrics or tuple(METRICS)
        self.rule = _rule(loaded)
        self.replications = self.rule.maximum if self.rule else plan.replications
        self.points = Points(plan, loaded.points)
        self.bases: dict[Combination, Tables] = {
            key: tables(scenario) for key, scenario in loaded.bases.items()}
        self._lean = {key: lean(value) for key, value in self.bases.items()}
        self.names = {
            name: Names(name, definition(next(iter(self.bases.values())), name), self.seed)
            for name in self.structures}
        self._is_overlay = [bool(f.overlays) for f in plan.factors.values()]

    @cached_property
    def _ids(self) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[Any], NDArray[np.int64]]:
        """Ids of the worlds in order, point of each; sorted ids with the world of each."""
        ids = np.array([self._world(i).id for i in range(len(self.points))],
                       dtype=f"S{WORLD_DIGITS}")
        ordered, first = np.unique(ids, return_index=True)
        points = np.sort(first)
        rank = np.searchsorted(points, first)
        return ids[points], points, ordered, rank

    @property
    def worlds(self) -> int:
        """Worlds that differ."""
        return len(self._ids[0])

    @property
    def runs(self) -> int:
        """Runs of the plan; the most there can be if precision decides."""
        return self.worlds * len(self.structures) * self.replications

    @property
    def least_runs(self) -> int:
        """Runs there will be at least."""
        fewest = self.rule.minimum if self.rule else self.replications
        return self.worlds * len(self.structures) * fewest

    def world(self, index: int) -> World:
        """A world by its place."""
        made = self._world(int(self._ids[1][index]))
        return World(index, made.id, made.values, made.combination, made.changes)

    def values(self, index: int) -> tuple[Any, ...]:
        """Values of the factors in a world."""
        return self.points[int(self._ids[1][index])]

    def id_of(self, index: int) -> str:
        """Name of a world."""
        return bytes(self._ids[0][index]).decode()

    def _world(self, point: int) -> World:
        values = self.points[point]
        combination, changes = [], []
        for axis, value, is_overlay in zip(self.points.axes, values, self._is_overlay,
                                           strict=True):
            if is_overlay:
                combination.append(str(value))
            else:
                changes.append(change(axis.name, value))
        key = tuple(combination)
        made = tuple(changes)
        return World(point, world_id(self._lean[key], made), values, key, made)

    def find_worlds(self, ids: list[str]) -> NDArray[np.int64]:
        """Places of worlds by their ids; -1 for a world that is not of this plan."""
        asked = np.array(ids, dtype=f"S{WORLD_DIGITS}")
        _, _, ordered, rank = self._ids
        if not len(asked):
            return np.empty(0, dtype=np.int64)
        near = np.minimum(np.searchsorted(ordered, asked), len(ordered) - 1)
        return np.where(ordered[near] == asked, rank[near], -1)

    def place(self, world: int, structure: int, replication: int) -> int:
        """Place of a run among all runs: by world, structure, replication."""
        return (world * len(self.structures) + structure) * self.replications + replication

    def run_at(self, place: int) -> tuple[int, int, int]:
        """World, structure and replication of a place."""
        rest, replication = divmod(place, self.replications)
        world, structure = divmod(rest, len(self.structures))
        return world, structure, replication

    def run_id(self, place: int) -> str:
        """Name of the run at a place."""
        world, structure, replication = self.run_at(place)
        return self.names[self.structures[structure]].run_id(self.id_of(world), replication)

    @cached_property
    def factor_columns(self) -> list[tuple[Column, str]]:
        """A column per factor and its kind (number or text), told by the plan alone."""
        found = []
        for axis, is_overlay in zip(self.points.axes, self._is_overlay, strict=True):
            key = None if is_overlay else find(key_path(axis.name))
            if key is None:
                found.append((Column(axis.name, "-", "factor: overlay laid over the scenario"),
                              "text"))
                continue
            numeric = key.kind in ("number", "integer", "duration") or (
                bool(axis.values) and all(isinstance(v, int | float) and not isinstance(v, bool)
                                          for v in axis.values))
            unit = "h" if key.unit == "duration" else key.unit
            found.append((Column(axis.name, unit, f"factor: {key.meaning}"),
                          "number" if numeric else "text"))
        return found

    @staticmethod
    def cell(value: Any, kind: str) -> float | str:
        """A factor's value as its column holds it: durations in hours, lists as JSON."""
        if kind == "number":
            return parse_duration(value) if isinstance(value, str) else float(value)
        return value if isinstance(value, str) else json.dumps(value)

    def record(self) -> dict[str, Any]:
        """All that this design was made of, as plain data: enough to make it again."""
        return {
            "model": MODEL_VERSION,
            "seed": self.seed,
            "structures": list(self.structures),
            "plan": plan_tables(self.plan),
            "bases": [{"overlays": list(key), "scenario": dict(value)}
                      for key, value in self.bases.items()],
            "points": [list(point) for point in self.loaded.points],
        }


def designed(source: Any) -> Design:
    """A plan file, shipped name or mapping, loaded, checked and worked out.

    Raises:
        InputError: Everything that is wrong with it, at once.
    """
    loaded = load_plan(source)
    plan, where = loaded.plan, loaded.where
    faults: list[Fault] = []
    base = next(iter(loaded.bases.values()))
    known = available(base)
    faults += [Fault(where, "structures", f"there is no structure {name!r}", _meant(name, known))
               for name in plan.structures if name not in known]
    for key, names in (("structures", plan.structures), ("metrics", plan.metrics)):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            faults.append(Fault(where, key, f"names {', '.join(twice)} more than once"))
    faults += [Fault(where, "metrics", f"there is no metric {name!r}", _meant(name, METRICS))
               for name in plan.metrics if name not in METRICS]
    try:
        _rule(loaded)
    except InputError as error:
        faults += error.faults
    if faults:
        raise InputError(faults)
    return Design(loaded)


def restored(record: Mapping[str, Any], where: str) -> Design:
    """The design of a folder, from what was recorded there."""
    plan = Plan.model_validate(record["plan"])
    bases = {tuple(entry["overlays"]): load(entry["scenario"], limits=None)
             for entry in record["bases"]}
    points = tuple(tuple(point) for point in record["points"])
    return Design(LoadedPlan(plan, where, bases, points), tuple(record["structures"]))


def _rule(loaded: LoadedPlan) -> Rule | None:
    asked = loaded.plan.precision
    if not asked.metrics:
        return None
    widths = parse_widths(asked.metrics, loaded.where)
    return Rule(widths, asked.minimum, asked.maximum)


def _meant(word: str, known: Any) -> str:
    close = nearest(word, known)
    return f"did you mean {close}?" if close else f"there are: {', '.join(list(known)[:20])}"
