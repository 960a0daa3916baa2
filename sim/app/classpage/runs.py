"""The runs of a class page: means at every setting, and recorded runs at every step.

Owns: how the answers of `compare` and recorded runs become the page's data. Never does: infer or
phrase; the numbers are those of `orgsim compare` with as many replications.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sim import api
from sim.app.phrases import vocabulary
from sim.app.study import told
from sim.errors import InfeasibleStructure, InputError
from sim.experiment.answer import interval_json, plain
from sim.experiment.verdict import Call
from sim.metrics.registry import METRICS, VERDICT_METRICS
from sim.report.tables import Writer, better_way

if TYPE_CHECKING:
    from sim.app.classpage.plan import Plan
    from sim.experiment.answer import Comparison
    from sim.experiment.executors import Progress
    from sim.scenario.schema import Scenario

CURVE_DIGITS = 5
"""Significant digits of curves, which are only drawn; means and intervals keep all."""
RECORDED_BYTES = 2_600_000
"""All recorded runs together, as text: the page stays below 6 MB."""
CASES_RECORDED = 3600
FEWEST_CASES = 200
TRIED = 2
SURE = (Call.BETTER, Call.HIGHER, Call.LOWER, Call.WORSE)


def guessed(plan: Plan) -> str:
    """Metric to which the prediction refers."""
    return plan.lesson.prediction.metric if plan.lesson else "satisfaction"


def world(plan: Plan, changes: Mapping[str, Any]) -> Scenario:
    """The firm at one setting.

    Raises:
        InputError: The setting makes no sense together.
    """
    whole = {key: int(value) if isinstance(value, float) and value.is_integer() else value
             for key, value in changes.items()}
    return api.load(plan.scenario, set=whole)


def seconds_per_run(plan: Plan, jobs: int | None) -> float:
    """Wall time of one run and its share of preparation, tried at the start and both corners."""
    spent, tried = 0.0, 0
    for changes in (plan.settings[plan.index(plan.stops[0])], plan.settings[0], plan.settings[-1]):
        try:
            scenario = world(plan, changes)
            api.compare(scenario, plan.structures, replications=1, jobs=jobs)  # may compile
            start = time.perf_counter()
            api.compare(scenario, plan.structures, replications=TRIED, jobs=jobs)
        except InputError:
            continue  # nothing can be run there
        spent += time.perf_counter() - start
        tried += 1
    return spent / (max(1, tried) * len(plan.structures) * TRIED)


def points(plan: Plan, jobs: int | None, progress: Progress | None) -> list[dict[str, Any]]:
    """One answer per setting, or why there is none.

    Raises:
        KeyboardInterrupt: On Ctrl-C.
    """
    found: list[dict[str, Any]] = []
    size = len(plan.structures) * plan.replications
    for i, changes in enumerate(plan.settings):
        if progress is not None:
            progress(i * size, plan.runs, f"setting {i + 1} of {len(plan.settings)}")
        try:
            answer = api.compare(world(plan, changes), plan.structures,
                                 replications=plan.replications, jobs=jobs)
        except InputError as error:
            found.append({"refused": [f.message for f in error.faults]})
            continue
        if answer.interrupted:
            raise KeyboardInterrupt
        found.append(point(answer, plan.replications, guessed(plan)))
    return found


def point(answer: Comparison, target: int, metric: str) -> dict[str, Any]:
    """One comparison as the page shows it."""
    found = told(answer, target)
    for id in ("target", "failed", "structures"):
        found.pop(id, None)
    if metric not in VERDICT_METRICS:
        found["measures"][metric] = further(answer, metric)
    found["curves"] = _short(found["curves"])
    found["horizon_h"] = answer.scenario.time.horizon
    return found


def further(answer: Comparison, metric: str) -> dict[str, Any]:
    """A measure beside the four, in the same form as those."""
    finding, means = answer.findings[metric], answer.metrics[metric]
    pen = _pen(metric, [i.mean for i in means.values()])
    ranking = list(finding.ranking)
    pairs = []
    for i, lead in enumerate(ranking):
        for other in ranking[i + 1:]:
            difference = finding.difference(lead, other)
            call = finding.call(lead, other)
            pairs.append({
                "lead": lead, "other": other, **interval_json(difference, n=False),
                "call": call.value, "sure": call in SURE,
                "text": f"{pen.signed(difference.mean)} {_unit(pen)}",
                "interval": "" if difference.low is None else
                f"95% CI {pen.value(difference.low)} to {pen.value(difference.high)}"})
    found: dict[str, Any] = plain({
        "means": {s: interval_json(i) for s, i in means.items()},
        "texts": {s: pen.value(i.mean) for s, i in means.items()},
        "unit": pen.unit, "ranking": ranking, "pairs": pairs})
    return found


def _pen(metric: str, values: Iterable[float | None]) -> Writer:
    """Money always in thousands: one unit for whatever is predicted and shown."""
    return Writer(metric, [1e6] if METRICS[metric].format == "money" else values)


def _unit(pen: Writer) -> str:
    """The unit after a number."""
    return pen.unit.replace("1,000 ", "thousand ").split(",")[0]


def measures(plan: Plan, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The four measures, and that of the prediction if it is another."""
    rows = vocabulary()
    id = guessed(plan)
    if id not in VERDICT_METRICS:
        metric = METRICS[id]
        values = [m["mean"] for p in found if "measures" in p
                  for m in p["measures"][id]["means"].values()]
        pen = _pen(id, values)
        name = metric.name[0].upper() + metric.name[1:]
        rows.append({"id": id, "name": name, "unit": pen.unit, "short": _unit(pen),
                     "factor": pen.factor, "digits": 1 if pen.thousands else metric.digits,
                     "direction": metric.direction, "better": better_way(metric),
                     "definition": metric.definition})
    return rows


def recordings(plan: Plan, progress: Progress | None) -> list[dict[str, Any]]:
    """The first replication under every structure at every step, as data for the player.

    Of large firms, and of many steps, fewer weeks are shown.
    """
    places = list(dict.fromkeys(plan.index(stop) for stop in plan.stops))
    cases = CASES_RECORDED
    while True:
        found = []
        for n, place in enumerate(places):
            if progress is not None:
                progress(plan.runs, plan.runs, f"recording {n + 1} of {len(places)}")
            found.append(_recording(plan, place, cases))
        size = sum(len(json.dumps(f, separators=(",", ":"))) for f in found)
        if size <= RECORDED_BYTES or cases <= FEWEST_CASES:
            return [f for f in found if f["runs"]]
        cases = max(FEWEST_CASES, int(cases * 0.92 * RECORDED_BYTES / size))


def _recording(plan: Plan, place: int, cases: int) -> dict[str, Any]:
    from sim.engine import simulation
    from sim.experiment.trajectory import TICKS_PER_H, record

    scenario = world(plan, plan.settings[place])
    runs: list[dict[str, Any]] = []
    shown_h = 0.0
    for name in plan.structures:
        try:
            made = record(simulation.prepare(scenario, name), 0, cases=cases)
        except InfeasibleStructure:
            continue
        shown_h = made.shown_h
        told_of = made.to_json()
        told_of["series"] = _short(told_of["series"])
        runs.append(told_of)
    return {"place": place, "ticks_per_h": TICKS_PER_H, "shown_h": shown_h,
            "horizon_h": scenario.time.horizon, "segments": list(scenario.segments),
            "replication": 0, "runs": runs}


def surprise(plan: Plan, jobs: int | None) -> dict[str, Any] | None:
    """What the lesson promises, and how it came out."""
    if plan.lesson is None:
        return None
    from sim.questions.lesson import surprise as run
    from sim.sweep.lab import Lab

    said = plan.lesson.surprise
    shown = run(Lab(plan.scenario, jobs=jobs), said)
    if shown is None:
        raise KeyboardInterrupt
    effect = shown.effect
    pen = _pen(said.metric, [effect.mean])
    return {"text": said.text, "holds": shown.holds, "replications": said.replications,
            "effect": f"{pen.signed(effect.mean)} {_unit(pen)}",
            "interval": "" if effect.low is None else
            f"95% CI {pen.value(effect.low)} to {pen.value(effect.high)}",
            "metric": METRICS[said.metric].name}


def _short(value: Any) -> Any:
    """Numbers with few digits, whole tree."""
    if isinstance(value, dict):
        return {key: _short(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_short(inner) for inner in value]
    return float(f"{value:.{CURVE_DIGITS}g}") if isinstance(value, float) else value
