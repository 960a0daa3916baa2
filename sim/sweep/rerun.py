"""One run of a sweep done again: is it the same?

Owns: finding the run, and what to compare. Never does: write.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError, nearest
from sim.experiment.replications import default_engine
from sim.scenario.loading import load
from sim.scenario.schema import MODEL_VERSION
from sim.store import manifest
from sim.store.parts import column
from sim.store.reproduce import TOLERANCE, Reproduction
from sim.sweep import folder as place_of
from sim.sweep.stored import STATUS, Index, Reader
from sim.sweep.worlds import changed


def rerun(folder: Path, run_id: str) -> Reproduction:
    """Do one run of a sweep's folder again and compare every metric.

    Args:
        folder: A sweep's folder, finished or not.
        run_id: Name of a run, as in runs.parquet.

    Raises:
        InputError: It is no sweep's folder, or holds no such run; the run has no numbers.
    """
    design = place_of.design_of(folder)
    index = Index(folder, design)
    reader = Reader(index)
    place = _find(index, run_id)
    if STATUS[index.status[place]] != "ok":
        raise InputError(Fault("--run", "", f"{run_id} is {STATUS[index.status[place]]} and has no "
                               "numbers", "orgsim sweep run PLAN --out DIR --retry RUN_ID does a "
                               "failed run again"))
    then = reader.rows(index.places()[index.places() == place])
    world_index, structure, replication = design.run_at(place)
    world = design.world(world_index)
    scenario = load(changed(design.bases[world.combination], world.changes), limits=None)
    engine = default_engine()
    prepared = engine.prepare(scenario, design.structures[structure], seed=design.seed)
    now = engine.simulate(prepared, replication, seed=design.seed)
    largest, first = 0.0, ""
    for id in design.metrics:
        gap = _gap(column(then, id)[0], now.metrics.get(id))
        largest = max(largest, gap)
        if gap > TOLERANCE and not first:
            first = (f"{place_of.RUNS}, {run_id}: {id} was {column(then, id)[0]!r}, now "
                     f"{now.metrics.get(id)!r}")
    return Reproduction(
        outcome="identical" if largest == 0 else "equal" if largest <= TOLERANCE else "different",
        largest=largest, first_difference=first if largest > TOLERANCE else "",
        versions=manifest.differences(_versions(folder), manifest.versions()), runs=1)


def _find(index: Index, run_id: str) -> int:
    design = index.design
    places = index.places().tolist()
    for place in places:
        if design.run_id(place) == run_id:
            return int(place)
    near = nearest(run_id, [design.run_id(place) for place in places[:2000]])
    raise InputError(Fault("--run", "", f"there is no run {run_id!r} in {index.folder}",
                           f"did you mean {near}?" if near else
                           f"the column run_id of {place_of.RUNS} holds their names"))


def _gap(then: Any, now: Any) -> float:
    """Relative difference; inf where only one of two is a number."""
    a = None if then is None or not math.isfinite(then) else float(then)
    b = None if now is None or not math.isfinite(now) else float(now)
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    return abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0


def _versions(folder: Path) -> dict[str, Any]:
    """Versions the folder's tables were made with."""
    import json

    try:
        found = json.loads((folder / place_of.MANIFEST).read_bytes())["versions"]
    except (OSError, ValueError, KeyError):
        return manifest.versions() | {"model": MODEL_VERSION}
    return dict(found)
