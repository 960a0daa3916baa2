"""What a sweep survives: killed processes, killed workers, full disks, two writers, Ctrl-C.

Each test breaks a promise as hard as it can and compares with a sweep nothing happened to.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sim.errors import OutputExists, OutputFailed
from sim.sweep import folder as folders
from sim.sweep.design import designed
from sim.sweep.merge import merge
from sim.sweep.run import Outcome, sweep
from sim.sweep.status import status
from tests.house.tree import ROOT
from tests.sweep.quick import PLAN, Quick

MANY = {"replications": 30}
SLOW = {"delay": 0.005}
KILLS = int(os.environ.get("ORGSIM_KILLS", "5"))
MANY_RUNS = int(os.environ.get("ORGSIM_RUNS", "10000"))
"""How often a sweep is killed, and of how many runs the memory is measured; the long pass takes a
hundred kills and a hundred thousand runs."""


def start(folder: Path, **what: Any) -> subprocess.Popen[str]:
    """A sweep in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.sweep.driver", str(folder),
         json.dumps(what)], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True)


def finish(folder: Path, **what: Any) -> dict[str, Any]:
    """A sweep to its end."""
    process = start(folder, **what)
    told, talk = process.communicate(timeout=600)
    assert process.returncode in (0, 1), talk
    answer: dict[str, Any] = json.loads(told)
    return answer


def undisturbed(folder: Path, plan: dict[str, Any] | None = None, engine: Quick | None = None,
                **more: Any) -> Outcome:
    """The same sweep without processes, to compare with."""
    with ThreadPoolExecutor(1) as pool:
        return sweep(designed(PLAN | (plan or {})), folder, jobs=1, executor=pool,
                     engine=engine or Quick(), **more)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "runs.parquet").read_bytes()).hexdigest()


def parts(folder: Path) -> int:
    return len(list((folder / "parts").glob("part-*.parquet")))


def group_of(process: subprocess.Popen[str]) -> list[int]:
    """Processes of a group that are alive, by what the system says."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if words[2] == str(process.pid) and words[0] != "Z":
                found.append(int(entry.name))
    return found


def killed_again_and_again(folder: Path, plan: dict[str, Any], kills: int, seed: int) -> int:
    """Kill a sweep with all its workers at random moments of its work; how often it was hit."""
    chance = random.Random(seed)
    done = 0
    for _ in range(kills):
        before = parts(folder) if folder.exists() else 0
        process = start(folder, plan=plan, engine=SLOW)
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if (folder / ".lock").exists() and chance.random() < 0.02:
                break
            if parts(folder) > before and chance.random() < 0.2:
                break
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        done += process.returncode == -signal.SIGKILL
        now = status(folder) if (folder / "plan.json").exists() else None
        assert now is None or now.writer is None
    return done


@pytest.mark.slow
def test_killed_at_random_moments_the_table_is_the_same(tmp_path: Path) -> None:
    """The sweep grows with the number of kills, so that most of them hit it at work."""
    plan = {"replications": 12 * KILLS}
    killed = killed_again_and_again(tmp_path / "killed", plan, KILLS, seed=KILLS)
    assert killed >= KILLS // 2
    after = finish(tmp_path / "killed", plan=plan, engine=SLOW)
    assert after["stored"] == 6 * 3 * 12 * KILLS and after["left"] == 0
    undisturbed(tmp_path / "calm", plan)
    assert digest(tmp_path / "killed") == digest(tmp_path / "calm")
    assert not list((tmp_path / "killed").rglob("*.tmp"))
    print(f"killed {killed} times")  # shown by the long pass: pytest -s


@pytest.mark.slow
def test_memory_does_not_grow_with_the_runs(tmp_path: Path) -> None:
    """Peak memory of the process that holds the threads together, all metrics kept: many runs of
    sixty worlds take at most a tenth more than a thousand; so they do with the closing answer."""
    peak, whole = {}, {}
    levels = [round(0.01 * i, 2) for i in range(1, 61)]
    for runs in (1_000, MANY_RUNS):
        plan = {"replications": -(-runs // 180), "metrics": [],
                "factors": {"needs.segment_share": {"levels": levels}}}
        done = finish(tmp_path / str(runs), plan=plan, engine={"plain": True}, answer=True)
        assert done["stored"] >= runs
        assert "at any of 60 points" in done["text"][0]
        peak[runs], whole[runs] = done["peak_kb"], done["peak_with_answer_kb"]
        shutil.rmtree(tmp_path / str(runs))
    print(f"peak memory in kB by number of runs: {peak}, with the closing answer: {whole}")
    assert peak[MANY_RUNS] <= 1.1 * peak[1_000], peak
    assert whole[MANY_RUNS] <= 1.1 * whole[1_000], whole


@pytest.mark.slow
def test_any_number_of_workers(tmp_path: Path) -> None:
    undisturbed(tmp_path / "calm", engine=Quick())
    for jobs in (1, 2, 4):
        finish(tmp_path / str(jobs), jobs=jobs)
        assert digest(tmp_path / str(jobs)) == digest(tmp_path / "calm")


@pytest.mark.slow
def test_workers_die_with_their_parent(tmp_path: Path) -> None:
    """Only the parent is killed: nothing of its group is alive a moment later."""
    process = start(tmp_path / "a", plan={"replications": 400}, engine={"delay": 0.02})
    until(lambda: parts(tmp_path / "a") > 0)
    assert len(group_of(process)) > 2
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    until(lambda: not group_of(process))


@pytest.mark.slow
def test_a_killed_worker_costs_only_time(tmp_path: Path) -> None:
    """Workers are killed from outside, twice, while the sweep goes on."""
    process = start(tmp_path / "a", plan=MANY, engine={"delay": 0.01})
    for _ in range(2):
        before = parts(tmp_path / "a")
        until(lambda before=before: parts(tmp_path / "a") > before)  # type: ignore[misc]
        workers = [pid for pid in group_of(process) if is_worker(pid, process.pid)]
        os.kill(workers[-1], signal.SIGKILL)
    told, talk = process.communicate(timeout=300)
    assert process.returncode == 0, talk
    assert json.loads(told)["failed"] == 0
    undisturbed(tmp_path / "calm", MANY)
    assert digest(tmp_path / "a") == digest(tmp_path / "calm")


def is_worker(pid: int, leader: int) -> bool:
    """A worker is a child of the fork server, which is a child of the sweep."""
    def above(child: int) -> int:
        return int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])

    try:
        return above(above(pid)) == leader
    except (OSError, ValueError):
        return False


@pytest.mark.slow
def test_a_run_that_kills_its_process_fails_alone(tmp_path: Path) -> None:
    """Six runs (one per world) bring their process down; the 66 others are as ever."""
    told = finish(tmp_path / "a", engine={"deadly": [["customer", 1]]})
    assert (told["stored"], told["failed"]) == (72, 6)
    frame = pq.read_table(tmp_path / "a" / "runs.parquet").to_pandas()
    bad = frame[frame["status"] == "failed"]
    assert set(zip(bad["structure"], bad["replication"], bad["stage"], strict=True)) == {
        ("customer", 1, "worker")}
    again = undisturbed(tmp_path / "a", retry_failed=True)
    assert (again.new, again.failed) == (6, 0)
    undisturbed(tmp_path / "calm")
    assert digest(tmp_path / "a") == digest(tmp_path / "calm")


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(tmp_path: Path) -> None:
    process = start(tmp_path / "a", plan={"replications": 400}, engine={"delay": 0.01})
    until(lambda: parts(tmp_path / "a") > 0)
    os.killpg(process.pid, signal.SIGINT)
    told, talk = process.communicate(timeout=60)
    assert process.returncode == 130, talk
    assert "Traceback" not in talk
    answer = json.loads(told)
    assert answer["interrupted"] and 0 < answer["stored"] < answer["planned"]
    assert status(tmp_path / "a").done == answer["stored"]


@pytest.mark.slow
def test_two_writers_on_one_folder(tmp_path: Path) -> None:
    process = start(tmp_path / "a", plan=MANY, engine={"delay": 0.01})
    until(lambda: parts(tmp_path / "a") > 0)
    found = status(tmp_path / "a")
    assert found.writer == f"process {process.pid} on {os.uname().nodename}"
    assert found.left > 0
    with pytest.raises(OutputExists, match=f"is being written by process {process.pid}"):
        undisturbed(tmp_path / "a", MANY)
    _, talk = process.communicate(timeout=300)
    assert process.returncode == 0, talk
    undisturbed(tmp_path / "calm", MANY)
    assert digest(tmp_path / "a") == digest(tmp_path / "calm")


@pytest.mark.slow
def test_a_full_disk_is_one_error_and_damages_nothing(tmp_path: Path) -> None:
    """No file may grow beyond some bytes: parts fit, the table does not; then parts do not."""
    what: dict[str, Any] = {"plan": {"replications": 10, "metrics": []},
                            "engine": {"delay": 0.01}}
    undisturbed(tmp_path / "calm", what["plan"])
    table = (tmp_path / "calm" / "runs.parquet").stat().st_size
    for limit in (table - 1, 30_000):
        place = tmp_path / str(limit)
        process = start(place, file_bytes=limit, **what)
        _, talk = process.communicate(timeout=300)
        assert process.returncode == 2, talk
        assert talk.count("OutputFailed") == 1 and "cannot write" in talk
        assert "Traceback" not in talk
        for path in (place / "parts").glob("*.parquet"):
            pq.read_table(path)
        assert not (place / "manifest.json").exists()
        finish(place, **what)
        assert digest(place) == digest(tmp_path / "calm")


def test_a_read_only_folder_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    def refuse(path: object, flags: int, *more: object) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, flags, *more)  # type: ignore[arg-type]

    real = os.open
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutputFailed, match=r"cannot write to .*: Read-only file system"):
        undisturbed(tmp_path)
    monkeypatch.undo()
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_is_no_folder(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputFailed, match="cannot write to"):
        undisturbed(tmp_path / place)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputExists, match=r"thesis\.txt"):
        undisturbed(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_lock_of_a_dead_process_is_no_lock(tmp_path: Path) -> None:
    undisturbed(tmp_path, shard=(1, 2))
    (tmp_path / ".lock").write_text(f"{os.uname().nodename} {os.getpid()}\n")
    assert folders.writer(tmp_path) is None
    assert undisturbed(tmp_path).left == 0


def test_what_dead_writers_leave_is_swept_up(tmp_path: Path) -> None:
    undisturbed(tmp_path, shard=(1, 2))
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True).stdout.strip()
    host = os.uname().nodename
    torn = tmp_path / "parts" / f".part-1.parquet.{host}.{gone}.tmp"
    mine = tmp_path / "parts" / f".part-2.parquet.{host}.{os.getpid()}.tmp"
    away = tmp_path / "parts" / ".part-3.parquet.other.host.1.tmp"
    for path in (torn, mine, away):
        path.write_bytes(b"PAR1")
    undisturbed(tmp_path)
    assert [p.exists() for p in (torn, mine, away)] == [False, True, True]


@pytest.mark.slow
def test_a_dask_cluster_with_a_killed_worker(tmp_path: Path) -> None:
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1",
                      dashboard_address=None, silence_logs=50) as cluster, \
            Client(cluster) as client:
        pids = client.run(os.getpid)

        def kill() -> None:
            until(lambda: parts(tmp_path / "a") > 0)
            os.kill(next(iter(pids.values())), signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        done = sweep(designed(PLAN | MANY), tmp_path / "a", dask=cluster.scheduler_address,
                     engine=Quick(delay=0.01))
        killer.join()
    assert (done.stored, done.failed, done.left) == (540, 0, 0)
    undisturbed(tmp_path / "calm", MANY)
    assert digest(tmp_path / "a") == digest(tmp_path / "calm")


@pytest.mark.slow
def test_shards_killed_and_merged(tmp_path: Path) -> None:
    """Two shards at the same time, one of them killed on the way and taken up again."""
    what = {"plan": MANY, "engine": SLOW}
    first = start(tmp_path / "1", shard=[1, 2], **what)
    second = start(tmp_path / "2", shard=[2, 2], **what)
    until(lambda: parts(tmp_path / "1") > 0)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    second.communicate(timeout=300)
    finish(tmp_path / "1", shard=[1, 2], **what)
    done = merge([tmp_path / "1", tmp_path / "2"], tmp_path / "all")
    assert (done.stored, done.left) == (540, 0)
    undisturbed(tmp_path / "calm", MANY)
    assert digest(tmp_path / "all") == digest(tmp_path / "calm")


def until(true: Any, seconds: float = 120.0) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
