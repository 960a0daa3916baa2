"""A sweep in a process of its own, to be killed: python -m tests.sweep.driver FOLDER WHAT."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(folder: str, what: dict[str, Any]) -> int:
    """Run a sweep as `what` says: jobs, plan, engine, most bytes of a file."""
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
    own = Path("/proc/self/status").read_text()  # of a child the system tells its parent's peak
    peak = next(line for line in own.splitlines() if line.startswith("VmHWM:")).split()[1]
    print(json.dumps(done.to_json() | {"peak_kb": int(peak)}))
    return 130 if done.interrupted else 1 if done.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], json.loads(sys.argv[2])))
