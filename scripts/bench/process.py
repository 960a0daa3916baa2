"""What starting a program costs: CPU and memory of whole processes.

Owns: the child processes. Never does: know what a ratio means.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPTS = Path(__file__).parents[1]


def child(*arguments: str, **environment: str) -> float:
    """CPU seconds of a process and its own children."""
    path = os.pathsep.join([str(SCRIPTS), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=complaints,
                                   env={**os.environ, "PYTHONPATH": path, **environment})
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            complaints.seek(0)
            words = complaints.read().decode(errors="replace")
            raise RuntimeError(f"{arguments[-1]!r} failed: {words[-2000:]}")
    return used.ru_utime + used.ru_stime


def python(code: str, **environment: str) -> float:
    """The same for a line of Python."""
    return child(sys.executable, "-c", code, **environment)


def peak_mb(code: str) -> float:
    """Peak memory in MB of a line of Python, by its own account.

    The largest resident set that the system tells of a child holds that of its parent too, whose
    image it was before it started.
    """
    with tempfile.NamedTemporaryFile("r") as told:
        python(f"{code}; import shutil; shutil.copyfile('/proc/self/status', {told.name!r})")
        peak = next(line for line in Path(told.name).read_text().splitlines()
                    if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024.0


def help_cpu() -> float:
    """CPU seconds of `orgsim --help`, as installed."""
    command = Path(sys.executable).parent / "orgsim"
    return child(sys.executable, str(command), "--help")


TINY = ("from sim.engine.simulation import prepare, simulate; from sim.scenario import load; "
        "s = load('family_firm', set={'time.warm_up': '0 h', 'time.horizon': '1 week'}); "
        "simulate(prepare(s, 'functional'), 0)")
"""A run that compiles everything the core needs."""


def cold_and_warm() -> tuple[float, float]:
    """CPU seconds of a tiny run with an empty compile cache, and of the same again."""
    with tempfile.TemporaryDirectory(prefix="orgsim-bench-") as folder:
        cold = python(TINY, ORGSIM_CACHE_DIR=folder)
        warm = python(TINY, ORGSIM_CACHE_DIR=folder)
    return cold, warm
