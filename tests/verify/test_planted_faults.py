"""Every row of `orgsim verify` passes, and every row fails when its scenario is quietly wrong.

The fault is planted in the scenario; theory keeps the right numbers. A row for which no fault
stands here has never been seen to fail, and the first test says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sim.errors import InputError
from sim.experiment.verify import Experiment, Quantity, Row, catalogue, verify
from sim.experiment.verify.bare import merged

simulates = pytest.mark.slow  # without the compiler each row takes minutes

LONGER = {"functions": {"work": {"work_h": 0.55}}}


def staffed(structure: str = "functional", **heads: int) -> dict[str, Any]:
    """Other heads than theory counts with."""
    return {"staff": {"heads": sum(heads.values()), "pools": {structure: heads}}}


def rate(experiment: Experiment, factor: float) -> dict[str, Any]:
    """Another rate of cases than theory counts with."""
    assert not isinstance(experiment.scenario, str)
    cases = experiment.scenario["customers"]["cases_per_month"]
    return {"customers": {"cases_per_month": cases * factor}}


FAULTS: dict[str, Any] = {
    "mm1-50-wait": LONGER,
    "mm1-50-p90": LONGER,
    "mm1-80-wait": lambda e: rate(e, 1.08),
    "mm1-80-p90": lambda e: rate(e, 1.08),
    "mm2-70-wait": staffed(work=3),
    "mm3-60-wait": staffed(work=2),
    "mm5-80-wait": lambda e: rate(e, 0.92),
    "mm10-80-wait": staffed(work=11),
    "mm8-80-delayed": staffed(work=9),
    "md1-80-wait": {"work": {"distribution": "exponential"}},
    "mg1-60-wait": {"functions": {"work": {"spread": 1.0}}},
    "mg1-two-kinds-wait": {"case_types": {"short": {"work_h": {"work": 0.5}},
                                          "long": {"work_h": {"work": 0.5}}}},
    "mm10m-100-lost": {"case_types": {"call": {"patience_h": 1.0}}},
    "mm10m-100-wait": {"case_types": {"call": {"patience_h": 1.0}}},
    "mm6m-130-lost": staffed(work=7),
    "mm6m-130-wait": {"case_types": {"call": {"patience_h": 0.24}}},
    "priority-mg1-first": {"case_types": {"later": {"priority": 2}}},
    "priority-mg1-later": {"case_types": {"later": {"priority": 1}}},
    "priority-mm4-first": {"segments": {"preferred": {"priority": 0}}},
    "priority-mm4-later": {"segments": {"ordinary": {"priority": 1}}},
    "tandem-first": {"functions": {"first": {"work_h": 0.36}}},
    "tandem-second": {"functions": {"second": {"spread": 0.0}},
                      "work": {"distribution": "lognormal"}},
    "tandem-response": {"handoffs": {"latency_h": 0.1}},
    "network-a": {"case_types": {"short": {"weight": 0.3}}},
    "network-b": staffed(a=1, b=3, c=4),
    "network-c": staffed(a=1, b=2, c=5),
    "network-response": {"handoffs": {"read_in_h": 0.02}},
    "p01-1-wait": staffed(work=25),
    "p01-2-wait": {"cover": {"pooling": "single"}},
    "p01-4-wait": staffed("regional", r0=7, r1=5, r2=6, r3=6),
    "p01-8-wait": {"work": {"distribution": "deterministic"}},
    "knowledge-function": {"knowledge": {"learn_h": 300.0}},
    "knowledge-product": {"products": {"p": {"weight": 2.0}}},
    "forgetting-path": {"knowledge": {"forget_h": 1500.0}},
    "beginners-touch": {"knowledge": {"at_hire": 0.5}},
    "hand-off-delay": {"staff": {"span": 12}},
    "first-contact": {"mistakes": {"base": 0.33}},
    "contacts": {"mistakes": {"max_reopenings": 1}},
    "little-retail_bank": {"customers.count": 13_000},
    "little-b2b_software": {"customers.count": 460},
    "little-family_firm": {"customers.count": 280},
}

ROWS = [(experiment, quantity) for experiment in catalogue()
        for quantity in experiment.quantities]


def test_at_least_twenty_rows_each_with_its_own_name_and_fault() -> None:
    ids = [quantity.id for _, quantity in ROWS]
    assert len(ids) >= 20
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(FAULTS)


@simulates
@pytest.mark.parametrize(("experiment", "quantity"), ROWS, ids=[q.id for _, q in ROWS])
def test_a_planted_fault_is_found(experiment: Experiment, quantity: Quantity) -> None:
    fault = FAULTS[quantity.id]
    if isinstance(experiment.scenario, str):
        wrong = replace(experiment, changes={**experiment.changes, **fault})
    else:
        change = fault(experiment) if callable(fault) else fault
        wrong = replace(experiment, scenario=merged(experiment.scenario, change))
    [row] = verify(experiments=[replace(wrong, quantities=(quantity,), replications=8, most=40)])
    assert not row.passed
    assert row.simulated is not None, row.note
    assert row.low is not None and row.high is not None
    assert not row.low <= row.theory <= row.high, f"{row.id}: the fault was not seen"


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return verify(jobs=2)


@simulates
def test_every_row_passes(rows: list[Row]) -> None:
    """Theory lies in the 99.9% interval, whose half-width is at most 5% of theory."""
    assert [row for row in rows if not row.passed] == []
    for row in rows:
        assert row.low is not None and row.high is not None
        assert row.low <= row.theory <= row.high
        assert row.high - row.low <= 0.1 * abs(row.theory)


@simulates
def test_threads_change_no_row(rows: list[Row]) -> None:
    again = verify(jobs=1, only=["mm1-50", "first-contact"])
    assert again == [row for row in rows if row.id.startswith(("mm1-50", "first-contact"))]


@simulates
def test_another_seed_is_another_luck() -> None:
    first, second = (verify(seed=seed, only=["mm3-60"])[0] for seed in (1, 2))
    assert first.simulated != second.simulated
    assert first.passed and second.passed


@simulates
def test_an_imprecise_row_does_not_pass() -> None:
    """Few, short replications: theory may well lie inside, but the interval says nothing."""
    experiment = next(e for e in catalogue() if e.name == "mm1-80")
    short = merged(dict(experiment.scenario), {"time": {"horizon": "500 h", "period": "500 h"}})
    [row, _] = verify(experiments=[replace(experiment, scenario=short, replications=3, most=6)])
    assert not row.passed
    assert "wider" in row.note
    assert row.replications == 6


@simulates
def test_a_run_that_fails_is_a_row_that_fails() -> None:
    def broken(_: object) -> float:
        raise ZeroDivisionError("nothing there")

    experiment = next(e for e in catalogue() if e.name == "mistakes")
    quantity = replace(experiment.quantities[0], measure=broken)
    [row] = verify(experiments=[replace(experiment, quantities=(quantity,), replications=2)])
    assert not row.passed
    assert row.simulated is None and row.low is None and row.high is None
    assert "nothing there" in row.note


def test_a_misspelt_row_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="mm1-80-wait"):
        verify(only=["mm1-80-wiat"])


@simulates
def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    verify(only=["mm1-50"], progress=lambda done, planned, _: told.append((done, planned)))
    assert told[-1][0] == told[-1][1] == len(told)
