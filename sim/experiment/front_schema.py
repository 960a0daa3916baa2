"""The published JSON of a front of designs: optimise.

Owns: the promise to whoever reads that JSON. Never does: validate in production; the tests do.
"""

from __future__ import annotations

from typing import Any

from sim.experiment.schema_parts import BY_METRIC, COUNT, DRAFT, MEAN, METRIC, NAMES
from sim.experiment.schema_parts import entries as _map
from sim.experiment.schema_parts import table as _object

OPTIMISE: dict[str, Any] = {
    "$schema": DRAFT,
    "$id": "orgsim/optimise",
    "title": "What orgsim optimise --json prints",
    **_object({
        "scenario": {"type": "string"},
        "metrics": {"type": "array", "items": METRIC, "minItems": 2, "uniqueItems": True},
        "units": _map({"type": "string"}, **BY_METRIC),
        "vary": _map({"type": "array", "items": {"type": "string"}, "minItems": 1}),
        "combinations": {"type": "integer", "minimum": 1},
        "enumerated": {"type": "boolean"},
        "looked_at": {"type": "integer", "minimum": 1},
        "first_replications": {"type": "integer", "minimum": 2},
        "intervals_together": {"type": "integer", "minimum": 1},
        "seed": {"type": "integer", "minimum": 0},
        "budget": COUNT,
        "runs": COUNT,
        "stopped": {"enum": ["settled", "budget", "interrupted"]},
        "text": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "front": NAMES,
        "designs": {"type": "array", "minItems": 1, "items": _object({
            "label": {"type": "string", "minLength": 1},
            "status": {"enum": ["sure", "unclear", "possible", "dominated", "same", "unstable",
                                "infeasible", "failed", "no value"]},
            "structure": {"type": "string"},
            "rest": {"type": "string"},
            "settings": {"type": "object"},
            "name": {"type": "string"},
            "overlay": {"type": "string"},
            "replications": COUNT,
            "metrics": _map(MEAN, **BY_METRIC),
            "not_told_from": NAMES,
            "dominated_by": NAMES,
            "unstable": COUNT,
            "reason": {"type": "string"},
        })},
        "steps": {"type": "array", "items": _object({
            "from": {"type": "string"},
            "to": {"type": "string"},
            "changes": _map(MEAN, **BY_METRIC),
            "rates": _map(MEAN, **BY_METRIC),
        })},
    }),
}
"""Shape of `Optimisation.to_json()`; `changes`: to minus from; `rates`: the other metric's change
per unit of the first. For a design that is the same as another `dominated_by` names that one."""
