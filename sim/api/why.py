"""What is wrong with a structure, why two differ, and what a change from one to another costs.

Owns: the public functions `diagnose`, `explain` and `reorganise`, and how they are kept.
Never does: compute; `sim.experiment` answers and `sim.report` draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.api.keep import keep
from sim.api.worlds import load, resolved
from sim.errors import Fault, InputError
from sim.experiment.diagnose import MOST, REPLICATIONS, Diagnosis
from sim.experiment.diagnose import diagnose as _diagnose
from sim.experiment.executors import Progress
from sim.experiment.explain import MOST_WORLDS, Explanation
from sim.experiment.explain import REPLICATIONS as EXPLAINED
from sim.experiment.explain import explain as _explain
from sim.experiment.reorganise import AFTER_H, Reorganisation, wrong
from sim.experiment.reorganise import REPLICATIONS as REORGANISED
from sim.experiment.reorganise import reorganise as _reorganise
from sim.scenario.limits import DEFAULT_LIMITS, Limits, check_limits
from sim.scenario.loading import Source


def diagnose(
    scenario: Source,
    structure: str,
    *,
    replications: int | None = None,
    heads: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Diagnosis:
    """Find up to five misfits of a structure and try one change for each.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        structure: Name of a structure.
        replications: Of the structure and of each change; None means 10.
        heads, seed, jobs, limits, progress: As in `run`.

    Returns:
        The diagnosis: `.table` is pandas, `.trials` holds each misfit with its effects.

    Raises:
        InputError, InfeasibleStructure, LimitExceeded: What was asked makes no sense.
        KeyboardInterrupt: Interrupted before the structure itself was run.
    """
    world = resolved(scenario, limits)
    check_limits(world, world.name, limits, runs=(1 + MOST) * (replications or REPLICATIONS))
    return _diagnose(world, structure, replications=replications, heads=heads, seed=seed,
                     jobs=jobs, progress=progress)


def explain(
    scenario: Source,
    first: str,
    second: str,
    *,
    metric: str = "satisfaction",
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Explanation:
    """Split the difference between two structures into causes that add up to it.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        first, second: Names of structures; the difference is second minus first.
        metric: Metric id.
        replications: Of each world; None means 10.
        seed, jobs, limits, progress: As in `run`.

    Returns:
        The explanation: `.table` is pandas, `.parts` holds each cause with its interval.

    Raises:
        InputError, InfeasibleStructure, LimitExceeded: What was asked makes no sense.
        KeyboardInterrupt: Interrupted before two replications were complete.
    """
    _two(first, second)
    world = resolved(scenario, limits)
    check_limits(world, world.name, limits, runs=2 * MOST_WORLDS * (replications or EXPLAINED))
    return _explain(world, first, second, metric=metric, replications=replications, seed=seed,
                    jobs=jobs, progress=progress)


def reorganise(
    scenario: Source,
    first: str,
    second: str,
    *,
    metric: str = "profit",
    at: str | None = None,
    budget: float = 0.5,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Reorganisation:
    """Change from one structure to another in mid-run, and compare with not changing.

    When (unless `at` says), and how hard it is, stands in the scenario: `reorganisation.at`,
    `.drag`, `.misrouting`, `.budget_ratio`... Time is measured for two years after the change, or
    to the scenario's horizon if that is later.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        first, second: Structure before and after.
        metric: What break-even is counted in.
        at: When, such as "12 months" from the end of warm-up; None means `reorganisation.at`.
        budget: Budget of a second arm over that of the first; 1 leaves it out.
        replications: Of each arm; None means 20.
        seed, jobs, limits, progress: As in `run`.

    Returns:
        The curve: `.arms` with dip, break-even and cost, `.table` is pandas, month by month.

    Raises:
        InputError, InfeasibleStructure, LimitExceeded: What was asked makes no sense.
        KeyboardInterrupt: Interrupted before anything could be compared.
    """
    _two(first, second)
    world = resolved(scenario, limits)
    if at is not None:
        try:
            world = load(world, set={"reorganisation.at": at}, limits=limits)
        except InputError as error:
            raise InputError([*(replace(f, where="--at", key="") for f in error.faults),
                              *wrong(world, first, second, metric, budget, replications)]) from None
    longer = world.time.horizon + AFTER_H + world.reorganisation.at
    check_limits(world, world.name, limits,
                 runs=round(3 * (replications or REORGANISED) * longer / world.time.horizon))
    return _reorganise(world, first, second, metric=metric, budget=budget,
                       replications=replications, seed=seed, jobs=jobs, progress=progress)


def _two(first: str, second: str) -> None:
    """Nothing lies between a structure and itself."""
    if first == second:
        raise InputError(Fault("structures", "", f"two different ones are needed, not {first!r} "
                               "twice"))


def save_diagnosis(answer: Diagnosis, folder: str | Path | None = None) -> Path:
    """Write a diagnosis into a new folder: what `--json` prints, a page of text, the figure.

    Args:
        answer: What `diagnose` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.diagnosis import figures, markdown

    files: dict[str, Mapping[str, Any] | str | bytes] = {
        "diagnosis.json": answer.to_json(), "diagnosis.md": markdown(answer)}
    if drawn := figures(answer):
        files |= {"changes.svg": drawn[0], "changes.png": drawn[1]}
    return keep(f"{answer.scenario.name.lower()}-diagnosed", folder, files)


def save_explanation(answer: Explanation, folder: str | Path | None = None) -> Path:
    """Write an explanation into a new folder: what `--json` prints, a page of text, the figure.

    Args:
        answer: What `explain` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.explanation import figures, markdown

    svg, png = figures(answer)
    return keep(f"{answer.scenario.name.lower()}-explained", folder, {
        "explanation.json": answer.to_json(), "explanation.md": markdown(answer),
        "waterfall.svg": svg, "waterfall.png": png})


def save_reorganisation(answer: Reorganisation, folder: str | Path | None = None) -> Path:
    """Write a reorganisation into a new folder: what `--json` prints, the series, the figure.

    Args:
        answer: What `reorganise` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.jcurve import figures, markdown

    svg, png = figures(answer)
    return keep(f"{answer.scenario.name.lower()}-reorganised", folder, {
        "reorganisation.json": answer.to_json(), "reorganisation.md": markdown(answer),
        "series.csv": answer.table.to_csv(index=False),
        "curve.svg": svg, "curve.png": png})
