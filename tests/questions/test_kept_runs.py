"""`map`, `tipping` and `sensitivity` with `--runs`: nothing is run twice, and no number changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sim.cli.main import cli
from sim.scenario.schema import Scenario
from tests.questions.known import KnownEngine

FIRM = ("family_firm", "--set", "customers.count=60", "--jobs", "1", "--json")
QUESTIONS = {
    "map": ("map", *FIRM, "--structures", "functional,customer", "--x", "needs.segment_share=0:0.7",
            "--y", "labels.accuracy=0.35:1", "--grid", "3", "--depth", "1", "--replications", "3"),
    "tipping": ("tipping", *FIRM, "functional", "customer", "--replications", "3", "--depth", "1",
                "--keys", "needs.segment_share,labels.accuracy,work.spread"),
    "sensitivity": ("sensitivity", *FIRM, "--structures", "functional,customer", "--samples", "16",
                    "--most", "2", "--keys", "needs.segment_share,labels.accuracy,work.spread",
                    "--trajectories", "4"),
}


def lead(world: Scenario, structure: str) -> float:
    """The customer structure is ahead where segments differ."""
    gap = 10.0 * (world.needs.segment_share - 0.3) + 2.0 * (world.labels.accuracy - 0.7)
    return 60.0 + world.work.spread + (gap if structure == "customer" else 0.0)


@dataclass
class Stops(KnownEngine):
    """Ctrl-C comes when so many runs are done; a failed call is no run."""

    after: int = 10**9

    def simulate(self, *args: Any, **more: Any) -> Any:
        if len(self.calls) >= self.after:
            raise KeyboardInterrupt
        return super().simulate(*args, **more)


@pytest.fixture
def orgsim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`orgsim` in an empty folder, a known function in the place of the simulator, no figures."""
    monkeypatch.chdir(tmp_path)
    for answer in ("maps", "tipping", "sensitivity"):
        monkeypatch.setattr(f"sim.report.{answer}.figures", lambda _: (b"", b""))

    def call(engine: KnownEngine, *words: str) -> Result:
        monkeypatch.setattr("sim.sweep.lab.default_engine", lambda: engine)
        return CliRunner().invoke(cli, words)

    return call


@pytest.mark.parametrize("words", QUESTIONS.values(), ids=QUESTIONS)
def test_asked_again_nothing_is_run_and_the_same_is_printed(
        orgsim: Callable[..., Result], words: tuple[str, ...]) -> None:
    first, second, alone = KnownEngine(lead), KnownEngine(lead), KnownEngine(lead)
    told = orgsim(first, *words, "--runs", "runs")
    again = orgsim(second, *words, "--runs", "runs")
    without = orgsim(alone, *words)
    assert told.exit_code == again.exit_code == without.exit_code == 0, told.output
    assert told.stdout == again.stdout == without.stdout
    assert second.calls == [] and len(first.calls) == len(alone.calls) > 50


@pytest.mark.parametrize("words", QUESTIONS.values(), ids=QUESTIONS)
def test_an_interrupted_question_ends_as_if_it_had_never_been(
        orgsim: Callable[..., Result], words: tuple[str, ...]) -> None:
    """Cut after 50 runs (code 130), then finished: the same answer, and no run made twice."""
    whole = KnownEngine(lead)
    expected = orgsim(whole, *words)
    cut, rest = Stops(lead, after=50), KnownEngine(lead)
    assert orgsim(cut, *words, "--runs", "runs").exit_code == 130
    told = orgsim(rest, *words, "--runs", "runs")
    assert told.exit_code == 0 and told.stdout == expected.stdout
    assert not json.loads(told.stdout)["interrupted"]
    assert len(cut.calls) == 50 and len(cut.calls) + len(rest.calls) == len(whole.calls)


def test_one_folder_serves_several_questions(orgsim: Callable[..., Result]) -> None:
    """The map's corner is a point the second map needs too."""
    engine = KnownEngine(lead)
    small = QUESTIONS["map"][:-6]
    for grid in ("2", "3"):
        told = orgsim(engine, *small, "--grid", grid, "--depth", "0", "--replications", "3",
                      "--runs", "runs")
        assert told.exit_code == 0, told.output
    assert len(engine.calls) == 2 * 3 * 3 * 3
