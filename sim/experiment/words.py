"""The verdict in words a strategist can repeat: short, plain, with numbers, units and intervals.

Owns: every sentence of the verdict. Never does: decide anything (`verdict.py` has).
A structure whose backlog grows is marked "(unstable)" wherever it is named beside a number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sim.experiment.staffing import Staffed, Trial
from sim.experiment.statistics import Growth, Interval
from sim.experiment.verdict import Call, Finding, Scores
from sim.experiment.winners import WhoWins
from sim.metrics.registry import METRICS, format_difference, format_value
from sim.records import Failure


def listed(items: Sequence[str]) -> str:
    """"a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def _verb(items: Sequence[str], one: str, many: str) -> str:
    return one if len(items) == 1 else many


class Words:
    """Sentences about one comparison."""

    STABLE_RANKING = 0.6
    """Kendall's tau below which rankings of single replications are called chance."""

    def __init__(self, unstable: Collection[str] = ()) -> None:
        """`unstable`: structures whose backlog grows."""
        self._unstable = frozenset(unstable)

    def name(self, structure: str) -> str:
        """A structure's name, with its warning."""
        return f"{structure} (unstable)" if structure in self._unstable else structure

    def names(self, structures: Sequence[str]) -> str:
        """Several structures' names."""
        return listed([self.name(s) for s in structures])

    def _gap(self, finding: Finding, best: str, other: str, *, interval: bool = True) -> str:
        """How far the best is ahead: "+6.1 points over functional (95% CI 5.2 to 7.0)".

        Where less is better: "3.00 h less than functional (95% CI 2.89 to 3.13)".
        """
        less = finding.metric.direction < 0
        difference = finding.difference(other, best) if less else finding.difference(best, other)
        id = finding.metric.id
        text = format_difference(id, difference.mean)
        base = finding.means[other].mean
        if finding.metric.format == "money" and base and difference.mean is not None:
            text += f" ({100.0 * difference.mean / abs(base):+.1f}%)"
        if less:
            text = text.replace("+", "")
        text += f" {'less than' if less else 'over'} {self.name(other)}"
        return text + (f" ({_interval(id, difference)})" if interval else "")

    def _lead(self, finding: Finding, best: str, second: str) -> str:
        """The first two where nothing is sure: which leads, or that neither does."""
        difference = finding.difference(best, second)
        if difference.mean == 0.0:
            return (f"{self.names([best, second])} have the same mean "
                    f"({_interval(finding.metric.id, difference)})")
        return f"{self.name(best)} leads, {self._gap(finding, best, second)}"

    def on_metric(self, finding: Finding) -> str:
        """The verdict on one metric."""
        metric = finding.metric
        best = finding.best
        if best is None:
            return f"on {metric.name} there is nothing to compare: nothing to average here"
        others = finding.ranking[1:]
        value = format_value(metric.id, finding.means[best].mean)
        if not others:
            return f"only {self.name(best)} has a value on {metric.name}: {value}"
        groups: dict[Call, list[str]] = {}
        for other in others:
            groups.setdefault(finding.call(best, other), []).append(other)
        beaten = groups.get(Call.BETTER, [])
        equal = groups.get(Call.EQUAL, [])
        close = [o for o in others if o not in beaten and o not in equal]
        if not equal and not close:
            gap = self._gap(finding, best, beaten[0])
            text = f"{self.name(best)} is best on {metric.name}, {gap}"
            rest = [self._gap(finding, best, o, interval=False) for o in beaten[1:]]
            return text + (f"; {listed(rest)}" if rest else "")
        if equal:
            same = all(_identical(finding.difference(best, o)) for o in equal)
            text = (f"on {metric.name} {self.names([best, *equal])} are "
                    f"{'exactly' if same else 'practically'} equal")
            if same:
                text += " in every replication"
            elif len(equal) == 1:
                text += f": {self.name(best)} {self._gap(finding, best, equal[0])}, below"
            else:
                text += ": all differences from the first are below"
            if not same:
                text += f" the {_margin(finding)} that matter"
            if close:
                text += f"; {self.names(close)} {_verb(close, 'is', 'are')} too close to call"
        else:
            text = (
                f"on {metric.name} {self.names([best, *close])} are too close to call: "
                + self._lead(finding, best, close[0])
            )
        if beaten:
            ahead = [self._gap(finding, best, beaten[0])]
            ahead += [self._gap(finding, best, o, interval=False) for o in beaten[1:]]
            text += f"; {self.name(best)} is better than {self.names(beaten)}: {listed(ahead)}"
        return text

    def on_dominance(
        self,
        structures: Sequence[str],
        losers: Mapping[str, tuple[str, ...]],
        findings: Mapping[str, Finding],
    ) -> str:
        """Which structures remain a choice, and why the others do not."""
        named = listed([METRICS[id].name for id in findings])
        remaining = [s for s in structures if s not in losers]
        if not structures:
            return "nothing could be run"
        if len(structures) == 1:
            return f"only {self.names(structures)} could be run, so there is nothing to choose"
        if len(remaining) == 1:
            better = [
                f.metric.name for f in findings.values()
                if f.ranking
                and all(f.call(remaining[0], o) is Call.BETTER for o in losers)
            ]
            on = f", and better than every other on {listed(better)}" if better else ""
            return (f"over all {self.names(remaining)} dominates: no worse than any other on "
                    f"{named}{on}")
        text = self._standing(remaining, findings)
        told = [
            f"{self.name(loser)} by {self.names(by)} ({self._why(by[0], loser, findings)})"
            for loser, by in losers.items()
        ]
        return text + (f". Dominated: {'; '.join(told)}" if told else "")

    def _standing(self, remaining: Sequence[str], findings: Mapping[str, Finding]) -> str:
        """What each remaining structure leads on; those with the same strengths told together."""
        judged = [f for f in findings.values() if f.leaders]
        if not judged:
            named = listed([f.metric.name for f in findings.values()])
            return f"no structure is best: neither way of {named} is the better one"
        groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
        for s in remaining:
            alone = tuple(f.metric.name for f in judged if f.leaders == (s,))
            shared = tuple(f.metric.name for f in judged
                           if s in f.leaders and len(f.leaders) > 1)
            groups.setdefault((alone, shared), []).append(s)
        told = []
        for (alone, shared), members in groups.items():
            parts = []
            if alone:
                parts.append(f"{_verb(members, 'leads', 'lead')} on {listed(alone)}")
            if shared:
                parts.append(f"{_verb(members, 'shares', 'share')} the lead on {listed(shared)}")
            if not parts:
                parts.append(f"{_verb(members, 'leads', 'lead')} on nothing")
            told.append(f"{self.names(members)} {listed(parts)}")
        opening = "is best on everything" if len(groups) > 1 else "stands out"
        return f"no structure {opening}: {'; '.join(told)}"

    def _why(self, rival: str, loser: str, findings: Mapping[str, Finding]) -> str:
        better = [f.metric.name for f in findings.values()
                  if f.ranking and f.call(rival, loser) is Call.BETTER]
        equal = [f.metric.name for f in findings.values()
                 if f.ranking and f.call(rival, loser) is Call.EQUAL]
        text = f"worse on {listed(better)}"
        return text + (f", no better on {listed(equal)}" if equal else "")

    def on_weights(self, scores: Scores | None) -> str:
        """One winner under weights, or why there is none."""
        if scores is None:
            return ("one winner needs your weights: --weights satisfaction=1,cost_total=1, or "
                    "[objective] in the scenario")
        weights = ", ".join(f"{id} {weight:g}" for id, weight in scores.weights.items())
        prefix = f"with the weights {weights} (per smallest difference that matters) "
        if scores.leader is None:
            return prefix + "there is nothing to compare"
        others = sorted(
            (s for s in scores.means if s != scores.leader),
            key=lambda s: -(scores.means[s].mean or 0.0),
        )
        if not others:
            return prefix + f"there is only {self.name(scores.leader)}"
        lead = scores.lead(others[0])
        size = "" if lead.mean is None else f"{lead.mean:.1f} such differences"
        interval = _plain_interval(lead, 1)
        if scores.winner is not None:
            return (f"{prefix}{self.name(scores.winner)} wins, ahead of {self.name(others[0])} by "
                    f"{size} ({interval})")
        close = []
        for other in others:
            low = scores.lead(other).low
            if low is None or low <= 0:
                close.append(other)
        return (f"{prefix}no single winner: {self.name(scores.leader)} leads "
                f"{self.name(others[0])} by {size} ({interval}), too close to call against "
                f"{self.names(close)}")

    def on_people(self, wins: WhoWins, structures: Sequence[str]) -> list[str]:
        """Who is better and worse off under each structure than under the first."""
        if not structures:
            return []
        base, *rest = structures
        lines = []
        for name in rest:
            if (base, name) not in wins.pairs and (name, base) not in wins.pairs:
                continue
            fate = wins.between(name, base)
            shares = fate.all
            if shares.better is None or shares.worse is None or shares.unchanged is None:
                lines.append(f"under {self.name(name)} instead of {self.name(base)} nobody can be "
                             f"judged: too few customers have three cases under both")
                continue
            better, worse, unchanged = percents(shares.better, shares.worse, shares.unchanged)
            text = (
                f"under {self.name(name)} instead of {self.name(base)} {better}% of customers are "
                f"better off, {worse}% worse off, {unchanged}% unchanged"
            )
            losing = [
                f"{segment} ({_percent(s.worse)} worse, {_percent(s.better)} better off)"
                for segment, s in fate.segments.items()
                if s.worse is not None and s.better is not None and s.worse > s.better
            ]
            if losing:
                text += f"; who is worse off: {listed(losing)}"
            elif shares.worse > 0:
                text += "; in no segment do more lose than win"
            lines.append(text)
        worst = {segment for segment, _ in wins.worst_segment.values()}
        if len(worst) == 1:
            means = [f"{self.name(s)} {format_value('satisfaction', i.mean)}"
                     for s, (_, i) in wins.worst_segment.items()]
            where = " under every structure" if len(means) > 1 else ""
            lines.append(f"worst-served segment, mean satisfaction: {worst.pop()}{where} "
                         f"({', '.join(means)})")
        elif worst:
            lines.append("worst-served segment, mean satisfaction: " + ", ".join(
                f"{segment} under {self.name(s)} ({format_value('satisfaction', interval.mean)})"
                for s, (segment, interval) in wins.worst_segment.items()))
        tenth = [
            f"{self.name(s)} {format_value('satisfaction', interval.mean)}"
            for s, interval in wins.worst_decile.items()
            if interval.mean is not None
        ]
        if tenth:
            lines.append("worst-served tenth of customers, mean satisfaction: " + ", ".join(tenth))
        return lines

    def on_growth(self, structure: str, growth: Growth) -> str:
        """The warning about a structure that cannot cope."""
        rate = growth.per_month
        if rate.mean is None:
            how = "its backlog grows"
        else:
            how = f"its backlog grows by {rate.mean:,.1f} cases a month"
            if rate.low is not None:
                how += f" ({_plain_interval(rate, 1)})"
            how += f" with {growth.weekly_arrivals:,.1f} arriving a week"
        text = f"{structure} is unstable: {how}"
        if growth.pools:
            text += f"; work reaches capacity in {listed(growth.pools)}"
        return text + "; its numbers get worse the longer it runs, so do not rank it by them"


    def on_agreement(self, finding: Finding, tau: float) -> str:
        """A ranking that changes from replication to replication."""
        return (f"the ranking on {finding.metric.name} changes from one replication to the next "
                f"(Kendall tau {tau:.2f}): neighbours in it are ties")

    def on_staffing(self, mode: str, staffed: Staffed, target: float) -> str:
        """How many people a structure needs for the same service, or gets for the same cost.

        Args:
            mode: "service" or "cost".
            staffed: What the search found.
            target: Mean response asked for, hours; told with equal service only.
        """
        name = self.name(staffed.structure)
        fte = "" if staffed.fte is None else f" ({staffed.fte:.1f} in fractions)"
        people = f"{staffed.heads} people of the line{fte}"
        if mode == "service":
            text = f"{name} meets the target of {target:,g} h with {people}"
            below = _trial(staffed, staffed.heads - 1)
            if below is not None and below.value is None:
                text += ", the fewest it can be staffed with"
            elif below is not None and below.value is not None:
                reached = _beyond(below.value, target)
                growing = "" if below.stable else " and a growing backlog"
                text += f"; with one fewer the mean response is {reached}{growing}"
            return text
        text = f"{name} gets {people} for the same cost"
        here, above = _trial(staffed, staffed.heads), _trial(staffed, staffed.heads + 1)
        if here is None or above is None or here.value is None or above.value is None:
            return text
        return (f"{text}; one more would bring its cost from {here.value:,.0f} to "
                f"{above.value:,.0f} a year")

    def on_failures(self, failures: Sequence[Failure], runs: int) -> str:
        """How many runs failed, and the first of them."""
        first = failures[0]
        where = f"{first.structure}"
        if first.replication >= 0:
            where += f", replication {first.replication + 1}"
        told = (first.message.splitlines() or [""])[0]
        return (f"{len(failures)} of {runs} runs failed and are left out; the first: {where}, "
                f"{first.stage}: {first.type}: {told[:200]}")


def _trial(staffed: Staffed, heads: int) -> Trial | None:
    """What so many heads achieved, if that was tried."""
    return next((t for t in staffed.trials if t.heads == heads), None)


def _beyond(value: float, target: float) -> str:
    """Hours with one decimal, or as many as tell them from the target (at most four)."""
    digits = 1
    while digits < 4 and value != target and round(value, digits) == round(target, digits):
        digits += 1
    return f"{value:,.{digits}f} h"


def _interval(id: str, interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return "one replication, no interval"
    if interval.low == interval.high:
        return "the same in every replication"
    low, high = (
        format_difference(id, end, unit=False).removeprefix("+")
        for end in (interval.low, interval.high)
    )
    return f"95% CI {low} to {high}"


def _identical(difference: Interval) -> bool:
    """Whether two structures had the same value in every replication."""
    return difference.mean == difference.low == difference.high == 0.0


def _plain_interval(interval: Interval, digits: int) -> str:
    if interval.low is None or interval.high is None:
        return "one replication, no interval"
    return f"95% CI {interval.low:,.{digits}f} to {interval.high:,.{digits}f}"


def _margin(finding: Finding) -> str:
    return format_difference(finding.metric.id, finding.margin).removeprefix("+")


def percents(*shares: float) -> list[int]:
    """Whole percentages that sum to 100, as the shares sum to 1: largest remainders first."""
    whole = [int(100.0 * share) for share in shares]
    rest = [100.0 * share - part for share, part in zip(shares, whole, strict=True)]
    for i in sorted(range(len(shares)), key=lambda i: -rest[i])[: 100 - sum(whole)]:
        whole[i] += 1
    return whole


def _percent(share: float | None) -> str:
    if share is None:
        return "-"
    return f"{100.0 * share:.0f}%"
