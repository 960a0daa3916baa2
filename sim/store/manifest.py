"""The manifest: what made a results folder, exactly enough to make it again.

Owns: the versions recorded, the order and names of the manifest's entries, the digest of files.
Never does: anything that depends on host or time outside the entry "timing".
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from sim.scenario.schema import MODEL_VERSION, SCHEMA_VERSION
from sim.store.frames import Column

FORMAT = 1
"""Version of the folder's own layout."""

LIBRARIES = ("numpy", "scipy", "numba", "llvmlite", "mesa", "pandas", "pyarrow", "matplotlib")
"""Libraries whose version may change a number or a byte of the results."""

_GIT_SECONDS = 5


def versions() -> dict[str, str | int | None]:
    """Versions that may explain a difference between two results."""
    found: dict[str, str | int | None] = {
        "orgsim": _version("orgsim"),
        "model": MODEL_VERSION,
        "schema": SCHEMA_VERSION,
        "commit": commit(),
        "python": platform.python_version(),
    }
    return found | {name: _version(name) for name in LIBRARIES}


def commit() -> str | None:
    """The commit of the source checkout; None when installed."""
    return commit_of(Path(__file__).resolve().parents[2])


def commit_of(root: Path) -> str | None:
    """The commit of a checkout, "+changes" added if files differ; None if it is none."""
    if not (root / ".git").exists():
        return None
    try:
        head = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return head + ("+changes" if changed else "")


def timing(started: datetime, seconds: float, source: str) -> dict[str, Any]:
    """Everything about a study that depends on the host or the time of day."""
    return {
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "scenario_file": source,
        "host": platform.node(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "byte_order": sys.byteorder,
    }


def digest(content: bytes) -> str:
    """SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def file_entry(
    content: bytes, columns: Sequence[Column], rows: int | None, about: str
) -> dict[str, Any]:
    """What the manifest says about one file."""
    entry: dict[str, Any] = {
        "about": about,
        "bytes": len(content),
        "sha256": digest(content),
    }
    if rows is not None:
        entry["rows"] = rows
        entry["columns"] = [
            {"name": c.name, "unit": c.unit, "meaning": c.meaning} for c in columns
        ]
    return entry


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """One sentence per version that differs between two manifests' `versions`."""
    names = list(dict.fromkeys([*then, *now]))
    return tuple(
        f"{name}: then {_said(then.get(name))}, now {_said(now.get(name))}"
        for name in names
        if then.get(name) != now.get(name)
    )


def _said(version: Any) -> str:
    """A version in words."""
    return "not recorded" if version is None else str(version)


def _version(name: str) -> str | None:
    """Version of an installed distribution, None if it is not there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _git(root: Path, *arguments: str) -> str:
    """Output of a git command in the checkout."""
    done = subprocess.run(
        ["git", "-C", str(root), *arguments],
        capture_output=True, text=True, check=True, timeout=_GIT_SECONDS,
    )
    return done.stdout.strip()
