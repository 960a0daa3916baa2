"""One customer's journey under each structure: case by case, step by step, with clock times.

Owns: which customer is followed, and the rows of the journey in words and names. Never does:
average; a journey is one life, an illustration and not evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InputError
from sim.experiment.executors import Job, Progress, map_runs
from sim.experiment.replications import Design, Engine, Runs, default_engine
from sim.experiment.request import check_structures
from sim.records import Failure, Layout, RunResult
from sim.scenario.schema import HOURS_PER_DAY, HOURS_PER_WEEK

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

OPENING = 9.0
"""A working day begins at nine; it has eight hours, all of them working time."""

EVENTS = {
    "ARRIVES": "brings the case",
    "QUEUES": "waits",
    "STARTS": "is served",
    "ENDS": "visit ends",
    "HANDS_OFF": "is handed on",
    "SENT_BACK": "is sent back: an error was found",
    "REOPENS": "customer finds an error and reopens",
    "CLOSES": "case closed",
    "ABANDONS": "customer gives up waiting",
    "GOES_ASTRAY": "is led astray and put through",
}
"""What happened, in words, by kind of row in the engine's journey log."""


def clock_time(hours: float) -> str:
    """"week 1, day 2, 11:24" for working hours from the start of measuring."""
    week, rest = divmod(max(hours, 0.0), HOURS_PER_WEEK)
    day, hour = divmod(rest, HOURS_PER_DAY)
    minutes = int((OPENING + hour) * 60.0)
    return f"week {int(week) + 1}, day {int(day) + 1}, {minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True)
class Step:
    """One thing that happened to a case."""

    case: int
    """Number of the case, from 1, among those of the measured time."""
    hours: float
    """Working hours from the start of measuring."""
    clock: str
    event: str
    department: str
    """Unit; empty where none is concerned."""
    pool: str
    person: int | None
    """Number of the post."""
    work: str
    """Steps and products concerned, such as "advise (cards)"."""
    value: float | None
    """Hours of the visit or delay; satisfaction in points at the close."""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "case": self.case, "hours": self.hours, "clock": self.clock, "event": self.event,
            "department": self.department, "pool": self.pool, "person": self.person,
            "work": self.work, "value": self.value,
        }


@dataclass(frozen=True)
class Journeys:
    """One customer under several structures."""

    scenario: Scenario = field(repr=False)
    customer: int
    segment: str
    seed: int
    replication: int
    steps: dict[str, tuple[Step, ...]] = field(repr=False)
    """By structure, in order of time."""
    left: dict[str, bool]
    """By structure: the customer leaves the firm in the measured time."""
    satisfaction: dict[str, float | None]
    """By structure: mean satisfaction over the customer's closed cases, points."""
    infeasible: dict[str, str]
    failures: tuple[Failure, ...] = ()

    @property
    def structures(self) -> tuple[str, ...]:
        """Those under which the customer was followed."""
        return tuple(self.steps)

    @property
    def table(self) -> pd.DataFrame:
        """One row per step and structure."""
        import pandas as pd

        return pd.DataFrame([
            {"structure": name, **step.to_json()}
            for name, steps in self.steps.items() for step in steps
        ])

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "scenario": self.scenario.name, "seed": self.seed, "replication": self.replication,
            "customer": self.customer, "segment": self.segment,
            "journeys": {
                name: {
                    "satisfaction": self.satisfaction[name], "left": self.left[name],
                    "steps": [step.to_json() for step in steps],
                }
                for name, steps in self.steps.items()
            },
            "infeasible": dict(self.infeasible),
        }


def follow(
    scenario: Scenario,
    customer: int,
    structures: Sequence[str] | None = None,
    *,
    replication: int = 0,
    heads: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Journeys:
    """Follow one customer through the measured time under each structure.

    Args:
        scenario: The world.
        customer: Number of a customer present at the start, from 0.
        structures: Names; None means the scenario's default list.
        replication: Which of the customer's possible lives.
        heads, seed, jobs, progress, engine: As in `compare`.

    Raises:
        InputError: No such customer or structure, or no structure can be run.
    """
    count = scenario.customers.count
    names, faults = check_structures(scenario, structures)
    if not 0 <= customer < count:
        faults.append(Fault("--customer", "", f"between 0 and {count - 1}, not {customer}"))
    if replication < 0:
        faults.append(Fault("--replication", "", f"at least 0, not {replication}"))
    if faults:
        raise InputError(faults)
    simulator = engine or default_engine()
    runs = Runs(scenario, seed=seed, jobs=jobs, progress=progress, engine=simulator)
    ready = runs.prepare([Design(name, heads) for name in names])
    infeasible = {design.structure: reason for design, reason in runs.infeasible.items()}
    if not ready and infeasible:
        raise InputError([Fault("structures", name, why) for name, why in infeasible.items()])

    def job(design: Design) -> Job[RunResult]:
        return Job(design.structure, replication, "run", lambda: simulator.simulate(
            runs.prepared(design), replication, seed=runs.seed, journey=customer))

    batch = map_runs([job(design) for design in ready], jobs)
    if batch.interrupted:
        raise KeyboardInterrupt
    results = [row for row in batch.outcomes if isinstance(row, RunResult)]
    satisfaction: dict[str, float | None] = {}
    for result in results:
        cases = int(result.customers.cases[customer])
        total = float(result.customers.satisfaction_sum[customer])
        satisfaction[result.structure] = 100.0 * total / cases if cases else None
    segment = int(results[0].customers.segment[customer]) if results else 0
    return Journeys(
        scenario=scenario,
        customer=customer,
        segment=tuple(scenario.segments)[segment],
        seed=runs.seed,
        replication=replication,
        steps={r.structure: _steps(scenario, r) for r in results},
        left={r.structure: bool(r.customers.left[customer]) for r in results},
        satisfaction=satisfaction,
        infeasible=infeasible,
        failures=tuple(row for row in batch.outcomes if isinstance(row, Failure)),
    )


def _steps(scenario: Scenario, result: RunResult) -> tuple[Step, ...]:
    """The journey's rows of cases that arrived in the measured time, in words."""
    from sim.engine.arrays import Journey

    rows = result.journey
    if rows is None or len(rows) == 0:
        return ()
    arrivals = rows[(rows["kind"] == Journey.ARRIVES) & (rows["time"] >= result.warm_up_h)]
    numbers = {int(number): i + 1 for i, number in enumerate(arrivals["number"])}
    functions, products = tuple(scenario.functions), tuple(scenario.products)
    steps = []
    for index, row in enumerate(rows):
        case = numbers.get(int(row["number"]))
        if case is None:
            continue
        kind = Journey(int(row["kind"]))
        hours = float(row["time"]) - result.warm_up_h
        layout = next((stage.layout for stage in result.past if index < stage.journey_rows),
                      result.layout)
        department, pool = _place(layout, int(row["pool"]))
        steps.append(Step(
            case=case,
            hours=hours,
            clock=clock_time(hours),
            event=EVENTS[kind.name],
            department=department,
            pool=pool,
            person=int(row["person"]) if row["person"] >= 0 else None,
            work=_work(int(row["tasks"]), row["products"], functions, products),
            value=_value(kind.name, float(row["value"])),
        ))
    return tuple(steps)


def _place(layout: Layout, pool: int) -> tuple[str, str]:
    if pool < 0:
        return "", ""
    return layout.units[int(layout.pool_unit[pool])], layout.pools[pool]


def _work(tasks: int, chosen: Any, functions: Sequence[str], products: Sequence[str]) -> str:
    """The tasks of a bit mask: bit 2 f + j is function f for the case's product j."""
    parts = []
    for f, function in enumerate(functions):
        named = [products[int(chosen[j])] for j in (0, 1) if tasks >> (2 * f + j) & 1]
        if named:
            parts.append(f"{function} ({', '.join(named)})")
    return ", ".join(parts)


def _value(kind: str, value: float) -> float | None:
    if kind in ("CLOSES", "ABANDONS"):
        return 100.0 * value
    return value if kind in ("STARTS", "ENDS", "HANDS_OFF", "REOPENS", "GOES_ASTRAY") else None
