"""The published shape of the JSON that the commands print (JSON Schema 2020-12).

Owns: the promise to whoever reads that JSON. Never does: validate in production; the tests do.
"""

from __future__ import annotations

from typing import Any

from sim.experiment.choice_schemas import OPTIMISE, SELECT, STAFF
from sim.experiment.question_schemas import MAP, SENSITIVITY, TIPPING
from sim.experiment.schema_parts import (
    BY_METRIC,
    COUNT,
    DIFFERENCE,
    DRAFT,
    FLAG,
    MEAN,
    METRIC,
    NAME,
    NAMES,
    NUMBER,
    PAIRS,
    SHARE,
    TEXT,
    TWO_STRUCTURES,
    document,
    entries,
    table,
)
from sim.experiment.sweep_schemas import (
    SWEEP_ANSWER,
    SWEEP_CHECK,
    SWEEP_RUN,
    SWEEP_STATUS,
)

_CALLS = ["better", "worse", "practically equal", "too close to call", "higher", "lower",
          "not comparable"]

_SHARES = {
    "better": SHARE, "worse": SHARE, "unchanged": SHARE,
    "customers": {"type": "number", "minimum": 0},
}

_STAFFED = table({
    "heads": COUNT, "fte": NUMBER, "paid_fte": NUMBER, "work_fte": NUMBER,
    "head_posts": NUMBER,
    "pools": entries(table({"heads": COUNT, "fte": NUMBER})),
    "trials": {"type": "array", "items": table({
        "heads": COUNT, "value": NUMBER, "stable": FLAG,
        "meets": FLAG, "replications": COUNT})},
})

_FAILURES = {"type": "array", "items": table({
    "structure": TEXT, "replication": {"type": "integer", "minimum": -1},
    "stage": TEXT, "type": TEXT, "message": TEXT})}

_BACKLOG = {
    "mean": NUMBER, "low": NUMBER, "high": NUMBER,
    "weekly_arrivals": NUMBER, "overloaded_pools": NAMES,
}

_BETTER_OFF = table({
    "threshold_points": {"type": "number"},
    "minimum_cases": COUNT,
    "pairs": entries(table(_SHARES | {"segments": entries(table(_SHARES))}), **PAIRS),
    "worst_segment": entries(table({"segment": TEXT, "satisfaction": NUMBER})),
    "worst_decile": entries(DIFFERENCE),
})

_VERDICT = table({
    "text": {"type": "array", "items": TEXT},
    "headline": TEXT,
    "people": {"type": "array", "items": TEXT},
    "metrics": entries(table({
        "best": NAME, "ranking": NAMES, "ties": NAMES,
        "margin": {"type": "number", "minimum": 0},
        "calls": entries({"enum": _CALLS}, **PAIRS),
        "ranking_agreement": NUMBER,
    }), **BY_METRIC),
    "undominated": NAMES,
    "dominated": entries(NAMES),
    "weights": {"anyOf": [entries({"type": "number"}, **BY_METRIC), {"type": "null"}]},
    "scores": {"anyOf": [entries(DIFFERENCE), {"type": "null"}]},
    "winner": NAME,
    "confidence": {"type": "number"},
    "intervals_together": {"type": "integer", "minimum": 1},
    "stopped": TEXT,
    "equalise": {"enum": ["headcount", "service", "cost"]},
    "staffing": entries(_STAFFED),
    "backlog": entries(table(_BACKLOG | {"unstable": FLAG})),
    "failures": _FAILURES,
    "interrupted": FLAG,
})

COMPARISON: dict[str, Any] = document("compare", {
    "scenario": TEXT,
    "seed": {"type": "integer", "minimum": 0},
    "replications": COUNT,
    "structures": NAMES,
    "metrics": entries(entries(MEAN), **BY_METRIC),
    "differences": entries(entries(DIFFERENCE, **PAIRS), **BY_METRIC),
    "better_off": _BETTER_OFF,
    "unstable": NAMES,
    "infeasible": entries(TEXT),
    "verdict": _VERDICT,
})
"""Shape of `Comparison.to_json()`."""

RUN: dict[str, Any] = document("run", {
    "scenario": TEXT,
    "seed": {"type": "integer", "minimum": 0},
    "replications": COUNT,
    "structure": TEXT,
    "metrics": entries(MEAN, **BY_METRIC),
    "segments": entries(entries(MEAN, **BY_METRIC)),
    "unstable": FLAG,
    "backlog": {"anyOf": [table(_BACKLOG), {"type": "null"}]},
    "staffing": {"anyOf": [_STAFFED, {"type": "null"}]},
    "failures": _FAILURES,
    "interrupted": FLAG,
})
"""Shape of `Run.to_json()`."""

VERIFY: dict[str, Any] = {
    "$schema": DRAFT,
    "$id": "orgsim/verify",
    "title": "What orgsim verify --json prints",
    "type": "array",
    "items": table({
        "id": {"type": "string", "minLength": 1},
        "theory": NUMBER,  # null: reported, nothing expected
        "simulated": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "pass": FLAG,
    }, more=True),
}
"""Shape of the rows of a verification: theory against the interval of the simulation."""

DIAGNOSE: dict[str, Any] = document("diagnose", {
    "scenario": TEXT,
    "structure": TEXT,
    "seed": {"type": "integer", "minimum": 0},
    "replications": COUNT,
    "metrics": entries(MEAN, **BY_METRIC),
    "unstable": FLAG,
    "backlog": table(_BACKLOG),
    "warning": TEXT,
    "misfits": {"type": "array", "maxItems": 5, "items": table({
        "kind": {"enum": ["pool", "key", "offering", "knowledge", "information path",
                          "staffing", "labels"]},
        "place": TEXT,
        "found": TEXT,
        "numbers": entries({"type": "number"}),
        "change": TEXT,
        "settings": {"type": "object"},
        "refused": TEXT,
        "unstable": FLAG,
        "effects": entries(MEAN, **BY_METRIC),
    })},
    "interrupted": FLAG,
})
"""Shape of `Diagnosis.to_json()`."""

EXPLAIN: dict[str, Any] = document("explain", {
    **TWO_STRUCTURES,
    "values": table({"first": MEAN, "second": MEAN}),
    "gap": MEAN,
    "parts": {"type": "array", "maxItems": 7, "items": table({
        "cause": {"enum": ["waiting", "handoffs", "rework", "knowledge", "fit", "fixed",
                           "path"]},
        "name": TEXT,
        "without": TEXT,
        "mean": NUMBER, "low": NUMBER, "high": NUMBER,
        "sentence": TEXT,
    })},
    "left_over": MEAN,
    "interrupted": FLAG,
})
"""Shape of `Explanation.to_json()`: second minus first; the parts' means add up to the gap's."""

_CURVE = table({
    "difference": {"type": "array", "items": MEAN},
    "dip": {"anyOf": [MEAN, {"type": "null"}]},
    "dip_month": {"type": ["integer", "null"], "minimum": 1},
    "dip_months": COUNT,
    "settled": MEAN,
})

REORGANISE: dict[str, Any] = document("reorganise", {
    "scenario": TEXT,
    "first": TEXT,
    "second": TEXT,
    "metric": METRIC,
    "at_month": {"type": "number", "minimum": 0},
    "seed": {"type": "integer", "minimum": 0},
    "replications": COUNT,
    "arms": {"type": "array", "minItems": 1, "maxItems": 2, "items": table({
        "budget": {"type": "number", "exclusiveMinimum": 0},
        "break_even_months": MEAN,
        "never": MEAN,
        "cost": MEAN,
        "people_moved": MEAN,
        "cumulated": {"type": "array", "items": MEAN},
        "curves": entries(_CURVE, **BY_METRIC),
    })},
    "failures": _FAILURES,
    "interrupted": FLAG,
})
"""Shape of `Reorganisation.to_json()`: changed minus stayed, money per month."""

_RESULTS = ["holds", "fails", "tie", "untestable"]
_TALLY = table(dict.fromkeys(_RESULTS, COUNT))

THEORY: dict[str, Any] = document("theory", {
    "rows": {"type": "array", "items": table({
        "id": {"type": "string", "minLength": 1},
        "claims": NAMES,
        "result": {"enum": _RESULTS},
        "effect": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "n": COUNT,
    })},
    "counts": table({
        **dict.fromkeys(_RESULTS, COUNT),
        **dict.fromkeys(["claims", "experiments", "controls", "patterns", "scenarios"],
                        _TALLY),
        "expected_false_passes": {"type": "number", "minimum": 0},
    }),
    "counts_strict": table({"claims": _TALLY, "patterns": _TALLY}),
})
"""Shape of `Theory.to_json()`."""

LESSON: dict[str, Any] = document("lesson", {
    "lesson": TEXT, "title": TEXT, "seed": COUNT,
    "replications": COUNT, "runs": COUNT,
    "steps": {"type": "array", "items": table({
        "title": TEXT, "infeasible": entries(TEXT),
        "metrics": entries(entries(MEAN), **BY_METRIC),
        "differences": entries(entries(DIFFERENCE), **BY_METRIC)})},
    "surprise": table({
        "text": TEXT, "metric": METRIC,
        "expect": {"enum": ["higher", "lower", "practically equal"]},
        "holds": FLAG, "effect": MEAN, "margin": {"type": "number"}}),
    "interrupted": FLAG,
})
"""Shape of `Class.to_json()`."""

CLASSPAGE: dict[str, Any] = document("classpage", {
    "file": NAME, "title": TEXT, "bytes": COUNT,
    "runs": COUNT, "seconds": {"type": "number", "minimum": 0}, "seed": COUNT,
    "replications": COUNT, "structures": NAMES, "settings": COUNT,
    "sliders": entries({"type": "array", "items": {"type": "number"}}),
})
"""Shape of `ClassPage.to_json()`."""

REPORT: dict[str, Any] = document("report", {
    "folder": TEXT, "format": {"enum": ["html", "markdown"]}, "report": TEXT})
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
