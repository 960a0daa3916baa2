"""A hundred broken scenario files, each answered with faults a user can act on.

Every file is made here from a valid one by one change. Expected: `InputError`, a fault at the
named key whose text holds the named words, and no word of the validator.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.scenario import load

VALID = """\
schema_version = 1
name = "Shop"
seed = 3

[customers]
count = 300
cases_per_month = 1.5
second_product = 0.2

[segments.home]
share = 0.6
value = 500
products = { tea = 1, ink = 2 }
[segments.trade]
share = 0.4
priority = 1

[products.tea]
[products.ink]
weight = 2

[regions.hill]
share = 0.5
[regions.vale]
share = 0.5

[functions.meet]
work_h = 0.3
front = true
[functions.plan]
work_h = 0.5
offering = true
[functions.make]
work_h = 0.6
licensed = true

[case_types.order]
weight = 3
steps = ["meet", "plan", "make"]
after = { plan = ["meet"], make = ["plan"] }
[case_types.advice]
steps = ["meet", "plan"]
products = ["tea"]
second_product = 0
channel = "phone"

[staff]
heads = 12

[time]
warm_up = "1000 h"
horizon = "6 months"

[structures.mixed]
group = { meet = "segment", rest = ["product", "region"] }
[structures.table]
units = [
  { name = "door", functions = ["meet"] },
  { name = "tea room", functions = ["plan", "make"], products = ["tea"] },
  { name = "ink room", functions = ["plan", "make"], products = ["ink"] },
]
[structures.pairs]
group = { make = "product", rest = "segment" }
roles = [["meet", "plan"], ["make"]]
[structures.halls]
roles = [["meet", "plan"]]
units = [
  { name = "front hall", functions = ["meet", "plan"] },
  { name = "back hall", functions = ["make"] },
]

[compare]
structures = ["functional", "mixed"]

[overlays.more.customers]
count = 400
"""


def changed(old: str, new: str) -> str:
    """The valid file with one passage replaced."""
    assert VALID.count(old) == 1, old
    return VALID.replace(old, new)


def added(text: str) -> str:
    return f"{VALID}\n{text}\n"


BROKEN: dict[str, tuple[str | bytes, str, str]] = {
    # the file as a whole: (content, key, words of the message or hint)
    "empty": ("", "", "is empty"),
    "only blanks": (" \n\t\n", "", "is empty"),
    "only comments": ("# nothing\n", "", "only comments"),
    "binary": (b"\x7fELF\x00\x01\x02", "", "binary"),
    "not utf-8": (VALID.replace("Shop", "Caf\xe9").encode("latin-1"), "",
                  "not UTF-8 text (line 2)"),
    "utf-16": (VALID.encode("utf-16"), "", "UTF-16"),
    "huge": (VALID + "#" * (1 << 20), "", "larger than 1,048,576 bytes"),
    "yaml": ("name: Shop\nfunctions:\n  - meet\n", "line 1", "key = value"),
    "json": ('{"schema_version": 1}', "line 1", "no valid TOML"),
    "no quotes": (changed('"Shop"', "Shop"), "line 2", "text needs quotes"),
    "decimal comma": (changed("share = 0.6", "share = 0,6"), "line 11", "decimals with a point"),
    "open bracket": (changed('["meet", "plan", "make"]', '["meet", "plan"'), "line 40", "unclosed"),
    "key twice": (changed("seed = 3", "seed = 3\nseed = 4"), "line 4", "may stand once"),
    "deep arrays": (added("x = " + "[" * 400 + "]" * 400), "", "nested"),
    "very deep arrays": (added("x = " + "[" * 100_000), "", "nested"),
    "deep tables": (added("x = " + "{a=" * 40 + "1" + "}" * 40), "", "nested"),
    "deep dotted key": (added(".".join("a" * 30_000) + " = 1"), "", "deep (line"),
    "deep header": (added("[" + ".".join("ab" * 40) + "]"), "", "deep (line"),
    # version and title
    "no version": (changed("schema_version = 1\n", ""), "schema_version", "is missing; write 1"),
    "next version": (changed("version = 1", "version = 2"), "schema_version", "must be 1"),
    "version as text": (changed("version = 1", 'version = "1"'), "schema_version", "must be 1"),
    "no name": (changed('name = "Shop"\n', ""), "name", "is missing"),
    "empty name": (changed('"Shop"', '""'), "name", "text of 1 to 120"),
    "blank name": (changed('"Shop"', '"  "'), "name", "blank"),
    "long name": (changed('"Shop"', f'"{"x" * 121}"'), "name", "text of 1 to 120"),
    "number as name": (changed('"Shop"', "7"), "name", "not 7"),
    "name with escape": (changed('"Shop"', '"a\\u001b[31mb"'), "name", "printable"),
    "seed below 0": (changed("seed = 3", "seed = -1"), "seed", "not -1"),
    "seed with point": (changed("seed = 3", "seed = 3.5"), "seed", "whole number"),
    "seed too long": (changed("seed = 3", "seed = 9" + "0" * 40), "seed", "more than 20 digits"),
    # unknown keys
    "unknown table": (added("[marketing]\nbudget = 1"), "marketing", "market"),
    "singular table": (changed("[staff]", "[staffs]"), "staffs", "did you mean staff?"),
    "capital table": (changed("[staff]", "[Staff]"), "Staff", "did you mean staff?"),
    "synonym table": (added("[employees]\ncount = 3"), "employees", "staff.heads"),
    "misspelt key": (changed("heads = 12", "haeds = 12"), "staff.haeds", "did you mean heads?"),
    "key cut short": (changed("heads = 12", "heads = 12\navail = 0.8"), "staff.avail",
                      "did you mean availability?"),
    "capital key": (changed("heads = 12", "Heads = 12"), "staff.Heads", "did you mean heads?"),
    "synonym key": (changed("heads = 12", "headcount = 12"), "staff.headcount",
                    "did you mean heads?"),
    "cases per year": (changed("cases_per_month", "cases_per_year"), "customers.cases_per_year",
                       "did you mean cases_per_month?"),
    "key in wrong table": (changed("heads = 12", "heads = 12\npay = 30"), "staff.pay",
                           "did you mean money.pay?"),
    "symbol of the theory": (changed("heads = 12", "tau1 = 3"), "staff.tau1",
                             "did you mean handoffs.latency_h?"),
    "key of a segment": (changed("value = 500", "valeu = 500"), "segments.home.valeu",
                         "did you mean value?"),
    "key of a function": (changed("licensed = true", "license = true"), "functions.make.license",
                          "did you mean licensed?"),
    # types
    "text for number": (changed("count = 300", 'count = "300"'), "customers.count",
                        "without quotes"),
    "word for number": (changed("count = 300", 'count = "many"'), "customers.count", '"many"'),
    "fraction for people": (changed("heads = 12", "heads = 12.5"), "staff.heads", "whole number"),
    "true for number": (changed("value = 500", "value = true"), "segments.home.value", "not true"),
    "text for flag": (changed("front = true", 'front = "yes"'), "functions.meet.front",
                      "true or false, without quotes"),
    "number for flag": (changed("front = true", "front = 1"), "functions.meet.front",
                        "true or false"),
    "date for number": (changed("value = 500", "value = 2026-01-01"), "segments.home.value",
                        "must be a number"),
    "list for number": (changed("heads = 12", "heads = [12]"), "staff.heads", "not [12]"),
    "table for number": (changed("heads = 12", "heads = { a = 1 }"), "staff.heads", "a table"),
    "number for table": (changed("[staff]\nheads = 12", "").replace("seed = 3",
                         "seed = 3\nstaff = 3"), "staff", "not 3"),
    "number for segment": (added("[segments]\nodd = 0.1").replace(
        "[segments.home]", "[segmentz.home]").replace("[segments.trade]", "[segmentz.trade]"),
        "segments.odd", "[segments.NAME]"),
    "list of segments": (VALID.replace("[segments.home]", "[[segments]]").replace(
        "[segments.trade]", "[[segments]]"), "segments", "[segments.NAME]"),
    "text for list": (changed('steps = ["meet", "plan"]\nproducts', 'steps = "meet"\nproducts'),
                      "case_types.advice.steps", 'write ["meet"]'),
    "numbers in list": (changed('products = ["tea"]\n', "products = [1]\n"),
                        "case_types.advice.products", "not [1]"),
    "percent": (changed("second_product = 0.2", 'second_product = "20%"'),
                "customers.second_product", "write 0.2 for 20%"),
    # bounds
    "zero heads": (changed("heads = 12", "heads = 0"), "staff.heads", "from 1 to 100,000 (people)"),
    "no customers": (changed("count = 300", "count = 0"), "customers.count", "not 0"),
    "too many customers": (changed("count = 300", "count = 99999999999"), "customers.count",
                           "10,000,000"),
    "share above 1": (changed("share = 0.6", "share = 60"), "segments.home.share",
                      "0.6 for 60%"),
    "share of 0": (changed("share = 0.6", "share = 0"), "segments.home.share", "above 0"),
    "negative work": (changed("work_h = 0.3", "work_h = -0.3"), "functions.meet.work_h",
                      "above 0"),
    "nan": (changed("work_h = 0.3", "work_h = nan"), "functions.meet.work_h", "not nan"),
    "infinite": (changed("value = 500", "value = inf"), "segments.home.value", "not inf"),
    "no span": (changed("heads = 12", "heads = 12\nspan = 1"), "staff.span", "from 2"),
    "negative weight": (changed("tea = 1, ink = 2", "tea = -1, ink = 2"),
                        "segments.home.products.tea", "from 0"),
    "unknown channel": (changed('"phone"', '"telephone"'), "case_types.advice.channel",
                        "did you mean phone?"),
    "unknown distribution": (added('[work]\ndistribution = "normal"'), "work.distribution",
                             '"lognormal"'),
    # durations
    "bare duration": (changed('"6 months"', "6"), "time.horizon", '"6 months"'),
    "no unit": (changed('"6 months"', '"6"'), "time.horizon", "26 weeks"),
    "unknown unit": (changed('"6 months"', '"6 moons"'), "time.horizon", "weeks, months"),
    "negative duration": (changed('"6 months"', '"-6 months"'), "time.horizon", "-6 months"),
    "zero horizon": (changed('"6 months"', '"0 h"'), "time.horizon", "above 0 h"),
    "endless horizon": (changed('"6 months"', '"1e9 years"'), "time.horizon", "10,000,000 h"),
    "period above horizon": (added('').replace('"6 months"', '"6 months"\nperiod = "1 year"'),
                             "time.period", "longer than the horizon"),
    # missing
    "no functions": (VALID[:VALID.index("[functions.meet]")], "functions", "is missing"),
    "no share": (changed("share = 0.6\n", ""), "segments.home.share", "is missing"),
    "no work": (changed("work_h = 0.3\n", ""), "functions.meet.work_h", "is missing"),
    "no products": (VALID.replace("[products.tea]\n[products.ink]\nweight = 2", "[products]"),
                    "products", "is empty"),
    # sums
    "shares below 1": (changed("share = 0.4", "share = 0.3"), "segments.NAME.share", "not 0.9"),
    "shares above 1": (changed("share = 0.4", "share = 0.41"), "segments.NAME.share", "not 1.01"),
    "regions above 1": (VALID.replace("share = 0.5", "share = 0.6"), "regions.NAME.share",
                        "not 1.2"),
    "weights of satisfaction": (added("[satisfaction]\nweight_fit = 0.5"), "satisfaction",
                                "not 1.15"),
    "shares of variance": (added("[needs]\nsegment_share = 0.9\nproduct_share = 0.2"), "needs",
                           "at most 1"),
    "weights all 0": (changed("tea = 1, ink = 2", "tea = 0"), "segments.home.products", "all"),
    # references
    "unknown product": (changed("tea = 1, ink = 2", "coffee = 1"), "segments.home.products",
                        "there are: tea, ink"),
    "unknown step": (changed('["meet", "plan", "make"]', '["meet", "plan", "male", "make"]'),
                     "case_types.order.steps", "did you mean make?"),
    "step twice": (changed('["meet", "plan", "make"]', '["meet", "plan", "make", "meet"]'),
                   "case_types.order.steps", '"meet" twice'),
    "unreachable step": (changed('steps = ["meet", "plan", "make"]', 'steps = ["plan", "make"]'),
                         "case_types.order.after.plan", "can never be reached"),
    "function never used": (changed('["meet", "plan", "make"]\nafter = { plan = ["meet"], '
                                    'make = ["plan"] }', '["meet", "plan"]'),
                            "functions.make", "no case type"),
    "cyclic steps": (changed('plan = ["meet"]', 'plan = ["make"]'), "case_types.order.after",
                     "cycle"),
    "step after itself": (changed('plan = ["meet"]', 'plan = ["plan"]'), "case_types.order.after",
                          "cycle"),
    "work of no step": (changed('channel = "phone"', "work_h = { make = 1 }"),
                        "case_types.advice.work_h", '"make"'),
    "second of one product": (changed("second_product = 0\n", "second_product = 0.5\n"),
                              "case_types.advice.second_product", 'only "tea"'),
    "product of no kind": (changed('products = ["tea"]\n', 'products = ["tee"]\n'),
                           "case_types.advice.products", "did you mean tea?"),
    "product twice": (changed('products = ["tea"]\n', 'products = ["tea", "tea"]\n'),
                      "case_types.advice.products", '"tea" twice'),
    "order of no step": (changed('plan = ["meet"], ', 'plane = ["meet"], '),
                         "case_types.order.after", "did you mean plan?"),
    "same order twice": (changed('plan = ["meet"], ', 'plan = ["meet", "meet"], '),
                         "case_types.order.after.plan", '"meet" twice'),
    "two offerings": (changed("front = true", "front = true\noffering = true"),
                      "functions.NAME.offering", '"meet", "plan"'),
    # names
    "same name": (changed("[segments.trade]", "[segments.Home]"), "segments.Home",
                  "differ only in case"),
    "empty entry name": (changed("[products.tea]", '[products.""]'), 'products.""', "blank"),
    "unprintable entry": (changed("[regions.hill]", '[regions."hi\\u0007ll"]'),
                          'regions."hi?ll"', "printable"),
    "long entry name": (changed("[regions.hill]", f"[regions.{'h' * 61}]"),
                        f'regions."{"h" * 57}..."',
                        "at most 60"),
    "reserved name": (changed("[functions.meet]", "[functions.rest]"), "functions.rest",
                      "reserved"),
    "eleven functions": (added("\n".join(f"[functions.f{i}]\nwork_h = 1" for i in range(8))),
                         "functions", "at most 10"),
    # structures
    "preset's name": (changed("[structures.mixed]", "[structures.Customer]"),
                      "structures.Customer", "preset"),
    "grouping key customer": (changed('meet = "segment"', 'meet = "customer"'),
                              "structures.mixed.group.meet", "did you mean segment?"),
    "unknown grouping key": (changed('meet = "segment"', 'meet = "colour"'),
                             "structures.mixed.group.meet", "allowed: all, function"),
    "crossed with all": (changed('["product", "region"]', '["product", "all"]'),
                         "structures.mixed.group.rest", "crossed"),
    "crossed twice": (changed('["product", "region"]', '["product", "product"]'),
                      "structures.mixed.group.rest", "twice"),
    "no key": (changed('["product", "region"]', "[]"), "structures.mixed.group.rest",
               "names no key"),
    "function without key": (changed(', rest = ["product", "region"]', ""),
                             "structures.mixed.group", '"plan", "make"'),
    "key of no function": (changed('meet = "segment"', 'meat = "segment"'),
                           "structures.mixed.group", "did you mean meet?"),
    "neither group nor units": (added('[structures.none]\ntitle = "x"'), "structures.none",
                                "needs either"),
    "task without unit": (changed('products = ["ink"] },', 'products = ["ink"], '
                                  'regions = ["hill"] },'), "structures.table.units",
                          'product "ink", segment "home", region "vale"'),
    "task with two units": (changed('["plan", "make"], products = ["ink"]',
                                    '["plan", "make"]'), "structures.table.units.2",
                            'both own the task of function "plan", product "tea"'),
    "unknown word in unit": (changed('products = ["ink"] }', 'products = ["inc"] }'),
                             "structures.table.units.2.products", "did you mean ink?"),
    "unit without name": (changed('{ name = "door", ', "{ "), "structures.table.units.0.name",
                          "is missing"),
    "units with one name": (changed('"ink room"', '"tea room"'), "structures.table.units.2.name",
                            "the same"),
    "role of unknown function": (changed("[structures.table]",
                                         'roles = [["plan", "mate"]]\n[structures.table]'),
                                 "structures.mixed.roles.0", '"mate"'),
    "role of two keys": (changed("[structures.table]",
                                 'roles = [["meet", "plan"]]\n[structures.table]'),
                         "structures.mixed.roles.0", "different keys"),
    "role with a licence": (changed("[structures.table]",
                                    'roles = [["plan", "make"]]\n[structures.table]'),
                            "structures.mixed.roles.0", "licensed"),
    "role cut by units": (changed("[structures.table]",
                                '[structures.table]\nroles = [["meet", "plan"]]'),
                          "structures.table.roles.0", '"door"'),
    "empty role": (changed('["make"]]', "[]]"), "structures.pairs.roles.1", "is empty"),
    "function in two roles": (changed('["make"]]', '["plan"]]'), "structures.pairs.roles",
                              '"plan" twice'),
    "more roles than functions": (changed('["make"]]', '["make"], [], []]'),
                                  "structures.pairs.roles", "4 roles for 3 functions"),
    "comma in a structure's name": (changed("[structures.pairs]", '[structures."a,b"]'),
                                    'structures."a,b"', "must not hold"),
    "dash in a structure's name": (changed("[structures.pairs]", '[structures."a - b"]'),
                                   'structures."a - b"', "must not hold"),
    "unprintable title": (changed("[structures.pairs]", '[structures.pairs]\ntitle = "a\\u0007"'),
                          "structures.pairs.title", "printable"),
    "thousand units": (added("[structures.vast]\nunits = [" + '{ name = "u" }, ' * 1001 + "]"),
                       "structures.vast.units", "at most 1000"),
    "no pools": (added("[staff.pools.functional]"), "staff.pools.functional", "names no pool"),
    "unknown structure": (changed('["functional", "mixed"]', '["functional", "mixd"]'),
                          "compare.structures", "did you mean mixed?"),
    "structure twice": (changed('["functional", "mixed"]', '["mixed", "mixed"]'),
                        "compare.structures", "twice"),
    "one replication": (added("").replace("[compare]", "[compare]\nreplications = 1"),
                        "compare.replications", "from 2"),
    "pools of no structure": (added("[staff.pools.lattice]\nmeet = 3"), "staff.pools", '"lattice"'),
    "pool of nobody": (added("[staff.pools.functional]\nmeet = 0"), "staff.pools.functional.meet",
                       "from 1"),
    "pool as number": (added("[staff.pools]\nfunctional = 3"), "staff.pools.functional", "not 3"),
    "unknown metric": (added("[objective.weights]\nsatisfacton = 1"), "objective.weights",
                       "did you mean satisfaction?"),
    "objective of nothing": (added("[objective.weights]\nsatisfaction = 0"), "objective.weights",
                             "all weights are 0"),
    # overlays
    "cyclic overlays": (added('[overlays.a]\nextends = ["b"]\n[overlays.b]\nextends = ["a"]'),
                        "overlays.b.extends", "cycle: a -> b -> a"),
    "overlay of itself": (added('[overlays.a]\nextends = ["a"]'), "overlays.a.extends", "a -> a"),
    "extends nothing known": (added('[overlays.a]\nextends = ["mor"]'), "overlays.a.extends",
                              "did you mean more?"),
    "extends a number": (added("[overlays.a]\nextends = 3"), "overlays.a.extends",
                         "list of overlays"),
    "overlay leaves the folder": (added('[overlays.a]\nextends = ["../x.toml"]'),
                                  "overlays.a.extends",
                                  "outside the scenario's folder"),
    "overlay file missing": (added('[overlays.a]\nextends = ["x.toml"]'), "", "no such file"),
    "overlay as number": (added("[overlays]\nmuch = 3"), "overlays.much", "not 3"),
    "unknown key in overlay": (added("[overlays.a.staff]\nhads = 3"), "overlays.a.staff.hads",
                               "did you mean heads?"),
    "overlay in overlay": (added("[overlays.a.overlays.b]\nseed = 3"), "overlays.a.overlays",
                           "cannot define overlays"),
}

METRICS = ("satisfaction", "loyalty", "cost_total")


def faults_of(content: str | bytes, folder: Path) -> InputError:
    file = folder / "shop.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        load(file, metrics=METRICS)
    return caught.value


def test_the_file_all_others_are_made_of_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(VALID, encoding="utf-8")
    assert load(file, metrics=METRICS).name == "Shop"


@pytest.mark.parametrize("case", BROKEN)
def test_broken_file_is_answered_with_key_and_way_out(case: str, tmp_path: Path) -> None:
    content, key, words = BROKEN[case]
    error = faults_of(content, tmp_path)
    found = [f for f in error.faults
             if f.key == key and words in f"{f.message} ({f.hint})"]
    assert found, f"no fault at {key!r} with {words!r} in:\n{error}"
    for fault in error.faults:
        assert fault.message and fault.where
        assert len(str(fault)) < 700
    for word in ("Input should", "pydantic", "type=", "Traceback", "validator", "NoneType"):
        assert word not in str(error)


def test_there_are_a_hundred_of_them() -> None:
    assert len(BROKEN) >= 100


def test_all_faults_are_told_at_once_each_once(tmp_path: Path) -> None:
    """Field faults and contradictions elsewhere stand side by side."""
    broken = (VALID.replace("heads = 12", "heads = 0").replace('"phone"', '"fon"')
              .replace("share = 0.4", "share = 0.5").replace('"6 months"', "6")
              .replace('meet = "segment"', 'meet = "customer"')
              .replace("front = true", "fornt = true"))
    keys = [fault.key for fault in faults_of(broken, tmp_path).faults]
    assert sorted(keys) == sorted(["staff.heads", "case_types.advice.channel", "time.horizon",
                                   "functions.meet.fornt", "segments.NAME.share",
                                   "structures.mixed.group.meet"])


def test_a_faulty_field_is_not_blamed_twice(tmp_path: Path) -> None:
    """A share that is no number says nothing about the sum of shares."""
    error = faults_of(changed("share = 0.4", 'share = "big"'), tmp_path)
    assert [f.key for f in error.faults] == ["segments.trade.share"]


def test_a_misspelt_required_key_is_one_fault(tmp_path: Path) -> None:
    error = faults_of(changed("work_h = 0.3", "work_hours = 0.3"), tmp_path)
    assert [f.key for f in error.faults] == ["functions.meet.work_hours"]
    assert error.faults[0].hint == "did you mean work_h?"


def test_thousands_of_faults_are_counted_not_listed(tmp_path: Path) -> None:
    error = faults_of(added("\n".join(f"[x{i}]\na = 1" for i in range(3000))), tmp_path)
    assert len(error.faults) == 101
    assert "more faults" in error.faults[-1].message


@pytest.mark.parametrize("text", [
    "steps = [" + '"meet", ' * 20_000 + "]",
    "after = {" + ", ".join(f'a{i} = ["a{i + 1}"]' for i in range(20_000)) + "}",
])
def test_long_lists_are_refused_without_long_work(text: str, tmp_path: Path) -> None:
    error = faults_of(added(f"[case_types.long]\n{text}"), tmp_path)
    assert any(f.key.startswith("case_types.long") for f in error.faults)
