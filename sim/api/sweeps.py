"""Sweeps for Python users and for the commands: check, run, status, merge, one run again.

Owns: the public functions of sweeps. Never does: parse options or print.

    import sim

    sim.check_sweep("needs_and_size").runs
    sim.run_sweep("needs_and_size", "sweep")       # again: takes it up where it was left
    sim.sweep_answer("sweep").to_json()["text"]    # who leads where
    import pandas as pd
    runs = pd.read_parquet("sweep/runs.parquet")

Workers are processes that import the calling script: guard it with `if __name__ == "__main__":`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from sim.api.keep import reproduce_row
from sim.errors import Fault, InputError
from sim.experiment.executors import Progress
from sim.questions.summary import Summary
from sim.scenario.limits import DEFAULT_LIMITS, Limits
from sim.store.reproduce import Reproduction
from sim.sweep.design import designed
from sim.sweep.finished import is_sweep
from sim.sweep.forecast import Forecast, forecast
from sim.sweep.merge import merge
from sim.sweep.rerun import rerun
from sim.sweep.run import Outcome, sweep
from sim.sweep.status import Status, status

__all__ = ["Forecast", "Outcome", "Status", "Summary", "check_sweep", "merge_sweeps",
           "reproduce_run", "run_sweep", "sweep_answer", "sweep_status"]

Plan = str | Path | Mapping[str, Any]
Folder = str | Path


def check_sweep(plan: Plan, *, jobs: int | None = None, measure: bool = True,
                limits: Limits | None = DEFAULT_LIMITS) -> Forecast:
    """Points, runs, time and disk of a sweep before anything is run.

    Args:
        plan: A plan file, the name of a shipped plan, or a mapping.
        jobs: Worker processes; None means one per processor.
        measure: Try a few runs to learn how long they take.
        limits: Limits on the size of one run; None lifts them.

    Raises:
        InputError: Everything that is wrong with the plan, at once.
        LimitExceeded: A run would be too large.
    """
    return forecast(designed(plan), jobs=jobs, limits=limits, measure=measure)


def run_sweep(
    plan: Plan, out: Folder, *, jobs: int | None = None, dask: str | None = None,
    shard: str | tuple[int, int] = (1, 1), retry: Sequence[str] | None = None,
    retry_failed: bool = False, csv: bool = False, executor: Executor | None = None,
    limits: Limits | None = DEFAULT_LIMITS, progress: Progress | None = None,
) -> Outcome:
    """Run a sweep into a folder, or take it up where it was left.

    Args:
        plan: A plan file, the name of a shipped plan, or a mapping.
        out: Its folder; what is stored there is not run again.
        jobs: Worker processes; None means one per processor. Changes no number.
        dask: Address of a Dask scheduler, or "local".
        shard: "K/N" or (K, N): only the K-th of N shares of the work (see `merge_sweeps`).
        retry: Names of failed runs to run again, and nothing else.
        retry_failed: Run all failed runs again, and what is missing.
        csv: Write runs.csv too.
        executor: Any `concurrent.futures` executor in place of processes of this machine.
        limits: Limits on the size of one run; None lifts them.
        progress: Told (runs stored, runs planned, what).

    Returns:
        How far it came. After Ctrl-C, what was finished is stored and `interrupted` is True.

    Raises:
        InputError: The plan is wrong, or the folder is of another one; the keys are named.
        OutputExists: Somebody else is writing the folder, or it holds something else.
        OutputFailed: It cannot be written.
        LimitExceeded: A run would be too large.
    """
    if jobs is not None and jobs < 1:
        raise InputError(Fault("--jobs", "", f"at least 1, not {jobs}"))
    design = designed(plan)
    forecast(design, limits=limits, measure=False)
    return sweep(design, Path(out), jobs=jobs, dask=dask, shard=_shard(shard), retry=retry,
                 retry_failed=retry_failed, csv=csv, executor=executor, progress=progress)


def sweep_status(folder: Folder) -> Status:
    """How far a sweep has come, while it runs or after.

    Raises:
        InputError: It is no sweep's folder.
    """
    return status(Path(folder))


def sweep_answer(folder: Folder, *, metrics: Sequence[str] | None = None,
                 structures: Sequence[str] | None = None) -> Summary:
    """What a finished sweep says: at every point, which structure leads on which measure.

    Args:
        folder: The sweep's folder.
        metrics: Measures; None means those of the verdict that were kept, else the first that was.
        structures: Names; None means all of the sweep.

    Raises:
        InputError: It is no finished sweep, or lacks a measure or structure.
    """
    return Summary(folder, metrics, structures)


def merge_sweeps(folders: Sequence[Folder], out: Folder, *, csv: bool = False) -> Outcome:
    """Make one folder of the shards of a sweep.

    Raises:
        InputError: They are not of the same sweep; the keys that differ are named.
        OutputExists, OutputFailed: `out` is being written, or cannot be.
    """
    return merge([Path(folder) for folder in folders], Path(out), csv=csv)


def reproduce_run(folder: Folder, run_id: str) -> Reproduction:
    """Run one row of a sweep, of a comparison or of a run again: did the same come out?

    Raises:
        InputError: No such folder, no such run, or a run without numbers.
    """
    if not is_sweep(folder):
        return reproduce_row(folder, run_id)
    return rerun(Path(folder), run_id)


def _shard(text: str | tuple[int, int]) -> tuple[int, int]:
    """Text such as 2/8 as (2, 8)."""
    if isinstance(text, str):
        k, slash, n = text.partition("/")
        numbers = (int(k), int(n)) if slash and k.isdecimal() and n.isdecimal() else (0, 0)
    else:
        numbers = text
    if not 1 <= numbers[0] <= numbers[1] <= 1_000_000:
        raise InputError(Fault("--shard", "", f"must be K/N with 1 <= K <= N, not {text!r}",
                               "such as 1/4, 2/4, 3/4 and 4/4 on four machines"))
    return numbers
