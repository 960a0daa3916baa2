"""The documentation holds: generated parts are fresh, links and codes lead somewhere, and every
command and every Python example runs."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from sim.cli.main import cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
RUN = ["README.md", "docs/guide.md"]
"""Pages whose commands are run."""
PYTHON = [*RUN, "docs/python.md"]
"""Pages whose Python examples are run."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text_of(page)) if kind == language]


def prose(page: str) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", text_of(page))


# generated parts

@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generator", ROOT / "scripts" / "docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_parts_are_fresh() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "docs.py", "--check"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_part_is_named(
    generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stored = ["docs/evidence.json", generator.SCENARIOS]
    for name in [*NAMES, *generator.schemas(), *stored]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text_of(name), encoding="utf-8")
    (tmp_path / "sim").symlink_to(ROOT / "sim")
    monkeypatch.setattr(generator, "ROOT", tmp_path)
    assert generator.main(["--check"]) == 0
    model = tmp_path / "docs" / "model.md"
    text = model.read_text(encoding="utf-8")
    model.write_text(text.replace("| `staff.heads` | `26` |", "| `staff.heads` | `27` |"),
                     encoding="utf-8")
    (tmp_path / "docs" / "schemas" / "run.json").unlink()
    readme = tmp_path / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(text.replace(generator.fingerprint(), "model 0"), encoding="utf-8")
    assert generator.main(["--check"]) == 1
    told = capsys.readouterr().out
    assert "stale: docs/model.md" in told and "stale: docs/schemas/run.json" in told
    assert "stale: README.md" in told and "docs/guide.md" not in told


def test_a_page_without_markers_is_refused(generator: ModuleType) -> None:
    with pytest.raises(SystemExit, match="markers"):
        generator.filled("nothing here", "parameters", "")


def test_bars_in_cells_are_escaped(generator: ModuleType) -> None:
    assert generator.table(["a"], [["x|y"]]).splitlines()[-1] == r"| x\|y |"


# links and codes

def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")),
                              re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
        found.add(words.strip().replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", NAMES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        place = (ROOT / page).parent / path if path else ROOT / page
        assert place.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in anchors(place), f"{page}: {target}"


@pytest.mark.parametrize("page", NAMES)
def test_files_named_in_the_pages_exist(page: str) -> None:
    """Paths in backticks that begin at the top of the repository."""
    for path in re.findall(r"`((?:sim|tests|scripts|scenarios|docs)/[\w./-]*)`", prose(page)):
        assert (ROOT / path).exists(), f"{page}: {path}"


def test_codes_in_comments_are_explained() -> None:
    """Every M, F and R number that the code cites stands in docs/model.md."""
    model = text_of("docs/model.md")
    cited: set[str] = set()
    for file in (ROOT / "sim").rglob("*.py"):
        cited |= set(re.findall(r"\b([MFR]\d{1,2})\b", file.read_text(encoding="utf-8")))
    explained = {code for cell in re.findall(r"^\| ([FR]\d[^|]*) \|", model, re.MULTILINE)
                 for code in cell.split(", ")}
    explained |= set(re.findall(r"\b(M\d+)\b", " ".join(
        re.findall(r"^### M\d+.*$", model, re.MULTILINE))))
    not_built = {"M13", "M15", "M17", "M18", "M19", "M21", "M25", "M26", "M27", "M28"}
    assert len(cited) > 60
    assert sorted(cited - explained - not_built) == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    names = {re.split(r"[<>=~! ]", line)[0] for line in project["dependencies"]}
    page = text_of("docs/architecture.md")
    told = set(re.findall(r"^\| ([\w-]+) \|", page.partition("## Why each dependency")[2]
                          .partition("\n## ")[0], re.MULTILINE)) - {"dependency", "---"}
    assert told == names


def test_the_changelog_tells_of_the_model_version() -> None:
    from sim.scenario.schema import MODEL_VERSION

    page = text_of("CHANGELOG.md")
    assert f"Model version {MODEL_VERSION}" in page.partition("### Numbers change")[2]


# commands

def commands(page: str) -> list[str]:
    return [line for block in blocks(page, "sh") for line in block.splitlines() if line.strip()]


def cheap(words: list[str]) -> list[str]:
    """The same command with less to simulate."""
    short = ["--years", "0.05", "--set", "time.warm_up=40 h"]
    if words[0] in ("compare", "run"):
        asked = {word for word in words if word.startswith("--")}
        few = [] if asked & {"--precision", "--replications"} else ["--replications", "2"]
        most = ["--max-replications", "10"] if "--precision" in asked else []
        return [*words, *few, *most, *short]
    if words[0] == "follow":
        return [*words, *short]
    if words[0] == "theory":
        return [*words, "--quick"]
    if words[0] == "verify":
        return [*words, "--only", "mm1-50"]
    return words


def call(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run one `orgsim` line in this process; it must end with 0."""
    line, _, target = line.partition(" > ")
    words = shlex.split(line, comments=True)[1:]
    with pytest.raises(SystemExit) as ended:
        cli.main(cheap(words) if words else words)
    out, err = capsys.readouterr()
    assert ended.value.code == 0, f"{line}\n{err}"
    assert out.strip(), line
    if target:
        Path(target.strip()).write_text(out, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_commands_run_in_the_order_of_the_page(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures, which take longest, are drawn for the first study of each page only."""
    monkeypatch.chdir(tmp_path)
    lines = [line.removeprefix(".venv/bin/") for line in commands(page)]
    mine = [line for line in lines if line.startswith("orgsim")]
    assert len(mine) > 5
    for line in mine:
        call(line, capsys)
        if line.startswith("orgsim compare"):
            monkeypatch.setattr("sim.report.publish.draw", lambda _: {})


def makefile() -> str:
    return text_of("Makefile")


def test_the_other_commands_of_the_readme_are_what_make_does() -> None:
    """Targets exist; installing without make asks for what the Makefile asks for."""
    others = [line for line in commands("README.md")
              if not line.removeprefix(".venv/bin/").startswith("orgsim")]
    targets = [line.split()[1] for line in others if line.startswith("make ")]
    assert targets == ["demo", "test"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    for target in [*targets, "lint", "bench"]:
        assert f"make {target}" in text_of("README.md")
        done = subprocess.run(["make", "-n", target], cwd=ROOT, env=env, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, done.stderr
    steps = [line.removeprefix(".venv/bin/") for line in others if not line.startswith("make ")]
    assert steps == [
        "python3 -m venv .venv",
        "python -m pip install --require-hashes -r requirements.lock",
        "python -m pip install --no-deps -e .",
        "python -m pytest -q",
    ]
    recipe = makefile()
    for piece in ("-m venv", "--require-hashes -r $(1)", "--no-deps -e .", "python -m pytest -q",
                  "orgsim compare retail_bank", "ruff check .", "mypy", "lint-imports",
                  "python scripts/bench.py"):
        assert piece in recipe, piece
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert (ROOT / lock).is_file() and lock in recipe


# examples

@pytest.fixture
def namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.chdir(tmp_path)
    return {"__name__": "example"}


@pytest.mark.slow
@pytest.mark.parametrize("page", PYTHON)
def test_python_examples_run(page: str, namespace: dict[str, object],
                             capsys: pytest.CaptureFixture[str]) -> None:
    examples = blocks(page, "python")
    assert examples
    for example in examples:
        exec(compile(example, page, "exec"), namespace)  # noqa: S102
    assert capsys.readouterr().out.strip()


def test_the_structures_of_the_guide_can_be_run(tmp_path: Path) -> None:
    """The TOML examples belong to the starter file and validate in it."""
    from sim.scenario import load, starter
    from sim.structures import available

    (example,) = blocks("docs/guide.md", "toml")
    tables = tomllib.loads(starter("my_firm"))
    tables["structures"] = tomllib.loads(example)["structures"]
    reasons = available(load(tables))
    assert reasons["mine"] is None and reasons["two-teams"] is None
