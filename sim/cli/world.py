"""Commands about scenarios and structures before any run.

Owns: scenarios, new, check, schema, describe, metrics. Never does: simulate.
"""

from __future__ import annotations

import json
from collections.abc import Sized
from pathlib import Path

import click

from sim.cli.options import (
    change_options,
    changes,
    debug_option,
    json_option,
    names_option,
    scenario_argument,
    world_options,
)


@click.command()
@json_option
@debug_option
def scenarios(as_json: bool) -> None:
    """List the scenarios that come with orgsim."""
    from sim.cli import talk
    from sim.report.tables import Heading, Table, rows_of
    from sim.scenario import load
    from sim.scenario.library import entries

    listed = entries()
    if as_json:
        talk.data(json.dumps([
            {"name": e.name, "title": e.title, "summary": e.summary, "file": str(e.path)}
            for e in listed], indent=2, ensure_ascii=False))
        return
    found = {e.name: load(e.path) for e in listed}
    rows = [
        (name, s.name, f"{s.customers.count:,}", f"{s.staff.heads:,}", s.summary)
        for name, s in found.items()
    ]
    talk.show(
        Table("", (Heading("scenario"), Heading("title"), Heading("customers", "", True),
                   Heading("people", "", True), Heading("the question it asks")), rows_of(rows)),
        "Each name can stand wherever a FILE is asked: orgsim compare "
        f"{next(iter(found))}",
    )


@click.command()
@click.argument("name")
@click.option("--plan", is_flag=True, help="A plan of a sweep instead of a scenario.")
@debug_option
def new(name: str, plan: bool) -> None:
    """Write a commented starter NAME.toml into this folder: a scenario, or a plan of a sweep."""
    from sim.cli import talk
    from sim.errors import Fault, InputError, OutputExists
    from sim.scenario.library import starter, starter_plan
    from sim.store.files import put_text
    from sim.store.layout import slug

    stem = name.removesuffix(".toml")
    if stem != slug(stem):
        raise InputError(Fault(
            "NAME", "", f"{name!r} may hold letters, digits, - and _ only (at most 60)",
            f"such as {slug(stem)}"))
    path = Path(f"{stem}.toml")
    if path.exists():
        raise OutputExists(f"{path} is there already and is not overwritten; choose another name")
    put_text(path, starter_plan(stem) if plan else starter(stem))
    talk.data(str(path))
    if plan:
        talk.say(f"Next: edit {path}, then\n  orgsim sweep check {path}\n"
                 f"  orgsim sweep run {path} --out {stem}")
        return
    talk.say(f"Next: edit {path}, then\n  orgsim check {path}\n  orgsim compare {path}")


@click.command()
@scenario_argument
@change_options
@json_option
@debug_option
def check(
    file: str, overlays: tuple[str, ...], set_: tuple[str, ...], allow_large: bool, as_json: bool
) -> None:
    """Check a scenario: all faults at once, or what stands in it."""
    from sim import api
    from sim.api.worlds import alike
    from sim.cli import talk
    from sim.scenario import notes
    from sim.scenario.limits import DEFAULT_LIMITS, predict
    from sim.structures import available

    loaded = api.opened(file, overlays=overlays, set=set_,
                        limits=None if allow_large else DEFAULT_LIMITS)
    scenario = loaded.scenario
    remarks = [*notes(scenario), *alike(scenario)]
    size = predict(scenario)
    reasons = available(scenario)
    usable = [name for name, reason in reasons.items() if reason is None]
    if as_json:
        talk.data(json.dumps({
            "file": file, "ok": True, "name": scenario.name, "structures": usable,
            "unavailable": {n: r for n, r in reasons.items() if r is not None},
            "notes": remarks, "changes": [str(c) for c in loaded.changes],
            "overlays": list(loaded.overlays),
            "predicted": {"cases_per_run": size.cases, "memory_bytes_per_run": size.memory},
        }, indent=2, ensure_ascii=False))
        return
    lines = [
        f"{file}: no fault found",
        f"{scenario.name}: {scenario.customers.count:,} customers, "
        + ", ".join([_counted(scenario.segments, "segment"), _counted(scenario.products, "product"),
                     _counted(scenario.functions, "function")])
        + f", {scenario.staff.heads:,} people",
        f"one run: about {size.cases:,.0f} cases and {size.memory / 2**20:,.0f} MiB",
        f"structures: {', '.join(usable)}",
    ]
    if loaded.overlays:
        lines.append(f"overlays: {', '.join(loaded.overlays)}")
    lines += [f"- {name} not here: {reason}" for name, reason in reasons.items() if reason]
    lines += [f"- changed: {change}" for change in loaded.changes]
    lines += [f"- note: {note}" for note in remarks]
    talk.show("\n".join(lines))


@click.command()
@click.argument("kind", metavar="[scenario|plan]", required=False)
@click.option("--of", metavar="COMMAND", default="scenario", show_default=True,
              help="Which document: a scenario or plan file, or what a command prints with "
              "--json.")
@debug_option
def schema(kind: str | None, of: str) -> None:
    """Print a JSON Schema: of scenario or plan files (for editors), or of what --json prints."""
    from sim.cli import talk

    of = kind or of
    if of == "plan":
        from sim.scenario.plan_loading import plan_schema

        document = plan_schema()
    elif of == "scenario":
        from sim.scenario import json_schema

        document = json_schema()
    else:
        from sim.errors import Fault, InputError, nearest
        from sim.experiment.schemas import DOCUMENTS

        if of not in DOCUMENTS:
            meant = nearest(of, ["scenario", "plan", *DOCUMENTS])
            known = ", ".join(["scenario", "plan", *DOCUMENTS])
            raise InputError(Fault("--of", "", f"one of {known}, not {of!r}",
                                   f"did you mean {meant}?" if meant else ""))
        document = DOCUMENTS[of]
    talk.data(json.dumps(document, indent=2, ensure_ascii=False))


@click.command()
@scenario_argument
@names_option("--structures", "--structure",
              about="Structures to describe. [default: those that compare would take]")
@change_options
@world_options
@json_option
@debug_option
def describe(
    file: str, structures: tuple[str, ...], overlays: tuple[str, ...],
    set_: tuple[str, ...], allow_large: bool, heads: int | None, years: float | None,
    seed: int | None, as_json: bool,
) -> None:
    """Segments, load, units, people and expected hand-offs, before any run."""
    from dataclasses import asdict

    from sim import api
    from sim.api.worlds import alike
    from sim.cli import talk
    from sim.report.describe import tables
    from sim.scenario.limits import DEFAULT_LIMITS
    from sim.store.files import to_json
    from sim.structures import describe as described

    loaded = api.opened(file, overlays=overlays, limits=None if allow_large else DEFAULT_LIMITS,
                        set=changes(set_, heads=heads, years=years, seed=seed))
    description = described(loaded.scenario, structures or None)
    if as_json:
        talk.data(to_json(asdict(description)))
        return
    talk.show(*tables(description, all_charts=bool(structures)),
              *(f"- note: {note}" for note in alike(loaded.scenario, structures or None)))


@click.command()
@json_option
@debug_option
def metrics(as_json: bool) -> None:
    """Every metric: id, unit, which way is better, definition."""
    from sim.cli import talk
    from sim.metrics.registry import METRICS

    if as_json:
        talk.data(json.dumps([
            {"id": m.id, "name": m.name, "unit": m.unit, "direction": m.direction,
             "margin": m.margin, "margin_is_share": m.relative, "definition": m.definition}
            for m in METRICS.values()], indent=2, ensure_ascii=False))
        return
    from sim.report.tables import vocabulary

    talk.show(vocabulary())


def _counted(things: Sized, word: str) -> str:
    """So many things: "1 product", "3 products"."""
    return f"{len(things)} {word}" + ("" if len(things) == 1 else "s")
