"""When an effect holds, fails or ties; how findings are counted; numbers from a table."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jsonschema
import numpy as np
import pytest

from sim.errors import InputError
from sim.experiment.schemas import THEORY
from sim.experiment.statistics import Interval
from sim.experiment.theory import Experiment, Register, register, theory
from sim.experiment.theory.data import Fact
from sim.experiment.theory.findings import Finding, Theory, judged, strictly, together, undecided
from sim.metrics.registry import METRICS
from sim.state import SEGMENT_TOTALS


def interval(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 10)


@pytest.mark.parametrize(("low", "high", "up", "down", "same"), [
    (1.1, 3.0, "holds", "fails", "fails"),
    (0.9, 3.0, "tie", "tie", "tie"),
    (-3.0, -1.1, "fails", "holds", "fails"),
    (-0.5, 0.5, "tie", "tie", "holds"),
    (-1.5, 0.5, "tie", "tie", "tie"),
    (1.0, 3.0, "tie", "tie", "tie"),
])
def test_signs_with_a_margin_of_one(low: float, high: float, up: str, down: str,
                                    same: str) -> None:
    """More than the margin: an interval that begins exactly there does not count."""
    assert judged(interval(low, high), "up", 1.0) == up
    assert judged(interval(low, high), "down", 1.0) == down
    assert judged(interval(low, high), "same", 1.0) == same


@pytest.mark.parametrize(("low", "high", "result"), [
    (0.1, 0.3, "holds"), (0.1, 0.4, "tie"), (0.31, 0.4, "fails"), (-0.2, -0.1, "fails")])
def test_ranges(low: float, high: float, result: str) -> None:
    """From 0.1 to 0.22: the mean lies in it; the interval touches it; it does not."""
    assert judged(interval(low, high), (0.1, 0.22), 9.0) == result


def test_nothing_measured_is_no_pass() -> None:
    assert judged(Interval(None, None, None, 0), "same", 1.0) == "fails"
    assert judged(Interval(1.0, None, None, 1), "up", 0.1) == "fails"


def test_what_more_replications_could_decide() -> None:
    assert undecided(interval(0.5, 3.0), "up", 1.0)
    assert undecided(interval(0.5, 3.0), "down", 1.0)
    assert not undecided(interval(1.1, 3.0), "up", 1.0)
    assert not undecided(interval(-0.5, 2.0), "up", 1.0)  # the mean is within the margin
    assert not undecided(interval(0.5, 3.0), "same", 1.0)
    assert not undecided(Interval(None, None, None, 0), "up", 1.0)


def test_too_close_to_call_gets_more_replications() -> None:
    """Luck of its own in the high arm: 12 replications leave it open, 36 are then run."""
    class Noisy(Engine):
        def simulate(self, prepared: Any, replication: int, **more: Any) -> Any:
            result = super().simulate(prepared, replication, **more)
            if prepared.satisfaction.courtesy == 0.72:
                result.metrics["satisfaction"] += (-1.0) ** replication * 5.0
            return result

    e = made(high={"satisfaction": {"courtesy": 0.72}})
    data = Register({"C001": replace(register().claims["C001"], tests=("x",), untestable="")},
                    {"x": e}, {}, {}, {})
    found = theory(patterns=False, register=data, engine=Noisy(), jobs=1).findings[0]
    assert found.n == 36 and found.effect == pytest.approx(2.0)
    quick = theory(patterns=False, register=data, engine=Noisy(), jobs=1, quick=True).findings[0]
    assert quick.n == 4 and quick.result == "tie"


def test_a_claim_with_several_experiments() -> None:
    assert together(["holds", "holds"]) == "holds"
    assert together(["holds", "tie"]) == "holds"
    assert together(["tie", "tie"]) == "tie"
    assert together(["tie", "fails", "holds"]) == "fails"


def test_the_stricter_rule_asks_that_each_experiment_holds() -> None:
    assert strictly(["holds", "holds"]) == "holds"
    assert strictly(["holds", "tie"]) == "tie"
    assert strictly(["tie", "tie"]) == "tie"
    assert strictly(["tie", "fails", "holds"]) == "fails"


def test_both_rules_are_counted() -> None:
    """Courtesy 0.8 against 0.7 holds; the same setting twice ties; a fact stands on both."""
    holds, ties = made(), replace(made(high={"satisfaction": {"courtesy": 0.7}}), id="y")
    claim = replace(register().claims["C001"], tests=("x", "y"), untestable="")
    fact = Fact("F1", "says", "source", ("x", "y"))
    data = Register({"C001": claim}, {"x": holds, "y": ties}, {}, {"F1": fact}, {})
    found = theory(register=data, engine=Engine(), jobs=1)
    assert found.claims == {"C001": "holds"} and found.claims_strict == {"C001": "tie"}
    told = found.to_json()
    assert told["counts"]["claims"]["holds"] == told["counts"]["patterns"]["holds"] == 1
    assert told["counts_strict"] == {
        "claims": {"holds": 0, "fails": 0, "tie": 1, "untestable": 0},
        "patterns": {"holds": 0, "fails": 0, "tie": 1, "untestable": 0}}
    jsonschema.validate(told, THEORY)


def test_counts_and_json() -> None:
    rows = tuple(Finding(f"e{i}", "experiment", result, 1.0, 0.5, 1.5, 12, ("C001",))
                 for i, result in enumerate(["holds", "holds", "fails", "tie"]))
    rows += (Finding("n", "control", "holds", 0.0, 0.0, 0.0, 12),)
    found = Theory(rows, {"C001": "fails"}, quick=False)
    counts = found.counts()
    assert (counts["holds"], counts["fails"], counts["tie"], counts["untestable"]) == (3, 1, 1, 0)
    assert counts["claims"] == {"holds": 0, "fails": 1, "tie": 0, "untestable": 0}
    assert counts["experiments"]["holds"] == 2 and counts["controls"]["holds"] == 1
    # Four rows, one side of 95%, looked at twice at most (once in the quick form).
    assert counts["expected_false_passes"] == pytest.approx(0.2)
    assert replace(found, quick=True).expected_false_passes == pytest.approx(0.1)
    assert found.to_json()["rows"][0] == {
        "id": "e0", "claims": ["C001"], "result": "holds", "effect": 1.0, "low": 0.5,
        "high": 1.5, "n": 12}


# an engine out of a table: satisfaction is 70 plus what the scenario's courtesy says

class Engine:
    """Satisfaction 100 x courtesy plus luck that all arms of a replication share."""

    def prepare(self, scenario: Any, structure: str, *, heads: int | None = None,
                seed: int | None = None) -> Any:
        return scenario

    def simulate(self, prepared: Any, replication: int, *, seed: int | None = None,
                 journey: int | None = None) -> Any:
        values: dict[str, float | None] = dict.fromkeys(METRICS, 1.0)
        own = 100.0 * prepared.satisfaction.courtesy + prepared.money.pay
        values["satisfaction"] = own + 5.0 * (replication % 3)
        values["abandonment"] = None
        sums = np.zeros(len(prepared.segments), dtype=SEGMENT_TOTALS)
        sums["satisfaction"], sums["closed"] = own / 100.0, 1.0
        return SimpleNamespace(metrics=values, segments=sums, unstable=replication == 0)


def made(expect: Any = "up", **more: Any) -> Experiment:
    return replace(Experiment(
        "x", "?", "office", "satisfaction", {"satisfaction": {"courtesy": 0.8}}, expect, "a test",
        low={"satisfaction": {"courtesy": 0.7}}), **more)


def ran(*experiments: Experiment, control: bool = False) -> Theory:
    shipped = register()
    made = {e.id: e for e in experiments}
    claim = replace(shipped.claims["C001"], tests=() if control else tuple(made), untestable="")
    data = Register({"C001": claim}, {} if control else made, made if control else {}, {}, {})
    return theory(patterns=False, register=data, engine=Engine(), jobs=1)


def test_luck_that_is_shared_cancels() -> None:
    """Courtesy 0.8 against 0.7 is 10 points in every replication."""
    found = ran(made()).findings[0]
    assert (found.effect, found.low, found.high) == pytest.approx((10.0, 10.0, 10.0))
    assert found.result == "holds" and found.n == 12 and found.claims == ("C001",)


def test_a_planted_wrong_sign_fails() -> None:
    found = ran(made(expect="down"))
    assert found.findings[0].result == "fails" and found.claims == {"C001": "fails"}


def test_a_control_that_moves_fails() -> None:
    found = ran(made(expect="same"), control=True)
    assert found.counts()["controls"] == {"holds": 0, "fails": 1, "tie": 0, "untestable": 0}
    still = made(expect="same", high={"satisfaction": {"courtesy": 0.7}, "seed": 2})
    assert ran(still, control=True).findings[0].result == "holds"


def test_a_moderated_effect_is_a_difference_of_differences() -> None:
    """(90 - 70) - (80 - 70): pay adds the same to both arms of each side."""
    e = made(moderator=({}, {"money": {"pay": 30.0}}))
    assert ran(e).findings[0].effect == pytest.approx(0.0)


def test_a_middle_is_held_against_the_mean_of_the_ends() -> None:
    """80 against (70 + 80) / 2."""
    e = made(middle={"satisfaction": {"courtesy": 0.8}})
    assert ran(e).findings[0].effect == pytest.approx(5.0)


def test_relative_effects() -> None:
    """10 of 70 + pay 20 + luck 0, 5, 10."""
    e = made(relative=True, expect=(0.09, 0.12))
    found = ran(e).findings[0]
    assert found.effect == pytest.approx((10 / 90 + 10 / 95 + 10 / 100) / 3)
    assert found.result == "holds"


def test_one_arm_alone_and_a_second_metric_taken_off() -> None:
    """80 + 20 + mean luck 5, minus 1."""
    alone = made(low=None, expect=(104.0, 106.0))
    assert ran(alone).findings[0].effect == pytest.approx(105.0)
    less = made(low=None, minus="fit", expect="up")
    assert ran(less).findings[0].effect == pytest.approx(104.0)


def test_a_segment_alone() -> None:
    assert ran(made(segment="shops")).findings[0].effect == pytest.approx(10.0)


def test_a_metric_without_value_does_not_pass() -> None:
    found = ran(made(metric="abandonment")).findings[0]
    assert found.result == "fails" and found.effect is None and "no value" in found.note


def test_a_run_that_fails_is_a_row() -> None:
    class Broken(Engine):
        def simulate(self, prepared: Any, replication: int, **more: Any) -> Any:
            raise ValueError("out of order")

    e = made()
    data = Register({"C001": replace(register().claims["C001"], tests=("x",), untestable="")},
                    {"x": e}, {}, {}, {})
    found = theory(patterns=False, register=data, engine=Broken(), jobs=2)
    assert found.findings[0].result == "fails" and "out of order" in found.findings[0].note
    assert len(found.failures) == 2


def test_only_some() -> None:
    shipped = register()
    found = theory(patterns=False, only=["C002"], engine=Engine(), jobs=1)
    assert {f.id for f in found.findings} == set(shipped.claims["C002"].tests)
    assert "C002" in found.claims
    with pytest.raises(InputError, match="did you mean C002"):
        theory(only=["C00Z2"])


def test_quick_and_full_differ_in_replications_alone() -> None:
    for quick, n in ((True, 4), (False, 12)):
        found = theory(patterns=False, only=["C002"], quick=quick, engine=Engine(), jobs=1)
        assert found.findings[0].n == n
