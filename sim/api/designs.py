"""Which designs of a firm are worth considering.

Owns: the public function `optimise`, and how its answer is kept. Never does: compute;
`sim.questions` answers and `sim.report` draws.

    import sim

    answer = sim.optimise("family_firm", ["satisfaction", "cost_total"],
                          vary=["structure", "heads=5:8"], budget=1000)
    print(answer.table)
    print(answer.overlays())   # the designs on the front, to paste into the scenario file
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.api.keep import keep
from sim.api.worlds import resolved
from sim.experiment.executors import Progress
from sim.questions.designs import Optimisation
from sim.questions.optimise import BUDGET
from sim.questions.optimise import optimise as _optimise
from sim.scenario.limits import DEFAULT_LIMITS, Limits, check_limits
from sim.scenario.loading import Source
from sim.sweep.lab import Lab


def optimise(
    scenario: Source,
    metrics: Sequence[str] | None = None,
    *,
    vary: Sequence[str] | None = None,
    budget: int = BUDGET,
    runs: str | Path | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Optimisation:
    """Find the designs that no other design beats on all metrics.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        metrics: At least two metric ids, each with a better way; None means satisfaction and cost.
        vary: What a design is made of: `structure` (a key per function) or `structure=a|b`,
            `heads`, `span`, `cover`, any scenario key; `KEY=lo:hi`, `KEY=lo:hi:values` or
            `KEY=a|b|c`. None means structure and heads.
        budget: Runs, pilot rounds not counted.
        runs: Folder in which runs outlive the question: what lies there is not run again, and an
            interrupted question goes on. A sweep's folder will do.
        seed, jobs, limits, progress: As in `run`.

    Returns:
        The answer: `.front` and `.options` are designs with intervals, `.table` is pandas,
        `.overlays()` is TOML to paste into the scenario file.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense, or optuna is needed and missing;
            every fault at once.
        OutputFailed: The folder of runs cannot be written.
        KeyboardInterrupt: Interrupted before two designs could be compared.
    """
    world = resolved(scenario, limits)
    check_limits(world, world.name, limits, runs=max(1, budget))
    lab = Lab(world, seed=seed, jobs=jobs, progress=progress, folder=runs)
    return _optimise(world, metrics, vary=vary, budget=budget, jobs=jobs, lab=lab)


def save_optimisation(answer: Optimisation, folder: str | Path | None = None) -> Path:
    """Write a front into a folder: what `--json` prints, table, text, overlays, figure.

    Args:
        answer: What `optimise` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.front import figures, markdown

    svg, png = figures(answer)
    return keep(f"{answer.scenario.name.lower()}-front", folder, {
        "front.json": answer.to_json(), "front.csv": answer.table.to_csv(index=False),
        "front.md": markdown(answer), "designs.toml": answer.overlays(), "front.svg": svg,
        "front.png": png})
