"""The same lock and machine give the same bytes: again, in pieces, over threads and hash seeds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.engine.simulation import Simulation, prepare
from sim.experiment.compare import compare
from tests.law.outcome import digest, firm, outcome, run

pytestmark = pytest.mark.slow  # without the compiler each run takes many seconds

ROOT = Path(__file__).parents[2]
STRUCTURES = ("functional", "customer", "mixed")

PRINT_DIGEST = f"""
from tests.law.outcome import digest, firm
print(digest(firm(), {STRUCTURES!r}))
"""


def test_the_tenth_run_is_the_first() -> None:
    prepared = prepare(firm(), "customer")
    first = outcome(_whole(prepared))
    for replication in range(1, 9):
        run(firm(), "functional", replication)
    assert outcome(_whole(prepared)) == first
    assert outcome(_whole(prepare(firm(), "customer"))) == first


def _whole(prepared, **options):
    one = Simulation(prepared, 0, case_log=True, **options)
    one.run_to(one.end_h)
    return one.result()


@pytest.mark.parametrize("step", [0.37, 40.0, 173.0])
def test_a_run_in_pieces_is_the_whole_run(step: float) -> None:
    prepared = prepare(firm(), "mixed")
    pieces = Simulation(prepared, 0, case_log=True)
    now = 0.0
    while now < pieces.end_h:
        now = min(now + step, pieces.end_h)
        pieces.run_to(now)
        assert pieces.now == now
    assert outcome(pieces.result()) == outcome(_whole(prepared))


def test_stopping_at_an_event_is_no_event() -> None:
    """Even where it stops at the very instant of a month, a week and a snapshot."""
    prepared = prepare(firm(), "mixed")
    pieces = Simulation(prepared, 0, case_log=True)
    for now in (0.0, 40.0, 40.0, 2080.0 / 12, 520.0):
        pieces.run_to(now)
    assert outcome(pieces.result()) == outcome(_whole(prepared))


def test_two_hash_seeds_give_the_same_bytes() -> None:
    seen = set()
    for seed in ("0", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        seen.add(subprocess.run([sys.executable, "-W", "error", "-c", PRINT_DIGEST], cwd=ROOT,
                                env=environment, check=True, capture_output=True, text=True).stdout)
    assert seen == {digest(firm(), STRUCTURES) + "\n"}


def test_one_and_two_threads_give_the_same_bytes() -> None:
    answers = [json.dumps(compare(firm(), STRUCTURES, replications=3, jobs=jobs).to_json())
               for jobs in (1, 2)]
    assert answers[0] == answers[1]
