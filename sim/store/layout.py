"""What lies in a results folder: names, meanings, and where a new folder goes.

Owns: every file name a results folder may hold, the default place of new folders. Never does:
write contents (`write.py`) or read them (`read.py`).

    results/retail_bank-1/
      scenario.toml      the resolved scenario: overlays and changes applied, all keys that differ
      manifest.json      versions, seeds, what was asked, every file with its columns and units
      runs.parquet/.csv  one row per run, one column per metric
      series.parquet     one row per period of a run: firm, each segment, each department
      summary.csv        one row per metric and structure: mean, interval, number of runs
      comparison.json    what `compare --json` prints (run.json: what `run --json` prints)
      failures.csv       runs that failed: stage, type, message (only if there are any)
      timings.csv        wall time of the work (the only data file that differs between repeats)
      figures/           SVG and PNG
      report.html        to read and to hand on
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from sim.errors import OutputExists, OutputFailed

SCENARIO = "scenario.toml"
MANIFEST = "manifest.json"
RUNS = "runs.parquet"
RUNS_CSV = "runs.csv"
SERIES = "series.parquet"
SUMMARY = "summary.csv"
ANSWER = {"compare": "comparison.json", "run": "run.json"}
"""What `--json` prints, by the command that was asked."""
FAILURES = "failures.csv"
TIMINGS = "timings.csv"
FIGURES = "figures"
REPORT = "report.html"

DEFAULT_ROOT = "results"
_HIGHEST_NUMBER = 1_000_000


def slug(name: str) -> str:
    """A folder name made of `name`: letters, digits, `_` and `-` only, at most 60 characters.

    Path separators, dots and control characters never survive, so the folder stays where it is
    put whatever the scenario is called.
    """
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:60]
    return safe or "scenario"


def reserve(name: str, out: str | Path | None = None) -> Path:
    """Make the (empty) folder for new results and return it.

    Args:
        name: Short name of the scenario, used for the default folder.
        out: The folder the user asked for; None means the next free number under `results/`.

    Raises:
        OutputExists: `out` already holds something, or is a file.
        OutputFailed: The folder cannot be made.
    """
    if out is not None:
        return _reserve_exactly(Path(out))
    root = Path(DEFAULT_ROOT)
    base = slug(name)
    try:
        root.mkdir(parents=True, exist_ok=True)
        taken = [_number(entry.name, base) for entry in root.iterdir()]
        for number in range(max(taken, default=0) + 1, _HIGHEST_NUMBER):
            try:
                (root / f"{base}-{number}").mkdir()
            except FileExistsError:  # another process was faster
                continue
            return root / f"{base}-{number}"
    except OSError as error:
        raise OutputFailed(_told(root, error) + "; choose another place with --out DIR") from error
    raise OutputFailed(f"no free number left for {base} under {root}")


def release(folder: Path) -> None:
    """Take back a reserved folder if nothing was written into it."""
    with suppress(OSError):  # it holds something: finished work is kept
        folder.rmdir()
        if folder.parent == Path(DEFAULT_ROOT):
            folder.parent.rmdir()


def _reserve_exactly(folder: Path) -> Path:
    """Make `folder`, or accept it if it is there and empty."""
    try:
        if folder.exists() and not folder.is_dir():
            raise OutputExists(f"{folder} is a file, not a folder; choose another --out")
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise OutputExists(
                f"{folder} already holds something and nothing is overwritten; "
                "choose another --out, or remove it first"
            )
    except OSError as error:
        raise OutputFailed(_told(folder, error)) from error
    return folder


def _number(name: str, base: str) -> int:
    """The number of a folder called `base-number`, else 0."""
    match = re.fullmatch(re.escape(base) + r"-([0-9]{1,6})", name)
    return int(match[1]) if match else 0


def _told(path: Path, error: OSError) -> str:
    """An operating-system error in one sentence."""
    return f"cannot write to {path}: {error.strerror or error}"
