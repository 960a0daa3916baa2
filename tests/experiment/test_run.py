"""One structure alone."""

import json

import pytest
from fake import FakeEngine, world
from jsonschema import Draft202012Validator

from sim.errors import InfeasibleStructure, InputError
from sim.experiment.run import run
from sim.experiment.schemas import RUN


def ran(structure="functional", engine=None, **options):
    return run(world(), structure, replications=6, seed=2, jobs=1, engine=engine or FakeEngine(),
               **options)


def valid(answer):
    Draft202012Validator(RUN).validate(json.loads(json.dumps(answer, allow_nan=False)))


def test_means_intervals_and_tables():
    found = ran()
    interval = found.metrics["satisfaction"]
    assert interval.low < interval.mean < interval.high and interval.n == 6
    assert found.metrics["abandonment"].mean is None
    assert found.segments["firms"]["satisfaction"].mean == pytest.approx(60.0)
    assert len(found.table) == len(found.metrics)
    assert set(found.segments_table.segment) == {"mass", "firms"}
    assert list(found.departments_table.department) == list(found.results[0].layout.units)
    assert not found.unstable and found.text == ()
    valid(found.to_json())


def test_an_unstable_run_and_a_failed_one_say_so():
    found = ran(engine=FakeEngine(growth={"functional": 9.0},
                                  broken={("functional", 1): ValueError("odd")}))
    assert found.unstable and len(found.failures) == 1
    assert any("is unstable" in line for line in found.text)
    assert any("1 of 6 runs failed" in line for line in found.text)
    valid(found.to_json())
    nothing = ran(engine=FakeEngine(broken={("functional", r): ValueError("odd")
                                            for r in range(6)}))
    assert nothing.metrics["fit"].n == 0 and nothing.growth is None
    valid(nothing.to_json())


def test_what_cannot_be_run_is_refused():
    with pytest.raises(InfeasibleStructure):
        ran("regional")
    with pytest.raises(InputError, match="did you mean functional"):
        ran("functionl")
    with pytest.raises(InputError):
        ran(heads=0)


def test_an_interruption_keeps_finished_runs():
    def stop(done, planned, what):
        if done == 4:
            raise KeyboardInterrupt

    found = ran(progress=stop)
    assert found.interrupted and found.metrics["fit"].n == 3
    valid(found.to_json())
