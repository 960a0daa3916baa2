"""Writing one file so that it is either whole or not there, and text that is safe to open.

Owns: the way bytes reach the disk, CSV cells, canonical JSON. Never does: decide what is written.

A file is written under a temporary name in the same folder, flushed, and renamed: a reader, a
crash or a full disk never meets half a file (tried by killing writers; see docs/architecture.md).
"""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sim.errors import OutputFailed

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet compute a text cell instead of showing it."""


def put(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all.

    Raises:
        OutputFailed: As `put_pieces`.
    """
    put_pieces(path, (content,))


def put_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece, whole or not at all; one piece at a time is in memory.

    Raises:
        OutputFailed: The disk is full, the folder read-only, a folder lies in the way...
    """
    temporary = temporary_name(path)
    try:
        with temporary.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        move_into_place(temporary, path)
    except OSError as error:
        raise OutputFailed(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def temporary_name(path: Path) -> Path:
    """Where a file is written before it is whole: beside it, named after host and process."""
    return path.with_name(f".{path.name}.{platform.node()}.{os.getpid()}.tmp")


def move_into_place(temporary: Path, path: Path) -> None:
    """Give a finished file its name, and see that the folder has it on the disk too.

    Raises:
        OSError: It cannot be renamed.
    """
    temporary.replace(path)
    if hasattr(os, "O_DIRECTORY"):
        with suppress(OSError):  # some file systems keep no order of their own to wait for
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def put_text(path: Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    put(path, text.encode("utf-8", errors="replace"))


def put_json(path: Path, value: Any) -> None:
    """Write JSON in the one form used everywhere (see `to_json`)."""
    put_text(path, to_json(value) + "\n")


def to_json(value: Any) -> str:
    """JSON with declared order kept, two spaces of indent, and null for anything not finite."""
    return json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False)


def finite(value: Any) -> Any:
    """`value` with every number that is not finite replaced by None, numpy scalars unwrapped."""
    if isinstance(value, dict):
        return {str(key): finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if hasattr(value, "tolist"):
        return finite(value.tolist())
    return str(value)


def cell(value: Any) -> str:
    """One CSV cell: numbers shortest and exact, nothing for None, text that stays text.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    if hasattr(value, "item"):  # a numpy scalar: its repr is not a number
        value = value.item()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return "'" + text if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A CSV file with a header line, Unix line ends, and safe cells."""
    lines = [columns, *rows]
    return "".join(",".join(_quoted(cell(value)) for value in line) + "\n" for line in lines)


def _quoted(text: str) -> str:
    """A cell in quotes where a reader would else split it, at a bare carriage return too."""
    if any(sign in text for sign in ',"\r\n') or text != text.strip(" "):
        return '"' + text.replace('"', '""') + '"'
    return text
