"""Small worlds in which the twin plays against the engine, one switched feature each.

Owns: the scenarios. `BASE` is a firm of twelve with three functions, two products, three
segments; `FEATURES` lists what is changed, and the structures it is played under.
"""

from __future__ import annotations

from typing import Any

from sim.scenario import load
from sim.scenario.schema import Scenario

BASE: dict[str, Any] = {
    "schema_version": 1,
    "name": "small",
    "seed": 7,
    "customers": {"count": 90, "cases_per_month": 2.4, "second_product": 0.3},
    "segments": {"a": {"share": 0.5}, "b": {"share": 0.3, "patience": 0.5, "volume": 1.5},
                 "c": {"share": 0.2, "need_spread": 1.4, "expectation": 0.7}},
    "products": {"x": {}, "y": {"weight": 2.0}},
    "functions": {
        "f": {"work_h": 1.0, "front": True},
        "g": {"work_h": 1.5, "offering": True, "front": True},
        "h": {"work_h": 1.2, "spread": 0.5},
    },
    "staff": {"heads": 12, "span": 4},
    "market": {"churn_max": 0.0, "inflow": False},
    "time": {"warm_up": "90 h", "horizon": "450 h"},
    "structures": {
        "crossed": {"group": {"f": ["segment", "product"], "g": "all", "h": "function"}},
        "pairs": {"group": {"rest": "segment"}, "roles": [["f", "h"]]},
    },
}

ALL = ("functional", "product", "customer", "front-back", "undivided", "crossed", "pairs")

FEATURES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "as it is": ({}, ALL),
    "one team": ({"staff": {"span": 12}}, ("functional", "customer")),
    "two teams a unit and layers": ({"staff": {"span": 2, "heads": 18}},
                                    ("functional", "product", "crossed")),
    "no errors": ({"mistakes": {"enabled": False}}, ("front-back",)),
    "many errors": ({"mistakes": {"base": 0.25, "found_inside": 0.5, "rework_share": 1.3},
                     "staff": {"heads": 16}}, ("functional", "pairs")),
    "no learning": ({"knowledge": {"learning": False}}, ("product",)),
    "fast learning": ({"knowledge": {"learn_h": 30.0, "forget_h": 200.0, "function_effect": 1.5,
                                     "product_effect": 1.0}}, ("customer",)),
    "telephone": ({"case_types": {
        "call": {"channel": "phone", "patience_h": 1.0, "tolerance_h": 2.0},
        "mail": {"weight": 0.5, "priority": 1, "steps": ["f", "h"]},
        "chat": {"channel": "chat", "weight": 0.3, "products": ["x"], "work_h": {"g": 0.4}}}},
        ("functional", "customer")),
    "priorities": ({"segments": {"a": {"priority": 2}, "c": {"priority": 1}}},
                   ("functional", "pairs")),
    "free cover": ({"cover": {"minimum_proficiency": 0.4}}, ("customer", "front-back")),
    "strict specialists": ({"cover": {"minimum_proficiency": 1.0}}, ("product",)),
    "licensed": ({"functions": {"g": {"licensed": True}}, "staff": {"quit_rate": 3.0}},
                 ("functional", "customer")),
    "roles for want of people": ({"staff": {"heads": 6}, "customers": {"cases_per_month": 1.1}},
                                 ("customer", "product")),
    "turnover": ({"staff": {"quit_rate": 4.0, "vacancy_h": 80.0}}, ("functional", "customer")),
    "turnover without re-balance": ({"staff": {"quit_rate": 4.0, "rebalance": False}},
                                    ("front-back",)),
    "restless staff": ({"staff": {"quit_rate": 6.0, "vacancy_h": 60.0, "rebalance_threshold": 0.2,
                                  "rebalance_share": 0.2}}, ("customer", "front-back")),
    "eager re-balance": ({"staff": {"rebalance_threshold": 0.1, "rebalance_share": 0.3}},
                         ("product", "customer")),
    "market": ({"market": {"churn_max": 0.3, "inflow": True, "convert": 0.1, "block": 0.5},
                "segments": {"b": {"churn_max": 0.05, "outside_option": 0.8}}},
               ("customer", "functional")),
    "gossip": ({"market": {"churn_max": 1.0, "inflow": True, "convert": 0.1, "block": 0.9,
                           "tell_neutral": 0.1, "prospects": 60, "block_months": 0.3,
                           "angry": 0.65}}, ("product", "functional")),
    "small market": ({"market": {"churn_max": 0.02, "inflow": True, "convert": 0.5,
                                 "prospects": 6}}, ("functional",)),
    "bundles": ({"customers": {"second_product": 0.9, "cases_per_month": 1.6}}, ("product",)),
    "single products": ({"customers": {"second_product": 0.0}}, ("product",)),
    "wrong labels": ({"labels": {"accuracy": 0.4, "notice": 0.7, "unassignable": 0.2}},
                     ("customer", "front-back")),
    "label centres": ({"offering": {"mode": "label_centre"}, "labels": {"notice": 0.0}},
                      ("customer",)),
    "single queue": ({"cover": {"pooling": "single"}}, ("functional", "customer")),
    "no latency": ({"handoffs": {"latency_h": 0.0}}, ("functional",)),
    "ties": ({"handoffs": {"latency_h": 0.0, "read_in_h": 0.0, "information_loss": 0.0},
              "work": {"distribution": "deterministic", "spread": 0.0},
              "knowledge": {"learning": False},
              "mistakes": {"reopen_delay_h": 0.0, "base": 0.1}}, ("functional", "customer")),
    "exponential work": ({"work": {"distribution": "exponential"}}, ("functional",)),
    "precedence": ({"case_types": {"r": {"after": {"h": ["f"]}},
                                   "q": {"after": {"f": ["h"]}, "weight": 0.7}},
                    "mistakes": {"base": 0.1}}, ("functional", "pairs")),
    "regions": ({"regions": {"n": {"share": 0.6}, "s": {"share": 0.4}}},
                ("regional", "customer")),
    "approvals": ({"empowerment": {"enabled": True, "level": 0.3, "approval_rate": 0.6,
                                   "approvals": 2, "adaptation": 0.8},
                   "mistakes": {"base": 0.1}, "morale": {"enabled": True, "load_norm": 0.3},
                   "case_types": {"whole": {}, "short": {"steps": ["f", "h"]}}},
                  ("functional", "pairs")),
    "second bosses": ({"structures": {"matrix of two": {
        "group": {"rest": "function"}, "second": {"f": "product", "rest": "segment"}}},
        "matrix": {"added_distance": 0.25, "coordination_h": 3.0}, "staff": {"heads": 14},
        "segments": {"a": {"priority": 1}}}, ("matrix", "matrix of two")),
    "no clash of bosses": ({"matrix": {"clash": False}}, ("matrix",)),
    "liaisons": ({"segments": {"c": {"value": 9000.0}}, "structures": {"joined": {
        "group": {"rest": "segment"}, "liaisons": [["a", "b"], ["c", "b", "a"]]}},
        "labels": {"accuracy": 0.5, "notice": 0.8}}, ("key-account", "joined")),
    "travel": ({"regions": {"n": {"share": 0.5}, "s": {"share": 0.3}, "w": {"share": 0.2}},
                "functions": {"h": {"presence": True}, "f": {"presence": True}},
                "travel": {"enabled": True, "across_h": 1.5}, "mistakes": {"base": 0.1},
                "staff": {"heads": 18}}, ("regional", "functional", "pairs")),
    "broad jobs": ({"work": {"job_breadth": 2}}, ("customer",)),
    "nobody minds waiting": ({"satisfaction": {"waiting": False}, "mistakes": {"base": 0.2},
                              "case_types": {"call": {"channel": "phone", "patience_h": 0.5},
                                             "mail": {}}}, ("functional", "customer")),
    "one offering": ({"offering": {"mode": "pooled"}}, ("customer",)),
    "given expectation": ({"satisfaction": {"expectation_start": "given", "concentration": 0.0}},
                          ("functional",)),
    "familiar teams": ({"handoffs": {"familiarity_effect": 0.9, "familiarity_handoffs": 2.0,
                                     "familiarity_decay_h": 100.0, "latency_growth": 3.0}},
                       ("functional", "product")),
    "needs in motion": ({
        "segments": {"a": {"value": 900.0}, "b": {"value": 3000.0}},
        "design": {"customer_share": 0.7, "value_weight": 1.0, "standardisation": 0.3,
                   "vision": 0.6},
        "drift": {"enabled": True, "sd": 0.15},
        "foresight": {"enabled": True, "time_share": 0.01, "period_months": 2},
        "shock": {"enabled": True, "at": "170 h", "early_share": 0.3, "rest_after": "100 h",
                  "ramp": "200 h"},
        "exploration": {"share": 0.05, "scale_h": 100.0}}, ("customer", "functional")),
    "variants": ({"design": {"variants": 3, "review_months": 2},
                  "drift": {"enabled": True, "explained": 0.0},
                  "shock": {"enabled": True, "at": "1 h", "rest_after": "1 h", "ramp": "0 h"}},
                 ("customer", "front-back")),
    "push": ({"offering": {"mode": "push"}}, ("customer",)),
    "standard": ({"design": {"standardisation": 1.0}}, ("product", "customer")),
    "complaints": ({"complaints": {"enabled": True, "threshold": 0.7, "answered": 0.8,
                                   "function": "f", "work_h": 0.4, "priority": 1,
                                   "tolerance_h": 4.5, "compliment": 0.5, "silent": -0.02},
                    "mistakes": {"base": 0.15}},
                   ("functional", "customer")),
    "best customers": ({"best_customers": {"enabled": True, "follow_ups": 6, "loyal": 0.7,
                                           "function": "g"},
                        "segments": {"b": {"value": 4000.0}},
                        "market": {"churn_max": 0.3, "inflow": True}},
                       ("functional", "product")),
    "all that is remembered": ({
        "complaints": {"enabled": True, "threshold": 0.8},
        "best_customers": {"enabled": True, "joined_records": True, "score": "value",
                           "top_share": 0.4, "priority": 2},
        "case_types": {"call": {"channel": "phone", "patience_h": 1.0, "tolerance_h": 4.0},
                       "mail": {"priority": 1, "products": ["y"]}},
        "time": {"warm_up": "1900 h", "horizon": "400 h"},
        "customers": {"count": 40, "cases_per_month": 1.0}, "staff": {"heads": 6}},
        ("customer",)),
    "moods": ({"morale": {"enabled": True, "spread": 0.15, "variety": 0.2, "pride": 0.2,
                          "profit_share": 0.2, "recognition_h": 4.0, "load_norm": 0.6,
                          "satisfaction_norm": 0.6, "quit_effect": 9.0},
               "segments": {"a": {"value": 60000.0}}, "mistakes": {"base": 0.1},
               "staff": {"quit_rate": 4.0, "vacancy_h": 60.0}},
              ("functional", "customer")),
    "restless moods": ({"morale": {"enabled": True, "base": 0.55, "spread": 0.3,
                                   "quit_effect": 4.0},
                        "staff": {"quit_rate": 5.0, "vacancy_h": 30.0},
                        "time": {"horizon": "1400 h"}}, ("product",)),
    "bringing in": ({"onboarding": {"enabled": True, "induction_h": 30.0,
                                    "minimum_proficiency": 0.7, "ready": 0.8},
                     "knowledge": {"learn_h": 60.0},
                     "staff": {"quit_rate": 4.0, "vacancy_h": 40.0}},
                    ("functional", "customer")),
    "faults": ({"faults": {"enabled": True, "rate": 0.2, "error_added": 0.3}},
               ("functional", "customer")),
    "signals": ({"sensing": {"enabled": True, "sensors": "front", "report_h": 60.0,
                             "decision_h": 200.0}}, ("functional", "front-back")),
    "faults and signals": (
        {"faults": {"enabled": True, "rate": 0.5, "error_added": 0.4},
         "sensing": {"enabled": True, "capture": 0.6, "minimum_signals": 3, "report_h": 25.0,
                     "decision_h": 30.0, "suggestions": 0.3, "response": 0.8, "informal": 0.03,
                     "reach_h": 120.0},
         "staff": {"heads": 16}, "time": {"horizon": "1500 h"}},
        ("functional", "customer")),
    "answers spread": (
        {"faults": {"enabled": True, "rate": 0.15, "error_added": 0.5},
         "sensing": {"enabled": True, "capture": 0.6, "minimum_signals": 2, "report_h": 25.0,
                     "decision_h": 30.0, "informal": 0.005, "broadcast_read": 0.2,
                     "formal_kept": 0.8, "reach_h": 400.0},
         "staff": {"heads": 16}, "time": {"horizon": "2500 h"}},
        ("crossed",)),
    "complaints about faults": (
        {"complaints": {"enabled": True, "threshold": 0.8, "answered": 0.8},
         "best_customers": {"enabled": True, "follow_ups": 6},
         "faults": {"enabled": True, "rate": 0.5, "error_added": 0.4},
         "sensing": {"enabled": True, "capture": 0.6, "minimum_signals": 2, "report_h": 25.0,
                     "decision_h": 30.0},
         "staff": {"heads": 16}}, ("functional", "customer")),
    "some turned away": (
        {"labels": {"unassignable": 0.2}, "segmentation": {"unassigned": "refuse"},
         "complaints": {"enabled": True, "threshold": 0.8},
         "best_customers": {"enabled": True},
         "market": {"churn_max": 0.2, "inflow": True, "convert": 0.2},
         "case_types": {"call": {"channel": "phone", "patience_h": 1.0}, "mail": {}}},
        ("customer", "functional")),
    "labels by traits": (
        {"segmentation": {"mode": "attributes", "use": ["purpose", "habits", "age"]},
         "records": {"enabled": True, "sales": 0.4, "bought": True},
         "best_customers": {"enabled": True}}, ("customer",)),
    "signals of needs in motion": (
        {"segments": {"a": {"value": 900.0}, "b": {"value": 3000.0}},
         "design": {"value_weight": 1.0, "standardisation": 0.3, "variants": 2,
                    "review_months": 2},
         "drift": {"enabled": True, "sd": 0.15}, "foresight": {"enabled": True},
         "shock": {"enabled": True, "at": "1 h", "rest_after": "100 h", "ramp": "200 h"},
         "sensing": {"enabled": True, "decision_h": 30.0, "capture": 0.6}}, ("customer",)),
    "competition": ({
        "market": {"churn_max": 0.3, "inflow": True, "convert": 0.1, "switching_cost": 0.1},
        "segments": {"b": {"outside_option": 0.8, "switching_cost": 0.3}},
        "drift": {"enabled": True, "sd": 0.2},
        "competition": {"enabled": True, "rise": 0.2, "perceptible": 0.06, "focus": 0.7,
                        "entrant_segment": "b", "entrant_at": "260 h", "entrant_level": 1.1,
                        "entrant_focus": 0.8}}, ("customer", "functional")),
    "surge": ({"surge": {"enabled": True, "at": "40 h", "length": "100 h", "factor": 1.8,
                         "reserve": 0.4, "delay": "20 h", "clear": "60 h"},
               "staff": {"quit_rate": 2.0}}, ("customer", "functional")),
    "stock": ({"stock": {"enabled": True, "function": "g", "level": 30, "lead": "25 h"}},
              ("customer", "undivided")),
    "nothing in stock": ({"stock": {"enabled": True, "function": "f", "level": 0, "lead": "5 h"}},
                         ("product",)),
    "heads written down": ({"staff": {"pools": {"functional": {"f": 3, "g": 4, "h": 5}}}},
                           ("functional",)),
}


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A copy of nested tables with some values replaced."""
    out = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = merged(out[key], value) if both else value
    return out


def world(feature: str) -> Scenario:
    """The scenario of a feature."""
    return load(merged(BASE, FEATURES[feature][0]))
