"""Which structure to take, and how many people it needs.

Owns: the public functions `select` and `staff`, and how their answers are kept. Never does:
compute; `sim.questions` answers and `sim.report` draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.api.keep import keep
from sim.api.worlds import resolved
from sim.experiment.executors import Progress
from sim.experiment.request import check_structures
from sim.metrics.registry import Margin
from sim.questions.select import CONFIDENCE, FIRST, MAX_RUNS, Selection
from sim.questions.select import select as _select
from sim.questions.staff import REPLICATIONS, Staffing
from sim.questions.staff import staff as _staff
from sim.scenario.limits import DEFAULT_LIMITS, Limits, check_limits
from sim.scenario.loading import Source
from sim.sweep.lab import Lab

USUAL_TRIALS = 6
"""Numbers of heads a search tries with all replications, for the prediction of its size."""


def select(
    scenario: Source,
    structures: Sequence[str] | None = None,
    *,
    metric: str | None = None,
    weights: Mapping[str, float] | None = None,
    margin: str | float | Margin | None = None,
    confidence: float = CONFIDENCE,
    first: int = FIRST,
    step: int = 1,
    max_runs: int = MAX_RUNS,
    runs: str | Path | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Selection:
    """Find the best structure with a guaranteed probability, running contenders only.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        structures: Names; None means the scenario's default list.
        metric: Metric id; None means satisfaction. Not together with weights.
        weights: Weight by metric per smallest difference that matters, as in `compare`.
        margin: Difference not worth knowing: in the metric's unit or "5%" of it (None: the
            metric's own), under weights in points of the score (None: the largest weight).
        confidence: Probability of naming the best if it leads by at least the margin.
        first: Replications of every structure before anybody is dropped.
        step: Replications between looks; more keeps more processors busy.
        max_runs: Where it gives up, runs of the first stage included.
        runs: Folder in which runs outlive the question: what lies there is not run again, and an
            interrupted question goes on.
        seed, jobs, limits, progress: As in `run`.

    Returns:
        The selection: `.best`, `.guaranteed`, `.table` is pandas, `.contenders` says of each
        structure when and why it was dropped.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before the first stage was complete.
    """
    world = resolved(scenario, limits)
    names, _ = check_structures(world, structures)
    check_limits(world, world.name, limits, runs=first * len(names))
    return _select(world, structures, metric=metric, weights=weights, margin=margin,
                   confidence=confidence, first=first, step=step, max_runs=max_runs,
                   lab=Lab(world, seed=seed, jobs=jobs, progress=progress, folder=runs))


def save_selection(answer: Selection, folder: str | Path | None = None) -> Path:
    """Write a selection into a new folder: what `--json` prints, a page of text, the figure.

    Args:
        answer: What `select` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.selection import figures, markdown

    svg, png = figures(answer)
    return keep(f"{answer.scenario.name.lower()}-selected", folder, {
        "selection.json": answer.to_json(), "selection.md": markdown(answer),
        "race.svg": svg, "race.png": png})


def staff(
    scenario: Source,
    target: Mapping[str, float | str],
    structures: Sequence[str] | None = None,
    *,
    replications: int | None = None,
    runs: str | Path | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Staffing:
    """Find the heads and cost each structure needs for the same service, beside Erlang's answer.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        target: One metric and the value it should reach, such as ``{"response_mean_h": 8}`` or
            ``{"within_tolerance": "90%"}``.
        structures: Names; None means the scenario's default list.
        replications: Behind each decision that counts; None means 20.
        runs: As in `select`.
        seed, jobs, limits, progress: As in `run`.

    Returns:
        The answer: `.table` is pandas, `.needs` holds whole and fractional heads, cost, trials and
        the way from Erlang's heads to the simulated ones.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before the first structure was done.
    """
    world = resolved(scenario, limits)
    names, _ = check_structures(world, structures)
    check_limits(world, world.name, limits,
                 runs=len(names) * USUAL_TRIALS * (replications or REPLICATIONS))
    return _staff(world, target, structures, replications=replications,
                  lab=Lab(world, seed=seed, jobs=jobs, progress=progress, folder=runs))


def save_staffing(answer: Staffing, folder: str | Path | None = None) -> Path:
    """Write the answer of `staff` into a new folder: what `--json` prints, text, the figure.

    Args:
        answer: What `staff` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.staffing import figures, markdown

    svg, png = figures(answer)
    return keep(f"{answer.scenario.name.lower()}-staffed", folder, {
        "staffing.json": answer.to_json(), "staffing.md": markdown(answer),
        "curves.svg": svg, "curves.png": png})
