"""Commands about whether to believe it: theory against simulation, and the same again.

Owns: verify, reproduce, version. Never does: decide what passes (`sim.experiment.verify` and
`sim.store` do).
"""

from __future__ import annotations

import json
from typing import Any

import click

from sim.cli.options import debug_option, json_option, names_option, quiet_option


@click.command()
@click.option("--long", "long_", is_flag=True,
              help="Also the published patterns, which take much longer.")
@names_option("--only", about="Rows to check, by id or its beginning. [default: all]")
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Runs at the same time.")
@json_option
@quiet_option
@debug_option
def verify(
    long_: bool, only: tuple[str, ...], jobs: int | None, as_json: bool, quiet: bool
) -> int:
    """Simulation against queueing theory, through the path every scenario takes."""
    from sim.cli import talk
    from sim.experiment import verify as verification

    more: dict[str, Any] = {"long": True} if long_ else {}
    with talk.progress("theory against simulation", quiet=quiet) as tick:
        rows = verification.verify(jobs=jobs, only=only or None, progress=tick, **more)
    failed = [row for row in rows if not row.passed]
    if as_json:
        from sim.store.files import to_json

        talk.data(to_json([
            {"id": row.id, "theory": row.theory, "simulated": row.simulated, "low": row.low,
             "high": row.high, "pass": row.passed} for row in rows]))
    else:
        from sim.report.verification import table

        talk.show(table(rows), f"{len(rows) - len(failed)} of {len(rows)} rows agree with theory")
    return 1 if failed else 0


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--run", "run_id", metavar="RUN_ID",
              help="This one run (column run_id of runs.parquet); also of a sweep's folder.")
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Runs at the same time.")
@json_option
@quiet_option
@debug_option
def reproduce(
    folder: str, run_id: str | None, jobs: int | None, as_json: bool, quiet: bool
) -> int:
    """Run a results folder again, or one run of it or of a sweep: does the same come out?"""
    from sim.cli import talk

    with talk.progress(f"reproducing {folder}", quiet=quiet) as tick:
        if run_id is not None:
            from sim.api import sweeps

            again = sweeps.reproduce_run(folder, run_id)
        else:
            from sim import api

            again = api.reproduce(folder, jobs=jobs, progress=tick)
    if as_json:
        from sim.store.files import to_json

        talk.data(to_json(again.to_json()))
    else:
        lines = [f"{folder}: {again.sentence}"]
        lines += [f"- version of {line}" for line in again.versions]
        if not again.versions and not again.same:
            lines.append("- no version differs")
        lines += [f"- {name} was changed after it was written" for name in again.altered]
        talk.show("\n".join(lines))
    return 0 if again.same else 1


@click.command()
@json_option
@debug_option
def version(as_json: bool) -> None:
    """Versions of orgsim, its model and file format, and of what it stands on."""
    from sim.cli import talk
    from sim.store.manifest import versions

    found = versions()
    if as_json:
        talk.data(json.dumps(found, indent=2))
        return
    width = max(map(len, found))
    talk.data("\n".join(f"{name.ljust(width)}  {value if value is not None else '-'}"
                        for name, value in found.items()))
