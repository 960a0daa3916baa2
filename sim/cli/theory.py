"""The command about the theory behind the model.

Owns: theory. Never does: decide what holds (`sim.experiment.theory` does).
"""

from __future__ import annotations

import click

from sim.cli.options import debug_option, json_option, names_option, quiet_option


@click.command()
@click.option("--claims", is_flag=True,
              help="The claims of the articles, by lever experiments, and the negative controls.")
@click.option("--patterns", is_flag=True, help="The fifteen patterns and the published facts.")
@click.option("--scenarios", is_flag=True,
              help="The shipped scenarios: expected and found winners, and levels.")
@names_option("--only", about="Claims, experiments, controls, facts, patterns or scenarios, by "
              "id. [default: all]")
@click.option("--quick", is_flag=True, help="Fewer replications: wider intervals, more ties.")
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N",
              help="Runs at the same time; the numbers do not depend on it. [default: all cores]")
@click.option("--out", type=click.Path(file_okay=False), metavar="DIR",
              help="Folder for theory.json and theory.md, new or empty.")
@json_option
@quiet_option
@debug_option
def theory(
    claims: bool, patterns: bool, scenarios: bool, only: tuple[str, ...], quick: bool,
    jobs: int | None, out: str | None, as_json: bool, quiet: bool,
) -> int:
    """Test the theory: each claim by an experiment that moves its lever.

    Without --claims, --patterns or --scenarios all three are tested.
    """
    from sim import api
    from sim.cli import talk
    from sim.store import reserve
    from sim.store.layout import release

    whole = not (claims or patterns or scenarios)
    folder = reserve("theory", out) if out else None
    try:
        with talk.progress("experiments on theory", quiet=quiet) as tick:
            found = api.theory(claims=claims or whole, patterns=patterns or whole,
                               scenarios=scenarios or whole, only=only or None, quick=quick,
                               jobs=jobs, progress=tick)
        if folder is not None:
            from sim.report.theory import markdown
            from sim.store.files import put_json, put_text

            put_json(folder / "theory.json", found.to_json())
            put_text(folder / "theory.md", markdown(found))
    finally:
        if folder is not None:
            release(folder)
    if as_json:
        from sim.store.files import to_json

        talk.data(to_json(found.to_json()))
    else:
        from sim.report.theory import sentence, tables

        talk.show(*tables(found), sentence(found))
    return 1 if found.failures else 0
