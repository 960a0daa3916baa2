"""Compilation: the one door to numba's decorators, and the home of the compile cache.

Owns: `kernel` (a function compiled into its caller), `entry` (a cached compiled entry point),
`wrapping` (integer hashing that wraps silently). Never does: anything with a model.

numba does not notice a changed helper in another file: a cached caller would go on returning
the old answer. The cache therefore lies in a folder named by a hash of *all* compiled sources.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])

COMPILED_PLACES = ("jit.py", "rng.py", "state.py", "structures", "behaviours", "management",
                   "engine")
"""Files and folders of `sim` whose text decides what compiled code does."""


def source_hash(root: Path | None = None) -> str:
    """Hash of every compiled source file, in a fixed order."""
    root = Path(__file__).parent if root is None else root
    digest = hashlib.sha256()
    for place in COMPILED_PLACES:
        path = root / place
        for file in [path] if path.is_file() else sorted(path.glob("*.py")):
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> str | None:
    """A writable folder for compiled code, or None if there is nowhere to write."""
    named = os.environ.get("ORGSIM_CACHE_DIR") or os.environ.get("NUMBA_CACHE_DIR")
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    bases = [Path(named)] if named else []
    bases += [Path(user) / "orgsim", Path(tempfile.gettempdir()) / f"orgsim-{os.getuid()}"]
    for base in bases:
        folder = base / source_hash()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return str(folder)
        except OSError:
            continue
    return None


def kernel(function: Function) -> Function:
    """Compile a function that compiled code calls."""
    return numba.njit(function, error_model="numpy")  # type: ignore[no-any-return]


def entry(function: Function) -> Function:
    """Compile an entry point: cached on disk, releasing the GIL."""
    if numba.config.DISABLE_JIT:
        return function
    folder = _cache_folder()
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = folder or ""
    try:
        return numba.njit(function, nogil=True, error_model="numpy", cache=folder is not None)  # type: ignore[no-any-return]
    finally:
        numba.config.CACHE_DIR = before


def wrapping(function: Function) -> Function:
    """A kernel whose unsigned arithmetic wraps on purpose; silent when not compiled, too."""
    if not numba.config.DISABLE_JIT:
        return kernel(function)

    @wraps(function)
    def silent(*args: Any) -> Any:
        with np.errstate(over="ignore"):
            return function(*args)

    return silent  # type: ignore[return-value]
