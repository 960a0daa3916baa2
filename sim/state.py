"""The arrays of one run: name, dtype and unit of each field.

Owns: the records the engine works on and the sums it keeps. Never does: change them.
All times are working hours from the start of the run; all sums run from time 0, the measured
window being a difference of two snapshots.
"""

from __future__ import annotations

import numpy as np

CUSTOMER = np.dtype(
    [
        ("next_arrival", "f8"),  # h, time of the next case; inf if gone
        ("loyalty", "f8"),  # L, 0..1
        ("expectation", "f8"),  # E, 0..1
        ("satisfaction_sum", "f8"),  # sum of S over cases closed in the window
        ("arrivals", "i4"),  # cases brought so far: the count in the draw key
        ("experiences", "i4"),  # closed cases that moved loyalty
        ("cases", "i4"),  # cases closed in the window
        ("link", "i4"),  # next customer in the same calendar bucket
        ("status", "i1"),  # CustomerStatus
        ("segment", "i1"),
        ("label", "i1"),
        ("region", "i1"),
        ("last_satisfaction", "f4"),  # S of the last closed case, NaN before
        ("left_at", "f4"),  # h, NaN while here
    ],
    align=True,
)
"""The mutable record of a customer; at most 64 bytes, one cache line."""

CARE: list[tuple[str, str]] = [
    # complaints
    ("complaint_cases", "f8"),  # cases after which a customer may complain or praise
    ("complaints", "f8"),  # customers who complained to the firm
    ("compliments", "f8"),  # customers who praised the firm to itself
    ("complaints_refused", "f8"),  # not taken up
    ("complaints_closed", "f8"),  # taken up and closed
    ("recovered", "f8"),  # closed without an error the customer finds
    ("recovery_h", "f8"),  # h from complaint to close, sum over closed
    # best customers: the chosen are those the firm believes to be best
    ("own_revenue", "f8"),  # money: own value / 12 of active customers, summed over month ends
    ("chosen_months", "f8"),  # customer-months of the chosen
    ("chosen_right", "f8"),  # of those: truly among the most valuable
    ("chosen_revenue", "f8"),
    ("chosen_left", "f8"),
    ("chosen_cases", "f8"),  # closed and abandoned
    ("chosen_satisfaction", "f8"),
    ("chosen_closed", "f8"),
    ("chosen_response", "f8"),
    ("follow_ups", "f8"),
    ("follow_up_h", "f8"),
    ("loyal_months", "f8"),  # customer-months at or above the loyalty that counts as loyal
    ("loyal_revenue", "f8"),
    # stages, trust
    ("met", "f8"),  # cases that had a visit, while visits are remembered
    ("understanding", "f8"),  # mean over the visits of a case, summed over cases
    ("stage_mean", "f8"),
    ("stage_worst", "f8"),
    ("trust_months", "f8"),  # customer-months
    ("trust_sum", "f8"),  # of trust over customer-months
    ("promises", "f8"),
    ("promises_kept", "f8"),
    ("attempts", "f8"),
    ("attempts_failed", "f8"),
    ("trust_cases", "f8"),  # closed cases in which a charge or a used weakness may occur
    ("fees", "f8"),
    ("exploited", "f8"),
    ("extra_income", "f8"),  # money, from fees and used weakness
    ("conceded", "f8"),  # money
    ("seen", "f8"),  # bystanders who saw ill treatment
    # channels of acquisition
    ("met_prospects", "f8"),  # of the base stream
    ("attraction", "f8"),  # sum over them
    ("joined_promotion", "f8"),
    ("joined_agent", "f8"),
    ("joined_referral", "f8"),
    ("commissions", "f8"),  # money
    ("gesture_money", "f8"),  # money
    # surveys, steps of loyalty
    ("asked", "f8"),
    ("surveys", "f8"),
    ("survey_satisfaction", "f8"),
    ("steps", "f8"),  # cases that moved loyalty
    ("step", "f8"),  # sum of those moves
    ("step_squared", "f8"),
    ("steps_reopened", "f8"),
    ("step_reopened", "f8"),
    ("steps_failed", "f8"),  # unresolved or abandoned
    ("step_failed", "f8"),
]
"""Sums of the modules that remember each customer; 0 while they are off."""

TOTALS = np.dtype(
    [
        ("arrivals", "f8"),  # cases arrived
        ("closed", "f8"),  # cases closed, resolved or unresolved, not abandoned
        ("unresolved", "f8"),
        ("abandoned", "f8"),
        ("phone", "f8"),  # cases of channel phone, closed or abandoned
        ("satisfaction", "f8"),  # sum of S (0-1) over closed + abandoned
        ("quality", "f8"),  # sum of Q over closed + abandoned
        ("response", "f8"),  # h, sum over closed
        ("touch", "f8"),  # h, sum over closed: in service
        ("queue", "f8"),  # h
        ("transfer", "f8"),  # h
        ("rework", "f8"),  # h, elapsed
        ("within", "f8"),  # closed + abandoned cases within tolerance
        ("first_contact", "f8"),  # closed cases with no reopening, not unresolved
        ("reopenings", "f8"),  # sum over closed
        ("visits", "f8"),  # sum over closed cases
        ("handoffs", "f8"),  # transfers that changed unit, sum over closed cases
        ("passes", "f8"),  # transfers inside a unit, sum over closed cases
        ("fit", "f8"),  # sum over (closed case, product)
        ("fits", "f8"),  # number of (closed case, product)
        ("first_wait", "f8"),  # h, wait of the first visit, sum over closed + abandoned
        ("errors", "f8"),  # errors made
        ("caught", "f8"),  # errors found inside
        ("misrouted", "f8"),  # visits done in a unit meant for another segment
        ("busy", "f8"),  # h of people in visits, clipped to the window
        ("setup", "f8"),  # h of read-in and change-over in ended visits
        ("redo", "f8"),  # h of rework in ended visits, without read-in
        ("filled", "f8"),  # h of filled positions
        ("cover_visits", "f8"),  # visits started by somebody of another pool
        ("all_visits", "f8"),  # visits ended
        ("quits", "f8"),
        ("hires", "f8"),
        ("moves", "f8"),  # re-balance moves done
        ("lead_teams", "f8"),  # integral over time of the sum of (people of unit / span - 1)+
        ("approvals", "f8"),  # visits that asked for approval
        ("approval_h", "f8"),  # h they waited for it
        ("received", "f8"),  # hand-offs between units
        ("service", "f8"),  # sum of their internal service scores
        ("travel", "f8"),  # h of journeys of visits begun
        ("coordination", "f8"),  # h of people with second bosses, in ended visits
        ("liaisons", "f8"),  # integral over time of full-time equivalents of liaison roles
        ("joined", "f8"),
        ("left", "f8"),
        ("customer_months", "f8"),  # active customers summed over month ends in the window
        ("loyalty", "f8"),  # mean loyalty of active customers, summed over month ends
        ("months", "f8"),  # month ends counted
        ("praise", "f8"),  # positive messages
        ("warnings", "f8"),  # negative messages
        ("offering_distance", "f8"),  # between units' offerings of a product, over month ends
        ("offering_months", "f8"),  # month ends at which two units offered the same product
        ("owned", "f8"),  # visits in the unit that took the case in, sum over closed
        ("courtesy", "f8"),  # sum over closed + abandoned
        ("courtesies", "f8"),  # their number
        ("morale", "f8"),  # mean over people at work, summed over month ends
        ("manner_spread", "f8"),  # standard deviation of their courtesy, likewise
        ("staff_months", "f8"),  # month ends with anybody at work
        ("culture_months", "f8"),  # likewise, while orientation moves
        ("orientation", "f8"),  # mean over people at work, summed over month ends
        ("weakest", "f8"),  # mean of the unit with the least, likewise
        ("oriented", "f8"),  # share of people above the mark, likewise
        ("bonus", "f8"),  # money paid out of profit
        ("brought_in", "f8"),  # hires who have become proficient
        ("bring_in", "f8"),  # h that took them
        ("below_profile", "f8"),  # h of visits by people below their profile
        ("profiled", "f8"),  # h of visits by people with a profile
        ("key_visits", "f8"),  # stock: visits of measured time by people of the pool
        ("key_most", "f8"),  # stock: of those, by the one person who made most in each pool
        ("compared", "f8"),  # customer-months compared with competitors
        ("advantage", "f8"),  # sum of L - C_c over them
        ("perceived", "f8"),  # of them, those in which the difference is seen
        ("surge_closed", "f8"),  # closed cases that arrived in the surge
        ("surge_response", "f8"),  # h, sum over them
        ("reserve_hours", "f8"),  # h worked by the reserve
        ("launches", "f8"),
        ("launch_chance", "f8"),  # expected launches
        ("launches_adopted", "f8"),  # that reached the target
        ("novel_revenue", "f8"),  # money adopters add
        ("unit_ties", "f8"),  # familiarity of unlike units, over month ends
        ("tie_months", "f8"),  # month ends counted
        ("expansions", "f8"),
        ("material", "f8"),  # units of material taken
        ("material_waits", "f8"),  # visits that waited for material
        ("material_wait", "f8"),  # h, sum of those waits
        ("astray", "f8"),  # new cases and transfers that followed the old path
        ("relocated", "f8"),  # people whom a change of structure gave another pool
        ("change_h", "f8"),  # h of pay that changes of structure cost
        ("open_area", "f8"),  # integral of open cases over time
        ("open", "f8"),  # stock: cases open now
        ("active", "f8"),  # stock: active customers now
        ("mean_loyalty", "f8"),  # stock: mean loyalty of active customers at the last month end
        ("cash", "f8"),  # stock: money earned since warm-up and not spent on expansion
        ("market", "f8"),  # stock: customers there could be at most
        ("readiness", "f8"),  # stock: how far exploration has prepared the firm, 0 to 1
        *CARE,
        # Faults of M7, each by the share of its units that still have it.
        ("by_knowledge", "f8"),  # errors made for want of knowledge
        ("by_information", "f8"),  # for want of information
        ("by_fault", "f8"),  # because of a fault
        ("fault_area", "f8"),  # integral of faults over time
        ("faults_mended", "f8"),
        ("fault_h", "f8"),  # h from arising to mending, of those mended
        # Signals of M10.
        ("heard", "f8"),  # visits whose signal was captured
        ("hints", "f8"),  # signals captured that point to a fault
        ("bad_hints", "f8"),  # of which bad news
        ("intensity", "f8"),  # of bad news at the place of decision, where 1 was captured
        ("decided", "f8"),  # signals that became part of a decision
        ("reach", "f8"),  # shares of units that knew an answer some time after it was found
        ("reached", "f8"),  # number of those shares
        ("need_gap", "f8"),  # distance of perceived from true mean needs, x offering tasks
        ("need_tasks", "f8"),
        ("refused", "f8"),  # cases turned away for want of a label (counted as abandoned too)
        ("refused_satisfaction", "f8"),
    ]
)
"""Sums over the firm."""

SEGMENT_TOTALS = np.dtype(
    [
        ("arrivals", "f8"),
        ("closed", "f8"),
        ("abandoned", "f8"),
        ("satisfaction", "f8"),  # sum over closed + abandoned
        ("quality", "f8"),
        ("response", "f8"),
        ("fit", "f8"),
        ("fits", "f8"),
        ("first_contact", "f8"),
        ("adapted", "f8"),  # closed cases whose offering was adapted
        ("customer_months", "f8"),
        ("loyalty", "f8"),  # sum over month ends of the sum of L over active customers
        ("left", "f8"),
        ("joined", "f8"),
        ("active", "f8"),  # stock
    ]
)
"""Sums by true segment of the customer."""

UNIT_TOTALS = np.dtype(
    [
        ("visits", "f8"),  # visits ended here
        ("joins", "f8"),  # visits that joined a queue here
        ("busy", "f8"),  # h of its people
        ("filled", "f8"),  # h of filled positions
        ("wait", "f8"),  # h of waiting of visits that started here
        ("errors", "f8"),
        ("by_fault", "f8"),  # errors because of a fault
        ("handoffs_in", "f8"),
        ("queue", "f8"),  # stock: visits waiting now
    ]
)
"""Sums by unit."""

POOL_TOTALS = np.dtype(
    [
        ("joins", "f8"),  # visits that joined the queue
        ("visits", "f8"),  # visits of this pool ended, whoever served them
        ("touch", "f8"),  # h of those visits, set-up and rework included
        ("filled", "f8"),  # h of filled positions
        ("wait", "f8"),  # h of waiting of its visits that started
    ]
)
"""Sums by pool."""

STOCKS: dict[np.dtype, frozenset[str]] = {
    TOTALS: frozenset({"open", "active", "mean_loyalty", "cash", "market", "readiness",
                       "key_visits", "key_most"}),
    SEGMENT_TOTALS: frozenset({"active"}),
    UNIT_TOTALS: frozenset({"queue"}),
    POOL_TOTALS: frozenset(),
}
"""By dtype: fields that are levels, not sums ("queue" is hours in the firm's totals and a number
of visits in those of a unit)."""

HISTOGRAM_LOW_H = 1e-4
HISTOGRAM_STEP = 0.005
HISTOGRAM_BINS = 4200
"""Response-time histogram: bin 0 below LOW, bin i >= 1 from LOW * exp((i-1) * STEP)."""

MAX_DISTANCE = 16
"""Transfers are counted by distance 1..MAX_DISTANCE-1; farther ones in the last."""
