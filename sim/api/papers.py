"""The report of a results folder, written again or in another form.

Owns: `write_report`: which kind of folder it is, and where the page goes. Never does: decide what
a report says (`sim.report`), or simulate more than the customers it is asked to follow.

    import sim

    sim.write_report("results/family-firm-1", format="markdown")
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError, OutputExists
from sim.store import layout, read
from sim.sweep.finished import is_sweep

FORMATS = {"html": ".html", "markdown": ".md"}
"""Forms of a report, and how their files end."""
_MOST = 10_000


def write_report(
    folder: str | Path, *, format: str = "html", out: str | Path | None = None,
    customer: int | None = None,
) -> Path:
    """Write the report of a results folder: of a comparison, a run, a sweep or of answers.

    Answers that lie in folders within it (of `tipping`, `explain`, `map`...) become part of it.

    Args:
        folder: A results folder.
        format: "html" (one self-contained page) or "markdown".
        out: A new file; None means `report.html` or `report.md` in the folder, with the next
            number where that is taken.
        customer: Also tell the journey of this customer, from 0, through the first replication.

    Returns:
        The report's file.

    Raises:
        InputError: It is no results folder, a file in it is broken, or there is no such customer.
        OutputExists, OutputFailed: The file is there already, or cannot be written.
    """
    from sim.report import publish
    from sim.store.files import put_text

    place = Path(folder)
    faults = []
    if format not in FORMATS:
        faults.append(Fault("--format", "", f"html or markdown, not {format!r}"))
    if not place.is_dir():
        faults.append(Fault(str(folder), "", "there is no such folder"))
    if faults:
        raise InputError(faults)
    if out is not None and Path(out).exists():
        raise OutputExists(f"{out} is there already and nothing is overwritten; choose another "
                           "--out")
    if is_sweep(place):
        if customer is not None:
            raise InputError(Fault("--customer", "", "needs a folder of `orgsim run` or compare"))
        made = publish.of_sweep(place)
    elif (place / layout.MANIFEST).is_file():
        stored = read(place)
        journeys = [] if customer is None else [_journey(stored, customer)]
        made = publish.of_study(stored, journeys)
    else:
        if customer is not None:
            raise InputError(Fault("--customer", "", "needs a folder of `orgsim run` or compare"))
        made = publish.of_answers(place)
    target = Path(out) if out is not None else _free(place, FORMATS[format])
    if made.drawn:
        made.put_figures(place, again=False)
    text = (made.html() if format == "html"
            else made.markdown(place.resolve(), target.resolve().parent))
    put_text(target, text)
    return target


def _free(folder: Path, ending: str) -> Path:
    """`report.html`, or the next number of it that is not taken."""
    stem = Path(layout.REPORT).stem
    names = [f"{stem}{ending}", *(f"{stem}-{n}{ending}" for n in range(2, _MOST))]
    return next(folder / name for name in names if not (folder / name).exists())


def _journey(stored: Any, customer: int) -> dict[str, Any]:
    """A customer of a stored study under each of its structures, with the heads each had."""
    from sim.experiment.follow import follow
    from sim.scenario import load

    scenario = load(stored.folder / layout.SCENARIO, limits=None)
    heads = stored.manifest["request"]["heads"]
    seed = int(stored.manifest["seeds"]["root"])
    whole: dict[str, Any] = {}
    for name in stored.structures:
        found = follow(scenario, customer, [name], heads=heads.get(name), seed=seed).to_json()
        whole = whole or found
        whole["journeys"] |= found["journeys"]
    return whole
