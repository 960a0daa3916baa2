"""No stale compiled code: an edited helper changes the cache folder and the answer.

numba itself does not notice a helper edited in another file, and goes on giving the old answer
from its cache; see `sim.jit`.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.jit import source_hash
from tests.house.tree import PACKAGE, SOURCES, module_name

DECORATORS = {"entry", "kernel", "wrapping"}


def compiled_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """Functions a file hands to numba."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
            and any(isinstance(d, ast.Name) and d.id in DECORATORS for d in node.decorator_list)]


def sources_of(tree: ast.Module) -> set[str]:
    """Modules of the package whose names compiled functions of a file use."""
    home = {alias.asname or alias.name: node.module
            for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
            and node.module and node.module.startswith("sim.") for alias in node.names}
    used = {name.id for function in compiled_functions(tree) for name in ast.walk(function)
            if isinstance(name, ast.Name)}
    return {home[name] for name in used & home.keys()}


def compiled_files() -> list[Path]:
    """Files whose text decides what compiled code does."""
    found: set[str] = set()
    for file in SOURCES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if compiled_functions(tree):
            found |= {module_name(file), *sources_of(tree)}
    return [file for file in SOURCES if module_name(file) in found]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package in a folder of its own."""
    shutil.copytree(PACKAGE, tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "sim"


def test_every_compiled_source_is_in_the_hash(copy: Path) -> None:
    files = compiled_files()
    assert len(files) > 10
    seen = {source_hash(copy)}
    assert seen == {source_hash()}
    for file in files:
        place = copy / file.relative_to(PACKAGE)
        place.write_text(place.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
        now = source_hash(copy)
        assert now not in seen, f"{module_name(file)} is compiled, but not hashed"
        seen.add(now)


def test_what_is_not_compiled_does_not_cost_a_compilation(copy: Path) -> None:
    place = copy / "report" / "page.py"
    place.write_text(place.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    assert source_hash(copy) == source_hash()


HELPER = '''"""A helper in a file of its own."""

from sim.jit import kernel


@kernel
def doubled(x):
    """Its own answer."""
    return x * 2 + ADDED
'''
CALLER = '''"""An entry point that calls a helper of another file."""

from sim.behaviours.probe_helper import doubled
from sim.jit import entry


@entry
def probe(x):
    """The helper's answer."""
    return doubled(x)


print(probe(10))
'''


def test_an_edited_helper_changes_the_answer(copy: Path, tmp_path: Path) -> None:
    """probe(10) = 2 x 10 = 20; with 990 added in the helper, 1010, though the caller is cached."""
    cache = tmp_path / "cache"
    (copy / "engine" / "probe_caller.py").write_text(CALLER, encoding="utf-8")
    helper = copy / "behaviours" / "probe_helper.py"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "ORGSIM_CACHE_DIR": str(cache)}

    def ask(added: int) -> str:
        helper.write_text(HELPER.replace("ADDED", str(added)), encoding="utf-8")
        done = subprocess.run([sys.executable, "-B", "-c", "import sim.engine.probe_caller"],
                              cwd=tmp_path, env=environment, capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert ask(0) == "20"
    assert ask(0) == "20"
    assert ask(990) == "1010"
    if os.environ.get("NUMBA_DISABLE_JIT", "0") == "0":
        assert len(list(cache.iterdir())) == 2
        assert list(cache.rglob("*.nbi")), "the entry point was cached on disk"
