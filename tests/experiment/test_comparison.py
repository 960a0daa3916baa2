"""The whole question, with a simulator whose answers are known."""

import json

import numpy as np
import pytest
from fake import FakeEngine, world
from jsonschema import Draft202012Validator

from sim.errors import InputError
from sim.experiment.answer import plain
from sim.experiment.compare import compare
from sim.experiment.schemas import COMPARISON, RUN, VERIFY
from sim.experiment.verdict import Call
from sim.metrics.registry import METRICS, VERDICT_METRICS

THREE = ["functional", "product", "customer"]
EFFECTS = {
    "customer": {"satisfaction": 6.0, "cost_total": 50_000.0, "response_mean_h": -3.0},
    "product": {"satisfaction": 0.0, "cost_total": 0.0, "response_mean_h": -3.0},
}


def compared(structures=THREE, engine=None, scenario=None, **options):
    options = {"replications": 12, "seed": 3, "jobs": 1} | options
    return compare(scenario or world(), structures, engine=engine or FakeEngine(EFFECTS),
                   **options)


def valid(answer, schema=COMPARISON):
    """The JSON as a reader gets it: no NaN anywhere, of the published shape."""
    text = json.dumps(answer, allow_nan=False)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(text))
    return json.loads(text)


def test_known_effects_are_found_and_called():
    found = compared()
    sat = found.findings["satisfaction"]
    assert sat.best == "customer" and sat.call("customer", "functional") is Call.BETTER
    assert found.differences["satisfaction"]["functional - customer"].mean == pytest.approx(
        -6.0, abs=1.0)
    assert found.findings["cost_total"].call("customer", "product") is Call.WORSE
    assert found.structures == ("functional", "product", "customer")
    assert set(found.metrics) == set(METRICS)
    assert {i.n for i in found.metrics["satisfaction"].values()} == {12}
    assert found.verdict.winner is None and found.verdict.scores is None
    text = str(found.verdict)
    assert "customer is best on satisfaction" in text
    assert "under customer instead of functional" in text


def test_differences_of_pairs_are_paired_and_simultaneous():
    """Common noise is ten times the own noise: paired intervals are far narrower than those of
    the means, and about as wide as theory says: t(1 - 0.05/2/12, 11) sqrt(2) own / sqrt(12)."""
    found = compared()
    own = 0.01 * 70.0
    expected = 3.78 * np.sqrt(2) * own / np.sqrt(12)
    widths = [d.half_width for d in found.differences["satisfaction"].values()]
    assert found.verdict.family == 3 * 4
    assert np.mean(widths) == pytest.approx(expected, rel=0.5)
    assert max(widths) < 0.5 * found.metrics["satisfaction"]["product"].half_width


def test_json_has_the_shape_of_the_issue_and_validates():
    answer = valid(compared(weights={"satisfaction": 1.0}).to_json())
    assert list(answer) == ["scenario", "seed", "replications", "structures", "metrics",
                            "differences", "better_off", "unstable", "infeasible", "verdict"]
    assert answer["metrics"]["abandonment"]["product"] == {
        "mean": None, "low": None, "high": None, "n": 0}
    assert set(answer["metrics"]["fit"]["product"]) == {"mean", "low", "high", "n"}
    assert set(answer["differences"]["fit"]) == {
        "functional - product", "functional - customer", "product - customer"}
    assert set(answer["differences"]["fit"]["functional - product"]) == {"mean", "low", "high"}
    assert answer["verdict"]["winner"] == "customer"
    for shares in answer["better_off"]["pairs"].values():
        assert shares["better"] + shares["worse"] + shares["unchanged"] == pytest.approx(1.0)


@pytest.mark.parametrize("options", [
    {"jobs": 2}, {"jobs": 3}, {"structures": [*THREE, "front-back-like"]},
    {"replications": 20},
])
def test_numbers_do_not_depend_on_threads_structures_or_further_replications(options):
    own = {"front-back-like": {"group": {"sell": "segment", "serve": "function"}}}
    scenario = world(structures=own)
    base = compared(scenario=scenario)
    other = compared(scenario=scenario, **options)
    if "jobs" in options:
        assert json.dumps(base.to_json()) == json.dumps(other.to_json())
    for first, second in zip(
        sorted((r.structure, r.replication, r.metrics["satisfaction"]) for r in base.results),
        sorted((r.structure, r.replication, r.metrics["satisfaction"]) for r in other.results
               if r.structure in THREE and r.replication < 12), strict=True,
    ):
        assert first == second


def test_repeating_a_comparison_repeats_every_byte():
    engine = FakeEngine(EFFECTS)
    texts = {json.dumps(compared(engine=engine).to_json()) for _ in range(3)}
    assert len(texts) == 1


def test_precision_adds_replications_until_every_pair_is_known():
    found = compared(replications=None, precision={"satisfaction": "0.6"})
    widths = [d.half_width for d in found.differences["satisfaction"].values()]
    assert max(widths) <= 0.6
    assert 10 < found.replications < 200
    assert "as precisely as asked" in found.verdict.stopped
    assert found.verdict.stopped == found.verdict.text[-1]
    for runs in THREE:
        assert sum(r.structure == runs for r in found.results) == found.replications


def test_precision_in_percent_and_of_several_metrics():
    found = compared(replications=None,
                     precision={"satisfaction": "1%", "cost_total": "2%", "fit": "5%"})
    for id, share in (("satisfaction", 0.01), ("cost_total", 0.02), ("fit", 0.05)):
        for pair, d in found.differences[id].items():
            level = np.mean([abs(found.metrics[id][s].mean) for s in pair.split(" - ")])
            assert d.half_width <= share * level


def test_precision_ends_at_the_maximum_and_says_so():
    found = compared(replications=None, precision={"satisfaction": "0.001"}, max_replications=15)
    assert found.replications == 15
    assert "ended at 15 replications by --max-replications 15" in found.verdict.stopped
    assert "wanted 0.0 points" in found.verdict.stopped


def test_precision_of_a_metric_without_values_ends_at_once():
    found = compared(replications=None, precision={"abandonment": "1%"})
    assert found.replications == 10 and "no interval" in found.verdict.stopped


def test_infeasible_structures_are_listed_and_the_rest_compared():
    scenario = world(staff={"heads": 12, "span": 4})
    found = compared(["functional", "regional", "product"], scenario=scenario)
    assert found.structures == ("functional", "product")
    assert set(found.infeasible) == {"regional"} and found.infeasible["regional"]
    assert any(line.startswith("regional is infeasible") for line in found.verdict.text)
    valid(found.to_json())
    with pytest.raises(InputError, match="region"):
        compared(["regional"], scenario=scenario)


def test_failures_are_rows_and_the_pairs_go_without_them():
    engine = FakeEngine(EFFECTS, broken={("product", 3): MemoryError("no room"),
                                         ("product", 4): ValueError("odd")})
    found = compared(engine=engine)
    assert [(f.structure, f.replication, f.type) for f in found.failures] == [
        ("product", 3, "MemoryError"), ("product", 4, "ValueError")]
    assert found.metrics["satisfaction"]["product"].n == 10
    assert found.metrics["satisfaction"]["functional"].n == 12
    assert found.differences["satisfaction"]["functional - product"].n == 10
    assert "2 of 36 runs failed" in found.verdict.text[-1]
    assert len(found.results) == len(found.run_seconds) == 36
    valid(found.to_json())


def test_a_structure_that_cannot_even_be_prepared_is_a_failure_too():
    found = compared(engine=FakeEngine(broken={("product", -1): RuntimeError("pilot")}))
    assert found.structures == ("functional", "customer")
    assert found.failures[0].stage == "prepare"
    valid(found.to_json())
    nothing = compared(["product"], FakeEngine(broken={("product", -1): RuntimeError("pilot")}))
    assert nothing.structures == () and "nothing could be run" in str(nothing.verdict)
    valid(nothing.to_json())


def test_unstable_structures_are_named_beside_every_number():
    found = compared(engine=FakeEngine(EFFECTS, growth={"customer": 8.0}))
    assert found.unstable == ("customer",)
    touched = [line for line in found.verdict.text if "customer" in line.replace("customers", "")]
    assert touched and all("unstable" in line for line in touched)
    table = found.table
    assert set(table[table.unstable].structure) == {"customer"}
    assert valid(found.to_json())["unstable"] == ["customer"]


def test_all_faults_of_the_options_at_once():
    with pytest.raises(InputError) as caught:
        compared(["functionl", "product"], replications=0, precision={"satisfacton": "1"},
                 weights={"loyality": 1}, equalise="headcout", heads=0, margins={"fit": "x"},
                 metrics=["utilisation"], max_replications=0, budget=5.0)
    text = str(caught.value)
    for hint in ("functional", "satisfaction", "loyalty", "headcount"):
        assert f"did you mean {hint}?" in text
    assert len(caught.value.faults) >= 9


@pytest.mark.parametrize("options", [{"jobs": 0}, {"seed": -1}, {"years": 0.0}, {"years": -2.0},
                                     {"better_off_points": -1.0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(InputError):
        compared(**options)


def test_years_change_the_measured_time():
    found = compared(years=2.0)
    assert found.scenario.time.horizon == 4160.0
    assert found.scenario.time.warm_up == world().time.warm_up
    assert found.results[0].window_h == 4160.0


def test_margins_metrics_and_the_scenarios_objective():
    found = compared(margins={"satisfaction": "20"}, metrics=["satisfaction", "cost_total"])
    assert found.findings["satisfaction"].call("customer", "functional") is Call.EQUAL
    assert found.verdict.metrics == ("satisfaction", "cost_total")
    assert found.verdict.family == 3 * 2
    weighted = compared(scenario=world(objective={"weights": {"response_mean_h": 2.0}}))
    assert weighted.verdict.scores.weights == {"response_mean_h": 2.0}
    assert weighted.verdict.winner is None  # product and customer are equally fast
    assert "response_mean_h 2 " in str(weighted.verdict)


def test_one_replication_has_means_but_no_intervals():
    found = compared(replications=1)
    assert found.metrics["satisfaction"]["product"].low is None
    assert found.findings["satisfaction"].call("customer", "product") is Call.CLOSE
    valid(found.to_json())


def test_one_structure_alone():
    found = compared(["product"])
    assert found.differences["satisfaction"] == {}
    assert "nothing to choose" in str(found.verdict)
    valid(found.to_json())


def test_tables_are_ranked_and_complete():
    found = compared()
    table = found.table
    sat = table[table.metric == "satisfaction"]
    assert list(sat["rank"]) == [1, 2, 3] and sat.structure.iloc[0] == "customer"
    assert np.isnan(sat.to_best.iloc[0]) and sat.to_best.iloc[1] < 0
    assert sat.call.iloc[1] == "worse"
    assert len(table) == 3 * len(METRICS)
    assert len(found.differences_table) == 3 * len(METRICS)
    assert set(found.people_table.segment) == {"", "mass", "firms"}
    assert len(found.segments_table) == 6
    assert list(found.staffing_table.heads) == [12, 12, 12]
    assert sum(part for _, part in found.staffing["product"].pools.values()) == pytest.approx(12.0)


def test_progress_is_told_and_ends_at_the_plan():
    told = []
    compared(progress=lambda done, planned, what: told.append((done, planned, what)))
    assert told[-1][0] == told[-1][1] == 3 + 36
    assert [d for d, _, _ in told] == list(range(1, 40))


def test_an_interruption_gives_what_was_finished():
    def stop(done, planned, what):
        if done == 3 + 10:
            raise KeyboardInterrupt

    found = compared(progress=stop)
    assert found.interrupted and len(found.results) == 10
    assert found.metrics["satisfaction"]["functional"].n == 4
    assert "interrupted" in found.verdict.stopped
    valid(found.to_json())

    def stop_early(done, planned, what):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compared(progress=stop_early)


def test_replications_are_run_in_complete_sets():
    engine = FakeEngine(EFFECTS)
    compared(engine=engine)
    assert [r for _, _, r in engine.calls] == [r for r in range(12) for _ in THREE]


def test_the_schemas_refuse_what_is_not_promised():
    answer = compared().to_json()
    broken = Draft202012Validator(COMPARISON)
    assert not broken.is_valid(answer | {"extra": 1})
    assert not broken.is_valid({k: v for k, v in answer.items() if k != "unstable"})
    assert not broken.is_valid(answer | {"metrics": {"satisfacton": {}}})
    for schema in (RUN, VERIFY):
        Draft202012Validator.check_schema(schema)
    row = {"id": "mm1", "theory": 1.0, "simulated": 1.01, "low": 0.9, "high": 1.1, "pass": True}
    assert Draft202012Validator(VERIFY).is_valid([row])
    assert not Draft202012Validator(VERIFY).is_valid([row | {"pass": "yes"}])


def test_plain_data_has_no_nan_and_no_numpy():
    data = plain({"a": np.float64("nan"), "b": [np.inf, np.int64(3), True], "c": (None, "x", 0.5)})
    assert data == {"a": None, "b": [None, 3, True], "c": [None, "x", 0.5]}
    assert json.dumps(data, allow_nan=False)


def test_default_verdict_metrics():
    assert compared().verdict.metrics == VERDICT_METRICS


def test_one_structure_may_be_named_without_a_list() -> None:
    from sim.experiment.request import check_structures

    assert check_structures(world(), "customer") == (("customer",), [])
