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
            return f"identical: all {self.runs} runs gave the same numbers to the last bit"
        if self.outcome == "equal":
            return (f"equal within {TOLERANCE:g}: the largest relative difference over "
                    f"{self.runs} runs is {self.largest:.1e}")
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
    again = rerun(stored)
    world = frames.world_of(again.scenario_toml)
    runs = frames.runs_frame(again.results, world=world, seed=again.seed)
    series = frames.series_frame(again.results, world=world, segments=again.segments)
    largest_runs, first_runs = compare_frames(
        stored.runs, runs, ("structure", "replication"), layout.RUNS)
    largest_series, first_series = compare_frames(
        stored.series, series, ("structure", "replication", "scope", "name", "time_h"),
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
        runs=len(stored.runs),
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
