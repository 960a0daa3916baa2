"""Learning, hand-offs, mistakes, and Little's law on full firms.

Owns: these experiments. Never does: write a formula (`theory.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.experiment.verify import theory
from sim.experiment.verify.bare import bare
from sim.experiment.verify.checks import Experiment, Observed, Quantity
from sim.experiment.verify.single import measured_log
from sim.scenario.schema import HOURS_PER_MONTH, HOURS_PER_YEAR

LEARN_H, FORGET_H = 250.0, 1700.0


def mean_knowledge(element: int) -> Any:
    """Mean knowledge of an element over all people at the end, forgotten up to that moment."""

    def measure(observed: Observed) -> float:
        world = observed.run.world
        idle_h = observed.run.now - world.people["known_at"]
        return float(np.mean(world.knowledge[:, element] * np.exp(-idle_h / FORGET_H)))

    return measure


def learners(name: str, arrivals: float, heads: int, work_h: float, *, warm_up_h: float,
             horizon_h: float, **tables: Any) -> dict[str, Any]:
    """A bare firm of one function whose people learn and forget."""
    knowledge = {"learning": True, "function_effect": 0.0, "product_effect": 0.0,
                 "segment_effect": 0.0, "learn_h": LEARN_H, "forget_h": FORGET_H}
    return bare(name, arrivals=arrivals, work={"work": work_h}, heads={"work": heads},
                warm_up_h=warm_up_h, horizon_h=horizon_h,
                knowledge=knowledge | tables.pop("knowledge", {}), **tables)


def equilibrium() -> Experiment:
    """Everybody works 60% of the time, half of it for each of two products."""
    heads, work_h, busy = 30, 0.2, 0.6
    source = "THEORY M6"
    return Experiment(
        "knowledge", learners("knowledge", heads * busy / work_h, heads, work_h,
                              warm_up_h=2500.0, horizon_h=100.0, products={"p": {}, "q": {}}),
        (Quantity("knowledge-function", "learning, 60% of time on a function: knowledge",
                  theory.knowledge_equilibrium(busy, LEARN_H, FORGET_H), "-", source,
                  mean_knowledge(0)),
         Quantity("knowledge-product", "learning, 30% of time on a product: knowledge",
                  theory.knowledge_equilibrium(busy / 2, LEARN_H, FORGET_H), "-", source,
                  mean_knowledge(1))))


def path() -> Experiment:
    """People who start from practice of 80% of their time, and get work for a tenth of it."""
    heads, work_h, busy, hours = 30, 0.2, 0.1, 800.0
    start = theory.knowledge_equilibrium(0.8, LEARN_H, FORGET_H)
    return Experiment(
        "forgetting", learners("forgetting", heads * busy / work_h, heads, work_h, warm_up_h=0.0,
                               horizon_h=hours),
        (Quantity("forgetting-path", "learning, 800 h after work fell from 80% to 10% of time: "
                  "knowledge", theory.knowledge_after(hours, start, busy, LEARN_H, FORGET_H), "-",
                  "THEORY M6", mean_knowledge(0)),))


def turnover() -> Experiment:
    """Always busy people of whom about a quarter are replaced by beginners every month."""
    heads, work_h, quit_rate, effect, at_hire = 20, 0.25, 4.0, 1.5, 0.2
    quit_month = -math.expm1(-quit_rate / 12.0)
    return Experiment(
        "beginners", learners(
            "beginners", heads / work_h, heads, work_h, warm_up_h=0.5 * HOURS_PER_YEAR,
            horizon_h=0.5 * HOURS_PER_YEAR,
            knowledge={"function_effect": effect, "at_hire": at_hire},
            staff={"quit_rate": quit_rate, "vacancy_h": 0.0}),
        (Quantity("beginners-touch", "learning curve of hires, a quarter replaced each month: "
                  "hours per visit",
                  theory.touch_with_turnover(work_h, effect, at_hire, quit_month, HOURS_PER_MONTH,
                                             LEARN_H, FORGET_H), "h", "THEORY M4, M6, M16",
                  lambda o: float(o.result.pools["touch"][0] / o.result.pools["visits"][0])),))


def hand_offs() -> Experiment:
    """Three steps in three units of a firm larger than a team: two transfers at distance 3."""
    work = {"a": 0.1, "b": 0.1, "c": 0.1}
    heads = {"a": 4, "b": 4, "c": 4}
    latency, growth, arrivals = 0.4, 1.8, 20.0
    return Experiment(
        "hand-offs", bare("hand-offs", arrivals=arrivals, work=work, heads=heads, warm_up_h=200,
                          horizon_h=500,
                          handoffs={"latency_h": latency, "latency_growth": growth}),
        (Quantity("hand-off-delay", "two hand-offs at distance 3: mean hours in transfer",
                  theory.transfer_delay([3, 3], latency, growth), "h", "THEORY M2, M3",
                  lambda o: o.result.metrics["transfer_h"] or 0.0),))


def mistakes() -> Experiment:
    """One step that goes wrong with 30%; customers find 80% of it."""
    error, found = 0.3, 0.8
    resolution, contacts = theory.contacts(error, found, 3)
    return Experiment(
        "mistakes", bare("mistakes", arrivals=20.0, work={"work": 0.1}, heads={"work": 5},
                         warm_up_h=200, horizon_h=500,
                         mistakes={"enabled": True, "base": error, "knowledge": 0.0,
                                   "information": 0.0, "found_by_customer": found,
                                   "rework_share": 1.0}),
        (Quantity("first-contact", "30% errors, 80% found: cases solved at first contact",
                  resolution, "-", "THEORY M7", lambda o:
                  o.result.metrics["first_contact_resolution"] or 0.0),
         Quantity("contacts", "30% errors, 80% found, at most 3 reopenings: contacts per case",
                  contacts, "-", "THEORY M7",
                  lambda o: o.result.metrics["contacts_per_case"] or 0.0)))


def little(name: str, structure: str) -> Experiment:
    """Little's law on a shipped firm with captive customers: open cases = rate x time in firm."""
    from sim.scenario import load

    changes = {"market.churn_max": 0.0, "market.inflow": False}
    scenario = load(name)
    volume = sum(s.share * s.volume for s in scenario.segments.values())
    rate = (scenario.customers.count * scenario.customers.cases_per_month * volume
            / HOURS_PER_MONTH)

    def ratio(observed: Observed) -> float:
        log = measured_log(observed)
        in_firm = float(np.mean(log["closed"] - log["opened"]))
        open_cases = float(observed.result.totals["open_area"]) / observed.result.window_h
        return open_cases / (rate * in_firm)

    return Experiment(
        f"little-{name}", name,
        (Quantity(f"little-{name}", f"Little's law, {name}, {structure}: open cases / "
                  "(arrival rate x time in the firm)", 1.0, "-",
                  "Little 1961, Operations Research 9(3)", ratio),),
        structure=structure, changes=changes, case_log=True, replications=10)


def experiments() -> list[Experiment]:
    """All experiments of this file."""
    firms: Mapping[str, str] = {"retail_bank": "functional", "b2b_software": "product",
                                "family_firm": "functional"}
    return [equilibrium(), path(), turnover(), hand_offs(), mistakes(),
            *(little(name, structure) for name, structure in firms.items())]
