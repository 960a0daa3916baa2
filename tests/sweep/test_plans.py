"""Plan files: what is refused and in which words; the plans that come with the program."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from sim.errors import InputError
from sim.scenario.library import plans, starter_plan
from sim.scenario.plan import Factor
from sim.scenario.plan_loading import load_plan, plan_schema, plan_tables
from sim.scenario.reading import parse
from sim.sweep.design import Design, designed, restored
from sim.sweep.forecast import forecast
from sim.sweep.sampling import axis, evenly, latin_hypercube, morris, sobol

BASE: dict[str, Any] = {"schema_version": 1, "name": "x", "scenario": "family_firm"}
GRID: dict[str, Any] = {"needs.segment_share": {"levels": [0.1, 0.3]}}


def faults(plan: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as refused:
        designed(plan)
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(("keys", "said"), [
    ({"name": None}, "name: must be text of 1 to 120 characters"),
    ({"replicatons": 3}, "replicatons: is not a key of a plan (did you mean replications?)"),
    ({"replications": 0}, "replications: must be a whole number from 1 to 1,000,000"),
    ({"replications": "7"}, "write the number without quotes"),
    ({"scenario": "family_frm"}, "did you mean family_firm?"),
    ({"structures": ["custmer"]}, "did you mean customer?"),
    ({"structures": ["customer", "customer"]}, "names customer more than once"),
    ({"metrics": ["satisfacton"]}, "did you mean satisfaction?"),
    ({"horizon": 12}, "a number and a unit"),
    ({"sampler": {"kind": "latin"}}, 'one of "grid", "lhs", "sobol", "saltelli", "morris", "csv"'),
    ({"sampler": {"kind": "lhs"}}, "factors: is needed"),
    ({"sampler": {"kind": "csv"}}, "sampler.file: is needed"),
    ({"sampler": {"kind": "morris", "levels": 3}, "factors": GRID}, "an even number, not 3"),
    ({"factors": {"needs.segmnt_share": {"levels": [0.1]}}}, "did you mean segment_share?"),
    ({"factors": {"needs.segment_share": {"levels": [0.1, 2.0]}}}, "must be a number from 0 to 1"),
    ({"factors": {"needs.segment_share": {"range": [0.5, 0.1]}}}, "the lower one first"),
    ({"factors": {"needs.segment_share": {"range": [0.0, 0.1], "scale": "log"}}}, "above 0"),
    ({"factors": {"needs.segment_share": {}}}, "needs one of levels, range and overlays"),
    ({"factors": {"needs.segment_share": {"levels": [0.1, 0.1]}}}, "0.1 more than once"),
    ({"factors": {"needs.segment_share": {"levls": [0.1]}}}, "did you mean levels?"),
    ({"factors": {"size": {"overlays": ["thirty-peple"]}}}, "did you mean thirty-people?"),
    ({"factors": {"segments.nobody.share": {"levels": [0.1]}}}, "there is no \"nobody\""),
    ({"factors": {"seed": {"levels": [1, 2]}}}, "factors.seed: cannot be varied"),
    ({"factors": GRID, "set": {"needs.segment_share": 0.2}}, "is varied by a factor too"),
    ({"set": {"staff.haeds": 7}}, "did you mean heads?"),
    ({"precision": {"metrics": {"satisfacton": 1.0}}}, "did you mean satisfaction?"),
    ({"precision": {"metrics": {"satisfaction": "wide"}}}, "a width is a number"),
    ({"precision": {"metrics": {"satisfaction": 1.0}, "minimum": 300}}, "at most"),
    ({"factors": {"time.horizon": {"range": ["1 weeks", 3]}}}, "must be two numbers"),
])
def test_what_is_wrong_is_told_with_the_way_out(keys: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(BASE | keys)), faults(BASE | keys)


def test_all_faults_at_once() -> None:
    told = faults(BASE | {
        "structures": ["custmer"], "metrics": ["satisfacton"],
        "precision": {"metrics": {"loyalti": 1.0}}})
    assert len(told) == 3
    told = faults(BASE | {
        "sampler": {"kind": "csv"},
        "factors": {"needs.segmnt_share": {"levels": [0.1]}, "staff.heads": {"levels": [0]}}})
    assert len(told) >= 4


def test_a_key_no_plan_has_hides_no_other_fault() -> None:
    """Fields of the plan, its base and the values of factors, all in one go."""
    told = faults(BASE | {
        "replicatons": 5, "horizon": "6 mnths",
        "factors": {"needs.segmnt_share": {"levels": [0.1, 0.2]},
                    "staff.heads": {"levels": [0]},
                    "labels.accuracy": {"levels": [0.5], "range": [0.1, 0.2]}}})
    for said in ("is not a key of a plan", '"6 mnths"', "segmnt_share", "whole number from 1",
                 "not levels and range"):
        assert sum(said in fault for fault in told) == 1, (said, told)
    told = faults(BASE | {"replications": 0, "scenario": "famly_firm"})
    assert any("did you mean family_firm" in fault for fault in told)
    assert any("replications" in fault for fault in told)


def test_a_broken_file_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text("schema_version = 1\nname = x\n")
    with pytest.raises(InputError, match=r"plan\.toml: line 2"):
        load_plan(tmp_path / "plan.toml")
    with pytest.raises(InputError, match="did you mean what_matters"):
        load_plan("what_mater")


@pytest.mark.parametrize("name", sorted(plans()))
def test_shipped_plans_load_and_can_be_run(name: str) -> None:
    """Every world that is looked at makes sense, and no structure is infeasible by name."""
    design = designed(name)
    found = forecast(design, measure=False)
    assert found.refused == () and found.runs[0] >= 500
    assert design.plan.summary.endswith("?")
    jsonschema.validate(parse(plans()[name].read_text()), plan_schema())


def test_a_plan_without_a_world_that_makes_sense_says_so(tmp_path: Path) -> None:
    """Shares that sum to more than 1: at every level, or at some of them."""
    path = tmp_path / "odd.toml"
    text = ('schema_version = 1\nname = "odd"\nscenario = "family_firm"\n'
            'structures = ["customer"]\n[factors]\n"segments.firms.share" = { levels = LEVELS }\n')
    path.write_text(text.replace("LEVELS", "[0.5, 0.6]"))
    with pytest.raises(InputError) as refused:
        forecast(designed(path), measure=False)
    told = str(refused.value)
    assert "odd.toml" in told and "must sum to 1" in told
    assert "where segments.firms.share = 0.5; none of 2 worlds looked at makes sense" in told
    path.write_text(text.replace("LEVELS", "[0.15, 0.6]"))
    found = forecast(designed(path), measure=False)
    assert found.looked_at == 2 and "must sum to 1" in found.refused[0]


@given(st.integers(0, 3000), st.integers(1, 300))
def test_evenly_spread_places(n: int, most: int) -> None:
    """All there are if they are few, else so many: ends included, steps that differ by one."""
    places = evenly(n, most)
    assert len(places) == min(n, most) and places.tolist() == sorted(set(places.tolist()))
    if n:
        assert places[0] == 0 and (most == 1 or places[-1] == n - 1)
    steps = set(np.diff(places).tolist())
    assert not steps or max(steps) - min(steps) <= 1


def test_three_plans_are_shipped() -> None:
    assert len(plans()) >= 3


def test_the_starter_runs_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(starter_plan("mine"))
    design = designed(path)
    assert design.plan.name == "mine" and design.runs == 2 * 3 * 3 * 5
    jsonschema.validate(parse(path.read_text()), plan_schema())
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith(("# over", "# metr", "# seri", "# kind",
                                                    "# poin", "# mini", "# maxi", "# [", '# "'))
        else line for line in path.read_text().splitlines())
    path.write_text(uncommented.replace('"lhs"                       # ', '"lhs" # '))
    assert designed(path).plan.sampler.kind == "lhs"


def test_schema_knows_every_key() -> None:
    schema = plan_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(plan_tables(load_plan(BASE).plan))
    assert all(item["description"] for item in schema["properties"].values())


def test_a_design_can_be_made_again_from_its_record() -> None:
    """All a folder records is plain data; the same worlds and runs come of it."""
    import json

    plan = BASE | {"horizon": "6 months", "seed": 4, "replications": 3, "factors": {
        "staff.heads": {"range": [5, 9], "steps": 3}, "size": {"overlays": ["", "four-times"]}}}
    first = designed(plan)
    again = restored(json.loads(json.dumps(first.record())), "there")
    assert first.worlds == again.worlds == 6
    assert [first.run_id(p) for p in range(first.runs)] == [
        again.run_id(p) for p in range(again.runs)]


def test_a_world_is_known_by_what_its_runs_see() -> None:
    """Whoever sets a key, and however it is written, it is the same world."""
    def world(**keys: Any) -> str:
        design = designed(BASE | keys)
        assert design.worlds == 1
        return design.id_of(0)

    plain = world()
    assert world(name="other", summary="s", replications=3, structures=["customer"]) == plain
    assert world(factors={"needs.segment_share": {"levels": [0.3]}}) == plain
    assert world(set={"staff.heads": 6}) == plain
    assert world(horizon="1 years") == plain
    assert world(factors={"time.horizon": {"levels": ["52 weeks"]}}) == plain
    assert world(set={"staff.heads": 7}) != plain
    assert world(set={"staff.heads": 7}) == world(factors={"staff.heads": {"levels": [7]}})
    whole, real = ({"knowledge.product_effect": value} for value in (1, 1.0))
    assert world(set=whole) == world(factors={key: {"levels": [v]} for key, v in real.items()})


def test_points_that_are_the_same_world_are_run_once() -> None:
    plan = BASE | {"replications": 2, "factors": {
        "time.horizon": {"levels": ["52 weeks", "12 months", "2 years"]}}}
    design = designed(plan)
    assert (len(design.points), design.worlds) == (3, 2)


def test_points_of_a_csv_file(tmp_path: Path) -> None:
    plan = ('schema_version = 1\nname = "x"\nscenario = "family_firm"\nreplications = 2\n'
            '[sampler]\nkind = "csv"\nfile = "points.csv"\n'
            '[factors."staff.heads"]\n[factors."time.horizon"]\n'
            '[factors.size]\noverlays = ["", "thirty-people"]\n')
    (tmp_path / "plan.toml").write_text(plan)

    def wrote(text: str) -> Design:
        (tmp_path / "points.csv").write_text(text)
        return designed(tmp_path / "plan.toml")

    design = wrote("time.horizon,size,staff.heads\n26 weeks,,7\n1 years,thirty-people,30\n")
    assert [design.values(i) for i in range(2)] == [
        (7, "26 weeks", ""), (30, "1 years", "thirty-people")]
    for text, said in (
        ("size,staff.heads\n,7\n", "time.horizon: has no column"),
        ("time.horizon,size,heads,staff.heads\n1 years,,1,7\n", "is no factor of the plan"),
        ("time.horizon,size,staff.heads\n1 years,,7,8\n", "line 2: has 4 cells, not 3"),
        ("time.horizon,size,staff.heads\n1 years,big,7\n", "is none of its overlays"),
        ("time.horizon,size,staff.heads\n1 years,,seven\n", "must be a whole number"),
        ("time.horizon,size,staff.heads\n", "holds no point"),
    ):
        with pytest.raises(InputError, match=said):
            wrote(text)
    (tmp_path / "points.csv").unlink()
    with pytest.raises(InputError, match=r"points\.csv: cannot be read"):
        designed(tmp_path / "plan.toml")


@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_latin_hypercube_has_a_point_in_every_slice(d: int, n: int, seed: int) -> None:
    cube = latin_hypercube(d, n, seed)
    assert cube.shape == (n, d)
    for column in (cube * n).astype(int).T:
        assert sorted(column) == list(range(n))
    assert np.array_equal(cube, latin_hypercube(d, n, seed))


@given(st.integers(1, 6), st.integers(1, 100), st.integers(1, 100), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_more_points_of_sobol_begin_with_the_same(d: int, a: int, b: int, seed: int) -> None:
    few, many = sobol(d, min(a, b), seed), sobol(d, max(a, b), seed)
    assert few.shape == (min(a, b), d) and np.array_equal(few, many[:len(few)])


def test_sobol_fills_space_more_evenly_than_chance() -> None:
    """Discrepancy of 128 points in 4 dimensions below that of 20 random draws."""
    chance = [qmc.discrepancy(np.random.default_rng(i).random((128, 4))) for i in range(20)]
    assert qmc.discrepancy(sobol(4, 128, 1)) < min(chance)


@given(st.integers(2, 6), st.integers(1, 6), st.sampled_from([4, 6, 8]), st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_morris_moves_one_factor_at_a_time(d: int, n: int, levels: int, seed: int) -> None:
    """Morris (1991): r (k + 1) points on the grid, each step moves one factor by delta."""
    cube = morris(d, n, levels, seed).reshape(n, d + 1, d)
    delta = levels / (2 * (levels - 1))
    for trajectory in cube:
        steps = np.abs(np.diff(trajectory, axis=0))
        assert np.allclose(np.sort(steps, axis=1)[:, :-1], 0)
        assert np.allclose(steps.max(axis=1), delta)
        assert sorted(steps.argmax(axis=1)) == list(range(d))
    grid = cube * (levels - 1)
    assert np.allclose(grid, np.round(grid))
    more = morris(d, n + 2, levels, seed)
    assert np.array_equal(more[:n * (d + 1)], cube.reshape(-1, d))


@given(st.floats(0, 1, exclude_max=True))
@settings(max_examples=100, deadline=None)
def test_a_share_becomes_a_value_of_its_key(share: float) -> None:
    heads = axis("staff.heads", Factor(range=(3, 6))).at(share)
    assert heads in (3, 4, 5, 6) and isinstance(heads, int)
    assert heads == min(3 + int(share * 4), 6) or math.isclose(share * 4 % 1, 0, abs_tol=1e-9) \
        or math.isclose(share * 4 % 1, 1, abs_tol=1e-9) or share * 4 % 1 == 0.5
    log = axis("mistakes.base", Factor(range=(0.01, 0.16), scale="log")).at(share)
    assert math.isclose(math.log(log / 0.01) / math.log(16), share, abs_tol=1e-9)
    text = axis("time.horizon", Factor(range=("4 weeks", "8 weeks"))).at(share)
    assert text.endswith(" h") and 160 <= float(text[:-2]) <= 320
    level = axis("x", Factor(levels=("a", "b", "c"))).at(share)
    assert level == "abc"[int(share * 3)]


def test_whole_numbers_have_equal_chances() -> None:
    """Of 4,000 even shares each of four heads gets 1,000."""
    heads = axis("staff.heads", Factor(range=(3, 6)))
    drawn = [heads.at((i + 0.5) / 4000) for i in range(4000)]
    assert [drawn.count(n) for n in (3, 4, 5, 6)] == [1000] * 4
