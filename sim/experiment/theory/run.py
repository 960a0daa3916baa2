"""Running the register: arms, effects, findings.

Owns: the order experiments -> arms -> paired effects -> findings, and what is run when only some
of it is asked for. Never does: decide what is tested (the data files do).
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.errors import Fault, InputError, nearest
from sim.experiment.executors import Progress
from sim.experiment.replications import Engine
from sim.experiment.statistics import mean_interval
from sim.experiment.theory.arms import SEED, Arms, arms_of, needed
from sim.experiment.theory.data import Experiment, Register
from sim.experiment.theory.data import register as shipped
from sim.experiment.theory.findings import (
    Finding,
    Result,
    Theory,
    judged,
    strictly,
    together,
    undecided,
)
from sim.experiment.theory.patterns import published
from sim.metrics.registry import METRICS

MORE = 3
"""A row that is too close to call although its mean is beyond the margin gets so many times the
replications, once, before it is reported as a tie (R16)."""


def theory(
    *,
    claims: bool = True,
    patterns: bool = True,
    scenarios: bool = False,
    only: Sequence[str] | None = None,
    quick: bool = False,
    jobs: int | None = None,
    seed: int = SEED,
    progress: Progress | None = None,
    register: Register | None = None,
    engine: Engine | None = None,
) -> Theory:
    """Test what the articles claim.

    Args:
        claims: The lever experiments of the claims, and the negative controls.
        patterns: The fifteen patterns and the published facts.
        scenarios: The shipped scenarios: expected and found winners, levels, checks over all.
        only: Ids of claims, experiments, controls, facts, patterns or scenarios; None means all.
        quick: Fewer replications.
        jobs: Threads; None means one per available processor. Changes no number.
        seed: Root seed of all experiments.
        progress: Told (done, planned, what).
        register: Other data than the shipped.
        engine: Another simulator.

    Raises:
        InputError: `only` names something there is not.
        KeyboardInterrupt: Interrupted before all was finished.
    """
    data = shipped() if register is None else register
    words = None if only is None else _known(data, only, scenarios)
    chosen: dict[str, Experiment] = {}
    if claims:
        for id in data.experiments:
            carried = data.claims_of(id)
            if carried and _asked(words, id, *carried):
                chosen[id] = data.experiments[id]
        chosen |= {id: e for id, e in data.controls.items() if _asked(words, id)}
    if patterns:
        tests = [(e.id, e.tests) for e in data.facts.values()]
        tests += [(e.id, e.tests) for e in data.patterns.values()]
        for carrier, ids in tests:
            if _asked(words, carrier):
                chosen |= {id: data.experiments[id] for id in ids}
        if words is not None:
            chosen |= {id: e for id, e in data.experiments.items() if id in words}
    arms = Arms(jobs, seed, progress, engine)
    count = {e.id: e.quick if quick else e.full for e in chosen.values()}
    arms.run(needed((e, count[e.id]) for e in chosen.values()))
    tried = {id: finding(e, arms, count[id], data) for id, e in chosen.items()}
    if not quick:
        open_ = [chosen[id] for id, f in tried.items() if f.open]
        arms.run(needed((e, MORE * e.full) for e in open_))
        tried |= {e.id: finding(e, arms, MORE * e.full, data) for e in open_}
    results: dict[str, Result] = {}
    strict: dict[str, Result] = {}
    found = list(tried.values())
    if claims:
        for claim in data.claims.values():
            if claim.untestable and _asked(words, claim.id):
                results[claim.id] = strict[claim.id] = "untestable"
                found.append(Finding(claim.id, "claim", "untestable", None, None, None, 0,
                                     (claim.id,), claim.claim, claim.metric, "",
                                     claim.untestable))
            elif claim.tests and all(t in tried for t in claim.tests):
                told = [tried[t].result for t in claim.tests]
                results[claim.id], strict[claim.id] = together(told), strictly(told)
    if patterns:
        found += published(data, words, tried, quick=quick, jobs=jobs, progress=progress)
    if scenarios:
        from sim.experiment.theory.scenarios import winners

        found += winners(words, quick=quick, jobs=jobs, progress=progress)
    return Theory(tuple(found), results, quick, tuple(arms.failures.values()), strict)


def finding(experiment: Experiment, arms: Arms, n: int, data: Register) -> Finding:
    """What came of one experiment."""
    metric = METRICS[experiment.metric]
    weighed = arms_of(experiment)
    columns = [arms.values(of, metric.id, experiment.segment, n) for _, of in weighed]
    if experiment.minus:
        columns = [_less(values, arms.values(of, experiment.minus, experiment.segment, n))
                   for values, (_, of) in zip(columns, weighed, strict=True)]
    effects: list[float | None] = []
    level = 0.0
    for values in zip(*columns, strict=False):
        numbers = [v for v in values if v is not None and v == v]
        if len(numbers) < len(values) or (experiment.relative and numbers[0] == 0):
            effects.append(None)
            continue
        effect = sum(w * v for (w, _), v in zip(weighed, numbers, strict=True))
        effects.append(effect / abs(numbers[0]) if experiment.relative else effect)
        level += abs(numbers[0]) / len(columns[0])
    interval = mean_interval(effects)
    margin = metric.margin_at(level)
    if experiment.relative and level > 0:
        margin /= level
    broken = [arms.failures[of] for _, of in weighed if of in arms.failures]
    note = broken[0] if broken else "" if interval.n else "the metric has no value here"
    if not note and any(of in arms.unstable for _, of in weighed):
        note = "a backlog grows in one of the arms"
    control = experiment.id in data.controls
    return Finding(
        experiment.id, "control" if control else "experiment",
        judged(interval, experiment.expect, margin), interval.mean, interval.low, interval.high,
        interval.n, data.claims_of(experiment.id), experiment.ask, metric.id,
        experiment.expected, note, undecided(interval, experiment.expect, margin))


def _less(values: Sequence[float | None], others: Sequence[float | None]) -> list[float | None]:
    return [None if a is None or b is None else a - b
            for a, b in zip(values, others, strict=True)]


def _asked(words: Sequence[str] | None, *ids: str) -> bool:
    return words is None or any(id in words for id in ids)


def _known(data: Register, only: Sequence[str], scenarios: bool) -> list[str]:
    """The ids asked for.

    Raises:
        InputError: Those there are not.
    """
    ids = [*data.claims, *data.experiments, *data.controls, *data.facts, *data.patterns]
    if scenarios:
        from sim.experiment.theory.scenarios import names

        ids += names()
    faults = []
    for word in only:
        if word not in ids:
            close = nearest(word, ids)
            faults.append(Fault("--only", "", f"there is no claim, experiment or pattern {word!r}",
                                f"did you mean {close}?" if close else ""))
    if faults:
        raise InputError(faults)
    return list(only)
