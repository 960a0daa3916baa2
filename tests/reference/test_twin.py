"""The engine against its twin: the same draws, the same outcomes, to the last visit.

The twin (`twin.py`) is a separate, slow event loop written from the theory. Sums over the firm,
segments, units and pools are compared at the end of *every* period: counts exactly, hours and
scores within 1e-9 relative. A difference means that one of the two breaks a rule.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.engine import simulation
from sim.engine.simulation import Prepared, Simulation, prepare
from sim.scenario.schema import Scenario
from sim.state import HISTOGRAM_LOW_H, HISTOGRAM_STEP
from sim.structures import allocate, workload
from tests.reference.twin import Twin, play
from tests.reference.twin_worlds import FEATURES, world

pytestmark = pytest.mark.slow  # without the compiler each run takes many seconds

EXACT = {
    "arrivals", "closed", "unresolved", "abandoned", "phone", "within", "first_contact",
    "reopenings", "visits", "handoffs", "passes", "fits", "errors", "caught", "misrouted",
    "cover_visits", "all_visits", "quits", "hires", "moves", "joined", "left", "customer_months",
    "complaint_cases", "complaints", "compliments", "complaints_refused", "complaints_closed",
    "recovered", "chosen_months", "chosen_right", "chosen_left", "chosen_cases", "chosen_closed",
    "launches", "launches_adopted", "tie_months", "expansions",
    "compared", "perceived", "surge_closed", "material", "material_waits",
    "months", "owned", "courtesies", "staff_months", "culture_months", "brought_in",
    "key_visits", "key_most",
    "praise", "warnings", "open", "active", "joins", "handoffs_in", "astray",
    "relocated",
    "by_knowledge", "by_information", "by_fault", "heard", "hints", "bad_hints", "decided",
    "reached", "need_tasks", "refused",
    "follow_ups", "loyal_months", "met", "trust_months", "promises", "promises_kept", "attempts",
    "attempts_failed", "trust_cases", "fees", "exploited", "seen", "asked", "surveys", "steps",
    "steps_reopened", "steps_failed", "met_prospects", "joined_promotion", "joined_agent",
    "joined_referral",
}


def differences(run: Simulation, twin: Twin) -> list[str]:
    """What the twin counts otherwise: the period, the sum, both values."""
    w = run.world
    found = []

    def check(period: int, place: str, name: str, mine: float, other: float) -> None:
        slack = 0.0 if name in EXACT else 1e-9 * max(1.0, abs(mine), abs(other))
        if abs(mine - other) > slack:
            found.append(f"period {period}: {place} {name}: engine {mine!r}, twin {other!r}")

    assert len(twin.snapshots) == len(w.snapshots)
    for i, snap in enumerate(twin.snapshots):
        for name in w.snapshots.dtype.names:
            check(i, "firm", name, float(w.snapshots[name][i]), snap["totals"].get(name, 0.0))
        for place, rows in (("segments", w.segment_snapshots), ("units", w.unit_snapshots),
                            ("pools", w.pool_snapshots)):
            for j in range(rows.shape[1]):
                for name in rows.dtype.names:
                    check(i, f"{place} {j}", name, float(rows[name][i, j]),
                          snap[place][j].get(name, 0.0))
    for d, count in enumerate(w.distances):
        check(-1, f"distance {d}", "handoffs", float(count), float(twin.distances[d]))
    for (a, b), got in np.ndenumerate(w.service):
        for name, value in zip(w.service.dtype.names, twin.service[a, b], strict=True):
            check(-1, f"service {a} to {b}", name, float(got[name]), value)
    for row, customer in enumerate(twin.customers[: run.prepared.scenario.customers.count]):
        record = w.customers[row]
        check(-1, f"customer {row}", "closed", float(record["cases"]), customer.cases)
        check(-1, f"customer {row}", "S", record["satisfaction_sum"], customer.satisfaction_sum)
        check(-1, f"customer {row}", "L", record["loyalty"], customer.loyalty)
        check(-1, f"customer {row}", "E", record["expectation"], customer.expectation)
        check(-1, f"customer {row}", "left", float(~np.isnan(record["left_at"])), customer.left)
    for person in twin.people:
        known = w.knowledge[person.slot]
        here = twin.knows(person)
        left = np.exp(-(twin.now - w.people[person.slot]["known_at"])
                      / twin.s.knowledge.forget_h) if twin.s.knowledge.learning else 1.0
        check(-1, f"post {person.slot}", "M", w.people[person.slot]["morale"], person.morale)
        check(-1, f"post {person.slot}", "O", w.people[person.slot]["orientation"],
              person.orientation)
        for element, k in enumerate(here):
            check(-1, f"post {person.slot}", f"k{element}", float(known[element] * left), k)
    for index, value in np.ndenumerate(w.offering):
        u, p, k = index
        check(-1, f"offering {index}", "o", float(value), twin.change.offering[u][p][k])
    for index, value in np.ndenumerate(w.error_map):
        check(-1, f"error map {index}", "errors", float(value), twin.firm.map[index])
    for (u, f, p), row in np.ndenumerate(w.faults):
        how = twin.firm.knows[f, p].get(u, "")
        check(-1, f"unit {u}, task {f, p}", "answer", float(row["knows"]),
              ("", "own", "read", "told").index(how))
        check(-1, f"unit {u}, task {f, p}", "fault", float(row["open"]),
              (u, (f, p)) in twin.firm.faults)
    return found


def both(prepared: Prepared, replication: int) -> tuple[Simulation, Twin]:
    """The engine's run and the twin's."""
    run = Simulation(prepared, replication)
    run.run_to(run.end_h)
    twin = play(prepared, replication, snapshot_times=[float(t) for t in run.snapshot_times],
                warm_up_h=run.warm_up_h)
    return run, twin


@pytest.mark.parametrize(
    ("feature", "structure"),
    [(feature, name) for feature, (_, names) in FEATURES.items() for name in names],
)
def test_engine_and_twin_agree(feature: str, structure: str) -> None:
    run, twin = both(prepare(world(feature), structure), 0)
    assert twin.totals["closed"] > 100
    assert differences(run, twin) == []


def test_features_happen() -> None:
    """The worlds above do meet what they are there for."""
    def totals(feature: str, structure: str) -> Any:
        run = Simulation(prepare(world(feature), structure), 0)
        run.run_to(run.end_h)
        return run.world.totals[0]

    assert totals("telephone", "customer")["abandoned"] > 20
    assert totals("many errors", "functional")["unresolved"] > 0
    assert totals("many errors", "functional")["caught"] > 50
    staff = totals("restless staff", "front-back")
    assert min(staff["quits"], staff["hires"], staff["moves"]) > 5
    market = totals("gossip", "product")
    assert min(market["joined"], market["left"], market["warnings"]) > 5
    assert totals("free cover", "customer")["cover_visits"] > 100
    change = totals("to segments and back, on the telephone", "functional")
    assert min(change["astray"], change["relocated"], change["abandoned"]) > 10


def test_response_histogram_holds_the_twins_responses() -> None:
    run, twin = both(prepare(world("as it is"), "functional"), 1)
    bins = [0 if r < HISTOGRAM_LOW_H else 1 + int(np.log(r / HISTOGRAM_LOW_H) / HISTOGRAM_STEP)
            for r in twin.responses]
    assert np.array_equal(run.world.histogram,
                          np.bincount(bins, minlength=len(run.world.histogram)))


def test_pilot_rounds_by_the_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """R4, R41, R45: three rounds of 1000 h, each staffed from the offered work of the last."""
    scenario: Scenario = world("many errors")
    monkeypatch.setattr(simulation, "PILOT_HOURS", 300.0)  # the same rule, a shorter pilot
    prepared = prepare(scenario, "pairs")
    layout = prepared.layout
    nominal = workload(scenario, layout)
    heads = allocate(nominal.pool_work_h, scenario.staff.heads)
    start: Any = simulation.Start(heads=heads)
    for _ in range(3):
        twin = play(
            Prepared(scenario, "pairs", prepared.seed, layout, nominal, start,
                     nominal.pool_work_h),
            2**31, snapshot_times=[300.0, 300.0], warm_up_h=300.0, rebalance=False)
        work = np.array([twin.measured_work(pool, -1.0) for pool in twin.pools])
        cases = [x["closed"] + x["abandoned"] for x in twin.by_segment]
        start = simulation.Start(
            heads=allocate(work, scenario.staff.heads),
            quality=np.array([x["quality"] / n
                              for x, n in zip(twin.by_segment, cases, strict=True)]),
            loyalty=np.array([x["satisfaction"] / n
                              for x, n in zip(twin.by_segment, cases, strict=True)]))
    assert np.array_equal(start.heads, prepared.start.heads)
    assert not np.array_equal(start.heads, heads)
    np.testing.assert_allclose(work / 300.0, prepared.offered_h, rtol=1e-9)
    np.testing.assert_allclose(start.quality, prepared.start.quality, rtol=1e-9)
    np.testing.assert_allclose(start.loyalty, prepared.start.loyalty, rtol=1e-9)


SILENT = {
    # Switches and numbers that only say how the run is watched or stored.
    "journey_customer", "case_log", "mouth_rows",
    # Which row is which customer: wrong here, the arrays no longer fit together.
    "n_start", "start_key", "base_key", "mouth_key",
    # How many kinds of cases there are, and whether customers have profiles: likewise.
    "case_kinds", "relations", "regard", "trust",
    "acquisition",
    # How many lines a queue has: likewise.
    "local_priority",
    # Whether anybody asks at all: alone it changes nothing.
    "staff", "reorganises",
    # Set by a change of structure: see the test below.
    *(set_by_a_change := ("drag", "drag_h", "changed_at", "astray", "astray_h",
                          "astray_distance")),
}


WITH_ROOM = {"faults", "sensing", "refuses"}
"""Switches of mechanisms whose arrays are empty while off: tried only where they are on."""


def test_every_parameter_of_the_engine_is_seen_by_some_world() -> None:
    """Changed in the engine alone, each parameter makes engine and twin disagree.

    So none of the agreements above is blind to it.
    """
    worlds = [("gossip", "product"), ("as it is", "customer"), ("many errors", "functional"),
              ("restless staff", "customer"), ("familiar teams", "functional"),
              ("small market", "functional"), ("turnover", "customer"),
              ("needs in motion", "customer"), ("variants", "customer"),
              ("complaints", "customer"), ("best customers", "functional"),
              ("all that is remembered", "customer"), ("culture", "customer"),
              ("rewards", "functional"),
              ("pressure", "functional"), ("moods", "customer"),
              ("restless moods", "product"),
              ("bringing in", "functional"),
              ("faults and signals", "customer"), ("answers spread", "crossed"),
              ("some turned away", "customer"),
              ("approvals", "functional"), ("second bosses", "matrix"), ("liaisons", "joined"),
              ("travel", "functional"), ("competition", "customer"), ("surge", "customer"),
              ("stock", "customer"),
              ("stages", "customer"),
              ("trust", "functional"), ("channels", "customer"), ("growth", "functional"),
              ("launches without a target", "functional")]
    prepared = [prepare(world(feature), name) for feature, name in worlds]
    twins = []
    for item in prepared:
        run, twin = both(item, 0)
        assert differences(run, twin) == []
        twins.append(twin)
    names = [n for n in Simulation(prepared[0], 0).world.par.dtype.names if n not in SILENT]
    unseen = []
    for name in names:
        for item, twin in zip(prepared, twins, strict=True):
            run = Simulation(item, 0)
            value = run.world.par[0][name]
            if name in WITH_ROOM and not value:
                continue
            if np.issubdtype(run.world.par.dtype[name], np.floating):
                run.world.par[0][name] = 0.9 * value if value else 0.05
            else:
                run.world.par[0][name] = value + 1 if value in (0, 2, 3) else value - 1
            run.run_to(run.end_h)
            if differences(run, twin):
                break
        else:
            unseen.append(name)
    assert unseen == []


def test_every_parameter_of_a_change_is_seen() -> None:
    """Changed in the engine right after the change of structure, each makes a difference."""
    prepared = prepare(world("half the budget"), "functional")
    run, twin = both(prepared, 0)
    assert differences(run, twin) == []
    for name in set_by_a_change:
        run = Simulation(prepared, 0)
        run.run_to(run.warm_up_h + prepared.changes[0].at_h)
        value = run.world.par[0][name]
        assert value > 0
        run.world.par[0][name] = 0.9 * value if name != "astray_distance" else value + 1
        run.run_to(run.end_h)
        assert differences(run, twin) != [], name
