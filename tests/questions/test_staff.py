"""Heads for one service: against queueing theory, against trying every number, and told."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.text import Annotation
from scipy.stats import binom

from sim.cli.main import cli
from sim.errors import InputError
from sim.experiment import schemas
from sim.experiment.replications import Runs
from sim.experiment.staffing import equal_service
from sim.experiment.verify.bare import bare
from sim.questions.erlang import Load, Planner
from sim.questions.service import crossing
from sim.questions.staff import Staffing, goal, staff
from sim.report import style
from sim.report.staffing import curves, figures, sentences, shown
from sim.scenario import load
from sim.sweep.lab import Lab
from tests.experiment.fake import BASE, FakeEngine, world

ROOM = {"customers": {"count": 2000}, "staff": {"heads": 12, "span": 4, "availability": 0.8}}


def fake(of_heads: Callable[[int], float], metric: str = "response_mean_h",
         **changes: Any) -> FakeEngine:
    """An engine in which a metric is exactly `of_heads(N)`, but for the noise asked for."""
    asked: dict[str, Any] = {"own": 0.0, "common": 0.0, **changes}
    base = BASE.get(metric, 1.0)
    return FakeEngine(of_heads={metric: lambda n: of_heads(n) - base}, **asked)


def ask(engine: FakeEngine, target: dict[str, Any], structures: tuple[str, ...] = ("functional",),
        **changes: Any) -> Staffing:
    return staff(world(**ROOM), target, structures, **{  # type: ignore[arg-type]
        "engine": engine, "seed": 1, "jobs": 1, "replications": 6, **changes})


def test_what_lies_in_a_folder_is_not_run_again(tmp_path: Path) -> None:
    made = [fake(lambda n: 300.0 / n) for _ in range(2)]
    answers = [staff(world(**ROOM), {"response_mean_h": 12.0}, ["functional"], replications=6,
                     lab=Lab(world(**ROOM), seed=1, jobs=1, engine=engine, folder=tmp_path))
               for engine in made]
    assert answers[0].to_json() == answers[1].to_json()
    assert made[0].calls and not made[1].calls


# --- the search ------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", [
    lambda n: 300.0 / n, lambda n: 60.0 / n, lambda n: 310.0 / n, lambda n: 100.0 * 0.9**n,
    lambda n: 40.0 if n < 17 else 11.0,
])
def test_it_finds_what_compare_finds_one_by_one(curve: Callable[[int], float]) -> None:
    """`compare --equalise service` tries every number upwards."""
    need = ask(fake(curve), {"response_mean_h": 12}).needs[0]
    searched = equal_service(
        Runs(world(**ROOM), seed=1, jobs=1, engine=fake(curve)), "functional", 12.0)
    assert need.heads == searched.heads
    assert need.fte.mean == pytest.approx(searched.fte)


def test_fractional_and_paid_heads_and_cost() -> None:
    """310 / n crosses 12 between 25 (12.4) and 26 (11.92...): straight between the two."""
    engine = fake(lambda n: 310.0 / n)
    engine.of_heads = dict(engine.of_heads) | {"cost_total": lambda n: 1000.0 * n - 1e6}
    need = ask(engine, {"response_mean_h": 12}).needs[0]
    fte = 25 + (310 / 25 - 12) / (310 / 25 - 310 / 26)
    assert need.heads == 26 and need.binds == "target"
    assert need.fte.mean == pytest.approx(fte)
    assert need.paid_fte.mean == pytest.approx(fte / 0.8)
    assert need.cost.mean == pytest.approx(26_000.0)
    assert need.cost_fte.mean == pytest.approx(1000.0 * fte)


@pytest.mark.parametrize("target", [{"satisfaction": 72}, {"within_tolerance": "90%"}])
def test_more_may_be_better(target: dict[str, Any]) -> None:
    (id, _), = target.items()
    scale, wanted = (100.0, 72.0) if id == "satisfaction" else (1.0, 0.9)
    need = ask(fake(lambda n: scale * (1.0 - 4.0 / n), id), target).needs[0]
    exact = next(n for n in range(1, 99) if scale * (1.0 - 4.0 / n) >= wanted - 1e-12)
    assert need.heads == exact and goal(target)[1] == pytest.approx(wanted)


def test_the_interval_covers_the_true_crossing() -> None:
    """A line with slope -2 an hour and noise of which most is common to all numbers of heads."""
    rng = np.random.default_rng(7)
    heads = np.arange(10, 21)
    hits = 0
    for _ in range(400):
        noise = rng.normal(0, 1.0, (8, 1)) + rng.normal(0, 0.3, (8, len(heads)))
        values = 40.0 - 2.0 * heads + noise
        mean = values.mean(axis=0)
        after = int(np.argmax(mean < 10.3))
        fte = heads[after] - 1 + (mean[after - 1] - 10.3) / (mean[after - 1] - mean[after])
        found = crossing(values, 10, float(fte), 10.3)
        assert found.low is not None and found.high is not None
        hits += found.low - 0.01 <= 14.85 <= found.high + 0.01
    assert binom.cdf(hits, 400, 0.95) > 0.001
    assert binom.sf(hits - 1, 400, 0.95) > 0.001  # not too wide either


def test_an_interval_nothing_closes_is_open() -> None:
    values = np.array([[5.0, 1.0], [-5.0, -3.0], [0.5, 0.1]])
    found = crossing(values, 3, 3.4, 0.0)
    assert (found.low, found.high) == (None, None)


# --- the formula -----------------------------------------------------------------------------


def waits_written_out(people: int, arrivals: float, work: float) -> float:
    """Erlang C from its sums: a^c/c! c/(c-a) over itself plus all a^k/k!, times 1/(c mu - l)."""
    a = arrivals * work
    last = a**people / math.factorial(people) * people / (people - a)
    share = last / (sum(a**k / math.factorial(k) for k in range(people)) + last)
    return share / (people / work - arrivals)


def test_pools_wait_as_erlang_says() -> None:
    pools = Load(("a", "b", "idle"), np.array([6.0, 3.0, 0.0]), np.array([2.4, 1.5, 0.0]),
                 np.zeros(3), 4.0)
    people = np.array([4, 3, 1], np.int32)
    by_hand = (6 * waits_written_out(4, 6.0, 0.4) + 3 * waits_written_out(3, 3.0, 0.5)) / 4.0
    assert pools.wait_h(people) == pytest.approx(by_hand)
    assert pools.wait_h(np.array([2, 3, 1], np.int32)) == math.inf
    hurried = Load(pools.pools, pools.visits, pools.work, np.array([5.0, 0.0, 0.0]), 4.0)
    assert 0 < hurried.wait_h(people) < pools.wait_h(people)
    endless = Load(pools.pools, pools.visits, pools.work, np.array([1e-9, 0.0, 0.0]), 4.0)
    assert endless.wait_h(people) == pytest.approx(by_hand, rel=1e-3)


def test_callers_give_up_as_palm_says() -> None:
    """Erlang A from its sums: state n has weight prod a / (min(n, c) + (n - c)+ theta / mu)."""
    people, arrivals, work, leaving = 4, 12.0, 0.5, 3.0
    weights = [1.0]
    for n in range(1, 400):
        weights.append(weights[-1] * arrivals
                       / (min(n, people) / work + max(0, n - people) * leaving))
    waiting = sum(w * max(0, n - people) for n, w in enumerate(weights)) / sum(weights)
    pool = Load(("calls",), np.array([arrivals]), np.array([arrivals * work]),
                np.array([leaving]), arrivals, arrivals)
    assert pool.lost_share(np.array([people])) == pytest.approx(waiting * leaving / arrivals)
    beside = Load(("calls", "desk"), np.array([arrivals, 2.0]), np.array([arrivals * work, 3.0]),
                  np.array([leaving, 0.0]), arrivals, arrivals)
    assert beside.lost_share(np.array([people, 4])) == pytest.approx(waiting * leaving / arrivals)
    assert beside.lost_share(np.array([people, 2])) == math.inf


def office(**changes: Any) -> Any:
    return load(bare("two desks", arrivals=8.0, work={"ask": 0.3, "answer": 0.6},
                     heads={"ask": 4, "answer": 8}, warm_up_h=150, horizon_h=1200) | changes)


def test_the_planner_tries_every_number() -> None:
    planner = Planner(office(), "functional")
    first = planner.load(12)
    assert first is not None
    assert first.work_h == pytest.approx(0.9) and first.cases == pytest.approx(8.0)
    for wait in (0.02, 0.1, 0.5):
        found = planner.needed(lambda _, w=wait: w, cap=60)  # type: ignore[misc]
        by_hand = next(n for n in range(1, 60) if planner.shown(n) <= wait)
        assert found is not None and found.heads == by_hand
        assert by_hand - 1 < found.fte <= by_hand
    assert planner.needed(lambda load: 0.5 - load.work_h, cap=60) is None


@pytest.mark.slow  # uncompiled
def test_where_only_queues_matter_the_simulation_needs_what_erlang_says() -> None:
    """No errors, learning, hand-off times, vacancies: a network of M/M/c queues (Jackson 1957)."""
    answer = staff(office(), {"response_mean_h": 1.15}, ["functional"], replications=16, seed=3)
    need, = answer.needs
    assert need.erlang is not None and need.heads == need.erlang.heads
    assert need.fte.low is not None and need.fte.high is not None
    assert need.fte.low <= need.erlang.fte <= need.fte.high
    assert need.measured["work_measured"] == pytest.approx(7.2, rel=0.02)
    assert need.measured["filled_share"] == pytest.approx(1.0)
    ends = [step.fte for step in need.steps]
    assert ends[0] == need.erlang.fte and ends[-1] == need.fte.mean
    assert all(end == pytest.approx(ends[0], abs=0.5) for end in ends)


# --- what is told ----------------------------------------------------------------------------


def test_what_cannot_be_had_is_told() -> None:
    answer = ask(fake(lambda n: 20.0), {"response_mean_h": 12}, ("functional", "product"))
    assert all(n.heads is None for n in answer.needs)
    assert "nothing tried up to" in sentences(answer)[0] and "20 h" in sentences(answer)[0]
    growing = ask(fake(lambda n: 5.0, growth={"functional": 9.0}), {"response_mean_h": 12})
    assert growing.needs[0].heads is None and "growing backlog" in sentences(growing)[0]
    nothing = ask(fake(lambda n: 5.0), {"abandonment": "5%"})
    assert "abandonment has no value" in sentences(nothing)[0]
    broken = ask(fake(lambda n: 5.0, broken={("functional", r): ValueError("no")
                                             for r in range(9)}), {"response_mean_h": 12})
    assert broken.needs[0].failed and "ValueError: no" in sentences(broken)[0]
    few = ask(fake(lambda n: 5.0), {"response_mean_h": 12}).needs[0]
    assert few.binds == "fewest people" and few.heads == 2  # two units need two people


@pytest.mark.parametrize(("target", "told"), [
    ({"response_h": 8}, "did you mean"), ({"backlog_x": 8}, "metric"),
    ({"utilisation": 0.5}, "no better way"), ({"cost_total": 1e6}, "equalise cost"),
    ({"satisfaction": 172}, "between 0 and 100"), ({"satisfaction": "72%"}, "between 0 and 100"),
    ({"within_tolerance": 90}, "such as 0.9 or 90%"), ({"response_mean_h": -1}, "above 0"),
    ({"response_mean_h": "soon"}, "above 0"), ({}, "one METRIC=VALUE"),
    ({"satisfaction": 72, "loyalty": 0.7}, "one METRIC=VALUE"),
])
def test_targets_that_make_no_sense(target: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        goal(target)


def test_every_fault_at_once() -> None:
    with pytest.raises(InputError) as error:
        ask(fake(lambda n: 5.0), {"satisfaction": 172}, ("functionl",), replications=1, jobs=0)
    assert len(error.value.faults) == 4


def test_threads_change_nothing_and_the_answer_is_published() -> None:
    def once(jobs: int) -> Staffing:
        return ask(fake(lambda n: 300.0 / n, own=0.05, common=0.1),
                   {"response_mean_h": 12}, ("functional", "product"), jobs=jobs)

    one, two = once(1), once(2)
    assert one.to_json() == two.to_json()
    jsonschema.validate(one.to_json(), schemas.STAFF)
    assert list(one.table["structure"]) == ["functional", "product"]
    assert one.runs == sum(t.replications for n in one.needs for t in n.trials)
    assert len(shown(one)) == 6
    svg, png = figures(one)
    assert svg.startswith(b"<?xml") and png[:4] == b"\x89PNG"
    with style.drawing():
        (ax,) = curves(one).axes
    names = {t.get_text(): t.xy[1] for t in ax.texts if isinstance(t, Annotation)}
    assert set(names) == {"functional", "product"} and ax.get_legend() is None
    heights = list(names.values())
    low, high = ax.get_ylim()
    assert abs(heights[0] - heights[1]) >= 0.05 * (high - low)  # here both curves end at a place
    assert all(low < height < high for height in heights)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.sweep.lab.default_engine",
                        lambda: fake(lambda n: 40.0 + 3.0 * n, "satisfaction", own=0.01))
    words = ["staff", "family_firm", "--structures", "functional", "--replications", "4"]
    done = CliRunner().invoke(cli, [*words, "--target", "satisfaction=72", "--out", "there"])
    assert done.exit_code == 0, done.output
    assert "Erlang knows no satisfaction" in done.stdout and "functional" in done.stdout
    assert {p.name for p in Path("there").iterdir()} >= {"staffing.json", "curves.svg"}
    done = CliRunner().invoke(cli, [*words, "--target", "satisfaction=72", "--json"])
    jsonschema.validate(json.loads(done.stdout), schemas.STAFF)
    for bad, told in (("satisfacton=72", "did you mean satisfaction"),
                      ("satisfaction=172", "between 0 and 100"),
                      ("satisfaction", "METRIC=NUMBER")):
        done = CliRunner().invoke(cli, [*words, "--target", bad])
        assert done.exit_code == 2 and told in done.stderr and done.stdout == ""
        assert len(done.stderr.splitlines()) == 1
