"""How many people each structure gets: the same number, the same service, or the same cost (R25).

Owns: the search for heads by simulation, and the fractional heads reported beside. Never does:
decide how heads are spread over pools (`structures`, in the engine's pilot rounds).

*headcount*: everybody gets the same number; each structure spreads it by its own measured work.
*service*: the smallest N such that N and N + 1 both meet the target (mean response over at least
ten replications at most the target, and no growing backlog). N rises one by one from the work
measured at the scenario's headcount (below it the backlog must grow; should that N already meet
the target, N falls one by one instead), so nothing is assumed about how response depends on N.
The only shortcut is exact: a trial is broken off once its remaining replications could not bring
the mean below the target any more.
*cost*: the largest N whose annual cost does not exceed the budget. Cost grows with heads but for
the chance of hiring; the search steps from an estimate to the first N where it would be exceeded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sim.accounting.ledger import head_posts
from sim.errors import InfeasibleStructure
from sim.experiment.replications import Design, Runs
from sim.experiment.statistics import backlog_growth
from sim.metrics.registry import format_value
from sim.records import RunResult
from sim.structures import build, workload

Mode = Literal["headcount", "service", "cost"]
MODES: tuple[Mode, ...] = ("headcount", "service", "cost")

TRIAL_REPLICATIONS = 10
"""Replications behind each decision about a number of heads."""
_LOOK = 2
"""Replications of a trial between looks at whether it may be broken off; fixed, so that what is
shown is the same for any number of threads."""
_PLENTY = 100_000
"""People enough to lay any structure out."""
_CAP = 3.0
"""Searches for a service level give up at so many times the offered work."""


@dataclass(frozen=True)
class Trial:
    """What so many heads achieve, over so many replications."""

    heads: int
    value: float | None
    """Mean response (h) or annual cost; None if the structure cannot be staffed so."""
    stable: bool
    meets: bool
    replications: int

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"heads": self.heads, "value": self.value, "stable": self.stable,
                "meets": self.meets, "replications": self.replications}


@dataclass(frozen=True)
class Staffed:
    """People of one structure, in whole heads and in fractions."""

    structure: str
    heads: int
    """People of the line at work, whole."""
    fte: float | None
    """Heads, real-valued, that would just meet the target or use up the budget (interpolated
    between neighbouring trials); at equal headcount the same as `heads`."""
    paid_fte: float
    """`heads` divided by availability: full-time equivalents on the payroll."""
    work_fte: float | None
    """Measured offered work of the line, hours per hour."""
    posts: float | None
    """Posts of heads of units and teams on top, real-valued (R47)."""
    pools: dict[str, tuple[int, float]]
    """By pool: whole heads, and the fraction its share of the measured work asks for."""
    trials: tuple[Trial, ...] = ()
    """Neighbouring numbers of heads tried, the one below included."""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "heads": self.heads, "fte": self.fte, "paid_fte": self.paid_fte,
            "work_fte": self.work_fte, "head_posts": self.posts,
            "pools": {name: {"heads": whole, "fte": part}
                      for name, (whole, part) in self.pools.items()},
            "trials": [trial.to_json() for trial in self.trials],
        }


@dataclass(frozen=True)
class Search:
    """What a search found for one structure."""

    structure: str
    heads: int | None
    """None if there is no such number; then `reason` says why."""
    fte: float | None = None
    reason: str = ""
    trials: tuple[Trial, ...] = ()


def _mean(results: Sequence[RunResult], metric: str) -> float | None:
    values = [r.metrics[metric] for r in results]
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


class _Trials:
    """Trials of one structure, remembered."""

    def __init__(self, runs: Runs, structure: str, replications: int) -> None:
        self._runs = runs
        self._structure = structure
        self._replications = replications
        self.done: dict[int, Trial] = {}

    def _results(self, heads: int, replications: int) -> list[RunResult]:
        design = Design(self._structure, heads)
        self._runs.extend([design], replications)
        if self._runs.interrupted:
            raise KeyboardInterrupt
        return list(self._runs.finished(design).values())

    def _startable(self, heads: int) -> bool:
        return heads >= 1 and bool(self._runs.prepare([Design(self._structure, heads)]))

    def look_ahead(self, heads: int) -> None:
        """Begin the trials of `heads` and of the next number side by side.

        Rising one by one, the second is needed whatever the first says.
        """
        designs = [Design(self._structure, n) for n in (heads, heads + 1) if n not in self.done]
        self._runs.extend(self._runs.prepare(designs), min(_LOOK, self._replications))

    def refusal(self, heads: int) -> str:
        """Why a number of heads could not be tried."""
        design = Design(self._structure, heads)
        failed = self._runs.failures(design)
        if failed:
            return f"{failed[0].stage} failed: {failed[0].type}: {failed[0].message}"
        return self._runs.infeasible.get(design, "no run finished")

    def service(self, heads: int, target: float, *, whole: bool = False) -> Trial:
        """Whether `heads` meet the target; `whole`: do not break off early."""
        known = self.done.get(heads)
        if known is not None and not (whole and known.replications < self._replications):
            return known
        if not self._startable(heads):
            trial = Trial(heads, None, False, False, 0)
        else:
            results: list[RunResult] = []
            hopeless = False
            for count in range(_LOOK, self._replications + _LOOK, _LOOK):
                results = self._results(heads, min(count, self._replications))
                total = sum(r.metrics["response_mean_h"] or 0.0 for r in results)
                hopeless = total > target * self._replications
                if hopeless and not whole:
                    break
            value = _mean(results, "response_mean_h")
            stable = bool(results) and not backlog_growth(results).unstable
            meets = stable and not hopeless and value is not None and value <= target
            trial = Trial(heads, value, stable, meets, len(results))
        self.done[heads] = trial
        return trial

    def cost(self, heads: int, budget: float) -> Trial:
        """Whether `heads` stay within the budget."""
        if heads not in self.done:
            value, stable, n = None, False, 0
            if self._startable(heads):
                results = self._results(heads, self._replications)
                value, n = _mean(results, "cost_total"), len(results)
                stable = bool(results) and not backlog_growth(results).unstable
            meets = value is not None and value <= budget
            self.done[heads] = Trial(heads, value, stable, meets, n)
        return self.done[heads]

    def settle(self, heads: int) -> tuple[Trial, ...]:
        """The trials next to the number found; the runs of all others are forgotten."""
        self._runs.forget(Design(self._structure, n) for n in self.done if n != heads)
        return tuple(self.done[n] for n in sorted(self.done) if abs(n - heads) <= 1)


def offered_work(runs: Runs, structure: str) -> float:
    """Work of a structure, hours per hour.

    Measured in the pilot at the scenario's headcount, or, where that cannot staff it, as experts
    would do it.

    Raises:
        InfeasibleStructure: The scenario cannot express the structure.
    """
    ready = runs.prepare([Design(structure)])
    if ready:
        return float(runs.prepared(ready[0]).offered_h.sum())
    layout = build(runs.scenario, structure, _PLENTY)
    return float(workload(runs.scenario, layout).pool_work_h.sum())


def equal_service(
    runs: Runs, structure: str, target: float, replications: int = TRIAL_REPLICATIONS
) -> Search:
    """The smallest heads N such that N and N + 1 both meet the target (mode B).

    Args:
        runs: Where trials are run.
        structure: Name.
        target: Mean response, working hours.
        replications: Behind each decision, at least ten.

    Returns:
        The search's result; without heads if even three times the offered work (and at least 30
        people more) does not meet the target.
    """
    trials = _Trials(runs, structure, max(TRIAL_REPLICATIONS, replications))
    try:
        start = max(1, math.ceil(offered_work(runs, structure)))
    except InfeasibleStructure as refusal:
        return Search(structure, None, reason=refusal.reason)
    cap = most_heads(start)
    top = trials.service(cap, target)
    if not top.meets:
        wanted = format_value("response_mean_h", target)
        if top.value is None:
            return Search(structure, None, reason=trials.refusal(cap))
        reached = format_value("response_mean_h", top.value)
        why = reached if top.stable else f"{reached} and a growing backlog"
        return Search(
            structure, None, trials=(top,),
            reason=f"even {cap} people give a mean response of {why}; the target is {wanted}",
        )
    heads = smallest(lambda n: trials.service(n, target).meets, start, cap, trials.look_ahead)
    at = trials.service(heads, target, whole=True)
    below = trials.service(heads - 1, target, whole=True) if heads > 1 else None
    return Search(structure, heads, fraction(below, at, target), trials=trials.settle(heads))


def most_heads(start: int) -> int:
    """Where a search for a service level gives up: three times the offered work, or 30 more."""
    return max(math.ceil(_CAP * start), start + 30)


def fraction(below: Trial | None, at: Trial, target: float) -> float:
    """Heads, real-valued, that would just meet a target, interpolated between two trials.

    Args:
        below: One person fewer, None if there is no such trial.
        at: The fewest heads that meet the target.
        target: In the trials' unit; either way may be better.
    """
    fails, holds = None if below is None else below.value, at.value
    if (
        below is None or below.meets or fails is None or holds is None
        or fails == target or (fails - target) * (holds - target) > 0.0
    ):
        return float(at.heads)
    return at.heads - 1 + (fails - target) / (fails - holds)


def smallest(
    meets: Callable[[int], bool], start: int, cap: int,
    look_ahead: Callable[[int], None] | None = None,
) -> int:
    """One by one from `start`: the first N that meets a target together with N + 1.

    Args:
        meets: Whether so many heads meet it.
        start: Heads tried first; if they and one more meet it, N falls one by one instead.
        cap: Where it gives up.
        look_ahead: Told before each step upwards which heads come next.
    """
    heads = start
    if meets(heads) and meets(heads + 1):
        while heads > 1 and meets(heads - 1):
            heads -= 1
        return heads
    while heads < cap:
        if look_ahead is not None:
            look_ahead(heads)
        if not meets(heads):
            heads += 1
        elif not meets(heads + 1):
            heads += 2  # heads + 1 fails, so it cannot be the answer either
        else:
            return heads
    return cap


def equal_cost(
    runs: Runs,
    structure: str,
    budget: float,
    replications: int = TRIAL_REPLICATIONS,
    start: int | None = None,
) -> Search:
    """The most heads whose annual cost does not exceed the budget.

    Args:
        runs: Where trials are run.
        structure: Name.
        budget: Money per year for `cost_total`.
        replications: Behind each decision.
        start: Number of heads tried first; None means the scenario's.
    """
    trials = _Trials(runs, structure, replications)
    heads = runs.scenario.staff.heads if start is None else start
    first = trials.cost(heads, budget)
    if first.value is None:
        return Search(structure, None, reason=trials.refusal(heads))
    if first.value <= 0:
        return Search(structure, None, reason="people cost nothing, so no budget limits them")
    # Cost is nearly proportional to heads: an estimate saves most steps, and decides nothing.
    heads = max(1, round(heads * budget / first.value))
    while trials.cost(heads, budget).meets:
        heads += 1
    while heads >= 1 and not trials.cost(heads, budget).meets:
        if trials.cost(heads, budget).value is None:
            return Search(
                structure, None, trials=trials.settle(heads),
                reason=f"a budget of {budget:,.0f} a year pays fewer than {heads + 1} people: "
                       f"{trials.refusal(heads)}")
        heads -= 1
    if heads < 1:
        return Search(structure, None, trials=trials.settle(1),
                      reason=f"a budget of {budget:,.0f} a year does not pay one person")
    here, above = trials.cost(heads, budget), trials.cost(heads + 1, budget)
    fte = float(heads)
    if here.value is not None and above.value is not None:
        fte += (budget - here.value) / (above.value - here.value)
    return Search(structure, heads, fte, trials=trials.settle(heads))


def staffed(
    scenario: Any, results: Sequence[RunResult], search: Search | None = None
) -> Staffed:
    """What a structure was staffed with, in heads and in fractions.

    Args:
        scenario: For availability.
        results: Finished replications of one structure; at least one.
        search: The search that found the heads; None at equal headcount.
    """
    first = results[0]
    heads = int(first.heads.sum())
    work = [0.0] * len(first.layout.pools)
    for result in results:
        for i, pool in enumerate(result.pools):
            if pool["visits"] > 0:
                touch = float(pool["touch"]) / float(pool["visits"])
                work[i] += float(pool["joins"]) * touch / result.window_h / len(results)
    total = sum(work)
    posts = [
        head_posts(r.layout, float(r.totals["lead_teams"]) / r.window_h) for r in results
    ]
    return Staffed(
        structure=first.structure,
        heads=heads,
        fte=float(heads) if search is None else search.fte,
        paid_fte=heads / scenario.staff.availability,
        work_fte=total if total > 0 else None,
        posts=sum(posts) / len(posts),
        pools={
            name: (int(whole), heads * part / total if total > 0 else float(whole))
            for name, whole, part in zip(first.layout.pools, first.heads, work, strict=True)
        },
        trials=() if search is None else search.trials,
    )
