"""The published JSON of questions that choose: select, staff, optimise.

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
    NUMBER,
    TEXT,
    document,
    entries,
    table,
)
from sim.metrics.registry import METRICS

SELECT: dict[str, Any] = document("select", {
    "scenario": TEXT,
    "metric": {"enum": [*METRICS, None]},
    "weights": entries({"type": "number", "exclusiveMinimum": 0}, **BY_METRIC),
    "margins": entries({"type": "number", "exclusiveMinimum": 0}, **BY_METRIC),
    "unit": TEXT,
    "margin": {"type": "number", "exclusiveMinimum": 0},
    "confidence": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "procedure": {"const": "KN"},
    "first_stage": {"type": "integer", "minimum": 2},
    "seed": {"type": "integer", "minimum": 0},
    "best": NAME,
    "guaranteed": FLAG,
    "stopped": {"enum": ["one left", "indifference", "max runs", "interrupted", "no choice"]},
    "replications": COUNT,
    "runs": COUNT,
    "equal_runs": COUNT,
    "more_runs": COUNT,
    "structures": {"type": "array", "items": table({
        "structure": TEXT,
        "fate": {"enum": ["selected", "dropped", "left", "infeasible", "failed", "no value"]},
        "replications": COUNT,
        "value": MEAN,
        "behind": MEAN,
        "dropped_at": {"type": ["integer", "null"], "minimum": 2},
        "dropped_by": NAME,
        "dropped_behind": NUMBER,
        "boundary": NUMBER,
        "unstable": COUNT,
        "reason": TEXT,
    })},
})
"""Shape of `Selection.to_json()`; `behind` and `boundary`: above 0 where the best is ahead."""

STAFF: dict[str, Any] = document("staff", {
    "scenario": TEXT,
    "metric": METRIC,
    "unit": TEXT,
    "target": {"type": "number", "exclusiveMinimum": 0},
    "replications": {"type": "integer", "minimum": 2},
    "seed": {"type": "integer", "minimum": 0},
    "runs": COUNT,
    "structures": {"type": "array", "items": table({
        "structure": TEXT,
        "heads": {"type": ["integer", "null"], "minimum": 1},
        "fte": MEAN,
        "paid_fte": MEAN,
        "binds": {"enum": ["target", "keeping up", "fewest people", None]},
        "value": MEAN,
        "cost": MEAN,
        "cost_fte": MEAN,
        "erlang": {"anyOf": [{"type": "null"}, table({
            "heads": {"type": "integer", "minimum": 1}, "fte": {"type": "number"},
            "response_h": NUMBER})]},
        "steps": {"type": "array", "items": table({
            "name": TEXT, "fte": NUMBER})},
        "measured": entries({"type": "number"}),
        "trials": {"type": "array", "items": table({
            "heads": COUNT, "value": NUMBER, "stable": FLAG,
            "meets": FLAG, "replications": COUNT,
            "low": NUMBER, "high": NUMBER})},
        "runs": COUNT,
        "reason": TEXT,
    })},
    "interrupted": FLAG,
})
"""Shape of `Staffing.to_json()`; `fte`: heads of the line, real-valued."""

OPTIMISE: dict[str, Any] = document("optimise", {
    "scenario": TEXT,
    "metrics": {"type": "array", "items": METRIC, "minItems": 2, "uniqueItems": True},
    "units": entries(TEXT, **BY_METRIC),
    "vary": entries({"type": "array", "items": TEXT, "minItems": 1}),
    "combinations": {"type": "integer", "minimum": 1},
    "enumerated": FLAG,
    "looked_at": {"type": "integer", "minimum": 1},
    "first_replications": {"type": "integer", "minimum": 2},
    "intervals_together": {"type": "integer", "minimum": 1},
    "seed": {"type": "integer", "minimum": 0},
    "budget": COUNT,
    "runs": COUNT,
    "stopped": {"enum": ["settled", "budget", "interrupted"]},
    "text": {"type": "array", "items": TEXT, "minItems": 1},
    "front": NAMES,
    "designs": {"type": "array", "minItems": 1, "items": table({
        "label": {"type": "string", "minLength": 1},
        "status": {"enum": ["sure", "unclear", "possible", "dominated", "same", "unstable",
                            "infeasible", "failed", "no value"]},
        "structure": TEXT,
        "rest": TEXT,
        "settings": {"type": "object"},
        "name": TEXT,
        "overlay": TEXT,
        "replications": COUNT,
        "metrics": entries(MEAN, **BY_METRIC),
        "not_told_from": NAMES,
        "dominated_by": NAMES,
        "unstable": COUNT,
        "reason": TEXT,
    })},
    "steps": {"type": "array", "items": table({
        "from": TEXT,
        "to": TEXT,
        "changes": entries(MEAN, **BY_METRIC),
        "rates": entries(MEAN, **BY_METRIC),
    })},
})
"""Shape of `Optimisation.to_json()`; `changes`: to minus from; `rates`: the other metric's change
per unit of the first. For a design that is the same as another `dominated_by` names that one."""
