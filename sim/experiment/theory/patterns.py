"""Published findings and the fifteen patterns as rows of the register.

Owns: how a fact or pattern gets its result from experiments of the register or from rows of
`orgsim verify`. Never does: run a pattern another way than `verify` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sim.experiment.executors import Progress
from sim.experiment.theory.data import PatternEntry, Register
from sim.experiment.theory.findings import Finding, Result, strictly, together

QUICK = {"time.warm_up": "1040 h", "time.horizon": "3 months"}
"""Settings of the long patterns in the quick form."""


def published(
    data: Register, words: Sequence[str] | None, tried: Mapping[str, Finding], *,
    quick: bool = False, jobs: int | None = None, progress: Progress | None = None,
) -> list[Finding]:
    """A row per fact and per pattern asked for.

    Args:
        data: The register.
        words: Ids asked for; None means all.
        tried: Findings of the experiments that were run.
        quick, jobs, progress: As in `theory`.
    """
    found = [_carried(fact.id, fact.says, [tried[t] for t in fact.tests])
             for fact in data.facts.values()
             if (words is None or fact.id in words) and all(t in tried for t in fact.tests)]
    for entry in data.patterns.values():
        if words is None or entry.id in words:
            parts = [tried[t] for t in entry.tests if t in tried]
            if parts:
                found.append(_carried(entry.id, entry.says, parts))
            found += _verified(entry, quick, jobs, progress)
    return found


def _carried(id: str, says: str, parts: Sequence[Finding]) -> Finding:
    """A row that stands on experiments: the numbers are those of the first."""
    first = parts[0]
    note = "" if len(parts) == 1 else "; ".join(f"{p.id} {p.result}" for p in parts)
    results = [p.result for p in parts]
    return Finding(id, "pattern", together(results), first.effect, first.low, first.high, first.n,
                   (), says, first.metric, first.expected, note, strict=strictly(results))


def _verified(entry: PatternEntry, quick: bool, jobs: int | None,
              progress: Progress | None) -> Iterator[Finding]:
    """Rows of `orgsim verify` that belong to a pattern."""
    if entry.verify:
        from sim.experiment.verify import verify

        for row in verify(jobs=jobs, only=entry.verify, progress=progress):
            yield Finding(
                f"{entry.id}-{row.id}", "pattern", "holds" if row.passed else "fails",
                row.simulated, row.low, row.high, row.replications, (), row.what, "",
                f"{row.theory:.4g} {row.unit}", row.note)
    if entry.special == "unit-years":
        from sim.experiment.theory.unit_years import unit_years

        yield from unit_years(jobs, progress, quick=quick)
    if entry.special == "contacts":
        from sim.experiment.theory.contacts import contacts

        yield from contacts(jobs, progress)
    if entry.long:
        from sim.experiment.verify.patterns import patterns

        for p in patterns(jobs, progress=progress, only=entry.long,
                          changes=QUICK if quick else {}, reported=False):
            if p.bound is None:
                continue  # reported beside the pattern, nothing expected
            result: Result = ("holds" if p.passed else
                              "tie" if p.note == "too close to call" else "fails")
            yield Finding(p.id, "pattern", result, p.found, p.low, p.high, p.replications, (),
                          p.what, "", p.expected, "" if p.passed else p.note)
