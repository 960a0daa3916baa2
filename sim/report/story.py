"""The report of a comparison or a run: page one, then finding after finding.

Owns: which findings are told, in which order, with which figures and tables. Never does: compute
(`findings` words what the comparison holds), draw or lay out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.metrics.registry import METRICS, format_value
from sim.report import answers as others
from sim.report import assumptions, findings
from sim.report import comparison as answer
from sim.report.answers import Answer
from sim.report.findings import Finding, Front, Story, duration, sentence
from sim.report.plots import FIGURES
from sim.report.tables import Heading, Row, Table

if TYPE_CHECKING:
    from sim.report.organisation import Organisation
    from sim.scenario.schema import Scenario
    from sim.store.read import Stored

AGAIN = ("In the folder of this page: `orgsim reproduce .` runs everything again and says whether "
         "the same came out. One run alone: `orgsim reproduce . --run RUN_ID`.")

MOST_ON_FRONT = 12
"""Rows of an answer's first table that still stand on page one."""
_PARTS = ("Mean working hours of a case from request to last close. Work: hands on it; queues: "
          "waiting for somebody; hand-offs: on the way between departments; rework: all visits "
          "that mend errors.")
_ROOMS = ("Departments as rooms sized by heads, on one scale for all structures; arrows are the "
          "hand-offs that the work itself asks for, before errors and wrong labels. The numbers "
          "of the heading are measured.")
_HOURS = ("Every number of the scenario stands in `scenario.toml` beside this page. The model "
          "knows working hours only (8 a day, 40 a week, 2080 a year); there are no shifts and no "
          "nights. Sources such as F54 are numbered as in the model's documentation.")
_ANEW = ("In the folder of this page: `orgsim reproduce .` runs everything again from "
         "`scenario.toml` and says whether the same came out. Root seed {}.")
_BESIDE = ("Made with {}. `runs.csv` holds every run, `series.parquet` every week, "
           "`manifest.json` every column with its unit.")


def of_study(
    stored: Stored, scenario: Scenario, drawn: Mapping[str, str], charts: Sequence[Organisation],
    found: list[Answer],
) -> Story:
    """The report of a results folder of `run` or `compare`.

    Args:
        stored: The folder.
        scenario: Its resolved scenario.
        drawn: Names of figures that are there, with the words for those who cannot see them.
        charts: Structures drawn as organisations.
        found: Other answers in the folder.
    """
    comparison, manifest = stored.comparison, stored.manifest
    names = answer.structures(comparison)
    several = len(names) > 1
    told = [
        *([_differences(comparison, drawn)] if several else [_alone(comparison, drawn)]),
        *_people(comparison, drawn),
        *([_time(comparison, drawn)] if "response" in drawn else []),
        *([_weeks(comparison, drawn)] if "weekly" in drawn else []),
        *([_organisations(comparison, charts, drawn)] if charts and names else []),
        *(one.finding for one in found),
        _assumed(scenario, manifest, found),
        *_appendix(comparison, stored),
    ]
    structures = (f"One structure, {names[0]}," if len(names) == 1 else "No run finished;"
                  if not names else
                  f"{len(names)} structures of one firm, the same customers under each,")
    count = comparison["replications"]
    lead = (f"{structures} {count} replication{'' if count == 1 else 's'}, "
            f"{duration(scenario.time.horizon)} measured after "
            f"{duration(scenario.time.warm_up)} of warm-up. {scenario.summary}".strip())
    return Story(
        title=str(comparison["scenario"]), lead=lead, front=_front(comparison, drawn, found),
        findings=tuple(told), warnings=tuple(_warnings(comparison, manifest)), captions=drawn)


def of_answers(found: list[Answer]) -> Story:
    """The report of answers alone: the first is page one."""
    first, *rest = found
    head = first.finding
    name = str(first.data.get("scenario", first.title))
    short = head.tables[:1] if head.tables and len(head.tables[0].rows) <= MOST_ON_FRONT else ()
    front = Front(headline=sentence(head.heading), figure=first.figure,
                  more=" ".join(sentence(t) for t in head.text),
                  measures=short[0] if short else None)
    points = Finding("What was found", points=head.points, tables=head.tables[len(short):])
    captions_ = {a.figure: sentence(a.finding.heading) for a in found if a.figure}
    seed, count = first.data.get("seed"), first.data.get("replications")
    lead = ", ".join([*([f"{count} replications"] if count is not None else []),
                      *([f"root seed {seed}"] if seed is not None else [])])
    return Story(title=name, lead=f"{lead}." if lead else "", front=front,
                 findings=(*((points,) if points.points or points.tables else ()),
                           *(a.finding for a in rest)),
                 captions=captions_)


def _warnings(comparison: Mapping[str, Any], manifest: Mapping[str, Any]) -> list[str]:
    """What a reader must know before anything else."""
    told = []
    if not manifest.get("finished", True):
        told.append("This study was interrupted: what was finished until then is here, and no "
                    "more.")
    failed = manifest["runs"]["failed"]
    if failed:
        told.append(f"{failed} run{'' if failed == 1 else 's'} failed and "
                    f"{'is' if failed == 1 else 'are'} left out of every number; see "
                    "failures.csv.")
    unstable = list(comparison["unstable"])
    if unstable:
        whose = "its" if len(unstable) == 1 else "their"
        told.append(f"Unstable: {', '.join(unstable)}. The backlog grows without end, so {whose} "
                    "numbers depend on how long one looks.")
    return told


def _front(comparison: Mapping[str, Any], drawn: Mapping[str, str], found: list[Answer]) -> Front:
    """Page one."""
    names = answer.structures(comparison)
    verdict = comparison["verdict"]
    text = list(verdict.get("text", ()))
    headline = str(verdict.get("headline") or "")
    if not headline:
        headline = _satisfaction(comparison) if names else "No run finished"
    first, rest = findings.split(headline)
    flips = others.flips(found)
    advice = "" if flips or len(names) < 2 else (
        "By how much an assumption must be wrong for two structures to change places: "
        f"`orgsim tipping scenario.toml {names[0]} {names[1]} --out tipping` in this folder, then "
        "`orgsim report .`")
    lost = findings.losers(comparison)
    if not lost:
        lost = tuple(sentence(line) for line in list(verdict.get("people", ()))[:3])
    return Front(
        headline=sentence(first), more=sentence(rest) if rest else "",
        figure="measures" if "measures" in drawn else "weekly" if "weekly" in drawn else "",
        measures=findings.measures(comparison), losers=lost,
        calls=findings.closest_calls(comparison), flips=flips,
        advice=advice if text or len(names) > 1 else "")


def _satisfaction(comparison: Mapping[str, Any]) -> str:
    """What one structure gives its customers."""
    name = answer.structures(comparison)[0]
    v = comparison["metrics"]["satisfaction"][name]
    told = f"{name} gives a satisfaction of {format_value('satisfaction', v['mean'])}"
    if v["low"] is None:
        return told
    return (f"{told} (95% CI {format_value('satisfaction', v['low'], short=True)} to "
            f"{format_value('satisfaction', v['high'], short=True)})")


def _verdict_lines(comparison: Mapping[str, Any]) -> list[str]:
    """Sentences of the verdict without the headline and those about customers."""
    verdict = comparison["verdict"]
    away = {verdict.get("headline"), *verdict.get("people", ())}
    return [line for line in verdict.get("text", ()) if line not in away]


def _differences(comparison: Mapping[str, Any], drawn: Mapping[str, str]) -> Finding:
    """Measure by measure, from the best to the worst."""
    lines = _verdict_lines(comparison)
    heading, rest = findings.split(lines[0]) if lines else (
        "The measures differ as the table says", "")
    return Finding(
        sentence(heading).rstrip("."),
        text=tuple(t for t in (sentence(rest) if rest else "",
                               answer.about_intervals(comparison)) if t),
        points=tuple(sentence(line) for line in lines[1:]),
        figures=_there(drawn, "differences"),
        tables=tuple(answer.ranked(comparison, m) for m in answer.verdict_metrics(comparison)
                     if _has_value(comparison, m)))


def _alone(comparison: Mapping[str, Any], drawn: Mapping[str, str]) -> Finding:
    """Every measure of one structure."""
    lines = _verdict_lines(comparison)
    counted = sum(not answer.silent(comparison, m) for m in comparison["metrics"])
    return Finding(
        f"{counted} measures say how it went, each with its 95% interval",
        text=(answer.about_intervals(comparison),),
        points=tuple(sentence(line) for line in lines), figures=_there(drawn, "differences"),
        tables=tuple(answer.values(comparison)) if answer.structures(comparison) else ())


def _people(comparison: Mapping[str, Any], drawn: Mapping[str, str]) -> list[Finding]:
    """Who wins and who loses."""
    told = list(comparison["verdict"].get("people", ()))
    tables = answer.winners(comparison, every_pair=False)
    worst = answer.worst_served(comparison) if answer.structures(comparison) else None
    if not (told or tables or worst or "segments" in drawn):
        return []
    heading = (findings.of_losers(comparison) if tables
               else sentence(findings.split(told[0])[0]) if told
               else "Segments of customers are served differently")
    return [Finding(
        heading.rstrip("."), points=tuple(sentence(line) for line in told),
        figures=_there(drawn, "segments"),
        tables=(*tables, *([worst] if worst else [])))]


def _time(comparison: Mapping[str, Any], drawn: Mapping[str, str]) -> Finding:
    """Where the time goes."""
    return Finding(sentence(findings.of_time(comparison)).rstrip("."),
                   text=(_PARTS,),
                   figures=_there(drawn, "response"))


def _weeks(comparison: Mapping[str, Any], drawn: Mapping[str, str]) -> Finding:
    """How it went over time."""
    staff = answer.staffing(comparison)
    return Finding(sentence(findings.of_backlog(comparison)).rstrip("."),
                   figures=_there(drawn, "weekly"), tables=(staff,) if staff else ())


def _organisations(comparison: Mapping[str, Any], charts: Sequence[Organisation],
                   drawn: Mapping[str, str]) -> Finding:
    """Departments, heads and hand-offs."""
    return Finding(
        sentence(findings.of_handoffs(comparison)).rstrip("."),
        text=(_ROOMS,),
        figures=tuple(name for name in drawn if name.startswith("organisation-")),
        tables=(Table("Expected per 100 cases, before errors", (
            Heading("structure"), Heading("departments", "", True), Heading("people", "", True),
            Heading("hand-offs", "between departments", True),
            Heading("passes", "inside departments", True)),
            tuple(Row((c.structure, f"{len(c.departments):,}", f"{sum(c.heads):,}",
                       f"{c.total:,.1f}", f"{c.passes:,.1f}")) for c in charts)),))


def _assumed(scenario: Scenario, manifest: Mapping[str, Any], found: list[Answer]) -> Finding:
    """What was changed, and what is taken for granted."""
    changes = list(manifest["changes"])
    heading = ("Nothing was changed for this study: every assumption is the scenario's"
               if not changes else
               f"{len(changes)} assumption{'' if len(changes) == 1 else 's'} "
               f"{'was' if len(changes) == 1 else 'were'} changed for this study")
    ranked = others.ranked_keys(found)
    text = [_HOURS]
    if not ranked:
        text.append("No tipping or sensitivity answer lies in this folder, so the ten below are "
                    "not ranked: `orgsim tipping` and `orgsim sensitivity` rank them for this "
                    "firm.")
    return Finding(heading, text=tuple(text),
                   points=tuple(f"Changed: {c}" for c in changes),
                   tables=(assumptions.ten(scenario, ranked),))


def _appendix(comparison: Mapping[str, Any], stored: Stored) -> list[Finding]:
    """Tables for those who check."""
    manifest = stored.manifest
    names = answer.structures(comparison)
    made: list[Finding] = []
    if len(names) > 1:
        made.append(Finding(
            findings.of_others(comparison), tables=tuple(answer.overview(comparison, abreast=5)),
            appendix=True))
        pairs = [answer.pairs(comparison, m) for m in answer.verdict_metrics(comparison)
                 if comparison["differences"].get(m)]
        if len(names) > 2:
            made.append(Finding(
                "Every pair of structures, measure by measure and customer by customer",
                tables=(*pairs, *answer.winners(comparison)), appendix=True))
    made.append(findings.of_runs(stored.runs, comparison, again=AGAIN))
    notes = [*map(str, manifest["notes"]), *answer.infeasible(comparison)]
    if notes:
        made.append(Finding("To be aware of", points=tuple(sentence(n) for n in notes),
                            appendix=True))
    made.append(Finding(
        "What the measures mean",
        tables=(Table("Definitions", (Heading("measure"), Heading("unit"), Heading("definition")),
                      tuple(Row((METRICS[m].name, METRICS[m].unit, METRICS[m].definition))
                            for m in comparison["metrics"])),), appendix=True))
    versions = ", ".join(f"{name} {version}" for name, version in manifest["versions"].items()
                         if version is not None)
    command = manifest["request"].get("command", "")
    made.append(Finding(
        "How to do it again", text=(
            _ANEW.format(comparison["seed"]),
            *([f"It was asked for by `{command}`."] if command else []),
            _BESIDE.format(versions)), appendix=True))
    return made


def captions(
    svgs: Mapping[str, Any], charts: Sequence[Organisation], found: list[Answer]
) -> dict[str, str]:
    """Words for each figure, in the order of the report."""
    charted = [name for name in svgs if name.startswith("organisation-")]
    told = {name: FIGURES[name][0] for name in FIGURES if name in svgs}
    told |= {name: f"{one.structure}: {one.sentence}"
             for name, one in zip(charted, charts, strict=True)}
    return told | {a.figure: sentence(a.finding.heading) for a in found if a.figure}


def _there(drawn: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A figure if it was drawn."""
    return (name,) if name in drawn else ()


def _has_value(comparison: Mapping[str, Any], metric: str) -> bool:
    """Whether any structure has a value on a metric."""
    return any(v["mean"] is not None for v in comparison["metrics"][metric].values())
