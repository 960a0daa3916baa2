"""One queue: M/M/1, M/M/c, M/G/1, abandonment, priorities.

Owns: these experiments. Never does: write a formula (`theory.py`).
"""

from __future__ import annotations

import math
from typing import Any

from sim.experiment.verify import theory
from sim.experiment.verify.bare import bare
from sim.experiment.verify.checks import Experiment, Observed, Quantity

WORK_H = 0.5
"""Mean work of a visit in these experiments."""


def mean_wait(observed: Observed) -> float:
    """Hours between joining the queue and being served, per visit, over all pools."""
    pools = observed.result.pools
    return float(pools["wait"].sum() / pools["joins"].sum())


def measured_log(observed: Observed) -> Any:
    """Rows of the case log of the measured time."""
    log = observed.result.case_log
    if log is None:
        raise ValueError("the run kept no log of its cases")
    return log[log["closed"] > observed.result.warm_up_h]


def class_wait(field: str, value: int) -> Any:
    """Mean hours in the queue of the cases of one type or segment."""

    def measure(observed: Observed) -> float:
        log = measured_log(observed)
        return float(log["queue"][log[field] == value].mean())

    return measure


def share_waiting(observed: Observed) -> float:
    """Share of cases that were not served at once."""
    return float((measured_log(observed)["queue"] > 0.0).mean())


def mmc(servers: int, utilisation: float, cases: float) -> Experiment:
    """M/M/c at a utilisation, about `cases` cases a replication."""
    arrivals = utilisation * servers / WORK_H
    id_ = f"mm{servers}-{round(100 * utilisation)}"
    quantities = [Quantity(
        f"{id_}-wait", f"M/M/{servers}, {utilisation:.0%} busy: mean wait",
        theory.mmc_wait(servers, arrivals, WORK_H), "h", "Erlang C (Erlang 1917)", mean_wait)]
    if servers == 1:
        quantities.append(Quantity(
            f"{id_}-p90", f"M/M/1, {utilisation:.0%} busy: 90% quantile of response",
            theory.mm1_response_quantile(arrivals, WORK_H, 0.9), "h",
            "Kleinrock 1975, 5.7", lambda o: o.result.metrics["response_p90_h"] or math.nan))
    return Experiment(id_, bare(id_, arrivals=arrivals, work={"work": WORK_H},
                                heads={"work": servers}, warm_up_h=100 / (1 - utilisation) ** 2,
                                horizon_h=cases / arrivals),
                      tuple(quantities))


def delay_probability() -> Experiment:
    """How many wait at all."""
    servers, utilisation = 8, 0.8
    arrivals = servers * utilisation / WORK_H
    name = f"mm{servers}-{round(100 * utilisation)}"
    return Experiment(
        name, bare(name, arrivals=arrivals, work={"work": WORK_H}, heads={"work": servers},
                   warm_up_h=500, horizon_h=12_000 / arrivals),
        (Quantity(f"{name}-delayed", f"M/M/{servers}, {utilisation:.0%} busy: share who wait",
                  theory.erlang_c(servers, arrivals * WORK_H), "-", "Erlang C (Erlang 1917)",
                  share_waiting),), case_log=True)


def mg1(name: str, what: str, utilisation: float, moment: float, cases: float,
        **tables: Any) -> Experiment:
    """M/G/1; `moment` is E[S^2] / E[S]^2."""
    arrivals = utilisation / WORK_H
    return Experiment(
        name, bare(name, arrivals=arrivals, work={"work": WORK_H}, heads={"work": 1},
                   warm_up_h=100 * moment / (1 - utilisation) ** 2, horizon_h=cases / arrivals,
                   **tables),
        (Quantity(f"{name}-wait", f"M/G/1, {utilisation:.0%} busy, {what}: mean wait",
                  theory.mg1_wait(arrivals, WORK_H, moment * WORK_H**2), "h",
                  "Pollaczek 1930, Khinchine 1932", mean_wait),))


def two_kinds() -> Experiment:
    """M/G/1 with two kinds of cases of fixed, different length."""
    share, short, long = 0.75, 0.2, 1.4
    mean = share * short + (1 - share) * long
    second = share * short**2 + (1 - share) * long**2
    arrivals = 0.7 / mean
    name = "mg1-two-kinds"
    return Experiment(
        name, bare(name, arrivals=arrivals, work={"work": 1.0}, heads={"work": 1},
                   warm_up_h=2000, horizon_h=20_000 / arrivals, distribution="deterministic",
                   case_types={"short": {"weight": share, "work_h": {"work": short}},
                               "long": {"weight": 1 - share, "work_h": {"work": long}}}),
        (Quantity(f"{name}-wait", "M/G/1, 70% busy, short and long cases mixed: mean wait",
                  theory.mg1_wait(arrivals, mean, second), "h",
                  "Pollaczek 1930, Khinchine 1932", mean_wait),))


def abandonment(servers: int, load: float, patience: float) -> Experiment:
    """M/M/c+M by telephone; the load may exceed the servers."""
    arrivals = load * servers / WORK_H
    lost, wait = theory.erlang_a(servers, arrivals, WORK_H, patience)
    name = f"mm{servers}m-{round(100 * load)}"
    title = f"M/M/{servers}+M, load {load:.0%}, patience {patience:g} h"
    source = "Erlang A (Palm 1943; Garnett et al. 2002)"

    def wait_of_all(o: Observed) -> float:
        totals = o.result.totals
        return float(totals["first_wait"] / (totals["closed"] + totals["abandoned"]))

    return Experiment(
        name, bare(name, arrivals=arrivals, work={"work": WORK_H}, heads={"work": servers},
                   warm_up_h=100, horizon_h=15_000 / arrivals,
                   case_types={"call": {"channel": "phone", "patience_h": patience}}),
        (Quantity(f"{name}-lost", f"{title}: share who give up", lost, "-", source,
                  lambda o: o.result.metrics["abandonment"] or 0.0),
         Quantity(f"{name}-wait", f"{title}: mean wait of all", wait, "h", source, wait_of_all)))


def priority_by_type() -> Experiment:
    """Non-preemptive priority of one kind of case over another of different length."""
    works = (0.25, 0.75)
    shares = (0.6, 0.4)
    mean = sum(s * w for s, w in zip(shares, works, strict=True))
    arrivals = 0.75 / mean
    rates = [arrivals * s for s in shares]
    waits = theory.cobham_waits(rates, works, [2 * w * w for w in works])
    name = "priority-mg1"
    what = "M/G/1, 75% busy, two classes"
    return Experiment(
        name, bare(name, arrivals=arrivals, work={"work": 1.0}, heads={"work": 1},
                   warm_up_h=1000, horizon_h=50_000 / arrivals,
                   case_types={
                       "later": {"weight": shares[1], "work_h": {"work": works[1]}},
                       "first": {"weight": shares[0], "work_h": {"work": works[0]},
                                 "priority": 1}}),
        (Quantity(f"{name}-first", f"{what}: mean wait of the first class", waits[0], "h",
                  "Cobham 1954", class_wait("type", 1)),
         Quantity(f"{name}-later", f"{what}: mean wait of the second class", waits[1], "h",
                  "Cobham 1954", class_wait("type", 0))), case_log=True)


def priority_by_segment() -> Experiment:
    """Non-preemptive priority of a segment in a pool of several people."""
    servers, shares = 4, (0.3, 0.7)
    arrivals = 0.75 * servers / WORK_H
    waits = theory.mmc_priority_waits(servers, [arrivals * s for s in shares], WORK_H)
    name = "priority-mm4"
    what = "M/M/4, 75% busy, two classes"
    return Experiment(
        name, bare(name, arrivals=arrivals, work={"work": WORK_H}, heads={"work": servers},
                   warm_up_h=1000, horizon_h=50_000 / arrivals,
                   segments={"ordinary": {"share": shares[1]},
                             "preferred": {"share": shares[0], "priority": 1}}),
        (Quantity(f"{name}-first", f"{what}: mean wait of the preferred segment", waits[0], "h",
                  "Davis 1966", class_wait("segment", 1)),
         Quantity(f"{name}-later", f"{what}: mean wait of the others", waits[1], "h",
                  "Davis 1966", class_wait("segment", 0))), case_log=True)


def experiments() -> list[Experiment]:
    """All experiments of this file."""
    spread = 1.5
    return [
        mmc(1, 0.5, 12_000),
        mmc(1, 0.8, 60_000),
        mmc(2, 0.7, 25_000),
        mmc(3, 0.6, 25_000),
        mmc(5, 0.8, 100_000),
        mmc(10, 0.8, 100_000),
        delay_probability(),
        mg1("md1-80", "work always the same", 0.8, 1.0, 30_000, distribution="deterministic"),
        mg1("mg1-60", "lognormal work with spread 1.5", 0.6, 1 + spread**2, 60_000,
            distribution="lognormal", functions={"work": {"spread": spread}}),
        two_kinds(),
        abandonment(10, 1.0, 0.5),
        abandonment(6, 1.3, 0.12),
        priority_by_type(),
        priority_by_segment(),
    ]
