"""Random valid scenarios for property tests: small worlds, values from the hard bounds.

`scenarios()` draws a `Scenario` that has passed the same door as a user's file: at most 200
customers with about 300 cases a month, 30 heads, a horizon and a warm-up of at most 200 h. Values
reach the mathematical bounds of the schema, neutral values and extremes included.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sim.scenario import load
from sim.scenario.catalogue import Key, catalogue
from sim.scenario.checks import PRESETS
from sim.scenario.limits import predict
from sim.scenario.schema import KEYS, Scenario

MOST_CASES = 2e5
"""Of a run and its pilot rounds; usual are some thousands."""
FREE_TABLES = ("labels", "work", "knowledge", "handoffs", "mistakes", "cover", "offering", "market",
               "money", "morale", "onboarding",
           "orientation", "rewards", "pressure", "procedures")
"""Tables whose keys are drawn one by one, independently."""
FREE_STAFF = ("availability", "rebalance", "rebalance_share", "rebalance_weeks",
              "rebalance_threshold", "quit_rate", "vacancy_h", "vacancy_narrowness",
              "target_response_h")
FREE_SATISFACTION = ("concentration", "courtesy", "reopening_factor", "gain", "loss",
                     "expectation_speed", "expectation_drift", "expectation_start")

FREE_RELATIONS: dict[str, tuple[str, ...] | None] = {
    "trust": None,
    "measurement": None,
    "acquisition": None,
    "complaints": ("enabled", "threshold", "rate", "loyalty_slope", "answered", "work_h",
                   "priority", "delay_h", "tolerance_h", "silent", "unresolved", "resolved",
                   "resolved_quickly", "compliment"),
    "best_customers": ("enabled", "sigma", "joined_records", "top_share", "score", "priority",
                       "follow_ups", "follow_up_h", "follow_up_gain", "loyal"),
}


def values(key: Key) -> st.SearchStrategy[Any]:
    """Anything a key may hold: the ends of its range, the plausible part, the default."""
    if key.kind == "boolean":
        return st.booleans()
    if key.kind == "choice":
        return st.sampled_from(key.choices)
    low, high = key.low, key.high
    assert low is not None and high is not None
    if key.kind == "integer":
        return st.integers(int(low), int(high)) | st.integers(int(low), min(int(high), 20))
    found = st.floats(low, high) | st.sampled_from([float(low), float(high)])
    return found if key.plausible is None else st.floats(*key.plausible) | found


def tables(table: str, names: tuple[str, ...] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Some keys of a table, each with any value."""
    keys = {k.path[1]: values(k) for k in catalogue().values()
            if len(k.path) == 2 and k.path[0] == table and k.is_value
            and (names is None or k.path[1] in names)}
    return st.fixed_dictionaries({}, optional=keys)


def names(low: int, high: int) -> st.SearchStrategy[list[str]]:
    """Names as users write them: dots, quotes, markup, other scripts; distinct ignoring case."""
    word = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "),
                   min_size=1, max_size=6)
    return st.lists(word.filter(_is_name), min_size=low, max_size=high, unique_by=str.casefold)


def _is_name(word: str) -> bool:
    return (word == word.strip() and word.isprintable() and word not in ("rest", "all")
            and "," not in word and " - " not in word and word.casefold() not in PRESETS)


@st.composite
def shares(draw: st.DrawFn, n: int) -> list[float]:
    """Positive shares that sum to 1."""
    parts = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    return [part / sum(parts) for part in parts]


@st.composite
def segment_tables(draw: st.DrawFn, products: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    listed = draw(names(1, 3))
    for name, share in zip(listed, draw(shares(len(listed))), strict=True):
        found[name] = {"share": share} | draw(st.fixed_dictionaries({}, optional={
            "volume": st.floats(0.1, 3), "need_spread": st.floats(0, 100),
            "patience": st.floats(1e-3, 1000), "value": st.floats(0, 1e12),
            "expectation": st.floats(0, 1), "priority": st.integers(0, 9),
            "churn_max": st.floats(0, 1), "switching_cost": st.floats(-5, 5),
            "outside_option": st.floats(-5, 5),
            "products": st.dictionaries(st.sampled_from(products), st.floats(0, 1e6), min_size=1)
                          .filter(lambda d: any(d.values()))}))
    return found


@st.composite
def case_type_tables(draw: st.DrawFn, functions: list[str], products: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for i, name in enumerate(draw(names(1, 3))):
        # The first type needs every function, so that no function is without work.
        steps = functions if i == 0 else draw(st.lists(st.sampled_from(functions), min_size=1,
                                                       unique=True))
        kind: dict[str, Any] = {} if i == 0 and draw(st.booleans()) else {"steps": steps}
        if draw(st.booleans()):
            kind["after"] = {step: draw(st.lists(st.sampled_from(steps[:n]), unique=True))
                             for n, step in enumerate(steps) if n}
        if draw(st.booleans()):
            kind["products"] = draw(st.lists(st.sampled_from(products), min_size=1, unique=True))
        single = len(kind.get("products", products)) == 1
        kind |= draw(st.fixed_dictionaries({}, optional={
            "weight": st.floats(1e-3, 1e6),
            "work_h": st.dictionaries(st.sampled_from(steps), st.floats(1e-6, 20)),
            "second_product": st.just(0.0) if single else st.floats(0, 1),
            "channel": st.sampled_from(["email", "phone", "chat", "project"]),
            "tolerance_h": st.floats(1e-6, 1e6), "patience_h": st.floats(1e-6, 1e6),
            "priority": st.integers(0, 9)}))
        found[name] = kind
    return found


@st.composite
def structure_tables(draw: st.DrawFn, scenario: dict[str, Any]) -> dict[str, Any]:
    """One structure by keys and roles, or by explicit units that own every task once."""
    functions = list(scenario["functions"])
    if draw(st.booleans()):
        one = st.sampled_from(KEYS)
        crossed = st.lists(st.sampled_from([k for k in KEYS if k != "all"]), min_size=1,
                           max_size=3, unique=True)
        group = draw(st.dictionaries(st.sampled_from(functions), one | crossed))
        group["rest"] = draw(one | crossed)
        structure: dict[str, Any] = {"group": group}
        joined = [f for f in functions if group.get(f, group["rest"]) == group["rest"]
                  and not scenario["functions"][f].get("licensed")]
        if joined and draw(st.booleans()):
            structure["roles"] = [joined]
        return structure
    units: list[dict[str, Any]] = []
    for block in draw(partitions(functions)):
        axis = draw(st.sampled_from(["products", "segments", "regions"]))
        for values_ in draw(partitions(list(scenario[axis]))):
            units.append({"name": f"unit {len(units)}", "functions": block, axis: values_})
    return {"units": units}


@st.composite
def partitions(draw: st.DrawFn, words: list[str]) -> list[list[str]]:
    """Words divided into non-empty blocks."""
    marks = draw(st.lists(st.integers(0, 2), min_size=len(words), max_size=len(words)))
    return [[w for w, m in zip(words, marks, strict=True) if m == mark]
            for mark in sorted(set(marks))]


@st.composite
def raw_scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """The tables of a valid scenario file."""
    products, functions, regions = draw(names(1, 3)), draw(names(1, 4)), draw(names(1, 2))
    offering = draw(st.sampled_from([None, *functions]))
    count = draw(st.integers(1, 200))
    raw: dict[str, Any] = {
        "schema_version": 1,
        "name": draw(names(1, 1))[0],
        "seed": draw(st.integers(0, 2**63 - 1)),
        "customers": {"count": count, "cases_per_month": draw(st.floats(0.01, 300 / count)),
                      "second_product": draw(st.floats(0, 1))},
        "products": {p: {"weight": draw(st.floats(1e-3, 1e3))} for p in products},
        "segments": draw(segment_tables(products)),
        "regions": {r: {"share": s} for r, s in zip(regions, draw(shares(len(regions))),
                                                    strict=True)},
        "functions": {f: {"work_h": draw(st.floats(1e-3, 5)), "offering": f == offering}
                      | draw(st.fixed_dictionaries({}, optional={
                          "front": st.booleans(), "licensed": st.booleans(),
                          "spread": st.floats(0, 20), "cover": st.floats(0, 1)}))
                      for f in functions},
        "case_types": draw(case_type_tables(functions, products)),
        "staff": {"heads": draw(st.integers(1, 30)), "span": draw(st.integers(2, 40))}
        | draw(tables("staff", FREE_STAFF)),
        "needs": {"dimensions": draw(st.integers(1, 4)), "variance": draw(st.floats(0, 100)),
                  "fit_width": draw(st.floats(1e-3, 1e6)),
                  **dict(zip(("segment_share", "product_share", "interaction_share"),
                             draw(shares(4)), strict=False))},
        "satisfaction": dict(zip(("weight_fit", "weight_speed", "weight_resolution",
                                  "weight_courtesy"), draw(shares(4)), strict=True))
        | draw(tables("satisfaction", FREE_SATISFACTION)),
        **{table: draw(tables(table)) for table in FREE_TABLES},
        **{table: draw(tables(table, keys)) for table, keys in FREE_RELATIONS.items()},
    }
    horizon = draw(st.integers(1, 200))
    raw["time"] = {"warm_up": f"{draw(st.integers(0, 200))} h", "horizon": f"{horizon} h",
                   "period": f"{horizon / draw(st.integers(1, 20))!r} h"}
    raw["structures"] = {name: draw(structure_tables(raw)) for name in draw(names(0, 2))}
    return raw


def scenarios() -> st.SearchStrategy[Scenario]:
    """Valid scenarios whose runs stay small: money can buy more customers than memory holds."""
    return raw_scenarios().map(load_any).filter(lambda s: predict(s).cases < MOST_CASES)


def load_any(raw: dict[str, Any]) -> Scenario:
    """A scenario of any size."""
    return load(raw, limits=None)
