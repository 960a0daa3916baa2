"""The one door to a scenario: file, shipped name or tables in; a validated, frozen scenario out.

Owns: the order read -> overlays -> settings -> validate -> cross-check -> limits, and that all
faults are told at once. Never does: hold a rule of its own (schema, checks and limits do).
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from sim.errors import Fault, InputError
from sim.scenario.catalogue import find
from sim.scenario.checks import check
from sim.scenario.faults import MAX_FAULTS, Problem, repaired, touches, translate
from sim.scenario.kinds import another_kind
from sim.scenario.library import locate
from sim.scenario.limits import DEFAULT_LIMITS, Limits, check_limits
from sim.scenario.overlays import Change, Draft, plain
from sim.scenario.reading import check_depth, read_file
from sim.scenario.schema import Scenario

Source = str | FilePath | Mapping[str, Any] | Scenario


@dataclass(frozen=True)
class Loaded:
    """A scenario and how it came about."""

    scenario: Scenario
    """Overlays and settings applied; its own `overlays` table is empty."""
    path: FilePath | None
    """The file, None if it came from tables."""
    changes: tuple[Change, ...]
    """What overlays and settings changed, in order."""
    overlays: tuple[str, ...]
    """Names of the overlays the file offers."""


def load(source: Source, *, overlays: Sequence[str] = (),
         set: Mapping[str, Any] | Sequence[str] = (), limits: Limits | None = DEFAULT_LIMITS,
         metrics: Collection[str] | None = None) -> Scenario:
    """Load a scenario.

    Args:
        source: A TOML file, the name of a shipped scenario ("retail_bank"), a mapping, or a
            scenario to change.
        overlays: Names of `[overlays.NAME]` tables of the scenario, or TOML files, in order.
        set: Single keys, applied last: `{"staff.heads": 30}` or `["staff.heads=30"]`.
        limits: Limits on size; None lifts them.
        metrics: Known metric ids, to check `objective.weights`; None: not checked.

    Raises:
        InputError: Everything that is wrong, at once.
        LimitExceeded: It would take too long or too much memory.
    """
    return load_with_log(source, overlays=overlays, set=set, limits=limits,
                         metrics=metrics).scenario


def load_with_log(source: Source, *, overlays: Sequence[str] = (),
                  set: Mapping[str, Any] | Sequence[str] = (),
                  limits: Limits | None = DEFAULT_LIMITS,
                  metrics: Collection[str] | None = None) -> Loaded:
    """Load a scenario and keep the log of changes; arguments and errors as `load`."""
    draft, path = _read(source, limits)
    as_written = draft.copy() if draft.overlays else draft
    draft.apply([overlays] if isinstance(overlays, str) else overlays)
    draft.set([set] if isinstance(set, str) else set)
    if overlays or set:
        check_depth(draft.raw, draft.where)
    scenario, problems = _validate(draft.raw, metrics)
    faults = draft.faults + _placed(problems, draft)
    if not faults:
        faults = _unused_overlays(as_written)
    if faults or scenario is None:
        raise InputError(_counted(faults, draft.where))
    check_limits(scenario, draft.where, limits)
    return Loaded(scenario, path, tuple(draft.changes), tuple(draft.overlays))


def _read(source: Source, limits: Limits | None) -> tuple[Draft, FilePath | None]:
    if isinstance(source, Scenario):
        return Draft(tables(source), source.name, None), None
    if isinstance(source, Mapping):
        check_depth(source, "scenario")
        raw, where, path = plain(source), "scenario", None
    else:
        path = locate(source)
        where = str(source)
        raw = read_file(path, where, None if limits is None else limits.file_bytes)
        if fault := another_kind(raw, where, "scenario"):
            raise InputError(fault)
    offered = raw.get("overlays", {})
    if isinstance(offered, dict) and all(isinstance(o, dict) for o in offered.values()):
        # Overlays are not part of what is resolved; each is validated where it is applied.
        raw = {k: v for k, v in raw.items() if k != "overlays"}
    else:
        offered = {}
    folder = path.parent if path else None
    max_bytes = None if limits is None else limits.file_bytes
    return Draft(raw, where, folder, offered, max_bytes), path


def tables(scenario: Scenario) -> dict[str, Any]:
    """A scenario as tables that load again: durations with unit, nothing that is None."""
    data: dict[str, Any] = _with_units(_without_none(scenario.model_dump()), ())
    return data


def _with_units(value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {k: _with_units(v, (*path, k)) for k, v in value.items()}
    key = find(path) if isinstance(value, float) else None
    return f"{value!r} h" if key is not None and key.kind == "duration" else value


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_without_none(v) for v in value]
    return copy.copy(value)


def _validate(raw: Mapping[str, Any],
              metrics: Collection[str] | None) -> tuple[Scenario | None, list[Problem]]:
    """Fields first; then cross-checks, with faulty fields repaired and not blamed twice."""
    try:
        scenario = Scenario.model_validate(raw)
    except ValidationError as error:
        problems = translate(error, raw)
        mended = repaired(raw, problems)
        if mended is not None:
            faulty = [p.path for p in problems]
            problems += [p for p in check(mended, metrics)
                         if not any(touches(p.path, path) for path in faulty)]
        return None, problems
    return scenario, check(scenario, metrics)


def _placed(problems: Sequence[Problem], draft: Draft) -> list[Fault]:
    return [Fault(*draft.blame(p.path), p.message, p.hint) for p in problems]


def _unused_overlays(as_written: Draft) -> list[Fault]:
    """Faults in the overlays a file offers, used or not: what each would do alone.

    Contradictions between keys are left to the moment of use, since overlays may be meant to be
    applied together.
    """
    faults: dict[Fault, None] = {}
    for name in as_written.overlays:
        draft = as_written.copy()
        draft.apply([name])
        problems: list[Problem] = []
        try:
            Scenario.model_validate(draft.raw)
        except ValidationError as error:
            problems = translate(error, draft.raw)
        faults.update(dict.fromkeys(draft.faults + _placed(problems, draft)))
    return list(faults)


def _counted(faults: list[Fault], where: str) -> list[Fault]:
    """At most `MAX_FAULTS` faults, then how many more there are at least."""
    if len(faults) <= MAX_FAULTS:
        return faults
    return [*faults[:MAX_FAULTS], Fault(where, "", "has more faults than are listed here",
                                        "mend these first")]
