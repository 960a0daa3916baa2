"""The page docs/evidence.md: claim by claim what is said, where it is in the model, what was found.

Owns: the words and tables of that page, made of the register's data and the stored answer of its
last full run (docs/evidence.json, what `orgsim theory --json` printed). Never does: run anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.experiment.theory import Experiment, Register
from sim.experiment.theory.findings import CHANCE, LOOKS, RESULTS, Result, strictly, together
from sim.metrics.registry import METRICS
from sim.report.theory import grid, number

TITLES = {
    "000_8620212e287c0e7c.txt": "Customer departmentalisation",
    "001_21d03f898eb2c2e6.txt": "The meaning of customer-centric",
    "002_9d337743f953ca30.txt": "Customer orientation",
    "003_d47c5bdf0c5e6800.txt": "Customer-focused organisations",
    "004_bd8c899ac224f446.txt": "Elements of customer service",
}
MARKS = {"holds": "holds", "fails": "**fails**", "tie": "tie", "untestable": "untestable",
         "not run": "not run"}

Stored = Mapping[str, Any]


def page(data: Register, stored: Stored) -> str:
    """The whole page.

    Args:
        data: The register.
        stored: What `orgsim theory --json` printed.
    """
    rows = {row["id"]: row for row in stored["rows"]}
    results, strict = ({
        claim.id: _result([rows.get(t) for t in claim.tests], bool(claim.untestable), rule)
        for claim in data.claims.values()} for rule in (together, strictly))
    parts = [
        _opening(data, rows, results, strict), _failures(data, rows),
        _claims(data, rows, results, strict),
        _experiments(data, rows), _controls(data, rows), _published(data, rows), _revised(data)]
    return "\n\n".join(parts) + "\n"


def _result(tests: Sequence[Mapping[str, Any] | None], untestable: bool,
            rule: Callable[[Sequence[Result]], Result] = together) -> str:
    """A claim's result from the rows of its experiments, by one of the two rules."""
    if untestable:
        return "untestable"
    known = [row["result"] for row in tests if row is not None]
    return rule(known) if len(known) == len(tests) and known else "not run"


def _opening(data: Register, rows: Mapping[str, Any], results: Mapping[str, str],
             strict: Mapping[str, str]) -> str:
    def tally(words: Sequence[str]) -> list[str]:
        return [str(sum(w == kind for w in words)) for kind in (*RESULTS, "not run")]

    tested = [e for e in data.experiments if data.claims_of(e)]
    found = {e: rows[e]["result"] if e in rows else "not run"
             for e in (*data.experiments, *data.controls)}
    published = [row["result"] for id, row in rows.items()
                 if id not in found and id not in data.claims]
    table = grid(["", "all", *RESULTS, "not run"], [
        ["claims: one experiment holds, none fails", str(len(results)),
         *tally(list(results.values()))],
        ["claims: every experiment holds", str(len(strict)), *tally(list(strict.values()))],
        ["experiments behind them", str(len(tested)), *tally([found[e] for e in tested])],
        ["negative controls", str(len(data.controls)), *tally([found[e] for e in data.controls])],
        ["patterns and published facts", str(len(published)), *tally(published)],
    ])
    again = sum(bool(e.again) for e in data.experiments.values())
    several = sum(len(claim.tests) > 1 for claim in data.claims.values())
    lacking = any(id not in rows for id in found) or any(
        not _own(p.id, rows) for p in data.patterns.values())
    made = (" That run was put together from several, each of experiments whose mechanisms had "
            'been finished; rows it lacks are marked "not run".' if lacking else "")
    return f"""# Evidence

What five articles say about customer-based organisation, claim by claim: where it is in the model,
and what an experiment found that moves its lever. This page is made from the data files of the
register in `sim/experiment/theory/` and the stored answer of its last full run,
`docs/evidence.json`; `orgsim theory` runs it again.{made}

{table}

**When a row holds.** Two settings of a lever are run on the same customers with the same luck. The
row holds if the paired 95% interval of the metric's difference lies beyond the smallest difference
that matters (the metric's margin) on the expected side, fails if it lies beyond it on the other
side, and is a tie otherwise. "No change" holds if the interval lies within the margin around 0. A
range holds if the mean lies in it and fails if the interval does not touch it.

**When a claim holds.** {several} claims are asked by several experiments, in different words or in
worlds where they matter more or less. Two rules are shown side by side. By the first a claim holds
if one of its experiments holds and none fails: a tie says nothing. By the stricter one it holds
only if every one of its experiments does. By both it fails if one fails. The first rule was chosen
after the first runs had been seen, so that the stricter count is the one to quote.

**How many pass by chance.** A lever without any effect would pass in the expected direction with a
probability of at most 2.5% at each look, less by what the margin asks. A row that is too close to
call although its mean is beyond the margin is looked at once more, with three times the
replications. Of the {len(tested)} experiments at most {CHANCE * LOOKS * len(tested):.1f} are
therefore expected to hold by chance. The negative controls, levers that must
not move their metric, show what luck does; most of them are exactly 0 because luck is drawn by who
is concerned and not by order.

**What it does not show.** That the model reproduces a claim says that the mechanism the claim
describes is in the model, acts through others as described, and is not drowned by them at its
default size. It does not say that the world is so. Levers were chosen wide, often at the ends of
their plausible ranges. Where the literature contradicts a claim, the row says so. Settings, metrics
and expected signs stood in the data files before they were run; what had to be mended afterwards is
listed at the end, and nothing was mended because of the direction of a result. {again} rows that
were too close to call in a first short run are asked again in a firm where they matter more (grave
faults, fast markets, segments far apart); the first form stays, and both count among the
experiments."""


def _failures(data: Register, rows: Mapping[str, Any]) -> str:
    lines = []
    for id, row in rows.items():
        if row["result"] not in ("fails", "tie"):
            continue
        if id in data.experiments or id in data.controls:
            e = data.experiment(id)
            word = "fails" if row["result"] == "fails" else "ties"
            why = f" {e.explained}" if e.explained else ""
            claims = ", ".join(data.claims_of(id)) or "published fact"
            text = (f"- **{id}** {word} ({claims}): {e.ask} Expected {e.expected}, found "
                    f"{_effect(row)}.{why}")
            lines.append((row["result"], text))
    failed = [text for result, text in lines if result == "fails"]
    tied = [text for result, text in lines if result == "tie"]
    return "\n\n".join([
        "## What fails, and why", "\n".join(failed) or "Nothing.",
        "## What is too close to call", "\n".join(tied) or "Nothing."])


def _claims(data: Register, rows: Mapping[str, Any], results: Mapping[str, str],
            strict: Mapping[str, str]) -> str:
    parts = ["## The claims"]
    for article, title in TITLES.items():
        lines = []
        for claim in data.claims.values():
            if claim.article != article:
                continue
            if claim.untestable:
                found = claim.untestable
            else:
                found = "; ".join(f"{data.experiments[t].ask} {_told(rows.get(t))} ([{t}](#{t}))"
                                  for t in claim.tests)
            if claim.against:
                found += f" *Against it: {claim.against}*"
            where = ", ".join(claim.mechanisms)
            if claim.keys:
                where += ": " + ", ".join(f"`{k}`" for k in claim.keys)
            lines.append([f"{claim.id} {claim.line}", claim.claim, where,
                          MARKS[results[claim.id]], MARKS[strict[claim.id]], found])
        parts += [f"### {title} (`{article}`)",
                  grid(["claim", "what the article says", "in the model", "result",
                        "every experiment", "what the experiment asked and found"], lines)]
    return "\n\n".join(parts)


def _told(row: Mapping[str, Any] | None) -> str:
    return "Not run." if row is None else f"{row['result'].capitalize()}: {_effect(row)}."


def _effect(row: Mapping[str, Any]) -> str:
    """Effect with its interval, as `0.12 (0.10 to 0.14)`."""
    if row["effect"] is None:
        return "nothing measured"
    if row["low"] is None or row["high"] is None:
        return number(row["effect"])
    return f"{number(row['effect'])} ({number(row['low'])} to {number(row['high'])})"


def _experiments(data: Register, rows: Mapping[str, Any]) -> str:
    """A paragraph per experiment, so that claims can point at it."""
    about = ("Settings are laid over the world named; `structure` is the structure compared. "
             '"from -> to" are the low and the high setting.')
    return "\n\n".join([
        "## The experiments", about,
        *("\n".join([f"#### {e.id}", "", e.ask, "", *_lines(e, rows.get(e.id))])
          for e in data.experiments.values())])


def _lines(e: Experiment, row: Mapping[str, Any] | None) -> list[str]:
    metric = METRICS[e.metric]
    of = f" of segment {e.segment}" if e.segment else ""
    less = f" minus {METRICS[e.minus].name}" if e.minus else ""
    unit = "share of the low setting's value" if e.relative else metric.unit
    found = "not run" if row is None else (
        f"found {_effect(row)} over {row['n']} replications: {MARKS[row['result']]}")
    return [f"- world `{e.world}`" + (f"; {settings(e.both)}" if e.both else ""),
            f"- {_levers(e)}",
            f"- {metric.name}{of}{less} ({unit}): expected {e.expected}; {found}",
            f"- between lever and metric: {e.why}",
            *([f"- asks [{e.again}](#{e.again}) again where it matters more"] if e.again else [])]


def _levers(e: Experiment) -> str:
    if e.low is None:
        return f"at {settings(e.high) or 'the settings above'}"
    words = f"from {settings(e.low) or 'as it is'} -> to {settings(e.high) or 'as it is'}"
    if e.middle is not None:
        words = (f"{settings(e.middle)}, held against the mean of {settings(e.low)} and "
                 f"{settings(e.high)}")
    if e.moderator is not None:
        words += (f"; how much more at {settings(e.moderator[1]) or 'as it is'} than at "
                  f"{settings(e.moderator[0]) or 'as it is'}")
    return words


def settings(tables: Mapping[str, Any], above: str = "") -> str:
    """Tables as dotted settings: `labels.accuracy` 0.35."""
    words = []
    for key, value in tables.items():
        path = f"{above}.{key}" if above else key
        if isinstance(value, Mapping):
            words.append(settings(value, path))
        else:
            words.append(f"`{path}` {_value(value)}")
    return ", ".join(w for w in words if w)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k} {_value(v)}" for k, v in value.items()) + "}"
    return str(value) or "none"


def _controls(data: Register, rows: Mapping[str, Any]) -> str:
    lines = [[e.id, e.ask, METRICS[e.metric].name,
              "not run" if (row := rows.get(e.id)) is None else _effect(row),
              "not run" if row is None else MARKS[row["result"]]]
             for e in data.controls.values()]
    return "## Negative controls\n\n" + grid(["control", "question", "metric", "effect", "result"],
                                             lines)


def _published(data: Register, rows: Mapping[str, Any]) -> str:
    facts = [[f.id, f.says, f.source,
              "; ".join(f"[{t}](#{t}) {_told(rows.get(t))}" for t in f.tests),
              MARKS[_result([rows.get(t) for t in f.tests], untestable=False)]]
             for f in data.facts.values()]
    patterns = []
    for p in data.patterns.values():
        own = _own(p.id, rows)
        found = "; ".join(f"{row['id']} {_effect(row)} {row['result']}" for row in own)
        if found and p.explained:
            found += f". {p.explained}"
        patterns.append([p.id, p.says, p.setup, f"{p.metric}: {p.expected}", found or "not run",
                         MARKS[_result(own, untestable=False)]])
    return "\n\n".join([
        "## Published facts",
        grid(["fact", "what was found", "source", "experiments", "result"], facts),
        "## The fifteen patterns",
        grid(["pattern", "what", "setup", "expected", "found", "result"], patterns)])


def _own(pattern: str, rows: Mapping[str, Any]) -> list[Any]:
    """The rows of a pattern."""
    return [row for id, row in rows.items() if id == pattern or id.startswith(f"{pattern}-")]


def _revised(data: Register) -> str:
    lines = [f"- **{e.id}**: {e.revised}"
             for e in (*data.experiments.values(), *data.controls.values()) if e.revised]
    return "\n".join(["## What was mended after a first run", "", OFFICE, *lines])


OFFICE = (
    "- The world **office** had eighteen people for 600 customers at first. Units of four or five "
    "left most pools with one person; backlogs grew whenever one of them quit, so that the numbers "
    "depended on the horizon. It now has the size of the base case of the patterns, and heads in "
    "experiments were scaled with it. This was decided on the stability of the runs, for all "
    "experiments at once.")
