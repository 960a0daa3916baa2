"""The compiled loop and the same lines run by Python give the same bits, without a warning."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.law.outcome import digest, firm

ROOT = Path(__file__).parents[2]
SHORT = {"time": {"warm_up": "60 h", "horizon": "130 h"}, "customers": {"count": 60},
         "satisfaction": {"expectation_start": "given"}, "staff": {"heads": 8}}
"""Small: Python is some hundred times slower. Long enough for a month's end."""

PRINT_DIGEST = f"""
import numba
assert numba.config.DISABLE_JIT
from sim.engine import simulation
simulation.PILOT_HOURS = 60.0
from tests.law.outcome import digest, firm
print(digest(firm(**{SHORT!r}), ("customer", "mixed")))
"""


def test_without_the_compiler_the_bits_are_the_same(monkeypatch) -> None:
    from sim.engine import simulation

    monkeypatch.setattr(simulation, "PILOT_HOURS", 60.0)
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    found = subprocess.run([sys.executable, "-W", "error", "-c", PRINT_DIGEST], cwd=ROOT,
                           env=environment, check=False, capture_output=True, text=True)
    assert found.stderr == ""
    assert found.stdout == digest(firm(**SHORT), ("customer", "mixed")) + "\n"
