"""Reading a results folder back.

Owns: turning a folder into tables, with one clear error for whatever is missing or broken.
Never does: trust a file's content as code (JSON, TOML, CSV and Parquet only; nothing pickled).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import Fault, InputError
from sim.store import layout
from sim.store.frames import compared
from sim.store.manifest import FORMAT


@dataclass(frozen=True)
class Stored:
    """A results folder in memory."""

    folder: Path
    scenario_toml: str
    manifest: dict[str, Any]
    answer: dict[str, Any]
    """The JSON form of the comparison, or of the run."""
    runs: pd.DataFrame
    """One row per run; columns and units in `manifest["files"]["runs.parquet"]`."""
    series: pd.DataFrame
    """One row per run, period and scope."""

    @property
    def comparison(self) -> dict[str, Any]:
        """The answer as a comparison; a run becomes a comparison of one structure."""
        return compared(self.answer)

    @property
    def structures(self) -> tuple[str, ...]:
        """Structures in the order they were asked for."""
        return tuple(dict.fromkeys(self.runs["structure"]))

    def unit_of(self, metric: str) -> str:
        """Unit of a metric's column."""
        columns = self.manifest["files"][layout.RUNS]["columns"]
        return str(next((c["unit"] for c in columns if c["name"] == metric), "-"))


def read(folder: str | Path) -> Stored:
    """Read a results folder.

    Raises:
        InputError: It is not a results folder, or a file in it is missing or broken; all such
            faults are in the error.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InputError(Fault(str(folder), "", "there is no such folder"))
    if not (place / layout.MANIFEST).is_file():
        raise InputError(Fault(
            str(folder), "", f"is not a results folder: it holds no {layout.MANIFEST}",
            "a folder written by `orgsim run` or `orgsim compare` is expected"))
    faults: list[Fault] = []
    found: dict[str, Any] = {}
    readers = {
        layout.MANIFEST: _json,
        layout.SCENARIO: _text,
        layout.RUNS: _table,
        layout.SERIES: _table,
    }
    def take(name: str, reader: Callable[[Path], Any]) -> None:
        try:
            found[name] = reader(place / name)
        except FileNotFoundError:
            faults.append(Fault(str(place / name), "", "is missing"))
        except (OSError, ValueError, pa.ArrowException) as error:
            faults.append(Fault(str(place / name), "", f"cannot be read: {_first_line(error)}"))

    for name, reader in readers.items():
        take(name, reader)
    strange = _strange(place, found.get(layout.MANIFEST))
    answer = ""
    if layout.MANIFEST in found and not strange:
        answer = layout.ANSWER[found[layout.MANIFEST]["request"]["verb"]]
        take(answer, _json)
    faults += strange
    if faults:
        raise InputError(faults)
    return Stored(
        folder=place,
        scenario_toml=found[layout.SCENARIO],
        manifest=found[layout.MANIFEST],
        answer=found[answer],
        runs=found[layout.RUNS],
        series=found[layout.SERIES],
    )


def _strange(place: Path, manifest: Any) -> list[Fault]:
    """Faults of a manifest that is JSON but not ours."""
    where = str(place / layout.MANIFEST)
    if manifest is None:
        return []
    if not isinstance(manifest, dict):
        return [Fault(where, "", "is not a manifest: it holds no table")]
    if manifest.get("format") != FORMAT:
        found = manifest.get("format")
        return [Fault(where, "format", f"is {found!r}; this version reads {FORMAT}")]
    missing = [
        Fault(where, key, "is missing")
        for key in ("scenario", "request", "seeds", "versions", "files", "timing")
        if key not in manifest
    ]
    if missing:
        return missing
    request = manifest["request"]
    if not isinstance(request, dict) or request.get("verb") not in layout.ANSWER:
        return [Fault(where, "request", f"has no verb out of {', '.join(layout.ANSWER)}")]
    return []


def _json(path: Path) -> Any:
    """Content of a JSON file."""
    return json.loads(path.read_bytes())


def _text(path: Path) -> str:
    """Content of a text file."""
    return path.read_text(encoding="utf-8")


def _table(path: Path) -> pd.DataFrame:
    """Content of a Parquet file."""
    frame: pd.DataFrame = pq.read_table(path).to_pandas()
    return frame


def _first_line(error: Exception) -> str:
    """The first line of an error's message."""
    return (str(error).splitlines() or [type(error).__name__])[0]
