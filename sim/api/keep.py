"""How an answer becomes a results folder, and is done again.

Owns: what goes into a folder, and where it came from. Never does: decide how files are written
(`sim.store`), or what a report looks like (`sim.report`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.api.worlds import load
from sim.experiment import replications
from sim.experiment.answer import Comparison
from sim.experiment.executors import Progress
from sim.experiment.replications import Design, Runs
from sim.experiment.run import Run
from sim.scenario import notes, to_toml
from sim.store import Contents, Reproduction, Stored, layout, read, reserve
from sim.store import reproduce as _reproduce
from sim.store import write as _write
from sim.store.files import put, put_json, put_text
from sim.store.reproduce import reproduce_one


@dataclass(frozen=True)
class Provenance:
    """Where an answer came from: what a results folder says beyond the numbers."""

    name: str = ""
    """Short name for the default folder; empty: the scenario's name."""
    changes: tuple[str, ...] = ()
    """What overlays and settings changed."""
    source: str = ""
    """The scenario file."""
    command: str = ""
    """The command as typed."""
    options: Mapping[str, Any] | None = None
    """What was asked beyond structures and replications."""
    started: datetime | None = None


def save(
    answer: Comparison | Run, folder: str | Path | None = None, *,
    provenance: Provenance | None = None,
) -> Path:
    """Write an answer into a results folder: data, manifest, figures and report.

    Args:
        answer: What `run` or `compare` returned.
        folder: A new or empty folder; None means the next number under `results/`.
        provenance: Where it came from.

    Returns:
        The folder.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim import report

    about = provenance or Provenance()
    place = reserve(about.name or answer.scenario.name.lower(), folder)
    _write(place, _contents(answer, about))
    report.write(read(place))
    return place


def keep(name: str, folder: str | Path | None,
         files: Mapping[str, Mapping[str, Any] | str | bytes]) -> Path:
    """Write an answer that is more than a table of runs: plain data, texts and figures.

    Args:
        name: Of the default folder under `results/`, which gets the next number.
        folder: A new or empty folder instead.
        files: By file name: what becomes JSON, a text, or bytes as they are.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    place = reserve(name, folder)
    for file, content in files.items():
        if isinstance(content, bytes):
            put(place / file, content)
        elif isinstance(content, str):
            put_text(place / file, content)
        else:
            put_json(place / file, dict(content))
    return place


def reproduce(
    folder: str | Path, *, jobs: int | None = None, progress: Progress | None = None
) -> Reproduction:
    """Do the study of a results folder again and say whether the same came out.

    Every run of the folder is run again from its resolved scenario, with the heads it had.

    Raises:
        InputError: It is not a results folder, or its files are broken.
    """
    return _reproduce(folder, lambda stored: _again(stored, jobs, progress))


def reproduce_row(folder: str | Path, run_id: str) -> Reproduction:
    """Do one run of a results folder of `run` or `compare` again and compare it.

    Raises:
        InputError: It is not a results folder, holds no such run, or the run has no numbers.
    """
    return reproduce_one(folder, run_id, _once)


def _contents(answer: Comparison | Run, about: Provenance) -> Contents:
    """An answer as the contents of a folder."""
    scenario = answer.scenario
    single = isinstance(answer, Run)
    people = {answer.structure: answer.staffing} if isinstance(answer, Run) else answer.staffing
    started = about.started or datetime.now(UTC)
    layouts = {r.structure: r.layout for r in answer.results if hasattr(r, "layout")}
    return Contents(
        scenario_toml=to_toml(scenario),
        scenario_name=scenario.name,
        segments=tuple(scenario.segments),
        seed=answer.seed,
        request={
            "verb": "run" if single else "compare",
            "command": about.command,
            "options": dict(about.options or {}),
            "heads": {name: _heads(answer, name, s.heads) for name, s in people.items() if s},
        },
        results=answer.results,
        answer=answer.to_json(),
        changes=about.changes,
        notes=(*notes(scenario),
               *(f"{name}: {note}" for name, made in layouts.items() for note in made.notes)),
        finished=not answer.interrupted,
        started=started,
        seconds=(datetime.now(UTC) - started).total_seconds(),
        source=about.source,
        run_seconds=answer.run_seconds,
    )


def _heads(answer: Comparison | Run, structure: str, heads: int) -> int | None:
    """Heads to ask for when this is done again; None where the scenario says the same."""
    staff = answer.scenario.staff
    asked = sum(staff.pools.get(structure, {}).values()) or staff.heads
    return None if heads == asked else heads


def _once(stored: Stored, structure: str, replication: int) -> Contents:
    """One run of a folder done again."""
    scenario = load(stored.folder / layout.SCENARIO, limits=None)
    seed, engine = int(stored.manifest["seeds"]["root"]), replications.default_engine()
    prepared = engine.prepare(scenario, structure, seed=seed,
                              heads=stored.manifest["request"]["heads"].get(structure))
    return Contents(
        scenario_toml=to_toml(scenario), scenario_name=scenario.name,
        segments=tuple(scenario.segments), seed=seed, request=stored.manifest["request"],
        results=(engine.simulate(prepared, replication, seed=seed),), answer=stored.answer,
    )


def _again(stored: Stored, jobs: int | None, progress: Progress | None) -> Contents:
    """All runs of a folder done again."""
    scenario = load(stored.folder / layout.SCENARIO, limits=None)
    heads = stored.manifest["request"]["heads"]
    wanted = [(str(s), int(r)) for s, r in zip(stored.runs["structure"],
                                               stored.runs["replication"], strict=True)]
    runs = Runs(scenario, seed=int(stored.manifest["seeds"]["root"]), jobs=jobs,
                progress=progress)
    designs = {s: Design(s, heads.get(s)) for s, _ in wanted}
    count = 1 + max((r for _, r in wanted), default=-1)
    runs.expect(len(designs) * (1 + count))
    runs.extend(runs.prepare(designs.values()), count)
    if runs.interrupted:
        raise KeyboardInterrupt
    outcomes = {(o.structure, o.replication): o
                for design in designs.values() for o in runs.outcomes(design)}
    return Contents(
        scenario_toml=to_toml(scenario), scenario_name=scenario.name,
        segments=tuple(scenario.segments), seed=runs.seed, request=stored.manifest["request"],
        results=tuple(outcomes[key] for key in wanted if key in outcomes), answer=stored.answer,
    )
