"""Expected against found: the eight scenarios under their structures.

Owns: when the winner found agrees with the expert's, ties with it or differs; the checks over all
scenarios (THEORY 4b); the level facts. Never does: change an expectation, a range or a parameter.

On one metric the *leaders* are the structures that no other is surely better than (as in a
verdict). All of them expected: holds. Some of them: tie. None: fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import Fault, InputError, nearest
from sim.experiment.executors import Progress
from sim.experiment.replications import Engine
from sim.experiment.statistics import (
    Interval,
    mean_interval,
    paired_interval,
    ranking_agreement,
)
from sim.experiment.theory.changes import answers, kept, measured, told
from sim.experiment.theory.firms import (
    Arm,
    Change,
    Expected,
    Firm,
    Firms,
    Hope,
    LevelFact,
    Row,
    Statement,
    firms,
)
from sim.experiment.theory.measured import (
    FREE_RETENTION,
    Account,
    Measured,
    Values,
    enough,
    measure,
)
from sim.experiment.theory.outcomes import Check, Level, Outcome, Result, ScenarioReport
from sim.experiment.verdict import Call, finding
from sim.metrics.registry import METRICS

if TYPE_CHECKING:
    from sim.experiment.theory.findings import Finding

FULL, QUICK = 12, 3
"""Replications per firm and structure."""
STABLE = 0.6
"""Kendall tau below which a ranking counts as ties (THEORY 4b)."""
DIFFERENT_WINNERS = 3
TRIO = ("satisfaction", "response_mean_h", "cost_total")


def names() -> tuple[str, ...]:
    """Ids that may be asked for one by one: rows, statements, shipped scenarios."""
    data = firms()
    return (*data.ids(), *data.firms())


def winners(words: Sequence[str] | None, *, quick: bool = False, jobs: int | None = None,
            progress: Progress | None = None) -> list[Finding]:
    """The same as `run_scenarios`, as findings of the register: outcomes, levels, checks."""
    from sim.experiment.theory.findings import Finding

    known = set(names())
    only = None if words is None else [w for w in words if w in known]
    if only is not None and not only:
        return []
    report = run_scenarios(only, replications=replications_of(quick), jobs=jobs,
                           progress=progress)
    found = [
        Finding(o.id, "scenario", o.result, o.effect.mean, o.effect.low, o.effect.high, o.effect.n,
                (), f"{o.firm.label}, {METRICS[o.metric].name}", o.metric, o.expected,
                f"found: {o.found}" + (f"; {o.note}" if o.note else ""))
        for o in report.outcomes]
    found += [
        Finding(f"level.{level.scenario}.{level.fact}", "scenario", level.result, level.value.mean,
                level.value.low, level.value.high, level.value.n, (),
                f"{level.scenario}, {level.fact}", "", f"{level.low:g} to {level.high:g}",
                level.note)
        for level in report.levels]
    found += [
        Finding(f"check.{check.id}", "scenario", "holds" if check.passed else "fails", None, None,
                None, replications_of(quick), (), check.text, "", "", check.found)
        for check in report.checks]
    return found


def replications_of(quick: bool) -> int:
    """Replications per firm and structure."""
    return QUICK if quick else FULL


def run_scenarios(
    only: Sequence[str] | None = None, *, replications: int = FULL, jobs: int | None = None,
    progress: Progress | None = None, data: Firms | None = None, engine: Engine | None = None,
) -> ScenarioReport:
    """Run the scenarios under their structures and hold what comes out against expectations.

    Args:
        only: Ids of rows or statements, or names of shipped scenarios; None means all.
        replications: Per firm and structure, the same customers under each; fewer where a firm
            has very many cases (`enough`).
        jobs: Threads; None means one per available processor. Changes no number.
        progress: Told (done, planned, what).
        data: Other data than the shipped.
        engine: Another simulator.

    Raises:
        InputError: `only` names something there is not.
        KeyboardInterrupt: Interrupted before all was done.
    """
    data = firms() if data is None else data
    rows, statements, changes = _chosen(data, only)
    wanted: dict[Firm, dict[str, None]] = {}
    for row in rows:
        wanted.setdefault(row.firm, {}).update(dict.fromkeys(row.structures))
    for arm in (arm for s in statements for arm in (s.first, s.second)):
        wanted.setdefault(arm.firm, {})[arm.structure] = None
    count = {firm: enough(firm, replications) for firm in (*wanted, *(c.firm for c in changes))}
    total = sum(len(structures) * (count[firm] + 1) for firm, structures in wanted.items()) + sum(
        2 * (count[c.firm] + 1) for c in changes)
    accounts: dict[Firm, Account] = {}
    before = 0
    for firm, structures in wanted.items():
        accounts[firm] = measure(firm, structures, count[firm], jobs=jobs, engine=engine,
                                 progress=_part(progress, before, total, firm))
        before += len(structures) * (count[firm] + 1)
    outcomes = [judged(row, hope, accounts[row.firm]) for row in rows for hope in row.expected]
    outcomes += [stated(s, accounts) for s in statements]
    for change in changes:
        found = answers(change, count[change.firm], jobs=jobs, engine=engine,
                        progress=_part(progress, before, total, change.firm))
        outcomes += [changed(change, hope, measured(hope, found)) for hope in change.expected]
        before += 2 * (count[change.firm] + 1)
    plain = [row for row in rows if not (row.firm.overlays or row.added)]
    levels = [level for row in plain for level in _levels(data.facts, row, accounts[row.firm])]
    missing = {f"{firm.label}, {name}": why
               for firm, account in accounts.items() for name, why in account.missing.items()}
    over_all = checks(plain, accounts, outcomes) if only is None else ()
    return ScenarioReport(tuple(outcomes), tuple(levels), over_all, replications, missing)


def _part(progress: Progress | None, before: int, total: int, firm: Firm) -> Progress | None:
    """Progress with one firm as part of the whole."""
    if progress is None:
        return None
    return lambda done, _, what: progress(min(before + done, total), total,
                                          f"{firm.label}, {what}")


def _chosen(data: Firms, only: Sequence[str] | None
            ) -> tuple[list[Row], list[Statement], list[Change]]:
    if only is None:
        return list(data.rows), list(data.statements), list(data.changes)
    known = (*data.ids(), *data.firms())
    faults = []
    for word in only:
        if word not in known:
            close = nearest(word, known)
            faults.append(Fault("--only", "", f"there is no scenario {word!r}",
                                f"did you mean {close}?" if close else ""))
    if faults:
        raise InputError(faults)
    return ([r for r in data.rows if r.id in only or r.firm.scenario in only],
            [s for s in data.statements if s.id in only or s.first.firm.scenario in only],
            [c for c in data.changes if c.id in only or c.firm.scenario in only])


def judged(row: Row, told: Expected, account: Account) -> Outcome:
    """Who leads on one metric, against who should."""
    values = {name: kept.metrics[told.metric] for name, kept in account.structures.items()
              if name in row.structures}
    listed = list(values)
    pairs = [(a, b) for i, a in enumerate(listed) for b in listed[i + 1:]]
    family = max(1, len(pairs) * len(row.expected))
    found = finding(
        METRICS[told.metric], {name: mean_interval(v) for name, v in values.items()},
        {(a, b): paired_interval(values[a], values[b], family=family) for a, b in pairs})
    leaders = found.leaders
    expected = [name for name in leaders if name in told.winners]
    result: Result = "fails" if not expected else \
        "holds" if len(expected) == len(leaders) else "tie"
    mine = next((name for name in found.ranking if name in told.winners), None)
    other = next((name for name in found.ranking if name not in told.winners), None)
    effect = Interval(None, None, None, 0) if mine is None or other is None else \
        paired_interval(values[mine], values[other])
    tau = ranking_agreement(np.array(
        [[np.nan if v is None else v for v in values[name]] for name in listed]).T)
    if len(leaders) > 1 and any(found.call(leaders[0], name) is Call.EQUAL for name in leaders[1:]):
        word = "share the lead"
    else:
        word = "leads" if len(leaders) == 1 else "too close to call"
    explained = (row.explained or {}).get(told.metric, "")
    return Outcome(
        f"{row.id}.{told.metric}", row.id, row.firm, told.metric, " or ".join(told.winners),
        f"{', '.join(leaders) or 'nobody'} ({word})", result, effect, told.confidence, tau,
        leaders, {name: i.mean for name, i in found.means.items()},
        tuple(name for name in listed if account.structures[name].unstable), explained,
        any(found.call(a, b) in (Call.CLOSE, Call.EQUAL) for a, b in pairwise(found.ranking)))


def stated(statement: Statement, accounts: Mapping[Firm, Account]) -> Outcome:
    """A single difference, held against its sign or limit."""
    arms = (statement.first, statement.second)
    values = [_arm_values(arm, statement.metric, accounts) for arm in arms]
    effect = Interval(None, None, None, 0)
    if values[0] is not None and values[1] is not None:
        effect = paired_interval(values[0], values[1])
    goal = 0.0 if statement.below is None else statement.below
    sign = statement.sign if statement.below is None else -1
    result: Result = "tie"
    if effect.mean is None or effect.low is None or effect.high is None:
        result = "fails"
    elif (effect.low - goal) * sign > 0 and (effect.high - goal) * sign > 0:
        result = "holds"
    elif (effect.low - goal) * sign < 0 and (effect.high - goal) * sign < 0:
        result = "fails"
    expected = f"{'above' if sign > 0 else 'below'} {goal:g}"
    found = "-" if effect.mean is None else f"{effect.mean:.4g}"
    unstable = [f"{arm.firm.label}, {arm.structure}" for arm in arms
                if (kept := accounts[arm.firm].structures.get(arm.structure)) and kept.unstable]
    return Outcome(statement.id, statement.id, statement.first.firm, statement.metric, expected,
                   found, result, effect, unstable=tuple(unstable), note=statement.explained)


def changed(change: Change, hope: Hope, effect: Interval) -> Outcome:
    """One expectation of a change of structure, and what came of it."""
    return Outcome(f"{change.id}.{hope.metric}.{hope.what}", change.id, change.firm, hope.metric,
                   result=kept(hope, effect), effect=effect, confidence=hope.confidence,
                   note=hope.explained, **told(hope, effect))


def _arm_values(arm: Arm, metric: str, accounts: Mapping[Firm, Account]) -> Values | None:
    kept = accounts[arm.firm].structures.get(arm.structure)
    if kept is None:
        return None
    return kept.segments.get((metric, arm.segment)) if arm.segment else kept.metrics[metric]


def _level(kept: Measured, fact: LevelFact) -> Interval:
    if not fact.metric:
        return mean_interval([kept.ramp_up])
    known = FREE_RETENTION if fact.metric == "retention_annual" else fact.metric
    return mean_interval(kept.metrics[known])


def _levels(facts: Iterable[LevelFact], row: Row, account: Account) -> list[Level]:
    """Level facts of a shipped firm under the first structure it lists."""
    found = []
    reference = row.structures[0]
    for fact in facts:
        if row.firm.scenario not in fact.ranges or reference not in account.structures:
            continue
        told = fact.ranges[row.firm.scenario]
        levels = {name: _level(kept, fact) for name, kept in account.structures.items()}
        known = [i.mean for i in levels.values() if i.mean is not None]
        value = levels[reference]
        found.append(Level(
            fact.id, row.firm.scenario, reference, told.low, told.high, told.source, value,
            min(known, default=None), max(known, default=None),
            _inside(value, told.low, told.high), told.explained))
    return found


def _inside(value: Interval, low: float, high: float) -> Result:
    if value.mean is None:
        return "fails"
    if low <= value.mean <= high:
        return "holds"
    edges = (value.mean if value.low is None else value.low,
             value.mean if value.high is None else value.high)
    return "tie" if edges[0] <= high and edges[1] >= low else "fails"


def checks(plain: Sequence[Row], accounts: Mapping[Firm, Account],
            outcomes: Sequence[Outcome]) -> tuple[Check, ...]:
    """The conditions of THEORY 4b, over the scenarios as shipped."""
    if not plain:
        return ()
    lead: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in plain:
        lead[row.id] = {metric: judged(row, Expected(metric, (), "low", ""),
                                        accounts[row.firm]).leaders for metric in TRIO}
    listed = dict.fromkeys(name for row in plain for name in row.structures)
    everywhere = [
        name for name in listed
        if sum(name in row.structures for row in plain) > 1
        and all(name in leaders for row in plain if name in row.structures
                for leaders in lead[row.id].values())]
    alone = dict.fromkeys(leaders[0] for by in lead.values() for leaders in by.values()
                          if len(leaders) == 1)
    whole = [(row.id, name) for row in plain for name in row.structures
             if all(leaders == (name,) for leaders in lead[row.id].values())]
    loose = [o.id for o in outcomes if o.leaders and o.tau is not None and o.tau < STABLE]
    alike = {o.id: o for o in outcomes}
    return (
        Check("no-universal-winner", "No structure leads on satisfaction, response and cost "
              "wherever it is compared", not everywhere, ", ".join(everywhere) or "none does"),
        Check("different-winners", f"At least {DIFFERENT_WINNERS} different structures win "
              "satisfaction, response or cost alone somewhere", len(alone) >= DIFFERENT_WINNERS,
              ", ".join(alone)),
        Check("clean-sweeps", "No structure alone wins all three in most scenarios",
              2 * len(whole) < len(plain),
              ", ".join(f"{name} in {id}" for id, name in whole) or "none anywhere"),
        Check("stable-rankings", f"A ranking with a Kendall tau below {STABLE:g} is told with its "
              "ties", all(alike[id].tied for id in loose),
              f"{len(loose)} of {sum(1 for o in outcomes if o.tau is not None)} are below: "
              + (", ".join(f"{id}{' (first place is sure)' * (len(alike[id].leaders) == 1)}"
                           for id in loose) or "none")),
    )
