"""The parameters every comparison needs.

Owns: those numbers. Never does: read the tables of a mechanism that may be off.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.behaviours.handoff import information_loss
from sim.behaviours.rewards import latency_by_reward
from sim.behaviours.service_time import DISTRIBUTIONS
from sim.behaviours.turnover import quit_probability
from sim.scenario.schema import HOURS_PER_MONTH, HOURS_PER_WEEK

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


def log_of(x: float) -> float:
    """Logarithm for exp(log x * d): 0 stands as a number so small that its exponential is 0."""
    return math.log(x) if x > 0 else -745.0


def values(scenario: Scenario, *, warm_up_h: float, heads: int, mouth: int,
           rebalance: bool) -> dict[str, float]:
    """Value by name of field."""
    s = scenario
    moves = max(1, math.floor(s.staff.rebalance_share * heads)) if rebalance else 0
    return {
        "window_start": warm_up_h,
        "month_h": HOURS_PER_MONTH,
        "week_h": HOURS_PER_WEEK,
        "distance_matters": bool(
            s.handoffs.latency_h or s.handoffs.read_in_h or s.handoffs.information_loss
        ),
        "latency_h": s.handoffs.latency_h * (
            latency_by_reward(s.rewards.shared) if s.rewards.enabled else 1.0),
        "log_growth": log_of(s.handoffs.latency_growth),
        "read_in_h": s.handoffs.read_in_h,
        "log_keep": log_of(1.0 - information_loss(
            s.handoffs.information_loss, s.handoffs.sharing, s.handoffs.understanding)),
        "familiarity_effect": s.handoffs.familiarity_effect,
        "familiarity_gain": 1.0 / s.handoffs.familiarity_handoffs,
        "familiarity_decay": 1.0 / s.handoffs.familiarity_decay_h,
        "intake_information": s.handoffs.intake_information,
        "mistakes": s.mistakes.enabled,
        "error_base": s.mistakes.base,
        "error_knowledge": s.mistakes.knowledge,
        "error_information": s.mistakes.information,
        "found_inside": s.mistakes.found_inside,
        "found_by_customer": s.mistakes.found_by_customer,
        "rework_share": s.mistakes.rework_share,
        "reopen_delay_h": s.mistakes.reopen_delay_h,
        "max_reopenings": s.mistakes.max_reopenings,
        "max_send_backs": s.mistakes.max_send_backs,
        "learning": s.knowledge.learning,
        "function_effect": s.knowledge.function_effect,
        "product_effect": s.knowledge.product_effect,
        "segment_effect": s.knowledge.segment_effect,
        "learn_rate": 1.0 / s.knowledge.learn_h,
        "forget_rate": 1.0 / s.knowledge.forget_h,
        "at_hire": s.knowledge.at_hire if s.knowledge.learning else 1.0,
        "second_factor": s.work.second_product_factor,
        "distribution": DISTRIBUTIONS[s.work.distribution],
        "single_queue": s.cover.pooling == "single",
        "offering_function": s.offering_function,
        "offering_speed": s.offering.speed,
        "offering_learns": (s.offering.mode not in ("label_centre", "pooled")
                            and s.offering.speed > 0),
        "log_survival": log_of(s.offering.signal_survival),
        "direct_contact": s.offering.direct_contact,
        "fit_scale": 1.0 / (2.0 * s.needs.fit_width),
        "courtesy": s.satisfaction.courtesy,
        "reopening_factor": s.satisfaction.reopening_factor,
        "gain": s.satisfaction.gain,
        "loss": s.satisfaction.loss,
        "expectation_speed": s.satisfaction.expectation_speed,
        "expectation_drift": s.satisfaction.expectation_drift,
        "steepness": s.market.steepness,
        "loyalty_start": s.market.loyalty_start,
        "loyalty_step": s.market.loyalty_step,
        "delighted": s.market.delighted,
        "angry": s.market.angry,
        "tell_delighted": s.market.tell_delighted,
        "tell_angry": s.market.tell_angry,
        "tell_neutral": s.market.tell_neutral,
        "angry_audience": s.market.angry_audience,
        "convert": s.market.convert,
        "block": s.market.block,
        "block_h": s.market.block_months * HOURS_PER_MONTH,
        "prospects": s.market.prospects or s.customers.count,
        "most_customers": s.customers.count + (s.market.prospects or s.customers.count),
        "inflow": mouth > 0,
        "mouth_rows": mouth,
        "span": s.staff.span,
        "quit_month": quit_probability(s.staff.quit_rate, 1.0 / 12.0),
        "rebalance": rebalance and s.staff.rebalance,
        "rebalance_moves": moves,
        "rebalance_weeks": s.staff.rebalance_weeks,
        "rebalance_threshold": s.staff.rebalance_threshold,
        "notice": s.labels.notice,
        "journey_customer": -1,
    }
