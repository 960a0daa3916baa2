"""The command that shows one customer's life under each structure.

Owns: follow. Never does: average; a journey is an illustration, not evidence.
"""

from __future__ import annotations

import click

from sim.cli.options import (
    change_options,
    changes,
    debug_option,
    json_option,
    names_option,
    quiet_option,
    scenario_argument,
    world_options,
)


@click.command()
@scenario_argument
@click.option("--customer", type=int, required=True,
              help="Number of a customer present at the start, from 0.")
@names_option("--structures", "--structure", "names",
              about="Structures side by side. [default: the scenario's list]")
@click.option("--cases", type=click.IntRange(0), default=3, show_default=True,
              help="How many of the customer's cases to show; 0 shows all.")
@click.option("--replication", type=click.IntRange(0), default=0, show_default=True,
              help="Which of the customer's possible lives.")
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Runs at the same time.")
@world_options
@change_options
@json_option
@quiet_option
@debug_option
def follow(
    file: str, customer: int, names: tuple[str, ...], cases: int, replication: int,
    jobs: int | None, heads: int | None, years: float | None, seed: int | None,
    overlays: tuple[str, ...], set_: tuple[str, ...], allow_large: bool, as_json: bool,
    quiet: bool,
) -> int:
    """Follow one customer, case by case, under each structure side by side."""
    from sim import api
    from sim.cli import talk
    from sim.experiment.follow import follow as followed
    from sim.scenario.limits import DEFAULT_LIMITS

    loaded = api.opened(file, overlays=overlays, limits=None if allow_large else DEFAULT_LIMITS,
                        set=changes(set_, heads=heads, years=years, seed=seed))
    with talk.progress(f"following customer {customer}", quiet=quiet) as tick:
        journeys = followed(loaded.scenario, customer, names or None, jobs=jobs,
                            replication=replication, progress=tick)
    if as_json:
        from sim.store.files import to_json

        talk.data(to_json(journeys.to_json()))
    else:
        from sim.report.journey import tables

        talk.show(*tables(journeys, cases))
    return 1 if journeys.failures else 0
