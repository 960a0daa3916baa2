"""A diagnosis for people: the misfits, and what their changes did.

Owns: the order of its tables and sentences, its figure. Never does: find or judge a misfit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS, VERDICT_METRICS, format_difference, format_value
from sim.report import style
from sim.report.answer_tables import difference_unit
from sim.report.findings import sentence
from sim.report.tables import NOTHING, Heading, Row, Table, better_way

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


def markdown(answer: Diagnosis) -> str:
    """The answer as a page of text."""
    found = answer.trials
    lead = [f"no misfit beyond the thresholds of attention was found in {answer.structure}."]
    if found:
        of = "the one change" if len(found) == 1 else f"the {len(found)} changes"
        helps = [f"{t.misfit.change} ({', '.join(_sides(answer, t)[0])})" for t in found
                 if _helps(answer, t)]
        s = "s" if len(helps) < 2 else ""
        lead = [f"{len(helps) or 'none'} of {of} tried in {answer.structure} surely help{s}"
                + (f" and make{s} nothing surely worse: {', '.join(helps)}." if helps else
                   " without making something else surely worse.")]
    lead += [sentence(answer.warning)] if answer.warning else []
    told = [" ".join(line.strip() for line in _words(answer, n, trial).splitlines())
            for n, trial in enumerate(found, start=1)]
    return "\n".join([
        f"# {answer.scenario.name}: what does not fit in {answer.structure}", "",
        (f"{answer.replications} replications, seed {answer.seed}; each change was tried by itself "
         "on the same customers."), "", *(f"- {line}" for line in (*lead, *told)), ""])


def figures(answer: Diagnosis) -> tuple[bytes, bytes] | None:
    """What each change did to the measures of the verdict, as SVG and PNG."""
    tried = [(n, t) for n, t in enumerate(answer.trials, start=1) if t.effects]
    if not tried:
        return None
    with style.drawing():
        made = style.figure(2 * (1.1 + 0.3 * len(tried)))
        for ax, id in zip(made.subplots(2, 2).ravel(), VERDICT_METRICS, strict=True):
            factor = 100.0 if METRICS[id].format == "share" else 1.0
            ax.axvline(0.0, color=style.FAINT, linewidth=0.8)
            for row, (_, trial) in enumerate(tried):
                i = trial.effects[id]
                if i.mean is None:
                    continue
                if i.low is not None and i.high is not None:
                    ax.plot([i.low * factor, i.high * factor], [row, row], color=style.PALETTE[0],
                            linewidth=2.2, solid_capstyle="butt")
                ax.plot([i.mean * factor], [row], "o", color=style.PALETTE[0], markersize=6)
            ax.set_yticks(range(len(tried)), [f"change {n}" for n, _ in tried])
            ax.set_ylim(len(tried) - 0.5, -0.5)
            ax.tick_params(axis="y", length=0)
            ax.locator_params(axis="x", nbins=5)
            ax.grid(axis="x")
            ax.set_title(METRICS[id].name)
            ax.set_xlabel(f"{difference_unit(id)}, changed minus as it is; "
                          f"{better_way(METRICS[id])}", fontsize=8.5)
        return style.svg(made), style.png(made)


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


def _helps(answer: Diagnosis, trial: Trial) -> bool:
    """Whether a change is surely better somewhere, surely worse nowhere, and the firm keeps up."""
    better, worse, _ = _sides(answer, trial)
    return bool(better) and not worse and not trial.unstable


def _differences(answer: Diagnosis, trial: Trial) -> str:
    """Differences that matter: those beyond chance, and those that chance alone could make."""
    better, worse, open_ = _sides(answer, trial)
    if not better and not worse and not open_:
        return "no difference that matters"
    parts = [f"better: {', '.join(better)}"] if better else []
    parts += [f"worse: {', '.join(worse)}"] if worse else []
    parts += [f"not told from chance: {', '.join(open_)}"] if open_ else []
    return "; ".join(parts)


def _sides(answer: Diagnosis, trial: Trial) -> tuple[list[str], list[str], list[str]]:
    """The same by side: better, worse, not told from chance."""
    better: list[str] = []
    worse: list[str] = []
    open_: list[str] = []
    for id, i in trial.effects.items():
        if i.mean is None or i.low is None or i.high is None:
            continue
        if abs(i.mean) < METRICS[id].margin_at(answer.metrics[id].mean or 0.0):
            continue
        good = (i.mean > 0) == (METRICS[id].direction > 0)
        group = open_ if i.low <= 0 <= i.high else better if good else worse
        group.append(f"{METRICS[id].name} {_change(id, i.mean)}")
    return better, worse, open_


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
