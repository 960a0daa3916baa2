"""Commands for a class.

Owns: lesson, classpage. Never does: compute; `sim.api` answers, `sim.report` lays out.
"""

from __future__ import annotations

import click

from sim.cli.options import (
    changes,
    debug_option,
    jobs_option,
    json_option,
    names_option,
    quiet_option,
    replications_option,
    seed_option,
)


@click.command()
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


@click.command()
@click.argument("source", metavar="FILE_OR_LESSON")
@click.option("--out", type=click.Path(), metavar="FILE.html",
              help="The file to write. [default: NAME.html here]")
@names_option("--structures", about="Structures to compare. [default: as lesson or scenario say]")
@click.option("--slider", "sliders", multiple=True, metavar="KEY=LOW:HIGH:N",
              help="A slider over N values; KEY alone takes its plausible range. 1 to 4 of them. "
              "[default: the lesson's, or the first two that a class moves]")
@click.option("--overlay", "overlays", multiple=True, metavar="NAME_OR_FILE",
              help="Lay a named overlay or a file over the scenario. Repeatable.")
@click.option("--set", "set_", multiple=True, metavar="KEY=VALUE",
              help="Change one key, such as staff.heads=50. Repeatable.")
@replications_option("per setting and structure", "10", low=2)
@seed_option
@jobs_option
@json_option
@quiet_option
@debug_option
def classpage(
    source: str, out: str | None, structures: tuple[str, ...], sliders: tuple[str, ...],
    overlays: tuple[str, ...], set_: tuple[str, ...], replications: int | None, seed: int | None,
    jobs: int | None, as_json: bool, quiet: bool,
) -> int:
    """Make one HTML file of a lesson (its name) or of a scenario, for a class.

    The runs are made now, at every setting of the sliders; the file needs no server and no
    network.
    """
    from pathlib import Path

    from sim.app.classpage import classpage as make
    from sim.cli import talk

    place = out or f"{Path(source).name.removesuffix('.toml')}.html"
    with talk.progress(f"class page {place}", quiet=quiet) as tick:
        made = make(source, place, structures=structures or None, sliders=sliders,
                    overlays=overlays, set=changes(set_), replications=replications, seed=seed,
                    jobs=jobs, progress=tick, tell=lambda text: talk.say(text, quiet=quiet))
    if as_json:
        from sim.store.files import to_json

        talk.data(to_json(made.to_json()))
    else:
        talk.say(f"{made.bytes / 1e6:.1f} MB in {made.seconds:.0f} s; open it in a browser, or put "
                 "it where the class finds it", quiet=quiet)
        talk.data(place)
    return 0
