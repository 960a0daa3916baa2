"""The command `orgsim`: a list of questions, each answered by one command.

Owns: the order and grouping of the commands, bare `orgsim`, and what an error costs (exit
codes). Never does: compute anything, or import anything heavier than click before a command runs.

Exit codes: 0 done; 1 some runs failed, or verify or reproduce found a difference; 2 bad input;
130 interrupted, finished work kept.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

QUESTIONS: tuple[tuple[str, dict[str, tuple[str, str]]], ...] = (
    ("Which firm, which customers?", {
        "scenarios": ("world.scenarios", "The scenarios that come with orgsim."),
        "new": ("world.new", "Write a commented starter scenario into this folder."),
        "check": ("world.check", "All faults of a scenario at once, or what is in it."),
        "schema": ("world.schema",
            "JSON Schema of scenarios and plans (for editors) or of --json."),
    }),
    ("What does each structure look like, before any run?", {
        "describe": ("world.describe", "Segments, load, units, people, expected hand-offs."),
    }),
    ("Which structure serves these customers best, and at what cost?", {
        "compare": ("study.compare", "Several structures, the same customers, and a verdict."),
        "run": ("study.run", "One structure: every measure with its interval."),
        "select": ("choose.select",
            "The best structure with a guaranteed probability, in few runs."),
        "optimise": ("designs.optimise",
            "Designs no other beats: a key per function, heads, span, policies."),
    }),
    ("How many people does each structure need?", {
        "staff": ("choose.staff", "Heads, FTE and cost each structure needs for the same service."),
    }),
    ("What is wrong with a structure, what would help, and why do two differ?", {
        "diagnose": ("why.diagnose",
            "Up to five misfits of a structure, each with a change tried."),
        "explain": ("why.explain", "Why two structures differ: the difference split into causes."),
    }),
    ("Where does the answer change, and what does it hang on?", {
        "map": ("where.map_", "Which structure wins where, over two keys of the scenario."),
        "tipping": ("where.tipping",
            "At which value of each assumption the ranking of two structures flips."),
        "sensitivity": ("where.sensitivity",
            "Shares of variance: assumptions, the structure, luck."),
        "sweep": ("sweep.sweep", "Thousands of runs: plans that survive anything and resume."),
    }),
    ("What does it cost to change, and when does it pay?", {
        "reorganise": ("why.reorganise",
            "From one structure to another in mid-run: the dip, and when it pays."),
    }),
    ("What happens to one customer, and to all of them, before my eyes?", {
        "follow": ("follow.follow", "Case by case, step by step, structures side by side."),
        "app": ("app.app", "Watch structures side by side in the browser, predict, change, share."),
    }),
    ("How do I teach it?", {
        "lesson": ("teach.lesson", "A lesson for a class: predict, run step by step, see why."),
        "classpage": ("teach.classpage",
            "A lesson or a firm as one HTML file for a class, without a server."),
    }),
    ("How do I show it to others?", {
        "report": ("report.report", "The report of a results folder: to read, print and hand on."),
    }),
    ("What do the numbers mean, and can I trust them?", {
        "metrics": ("world.metrics", "Every metric: id, unit, better way, definition."),
        "verify": ("trust.verify", "Queueing theory against the engine."),
        "theory": ("theory.theory", "What the theory claims, and what experiments find."),
        "reproduce": ("trust.reproduce", "Run a results folder again: does the same come out?"),
        "version": ("trust.version", "Versions of orgsim and of what it stands on."),
    }),
)
"""By question: each command's name, where it stands in `sim.cli`, and what it is in a line."""

COMMANDS = {name: entry for _, commands in QUESTIONS for name, entry in commands.items()}

FIRST_STEPS = """\
orgsim: the same customers meet a firm organised in different ways.

  Strategist   Which structure is best for a bank like mine, and who loses?
                 orgsim compare retail_bank
  Educator     What does one customer live through under each structure?
                 orgsim follow family_firm --customer 7
               And what does it look like?
                 orgsim app
  Researcher   Does the engine agree with queueing theory?
                 orgsim verify

All commands: orgsim --help"""


class Questions(click.Group):
    """The command group: help by question, spelling hints, and errors without tracebacks.

    A command's file is imported when the command is asked for: the list costs none of them.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Commands in the order of the questions."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        file, name = COMMANDS[cmd_name][0].split(".")
        command: click.Command = getattr(import_module(f"sim.cli.{file}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One section of help per question."""
        width = max(map(len, COMMANDS))
        for question, commands in QUESTIONS:
            formatter.write_paragraph()
            formatter.write(f"{question}\n")
            with formatter.indentation():
                formatter.write_dl([(name.ljust(width), about)
                                    for name, (_, about) in commands.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a wrong name is answered with the nearest right one."""
        word = args[0]
        if word not in COMMANDS and not word.startswith("-"):
            from sim.errors import nearest

            meant = nearest(word, self.list_commands(ctx))
            hint = f"did you mean {meant}?" if meant else "orgsim --help lists them"
            raise click.UsageError(f"there is no command {word!r} ({hint})", ctx)
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run a command and end the process with its exit code."""
        words = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            code = super().main(words, prog_name or "orgsim", **extra)
            sys.stdout.flush()
        except (KeyboardInterrupt, click.Abort):
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)
        except BrokenPipeError:  # the reader (`| head`) has seen enough
            _give_up_stdout()
            sys.exit(DONE)
        except click.ClickException as error:
            _tell_usage(error)
            sys.exit(BAD_INPUT)
        except Exception as error:
            if "--debug" in words:
                raise
            sys.exit(_tell_error(error))
        sys.exit(code if isinstance(code, int) else DONE)


@click.group(
    cls=Questions,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every FILE may be a path or the name of a shipped scenario. "
    "Data goes to stdout, talk to stderr. Exit codes: 0 done; 1 some runs failed, or verify or "
    "reproduce found a difference; 2 bad input; 130 interrupted, finished work kept.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Simulate one firm under several structures with the same customers, and compare."""
    if ctx.invoked_subcommand is None:
        click.echo(FIRST_STEPS)


def main() -> NoReturn:
    """Entry point of the command `orgsim`."""
    cli.main()


def _give_up_stdout() -> None:
    """Let what is still to be printed go nowhere, so that ending the process cannot fail."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(message: str) -> None:
    """An error for people: every fault on its own line, control characters made visible."""
    from sim.cli.talk import plain

    for line in message.splitlines() or ["something went wrong"]:
        click.echo(f"error: {plain(line)}", err=True)


def _tell_error(error: Exception) -> int:
    """An error out of a command; the exit code it costs."""
    from sim.errors import OrgSimError

    if isinstance(error, OrgSimError):
        _tell(str(error))
        return BAD_INPUT
    if isinstance(error, OSError):
        _tell(f"{error.filename or 'output'}: {error.strerror or error}")
        _give_up_stdout()
        return BAD_INPUT
    if isinstance(error, ModuleNotFoundError) and not (error.name or "sim").startswith("sim"):
        _tell(f"the package {error.name} is not installed for {sys.executable} (python -m pip "
              "install -r requirements.lock, or the orgsim of the environment it was installed "
              "into)")
        return BAD_INPUT
    _tell(f"internal error, a fault of orgsim: {type(error).__name__}: {error}")
    click.echo("  the same command with --debug shows where", err=True)
    return FAILED


def _usage(error: click.ClickException) -> str:
    """What is wrong with how a command was typed; of a number, which are possible."""
    if (not isinstance(error, click.BadParameter) or isinstance(error, click.MissingParameter)
            or error.param is None):
        return error.format_message()
    kind = error.param.type
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return error.format_message()
    name = error.param.opts[0]
    number = "a whole number" if isinstance(kind, click.IntRange) else "a number"
    ends = [f"{'above' if kind.min_open else 'at least'} {kind.min:,}"]
    ends += [f"at most {kind.max:,}"] if kind.max is not None else []
    typed = error.message.split(" is not ")[0].strip("'")
    return f"{name}: must be {number}, {' and '.join(ends)}, not {typed}"


def _tell_usage(error: click.ClickException) -> None:
    """An error in how a command was typed."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    _tell(_usage(error).rstrip("."))
    if context is not None and context.command is not None:
        click.echo(f"  {context.command_path} --help says what is possible", err=True)


if __name__ == "__main__":
    main()
