"""Patterns known from the literature, on the base case REF; the costly ones in `verify --long`.

Each pattern is also seen to fail where the mechanism behind it is taken away.
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from sim.errors import InputError
from sim.experiment.schemas import VERIFY
from sim.experiment.statistics import Interval
from sim.experiment.verify import verify
from sim.experiment.verify.patterns import (
    PATTERNS,
    REF,
    Arms,
    Pattern,
    heterogeneity,
    loss_aversion,
    patterns,
    ranged,
    retention_shape,
    sign,
    size,
    wrong_labels,
)
from sim.scenario import load
from sim.store.files import to_json

pytestmark = pytest.mark.slow  # without the compiler a run of REF takes minutes

FEW = {"customers.count": 2000}
SHORT = {"time.warm_up": "1040 h", "time.horizon": "4 months"}


def told(found: list[Pattern]) -> dict[str, Pattern]:
    """Findings by id; every one judged must have passed."""
    for p in found:
        assert p.passed, f"{p.id}: {p.found} [{p.low}, {p.high}], expected {p.expected}: {p.note}"
    return {p.id: p for p in found}


def failed(found: list[Pattern]) -> set[str]:
    """Ids of what did not pass."""
    return {p.id for p in found if not p.passed}


def test_the_installed_base_case_is_the_one_of_the_tests() -> None:
    assert load(REF) == load(Path(__file__).parents[1] / "scenarios" / "ref.toml")


@pytest.fixture
def ten_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more replications are added for what is meant to fail."""
    monkeypatch.setattr("sim.experiment.verify.patterns.MOST", 10)


def test_p04_heterogeneity_decides() -> None:
    """Segment units gain on functional ones with every step of eta_s, by 3 points in all."""
    found = told(list(heterogeneity(Arms(2), covers=("strict",))))
    assert found["P04-strict-span"].low > 3.0


@pytest.mark.usefixtures("ten_at_most")
def test_p04_needs_needs() -> None:
    """Without any variance of needs there is nothing for segment units to fit."""
    alike = list(heterogeneity(Arms(2), covers=("strict",), **SHORT | {"needs.variance": 0.0}))
    assert failed(alike) == {p.id for p in alike}
    assert {p.note for p in alike[:-1]} == {"too close to call"}


def test_p05_wrong_labels() -> None:
    """Fit falls with q; learned offerings never fall below a pooled one, designed ones do."""
    found = told(list(wrong_labels(Arms(2), **SHORT)))
    # THEORY's table (expected fit, four equal segments, pooled 0.67): gains at the steps of q.
    table = {"learned": (0.765, 0.723, 0.698, 0.680, 0.671),
             "label_centre": (0.765, 0.720, 0.687, 0.652, 0.620)}
    for mode, fits in table.items():
        steps = [found[f"P05-{mode}-{q:g}"].found for q in (0.8, 0.65, 0.5, 0.35)]
        assert steps == pytest.approx([b - a for a, b in pairwise(fits)], abs=0.01)


@pytest.mark.usefixtures("ten_at_most")
def test_p05_needs_segments_that_differ() -> None:
    alike = SHORT | {"needs.segment_share": 0.0}
    assert {"P05-learned-0.8", "P05-learned-0.65"} <= failed(
        list(wrong_labels(Arms(2), modes=("learned",), **alike)))


def test_p08_size() -> None:
    """Response of segment units over functional ones: from 30 to 60 heads it falls."""
    found = told(list(size(Arms(2), sizes=(1, 2), covers=("strict",), **SHORT)))
    assert found["P08-strict-2"].high < 0


def test_p08_needs_pools() -> None:
    """With one queue for all there are no small pools to suffer."""
    one = SHORT | {"cover.pooling": "single"}
    found = list(size(Arms(2), sizes=(1, 2), covers=("strict",), **one))
    assert abs(found[0].found) < 0.2 * 0.66


def test_p10_losses_weigh_more() -> None:
    found = told(list(loss_aversion(Arms())))
    assert found["P10"].found == pytest.approx(1.6 / 1.1)  # (1 + b-) / (1 + b+)
    assert failed(list(loss_aversion(Arms(), **{"satisfaction.gain": 0.6}))) == {"P10"}


def test_p11_shape_of_retention(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(list(retention_shape(Arms(2), **FEW)))

    def retained(loyalty: float, cost: float, outside: float) -> float:
        h = 0.10 / (1 + math.exp(10 * (loyalty + cost - outside)))
        return (1 - h) ** 12

    for market, cost, outside in (("competitive", 0.0, 0.75), ("protected", 0.3, 0.6)):
        for middle in (0.6, 0.7):
            p = found[f"P11-{market}-{middle:g}"]
            curve = (retained(middle - 0.1, cost, outside) - 2 * retained(middle, cost, outside)
                     + retained(middle + 0.1, cost, outside))
            assert p.low - 0.005 < curve < p.high + 0.005
    monkeypatch.setattr("sim.experiment.verify.patterns.MOST", 10)
    flat = list(retention_shape(Arms(2), **FEW | {"market.steepness": 0.0}))
    assert failed(flat) == set(found)


def test_a_sign_is_called_only_when_the_interval_is_clear() -> None:
    asked: list[int] = []

    def noise(n: int) -> list[float]:
        asked.append(n)
        return [(-1.0) ** r + 0.05 for r in range(n)]

    found = sign("x", "noise", 1, noise)
    assert asked == [10, 20, 30, 40]
    assert (found.passed, found.note) == (False, "too close to call")
    wrong = sign("x", "below", 1, lambda n: [-1.0 - r % 2 for r in range(n)])
    assert (wrong.passed, wrong.note, wrong.replications) == (False, "the other way round", 10)
    assert sign("x", "below", -1, lambda n: [-1.0 - r % 2 for r in range(n)]).passed


def test_a_range_judges_the_mean() -> None:
    inside = Interval(0.3, 0.1, 0.5, 10)
    assert ranged("x", "a", inside, 0.2, 0.4).passed
    assert not ranged("x", "a", inside, 0.31, math.inf).passed
    assert not ranged("x", "a", inside, -math.inf, 0.29).passed
    assert not ranged("x", "a", Interval(None, None, None, 0), 0.0, 1.0).passed


def test_a_reported_finding_is_judged_by_nobody() -> None:
    found = sign("x", "below", 1, lambda n: [-1.0 - r % 2 for r in range(n)]).reported()
    assert found.passed
    assert found.row().theory is None


def test_patterns_go_into_the_rows_of_verify() -> None:
    rows = verify(only=["P10"], long=True)
    assert [(r.id, r.theory, r.passed) for r in rows] == [("P10", pytest.approx(1.7), True)]
    jsonschema.validate(
        [{"id": r.id, "theory": r.theory, "simulated": r.simulated, "low": r.low, "high": r.high,
          "pass": r.passed} for r in rows], VERIFY)
    assert to_json([r.theory for r in rows])
    with pytest.raises(InputError, match="no row"):
        verify(only=["P10"])
    with pytest.raises(InputError, match="did you mean P10"):
        patterns(only=["p10"])


def test_the_findings_do_not_depend_on_the_number_of_threads() -> None:
    quick = SHORT | {"customers.count": 200, "time.horizon": "1 month"}
    one, two = (list(size(Arms(jobs), sizes=(1, 2), covers=("strict",), **quick))
                for jobs in (1, 2))
    assert one == two


def test_a_failed_run_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.engine import simulation

    def broken(*_: object, **__: object) -> None:
        raise ArithmeticError("planted")

    monkeypatch.setattr(simulation, "simulate", broken)
    (found,) = patterns(only=["P10"])
    assert (found.id, found.passed, found.found) == ("P10", False, None)
    assert "planted" in found.note


def test_a_growing_backlog_is_named() -> None:
    arms = Arms(2)
    arms.values(SHORT, "functional", "satisfaction", 10)
    assert arms.unstable == set()
    arms.values(SHORT | {"staff.heads": 16}, "functional", "satisfaction", 10)
    assert arms.unstable == {"functional"}


def test_progress_is_told_over_all_scenarios() -> None:
    seen: list[tuple[int, int]] = []
    patterns(only=["P10"], progress=lambda done, planned, _: seen.append((done, planned)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_says_what_it_is(name: str) -> None:
    assert (PATTERNS[name].__doc__ or "").startswith(f"{name}: ")
