"""Bytes to tables: reading one TOML file, with one clear fault for whatever is wrong with it.

Owns: size, nesting, encoding and syntax. Never does: know a single key of the format.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError

MAX_BYTES = 1 << 20
MAX_DEPTH = 12
"""Tables in tables; the deepest valid file has eight."""
_NESTED = (dict, list, Mapping)

_LONG_KEY = re.compile(
    r"""(?<![\w."'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){32}""")
_AT_LINE = re.compile(r"\s*\(at (line \d+)(?:, column (\d+))?\)|\s*\(at end of document\)")
_TUPLE = re.compile(r"\('([^)]*?)',?\)")
"""How the parser writes a dotted key."""


class InputFault(InputError):
    """Exactly one fault, raised while reading."""

    def __init__(self, where: str, key: str, message: str, hint: str = "") -> None:
        self.fault = Fault(where, key, message, hint)
        super().__init__(self.fault)


def read_file(path: Path, where: str, max_bytes: int | None = MAX_BYTES) -> dict[str, Any]:
    """The tables of a TOML file.

    Args:
        path: The file.
        where: How it is called in messages.
        max_bytes: Largest size; None = any.

    Raises:
        InputFault: It cannot be read, is too large, empty, binary, not UTF-8, no valid TOML, or
            nested too deep.
    """
    try:
        with path.open("rb") as file:
            data = file.read() if max_bytes is None else file.read(max_bytes + 1)
    except FileNotFoundError:
        raise InputFault(where, "", "there is no such file") from None
    except IsADirectoryError:
        raise InputFault(where, "", "is a folder, not a scenario file") from None
    except PermissionError:
        raise InputFault(where, "", "may not be read (permission denied)") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputFault(where, "", f"cannot be read ({reason})") from None
    if max_bytes is not None and len(data) > max_bytes:
        raise InputFault(where, "", f"is larger than {max_bytes:,} bytes, the limit for a scenario "
                         "file", "--allow-large lifts the limit")
    return read_bytes(data, where)


def read_bytes(data: bytes, where: str) -> dict[str, Any]:
    """The tables in the bytes of a TOML file; see `read_file`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputFault(where, "", "is UTF-16 text", "save it as UTF-8")
    if b"\0" in data:
        raise InputFault(where, "", "is a binary file, not a scenario in TOML")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputFault(where, "", f"is not UTF-8 text (line {line})",
                         "save it as UTF-8; if it is not text, it is no scenario") from None
    if not text.strip():
        raise InputFault(where, "", "is empty", "`orgsim new NAME` writes a starter")
    try:
        tables = parse(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(where, text, str(error)) from None
    except ValueError as error:
        raise InputFault(where, "", f"is no valid TOML: {error}") from None
    if not tables:
        raise InputFault(where, "", "holds only comments", "`orgsim new NAME` writes a starter")
    check_depth(tables, where)
    return tables


def parse(text: str) -> dict[str, Any]:
    """TOML text to tables; ``ValueError`` also for what is nested without end."""
    # A key of thousands of parts would keep the parser busy for hours.
    if long_key := _LONG_KEY.search(text):
        line = text.count("\n", 0, long_key.start()) + 1
        raise ValueError(f"tables are nested more than {MAX_DEPTH} deep (line {line})")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(f"tables are nested more than {MAX_DEPTH} deep") from None


def check_depth(tables: Mapping[Any, Any], where: str) -> None:
    """Refuse nesting no scenario needs, and keys that are no text.

    Raises:
        InputFault: The first such place.
    """
    pending: list[tuple[Any, int]] = [(tables, 1)]
    while pending:
        value, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise InputFault(where, "", f"tables are nested more than {MAX_DEPTH} deep",
                             "no scenario needs that")
        if isinstance(value, Mapping):
            strange = [k for k in value if not isinstance(k, str)]
            if strange:
                raise InputFault(where, "", f"the key {strange[0]!r} is no text")
            pending += [(v, depth + 1) for v in value.values() if isinstance(v, _NESTED)]
        else:
            pending += [(v, depth + 1) for v in value if isinstance(v, _NESTED)]


def _syntax(where: str, text: str, message: str) -> InputFault:
    """A syntax error with its line, and what is often behind it."""
    place = _AT_LINE.search(message)
    reason = _TUPLE.sub(lambda m: m[1].replace("', '", "."), _AT_LINE.sub("", message))
    if place is None or place[1] is None:
        return InputFault(where, "", f"is no valid TOML: {reason[:1].lower()}{reason[1:]}, at the "
                          "end of the file")
    number = int(place[1].split()[1])
    line = text.split("\n")[number - 1].strip() if number <= text.count("\n") + 1 else ""
    line = "".join(c if c.isprintable() else "?" for c in line[:60])
    hint = ""
    if "duplicate" in reason.lower() or "overwrite" in reason.lower() or "twice" in reason.lower():
        hint = "each key and each [table] may stand once"
    elif re.match(r"[\w.\"-]+\s*=\s*[A-Za-z]", line):
        hint = "text needs quotes; true and false are written in small letters"
    elif re.match(r"[\w.\"-]+\s*=\s*\d*,\d", line):
        hint = "write decimals with a point"
    elif re.match(r"[\w.\"-]+\s*:", line):
        hint = "write key = value, not key: value"
    return InputFault(where, place[1], f"is no valid TOML: {reason[:1].lower()}{reason[1:]}: "
                      f"{line}", hint)
