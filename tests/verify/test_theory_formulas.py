"""The formulas of `orgsim verify` against computations that share nothing with them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from chains import mean, stationary
from scipy.integrate import solve_ivp
from scipy.stats import gamma

from sim.experiment.verify import theory

MANY = 400


@pytest.mark.parametrize(("servers", "arrivals", "work"), [(1, 1.6, 0.5), (3, 3.6, 0.5),
                                                           (10, 16.0, 0.5), (24, 40.8, 0.5)])
def test_erlang_c_is_the_birth_death_chain(servers: int, arrivals: float, work: float) -> None:
    """P(wait) = P(N >= c), mean wait = E[(N - c)+] / arrivals by Little's law."""
    p = stationary(0, lambda n: [(n + 1, arrivals)] * (n < MANY)
                   + [(n - 1, min(n, servers) / work)] * (n > 0))
    assert theory.erlang_c(servers, arrivals * work) == pytest.approx(
        mean(p, lambda n: n >= servers), rel=1e-8)
    assert theory.mmc_wait(servers, arrivals, work) == pytest.approx(
        mean(p, lambda n: max(n - servers, 0)) / arrivals, rel=1e-8)


def test_p01_has_the_published_numbers() -> None:
    """24 heads at 85% load as 1, 2, 4, 8 pools: 0.048, 0.137, 0.347, 0.81 h."""
    waits = [theory.mmc_wait(24 // n, 40.8 / n, 0.5) for n in (1, 2, 4, 8)]
    assert waits == pytest.approx([0.048, 0.137, 0.347, 0.81], rel=0.005)


def test_erlang_b_is_the_chain_without_waiting_room() -> None:
    p = stationary(0, lambda n: [(n + 1, 7.0)] * (n < 9) + [(n - 1, n / 0.8)] * (n > 0))
    assert theory.erlang_b(9, 5.6) == pytest.approx(p[9], rel=1e-10)


@pytest.mark.parametrize(("servers", "arrivals", "work", "patience"), [
    (10, 20.0, 0.5, 0.5), (6, 15.6, 0.5, 0.12), (3, 4.0, 0.5, 2.0), (1, 5.0, 0.5, 0.25)])
def test_erlang_a_is_the_chain_with_departures_from_the_queue(
    servers: int, arrivals: float, work: float, patience: float
) -> None:
    """Those who give up per arrival = E[(N - c)+] / patience / arrivals; overload included."""
    p = stationary(0, lambda n: [(n + 1, arrivals)] * (n < MANY)
                   + [(n - 1, min(n, servers) / work + max(n - servers, 0) / patience)] * (n > 0))
    waiting = mean(p, lambda n: max(n - servers, 0))
    lost, wait = theory.erlang_a(servers, arrivals, work, patience)
    assert lost == pytest.approx(waiting / patience / arrivals, rel=1e-8)
    assert wait == pytest.approx(waiting / arrivals, rel=1e-8)


def test_response_quantile_is_that_of_the_mixture_over_the_number_met() -> None:
    """Who meets n others stays for n + 1 exponential services (M/M/1, arrivals see averages)."""
    arrivals, work = 1.6, 0.5
    t = theory.mm1_response_quantile(arrivals, work, 0.9)
    met = np.arange(500)
    weights = 0.2 * 0.8**met
    assert np.sum(weights * gamma.cdf(t, met + 1, scale=work)) == pytest.approx(0.9, abs=1e-12)


def test_pollaczek_khinchine_is_the_chain_with_two_phases_of_service() -> None:
    """Erlang-2 work: state (number in system, phase of the one in service)."""
    arrivals, work = 1.5, 0.5
    phase = 2 / work

    def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
        n, stage = state
        out = [((n + 1, stage), arrivals)] * (n < MANY)
        if n:
            out.append(((n, 2), phase) if stage == 1 else ((n - 1, 1), phase))
        return out

    p = stationary((0, 1), moves)
    waiting = mean(p, lambda s: max(s[0] - 1, 0))
    second = work**2 * 1.5  # squared coefficient of variation 1/2
    assert theory.mg1_wait(arrivals, work, second) == pytest.approx(waiting / arrivals, rel=1e-8)


def test_cobham_is_the_chain_with_two_classes_of_different_speed() -> None:
    """State: (first class waiting, second class waiting, class in service or 0)."""
    arrivals, works, most = (1.0, 0.6), (0.25, 0.6), 70

    def moves(state: tuple[int, int, int]) -> list[tuple[tuple[int, int, int], float]]:
        i, j, serving = state
        if serving == 0:
            return [((0, 0, 1), arrivals[0]), ((0, 0, 2), arrivals[1])]
        out = [((i + 1, j, serving), arrivals[0])] * (i < most)
        out += [((i, j + 1, serving), arrivals[1])] * (j < most)
        after = (i - 1, j, 1) if i else (i, j - 1, 2) if j else (0, 0, 0)
        return [*out, (after, 1 / works[serving - 1])]

    p = stationary((0, 0, 0), moves)
    waits = theory.cobham_waits(arrivals, works, [2 * w * w for w in works])
    assert waits == pytest.approx([mean(p, lambda s, k=k: s[k]) / arrivals[k] for k in (0, 1)],
                                  rel=1e-6)


def test_priority_with_several_servers_is_the_chain() -> None:
    """State: (first class waiting, second class waiting, busy servers), one mean work."""
    servers, arrivals, work, most = 3, (1.2, 2.4), 0.5, 60

    def moves(state: tuple[int, int, int]) -> list[tuple[tuple[int, int, int], float]]:
        i, j, busy = state
        if busy < servers:
            return ([((0, 0, busy + 1), sum(arrivals))]
                    + [((0, 0, busy - 1), busy / work)] * (busy > 0))
        out = [((i + 1, j, busy), arrivals[0])] * (i < most)
        out += [((i, j + 1, busy), arrivals[1])] * (j < most)
        after = (i - 1, j, busy) if i else (i, j - 1, busy) if j else (0, 0, busy - 1)
        return [*out, (after, servers / work)]

    p = stationary((0, 0, 0), moves)
    waits = theory.mmc_priority_waits(servers, arrivals, work)
    assert waits == pytest.approx([mean(p, lambda s, k=k: s[k]) / arrivals[k] for k in (0, 1)],
                                  rel=1e-6)


def test_crossing_routes_are_the_chain_of_two_stations() -> None:
    """Half go a then b, half b then a, in order of arrival; each station is M/M/1 by itself.

    State: the kinds in line at either station, 1 = will go on, 0 = on its last step. Under
    first come first served the order matters, so the state is the whole line.
    """
    arrivals, works, most = (0.5, 0.5), (0.5, 0.4), 8
    state_type = tuple[tuple[int, ...], tuple[int, ...]]

    def moves(state: state_type) -> list[tuple[state_type, float]]:
        a, b = state
        out: list[tuple[state_type, float]] = []
        if len(a) + len(b) < most:
            out += [(((*a, 1), b), arrivals[0]), ((a, (*b, 1)), arrivals[1])]
        if a:
            out.append(((a[1:], (*b, 0) if a[0] else b), 1 / works[0]))
        if b:
            out.append((((*a, 0) if b[0] else a, b[1:]), 1 / works[1]))
        return out

    p = stationary(((), ()), moves)
    loads = theory.network_loads([(0, 1), (1, 0)], arrivals, 2)
    assert loads == [1.0, 1.0]
    # The truncated network keeps the product form (a limit on the whole population of an open
    # network does, Lam 1977): P(i, j) is proportional to rho_a^i rho_b^j.
    lengths: dict[tuple[int, int], float] = {}
    for (a, b), q in p.items():
        lengths[len(a), len(b)] = lengths.get((len(a), len(b)), 0.0) + q
    rho = [load * work for load, work in zip(loads, works, strict=True)]
    form = {(i, j): rho[0]**i * rho[1]**j for i, j in lengths}
    total = sum(form.values())
    for key, q in lengths.items():
        assert q == pytest.approx(form[key] / total, rel=1e-6)


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_learning_curve_solves_its_differential_equation(share: float) -> None:
    learn, forget, start = 250.0, 1700.0, 0.2
    solved = solve_ivp(lambda _, k: share * (1 - k) / learn - k / forget, (0, 900), [start],
                       rtol=1e-10, atol=1e-12)
    assert theory.knowledge_after(900, start, share, learn, forget) == pytest.approx(
        solved.y[0, -1], rel=1e-8)
    assert theory.knowledge_after(1e6, start, share, learn, forget) == pytest.approx(
        theory.knowledge_equilibrium(share, learn, forget), rel=1e-12)


def test_equilibrium_has_the_published_numbers() -> None:
    """0.87, 0.77, 0.62, 0.45, 0.29 for x = 1, 1/2, 1/4, 1/8, 1/16 at tauL / tauG = 0.15."""
    found = [theory.knowledge_equilibrium(0.5**n, 0.15, 1.0) for n in range(5)]
    assert found == pytest.approx([0.87, 0.77, 0.62, 0.45, 0.29], abs=0.006)


def test_turnover_is_what_a_long_career_of_posts_gives() -> None:
    """Count visits of one post hour by hour over many months, quits drawn at month ends."""
    work, effect, at_hire, leave, month, learn, forget = 0.25, 1.5, 0.2, 0.3, 170.0, 250.0, 1700.0
    luck = np.random.default_rng(5).random(60_000)
    k_month = np.empty(len(luck))
    k = at_hire
    for i, u in enumerate(luck):
        k_month[i] = k
        k = at_hire if u < leave else theory.knowledge_after(month, k, 1.0, learn, forget)
    hours = np.arange(month) + 0.5
    end = theory.knowledge_equilibrium(1.0, learn, forget)
    decay = np.exp(-hours * (1 / learn + 1 / forget))
    k_hour = end + (k_month[:, None] - end) * decay
    visits_per_hour = np.mean(1 / (work * (1 + effect * (1 - k_hour))))
    touch = theory.touch_with_turnover(work, effect, at_hire, leave, month, learn, forget)
    assert touch == pytest.approx(1 / visits_per_hour, rel=5e-3)


def test_contacts_by_listing_every_history() -> None:
    error, found, most = 0.3, 0.8, 3
    at_first, mean_contacts, chance = 0.0, 0.0, 1.0
    for n in range(most + 1):
        ends = chance * (1.0 if n == most else 1 - error * found)
        if n == 0:
            at_first = chance * (1 - error * found)
        mean_contacts += ends * (n + 1)
        chance *= error * found
    assert theory.contacts(error, found, most) == pytest.approx((at_first, mean_contacts))


def test_transfers_grow_with_distance() -> None:
    assert theory.transfer_delay([1, 2, 3], 0.5, 2.0) == pytest.approx(0.5 + 1.0 + 2.0)


@pytest.mark.parametrize("load", [1.0, 1.5, 0.0, math.nan])
def test_a_queue_that_does_not_settle_has_no_theory(load: float) -> None:
    with pytest.raises(ValueError, match="does not settle"):
        theory.erlang_c(1, load)
