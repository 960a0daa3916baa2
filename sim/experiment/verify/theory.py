"""Closed forms that the simulation has to meet, written from textbooks.

Owns: the formulas of `orgsim verify`, each with its source. Never does: simulate, or know a
scenario. Every formula is tested against an independent computation (`tests/verify/`).

Rates are per hour, times in hours. `arrivals` is an arrival rate, `work` a mean service time,
`servers` a number of people; a system needs arrivals x work < servers unless callers give up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def erlang_b(servers: int, load: float) -> float:
    """Share of blocked calls with `servers` lines and no waiting room.

    Source: Erlang 1917; the recursion B(c) = a B(c-1) / (c + a B(c-1)), e.g. Gross et al. 2008,
    Fundamentals of Queueing Theory, 4th ed., 2.6.
    """
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Probability that an arrival waits in M/M/c, load = arrivals x work < servers.

    Source: Erlang 1917; Gross et al. 2008, 2.3.
    """
    _stable(load, servers)
    blocked = erlang_b(servers, load)
    return servers * blocked / (servers - load * (1.0 - blocked))


def mmc_wait(servers: int, arrivals: float, work: float) -> float:
    """Mean wait in M/M/c: C(c, a) / (c / work - arrivals). Source: Gross et al. 2008, 2.3."""
    return erlang_c(servers, arrivals * work) / (servers / work - arrivals)


def mm1_response_quantile(arrivals: float, work: float, probability: float) -> float:
    """Quantile of time in system in M/M/1, which is exponential with rate 1/work - arrivals.

    Source: Kleinrock 1975, Queueing Systems I, 5.7.
    """
    _stable(arrivals * work, 1)
    return -math.log1p(-probability) / (1.0 / work - arrivals)


def mg1_wait(arrivals: float, work: float, second_moment: float) -> float:
    """Mean wait in M/G/1: arrivals E[S^2] / (2 (1 - rho)).

    Source: Pollaczek 1930, Khinchine 1932; Kleinrock 1975, 5.6.
    """
    _stable(arrivals * work, 1)
    return arrivals * second_moment / (2.0 * (1.0 - arrivals * work))


def erlang_a(servers: int, arrivals: float, work: float, patience: float) -> tuple[float, float]:
    """(share who give up, mean wait of all) in M/M/c+M with mean patience `patience`.

    With A = x e^y y^-x gamma(x, y), x = servers patience / work, y = arrivals patience:
    P(wait) = A B / (1 + (A - 1) B), B Erlang's loss formula; P(give up | wait) =
    1 / (rho A) + 1 - 1 / rho; and mean wait = patience x P(give up).

    Source: Palm 1943; Garnett, Mandelbaum & Reiman 2002, MSOM 4(3), 208-227, eqs. 3-6.
    """
    from scipy.special import gammainc, gammaln

    x = servers * patience / work
    y = arrivals * patience
    a = math.exp(math.log(x) + y - x * math.log(y) + float(gammaln(x))) * float(gammainc(x, y))
    rho = arrivals * work / servers
    blocked = erlang_b(servers, arrivals * work)
    waits = a * blocked / (1.0 + (a - 1.0) * blocked)
    lost = waits * (1.0 / (rho * a) + 1.0 - 1.0 / rho)
    return lost, patience * lost


def cobham_waits(
    arrivals: Sequence[float], works: Sequence[float], second_moments: Sequence[float]
) -> list[float]:
    """Mean wait of each class in M/G/1 with non-preemptive priorities, first class first.

    W_k = R / ((1 - s_(k-1)) (1 - s_k)), R = sum of arrivals x E[S^2] / 2 over all classes, s_k the
    load of classes 1 to k. Source: Cobham 1954, Operations Research 2(1), 70-76.
    """
    rest = sum(a * m for a, m in zip(arrivals, second_moments, strict=True)) / 2.0
    loads = [a * w for a, w in zip(arrivals, works, strict=True)]
    _stable(sum(loads), 1)
    return [rest / ((1.0 - sum(loads[:k])) * (1.0 - sum(loads[: k + 1])))
            for k in range(len(loads))]


def mmc_priority_waits(servers: int, arrivals: Sequence[float], work: float) -> list[float]:
    """Mean wait of each class in M/M/c with non-preemptive priorities and one mean work.

    W_k = C(c, a) work / c / ((1 - s_(k-1)) (1 - s_k)), s_k the utilisation by classes 1 to k.
    Source: Davis 1966, Operations Research 14(1), 133-136; Kella & Yechiali 1985.
    """
    waits = erlang_c(servers, sum(arrivals) * work)
    used = [a * work / servers for a in arrivals]
    return [waits * work / servers / ((1.0 - sum(used[:k])) * (1.0 - sum(used[: k + 1])))
            for k in range(len(used))]


def network_loads(
    routes: Sequence[Sequence[int]], rates: Sequence[float], stations: int
) -> list[float]:
    """Arrival rate at each station of an open network: the sum over routes that pass it.

    Each station is then M/M/c by itself if service is exponential and first come first served.
    Source: Jackson 1957, Operations Research 5(4), 518-521; several kinds of customers on fixed
    routes: Kelly 1975, J. Applied Probability 12(3), 542-554.
    """
    loads = [0.0] * stations
    for route, rate in zip(routes, rates, strict=True):
        for station in route:
            loads[station] += rate
    return loads


def knowledge_equilibrium(share: float, learn_h: float, forget_h: float) -> float:
    """k* = x / (x + tauL / tauG) for a share x of time on an element (THEORY M6)."""
    return share / (share + learn_h / forget_h)


def knowledge_after(
    hours: float, start: float, share: float, learn_h: float, forget_h: float
) -> float:
    """Knowledge after `hours`: the solution of k' = x (1 - k) / tauL - k / tauG (THEORY M6)."""
    end = knowledge_equilibrium(share, learn_h, forget_h)
    return end + (start - end) * math.exp(-hours * (share / learn_h + 1.0 / forget_h))


def touch_with_turnover(
    work: float, effect: float, at_hire: float, quit_month: float, month_h: float,
    learn_h: float, forget_h: float,
) -> float:
    """Mean hours per visit of people who are always busy, quit, and are replaced by beginners.

    Somebody of tenure t does 1 / (work (1 + effect (1 - k(t)))) visits an hour, k(t) the learning
    curve from `at_hire`; at each month's end a share `quit_month` is replaced, so that tenure has
    density (1 - quit_month)^floor(t / month) x quit_month / month. The mean is that of visits:
    one over the mean rate.

    Source: renewal theory (Cox 1962, Renewal Theory, ch. 5) with THEORY M4, M6.
    """
    from scipy.integrate import quad

    def rate(t: float) -> float:
        k = knowledge_after(t, at_hire, 1.0, learn_h, forget_h)
        return 1.0 / (work * (1.0 + effect * (1.0 - k)))

    mean = 0.0
    staying = 1.0
    month = 0
    while staying > 1e-12:
        part, _ = quad(rate, month * month_h, (month + 1) * month_h)
        mean += staying * quit_month * part / month_h
        staying *= 1.0 - quit_month
        month += 1
    return 1.0 / mean


def transfer_delay(distances: Sequence[int], latency_h: float, growth: float) -> float:
    """Mean total delay of transfers at these distances, without familiarity: tau1 gam^(d-1) each.

    Source: THEORY M3.
    """
    return sum(latency_h * growth ** (d - 1) for d in distances)


def contacts(error: float, found: float, most: int) -> tuple[float, float]:
    """(first-contact resolution, contacts per case) of a case with one step.

    Each time the step is done it goes wrong with `error`, the customer finds that with `found`,
    and comes back at most `most` times. Source: a truncated geometric series (THEORY M7).
    """
    back = error * found
    return 1.0 - back, sum(back**n for n in range(most + 1))


def _stable(load: float, servers: int) -> None:
    if not 0.0 < load < servers:
        raise ValueError(f"a load of {load:g} Erlang does not settle with {servers} servers")
