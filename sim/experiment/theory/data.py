"""The data of the register: claims, experiments, controls, facts and patterns, read and checked.

Owns: the shape of the data files beside it, and one list of everything wrong with them. Never
does: run an experiment or judge one.

    claims.toml        [claims.C001]       what an article says, and which experiments test it
    experiments.toml   [experiments.NAME]  a world, two settings of a lever, a metric, a sign
    controls.toml      [controls.NAME]     the same with nothing expected to move
    facts.toml         [facts.F1]         published findings, and which experiments show them
    patterns.toml      [patterns.P01]      the patterns of `orgsim verify`, or experiments
    worlds/*.toml      small firms in which experiments are set
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError, nearest
from sim.metrics.registry import METRICS
from sim.scenario.catalogue import catalogue
from sim.scenario.reading import read_file

FOLDER = Path(__file__).resolve().parent
SIGNS = ("up", "down", "same")
SPECIAL = ("contacts", "unit-years")
CLAIMS = tuple(f"C{i:03d}" for i in range(1, 241))
"""Every claim there has to be."""

Tables = Mapping[str, Any]


@dataclass(frozen=True)
class Claim:
    """One sentence of an article, where it is in the model, and what tests it."""

    id: str
    article: str
    """File name of the article."""
    line: str
    claim: str
    """In one line."""
    mechanisms: tuple[str, ...]
    keys: tuple[str, ...]
    """Keys of a scenario that represent it; a star stands for any name."""
    metric: str
    """The metric that shows it; empty where nothing can."""
    tests: tuple[str, ...] = ()
    """Experiments; together they hold if each does."""
    untestable: str = ""
    """Why no experiment can test it."""
    against: str = ""
    """What the literature says against it."""


@dataclass(frozen=True)
class Experiment:
    """A lever moved in a world, and what its metric should do."""

    id: str
    ask: str
    """The question in words."""
    world: str
    metric: str
    high: Tables
    """Tables laid over the world; `structure` names the structure."""
    expect: str | tuple[float, float]
    """up, down or same from low to high; or a range in which the difference should lie."""
    why: str
    """Which mechanism lies between the lever and the metric."""
    low: Tables | None = None
    """The setting compared with; without it the effect is the value at the high setting."""
    both: Tables = field(default_factory=dict)
    """Laid over the world before either setting."""
    minus: str = ""
    """A second metric, taken off the first in each arm."""
    middle: Tables | None = None
    """A third setting: then the effect is how far it lies above the mean of the other two."""
    moderator: tuple[Tables, Tables] | None = None
    """Two further settings: then the effect is how the lever's effect differs between them."""
    segment: str = ""
    """Read the metric for this segment alone."""
    relative: bool = False
    """The effect as a share of the value at the low setting."""
    full: int = 12
    """Replications."""
    quick: int = 4
    """Replications of the quick form."""
    again: str = ""
    """The experiment of which this asks the same where it matters more; both count."""
    revised: str = ""
    """What was mended in the settings after a first run, and why."""
    explained: str = ""
    """Why it does not hold, where it does not."""

    def arms(self) -> list[tuple[float, dict[str, Any]]]:
        """Weight of each arm in the effect, and its tables over the world."""
        def arm(*over: Tables) -> dict[str, Any]:
            tables: dict[str, Any] = {}
            for more in (self.both, *over):
                tables = merged(tables, more)
            return tables

        if self.low is None:
            return [(1.0, arm(self.high))]
        if self.moderator is not None:
            calm, strong = self.moderator
            return [(1.0, arm(calm, self.low)), (-1.0, arm(calm, self.high)),
                    (-1.0, arm(strong, self.low)), (1.0, arm(strong, self.high))]
        if self.middle is not None:
            return [(-0.5, arm(self.low)), (1.0, arm(self.middle)), (-0.5, arm(self.high))]
        return [(-1.0, arm(self.low)), (1.0, arm(self.high))]

    @property
    def expected(self) -> str:
        """The expectation in words."""
        if isinstance(self.expect, tuple):
            return f"{self.expect[0]:g} to {self.expect[1]:g}"
        return {"up": "more", "down": "less", "same": "no change"}[self.expect]


@dataclass(frozen=True)
class Fact:
    """A published finding that a simulation can show."""

    id: str
    says: str
    source: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class PatternEntry:
    """One of the fifteen patterns: experiments here, or rows of `orgsim verify`."""

    id: str
    says: str
    setup: str
    metric: str
    expected: str
    source: str
    tests: tuple[str, ...] = ()
    """Experiments of this register."""
    verify: tuple[str, ...] = ()
    """Rows of `orgsim verify`, by the beginning of their ids."""
    long: tuple[str, ...] = ()
    """Patterns of `orgsim verify --long`."""
    special: str = ""
    """The name of an experiment of its own kind, one of `SPECIAL`."""
    explained: str = ""
    """Why a part of it does not hold."""


@dataclass(frozen=True)
class Register:
    """Everything in the data files."""

    claims: Mapping[str, Claim]
    experiments: Mapping[str, Experiment]
    controls: Mapping[str, Experiment]
    facts: Mapping[str, Fact]
    patterns: Mapping[str, PatternEntry]

    def experiment(self, id: str) -> Experiment:
        """An experiment or a control."""
        return self.experiments[id] if id in self.experiments else self.controls[id]

    def claims_of(self, experiment: str) -> tuple[str, ...]:
        """Claims that an experiment tests."""
        return tuple(c.id for c in self.claims.values() if experiment in c.tests)


def merged(base: Tables, over: Tables) -> dict[str, Any]:
    """A copy of nested tables with others laid over them."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old if isinstance(old, Mapping) else {}, value) \
            if isinstance(value, Mapping) else value
    return result


@cache
def register() -> Register:
    """The register as it is shipped.

    Raises:
        InputError: Everything wrong with the data files.
    """
    return read(FOLDER)


def read(folder: Path) -> Register:
    """The register in a folder; see `register`."""
    faults: list[Fault] = []

    def entries(name: str, kind: Any, table: str = "") -> dict[str, Any]:
        file = f"{name}.toml"
        rows = read_file(folder / file, file).get(table or name, {})
        found = {}
        for id, row in rows.items():
            made = _entry(kind, id, row, file, faults)
            if made is not None:
                found[id] = made
        return found

    found = Register(
        claims=entries("claims", Claim), experiments=entries("experiments", Experiment),
        controls=entries("controls", Experiment), facts=entries("facts", Fact),
        patterns=entries("patterns", PatternEntry))
    faults += _cross(found)
    if faults:
        raise InputError(faults)
    return found


def _entry(kind: Any, id: str, row: Any, file: str, faults: list[Fault]) -> Any:
    """One entry as an object, or None after adding what is wrong with it."""
    known = {f.name: f for f in fields(kind) if f.name != "id"}
    if not isinstance(row, Mapping):
        faults.append(Fault(file, id, "must be a table"))
        return None
    wrong = []
    for key in row.keys() - known.keys():
        close = nearest(key, known)
        wrong.append(Fault(file, f"{id}.{key}", "there is no such key",
                           f"did you mean {close}?" if close else ""))
    values = {key: _value(value) for key, value in row.items()}
    if "moderator" in values and isinstance(row["moderator"], Mapping):
        sides = row["moderator"]
        if set(sides) == {"low", "high"}:
            values["moderator"] = (sides["low"], sides["high"])
        else:
            wrong.append(Fault(file, f"{id}.moderator", "needs exactly the tables low and high"))
    for name, item in known.items():
        if name not in row and item.default is MISSING and item.default_factory is MISSING:
            wrong.append(Fault(file, f"{id}.{name}", "is missing"))
    if wrong:
        faults += wrong
        return None
    return kind(id=id, **values)


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _cross(found: Register) -> list[Fault]:
    """What is wrong between entries: names of metrics, keys and experiments."""
    faults = []
    known = {key.name for key in catalogue().values()}
    for claim in found.claims.values():
        place = f"{claim.id}"
        faults += _among("claims.toml", f"{place}.tests", claim.tests, found.experiments)
        faults += _among("claims.toml", f"{place}.keys", claim.keys, known)
        if claim.metric:
            faults += _among("claims.toml", f"{place}.metric", [claim.metric], METRICS)
        if bool(claim.tests) == bool(claim.untestable):
            faults.append(Fault("claims.toml", place, "needs either tests or untestable"))
    for id in CLAIMS:
        if id not in found.claims:
            faults.append(Fault("claims.toml", id, "is missing"))
    for file, experiments in (("experiments.toml", found.experiments),
                              ("controls.toml", found.controls)):
        for e in experiments.values():
            faults += _among(file, f"{e.id}.metric", [e.metric, *([e.minus] if e.minus else [])],
                             METRICS)
            if isinstance(e.expect, str):
                faults += _among(file, f"{e.id}.expect", [e.expect], SIGNS)
            faults += _among(file, f"{e.id}.again", [e.again] if e.again else [], experiments)
            if e.middle is not None and e.moderator is not None:
                faults.append(Fault(file, e.id, "has both a middle and a moderator"))
            if e.quick < 2 or e.full < e.quick:
                faults.append(Fault(file, e.id, "needs 2 <= quick <= full replications"))
    for fact in found.facts.values():
        faults += _among("facts.toml", f"{fact.id}.tests", fact.tests, found.experiments)
    for pattern in found.patterns.values():
        faults += _among("patterns.toml", f"{pattern.id}.tests", pattern.tests, found.experiments)
        if pattern.special:
            faults += _among("patterns.toml", f"{pattern.id}.special", [pattern.special], SPECIAL)
        if not (pattern.tests or pattern.verify or pattern.long or pattern.special):
            faults.append(Fault("patterns.toml", pattern.id, "names nothing that shows it"))
    return faults


def _among(file: str, key: str, names: Iterable[str], known: Iterable[str]) -> list[Fault]:
    allowed = set(known)
    faults = []
    for name in names:
        if name not in allowed:
            close = nearest(name, allowed)
            faults.append(Fault(file, key, f"there is no {name!r}",
                                f"did you mean {close}?" if close else ""))
    return faults
