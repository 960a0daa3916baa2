"""The numbers of a comparison as short texts for the page: difference first.

Owns: which difference each measure shows, and how it is written. Never does: judge
(`experiment.verdict`) or write a number in another way than the report (`report.tables`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.experiment.answer import interval_json
from sim.experiment.verdict import Call
from sim.metrics.registry import METRICS, RESPONSE_PARTS, VERDICT_METRICS
from sim.report.tables import better_way, writer_of

if TYPE_CHECKING:
    from sim.experiment.answer import Comparison
    from sim.experiment.verdict import Finding

NAMES = {"satisfaction": "Satisfaction", "loyalty": "Loyalty",
         "response_mean_h": "Response time", "cost_total": "Staffing cost"}
UNITS = {"satisfaction": "points, 0-100", "loyalty": "0-1", "response_mean_h": "working hours",
         "cost_total": "1,000 money a year"}
SHORT_UNITS = {"satisfaction": "points", "loyalty": "", "response_mean_h": "h",
               "cost_total": "a year"}
FACTORS = {"cost_total": 0.001}
DIGITS = {"satisfaction": 1, "loyalty": 3, "response_mean_h": 1, "cost_total": 1}


def vocabulary() -> list[dict[str, Any]]:
    """The four measures: name, unit, which way is better, how many decimals."""
    return [{"id": id, "name": NAMES[id], "unit": UNITS[id], "short": SHORT_UNITS[id],
             "factor": FACTORS.get(id, 1.0), "digits": DIGITS[id],
             "direction": METRICS[id].direction, "better": better_way(METRICS[id]),
             "definition": METRICS[id].definition}
            for id in VERDICT_METRICS]


def measures(answer: Comparison) -> dict[str, Any]:
    """Of each measure of the verdict: means, ranking, every pair's difference as text."""
    return {id: _measure(answer, answer.findings[id]) for id in VERDICT_METRICS}


def _measure(answer: Comparison, finding: Finding) -> dict[str, Any]:
    id = finding.metric.id
    means = answer.metrics[id]
    ranking = list(finding.ranking)
    pairs = [_pair(finding, lead, other)
             for i, lead in enumerate(ranking) for other in ranking[i + 1:]]
    writer = writer_of(id, {s: interval_json(i) for s, i in means.items()})
    return {
        "means": {s: interval_json(i) for s, i in means.items()},
        "texts": {s: writer.value(i.mean) for s, i in means.items()},
        "unit": writer.unit,
        "ranking": ranking,
        "pairs": pairs,
    }


def _pair(finding: Finding, lead: str, other: str) -> dict[str, Any]:
    """How far one structure is ahead of another, as number and as text."""
    id = finding.metric.id
    difference = finding.difference(lead, other)
    call = finding.call(lead, other)
    writer = writer_of(id, {"difference": interval_json(difference)}, thousands=False)
    interval = ("" if difference.low is None
                else f"95% CI {writer.value(difference.low)} to {writer.value(difference.high)}")
    unit = SHORT_UNITS[id]
    return {
        "lead": lead, "other": other, **interval_json(difference, n=False),
        "call": call.value, "sure": call in (Call.BETTER, Call.HIGHER, Call.LOWER, Call.WORSE),
        "text": f"{writer.signed(difference.mean)} {unit}".strip(), "interval": interval,
    }


def splits(answer: Comparison) -> dict[str, Any]:
    """Where the response time goes, and hand-offs, by structure: a first answer to why."""
    ids = (*RESPONSE_PARTS, "handoffs_per_case")
    return {"names": {id: METRICS[id].name for id in ids},
            "means": {s: {id: interval_json(answer.metrics[id][s], n=False) for id in ids}
                      for s in answer.structures}}
