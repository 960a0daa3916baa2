"""Patterns the model must show (`orgsim verify --long`): signs and ranges from the literature.

Owns: the experiments P04, P05, P07, P08, P10 and P11 (docs/model.md, section 1), and the list of
all. Never does: tune a parameter or a seed until a pattern shows.

A *sign* passes if the paired 95% interval over replications excludes 0 in the stated direction;
replications are added up to `MOST` before it is reported as too close to call. A *range* passes
if the mean lies in it. Arms are paired: replication r meets the same customers in each. Where a
pattern is stated for strict specialists, the arm with free cover is reported beside, not judged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sim.errors import Fault, InputError, nearest
from sim.experiment.executors import Progress
from sim.experiment.staffing import equal_service
from sim.experiment.statistics import Interval, mean_interval
from sim.experiment.verify.ref import COVERS as COVERS
from sim.experiment.verify.ref import LEAST as LEAST
from sim.experiment.verify.ref import MOST as MOST
from sim.experiment.verify.ref import REF as REF
from sim.experiment.verify.ref import SEED as SEED
from sim.experiment.verify.ref import Arms as Arms
from sim.experiment.verify.ref import Pattern as Pattern
from sim.experiment.verify.ref import RunFailed as RunFailed
from sim.experiment.verify.ref import Values as Values
from sim.experiment.verify.ref import ranged as ranged
from sim.experiment.verify.ref import segments as segments
from sim.experiment.verify.ref import sign as sign
from sim.experiment.verify.switching import j_curve


def _minus(a: Sequence[float], b: Sequence[float]) -> Values:
    return [x - y for x, y in zip(a, b, strict=True)]


ETAS = (0.0, 0.15, 0.36, 0.6)


def heterogeneity(arms: Arms, covers: Sequence[str] = ("strict", "free"),
                  **changes: Any) -> Iterator[Pattern]:
    """P04: the more needs differ between segments, the better segment units do (F1).

    Six segments, 30 heads; satisfaction under the segment map minus that under the function map.
    """
    for cover in covers:
        def gap(eta: float, n: int, cover: str = cover) -> Values:
            at = {"segments": 6, "staff.heads": 30, "needs.segment_share": eta,
                  "cover.minimum_proficiency": COVERS[cover]} | changes
            return _minus(arms.values(at, "customer", "satisfaction", n),
                          arms.values(at, "functional", "satisfaction", n))

        found: list[Pattern] = []
        for before, after in pairwise(ETAS):
            found.append(sign(
                f"P04-{cover}-{after:g}",
                f"lead of segment units, eta_s {after:g} minus {before:g}, {cover} cover", 1,
                lambda n, a=after, b=before: _minus(gap(a, n), gap(b, n)),  # type: ignore[misc]
                unit="points"))
        found.append(ranged(
            f"P04-{cover}-span",
            f"the lead at eta_s {ETAS[-1]:g} minus that at {ETAS[0]:g}, {cover} cover",
            mean_interval(_minus(gap(ETAS[-1], LEAST), gap(ETAS[0], LEAST))), 3.0, math.inf,
            unit="points"))
        yield from found if cover == "strict" else map(Pattern.reported, found)


ACCURACIES = (1.0, 0.8, 0.65, 0.5, 0.35)


def wrong_labels(arms: Arms, modes: Sequence[str] = ("learned", "label_centre"),
                 **changes: Any) -> Iterator[Pattern]:
    """P05: what wrong labels do to the fit of segment offerings, minus that of a pooled one (M8).

    Nobody is unassignable and nobody notices a wrong label.
    """
    for mode in modes:
        def gain(q: float, n: int, mode: str = mode) -> Values:
            at = {"labels.accuracy": q, "labels.notice": 0.0, "offering.mode": mode} | changes
            return _minus(arms.values(at, "customer", "fit", n),
                          arms.values(at, "functional", "fit", n))

        for before, after in pairwise(ACCURACIES):
            yield sign(f"P05-{mode}-{after:g}",
                       f"fit, q {after:g} minus {before:g}, offerings {mode}",
                       -1, lambda n, a=after, b=before: _minus(gain(a, n), gain(b, n)))  # type: ignore[misc]
        if mode == "learned":
            worst = min((mean_interval(gain(q, LEAST)) for q in ACCURACIES),
                        key=lambda i: math.inf if i.mean is None else i.mean)
            yield ranged("P05-learned-floor", "least gain of learned offerings at any q", worst,
                         -0.01, math.inf)
        else:
            yield sign("P05-label_centre-gains", "gain of fit at q 0.65, label's centre", 1,
                       lambda n: gain(0.65, n))
            yield sign("P05-label_centre-loses", "gain of fit at q 0.5, label's centre", -1,
                       lambda n: gain(0.5, n))


def duplication(arms: Arms, **changes: Any) -> Iterator[Pattern]:
    """P07: extra heads of segment units for the same mean response of 12 h (F2, F5, F56)."""
    def extra(count: int, cover: str) -> float:
        at = {"segments": count, "needs.segment_share": 0.0, "staff.target_response_h": 12.0,
              "cover.minimum_proficiency": COVERS[cover]} | changes
        runs = arms.runs(at)
        heads = {}
        for structure in ("customer", "functional"):
            search = equal_service(runs, structure, runs.scenario.staff.target_response_h)
            if search.fte is None:
                raise RunFailed(f"{structure}, {count} segments: {search.reason}")
            heads[structure] = search.fte
        return heads["customer"] / heads["functional"] - 1.0

    def single(value: float) -> Interval:
        return Interval(value, None, None, LEAST)

    strict = {count: extra(count, "strict") for count in (2, 4, 6)}
    for before, after in ((2, 4), (4, 6)):
        yield ranged(f"P07-{after}-more", f"extra heads, {after} segments minus {before}, strict",
                     single(strict[after] - strict[before]), 0.0, math.inf, unit="share")
    yield ranged("P07-2", "extra heads, 2 segments, strict specialists", single(strict[2]),
                 -math.inf, 0.05, unit="share")
    yield ranged("P07-6", "extra heads, 6 segments, strict specialists", single(strict[6]),
                 0.20, 0.60, unit="share")
    yield ranged("P07-6-free", "extra heads, 6 segments, free cover",
                 single(extra(6, "free")), -math.inf, 0.10, unit="share")


SIZES = (1, 2, 4, 8)


def size(arms: Arms, covers: Sequence[str] = ("strict", "free"), sizes: Sequence[int] = SIZES,
         **changes: Any) -> Iterator[Pattern]:
    """P08: the larger the firm, the smaller the loss of segment units in response (F16, F56)."""
    for cover in covers:
        def ratio(times: int, n: int, cover: str = cover) -> Values:
            at = {"segments": 6, "needs.segment_share": 0.0, "customers.count": 1000 * times,
                  "staff.heads": 30 * times,
                  "cover.minimum_proficiency": COVERS[cover]} | changes
            return [math.log(a / b) for a, b in zip(
                arms.values(at, "customer", "response_mean_h", n),
                arms.values(at, "functional", "response_mean_h", n), strict=True)]

        for before, after in pairwise(sizes):
            found = sign(
                f"P08-{cover}-{after}",
                "log of response, segment over functional, "
                f"{30 * after} heads minus {30 * before}, {cover} cover", -1,
                lambda n, a=after, b=before: _minus(ratio(a, n), ratio(b, n)))  # type: ignore[misc]
            yield found if cover == "strict" else found.reported()


def loss_aversion(arms: Arms, **changes: Any) -> Iterator[Pattern]:
    """P10: a shortfall of 0.1 below expectation moves satisfaction more than a gain (F26).

    Quality is made of courtesy alone and expectation is held at 0.65.
    """
    def satisfaction(courtesy: float) -> float:
        at = {"satisfaction.weight_fit": 0.0, "satisfaction.weight_speed": 0.0,
              "satisfaction.weight_resolution": 0.0, "satisfaction.weight_courtesy": 1.0,
              "satisfaction.concentration": 0.0, "satisfaction.courtesy": courtesy,
              "satisfaction.expectation_speed": 0.0, "satisfaction.expectation_start": "given",
              "customers.count": 100, "time.warm_up": "0 h", "time.horizon": "3 months"} | changes
        return arms.values(at, "functional", "satisfaction", 1)[0]

    gain = satisfaction(0.75) - satisfaction(0.65)
    loss = satisfaction(0.65) - satisfaction(0.55)
    yield ranged("P10", "satisfaction lost over gained",
                 Interval(loss / gain, None, None, 1), 1.2, 2.2)


MARKETS = {"competitive": (0.0, 0.75, 1), "protected": (0.3, 0.6, -1)}
"""Switching cost, outside option, and the sign of retention's curvature in loyalty."""


def retention_shape(arms: Arms, **changes: Any) -> Iterator[Pattern]:
    """P11: retention is convex in loyalty in competitive markets, concave in protected (F31, F32).

    Customers bring next to no cases, so that loyalty stays at its start.
    """
    for market, (cost, outside, direction) in MARKETS.items():
        def retention(loyalty: float, n: int, cost: float = cost,
                      outside: float = outside) -> Values:
            at = {"customers.count": 5000, "customers.cases_per_month": 1e-6,
                  "market.churn_max": 0.10, "market.switching_cost": cost,
                  "market.outside_option": outside, "market.loyalty_start": loyalty,
                  "satisfaction.expectation_start": "given", "time.warm_up": "0 h",
                  "staff.heads": 8} | changes
            return arms.values(at, "functional", "retention_annual", n)

        for middle in (0.6, 0.7):
            yield sign(
                f"P11-{market}-{middle:g}",
                f"curvature of retention at loyalty {middle:g}, {market}",
                direction,
                lambda n, m=middle: [  # type: ignore[misc]
                    a - 2 * b + c for a, b, c in zip(
                        retention(round(m - 0.1, 1), n), retention(m, n),
                        retention(round(m + 0.1, 1), n), strict=True)])


PATTERNS: Mapping[str, Callable[..., Iterator[Pattern]]] = {
    "P04": heterogeneity,
    "P05": wrong_labels,
    "P07": duplication,
    "P08": size,
    "P10": loss_aversion,
    "P11": retention_shape,
    "P13": j_curve,
}
"""Every pattern tested here, by id."""
BESIDE = ("P04", "P08")
"""Those that report a second arm, with free cover, beside the one that is judged."""


def patterns(jobs: int | None = 1, seed: int = SEED, progress: Progress | None = None,
             only: Sequence[str] | None = None,
             changes: Mapping[str, Any] | None = None, reported: bool = True) -> list[Pattern]:
    """Try the patterns.

    Args:
        jobs: Threads; None means one per available processor. The findings do not depend on it.
        seed: Root seed.
        progress: Told (runs done, runs planned, what is going on).
        only: Ids of patterns, such as "P04"; None means all.
        changes: Settings over every arm, such as a shorter horizon.
        reported: Also run the arms with free cover of which nothing is expected.

    Raises:
        InputError: If `only` names a pattern there is not.
    """
    faults = []
    for word in only or ():
        if word not in PATTERNS:
            close = nearest(word, PATTERNS)
            faults.append(Fault("--only", "", f"there is no pattern {word!r}",
                                f"did you mean {close}?" if close else ""))
    if faults:
        raise InputError(faults)
    found: list[Pattern] = []
    for id, make in PATTERNS.items():
        if only is None or id in only:
            arms = Arms(jobs, seed, progress)
            try:
                strict = {} if reported or id not in BESIDE else {"covers": ("strict",)}
                own = list(make(arms, **strict, **(changes or {})))
                why = f"growing backlog: {', '.join(sorted(arms.unstable))}"
                found += [replace(p, note=why) if arms.unstable else p for p in own]
            except RunFailed as failure:
                found.append(Pattern(id, "could not be tried", "a finding", None, None, None, False,
                                     None, note=str(failure)))
    return found
