"""What the page asks of the simulator: one run to play, means that sharpen, causes.

Owns: the questions of the page as calls of the library, and their cancellation. Never does: HTTP,
infer or phrase; the numbers are those of `orgsim run`, `compare` and `explain`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sim.app.link import MOST_STRUCTURES, WHERE, Link
from sim.app.phrases import measures, splits
from sim.app.worlds import Worlds
from sim.errors import Fault, InfeasibleStructure, InputError, OrgSimError
from sim.experiment.answer import plain
from sim.experiment.compare import compare
from sim.experiment.monthly import Curves, bands, block_ends, curves
from sim.experiment.request import check_structures
from sim.records import RunResult
from sim.structures import describe

if TYPE_CHECKING:
    from sim.experiment.answer import Comparison
    from sim.scenario.schema import Scenario

STEPS = (4, 8, 12, 16, 20, 30, 50, 100, 200)
"""Replications after which the page shows its means anew."""


class Cancelled(OrgSimError):
    """Nobody waits for the answer any more."""


class Stop:
    """A wish to stop, looked at between runs."""

    def __init__(self, give_way: Callable[[], None] = lambda: None) -> None:
        """Go on until told otherwise.

        Args:
            give_way: Called between runs; may wait for those who are in more of a hurry.
        """
        self._set = threading.Event()
        self._give_way = give_way

    def set(self) -> None:
        """Nobody waits any more."""
        self._set.set()

    def check(self, *_: Any) -> None:
        """Go on, or not.

        Raises:
            Cancelled: The wish was uttered.
        """
        self._give_way()
        if self._set.is_set():
            raise Cancelled("nobody waits for this any more")


class Watched:
    """The simulator, with what it prepared kept, runs of this question kept, and a way to stop."""

    def __init__(self, worlds: Worlds, stop: Stop) -> None:
        self._worlds, self._stop = worlds, stop
        self._runs: dict[tuple[int, int], tuple[Any, RunResult]] = {}
        self._prepared: dict[tuple[int, str], tuple[Scenario, Any]] = {}
        """Held for as long as the question: what others ask meanwhile drives nothing out."""

    def prepare(self, scenario: Scenario, structure: str, *, heads: int | None = None,
                seed: int | None = None) -> Any:
        """As `engine.simulation.prepare`, once per scenario."""
        from sim.engine import simulation

        self._stop.check()

        def make() -> Any:
            return simulation.prepare(scenario, structure, heads=heads, seed=seed)

        if heads is not None:
            return make()
        key = (id(scenario), structure)
        if key not in self._prepared:
            made = self._worlds.prepared(scenario, structure, make)
            self._prepared[key] = (scenario, made)
        return self._prepared[key][1]

    def simulate(self, prepared: Any, replication: int, *, seed: int | None = None,
                 journey: int | None = None) -> RunResult:
        """As `engine.simulation.simulate`, each replication once."""
        from sim.engine import simulation

        self._stop.check()
        key = (id(prepared), replication)
        if key not in self._runs:
            result = simulation.simulate(prepared, replication, seed=seed)
            self._runs[key] = prepared, result  # while it is held nothing else has its id
        return self._runs[key][1]


def let_go(worlds: Worlds) -> None:
    """Drop what was made for questions that have been answered: scenarios, tables, customers."""
    from sim.engine import simulation

    worlds.let_go()
    simulation.forget_customers()


def chosen(scenario: Scenario, link: Link) -> tuple[str, ...]:
    """Structures side by side: those of the link, else two of the scenario's list.

    Raises:
        InputError: A name the scenario does not know.
    """
    names, faults = check_structures(scenario, link.structures or None)
    if faults:
        raise InputError([Fault(WHERE, "structures", f.message, f.hint) for f in faults])
    return names[:MOST_STRUCTURES] if link.structures else _unlike(scenario, names)


def _unlike(scenario: Scenario, names: Sequence[str]) -> tuple[str, ...]:
    """Two structures to begin with: most and least hand-offs expected, of those that divide."""
    rows = []
    for chart in describe(scenario, names).structures:
        if chart.infeasible is None:
            expected = sum(scenario.case_types[c.name].weight * c.handoffs for c in chart.cases)
            rows.append((len(chart.units) > 1, expected, chart.name))
    divided = [row for row in rows if row[0]]
    rows = divided if len(divided) > 1 else rows
    if len(rows) < 2:
        return tuple(names[:2])
    return tuple(dict.fromkeys((max(rows)[2], min(rows)[2])))


def played(worlds: Worlds, link: Link, stop: Stop) -> dict[str, Any]:
    """One run under each structure as data for the player.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense.
        Cancelled: On request.
    """
    from sim.experiment.trajectory import TICKS_PER_H, record

    scenario = worlds.opened(link).scenario
    engine = Watched(worlds, stop)
    runs, infeasible = [], {}
    shown_h = 0.0
    for name in chosen(scenario, link):
        try:
            prepared = engine.prepare(scenario, name)
        except InfeasibleStructure as error:
            infeasible[name] = error.reason
            continue
        stop.check()
        recorded = record(prepared, link.replication)
        shown_h = recorded.shown_h
        runs.append(recorded.to_json())
    if not runs:
        raise InputError([Fault("structures", name, why) for name, why in infeasible.items()])
    answer: dict[str, Any] = {
        "version": 1,
        "scenario": scenario.name,
        "summary": scenario.summary,
        "seed": scenario.seed,
        "replication": link.replication,
        "ticks_per_h": TICKS_PER_H,
        "shown_h": shown_h,
        "horizon_h": scenario.time.horizon,
        "segments": list(scenario.segments),
        "runs": runs,
        "infeasible": infeasible,
    }
    return answer


def sharpened(worlds: Worlds, link: Link, stop: Stop) -> Iterator[dict[str, Any]]:
    """Means over more and more replications, until the number asked for is reached.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense.
        Cancelled: On request.
    """
    scenario = worlds.opened(link).scenario
    names = chosen(scenario, link)
    target = link.replications or scenario.compare.replications
    engine = Watched(worlds, stop)
    drawn: dict[tuple[str, int], Curves] = {}
    for count in [*(n for n in STEPS if n < target), target]:
        answer = compare(scenario, names, replications=count, engine=engine, jobs=1)
        yield told(answer, target, drawn)


def told(answer: Comparison, target: int,
         drawn: dict[tuple[str, int], Curves] | None = None) -> dict[str, Any]:
    """A comparison as the page shows it.

    Args:
        answer: What to tell.
        target: Replications there will be in the end.
        drawn: Curves by structure and replication; those that are missing are added.
    """
    drawn = {} if drawn is None else drawn
    by_structure: dict[str, list[RunResult]] = {}
    for row in answer.results:
        if isinstance(row, RunResult):
            by_structure.setdefault(row.structure, []).append(row)
            if (row.structure, row.replication) not in drawn:
                drawn[row.structure, row.replication] = curves(answer.scenario, row)
    found: dict[str, Any] = plain({
        "replications": answer.replications,
        "target": target,
        "structures": list(answer.structures),
        "measures": measures(answer),
        "splits": splits(answer),
        "verdict": list(answer.verdict.text),
        "headline": answer.verdict.headline,
        "unstable": list(answer.unstable),
        "infeasible": answer.infeasible,
        "failed": len(answer.failures),
        "end_h": [],
        "curves": {},
    })
    for name, runs in by_structure.items():
        found["end_h"] = block_ends(runs[0]).tolist()
        found["curves"][name] = bands([drawn[name, run.replication] for run in runs])
    return found


def explained(worlds: Worlds, link: Link, stop: Stop,
              progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Why two structures differ: causes that add up to the difference.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense.
        Cancelled: On request.
    """
    from sim import api

    scenario = worlds.opened(link).scenario
    names = chosen(scenario, link)
    first = link.first or names[0]
    second = link.second or names[-1]

    def tell(done: int, planned: int, _: str) -> None:
        stop.check()
        progress(done, planned)

    answer = api.explain(scenario, first, second, metric=link.metric,
                         replications=link.replications or 4, progress=tell)
    return answer.to_json()


def explaining(worlds: Worlds, link: Link, stop: Stop) -> Iterator[dict[str, Any]]:
    """How far an explanation is, then the explanation.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense.
        Cancelled: On request.
    """
    from queue import Empty, Queue

    told: Queue[dict[str, Any]] = Queue()
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.append(explained(worlds, link, stop, lambda done, planned: told.put(
                {"done": done, "planned": planned})))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            outcome.append(error)

    worker = threading.Thread(target=work, name="explain", daemon=True)
    worker.start()
    while worker.is_alive() or not told.empty():
        try:
            latest = told.get(timeout=0.2)
            while not told.empty():
                latest = told.get()
            yield latest
        except Empty:
            continue
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    yield {"explanation": outcome[0]}
