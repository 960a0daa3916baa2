"""Doing a study again and saying whether the same came out.

Owns: how two results are compared: identical, equal within a tolerance, or the first difference.
Never does: run the model itself; the caller hands in how (the store lies below the experiment).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.errors import Fault, InputError, nearest
from sim.store import frames, layout, manifest
from sim.store.read import Stored, read
from sim.store.write import Contents

TOLERANCE = 1e-9
"""Largest relative difference that still counts as equal."""

Outcome = Literal["identical", "equal", "different"]


@dataclass(frozen=True)
class Reproduction:
    """What came out of doing a study again."""

    outcome: Outcome
    largest: float
    """Largest relative difference of any number; 0 when identical, inf for another kind."""
    first_difference: str
    """Where the results first part, with both values; empty unless different."""
    versions: tuple[str, ...]
    """Versions that differ between then and now, one sentence each."""
    runs: int
    """Runs compared."""
    altered: tuple[str, ...] = ()
    """Files of the folder that were changed after they were written."""

    @property
    def same(self) -> bool:
        """Whether the results agree, to the bit or within the tolerance."""
        return self.outcome != "different"

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        if self.outcome == "identical":
            return ("identical: the run gave the same numbers to the last bit" if self.runs == 1
                    else f"identical: all {self.runs} runs gave the same numbers to the last bit")
        if self.outcome == "equal":
            return (f"equal within {TOLERANCE:g}: the largest relative difference over "
                    f"{self.runs} run{'' if self.runs == 1 else 's'} is {self.largest:.1e}")
        return f"different: {self.first_difference}"

    def to_json(self) -> dict[str, Any]:
        """The outcome as JSON."""
        return {
            "outcome": self.outcome,
            "runs": self.runs,
            "largest_relative_difference": self.largest if math.isfinite(self.largest) else None,
            "first_difference": self.first_difference or None,
            "versions": list(self.versions),
            "altered_files": list(self.altered),
        }


def reproduce(folder: str | Path, rerun: Callable[[Stored], Contents]) -> Reproduction:
    """Do the study of a results folder again and compare.

    Args:
        folder: A results folder.
        rerun: Does the study of a `Stored` again, from its resolved scenario and request.

    Raises:
        InputError: The folder cannot be read.
    """
    stored = read(folder)
    return _compared(stored, stored.runs, stored.series, rerun(stored))


def reproduce_one(
    folder: str | Path, run_id: str, rerun: Callable[[Stored, str, int], Contents]
) -> Reproduction:
    """Do one run of a results folder again and compare its row and its periods.

    Args:
        folder: A results folder.
        run_id: Its name, as in the column of `runs.parquet`.
        rerun: Does the replication of a structure again.

    Raises:
        InputError: The folder cannot be read, holds no such run, or the run has no numbers.
    """
    stored = read(folder)
    rows = stored.runs[stored.runs["run_id"] == run_id]
    if rows.empty:
        near = nearest(run_id, list(stored.runs["run_id"])[:2000])
        raise InputError(Fault("--run", "", f"there is no run {run_id!r} in {folder}",
                               f"did you mean {near}?" if near else
                               f"the column run_id of {layout.RUNS} holds their names"))
    row = rows.iloc[0]
    if row["status"] != "ok":
        raise InputError(Fault("--run", "", f"{run_id} is {row['status']} and has no numbers",
                               f"{layout.FAILURES} says why"))
    periods = stored.series[stored.series["run_id"] == run_id]
    again = rerun(stored, str(row["structure"]), int(row["replication"]))
    return _compared(stored, rows.reset_index(drop=True), periods.reset_index(drop=True), again)


def _compared(
    stored: Stored, then: pd.DataFrame, periods: pd.DataFrame, again: Contents
) -> Reproduction:
    """Some runs of a folder, and their periods, against the same done again."""
    world = frames.world_of(again.scenario_toml)
    runs = frames.runs_frame(again.results, world=world, seed=again.seed)
    series = frames.series_frame(again.results, world=world, segments=again.segments)
    largest_runs, first_runs = compare_frames(
        then, runs, ("structure", "replication"), layout.RUNS)
    largest_series, first_series = compare_frames(
        periods, series, ("structure", "replication", "scope", "name", "time_h"),
        layout.SERIES)
    largest = max(largest_runs, largest_series)
    outcome: Outcome = (
        "identical" if largest == 0 else "equal" if largest <= TOLERANCE else "different"
    )
    return Reproduction(
        outcome=outcome,
        largest=largest,
        first_difference=(first_runs or first_series) if outcome == "different" else "",
        versions=manifest.differences(stored.manifest["versions"], manifest.versions()),
        runs=len(then),
        altered=_altered(stored),
    )


def compare_frames(
    then: pd.DataFrame, now: pd.DataFrame, keys: tuple[str, ...], table: str
) -> tuple[float, str]:
    """Largest relative difference of two tables, and the first place beyond the tolerance.

    Returns:
        (0, "") when the tables are the same to the bit. Rows or texts that differ count as inf.
    """
    if len(then) != len(now):
        return math.inf, f"{table} had {len(then)} rows, now {len(now)}"
    if list(then.columns) != list(now.columns):
        odd = sorted(set(then.columns) ^ set(now.columns))
        return math.inf, f"{table} has other columns: {', '.join(odd) or 'another order'}"
    largest, first, first_row = 0.0, "", len(then)
    for name in then.columns:
        gaps = _gaps(then[name], now[name])
        largest = max(largest, float(gaps.max(initial=0.0)))
        beyond = np.flatnonzero(gaps > TOLERANCE)
        if len(beyond) and beyond[0] < first_row:
            first_row = int(beyond[0])
            row = then.iloc[first_row]
            place = ", ".join(f"{k} {row[k]}" for k in keys if str(row[k]))
            first = (f"{table}, {place}: {name} was {_shown(then[name].iloc[first_row])}, "
                     f"now {_shown(now[name].iloc[first_row])}")
    return largest, first


def _gaps(then: pd.Series[Any], now: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Relative difference per row; inf where a text or an empty cell differs."""
    if not pd.api.types.is_numeric_dtype(then):
        same = then.astype(str).to_numpy() == now.astype(str).to_numpy()
        return np.where(same, 0.0, math.inf)
    a = then.to_numpy(dtype=np.float64)
    b = now.to_numpy(dtype=np.float64)
    size = np.maximum(np.abs(a), np.abs(b))
    gap = np.zeros(len(a))
    np.divide(np.abs(a - b), size, out=gap, where=size > 0)
    gap[np.isnan(a) & np.isnan(b)] = 0.0
    gap[np.isnan(a) ^ np.isnan(b)] = math.inf
    return gap


def _altered(stored: Stored) -> tuple[str, ...]:
    """Files whose bytes are no longer those the manifest records."""
    changed = []
    for name, entry in stored.manifest["files"].items():
        path = stored.folder / Path(name).name
        content = path.read_bytes() if path.is_file() else b""
        if manifest.digest(content) != entry["sha256"]:
            changed.append(name)
    return tuple(changed)


def _shown(value: Any) -> str:
    """A value with all its digits."""
    return repr(value.item()) if hasattr(value, "item") else repr(value)
