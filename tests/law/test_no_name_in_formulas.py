"""Structure acts through tables only: no formula may know the name of a structure or of a key."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim
from sim.scenario.schema import KEYS
from sim.structures.presets import PRESETS

ROOMS = ("engine", "behaviours", "management", "accounting", "metrics")
FILES = [file for room in ROOMS
         for file in sorted((Path(sim.__file__).parent / room).rglob("*.py"))]
NAMES = {*KEYS, *PRESETS}
FIELDS = {"function", "product", "segment", "region", "customer"}
"""Names that are also those of a record's fields: allowed as an index, never as a value."""


def docstrings(tree: ast.AST) -> set[int]:
    """Texts that stand alone: they say something, they do nothing."""
    return {id(node.value) for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}


def values(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of every name of a structure or key used as a value."""
    silent = docstrings(tree)
    indices: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            indices.add(id(node.slice))
        elif isinstance(node, ast.Tuple) and len(node.elts) >= 2:  # ("segment", "i1") in a dtype
            indices.add(id(node.elts[0]))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        if id(node) in silent or node.value not in NAMES:
            continue
        if node.value in FIELDS and id(node) in indices:
            continue
        yield node.lineno, node.value


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_no_file_uses_such_a_name(file: Path) -> None:
    assert list(values(ast.parse(file.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_no_file_asks_what_something_is_called(file: Path) -> None:
    """No comparison looks at the name of a structure, or of anything else."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                if isinstance(side, ast.Attribute):
                    assert side.attr not in ("structure", "title", "name"), ast.unparse(node)


@pytest.mark.parametrize("planted", [
    "if structure == 'customer':\n    pass", "bonus = {'functional': 1.0}",
    "keys = ('all', 'segment')", "match key:\n    case 'product':\n        pass",
])
def test_a_planted_name_is_found(planted: str) -> None:
    assert list(values(ast.parse(planted)))
