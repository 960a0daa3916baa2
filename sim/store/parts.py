"""Parts of a sweep on disk: small tables of finished runs, and one large table made of many.

Owns: Parquet as sweeps use it: a part written whole or not at all, a few columns read back, a
table streamed to disk in groups of rows. Never does: know what a run is, or which come first.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.errors import Fault, InputError, OutputFailed
from sim.store.files import move_into_place, put, temporary_name
from sim.store.frames import Column

GROUP = 256
"""Rows put together at a time: with all metrics a quarter of a megabyte, and copies of it."""
ROW_GROUP = 8 * GROUP
"""Rows of a group in a streamed table. What the file says of a group, a note for each of its
columns, is held in memory to the end: larger groups hold more rows, smaller ones more notes."""
KINDS = {"text": pa.string(), "number": pa.float64(), "whole": pa.int64(), "truth": pa.bool_()}
Table = Any
"""A pyarrow.Table."""


def schema(columns: Iterable[tuple[Column, str]]) -> Any:
    """Arrow schema with unit and meaning of every column; kinds as in `KINDS`."""
    return pa.schema([
        pa.field(c.name, KINDS[kind], metadata={"unit": c.unit, "meaning": c.meaning})
        for c, kind in columns
    ])


def table(values: Mapping[str, Sequence[Any]], shape: Any) -> Table:
    """Columns as a table of the given schema; what a column lacks is empty."""
    rows = len(next(iter(values.values()))) if values else 0
    return pa.Table.from_arrays(
        [pa.array(values.get(field.name, [None] * rows), type=field.type, from_pandas=True)
         for field in shape], schema=shape)


def write_part(path: Path, content: Table) -> None:
    """Write a part, whole or not at all, without words, statistics and dictionaries.

    A part has few rows and many columns: what Parquet says about each column would take four times
    the room of the numbers.

    Raises:
        OutputFailed: Full disk, read-only folder...
    """
    bare = pa.schema([pa.field(field.name, field.type) for field in content.schema])
    sink = pa.BufferOutputStream()
    pq.write_table(content.cast(bare), sink, compression="zstd", write_statistics=False,
                   use_dictionary=False, store_schema=False)
    put(path, bytes(sink.getvalue().to_pybytes()))


def read_part(path: Path, columns: Sequence[str] | None = None) -> Table:
    """A part, or some of its columns.

    Raises:
        InputError: It is no Parquet file, or lacks a column.
    """
    try:
        # Buffering ahead would allocate in threads of pyarrow's own, which keep what they freed.
        found = pq.read_table(path, columns=None if columns is None else list(columns),
                              use_threads=False, memory_map=False, pre_buffer=False)
    except _BROKEN as error:
        raise _unreadable(path, error) from None
    _check_columns(path, columns, found.column_names)
    return found


def pieces(path: Path, columns: Sequence[str] | None = None) -> Iterator[Table]:
    """A table that was streamed to disk, or some of its columns, `GROUP` rows at a time.

    Raises:
        InputError: It is no Parquet file, or lacks a column.
    """
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            _check_columns(path, columns, file.schema_arrow.names)
            for batch in file.iter_batches(
                    GROUP, columns=None if columns is None else list(columns), use_threads=False):
                yield pa.Table.from_batches([batch])
    except _BROKEN as error:
        raise _unreadable(path, error) from None


_BROKEN = (OSError, pa.ArrowException, ValueError)
"""What pyarrow raises on a file that is not there, or no Parquet file, or a damaged one."""


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return InputError(Fault(str(path), "", f"cannot be read ({reason})"))


def _check_columns(path: Path, columns: Sequence[str] | None, there: Sequence[str]) -> None:
    lacking = set(columns or ()) - set(there)
    if lacking:
        raise InputError(Fault(str(path), "", f"lacks the column {min(lacking)}"))


def column(part: Table, name: str) -> list[Any]:
    """Values of a column, None where there is nothing."""
    values: list[Any] = part.column(name).to_pylist()
    return values


def numbers(part: Table, name: str) -> NDArray[Any]:
    """Values of a column of numbers; NaN where a real number is missing."""
    return np.asarray(part.column(name).to_numpy())


def coded(part: Table, name: str) -> tuple[list[Any], NDArray[Any]]:
    """Different values of a column in the order they come, and the place of each row's among them.

    A row without a value has -1.
    """
    found = part.column(name).combine_chunks().dictionary_encode()
    places = found.indices.fill_null(-1)
    return found.dictionary.to_pylist(), np.asarray(places)


def joined(tables: Sequence[Table]) -> Table:
    """Tables end to end."""
    return pa.concat_tables(tables).combine_chunks()


def picked(parts: Sequence[Table], order: NDArray[np.int64]) -> Table:
    """Rows of several tables laid end to end, in the order given."""
    return pa.concat_tables(parts).take(pa.array(order)).combine_chunks()


def with_columns(part: Table, shape: Any, extra: Mapping[str, Sequence[Any]]) -> Table:
    """A table of the given schema: columns out of `extra`, else of `part`, else empty."""
    rows, there = part.num_rows, set(part.column_names)

    def made(field: Any) -> Any:
        if field.name in extra:
            return pa.array(extra[field.name], type=field.type, from_pandas=True)
        if field.name in there:
            return part.column(field.name).combine_chunks().cast(field.type)
        return pa.nulls(rows, field.type)

    return pa.Table.from_arrays([made(field) for field in shape], schema=shape)


class Stream:
    """A Parquet file written piece by piece; it appears under its name only when complete."""

    def __init__(self, path: Path, shape: Any, searched: Sequence[str] = ()) -> None:
        """Nothing is written yet.

        Args:
            path: The file.
            shape: Its schema.
            searched: Columns by which rows are looked for: with least and greatest value of each
                group. What stands in the file's end is held in memory to the end.
        """
        self.path = path
        self._searched = list(searched)
        self.rows = 0
        self._temporary = temporary_name(path)
        self._file: Any = None
        self._shape = shape
        self._writer: Any = None
        self._held: list[Table] = []

    def __enter__(self) -> Stream:
        try:
            self._file = self._temporary.open("wb")
        except OSError as error:
            raise self._failed(error) from error
        self._writer = pq.ParquetWriter(self._file, self._shape, compression="zstd",
                                        write_statistics=self._searched or False,
                                        use_dictionary=False)
        return self

    def write(self, piece: Table) -> None:
        """Append rows, of `GROUP` at most.

        Raises:
            OutputFailed: Full disk...
        """
        self._held.append(piece)
        self.rows += piece.num_rows
        if sum(held.num_rows for held in self._held) > ROW_GROUP - GROUP:
            self._write_group()

    def _write_group(self) -> None:
        """Write what is held as one group; its columns are not joined before."""
        group, self._held = pa.concat_tables(self._held), []
        try:
            self._writer.write_table(group, row_group_size=max(1, group.num_rows))
        except OSError as error:
            raise self._failed(error) from error
        del group
        pa.default_memory_pool().release_unused()  # else what is freed here adds up elsewhere

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        try:
            if kind is None:
                if self._held:
                    self._write_group()
                self._writer.close()
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                move_into_place(self._temporary, self.path)
        except OSError as failure:
            raise self._failed(failure) from failure
        finally:
            with suppress(Exception):
                self._writer.close()
            with suppress(OSError):
                self._file.close()
            with suppress(OSError):
                self._temporary.unlink(missing_ok=True)

    def _failed(self, error: OSError) -> OutputFailed:
        return OutputFailed(f"cannot write {self.path}: {error.strerror or error}")
