"""A sweep in a process of its own, to be killed: python -m tests.sweep.driver FOLDER WHAT."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(folder: str, what: dict[str, Any]) -> int:
    """Run a sweep as `what` says: jobs, plan, engine, most bytes of a file, whether to answer."""
    from sim.errors import OrgSimError
    from sim.sweep.design import designed
    from sim.sweep.run import sweep
    from tests.sweep.quick import PLAN, Quick

    if "file_bytes" in what:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (what["file_bytes"],) * 2)
    engine = {key: tuple(map(tuple, value)) if isinstance(value, list) else value
              for key, value in what.get("engine", {}).items()}
    try:
        done = sweep(designed(PLAN | what.get("plan", {})), Path(folder),
                     jobs=what.get("jobs", 2), engine=Quick(**engine),
                     shard=tuple(what.get("shard", (1, 1))))  # type: ignore[arg-type]
    except OrgSimError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    told: dict[str, Any] = {"peak_kb": peak_kb()}
    if what.get("answer"):
        from sim.api.sweeps import sweep_answer
        from sim.questions.summary_words import sentences

        told |= {"text": sentences(sweep_answer(folder)), "peak_with_answer_kb": peak_kb()}
    print(json.dumps(done.to_json() | told))
    return 130 if done.interrupted else 1 if done.failed else 0


def peak_kb() -> int:
    """Most memory this process held so far (of a child the system tells its parent's peak)."""
    own = Path("/proc/self/status").read_text()
    return int(next(line for line in own.splitlines() if line.startswith("VmHWM:")).split()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], json.loads(sys.argv[2])))
