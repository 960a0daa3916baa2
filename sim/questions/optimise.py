"""Which designs of a firm are worth considering: the Pareto front over a space of designs.

Owns: the question `optimise`: which designs are looked at, how the budget of runs is spent, and
which replications. Never does: say what a design is (`space.py`), judge dominance (`front.py`),
search (`search.py`), write sentences (`front_words.py`) or draw (`sim.report`).

All designs meet the same customers: a design run n times has replications 0 to n - 1. A space
whose first replications take at most half of the budget is looked at completely, a larger one is
searched with NSGA-II until half of the budget is spent. The other half goes, round by round, to
where the front is unclear: of the designs that cannot yet be told apart the quarter nearest to the
front doubles its replications, until the front is settled or the budget is out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import Fault, InfeasibleStructure, InputError
from sim.experiment.executors import Progress
from sim.experiment.replications import Engine
from sim.experiment.statistics import mean_interval, paired_interval
from sim.metrics.registry import METRICS, find_all
from sim.questions.candidate import Candidate
from sim.questions.designs import Optimisation, Option, Status, Step, Stop, letters
from sim.questions.front import Standing, compare, rate, standing
from sim.questions.search import Search
from sim.questions.space import Design, Levels, Space
from sim.questions.vary import read_space
from sim.structures import build
from sim.sweep.lab import Ask, Lab

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

METRIC_IDS = ("satisfaction", "cost_total")
BUDGET = 1000
FIRST = 5
"""Replications of every design that is looked at."""
SEARCHED = 0.5
"""Share of the budget for looking; the rest is for telling apart."""
COUNTABLE = 50_000
"""Combinations up to which those that are the same firm are counted before anything is run."""
TRIED = 2_000
"""Firms up to which those that cannot be staffed are found, and not counted, before that."""
AT_ONCE = 0.25
"""Share of the designs not told apart that gets more replications before the next look."""
STALE = 5
"""Generations without a new design after which a search ends."""


def optimise(
    scenario: Scenario,
    metrics: Sequence[str] | None = None,
    *,
    vary: Sequence[str] | None = None,
    budget: int = BUDGET,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    lab: Lab | None = None,
) -> Optimisation:
    """Find the designs that no other design beats on all metrics.

    Args:
        scenario: The world.
        metrics: At least two metric ids, each with a better way; None means satisfaction and cost.
        vary: What a design is made of: `structure` (a key per function) or `structure=a|b`,
            `heads`, `span`, `cover`, any scenario key; `KEY=lo:hi`, `KEY=lo:hi:values` or
            `KEY=a|b|c`. None means structure and heads.
        budget: Runs, pilot rounds not counted.
        seed, jobs, progress: As in `compare`.
        engine: The simulator; None means the product's.
        lab: Where runs are made and kept; None means a new one of this scenario.

    Raises:
        InputError: Something asked for makes no sense, or optuna is needed and missing; every
            fault at once.
        KeyboardInterrupt: Interrupted before two designs could be compared.
    """
    faults: list[Fault] = []
    wanted = METRIC_IDS if metrics is None else tuple(metrics)
    try:
        faults += [Fault("--metrics", m.id, "has no better way, so it has no front",
                         "choose another; `orgsim metrics` says which way is better")
                   for m in find_all(wanted, "--metrics") if m.direction == 0]
    except InputError as error:
        faults.extend(error.faults)
    faults += [Fault("--metrics", id, "is given twice")
               for id in dict.fromkeys(wanted) if wanted.count(id) > 1]
    if len(wanted) < 2:
        faults.append(Fault("--metrics", "", "at least two, or there is nothing to give up",
                            "`orgsim select` finds the best on one metric"))
    try:
        space = read_space(scenario, vary)
    except InputError as error:
        faults.extend(error.faults)
    if budget < 4 * FIRST:
        faults.append(Fault("--budget-runs", "", f"at least {4 * FIRST}: {FIRST} for each of two "
                            f"designs and as many to tell them apart, not {budget}"))
    if jobs is not None and jobs < 1:
        faults.append(Fault("--jobs", "", f"at least 1, not {jobs}"))
    if faults:
        raise InputError(faults)
    lab = lab or Lab(scenario, seed=seed, jobs=jobs, progress=progress, engine=engine)
    return _Study(lab, space, wanted, budget).answer()


class _Study:
    """The runs of one answer."""

    def __init__(self, lab: Lab, space: Space, metrics: tuple[str, ...], budget: int) -> None:
        self.lab, self.space, self.metrics, self.budget = lab, space, metrics, budget
        self.sign = np.array([float(METRICS[id].direction) for id in metrics])
        self.found: dict[tuple[Any, ...], Candidate] = {}
        self.beaten: dict[int, list[Candidate]] = {}
        """By identity of a candidate: those that surely dominate it; who is out is run no more."""
        self.margins: list[float] = []
        self.runs = 0
        self.most = int(budget * SEARCHED) // FIRST
        """Designs that may be looked at."""

    def answer(self) -> Optimisation:
        """Look at designs, tell those apart that matter, and say what came out."""
        every = self._every()
        if every is None:
            self._search()
        else:
            self._look(every)
        looked = sum(not c.refused and c.finished for c in self.found.values())
        # Looks at a pair that there can be: replications double, and a pair has those of the one
        # with fewer. The last doubling may be cut by the budget.
        rounds = 2 + math.ceil(math.log2(max(2.0, self.budget / FIRST)))
        family = len(self.metrics) * max(1, looked - 1) * rounds
        judged, where = self._judge(family)
        stopped: Stop = "settled"
        while where.open and not self.lab.interrupted and self._more(
                [judged[d] for d in where.open]):
            judged, where = self._judge(family)
        if where.open:
            stopped = "budget"
        if self.lab.interrupted:
            stopped = "interrupted"
        return self._told(judged, where, family, stopped, every is not None)

    def _every(self) -> list[Candidate] | None:
        """All designs, each firm once; None if those that can be run are too many."""
        if self.space.size > max(self.most, COUNTABLE):
            return None
        for levels in self.space:
            self._candidate(levels)
            if len(self.found) > max(self.most, TRIED):
                break
        every = list(self.found.values())
        if len(every) > self.most:
            runnable = (c for c in every if self._can_be_run(c.design))
            if len(every) > TRIED or sum(1 for _ in islice(runnable, self.most + 1)) > self.most:
                self.found.clear()
                return None
        return every

    def _can_be_run(self, design: Design) -> bool:
        """Whether its settings make sense and its units can be staffed, as far as no run tells."""
        try:
            build(self.lab.world(design.settings), design.structure)
        except (InputError, InfeasibleStructure):
            return False
        return True

    def _candidate(self, levels: Levels) -> Candidate:
        """The firm with these values, whoever asked for it first."""
        name = self.space.identity(levels)
        if name not in self.found:
            self.found[name] = Candidate(levels, self.space.design(levels))
        return self.found[name]

    def _search(self) -> None:
        """Look at designs a generation at a time, as far as half of the budget goes."""
        axes = self.space.axes
        population = min(40, max(8, self.most // 6), self.most)
        search = Search([len(a.levels) for a in axes], [a.ordered for a in axes],
                        len(self.metrics), population, self.lab.seed)
        search.begin(self.space.starts())
        self.lab.expect(self.budget)
        stale = 0
        while stale < STALE:
            before, left = len(self.found), self.most - self.runs // FIRST
            asked = [self._candidate(levels) for levels in search.ask()]
            new = [c for c in dict.fromkeys(asked) if not c.rows and not c.refused]
            for candidate in new[left:]:
                del self.found[self.space.identity(candidate.levels)]
            self._look(new[:left])
            if self.lab.interrupted or len(new) > left:
                return
            stale = stale + 1 if len(self.found) == before else 0
            search.tell(*self._scores(asked))

    def _scores(self, asked: Sequence[Candidate]) -> tuple[list[list[float] | None], list[float]]:
        """Means of the first replications, more being better, and how unstable each is."""
        values: list[list[float] | None] = []
        broken = []
        for candidate in asked:
            trouble = candidate.trouble
            mean = (candidate.values(self.metrics).mean(axis=1) * self.sign
                    if candidate.finished else None)
            usable = mean is not None and bool(np.isfinite(mean).all())
            values.append(mean.tolist() if mean is not None and usable else None)
            broken.append(float(candidate.unstable) if trouble is not None else 0.0)
        return values, broken

    def _look(self, candidates: Sequence[Candidate]) -> None:
        """The first replications of designs that have none."""
        self._run({id(c): (c, FIRST) for c in candidates if not c.rows and not c.refused})

    def _run(self, wanted: Mapping[int, tuple[Candidate, int]]) -> None:
        """Run candidates up to a number of replications; contradictory ones are refused."""
        todo = list(wanted.values())
        try:
            rows = self.lab.rows(self._asks(todo))
        except InputError:  # at least one world contradicts itself: find out which
            sound = []
            for candidate, count in todo:
                try:
                    self.lab.world(candidate.design.settings)
                    sound.append((candidate, count))
                except InputError as error:
                    candidate.refused = str(error.faults[0])
            todo = sound
            rows = self.lab.rows(self._asks(todo))
        by_ask = {row.ask: row for row in rows}
        for candidate, count in todo:
            for ask in self._asks([(candidate, count)]):
                if ask not in by_ask:  # interrupted: a gap would unpair what follows
                    break
                candidate.rows.append(by_ask[ask])
                self.runs += by_ask[ask].status != "infeasible"

    @staticmethod
    def _asks(todo: Sequence[tuple[Candidate, int]]) -> list[Ask]:
        """What is still to be run."""
        return [Ask(c.design.structure, r, c.design.settings)
                for c, count in todo for r in range(len(c.rows), count)]

    def _more(self, candidates: Sequence[Candidate]) -> bool:
        """More replications of the open designs nearest to the front; False if no runs are left.

        Those far from it often fall to the ones near it before they need any.
        """
        left = self.budget - self.runs
        chosen = list(candidates[:max(2, math.ceil(AT_ONCE * len(candidates)))])
        while chosen:
            least = min(len(c.rows) for c in chosen)
            behind = [c for c in chosen if len(c.rows) == least]
            step = min(least, left // len(behind))
            if step >= 1 and (step == least or 2 * step >= least or len(behind) <= 2):
                self.lab.expect(left)
                self._run({id(c): (c, least + step) for c in behind})
                return True
            chosen = chosen[:max(2, len(chosen) // 2)] if len(chosen) > 2 else []
        return False

    def _judge(self, family: int) -> tuple[list[Candidate], Standing]:
        """Candidates that can be compared, and where they stand."""
        # Who was beaten only by designs that have turned out unstable since is back.
        self.beaten = {c: by for c, by in self.beaten.items()
                       if any(b.trouble is None for b in by)}
        judged = []
        known: dict[bytes, Candidate] = {}
        for candidate in self.found.values():
            if (len(candidate.rows) < 2 or candidate.trouble is not None or candidate.twin
                    or id(candidate) in self.beaten):
                continue
            values = candidate.values(self.metrics)
            if not np.isfinite(values).any(axis=1).all():
                continue
            twin = known.setdefault(values[:, :FIRST].tobytes(), candidate)
            if twin is not candidate:
                candidate.twin = twin
                continue
            judged.append(candidate)
        if len(judged) < 2 and self.lab.interrupted:
            raise KeyboardInterrupt
        if not judged:
            raise InputError([Fault("optimise", "", f"no design can be judged; {c.design.words}: "
                                    f"{(c.trouble or ('', 'a metric has no value'))[1]}")
                              for c in list(self.found.values())[:3]])
        table = [self.sign[:, None] * c.values(self.metrics) for c in judged]
        if not self.margins:
            self.margins = [
                METRICS[id].margin_at(float(np.mean([np.nanmean(v[k]) for v in table])))
                for k, id in enumerate(self.metrics)]
        where = standing(compare(table, self.margins, family))
        for candidate, by in zip(judged, where.dominated, strict=True):
            if by:
                self.beaten[id(candidate)] = [judged[other] for other in by]
        return judged, where

    def _told(self, judged: list[Candidate], where: Standing, family: int, stopped: Stop,
              enumerated: bool) -> Optimisation:
        """The answer."""
        place = {id(c): d for d, c in enumerate(judged)}
        known = [c for c in self.found.values() if c.rows or c.refused]
        first = {id(c): self.sign[0] * float(np.nanmean(c.values(self.metrics)[0]))
                 for c in known if id(c) in place or id(c) in self.beaten}

        def status(c: Candidate) -> Status:
            if c.twin is not None:
                return "same"
            if c.trouble is not None:
                return c.trouble[0]
            if id(c) in self.beaten:
                return "dominated"
            if id(c) not in place:
                return "no value"
            d = place[id(c)]
            return ("sure" if where.sure[d] else "unclear" if where.leading[d] else "possible")

        kinds: dict[Status, int] = {"sure": 0, "unclear": 0, "possible": 1, "dominated": 2,
                                    "same": 3}
        order = sorted(known, key=lambda c: (kinds.get(status(c), 4), first.get(id(c), 0.0)))
        rank = {id(c): number for number, c in enumerate(order)}
        labels = {id(c): letters(number) if kinds.get(status(c), 4) < 2 else str(number + 1)
                  for number, c in enumerate(order)}
        options = []
        for c in order:
            stands = status(c)
            near = (where.near[place[id(c)]] if stands in ("sure", "unclear", "possible") else ())
            better = [b for b in ([c.twin] if c.twin is not None else self.beaten.get(id(c), []))
                      if b.trouble is None]
            behind = [labels[n] for n in sorted((id(b) for b in better), key=rank.__getitem__)]
            trouble = c.trouble
            values = (c.values(self.metrics) if c.finished
                      else np.full((len(self.metrics), 0), np.nan))
            label = labels[id(c)]
            options.append(Option(
                label, c.design, stands, values.shape[1],
                {m: mean_interval(v) for m, v in zip(self.metrics, values, strict=True)},
                self.space.overlay(c.levels, f"design-{label}"),
                tuple(labels[id(order[n])] for n in sorted(rank[id(judged[o])] for o in near)),
                tuple(behind[:3]), c.unstable, "" if trouble is None else trouble[1]))
        line = [c for c in order if status(c) in ("sure", "unclear")]
        return Optimisation(
            self.lab.scenario, self.metrics,
            {a.name: tuple(a.shown(i) for i in range(len(a.levels))) for a in self.space.axes},
            self.space.size, enumerated, len(order), tuple(options),
            tuple(self._step(a, b, labels) for a, b in pairwise(line)),
            FIRST, family, self.lab.seed, self.budget, self.runs, stopped)

    def _step(self, a: Candidate, b: Candidate, labels: Mapping[int, str]) -> Step:
        """What changes from one design to the next."""
        n = min(len(a.rows), len(b.rows))
        start, end = a.values(self.metrics)[:, :n], b.values(self.metrics)[:, :n]
        changes = {id: paired_interval(end[k].tolist(), start[k].tolist(),
                                       family=len(self.metrics))
                   for k, id in enumerate(self.metrics)}
        rates = {id: rate(end[k] - start[k], end[0] - start[0])
                 for k, id in enumerate(self.metrics) if k}
        return Step(labels[id(a)], labels[id(b)], changes, rates)
