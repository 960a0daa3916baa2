"""A diagnosis for the terminal: the misfits, and what their changes did.

Owns: the order of its tables and sentences. Never does: find or judge a misfit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS, VERDICT_METRICS, format_difference, format_value
from sim.report.findings import sentence
from sim.report.tables import NOTHING, Heading, Row, Table

if TYPE_CHECKING:
    from sim.experiment.diagnose import Diagnosis, Trial
    from sim.experiment.statistics import Interval


def shown(answer: Diagnosis) -> list[Table | str]:
    """What the terminal shows, the changes last."""
    values = ", ".join(_value(id, i) for id, i in answer.metrics.items())
    head = (f"{answer.scenario.name}: {answer.structure}, {answer.replications} replications, seed "
            f"{answer.seed}\n{values}")
    if answer.warning:
        head += f"\n{sentence(answer.warning)}"
    if not answer.trials:
        return [head, "No misfit beyond the thresholds of attention was found."]
    items: list[Table | str] = [head]
    for number, trial in enumerate(answer.trials, start=1):
        items.append(_words(answer, number, trial))
    items.append(_effects(answer))
    return items


def _value(id: str, i: Interval) -> str:
    """A metric with its interval and unit: "cost 1,000 money per year (95% CI 900 to 1,100)"."""
    metric = METRICS[id]
    unit = {"points": " points", "money": f" {metric.unit}"}.get(metric.format, "")
    text = f"{metric.name} {format_value(id, i.mean, short=True)}{unit}"
    if i.low is None or i.high is None or i.low == i.high:
        return text
    low, high = (format_value(id, v, short=True).removesuffix(" h") for v in (i.low, i.high))
    return f"{text} (95% CI {low} to {high})"


def _change(id: str, value: float | None) -> str:
    """A difference with its unit."""
    metric = METRICS[id]
    return format_difference(id, value) + (f" {metric.unit}" if metric.format == "money" else "")


def _words(answer: Diagnosis, number: int, trial: Trial) -> str:
    misfit = trial.misfit
    place = "" if misfit.place == "firm" else f", {misfit.place}"
    return (f"{number}. {misfit.kind.capitalize()}{place}: {sentence(misfit.says)}\n"
            f"   Tried: {sentence(misfit.change)}\n   {sentence(_outcome(answer, trial))}")


def _outcome(answer: Diagnosis, trial: Trial) -> str:
    """What came of it, in words."""
    if trial.refused:
        return f"it cannot be run: {trial.refused}"
    told = _differences(answer, trial)
    if trial.unstable:
        return f"{told}; the backlog {'still grows' if answer.growth.unstable else 'then grows'}"
    if answer.growth.unstable and trial.growth is not None:
        return f"{told}; the backlog no longer grows"
    return told


def _differences(answer: Diagnosis, trial: Trial) -> str:
    """Differences beyond chance that matter."""
    better: list[str] = []
    worse: list[str] = []
    for id, i in trial.effects.items():
        if i.mean is None or i.low is None or i.high is None or i.low <= 0 <= i.high:
            continue
        if abs(i.mean) < METRICS[id].margin_at(answer.metrics[id].mean or 0.0):
            continue
        good = (i.mean > 0) == (METRICS[id].direction > 0)
        (better if good else worse).append(f"{METRICS[id].name} {_change(id, i.mean)}")
    if not better and not worse:
        return "no difference that matters"
    parts = [f"better: {', '.join(better)}"] if better else []
    parts += [f"worse: {', '.join(worse)}"] if worse else []
    return "; ".join(parts)


def _effects(answer: Diagnosis) -> Table:
    columns = [Heading("change"), Heading("tried")]
    columns += [Heading(METRICS[id].name, METRICS[id].unit, True) for id in VERDICT_METRICS]
    rows = []
    for number, trial in enumerate(answer.trials, start=1):
        cells = [_cell(id, trial.effects[id]) if trial.effects else NOTHING
                 for id in VERDICT_METRICS]
        rows.append(Row((str(number), trial.misfit.change, *cells)))
    return Table(
        "What each change did, on the same customers (changed minus as it is)", tuple(columns),
        tuple(rows),
        ("brackets: 95% interval over paired replications, each change by itself.",))


def _cell(id: str, i: Interval) -> str:
    if i.mean is None:
        return NOTHING
    mean = format_difference(id, i.mean, unit=False)
    if i.low is None or i.high is None:
        return mean
    low, high = (format_difference(id, v, unit=False) for v in (i.low, i.high))
    return f"{mean} [{low} to {high}]"
