"""The data behind the eight scenarios: what an expert expects of them, and level facts.

Owns: the shape of `scenarios.toml` and `level_facts.toml` beside it, and one list of everything
wrong with them. Never does: run a firm, or judge what came out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InputError, nearest
from sim.metrics.registry import METRICS
from sim.scenario import load
from sim.scenario.library import locate
from sim.scenario.reading import read_file
from sim.structures.presets import names

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

FOLDER = Path(__file__).resolve().parent
CONFIDENCE = ("high", "medium", "low")


@dataclass(frozen=True)
class Firm:
    """A shipped scenario with overlays of its own file."""

    scenario: str
    overlays: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """For progress and failures."""
        return " + ".join((self.scenario, *self.overlays))

    def load(self) -> Scenario:
        """The scenario itself."""
        return loaded(self)


@cache
def loaded(firm: Firm) -> Scenario:
    """The scenario of a firm, read once."""
    return load(firm.scenario, overlays=list(firm.overlays), limits=None)


@dataclass(frozen=True)
class Expected:
    """Who should win on one metric, says the expert."""

    metric: str
    winners: tuple[str, ...]
    """Structures, any of which may win."""
    confidence: str
    why: str


@dataclass(frozen=True)
class Row:
    """One firm, the structures it is compared under, and who should win."""

    id: str
    firm: Firm
    structures: tuple[str, ...]
    story: str
    expected: tuple[Expected, ...]
    added: str = ""
    """Why the row was added after a first run of the others; empty: it stood before."""
    explained: Mapping[str, str] | None = None
    """By metric: why what was found differs from what was expected."""


@dataclass(frozen=True)
class Arm:
    """A firm under one structure, or one of its segments there."""

    firm: Firm
    structure: str
    segment: str = ""


@dataclass(frozen=True)
class Statement:
    """A single difference, first minus second, that an expert is sure of."""

    id: str
    text: str
    metric: str
    first: Arm
    second: Arm
    sign: int
    """+1 above 0, -1 below 0, 0: see `below`."""
    below: float | None = None
    """The difference lies below this number."""
    explained: str = ""


@dataclass(frozen=True)
class Hope:
    """What a change of structure should do to a metric, against the twin that stays."""

    metric: str
    what: str
    """first, settled, months or never; see `changes`."""
    confidence: str
    why: str
    sign: int = 0
    """Of `first` and `settled`: +1 above 0, -1 below 0."""
    low: float = 0.0
    high: float = 0.0
    """Of `months`: the range; of `never`: the limit."""
    explained: str = ""


@dataclass(frozen=True)
class Change:
    """A firm that changes its structure in mid-run."""

    id: str
    text: str
    firm: Firm
    before: str
    after: str
    expected: tuple[Hope, ...]
    settings: Mapping[str, Any] | None = None
    """Tables laid over the scenario."""


@dataclass(frozen=True)
class Range:
    """Where a level lies in measured firms of one industry."""

    low: float
    high: float
    source: str
    explained: str = ""
    """Why the scenario does not reach it, where it does not."""


@dataclass(frozen=True)
class LevelFact:
    """A level that firms show whatever their structure."""

    id: str
    title: str
    metric: str
    """Empty where it is computed from parameters (ramp-up)."""
    unit: str
    rule: str
    ranges: Mapping[str, Range]
    """By shipped scenario."""


@dataclass(frozen=True)
class Firms:
    """Everything in the two files."""

    rows: tuple[Row, ...]
    statements: tuple[Statement, ...]
    facts: tuple[LevelFact, ...]
    changes: tuple[Change, ...] = ()

    def ids(self) -> tuple[str, ...]:
        """Ids of rows, statements and changes, in order."""
        return (*(r.id for r in self.rows), *(s.id for s in self.statements),
                *(c.id for c in self.changes))

    def firms(self) -> tuple[str, ...]:
        """Shipped scenarios that are compared, in order."""
        return tuple(dict.fromkeys(r.firm.scenario for r in self.rows))


@cache
def firms() -> Firms:
    """The data as shipped.

    Raises:
        InputError: Everything wrong with the two files.
    """
    return read(FOLDER)


def read(folder: Path) -> Firms:
    """The data in a folder; see `firms`."""
    faults: list[Fault] = []
    tables = read_file(folder / "scenarios.toml", "scenarios.toml")
    rows = tuple(_row(entry, faults) for entry in tables.get("rows", []))
    statements = tuple(_statement(entry, faults) for entry in tables.get("statements", []))
    changes = tuple(_change(entry, faults) for entry in tables.get("changes", []))
    told = read_file(folder / "level_facts.toml", "level_facts.toml")
    facts = tuple(_fact(id, entry, faults) for id, entry in told.get("facts", {}).items())
    ids = [*(r.id for r in rows), *(s.id for s in statements), *(c.id for c in changes)]
    twice = sorted({id for id in ids if ids.count(id) > 1})
    faults += [Fault("scenarios.toml", id, "stands twice") for id in twice]
    if faults:
        raise InputError(faults)
    return Firms(rows, statements, facts, changes)


def _row(entry: Mapping[str, Any], faults: list[Fault]) -> Row:
    id = str(entry.get("id", "?"))
    firm = _firm(id, entry, faults)
    known = _structures(firm)
    listed = entry.get("structures", ())
    if known and not listed:
        listed = firm.load().compare.structures
    _known(id, listed, known, "structure", faults)
    expected = []
    for metric, told in entry.get("expected", {}).items():
        _known(id, [metric], METRICS, "metric", faults)
        winners = tuple(told.get("winners", ()))
        _known(id, winners, listed, "structure compared here", faults)
        if not winners or told.get("confidence") not in CONFIDENCE:
            faults.append(Fault("scenarios.toml", f"{id}.{metric}", "needs winners and a "
                                f"confidence out of {', '.join(CONFIDENCE)}"))
        expected.append(Expected(metric, winners, str(told.get("confidence")),
                                 str(told.get("why", ""))))
    return Row(id, firm, tuple(listed), str(entry.get("story", "")), tuple(expected),
               str(entry.get("added", "")), dict(entry.get("explained", {})))


def _statement(entry: Mapping[str, Any], faults: list[Fault]) -> Statement:
    id, metric = str(entry.get("id", "?")), str(entry.get("metric", ""))
    _known(id, [metric], METRICS, "metric", faults)
    arms = []
    for side in ("first", "second"):
        told = entry.get(side, {})
        firm = _firm(id, told, faults)
        arm = Arm(firm, str(told.get("structure", "")),
                  str(told.get("segment", entry.get("segment", ""))))
        known = _structures(firm)
        if known:
            _known(id, [arm.structure], known, "structure", faults)
            if arm.segment:
                _known(id, [arm.segment], firm.load().segments, "segment", faults)
        arms.append(arm)
    sign, below = int(entry.get("sign", 0)), entry.get("below")
    if (sign not in (-1, 1)) == (below is None):
        faults.append(Fault("scenarios.toml", id, "needs either sign = 1 or -1, or below"))
    return Statement(id, str(entry.get("text", "")), metric, arms[0], arms[1], sign,
                     None if below is None else float(below), str(entry.get("explained", "")))


def _change(entry: Mapping[str, Any], faults: list[Fault]) -> Change:
    from sim.experiment.reorganise import METRIC_IDS

    id = str(entry.get("id", "?"))
    firm = _firm(id, entry, faults)
    ends = [str(entry.get(end, "")) for end in ("before", "after")]
    known = _structures(firm)
    if known:
        _known(id, ends, known, "structure", faults)
    hopes = []
    for told in entry.get("expected", []):
        hope = Hope(
            str(told.get("metric", "")), str(told.get("what", "")),
            str(told.get("confidence", "")), str(told.get("why", "")), int(told.get("sign", 0)),
            float(told.get("low", 0.0)), float(told.get("high", 0.0)),
            str(told.get("explained", "")))
        _known(id, [hope.metric], METRIC_IDS, "metric told by month", faults)
        good = {"first": hope.sign in (-1, 1), "settled": hope.sign in (-1, 1),
                "months": hope.low <= hope.high and hope.high > 0, "never": 0 < hope.high < 1}
        if not good.get(hope.what) or hope.confidence not in CONFIDENCE:
            faults.append(Fault("scenarios.toml", f"{id}.{hope.metric}", "needs what = first or "
                                "settled with a sign, months with low and high, or never with "
                                f"high, and a confidence out of {', '.join(CONFIDENCE)}"))
        hopes.append(hope)
    if not hopes:
        faults.append(Fault("scenarios.toml", id, "expects nothing"))
    return Change(id, str(entry.get("text", "")), firm, ends[0], ends[1], tuple(hopes),
                  entry.get("settings"))


def _fact(id: str, entry: Mapping[str, Any], faults: list[Fault]) -> LevelFact:
    metric = str(entry.get("metric", ""))
    if metric:
        _known(id, [metric], METRICS, "metric", faults, "level_facts.toml")
    ranges = {}
    for name, told in entry.get("ranges", {}).items():
        try:
            locate(name)
        except InputError as error:
            faults.extend(error.faults)
        ranges[name] = Range(float(told["low"]), float(told["high"]), str(told["source"]),
                             str(told.get("explained", "")))
        if not ranges[name].low < ranges[name].high or not ranges[name].source:
            faults.append(Fault("level_facts.toml", f"{id}.{name}",
                                "needs low < high and a source"))
    return LevelFact(id, str(entry.get("title", id)), metric, str(entry.get("unit", "-")),
                     str(entry.get("rule", "")), ranges)


def _firm(id: str, entry: Mapping[str, Any], faults: list[Fault]) -> Firm:
    firm = Firm(str(entry.get("scenario", "")), tuple(entry.get("overlays", ())))
    try:
        firm.load()
    except InputError as error:
        faults.extend(Fault(f"scenarios.toml, {id}: {f.where}", f.key, f.message, f.hint)
                      for f in error.faults)
    return firm


def _structures(firm: Firm) -> tuple[str, ...]:
    try:
        return names(firm.load())
    except InputError:
        return ()


def _known(id: str, words: Iterable[str], allowed: Iterable[str], kind: str,
           faults: list[Fault], file: str = "scenarios.toml") -> None:
    choice = list(allowed)
    for word in words:
        if word not in choice:
            close = nearest(word, choice)
            faults.append(Fault(file, id, f"{word!r} is no {kind}",
                                f"did you mean {close}?" if close else ""))
