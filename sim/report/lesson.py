"""A lesson on the terminal: question, steps with their numbers, why, what to talk about.

Owns: their order and layout. Never does: compute, or say what a lesson teaches (its file does).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.experiment.cause_words import between, size
from sim.metrics.registry import METRICS
from sim.report.tables import NOTHING, Heading, Row, Table, Writer, better_way, rows_of

if TYPE_CHECKING:
    from sim.experiment.statistics import Interval
    from sim.questions.lesson import Class, Stage
    from sim.scenario.lessons import Entry, Lesson

ABOUT = ("difference: to the first structure, on the same customers, with its 95% interval over "
         "replications.")


def listed(entries: Sequence[Entry]) -> list[Table | str]:
    """The lessons there are."""
    return [Table("Lessons", (Heading("name"), Heading("goal")), tuple(
        Row((entry.name, entry.lesson.goal)) for entry in entries)),
        "orgsim lesson NAME runs one; --notes adds the instructor's notes."]


def shown(answer: Class) -> list[Table | str]:
    """The lesson and what came of it."""
    plan = answer.lesson
    out: list[Table | str] = [
        f"{plan.title}\n{plan.goal}",
        f"Predict first. {plan.prediction.question}",
    ]
    for number, (step, stage) in enumerate(zip(plan.steps, answer.stages, strict=False), 1):
        out += [f"Step {number}. {step.title}\n{step.text}", *_tables(plan, stage),
                f"What to notice: {step.notice}"]
    effect, metric = answer.surprise.effect, plan.surprise.metric
    out += [
        f"The surprise: {plan.surprise.text}\n- measured: {size(metric, effect.mean)} "
        f"({between(metric, effect)}) of {METRICS[metric].name}, over "
        f"{plan.surprise.replications} replications; here it "
        + ("shows." if answer.surprise.holds else "does not show: say so, and ask why."),
        "Why: " + plan.why.text + f"\n- mechanisms: {', '.join(plan.why.mechanisms)} "
        "(docs/model.md)\n" + "\n".join(f"- {source}" for source in plan.why.sources),
        "To discuss\n" + "\n".join(f"- {question}" for question in plan.discussion),
        f"{answer.replications} replications, {answer.runs} runs, seed {answer.seed}; " + ABOUT,
    ]
    return out


def notes(plan: Lesson) -> str:
    """The instructor's notes."""
    return (f"For the instructor\n- 30 minutes: {plan.instructor.thirty}\n"
            f"- 75 minutes: {plan.instructor.seventy_five}")


def _tables(plan: Lesson, stage: Stage) -> list[Table]:
    """The predicted metric with differences, and the other measures beside it."""
    id = plan.prediction.metric
    metric, write = METRICS[id], _writer(id, stage)
    rows = []
    for name, i in stage.means[id].items():
        if name in stage.infeasible:
            rows.append((name, NOTHING, f"infeasible: {stage.infeasible[name]}", "", ""))
            continue
        gap = stage.gaps[id][name]
        same = name == plan.structures[0]
        rows.append((name, write.value(i.mean), write.interval(i.low, i.high),
                     NOTHING if same else write.signed(gap.mean),
                     NOTHING if same else write.signed_interval(gap.low, gap.high)))
    first = Table(
        f"{metric.name[:1].upper()}{metric.name[1:]}, {write.unit}; {better_way(metric)}",
        (Heading("structure"), Heading("mean", right=True), Heading("95% interval", right=True),
         Heading("difference", right=True), Heading("95% interval", right=True)), rows_of(rows))
    others = [m for m in stage.means if m != id]
    writers = {m: _writer(m, stage) for m in others}
    second = Table(
        "Other measures: mean \u00b1 half-width of its 95% interval",
        (Heading("structure"), *(Heading(METRICS[m].name, writers[m].unit, right=True)
                                 for m in others)),
        rows_of([(name, *(_about(writers[m], stage.means[m][name]) for m in others))
                 for name in plan.structures if name not in stage.infeasible]))
    return [first, second]


def _writer(id: str, stage: Stage) -> Writer:
    means = stage.means[id].values()
    return Writer(id, [v for i in means for v in (i.mean, i.low, i.high)],
                  [i.half_width or 0.0 for i in means])


def _about(write: Writer, i: Interval) -> str:
    half = "" if i.half_width is None else f" \u00b1{write.value(i.half_width)}"
    return write.value(i.mean) + half
