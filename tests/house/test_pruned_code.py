"""`sim.jit.without`: what hangs on a switch is gone from the code, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.house.tree import PACKAGE

PROBE = '''"""An entry point with two switches, and another record with a field of the same name."""

from collections import namedtuple

import numpy as np

from sim.jit import entry, kernel, without

W = namedtuple("W", "par state")
RECORD = np.dtype([("on", "i8"), ("share", "f8"), ("kept", "f8")])


@kernel
def cannot_be_compiled(w):
    """numba has no such attribute: compiling this fails."""
    return w.nothing_of_this_name


@kernel
def shared(x):
    """Mentions no switch."""
    return x + 1.0


@kernel
def works(w, x):
    """A kernel that calls another one, if it is on."""
    par = w.par[0]
    if par["on"] and x > 0.0:
        return cannot_be_compiled(w)
    if w.par[0]["share"] > 0.0:
        return cannot_be_compiled(w)
    return shared(x) * par["kept"]


@entry
def whole(w, x):
    """Both records have a field `on`; only that of `par` is a switch."""
    if w.state[0]["on"]:
        return works(w, x)
    return -1.0


pruned = without(whole, "par", {"on": 0, "share": 0.0}, "pruned")
par = np.zeros(1, RECORD)
state = np.zeros(1, RECORD)
par[0]["kept"] = 3.0
state[0]["on"] = 1
print(pruned(W(par, state), 4.0))
state[0]["on"] = 0
print(pruned(W(par, state), 4.0))
try:
    whole(W(par, state), 4.0)
except Exception as error:
    print(type(error).__name__)
'''


def test_what_hangs_on_a_switch_is_never_compiled(tmp_path: Path) -> None:
    """(4 + 1) x 3 = 15 where the state is on, -1 where not; the whole code does not compile.

    Asked twice: the second answer comes from the cache, where the whole code has no place.
    """
    place = tmp_path / "pruning_probe.py"
    place.write_text(PROBE, encoding="utf-8")
    cache = tmp_path / "cache"
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-B", "-c", "import pruning_probe"], cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{PACKAGE.parent}{os.pathsep}{tmp_path}",
                 "ORGSIM_CACHE_DIR": str(cache), "NUMBA_DISABLE_JIT": "0"},
            capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == ["15.0", "-1.0", "TypingError"]
    assert [file.name.split("-")[0] for file in cache.rglob("*.nbi")] == [
        "pruning_probe.whole_pruned"]
