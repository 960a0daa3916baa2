"""Memory of a server that has no questions: given back to the system.

Owns: what the C library and the interpreter keep of what is free. Never does: decide when (`desk`),
or what is not needed any more (`study`).
"""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import suppress

M_ARENA_MAX = -8
"""As in glibc's `malloc.h`."""


def one_heap() -> None:
    """One heap for all threads that are still to come.

    Arrays of a run begin in one thread and end in another: with a heap for each thread every one
    of them keeps pages of which little is in use. One interpreter lock lets them seldom meet.
    """
    _glibc("mallopt", M_ARENA_MAX, 1)


def give_back() -> None:
    """Let the system have memory that is free but still ours."""
    gc.collect()
    _glibc("malloc_trim", 0)


def _glibc(name: str, *values: int) -> None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library without it
            getattr(ctypes.CDLL(None), name)(*values)
