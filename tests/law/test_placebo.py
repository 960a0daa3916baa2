"""P02(b): the same map applied again, without drag, changes not one bit.

By construction nobody moves and nothing goes astray: every pool does what it did before.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.engine.simulation import Change, prepare, simulate
from tests.law.outcome import firm, outcome

pytestmark = pytest.mark.slow  # without the compiler each run takes many seconds

NO_DRAG = {"drag": 0.0, "misrouting": 1.0, "firm_age": 50.0}


@pytest.mark.parametrize("structure", ["functional", "mixed"])
def test_a_placebo_changes_nothing(structure: str) -> None:
    prepared = prepare(firm(reorganisation=NO_DRAG), structure)
    placebo = replace(prepared, changes=(Change(123.4, prepared), Change(200.0, prepared)))
    plain = simulate(prepared, 0, case_log=True)
    changed = simulate(placebo, 0, case_log=True)
    # `heads` are those of the start, or of the end after a change: re-balance lies between.
    assert outcome(changed) == outcome(plain) | {"heads": outcome(changed)["heads"]}
    assert [stage.until_h for stage in changed.past] == [123.4, 200.0]
    assert changed.totals["relocated"] == changed.totals["astray"] == 0


def test_the_control_with_drag_changes_a_lot() -> None:
    prepared = prepare(firm(reorganisation=NO_DRAG | {"drag": 0.3}), "functional")
    changed = simulate(replace(prepared, changes=(Change(50.0, prepared),)), 0)
    assert changed.metrics["response_mean_h"] > simulate(prepared, 0).metrics["response_mean_h"]


def test_a_plan_for_another_structure_leaves_a_run_of_that_structure_alone() -> None:
    """Who has the structure already does not reorganise."""
    same = firm(reorganisation={"to": "functional", "at": "50 h"})
    assert prepare(same, "functional").changes == ()
    assert prepare(same, "mixed").changes[0].to.structure == "functional"
