"""The command that writes a report.

Owns: report: its options and what is printed. Never does: decide what the report says.
"""

from __future__ import annotations

import click

from sim.cli.options import debug_option, json_option, quiet_option


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--format", "form", type=click.Choice(["html", "markdown"]), default="html",
              show_default=True, help="One self-contained page, or Markdown.")
@click.option("--out", type=click.Path(dir_okay=False), metavar="FILE",
              help="A new file. [default: report.html or report.md in DIR, with the next number "
              "where that is taken]")
@click.option("--customer", type=int, metavar="N",
              help="Also tell the journey of this customer, from 0, through the first replication.")
@json_option
@quiet_option
@debug_option
def report(
    folder: str, form: str, out: str | None, customer: int | None, as_json: bool, quiet: bool
) -> int:
    """Write the report of a results folder, with the answers that lie in folders within it.

    An answer joins the report of a comparison when it is written into its folder:
    `orgsim tipping DIR/scenario.toml A B --out DIR/tipping`, then `orgsim report DIR`.
    """
    from sim import api
    from sim.cli import talk

    file = api.write_report(folder, format=form, out=out, customer=customer)
    if as_json:
        from sim.store.files import to_json

        talk.data(to_json({"folder": str(folder), "format": form, "report": str(file)}))
    else:
        talk.data(str(file))
        talk.say("made to be printed on A4, too" if form == "html" else
                 f"its figures are in {folder}", quiet=quiet)
    return 0
