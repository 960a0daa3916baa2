"""Commands about sweeps: what a plan takes, running it, how far it is, what it says.

Owns: sweep check, run, status, answer, merge: their options, what is printed. Never does: compute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import debug_option, json_option, names_option, quiet_option

if TYPE_CHECKING:
    from sim.api.sweeps import Forecast, Outcome, Status


@click.group()
def sweep() -> None:
    """Run plans of many runs: factors, structures, replications (docs/sweeps.md)."""


@sweep.command(short_help="Points, runs, time and disk, before anything is run.")
@click.argument("plan", metavar="PLAN")
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N",
              help="Worker processes the time is told for. [default: all cores]")
@click.option("--no-trial", is_flag=True, help="Tell no time: run nothing at all.")
@click.option("--allow-large", is_flag=True, help="Lift the safety limits on cases and memory.")
@json_option
@debug_option
def check(plan: str, jobs: int | None, no_trial: bool, allow_large: bool, as_json: bool) -> None:
    """Check a plan, and say what it will take.

    Time is told from a few trial runs of the base scenario (some seconds; the first time ever,
    compiling adds a minute).
    """
    from sim.api import sweeps
    from sim.cli import talk
    from sim.scenario.limits import DEFAULT_LIMITS

    found = sweeps.check_sweep(plan, jobs=jobs, measure=not no_trial,
                                  limits=None if allow_large else DEFAULT_LIMITS)
    if as_json:
        _json(found.to_json())
    else:
        talk.show(_checked(plan, found))


@sweep.command(short_help="Run a plan into a folder, or take it up where it was left.")
@click.argument("plan", metavar="PLAN")
@click.option("--out", type=click.Path(), metavar="DIR", required=True,
              help="The sweep's folder; what is stored there is not run again.")
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N",
              help="Worker processes; the numbers do not depend on it. [default: all cores]")
@click.option("--dask", metavar="ADDRESS|local",
              help="Use a Dask cluster that sees the same folder (orgsim[cluster]).")
@click.option("--shard", default="1/1", metavar="K/N",
              help="Only the K-th of N shares of the work, into a folder of its own; "
              "`orgsim sweep merge` puts them together.")
@click.option("--retry", multiple=True, metavar="RUN_ID",
              help="Run this failed run again, and nothing else. Repeatable.")
@click.option("--retry-failed", is_flag=True, help="Run all failed runs again.")
@click.option("--csv", is_flag=True, help="Write runs.csv too.")
@click.option("--allow-large", is_flag=True, help="Lift the safety limits on cases and memory.")
@json_option
@quiet_option
@debug_option
def run(
    plan: str, out: str, jobs: int | None, dask: str | None, shard: str, retry: tuple[str, ...],
    retry_failed: bool, csv: bool, allow_large: bool, as_json: bool, quiet: bool,
) -> int:
    """Run a plan. Rerunning the same command always resumes."""
    from sim.api import sweeps
    from sim.cli import talk
    from sim.scenario.limits import DEFAULT_LIMITS

    with talk.progress(f"sweeping {plan}", quiet=quiet) as tick:
        done = sweeps.run_sweep(
            plan, out, jobs=jobs, dask=dask, shard=shard, retry=retry or None,
            retry_failed=retry_failed, csv=csv, progress=tick,
            limits=None if allow_large else DEFAULT_LIMITS)
    return _told(done, as_json, quiet)


@sweep.command(short_help="Done, failed, left, and how long still; also while it runs.")
@click.argument("folder", metavar="DIR")
@json_option
@debug_option
def status(folder: str, as_json: bool) -> None:
    """Say how far a sweep has come."""
    from sim.api import sweeps
    from sim.cli import talk

    found = sweeps.sweep_status(folder)
    if as_json:
        _json(found.to_json())
    else:
        talk.show(_stands(found))


@sweep.command(short_help="Make one folder of the shards of a sweep.")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True)
@click.option("--out", type=click.Path(), metavar="DIR", required=True,
              help="A new folder, or one of the same sweep.")
@click.option("--csv", is_flag=True, help="Write runs.csv too.")
@json_option
@quiet_option
@debug_option
def merge(folders: tuple[str, ...], out: str, csv: bool, as_json: bool, quiet: bool) -> int:
    """Merge the folders of shards, complete or not; they stay as they are."""
    from sim.api import sweeps

    return _told(sweeps.merge_sweeps(folders, out, csv=csv), as_json, quiet)


def _json(value: Any) -> None:
    from sim.cli import talk
    from sim.store.files import to_json

    talk.data(to_json(value))


@sweep.command(short_help="What a finished sweep says: who leads where.")
@click.argument("folder", metavar="DIR")
@names_option("--metrics", about="Measures to tell. [default: those of the verdict that were kept, "
              "else the first that was]")
@names_option("--structures", about="Structures to tell apart. [default: all of the sweep]")
@json_option
@debug_option
def answer(
    folder: str, metrics: tuple[str, ...], structures: tuple[str, ...], as_json: bool
) -> None:
    """Say which structure leads at which points, out of a finished sweep; nothing is run.

    `orgsim report DIR` makes figures and a page of it.
    """
    from sim.api import sweeps
    from sim.cli import talk
    from sim.report.sweep import shown

    talk.answered(sweeps.sweep_answer(folder, metrics=metrics or None,
                                      structures=structures or None), shown, as_json=as_json)


def _words(done: Outcome) -> tuple[list[str], str]:
    """What the sweep says, nothing while it is not whole; and why it could not be said.

    The runs are stored by then: whatever goes wrong here must not make the sweep a failure.
    """
    from sim.sweep.folder import RUNS

    if done.interrupted or done.left or not (done.folder / RUNS).is_file():
        return [], ""
    try:
        from sim.api import sweeps
        from sim.questions.summary_words import sentences

        return sentences(sweeps.sweep_answer(done.folder)), ""
    except KeyboardInterrupt:
        return [], "interrupted"
    except Exception as error:  # noqa: BLE001 - said, and never in the way of the sweep's own end
        return [], ": ".join([type(error).__name__, *str(error).splitlines()[:1]])


def _told(done: Outcome, as_json: bool, quiet: bool) -> int:
    """Say what came of it, and what the exit code is."""
    from sim.cli import talk

    words, why = _words(done)
    if as_json:
        _json(done.to_json() | {"text": words})
    else:
        bad = [f"{done.failed:,} failed"] if done.failed else []
        bad += [f"{done.infeasible:,} infeasible"] if done.infeasible else []
        talk.show(f"{done.folder}: {done.stored:,} of {done.planned:,} runs"
                  + (f" ({', '.join(bad)})" if bad else "")
                  + f", {done.new:,} of them now in {_time(done.seconds)}",
                  *(["\n".join(f"- {line}" for line in words)] if words else []))
    for remark in done.remarks:
        talk.say(f"note: {remark}", quiet=quiet)
    if why:
        talk.say(f"note: all runs are stored, but what they say could not be worked out ({why}); "
                 f"ask again with orgsim sweep answer {done.folder}")
    if done.interrupted:
        talk.say("interrupted; what was finished is kept, the same command goes on")
        return 130
    if done.failed:
        talk.say(f"failed runs: {done.folder / 'failures.csv'}; --retry-failed runs them again",
                 quiet=quiet)
    talk.say(f"table: {done.folder / 'runs.parquet'}", quiet=quiet)
    if words:
        talk.say(f"report: orgsim report {done.folder}", quiet=quiet)
    return 1 if done.failed else 0


def _checked(plan: str, found: Forecast) -> str:
    """A forecast in words."""
    least, most = found.runs
    upto = "" if least == most else f" to {most:,}"
    r_least, r_most = found.replications
    lines = [
        f"{plan}: no fault found",
        f"{found.name}: {found.scenario}, {_counted(found.points, 'point')}"
        + (f" ({found.worlds:,} of them differ)" if found.worlds != found.points else ""),
        (f"runs: {_counted(found.worlds, 'world')} x "
         f"{_counted(len(found.structures), 'structure')} x {r_least:,}"
         f"{'' if r_least == r_most else f' to {r_most:,}'} replications = {least:,}{upto}"),
    ]
    if found.seconds is not None and found.run_seconds is not None:
        low, high = found.seconds
        lines.append(f"time: about {_time(low)}" + ("" if low == high else f" to {_time(high)}")
                     + f" on {_counted(found.workers, 'core')} "
                     f"({found.run_seconds * 1000:,.0f} ms a run)")
    low, high = found.disk_bytes
    lines.append(f"disk: about {_bytes(low)}" + ("" if low == high else f" to {_bytes(high)}"))
    lines += [f"- {name} is infeasible here: {why}" for name, why in found.infeasible]
    if found.refused:
        lines.append(f"- some of the {found.looked_at} worlds looked at make no sense, and their "
                     "runs would fail:")
        lines += [f"- {told}" for told in found.refused[:5]]
    return "\n".join(lines)


def _stands(found: Status) -> str:
    """A status in words."""
    state = (f"being written by {found.writer}" if found.writer else
             "finished" if found.finished and not found.left else "not running")
    lines = [f"{found.folder}: {found.name}, {state}",
             (f"{found.done:,} of {found.planned:,} runs done, {found.failed:,} failed, "
              f"{found.infeasible:,} infeasible, {found.left:,} left")]
    if found.seconds_left is not None:
        lines.append(f"about {_time(found.seconds_left)} to go at this pace")
    lines += [f"- {id} failed at {stage}: {message}" for id, stage, message in found.failures]
    return "\n".join(lines)


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def _counted(n: int, word: str) -> str:
    return f"{n:,} {word}" + ("" if n == 1 else "s")
