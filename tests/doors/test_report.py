"""The report: self-contained, escaped, the same every time; its tables and figures."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import report
from sim.metrics.registry import METRICS, RESPONSE_PARTS, VERDICT_METRICS
from sim.report import comparison as tables
from sim.report import plots, style
from sim.report.tables import Writer, difference, order_of
from sim.scenario import load, to_toml
from sim.store import Contents, layout, read, write
from sim.store.frames import series_frame
from tests.doors.fakes import SEGMENTS, STRUCTURES, comparison, results

NASTY = "</td><script>alert(1)</script>"
COMMENT = "--><script>alert(2)</script>"


class Elements(HTMLParser):
    """All tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))


def folder(place: Path, structures: tuple[str, ...] = STRUCTURES, **changes: Any) -> Path:
    """A results folder with its report."""
    place.mkdir(parents=True, exist_ok=True)
    answer = comparison(4, structures)
    answer["verdict"] = {
        "text": [f"{structures[0]} is best", "over all it remains", "under that it is worse"],
        "headline": "over all it remains", "people": ["under that it is worse"],
        "metrics": {m: {"margin": 0.5, "calls": {}} for m in VERDICT_METRICS},
        "intervals_together": 12,
    }
    made = Contents(
        scenario_toml=to_toml(load("family_firm")), scenario_name="A firm", segments=SEGMENTS,
        seed=1, request={"verb": "compare", "command": "orgsim compare a.toml"},
        results=tuple(results(4, structures)), answer=answer,
        changes=("staff.heads: 5 -> 6 (--set)",), notes=("needs.variance: 9 is outside",))
    write(place, replace(made, **changes))
    report.write(read(place))
    return place


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as most tests want it."""
    return folder(tmp_path_factory.mktemp("report"))


def page_of(place: Path) -> str:
    """The report's text."""
    return (place / layout.REPORT).read_text(encoding="utf-8")


def test_the_page_asks_nothing_of_the_outside_and_runs_nothing(made: Path) -> None:
    page = page_of(made)
    assert "http:" not in page and "https:" not in page and "@import" not in page
    assert not re.search(r"url\((?!#)", page)
    for tag, attributes in Elements(page).tags:
        assert tag not in {"script", "iframe", "object", "embed", "link", "img", "base", "form"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in {"href", "src", "xlink:href", "data", "action"}:
                assert value is not None and value.startswith("#")


def test_the_page_tells_its_story_in_order(made: Path) -> None:
    page = page_of(made)
    places = [page.index(words) for words in (
        'class="front"', 'class="headline">Over all it remains.', "<figure>",
        "The measures of the verdict", "Who loses", "Under that it is worse.",
        "What would flip it", "The closest calls", 'class="finding"',
        "<h2>Functional is best</h2>", "Paired differences from the best",
        "working hours of a case under", "cases (95% CI", "staff.heads: 5 -&gt; 6",
        "Ten assumptions to question first", 'class="appendix first"', "other measures tell",
        "12 runs stand behind", "outside", "What the measures mean", "How to do it again",
        "orgsim compare a.toml")]
    assert places == sorted(places)


def test_headings_descend_one_step_at_a_time_and_the_language_is_told(made: Path) -> None:
    tags = Elements(page_of(made)).tags
    assert dict(tags)["html"]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_run_stands_on_the_page_with_its_id(made: Path) -> None:
    page = page_of(made)
    for run_id in read(made).runs["run_id"]:
        assert f"<td>{run_id}</td>" in page


def test_ids_inside_the_page_are_unique_and_references_have_a_target(made: Path) -> None:
    tags = Elements(page_of(made)).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids)) > 100
    for _, attributes in tags:
        if "href" in attributes:
            assert str(attributes["href"])[1:] in ids
        for value in attributes.values():
            for reference in re.findall(r"url\(#([^)]*)\)", value or ""):
                assert reference in ids


def test_figures_can_be_read_without_being_seen(made: Path) -> None:
    drawings = [a for tag, a in Elements(page_of(made)).tags if tag == "svg"]
    assert len(drawings) == 5
    assert all(a["role"] == "img" and a["aria-label"] for a in drawings)


def test_two_reports_of_the_same_study_are_the_same_bytes(tmp_path: Path, made: Path) -> None:
    other = folder(tmp_path / "again", seconds=99.0)
    for name in [layout.REPORT, *(f"figures/{p.name}" for p in (made / "figures").iterdir())]:
        assert (made / name).read_bytes() == (other / name).read_bytes(), name


def test_names_are_text_wherever_they_stand(tmp_path: Path) -> None:
    place = folder(tmp_path, (NASTY, COMMENT, "$x^2$ & <b>"))
    page = page_of(place)
    assert "<script" not in page and "<b>" not in page and "<!--" not in page
    assert not any(tag in {"script", "b"} for tag, _ in Elements(page).tags)
    for path in (place / layout.FIGURES).glob("*.svg"):
        assert not [tag for tag, _ in Elements(path.read_text()).tags if tag == "script"]


def test_every_figure_is_drawn_in_both_forms(made: Path) -> None:
    names = {p.name for p in (made / layout.FIGURES).iterdir()}
    assert names == {f"{n}.{kind}" for n in plots.FIGURES for kind in ("svg", "png")}
    for path in (made / layout.FIGURES).glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    for path in (made / layout.FIGURES).glob("*.svg"):
        text = path.read_text()
        assert Elements(text).tags[0][0] == "svg" and text.rstrip().endswith("</svg>")
        assert "<dc:date>" not in text and "20" + "26-" not in text


def test_an_interrupted_study_with_failures_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.report.publish.draw", lambda _: {})
    page = page_of(folder(tmp_path, finished=False))
    assert "was interrupted" in page
    answer = comparison()
    answer["unstable"] = ["product"]
    answer["verdict"] = {"text": []}
    place = folder(tmp_path / "unstable", answer=answer)
    page = page_of(place)
    assert "Unstable: product" in page and "product (unstable)" in page


def material(**changes: Any) -> plots.Material:
    """Something to draw."""
    return plots.Material(
        comparison() | changes,
        series_frame(results(), world="w", segments=SEGMENTS), {"satisfaction": 1.0})


def test_dots_stand_at_the_means_and_lines_at_the_intervals() -> None:
    with style.drawing():
        made = plots.measures(material())
    assert made is not None
    ax = made.axes[0]
    means = comparison()["metrics"]["satisfaction"]
    lines = [line.get_xdata() for line in ax.lines]
    for i, name in enumerate(STRUCTURES):
        assert list(lines[2 * i]) == [means[name]["low"], means[name]["high"]]
        assert list(lines[2 * i + 1]) == [means[name]["mean"]]


def test_one_colour_per_structure_in_all_figures() -> None:
    found = style.colours(STRUCTURES)
    assert len(set(found.values())) == len(STRUCTURES)
    with style.drawing():
        first, second = plots.measures(material()), plots.differences(material())
    assert first is not None and second is not None
    drawn = {line.get_color() for line in first.axes[0].lines}
    assert drawn == set(found.values())
    assert {line.get_color() for line in second.axes[0].lines} <= drawn | {style.FAINT}


def test_parts_of_the_response_are_stacked_to_its_mean() -> None:
    with style.drawing():
        made = plots.response(material())
    assert made is not None
    bars = made.axes[0].patches
    means = comparison()["metrics"]
    for row, name in enumerate(STRUCTURES):
        own = bars[4 * row: 4 * row + 4]
        assert [bar.get_width() for bar in own] == pytest.approx(
            [means[part][name]["mean"] for part in RESPONSE_PARTS])
        assert own[-1].get_x() + own[-1].get_width() == pytest.approx(
            sum(means[part][name]["mean"] for part in RESPONSE_PARTS))


def test_segments_are_averaged_over_cases_not_over_weeks() -> None:
    series = series_frame(results(1, ("product",)), world="w", segments=SEGMENTS)
    mine = (series["scope"] == "segment") & (series["name"] == "mass") & (series["time_h"] > 0)
    series.loc[mine, "satisfaction"] = 50.0
    busy = series.index[mine][0]
    series.loc[busy, ["satisfaction", "closed"]] = [80.0, 50 * 11]
    found = plots.segment_satisfaction(series, ["product"])["mass"]["product"]
    assert found[0] == pytest.approx((80 * 11 + 50 * 11) / 22)  # eleven ordinary weeks, one of 11


def test_axes_name_their_units() -> None:
    with style.drawing():
        for _, function in plots.FIGURES.values():
            made = function(material())
            assert made is not None
            labels = " ".join(ax.get_xlabel() + ax.get_ylabel() for ax in made.axes)
            assert re.search("points|hours|money|cases", labels)


def test_one_structure_has_nothing_to_compare_in_figures() -> None:
    answer = comparison(3, ("product",))
    alone = plots.Material(answer, series_frame(results(3, ("product",)), world="w",
                                                segments=SEGMENTS), {})
    assert set(plots.draw(alone)) == set(plots.FIGURES) - {"measures", "differences"}


# --- tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", list(METRICS))
def test_ranked_tables_run_from_best_to_worst(metric: str) -> None:
    answer = comparison()
    means = answer["metrics"][metric]
    order = order_of(METRICS[metric], means)
    values = [means[name]["mean"] for name in order if means[name]["mean"] is not None]
    if METRICS[metric].direction:
        assert values == sorted(values, reverse=METRICS[metric].direction > 0)
    if values:
        table = tables.ranked(answer, metric)
        assert [row.cells[0] for row in table.rows] == order
        assert all(len(row.cells) == len(table.columns) for row in table.rows)


def test_the_difference_to_the_best_is_turned_the_right_way() -> None:
    answer = comparison()
    pairs = answer["differences"]["satisfaction"]
    given_pair = pairs["functional - product"]
    turned = difference(pairs, "product", "functional")
    assert turned == {"mean": -given_pair["mean"], "low": -given_pair["high"],
                      "high": -given_pair["low"]}
    assert difference(pairs, "product", "nowhere") is None


def test_an_unstable_structure_is_named_as_such_in_every_table() -> None:
    answer = comparison()
    answer["unstable"] = ["product"]
    made = [tables.ranked(answer, "satisfaction"), *tables.overview(answer)]
    for table in made:
        text = " ".join([*(c.text for c in table.columns), *(r.cells[0] for r in table.rows)])
        assert "product (unstable)" in text


def test_every_number_of_the_overview_has_its_interval() -> None:
    for table in tables.overview(comparison()):
        for row in table.rows:
            assert all("±" in cell for cell in row.cells[2:])


def test_who_wins_is_told_as_the_verdict_tells_it() -> None:
    answer = comparison()
    shares = {"better": 0.125, "worse": 0.375, "unchanged": 0.5, "customers": 200.0}
    answer["better_off"] = {
        "threshold_points": 2.0, "minimum_cases": 3,
        "pairs": {pair: shares | {"segments": {}} for pair in answer["differences"]["fit"]}}
    every, = tables.winners(answer)
    assert [row.cells[0] for row in every.rows] == [
        "functional instead of product", "functional instead of customer",
        "product instead of customer"]
    turned, = tables.winners(answer, every_pair=False)
    assert [row.cells[0] for row in turned.rows] == [
        "product instead of functional", "customer instead of functional"]
    for table, better in ((every, 0), (turned, 1)):
        for row in table.rows:
            shown = [int(cell) for cell in row.cells[2:5]]
            assert sum(shown) == 100 and shown[better] in (12, 13) and shown[2] == 50


def test_many_structures_make_several_tables() -> None:
    names = tuple(f"s{i}" for i in range(6))
    made = tables.overview(comparison(2, names))
    assert [len(t.columns) - 2 for t in made] == [3, 3]


@given(st.floats(-1e9, 1e9), st.sampled_from(list(METRICS)))
def test_written_numbers_are_the_numbers(value: float, metric: str) -> None:
    writer = Writer(metric, [value])
    shown = float(writer.value(value).replace(",", "")) / writer.factor
    last = 0.51 * 10.0 ** -METRICS[metric].digits
    assert shown == pytest.approx(value, rel=6e-3, abs=last)
    assert not re.fullmatch(r"[-+]0[.0]*", writer.signed(0.0))


def test_narrow_intervals_do_not_vanish() -> None:
    writer = Writer("satisfaction", [70.0], [0.004])
    low, high = writer.interval(69.996, 70.004).split(" to ")
    assert low != high


@pytest.mark.parametrize(("value", "cell"), [
    (0.25, "0.25 (15 min)"), (0.0, "0.00"), (2.924, "2.92"), (64.52, "64.5 (8.1 working days)"),
])
def test_a_time_is_told_in_days_only_if_it_lasts_one(value: float, cell: str) -> None:
    """The column's head names working hours; what is beside it must help, and fit 80 columns."""
    write = Writer("response_mean_h", [value])
    assert tables._mean("response_mean_h", value, write) == cell
