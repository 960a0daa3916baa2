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
    names_option,
    numbers,
    scenario_argument,
    short_name,
    study_options,
    world_options,
)
from sim.cli.question import Question, question

if TYPE_CHECKING:
    from pathlib import Path

    from sim.api import Comparison, Provenance, Run
    from sim.scenario import Loaded


@click.command()
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
@question
def compare(
    asked: Question, names: tuple[str, ...], replications: int | None,
    precision: tuple[str, ...], max_replications: int, equalise: str, budget: float | None,
    weights: tuple[str, ...], metrics: tuple[str, ...], margins: tuple[str, ...],
    better_off_points: float, details: bool,
) -> int:
    """Compare structures with the same customers, and say which is better for whom."""
    from sim import api
    from sim.report.screen import compared

    started = datetime.now(UTC)
    loaded = asked.opened()
    wanted: dict[str, Any] = {
        "replications": replications,
        "precision": numbers(precision, "--precision", percent=True),
        "max_replications": max_replications,
        "equalise": equalise,
        "budget": budget,
        # The heads are in the scenario already; told again only where they are a contradiction.
        "heads": asked.heads if equalise == "service" else None,
        "weights": numbers(weights, "--weights") or None,
        "metrics": metrics or None,
        "margins": numbers(margins, "--margin", percent=True),
        "better_off_points": better_off_points,
    }
    about = _provenance(asked.file, loaded, started, wanted | {"structures": names})
    with asked.folder(about.name) as folder:
        with asked.progress(f"comparing {loaded.scenario.name}") as tick:
            answer = api.compare(loaded.scenario, names or None, jobs=asked.jobs,
                                 limits=asked.limits, progress=tick, **wanted)
        asked.answered(answer, partial(compared, details=details))
        return _kept(answer, folder, about, asked)


@click.command()
@scenario_argument
@names_option("--structure", "--structures", "names", about="The structure to run.")
@click.option("--event-log", type=click.Path(dir_okay=False), metavar="FILE",
              help="Also write every visit of the first replication in the columns of process "
              "mining; a new .csv or .parquet.")
@study_options
@world_options
@question
def run(
    asked: Question, names: tuple[str, ...], event_log: str | None, replications: int | None,
) -> int:
    """Run one structure: every measure with its interval."""
    from sim import api
    from sim.report.screen import ran
    from sim.store.table import check_new, write_table

    started = datetime.now(UTC)
    loaded = asked.opened()
    structure = only(loaded, names, "run")
    about = _provenance(asked.file, loaded, started,
                        {"structures": [structure], "replications": replications})
    if event_log is not None:
        check_new(event_log, "--event-log")
    with asked.folder(about.name) as folder:
        with asked.progress(f"running {loaded.scenario.name}") as tick:
            answer = api.run(loaded.scenario, structure, replications=replications,
                             jobs=asked.jobs, limits=asked.limits, progress=tick)
        if event_log is not None:
            rows = api.event_log(loaded.scenario, structure, limits=asked.limits)
            asked.say(f"{write_table(rows, event_log):,} visits in {event_log}")
        asked.answered(answer, ran)
        return _kept(answer, folder, about, asked)


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


def _kept(answer: Comparison | Run, folder: Path, about: Provenance, asked: Question) -> int:
    """Write the results, say where they are, and what the exit code is."""
    from sim import api

    api.save(answer, folder, provenance=about)
    asked.say(f"\nReport:  {folder / 'report.html'}\nAgain:   orgsim reproduce {folder}")
    return asked.ended(interrupted=answer.interrupted, failed=bool(answer.failures))
