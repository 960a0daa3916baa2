"""What a Python user calls, and what every command of `orgsim` calls: the same functions.

Owns: the public functions, and how an answer becomes a results folder and is done again. Never
does: parse options, print, or know anything of the model.

    import sim

    bank = sim.load("retail_bank", set={"staff.heads": 45})
    answer = sim.compare(bank, ["functional", "customer"], replications=10)
    answer.table            # pandas: metric, structure, mean, interval, difference to the best
    print(answer.verdict)
    sim.save(answer)        # results/retail-bank-1 with data, figures and report.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiment.answer import Comparison
from sim.experiment.compare import compare as _compare
from sim.experiment.diagnose import MOST, REPLICATIONS, Diagnosis
from sim.experiment.diagnose import diagnose as _diagnose
from sim.experiment.executors import Progress
from sim.experiment.explain import MOST_WORLDS, Explanation
from sim.experiment.explain import REPLICATIONS as EXPLAINED
from sim.experiment.explain import explain as _explain
from sim.experiment.precision import MAXIMUM_REPLICATIONS
from sim.experiment.reorganise import AFTER_H, Reorganisation
from sim.experiment.reorganise import REPLICATIONS as REORGANISED
from sim.experiment.reorganise import reorganise as _reorganise
from sim.experiment.replications import Design, Runs
from sim.experiment.request import check_structures
from sim.experiment.run import Run
from sim.experiment.run import run as _run
from sim.experiment.staffing import Mode
from sim.experiment.theory import Theory, theory
from sim.experiment.winners import THRESHOLD_POINTS
from sim.metrics.registry import METRICS, Margin
from sim.scenario import Loaded, load_with_log, notes, to_toml
from sim.scenario.limits import DEFAULT_LIMITS, Limits, check_limits
from sim.scenario.loading import Source
from sim.store import Contents, Reproduction, Stored, layout, read, reserve
from sim.store import reproduce as _reproduce
from sim.store import write as _write

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = [
    "Comparison", "Diagnosis", "Explanation", "Provenance", "Reorganisation", "Reproduction",
    "Run", "Stored", "Theory", "compare", "diagnose", "explain", "load", "opened", "read",
    "reorganise", "reproduce", "run", "save", "save_explanation", "save_reorganisation", "theory",
]

Overlays = Sequence[str]
Settings = Mapping[str, Any] | Sequence[str]


def opened(source: Source, *, overlays: Overlays = (), set: Settings = (),
           limits: Limits | None = DEFAULT_LIMITS) -> Loaded:
    """Load a scenario together with the log of what overlays and settings changed.

    Args and errors: as `load`.
    """
    return load_with_log(source, overlays=overlays, set=set, limits=limits, metrics=METRICS)


def load(source: Source, *, overlays: Overlays = (), set: Settings = (),
         limits: Limits | None = DEFAULT_LIMITS) -> Scenario:
    """Load a scenario.

    Args:
        source: A TOML file, the name of a shipped scenario ("retail_bank"), a mapping, or a
            scenario to change.
        overlays: Names of overlays in the file, or files, in order.
        set: Single keys, applied last: `{"staff.heads": 30}` or `["staff.heads=30"]`.
        limits: Limits on size; None lifts them.

    Raises:
        InputError: Everything that is wrong with it, at once.
        LimitExceeded: It would take too long or too much memory.
    """
    return opened(source, overlays=overlays, set=set, limits=limits).scenario


def run(
    scenario: Source,
    structure: str,
    *,
    replications: int | None = None,
    heads: int | None = None,
    years: float | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Run:
    """Run one structure of a firm.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        structure: Name of a structure.
        replications: Stochastic repeats; None means the scenario's.
        heads: People of the line; None means the scenario's.
        years: Measured time; None means the scenario's horizon.
        seed: Root seed; None means the scenario's.
        jobs: Runs at the same time; None means one per processor. Changes no number.
        limits: Limits on size; None lifts them.
        progress: Told (done, planned, what).

    Returns:
        The run: `.table`, `.segments_table`, `.departments_table` are pandas.

    Raises:
        InputError, InfeasibleStructure, LimitExceeded: What was asked makes no sense.
        KeyboardInterrupt: Interrupted before anything was finished.
    """
    world = _world(scenario, limits)
    check_limits(world, world.name, limits, runs=replications or world.compare.replications)
    return _run(world, structure, replications=replications, heads=heads, years=years, seed=seed,
                jobs=jobs, progress=progress)


def compare(
    scenario: Source,
    structures: Sequence[str] | None = None,
    *,
    replications: int | None = None,
    precision: Mapping[str, str | float | Margin] | None = None,
    max_replications: int = MAXIMUM_REPLICATIONS,
    equalise: Mode = "headcount",
    heads: int | None = None,
    budget: float | None = None,
    years: float | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    weights: Mapping[str, float] | None = None,
    metrics: Sequence[str] | None = None,
    margins: Mapping[str, str | float | Margin] | None = None,
    better_off_points: float = THRESHOLD_POINTS,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Comparison:
    """Compare structures of one firm, with the same customers under each.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        structures: Names; None means the scenario's default list.
        precision: Wanted half-width of every pair's interval by metric, in its unit or as "5%".
        max_replications: Where `precision` gives up.
        equalise: "headcount", "service" (the scenario's target) or "cost".
        budget: For "cost": money per year; None means the cost of the first structure.
        weights: Weight by metric per smallest difference that matters: names one winner.
        metrics: What the verdict looks at; None means satisfaction, loyalty, mean response time
            and cost.
        margins: Overrides the smallest difference that matters by metric.
        better_off_points: Difference in a customer's satisfaction that makes them better off.
        replications, heads, years, seed, jobs, limits, progress: As in `run`.

    Returns:
        The comparison: `.table`, `.differences_table`, `.people_table`, `.segments_table`,
        `.staffing_table` are pandas, `.verdict` says what follows.

    Raises:
        InputError, LimitExceeded: What was asked makes no sense; every fault at once.
        KeyboardInterrupt: Interrupted before anything was finished.
    """
    world = _world(scenario, limits)
    names, _ = check_structures(world, structures)
    check_limits(world, world.name, limits,
                 runs=len(names) * (replications or world.compare.replications))
    return _compare(
        world, structures, replications=replications, precision=precision,
        max_replications=max_replications, equalise=equalise, heads=heads, budget=budget,
        years=years, seed=seed, jobs=jobs, weights=weights, metrics=metrics, margins=margins,
        better_off_points=better_off_points, progress=progress)


def diagnose(
    scenario: Source,
    structure: str,
    *,
    replications: int | None = None,
    heads: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Diagnosis:
    """Find up to five misfits of a structure and try one change for each.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        structure: Name of a structure.
        replications: Of the structure and of each change; None means 10.
        heads, seed, jobs, limits, progress: As in `run`.

    Returns:
        The diagnosis: `.table` is pandas, `.trials` holds each misfit with its effects.

    Raises:
        InputError, InfeasibleStructure, LimitExceeded: What was asked makes no sense.
        KeyboardInterrupt: Interrupted before the structure itself was run.
    """
    world = _world(scenario, limits)
    check_limits(world, world.name, limits, runs=(1 + MOST) * (replications or REPLICATIONS))
    return _diagnose(world, structure, replications=replications, heads=heads, seed=seed,
                     jobs=jobs, progress=progress)


def explain(
    scenario: Source,
    first: str,
    second: str,
    *,
    metric: str = "satisfaction",
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Explanation:
    """Split the difference between two structures into causes that add up to it.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        first, second: Names of structures; the difference is second minus first.
        metric: Metric id.
        replications: Of each world; None means 10.
        seed, jobs, limits, progress: As in `run`.

    Returns:
        The explanation: `.table` is pandas, `.parts` holds each cause with its interval.

    Raises:
        InputError, InfeasibleStructure, LimitExceeded: What was asked makes no sense.
        KeyboardInterrupt: Interrupted before two replications were complete.
    """
    world = _world(scenario, limits)
    check_limits(world, world.name, limits, runs=2 * MOST_WORLDS * (replications or EXPLAINED))
    return _explain(world, first, second, metric=metric, replications=replications, seed=seed,
                    jobs=jobs, progress=progress)


@dataclass(frozen=True)
class Provenance:
    """Where an answer came from: what a results folder says beyond the numbers."""

    name: str = ""
    """Short name for the default folder; empty: the scenario's name."""
    changes: tuple[str, ...] = ()
    """What overlays and settings changed."""
    source: str = ""
    """The scenario file."""
    command: str = ""
    """The command as typed."""
    options: Mapping[str, Any] | None = None
    """What was asked beyond structures and replications."""
    started: datetime | None = None


def save(
    answer: Comparison | Run, folder: str | Path | None = None, *,
    provenance: Provenance | None = None,
) -> Path:
    """Write an answer into a results folder: data, manifest, figures and report.

    Args:
        answer: What `run` or `compare` returned.
        folder: A new or empty folder; None means the next number under `results/`.
        provenance: Where it came from.

    Returns:
        The folder.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim import report

    about = provenance or Provenance()
    place = reserve(about.name or answer.scenario.name.lower(), folder)
    _write(place, _contents(answer, about))
    report.write(read(place))
    return place


def reorganise(
    scenario: Source,
    first: str,
    second: str,
    *,
    metric: str = "profit",
    budget: float = 0.5,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    limits: Limits | None = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Reorganisation:
    """Change from one structure to another in mid-run, and compare with not changing.

    When, and how hard it is, stands in the scenario: `reorganisation.at`, `.drag`, `.misrouting`,
    `.budget_ratio`... Time is measured for two years after the change, or to the scenario's
    horizon if that is later.

    Args:
        scenario: A loaded scenario, or whatever `load` takes.
        first, second: Structure before and after.
        metric: What break-even is counted in.
        budget: Budget of a second arm over that of the first; 1 leaves it out.
        replications: Of each arm; None means 20.
        seed, jobs, limits, progress: As in `run`.

    Returns:
        The curve: `.arms` with dip, break-even and cost, `.table` is pandas, month by month.

    Raises:
        InputError, InfeasibleStructure, LimitExceeded: What was asked makes no sense.
        KeyboardInterrupt: Interrupted before anything could be compared.
    """
    world = _world(scenario, limits)
    longer = world.time.horizon + AFTER_H + world.reorganisation.at
    check_limits(world, world.name, limits,
                 runs=round(3 * (replications or REORGANISED) * longer / world.time.horizon))
    return _reorganise(world, first, second, metric=metric, budget=budget,
                       replications=replications, seed=seed, jobs=jobs, progress=progress)


def save_reorganisation(answer: Reorganisation, folder: str | Path | None = None) -> Path:
    """Write a reorganisation into a new folder: what `--json` prints, the series, the figure.

    Args:
        answer: What `reorganise` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.jcurve import figures
    from sim.store.files import put, put_json, put_text

    place = reserve(f"{answer.scenario.name.lower()}-reorganised", folder)
    svg, png = figures(answer)
    put_json(place / "reorganisation.json", answer.to_json())
    put_text(place / "series.csv", answer.table.to_csv(index=False))
    put(place / "curve.svg", svg)
    put(place / "curve.png", png)
    return place


def save_explanation(answer: Explanation, folder: str | Path | None = None) -> Path:
    """Write an explanation into a new folder: what `--json` prints, a page of text, the figure.

    Args:
        answer: What `explain` returned.
        folder: A new or empty folder; None means the next number under `results/`.

    Raises:
        OutputExists: The folder already holds something.
        OutputFailed: It cannot be written.
    """
    from sim.report.explanation import figures, markdown
    from sim.store.files import put, put_json, put_text

    place = reserve(f"{answer.scenario.name.lower()}-explained", folder)
    svg, png = figures(answer)
    put_json(place / "explanation.json", answer.to_json())
    put_text(place / "explanation.md", markdown(answer))
    put(place / "waterfall.svg", svg)
    put(place / "waterfall.png", png)
    return place


def reproduce(
    folder: str | Path, *, jobs: int | None = None, progress: Progress | None = None
) -> Reproduction:
    """Do the study of a results folder again and say whether the same came out.

    Every run of the folder is run again from its resolved scenario, with the heads it had.

    Raises:
        InputError: It is not a results folder, or its files are broken.
    """
    return _reproduce(folder, lambda stored: _again(stored, jobs, progress))


def _world(source: Source, limits: Limits | None) -> Scenario:
    """A loaded scenario as it is, anything else loaded."""
    from sim.scenario.schema import Scenario

    return source if isinstance(source, Scenario) else load(source, limits=limits)


def _contents(answer: Comparison | Run, about: Provenance) -> Contents:
    """An answer as the contents of a folder."""
    scenario = answer.scenario
    single = isinstance(answer, Run)
    people = {answer.structure: answer.staffing} if isinstance(answer, Run) else answer.staffing
    started = about.started or datetime.now(UTC)
    layouts = {r.structure: r.layout for r in answer.results if hasattr(r, "layout")}
    return Contents(
        scenario_toml=to_toml(scenario),
        scenario_name=scenario.name,
        segments=tuple(scenario.segments),
        seed=answer.seed,
        request={
            "verb": "run" if single else "compare",
            "command": about.command,
            "options": dict(about.options or {}),
            "heads": {name: _heads(answer, name, s.heads) for name, s in people.items() if s},
        },
        results=answer.results,
        answer=answer.to_json(),
        changes=about.changes,
        notes=(*notes(scenario),
               *(f"{name}: {note}" for name, made in layouts.items() for note in made.notes)),
        finished=not answer.interrupted,
        started=started,
        seconds=(datetime.now(UTC) - started).total_seconds(),
        source=about.source,
        run_seconds=answer.run_seconds,
    )


def _heads(answer: Comparison | Run, structure: str, heads: int) -> int | None:
    """Heads to ask for when this is done again; None where the scenario says the same."""
    staff = answer.scenario.staff
    asked = sum(staff.pools.get(structure, {}).values()) or staff.heads
    return None if heads == asked else heads


def _again(stored: Stored, jobs: int | None, progress: Progress | None) -> Contents:
    """All runs of a folder done again."""
    scenario = load(stored.folder / layout.SCENARIO, limits=None)
    heads = stored.manifest["request"]["heads"]
    wanted = [(str(s), int(r)) for s, r in zip(stored.runs["structure"],
                                               stored.runs["replication"], strict=True)]
    runs = Runs(scenario, seed=int(stored.manifest["seeds"]["root"]), jobs=jobs,
                progress=progress)
    designs = {s: Design(s, heads.get(s)) for s, _ in wanted}
    count = 1 + max((r for _, r in wanted), default=-1)
    runs.expect(len(designs) * (1 + count))
    runs.extend(runs.prepare(designs.values()), count)
    if runs.interrupted:
        raise KeyboardInterrupt
    outcomes = {(o.structure, o.replication): o
                for design in designs.values() for o in runs.outcomes(design)}
    return Contents(
        scenario_toml=to_toml(scenario), scenario_name=scenario.name,
        segments=tuple(scenario.segments), seed=runs.seed, request=stored.manifest["request"],
        results=tuple(outcomes[key] for key in wanted if key in outcomes), answer=stored.answer,
    )
