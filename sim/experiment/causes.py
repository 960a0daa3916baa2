"""Causes of a difference between two structures, and what the world is like without each.

Owns: the list of causes, the settings that take one away from every structure alike, and which
of them exist in a scenario at all. Never does: run anything.

Off means *equal for both*, not small: without hand-offs none of them costs anything, without
differences of knowledge everybody has the same, at the level the two structures have between
them, so that the firm is as busy as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiment.request import overlaid
from sim.population import start as starts

if TYPE_CHECKING:
    from sim.engine.simulation import Prepared
    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Cause:
    """Something through which structures differ."""

    id: str
    name: str
    without: str
    """What the world is like without it, in words."""
    shown_by: str = ""
    """Metric that shows it at work in both structures."""
    besides: tuple[str, ...] = ()
    """Metrics that show it too, where the structures differ in them."""


CAUSES = (
    Cause("waiting", "waiting", "hours in queues do not count for the customer and no caller gives "
          "up", "queue_h", ("abandonment",)),
    Cause("handoffs", "hand-offs and lost information", "a hand-off takes no time, no reading in "
          "and no information; approvals, meetings with second bosses, journeys and savings of "
          "two products in one visit are left out", "transfer_h"),
    Cause("rework", "rework", "nobody makes errors", "rework_h"),
    Cause("knowledge", "knowledge", "everybody is as quick and as accurate as people are on "
          "average in the two structures", "touch_h"),
    Cause("fit", "fit", "every unit offers the same: the mean need of all customers", "fit"),
    Cause("fixed", "fixed costs", "heads, liaison roles, offerings and tools cost nothing",
          "cost_units"),
    Cause("path", "information path", "no news is lost or late on its way to those who decide"),
)
"""In the order in which reports name them."""

ANALYTIC = "fixed"
"""Taken away from the books alone: it changes nothing that happens."""

RUN_CAUSES = tuple(cause.id for cause in CAUSES if cause.id != ANALYTIC)
"""Causes whose absence has to be simulated."""


@dataclass(frozen=True)
class Common:
    """What people know in two structures, taken together."""

    slowness: float
    """Mean time of a task over that of an expert, weighted by work."""
    gap: float
    """Mean share of knowledge missing, which is what errors depend on."""
    covers: bool
    """Colleagues of a unit are mostly quick enough to stand in for each other."""


def common(prepared: Sequence[Prepared]) -> Common:
    """The level of knowledge at which two structures start, weighted by work."""
    slow, gaps, helps = [], [], []
    for one in prepared:
        scenario, load = one.scenario, one.workload
        rules = scenario.knowledge
        widths = np.repeat(
            (rules.function_effect, rules.product_effect, rules.segment_effect),
            (load.function_share.shape[1], load.product_share.shape[1],
             load.segment_share.shape[1]))
        mix = np.concatenate([load.function_share, load.product_share, load.segment_share], axis=1)
        known = starts.knowledge(scenario, load)
        extra = (widths * mix * (1.0 - known)).sum(axis=1)
        work = load.pool_work_h / max(float(load.pool_work_h.sum()), 1e-12)
        slow.append(1.0 + float(work @ extra))
        effects = rules.function_effect + rules.product_effect + rules.segment_effect
        gaps.append(float(work @ extra) / effects if effects > 0 else 0.0)
        unit = one.layout.pool_unit
        other = 1.0 / (1.0 + (widths * mix[:, None] * (1.0 - known[None, :])).sum(axis=2))
        pairs = (unit[:, None] == unit[None, :]) & ~np.eye(len(unit), dtype=bool)
        helps += (other[pairs] > scenario.cover.minimum_proficiency).tolist()
    return Common(float(np.mean(slow)), float(np.mean(gaps)),
                  bool(helps) and float(np.mean(helps)) > 0.5)


def settings(scenario: Scenario, cause: str, level: Common) -> dict[str, Any]:
    """The changes to a scenario file that take a cause away."""
    if cause == "waiting":
        return {"satisfaction": {"waiting": False}}
    if cause == "handoffs":
        return {
            "handoffs": {"latency_h": 0.0, "read_in_h": 0.0, "information_loss": 0.0},
            "work": {"second_product_factor": 1.0},
            "empowerment": {"approval_rate": 0.0},
            "matrix": {"coordination_h": 0.0},
            "travel": {"enabled": False},
        }
    if cause == "rework":
        return {"mistakes": {"enabled": False}}
    if cause == "fit":
        return {"offering": {"mode": "pooled"}}
    if cause == "path":
        return {"offering": {"signal_survival": 1.0}, "sensing": {"bad_news": 1.0, "report_h": 0.0}}
    return _alike(scenario, level)


def _alike(scenario: Scenario, level: Common) -> dict[str, Any]:
    """Everybody knows the same, and nobody learns or forgets."""
    mistakes = scenario.mistakes
    cover = scenario.cover.minimum_proficiency if level.covers else 1.0
    own_work = {
        name: {"work_h": {f: h * level.slowness for f, h in kind.work_h.items()}}
        for name, kind in scenario.case_types.items() if kind.work_h}
    return ({"case_types": own_work} if own_work else {}) | {
        "knowledge": {"learning": False, "function_effect": 0.0, "product_effect": 0.0,
                      "segment_effect": 0.0},
        "functions": {
            name: {"work_h": item.work_h * level.slowness}
            | ({} if item.cover is None or level.covers else {"cover": 1.0})
            for name, item in scenario.functions.items()},
        "mistakes": {"base": min(1.0, mistakes.base + mistakes.knowledge * level.gap)},
        "cover": {"minimum_proficiency": cover},
        "staff": {"vacancy_narrowness": 0.0},
    }


def world(scenario: Scenario, off: Iterable[str], level: Common) -> Scenario:
    """A scenario without some causes."""
    changes: dict[str, Any] = {}
    for cause in off:
        changes = _joined(changes, settings(scenario, cause, level))
    return overlaid(scenario, changes) if changes else scenario


def _joined(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    """Nested tables of two changes together."""
    out = dict(a)
    for key, value in b.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
        out[key] = _joined(out[key], value) if both else value
    return out


class Arms:
    """The worlds without each set of causes; equal worlds are one."""

    def __init__(self, scenario: Scenario, level: Common) -> None:
        self.scenario = scenario
        self.level = level
        tables = scenario.model_dump()
        self._inert = {cause for cause in RUN_CAUSES
                       if world(scenario, (cause,), level).model_dump() == tables}
        news = scenario.sensing.enabled or scenario.faults.enabled
        self._news_matter = news
        self._worlds: dict[frozenset[str], Scenario] = {}

    def key(self, off: Iterable[str]) -> frozenset[str]:
        """Which world it is: causes that change nothing left out.

        Where every unit offers the same and nothing is reported, news matter to nobody.
        """
        left = frozenset(off) - self._inert - {ANALYTIC}
        if "fit" in left and not self._news_matter:
            left -= {"path"}
        return left

    def world(self, key: frozenset[str]) -> Scenario:
        """The scenario of a world; the same object every time it is asked for."""
        if key not in self._worlds:
            order = [cause for cause in RUN_CAUSES if cause in key]
            self._worlds[key] = world(self.scenario, order, self.level)
        return self._worlds[key]
