"""The report of a sweep: page one, then measure after measure.

Owns: which findings are told, in which order, with which figures and tables. Never does: judge
(`sim.questions.summary`), draw or lay out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS
from sim.questions.curves import curves_of
from sim.questions.summary_words import headline, of_measure, runs_without
from sim.report import sweep
from sim.report.answers import Answer
from sim.report.findings import Finding, Front, Story, duration, sentence, split, tables_of
from sim.report.tables import Heading, Row, Table

if TYPE_CHECKING:
    from sim.questions.summary import Summary

AGAIN = ("In the folder of this page: `orgsim reproduce . --run RUN_ID` makes one run again and "
         "says whether the same came out. `orgsim sweep run` with the plan and this folder goes on "
         "where it was left.")
_SAMPLERS = {"grid": "every combination of levels", "lhs": "a Latin hypercube",
             "sobol": "a Sobol sequence", "saltelli": "a Saltelli sample",
             "morris": "Morris trajectories", "csv": "points out of a file"}


def of_sweep(answer: Summary, found: Sequence[Answer] = ()) -> Story:
    """The report of a finished sweep.

    Args:
        answer: What it says.
        found: Other answers in its folder.
    """
    design = answer.design
    without = runs_without(answer)
    first, rest = split(headline(answer))
    metric = answer.metrics[0] if answer.metrics else None
    told = of_measure(answer, metric)[1:] if metric else []
    front = Front(
        headline=sentence(first), more=" ".join(sentence(t) for t in (rest, *told) if t),
        figure=sweep.name_of(metric) if metric else "", measures=sweep.holdings(answer),
        calls=sweep.calls(answer), advice=_advice(answer))
    several = f"{len(answer.structures)} structures, the same customers under each"
    lead = (f"{len(answer.values):,} point{'' if len(answer.values) == 1 else 's'} "
            f"({_SAMPLERS[design.plan.sampler.kind]}) of {design.base.name}, "
            + (several if len(answer.structures) > 1 else f"one structure, {answer.structures[0]}")
            + f", {answer.replications} replication{'' if answer.replications == 1 else 's'}, "
            f"{duration(design.base.time.horizon)} measured. {design.plan.summary}".rstrip())
    captions = {sweep.name_of(m): f"{METRICS[m].name} by structure along the factors of the sweep, "
                "with 95% intervals" for m in answer.metrics}
    captions |= {a.figure: sentence(a.finding.heading) for a in found if a.figure}
    return Story(
        title=design.plan.name, lead=lead, front=front,
        findings=(*(_measure(answer, m, again=m == metric) for m in answer.metrics),
                  *(one.finding for one in found), *_appendix(answer, without)),
        warnings=tuple(sentence(line) for line in without), captions=captions)


def _measure(answer: Summary, metric: str, *, again: bool) -> Finding:
    """One measure; the figure of the first stands on page one already."""
    first, *rest = of_measure(answer, metric)
    curves = curves_of(answer, metric)
    notes = []
    if curves.averaged:
        names = ", ".join(answer.columns[k][0].name for k in curves.averaged)
        notes.append(f"The figure is averaged over {names}; the tables tell each point.")
    if curves.levels_left_out:
        notes.append(f"{curves.levels_left_out} more levels have no panel of their own.")
    if curves.uneven:
        notes.append(f"{curves.uneven:,} points are left out of the means of several points, "
                     "because a structure has no numbers there.")
    heading, more = split(first.rstrip("."))
    return Finding(sentence(heading).rstrip("."),
                   text=tuple(sentence(t) for t in (more, *notes) if t),
                   points=tuple(sentence(line) for line in rest),
                   figures=() if again else (sweep.name_of(metric),),
                   tables=sweep.points(answer, metric))


def _advice(answer: Summary) -> str:
    """What else may be asked of the same runs."""
    numeric = sum(is_number for _, is_number in answer.columns)
    if answer.replications < 2 or len(answer.structures) < 2 or not numeric:
        return ""
    if answer.design.plan.sampler.kind in ("grid", "csv"):
        told = ["`orgsim map .`"] if numeric > 1 else []
        pair = answer.structures[:2]
        for metric, point in sweep.least_sure(answer, 1):
            pair = point.findings[metric].ranking[:2]
        told.append("`orgsim tipping . " + " ".join(pair) + "`")
    else:
        told = ["`orgsim sensitivity .`"]
    return ("The same runs answer more, in this folder: " + " and ".join(told)
            + ", each with --out and a new folder here; `orgsim report .` then tells all of it.")


def _appendix(answer: Summary, without: Sequence[str]) -> list[Finding]:
    """Tables for those who check."""
    bad = sweep.without(answer)
    c = answer.counts
    made = [Finding(
        f"{c.stored:,} runs stand behind these numbers, and each can be made again",
        text=(AGAIN,), tables=(sweep.runs(answer),), appendix=True)]
    if bad is not None:
        made.append(Finding(
            f"{c.failed + c.infeasible:,} of {c.stored:,} runs have no numbers",
            points=tuple(sentence(line) for line in without), tables=tables_of([bad]),
            appendix=True))
    made.append(Finding("What the measures and factors mean", tables=(
        Table("Measures", (Heading("measure"), Heading("unit"), Heading("definition")), tuple(
            Row((METRICS[m].name, METRICS[m].unit, METRICS[m].definition))
            for m in answer.metrics)),
        *([Table("Factors", (Heading("factor"), Heading("unit"), Heading("meaning")), tuple(
            Row((col.name, col.unit, col.meaning.removeprefix("factor: ")))
            for col, _ in answer.columns))] if answer.columns else [])), appendix=True))
    return made
