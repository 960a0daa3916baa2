"""Scenarios as a user names them: a file, a shipped name, a mapping, or one already loaded.

Owns: loading with everything the product knows of metrics and limits. Never does: run anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.metrics.registry import METRICS
from sim.scenario import Loaded, load_with_log
from sim.scenario.limits import DEFAULT_LIMITS, Limits
from sim.scenario.loading import Source

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

Overlays = Sequence[str]
Settings = Mapping[str, Any] | Sequence[str]


def opened(source: Source, *, overlays: Overlays = (), set: Settings = (),
           limits: Limits | None = DEFAULT_LIMITS) -> Loaded:
    """Load a scenario together with the log of what overlays and settings changed.

    Args and errors: as `load`.
    """
    return load_with_log(source, overlays=overlays, set=set, limits=limits, metrics=METRICS)


def load(source: Source, *, overlays: Overlays = (), set: Settings = (),
         limits: Limits | None = DEFAULT_LIMITS) -> Scenario:
    """Load a scenario.

    Args:
        source: A TOML file, the name of a shipped scenario ("retail_bank"), a mapping, or a
            scenario to change.
        overlays: Names of overlays in the file, or files, in order.
        set: Single keys, applied last: `{"staff.heads": 30}` or `["staff.heads=30"]`.
        limits: Limits on size; None lifts them.

    Raises:
        InputError: Everything that is wrong with it, at once.
        LimitExceeded: It would take too long or too much memory.
    """
    return opened(source, overlays=overlays, set=set, limits=limits).scenario


def resolved(source: Source, limits: Limits | None) -> Scenario:
    """A loaded scenario as it is, anything else loaded."""
    from sim.scenario.schema import Scenario

    return source if isinstance(source, Scenario) else load(source, limits=limits)


def alike(scenario: Scenario, structures: Sequence[str] | None = None) -> list[str]:
    """Structures that divide the work exactly as one named before them does, in words.

    Args:
        scenario: The world.
        structures: Names; None means those that a comparison takes.
    """
    from sim.structures import available, default_list, identity

    found: dict[Any, str] = {}
    told = []
    usable = [name for name, reason in available(scenario).items() if reason is None]
    for name in dict.fromkeys(structures or default_list(scenario)):
        if name not in usable or name in scenario.staff.pools:
            continue
        first = found.setdefault(identity(scenario, name), name)
        if first != name:
            told.append(f"{name} divides the work exactly as {first} does: the same numbers")
    return told
