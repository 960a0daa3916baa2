"""Commands for a class.

Owns: lesson. Never does: compute; `sim.api` answers, `sim.report` lays out.
"""

from __future__ import annotations

import click

from sim.cli.options import (
    debug_option,
    jobs_option,
    json_option,
    quiet_option,
    replications_option,
    seed_option,
)


@click.command(short_help="A lesson for a class: predict, run step by step, see why.")
@click.argument("name", required=False)
@click.option("--notes", is_flag=True, help="Add the instructor's notes for 30 and 75 minutes.")
@replications_option("per step and structure", "10", low=2)
@seed_option
@jobs_option
@json_option
@quiet_option
@debug_option
def lesson(
    name: str | None, notes: bool, replications: int | None, seed: int | None, jobs: int | None,
    as_json: bool, quiet: bool,
) -> int:
    """Run the lesson NAME, a shipped one or a file; without NAME, list the lessons."""
    from sim import api
    from sim.cli import talk
    from sim.report import lesson as layout

    if name is None:
        found = api.lessons()
        if as_json:
            from sim.store.files import to_json

            talk.data(to_json([{"name": e.name, "title": e.lesson.title, "goal": e.lesson.goal}
                               for e in found]))
        else:
            talk.show(*layout.listed(found))
        return 0
    with talk.progress(f"lesson {name}", quiet=quiet) as tick:
        answer = api.lesson(name, replications=replications, seed=seed, jobs=jobs, progress=tick)
    talk.answered(answer, layout.shown, as_json=as_json)
    if notes and not as_json:
        talk.show("", layout.notes(answer.lesson))
    return talk.cut_short() if answer.interrupted else 0
