"""The command line: what it prints, what it writes, what it costs when something is wrong.

Most tests put results drawn from a table in the place of the simulator; the last ones use it.
"""

from __future__ import annotations

import csv
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

import sim.cli
import sim.experiment.follow  # before its simulator is replaced
from sim.cli.main import QUESTIONS, cli
from sim.cli.talk import show
from sim.experiment import schemas
from sim.metrics.registry import METRICS
from sim.report.tables import Heading, Row, Table
from sim.scenario import shipped
from sim.store import layout, read
from tests.doors.fakes import Engine

Orgsim = Callable[..., Result]
FAST = ("--replications", "3", "--structures", "functional,customer")


@pytest.fixture
def orgsim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Orgsim:
    """`orgsim` in an empty folder, with results out of a table and no figures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.report.publish.draw", lambda _: {})
    _stand_in(monkeypatch, Engine())
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def _stand_in(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    for place in ("replications", "follow"):
        monkeypatch.setattr(f"sim.experiment.{place}.default_engine", lambda: engine)


# --- finding one's way -----------------------------------------------------------------------


def test_bare_command_gives_each_user_a_first_step(orgsim: Orgsim) -> None:
    told = orgsim()
    assert told.exit_code == 0
    for user in ("Strategist", "Educator", "Researcher"):
        assert user in told.stdout
    steps = re.findall(r"^ +orgsim (\w+)", told.stdout, re.MULTILINE)
    assert steps == ["compare", "follow", "app", "verify"]


def test_help_lists_every_command_under_a_question(orgsim: Orgsim) -> None:
    told = orgsim("--help")
    assert told.exit_code == 0
    for name in ("scenarios", "new", "check", "schema", "metrics", "describe", "run", "compare",
                 "diagnose", "explain", "map", "tipping", "sensitivity", "sweep", "reorganise",
                 "follow", "verify",
                 "reproduce", "version"):
        assert re.search(rf"^  {name}  +\S", told.stdout, re.MULTILINE), name
        assert orgsim(name, "--help").exit_code == 0
    questions = re.findall(r"^\S.*\?$", told.stdout, re.MULTILINE)
    assert len(questions) == len(QUESTIONS)


def test_every_command_is_listed_and_every_listed_one_is_there() -> None:
    """The list names files and functions: whatever is a command in `sim.cli` stands in it once."""
    context = click.Context(cli)
    listed = {name: cli.get_command(context, name) for name in cli.list_commands(context)}
    assert all(command is not None and command.name == name for name, command in listed.items())
    modules = [importlib.import_module(f"sim.cli.{m.name}") for m in pkgutil.iter_modules(
        sim.cli.__path__)]
    there = {id(c): c for m in modules for c in vars(m).values() if isinstance(c, click.Command)}
    parts = {id(c) for g in there.values() if isinstance(g, click.Group)
             for c in g.commands.values()}
    assert there.keys() - parts - {id(cli)} == {id(c) for c in listed.values()}


def test_the_list_of_commands_imports_none_of_them() -> None:
    code = (
        "import sys; from sim.cli.main import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "more = {m for m in sys.modules if m.startswith('sim')}\n"
        "more -= {'sim', 'sim.cli', 'sim.cli.main'}\n"
        "sys.exit(f'imported {more}' if more else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [["--help"], ["compare", "--help"], []])
def test_help_imports_nothing_but_click(words: list[str]) -> None:
    code = (
        "import sys; from sim.cli.main import cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'numba', 'mesa', 'matplotlib', 'pydantic', 'scipy', 'rich',\n"
        "         'jinja2', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


def test_commands_that_only_tell_do_not_print_to_stderr(orgsim: Orgsim) -> None:
    for words in (["scenarios"], ["metrics"], ["version"], ["schema"], ["check", "family_firm"],
                  ["describe", "family_firm"]):
        told = orgsim(*words)
        assert told.exit_code == 0 and told.stderr == "" and told.stdout, words


def test_scenarios_and_metrics_as_json(orgsim: Orgsim) -> None:
    listed = json.loads(orgsim("scenarios", "--json").stdout)
    assert [entry["name"] for entry in listed] == list(shipped())
    told = json.loads(orgsim("metrics", "--json").stdout)
    assert [entry["id"] for entry in told] == list(METRICS)
    assert json.loads(orgsim("version", "--json").stdout)["schema"] == 1


@pytest.mark.parametrize("of", ["scenario", *schemas.DOCUMENTS])
def test_schemas_are_schemas(orgsim: Orgsim, of: str) -> None:
    schema = json.loads(orgsim("schema", "--of", of).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", list(shipped()))
def test_every_shipped_scenario_is_checked_and_described(orgsim: Orgsim, name: str) -> None:
    assert "no fault found" in orgsim("check", name).stdout
    assert json.loads(orgsim("check", name, "--json").stdout)["ok"] is True
    told = orgsim("describe", name)
    assert told.exit_code == 0
    assert "Erlangs" in told.stdout and "Expected hand-offs per case" in told.stdout
    described = json.loads(orgsim("describe", name, "--json").stdout)
    for chart in described["structures"]:
        if chart["infeasible"] is None:
            heads = sum(unit["heads"] for unit in chart["units"])
            assert heads == described["heads"]


def test_describe_names_a_pool_that_cannot_hold_its_load(orgsim: Orgsim) -> None:
    told = orgsim("describe", "retail_bank", "--heads", "20", "--structure", "functional")
    assert "OVERLOADED" in told.stdout and "cannot hold its load" in told.stdout


def test_describe_tells_the_default_list_beside_any_choice(orgsim: Orgsim) -> None:
    everything, one = (
        re.search(r"when none is named: ([^.]+)\. Bosses", " ".join(told.stdout.split()))
        for told in (orgsim("describe", "family_firm"),
                     orgsim("describe", "family_firm", "--structures", "undivided")))
    assert everything and one and one[1] == everything[1]
    assert "functional, product, customer" in one[1]


def test_a_name_without_its_ending_is_pointed_at_its_file(orgsim: Orgsim) -> None:
    assert "did you mean family_firm?" in orgsim("check", "my_firm").stderr
    orgsim("new", "my_firm")
    told = orgsim("check", "my_firm")
    assert told.exit_code == 2
    assert "there is a file my_firm.toml: give its full name" in " ".join(told.stderr.split())
    assert "did you mean" not in told.stderr


def test_new_writes_a_file_that_runs_and_never_overwrites(orgsim: Orgsim) -> None:
    made = orgsim("new", "mine")
    assert made.exit_code == 0 and made.stdout.strip() == "mine.toml"
    text = Path("mine.toml").read_text()
    assert text.count("#") > 20
    assert orgsim("check", "mine.toml").exit_code == 0
    again = orgsim("new", "mine")
    assert again.exit_code == 2 and "not overwritten" in again.stderr
    assert Path("mine.toml").read_text() == text


# --- answers -----------------------------------------------------------------------------------


def test_compare_prints_tables_then_the_verdict_and_keeps_everything(orgsim: Orgsim) -> None:
    told = orgsim("compare", "family_firm", *FAST)
    assert told.exit_code == 0, told.output
    tables = told.stdout.index("Satisfaction, points")
    assert tables < told.stdout.index("Who wins and who loses") < told.stdout.index("VERDICT")
    assert "results/family_firm-1/report.html" in told.stderr
    folder = Path("results/family_firm-1")
    for name in (layout.SCENARIO, layout.MANIFEST, layout.RUNS, layout.RUNS_CSV, layout.SERIES,
                 layout.SUMMARY, layout.ANSWER["compare"], layout.TIMINGS, layout.REPORT):
        assert (folder / name).is_file(), name
    with (folder / layout.RUNS_CSV).open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 6
    manifest = json.loads((folder / layout.MANIFEST).read_text())
    assert manifest["request"]["verb"] == "compare"


def test_compare_json_fits_its_schema_and_nothing_else_is_on_stdout(orgsim: Orgsim) -> None:
    told = orgsim("compare", "family_firm", *FAST, "--json", "--quiet")
    assert told.exit_code == 0 and told.stderr == ""
    answer = json.loads(told.stdout)
    jsonschema.validate(answer, schemas.COMPARISON)
    assert answer["structures"] == ["functional", "customer"] and answer["replications"] == 3


def test_run_json_fits_its_schema(orgsim: Orgsim) -> None:
    told = orgsim("run", "family_firm", "--structure", "product", "--replications", 2, "--json")
    assert told.exit_code == 0
    answer = json.loads(told.stdout)
    jsonschema.validate(answer, schemas.RUN)
    assert (Path("results/family_firm-1") / layout.ANSWER["run"]).is_file()


def test_run_prints_every_measure_with_its_interval(orgsim: Orgsim) -> None:
    asked = ("run", "family_firm", "--structure", "product", "--replications", 2)
    told = orgsim(*asked)
    assert told.exit_code == 0
    values = json.loads(orgsim(*asked, "--json").stdout)["metrics"]
    assert values["abandonment"]["mean"] is None  # these customers do not telephone
    for metric in METRICS.values():
        if values[metric.id]["mean"]:
            start = re.escape(" ".join(metric.name.split()[:2]))  # long names fold
            assert re.search(rf"^{start}.* to ", told.stdout, re.MULTILINE), metric.id


def test_structure_and_structures_are_the_same_option(orgsim: Orgsim) -> None:
    one = orgsim("compare", "family_firm", "--structure", "functional", "--structures",
                 "customer", "--replications", 2, "--json")
    assert json.loads(one.stdout)["structures"] == ["functional", "customer"]
    assert orgsim("run", "family_firm", "--structures", "customer", "--replications", 2
                  ).exit_code == 0


def test_changes_reach_the_results_in_order(orgsim: Orgsim) -> None:
    told = orgsim("compare", "family_firm", *FAST, "--overlay", "four-times", "--set",
                  "staff.heads=30", "--heads", 31, "--seed", 9, "--years", 0.5, "--out", "x")
    assert told.exit_code == 0, told.output
    manifest = json.loads(Path("x", layout.MANIFEST).read_text())
    changed = [line for line in manifest["changes"] if line.startswith("staff.heads")]
    assert [line.split(": ")[1].split(" (")[0] for line in changed] == [
        "6 -> 22", "22 -> 30", "30 -> 31"]
    assert manifest["seeds"]["root"] == 9
    resolved = Path("x", layout.SCENARIO).read_text()
    assert 'horizon = "1040.0 h"' in resolved and "heads = 31" in resolved


def test_what_is_piped_is_plain_text_of_a_hundred_columns(orgsim: Orgsim) -> None:
    for words in (["compare", "family_firm", *FAST], ["describe", "family_firm"], ["metrics"],
                  ["run", "family_firm", "--structure", "product", "--replications", 2]):
        text = orgsim(*words).stdout
        assert "\x1b" not in text and "…" not in text
        assert all(len(line) <= 100 and line == line.rstrip() for line in text.splitlines())


def test_control_characters_do_not_reach_the_terminal(
    orgsim: Orgsim, capsys: pytest.CaptureFixture[str]
) -> None:
    told = orgsim("compare", "\x1b[31mno\x07.toml")
    assert told.exit_code == 2 and "\x1b" not in told.output and "\x07" not in told.output
    odd = Table("a\x1b[2Jb", (Heading("c\rd"),), (Row(("e\u202ef",)),), ("g\x9bh",))
    show(odd, "i\x1bj")
    printed = capsys.readouterr().out
    assert not set(printed) & set("\x1b\r\u202e\x9b") and "\\x1b" in printed


def test_folders_do_not_depend_on_jobs(orgsim: Orgsim) -> None:
    for jobs in (1, 2):
        assert orgsim("compare", "family_firm", *FAST, "--jobs", jobs, "--out", f"j{jobs}"
                      ).exit_code == 0
    for path in sorted(Path("j1").rglob("*")):
        if path.is_file() and path.name not in (layout.MANIFEST, layout.TIMINGS):
            other = Path("j2") / path.relative_to("j1")
            assert path.read_bytes() == other.read_bytes(), path
    first, second = (json.loads(Path(f, layout.MANIFEST).read_text()) for f in ("j1", "j2"))
    for manifest in (first, second):
        del manifest["timing"]
        del manifest["request"]["command"]
    assert first == second


def test_reproduce_says_identical_and_then_finds_what_changed(
    orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert orgsim("compare", "family_firm", *FAST, "--out", "x").exit_code == 0
    same = orgsim("reproduce", "x")
    assert same.exit_code == 0 and "identical: all 6 runs" in same.stdout
    monkeypatch.setattr("tests.doors.fakes.result", _shifted())
    other = orgsim("reproduce", "x", "--json")
    assert other.exit_code == 1
    assert json.loads(other.stdout)["outcome"] == "different"
    assert "functional" in json.loads(other.stdout)["first_difference"]


def _shifted() -> Callable[..., Any]:
    from tests.doors import fakes

    result = fakes.result
    return lambda structure, replication: result(structure, replication, shift=1e-3)


# --- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["comper", "x"], "did you mean compare"),
        (["compare"], "Missing argument"),
        (["compare", "nowhere.toml"], "no such file"),
        (["compare", "retial_bank"], "retail_bank"),
        (["compare", "family_firm", "--structures", "functionl"], "did you mean functional"),
        (["compare", "family_firm", "--structures", "functional,,customer"], "empty"),
        (["compare", "family_firm", "--metrics", "satisfation"], "did you mean satisfaction"),
        (["compare", "family_firm", "--weights", "loyalti=1"], "did you mean loyalty"),
        (["compare", "family_firm", "--weights", "loyalty"], "METRIC=NUMBER"),
        (["compare", "family_firm", "--precision", "satisfaction=wide"], "METRIC=NUMBER"),
        (["compare", "family_firm", "--precision", "satisfation=1"], "did you mean"),
        (["compare", "family_firm", "--margin", "loyalty=1", "--margin", "loyalty=2"], "twice"),
        (["compare", "family_firm", "--equalise", "servic"], "did you mean service"),
        (["compare", "family_firm", "--budget", "5"], "only with --equalise cost"),
        (["compare", "family_firm", "--equalise", "service", "--heads", "9"], "finds the heads"),
        (["compare", "family_firm", "--replications", "0"], "--replications"),
        (["compare", "family_firm", "--years", "nan"], "--years"),
        (["compare", "family_firm", "--years", "-1"], "--years"),
        (["compare", "family_firm", "--seed", "-3"], "--seed"),
        (["compare", "family_firm", "--set", "staff.hedas=3"], "did you mean heads"),
        (["compare", "family_firm", "--overlay", "twice"], "four-times"),
        (["compare", "family_firm", "--set", "customers.count=9000000"], "--allow-large"),
        (["compare", "family_firm", "--strcture", "x"], "structure"),
        (["run", "family_firm"], "one of undivided"),
        (["run", "family_firm", "--structure", "a,b"], "orgsim compare takes several"),
        (["run", "family_firm", "--structure", "regional"], "infeasible"),
        (["run", "family_firm", "--structure", "custmer"], "did you mean customer"),
        (["describe", "family_firm", "--structures", "custmer"], "did you mean customer"),
        (["reorganise", "family_firm", "functional", "custmer"], "did you mean customer"),
        (["reorganise", "family_firm", "functional", "product", "--at", "soon"], "--at"),
        (["follow", "family_firm"], "--customer"),
        (["follow", "family_firm", "--customer", "250"], "between 0 and 249"),
        (["new", "../x"], "letters, digits"),
        (["new", ""], "letters, digits"),
        (["schema", "--of", "nothing"], "scenario"),
        (["reproduce", "nowhere"], "no such folder"),
        (["reproduce", "."], "not a results folder"),
        (["verify", "--only", "no-such-row"], "no row"),
    ],
)
def test_bad_input_is_told_and_costs_two(orgsim: Orgsim, words: list[str], told: str) -> None:
    answer = orgsim(*words)
    assert answer.exit_code == 2, answer.output
    assert answer.stdout == "" and "Traceback" not in answer.stderr
    assert told in answer.stderr and answer.stderr.startswith("error: ")
    assert not list(Path().rglob("report.html"))


def test_all_that_is_wrong_with_a_change_is_told_at_once(orgsim: Orgsim) -> None:
    """A time, a structure and a metric that there are not: three faults, one answer."""
    answer = orgsim("reorganise", "family_firm", "functional", "custmer", "--at", "6 lightyears",
                    "--metric", "profet")
    assert answer.exit_code == 2 and answer.stdout == ""
    for word in ("6 lightyears", "did you mean customer", "profet"):
        assert word in answer.stderr



def test_all_faults_are_told_at_once(orgsim: Orgsim) -> None:
    answer = orgsim("compare", "family_firm", "--structures", "functionl", "--weights", "a=1",
                    "--metrics", "b", "--equalise", "c")
    assert answer.exit_code == 2
    assert len(answer.stderr.splitlines()) == 4


def test_an_existing_folder_is_refused_before_any_work(
    orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine()
    _stand_in(monkeypatch, engine)
    Path("x").mkdir()
    Path("x/mine.txt").write_text("mine")
    for out in ("x", "x/mine.txt"):
        answer = orgsim("compare", "family_firm", *FAST, "--out", out)
        assert answer.exit_code == 2 and len(answer.stderr.splitlines()) == 1
    assert engine.calls == [] and [p.name for p in Path("x").iterdir()] == ["mine.txt"]


def test_bad_input_leaves_no_folder_behind(orgsim: Orgsim) -> None:
    orgsim("compare", "family_firm", "--structures", "functionl")
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("words", [["metrics"], ["schema"]])
def test_an_output_that_takes_nothing_is_one_error(words: list[str]) -> None:
    if not Path("/dev/full").exists():
        return  # a device of Linux
    code = "import sys; from sim.cli.main import main; sys.argv[0] = 'orgsim'; main()"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", code, *words], stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "No space left" in done.stderr


def test_a_reader_that_leaves_early_is_no_error() -> None:
    code = "import sys; from sim.cli.main import main; sys.argv[0] = 'orgsim'; main()"
    with subprocess.Popen([sys.executable, "-c", code, "schema"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.read(1)
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 0


def test_a_disk_that_fills_up_is_one_error_after_the_answer(
    orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    answer = orgsim("compare", "family_firm", *FAST)
    assert answer.exit_code == 2 and "VERDICT" in answer.stdout
    assert answer.stderr.splitlines()[-1].endswith("No space left on device")


def test_failed_runs_are_rows_and_cost_one(
    orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand_in(monkeypatch, Engine({("customer", 1): ValueError("bad luck")}))
    answer = orgsim("compare", "family_firm", *FAST)
    assert answer.exit_code == 1
    assert "bad luck" in answer.stdout or "failed" in answer.stdout
    failures = (Path("results/family_firm-1") / layout.FAILURES).read_text()
    assert "bad luck" in failures and "ValueError" in failures
    assert "1 run failed" in (Path("results/family_firm-1") / layout.REPORT).read_text()


def test_when_every_run_fails_it_says_so(orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(monkeypatch, Engine({(s, r): ValueError("bad luck")
                                   for s in ("functional", "customer") for r in range(3)}))
    answer = orgsim("compare", "family_firm", *FAST)
    assert answer.exit_code == 1 and "Traceback" not in answer.output
    assert (Path("results/family_firm-1") / layout.REPORT).is_file()


def test_an_interruption_keeps_what_is_finished(
    orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand_in(monkeypatch, Engine({("functional", 2): KeyboardInterrupt()}))
    answer = orgsim("compare", "family_firm", *FAST, "--jobs", 1)
    assert answer.exit_code == 130 and "interrupted" in answer.stderr
    folder = Path("results/family_firm-1")
    assert json.loads((folder / layout.MANIFEST).read_text())["finished"] is False
    with (folder / layout.RUNS_CSV).open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 4
    _stand_in(monkeypatch, Engine())
    assert orgsim("reproduce", folder).exit_code == 0


def test_an_interruption_before_anything_is_finished_leaves_nothing(
    orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand_in(monkeypatch, Engine({("functional", 0): KeyboardInterrupt()}))
    answer = orgsim("compare", "family_firm", *FAST, "--jobs", 1)
    assert answer.exit_code == 130 and answer.stdout == ""
    assert list(Path().iterdir()) == []


def test_a_fault_of_ours_is_one_line_unless_debug_is_asked(
    orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("sim.structures.describe", broken)
    answer = orgsim("describe", "family_firm")
    assert answer.exit_code == 1 and "Traceback" not in answer.output
    assert "internal error" in answer.stderr and "--debug" in answer.stderr
    assert isinstance(orgsim("describe", "family_firm", "--debug").exception, ZeroDivisionError)


# --- verify ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """A row of a verification."""

    id: str
    theory: float
    simulated: float | None
    low: float | None
    high: float | None
    passed: bool
    what: str = "M/M/1: mean wait"
    unit: str = "h"
    note: str = ""


@pytest.mark.parametrize("passed", [True, False])
def test_verify_prints_rows_and_costs_one_if_any_fails(
    orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch, passed: bool
) -> None:
    rows = [Checked("a", 1.0, 1.01, 0.97, 1.05, True), Checked("b", 2.0, 2.5, 2.4, 2.6, passed)]
    monkeypatch.setattr("sim.experiment.verify.verify", lambda **_: rows)
    told = orgsim("verify")
    assert told.exit_code == (0 if passed else 1)
    assert ("FAILS" in told.stdout) is not passed
    answer = json.loads(orgsim("verify", "--json").stdout)
    jsonschema.validate(answer, schemas.VERIFY)
    assert [row["pass"] for row in answer] == [True, passed]


# --- with the simulator itself --------------------------------------------------------------


@pytest.mark.slow
def test_the_real_thing_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["compare", "family_firm", "--structures", "undivided,functional", "--replications",
             "2", "--years", "0.2", "--out", "x"]
    told = CliRunner().invoke(cli, words)
    assert told.exit_code == 0, told.output
    assert "VERDICT" in told.stdout
    stored = read("x")
    firm = stored.series[stored.series["scope"] == "firm"]
    flows = firm[["arrivals", "closed", "left", "joined"]]
    assert (flows >= 0).all(axis=None)
    segments = stored.series[(stored.series["scope"] == "segment")]
    assert segments["closed"].sum() == firm["closed"].sum() > 0
    runs = stored.runs.set_index(["structure", "replication"])
    for key, weeks in firm[firm["time_h"] > 0].groupby(["structure", "replication"]):
        mean = (weeks["satisfaction"] * weeks["closed"]).sum() / weeks["closed"].sum()
        assert mean == pytest.approx(runs.loc[key, "satisfaction"])
    again = CliRunner().invoke(cli, ["reproduce", "x"])
    assert again.exit_code == 0 and "identical" in again.stdout


@pytest.mark.slow
def test_one_customer_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["follow", "family_firm", "--customer", "7", "--structures", "undivided,functional"]
    told = CliRunner().invoke(cli, words)
    assert told.exit_code == 0, told.output
    assert re.search(r"^undivided +functional$", told.stdout, re.MULTILINE)
    assert "request" in told.stdout and "closed, satisfaction" in told.stdout
    answer = json.loads(CliRunner().invoke(cli, [*words, "--json"]).stdout)
    firsts = [steps["steps"][0] for steps in answer["journeys"].values()]
    assert firsts[0]["hours"] == firsts[1]["hours"]  # the same request, whatever the structure


@pytest.mark.parametrize(("words", "told"), [
    (["--replications", "0"],
     "--replications: must be a whole number, at least 1 and at most 100,000, not 0"),
    (["--replications", "x"],
     "--replications: must be a whole number, at least 1 and at most 100,000, not x"),
    (["--years", "0"], "--years: must be a number, above 0 and at most 4,800, not 0.0"),
    (["--precision", "satisfaction=0"], "--precision: satisfaction: above 0"),
])
def test_a_number_that_cannot_be_is_answered_with_those_that_can(
        orgsim: Orgsim, words: list[str], told: str) -> None:
    asked = orgsim("compare", "family_firm", *words)
    assert asked.exit_code == 2
    assert f"error: {told}" in asked.stderr
    assert asked.stdout == ""


def test_no_default_of_a_scenario_is_told_as_the_users_own(orgsim: Orgsim) -> None:
    told = orgsim("check", "family_firm", "--set", "staff.quit_rate=0").stdout
    assert "staff.quit_rate: 0 per year, the default, is outside" in told
    told = orgsim("check", "family_firm", "--set", "staff.quit_rate=0.9").stdout
    assert "staff.quit_rate: 0.9 per year is outside" in told
    assert "1/year" not in told


@pytest.mark.parametrize("command", ["explain", "reorganise"])
def test_a_structure_and_itself_are_no_pair(orgsim: Orgsim, command: str) -> None:
    told = orgsim(command, "family_firm", "functional", "functional")
    assert told.exit_code == 2
    assert "two different ones are needed, not 'functional' twice" in told.stderr


TWINS = """
[structures.mine]
group = { advise = "segment", contact = "segment", rest = "function" }
"""


def test_structures_that_divide_the_work_alike_are_told(orgsim: Orgsim, tmp_path: Path) -> None:
    """Front by segment, back by function, written by hand: the preset under another name."""
    assert orgsim("new", "firm").exit_code == 0
    file = tmp_path / "firm.toml"
    text = file.read_text(encoding="utf-8")
    group = 'group = { advise = ["segment", "product"], rest = "function" }'
    assert group in text
    assert "divides the work" not in orgsim("check", file).stdout
    own = 'group = { contact = "segment", advise = "segment", rest = "function" }'
    file.write_text(text.replace(group, own), encoding="utf-8")
    for command in ("check", "describe"):
        told = orgsim(command, file).stdout
        assert "note: mine divides the work exactly as front-back does: the same numbers" in told
    assert "divides the work" not in orgsim("describe", file, "--structures", "mine").stdout


def test_a_file_of_another_kind_is_one_fault(orgsim: Orgsim, tmp_path: Path) -> None:
    assert orgsim("new", "firm").exit_code == orgsim("new", "plan", "--plan").exit_code == 0
    lesson = next((shipped()["family_firm"].parent / "lessons").glob("1-*.toml"))
    for words, told in (
            (("check", "plan.toml"),
             "plan.toml: is a plan of a sweep, not a scenario (orgsim sweep check takes it)"),
            (("compare", lesson), "is a lesson, not a scenario (orgsim lesson takes it)"),
            (("sweep", "check", "firm.toml"),
             "firm.toml: is a scenario, not a plan of a sweep (orgsim check takes it)"),
            (("lesson", "firm.toml"), "firm.toml: is a scenario, not a lesson"),
            (("lesson", "plan.toml"), "plan.toml: is a plan of a sweep, not a lesson")):
        asked = orgsim(*words)
        assert asked.exit_code == 2
        assert told in asked.stderr
        assert asked.stderr.count("error:") == 1


def test_a_group_of_commands_alone_shows_its_help(orgsim: Orgsim) -> None:
    told = orgsim("sweep")
    assert told.exit_code == 2
    assert told.stderr.startswith("Usage: orgsim sweep") or "Usage:" in told.stderr
    assert "error:" not in told.stderr


def test_a_package_that_is_not_installed_is_no_fault_of_the_program(
        orgsim: Orgsim, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the program is started with another Python than the one it was installed for."""
    def missing(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

    monkeypatch.setattr("sim.api.opened", missing)
    told = orgsim("check", "family_firm")
    assert told.exit_code == 2
    assert "the package pandas is not installed" in told.stderr
    assert "internal error" not in told.stderr
