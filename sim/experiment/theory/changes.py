"""Stories of the scenarios in which the firm changes its structure: the way down and back up.

Owns: what a change is expected to do, and how what it does is held against that. Never does:
move anybody (`sim.experiment.reorganise` asks the engine to).

A change is held against the twin that stays. What can be expected of a metric:

- `first`: the sign of its mean difference over the first three months after the change;
- `settled`: the sign of its mean difference over the last six months looked at;
- `months`: in how many months after the change it is surely worse, as a range;
- `never`: the chance that its cumulated difference is not made good within the time looked at,
  below a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.errors import InfeasibleStructure
from sim.experiment.executors import Progress
from sim.experiment.reorganise import Reorganisation, reorganise
from sim.experiment.replications import Engine
from sim.experiment.request import overlaid
from sim.experiment.statistics import Interval

if TYPE_CHECKING:
    from sim.experiment.theory.firms import Change, Hope
    from sim.experiment.theory.outcomes import Result

NOTHING = Interval(None, None, None, 0)


def answers(change: Change, replications: int, *, jobs: int | None = None,
            progress: Progress | None = None, engine: Engine | None = None
            ) -> Mapping[str, Reorganisation | str]:
    """The change against staying, once for each metric whose break-even is asked; else once.

    A structure that cannot be staffed is told instead of an answer.
    """
    scenario = change.firm.load()
    if change.settings:
        scenario = overlaid(scenario, dict(change.settings))
    asked = list(dict.fromkeys(h.metric for h in change.expected if h.what == "never"))
    found: dict[str, Reorganisation | str] = {}
    for metric in asked or [change.expected[0].metric]:
        try:
            found[metric] = reorganise(
                scenario, change.before, change.after, metric=metric, budget=1.0,
                replications=replications, jobs=jobs, progress=progress, engine=engine)
        except InfeasibleStructure as refusal:
            found[metric] = str(refusal)
    return found


def measured(hope: Hope, found: Mapping[str, Reorganisation | str]) -> Interval:
    """The number an expectation is held against."""
    answer = found.get(hope.metric) or next(iter(found.values()))
    if isinstance(answer, str):
        return NOTHING
    (arm, *_) = answer.arms
    if hope.what == "never":
        return arm.never
    curve = arm.curves[hope.metric]
    if hope.what == "months":
        return Interval(float(curve.dip_months), None, None, answer.replications)
    return curve.first if hope.what == "first" else curve.settled


def kept(hope: Hope, effect: Interval) -> Result:
    """Whether what was found is what was expected.

    A sign or a limit holds if the interval lies on its side; a range of months if the number of
    them lies in it.
    """
    if effect.mean is None:
        return "fails"
    if hope.what == "months":
        return "holds" if hope.low <= effect.mean <= hope.high else "fails"
    if effect.low is None or effect.high is None:
        return "fails"
    goal, sign = (hope.high, -1) if hope.what == "never" else (0.0, hope.sign)
    sides = ((effect.low - goal) * sign, (effect.high - goal) * sign)
    return "holds" if min(sides) > 0 else "fails" if max(sides) < 0 else "tie"


WORDS: Mapping[str, str] = {
    "first": "first three months", "settled": "last six months",
    "months": "months worse than staying", "never": "chance not to break even",
}


def expectation(hope: Hope) -> str:
    """What is expected, in words."""
    if hope.what == "months":
        return f"{hope.low:g} to {hope.high:g} months"
    if hope.what == "never":
        return f"below {hope.high:g}"
    return "above 0" if hope.sign > 0 else "below 0"


def told(hope: Hope, effect: Interval) -> dict[str, Any]:
    """Words for an outcome: what was expected and found."""
    return {"expected": f"{WORDS[hope.what]} {expectation(hope)}",
            "found": "-" if effect.mean is None else f"{effect.mean:.4g}"}
