"""The space of designs: what is read, which designs are the same firm, what can be pasted."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.questions.space import GENERALISTS, grouped, shortest
from sim.questions.vary import read_space
from sim.scenario import load, to_toml
from sim.scenario.schema import Scenario
from sim.structures import build, identity
from sim.sweep.lab import Lab
from tests.experiment.fake import world


@pytest.fixture
def firm() -> Scenario:
    return load("family_firm")


def test_every_function_may_have_every_key_that_divides(firm: Scenario) -> None:
    space = read_space(firm, ["structure"])
    keyed = [d for d in space if GENERALISTS not in space.keys(d).values()]
    assert len({space.identity(d) for d in keyed}) == 3**4
    one = load(world(products={"loans": {}}))
    assert [a.levels for a in read_space(one, ["structure"]).axes] == [
        ("function", "segment", GENERALISTS)] * 2


def test_any_functions_but_licensed_ones_may_be_done_by_the_same_people(firm: Scenario) -> None:
    """By hand: for each set of at least two of four functions the rest has 3 keys each; alone a
    generalist is a department of its own. One pool does what generalists do."""
    space = read_space(firm, ["structure"])
    assert space.size == 4**4
    assert len({space.identity(d) for d in space}) == 3**4 + 6 * 3**2 + 4 * 3 + 1
    every = next(d for d in space if set(space.keys(d).values()) == {GENERALISTS})
    assert space.design(every).grouping == "all by generalists (undivided)"
    assert space.division(every) == identity(firm, "undivided")
    roomy = load(firm, set={"staff.heads": 60})
    for levels in space:
        design = space.design(levels)
        together = [f for f, key in space.keys(levels).items() if key == GENERALISTS]
        assert len(together) != 1
        made = build(Lab(roomy).world(design.settings), design.structure)
        joint = [m for m in made.pool_functions if m & (m - 1)]
        assert joint == [sum(1 << list(firm.functions).index(f) for f in together)] * bool(together)
    licensed = load(firm, set={"functions.sell.licensed": True})
    sell, *others = read_space(licensed, ["structure"]).axes
    assert GENERALISTS not in sell.levels and all(GENERALISTS in a.levels for a in others)


def test_what_is_the_same_firm_counts_once() -> None:
    """A structure written out, the preset it repeats, and one that divides by what is single."""
    firm = load(world(products={"loans": {}}, structures={
        "mine": {"group": {"sell": "function", "rest": "function"}},
        "other": {"group": {"sell": "segment", "rest": "function"}},
        "crossed": {"group": {"sell": ["segment", "product"], "rest": "function"}}}))
    space = read_space(firm, ["structure=functional|mine|other", "heads=4|5"])
    assert space.size == 6 and len({space.identity(d) for d in space}) == 4
    assert len({build(firm, s).pools for s in ("functional", "mine")}) == 1


def test_ranges_and_choices_become_values(firm: Scenario) -> None:
    axes = {a.name: a for a in read_space(firm, [
        "heads=5:8", "span=4:12:3", "cover", "cover.pooling", "time.warm_up=10 weeks:20 weeks:2",
        "customers.count=100|300"]).axes}
    assert axes["heads"].levels == (5, 6, 7, 8) and axes["heads"].ordered
    assert axes["span"].levels == (4, 8, 12)
    assert axes["cover"].levels == (0.4, 0.55, 0.7, 0.85, 1.0)
    assert axes["cover.pooling"].levels == ("units", "single")
    assert axes["time.warm_up"].levels == ("400.0 h", "800.0 h")
    assert axes["customers.count"].levels == (100, 300) and not axes["customers.count"].ordered
    assert axes["structure"].levels == firm.compare.structures
    assert {a.name: a.levels for a in read_space(firm, ["heads"]).axes}["heads"] == (5, 6, 7)


@pytest.mark.parametrize(("keys", "words"), [
    ({"sell": "segment", "make": "function", "ship": "function"},
     "sell by segment, the rest by function"),
    ({"sell": "segment", "make": "segment", "ship": "function", "bill": "function",
      "call": "function"}, "sell and make by segment, the rest by function"),
    ({"sell": "product", "make": "product"}, "all by product"),
    ({"sell": "product", "make": "function"}, "make by function, sell by product"),
    ({"sell": "region"}, "sell by region"),
    ({"sell": GENERALISTS, "make": GENERALISTS, "ship": "product"},
     "ship by product, the rest by generalists"),
])
def test_structures_in_words(keys: dict[str, str], words: str) -> None:
    assert sorted(grouped(keys).replace(", ", " and ").split(" and ")) == sorted(
        words.replace(", ", " and ").split(" and "))
    full = shortest(keys)
    assert {f: full.get(f, full.get("rest")) for f in keys} == keys


def test_a_design_is_the_same_firm_as_lab_settings_and_as_pasted_overlay(tmp_path: Path) -> None:
    firm = load(world(functions={"sell things": {"work_h": 0.5}, "serve.all": {"work_h": 0.5},
                                 "bill": {"work_h": 0.1}}))
    space = read_space(firm, ["structure", "heads=9:11", "cover=0.4|1", "span=3:5"])
    lab = Lab(firm)
    file = tmp_path / "firm.toml"
    some = list(islice(space, 0, space.size, 37))
    text = "\n".join(space.overlay(levels, f"design-{n}") for n, levels in enumerate(some))
    file.write_text(to_toml(firm) + "\n" + text, encoding="utf-8")
    assert len(some) > 10
    for n, levels in enumerate(some):
        design = space.design(levels)
        here = lab.world(design.settings)
        pasted = load(file, overlays=[f"design-{n}"])
        a, b = build(here, design.structure), build(pasted, f"design-{n}")
        assert (a.units, a.pools) == (b.units, b.pools)
        assert (a.pool_of == b.pool_of).all()
        assert (here.staff.heads, here.staff.span) == (pasted.staff.heads, pasted.staff.span)
        assert here.cover == pasted.cover
        assert f"{here.staff.heads} heads" in design.words


def test_all_faults_are_told_at_once(firm: Scenario) -> None:
    with pytest.raises(InputError) as told:
        read_space(firm, [
            "heeds", "cover=0:2", "staff.spn", "span=9:4", "structure=functionl|product", "span=4",
            "heads=1:x", "customers", "functions.sel.work_h=1:2", "cover=0.1:0.2:1", "span=5",
            "cover.pooling=unit|single", "cover.pooling=1:2", "markt.churn_max=0.1:0.2",
            "handoffs.latency_"])
    text = str(told.value)
    for words in ("did you mean heads?", "not '2'", "did you mean span?", "not above its start 9",
                  "did you mean functional?", "is given twice", "not 'x'", "is a table",
                  "did you mean sell?", "is no range", "units", "has no range",
                  "did you mean market?", "latency_h"):
        assert words in text, words
    assert all(fault.where == "--vary" for fault in told.value.faults)


def test_heads_cannot_vary_under_heads_written_down() -> None:
    firm = load(world(staff={"heads": 4, "span": 4,
                             "pools": {"functional": {"sell": 2, "serve": 2}}}))
    with pytest.raises(InputError, match="explicit heads"):
        read_space(firm, ["structure=functional|product", "heads=4:6"])
    assert read_space(firm, ["structure", "heads=4:6"]).size == 3 * 4**2
