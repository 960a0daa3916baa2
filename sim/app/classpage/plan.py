"""What a class page will hold, before anything is run: sliders, settings, steps.

Owns: from which values a slider is made, and which settings are run. Never does: run them.

A step of a lesson may set keys that no slider moves (a horizon, a reorganisation). Steps with the
same such keys share a *frame*; the sliders are run in each frame.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim import api
from sim.app.controls import LESSON, MORE
from sim.errors import Fault, InputError, nearest
from sim.experiment.request import check_structures
from sim.scenario import lessons
from sim.scenario.catalogue import Key, catalogue, find

if TYPE_CHECKING:
    from sim.scenario.lessons import Lesson
    from sim.scenario.schema import Scenario

MOST_SETTINGS = 100
"""Settings made when nobody says how many."""
LARGEST_GRID = 400
MOST_SLIDERS = 4
MOST_STRUCTURES = 6
FEWEST_VALUES = 3
ORDER = (*LESSON, *MORE)
"""Keys offered first; then the others in the order of the schema."""
OPTION = "--slider"
WIDE, AROUND = 4.0, 1.5
"""A plausible range whose ends differ by more than this factor is cut to this factor around the
values in use."""


class Range(NamedTuple):
    """A slider as asked for."""

    key: str
    low: float | None = None
    high: float | None = None
    values: int | None = None


@dataclass(frozen=True)
class Slider:
    """One key and the values at which it is run."""

    key: Key
    values: tuple[float, ...]
    base: float

    @property
    def texts(self) -> list[str]:
        """The values as they are shown."""
        return [f"{value:g}" if abs(value) < 1e5 else f"{value:,.0f}" for value in self.values]


@dataclass(frozen=True)
class Frame:
    """What is changed beside the sliders."""

    set: Mapping[str, Any]


@dataclass(frozen=True)
class Stop:
    """A step of the lesson as a place: its frame and the value of each slider, by index."""

    frame: int
    at: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """What is to be run."""

    name: str
    scenario: Scenario
    """The firm with the lesson's changes."""
    lesson: Lesson | None
    structures: tuple[str, ...]
    sliders: tuple[Slider, ...]
    frames: tuple[Frame, ...]
    stops: tuple[Stop, ...]
    """One per step; of a scenario one, as it is."""
    replications: int

    @property
    def settings(self) -> list[dict[str, Any]]:
        """The changes of every point: frames outside, the last slider inside."""
        return [{**frame.set, **dict(zip(self.keys, values, strict=True))}
                for frame in self.frames
                for values in itertools.product(*(s.values for s in self.sliders))]

    @property
    def keys(self) -> list[str]:
        """Keys of the sliders."""
        return [s.key.name for s in self.sliders]

    @property
    def runs(self) -> int:
        """Replications of every structure at every point."""
        return len(self.settings) * len(self.structures) * self.replications

    def index(self, stop: Stop) -> int:
        """Place of a step among the settings."""
        place = stop.frame
        for slider, i in zip(self.sliders, stop.at, strict=True):
            place = place * len(slider.values) + i
        return place

    def sentence(self) -> str:
        """How much is run, in words."""
        values = " x ".join(str(len(s.values)) for s in self.sliders)
        frames = f", in {len(self.frames)} set-ups" if len(self.frames) > 1 else ""
        return (f"{self.runs:,} runs: {len(self.settings)} settings ({', '.join(self.keys)}: "
                f"{values}{frames}) under {len(self.structures)} structures, "
                f"{self.replications} replications each")


def planned(
    source: str | Path, *, structures: Sequence[str] | None = None,
    sliders: Sequence[str | Range] = (), overlays: Sequence[str] = (),
    set: Mapping[str, Any] | Sequence[str] = (), replications: int, seed: int | None = None,
) -> Plan:
    """Decide what to run.

    Raises:
        InputError: Something asked for makes no sense; every fault at once.
    """
    name, plan = _meant(source)
    if plan is None:
        base = api.load(source, overlays=overlays, set=_with_seed(set, seed))
    else:
        if overlays:
            raise InputError(Fault("--overlay", "", "a lesson brings its own changes",
                                   "use --set, or the scenario file"))
        own = api.load(plan.scenario, set=plan.set)
        base = api.load(own, set=_with_seed(set, seed)) if set or seed is not None else own
    names, faults = check_structures(base, structures or (plan.structures if plan else None))
    if len(names) > MOST_STRUCTURES and structures is None:
        names = names[:MOST_STRUCTURES]
    if not 2 <= len(names) <= MOST_STRUCTURES:
        faults.append(Fault("--structures", "", f"2 to {MOST_STRUCTURES}, not {len(names)}"))
    wanted, wrong = _wanted(base, plan, sliders)
    if faults + wrong:
        raise InputError(faults + wrong)
    frames, stops = _frames(plan, [w.key for w in wanted])
    made = _sliders(base, plan, wanted, len(frames), counted=any(w.values for w in wanted))
    if len(made) < len(wanted):  # one was given up: steps that move it get a frame of their own
        frames, stops = _frames(plan, [s.key.name for s in made])
    found = Plan(name, base, plan, names, tuple(made), tuple(Frame(f) for f in frames),
                 tuple(_stop(frame, changed, made) for frame, changed in stops), replications)
    if len(found.settings) > LARGEST_GRID:
        raise InputError(Fault(OPTION, "", f"{len(found.settings):,} settings are more than a page "
                               f"holds ({LARGEST_GRID})", "fewer values, or fewer sliders"))
    return found


def _meant(source: str | Path) -> tuple[str, Lesson | None]:
    """A lesson by name or file, else None for a scenario."""
    text = str(source)
    known = [entry.name for entry in lessons.shipped()]
    stems = [entry.path.stem for entry in lessons.shipped()]
    if text in (*known, *stems):
        return lessons.find(text)
    path = Path(text)
    if path.suffix == ".toml" and path.is_file():
        from sim.scenario.reading import read_file

        tables = read_file(path, text)
        if "steps" in tables or "prediction" in tables:
            return lessons.find(path)
        return path.stem, None
    try:
        api.load(source)
    except InputError as error:
        guess = nearest(text, known)
        if guess and not path.exists():
            raise InputError(Fault(text, "", "is no lesson and no scenario",
                                   f"did you mean the lesson {guess}?")) from None
        raise error
    return path.stem, None


def _with_seed(changes: Mapping[str, Any] | Sequence[str], seed: int | None) -> Any:
    if seed is None:
        return changes
    if isinstance(changes, Mapping):
        return {**changes, "seed": seed}
    return [*changes, f"seed={seed}"]


def read_range(text: str) -> Range:
    """KEY=LOW:HIGH:N, KEY=LOW:HIGH or KEY.

    Raises:
        InputError: It is not of this form.
    """
    key, equals, rest = text.partition("=")
    parts = rest.split(":") if equals else []
    try:
        if len(parts) not in (0, 2, 3) or not key:
            raise ValueError
        numbers = [float(part) for part in parts[:2]]
        count = int(parts[2]) if len(parts) == 3 else None
        if not all(map(math.isfinite, numbers)):
            raise ValueError
    except ValueError:
        raise InputError(Fault(OPTION, "", f"KEY=LOW:HIGH:N, not {text!r}",
                               "such as staff.heads=10:18:5")) from None
    low, high = numbers or (None, None)
    return Range(key.strip(), low, high, count)


def _wanted(base: Scenario, plan: Lesson | None,
            asked: Sequence[str | Range]) -> tuple[list[Range], list[Fault]]:
    """The sliders asked for, else those of the lesson, else the first that a class moves."""
    faults: list[Fault] = []
    rows: list[Range] = []
    for item in asked:
        try:
            rows.append(read_range(item) if isinstance(item, str) else item)
        except InputError as error:
            faults += error.faults
    if not asked and plan is not None:
        moved = {key for step in plan.steps for key in step.set}
        rows = [Range(key) for key in sorted(plan.sliders, key=lambda k: k not in moved)]
    elif not asked:
        rows = [Range(key) for key in _offered(base)][:2]
    if len(rows) > MOST_SLIDERS:
        if asked:
            faults.append(Fault(OPTION, "", f"at most {MOST_SLIDERS} sliders, not {len(rows)}"))
        rows = rows[:MOST_SLIDERS]
    for row in rows:
        faults += _check(base, row)
    names = [row.key for row in rows]
    faults += [Fault(OPTION, key, "is given more than once")
               for key in dict.fromkeys(names) if names.count(key) > 1]
    return rows, faults


def _offered(base: Scenario) -> list[str]:
    """Keys with a plausible range, those that a class moves first."""
    rest = [k.name for k in catalogue().values()]
    return [name for name in dict.fromkeys((*ORDER, *rest))
            if (key := find(tuple(name.split(".")))) is not None and key.plausible is not None
            and key.kind in ("number", "integer") and "*" not in name
            and value_of(base, name) is not None]


def _check(base: Scenario, row: Range) -> list[Fault]:
    key = find(tuple(row.key.split(".")))
    if key is None or key.kind not in ("number", "integer") or value_of(base, row.key) is None:
        known = [k.name for k in catalogue().values() if k.kind in ("number", "integer")]
        guess = nearest(row.key, known) if key is None else None
        return [Fault(OPTION, row.key, "is no number of this scenario" if key else
                      "is no key of a scenario", f"did you mean {guess}?" if guess else "")]
    faults = []
    if row.values is not None and not 2 <= row.values <= 20:
        faults.append(Fault(OPTION, row.key, f"2 to 20 values, not {row.values}"))
    if row.low is not None and row.high is not None:
        if row.low >= row.high:
            faults.append(Fault(OPTION, row.key, f"{row.low:g} must be below {row.high:g}"))
        low, high = key.low, key.high
        faults += [Fault(OPTION, row.key, f"{key.allowed()}, not {end:g}")
                   for end in (row.low, row.high)
                   if (low is not None and end < low) or (high is not None and end > high)]
    return faults


def value_of(scenario: Scenario, key: str) -> float | None:
    """The number a scenario has at a key; None if there is none."""
    found: Any = scenario
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else getattr(found, part, None)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _frames(plan: Lesson | None, keys: Sequence[str],
            ) -> tuple[list[dict[str, Any]], list[tuple[int, dict[str, Any]]]]:
    """Distinct changes beside the sliders, and of each step its frame and the sliders it moves."""
    if plan is None:
        return [{}], [(0, {})]
    frames: list[dict[str, Any]] = []
    stops = []
    for step in plan.steps:
        beside = {k: v for k, v in step.set.items() if k not in keys}
        if beside not in frames:
            frames.append(beside)
        stops.append((frames.index(beside), {k: v for k, v in step.set.items() if k in keys}))
    return frames, stops


def _sliders(base: Scenario, plan: Lesson | None, wanted: Sequence[Range], frames: int, *,
             counted: bool) -> list[Slider]:
    """As many values each as fit; where even three are too many, the last slider is given up."""
    rows = list(wanted)
    steps = plan.steps if plan else ()
    if not counted:
        while len(rows) > 2 and frames * FEWEST_VALUES ** len(rows) > MOST_SETTINGS:
            rows.pop()
    fit = int((MOST_SETTINGS / frames) ** (1.0 / max(1, len(rows))) + 1e-9)
    count = min(7, max(FEWEST_VALUES, fit))
    made = []
    for row in rows:
        key = catalogue()[tuple(row.key.split("."))]
        now = value_of(base, row.key) or 0.0
        musts = [now, *(float(step.set[row.key]) for step in steps if row.key in step.set)]
        low, high = _ends(key, row, musts)
        made.append(Slider(key, _values(key, low, high, row.values or count, musts), now))
    return made


def _ends(key: Key, row: Range, musts: Sequence[float]) -> tuple[float, float]:
    """The range asked for, else the plausible one, else some way around the values in use.

    A plausible range over firms of all sizes is cut to what this firm may meet.
    """
    if row.low is not None and row.high is not None:
        return row.low, row.high
    low, high = min(musts) / AROUND, max(musts) * AROUND
    if key.plausible is not None:
        least, most = key.plausible
        wide = least > 0.0 and most / least > WIDE and (key.high is None or key.high > 1.0)
        return (max(least, low), min(most, high)) if wide else (least, most)
    low = max(low, key.low) if key.low is not None else low
    return low, min(high, key.high) if key.high is not None else high


def _values(key: Key, low: float, high: float, count: int,
            musts: Sequence[float]) -> tuple[float, ...]:
    """Evenly spaced values; those in use take the place of the nearest inside, or stand beside."""
    even = [low + (high - low) * i / (count - 1) for i in range(count)]
    even = [float(round(v)) if key.kind == "integer" else float(f"{v:.3g}") for v in even]
    kept = sorted(set(musts))
    free = sorted(set(even[1:-1]) - set(kept))
    for must in kept:
        if free and len({*kept, *free, even[0], even[-1]}) > count:
            free.remove(min(free, key=lambda v: abs(v - must)))
    return tuple(sorted({*kept, *free, even[0], even[-1]}))


def _stop(frame: int, changed: Mapping[str, Any], sliders: Sequence[Slider]) -> Stop:
    """A step as indices of slider values."""
    return Stop(frame, tuple(
        s.values.index(float(changed.get(s.key.name, s.base))) for s in sliders))
