"""Several queues: a tandem, networks with crossing routes, and the pools of P01.

Owns: these experiments. Never does: write a formula (`theory.py`).
"""

from __future__ import annotations

from typing import Any

from sim.experiment.verify import theory
from sim.experiment.verify.bare import bare
from sim.experiment.verify.checks import Experiment, Observed, Quantity
from sim.experiment.verify.single import mean_wait


def pool_wait(pool: int) -> Any:
    """Mean hours in the queue of one pool, per visit."""

    def measure(observed: Observed) -> float:
        pools = observed.result.pools
        return float(pools["wait"][pool] / pools["joins"][pool])

    return measure


def response(observed: Observed) -> float:
    """Mean hours from request to last close."""
    return float(observed.result.totals["response"] / observed.result.totals["closed"])


def tandem() -> Experiment:
    """Two stations in line: what leaves the first is again a Poisson stream (Burke 1956)."""
    work = {"first": 0.4, "second": 0.7}
    heads = {"first": 1, "second": 2}
    arrivals = 1.8
    name = "tandem"
    source = "Burke 1956, Operations Research 4(6)"
    waits = [theory.mmc_wait(heads[f], arrivals, work[f]) for f in work]
    return Experiment(
        name, bare(name, arrivals=arrivals, work=work, heads=heads, warm_up_h=1000,
                   horizon_h=30_000 / arrivals),
        (Quantity("tandem-first", "tandem M/M/1, 72% busy: mean wait at the first station",
                  waits[0], "h", source, pool_wait(0)),
         Quantity("tandem-second", "tandem M/M/2, 63% busy: mean wait at the second station",
                  waits[1], "h", source, pool_wait(1)),
         Quantity("tandem-response", "tandem: mean response", sum(waits) + sum(work.values()),
                  "h", source, response)))


def network() -> Experiment:
    """Three stations and four kinds of cases, some of which pass the stations backwards."""
    stations = ("a", "b", "c")
    work = {"a": 0.3, "b": 0.8, "c": 1.1}
    heads = {"a": 1, "b": 2, "c": 4}
    routes = {"forth": "abc", "back": "ca", "cross": "cb", "short": "a"}
    shares = {"forth": 0.4, "back": 0.2, "cross": 0.25, "short": 0.15}
    arrivals = 2.9
    kinds: dict[str, Any] = {}
    for kind, route in routes.items():
        # Work follows the declared order unless a step has to wait for another.
        after = {step: [route[i - 1]] if i else [] for i, step in enumerate(route)}
        kinds[kind] = {"weight": shares[kind], "steps": sorted(route),
                       "after": {s: before for s, before in after.items() if before}}
    loads = theory.network_loads([[stations.index(s) for s in route] for route in routes.values()],
                                 [arrivals * share for share in shares.values()], len(stations))
    waits = [theory.mmc_wait(heads[s], loads[i], work[s]) for i, s in enumerate(stations)]
    total = sum(load * (wait + work[s])
                for load, wait, s in zip(loads, waits, stations, strict=True)) / arrivals
    name = "network"
    source = "Jackson 1957; Kelly 1975"
    rows = [Quantity(f"network-{s}", f"network, M/M/{heads[s]} station {s}, "
                     f"{loads[i] * work[s] / heads[s]:.0%} busy: mean wait", waits[i], "h",
                     source, pool_wait(i)) for i, s in enumerate(stations)]
    rows.append(Quantity("network-response", "network: mean response over all routes", total, "h",
                         source, response))
    return Experiment(
        name, bare(name, arrivals=arrivals, work=work, heads=heads, warm_up_h=1000,
                   horizon_h=50_000 / arrivals, case_types=kinds), tuple(rows))


def regional_pools(pools: int, cases: float) -> Experiment:
    """P01: 24 people at 85% load, as one pool or as several equal regional ones."""
    people, work, load = 24, 0.5, 0.85
    arrivals = people * load / work
    each = people // pools
    name = f"p01-{pools}"
    regions = {f"r{i}": {"share": 1.0 / pools} for i in range(pools)}
    structure = "regional" if pools > 1 else "functional"
    heads = dict.fromkeys(regions, each) if pools > 1 else {"work": each}
    # Customers live where they live: so many that the regions' shares differ by chance alone.
    scenario = bare(name, arrivals=arrivals, work={"work": work}, heads={"work": people},
                    customers=50_000 if pools > 1 else 1000, warm_up_h=500,
                    horizon_h=cases / arrivals, regions=regions,
                    staff={"pools": {structure: heads}})
    if pools > 1:
        del scenario["staff"]["pools"]["functional"]
    words = "1 pool" if pools == 1 else f"{pools} equal regional pools"
    return Experiment(
        name, scenario,
        (Quantity(f"{name}-wait", f"P01, 24 heads at 85% load as {words}: mean wait",
                  theory.mmc_wait(each, arrivals / pools, work), "h", "Erlang C (Erlang 1917)",
                  mean_wait),), structure=structure)


def experiments() -> list[Experiment]:
    """All experiments of this file."""
    return [tandem(), network(), regional_pools(1, 150_000), regional_pools(2, 130_000),
            regional_pools(4, 100_000), regional_pools(8, 100_000)]
