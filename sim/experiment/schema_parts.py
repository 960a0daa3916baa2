"""Pieces of which the published JSON schemas are made.

Owns: a text, a count, an interval, an object without strangers, the head of a document. Never does:
know what a command prints.
"""

from __future__ import annotations

from typing import Any

from sim.metrics.registry import METRICS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
NAME = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
SHARE = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "null"}]}
COUNT = {"type": "integer", "minimum": 0}
NAMES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}


def table(properties: dict[str, Any], *, more: bool = False, **rules: Any) -> dict[str, Any]:
    """An object with these keys, all required; strangers are refused unless `more`."""
    return {
        "type": "object", "properties": properties, "required": list(properties),
        "additionalProperties": more, **rules,
    }


def entries(values: dict[str, Any], **rules: Any) -> dict[str, Any]:
    """An object with any keys, each holding the same kind of value."""
    return {"type": "object", "additionalProperties": values, **rules}


def document(command: str, properties: dict[str, Any], title: str = "") -> dict[str, Any]:
    """The published document of what `orgsim COMMAND --json` prints."""
    return {
        "$schema": DRAFT, "$id": f"orgsim/{command.replace(' ', '-')}",
        "title": title or f"What orgsim {command} --json prints", **table(properties),
    }


DIFFERENCE = table({"mean": NUMBER, "low": NUMBER, "high": NUMBER})
MEAN = table({"mean": NUMBER, "low": NUMBER, "high": NUMBER, "n": COUNT})
METRIC = {"enum": list(METRICS)}
BY_METRIC = {"propertyNames": METRIC}
PAIRS = {"propertyNames": {"pattern": "^.+ - .+$"}}
TWO_STRUCTURES = {
    "scenario": TEXT, "first": TEXT, "second": TEXT, "metric": METRIC, "unit": TEXT,
    "seed": COUNT, "replications": COUNT, "runs": COUNT,
}
"""What a question about two structures on one measure was asked with, and its runs."""
