"""Commands that simulate: run one structure, compare several.

Owns: run and compare: their options, the order of what is printed, what is kept when something
goes wrong. Never does: compute; `sim.api` answers, `sim.report` lays out.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    answer_options,
    changes,
    names_option,
    numbers,
    scenario_argument,
    short_name,
    study_options,
    world_options,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sim.api import Comparison, Provenance, Run
    from sim.scenario import Loaded


@click.command(short_help="Several structures, the same customers, and a verdict.")
@scenario_argument
@names_option("--structures", "--structure", "names",
              about="Structures to compare; the first is the one others are told against. "
              "[default: the scenario's list]")
@study_options
@click.option("--precision", multiple=True, metavar="METRIC=WIDTH",
              help="Add replications until every pair's 95% interval of METRIC has this "
              "half-width, in its unit or in %. Repeatable.")
@click.option("--max-replications", type=click.IntRange(1, 100_000), default=200, metavar="N",
              show_default=True, help="Where --precision gives up.")
@click.option("--equalise", default="headcount", show_default=True,
              metavar="headcount|service|cost",
              help="What is equal: people, the scenario's target response, or annual cost.")
@click.option("--budget", type=float, metavar="MONEY",
              help="With --equalise cost: money per year. [default: what the first structure "
              "costs]")
@world_options
@click.option("--weights", multiple=True, metavar="METRIC=W",
              help="Name one winner: weight of a metric per smallest difference that matters. "
              "Repeatable.")
@names_option("--metrics", about="Metrics of the verdict. [default: satisfaction,loyalty,"
              "response_mean_h,cost_total]")
@click.option("--margin", "margins", multiple=True, metavar="METRIC=WIDTH",
              help="Smallest difference that matters, in the unit or in %. Repeatable.")
@click.option("--better-off-points", type=float, default=2.0, metavar="POINTS", show_default=True,
              help="Points of satisfaction from which a customer is better or worse off.")
@click.option("--details", is_flag=True,
              help="Print the ranked table and all paired differences of every metric.")
@answer_options
def compare(
    file: str, names: tuple[str, ...], out: str | None, jobs: int | None,
    replications: int | None, precision: tuple[str, ...], max_replications: int, equalise: str,
    budget: float | None, heads: int | None, years: float | None, seed: int | None,
    overlays: tuple[str, ...], set_: tuple[str, ...], allow_large: bool,
    weights: tuple[str, ...], metrics: tuple[str, ...], margins: tuple[str, ...],
    better_off_points: float, details: bool, as_json: bool, quiet: bool,
) -> int:
    """Compare structures with the same customers, and say which is better for whom."""
    from sim import api
    from sim.cli import talk
    from sim.report.screen import compared
    from sim.scenario.limits import DEFAULT_LIMITS

    started = datetime.now(UTC)
    limits = None if allow_large else DEFAULT_LIMITS
    loaded = api.opened(file, overlays=overlays, limits=limits,
                        set=changes(set_, heads=heads, years=years, seed=seed))
    asked: dict[str, Any] = {
        "replications": replications,
        "precision": numbers(precision, "--precision", percent=True),
        "max_replications": max_replications,
        "equalise": equalise,
        "budget": budget,
        # The heads are in the scenario already; told again only where they are a contradiction.
        "heads": heads if equalise == "service" else None,
        "weights": numbers(weights, "--weights") or None,
        "metrics": metrics or None,
        "margins": numbers(margins, "--margin", percent=True),
        "better_off_points": better_off_points,
    }
    about = _provenance(file, loaded, started, asked | {"structures": names})
    folder = _reserved(about.name, out)
    try:
        with talk.progress(f"comparing {loaded.scenario.name}", quiet=quiet) as tick:
            answer = api.compare(loaded.scenario, names or None, jobs=jobs, limits=limits,
                                 progress=tick, **asked)
        talk.answered(answer, partial(compared, details=details), as_json=as_json)
        return _kept(answer, folder, about, quiet)
    finally:
        _released(folder)


@click.command(short_help="One structure: every measure with its interval.")
@scenario_argument
@names_option("--structure", "--structures", "names", about="The structure to run.")
@click.option("--event-log", type=click.Path(dir_okay=False), metavar="FILE",
              help="Also write every visit of the first replication in the columns of process "
              "mining; a new .csv or .parquet.")
@study_options
@world_options
@answer_options
def run(
    file: str, names: tuple[str, ...], event_log: str | None, out: str | None, jobs: int | None,
    replications: int | None, heads: int | None, years: float | None, seed: int | None,
    overlays: tuple[str, ...], set_: tuple[str, ...], allow_large: bool, as_json: bool,
    quiet: bool,
) -> int:
    """Run one structure: every measure with its interval."""
    from sim import api
    from sim.cli import talk
    from sim.report.screen import ran
    from sim.scenario.limits import DEFAULT_LIMITS
    from sim.store.table import check_new, write_table

    started = datetime.now(UTC)
    limits = None if allow_large else DEFAULT_LIMITS
    loaded = api.opened(file, overlays=overlays, limits=limits,
                        set=changes(set_, heads=heads, years=years, seed=seed))
    structure = only(loaded, names, "run")
    about = _provenance(file, loaded, started,
                        {"structures": [structure], "replications": replications})
    if event_log is not None:
        check_new(event_log, "--event-log")
    folder = _reserved(about.name, out)
    try:
        with talk.progress(f"running {loaded.scenario.name}", quiet=quiet) as tick:
            answer = api.run(loaded.scenario, structure, replications=replications, jobs=jobs,
                             limits=limits, progress=tick)
        if event_log is not None:
            rows = api.event_log(loaded.scenario, structure, limits=limits)
            talk.say(f"{write_table(rows, event_log):,} visits in {event_log}", quiet=quiet)
        talk.answered(answer, ran, as_json=as_json)
        return _kept(answer, folder, about, quiet)
    finally:
        _released(folder)


def only(loaded: Loaded, names: Sequence[str], command: str) -> str:
    """The one structure a command asks for."""
    from sim.errors import Fault, InputError
    from sim.structures import available

    if len(names) == 1:
        return names[0]
    usable = [n for n, reason in available(loaded.scenario).items() if reason is None]
    if not names:
        raise InputError(Fault("--structure", "", f"is needed: one of {', '.join(usable)}"))
    raise InputError(Fault("--structure", "", f"{command} takes one structure, not {len(names)}",
                           f"orgsim compare takes several: --structures {','.join(names)}"))


def _provenance(
    file: str, loaded: Loaded, started: datetime, options: dict[str, Any]
) -> Provenance:
    """Where the answer comes from, for the results folder."""
    import shlex

    from sim.api import Provenance

    return Provenance(
        name=short_name(file),
        changes=tuple(str(change) for change in loaded.changes),
        source=str(loaded.path or file),
        command=shlex.join(["orgsim", *_typed(sys.argv[1:], file)]),
        options={key: value for key, value in options.items() if value not in (None, {}, (), [])},
        started=started,
    )


def _typed(words: Sequence[str], file: str) -> list[str]:
    """The words typed, without those that name a place on this machine or change no number."""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("--out", "--jobs"):
            skip = True
        elif not word.startswith(("--out=", "--jobs=", "--quiet", "--debug", "--json")):
            kept.append(file.replace("\\", "/").rsplit("/", 1)[-1] if word == file else word)
    return kept


def _reserved(name: str, out: str | None) -> Path:
    """The folder the results will go to: refused now rather than after the work."""
    from sim.store import reserve

    return reserve(name, out)


def _released(folder: Path) -> None:
    """Leave no empty folder behind."""
    from sim.store.layout import release

    release(folder)


def _kept(answer: Comparison | Run, folder: Path, about: Provenance, quiet: bool) -> int:
    """Write the results, say where they are, and what the exit code is."""
    from sim import api
    from sim.cli import talk

    api.save(answer, folder, provenance=about)
    talk.say(f"\nReport:  {folder / 'report.html'}\nAgain:   orgsim reproduce {folder}",
             quiet=quiet)
    if answer.interrupted:
        return talk.cut_short()
    return 1 if answer.failures else 0
