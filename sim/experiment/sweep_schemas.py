"""The published shape of what `orgsim sweep check|run|merge|status --json` print.

Owns: the promise to whoever reads that JSON. Never does: validate in production; the tests do.
"""

from __future__ import annotations

from typing import Any

from sim.experiment.schema_parts import (
    BY_METRIC,
    COUNT,
    DRAFT,
    MEAN,
    METRIC,
    NAMES,
    PAIRS,
    entries,
    table,
)

_WHOLE = {"type": "integer", "minimum": 0}
_POSITIVE = {"type": "number", "minimum": 0}


def _two(item: dict[str, Any]) -> dict[str, Any]:
    """The least and the most there will be."""
    return table({"least": item, "most": item})


def _or_none(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "null"}]}


SWEEP_CHECK: dict[str, Any] = {
    "$schema": DRAFT,
    "$id": "orgsim/sweep-check",
    "title": "What orgsim sweep check --json prints",
    **table({
        "name": {"type": "string"},
        "scenario": {"type": "string"},
        "points": _WHOLE,
        "worlds": _WHOLE,
        "structures": NAMES,
        "replications": _two(_WHOLE),
        "runs": _two(_WHOLE),
        "run_seconds": _or_none(_POSITIVE),
        "seconds": _or_none(_two(_POSITIVE)),
        "workers": _WHOLE,
        "disk_bytes": _two(_POSITIVE),
        "looked_at": _WHOLE,
        "refused": {"type": "array", "items": {"type": "string"}},
        "infeasible": {"type": "object", "additionalProperties": {"type": "string"}},
    }),
}
"""Shape of `Forecast.to_json()`."""

SWEEP_RUN: dict[str, Any] = {
    "$schema": DRAFT,
    "$id": "orgsim/sweep-run",
    "title": "What orgsim sweep run --json and orgsim sweep merge --json print",
    **table({
        "folder": {"type": "string"},
        **dict.fromkeys(["planned", "stored", "failed", "infeasible", "left", "new"], _WHOLE),
        "interrupted": {"type": "boolean"},
        "text": {"type": "array", "items": {"type": "string"}},
    }),
}
"""Shape of `Outcome.to_json()`, with what the sweep says in words: nothing if it is not whole."""

SWEEP_ANSWER: dict[str, Any] = {
    "$schema": DRAFT,
    "$id": "orgsim/sweep-answer",
    "title": "What orgsim sweep answer --json prints",
    **table({
        "sweep": {"type": "string"},
        "scenario": {"type": "string"},
        "structures": NAMES,
        "metrics": {"type": "array", "items": METRIC, "uniqueItems": True},
        "factors": {"type": "array", "items": table({
            "name": {"type": "string"}, "unit": {"type": "string"}})},
        "replications": COUNT,
        "runs": table(dict.fromkeys(["stored", "unstable", "failed", "infeasible"], COUNT)),
        "all_points": COUNT,
        "points": {"type": "array", "items": table({
            "values": {"type": "array", "items": {"type": ["number", "string"]}},
            "metrics": entries(table({
                "best": {"type": ["string", "null"]},
                "state": {"enum": ["leads", "equal", "close", "alone", "none"]},
                "rivals": NAMES,
                "margin": _POSITIVE,
                "means": entries(MEAN),
                "differences": entries(MEAN, **PAIRS),
            }), **BY_METRIC),
        })},
        "text": {"type": "array", "items": {"type": "string"}},
    }),
}
"""Shape of `Summary.to_json()`; not every point of a very large sweep."""

SWEEP_STATUS: dict[str, Any] = {
    "$schema": DRAFT,
    "$id": "orgsim/sweep-status",
    "title": "What orgsim sweep status --json prints",
    **table({
        "folder": {"type": "string"},
        "name": {"type": "string"},
        **dict.fromkeys(["planned", "done", "ok", "infeasible", "failed", "left"], _WHOLE),
        "writer": {"type": ["string", "null"]},
        "seconds_left": _or_none(_POSITIVE),
        "finished": {"type": "boolean"},
        "failures": {"type": "array", "items": table({
            "run_id": {"type": "string"}, "stage": {"type": ["string", "null"]},
            "message": {"type": ["string", "null"]},
        })},
    }),
}
"""Shape of `Status.to_json()`."""
