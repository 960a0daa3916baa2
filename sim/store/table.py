"""One table as a file of its own: CSV with safe cells, or Parquet, by the ending of its name.

Owns: which endings there are. Never does: overwrite a file.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import Fault, InputError, OutputExists
from sim.store.files import csv_text, put, put_text

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".csv", ".parquet")


def check_new(path: str | Path, option: str) -> Path:
    """The path of a table to be written, before any work is done for it.

    Raises:
        InputError: Its ending is none of `ENDINGS`.
        OutputExists: There is such a file.
    """
    place = Path(path)
    if place.suffix not in ENDINGS:
        raise InputError(Fault(option, "", f"a file ending in {' or '.join(ENDINGS)}, not "
                               f"{place.name!r}"))
    if place.exists():
        raise OutputExists(f"{place} exists; nothing is overwritten")
    return place


def write_table(frame: pd.DataFrame, path: str | Path) -> int:
    """Write a table, whole or not at all; returns its number of rows.

    Raises:
        OutputFailed: The disk is full, the folder is not there...
    """
    place = Path(path)
    if place.suffix == ".parquet":
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        put(place, buffer.getvalue())
    else:
        put_text(place, csv_text(list(frame.columns), frame.itertuples(index=False, name=None)))
    return len(frame)
