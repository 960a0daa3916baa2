"""What the documentation takes from the program: tables, schemas, the README's figure and table.

    python scripts/docs.py              write the generated blocks and docs/schemas/
    python scripts/docs.py --check      exit 1 and name what is stale
    python scripts/docs.py --results    run the README's comparison again (about a minute)
    python scripts/docs.py --scenarios  run the eight scenarios again (some minutes)

Owns: the blocks between `<!-- generated: NAME -->` and `<!-- end: NAME -->`, docs/evidence.md, the
files in docs/schemas/ and docs/figures/, and docs/scenarios.json, the answer behind
docs/scenarios.md. Never does: hold a number of its own. With `--results --check` the README's
comparison is run again and compared with what is printed there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

RESULTS_SCENARIO = "retail_bank"
SCENARIOS = "docs/scenarios.json"
"""The last full answer of `orgsim theory --scenarios`."""
RESULTS_FIGURE = "measures"
"""The figure of a results folder that the README shows."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def parameters() -> str:
    """Every key of a scenario file, one table per top-level table of the file."""
    from sim.scenario import parameter_table
    from sim.scenario.schema import Scenario

    words = {name: field.description or "" for name, field in Scenario.model_fields.items()}
    head = ["key", "default", "unit", "allowed", "plausible", "source", "meaning"]
    parts = []

    def place(key: str) -> str:
        return key.partition(".")[0] if "." in key else ""

    for top, group in groupby(parameter_table(), key=lambda row: place(row.key)):
        title = f"### `[{top}]` {words[top]}" if top else "### Top level"
        rows = [[f"`{r.key}`", f"`{r.default}`" if r.default not in ("required", "none")
                 else r.default, r.unit, r.bounds, r.plausible, r.source, r.meaning]
                for r in group]
        parts += [title, table(head, rows)]
    return "\n\n".join(parts)


def metrics() -> str:
    """Every metric of the registry."""
    from sim.metrics.registry import METRICS

    way = {1: "more", -1: "less", 0: "neither"}
    return table(
        ["id", "unit", "better", "smallest difference that matters", "definition"],
        [[f"`{m.id}`", m.unit, way[m.direction],
          f"{m.margin * 100:g}% of the value" if m.relative else f"{m.margin:g}", m.definition]
         for m in METRICS.values()])


def purposes() -> str:
    """Streams of entities and purposes of draws, as their constants in sim/rng.py are commented."""
    source = (ROOT / "sim" / "rng.py").read_text(encoding="utf-8")
    rows = re.findall(r"^([A-Z_]+) = (\d+)  # (.+)$", source, flags=re.MULTILINE)
    return table(["purpose", "number", "made of"],
                 [[f"`{name}`", number, words] for name, number, words in rows])


def folder() -> str:
    """What lies in a results folder, as sim/store/layout.py says."""
    from sim.store import layout

    block = (layout.__doc__ or "").partition("\n\n    results/")[2]
    if not block:
        raise SystemExit("sim/store/layout.py no longer draws a results folder")
    return "```text\n" + textwrap.dedent("    results/" + block).rstrip() + "\n```"


def scenario_block(name: str) -> Callable[[], str]:
    """One part of docs/scenarios.md, from the stored answer and the data it answers."""
    def make() -> str:
        from sim.experiment.theory.firms import firms
        from sim.report.scenarios import blocks

        return blocks(json.loads((ROOT / SCENARIOS).read_text(encoding="utf-8")), firms())[name]
    return make


BLOCKS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "docs/model.md": {"parameters": parameters, "metrics": metrics},
    "docs/architecture.md": {"purposes": purposes},
    "docs/guide.md": {"folder": folder},
    "docs/scenarios.md": {f"scenario-{part}": scenario_block(f"scenario-{part}") for part in (
        "counts", "firms", "winners", "statements", "changes", "levels", "checks")},
}
"""Per file its generated blocks."""


def schemas() -> dict[str, str]:
    """The published JSON Schemas by path."""
    from sim.experiment.schemas import DOCUMENTS
    from sim.scenario import json_schema

    documents = {"scenario": json_schema(), **DOCUMENTS}
    return {f"docs/schemas/{name}.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"
            for name, document in documents.items()}


def filled(text: str, name: str, body: str) -> str:
    """`text` with the block `name` replaced.

    Raises:
        SystemExit: The markers are missing.
    """
    begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
    before, first, rest = text.partition(begin)
    _, last, after = rest.partition(end)
    if not first or not last:
        raise SystemExit(f"the markers of the block {name!r} are missing")
    return f"{before}{begin}\n\n{body}\n\n{end}{after}"


def wanted() -> dict[str, str]:
    """Every generated file with the content it should have."""
    files = schemas()
    for name, blocks in BLOCKS.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        for block, make in blocks.items():
            text = filled(text, block, make())
        files[name] = text
    files["docs/evidence.md"] = evidence()
    return files


def evidence() -> str:
    """The page on the theory, from the register and the stored answer of its last full run.

    To run it again: `orgsim theory --claims --patterns --json > docs/evidence.json`, then this
    script.
    """
    from sim.experiment.theory import register
    from sim.report.evidence import page

    stored = json.loads((ROOT / "docs" / "evidence.json").read_text(encoding="utf-8"))
    return page(register(), stored)


def fingerprint() -> str:
    """What the README's numbers depend on by intention: model version and scenario file."""
    from sim.scenario.library import locate
    from sim.scenario.schema import MODEL_VERSION

    text = locate(RESULTS_SCENARIO).read_bytes()
    return f"model {MODEL_VERSION}, {RESULTS_SCENARIO} {hashlib.sha256(text).hexdigest()[:12]}"


def results() -> dict[str, str]:
    """The README with its comparison run anew, and the figure."""
    import tempfile

    import sim
    from sim.metrics.registry import METRICS

    answer = sim.compare(RESULTS_SCENARIO)
    with tempfile.TemporaryDirectory() as place:
        saved = sim.save(answer, Path(place) / "results")
        figure = (saved / "figures" / f"{RESULTS_FIGURE}.svg").read_text(encoding="utf-8")

    def cell(metric: str, structure: str) -> str:
        interval = answer.metrics[metric][structure]
        known = METRICS[metric]
        factor = 100.0 if known.format == "share" else 1.0
        digits = 1 if known.format == "hours" else known.digits
        numbers = [n for n in (interval.mean, interval.half_width) if n is not None]
        return " ± ".join(f"{n * factor:,.{digits}f}" for n in numbers)

    shown = answer.verdict.metrics
    head = ["structure", *(f"{METRICS[m].name} ({METRICS[m].unit})" for m in shown)]
    rows = [[name, *(cell(m, name) for m in shown)] for name in answer.structures]
    sentences = "\n".join(textwrap.fill(
        f"- {line[0].upper()}{line[1:]}.", 96, subsequent_indent="  ", break_long_words=False,
        break_on_hyphens=False) for line in answer.verdict.text)
    path = f"docs/figures/{RESULTS_SCENARIO}-{RESULTS_FIGURE}.svg"
    body = (f"Mean ± half-width of its 95% interval over {answer.replications} replications, seed "
            f"{answer.seed}:\n\n{table(head, rows)}\n\n"
            f"![Means and 95% intervals of the verdict's metrics by structure]({path})\n\n"
            f"The verdict as printed:\n\n```text\n{sentences}\n```\n\n"
            f"<!-- made by: python scripts/docs.py --results ({fingerprint()}) -->")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return {"README.md": filled(text, "results", body), path: figure}


def scenario_fingerprint() -> str:
    """What the stored answer depends on by intention: model version, the firms that are compared.

    Of a scenario file only its own tables and the overlays that a row asks for count.
    """
    from sim.experiment.theory.firms import firms
    from sim.scenario.library import locate
    from sim.scenario.schema import MODEL_VERSION

    data = firms()
    asked = {(firm.scenario, firm.overlays) for firm in (
        *(row.firm for row in data.rows),
        *(arm.firm for s in data.statements for arm in (s.first, s.second)))}
    texts = []
    for name, overlays in sorted(asked):
        tables = tomllib.loads(locate(name).read_text(encoding="utf-8"))
        over = tables.pop("overlays", {})
        texts.append(json.dumps([name, tables, [over[o] for o in overlays]], sort_keys=True))
    found = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    return f"model {MODEL_VERSION}, scenarios {found[:12]}"


def stored_fingerprint() -> str:
    """The fingerprint in the stored answer."""
    return str(json.loads((ROOT / SCENARIOS).read_text(encoding="utf-8")).get("fingerprint"))


def scenarios() -> dict[str, str]:
    """The answer of `orgsim theory --scenarios`, found anew."""
    from sim.experiment.theory.scenarios import run_scenarios

    fingerprint = scenario_fingerprint()  # before: a file may change in these minutes
    answer = run_scenarios().to_json() | {"fingerprint": fingerprint}
    return {SCENARIOS: json.dumps(answer, indent=1, ensure_ascii=False) + "\n"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    parser.add_argument("--results", action="store_true",
                        help="run the README's comparison again (about a minute)")
    parser.add_argument("--scenarios", action="store_true",
                        help="run the eight scenarios again (some minutes)")
    asked = parser.parse_args(arguments)
    files = results() if asked.results else scenarios() if asked.scenarios else wanted()
    stale = [name for name, text in files.items()
             if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != text]
    option = " --results" if asked.results else " --scenarios" if asked.scenarios else ""
    again = f"python scripts/docs.py{option}"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    if not option and fingerprint() not in readme:
        stale.append("README.md (numbers of another model version or scenario)")
        again = f"{again}; python scripts/docs.py --results"
    if not option and stored_fingerprint() != scenario_fingerprint():
        stale.append(f"{SCENARIOS} (numbers of another model version or scenario)")
        again = f"{again}; python scripts/docs.py --scenarios; python scripts/docs.py"
    if asked.check:
        for name in stale:
            print(f"stale: {name}")
        if stale:
            print(f"write them anew with: {again}")
        return 1 if stale else 0
    for name, text in files.items():
        if name in stale:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(text, encoding="utf-8")
            print(f"written: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
