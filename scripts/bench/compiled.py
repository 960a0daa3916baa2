"""C programs, built when they are needed.

Owns: gcc and the programs' arguments. Never does: know what a ratio means.
"""

from __future__ import annotations

import functools
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench import works

SOURCES = Path(__file__).parent / "c"
FLAGS = ("-O3", "-march=native", "-ffp-contract=off")


@functools.cache
def folder() -> tempfile.TemporaryDirectory[str]:
    """Where the programs lie while the bench runs."""
    return tempfile.TemporaryDirectory(prefix="orgsim-bench-")


@functools.cache
def program(name: str) -> str:
    """Build a program; returns its path."""
    target = Path(folder().name) / name
    subprocess.run(["gcc", *FLAGS, "-o", str(target), str(SOURCES / f"{name}.c"), "-lm"],
                   check=True)
    return str(target)


def run(name: str, *arguments: object) -> dict[str, Any]:
    """Run a program to its end; returns what it prints."""
    words = [a.hex() if isinstance(a, float) else str(a) for a in arguments]
    done = subprocess.run([program(name), *words], check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def network(cases: int, seed: int) -> dict[str, Any]:
    """Work B on a binary heap."""
    return run("network", seed, cases, works.NETWORK_RATE, *works.PEOPLE, *works.NETWORK_WORK_H)


def memory(customers: int, months: float, seed: int) -> dict[str, Any]:
    """Work C on a binary heap."""
    work = works.service_h(customers)
    return run("memory", seed, customers, works.CASES_A_MONTH / works.MONTH_H, float(months),
               works.MONTH_H, *works.PEOPLE, work, works.TOLERANCE_SERVICES * work,
               works.CHURN_MAX, works.STEEPNESS, works.THRESHOLD)


def twin(world: Any, end_h: float, seed: int, replication: int) -> dict[str, Any]:
    """Work C with all features, from the numbers in the arrays of a run that has not begun."""
    par = world.par[0]
    segment = world.segments[0]
    work: list[object] = []
    kinds = world.case_types
    for y, kind in enumerate(kinds):
        function = int(kind["steps"]).bit_length() // 2
        pool = int(world.pool_of[function, 0, 0, 0])
        work += [float(kind["cumulated"]), float(world.work[y, function]), function,
                 int(world.pools[pool]["posts"]), int(world.rank[y, 0]), int(kind["phone"]),
                 float(kind["patience_h"] * segment["patience"]),
                 float(kind["tolerance_h"] * segment["patience"])]
    return run(
        "twin", seed, replication, len(world.customers), float(segment["rate"]), end_h,
        float(par["month_h"]), len(kinds), world.lines.shape[1], len(world.pools), *work,
        *(float(x) for x in world.weights[0]), float(par["courtesy"]), float(par["gain"]),
        float(par["loss"]), float(par["expectation_speed"]), float(par["expectation_drift"]),
        float(segment["expectation"]), float(world.customers[0]["loyalty"]),
        float(par["loyalty_step"]), float(segment["churn_max"]), float(par["steepness"]),
        float(segment["threshold"]))
