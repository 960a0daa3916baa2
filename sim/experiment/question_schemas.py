"""The published JSON of questions over a scenario's keys: map, tipping, sensitivity.

Owns: the promise to whoever reads that JSON. Never does: validate in production; the tests do.
"""

from __future__ import annotations

from typing import Any

from sim.experiment.schema_parts import (
    COUNT,
    FLAG,
    MEAN,
    METRIC,
    NAME,
    NAMES,
    NUMBER,
    SHARE,
    TEXT,
    TWO_STRUCTURES,
    document,
    entries,
    table,
)

_KEY = {
    "key": TEXT, "unit": TEXT, "low": {"type": "number"},
    "high": {"type": "number"}, "now": NUMBER,
}
_AXIS_OF_MAP = table(_KEY | {"log": FLAG})
_TWO = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}

MAP: dict[str, Any] = document("map", {
    "scenario": TEXT,
    "metric": METRIC,
    "unit": TEXT,
    "x": _AXIS_OF_MAP,
    "y": _AXIS_OF_MAP,
    "structures": NAMES,
    "seed": {"type": "integer", "minimum": 0},
    "replications": COUNT,
    "runs": COUNT,
    "points": {"type": "array", "minItems": 1, "items": table({
        "x": {"type": "number"}, "y": {"type": "number"},
        "winner": NAME, "leader": TEXT,
        "practically_equal": FLAG,
        "margin": {"type": "number", "minimum": 0},
        "lead": {"anyOf": [MEAN, {"type": "null"}]},
        "means": entries(MEAN),
    })},
    "cells": {"type": "array", "items": table({
        "x": _TWO, "y": _TWO,
        "corners": {"type": "array", "items": NAME, "minItems": 4, "maxItems": 4}})},
    "switches": {"type": "array", "items": table({
        "along": {"enum": ["x", "y"]}, "held": {"type": "number"},
        "winner": TEXT, "loser": TEXT,
        "at": {"type": "number"}, "low": NUMBER, "high": NUMBER})},
    "shares": entries(SHARE),
    "infeasible": entries(TEXT),
    "unstable_runs": COUNT,
    "failed_runs": COUNT,
    "text": {"type": "array", "items": TEXT},
    "interrupted": FLAG,
})
"""Shape of `StructureMap.to_json()`: the lead is best minus second, turned so that more is better;
corners of a cell: bottom left, bottom right, top left, top right; a winner of null is a tie."""

_VALUED = table({"value": {"type": "number"}, "mean": NUMBER, "low": NUMBER, "high": NUMBER,
                   "n": COUNT})

TIPPING: dict[str, Any] = document("tipping", {
    **TWO_STRUCTURES,
    "keys": {"enum": ["named", "in use"]},
    "lead": MEAN,
    "ahead": TEXT,
    "assumptions": {"type": "array", "items": table({
        **_KEY,
        "narrowed": FLAG,
        "moves": FLAG,
        "flips": {"type": "array", "items": table({
            "at": {"type": "number"}, "low": NUMBER, "high": NUMBER,
            "share_of_way": {"type": "number", "minimum": 0, "maximum": 1},
            "overtakes": TEXT})},
        "leads": {"type": "array", "items": _VALUED},
    })},
    "regrets": {"type": "array", "minItems": 2, "maxItems": 2, "items": table({
        "structure": TEXT, "mean": NUMBER, "low": NUMBER, "high": NUMBER,
        "n": COUNT, "key": NAME, "value": NUMBER})},
    "left_out": entries(TEXT),
    "failed_runs": COUNT,
    "unstable_runs": COUNT,
    "text": {"type": "array", "items": TEXT},
    "interrupted": FLAG,
})
"""Shape of `Tipping.to_json()`: leads are first over second, turned so that more is better."""

_INDEX = table({"share": NUMBER, "low": NUMBER, "high": NUMBER, "more_runs": COUNT})

SENSITIVITY: dict[str, Any] = document("sensitivity", {
    "scenario": TEXT,
    "metric": METRIC,
    "unit": TEXT,
    "structures": NAMES,
    "seed": {"type": "integer", "minimum": 0},
    "samples": COUNT,
    "dropped": COUNT,
    "reasons": entries(COUNT),
    "runs": COUNT,
    "screening_runs": COUNT,
    "mean": NUMBER,
    "deviation": {"type": "number", "minimum": 0},
    "keys": {"enum": ["named", "in use"]},
    "screened": {"type": "array", "items": table({
        **_KEY, "mean": NUMBER, "n": COUNT, "kept": FLAG,
        "least": NUMBER, "most": NUMBER})},
    "ranges": {"type": "array", "items": table({**_KEY, "narrowed": FLAG})},
    "factors": {"type": "array", "minItems": 1, "items": table({
        "name": TEXT, "kind": {"enum": ["structure", "key", "luck"]},
        "alone": _INDEX, "total": _INDEX})},
    "failed_runs": COUNT,
    "unstable_runs": COUNT,
    "text": {"type": "array", "items": TEXT},
    "interrupted": FLAG,
})
"""Shape of `Sensitivity.to_json()`; a share of null is not told: its interval is wider than itself.
`least` and `most`: the interval of a screening effect."""
