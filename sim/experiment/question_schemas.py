"""The published JSON of questions over a scenario's keys: map, tipping, sensitivity.

Owns: the promise to whoever reads that JSON. Never does: validate in production; the tests do.
"""

from __future__ import annotations

from typing import Any

from sim.experiment.schema_parts import COUNT as _COUNT
from sim.experiment.schema_parts import DRAFT as _DRAFT
from sim.experiment.schema_parts import MEAN as _MEAN
from sim.experiment.schema_parts import METRIC as _METRIC
from sim.experiment.schema_parts import NAMES as _NAMES
from sim.experiment.schema_parts import NUMBER as _NUMBER
from sim.experiment.schema_parts import SHARE as _SHARE
from sim.experiment.schema_parts import entries as _map
from sim.experiment.schema_parts import table as _object

_KEY = {
    "key": {"type": "string"}, "unit": {"type": "string"}, "low": {"type": "number"},
    "high": {"type": "number"}, "now": _NUMBER,
}
_AXIS_OF_MAP = _object(_KEY | {"log": {"type": "boolean"}})
_NAME = {"type": ["string", "null"]}
_TWO = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}

MAP: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/map",
    "title": "What orgsim map --json prints",
    **_object({
        "scenario": {"type": "string"},
        "metric": _METRIC,
        "unit": {"type": "string"},
        "x": _AXIS_OF_MAP,
        "y": _AXIS_OF_MAP,
        "structures": _NAMES,
        "seed": {"type": "integer", "minimum": 0},
        "replications": _COUNT,
        "runs": _COUNT,
        "points": {"type": "array", "minItems": 1, "items": _object({
            "x": {"type": "number"}, "y": {"type": "number"},
            "winner": _NAME, "leader": {"type": "string"},
            "practically_equal": {"type": "boolean"},
            "margin": {"type": "number", "minimum": 0},
            "lead": {"anyOf": [_MEAN, {"type": "null"}]},
            "means": _map(_MEAN),
        })},
        "cells": {"type": "array", "items": _object({
            "x": _TWO, "y": _TWO,
            "corners": {"type": "array", "items": _NAME, "minItems": 4, "maxItems": 4}})},
        "switches": {"type": "array", "items": _object({
            "along": {"enum": ["x", "y"]}, "held": {"type": "number"},
            "winner": {"type": "string"}, "loser": {"type": "string"},
            "at": {"type": "number"}, "low": _NUMBER, "high": _NUMBER})},
        "shares": _map(_SHARE),
        "infeasible": _map({"type": "string"}),
        "unstable_runs": _COUNT,
        "failed_runs": _COUNT,
        "text": {"type": "array", "items": {"type": "string"}},
        "interrupted": {"type": "boolean"},
    }),
}
"""Shape of `StructureMap.to_json()`: the lead is best minus second, turned so that more is better;
corners of a cell: bottom left, bottom right, top left, top right; a winner of null is a tie."""

_VALUED = _object({"value": {"type": "number"}, "mean": _NUMBER, "low": _NUMBER, "high": _NUMBER,
                   "n": _COUNT})

TIPPING: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/tipping",
    "title": "What orgsim tipping --json prints",
    **_object({
        "scenario": {"type": "string"},
        "first": {"type": "string"},
        "second": {"type": "string"},
        "metric": _METRIC,
        "unit": {"type": "string"},
        "seed": {"type": "integer", "minimum": 0},
        "replications": _COUNT,
        "runs": _COUNT,
        "keys": {"enum": ["named", "in use"]},
        "lead": _MEAN,
        "ahead": {"type": "string"},
        "assumptions": {"type": "array", "items": _object({
            **_KEY,
            "narrowed": {"type": "boolean"},
            "moves": {"type": "boolean"},
            "flips": {"type": "array", "items": _object({
                "at": {"type": "number"}, "low": _NUMBER, "high": _NUMBER,
                "share_of_way": {"type": "number", "minimum": 0, "maximum": 1},
                "overtakes": {"type": "string"}})},
            "leads": {"type": "array", "items": _VALUED},
        })},
        "regrets": {"type": "array", "minItems": 2, "maxItems": 2, "items": _object({
            "structure": {"type": "string"}, "mean": _NUMBER, "low": _NUMBER, "high": _NUMBER,
            "n": _COUNT, "key": {"type": ["string", "null"]}, "value": _NUMBER})},
        "left_out": _map({"type": "string"}),
        "failed_runs": _COUNT,
        "unstable_runs": _COUNT,
        "text": {"type": "array", "items": {"type": "string"}},
        "interrupted": {"type": "boolean"},
    }),
}
"""Shape of `Tipping.to_json()`: leads are first over second, turned so that more is better."""

_INDEX = _object({"share": _NUMBER, "low": _NUMBER, "high": _NUMBER, "more_runs": _COUNT})

SENSITIVITY: dict[str, Any] = {
    "$schema": _DRAFT,
    "$id": "orgsim/sensitivity",
    "title": "What orgsim sensitivity --json prints",
    **_object({
        "scenario": {"type": "string"},
        "metric": _METRIC,
        "unit": {"type": "string"},
        "structures": _NAMES,
        "seed": {"type": "integer", "minimum": 0},
        "samples": _COUNT,
        "dropped": _COUNT,
        "reasons": _map(_COUNT),
        "runs": _COUNT,
        "screening_runs": _COUNT,
        "mean": _NUMBER,
        "deviation": {"type": "number", "minimum": 0},
        "keys": {"enum": ["named", "in use"]},
        "screened": {"type": "array", "items": _object({
            **_KEY, "mean": _NUMBER, "n": _COUNT, "kept": {"type": "boolean"},
            "least": _NUMBER, "most": _NUMBER})},
        "ranges": {"type": "array", "items": _object({**_KEY, "narrowed": {"type": "boolean"}})},
        "factors": {"type": "array", "minItems": 1, "items": _object({
            "name": {"type": "string"}, "kind": {"enum": ["structure", "key", "luck"]},
            "alone": _INDEX, "total": _INDEX})},
        "failed_runs": _COUNT,
        "unstable_runs": _COUNT,
        "text": {"type": "array", "items": {"type": "string"}},
        "interrupted": {"type": "boolean"},
    }),
}
"""Shape of `Sensitivity.to_json()`; a share of null is not told: its interval is wider than itself.
`least` and `most`: the interval of a screening effect."""
