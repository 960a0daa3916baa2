"""Options that several commands share, and how their text becomes values.

Owns: names, help and parsing of the shared options. Never does: check values against a scenario
(the library does, with all faults at once).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from sim.errors import Fault, InputError

Command = TypeVar("Command", bound=Callable[..., Any])


def names_option(*declarations: str, about: str) -> Callable[[Command], Command]:
    """An option that takes names separated by commas and may be repeated."""
    return click.option(*declarations, multiple=True, metavar="A,B,...", help=about,
                        callback=_names)


def _names(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """The names in order; an empty name is refused."""
    names = tuple(word.strip() for text in texts for word in text.split(","))
    if not all(names):
        raise click.BadParameter("a name between the commas is empty", context, parameter)
    return names


def scenario_argument(command: Command) -> Command:
    """The scenario: a path or a shipped name."""
    return click.argument("file", metavar="FILE")(command)


def change_options(command: Command) -> Command:
    """--overlay, --set and --allow-large: the scenario with changes."""
    for option in (
        click.option("--allow-large", is_flag=True,
                     help="Lift the safety limits on cases and memory."),
        click.option("--set", "set_", multiple=True, metavar="KEY=VALUE",
                     help="Change one key, such as staff.heads=50. Repeatable."),
        click.option("--overlay", "overlays", multiple=True, metavar="NAME_OR_FILE",
                     help="Lay a named overlay or a file over the scenario. Repeatable."),
    ):
        command = option(command)
    return command


def metric_option(about: str, default: str = "satisfaction") -> Callable[[Command], Command]:
    """--metric: what the question is about."""
    return click.option("--metric", default=default, show_default=True, metavar="ID", help=about)


def heads_option(command: Command) -> Command:
    """--heads."""
    return click.option("--heads", type=click.IntRange(1), metavar="N",
                        help="People at work in every structure. [default: the scenario's]")(
        command)


def years_option(default: str = "the scenario's horizon") -> Callable[[Command], Command]:
    """--years, with what it is if it is not given."""
    return click.option("--years", type=click.FloatRange(0, 4800, min_open=True), metavar="Y",
                        help=f"Measured time in years. [default: {default}]")


def seed_option(command: Command) -> Command:
    """--seed."""
    return click.option("--seed", type=click.IntRange(0, 2**63 - 1), metavar="N",
                        help="Root seed. [default: the scenario's]")(command)


def jobs_option(command: Command) -> Command:
    """--jobs."""
    return click.option("--jobs", type=click.IntRange(1, 1024), metavar="N",
                        help="Runs at the same time; the numbers do not depend on it. "
                        "[default: all cores]")(command)


def replications_option(of: str = "per structure", default: str = "the scenario's, 20",
                        low: int = 1) -> Callable[[Command], Command]:
    """--replications: repeats of what, and how many if it is not given."""
    return click.option("--replications", type=click.IntRange(low, 100_000), metavar="N",
                        help=f"Stochastic repeats {of}. [default: {default}]")


def out_option(about: str = "Folder for the results, new or empty. [default: the next number "
               "under results/]") -> Callable[[Command], Command]:
    """--out."""
    return click.option("--out", type=click.Path(), metavar="DIR", help=about)


def runs_option(command: Command) -> Command:
    """--runs."""
    return click.option("--runs", type=click.Path(), metavar="DIR",
                        help="Folder in which runs outlive the question: an interrupted one goes "
                        "on there, and what lies there is not run again.")(command)


def world_options(command: Command) -> Command:
    """--heads, --years, --seed: short forms of --set for what is changed most."""
    return heads_option(years_option()(seed_option(command)))


def study_options(command: Command) -> Command:
    """--replications, --jobs, --out: how much is run, on how many cores, and where it goes."""
    return replications_option()(jobs_option(out_option()(command)))


def json_option(command: Command) -> Command:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")(command)


def debug_option(command: Command) -> Command:
    """--debug; `main` looks for it in the words typed."""
    return click.option("--debug", is_flag=True, expose_value=False,
                        help="Show the traceback of an error.")(command)


def quiet_option(command: Command) -> Command:
    """--quiet."""
    return click.option("--quiet", is_flag=True, help="No talk and no progress on stderr.")(
        command)


def changes(
    set_: Iterable[str], *, heads: int | None = None, years: float | None = None,
    seed: int | None = None,
) -> tuple[str, ...]:
    """All changes as KEY=VALUE in the order they apply: --set first, then the short forms."""
    short = []
    if heads is not None:
        short.append(f"staff.heads={heads}")
    if years is not None:
        if years != years:
            raise InputError(Fault("--years", "", "must be a number, not nan"))
        short.append(f'time.horizon="{years!r} years"')
    if seed is not None:
        short.append(f"seed={seed}")
    return (*set_, *short)


def numbers(texts: Iterable[str], option: str, *, percent: bool = False) -> dict[str, Any]:
    """`METRIC=NUMBER` texts as a mapping; with `percent`, `0.5%` stays a text.

    Raises:
        InputError: All texts that are not of this form.
    """
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for text in (part for t in texts for part in t.split(",")):
        key, sign, value = (piece.strip() for piece in text.partition("="))
        body = value.removesuffix("%").strip() if percent else value
        try:
            number = float(body)
        except ValueError:
            number = float("nan")
        if not sign or not key or not abs(number) < float("inf"):
            form = "METRIC=NUMBER or METRIC=NUMBER%" if percent else "METRIC=NUMBER"
            faults.append(Fault(option, "", f"{text!r} is not of the form {form}"))
        elif key in found:
            faults.append(Fault(option, key, "is given twice"))
        else:
            found[key] = value if percent and value.endswith("%") else number
    if faults:
        raise InputError(faults)
    return found


def short_name(file: str) -> str:
    """The name of a scenario file without folder and ending."""
    return file.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].removesuffix(".toml")
