"""The published shape of the JSON that the commands print (JSON Schema 2020-12).

Owns: the promise to whoever reads that JSON. Never does: validate in production; the tests do.
"""

from __future__ import annotations

from typing import Any

from sim.experiment.front_schema import OPTIMISE
from sim.experiment.question_schemas import MAP, SENSITIVITY, TIPPING
from sim.experiment.schema_parts import BY_METRIC as _BY_METRIC
from sim.experiment.schema_parts import COUNT as _COUNT
from sim.experiment.schema_parts import DIFFERENCE as _DIFFERENCE
from sim.experiment.schema_parts import DRAFT as _DRAFT
from sim.experiment.schema_parts import MEAN as _MEAN
from sim.experiment.schema_parts import METRIC as _METRIC
from sim.experiment.schema_parts import NAMES as _NAMES
from sim.experiment.schema_parts import NUMBER as _NUMBER
from sim.experiment.schema_parts import PAIRS as _PAIRS
from sim.experiment.schema_parts import SHARE as _SHARE
from sim.experiment.schema_parts import entries as _map
from sim.experiment.schema_parts import table as _object
from sim.experiment.sweep_schemas import (
    SWEEP_ANSWER,
    SWEEP_CHECK,
    SWEEP_RUN,
    SWEEP_STATUS,
)
from sim.metrics.registry import METRICS

_CALLS = ["better", "worse", "practically equal", "too close to call", "higher", "lower",
          "not comparable"]

_SHARES = {
    "better": _SHARE, "worse": _SHARE, "unchanged": _SHARE,
    "customers": {"type": "number", "minimum": 0},
}

_STAFFED = _object({
    "heads": _COUNT, "fte": _NUMBER, "paid_fte": _NUMBER, "work_fte": _NUMBER,
    "head_posts": _NUMBER,
    "pools": _map(_object({"heads": _COUNT, "fte": _NUMBER})),
    "trials": {"type": "array", "items": _object({
        "heads": _COUNT, "value": _NUMBER, "stable": {"type": "boolean"},
        "meets": {"type": "boolean"}, "replications": _COUNT})},
})

_FAILURES = {"type": "array", "items": _object({
    "structure": {"type": "string"}, "replication": {"type": "integer", "minimum": -1},
    "stage": {"type": "string"}, "type": {"type": "string"}, "message": {"type": "string"}})}

_BACKLOG = {
    "mean": _NUMBER, "low": _NUMBER, "high": _NUMBER,
    "weekly_arrivals": _NUMBER, "overloaded_pools": _NAMES,
}

_BETTER_OFF = _object({
    "threshold_points": {"type": "number"},
    "minimum_cases": _COUNT,
    "pairs": _map(_object(_SHARES | {"segments": _map(_object(_SHARES))}), **_PAIRS),
    "worst_segment": _map(_object({"segment": {"type": "string"}, "satisfaction": _NUMBER})),
    "worst_decile": _map(_DIFFERENCE),
})

_VERDICT = _object({
    "text": {"type": "array", "items": {"type": "string"}},
    "headline": {"type": "string"},
    "people": {"type": "array", "items": {"type": "string"}},
    "metrics": _map(_object({
        "best": {"type": ["string", "null"]}, "ranking": _NAMES, "ties": _NAMES,
        "margin": {"type": "number", "minimum": 0},
        "calls": _map({"enum": _CALLS}, **_PAIRS),
        "ranking_agreement": _NUMBER,
    }), **_BY_METRIC),
    "undominated": _NAMES,
    "dominated": _map(_NAMES),
    "weights": {"anyOf": [_map({"type": "number"}, **_BY_METRIC), {"type": "null"}]},
    "scores": {"anyOf": [_map(_DIFFERENCE), {"type": "null"}]},
    "winner": {"type": ["string", "null"]},
    "confidence": {"type": "number"},
    "intervals_together": {"type": "integer", "minimum": 1},
    "stopped": {"type": "string"},
    "equalise": {"enum": ["headcount", "service", "cost"]},
    "staffing": _map(_STAFFED),
    "backlog": _map(_object(_BACKLOG | {"unstable": {"type": "boolean"}})),
    "failures": _FAILURES,
    "interrupted": {"type": "boolean"},
})

COMPARISON: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/compare",
    "title": "What orgsim compare --json prints",
    **_object({
        "scenario": {"type": "string"},
        "seed": {"type": "integer", "minimum": 0},
        "replications": _COUNT,
        "structures": _NAMES,
        "metrics": _map(_map(_MEAN), **_BY_METRIC),
        "differences": _map(_map(_DIFFERENCE, **_PAIRS), **_BY_METRIC),
        "better_off": _BETTER_OFF,
        "unstable": _NAMES,
        "infeasible": _map({"type": "string"}),
        "verdict": _VERDICT,
    }),
}
"""Shape of `Comparison.to_json()`."""

RUN: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/run",
    "title": "What orgsim run --json prints",
    **_object({
        "scenario": {"type": "string"},
        "seed": {"type": "integer", "minimum": 0},
        "replications": _COUNT,
        "structure": {"type": "string"},
        "metrics": _map(_MEAN, **_BY_METRIC),
        "segments": _map(_map(_MEAN, **_BY_METRIC)),
        "unstable": {"type": "boolean"},
        "backlog": {"anyOf": [_object(_BACKLOG), {"type": "null"}]},
        "staffing": {"anyOf": [_STAFFED, {"type": "null"}]},
        "failures": _FAILURES,
        "interrupted": {"type": "boolean"},
    }),
}
"""Shape of `Run.to_json()`."""

VERIFY: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/verify",
    "title": "What orgsim verify --json prints",
    "type": "array",
    "items": _object({
        "id": {"type": "string", "minLength": 1},
        "theory": _NUMBER,  # null: reported, nothing expected
        "simulated": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "pass": {"type": "boolean"},
    }, more=True),
}
"""Shape of the rows of a verification: theory against the interval of the simulation."""

DIAGNOSE: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/diagnose",
    "title": "What orgsim diagnose --json prints",
    **_object({
        "scenario": {"type": "string"},
        "structure": {"type": "string"},
        "seed": {"type": "integer", "minimum": 0},
        "replications": _COUNT,
        "metrics": _map(_MEAN, **_BY_METRIC),
        "unstable": {"type": "boolean"},
        "backlog": _object(_BACKLOG),
        "warning": {"type": "string"},
        "misfits": {"type": "array", "maxItems": 5, "items": _object({
            "kind": {"enum": ["pool", "key", "offering", "knowledge", "information path",
                              "staffing", "labels"]},
            "place": {"type": "string"},
            "found": {"type": "string"},
            "numbers": _map({"type": "number"}),
            "change": {"type": "string"},
            "settings": {"type": "object"},
            "refused": {"type": "string"},
            "unstable": {"type": "boolean"},
            "effects": _map(_MEAN, **_BY_METRIC),
        })},
        "interrupted": {"type": "boolean"},
    }),
}
"""Shape of `Diagnosis.to_json()`."""

EXPLAIN: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/explain",
    "title": "What orgsim explain --json prints",
    **_object({
        "scenario": {"type": "string"},
        "first": {"type": "string"},
        "second": {"type": "string"},
        "metric": _METRIC,
        "unit": {"type": "string"},
        "seed": {"type": "integer", "minimum": 0},
        "replications": _COUNT,
        "runs": _COUNT,
        "values": _object({"first": _MEAN, "second": _MEAN}),
        "gap": _MEAN,
        "parts": {"type": "array", "maxItems": 7, "items": _object({
            "cause": {"enum": ["waiting", "handoffs", "rework", "knowledge", "fit", "fixed",
                               "path"]},
            "name": {"type": "string"},
            "without": {"type": "string"},
            "mean": _NUMBER, "low": _NUMBER, "high": _NUMBER,
            "sentence": {"type": "string"},
        })},
        "left_over": _MEAN,
        "interrupted": {"type": "boolean"},
    }),
}
"""Shape of `Explanation.to_json()`: second minus first; the parts' means add up to the gap's."""

_CURVE = _object({
    "difference": {"type": "array", "items": _MEAN},
    "dip": {"anyOf": [_MEAN, {"type": "null"}]},
    "dip_month": {"type": ["integer", "null"], "minimum": 1},
    "dip_months": _COUNT,
    "settled": _MEAN,
})

REORGANISE: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/reorganise",
    "title": "What orgsim reorganise --json prints",
    **_object({
        "scenario": {"type": "string"},
        "first": {"type": "string"},
        "second": {"type": "string"},
        "metric": _METRIC,
        "at_month": {"type": "number", "minimum": 0},
        "seed": {"type": "integer", "minimum": 0},
        "replications": _COUNT,
        "arms": {"type": "array", "minItems": 1, "maxItems": 2, "items": _object({
            "budget": {"type": "number", "exclusiveMinimum": 0},
            "break_even_months": _MEAN,
            "never": _MEAN,
            "cost": _MEAN,
            "people_moved": _MEAN,
            "cumulated": {"type": "array", "items": _MEAN},
            "curves": _map(_CURVE, **_BY_METRIC),
        })},
        "failures": _FAILURES,
        "interrupted": {"type": "boolean"},
    }),
}
"""Shape of `Reorganisation.to_json()`: changed minus stayed, money per month."""

_RESULTS = ["holds", "fails", "tie", "untestable"]
_TALLY = _object(dict.fromkeys(_RESULTS, _COUNT))

THEORY: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/theory",
    "title": "What orgsim theory --json prints",
    **_object({
        "rows": {"type": "array", "items": _object({
            "id": {"type": "string", "minLength": 1},
            "claims": _NAMES,
            "result": {"enum": _RESULTS},
            "effect": _NUMBER,
            "low": _NUMBER,
            "high": _NUMBER,
            "n": _COUNT,
        })},
        "counts": _object({
            **dict.fromkeys(_RESULTS, _COUNT),
            **dict.fromkeys(["claims", "experiments", "controls", "patterns", "scenarios"],
                            _TALLY),
            "expected_false_passes": {"type": "number", "minimum": 0},
        }),
        "counts_strict": _object({"claims": _TALLY, "patterns": _TALLY}),
    }),
}
"""Shape of `Theory.to_json()`."""

SELECT: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/select",
    "title": "What orgsim select --json prints",
    **_object({
        "scenario": {"type": "string"},
        "metric": {"enum": [*METRICS, None]},
        "weights": _map({"type": "number", "exclusiveMinimum": 0}, **_BY_METRIC),
        "margins": _map({"type": "number", "exclusiveMinimum": 0}, **_BY_METRIC),
        "unit": {"type": "string"},
        "margin": {"type": "number", "exclusiveMinimum": 0},
        "confidence": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "procedure": {"const": "KN"},
        "first_stage": {"type": "integer", "minimum": 2},
        "seed": {"type": "integer", "minimum": 0},
        "best": {"type": ["string", "null"]},
        "guaranteed": {"type": "boolean"},
        "stopped": {"enum": ["one left", "indifference", "max runs", "interrupted", "no choice"]},
        "replications": _COUNT,
        "runs": _COUNT,
        "equal_runs": _COUNT,
        "more_runs": _COUNT,
        "structures": {"type": "array", "items": _object({
            "structure": {"type": "string"},
            "fate": {"enum": ["selected", "dropped", "left", "infeasible", "failed", "no value"]},
            "replications": _COUNT,
            "value": _MEAN,
            "behind": _MEAN,
            "dropped_at": {"type": ["integer", "null"], "minimum": 2},
            "dropped_by": {"type": ["string", "null"]},
            "dropped_behind": _NUMBER,
            "boundary": _NUMBER,
            "unstable": _COUNT,
            "reason": {"type": "string"},
        })},
    }),
}
"""Shape of `Selection.to_json()`; `behind` and `boundary`: above 0 where the best is ahead."""

STAFF: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/staff",
    "title": "What orgsim staff --json prints",
    **_object({
        "scenario": {"type": "string"},
        "metric": _METRIC,
        "unit": {"type": "string"},
        "target": {"type": "number", "exclusiveMinimum": 0},
        "replications": {"type": "integer", "minimum": 2},
        "seed": {"type": "integer", "minimum": 0},
        "runs": _COUNT,
        "structures": {"type": "array", "items": _object({
            "structure": {"type": "string"},
            "heads": {"type": ["integer", "null"], "minimum": 1},
            "fte": _MEAN,
            "paid_fte": _MEAN,
            "binds": {"enum": ["target", "keeping up", "fewest people", None]},
            "value": _MEAN,
            "cost": _MEAN,
            "cost_fte": _MEAN,
            "erlang": {"anyOf": [{"type": "null"}, _object({
                "heads": {"type": "integer", "minimum": 1}, "fte": {"type": "number"},
                "response_h": _NUMBER})]},
            "steps": {"type": "array", "items": _object({
                "name": {"type": "string"}, "fte": _NUMBER})},
            "measured": _map({"type": "number"}),
            "trials": {"type": "array", "items": _object({
                "heads": _COUNT, "value": _NUMBER, "stable": {"type": "boolean"},
                "meets": {"type": "boolean"}, "replications": _COUNT,
                "low": _NUMBER, "high": _NUMBER})},
            "runs": _COUNT,
            "reason": {"type": "string"},
        })},
        "interrupted": {"type": "boolean"},
    }),
}
"""Shape of `Staffing.to_json()`; `fte`: heads of the line, real-valued."""
LESSON: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/lesson",
    "title": "What orgsim lesson --json prints",
    **_object({
        "lesson": {"type": "string"}, "title": {"type": "string"}, "seed": _COUNT,
        "replications": _COUNT, "runs": _COUNT,
        "steps": {"type": "array", "items": _object({
            "title": {"type": "string"}, "infeasible": _map({"type": "string"}),
            "metrics": _map(_map(_MEAN), **_BY_METRIC),
            "differences": _map(_map(_DIFFERENCE), **_BY_METRIC)})},
        "surprise": _object({
            "text": {"type": "string"}, "metric": _METRIC,
            "expect": {"enum": ["higher", "lower", "practically equal"]},
            "holds": {"type": "boolean"}, "effect": _MEAN, "margin": {"type": "number"}}),
        "interrupted": {"type": "boolean"},
    }),
}
"""Shape of `Class.to_json()`."""

CLASSPAGE: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/classpage",
    "title": "What orgsim classpage --json prints",
    **_object({
        "file": {"type": ["string", "null"]}, "title": {"type": "string"}, "bytes": _COUNT,
        "runs": _COUNT, "seconds": {"type": "number", "minimum": 0}, "seed": _COUNT,
        "replications": _COUNT, "structures": _NAMES, "settings": _COUNT,
        "sliders": _map({"type": "array", "items": {"type": "number"}}),
    }),
}
"""Shape of `ClassPage.to_json()`."""

REPORT: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/report",
    "title": "What orgsim report --json prints",
    **_object({"folder": {"type": "string"}, "format": {"enum": ["html", "markdown"]},
               "report": {"type": "string"}}),
}
"""What the command prints."""

DOCUMENTS: dict[str, dict[str, Any]] = {
    "run": RUN,
    "compare": COMPARISON,
    "verify": VERIFY,
    "diagnose": DIAGNOSE,
    "explain": EXPLAIN,
    "reorganise": REORGANISE,
    "theory": THEORY,
    "map": MAP,
    "tipping": TIPPING,
    "sensitivity": SENSITIVITY,
    "select": SELECT,
    "optimise": OPTIMISE,
    "staff": STAFF,
    "lesson": LESSON,
    "classpage": CLASSPAGE,
    "sweep-check": SWEEP_CHECK,
    "sweep-run": SWEEP_RUN,
    "sweep-status": SWEEP_STATUS,
    "sweep-answer": SWEEP_ANSWER,
    "report": REPORT,
}
"""Every published document by the command that prints it."""
