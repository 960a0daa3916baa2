"""orgsim: the same customers meet a firm organised in different ways.

Owns: the public names, loaded when first used, so that `import sim` costs nothing. Never does:
anything else; see `sim.api` for the functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import (
        Class,
        Comparison,
        Diagnosis,
        Explanation,
        Optimisation,
        Reorganisation,
        Reproduction,
        Run,
        Selection,
        Sensitivity,
        Staffing,
        Stored,
        StructureMap,
        Tipping,
        check_sweep,
        compare,
        diagnose,
        event_log,
        explain,
        lesson,
        lessons,
        load,
        map_structures,
        merge_sweeps,
        optimise,
        read,
        reorganise,
        reproduce,
        reproduce_run,
        run,
        run_sweep,
        save,
        select,
        sensitivity,
        staff,
        sweep_answer,
        sweep_status,
        theory,
        tipping,
        write_report,
    )
    from sim.app.classpage import ClassPage, classpage
    from sim.model import OrganisationModel

    __version__: str

__all__ = [
    "Class",
    "ClassPage",
    "Comparison",
    "Diagnosis",
    "Explanation",
    "Optimisation",
    "OrganisationModel",
    "Reorganisation",
    "Reproduction",
    "Run",
    "Selection",
    "Sensitivity",
    "Staffing",
    "Stored",
    "StructureMap",
    "Tipping",
    "__version__",
    "check_sweep",
    "classpage",
    "compare",
    "diagnose",
    "event_log",
    "explain",
    "lesson",
    "lessons",
    "load",
    "map_structures",
    "merge_sweeps",
    "optimise",
    "read",
    "reorganise",
    "reproduce",
    "reproduce_run",
    "run",
    "run_sweep",
    "save",
    "select",
    "sensitivity",
    "staff",
    "sweep_answer",
    "sweep_status",
    "theory",
    "tipping",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("orgsim")
    if name == "OrganisationModel":
        from sim.model import OrganisationModel

        return OrganisationModel
    if name in __all__:
        from sim import api

        if hasattr(api, name):
            return getattr(api, name)
        from sim.app import classpage  # above the API: it holds the browser's part

        return getattr(classpage, name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Public names and modules loaded so far."""
    return sorted({*globals(), *__all__})
