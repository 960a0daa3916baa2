"""What may be asked of an experiment, and whether it makes sense.

Owns: the options of a comparison, checked all at once, and the measured time asked for on the
way. Never does: run anything, or hold a default of a scenario.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.errors import Fault, InputError, nearest
from sim.experiment import precision as rule
from sim.experiment.staffing import MODES, Mode
from sim.experiment.verdict import check_weights
from sim.metrics.registry import VERDICT_METRICS, Margin, find_all, parse_widths
from sim.scenario.loading import load, tables
from sim.scenario.schema import Scenario
from sim.structures import available, default_list


@dataclass(frozen=True)
class Question:
    """The checked options of a comparison."""

    structures: tuple[str, ...]
    replications: int
    precision: dict[str, Margin]
    maximum: int
    equalise: Mode
    heads: int | None
    budget: float | None
    verdict_metrics: tuple[str, ...]
    weights: dict[str, float]
    margins: dict[str, Margin]
    threshold: float


def check_structures(
    scenario: Scenario, structures: Sequence[str] | None
) -> tuple[tuple[str, ...], list[Fault]]:
    """The structures meant, each once, and a fault for every name the scenario does not know."""
    if isinstance(structures, str):  # one name, not its letters
        structures = (structures,)
    names = tuple(dict.fromkeys(structures or default_list(scenario)))
    known = available(scenario)
    faults = []
    for name in names:
        if name not in known:
            guess = nearest(name, known)
            hint = f"did you mean {guess}?" if guess else f"there are: {', '.join(known)}"
            faults.append(Fault("--structures", "", f"there is no structure {name!r}", hint))
    return names, faults


def question(
    scenario: Scenario,
    structures: Sequence[str] | None,
    replications: int | None,
    precision: Mapping[str, str | float | Margin] | None,
    maximum: int,
    equalise: str,
    heads: int | None,
    budget: float | None,
    weights: Mapping[str, float] | None,
    metrics: Sequence[str] | None,
    margins: Mapping[str, str | float | Margin] | None,
    threshold: float,
) -> Question:
    """Check every option of a comparison (see `compare.compare`); all faults at once."""
    faults: list[Fault] = []

    def check(wrong: bool, where: str, message: str, hint: str = "") -> None:
        if wrong:
            faults.append(Fault(where, "", message, hint))

    def collect(call: Any, *args: Any) -> Any:
        try:
            return call(*args)
        except InputError as error:
            faults.extend(error.faults)
            return {}

    names, unknown = check_structures(scenario, structures)
    faults.extend(unknown)
    widths = collect(parse_widths, precision or {}, "--precision")
    for id, width in widths.items():
        check(width.size <= 0, "--precision",
              f"{id}: above 0: no number of replications makes an interval of no width")
    chosen = collect(parse_widths, margins or {}, "--margin")
    source = "--weights" if weights is not None else "[objective] weights"
    weighed = collect(
        check_weights, scenario.objective.weights if weights is None else weights, source)
    wanted = tuple(dict.fromkeys(metrics or VERDICT_METRICS))
    for metric in collect(find_all, wanted, "--metrics"):
        check(metric.direction == 0, "--metrics",
              f"{metric.id} has no better way, so it cannot decide a verdict")
    check(replications is not None and replications < 1, "--replications",
          f"at least 1, not {replications}")
    check(maximum < 1, "--max-replications", f"at least 1, not {maximum}")
    check(heads is not None and heads < 1, "--heads", f"at least 1, not {heads}")
    if equalise not in MODES:
        guess = nearest(equalise, MODES)
        check(True, "--equalise", f"one of {', '.join(MODES)}, not {equalise!r}",
              f"did you mean {guess}?" if guess else "")
    check(budget is not None and equalise != "cost", "--budget", "only with --equalise cost")
    check(budget is not None and not 0 < budget < float("inf"), "--budget",
          f"an amount above 0 a year, not {budget}")
    check(heads is not None and equalise == "service", "--heads",
          "equal service finds the heads itself")
    check(not 0 <= threshold <= 100, "--better-off-points", f"between 0 and 100, not {threshold}")
    if faults:
        raise InputError(faults)

    count = replications or scenario.compare.replications
    if widths:
        count = min(max(replications or 0, rule.MINIMUM_REPLICATIONS), maximum)
    return Question(
        names, count, widths, maximum, equalise,  # type: ignore[arg-type]
        heads, budget, wanted, weighed, chosen, threshold,
    )


def overlaid(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """A scenario with some tables laid over it, validated as a file would be.

    An empty table empties, and a structure is replaced as a whole: half of another one's keys
    would be nobody's.

    Raises:
        InputError: The changed scenario makes no sense.
    """
    merged = _merged(tables(scenario), changes)
    merged["structures"] = {**merged["structures"], **changes.get("structures", {})}
    return load(merged, limits=None)


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
        out[key] = _merged(out[key], value) if both and value else value
    return out


def with_years(scenario: Scenario, years: float) -> Scenario:
    """The same world measured for so many years, validated again as a file would be.

    Raises:
        InputError: `years` is no time one can measure.
    """
    if not (math.isfinite(years) and years > 0):
        raise InputError(Fault("--years", "", f"a number above 0, not {years}"))
    data = tables(scenario)
    data["time"]["horizon"] = f"{float(years)!r} years"
    try:
        return Scenario.model_validate(data)
    except ValueError as error:
        message = f"{years} years cannot be measured: {error}"
        raise InputError(Fault("--years", "", message)) from error
