"""The numbers of a scenario as the compiled loop reads them: one record.

Owns: name, dtype and unit of every parameter, one list per group of mechanisms. Never does: fill
them (`settings`). Times are working hours.

A mechanism that is off costs one test of its switch, and nothing where all of them are off.
"""

from __future__ import annotations

import numpy as np

CORE = [
    ("window_start", "f8"),
    ("month_h", "f8"),
    ("week_h", "f8"),
    # hand-offs
    ("distance_matters", "i8"),  # 0: nothing depends on distance
    ("latency_h", "f8"),
    ("log_growth", "f8"),
    ("read_in_h", "f8"),
    ("log_keep", "f8"),
    ("familiarity_effect", "f8"),
    ("familiarity_gain", "f8"),
    ("familiarity_decay", "f8"),  # 1/h
    ("intake_information", "f8"),
    # mistakes
    ("mistakes", "i8"),
    ("error_base", "f8"),
    ("error_knowledge", "f8"),
    ("error_information", "f8"),
    ("found_inside", "f8"),
    ("found_by_customer", "f8"),
    ("rework_share", "f8"),
    ("reopen_delay_h", "f8"),
    ("max_reopenings", "i8"),
    ("max_send_backs", "i8"),
    # knowledge and work
    ("learning", "i8"),
    ("function_effect", "f8"),
    ("product_effect", "f8"),
    ("segment_effect", "f8"),
    ("learn_rate", "f8"),  # 1/h
    ("forget_rate", "f8"),  # 1/h
    ("at_hire", "f8"),
    ("second_factor", "f8"),
    ("distribution", "i8"),  # 0 lognormal, 1 exponential, 2 deterministic
    ("single_queue", "i8"),
    # offering
    ("offering_function", "i8"),
    ("offering_speed", "f8"),
    ("offering_learns", "i8"),
    ("log_survival", "f8"),
    ("direct_contact", "f8"),
    ("fit_scale", "f8"),  # 1 / (2 omega^2)
    # satisfaction
    ("courtesy", "f8"),
    ("reopening_factor", "f8"),
    ("gain", "f8"),
    ("loss", "f8"),
    ("expectation_speed", "f8"),
    ("expectation_drift", "f8"),
    # market
    ("steepness", "f8"),
    ("loyalty_start", "f8"),
    ("loyalty_step", "f8"),
    ("delighted", "f8"),
    ("angry", "f8"),
    ("tell_delighted", "f8"),
    ("tell_angry", "f8"),
    ("tell_neutral", "f8"),
    ("angry_audience", "i8"),
    ("convert", "f8"),
    ("block", "f8"),
    ("block_h", "f8"),
    ("prospects", "f8"),
    ("most_customers", "i8"),  # customers at the start and all prospects
    ("inflow", "i8"),
    ("start_key", "u8"),  # of the streams of customers
    ("base_key", "u8"),
    ("mouth_key", "u8"),
    ("n_start", "i8"),
    ("mouth_rows", "i8"),
    # staff
    ("span", "i8"),
    ("quit_month", "f8"),  # probability per post and month
    ("rebalance", "i8"),
    ("rebalance_moves", "i8"),
    ("rebalance_weeks", "i8"),
    ("rebalance_threshold", "f8"),
    ("notice", "f8"),
    # what is written down
    ("journey_customer", "i8"),  # -1 nobody
    ("case_log", "i8"),
]
"""Mechanisms every comparison needs (M1-M12, M14, M16's turnover)."""

STAFF: list[tuple[str, str]] = [
    ("staff", "i8"),  # any of these mechanisms is on
    ("manners", "i8"),  # courtesy differs from person to person
    ("morale", "i8"),
    ("morale_base", "f8"),
    ("morale_given", "f8"),  # lift that is the same for all: recognition, autonomy
    ("morale_speed", "f8"),
    ("by_satisfaction", "f8"),
    ("satisfaction_norm", "f8"),
    ("by_load", "f8"),
    ("load_norm", "f8"),
    ("by_complaints", "f8"),
    ("by_orientation", "f8"),
    ("pride", "f8"),
    ("by_variety", "f8"),
    ("profit_share", "f8"),
    ("profit_effect", "f8"),
    ("margin", "f8"),
    ("hour_cost", "f8"),  # money per filled hour of the line
    ("temper", "f8"),  # standard deviation of people's own base
    ("courtesy_effect", "f8"),
    ("quit_rate", "f8"),  # 1/year
    ("quit_effect", "f8"),
    ("onboarding", "i8"),
    ("induction_h", "f8"),
    ("training", "f8"),
    ("own_feet", "f8"),  # least proficiency of somebody who works alone
    ("supervision", "f8"),
    ("checked", "f8"),
    ("ready", "f8"),
    # orientation
    ("orientation", "i8"),
    ("oriented_hire", "f8"),
    ("signal", "f8"),
    ("signal_rest", "f8"),
    ("signal_h", "f8"),  # of measured time, inf for ever
    ("leadership", "f8"),  # 1/month, understanding included
    ("peers", "f8"),  # 1/month
    ("stories", "f8"),
    ("mandate", "f8"),  # 1/month
    ("no_contact", "f8"),  # 1/month
    ("haste_of_age", "f8"),
    ("orientation_courtesy", "f8"),
    ("boundary", "f8"),
    ("care", "f8"),
    ("owner", "f8"),
    ("oriented_from", "f8"),
    # rewards, control
    ("work_factor", "f8"),
    ("error_factor", "f8"),
    ("kpi_errors", "f8"),
    ("local_priority", "i8"),
    # pressure
    ("pressure", "i8"),
    ("haste", "f8"),
    ("haste_scale", "f8"),
    ("fatigue", "f8"),
    ("fatigue_from", "f8"),
    ("fatigue_keep", "f8"),  # share of overwork left after a week of none
    ("fatigue_errors", "f8"),
    ("ownership", "f8"),
    ("peer_transfer", "f8"),  # 1/week
    ("procedures", "i8"),
    ("procedure_work", "f8"),
    ("procedure_errors", "f8"),
]
"""Morale, orientation, rewards, pressure (M4, M6, M16-M18)."""

CUSTOMERS: list[tuple[str, str]] = [
    ("case_kinds", "i8"),  # case types; those from here on are errands
    ("relations", "i8"),  # something is remembered about each customer
    ("regard", "i8"),  # more than the four attributes decide on quality
    # channels of acquisition
    ("acquisition", "i8"),
    ("loyalty_referred", "f8"),
    ("own_share", "f8"),  # of prospects of the base stream
    ("promoted_share", "f8"),
    ("loyalty_promoted", "f8"),
    ("loyalty_agent", "f8"),
    ("commission", "f8"),
    ("headroom", "f8"),
    ("fit_effect", "f8"),
    ("reference_fit", "f8"),
    ("seller_effect", "f8"),
    ("reference_seller", "f8"),
    ("gestures", "f8"),  # money per month
    ("gesture_cost", "f8"),
    ("gesture_effect", "f8"),
    # further attributes, stages
    ("extra_weight", "f8"),
    ("weight_understanding", "f8"),
    ("weight_tangibles", "f8"),
    ("tangibles", "f8"),
    ("weight_channel", "f8"),
    ("peak", "f8"),
    # trust
    ("trust", "i8"),
    ("trust_start", "f8"),
    ("trust_tolerance", "f8"),
    ("promise", "f8"),  # x tolerance, inf = none
    ("trust_kept", "f8"),
    ("trust_broken", "f8"),
    ("broken_expectation", "f8"),
    ("fee_share", "f8"),
    ("fee", "f8"),
    ("fee_drop", "f8"),
    ("attempt_failure", "f8"),
    ("attempt_drop", "f8"),
    ("attempt_notice", "f8"),
    ("notice_relief", "f8"),
    ("exploitation", "f8"),
    ("exploitation_gain", "f8"),
    ("detection", "f8"),
    ("exploitation_drop", "f8"),
    ("bystanders", "i8"),
    ("bystander_share", "f8"),
    ("concession", "f8"),
    ("concession_effect", "f8"),
    # surveys
    ("surveyed", "i8"),
    ("survey_response", "f8"),
    ("survey_extremes", "f8"),
    # complaints
    ("complaints", "i8"),
    ("complaint_threshold", "f8"),
    ("complaint_rate", "f8"),
    ("complaint_slope", "f8"),
    ("complaint_answered", "f8"),
    ("complaint_delay_h", "f8"),
    ("complaint_quick_h", "f8"),
    ("after_silence", "f8"),
    ("after_unresolved", "f8"),
    ("after_resolved", "f8"),
    ("after_quick", "f8"),
    ("compliment", "f8"),
    # value and best customers
    ("best", "i8"),
    ("value_sigma", "f8"),
    ("value_persistence", "f8"),
    ("estimate_correlation", "f8"),  # with the present log value
    ("top_share", "f8"),
    ("score_loyalty", "i8"),
    ("follow_up_every_h", "f8"),  # between the follow-ups of one customer, inf = none
    ("follow_up_gain", "f8"),
    ("loyal_from", "f8"),
]
"""Complaints, channels, best customers, trust (M13-M15, M25, M27)."""

SENSING: list[tuple[str, str]] = [
    ("refuses", "i8"),  # customers without a label are turned away
    ("faults", "i8"),
    ("fault_month", "f8"),  # probability per (function, product) and month
    ("fault_added", "f8"),
    ("sensing", "i8"),
    ("capture", "f8"),
    ("sensors", "i8"),  # bit mask of the functions that listen
    ("log_bad_survival", "f8"),
    ("report_h", "f8"),
    ("decision_h", "f8"),
    ("minimum_signals", "i8"),
    ("suggestions", "f8"),
    ("response", "f8"),
    ("bad_news_response", "f8"),
    ("broadcast_read", "f8"),
    ("informal", "f8"),
    ("formal_kept", "f8"),
    ("informal_kept", "f8"),
    ("reach_h", "f8"),
]
"""Faults, signals and their paths (M7, M10)."""

CHANGE: list[tuple[str, str]] = [
    ("needs_move", "i8"),  # fit asks for variants, drift or a need that surfaces
    ("voices", "i8"),  # needs seen are weighted, shifted or sorted by variant
    ("customer_share", "f8"),
    ("standard", "f8"),
    ("vision", "f8"),
    ("review_skip", "i8"),  # months left out between two reviews
    ("away", "f8"),  # share of hours not spent on cases
    ("world_key", "u8"),
    ("drift", "i8"),
    ("drift_seen", "f8"),  # standard deviations of a month's step
    ("drift_unseen", "f8"),
    ("foresight", "i8"),
    ("foresight_cover", "f8"),
    ("foresight_lead", "i8"),
    ("foresight_skip", "i8"),  # months left out between two meetings
    ("shock", "i8"),
    ("shock_at", "f8"),  # h after warm-up
    ("shock_size", "f8"),
    ("shock_rest", "f8"),
    ("shock_ramp", "f8"),
    ("explore", "f8"),
    ("explore_h", "f8"),
    ("explore_jump", "f8"),
    # new offerings, expansion
    ("novelty", "i8"),
    ("launches", "f8"),
    ("recombination", "f8"),
    ("novel_adoption", "f8"),
    ("novel_fit", "f8"),
    ("novel_steepness", "f8"),
    ("novel_months", "i8"),
    ("novel_target", "f8"),
    ("novel_uplift", "f8"),
    ("expands", "i8"),
    ("expansion_cost", "f8"),
    ("expansion_most", "i8"),
    ("expansion_inflow", "f8"),
    ("cash_margin", "f8"),
    ("cash_hour", "f8"),  # money per filled hour
    ("cash_head", "f8"),  # money per hour of a further team lead
    ("cash_hire", "f8"),  # money per hire
    ("cash_month", "f8"),  # fixed money per month
    # competitors
    ("rivals", "i8"),
    ("rival_focus", "f8"),
    ("rival_weight", "f8"),
    ("rival_reference", "f8"),
    ("rival_blind", "f8"),
    ("rival_rise", "f8"),  # 1/h
    ("prospects_choose", "i8"),
    ("entrant", "i8"),  # segment, -1 none
    ("entrant_at", "f8"),  # h after warm-up
    ("entrant_level", "f8"),
    ("entrant_focus", "f8"),
    # a surge of demand, the reserve, stock
    ("surge", "i8"),
    ("surge_at", "f8"),  # h after warm-up
    ("surge_length", "f8"),
    ("surge_factor", "f8"),
    ("surge_delay", "f8"),
    ("surge_clear", "f8"),
    ("reserve", "f8"),
    ("stock", "i8"),
    ("stock_function", "i8"),
    ("stock_lead", "f8"),
]
"""Offerings in motion: push, variants, drift, shocks, competitors (M9, M20, M21, M23)."""

WORK: list[tuple[str, str]] = [
    ("internal_tolerance_h", "f8"),
    ("waiting", "i8"),  # 0: hours in queues do not count for customers
    # empowerment
    ("empowered", "i8"),
    ("approval_rate", "f8"),  # per visit; 0: nobody asks
    ("approval_h", "f8"),
    ("approvals", "i8"),
    ("gap_kept", "f8"),  # factor on the squared gap of adapted cases
    # second bosses, liaison roles
    ("second_added", "f8"),
    ("liaison_distance", "f8"),
    # travel
    ("travels", "i8"),
    ("inside_h", "f8"),
    ("across_h", "f8"),
]
"""Approvals, second bosses, travel (M19, M26, M28)."""

MOVE: list[tuple[str, str]] = [
    ("reorganises", "i8"),  # the structure will change, or has changed
    # set when the structure changes; all 0 while it does not
    ("drag", "f8"),  # D0: service times x 1 / (1 - D(t))
    ("drag_h", "f8"),
    ("changed_at", "f8"),
    ("astray", "f8"),  # chance, at the change, that a case follows the old path
    ("astray_h", "f8"),
    ("astray_distance", "i8"),  # of the transfer back
]
"""Reorganisation (M22)."""

PARAMETERS = np.dtype([*CORE, *STAFF, *CUSTOMERS, *SENSING, *CHANGE, *WORK, *MOVE])

SWITCHES = (
    # staff
    "staff", "manners", "morale", "orientation", "profit_share", "local_priority", "pressure",
    "procedures",
    # customers
    "relations", "regard", "acquisition", "trust", "refuses",
    # faults and signals
    "faults", "sensing",
    # offerings in motion
    "needs_move", "voices", "drift", "shock", "explore", "away", "standard", "novelty",
    "expands", "rivals", "prospects_choose", "surge", "reserve", "stock",
    # work
    "empowered", "approval_rate", "travels",
    # reorganisation
    "reorganises", "drag", "astray",
)
"""Fields that are 0 while a mechanism beyond the core is off.

Where all of them are 0 the loop runs code from which they have been pruned (`loop.advance`).
A mechanism whose switch is not listed here is compiled into that code and works all the same.
"""

OFF = {name: PARAMETERS[name].type(0).item() for name in SWITCHES}
"""The 0 of each switch, in its field's type."""


def only_core(par: np.void) -> bool:
    """Is every switch of a record of parameters off?"""
    return not any(par[name] for name in SWITCHES)
