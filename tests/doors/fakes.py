"""Results without a simulator: plausible, quickly made, the same every time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import state
from sim.experiment.statistics import mean_interval
from sim.metrics.registry import METRICS
from sim.records import CustomerOutcome, Layout, RunResult
from sim.structures import build

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

STRUCTURES = ("functional", "product", "customer")
SEGMENTS = ("mass", "affluent")


def layout(structure: str) -> Layout:
    """A structure of two units with one pool each."""
    return Layout(
        structure=structure,
        units=(f"{structure} one", f"{structure} two"),
        pools=(f"{structure} one", f"{structure} two"),
        pool_unit=np.array([0, 1], np.int32),
        pool_functions=np.array([1, 2], np.int64),
        pool_elements=np.array([1, 1], np.int32),
        pool_of=np.zeros((2, 1, 2, 1), np.int32),
        unit_segments=np.array([3, 3], np.int64),
        unit_distance=np.array([[0, 3], [3, 0]], np.int32),
        flat=False,
        layer_bosses=0,
        offerings=2,
        tools=2,
    )


def result(structure: str, replication: int, *, shift: float = 0.0, weeks: int = 12) -> RunResult:
    """One run: numbers around a level of the structure, noise from the replication."""
    noise = np.random.default_rng((replication, len(structure)))
    values: dict[str, float | None] = {
        name: 1.0 + 0.1 * len(structure) + 0.05 * noise.normal() + shift for name in METRICS
    }
    values |= {
        "satisfaction": 70 + len(structure) + noise.normal(),
        "loyalty": 0.7 + 0.01 * len(structure) + 0.005 * noise.normal(),
        "cost_total": 2e6 + 1e5 * len(structure) + 1e4 * noise.normal(),
        "touch_h": 2.5, "queue_h": 5.0 + len(structure) / 4, "transfer_h": 1.5, "rework_h": 0.75,
        "abandonment": None,
    }
    values["response_mean_h"] = 9.75 + len(structure) / 4 + 0.1 * noise.normal()
    time = 40.0 * np.arange(-3, weeks + 1)
    totals = np.zeros(len(time), state.TOTALS)
    totals["arrivals"], totals["closed"], totals["abandoned"] = 100, 95, 5
    totals["satisfaction"] = 0.7 * 100 + noise.normal(size=len(time))
    totals["response"], totals["open"] = 95 * 12.0, 40 + noise.normal(size=len(time))
    totals["busy"], totals["filled"], totals["active"] = 800, 1000, 900
    totals["mean_loyalty"] = 0.7
    segments = np.zeros((len(time), len(SEGMENTS)), state.SEGMENT_TOTALS)
    segments["closed"], segments["active"], segments["response"] = 50, 450, 600
    segments["satisfaction"] = 35 + np.array([0.0, 3.0]) + 0.2 * noise.normal(size=(len(time), 2))
    units = np.zeros((len(time), 2), state.UNIT_TOTALS)
    units["visits"], units["joins"], units["wait"], units["queue"] = 60, 61, 120, 7
    units["busy"], units["filled"] = 400, 500
    return RunResult(
        structure=structure, replication=replication, seed=1, warm_up_h=160.0,
        window_h=40.0 * weeks, metrics=values, heads=np.array([3, 3], np.int32),
        layout=layout(structure), totals=totals[-1], segments=segments[-1], units=units[-1],
        pools=np.zeros(2, state.POOL_TOTALS),
        series={"time": time, "totals": totals, "segments": segments, "units": units},
        customers=CustomerOutcome(np.zeros(3, np.int8), np.zeros(3, np.int32), np.zeros(3),
                                  np.zeros(3, bool)),
    )


def results(replications: int = 4, structures: tuple[str, ...] = STRUCTURES) -> list[RunResult]:
    """All runs of a comparison."""
    return [result(s, r) for s in structures for r in range(replications)]


def comparison(replications: int = 4, structures: tuple[str, ...] = STRUCTURES) -> dict[str, Any]:
    """The JSON form of a comparison of these runs, with intervals of their metrics."""
    runs = {s: [result(s, r).metrics for r in range(replications)] for s in structures}

    def interval(values: list[float | None]) -> dict[str, Any]:
        found = mean_interval(values)
        return {"mean": found.mean, "low": found.low, "high": found.high, "n": found.n}

    def minus(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a - b

    return {
        "scenario": "A firm",
        "seed": 1,
        "replications": replications,
        "structures": list(structures),
        "metrics": {m: {s: interval([r[m] for r in runs[s]]) for s in structures}
                    for m in METRICS},
        "differences": {
            m: {f"{a} - {b}": interval([minus(x[m], y[m])
                                        for x, y in zip(runs[a], runs[b], strict=True)])
                for i, a in enumerate(structures) for b in structures[i + 1:]}
            for m in METRICS},
        "better_off": {},
        "unstable": [],
        "infeasible": {},
        "verdict": {},
    }


class Engine:
    """Stands in for `sim.engine.simulation`: the runs above, laid out as the scenario says."""

    def __init__(self, broken: dict[tuple[str, int], BaseException] | None = None) -> None:
        self.broken = broken or {}
        self.calls: list[tuple[str, int]] = []

    def prepare(
        self, scenario: Scenario, structure: str, *, heads: int | None = None,
        seed: int | None = None,
    ) -> tuple[Scenario, Layout, int]:
        """Lay the structure out as the product does."""
        count = scenario.staff.heads if heads is None else heads
        return scenario, build(scenario, structure, count), count

    def simulate(
        self, prepared: tuple[Scenario, Layout, int], replication: int, *,
        seed: int | None = None, journey: int | None = None,
    ) -> RunResult:
        """One run; the same for the same structure and replication."""
        scenario, made, count = prepared
        self.calls.append((made.structure, replication))
        if (made.structure, replication) in self.broken:
            raise self.broken[made.structure, replication]
        plain = result(made.structure, replication)
        periods, names = len(plain.series["time"]), len(scenario.segments)
        segments = np.zeros((periods, names), state.SEGMENT_TOTALS)
        segments["closed"], segments["customer_months"] = 50, 4
        segments["satisfaction"] = 35 + np.arange(names)
        units = np.zeros((periods, len(made.units)), state.UNIT_TOTALS)
        units["visits"], units["filled"], units["busy"] = 60, 500, 400
        heads = np.full(len(made.pools), count // len(made.pools), np.int32)
        heads[0] += count - heads.sum()
        people = scenario.customers.count
        rng = np.random.default_rng((replication, len(made.structure)))
        return replace(
            plain, layout=made, heads=heads, seed=seed or 0,
            window_h=scenario.time.horizon, warm_up_h=scenario.time.warm_up,
            segments=segments[-1], units=units[-1],
            pools=np.ones(len(made.pools), state.POOL_TOTALS),
            series=plain.series | {"segments": segments, "units": units},
            customers=CustomerOutcome(
                (np.arange(people) % names).astype(np.int8), np.full(people, 5, np.int32),
                rng.uniform(2.5, 4.5, people), np.zeros(people, bool)),
        )
