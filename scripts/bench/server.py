"""An `orgsim app` of our own, and what it and the machine use while it answers.

Owns: the server's process, memory and processor time as the system tells them. Never does: ask it
anything.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Server:
    """An `orgsim app` of our own."""

    process: subprocess.Popen[str]
    address: str
    started_s: float
    began: float

    @property
    def memory_mb(self) -> float:
        """Resident memory."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(x for x in lines if x.startswith("VmRSS:")).split()[1]) / 1024.0

    @property
    def cpu_s(self) -> float:
        """Processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ticks(place: Path) -> list[int]:
    """Fields of a process from its parent on; none if it has ended."""
    try:
        return [int(x) for x in place.read_text().rpartition(")")[2].split()[1:16]]
    except OSError:
        return []


def busy() -> tuple[float, float]:
    """Processor time of this process with all below it, and of the whole machine, seconds."""
    found = {int(p.parent.name): ticks(p) for p in Path("/proc").glob("[0-9]*/stat")}
    ours = {os.getpid()}
    while more := {pid for pid, row in found.items() if row and row[0] in ours} - ours:
        ours |= more
    total = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    hertz = os.sysconf("SC_CLK_TCK")
    return (sum(sum(found[pid][10:14]) for pid in ours) / hertz,
            (sum(total[:8]) - total[3] - total[4]) / hertz)


def start() -> Server:
    """Start the page and wait until its port answers."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.cli.main", "app", "--port", "0", "--no-browser", "--quiet"],
        stdout=subprocess.PIPE, text=True, env=environment)
    address = process.stdout.readline().strip() if process.stdout else ""
    if not address:
        raise SystemExit("orgsim app did not start")
    return Server(process, address, time.monotonic() - began, began)


def stop(server: Server) -> None:
    """End the page."""
    server.process.terminate()
    server.process.wait(20)
