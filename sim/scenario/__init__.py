"""Scenarios: what a user writes, read, validated and frozen.

Owns: the file format (`schema`), its checks and messages, overlays, the shipped scenarios.
Never does: know a room above the ground, or read a clock or the environment.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.export import json_schema, notes, parameter_table, to_toml
    from sim.scenario.library import shipped, starter
    from sim.scenario.loading import Loaded, load, load_with_log
    from sim.scenario.overlays import Change

_HOME = {
    "load": "loading",
    "load_with_log": "loading",
    "Loaded": "loading",
    "Change": "overlays",
    "shipped": "library",
    "starter": "library",
    "to_toml": "export",
    "json_schema": "export",
    "parameter_table": "export",
    "notes": "export",
}

__all__ = ["Change", "Loaded", "json_schema", "load", "load_with_log", "notes",
           "parameter_table", "shipped", "starter", "to_toml"]


def __getattr__(name: str) -> Any:
    """Load a file of this room when one of its names is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
