"""No kernel reaches for an element from the end: compiled code would read beside the array."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house.tree import ROOT
from tests.reference.twin_worlds import FEATURES


@pytest.mark.slow
def test_no_index_is_negative() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.watched"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}, check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout.splitlines()) == len(FEATURES)


def test_a_negative_index_is_noticed() -> None:
    code = ("import numpy as np\nfrom tests.engine.watched import Watched\n"
            "np.arange(3).view(Watched)[-1]")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
                          check=False)
    assert done.returncode == 1
    assert "IndexError: index -1" in done.stderr
