"""Questions of a finished sweep: the same answers as of runs of their own, and clear refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result

import sim
from sim import api
from sim.cli.main import cli
from sim.errors import InputError
from sim.experiment.schemas import DOCUMENTS
from sim.questions.maps import map_structures
from sim.questions.swept_shares import _parts
from sim.questions.tipping import tipping
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.sweep.design import designed
from sim.sweep.finished import Finished
from sim.sweep.lab import Lab
from sim.sweep.run import sweep
from tests.questions.known import KnownEngine

PAIR = ["functional", "customer"]
SHARE, ACCURACY = "needs.segment_share", "labels.accuracy"
GRID = {SHARE: {"levels": [0.1, 0.3, 0.5, 0.7]}, ACCURACY: {"levels": [0.4, 0.6, 0.8]}}
RANGES = {SHARE: {"range": [0.1, 0.7]}, ACCURACY: {"range": [0.4, 0.8]},
          "work.spread": {"range": [0.0, 2.0]}}


def known(world: Scenario, structure: str) -> float:
    """customer leads by 40 (share - 0.36) + 20 (accuracy - 0.6); spread changes both alike."""
    lead = 40 * (world.needs.segment_share - 0.36) + 20 * (world.labels.accuracy - 0.6)
    return 60.0 + world.work.spread + (lead if structure == "customer" else 0.0)


def swept(folder: Path, factors: dict[str, Any], engine: Any = None, **more: Any) -> Path:
    """A small sweep of a known function."""
    plan = {"schema_version": 1, "name": "known", "scenario": "family_firm", "structures": PAIR,
            "replications": 6, "metrics": ["satisfaction"],
            "factors": factors} | more
    with ThreadPoolExecutor(2) as pool:
        sweep(designed(plan), folder, jobs=2, executor=pool, engine=engine or KnownEngine(known))
    return folder


@pytest.fixture
def orgsim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def test_the_map_of_a_grid_is_the_map_of_the_same_points(tmp_path: Path) -> None:
    """Four even levels each way are what --grid 4 --depth 0 runs, replication by replication."""
    even = {SHARE: {"levels": [0.1, 0.3, 0.5, 0.7]}, ACCURACY: {"levels": [0.3, 0.5, 0.7, 0.9]}}
    stored = sim.map_structures(swept(tmp_path / "s", even))
    lab = Lab(load("family_firm"), engine=KnownEngine(known), jobs=1)
    direct = map_structures(lab, f"{SHARE}=0.1:0.7", f"{ACCURACY}=0.3:0.9", structures=PAIR,
                            grid=4, depth=0, replications=6)
    told, asked = stored.to_json(), direct.to_json()
    assert told["text"][:-1] == asked["text"] and "nothing was run" in told["text"][-1]
    for key in asked:
        if key not in ("text", "shares"):
            assert told[key] == asked[key], key
    assert told["shares"] == pytest.approx(asked["shares"])
    assert told["switches"]


def test_uneven_levels_weigh_as_wide_as_they_are_drawn(tmp_path: Path) -> None:
    """Only the first column, a quarter of the width there, is functional's."""
    def step(world: Scenario, structure: str) -> float:
        first = world.needs.segment_share < 0.15
        return 60.0 + 10.0 * ((structure == "functional") == first)

    answer = sim.map_structures(swept(
        tmp_path, {SHARE: {"levels": [0.1, 0.2, 0.5]}, ACCURACY: {"levels": [0.4, 0.6]}},
        KnownEngine(step)))
    assert answer.shares["functional"] == pytest.approx(0.5 * 0.1 / 0.4)


def test_scattered_points_are_told_one_by_one(tmp_path: Path) -> None:
    two = {key: RANGES[key] for key in (SHARE, ACCURACY)}
    answer = sim.map_structures(swept(tmp_path, two, sampler={"kind": "lhs", "points": 40}))
    assert answer.scattered and len(answer.points) == 40 and not answer.switches
    for p in answer.points.values():
        lead = 40 * (p.x - 0.36) + 20 * (p.y - 0.6)
        if abs(lead) > 3:
            assert p.winner == ("customer" if lead > 0 else "functional")
    assert answer.shares["tie"] == sum(p.winner is None for p in answer.points.values()) / 40
    jsonschema.validate(json.loads(json.dumps(answer.to_json())), DOCUMENTS["map"])
    folder = api.save_map(answer, tmp_path / "out")
    assert (folder / "map.png").read_bytes().startswith(b"\x89PNG")


def test_a_third_factor_has_to_be_fixed(tmp_path: Path) -> None:
    folder = swept(tmp_path, {**GRID, "work.spread": {"levels": [0.5, 1.0]}})
    with pytest.raises(InputError, match=r"varies work\.spread beside") as caught:
        sim.map_structures(folder, SHARE, ACCURACY)
    assert "--set work.spread=0.5" in str(caught.value)
    answer = sim.map_structures(folder, SHARE, ACCURACY, at={"work.spread": 1.0})
    assert len(answer.points) == 12 and answer.runs == 12 * 2 * 6
    with pytest.raises(InputError, match=r"no runs at 0\.7; it has 0\.5, 1\.0"):
        sim.map_structures(folder, SHARE, ACCURACY, at={"work.spread": 0.7})


def test_tipping_points_of_a_grid_are_those_of_the_same_values(tmp_path: Path) -> None:
    """Ends, middle and the scenario's own value are what --depth 0 runs."""
    firm = load("family_firm")
    share, accuracy = firm.needs.segment_share, firm.labels.accuracy
    levels = {SHARE: [0.1, (share + 0.7) / 2, 0.7, share], ACCURACY: [0.35, 1.0, accuracy]}
    levels[ACCURACY].append((accuracy + (1.0 if 1.0 - accuracy >= accuracy - 0.35 else 0.35)) / 2)
    folder = swept(tmp_path / "s", {key: {"levels": [float(f"{v:.6g}") for v in found]}
                                    for key, found in levels.items()})
    stored = sim.tipping(folder, "customer", "functional")
    direct = tipping(Lab(firm, engine=KnownEngine(known), jobs=1), "customer", "functional",
                     keys=[f"{SHARE}=0.1:0.7", f"{ACCURACY}=0.35:1"], replications=6, depth=0)
    told, asked = stored.to_json(), direct.to_json()
    assert told["assumptions"] == asked["assumptions"] and told["lead"] == asked["lead"]
    assert told["regrets"] == asked["regrets"] and any(a["flips"] for a in told["assumptions"])
    assert any("lie on none of these lines" in line for line in told["text"])
    jsonschema.validate(json.loads(json.dumps(told)), DOCUMENTS["tipping"])


def test_tipping_away_from_the_scenario_says_where_it_starts(tmp_path: Path) -> None:
    firm = load("family_firm")
    answer = sim.tipping(swept(tmp_path, GRID), "customer", "functional")
    near = min(GRID[SHARE]["levels"], key=lambda v: abs(v - firm.needs.segment_share))
    assert {a.range.key: a.range.now for a in answer.assumptions}[SHARE] == near
    assert any(f"the lines go through {SHARE} = {near:g}" in line
               for line in answer.to_json()["text"])
    moved = sim.tipping(tmp_path, "customer", "functional", at={ACCURACY: 0.8})
    assert {a.range.key: a.range.now for a in moved.assumptions}[ACCURACY] == 0.8


def test_scattered_points_have_no_tipping_points(tmp_path: Path) -> None:
    folder = swept(tmp_path, RANGES, sampler={"kind": "sobol", "points": 32}, replications=2)
    with pytest.raises(InputError, match="change one factor at a time"):
        sim.tipping(folder, "customer", "functional")


@pytest.mark.parametrize("kind", ["sobol", "lhs"])
def test_shares_of_a_sample_are_those_of_the_closed_form(tmp_path: Path, kind: str) -> None:
    """Y = spread + s lead + luck: with s = 0 or 1 equally likely, and lead = a + b of variances
    A = 24^2/12, B = 8^2/12 and mean m, Var(E[Y | a]) = A/4, and the structure makes m^2/4 by
    itself; spread makes 2^2/12; luck common^2 + own^2 in all."""
    folder = swept(tmp_path, RANGES, KnownEngine(known, common=2.0, own=0.5),
                   sampler={"kind": kind, "points": 128}, replications=12)
    answer = sim.sensitivity(folder)
    a, b, mean = 24.0**2 / 12, 8.0**2 / 12, 40 * 0.04
    luck = 4.0 + 0.25
    whole = (a + b) / 4 + 4 / 12 + mean**2 / 4 + (a + b) / 4 + luck
    alone = {SHARE: a / 4 / whole, ACCURACY: b / 4 / whole, "work.spread": 4 / 12 / whole}
    found = {f.name: f for f in answer.factors}
    for name, value in alone.items():
        index = found[name].alone
        assert index.low - 0.03 <= value <= index.high + 0.03, (name, index, value)
        assert found[name].total.share is None and found[name].total.high >= value
    assert found[SHARE].alone.share is not None
    both = found["structure"].total
    assert both.low <= ((mean**2 + a + b) / 4 + 0.125) / whole <= both.high
    assert found["luck"].total.low <= luck / whole <= found["luck"].total.high
    data = answer.to_json()
    jsonschema.validate(json.loads(json.dumps(data)), DOCUMENTS["sensitivity"])
    assert any("chooses runs that tell it" in line for line in data["text"])


def test_the_parts_of_a_variance_add_up_without_bias() -> None:
    """Y = p + s + luck with variances 4, 1 and 2.25, of which 0.25 is each run's own."""
    draws = np.random.default_rng(5)
    parts = []
    for _ in range(60):
        y = (2.0 * draws.normal(size=(200, 1, 1)) + np.array([-1.0, 1.0])[None, :, None]
             + np.sqrt(2.0) * draws.normal(size=(1, 1, 8)) + 0.5 * draws.normal(size=(200, 2, 8)))
        parts.append(_parts(y))
    assert np.mean([p.structure[0] for p in parts]) == pytest.approx(1.0, abs=0.02)
    assert np.mean([p.luck[1] for p in parts]) == pytest.approx(2.25, abs=0.4)
    assert np.mean([p.whole - p.luck[1] for p in parts]) == pytest.approx(5.0, abs=0.2)


def test_trajectories_tell_effects_and_no_shares(tmp_path: Path) -> None:
    """A linear function: every effect of a key is its slope times its range, half of it on average
    over a structure that has it and one that has not."""
    folder = swept(tmp_path, RANGES, sampler={"kind": "morris", "trajectories": 6},
                   replications=3)
    answer = sim.sensitivity(folder)
    effects = {s.range.key: s.effect.mean for s in answer.screened}
    assert effects == pytest.approx({SHARE: 12.0, ACCURACY: 4.0, "work.spread": 2.0})
    assert answer.only_effects and [f.kind for f in answer.factors] == ["structure", "luck"]
    jsonschema.validate(json.loads(json.dumps(answer.to_json())), DOCUMENTS["sensitivity"])
    assert (api.save_sensitivity(answer, tmp_path / "o") / "sensitivity.png").exists()


def test_what_a_folder_lacks_is_one_error_that_says_what_plan_would(tmp_path: Path) -> None:
    folder = swept(tmp_path / "s", {SHARE: GRID[SHARE]}, replications=1)
    for ask, word in ((lambda: sim.map_structures(folder), "a plan with two factors"),
                      (lambda: sim.map_structures(folder), "replications = 2 or more"),
                      (lambda: sim.tipping(folder, "customer", "functional"),
                       "replications = 2 or more"),
                      (lambda: sim.sensitivity(folder), 'sampler.kind = "sobol"'),
                      (lambda: sim.map_structures(folder, metric="loyalty"), "was not kept"),
                      (lambda: sim.map_structures(folder, structures=["custmer", "customer"]),
                       "did you mean customer"),
                      (lambda: sim.map_structures(folder, grid=3, seed=4), "--grid.*\n.*--seed"),
                      (lambda: sim.map_structures(folder, runs="r"), "--runs"),
                      (lambda: sim.tipping(folder, "customer", "functional", runs="r"), "--runs"),
                      (lambda: sim.sensitivity(folder, runs="r"), "--runs")):
        with pytest.raises(InputError, match=word):
            ask()
    (folder / "runs.parquet").unlink()
    with pytest.raises(InputError, match="is not finished"):
        Finished(folder, "satisfaction")


def test_the_commands_take_a_folder(orgsim: Callable[..., Result], tmp_path: Path) -> None:
    swept(tmp_path / "s", {**GRID, "size": {"overlays": ["", "twelve-people"]}})
    told = orgsim("map", "s", "--set", "size=twelve-people", "--json", "--out", "m")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    jsonschema.validate(answer, DOCUMENTS["map"])
    assert len(answer["points"]) == 12 and "size is twelve-people" in " ".join(answer["text"])
    told = orgsim("tipping", "s", "customer", "functional")
    assert told.exit_code == 0 and "the values swept" in told.stdout, told.output
    told = orgsim("sensitivity", "s", "--samples", 32, "--overlay", "twelve-people")
    assert told.exit_code == 2 and "--overlay" in told.stderr and "Traceback" not in told.output
    assert orgsim("map", "family_firm").stderr.count("is needed") == 2


def test_a_saltelli_sample_tells_what_keys_make_together(tmp_path: Path) -> None:
    """Y = spread + s lead + luck, s = 0 or 1: lead's keys make a quarter by themselves, and with
    the structure a half: E over s of Var(s lead) = A/2."""
    folder = swept(tmp_path, RANGES, KnownEngine(known, common=2.0, own=0.5),
                   sampler={"kind": "saltelli", "points": 64}, replications=12)
    answer = sim.sensitivity(folder)
    a, b, mean = 24.0**2 / 12, 8.0**2 / 12, 40 * 0.04
    whole = (a + b) / 4 + 4 / 12 + mean**2 / 4 + (a + b) / 4 + 4.25
    found = {f.name: f for f in answer.factors}
    wanted = {SHARE: (a / 4, a / 2), ACCURACY: (b / 4, b / 2), "work.spread": (4 / 12, 4 / 12),
              "structure": (mean**2 / 4, (mean**2 + a + b) / 4 + 0.125)}
    for name, values in wanted.items():
        for index, value in zip((found[name].alone, found[name].total), values, strict=True):
            assert index.low - 0.02 <= value / whole <= index.high + 0.02, (name, index, value)
    assert found[SHARE].total.share == pytest.approx(a / 2 / whole, abs=0.08)
    data = answer.to_json()
    jsonschema.validate(json.loads(json.dumps(data)), DOCUMENTS["sensitivity"])
    assert any("a Saltelli sample of 320 points" in line for line in data["text"])


def test_indices_of_a_saltelli_sample_are_those_of_salib(tmp_path: Path) -> None:
    """One structure, no luck: the Ishigami function of three keys, with SALib as the oracle."""
    from SALib.analyze import sobol

    def ishigami(world: Scenario, _: str) -> float:
        u = ((world.needs.segment_share - 0.1) / 0.6, (world.labels.accuracy - 0.4) / 0.4,
             world.work.spread / 2.0)
        x, y, z = (2 * np.pi * (v - 0.5) for v in u)
        return float(np.sin(x) + 7 * np.sin(y)**2 + 0.1 * z**4 * np.sin(x))

    folder = swept(tmp_path, RANGES, KnownEngine(ishigami, common=0.0, own=0.0), replications=1,
                   structures=["customer"], sampler={"kind": "saltelli", "points": 256})
    rows = Finished(folder, "satisfaction")
    values = dict(zip(rows.points, rows.block(["customer"])[:, 0, 0], strict=True))
    y = np.array([values[tuple(rows.design.points[k])] for k in range(len(rows.design.points))])
    told = sobol.analyze({"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}, y,
                         calc_second_order=False, seed=1)
    found = sim.sensitivity(folder).factors
    assert [f.name for f in found] == list(RANGES)
    for k, one in enumerate(found):
        for index, value, truth in ((one.alone, told["S1"][k], (0.3139, 0.4424, 0.0)[k]),
                                    (one.total, told["ST"][k], (0.5576, 0.4424, 0.2437)[k])):
            if truth > 0.1:
                assert index.share == pytest.approx(value, abs=0.01)
            assert index.low - 0.05 <= truth <= index.high + 0.05


def test_a_saltelli_sample_is_salibs_and_grows_by_appending() -> None:
    from SALib.sample import sobol as salib

    from sim.sweep.sampling import saltelli

    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0.0, 1.0]] * 3}
    theirs = salib.sample(problem, 32, calc_second_order=False, seed=np.random.default_rng(7))
    assert np.array_equal(saltelli(3, 32, 7), theirs)
    assert np.array_equal(saltelli(3, 64, 7)[:32 * 5], theirs)
    assert np.array_equal(saltelli(3, 20, 7), theirs[:20 * 5])
