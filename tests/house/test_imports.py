"""What imports what: down only, each library in its place, and nothing heavy at the door."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT, SOURCES, module_name

HEAVY = {
    "jinja2", "llvmlite", "matplotlib", "mesa", "networkx", "numba", "numpy", "pandas", "pyarrow",
    "pydantic", "pydantic_core", "scipy",
}


def loaded_by(code: str) -> set[str]:
    """Top-level packages a fresh interpreter has loaded after `code`."""
    listing = "import sys; print('LOADED', *sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{listing}"], cwd=ROOT, check=True,
                          capture_output=True, text=True)
    return set(done.stdout.rpartition("LOADED ")[2].split())


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """The import contract of pyproject.toml, checked in a folder."""
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([command, "--no-cache", "--no-logo"], cwd=folder, capture_output=True,
                          text=True, check=False)


def test_the_import_contract_holds() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("file", "line", "told"), [
    ("metrics/compute.py", "import sim.structures", "sim.metrics"),
    ("scenario/schema.py", "import sim.engine.simulation", "sim.scenario"),
    ("engine/queues.py", "import numba", "numba"),
    ("report/page.py", "import mesa", "mesa"),
    ("store/files.py", "import sim", "sim.store.files"),
])
def test_the_contract_sees_a_breach(
    tmp_path: Path, file: str, line: str, told: str
) -> None:
    """A copy of the package with one wrong import is refused."""
    copy = tmp_path / "sim"
    for source in SOURCES:
        to = copy / source.relative_to(PACKAGE)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(source.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    with (copy / file).open("a") as text:
        text.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout and told in done.stdout.partition("Broken contracts")[2]


CALL = """
from sim.cli.main import cli
try:
    cli.main({words})
except SystemExit as end:
    assert not end.code
"""


@pytest.mark.parametrize("code", [
    "import sim", "import sim.cli.main", CALL.format(words=["--help"]),
    CALL.format(words=["compare", "--help"]), CALL.format(words=[]),
], ids=["import sim", "import the command", "orgsim --help", "orgsim compare --help", "orgsim"])
def test_the_doors_are_light(code: str) -> None:
    """A word of help costs no library that computes."""
    assert not loaded_by(code) & HEAVY


def test_the_measure_of_lightness_sees_weight() -> None:
    assert "numpy" in loaded_by("import sim.records")


@pytest.mark.parametrize("file", SOURCES, ids=module_name)
def test_public_names_exist(file: Path) -> None:
    """Every module imports, and its `__all__` holds real names, each once."""
    module = importlib.import_module(module_name(file))
    names = getattr(module, "__all__", [])
    assert len(set(names)) == len(names)
    for name in names:
        assert name == "__version__" or not name.startswith("_")
        assert getattr(module, name) is not None


def test_the_package_names_what_it_offers() -> None:
    import sim

    assert set(sim.__all__) <= set(dir(sim))
    for name in ("load", "run", "compare", "OrganisationModel"):
        assert name in sim.__all__
    with pytest.raises(AttributeError, match="no attribute 'ensemble'"):
        sim.ensemble  # noqa: B018 - asking is the test
