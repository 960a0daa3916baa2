"""Parts of a report: the palette, the organisation chart, the timeline, other answers, printing."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import api
from sim.cli.main import cli
from sim.errors import InputError, OutputExists
from sim.experiment.follow import EVENTS
from sim.metrics.registry import VERDICT_METRICS
from sim.report import answers, markdown, organisation, style, timeline
from sim.report.tables import Heading, Row, Table
from sim.scenario import load
from sim.structures import describe
from sim.structures.presets import PRESETS
from tests.doors.test_report import NASTY, folder

MACHADO = {
    "everybody": np.eye(3),
    "protanopes": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopes": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopes": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}
"""Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB."""
LUMINANCE = np.array([0.2126729, 0.7151522, 0.0721750])
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], LUMINANCE, [0.0193339, 0.1191920, 0.9503041]])


def linear(colour: str) -> Any:
    """Linear RGB of #RRGGBB."""
    c = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: Any) -> Any:
    """CIELAB of linear RGB under D65."""
    xyz = XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", MACHADO)
def test_structures_are_told_apart_with_every_kind_of_eyes(eyes: str) -> None:
    seen = [lab(MACHADO[eyes] @ linear(c)) for c in style.PALETTE]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 20.0


def test_structures_are_told_apart_in_grey_and_seen_on_white() -> None:
    light = [lab(linear(c))[0] for c in style.PALETTE]
    assert min(abs(a - b) for a, b in itertools.combinations(light, 2)) >= 3.0
    assert min(abs(a - b) for a, b in itertools.combinations(light[:4], 2)) >= 7.0
    assert len(set(style.MARKERS)) == len(style.PALETTE)
    for colour in (*style.PALETTE, *style.PARTS_WORDS):
        assert 1.05 / (linear(colour) @ LUMINANCE + 0.05) >= 3.0


def test_a_shipped_structure_keeps_its_colour_whatever_it_is_shown_beside() -> None:
    whole = style.colours(list(PRESETS))
    assert len(set(whole.values())) == len(PRESETS)
    for pair in itertools.permutations(PRESETS, 2):
        found = style.colours(pair)
        assert found == {name: whole[name] for name in pair} and list(found) == list(pair)
    mixed = style.colours(["ours", "product", "theirs"])
    assert mixed["product"] == whole["product"] and len(set(mixed.values())) == 3


def test_the_chart_holds_all_people_and_the_expected_hand_offs() -> None:
    firm = load("family_firm")
    for chart in describe(firm).structures:
        if chart.infeasible is not None:
            continue
        pools = {p.name: p.heads for unit in chart.units for p in unit.pools}
        drawn = organisation.organisation(firm, chart.name, pools, chart.heads)
        assert drawn is not None
        assert drawn.departments == tuple(u.name for u in chart.units)
        assert drawn.heads == tuple(u.heads for u in chart.units)
        weights = [firm.case_types[c.name].weight for c in chart.cases]
        for mine, theirs in ((drawn.total, [c.handoffs for c in chart.cases]),
                             (drawn.passes, [c.passes for c in chart.cases])):
            assert mine == pytest.approx(100 * np.average(theirs, weights=weights), abs=1e-6)


def test_rooms_have_the_area_of_their_heads_and_arrows_the_width_of_their_flow() -> None:
    one = organisation.Organisation("x", "", ("a", "b", "c"), (16, 4, 1),
                                    ((0, 80, 0.1), (20, 0, 0), (0, 0, 0)), 0.0)
    with style.drawing():
        made = organisation.picture(one, "#000000", largest=16, busiest=80)
    from matplotlib.patches import FancyArrowPatch, Rectangle

    patches = made.axes[0].patches
    rooms = [p for p in patches if isinstance(p, Rectangle)]
    assert [r.get_width() * r.get_height() for r in rooms] == pytest.approx(
        [n / 16 * organisation.LARGEST_ROOM_IN ** 2 for n in (16, 4, 1)])
    widths = sorted(p.get_linewidth() for p in patches if isinstance(p, FancyArrowPatch))
    assert len(widths) == 2  # 0.1 is below what is drawn
    assert (widths[1] - 0.7) / (widths[0] - 0.7) == pytest.approx(4.0)


def step(case: int, hours: float, event: str, value: float | None = None) -> dict[str, Any]:
    """A row of a journey."""
    return {"case": case, "hours": hours, "clock": "", "event": EVENTS[event], "department": "desk",
            "pool": "desk", "person": 1, "work": "advise", "value": value}


JOURNEY = {
    "scenario": "A firm", "seed": 1, "replication": 0, "customer": 3, "segment": NASTY,
    "journeys": {
        "functional": {"satisfaction": 70.0, "left": False, "steps": [
            step(1, 10, "ARRIVES"), step(1, 10, "QUEUES"), step(1, 12, "STARTS", 1.5),
            step(1, 13.5, "ENDS"), step(1, 13.5, "HANDS_OFF", 0.5), step(1, 14, "QUEUES"),
            step(1, 14, "STARTS", 1.0), step(1, 15, "CLOSES", 66.0)]},
        "product": {"satisfaction": None, "left": False, "steps": [
            step(1, 10, "ARRIVES"), step(1, 10, "QUEUES"), step(1, 13, "ABANDONS", 20.0)]}},
    "infeasible": {},
}


def test_a_case_is_cut_into_waits_visits_and_hand_offs() -> None:
    number, (first, second) = timeline.lives(JOURNEY)
    assert number == 1 and (first.end, first.score, first.given_up) == (5.0, 66.0, False)
    assert [(s.kind, s.start, s.end) for s in first.spans] == [
        (timeline.WAITING, 0, 2), (timeline.SERVED, 2, 3.5), (timeline.HANDED, 3.5, 4),
        (timeline.SERVED, 4, 5)]
    assert second.given_up and [(s.kind, s.end) for s in second.spans] == [(timeline.WAITING, 3)]
    assert timeline.figures(JOURNEY) is not None
    assert timeline.figures({**JOURNEY, "journeys": {}}) is None


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison with answers in folders within it."""
    place = folder(tmp_path_factory.mktemp("rich"))
    (place / "tipping").mkdir()
    assumption = {"key": "labels.accuracy", "unit": "-", "low": 0.3, "high": 1.0, "now": 0.75,
                  "flips": [{"at": 0.9, "low": 0.85, "high": None, "share_of_way": 0.6,
                             "overtakes": "product"}]}
    (place / "tipping" / "tipping.json").write_text(json.dumps({"assumptions": [assumption]}))
    (place / "tipping" / "tipping.md").write_text(
        "# A firm: what flips\n\n- as it stands functional is ahead.\n- 1 flips:\n"
        "  - labels.accuracy, now 0.75: product overtakes above 0.9; more.\n")
    (place / "tipping" / "tipping.svg").write_text("<svg><script>alert(1)</script></svg>")
    (place / "follow").mkdir()
    (place / "follow" / "journey.json").write_text(json.dumps(JOURNEY))
    return place


def test_answers_in_the_folder_join_the_report(rich: Path) -> None:
    file = api.write_report(rich)
    assert file == rich / "report-2.html" and (rich / "report.html").exists()
    page = file.read_text()
    assert page.index("product overtakes above 0.9") < page.index('class="finding"')
    assert "As it stands functional is ahead</h2>" in page
    assert "0.85 to beyond" in page and "The ten assumptions that matter most" in page
    assert "<script" not in page  # a figure read from a file is a picture and cannot act
    assert 'src="data:image/svg+xml;base64,' in page
    assert (rich / "figures" / "journey-1.png").exists()


def test_the_same_report_in_markdown(rich: Path, tmp_path: Path) -> None:
    file = api.write_report(rich, format="markdown", out=tmp_path / "page.md")
    page = file.read_text()
    assert page.startswith("# Over all it remains.")
    for line in page.splitlines():
        if line.startswith("!["):
            assert (tmp_path / line.rsplit("](", 1)[1].rstrip(")")).resolve().is_file()
    assert "<script" not in page and "## Who loses" in page
    with pytest.raises(OutputExists):
        api.write_report(rich, format="markdown", out=file)


def test_names_have_no_power_in_markdown() -> None:
    one = Table("T*", (Heading("a|b"), Heading("n", "h", True)), (Row((NASTY, "1"), strong=True),))
    assert markdown.table(one) == [
        "**T\\***", "", "| a\\|b | n (h) |", "|---|---:|",
        "| **&lt;/td\\>&lt;script\\>alert(1)&lt;/script\\>** | **1** |", ""]
    assert markdown.plain("run `orgsim a|b` *now*") == "run `orgsim a\\|b` \\*now\\*"


def test_a_folder_of_answers_alone_has_a_report(rich: Path, tmp_path: Path) -> None:
    shutil.copytree(rich / "tipping", tmp_path / "only")
    page = api.write_report(tmp_path / "only").read_text()
    assert 'class="headline">As it stands functional is ahead.' in page


def test_what_cannot_be_reported_is_told(rich: Path, tmp_path: Path) -> None:
    for place, words in ((tmp_path / "no", "there is no such folder"),
                         (tmp_path, "holds nothing to report")):
        with pytest.raises(InputError, match=words):
            api.write_report(place)
    (tmp_path / "map.json").write_text("[1")
    (tmp_path / "front.json").write_text("[]")
    with pytest.raises(InputError) as error:
        answers.found(tmp_path)
    assert len(error.value.faults) == 2


def test_the_command_prints_where_the_report_is(
    rich: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import jsonschema

    from sim.experiment.schemas import DOCUMENTS

    out = str(tmp_path / "new.html")
    with pytest.raises(SystemExit) as end:
        cli.main(["report", str(rich), "--out", out, "--json"])
    assert end.value.code == 0
    told = json.loads(capsys.readouterr().out)
    jsonschema.validate(told, DOCUMENTS["report"])
    assert told["report"] == out and Path(out).stat().st_size > 10_000
    with pytest.raises(SystemExit) as end:
        cli.main(["report", str(rich), "--out", out])
    assert end.value.code == 2


@pytest.mark.parametrize(("low", "mean", "high", "said"), [
    (0.5, 2.0, 3.5, "Better: satisfaction +2.0 points."),
    (-3.5, -2.0, -0.5, "Worse: satisfaction -2.0 points."),
    (-1.0, 2.0, 5.0, "Not told from chance: satisfaction +2.0 points."),
    (-0.4, -0.1, 0.2, "No difference that matters."),
])
def test_a_change_that_luck_could_make_is_not_told_as_none(
        low: float, mean: float, high: float, said: str) -> None:
    """A point of satisfaction matters; an interval that holds 0 decides nothing about it."""
    from sim.experiment.diagnose import Diagnosis, Trial
    from sim.experiment.misfits import Misfit
    from sim.experiment.statistics import Growth, Interval
    from sim.report.diagnosis import shown

    nothing = Interval(0.0, 0.0, 0.0, 2)
    effects = dict.fromkeys(VERDICT_METRICS, nothing) | {
        "satisfaction": Interval(mean, low, high, 2)}
    values = {id: Interval(70.0, 69.0, 71.0, 2) for id in VERDICT_METRICS}
    trial = Trial(Misfit("pool", "all", "it waits", "one more person", {}, 1.0), effects)
    told = shown(Diagnosis(load("family_firm"), "functional", 1, 2, values, (trial,),
                           Growth(nothing, 1.0, False, ())))
    assert str(told[1]).endswith(f"Tried: One more person.\n   {said}")
