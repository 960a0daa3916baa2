"""Every file says what it is for; nothing tracked is tied to one machine or left half done."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sim.structures.presets import PRESETS
from tests.house.tree import PACKAGE, ROOT, SOURCES, module_name, tracked

# Written so that this file does not find itself.
MACHINE = re.compile(
    r"/(ro{2}t|wo[r]k|ho[m]e|Use[r]s)/[\w.-]+|[A-Z]:\\\\?Use[r]s\\|fi[l]e:///?\w",
    re.IGNORECASE)
REGISTRY = re.compile(
    r"https?://[\w.@:-]*(py[p]i|pythonho[s]ted|anaco[n]da|conda-fo[r]ge|np[m]js|artifa[c]tory)"
    r"|/simpl[e]\b|(extra-)?inde[x]-url|find-lin[k]s", re.IGNORECASE)
UNFINISHED = re.compile(
    r"NotImplemente[d]Error|TOD[O]\b|FIXM[E]|XX[X]\b|pytest\.mark\.(ski[p]|xfai[l])"
    r"|assert Tru[e]\b")

KEYS = {"function", "product", "segment", "customer", "region", "regional"}
"""What structures are grouped by, in the words of scenarios."""


def texts() -> list[tuple[str, str]]:
    """Name and content of every tracked text file."""
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((str(path.relative_to(ROOT)), data.decode("utf-8")))
    return found


@pytest.mark.parametrize("file", SOURCES, ids=module_name)
def test_a_module_says_what_it_is(file: Path) -> None:
    words = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    assert words and len(words) > 20


def test_rooms_say_what_they_own_and_never_do() -> None:
    """In each file, or once for a room of formulas (behaviours, management), in its first file."""
    formulas = {PACKAGE / "behaviours", PACKAGE / "management"}
    for file in SOURCES:
        first = file.name == "__init__.py"
        if first == (file.parent in formulas):
            words = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            words = " ".join(words.split())
            assert "Owns:" in words and "Never does:" in words, file.relative_to(ROOT)


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["machine", "registry"])
def test_nothing_tracked_is_tied_to_a_place(pattern: re.Pattern[str]) -> None:
    found = [f"{name}: {hit.group()}" for name, text in texts() if (hit := pattern.search(text))]
    assert not found


def test_nothing_tracked_is_left_half_done() -> None:
    found = [f"{name}: {hit.group()}" for name, text in texts()
             if name.endswith(".py") and (hit := UNFINISHED.search(text))]
    assert not found


@pytest.mark.parametrize(("pattern", "text"), [
    (MACHINE, "/" + "home/anna/x"), (MACHINE, "/" + "root/.cache"), (MACHINE, "file:" + "///srv"),
    (REGISTRY, "https://" + "pypi.org/p"), (REGISTRY, "--index" + "-url x"),
    (UNFINISHED, "# TO" + "DO later"), (UNFINISHED, "@pytest.mark." + "skip"),
])
def test_the_patterns_find(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def names_of_structures(source: str) -> list[str]:
    """Presets named in a source, and comparisons with the name of a preset or a key."""
    tree = ast.parse(source)
    documentation = {
        id(node.body[0].value) for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        and isinstance(node.body[0], ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documentation:
            if node.value in PRESETS.keys() - KEYS:
                found.append(str(node.value))
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for side in sides:
                sides += side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else []
            words = {side.value for side in sides if isinstance(side, ast.Constant)}
            found += sorted(words & (KEYS | PRESETS.keys()))
        elif isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant):
            found += [str(node.value.value)] if node.value.value in KEYS | PRESETS.keys() else []
    return found


def test_no_formula_knows_a_structure() -> None:
    """The law of the model: what is computed must not ask for a structure's or a key's name."""
    for room in ("engine", "behaviours", "management", "accounting", "metrics", "population"):
        for file in sorted((PACKAGE / room).rglob("*.py")):
            assert names_of_structures(file.read_text(encoding="utf-8")) == [], file
    for file in ("agents.py", "rng.py", "state.py", "records.py"):
        assert names_of_structures((PACKAGE / file).read_text(encoding="utf-8")) == [], file


@pytest.mark.parametrize("source", [
    "bonus = 0.1 if structure == 'customer' else 0", "x = {'functional': 1.0}",
    "if 'product' in keys: pass",
    "front = key in ('region', 'segment')",
    "match key:\n    case 'segment': pass",
])
def test_the_law_sees_a_breach(source: str) -> None:
    assert names_of_structures(source)


def test_a_record_may_have_a_field_of_that_name() -> None:
    assert names_of_structures(
        "'''By segment.'''\nx = row['segment'] == other['segment']") == []


def test_results_are_not_tracked(tmp_path: Path) -> None:
    """Whatever lands under results/ is ignored, but for the file that explains the folder."""
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    def ignored(name: str) -> bool:
        return subprocess.run(["git", "check-ignore", "-q", name], cwd=tmp_path,
                              check=False).returncode == 0

    assert ignored("results/retail_bank-1/report.html") and ignored("results/x.csv")
    assert ignored(".venv/bin/python") and ignored("uv.lock")
    assert not ignored("results/README.md") and not ignored("sim/store/layout.py")
    assert {p.name for p in tracked() if p.parent == ROOT / "results"} <= {"README.md"}
