"""The published shape of what `orgsim sweep check|run|merge|status --json` print.

Owns: the promise to whoever reads that JSON. Never does: validate in production; the tests do.
"""

from __future__ import annotations

from typing import Any

from sim.experiment.schema_parts import (
    BY_METRIC,
    COUNT,
    FLAG,
    MEAN,
    METRIC,
    NAME,
    NAMES,
    PAIRS,
    TEXT,
    document,
    entries,
    table,
)

_POSITIVE = {"type": "number", "minimum": 0}


def _two(item: dict[str, Any]) -> dict[str, Any]:
    """The least and the most there will be."""
    return table({"least": item, "most": item})


def _or_none(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "null"}]}


SWEEP_CHECK: dict[str, Any] = document("sweep check", {
    "name": TEXT,
    "scenario": TEXT,
    "points": COUNT,
    "worlds": COUNT,
    "structures": NAMES,
    "replications": _two(COUNT),
    "runs": _two(COUNT),
    "run_seconds": _or_none(_POSITIVE),
    "seconds": _or_none(_two(_POSITIVE)),
    "workers": COUNT,
    "disk_bytes": _two(_POSITIVE),
    "looked_at": COUNT,
    "refused": {"type": "array", "items": TEXT},
    "infeasible": {"type": "object", "additionalProperties": TEXT},
})
"""Shape of `Forecast.to_json()`."""

SWEEP_RUN: dict[str, Any] = document("sweep run", {
    "folder": TEXT,
    **dict.fromkeys(["planned", "stored", "failed", "infeasible", "left", "new"], COUNT),
    "interrupted": FLAG,
    "text": {"type": "array", "items": TEXT},
}, "What orgsim sweep run --json and orgsim sweep merge --json print")
"""Shape of `Outcome.to_json()`, with what the sweep says in words: nothing if it is not whole."""

SWEEP_ANSWER: dict[str, Any] = document("sweep answer", {
    "sweep": TEXT,
    "scenario": TEXT,
    "structures": NAMES,
    "metrics": {"type": "array", "items": METRIC, "uniqueItems": True},
    "factors": {"type": "array", "items": table({
        "name": TEXT, "unit": TEXT})},
    "replications": COUNT,
    "runs": table(dict.fromkeys(["stored", "unstable", "failed", "infeasible"], COUNT)),
    "all_points": COUNT,
    "points": {"type": "array", "items": table({
        "values": {"type": "array", "items": {"type": ["number", "string"]}},
        "metrics": entries(table({
            "best": NAME,
            "state": {"enum": ["leads", "equal", "close", "alone", "none"]},
            "rivals": NAMES,
            "margin": _POSITIVE,
            "means": entries(MEAN),
            "differences": entries(MEAN, **PAIRS),
        }), **BY_METRIC),
    })},
    "text": {"type": "array", "items": TEXT},
})
"""Shape of `Summary.to_json()`; not every point of a very large sweep."""

SWEEP_STATUS: dict[str, Any] = document("sweep status", {
    "folder": TEXT,
    "name": TEXT,
    **dict.fromkeys(["planned", "done", "ok", "infeasible", "failed", "left"], COUNT),
    "writer": NAME,
    "seconds_left": _or_none(_POSITIVE),
    "finished": FLAG,
    "failures": {"type": "array", "items": table({
        "run_id": TEXT, "stage": NAME,
        "message": NAME,
    })},
})
"""Shape of `Status.to_json()`."""
