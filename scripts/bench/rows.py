"""The rows of the table: which programs do which work, and the ratio that is asked for.

Owns: rows, targets, sizes. Never does: print. A group's programs run one after another inside a
round, so that a busy spell of the machine hits all of them; ratios are taken inside a round.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from bench import compiled, engine, process, works

Values = dict[str, float]


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    id: str
    what: str
    target: float | None = None
    at_least: bool = False
    """The target is a floor (faster than), not a ceiling."""
    digits: int = 2


@dataclass(frozen=True)
class Group:
    """Lines that are measured together."""

    id: str
    lines: tuple[Line, ...]
    measure: Callable[[int, bool], Values]
    """(round, quick) -> value by line id."""
    once: bool = False
    """Costly or without chance: one round is enough."""


def per(result: dict[str, Any], what: str = "visits") -> float:
    """CPU seconds per visit (or case)."""
    return float(result["cpu"] / result[what])


def close(name: str, a: float, b: float, tolerance: float) -> None:
    """Programs that are compared have to have done the same work."""
    if abs(a - b) > tolerance * max(abs(a), abs(b)):
        raise RuntimeError(f"{name}: {a:g} against {b:g}: not the same work")


# --- against C -----------------------------------------------------------------------------


def twin(turn: int, quick: bool) -> Values:
    """Work C with all features against the same program in C, event by event."""
    ready = engine.prepared(works.memory(10_000, 6 if quick else 24, features=True))
    before = engine.Simulation(ready, turn, case_log=True)
    c = compiled.twin(before.world, before.end_h, before.seed, turn)
    ours = engine.timed(ready, turn, case_log=True)
    totals = ours["run"].world.totals[0]
    counts = {"arrivals": "arrivals", "closed": "closed", "abandoned": "abandoned",
              "visits": "all_visits", "left": "left"}
    for theirs, name in counts.items():
        if c[theirs] != totals[name]:
            raise RuntimeError(f"{name}: {totals[name]:.0f} here, {c[theirs]} in C")
    close("satisfaction", c["satisfaction"], float(totals["satisfaction"]), 1e-9)
    return {"twin": ours["cpu"] / c["cpu"], "twin-ns": 1e9 * per(ours, "cases"),
            "twin-c-ns": 1e9 * per(c, "cases")}


def memory(turn: int, quick: bool) -> Values:
    """Work C against C with a binary heap, small and large."""
    values = {}
    for name, customers, months in (("10k", 10_000, 6 if quick else 24),
                                    ("1m", 1_000_000, 0.5 if quick else 1.0)):
        ready = engine.prepared(works.memory(customers, months))
        c = compiled.memory(customers, months, turn)
        ours = engine.timed(ready, turn)
        del ours["run"]
        gc.collect()
        values[f"memory-{name}"] = per(ours) / per(c)
        values[f"memory-{name}-ns"] = 1e9 * per(ours)
    return values


def network(turn: int, quick: bool) -> Values:
    """Work B against C with a binary heap."""
    cases = 100_000 if quick else 400_000
    ready = engine.prepared(works.network(cases))
    c = compiled.network(cases, turn)
    ours = engine.timed(ready, turn)
    close("mean wait of work B", c["wait"], ours["wait"], 0.3)
    return {"network": per(ours) / per(c), "network-ns": 1e9 * per(ours)}


# --- against other simulators --------------------------------------------------------------


def peers(turn: int, quick: bool) -> Values:
    """Works B and C in what a user would otherwise take."""
    from bench import peers_mesa

    cases, months = (3000, 0.3) if quick else (10_000, 1.0)
    ours_b = engine.timed(engine.prepared(works.network(100_000)), turn)
    ours_c = engine.timed(engine.prepared(works.memory(10_000, 6)), turn)
    values = {}
    programs: dict[str, Any] = {"mesa": peers_mesa}
    if find_spec("simpy"):
        from bench import peers_simpy

        programs["simpy"] = peers_simpy
    if find_spec("ciw"):
        from bench import peers_ciw

        programs["ciw"] = peers_ciw
    for name, program in programs.items():
        theirs = program.network(cases, turn)
        close(f"mean wait of work B in {name}", theirs["wait"], ours_b["wait"], 0.5)
        values[f"{name}-b"] = per(theirs) / per(ours_b)
        theirs = program.memory(10_000, months, turn)
        values[f"{name}-c"] = per(theirs) / per(ours_c)
    daily = peers_mesa.memory_by_day(10_000, months, turn)
    values["mesa-days"] = per(daily) / per(ours_c)
    return values


# --- the full model and how cost grows -----------------------------------------------------

FIRMS = {"retail_bank": "functional", "b2b_software": "product", "family_firm": "functional"}


def modules(turn: int, quick: bool) -> Values:
    """The bank with every mechanism on against the same bank as shipped, per visit."""
    repeats = 2 if quick else 6
    plain = engine.prepared("retail_bank", "functional")
    loaded = engine.prepared("retail_bank", "functional", **works.everything("retail_bank"))
    cost = []
    for ready in (plain, loaded):
        runs = [engine.timed(ready, repeats * turn + i) for i in range(repeats)]
        cost.append(sum(run["cpu"] for run in runs) / sum(run["visits"] for run in runs))
    return {"modules": cost[1] / cost[0], "modules-ns": 1e9 * cost[1]}


def full(turn: int, quick: bool) -> Values:
    """Shipped firms with every mechanism on: a year of warm-up, a year measured, several times."""
    values = {}
    for name, structure in FIRMS.items():
        ready = engine.prepared(name, structure)
        repeats = (2 if quick else 8) * (1 if name == "retail_bank" else 10)
        runs = [engine.timed(ready, repeats * turn + i) for i in range(repeats)]
        cpu, whole, cases, visits = (sum(run[key] for run in runs)
                                     for key in ("cpu", "whole", "cases", "visits"))
        values[f"full-{name}"] = cases / cpu / 1e6
        values[f"full-{name}-ns"] = 1e9 * cpu / visits
        values[f"full-{name}-run"] = whole / repeats
    return values


def growth(turn: int, quick: bool) -> Values:
    """Work C and the bank, ten times as large in each direction."""
    cases = 120_000 if quick else 480_000

    def cost(customers: int, **more: Any) -> float:
        months = more.pop("months", cases / works.CASES_A_MONTH / customers)
        ready = engine.prepared(works.memory(customers, months, **more))
        return per(engine.timed(ready, turn))

    small, middle = cost(1000), cost(10_000)
    large = cost(1_000_000, months=0.5 if quick else 1.0)
    longer = cost(10_000, months=10 * cases / works.CASES_A_MONTH / 10_000)
    few, many = (per(engine.timed(engine.prepared(
        works.departments(100_000, cases, regions), "crossed"), turn)) for regions in (1, 10))

    years = 1.0 if quick else 3.0
    steady = {"market.churn_max": 0.0, "market.inflow": False}
    bank = engine.prepared("retail_bank", **{"time.horizon": f"{years} years"}, **steady)
    later = engine.prepared("retail_bank", **{"time.horizon": f"{10 * years} years"}, **steady)
    wide = engine.prepared("retail_bank", heads=410, **{
        "time.horizon": f"{years} years", "customers.count": 120_000}, **steady)
    one = per(engine.timed(bank, turn))
    return {
        "growth-customers": large / small,
        "growth-10k": middle / small,
        "growth-departments": many / few,
        "growth-horizon": longer / middle,
        "growth-bank-customers": per(engine.timed(wide, turn)) / one,
        "growth-bank-horizon": per(engine.timed(later, turn)) / one,
    }


def space(turn: int, quick: bool) -> Values:
    """Bytes of a customer, and a process with a million of them."""
    del quick
    run = engine.Simulation(engine.prepared(works.memory(1000, 1)), turn)
    world = run.world
    n = len(world.customers)
    traits = (world.needs.nbytes + world.weights.nbytes) / n  # keys are derived, not stored
    code = ("from bench import engine, works; "
            "engine.timed(engine.prepared(works.memory(1_000_000, 0.5)), 0)")
    return {"bytes": float(world.customers.itemsize), "bytes-traits": traits,
            "process-1m": process.peak_mb(code)}


# --- starting, stepping, threads, output -----------------------------------------------------


def starting(turn: int, quick: bool) -> Values:
    """Help, imports, a whole warm process."""
    del turn, quick
    bare = process.python("import click")
    shown = process.help_cpu()
    imports = process.python("import sim.model, pandas, click")
    code = ("import pandas, click; from sim.model import OrganisationModel; "
            "from sim.scenario import load; from bench import works; "
            "s = load(works.memory(10_000, 60), set={'time.period': '1 month'}, limits=None); "
            "OrganisationModel(s).run_all()")
    whole = process.python(code)
    return {"help": shown / bare, "process": whole / imports, "process-s": whole}


def compiling(turn: int, quick: bool) -> Values:
    """Cold and warm start."""
    del turn, quick
    cold, warm = process.cold_and_warm()
    bare = process.python("pass")
    numba = process.python("import numba") - bare
    return {"compile": (cold - warm) / numba, "compile-s": cold - warm, "warm-s": warm}


def stepping(turn: int, quick: bool) -> Values:
    """In a mesa.Model, a step a month, against the engine alone."""
    from sim.model import OrganisationModel
    from sim.scenario import load

    months = 12 if quick else 60
    source = works.memory(10_000, months)
    source["time"]["period"] = "1 month"
    alone = engine.timed(engine.prepared(source), turn)
    model = OrganisationModel(load(source, limits=None), rng=1, replication=turn)
    begin = time.process_time()
    while model.running:
        model.step()
    stepped = time.process_time() - begin
    return {"mesa-month": stepped / alone["cpu"]}


def keyed(turn: int, quick: bool) -> Values:
    """Keyed against sequential random numbers in a small compiled work C."""
    from bench import kernels

    months = 6 if quick else 24
    if not _kernels:
        _kernels.extend(kernels.build(kind) for kind in (True, False))
    a, b = (kernels.timed(run, 10_000, months, turn + 1) for run in _kernels)
    return {"keyed": per(a, "cases") / per(b, "cases")}


_kernels: list[Any] = []


def threads(turn: int, quick: bool) -> Values:
    """Replications in two threads against one after another: wall time."""
    ready = engine.prepared(works.memory(10_000, 6 if quick else 24))
    engine.compiled()
    runs = range(8 * turn, 8 * turn + 8)
    begin, cpu = time.perf_counter(), time.process_time()
    one = [engine.simulate(ready, r).metrics for r in runs]
    alone, alone_cpu = time.perf_counter() - begin, time.process_time() - cpu
    begin, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(2) as pool:
        two = [r.metrics for r in pool.map(lambda r: engine.simulate(ready, r), runs)]
    both, both_cpu = time.perf_counter() - begin, time.process_time() - cpu
    if one != two:
        raise RuntimeError("threads changed the numbers")
    return {"threads": both / alone, "threads-cpu": both_cpu / alone_cpu}


def logging(turn: int, quick: bool) -> Values:
    """Writing the case log against simulating it."""
    import tempfile

    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    ready = engine.prepared(works.memory(10_000, 6 if quick else 24))
    without = engine.timed(ready, turn)
    begin = time.process_time()
    result = engine.simulate(ready, turn, case_log=True)
    simulated = time.process_time() - begin
    log: Any = result.case_log

    def write(rows: Any) -> float:
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            begin = time.process_time()
            columns = {name: np.ascontiguousarray(rows[name]) for name in rows.dtype.names}
            # Hardly a value repeats: dictionaries would only cost time.
            parquet.write_table(pa.table(columns), file.name, use_dictionary=False)
            return time.process_time() - begin

    write(log[:10])  # the first time imports what it needs
    return {"log-write": write(log) / simulated, "log-keep": simulated / without["whole"]}


def groups() -> list[Group]:
    """All groups, in the order of the table."""
    return [
        Group("twin", (
            Line("twin", "full core event loop (work C, priorities, abandonment, ties, log) / the "
                 "same model in C, equal counts", 1.25),
            Line("twin-ns", "... this engine, ns per case", None, digits=0),
            Line("twin-c-ns", "... C, ns per case", None, digits=0)), twin),
        Group("memory", (
            Line("memory-10k", "work C, 10k customers / C, binary heap", 1.0),
            Line("memory-1m", "work C, 1M customers / C, binary heap", 0.4),
            Line("memory-10k-ns", "... this engine, 10k customers, ns per case", digits=0),
            Line("memory-1m-ns", "... this engine, 1M customers, ns per case", digits=0)), memory),
        Group("network", (
            Line("network", "work B / C, binary heap", 1.75),
            Line("network-ns", "... this engine, ns per visit", digits=0)), network),
        Group("peers", (
            *(Line(f"{name}-{work}", f"{title}, work {work.upper()} / this engine", floor, True, 0)
              for name, title, floor in (("simpy", "SimPy", 80.0), ("mesa", "Mesa's events", 100.0),
                                         ("ciw", "Ciw", 150.0)) for work in "bc"),
            Line("mesa-days", "Mesa, a step a day (wrong waits), work C / this engine", digits=0)),
            peers),
        Group("full", tuple(
            line for name in FIRMS for line in (
                Line(f"full-{name}", f"full model, {name}: million cases per second"),
                Line(f"full-{name}-ns", f"full model, {name}: ns per visit", digits=0),
                Line(f"full-{name}-run", f"full model, {name}: seconds per replication of two "
                     "years, set-up included", digits=3))), full),
        Group("modules", (
            Line("modules", "retail_bank with every mechanism on / as shipped, per visit", 2.0),
            Line("modules-ns", "... with every mechanism on, ns per visit", digits=0)), modules),
        Group("growth", (
            Line("growth-customers", "ns per visit, 1M customers / 1k", 1.5),
            Line("growth-10k", "ns per visit, 10k customers / 1k"),
            Line("growth-horizon", "ns per visit, ten times the horizon"),
            Line("growth-departments", "ns per visit, 50 departments / 5", 1.6),
            Line("growth-bank-customers", "full model (bank), ten times customers and heads"),
            Line("growth-bank-horizon", "full model (bank), ten times the horizon")), growth),
        Group("space", (
            Line("bytes", "bytes of a customer's record", 64, digits=0),
            Line("bytes-traits", "... its fixed traits beside (one product, one dimension)",
                 digits=0),
            Line("process-1m", "whole process with 1M customers, MB", 400, digits=0)),
            space, once=True),
        Group("stepping", (Line("mesa-month", "in a mesa.Model, a step a month / engine alone",
                                1.15),), stepping),
        Group("keyed", (Line("keyed", "keyed / sequential random numbers, work C", 1.2),), keyed),
        Group("starting", (
            Line("process", "whole warm process, 1.2M cases / its imports", 2.0),
            Line("process-s", "... seconds of CPU", digits=1),
            Line("help", "orgsim --help / python importing click", 1.5)), starting),
        Group("compiling", (
            Line("compile", "cold compile of the core / import numba", 15, digits=1),
            Line("compile-s", "... seconds of CPU", digits=1),
            Line("warm-s", "a tiny run from a warm cache, seconds of CPU", digits=1)),
            compiling, once=True),
        Group("threads", (
            Line("threads", "replications in 2 threads, wall / one after another (idle machine)",
                 0.6),
            Line("threads-cpu", "... the same, CPU")), threads),
        Group("log", (
            Line("log-write", "writing the case log (parquet) / simulating it", 0.5),
            Line("log-keep", "a run with the case log / without")), logging),
    ]
