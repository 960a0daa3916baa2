"""The wheel: what is in it, and that it works in an empty environment, away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the build back end of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def orgsim(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an empty environment that holds the locked dependencies and the wheel."""
    place = tmp_path_factory.mktemp("empty") / "env"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    python, tools = place / "bin" / "python", Path(sys.executable).parent
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    if (tools / "uv").exists():
        install = [str(tools / "uv"), "pip", "install", "-q", "--python", str(python)]
    for what in (["--require-hashes", "-r", str(ROOT / "requirements.lock")],
                 ["--no-deps", str(wheel)]):
        done = subprocess.run([*install, *what], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return place / "bin" / "orgsim"


def ask(command: Path, folder: Path, *words: str) -> str:
    """What the command prints when it is called in an empty folder."""
    folder.mkdir(exist_ok=True)
    away = {name: value for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run([command, *words], cwd=folder, env=away, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_content(wheel: Path) -> None:
    """The package and its scenarios; no tests, scripts, results or documentation."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sim"}
    shipped = {path.name for path in (ROOT / "scenarios").glob("*.toml")}
    assert len(shipped) >= 3
    assert {name.rpartition("/")[2] for name in names if name.startswith("sim/_scenarios/")} \
        >= shipped
    data = {path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}
    assert data <= set(names)
    assert not [name for name in names if name.endswith((".pyc", ".nbi", ".nbc"))]
    assert [name for name in names if name.endswith("licenses/LICENSE")]


def test_the_pages_are_in_it(wheel: Path) -> None:
    """What the browser asks for, and what a class page is made of."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, page, least in (("sim/app/static", "index.html", 20),
                                ("sim/app/classpage/static", "shell.html", 7)):
        files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).iterdir()}
        assert f"{folder}/{page}" in files and len(files) >= least
        assert files <= names


def test_the_pages_away_from_the_checkout(orgsim: Path, tmp_path: Path) -> None:
    """The live page's command, the lessons, and a class page with its scripts and data in it."""
    assert "--port" in ask(orgsim, tmp_path, "app", "--help")
    assert "pooling" in ask(orgsim, tmp_path, "lesson")
    told = json.loads(ask(
        orgsim, tmp_path, "classpage", "family_firm", "--out", "class.html", "--slider",
        "staff.heads=4:5:2", "--set", "time.warm_up=4 weeks", "--set", "time.horizon=8 weeks",
        "--set", "customers.count=30", "--structures", "functional,product", "--replications",
        "2", "--json"))
    page = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert told["runs"] == told["settings"] * 2 * 2 > 0
    assert "class Scene" in page and "functional" in page


def test_scenarios_away_from_the_checkout(orgsim: Path, tmp_path: Path) -> None:
    listed = ask(orgsim, tmp_path, "scenarios")
    for path in (ROOT / "scenarios").glob("*.toml"):
        assert path.stem in listed


def test_compare_away_from_the_checkout(orgsim: Path, tmp_path: Path) -> None:
    """A comparison, and a results folder where the command was called."""
    told = ask(orgsim, tmp_path, "compare", "family_firm", "--replications", "2", "--years", "0.5",
               "--json", "--out", "here")
    answer = json.loads(told)
    assert answer["replications"] == 2 and len(answer["structures"]) >= 2
    assert (tmp_path / "here" / "report.html").stat().st_size > 10_000
    assert "identical" in ask(orgsim, tmp_path, "reproduce", "here")


def test_verify_away_from_the_checkout(orgsim: Path, tmp_path: Path) -> None:
    rows = json.loads(ask(orgsim, tmp_path, "verify", "--json", "--only",
                          "mm1-50,mm2-70"))
    assert rows and all(row["pass"] for row in rows)


def test_it_is_the_wheel_that_was_asked(orgsim: Path, tmp_path: Path) -> None:
    """The environment knows nothing of the checkout."""
    python = orgsim.with_name("python")
    where = ask(python, tmp_path, "-I", "-c", "import sim; print(sim.__file__)")
    assert Path(where).is_relative_to(orgsim.parent.parent)
