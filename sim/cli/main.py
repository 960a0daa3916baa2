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
from typing import Any, NoReturn

import click

from sim.cli.app import app
from sim.cli.choose import select, staff
from sim.cli.designs import optimise
from sim.cli.follow import follow
from sim.cli.report import report
from sim.cli.study import compare, run
from sim.cli.sweep import sweep
from sim.cli.teach import classpage, lesson
from sim.cli.theory import theory
from sim.cli.trust import reproduce, verify, version
from sim.cli.where import map_, sensitivity, tipping
from sim.cli.why import diagnose, explain, reorganise
from sim.cli.world import check, describe, metrics, new, scenarios, schema
from sim.errors import OrgSimError, nearest

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

QUESTIONS: tuple[tuple[str, tuple[click.Command, ...]], ...] = (
    ("Which firm, which customers?", (scenarios, new, check, schema)),
    ("What does each structure look like, before any run?", (describe,)),
    ("Which structure serves these customers best, and at what cost?",
     (compare, run, select, optimise)),
    ("How many people does each structure need?", (staff,)),
    ("What is wrong with a structure, what would help, and why do two differ?",
     (diagnose, explain)),
    ("Where does the answer change, and what does it hang on?",
     (map_, tipping, sensitivity, sweep)),
    ("What does it cost to change, and when does it pay?", (reorganise,)),
    ("What happens to one customer, and to all of them, before my eyes?", (follow, app)),
    ("How do I teach it?", (lesson, classpage)),
    ("How do I show it to others?", (report,)),
    ("What do the numbers mean, and can I trust them?",
     (metrics, verify, theory, reproduce, version)),
)

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
    """The command group: help by question, spelling hints, and errors without tracebacks."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Commands in the order of the questions."""
        return [command.name or "" for _, commands in QUESTIONS for command in commands]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One section of help per question."""
        width = max(len(name) for name in self.list_commands(ctx))
        for question, commands in QUESTIONS:
            formatter.write_paragraph()
            formatter.write(f"{question}\n")
            with formatter.indentation():
                formatter.write_dl([
                    ((command.name or "").ljust(width), command.get_short_help_str(limit=90))
                    for command in commands
                ])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a wrong name is answered with the nearest right one."""
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-"):
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
        except OrgSimError as error:
            if "--debug" in words:
                raise
            _tell(str(error))
            sys.exit(BAD_INPUT)
        except OSError as error:
            if "--debug" in words:
                raise
            _tell(f"{error.filename or 'output'}: {error.strerror or error}")
            _give_up_stdout()
            sys.exit(BAD_INPUT)
        except Exception as error:
            if "--debug" in words:
                raise
            _tell(f"internal error, a fault of orgsim: {type(error).__name__}: {error}")
            click.echo("  the same command with --debug shows where", err=True)
            sys.exit(FAILED)
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


for _, _commands in QUESTIONS:
    for _command in _commands:
        cli.add_command(_command)


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


def _tell_usage(error: click.ClickException) -> None:
    """An error in how a command was typed."""
    context = getattr(error, "ctx", None)
    _tell(error.format_message().rstrip("."))
    if context is not None and context.command is not None:
        click.echo(f"  {context.command_path} --help says what is possible", err=True)


if __name__ == "__main__":
    main()
